"""What the venue takes for a liquidation, against the margin."""

from __future__ import annotations

from decimal import Decimal

from data.facts.venues import FeeExtra
from rules.case import Case
from rules.check import LEVERAGED, NOT_APPLICABLE, Result, check
from rules.checks.cost.on_margin import share_of_margin
from rules.checks.left_out import left_out_of_liquidation
from rules.checks.outcomes import percent, short, unknown
from rules.checks.trying import holds_more, leverage_that_fits
from rules.costs.fees import LIQUIDATION, liquidation_charge, liquidation_rate
from rules.decision import Effect, Family
from rules.inputs import given

_ZERO = Decimal(0)
_WHAT = "A liquidation's fees would"
_WITHIN = "A liquidation's fees would stay within the policy's share of the margin."
_NO_LIQUIDATION_FEE = unknown(
    "The venue's fee for a liquidation is not known.", "What does the venue take for a liquidation?"
)
_NO_LIQUIDATION_VALUE = unknown(
    "The venue's fee for a liquidation is on file, the price of liquidation is not known.",
    "Where would the position be liquidated?",
)


@check(
    "cost.liquidation_fee",
    family=Family.COST,
    effect=Effect.WARN,
    title="The venue's fee for a liquidation stays within the policy's share of the margin",
    needs=("leverage",),
    parameters=("max_liquidation_fee_on_margin",),
    basis=("the venue's liquidation policy",),
    spares_reducing=True,
    products=LEVERAGED,
)
def liquidation_fee(case: Case) -> Result:
    """Compare the liquidation fee over initial margin with the policy's share."""
    most = given(case.policy.max_liquidation_fee_on_margin)
    if case.figures.liquidation == "never":
        return NOT_APPLICABLE
    cost = case.figures.liquidation_fee
    if cost is None:
        return _liquidation_fee_unknown(case)
    margin, sources = case.figures.initial_margin, _liquidation_sources(case)
    if margin is None or margin <= 0 or cost <= most * margin:
        return share_of_margin(case, cost, most, _WHAT, _WITHIN, sources)
    less = None
    if not holds_more(case):  # else where it is liquidated does not hang on this leverage alone
        less = leverage_that_fits(case, lambda changed: _fee_over(changed, most))
    return share_of_margin(case, cost, most, _WHAT, _WITHIN, sources, less=less, with_remedy=less is not None)


def _liquidation_fee_unknown(case: Case) -> Result:
    """Return why there is no fee to compare: no price of liquidation, a fee told in words, or none on file."""
    policy, rate = case.terms.liquidation, _liquidation_rate(case)
    missing = None if case.figures.liquidation_price is not None else left_out_of_liquidation(case)
    if missing is not None or rate is not None:
        return missing or _NO_LIQUIDATION_VALUE
    if policy is not None and policy.liquidation_fee_words is not None:
        return unknown(
            f"No rate is on file of the venue's fee for a liquidation: {policy.liquidation_fee_words}.",
            "What does the venue take for a liquidation?",
            sources=(policy.source,),
        )
    stated = next((one for one in case.terms.fee_extras if one.kind == LIQUIDATION and one.instrument is None), None)
    if stated is None:
        return _NO_LIQUIDATION_FEE
    return unknown(
        f"No rate is on file of the venue's fee for a liquidation in this contract; in general {_in_words(stated)}.",
        "What does the venue take for a liquidation?",
        sources=(stated.source,),
    )


def _in_words(stated: FeeExtra) -> str:
    """Return a charge and what it is charged on."""
    if stated.described_as is not None:
        return f"{stated.described_as} ({stated.per})"
    if stated.rate is None:
        money = "" if stated.currency is None else f" {stated.currency}"
        return f"{short(given(stated.amount))}{money} ({stated.per})"
    return f"{percent(stated.rate)} ({stated.per})" if stated.rate else f"none: {stated.per}"


def _liquidation_rate(case: Case) -> Decimal | None:
    instrument = case.terms.instrument
    symbol = None if instrument is None else instrument.symbol
    return liquidation_rate(case.terms.liquidation, case.terms.fee_extras, symbol)


def _liquidation_sources(case: Case) -> tuple[str, ...]:
    """Return the source of the fee for a liquidation: the venue's policy, else the charge stated for the instrument."""
    policy, instrument = case.terms.liquidation, case.terms.instrument
    if policy is not None and policy.liquidation_fee is not None:
        return (policy.source,)
    stated = liquidation_charge(case.terms.fee_extras, None if instrument is None else instrument.symbol)
    return () if stated is None else (stated.source,)


def _fee_over(case: Case, most: Decimal) -> Decimal | None:
    """Return the fee for a liquidation over what it may be: with less leverage it is charged at another price, too."""
    fee, margin = case.figures.liquidation_fee, case.figures.initial_margin
    if case.figures.liquidation == "never":
        return _ZERO
    return None if fee is None or not margin or not most else fee / (most * margin)
