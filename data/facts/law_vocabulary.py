"""Words of law: what rules speak of, how strong they are, and how their questions are answered."""

from __future__ import annotations

from enum import StrEnum

from data.facts.vocabulary import Word


class LawProduct(Word):
    """What law speaks of: the products that venues list, and notes (`etn`), which none on file does."""

    SPOT = "spot"
    SPOT_MARGIN = "spot_margin"
    PERPETUAL = "perpetual"
    FUTURE = "future"
    OPTION = "option"
    CFD = "cfd"
    LEVERAGED_TOKEN = "leveraged_token"
    PREDICTION = "prediction"
    ETN = "etn"


class AppliesTo(StrEnum):
    """Whom a rule binds."""

    VENUE = "venue"
    CLIENT = "client"
    INTERMEDIARY = "intermediary"


class LegalForce(StrEnum):
    """What kind of text a rule rests on; `unstated` when the sources read do not say."""

    STATUTE = "statute"
    REGULATION = "regulation"
    ORDER = "order"
    DECISION = "decision"
    DIRECTIVE = "directive"
    CIRCULAR = "circular"
    GUIDELINE = "guideline"
    INTERPRETATION = "interpretation"
    STATEMENT = "statement"
    STAFF_LETTER = "staff_letter"
    UNDERTAKING = "undertaking"
    SELF_REGULATION = "self_regulation"
    EXCHANGE_RULE = "exchange_rule"
    WARNING = "warning"
    ENFORCEMENT_PRACTICE = "enforcement_practice"
    SANCTIONS_LIST = "sanctions_list"
    PROPOSAL = "proposal"
    VENUE_TERMS = "venue_terms"
    UNSTATED = "unstated"


class Confidence(StrEnum):
    """How well a row is sourced."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class InForce(StrEnum):
    """Whether a rule has legal effect on the days it covers. Only `in_force` bites.

    `announced` is a proposal, a bill or an act without a start: shown, never applied. `not_verified` is a text whose
    force on those days was not confirmed: shown as unknown, never applied.
    """

    IN_FORCE = "in_force"
    ANNOUNCED = "announced"
    NOT_VERIFIED = "not_verified"


class AssetClass(StrEnum):
    """What an underlying is in the eyes of US law."""

    COMMODITY = "commodity"
    SECURITY = "security"


class UnderlyingKind(Word):
    """What an underlying is in the market.

    A contract on an index of coins references crypto-assets: what a rule says of `crypto` it says of `crypto_index`.
    """

    CRYPTO = "crypto"
    CRYPTO_INDEX = "crypto_index"
    STABLECOIN = "stablecoin"
    FIAT = "fiat"
    METAL = "metal"
    ENERGY = "energy"
    EQUITY = "equity"
    INDEX = "index"


class Tie(StrEnum):
    """What links a client to a place."""

    RESIDENCE = "residence"
    LOCATION = "location"
    NATIONALITY = "nationality"


class AccessMode(StrEnum):
    """How the order reaches the venue: straight, through a firm that carries the account, or by the web interface."""

    DIRECT = "direct"
    INTERMEDIATED = "intermediated"
    INTERFACE = "interface"


class VenueReach(StrEnum):
    """Which venues a country's law reaches.

    `serves` any venue that takes the resident's order, from anywhere; `solicits` one that turns to the country's
    residents (seat, registration, terms or an action of its regulators show it); `markets` one that turns to them by
    itself: terms that merely do not exclude the place leave that open.
    """

    SERVES = "serves"
    SOLICITS = "solicits"
    MARKETS = "markets"


class Answer(StrEnum):
    """What to take for true when the caller does not say."""

    NO = "no"
    YES = "yes"
    UNKNOWN = "unknown"


class Role(StrEnum):
    """What a "yes" does: a `condition` must be met for the rule to hold; an `exempts` question switches it off."""

    CONDITION = "condition"
    EXEMPTS = "exempts"
