"""Whether the stop is reached before the liquidation price, and with how much room."""

from __future__ import annotations

from decimal import Decimal

from data.facts.vocabulary import Side
from rules.case import Case
from rules.check import MARGINED, NOT_APPLICABLE, Result, check
from rules.checks.liquidation.geometry import (
    NEVER_BY_ITS_LOSS,
    NEVER_LIQUIDATED,
    End,
    at_once,
    end_of,
    more_distance,
    reference_price,
)
from rules.checks.not_known import liquidation_unknown
from rules.checks.outcomes import but_for_rounding, failed, passed, percent, short
from rules.decision import Effect, Family, Remedy
from rules.inputs import given
from rules.remedies.exit_prices import stop_before
from rules.remedies.nearest_change import either
from rules.remedies.price_steps import SMALLEST_STEP

_LONG = Side.LONG

_ZERO = Decimal(0)


@check(
    "liquidation.stop_before_liquidation",
    family=Family.LIQUIDATION,
    effect=Effect.DENY,
    title="The stop is reached before the liquidation price",
    needs=("stop_price",),
    basis=("a stop beyond liquidation never fills",),
    spares_reducing=True,
    products=MARGINED,
)
def stop_before_liquidation(case: Case) -> Result:
    """Compare the stop with the liquidation price; equal is too late."""
    stop, end = given(case.trade.stop_price), end_of(case)
    price = end.price
    if price is None:
        return _without_price(case, end, stop, None, "price", _ZERO)
    if stop > price if case.trade.side is _LONG else stop < price:
        return passed("The stop comes first.", stop, price, "price")
    ended = "account, with all that it holds of the underlying," if end.of_account else "position"
    return failed(
        f"The {ended} is liquidated at {short(price)}, before its stop at {short(stop)}.",
        stop,
        price,
        "price",
        remedy=either(stop_before(case, price, _ZERO), _further(case, stop, _ZERO)),
    )


@check(
    "liquidation.stop_room",
    family=Family.LIQUIDATION,
    effect=Effect.REVIEW,
    title="Between stop and liquidation price there is the policy's room",
    needs=("stop_price",),
    parameters=("min_stop_room",),
    basis=("the policy",),
    spares_reducing=True,
    products=MARGINED,
)
def stop_room(case: Case) -> Result:
    """Compare the room between stop and liquidation, a fraction of entry, with the policy's."""
    least = given(case.policy.min_stop_room)
    stop, end = given(case.trade.stop_price), end_of(case)
    price = end.price
    if price is None:
        return _without_price(case, end, None, least, "fraction of entry price", least)
    entry = given(case.figures.entry_price)
    seen = (stop - price if case.trade.side is _LONG else price - stop) / entry
    if seen >= least or but_for_rounding(least, seen):
        return passed("There is room between stop and liquidation.", seen, least, "fraction of entry price")
    room = least * entry
    return failed(
        f"Only {percent(seen, least)} of price lies between stop and liquidation."
        if seen > 0
        else "Liquidation comes before the stop.",
        seen,
        least,
        "fraction of entry price",
        remedy=either(stop_before(case, price, room), _further(case, stop, room)),
    )


@check(
    "liquidation.stop_before_margin_call",
    family=Family.LIQUIDATION,
    effect=Effect.WARN,
    title="The stop is reached before the venue's margin call",
    needs=("stop_price",),
    basis=("the venue's margin-call level",),
    spares_reducing=True,
    products=MARGINED,
)
def stop_before_margin_call(case: Case) -> Result:
    """Compare the stop with the price of the margin call, where the venue makes one."""
    call = case.figures.margin_call_price
    if call is None:
        return NOT_APPLICABLE
    stop = given(case.trade.stop_price)
    if stop > call if case.trade.side is _LONG else stop < call:
        return passed("The stop comes before the margin call.", stop, call, "price")
    return failed(
        f"The venue calls for margin at {short(call)}, before the stop at {short(stop)}.",
        stop,
        call,
        "price",
        remedy=stop_before(case, call, _ZERO),
    )


def _without_price(
    case: Case, end: End, seen: Decimal | None, limit: Decimal | None, unit: str, share: Decimal
) -> Result:
    """Return the result where there is no liquidation price; `share` of the entry price is the room asked for."""
    if end.state == "never":
        return NEVER_LIQUIDATED if end.distance is None else NEVER_BY_ITS_LOSS
    if end.state != "already":
        return liquidation_unknown(case)
    room = share * given(case.figures.entry_price)
    return failed(at_once(end), seen, limit, unit, remedy=_further(case, given(case.trade.stop_price), room))


def _further(case: Case, stop: Decimal, room: Decimal) -> Remedy | None:
    """Return the change that puts liquidation `room` beyond the stop."""
    reference = given(reference_price(case))
    wanted = reference - stop + room if case.trade.side is _LONG else stop + room - reference
    return more_distance(case, max(wanted, _ZERO) + SMALLEST_STEP)
