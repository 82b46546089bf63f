"""Look into the journal: list decisions, read one again, replay it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from functools import partial
from typing import Any

from litestar import Request, get, post
from litestar.params import FromPath
from msgspec import structs

from api.aside import aside
from api.caching import Answer, Once, Sendable, StreamedAnswer, etag_of
from api.contracts import Decision
from api.encoding import encode
from api.openapi.promises import Parameter, promise
from api.problems import (
    INVALID,
    NOT_ACCEPTABLE,
    NOT_FOUND,
    NOT_REPLAYABLE,
    not_found,
)
from api.queries import DEFAULT_LIMIT, INSTANT, MAX_LIMIT, Query, parse_limit, today
from api.reading import open_recorded_release
from api.replays.recorded import (
    MAX_VALUES,
    read_filters,
    recorded_policy,
    refuse_unknown_names,
)
from api.replays.replaying import Replay, ReplayRequest, replay
from api.representations.cursors import NO_CURSOR, cursor_place, cursor_text, question_of
from api.representations.journal_rows import (
    ROW_NAMES,
    DecisionListMeta,
    DecisionPage,
    DecisionRow,
    JournalEntry,
    column_text,
    entry_answer,
    field_text,
    row_of,
)
from api.representations.negotiation import FORMATS, JSON, Format, accepted_format
from api.representations.rows import json_page, writer_for
from api.services import Services, services_of
from api.settling import read_question, settle
from api.transport.bodies import read_json_body
from api.version import API_VERSION
from data.journal.entry import Entry, Filters, Summary
from rules.decision import Verdict

_PRIVATE = "private, no-cache"
_ETAG = "Strong entity tag; send it back in `If-None-Match`."
_CACHED = {"ETag": _ETAG, "Cache-Control": "`private`: clients may keep the answer, shared caches may not."}
_ENTRY_HEADERS = {
    "Preclear-Release": "Id of the release the decision was made under.",
    "Preclear-Entry": "Place in the journal and digest of the entry.",
    "Preclear-Masked": "Client fields that were masked before storing, if any were.",
    **_CACHED,
}


def _many(name: str, description: str, example: str, **schema: Any) -> Parameter:
    return Parameter(
        name=name,
        description=f"{description} May be repeated: any of them.",
        schema={"type": "string", "minLength": 1, "maxLength": 200, **schema},
        repeated=True,
        most=MAX_VALUES,
        example=example,
    )


_INSTANT = {"type": "string", "pattern": rf"^(\d{{4}}-\d{{2}}-\d{{2}}|{INSTANT})$"}
_PARAMETERS = (
    _many("verdict", "Verdict.", "deny", enum=[verdict.value for verdict in Verdict]),
    _many("venue", "Venue id.", "binance"),
    _many(
        "rule",
        "Id of a rule that failed, if only to warn. Rules that could not be answered are not looked at: they stand in "
        "`unknown_rules` of each row.",
        "risk.loss_at_stop",
    ),
    _many("residence", "Residence of the client.", "US-NY"),
    _many("key", "Id of the API key.", "0f3a9c1b2d4e"),
    Parameter(
        name="since",
        description="Decided at or after: an instant, or a date for its midnight in UTC.",
        schema=_INSTANT,
        example="2026-11-01",
    ),
    Parameter(
        name="until",
        description="Decided before: an instant, or a date for its midnight in UTC.",
        schema=_INSTANT,
        example="2027-11-01T00:00:00Z",
    ),
    Parameter(
        name="limit",
        description=f"Most rows of a JSON page, 1 to {MAX_LIMIT}; refused with the other formats, which hold every "
        "row.",
        schema={"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT},
        example=DEFAULT_LIMIT,
    ),
    Parameter(
        name="cursor",
        description="`next_cursor` of the page before; of JSON alone, as `limit`.",
        schema={"type": "string", "pattern": "^[A-Za-z0-9_-]{1,80}$"},
    ),
    Parameter(
        name="format",
        description="Representation, instead of `Accept`.",
        schema={"type": "string", "enum": list(FORMATS), "description": "Representation of a list."},
        component="ListFormat",
        example="json",
    ),
)
_ID = Parameter(
    name="decision_id",
    where="path",
    description="Id of a recorded decision.",
    schema={"type": "string", "minLength": 1, "maxLength": 100},
)


@get(
    "/v1/decisions",
    operation_id="listDecisions",
    summary="Recorded decisions",
    tags=["journal"],
    opt=promise(
        answer=DecisionPage,
        answer_types=tuple(one.media_type for one in FORMATS.values()),
        answer_description="A page of recorded decisions, newest first; exports hold all of them, oldest first.",
        lines=DecisionRow,
        headers={"Preclear-Release": "Id of the latest release.", **_CACHED},
        scope="audit",
        parameters=_PARAMETERS,
        problems=(INVALID, NOT_ACCEPTABLE),
    ),
)
async def list_decisions(request: Request[Any, Any, Any]) -> Sendable:
    """List what was decided, newest first, page by page; or export it whole as NDJSON, CSV or Parquet, oldest first."""
    services = services_of(request)
    query = Query(request)
    chosen: Format = query.choice("format", FORMATS) or accepted_format(
        request.headers.get("accept"), list(FORMATS.values())
    )
    filters = read_filters(query)
    limit = query.parsed("limit", parse_limit, DEFAULT_LIMIT)
    question = question_of("decisions", structs.asdict(filters))
    before = query.parsed("cursor", partial(_parse_cursor, question=question))
    if chosen is not JSON:
        for name in ("limit", "cursor"):
            if query.many(name):
                query.refuse(name, f"Is for pages of JSON: as {chosen.media_type} the list holds every row")
    await refuse_unknown_names(services, filters, query.refuse)
    query.check()
    headers = {"Cache-Control": _PRIVATE, "Preclear-Release": services.releases.current().id, "Vary": "Accept"}
    if chosen is not JSON:
        head = await services.journal.head()
        told = encode([API_VERSION, head.digest, chosen.name, question])
        rows = _export(services, filters, chosen, services.key_id(request), head.seq)
        etag = etag_of(str(head.seq), told)
        return StreamedAnswer(rows, chosen.content_type, headers, places=services.exports, etag=etag)
    page = await services.journal.find(filters, before=before, limit=limit)
    meta = DecisionListMeta(
        release=services.releases.current().id,
        as_of=today(),
        count=len(page.entries),
        next_cursor=None if page.next_before is None else _cursor(page.next_before, question),
    )
    body = await asyncio.to_thread(_page, page.entries, meta)
    return Answer(body, JSON.content_type, etag_of(meta.release, body), headers)


@get(
    "/v1/decisions/{decision_id:str}",
    operation_id="getDecision",
    summary="A recorded decision",
    tags=["journal"],
    opt=promise(
        answer=Decision,
        answer_description="The decision as it was answered, byte for byte; masked where the journal masks.",
        scope="audit",
        parameters=(_ID,),
        problems=(INVALID, NOT_FOUND, NOT_ACCEPTABLE),
        headers=_ENTRY_HEADERS,
    ),
)
async def get_decision(request: Request[Any, Any, Any], decision_id: FromPath[str]) -> Sendable:
    """Return a decision as it was answered when it was made; where the journal masks client fields they are masked
    here too.
    """
    entry = await _entry(services_of(request), decision_id)
    return _immutable(entry, entry.answer)


@get(
    "/v1/decisions/{decision_id:str}/entry",
    operation_id="getEntry",
    summary="A recorded decision with its request and its place in the hash chain",
    tags=["journal"],
    opt=promise(
        answer=JournalEntry,
        scope="audit",
        parameters=(_ID,),
        problems=(INVALID, NOT_FOUND, NOT_ACCEPTABLE),
        headers=_ENTRY_HEADERS,
    ),
)
async def get_entry(request: Request[Any, Any, Any], decision_id: FromPath[str]) -> Sendable:
    """Return everything the journal holds of a decision: request, answer, what both rest on, and the digests that
    chain the entry to the one before it.
    """
    entry = await _entry(services_of(request), decision_id)
    return _immutable(entry, encode(entry_answer(entry)))


@post(
    "/v1/decisions/{decision_id:str}/replay",
    status_code=200,
    operation_id="replayDecision",
    summary="Make a recorded decision again",
    tags=["journal"],
    opt=promise(
        body=ReplayRequest,
        body_required=False,
        answer=Replay,
        answer_description="Whether the same answer comes out, and what differs.",
        examples={"as it was recorded": {}, "under the latest facts": {"release": "latest"}},
        scope="audit",
        parameters=(_ID,),
        headers={"Preclear-Release": "Id of the release the request was decided under again."},
        problems=(NOT_FOUND, INVALID, NOT_REPLAYABLE),
    ),
)
async def replay_decision(request: Request[Any, Any, Any], decision_id: FromPath[str]) -> Sendable:
    """Decide the recorded request again, with the recorded release, policy and day: the answer must be the same, byte
    for byte, or `differences` says what is not. With another `release` or `policy` it shows, rule by rule, what the
    decision would have been.
    """
    services = services_of(request)
    asked = await _read_replay(request, services)
    entry = await _entry(services, decision_id)
    settled = await settle(services, asked)
    settled.refuse(())
    policy = settled.policy or await recorded_policy(services, entry)
    release = settled.release or await open_recorded_release(services.releases, column_text(entry.release))
    answer = await aside(len(entry.request), lambda: replay(entry, services.decider, release, policy))
    return Once(encode(answer), "application/json", {"Preclear-Release": release.id})


async def _read_replay(request: Request[Any, Any, Any], services: Services) -> ReplayRequest:
    headers = request.headers
    without_body = headers.get("content-length", "0") == "0" and "transfer-encoding" not in headers
    if without_body:
        return ReplayRequest()
    body = await read_json_body(request, services.settings.max_body)
    return await read_question(services, body, ReplayRequest, lambda _: ())


async def _entry(services: Services, decision_id: str) -> Entry:
    entry = await services.journal.get(decision_id)
    if entry is None:
        raise not_found(f"No decision {decision_id[:100]!r} is recorded.")
    return entry


def _immutable(entry: Entry, body: bytes) -> Answer:
    headers = {
        "Preclear-Release": field_text(entry.release),
        "Preclear-Entry": f"{entry.seq}:{field_text(entry.digest)}",
        "Cache-Control": "private, max-age=31536000, immutable",
    }
    if entry.masked:
        headers["Preclear-Masked"] = field_text(entry.masked)
    return Answer(body, JSON.content_type, etag_of(str(entry.seq), body), headers)


def _page(entries: Sequence[Summary], meta: DecisionListMeta) -> bytes:
    return json_page([row_of(entry) for entry in entries], meta)


async def _export(
    services: Services, filters: Filters, chosen: Format, key_id: str, upto: int
) -> AsyncGenerator[bytes, None]:
    """Yield the rows up to a place in the journal. A key that is revoked meanwhile breaks the answer off: nobody may
    take it for a whole one.
    """
    writer = writer_for(chosen, DecisionRow, ROW_NAMES)
    async with aclosing(services.journal.walk(filters, row_of, upto=upto)) as chunks:
        async for rows in chunks:
            await services.gatekeeper.check_still_valid(key_id)
            yield await asyncio.to_thread(writer.write, rows)
    yield writer.finish()


def _cursor(before: int, question: str) -> str:
    return cursor_text(f"{before}:{question}".encode())


def _parse_cursor(text: str, question: str) -> int:
    place, _, asked = cursor_place(text).decode("ascii", "replace").partition(":")
    before = int(place) if place.isascii() and place.isdigit() and len(place) < 20 else 0
    if not 0 < before < 2**63 or _cursor(before, asked) != text:
        raise ValueError(NO_CURSOR)
    if asked != question:
        raise ValueError("Belongs to a list with other filters")
    return before
