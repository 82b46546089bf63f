"""Cost against the plan: what costs take of the loss at the stop and of the gain at the target."""

from __future__ import annotations

from decimal import Decimal

from data.facts.vocabulary import ContractType, Product, Side
from rules.case import Case
from rules.check import NOT_APPLICABLE, Result, check
from rules.checks.cost.holding import held_shorter, share_of
from rules.checks.cost.on_margin import costs_counted, left_out_of_total, total_sources, total_unknown
from rules.checks.left_out import UNPRICED
from rules.checks.outcomes import but_for_rounding, failed, passed, percent, short, unknown
from rules.costs.break_even import even_at_every_price
from rules.decision import Effect, Family, Remedy
from rules.figures.costs import loss_at
from rules.figures.of_trades import filled_size
from rules.inputs import given
from rules.remedies.nearest_change import ROOM, either
from rules.remedies.price_steps import LARGEST_PRICE, to_step

_INVERSE = ContractType.INVERSE
_LONG = Side.LONG
_QUANTO = ContractType.QUANTO
_SPOT_MARGIN = Product.SPOT_MARGIN

_ZERO = Decimal(0)
_ONE = Decimal(1)
_BEYOND = "The target lies beyond break-even."
_NEVER_EVEN = "At no price does the trade make up for its costs."
_ALWAYS_EVEN = "What the trade receives makes up for every loss: it has no break-even price to reach."
_NO_PRICE = unknown(
    "Without a price there is no break-even price.", "At what price is it entered?", field="entry_price"
)
_NO_LOSS = unknown(
    "How profit is reckoned is not known, so the loss at the stop is not known either.", "Is the contract linear?"
)
_NO_GAIN = unknown(
    "How profit is reckoned is not known, so the gain at the target is not known either.", "Is the contract linear?"
)
_NO_KIND = unknown(
    "How profit is reckoned is not known, so the break-even price is not known either.", "Is the contract linear?"
)


@check(
    "cost.share_of_stop_loss",
    family=Family.COST,
    effect=Effect.WARN,
    title="All costs together stay within the policy's share of the loss at the stop",
    needs=("stop_price",),
    parameters=("max_cost_of_stop_loss",),
    basis=("the policy; costs are lost beside what the stop loses",),
    spares_reducing=True,
)
def share_of_stop_loss(case: Case) -> Result:
    """Compare total cost over the price loss at the stop with the policy's share."""
    most = given(case.policy.max_cost_of_stop_loss)
    total, loss = case.figures.total_cost, case.figures.loss_at_stop
    if total is None:
        return total_unknown(case)
    if loss is None:
        return UNPRICED if case.figures.entry_price is None else _NO_LOSS
    if loss <= 0:
        return NOT_APPLICABLE  # the stop is no loss: risk.stop_side fails
    seen = total / loss
    if seen <= most or but_for_rounding(seen, most):
        told = f"{costs_counted(case)} are small beside the risk."
        return passed(told, seen, most, "fraction of the loss at the stop", total_sources(case))
    return failed(
        f"{costs_counted(case)} come to {percent(seen, most)} of what the stop loses.",
        seen,
        most,
        "fraction of the loss at the stop",
        sources=total_sources(case),
        remedy=either(
            _moved(case, "stop_price", given(case.trade.stop_price), seen / most) if most else None,
            held_shorter(case, lambda one: share_of(one.figures.total_cost, loss, most)),
        ),
    )


@check(
    "cost.share_of_target",
    family=Family.COST,
    effect=Effect.WARN,
    title="All costs together stay within the policy's share of the gain at the target",
    needs=("take_profit_price",),
    parameters=("max_cost_of_target",),
    basis=("the policy",),
    spares_reducing=True,
)
def share_of_target(case: Case) -> Result:
    """Compare total cost over the price gain at the target with the policy's share."""
    most = given(case.policy.max_cost_of_target)
    total, gain = case.figures.total_cost, _gain_at_target(case)
    if total is None:
        return total_unknown(case)
    if gain is None:
        return UNPRICED if case.figures.entry_price is None else _NO_GAIN
    if gain <= 0:
        return NOT_APPLICABLE  # the target is no gain: risk.take_profit_side fails
    seen = total / gain
    if seen <= most or but_for_rounding(seen, most):
        told = f"{costs_counted(case)} are small beside the gain."
        return passed(told, seen, most, "fraction of the gain at the target", total_sources(case))
    return failed(
        f"{costs_counted(case)} come to {percent(seen, most)} of what the target gains.",
        seen,
        most,
        "fraction of the gain at the target",
        sources=total_sources(case),
        remedy=either(
            _moved(case, "take_profit_price", given(case.trade.take_profit_price), seen / most) if most else None,
            held_shorter(case, lambda one: share_of(one.figures.total_cost, gain, most)),
        ),
    )


def _moved(case: Case, field: str, price: Decimal, factor: Decimal) -> Remedy | None:
    """Return the price `factor` times as far from the entry, on the tick beyond; in an inverse contract its reciprocal
    is, in which profit is linear.
    """
    entry = given(filled_size(case.figures, case.trade, case.terms).price)
    if case.terms.contract_type is _INVERSE:
        reciprocal = _ONE / entry + (_ONE / price - _ONE / entry) * factor / ROOM
        if reciprocal <= 0:
            return None
        moved = _ONE / reciprocal
    else:
        moved = entry + (price - entry) * factor / ROOM
    up = price > entry
    farther = to_step(moved, case.terms.tick_size, up=up) if 0 < moved <= LARGEST_PRICE else _ZERO
    if not farther:
        return None
    return Remedy(field=field, smallest_passing=farther if up else None, largest_passing=None if up else farther)


def _gain_at_target(case: Case) -> Decimal | None:
    """Return what the trade gains at its target, fees aside, in the settlement currency."""
    kind, size = case.terms.contract_type, filled_size(case.figures, case.trade, case.terms)
    if not size.price or kind is None:
        return None
    loss = loss_at(case.trade.side, size.price, given(case.trade.take_profit_price), size, kind)
    return None if loss is None else -loss


@check(
    "cost.break_even_before_target",
    family=Family.COST,
    effect=Effect.REVIEW,
    title="The trade breaks even before its target",
    needs=("take_profit_price",),
    basis=("a target short of break-even is a loss",),
    spares_reducing=True,
)
def break_even_before_target(case: Case) -> Result:
    """Compare the break-even price with the target."""
    even, target = case.figures.break_even_price, given(case.trade.take_profit_price)
    if even is None:
        return total_unknown(case) if case.figures.total_cost is None else _without_break_even(case)
    long = case.trade.side is _LONG
    if even <= target if long else even >= target:
        left = left_out_of_total(case.figures.cost_notes)
        told = f"The target lies beyond break-even, reckoned {left}." if left else _BEYOND
        return passed(told, even, target, "price", total_sources(case))
    nearest = to_step(even, case.terms.tick_size, up=long) if even <= LARGEST_PRICE else _ZERO
    return failed(
        f"The trade breaks even only at {short(even)}, beyond its target.",
        even,
        target,
        "price",
        sources=total_sources(case),
        remedy=either(
            Remedy(
                field="take_profit_price",
                smallest_passing=nearest if long else None,
                largest_passing=None if long else nearest,
            )
            if nearest > 0
            else None,
            held_shorter(case, _way_to_target),
        ),
    )


def _way_to_target(case: Case) -> Decimal | None:
    """Return what part of the way from the entry to the target it takes to break even; null where none does."""
    entry, even = case.figures.entry_price, case.figures.break_even_price
    way = None if entry is None else given(case.trade.take_profit_price) - entry
    if entry is None or not way or (way > 0) is not (case.trade.side is _LONG):
        return None
    if even is None:
        return _ZERO if even_at_every_price(case.trade.side, case.terms.contract_type) else None
    return (even - entry) / way


def _without_break_even(case: Case) -> Result:
    """Return why a trade whose costs are known has no break-even price: there is none, or it is not known."""
    figures, terms = case.figures, case.terms
    if case.figures.entry_price is None or not figures.quantity:
        return _NO_PRICE
    if terms.contract_type is _QUANTO or (terms.contract_type is None and terms.product is not _SPOT_MARGIN):
        return _NO_KIND
    if even_at_every_price(case.trade.side, terms.contract_type):
        return passed(_ALWAYS_EVEN, sources=total_sources(case))
    return failed(_NEVER_EVEN, remedy=held_shorter(case, _way_to_target))
