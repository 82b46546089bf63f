"""Outputs of a decision: findings, figures, remedies and the verdict they add up to."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from msgspec import Struct, field

from data.facts.vocabulary import Word

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
    """What a rule found. `not_applicable` never leaves the engine."""

    PASS = "pass"
    FAIL = "fail"
    UNKNOWN = "unknown"
    SKIPPED = "skipped"
    NOT_APPLICABLE = "not_applicable"


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
    """The answer."""

    ALLOW = "allow"
    REVIEW = "review"
    DENY = "deny"


class Question(Struct, frozen=True, kw_only=True):
    """What only the caller can confirm. `id` is what `conditions_met` names; null when a field answers it."""

    ask: str
    id: str | None = None
    field: str | None = None
    """Dotted path of the request field that would answer it."""


class Remedy(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The nearest change that makes a rule pass. `field` is a dotted path of the request.

    Without any value the field is to be stated, whatever it says.
    """

    field: str
    largest_passing: Decimal | None = None
    smallest_passing: Decimal | None = None
    value: str | None = None
    values: tuple[str, ...] = ()
    alternatives: tuple[Remedy, ...] = ()
    """Other single changes, any of which passes the rule just as well."""


class Finding(Struct, frozen=True, omit_defaults=True, gc=False):
    """What one rule found, with the numbers it compared and the sources it rests on.

    On the wire a member that has nothing to say is left out, `sources` apart.
    """

    rule: str
    """Id of the rule; `/v1/rules/{id}` says what it is about and where it comes from."""
    family: Family
    outcome: Outcome
    effect: Effect
    message: str
    sources: tuple[str, ...]
    """Ids of the sources of the facts it read, each at `/v1/sources/{id}`; none where it compares the trade with the
    policy alone."""
    reason: Reason | None = None
    observed: Compared = None
    limit: Compared = None
    unit: str | None = None
    question: Question | None = None
    flags: tuple[str, ...] = ()
    """extrapolated | low_confidence | observed_dates | staff_level_only | litigation_risk | announced | stale …"""
    remedy: Remedy | None = None


class Figures(Struct, frozen=True, kw_only=True, gc=False):
    """Computed quantities; null when a figure cannot be computed from what is known.

    Money is in the settlement currency (`currency`) unless a field says otherwise; prices in quote currency per coin;
    `distance_to_liquidation`, `risk_fraction`, `cost_on_margin` and `slippage` are fractions.
    """

    currency: str | None = None
    notional: Decimal | None = None
    quantity: Decimal | None = None
    contracts: Decimal | None = None
    initial_margin: Decimal | None = None
    maintenance_margin: Decimal | None = None
    tier: int | None = None
    max_leverage: Decimal | None = None
    max_notional_at_leverage: Decimal | None = None
    liquidation: str | None = None
    """price | never | already: whether `liquidation_price` exists."""
    liquidation_price: Decimal | None = None
    bankruptcy_price: Decimal | None = None
    margin_call_price: Decimal | None = None
    distance_to_liquidation: Decimal | None = None
    distance_to_liquidation_atr: Decimal | None = None
    margin_ratio: Decimal | None = None
    loss_at_stop: Decimal | None = None
    risk_fraction: Decimal | None = None
    reward_to_risk: Decimal | None = None
    aggregate_leverage: Decimal | None = None
    entry_fee: Decimal | None = None
    exit_fee: Decimal | None = None
    funding_cost: Decimal | None = None
    funding_rate_annualised: Decimal | None = None
    borrow_cost: Decimal | None = None
    liquidation_fee: Decimal | None = None
    slippage: Decimal | None = None
    slippage_cost: Decimal | None = None
    average_fill_price: Decimal | None = None
    total_cost: Decimal | None = None
    cost_on_margin: Decimal | None = None
    break_even_price: Decimal | None = None
    adl_score: Decimal | None = None
    margin_model: str | None = None
    approximations: tuple[str, ...] = ()
    """What makes the margin figures less than exact, in words; empty when they are exact."""
    cost_notes: tuple[str, ...] = ()
    """What the cost figures leave out, in words."""


class Coverage(Struct, frozen=True, kw_only=True):
    """How many findings there are of each kind."""

    evaluated: int
    unknown: int
    skipped: int


class Conclusion(Struct, frozen=True, kw_only=True):
    """What the rules say of one trade, before it is dated and recorded."""

    verdict: Verdict
    summary: str
    figures: Figures
    findings: tuple[Finding, ...]
    remedies: tuple[Remedy, ...] = field(default=())
    coverage: Coverage
    complete: bool


_PASS, _FAIL, _UNKNOWN = Outcome.PASS, Outcome.FAIL, Outcome.UNKNOWN
_DENY, _REVIEW, _WARN = Effect.DENY, Effect.REVIEW, Effect.WARN


def verdict_of(findings: tuple[Finding, ...] | list[Finding]) -> Verdict:
    """Return the verdict: deny beats review beats allow; an unknown that could have denied or held is a review."""
    verdict = Verdict.ALLOW
    for finding in findings:
        outcome = finding.outcome
        if outcome is _PASS:
            continue
        if outcome is _FAIL:
            if finding.effect is _DENY:
                return Verdict.DENY
            if finding.effect is _REVIEW:
                verdict = Verdict.REVIEW
        elif outcome is _UNKNOWN and finding.effect is not _WARN:
            verdict = Verdict.REVIEW
    return verdict
