"""How far away the stop is: not so far that it loses too much, nor within ordinary noise."""

from __future__ import annotations

from decimal import Decimal

from msgspec import structs

from data.facts.vocabulary import Side
from rules.case import Case
from rules.check import AT_THE_UNDERLYING, Result, check
from rules.checks.left_out import UNPRICED
from rules.checks.not_known import loss_unknown
from rules.checks.outcomes import apart, but_for_rounding, failed, passed, percent
from rules.decision import Effect, Family, Remedy
from rules.figures.exits import loss_at_stop as loss_at_stop_of
from rules.figures.of_trades import filled_size
from rules.figures.opening import nearest_to_stop
from rules.inputs import given
from rules.margin.rounding import EDGE
from rules.remedies.exit_prices import stop_at_least_off, stop_losing
from rules.remedies.nearest_change import ROOM, either, size_times

_LONG = Side.LONG

_ONE = Decimal(1)
_NEAR = Decimal("1.0002")
"""How near the largest size is come to where the price it fills at hangs on it."""


@check(
    "risk.loss_at_stop",
    family=Family.RISK,
    effect=Effect.DENY,
    title="The loss at the stop stays within the policy's share of equity",
    needs=("account.equity", "stop_price"),
    parameters=("max_loss_per_trade",),
    basis=("us.seed_000", "popular rule of 1% to 2% of equity; the loss depends on notional, not on leverage"),
    spares_reducing=True,
)
def loss_at_stop(case: Case) -> Result:
    """Compare the loss from price at the stop, a share of equity, with the policy's share."""
    most = given(case.policy.max_loss_per_trade)
    seen = case.figures.risk_fraction
    if seen is None:
        return loss_unknown(case)
    if seen <= most or but_for_rounding(seen, most):
        return passed("The loss at the stop is within the policy.", seen, most, "fraction of equity")
    entry = filled_size(case.figures, case.trade, case.terms).price
    nearer = None if entry is None else stop_losing(case, entry, most / seen * ROOM)
    return failed(
        f"The stop loses {percent(seen, most)} of equity.",
        seen,
        most,
        "fraction of equity",
        remedy=either(_size_losing(case, most / seen), nearer),
    )


def _size_losing(case: Case, share: Decimal) -> Remedy | None:
    """Return the largest size that loses `share` of what the trade loses at its stop: in proportion, or more where a
    smaller one fills at a better price.
    """
    whole, trade, terms = filled_size(case.figures, case.trade, case.terms), case.trade, case.terms
    at_once = case.figures.entry_price
    fitting, too_much = share, _ONE
    if share <= 0 or whole.price == at_once or whole.notional is None or whole.quantity is None:
        return size_times(case, share * EDGE)
    most = given(loss_at_stop_of(trade, terms, whole)) * share
    figures = structs.replace(case.figures, average_fill_price=None)
    while too_much > fitting * _NEAR:
        factor = (fitting + too_much) / 2
        smaller = structs.replace(
            figures, notional=given(case.figures.notional) * factor, quantity=given(case.figures.quantity) * factor
        )
        loss = loss_at_stop_of(trade, terms, filled_size(smaller, trade, terms))
        if loss is not None and loss <= most:
            fitting = factor
        else:
            too_much = factor
    return size_times(case, fitting * EDGE)


@check(
    "risk.stop_distance_in_atr",
    family=Family.RISK,
    effect=Effect.WARN,
    title="The stop is at least the policy's number of average true ranges away",
    needs=("stop_price", "market.atr"),
    parameters=("min_stop_atr",),
    basis=("the policy; the average true range is the caller's",),
    spares_reducing=True,
    products=AT_THE_UNDERLYING,
)
def stop_distance_in_atr(case: Case) -> Result:
    """Compare the distance of the stop from where the order opens, in average true ranges, with the policy's.

    That is from the entry price or the mark price then, whichever is nearer to the stop.
    """
    least = given(case.policy.min_stop_atr)
    opens, atr = nearest_to_stop(case.trade, case.opening_mark), given(given(case.trade.market).atr)
    if opens is None:
        return UNPRICED
    stop = given(case.trade.stop_price)
    seen = (opens - stop if case.trade.side is _LONG else stop - opens) / atr
    if seen >= least:
        return passed("The stop is outside ordinary noise.", seen, least, "ATRs")
    told = "not on the losing side" if seen < 0 else f"{apart(seen, least, 2)} average true ranges away"
    return failed(
        f"The stop is {told}.",
        seen,
        least,
        "ATRs",
        remedy=stop_at_least_off(case, opens, least * atr),
    )
