"""Clear many trades: `POST /v1/decisions/batch`, streaming in and out, one line per trade, in order."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterable, Sequence
from typing import Any

import msgspec
from litestar import Request, post
from msgspec import Struct

from api.caching import Sendable
from api.contract import Parameter, promise
from api.contracts import Decision, DecisionRequest
from api.deciding import canonical_request, entry_of
from api.decoding import decode_body
from api.encoding import encode
from api.problems import INVALID, MALFORMED, UNSUPPORTED_MEDIA_TYPE, Problem, ProblemError
from api.queries import Query
from api.services import Services, services_of
from api.streaming import TwoWayStream

NDJSON = "application/x-ndjson"
CHUNK = 32
"""Trades decided between two turns of the event loop, and recorded in one group."""
CHUNKS_AHEAD = 3
"""Chunks that may wait for the journal while the next one is decided."""


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
    services: Services, lines: AsyncGenerator[Line, None], *, release: str, key_id: str, record: bool
) -> AsyncGenerator[bytes, None]:
    """Yield the answers in order, a chunk of lines at a time, while the next chunks are decided and recorded."""
    under_way: deque[asyncio.Task[bytes]] = deque()

    def begin(chunk: Sequence[Line]) -> None:
        deciding = _decide_chunk(services, chunk, release=release, key_id=key_id, record=record)
        under_way.append(asyncio.create_task(deciding))

    chunk: list[Line] = []
    last = 0
    try:
        async for line in lines:
            if not chunk:
                await services.gatekeeper.check_still_valid(key_id)
            last = line.number
            chunk.append(line)
            if len(chunk) == CHUNK:
                begin(chunk)
                chunk = []
                if len(under_way) > CHUNKS_AHEAD:
                    yield await under_way.popleft()
        begin(chunk)
        while under_way:
            yield await under_way.popleft()
    except ProblemError as error:
        begin(chunk)
        while under_way:
            yield await under_way.popleft()
        yield _problem_line(last + 1, error)
    finally:
        for task in under_way:
            task.cancel()


async def _decide_chunk(services: Services, chunk: Sequence[Line], *, release: str, key_id: str, record: bool) -> bytes:
    answers = [_decide_line(services, line, release=release, key_id=key_id, record=record) for line in chunk]
    if record:
        return b"".join(await asyncio.gather(*answers))
    # Without a journal to wait for there is nothing to overlap.
    parts = [await answer for answer in answers]
    await asyncio.sleep(0)
    return b"".join(parts)


async def _decide_line(services: Services, line: Line, *, release: str, key_id: str, record: bool) -> bytes:
    try:
        asked = decode_body(_text_of(line, services.settings.max_line), DecisionRequest, services.decider.meaning)
        if asked.release == "latest":
            asked = msgspec.structs.replace(asked, release=release)
        decided = services.decide(await services.pin(asked))
        answer = decided.answer
        if record:
            entry = entry_of(decided, key_id=key_id, idempotency_key=None, request=canonical_request(asked))
            answer = (await services.record(entry, decided.pinned.policy)).answer
    except ProblemError as error:
        return _problem_line(line.number, error)
    return answer + b"\n"


def _text_of(line: Line, limit: int) -> bytes:
    if line.text is None:
        raise ProblemError(INVALID, f"A line may have at most {limit} bytes.")
    return line.text


def _problem_line(number: int, error: ProblemError) -> bytes:
    document = error.document()
    fields = {name: getattr(document, name) for name in document.__struct_fields__}
    return encode(LineProblem(line=number, **fields)) + b"\n"


async def ndjson_lines(chunks: AsyncIterable[bytes], limit: int) -> AsyncGenerator[Line, None]:
    """Yield the lines of a stream. Blank lines are counted and passed over; a line beyond `limit` loses its text."""
    number, held, dropped = 0, bytearray(), False
    async for chunk in chunks:
        *whole, rest = chunk.split(b"\n")
        for piece in whole:
            number += 1
            if dropped or len(held) + len(piece) > limit:
                yield Line(number, None)
            elif (text := bytes(held + piece).strip()) != b"":
                yield Line(number, text)
            held.clear()
            dropped = False
        if dropped or len(held) + len(rest) > limit:
            dropped = True
            held.clear()
        else:
            held += rest
    number += 1
    if dropped:
        yield Line(number, None)
    elif text := bytes(held).strip():
        yield Line(number, text)


async def array_items(chunks: AsyncIterable[bytes], limit: int) -> AsyncGenerator[Line, None]:
    """Yield the items of a JSON array of at most `limit` bytes.

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
    for number, item in enumerate(items, start=1):
        yield Line(number, bytes(item))
