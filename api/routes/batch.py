"""Clear many trades: `POST /v1/decisions/batch`, streaming in and out, one line per trade, in order."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable, Sequence
from typing import Any

import msgspec
from litestar import Request, post
from msgspec import Struct

from api.caching import Sendable
from api.contract import Parameter, promise
from api.contracts import Decision, DecisionRequest
from api.deciding import Pinned, entry_of
from api.decoding import decode_body
from api.encoding import encode
from api.problems import INVALID, MALFORMED, UNSUPPORTED_MEDIA_TYPE, Problem, ProblemError
from api.queries import Query
from api.services import Services, services_of
from api.streaming import TwoWayStream

NDJSON = "application/x-ndjson"
GROUP = 32
"""Trades decided between two turns of the event loop, and recorded together."""
GROUPS_AHEAD = 3
"""Groups that may wait for the journal, or for the client to read, while the next one is decided."""


class LineProblem(Problem, frozen=True, kw_only=True):
    """What is wrong with one trade of a batch. `line` counts from 1."""

    line: int


class Line(Struct, frozen=True):
    """One trade of a batch as it came; `text` is null when it was too long to keep."""

    number: int
    text: bytes | None


@post(
    "/v1/decisions/batch",
    status_code=200,
    operation_id="decideBatch",
    summary="Clear many trades in one stream",
    tags=["decisions"],
    opt=promise(
        body=list[DecisionRequest],
        body_types=("application/json", NDJSON),
        answer=(Decision, LineProblem),
        answer_types=(NDJSON,),
        answer_description="One decision or problem per line, in the order of the trades.",
        scope="decide",
        parameters=(
            Parameter(
                name="record",
                description="`false` computes without recording.",
                schema={"type": "string", "enum": ["true", "false"], "default": "true"},
                example="false",
            ),
        ),
        problems=(INVALID,),
    ),
)
async def post_batch(request: Request[Any, Any, Any]) -> Sendable:
    """Decide trades as they arrive: send one per line (`application/x-ndjson`, of any length) or a JSON array, and
    read one line per trade. A trade that cannot be read or decided yields a problem document with its line number and
    never stops the rest. Every trade without `release` is decided under the release that was the latest at the start.

    Read the answers while you send: they are many times as long as the trades, and a client that takes none of them
    for 30 seconds is cut off. One that sends its body whole should send at most 5,000 lines a call. The answer is
    whole only if it ends as HTTP says.
    """
    services = services_of(request)
    query = Query(request, ("record",))
    record = query.flag("record", default=True)
    query.check()
    declared = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if declared == NDJSON:
        lines = ndjson_lines(request.stream(), services.settings.max_line)
    elif declared == "application/json":
        lines = array_items(request.stream(), services.settings.max_batch_array)
    else:
        raise ProblemError(
            UNSUPPORTED_MEDIA_TYPE,
            f"Send {NDJSON} or application/json, not {declared or 'a body without a content type'}.",
            headers={"Accept-Post": f"{NDJSON}, application/json"},
        )
    release = services.releases.current().id
    key_id = services.key_id(request)
    answers = _answers(services, lines, release=release, key_id=key_id, record=record)
    return TwoWayStream(answers, NDJSON, {"Preclear-Release": release, "Cache-Control": "no-store"})


async def _answers(
    services: Services, groups: AsyncGenerator[list[Line], None], *, release: str, key_id: str, record: bool
) -> AsyncGenerator[bytes, None]:
    """Yield the answers in order, a group of lines at a time, while the next groups are read, decided and recorded."""
    under_way: asyncio.Queue[asyncio.Task[bytes] | None] = asyncio.Queue(GROUPS_AHEAD)

    async def read() -> None:
        last = 0
        try:
            async for group in groups:
                await services.gatekeeper.check_still_valid(key_id)
                last = group[-1].number
                deciding = _decide_group(services, group, release=release, key_id=key_id, record=record)
                await under_way.put(asyncio.create_task(deciding))
        except ProblemError as error:
            await under_way.put(asyncio.create_task(_told(last + 1, error)))
        await under_way.put(None)

    reading = asyncio.create_task(read())
    try:
        while (task := await _next_of(under_way, reading)) is not None:
            yield await task
    finally:
        reading.cancel()
        while not under_way.empty():
            if (task := under_way.get_nowait()) is not None:
                task.cancel()


async def _next_of(
    under_way: asyncio.Queue[asyncio.Task[bytes] | None], reading: asyncio.Task[None]
) -> asyncio.Task[bytes] | None:
    """Return the oldest task, or null at the end; what ended the reading before its time is raised."""
    if under_way.empty() and not reading.done():
        waiting = asyncio.ensure_future(under_way.get())
        await asyncio.wait((waiting, reading), return_when=asyncio.FIRST_COMPLETED)
        if waiting.done():
            return waiting.result()
        waiting.cancel()
    if under_way.empty():
        reading.result()
        return None
    return under_way.get_nowait()


async def _told(number: int, error: ProblemError) -> bytes:
    return _problem_line(number, error)


async def _decide_group(services: Services, group: Sequence[Line], *, release: str, key_id: str, record: bool) -> bytes:
    """Return the answers to a group of lines: each step is taken for all of them before the next."""
    answers: list[bytes] = [b""] * len(group)
    asked: list[tuple[int, Pinned]] = []
    for place, line in enumerate(group):
        try:
            request = decode_body(_text_of(line, services.settings.max_line), DecisionRequest, services.decider.meaning)
            if request.release == "latest":
                request = msgspec.structs.replace(request, release=release)
            asked.append((place, await services.pin(request)))
        except ProblemError as error:
            answers[place] = _problem_line(line.number, error)
    decided = services.decide_all([pinned for _, pinned in asked])
    if not record:
        for (place, _), one in zip(asked, decided, strict=True):
            answers[place] = one.answer
        # Without a journal to wait for, others get their turn here.
        await asyncio.sleep(0)
    else:
        recorded = await asyncio.gather(
            *(
                services.record(entry_of(one, key_id=key_id, idempotency_key=None), pinned.policy)
                for (_, pinned), one in zip(asked, decided, strict=True)
            ),
            return_exceptions=True,
        )
        for (place, _), receipt in zip(asked, recorded, strict=True):
            if isinstance(receipt, ProblemError):
                answers[place] = _problem_line(group[place].number, receipt)
            elif isinstance(receipt, BaseException):
                raise receipt
            else:
                answers[place] = receipt.answer
    answers.append(b"")
    return b"\n".join(answers)


def _text_of(line: Line, limit: int) -> bytes:
    if line.text is None:
        raise ProblemError(INVALID, f"A line may have at most {limit} bytes.")
    return line.text


def _problem_line(number: int, error: ProblemError) -> bytes:
    document = error.document()
    fields = {name: getattr(document, name) for name in document.__struct_fields__}
    return encode(LineProblem(line=number, **fields))


async def ndjson_lines(chunks: AsyncIterable[bytes], limit: int) -> AsyncGenerator[list[Line], None]:
    """Yield the lines of a stream as they come, in groups of at most `GROUP`.

    Blank lines are counted and passed over; a line beyond `limit` loses its text.
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
        ProblemError: 400 or 413 in the stream: the body is no JSON array, or is longer.
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
