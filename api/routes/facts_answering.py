"""How every list of facts is answered: filters read, clocks resolved, a page fetched, encoded and remembered."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from typing import Any

import msgspec
from litestar import Request, route
from litestar.enums import HttpMethod
from litestar.handlers import HTTPRouteHandler
from msgspec import structs

from api.caching import Answer, AnswerMemory, Sendable, StreamedAnswer, answer_headers, etag_of, header_of
from api.openapi.promises import promise
from api.problems import INVALID, NOT_ACCEPTABLE, NOT_FOUND
from api.queries import DEFAULT_LIMIT, Query, parse_limit, today
from api.reading import Reading, find_release, read_clocks
from api.representations.cursors import Cursor, decode_cursor, encode_cursor, question_of
from api.representations.list_pages import ListMeta
from api.representations.negotiation import FORMATS, JSON, accepted_format
from api.representations.rows import Row, RowWriter, json_page, writer_for
from api.routes.facts_filters import MAX_VALUES, Filter
from api.routes.facts_listing import (
    ALL,
    ANSWER_HEADERS,
    NEXT_CURSOR,
    Asked,
    Listing,
    Narrowed,
    page_parameters,
)
from api.services import services_of
from api.transport.places import Places
from api.version import API_VERSION
from data.queries import read_query
from data.releases import Release

_STREAM_PAGE = 2000
_LONGEST_KEPT = 1500
"""Longest question whose answer is kept, in bytes."""

_AS_IT_IS = Narrowed()


def list_route(listing: Listing) -> HTTPRouteHandler:
    """Return the route of a list."""

    async def handler(request: Request[Any, Any, Any]) -> Sendable:
        return await answer_list(request, listing)

    return route(
        listing.path,
        http_method=[HttpMethod.GET, HttpMethod.HEAD],
        operation_id=listing.operation_id,
        summary=listing.summary,
        description=listing.description,
        tags=[listing.tag],
        opt=promise(
            answer=(listing.page, *listing.other_answers),
            answer_types=tuple(one.media_type for one in FORMATS.values()),
            answer_description="A page of rows.",
            parameters=(*(one.parameter() for one in listing.filters), *listing.extra, *page_parameters(listing)),
            problems=(INVALID, NOT_FOUND, NOT_ACCEPTABLE),
            lines=listing.row,
            headers=ANSWER_HEADERS | NEXT_CURSOR,
        ),
    )(handler)


async def answer_list(request: Request[Any, Any, Any], listing: Listing) -> Sendable:
    """Return the answer to a request for a list, from memory when the same was asked before.

    Raises:
        ProblemError: 422 naming every bad parameter, 404 for an unknown release, 406 for a format we do not have.
    """
    services = services_of(request)
    memory: AnswerMemory = services.answers
    accept = header_of(request.scope, b"accept")
    heard = (listing.query, request.scope["query_string"], accept, services.releases.current().id, today())
    known = memory.get(heard)
    if known is not None:
        return known
    asked = await _read(request, listing, accept)
    if listing.special is not None and (special := await listing.special(asked)) is not None:
        answer = special
    elif asked.limit == ALL:
        return _stream(asked, services.exports)
    else:
        answer = await asyncio.to_thread(_page, asked)
    if listing.remembered and len(request.scope["query_string"]) + len(accept or "") < _LONGEST_KEPT:
        memory.keep(heard, answer)
    return answer


async def _read(request: Request[Any, Any, Any], listing: Listing, accept: str | None) -> Asked:
    releases = services_of(request).releases
    query = Query(request)
    chosen = query.choice("format", FORMATS) or accepted_format(accept, list(FORMATS.values()))
    cursor: Cursor | None = query.parsed("cursor", decode_cursor)
    reading = await read_clocks(query, releases)
    if cursor is not None:
        release = await find_release(query, "cursor", releases, cursor.release)
        reading, cursor = (reading, None) if release is None else (_follow(cursor, reading, query, release), cursor)
    limit: int = query.parsed("limit", _parse_limit, DEFAULT_LIMIT)
    if limit == ALL and chosen is JSON:
        query.refuse("limit", "`all` is for formats other than JSON; page through JSON with `cursor`")
    parameters: dict[str, object] = {one.name: _values_of(one, query, reading) for one in listing.filters}
    expand = query.choice("expand", {"source": True}, False) if listing.expandable else False
    narrowed = _AS_IT_IS
    if listing.narrow is not None:
        narrowed = await listing.narrow(query, reading, parameters, releases)
    parameters |= narrowed.parameters
    question = question_of(listing.query, parameters)
    if cursor is not None and cursor.question != question:
        query.refuse("cursor", "Belongs to a list with other filters")
    query.check()
    return Asked(
        listing=listing,
        reading=narrowed.reading or reading,
        parameters=parameters,
        limit=limit,
        after=cursor.after if cursor is not None else -1,
        chosen=chosen,
        expand=expand,
        question=question,
        notes=narrowed.notes,
        carried=narrowed.carried,
    )


def _follow(cursor: Cursor, reading: Reading, query: Query, release: Release) -> Reading:
    if reading.pinned and reading.release.id != cursor.release:
        query.refuse("release", f"The cursor goes on in {cursor.release}")
    if reading.dated and reading.as_of != cursor.as_of:
        query.refuse("as_of", f"The cursor goes on as of {cursor.as_of}")
    return Reading(release=release, as_of=cursor.as_of, pinned=True, dated=True)


def _values_of(one: Filter, query: Query, reading: Reading) -> list[str] | None:
    given = query.many(one.name)
    if len(given) > MAX_VALUES:
        query.refuse(one.name, f"At most {MAX_VALUES} values")
        return None
    values: list[str] = []
    for value in given:
        wrong = one.refuse(reading, value)
        if wrong is not None:
            query.refuse(one.name, wrong)
        else:
            values.extend(one.expand(reading, value) if one.expand else (value,))
    return sorted(set(values)) if given else None


def _parse_limit(value: str) -> int:
    if value == "all":
        return ALL
    try:
        return parse_limit(value)
    except ValueError as error:
        raise ValueError(f"{error}, or `all`") from None


def _page(asked: Asked) -> Answer:
    names, rows, last = _fetch(asked, asked.after, asked.limit + 1)
    more = len(rows) > asked.limit
    rows = rows[: asked.limit]
    following = None
    if more:
        place = Cursor(
            release=asked.reading.release.id,
            as_of=asked.reading.as_of,
            question=asked.question,
            after=last[asked.limit - 1],
        )
        following = encode_cursor(place)
    headers = _headers(asked)
    if following:
        headers["Preclear-Next-Cursor"] = following
    if asked.chosen is JSON:
        meta = ListMeta(
            release=asked.reading.release.id,
            as_of=asked.reading.as_of,
            count=len(rows),
            next_cursor=following,
            notes=_notes(asked, empty=not rows),
        )
        body = json_page(rows, meta)
    else:
        writer = writer_for(asked.chosen, asked.listing.row, names)
        body = writer.write(rows) + writer.finish()
    etag = etag_of(asked.reading.release.id, body + (following or "").encode())
    return Answer(body, asked.chosen.content_type, etag, headers)


def _stream(asked: Asked, exports: Places) -> StreamedAnswer:
    reading = asked.reading
    told = msgspec.json.encode(
        [API_VERSION, reading.as_of, asked.question, asked.after, asked.expand, asked.chosen.name]
    )
    etag = etag_of(reading.release.id, told)
    return StreamedAnswer(_pieces(asked), asked.chosen.content_type, _headers(asked), places=exports, etag=etag)


async def _pieces(asked: Asked) -> AsyncGenerator[bytes, None]:
    writer: RowWriter | None = None
    after: int | None = asked.after
    while after is not None:
        writer, piece, after = await asyncio.to_thread(_piece, asked, after, writer)
        yield piece
    if writer is not None:
        yield writer.finish()


def _piece(asked: Asked, after: int, writer: RowWriter | None) -> tuple[RowWriter, bytes, int | None]:
    """Return the bytes of the rows after a place, with the writer of all, and the place to go on from (null at the
    end). The rows themselves are not kept while the bytes are on their way.
    """
    names, rows, places = _fetch(asked, after, _STREAM_PAGE)
    if writer is None:
        writer = writer_for(asked.chosen, asked.listing.row, names)
    return writer, writer.write(rows) if rows else b"", places[-1] if len(rows) == _STREAM_PAGE else None


def _fetch(asked: Asked, after: int, limit: int) -> tuple[tuple[str, ...], list[Row], Sequence[int]]:
    """Return column names, rows, and each row's position."""
    listing, reading = asked.listing, asked.reading
    if listing.compute is not None:
        computed = listing.compute(asked)
        chosen = computed[after + 1 : after + 1 + limit]
        names = listing.row.__struct_fields__
        rows: list[Row] = [{name: getattr(one, name) for name in names} for one in chosen]
        return names, rows, range(after + 1, after + 1 + len(rows))
    clocks = {"after": after, "limit": limit, "as_of": reading.as_of}
    known = read_query(listing.query).parameters
    parameters = asked.parameters | {name: value for name, value in clocks.items() if name in known}
    columns, found = reading.release.table(listing.query, parameters)
    names = columns[:-1]
    listed = [row_of(listing, reading, names, values) for values in found]
    if asked.expand:
        for row in listed:
            row["source"] = reading.release.facts.sources.get(row["source"])
    return (*names, *listing.added), list(listed), [values[-1] for values in found]


def row_of(listing: Listing, reading: Reading, names: Sequence[str], values: Sequence[Any]) -> dict[str, Any]:
    """Return a row of a list's query as it goes over the wire."""
    row: dict[str, Any] = dict(zip(names, values, strict=False))
    if listing.add is not None:
        row.update(listing.add(reading, row))
    for name in listing.json:
        row[name] = msgspec.Raw(row[name].encode())
    return row


def _notes(asked: Asked, *, empty: bool) -> tuple[str, ...]:
    if asked.after >= 0:
        return asked.notes
    undated = asked.reading.dated and not asked.listing.dated
    return (
        *asked.notes,
        *(("Rows of this list have no dates: `as_of` does not narrow it.",) if undated else ()),
        *(_why_empty(asked) if empty and not asked.notes else ()),
    )


def _why_empty(asked: Asked) -> tuple[str, ...]:
    reading = asked.reading
    earliest = reading.release.rows("earliest", {"family": asked.listing.query})[0][0]
    if earliest is not None and reading.as_of < earliest and not _has_rows(asked):
        return (f"{reading.as_of} lies before every fact of this list; the earliest is certain from {earliest}.",)
    return (f"Nothing on file matches on {reading.as_of}.",)


def _has_rows(asked: Asked) -> bool:
    """Say whether the list has rows on the day, whatever was filtered for: those whose start is not known are taken to
    have held before the first certain one.
    """
    unfiltered = dict.fromkeys(one.name for one in asked.listing.filters)
    return bool(_fetch(structs.replace(asked, parameters=asked.parameters | unfiltered), -1, 1)[1])


def _headers(asked: Asked) -> dict[str, str]:
    reading = asked.reading
    return answer_headers(reading.release.id, reading.as_of, pinned=reading.pinned, dated=reading.dated)
