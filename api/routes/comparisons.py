"""The same trade over every venue that lists it: `POST /v1/comparisons`."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import Any

from litestar import Request, post
from msgspec import Struct

from api.caching import Once, Sendable
from api.contracts import PolicyReference
from api.deciding import NamedPolicy
from api.encoding import encode
from api.openapi.promises import promise
from api.problems import INVALID, NOT_FOUND, UNAVAILABLE, FieldError
from api.queries import FUTURE, today
from api.services import services_of
from api.settling import read_question, settle
from api.transport.bodies import read_json_body
from rules.comparison.answer import Comparison, ComparisonRow
from rules.comparison.asked import ComparedTrade
from rules.comparison.compare import SHARED, compare
from rules.knowledge import Knowledge
from rules.overstated import overstated_backing
from rules.policies.policy import Policy
from rules.terms.spelling import HINT, coin_on_file
from rules.trade import ProposedTrade
from rules.validation import MAX_VENUES, contradicting_marks, no_venue, problems_of, unknown_names
from rules.version import RULES_VERSION


class ComparisonRequest(ComparedTrade, frozen=True, kw_only=True):
    """A trade without venue and instrument, the policy to judge it under, and the two clocks to read the facts by."""

    policy: str | Policy = "standard"
    as_of: date | None = None
    release: str = "latest"


class ComparisonMeta(Struct, frozen=True, kw_only=True):
    """What the comparison rests on, and what it does not cover."""

    release: str
    """Id of the release whose facts were read."""
    as_of: date
    """Day whose facts were read."""
    rules_version: str
    """Version of the rules that judged."""
    policy: PolicyReference
    """The policy that the rows were judged under."""
    count: int
    """How many rows there are."""
    not_listed: tuple[str, ...]
    """Venues asked about (all of them, unless named) that are not known to list anything that fits."""
    skipped: tuple[str, ...]
    """Rules that no row evaluates, because the request lacks what they need."""
    notes: tuple[str, ...]
    """What to know about the answer as a whole, for example that facts are extrapolated to the day."""


class ComparisonAnswer(Struct, frozen=True, kw_only=True):
    """A row per venue: eligible first, then by cost; a cost that is not known comes last, never as zero."""

    data: tuple[ComparisonRow, ...]
    meta: ComparisonMeta


_EXAMPLE = {
    "base": "BTC",
    "product": "perpetual",
    "side": "long",
    "notional": "31000",
    "entry_price": "62000",
    "stop_price": "60500",
    "leverage": "5",
    "margin_mode": "isolated",
    "holding_hours": "72",
    "client": {"residence": "AE-AZ", "client_class": "professional"},
    "account": {"equity": "50000", "positions": []},
    "market": {"mark_price": "62010", "funding_rate": "0.0001"},
}


@post(
    "/v1/comparisons",
    status_code=200,
    operation_id="compare",
    summary="Compare venues for a trade",
    tags=["decisions"],
    opt=promise(
        body=ComparisonRequest,
        answer=ComparisonAnswer,
        examples={
            "a bitcoin perpetual, wherever it is listed": _EXAMPLE,
            "two venues, every contract": {**_EXAMPLE, "venues": ["binance", "okx"], "every_instrument": True},
        },
        scope="decide",
        headers={"Preclear-Release": "Id of the release whose facts were read."},
        problems=(INVALID, NOT_FOUND, UNAVAILABLE),
    ),
)
async def post_comparison(request: Request[Any, Any, Any]) -> Sendable:
    """Judge and reckon the same trade on every venue that lists the underlying as that product: may the client trade
    there, at what leverage, margin, liquidation price and cost. Nothing is recorded.
    """
    services = services_of(request)

    def meaning(one: ComparisonRequest) -> list[FieldError]:
        return _problems(one, services.releases.current().facts.on(one.as_of or today()))

    read = await read_json_body(request, services.settings.max_body)
    asked = await read_question(services, read, ComparisonRequest, meaning)
    settled = await settle(services, asked)
    release, policy = settled.release or services.releases.current(), settled.policy
    knowledge = release.facts.on(asked.as_of or today())
    settled.refuse(_problems(asked, knowledge))
    assert policy is not None  # noqa: S101 - otherwise it was refused
    body = await asyncio.to_thread(_answer, asked, knowledge, policy)
    return Once(body, "application/json", {"Preclear-Release": release.id})


def _answer(asked: ComparisonRequest, knowledge: Knowledge, policy: NamedPolicy) -> bytes:
    found = compare(asked, knowledge, policy.policy)
    return encode(
        ComparisonAnswer(
            data=found.rows,
            meta=ComparisonMeta(
                release=knowledge.release,
                as_of=knowledge.as_of,
                rules_version=RULES_VERSION,
                policy=PolicyReference(name=policy.policy.name, digest=policy.digest),
                count=len(found.rows),
                not_listed=found.not_listed,
                skipped=found.skipped,
                notes=_notes(asked, found, knowledge),
            ),
        )
    )


def _notes(asked: ComparisonRequest, found: Comparison, knowledge: Knowledge) -> tuple[str, ...]:
    product, notes = asked.product.replace("_", " "), list[str]()
    if knowledge.as_of > today():
        notes.append(FUTURE)
    if not found.rows:
        notes.append(
            f"No {product} on {asked.base} that fits is on file for {knowledge.as_of} at the venues asked about."
        )
    if found.in_other_units:
        units = {one.base: knowledge.coin(one.base).coins for one in found.in_other_units}
        counted = ", ".join(f"{base} ({coins})" for base, coins in sorted(units.items()))
        venues = ", ".join(sorted({one.venue for one in found.in_other_units}))
        notes.append(
            f"Contracts that count another number of {knowledge.coin(asked.base).name} as one are left out, for prices "
            f"and sizes mean something else there: {counted} at {venues}; they are compared under that name as base."
        )
    if found.extrapolated:
        notes.append(
            f"Some facts are certain from a later day than {knowledge.as_of} only and are taken to have held then, "
            f"of: {', '.join(found.extrapolated)}."
        )
    if found.doubted:
        notes.append(f"Terms of cost are of low confidence of: {', '.join(found.doubted)}.")
    return tuple(notes)


def _problems(asked: ComparisonRequest, knowledge: Knowledge) -> list[FieldError]:
    """Return every bad field: those of the trade as it would be on any venue, and the names that are not known."""
    stand_in = knowledge.venues()[0].id
    trade = ProposedTrade(venue=stand_in, instrument="ANY", **{name: getattr(asked, name) for name in SHARED})
    errors = [
        FieldError(pointer=pointer, detail=detail)
        for pointer, detail in (
            *problems_of(trade),
            *unknown_names(trade, knowledge),
            *contradicting_marks(trade, knowledge),
            *overstated_backing(trade, knowledge, asked.settle),
        )
    ]
    for name in ("base", "quote", "settle"):
        code = getattr(asked, name)
        if code is not None and not (code.isascii() and code.isalnum() and 1 <= len(code) <= 24):
            errors.append(FieldError(pointer=f"/{name}", detail="must be the code of a coin or currency, such as BTC"))
    if (other := coin_on_file(asked.base, knowledge)) is not None:
        detail = f"no {asked.base} is on file: {HINT.format(name=other)}"
        errors.append(FieldError(pointer="/base", detail=detail))
    venues = asked.venues or ()
    if len(venues) > MAX_VENUES:
        errors.append(FieldError(pointer="/venues", detail=f"must name at most {MAX_VENUES} venues"))
        return errors
    errors.extend(
        FieldError(pointer=f"/venues/{index}", detail=no_venue(name))
        for index, name in enumerate(venues)
        if knowledge.venue(name) is None
    )
    return errors
