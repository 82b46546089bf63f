"""What a comparison answers: a row for each venue, and what has none."""

from __future__ import annotations

from decimal import Decimal

from msgspec import Struct

from data.facts.venues import Instrument
from data.facts.vocabulary import TriggerPrice
from rules.decision import Figures, Finding, Verdict


class LiquidationBrief(Struct, frozen=True, kw_only=True):
    """How a venue liquidates, in brief; null is not known."""

    trigger_price: TriggerPrice | None
    """Which price sets it off."""
    method: str | None
    """How it closes a position: full | partial | tiered | takeover_at_bankruptcy."""
    liquidation_fee: Decimal | None
    """Fee for it, as a fraction of the value."""
    insurance_fund: bool | None
    """Whether the venue keeps an insurance fund."""
    source: str
    """Id of the source."""


class AdlBrief(Struct, frozen=True, kw_only=True):
    """Whether a venue may close a winning position, and at what price."""

    exists: bool
    """Whether the venue may close a winning position."""
    counterparty_price: str
    """At which price it closes it."""
    source: str
    """Id of the source."""


class ComparisonRow(Struct, frozen=True, kw_only=True):
    """One venue's answer.

    `findings` are those that are not passes. `cost` is the total cost in the quote currency, null when some part of it
    (named in `costs_not_known`) is. Rows are ranked by verdict, then by cost, those whose order is below the venue's
    minimum after the others; `tie_break` says what placed the row after one of equal verdict and cost.
    """

    venue: str
    """Id of the venue."""
    instrument: str
    """Symbol as the venue writes it."""
    rank: int
    """Place among the rows, from 1."""
    verdict: Verdict
    """What a decision on this trade would say."""
    complete: bool
    """True when no rule that applies was unknown or skipped."""
    cost: Decimal | None
    """Total cost in the quote currency, a coin at the mark price as the trade opens or else at its entry price; null
    when some part of it is not known, such as what a broker takes beside the fees that `figures` tell. Funding of a
    perpetual is a part of it only where a holding time is given."""
    costs_not_known: tuple[str, ...]
    """Names of the figures that keep `cost` from being known: null, or fees that lack what a broker takes."""
    tie_break: str | None
    """What placed the row after one of equal verdict and cost; null where nothing did."""
    figures: Figures
    """Margin, liquidation and costs here."""
    findings: tuple[Finding, ...]
    """Findings that are not passes."""
    liquidation: LiquidationBrief | None
    """How the venue liquidates; null is not known."""
    adl: AdlBrief | None
    """Whether it deleverages winners; null is not known."""
    other_instruments: tuple[str, ...] = ()
    """Symbols of further contracts there that fit."""


class Comparison(Struct, frozen=True, kw_only=True):
    """Rows in rank order. `not_listed` are venues asked about (all of them, unless named) that list nothing that fits;
    `in_other_units` are the contracts that would fit, were they not counted in another number of the coin: a price of
    PEPE is none of 1000PEPE; `skipped` are the rules that no row evaluates because the request lacks what they need.
    """

    rows: tuple[ComparisonRow, ...]
    not_listed: tuple[str, ...]
    in_other_units: tuple[Instrument, ...]
    skipped: tuple[str, ...]
    extrapolated: tuple[str, ...]
    """Venues among whose facts some are known from a later day on only."""
    doubted: tuple[str, ...]
    """Venues of whose terms of cost some are of low confidence."""
