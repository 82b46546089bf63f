"""Whether the trade names a stop, and on which side of its entry."""

from __future__ import annotations

from decimal import Decimal

from data.facts.vocabulary import Side
from rules.case import Case
from rules.check import Result, check
from rules.checks.left_out import UNPRICED
from rules.checks.outcomes import failed, passed, percent, short
from rules.checks.risk.hedging import matching_size, unmatched_share
from rules.checks.risk.words import opening_price
from rules.decision import Effect, Family
from rules.figures.opening import nearest_to_stop
from rules.inputs import given
from rules.remedies.exit_prices import loss_bounding_stop, stop_beyond
from rules.remedies.nearest_change import either
from rules.trade import Intent

_HEDGE = Intent.HEDGE
_LONG = Side.LONG

_ONE = Decimal(1)
_HAS_STOP = passed("The trade names its stop.")
_HEDGED = passed("A hedge is stopped by what it hedges.", flags=("hedge_exempt",))


@check(
    "risk.stop_present",
    family=Family.RISK,
    effect=Effect.REVIEW,
    title="A speculative trade names its stop; reduce-only is exempt, and a hedge as far as it offsets what is held",
    parameters=("stop_required", "max_hedge_excess"),
    asked_by=("stop_required",),
    basis=("the policy; what exceeds the hedged exposure is speculation",),
    venue_free=True,
    spares_reducing=True,
)
def stop_present(case: Case) -> Result:
    """Ask for a stop, of a hedge where it exceeds what it hedges by more than the policy lets it."""
    trade = case.trade
    if trade.stop_price is not None:
        return _HAS_STOP
    if trade.intent is not _HEDGE:
        return failed("The policy wants a stop and the trade names none.", remedy=loss_bounding_stop(case))
    share = unmatched_share(case)
    if isinstance(share, Result):
        return share
    if not share:
        return _HEDGED
    if share == _ONE:
        return failed(
            "The policy wants a stop, the trade names none, and nothing held in this underlying is left to hedge.",
            remedy=loss_bounding_stop(case),
        )
    return failed(
        f"The policy wants a stop, the trade names none, and {percent(share)} of it exceeds what it hedges.",
        remedy=either(matching_size(case), loss_bounding_stop(case)),
    )


@check(
    "risk.stop_side",
    family=Family.RISK,
    effect=Effect.DENY,
    title="The stop lies on the losing side of the entry, and of the mark as the order opens; reduce-only is exempt",
    needs=("stop_price",),
    basis=("a stop that the market has already reached would fill at once",),
    spares_reducing=True,
)
def stop_side(case: Case) -> Result:
    """Compare the stop with the entry price, and with the mark price as the order opens: below both for a long, above
    both for a short.
    """
    opens, stop = nearest_to_stop(case.trade, case.opening_mark), given(case.trade.stop_price)
    if opens is None:
        return UNPRICED
    long = case.trade.side is _LONG
    if stop < opens if long else stop > opens:
        return passed("The stop is on the losing side.", stop, opens, "price")
    return failed(
        f"The stop at {short(stop)} is not {'below' if long else 'above'} {opening_price(case, opens)}.",
        stop,
        opens,
        "price",
        remedy=stop_beyond(case, opens),
    )
