"""Whether the target lies where it gains, and gains enough for what the stop loses."""

from __future__ import annotations

from data.facts.vocabulary import Side
from rules.case import Case
from rules.check import NOT_APPLICABLE, Result, check
from rules.checks.left_out import UNPRICED
from rules.checks.not_known import of_no_known_kind
from rules.checks.outcomes import apart, failed, passed, short
from rules.checks.risk.words import opening_price
from rules.decision import Effect, Family
from rules.figures.of_trades import filled_size
from rules.inputs import given
from rules.remedies.exit_prices import target_beyond, target_gaining

_LONG = Side.LONG


@check(
    "risk.take_profit_side",
    family=Family.RISK,
    effect=Effect.REVIEW,
    title="The target lies on the winning side of the entry, and of the mark as the order opens; reduce-only is exempt",
    needs=("take_profit_price",),
    basis=("a target that the market has already reached would fill at once; behind the entry, at a loss",),
    spares_reducing=True,
)
def take_profit_side(case: Case) -> Result:
    """Compare the target with the entry price: above it for a long, below it for a short.

    That is no better than the mark price as the order opens, so a target beyond the one is beyond the other.
    """
    entry, target = case.figures.entry_price, given(case.trade.take_profit_price)
    if entry is None:
        return UNPRICED
    long = case.trade.side is _LONG
    if target > entry if long else target < entry:
        return passed("The target is on the winning side.", target, entry, "price")
    return failed(
        f"The target at {short(target)} is not {'above' if long else 'below'} {opening_price(case, entry)}.",
        target,
        entry,
        "price",
        remedy=target_beyond(case, entry),
    )


@check(
    "risk.reward_to_risk",
    family=Family.RISK,
    effect=Effect.WARN,
    title="The gain at the target is at least the policy's multiple of the loss at the stop",
    needs=("stop_price", "take_profit_price"),
    parameters=("min_reward_to_risk",),
    basis=("the policy; both in the settlement currency",),
    spares_reducing=True,
)
def reward_to_risk(case: Case) -> Result:
    """Compare the gain at the target over the loss at the stop with the policy's ratio."""
    least = given(case.policy.min_reward_to_risk)
    entry, seen = case.figures.entry_price, case.figures.reward_to_risk
    if entry is None:
        return UNPRICED
    if seen is None:
        return of_no_known_kind(case) or NOT_APPLICABLE  # the stop is no loss: risk.stop_side fails
    if seen >= least:
        return passed("The target is worth the risk.", seen, least, "ratio")
    return failed(
        f"The target gains {apart(seen, least, 2)} times what the stop loses."
        if seen >= 0
        else f"At its target the trade loses: {short(-seen, 2)} times what the stop loses.",
        seen,
        least,
        "ratio",
        remedy=target_gaining(case, given(filled_size(case.figures, case.trade, case.terms).price), least),
    )
