"""The trades of a batch as they come: lines of a stream, or items of an array, in groups."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterable

import msgspec
from msgspec import Struct

from api.problems import INVALID, MALFORMED, ProblemError

NDJSON = "application/x-ndjson"
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


async def array_items(chunks: AsyncIterable[bytes], limit: int) -> AsyncGenerator[list[Line], None]:
    """Yield the items of a JSON array of at most `limit` bytes, in groups of at most `GROUP`.

    Raises:
        ProblemError: 400 or 422 in the stream: the body is no JSON array, or is longer.
    """
    body = bytearray()
    async for chunk in chunks:
        body += chunk
        if len(body) > limit:
            raise ProblemError(INVALID, f"A JSON array may have at most {limit} bytes; send {NDJSON} for more.")
    try:
        items = msgspec.json.decode(bytes(body), type=list[msgspec.Raw])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ProblemError(MALFORMED, f"The body is not a JSON array: {error}") from None
    for start in range(0, len(items), GROUP):
        some = items[start : start + GROUP]
        yield [Line(number, bytes(item)) for number, item in enumerate(some, start=start + 1)]
