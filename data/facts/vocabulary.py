"""The closed word lists that facts, trades and rules share."""

from __future__ import annotations

from enum import StrEnum


class Word(StrEnum):
    """A closed list of words. They hash as the texts they are: an enumeration's own hash is a call into Python, which
    every lookup by a word would pay.
    """

    __hash__ = str.__hash__


class Product(Word):
    """What is traded."""

    SPOT = "spot"
    SPOT_MARGIN = "spot_margin"
    PERPETUAL = "perpetual"
    FUTURE = "future"
    OPTION = "option"
    CFD = "cfd"
    LEVERAGED_TOKEN = "leveraged_token"
    PREDICTION = "prediction"


UNLEVERAGED = frozenset({Product.SPOT, Product.PREDICTION, Product.LEVERAGED_TOKEN})
"""Products that are paid in full: no leverage is chosen and no margin posted."""
UNMARGINED = UNLEVERAGED | {Product.OPTION}
"""Products that no margin ladder bounds and no price of the underlying alone liquidates."""


class ContractType(Word):
    """How profit is reckoned: in the quote currency, in the base coin, or in a third coin at a fixed multiplier."""

    LINEAR = "linear"
    INVERSE = "inverse"
    QUANTO = "quanto"
    SPOT = "spot"


class ClientClass(Word):
    """Regulatory class of a client; `any` occurs in facts alone."""

    RETAIL = "retail"
    PROFESSIONAL = "professional"
    ECP = "ecp"
    INSTITUTIONAL = "institutional"
    ANY = "any"


CLIENT_CLASSES = frozenset(ClientClass) - {ClientClass.ANY}
"""Every class that a client may be of."""


class MarginMode(Word):
    """Whether a position has margin of its own or shares the account's; `any` occurs in facts alone."""

    ISOLATED = "isolated"
    CROSS = "cross"
    ANY = "any"


FACTS_ALONE: dict[type[Word], Word] = {ClientClass: ClientClass.ANY, MarginMode: MarginMode.ANY}
"""Words by which a row of facts covers every other one. Nobody is of every class: no request states them."""


class Side(Word):
    """Direction of a position."""

    LONG = "long"
    SHORT = "short"


class VenueKind(StrEnum):
    """What sort of place a venue is."""

    CEX = "cex"
    DEX = "dex"
    DCM = "dcm"
    BROKER = "broker"


class VenueState(StrEnum):
    """Whether a venue takes new trades."""

    OPERATING = "operating"
    CLOSING = "closing"
    """Positions may be reduced, not opened."""
    CLOSED = "closed"
    MIGRATED = "migrated"


class AccessKind(StrEnum):
    """What a venue's own terms say to clients of a place."""

    ALLOWED = "allowed"
    CONDITIONAL = "conditional"
    PROHIBITED = "prohibited"


class Evidence(StrEnum):
    """How near a source stands to the fact."""

    PRIMARY = "primary"
    SECONDARY = "secondary"
    SEED = "seed"


class TriggerPrice(StrEnum):
    """Which price sets off liquidation."""

    MARK = "mark"
    INDEX = "index"
    LAST = "last"
    ORACLE = "oracle"
    UNSPECIFIED = "unspecified"


class NotionalBasis(StrEnum):
    """Which price values a position for margin."""

    ENTRY = "entry"
    MARK = "mark"
