"""The filters of fact lists: their names, the values they take, and how they are described."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any

from msgspec import Struct, structs

from api.openapi.promises import Parameter
from api.queries import NO_PLACE
from api.reading import Reading
from data.coverage import JURISDICTION_FAMILIES, OTHER_FAMILIES, VENUE_FAMILIES
from data.facts.iso_3166 import is_place, names_of
from data.facts.law import AppliesTo, ClaimVerdict, Confidence, InForce
from data.facts.law_vocabulary import LawProduct
from data.facts.margin_models import MODEL_KINDS
from data.facts.venues import KINDS_OF_ENFORCEMENT
from data.facts.vocabulary import (
    AccessKind,
    ClientClass,
    ContractType,
    Evidence,
    MarginMode,
    Product,
    Side,
    VenueKind,
    VenueState,
)

MAX_VALUES = 50
"""Most values one filter takes."""

_TEXT = re.compile(r"[^\x00-\x1f\x7f]{1,200}").fullmatch


class Filter(Struct, frozen=True, kw_only=True):
    """A query parameter that narrows a list. Given more than once, any of its values may match.

    `refuse` says what is wrong with a value, null when nothing is; `expand` turns a value into those that are looked
    for.
    """

    name: str
    description: str
    schema: Mapping[str, Any]
    example: str | None = None
    refuse: Callable[[Reading, str], str | None]
    expand: Callable[[Reading, str], tuple[str, ...]] | None = None

    def parameter(self) -> Parameter:
        """Return the filter as the OpenAPI document has it."""
        return Parameter(
            name=self.name,
            description=self.description + " Repeat it to ask for any of several.",
            schema=self.schema,
            repeated=True,
            most=MAX_VALUES,
            example=self.example,
        )


def yes_or_no(name: str, description: str) -> Filter:
    """Return a filter by something that is so or is not."""
    return structs.replace(one_of(name, ("true", "false"), description), schema={"type": "boolean"})


def one_of(name: str, words: type[StrEnum] | tuple[str, ...], description: str, example: str | None = None) -> Filter:
    """Return a filter with a closed list of values."""
    values = [str(word) for word in words]

    def refuse(_: Reading, value: str) -> str | None:
        return None if value in values else "Expected one of " + ", ".join(values)

    return Filter(
        name=name, description=description, schema={"type": "string", "enum": values}, example=example, refuse=refuse
    )


def text(name: str, description: str, example: str | None = None) -> Filter:
    """Return a filter that compares any text."""

    def refuse(_: Reading, value: str) -> str | None:
        return None if _TEXT(value) else "Expected 1 to 200 printable characters"

    return Filter(
        name=name,
        description=description,
        schema={"type": "string", "pattern": "^[^\\x00-\\x1f\\x7f]{1,200}$"},
        example=example,
        refuse=refuse,
    )


def _refuse_venue(reading: Reading, value: str) -> str | None:
    if value in reading.release.facts.venues:
        return None
    return f"No venue has the id {value[:80]!r}; see /v1/venues"


def _refuse_venue_of_model(reading: Reading, value: str) -> str | None:
    return None if value in reading.release.facts.margin_models else _refuse_venue(reading, value)


def _refuse_place(reading: Reading, value: str) -> str | None:
    if value in reading.release.facts.places or is_place(value):
        return None
    return f"{value[:80]!r} is no ISO 3166 code, group of countries or jurisdiction on file"


def _refuse_residence(_: Reading, value: str) -> str | None:
    return None if is_place(value) else NO_PLACE


def _places_of_a_file(reading: Reading, value: str) -> tuple[str, ...]:
    """Return a jurisdiction and, where it has a file of law, every place that the rules of the file are for."""
    book = reading.release.facts.law_book
    scopes = {one.scope for one in book.jurisdictions if one.id == value}
    places = (one.jurisdiction for one in book.rules if one.source.partition(".")[0] in scopes)
    return tuple(dict.fromkeys((value, *places)))


def _names_of_residence(reading: Reading, value: str) -> tuple[str, ...]:
    """Return every name under which rows speak of a resident: the place, its country, its groups, and everywhere."""
    groups = reading.release.facts.on(reading.as_of).groups_of(value)
    return (*names_of(value), *sorted(groups), "*")


def _names_covering(reading: Reading, value: str) -> tuple[str, ...]:
    """Return every name under which rows bind in a jurisdiction: those of its residents, or a group and everywhere."""
    return _names_of_residence(reading, value) if is_place(value) else (value, "*")


def _names_together(reading: Reading, value: str) -> tuple[str, ...]:
    """Return the same as one text, where it matters that the names are those of one resident."""
    return (" ".join(_names_of_residence(reading, value)),)


_ID_SCHEMA = {"type": "string", "pattern": "^[a-z0-9_]{1,64}$"}
_PLACE_SCHEMA = {"type": "string", "minLength": 1, "maxLength": 40}

VENUE = Filter(name="venue", description="Id of a venue.", schema=_ID_SCHEMA, example="binance", refuse=_refuse_venue)
INSTRUMENT = text("instrument", "Native symbol (`BTCUSDT`) or unified symbol (`BTC/USDT:USDT`).", example="BTCUSDT")
INSTRUMENT_OR_ALL = text(
    "instrument",
    "Native or unified symbol. Rows that hold for every instrument (`*`) are answered too.",
    example="BTCUSDT",
)
INSTRUMENT_OR_ITS_COIN = text(
    "instrument",
    "Native or unified symbol. Rows that hold for every instrument (`*`) are answered too; of those limited to one "
    "coin (`base`) the ones of its coin, or all where no instrument of that name is on file.",
    example="BTCUSDT",
)
VENUE_OF_MODEL = Filter(
    name="venue",
    description="Id of a venue, on file or known by its margin model alone (`generic` is the model without a venue).",
    schema=_ID_SCHEMA,
    example="binance",
    refuse=_refuse_venue_of_model,
)
BASE = text("base", "Underlying coin.", example="BTC")
BASE_OR_ALL = text(
    "base",
    "Underlying coin. Rows that hold for every coin are answered too, rows of an instrument whose coin is not on file "
    "are not.",
    example="BTC",
)
QUOTE = text("quote", "Quote currency.", example="USDT")
SETTLE = text("settle", "Currency that profit, loss and margin are settled in.", example="USDT")
PRODUCT = one_of("product", Product, "What is traded.", example="perpetual")
PRODUCT_OR_ALL = one_of(
    "product", Product, "What is traded. Rows for any product are answered too.", example="perpetual"
)
PRODUCT_OF_LAW = one_of(
    "product", LawProduct, "What is traded. Rows for any product are answered too.", example="perpetual"
)
PERMITTED = one_of("product", LawProduct, "What the registration permits.", example="perpetual")
CONTRACT_TYPE = one_of("contract_type", ContractType, "How profit is reckoned.", example="linear")
CONTRACT_TYPE_OR_ALL = one_of(
    "contract_type", ContractType, "How profit is reckoned. Rows for any type are answered too.", example="linear"
)
MARGIN_MODE = one_of("margin_mode", MarginMode, "Margin mode. Rows for any mode are answered too.", example="isolated")
CLIENT_CLASS = one_of("client_class", ClientClass, "Class of client. Rows for any class are answered too.")
CLASS_OF_TEST = one_of(
    "client_class",
    tuple(one for one in ClientClass if one is not ClientClass.ANY),
    "Class of client that the test leads to.",
    example="professional",
)
SIDE = one_of("side", Side, "Side of the position. Rows for both sides are answered too.")
SESSION = one_of("session", ("intraday", "overnight"), "Trading session. Rows without sessions are answered too.")
SCHEDULE = text("schedule", "Name of a special schedule. Rows of the general schedule are answered too.")
FEE_SCHEDULE = text("schedule", "Name of a special schedule, or `general` for the general one.", example="general")
KIND_OF_VENUE = one_of("kind", VenueKind, "Sort of venue.", example="cex")
STATUS = one_of("status", VenueState, "State of the venue on the day.", example="operating")
HOME = Filter(
    name="jurisdiction",
    description="Home jurisdiction, an ISO 3166 code.",
    schema=_PLACE_SCHEMA,
    example="AE-AZ",
    refuse=_refuse_place,
)
JURISDICTION = Filter(
    name="jurisdiction",
    description="Rows that name exactly this jurisdiction: an ISO 3166 code, a group (`EEA`), or `*`.",
    schema=_PLACE_SCHEMA,
    example="US",
    refuse=_refuse_place,
)
JURISDICTION_OF_LAW = Filter(
    name="jurisdiction",
    description="Rules of this jurisdiction: an ISO 3166 code, a group (`EEA`), or the id of a file of law, which "
    "stands for every place whose rules it holds.",
    schema=_PLACE_SCHEMA,
    example="US",
    refuse=_refuse_place,
    expand=_places_of_a_file,
)
JURISDICTION_OR_ALL = Filter(
    name="jurisdiction",
    description="Jurisdiction the row is limited to. Rows of the country it is a part of, of the groups it belongs to "
    "on the day and those that hold everywhere (`*`) are answered too: each of them may bind there.",
    schema=_PLACE_SCHEMA,
    refuse=_refuse_place,
    expand=_names_covering,
)
RESIDENCE = Filter(
    name="residence",
    description="Where a client lives: rows for the place, its country, the groups it belongs to on the day, and `*`.",
    schema={"type": "string", "pattern": "^[A-Z]{2}(-[A-Z0-9]{1,3})?$"},
    example="US-NY",
    refuse=_refuse_residence,
    expand=_names_of_residence,
)
RESIDENCE_OF_FEES = structs.replace(
    RESIDENCE,
    description="Where a client lives: of each venue and product the schedules of the place, its country or a group it "
    "belongs to on the day; where the venue keeps none for them, the general one and those that are not of a place.",
    expand=_names_together,
)
RESIDENCE_OF_LAW = structs.replace(
    RESIDENCE,
    description="Where a client lives: rules that name the place, its country, a group it belongs to on the day or "
    "everywhere, and do not except it. A rule that reaches people through another tie, as location or nationality, is "
    "found under the place it names.",
    expand=_names_together,
)
REGULATOR = text("regulator", "Name of a regulator.", example="CFTC")
CATEGORY = text("category", "Category of a registration, an id of `/v1/registration-categories`.", example="DCM")
ACTIVE = yes_or_no("active", "Whether the registration permits anything on the day.")
ACCESS = one_of("access", AccessKind, "What the terms say.", example="prohibited")
ACTION_KIND = one_of(
    "kind",
    KINDS_OF_ENFORCEMENT,
    "Kind of action.",
    example="settlement",
)
CHARGE_KIND = text("kind", "Kind of charge.", example="liquidation")
MODEL = one_of("model", tuple(str(kind.__struct_config__.tag) for kind in MODEL_KINDS), "Family of formulas.")
EFFECT = one_of(
    "effect",
    (
        "prohibit",
        "leverage_cap",
        "require_registration",
        "require_client_class",
        "require_margin_closeout",
        "require_negative_balance_protection",
        "require_disclosure",
        "position_limit",
        "classify",
        "allow",
    ),
    "What the rule does.",
    example="prohibit",
)
IN_FORCE = one_of("in_force", InForce, "Whether the rule has legal effect.", example="in_force")
CONFIDENCE = one_of("confidence", Confidence, "How well the rule is sourced.")
APPLIES_TO = one_of("applies_to", AppliesTo, "Whom the rule binds.")
ID = text("id", "Id of a row.")
RULE = text("rule", "Id of a rule, as findings name it.")
EVIDENCE = one_of("evidence", Evidence, "How near the source stands to the fact.", example="primary")
PUBLISHER = text("publisher", "Who published the source.")
ARTICLE = text("article", "Which popular article the claim stands in.")
VERDICT = one_of("verdict", ClaimVerdict, "What checking found.")
FAMILY_OF_COVERAGE = one_of(
    "family",
    tuple(dict.fromkeys((*VENUE_FAMILIES, *JURISDICTION_FAMILIES, *OTHER_FAMILIES))),
    "Family of facts.",
    example="margin_tiers",
)
FAMILY_OR_WHOLE = one_of(
    "family",
    tuple(dict.fromkeys((*VENUE_FAMILIES, *JURISDICTION_FAMILIES))),
    "Family of facts. Conflicts about the subject as a whole are answered too.",
    example="fees",
)
GROUP = text("group", "Id of a group of countries.", example="EEA")
MEMBER = Filter(
    name="member",
    description="ISO 3166 code of a country.",
    schema={"type": "string", "pattern": "^[A-Z]{2}$"},
    example="DE",
    refuse=_refuse_residence,
)
