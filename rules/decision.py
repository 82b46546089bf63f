"""Outputs of a decision: findings, figures, remedies and the verdict they add up to."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from msgspec import Struct, field

from data.facts.vocabulary import Word
from rules.margin.position import LiquidationState

if TYPE_CHECKING:
    Compared = Decimal | str | None
else:
    Compared = str | None
    """What a rule compared: a number or a word, always a text on the wire."""


class Family(Word):
    """What a rule is about. Findings are listed family by family in this order."""

    JURISDICTION = "jurisdiction"
    ACCESS = "access"
    LIMITS = "limits"
    LIQUIDATION = "liquidation"
    RISK = "risk"
    COST = "cost"
    DEPTH = "depth"
    ADL = "adl"


class Outcome(Word):
    """What a rule found."""

    PASS = "pass"
    FAIL = "fail"
    UNKNOWN = "unknown"
    SKIPPED = "skipped"
    NOT_APPLICABLE = "not_applicable"  # of the engine alone: findings never say so


class Effect(Word):
    """What a fail does to the verdict."""

    DENY = "deny"
    REVIEW = "review"
    WARN = "warn"


class Reason(Word):
    """Why a trade may not go ahead: forbidden, permitted by nothing we know, or not known."""

    PROHIBITED = "prohibited"
    NOT_PERMITTED = "not_permitted"
    UNKNOWN = "unknown"


class Verdict(Word):
    """Whether a trade may be routed: by itself, after a person has looked at it, or not at all."""

    ALLOW = "allow"
    REVIEW = "review"
    DENY = "deny"


class Question(Struct, frozen=True, kw_only=True):
    """What an unknown or skipped rule would have to know.

    `field` answers it in the request, or `id` in its `conditions_met`; where both are null nothing in a request does:
    the answer is a fact that is not on file.
    """

    ask: str
    """The question, in words."""
    id: str | None = None
    """Id for `conditions_met`: listed there, the caller vouches for it; with `not:` before it, denies it. Where it
    begins with `not:`, the rest of it denies it."""
    field: str | None = None
    """Dotted path of the request field that would answer it."""


class VenueInstrument(Struct, frozen=True, kw_only=True):
    """An instrument by the venue that lists it."""

    venue: str
    """Id of the venue."""
    instrument: str
    """Symbol as the venue writes it."""


class Remedy(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A change of one field of the request.

    What the field is to be is told in one of these ways: any number up to `largest_passing`, any from
    `smallest_passing` on (between the two where both stand), this `value`, any of `values`; with none of them the field
    is only to be stated, whatever it says. Members that say nothing are left out. Of a stop or target one bound is
    told: the order's own price is the other, since it stays on its side of that.
    """

    field: str
    """Dotted path in the request, such as `leverage` or `market.regime_confirmed`. A size is stated once: a new
    `notional` takes the place of a `quantity`."""
    largest_passing: Decimal | None = None
    """The largest number that passes."""
    smallest_passing: Decimal | None = None
    """The smallest number that passes."""
    value: str | None = None
    """The value that passes, as text; `true` stands for the JSON value."""
    values: tuple[str, ...] = ()
    """Values any of which passes."""
    alternatives: tuple[Remedy, ...] = ()
    """Other single changes, any of which passes the rule just as well. A decision's own `remedies` have none."""
    instruments: tuple[VenueInstrument, ...] = ()
    """Of a change of venue among a decision's own `remedies`: what to name there, the listed instrument nearest to the
    trade's. A venue that is missing has none on file."""


class Finding(Struct, frozen=True, omit_defaults=True, gc=False):
    """What one rule found, with the numbers it compared and the sources it rests on.

    On the wire a member that has nothing to say is left out, `sources` apart.
    """

    rule: str
    """Id of the rule; `/v1/rules/{id}` says what it is about and where it comes from."""
    family: Family
    """What the rule is about."""
    outcome: Outcome
    """What the rule found: a pass, a fail, or why it is neither."""
    effect: Effect
    """What a fail does to the verdict."""
    message: str
    """What was found, in words."""
    sources: tuple[str, ...]
    """Ids of the sources of the facts it read, each at `/v1/sources/{id}`; none where it compares the trade with the
    policy alone."""
    reason: Reason | None = None
    """Why a fail or unknown stands against the trade."""
    observed: Compared = None
    """What the trade comes to: a number or a word, as text."""
    limit: Compared = None
    """What it was compared with."""
    unit: str | None = None
    """What both count."""
    question: Question | None = None
    """What would have to be known, where the rule is unknown or skipped."""
    flags: tuple[str, ...] = ()
    """What to know of it, each a word. Of what it rests on: `secondary_source` (others' account),
    `low_confidence` (the source leaves doubt), `extrapolated` (certain only from a later day than asked about),
    `inexact_date` (began in this month or year, no source says on which day), `inference` (inferred from the texts),
    `staff_level_only` (a position of a regulator's staff), `litigation_risk` (may be contested in court), `announced`
    and `not_verified` (a rule not in force, or not known to be), `stale` (checked too long ago),
    `approximate` (figures are not exact). Of the trade: `assumed` (rests on what nobody stated), `subdivision_assumed`
    (the law of a part of the country, where that alone is stated), `reduce_only_exempt` and `hedge_exempt` (spared for
    what it is), `lowers_exposure`, `reason_stated`."""
    remedy: Remedy | None = None
    """The nearest single change that passes this rule alone; of law or terms it may leave a question where they refuse
    now. Where there is none, none is known."""


class Figures(Struct, frozen=True, kw_only=True, gc=False):
    """Computed quantities; null when a figure cannot be computed from what is known.

    Of an order that only reduces `entry_fee` is its one fee: it is the exit, takes no initial margin, and pays nothing
    for holding; these figures are zero, and what only a position has (maintenance, liquidation, break-even, the loss at
    a stop) is null.

    Money is in the settlement currency (`currency`) unless a field says otherwise; prices in quote currency per coin;
    `distance_to_liquidation`, `risk_fraction`, `cost_on_margin` and `slippage` are fractions.
    """

    currency: str | None = None
    """What the contract settles in: money below is in it."""
    entry_price: Decimal | None = None
    """Price that the trade is reckoned to be entered at. Of a limit order its own, else the mark price. Of a market
    order the worst for it of the price stated, the mark price and the best price in the order book given: what is
    stated of it is an estimate that no venue sees."""
    notional: Decimal | None = None
    """Value of the order at its entry price, in quote currency (of an inverse contract: its USD)."""
    quantity: Decimal | None = None
    """Size in base coins."""
    contracts: Decimal | None = None
    """Size in contracts of the venue."""
    initial_margin: Decimal | None = None
    """As the venue reports it, at the mark price as the order opens where it values it so; an isolated position may
    have more posted."""
    maintenance_margin: Decimal | None = None
    """What the position must keep as margin, by the venue's formula."""
    tier: int | None = None
    """Number of the margin tier that holds the size, as the venue counts its tiers."""
    max_leverage: Decimal | None = None
    """The highest leverage at this size: what the margin tier grants, or the venue's cap for the client if that is
    lower, in the class granted least where none is stated. Caps on conditions that nobody has confirmed are left
    aside."""
    max_leverage_in_tier: Decimal | None = None
    """The highest leverage that the margin tier, or the venue's margin formula, grants at this size."""
    max_notional_at_leverage: Decimal | None = None
    """The largest order, in quote currency, that may have the leverage asked for by the margin tiers; zero where none
    may, null also where they set no bound, or where those on file stop before it."""
    liquidation: LiquidationState | None = None
    """Whether `liquidation_price` exists."""
    liquidation_price: Decimal | None = None
    """Where the venue begins to close the position that the order leaves: of a market order that eats into the order
    book given one entered at its average fill, as for `bankruptcy_price`, `margin_call_price`, the distances and
    `margin_ratio`."""
    bankruptcy_price: Decimal | None = None
    """Where the loss has used up the margin."""
    margin_call_price: Decimal | None = None
    """Where the venue calls for more margin, if it does so before it liquidates and has not yet."""
    distance_to_liquidation: Decimal | None = None
    """From the mark price as the order opens (its entry price where it waits for it, or where no mark is given) to the
    liquidation price; of a hedge to the nearer price that `approximations` names, if a move in its favour liquidates
    the account too."""
    distance_to_liquidation_atr: Decimal | None = None
    """The same in multiples of the `atr` given."""
    margin_ratio: Decimal | None = None
    """As the venue reckons and shows it."""
    loss_at_stop: Decimal | None = None
    """What a close at the stop loses, fees aside: from the entry price, or the average fill where that is worse."""
    risk_fraction: Decimal | None = None
    """Loss at the stop over the account's equity."""
    reward_to_risk: Decimal | None = None
    """Gain at the target over loss at the stop, both in the settlement currency, fees aside."""
    aggregate_leverage: Decimal | None = None
    """Value of all positions, this trade among them, over the account's equity. An order against a position in its own
    instrument adds to it, as in an account that keeps both sides; one that is `reduce_only` takes off."""
    entry_fee: Decimal | None = None
    """Fee of the fill that opens: as a taker, or as a maker where a limit order is taken to rest."""
    exit_fee: Decimal | None = None
    """Fee of the fill that closes, as a taker, on the value at entry."""
    funding_cost: Decimal | None = None
    """Funding over the holding time, on the value at the mark price as the order opens; at the entry price where no
    mark is given."""
    funding_rate_annualised: Decimal | None = None
    """The funding rate as a simple annual one."""
    borrow_cost: Decimal | None = None
    """Interest over the holding time on what is borrowed, in quote currency."""
    liquidation_fee: Decimal | None = None
    """What the venue would charge for liquidating, on the value at the liquidation price. No part of `total_cost`."""
    slippage: Decimal | None = None
    """How much worse than the middle of the order book given the average fill is."""
    slippage_cost: Decimal | None = None
    """The slippage on the value at entry; never below zero."""
    average_fill_price: Decimal | None = None
    """What a market order of this size, or a limit order that crosses, would pay on average in the order book given;
    what of a limit order rests counts at its price."""
    total_cost: Decimal | None = None
    """Fees, funding, interest and, of an order that takes from the order book given, slippage; null where one of them
    is. Funding of a perpetual counts only with a holding time: without one the total stands, though `funding_cost` is
    null. `cost_notes` say what it leaves out."""
    cost_on_margin: Decimal | None = None
    """Total cost over initial margin."""
    break_even_price: Decimal | None = None
    """Where closing covers every cost."""
    adl_score: Decimal | None = None
    """Rank in the deleveraging queue that the position starts with, by the formula of a venue that publishes one;
    higher is closed earlier."""
    margin_model: str | None = None
    """Name of the margin model that was used."""
    approximations: tuple[str, ...] = ()
    """What makes the margin figures less than exact, in words; empty when they are exact."""
    cost_notes: tuple[str, ...] = ()
    """What the cost figures leave out, in words."""


class Coverage(Struct, frozen=True, kw_only=True, gc=False):
    """How many findings there are of each kind; together they are all that applied."""

    evaluated: int
    """Rules that passed or failed."""
    unknown: int
    """Rules whose facts are missing, or inputs that the policy requires or that the figures they compare hang on, such
    as size, price and what backs a cross position. One that could have denied or held the trade makes it a review."""
    skipped: int
    """Rules whose own inputs the request leaves out and the policy does not require. They do not count in the
    verdict."""


class FactUsed(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A row of facts on file for the trade, which figures, limits and costs rest on: who says so, and since when.

    `key` is that of the row in the list of its kind. What has nothing to say is left out.
    """

    kind: str
    """instrument | margin_tiers | margin_model | leverage_cap | fee | fee_extra | funding_terms | liquidation_policy |
    adl_policy."""
    key: str
    """Identifies the row in the list of its kind, stable between releases."""
    source: str
    """Id of the source, which the list of sources tells in full."""
    certain_from: date
    """The first day the fact is certain for: its start, else the date of its source. Before it it is extrapolated."""
    valid_from: date | None = None
    """The first day it holds; left out where that is not known."""
    valid_to: date | None = None
    """The first day it no longer holds; left out while it does."""
    last_seen: date | None = None
    """Of margin tiers: the last recording or announcement that shows them."""
    low_confidence: bool = False
    """Whether its source leaves doubt."""


class Conclusion(Struct, frozen=True, kw_only=True, gc=False):
    """What the rules say of one trade, before it is dated and recorded."""

    verdict: Verdict
    summary: str
    figures: Figures
    facts: tuple[FactUsed, ...]
    findings: tuple[Finding, ...]
    remedies: tuple[Remedy, ...] = field(default=())
    coverage: Coverage
    complete: bool


# An enum's member is looked up through its metaclass, far slower than a name: these are read per finding.
_PASS, _FAIL, _UNKNOWN = Outcome.PASS, Outcome.FAIL, Outcome.UNKNOWN
_DENY, _REVIEW, _WARN = Effect.DENY, Effect.REVIEW, Effect.WARN
_ALLOWED, _FOR_REVIEW, _DENIED = Verdict.ALLOW, Verdict.REVIEW, Verdict.DENY


def verdict_of(findings: tuple[Finding, ...] | list[Finding]) -> Verdict:
    """Return the verdict: deny beats review beats allow; an unknown that could have denied or held is a review."""
    verdict = _ALLOWED
    for finding in findings:
        outcome = finding.outcome
        if outcome is _PASS:
            continue
        if outcome is _FAIL:
            if finding.effect is _DENY:
                return _DENIED
            if finding.effect is _REVIEW:
                verdict = _FOR_REVIEW
        elif outcome is _UNKNOWN and finding.effect is not _WARN:
            verdict = _FOR_REVIEW
    return verdict
