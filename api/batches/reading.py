"""The trades of a batch as they come: lines of a stream, or items of an array, in groups."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterable, Sequence

import msgspec
from msgspec import Struct

from api.problems import MALFORMED, ProblemError

GROUP = 32
"""Trades decided in one go, and recorded together."""


class Line(Struct, frozen=True):
    """One trade of a batch as it came; `text` is null when it was too long to keep."""

    number: int
    """Place in the batch, counted from 1."""
    text: bytes | None


async def ndjson_lines(chunks: AsyncIterable[bytes], limit: int) -> AsyncGenerator[list[Line], None]:
    """Yield the lines of a stream as they come, in groups of at most `GROUP`.

    Blank lines are counted and passed over; a line beyond `limit` bytes loses its text.
    """
    number, held, dropped = 0, bytearray(), False
    group: list[Line] = []
    async for chunk in chunks:
        *whole, rest = chunk.split(b"\n")
        for piece in whole:
            number += 1
            if dropped or len(held) + len(piece) > limit:
                group.append(Line(number, None))
            elif (text := bytes(held + piece).strip()) != b"":
                group.append(Line(number, text))
            held.clear()
            dropped = False
            if len(group) == GROUP:
                yield group
                group = []
        if group:
            # Whoever has sent a few lines and waits is answered; the rest of the stream may be long in coming.
            yield group
            group = []
        if dropped or len(held) + len(rest) > limit:
            dropped = True
            held.clear()
        else:
            held += rest
    number += 1
    if dropped:
        yield [Line(number, None)]
    elif text := bytes(held).strip():
        yield [Line(number, text)]


def array_items(body: bytes) -> list[msgspec.Raw]:
    """Return the items of a JSON array.

    Raises:
        ProblemError: 400, the body is no JSON array.
    """
    try:
        return msgspec.json.decode(body, type=list[msgspec.Raw])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ProblemError(MALFORMED, f"The body is not a JSON array: {error}") from None


async def array_lines(items: Sequence[msgspec.Raw]) -> AsyncGenerator[list[Line], None]:
    """Yield the items of an array as lines, in groups of at most `GROUP`."""
    for start in range(0, len(items), GROUP):
        some = items[start : start + GROUP]
        yield [Line(number, bytes(item)) for number, item in enumerate(some, start=start + 1)]
