"""One venue or jurisdiction: the row of its list, with what else is on file about it."""

from __future__ import annotations

import asyncio
import datetime as dt
from typing import Any

from litestar import Request, route
from litestar.enums import HttpMethod
from msgspec import Struct

from api.caching import Answer, Sendable, answer_headers, etag_of
from api.contract import Parameter, promise
from api.encoding import encode
from api.problems import INVALID, NOT_ACCEPTABLE, NOT_FOUND, not_found
from api.queries import Query
from api.reading import CLOCKS, Reading, read_clocks
from api.representations.law_rows import JurisdictionRow
from api.representations.negotiation import JSON, accepted_format
from api.representations.venue_rows import VenueRow
from api.routes.facts import VENUES
from api.routes.facts_law import JURISDICTIONS
from api.routes.facts_listing import ANSWER_HEADERS, AS_OF_PARAMETER, RELEASE_PARAMETER, Listing
from api.services import services_of
from data.facts.venues import StatusPeriod
from rules.law.index import LawIndex, law_index
from rules.law.words import RuleInWords, rules_in_words


class VenueDetail(VenueRow, frozen=True, kw_only=True):
    """A venue, the periods of its life, and how many rows of each list are about it on the day."""

    periods: tuple[StatusPeriod, ...]
    rows: dict[str, int]
    release: str
    as_of: dt.date


class JurisdictionDetail(JurisdictionRow, frozen=True, kw_only=True):
    """A jurisdiction, how many rows of each list are about it on the day, and its rules in words."""

    rows: dict[str, int]
    law: tuple[RuleInWords, ...]
    """Rules that hold or are announced on the day: what each does and asks, by which text, which venues it touches."""
    release: str
    as_of: dt.date


def _path_parameter(description: str, pattern: str, example: str) -> Parameter:
    return Parameter(
        name="id",
        where="path",
        description=description,
        schema={"type": "string", "pattern": pattern},
        example=example,
        required=True,
    )


@route(
    "/v1/venues/{id:str}",
    http_method=[HttpMethod.GET, HttpMethod.HEAD],
    operation_id="getVenue",
    summary="One venue",
    tags=["facts"],
    opt=promise(
        answer=VenueDetail,
        parameters=(
            _path_parameter("Id of the venue.", "^[a-z0-9_]{1,64}$", "binance"),
            AS_OF_PARAMETER,
            RELEASE_PARAMETER,
        ),
        problems=(INVALID, NOT_FOUND, NOT_ACCEPTABLE),
        headers=ANSWER_HEADERS,
    ),
)
async def get_venue(request: Request[Any, Any, Any]) -> Sendable:
    """Answer with a venue: its state on the day, the periods of its life, and what is on file about it."""
    return await _answer_one(request, VENUES, "venue", VenueDetail, "/v1/venues")


@route(
    "/v1/jurisdictions/{id:str}",
    http_method=[HttpMethod.GET, HttpMethod.HEAD],
    operation_id="getJurisdiction",
    summary="One jurisdiction",
    tags=["facts"],
    opt=promise(
        answer=JurisdictionDetail,
        parameters=(
            _path_parameter("Id of the jurisdiction.", "^[A-Z-]{2,20}$", "US"),
            AS_OF_PARAMETER,
            RELEASE_PARAMETER,
        ),
        problems=(INVALID, NOT_FOUND, NOT_ACCEPTABLE),
        headers=ANSWER_HEADERS,
    ),
)
async def get_jurisdiction(request: Request[Any, Any, Any]) -> Sendable:
    """Answer with a jurisdiction: whom its law covers, and what is on file about it. A place without a file of its own
    answers with the rules that another's file holds for it.
    """
    return await _answer_one(request, JURISDICTIONS, "jurisdiction", JurisdictionDetail, "/v1/jurisdictions")


async def _answer_one(
    request: Request[Any, Any, Any], listing: Listing, name: str, shape: type[Struct], where: str
) -> Answer:
    accepted_format(request.headers.get("accept"), (JSON,))
    query = Query(request, CLOCKS)
    reading = await read_clocks(query, services_of(request).releases)
    query.check()
    wanted = str(request.path_params["id"])
    found = await asyncio.to_thread(_find, listing, name, wanted, reading)
    if found is None:
        raise not_found(f"There is no {name} {wanted[:80]!r} in {reading.release.id} on {reading.as_of}; see {where}.")
    found["release"], found["as_of"] = reading.release.id, reading.as_of
    body = encode({field: found[field] for field in shape.__struct_fields__})
    headers = answer_headers(reading.release.id, reading.as_of, pinned=reading.pinned, dated=reading.dated)
    return Answer(body, JSON.content_type, etag_of(reading.release.id, body), headers)


def _place_in_a_file(index: LawIndex, wanted: str) -> dict[str, Any] | None:
    """Return a place without a file of law but with rules in another's (the EEA in that of the EU); null for none."""
    rules = [one for one in index.rules if one.law.jurisdiction == wanted]
    scopes = {one.law.source.partition(".")[0] for one in rules}
    files = [one for one in index.jurisdictions.values() if one.scope in scopes]
    if not files:
        return None
    names = {one.rule for one in rules}
    told = [one for file in files for one in rules_in_words(index, file.id) if one.rule in names]
    where = " and ".join(f"{one.id} ({one.name})" for one in files)
    return {
        "id": wanted,
        "name": wanted,
        "regulators": sorted({one.law.regulator for one in rules}),
        "residences": [wanted],
        "summary": f"{wanted} has no file of its own: its rules stand in that of {where}.",
        "sources": sorted({one.law.source for one in rules}),
        "scope": files[0].scope,
        "law_rules": sum(one.law.holds_on(index.day) for one in rules),
        "law": told,
    }


def _find(listing: Listing, name: str, wanted: str, reading: Reading) -> dict[str, Any] | None:
    release = reading.release
    asked = {name: [wanted], "after": -1, "limit": 1, "as_of": reading.as_of}
    columns, rows = release.table(listing.query, asked)
    found: dict[str, Any] | None = dict(zip(columns, rows[0], strict=True)) if rows else None
    if listing is JURISDICTIONS:
        index = law_index(release.facts.on(reading.as_of))
        if found is not None:
            found["law"] = rules_in_words(index, wanted)
        else:
            found = _place_in_a_file(index, wanted)
    if found is None:
        return None
    found["rows"] = dict(release.rows("fact_counts", {"subject": wanted, "as_of": reading.as_of}))
    if listing is VENUES:
        periods, values = release.table("venue_status", {"venue": wanted})
        found["periods"] = [dict(zip(periods, one, strict=True)) for one in values]
    return found
