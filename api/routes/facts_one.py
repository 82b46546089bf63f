"""One venue, jurisdiction, source or rule: the row of its list, with what else is on file about it."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable
from typing import Any

from litestar import Request, route
from litestar.enums import HttpMethod
from litestar.handlers import HTTPRouteHandler
from msgspec import Struct, structs

from api.caching import Answer, Sendable, answer_headers, etag_of
from api.encoding import encode
from api.openapi.promises import Parameter, promise
from api.problems import INVALID, NOT_ACCEPTABLE, NOT_FOUND, not_found
from api.queries import Query
from api.reading import Reading, read_clocks
from api.representations.law_rows import JurisdictionRow, LawRow, SourceRow
from api.representations.negotiation import JSON
from api.representations.venue_rows import VenueRow
from api.routes.facts import VENUES
from api.routes.facts_answering import row_of
from api.routes.facts_law import JURISDICTIONS, LAW, SOURCES
from api.routes.facts_listing import ANSWER_HEADERS, AS_OF_PARAMETER, RELEASE_PARAMETER, Listing
from api.routes.rules import RuleRow, rule_rows
from api.services import services_of
from data.facts.iso_3166 import is_place
from data.facts.venues import StatusPeriod
from data.queries import read_query
from rules.law.index import LawIndex, law_index
from rules.law.rules_in_words import RuleInWords, rules_in_words

_NAME = "^[a-z0-9_.]{1,100}$"


class VenueDetail(VenueRow, frozen=True, kw_only=True):
    """A venue, with the periods of its life."""

    periods: tuple[StatusPeriod, ...]
    """The states it has been in, the first one first."""
    rows: dict[str, int]
    """How many rows of each list are about it on the day."""
    release: str
    as_of: dt.date


class JurisdictionDetail(JurisdictionRow, frozen=True, kw_only=True):
    """A jurisdiction, with its rules in words."""

    rows: dict[str, int]
    """How many rows of each list are about it on the day."""
    law: tuple[RuleInWords, ...]
    """Rules that hold or are announced on the day: what each does and asks, by which text, which venues it touches."""
    release: str
    as_of: dt.date


class SourceDetail(SourceRow, frozen=True, kw_only=True):
    """A source. Sources have no dates of validity: `as_of` is the day that was asked about."""

    release: str
    as_of: dt.date


class RuleDetail(RuleRow, frozen=True, kw_only=True):
    """A rule; one of law with what `/v1/law` says of it."""

    law: LawRow | None
    """Condition, effect, questions, dates and source of a rule of law; null where there is none."""
    release: str
    as_of: dt.date


def _one(
    path: str, operation_id: str, summary: str, answer: type[Struct], id_: Parameter, *, tag: str = "facts"
) -> Callable[..., HTTPRouteHandler]:
    """Return the decorator of a route that answers with one thing, by the id in its path."""
    return route(
        path,
        http_method=[HttpMethod.GET, HttpMethod.HEAD],
        operation_id=operation_id,
        summary=summary,
        tags=[tag],
        opt=promise(
            answer=answer,
            parameters=(id_, AS_OF_PARAMETER, RELEASE_PARAMETER),
            problems=(INVALID, NOT_FOUND, NOT_ACCEPTABLE),
            headers=ANSWER_HEADERS,
        ),
    )


def _id(description: str, pattern: str, example: str) -> Parameter:
    return Parameter(
        name="id",
        where="path",
        description=description,
        schema={"type": "string", "pattern": pattern},
        example=example,
        required=True,
    )


@_one(
    "/v1/venues/{id:str}", "getVenue", "One venue", VenueDetail, _id("Id of the venue.", "^[a-z0-9_]{1,64}$", "binance")
)
async def get_venue(request: Request[Any, Any, Any]) -> Sendable:
    """Answer with a venue: its state on the day, the periods of its life, and what is on file about it."""
    return await _answer_one(request, "venue", VenueDetail, "/v1/venues", _find_venue)


@_one(
    "/v1/jurisdictions/{id:str}",
    "getJurisdiction",
    "One jurisdiction",
    JurisdictionDetail,
    _id("Id of the jurisdiction.", "^[A-Z0-9-]{2,20}$", "US"),
)
async def get_jurisdiction(request: Request[Any, Any, Any]) -> Sendable:
    """Answer with a jurisdiction: whom its law covers, and what is on file about it. A place without a file of its own
    answers with the rules that another's file holds for it alone; what reaches a resident of any place, by its country
    or group too, is listed at `/v1/law?residence=…`.
    """
    return await _answer_one(
        request, "jurisdiction", JurisdictionDetail, "/v1/jurisdictions", _find_jurisdiction, _its_law
    )


@_one(
    "/v1/sources/{id:str}",
    "getSource",
    "One source",
    SourceDetail,
    _id("Id of the source, as findings and facts name it.", _NAME, "us.cea_2"),
)
async def get_source(request: Request[Any, Any, Any]) -> Sendable:
    """Answer with a source: what was read, who published it, where and when."""
    return await _answer_one(request, "source", SourceDetail, "/v1/sources", _find_source)


@_one(
    "/v1/rules/{id:str}",
    "getRule",
    "One rule",
    RuleDetail,
    _id("Id of the rule, as findings name it.", _NAME, "us.fcm_registration"),
    tag="rules",
)
async def get_rule(request: Request[Any, Any, Any]) -> Sendable:
    """Answer with a rule that a decision may evaluate on the day: what it is about, what a fail does, what it needs and
    where it comes from; of a rule of law also the text behind it, as `/v1/law` has it.
    """
    return await _answer_one(request, "rule", RuleDetail, "/v1/rules", _find_rule)


_Find = Callable[[str, Reading], dict[str, Any] | None]


def _its_law(wanted: str) -> str:
    """Say where the law of a place is listed that has no file of its own."""
    return (
        f" Rules that reach residents of {wanted} are listed at /v1/law?residence={wanted}." if is_place(wanted) else ""
    )


async def _answer_one(
    request: Request[Any, Any, Any],
    name: str,
    shape: type[Struct],
    where: str,
    find: _Find,
    otherwise: Callable[[str], str] = lambda _wanted: "",
) -> Answer:
    """Answer with what `find` returns; where that is nothing, `otherwise` adds to the refusal where else to look."""
    query = Query(request)
    reading = await read_clocks(query, services_of(request).releases)
    query.check()
    wanted = str(request.path_params["id"])
    found = await asyncio.to_thread(find, wanted, reading)
    if found is None:
        told = f"There is no {name} {wanted[:80]!r} in {reading.release.id} on {reading.as_of}; see {where}."
        raise not_found(told + otherwise(wanted))
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
        "law_rules": len(rules),
        "law": told,
    }


def _row(listing: Listing, name: str, wanted: str, reading: Reading) -> dict[str, Any] | None:
    """Return the row of a list in which a column has this value; null when there is none on the day."""
    known = read_query(listing.query).parameters
    asked = {name: [wanted], "after": -1, "limit": 1, **({"as_of": reading.as_of} if "as_of" in known else {})}
    columns, rows = reading.release.table(listing.query, asked)
    return row_of(listing, reading, columns, rows[0]) if rows else None


def _find_venue(wanted: str, reading: Reading) -> dict[str, Any] | None:
    found = _row(VENUES, "venue", wanted, reading)
    if found is None:
        return None
    periods, values = reading.release.table("venue_status", {"venue": wanted})
    found["periods"] = [dict(zip(periods, one, strict=True)) for one in values]
    return found | _counts(wanted, reading)


def _find_jurisdiction(wanted: str, reading: Reading) -> dict[str, Any] | None:
    found = _row(JURISDICTIONS, "jurisdiction", wanted, reading)
    index = law_index(reading.release.facts.on(reading.as_of))
    if found is not None:
        found["law"] = rules_in_words(index, wanted)
    else:
        found = _place_in_a_file(index, wanted)
    if found is None:
        return None
    rows = _counts(wanted, reading)["rows"] | {"law": found["law_rules"]}
    return found | {"rows": {family: count for family, count in sorted(rows.items()) if count}}


def _counts(wanted: str, reading: Reading) -> dict[str, Any]:
    return {"rows": dict(reading.release.rows("fact_counts", {"subject": wanted, "as_of": reading.as_of}))}


def _find_source(wanted: str, reading: Reading) -> dict[str, Any] | None:
    return _row(SOURCES, "id", wanted, reading)


def _find_rule(wanted: str, reading: Reading) -> dict[str, Any] | None:
    knowledge = reading.release.facts.on(reading.as_of)
    found = next((one for one in rule_rows(knowledge) if one.id == wanted), None)
    if found is None:
        return None
    law = _row(LAW, "rule", wanted, reading)
    if law is not None:
        law = {name: law[name] for name in LawRow.__struct_fields__}
    return {**structs.asdict(found), "law": law}
