"""`GET /v1/eligibility`: may this client trade this product, and where."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any

from litestar import Request, route
from litestar.enums import HttpMethod
from msgspec import Struct

from api.caching import Answer, Sendable, answer_headers, etag_of
from api.encoding import encode
from api.openapi.promises import Parameter, promise
from api.problems import INVALID, NOT_ACCEPTABLE, NOT_FOUND
from api.queries import FUTURE, NO_PLACE, Query, today
from api.reading import Reading, read_clocks
from api.representations.list_pages import ListMeta
from api.representations.negotiation import JSON
from api.routes.facts_listing import ANSWER_HEADERS, AS_OF_PARAMETER, RELEASE_PARAMETER
from api.services import services_of
from data.facts.amounts import Amount, parse_amount
from data.facts.iso_3166 import is_country, is_place, names_of
from data.facts.vocabulary import ClientClass, Product
from rules.conditions import unasked_at_venues
from rules.eligibility import EligibilityRow, eligibility
from rules.knowledge import Knowledge
from rules.terms.spelling import HINT, coin_on_file
from rules.trade import DENIAL, Client, Intent, TradeShape, denial_of
from rules.validation import MAX_CONDITIONS, MAX_LEVERAGE, is_condition_id, is_id


class EligibilityAnswer(Struct, frozen=True, kw_only=True):
    """A row for every venue asked; `meta.notes` say what to know about the answer as a whole."""

    data: tuple[EligibilityRow, ...]
    meta: ListMeta


_SYMBOL = re.compile(r"[^\s\x00-\x1f\x7f]{1,32}").fullmatch
_CLASSES = {one.value: one for one in ClientClass if one is not ClientClass.ANY}
_PRODUCTS = {one.value: one for one in Product}
_INTENTS = {one.value: one for one in Intent}
_FLAGS = {
    "eligible_commercial_entity": "Whether the client is an eligible commercial entity under United States law.",
    "on_sanctions_list": "Whether screening found the client on a list of sanctioned persons.",
    "institution": "Whether the client is an institution and no natural person.",
}


def _words(choices: Mapping[str, Enum]) -> dict[str, Any]:
    return {"type": "string", "enum": list(choices)}


_TEXT = {"type": "string", "minLength": 1, "maxLength": 32}
_PLACE_SCHEMA = {"type": "string", "pattern": "^[A-Z]{2}(-[A-Z0-9]{1,3})?$"}
_PARAMETERS = (
    Parameter(
        name="residence",
        description="Where the client resides: ISO 3166-1 alpha-2, or 3166-2 for a state, province or emirate.",
        schema=_PLACE_SCHEMA,
        required=True,
        example="US-NY",
    ),
    Parameter(
        name="product", description="What is traded.", schema=_words(_PRODUCTS), required=True, example="perpetual"
    ),
    Parameter(
        name="base", description="The underlying; law may turn on it.", schema=_TEXT, required=True, example="BTC"
    ),
    Parameter(name="client_class", description="The client's class.", schema=_words(_CLASSES), example="retail"),
    Parameter(
        name="venue",
        description="A venue to ask; without it, every venue is asked.",
        schema={"type": "string", "pattern": "^[a-z0-9_]{1,64}$"},
        repeated=True,
        example="kraken",
    ),
    Parameter(
        name="leverage",
        description="Leverage asked for; caps that law sets are compared with it.",
        schema={"type": "string", "pattern": r"^[0-9]{1,20}(\.[0-9]{1,18})?$"},
        example="5",
    ),
    Parameter(name="location", description="Where the client physically is, when elsewhere.", schema=_PLACE_SCHEMA),
    Parameter(
        name="nationality",
        description="The client's nationality, ISO 3166-1 alpha-2.",
        schema={"type": "string", "pattern": "^[A-Z]{2}$"},
    ),
    *(
        Parameter(name=name, description=description, schema={"type": "boolean"})
        for name, description in _FLAGS.items()
    ),
    Parameter(name="quote", description="The quote currency.", schema=_TEXT, example="USDT"),
    Parameter(name="settle", description="What the contract settles in.", schema=_TEXT, example="USDT"),
    Parameter(name="intent", description="Why the trade is made.", schema=_words(_INTENTS)),
    Parameter(
        name="reduce_only", description="Whether the order may only reduce a position.", schema={"type": "boolean"}
    ),
    Parameter(
        name="intermediary",
        description="Id of the broker or FCM in between.",
        schema={"type": "string", "pattern": "^[a-z0-9_]{1,64}$"},
    ),
    Parameter(
        name="conditions_met",
        description="A condition that the caller vouches for, as a finding's `question` names it; `not:` before it "
        "denies it.",
        schema={"type": "string", "pattern": "^[A-Za-z0-9_.:-]{1,128}$"},
        repeated=True,
        most=MAX_CONDITIONS,
    ),
    AS_OF_PARAMETER,
    RELEASE_PARAMETER,
)


@route(
    "/v1/eligibility",
    http_method=[HttpMethod.GET, HttpMethod.HEAD],
    operation_id="listEligibility",
    summary="Where a client may trade a product",
    description="Law and the venues' own terms for one kind of client and one product: a row for every venue that can "
    "be asked, listed there or not, with the verdict of these two families alone and every finding behind it.",
    tags=["eligibility"],
    opt=promise(
        answer=EligibilityAnswer,
        parameters=_PARAMETERS,
        problems=(INVALID, NOT_FOUND, NOT_ACCEPTABLE),
        headers=ANSWER_HEADERS,
    ),
)
async def get_eligibility(request: Request[Any, Any, Any]) -> Sendable:
    """Answer where a client may trade a product."""
    query = Query(request)
    reading = await read_clocks(query, services_of(request).releases)
    shape, venues = _read(query, reading)
    query.check()
    return await asyncio.to_thread(_answer, shape, venues, reading)


def _read(query: Query, reading: Reading) -> tuple[TradeShape, tuple[str, ...] | None]:
    venues = query.many("venue")
    for venue in venues:
        if venue not in reading.release.facts.venues:
            query.refuse("venue", f"No venue with the id {venue[:64]!r} is known; /v1/venues lists them")
    conditions = _conditions(query)
    residence = query.required("residence")
    if query.many("residence") and not is_place(residence):
        query.refuse("residence", NO_PLACE)
    product = query.choice("product", _PRODUCTS)
    if product is None and query.one("product") is None:
        query.refuse("product", "Missing required parameter")
    shape = TradeShape(
        base=query.parsed("base", _symbol) or query.required("base") or "-",
        product=product or Product.SPOT,
        client=Client(
            residence=residence,
            client_class=query.choice("client_class", _CLASSES),
            location=query.parsed("location", _place),
            nationality=query.parsed("nationality", _country),
            **{name: query.choice(name, {"true": True, "false": False}) for name in _FLAGS},
        ),
        quote=query.parsed("quote", _symbol),
        settle=query.parsed("settle", _symbol),
        leverage=query.parsed("leverage", _leverage),
        intent=query.choice("intent", _INTENTS, Intent.SPECULATIVE),
        reduce_only=query.flag("reduce_only", default=False),
        intermediary=query.parsed("intermediary", _id),
        conditions_met=conditions,
    )
    knowledge = reading.release.facts.on(reading.as_of)
    for name in ("base", "quote", "settle"):
        coin = getattr(shape, name)
        if coin is not None and (other := coin_on_file(coin, knowledge)) is not None:
            query.refuse(name, f"No {coin} is on file: {HINT.format(name=other)}")
    return shape, tuple(dict.fromkeys(venues)) or None


def _conditions(query: Query) -> tuple[str, ...]:
    conditions = query.many("conditions_met")
    if len(conditions) > MAX_CONDITIONS or any(not is_condition_id(one) for one in conditions):
        query.refuse("conditions_met", f"Expected at most {MAX_CONDITIONS} ids of conditions, as questions name them")
    for one in conditions:
        if denial_of(one) in conditions:
            query.refuse("conditions_met", f"The same condition is vouched for and denied: {one}")
        elif one.startswith(DENIAL + DENIAL):
            query.refuse("conditions_met", f"Expected one denial at most: {one.removeprefix(DENIAL + DENIAL)}")
    return conditions


def _answer(shape: TradeShape, venues: tuple[str, ...] | None, reading: Reading) -> Answer:
    knowledge = reading.release.facts.on(reading.as_of)
    rows = eligibility(shape, knowledge, venues)
    meta = ListMeta(
        release=reading.release.id,
        as_of=reading.as_of,
        count=len(rows),
        next_cursor=None,
        notes=(*_notes(shape, reading), *_unasked(shape, rows, knowledge)),
    )
    body = encode(EligibilityAnswer(data=tuple(rows), meta=meta))
    ahead = reading.as_of > today()  # the note that says so is untrue once the day has come
    headers = answer_headers(
        reading.release.id, reading.as_of, pinned=reading.pinned and not ahead, dated=reading.dated
    )
    return Answer(body, JSON.content_type, etag_of(reading.release.id, body), headers)


def _notes(shape: TradeShape, reading: Reading) -> tuple[str, ...]:
    notes = []
    if reading.as_of > today():
        notes.append(FUTURE)
    home_law = names_of(shape.client.residence)[-1]
    if shape.client.client_class is ClientClass.ECP and home_law != "US":
        notes.append("`ecp` is a class of United States law; elsewhere it is read as eligible counterparty.")
    if shape.client.client_class is ClientClass.PROFESSIONAL and home_law == "US":
        notes.append(
            "`professional` is no class of United States law; it is not taken for an eligible contract participant."
        )
    return tuple(notes)


def _unasked(shape: TradeShape, rows: Sequence[EligibilityRow], knowledge: Knowledge) -> tuple[str, ...]:
    unasked = unasked_at_venues(shape, rows, knowledge)
    return (f"conditions_met names what nothing in this answer asks about: {', '.join(unasked)}.",) if unasked else ()


def _symbol(text: str) -> str:
    if _SYMBOL(text) is None:
        raise ValueError("Expected 1 to 32 printable characters without blanks")
    return text


def _id(text: str) -> str:
    if not is_id(text):
        raise ValueError("Expected an id: lower-case letters, digits and underscores")
    return text


def _place(text: str) -> str:
    if not is_place(text):
        raise ValueError(NO_PLACE)
    return text


def _country(text: str) -> str:
    if not is_country(text):
        raise ValueError("Expected an ISO 3166-1 alpha-2 code, such as AE")
    return text


def _leverage(text: str) -> Amount:
    leverage = parse_amount(text)
    if not 0 < leverage <= MAX_LEVERAGE:
        raise ValueError(f"Expected a number above 0 and at most {MAX_LEVERAGE}")
    return leverage
