"""Size and price as the venue accepts them: within the ladder, not below the minimum, on step and tick, near the mark.

An order below the minimum, or off step or tick, only warns: the venue refuses it itself, and nothing is at risk.
"""

from __future__ import annotations

from decimal import Decimal

from data.facts.amounts import plain
from data.facts.vocabulary import ContractType, Side
from rules.case import Case
from rules.check import NOT_APPLICABLE, Result, check
from rules.checks.left_out import UNSIZED
from rules.checks.outcomes import counted, failed, passed, percent, short, unknown
from rules.checks.size_units import unit_of
from rules.decision import Effect, Family, Remedy
from rules.inputs import given
from rules.margin.ladder import size_limit
from rules.remedies.nearest_change import size_at_least, size_field, size_times
from rules.remedies.price_steps import prices_within, to_step
from rules.trade import OrderType

_INVERSE = ContractType.INVERSE
_LIMIT = OrderType.LIMIT
_LONG = Side.LONG
_MARKET = OrderType.MARKET
_SHORT = Side.SHORT

_ONE = Decimal(1)
_EXEMPT = passed("Reduce-only: a minimum does not keep risk on.", flags=("reduce_only_exempt",))
_UNPRICED = unknown(
    "The size is given without a price, and cannot be told in the unit that the venue counts in.",
    "At what price would it be entered?",
    field="entry_price",
)


@check(
    "limits.size_in_ladder",
    family=Family.LIMITS,
    effect=Effect.DENY,
    title="The size is not beyond the venue's last margin tier; reduce-only is exempt",
    basis=("the venue's margin tiers",),
    spares_reducing=True,
)
def size_in_ladder(case: Case) -> Result:
    """Compare the size with the last rung's cap, in the ladder's unit."""
    ladder, size = case.terms.ladder, case.terms.size_in_ladder_unit
    if ladder is None:
        return NOT_APPLICABLE  # limits.leverage_in_tier is unknown for that
    limit = size_limit(ladder.tiers)
    if limit is None:
        return passed("The last margin tier has no cap.", size, None, ladder.unit, (ladder.source,))
    if size is None:
        return unsized(case)
    if size <= limit:
        return passed("Within the margin tiers.", size, limit, ladder.unit, (ladder.source,))
    if not ladder.complete:
        return unknown(
            f"The margin tiers on file stop at {short(limit)} {ladder.unit}, below where the venue's end.",
            "Does the venue take this size, and at what margin?",
            sources=(ladder.source,),
        )
    return failed(
        f"The venue's margin tiers end at {short(limit)} {ladder.unit}.",
        size,
        limit,
        ladder.unit,
        sources=(ladder.source,),
        remedy=size_times(case, limit / size),
    )


@check(
    "limits.minimum_size",
    family=Family.LIMITS,
    effect=Effect.WARN,
    title="The order is not smaller than the venue's minimum; reduce-only orders are exempt",
    basis=("the venue's instrument list",),
)
def minimum_size(case: Case) -> Result:
    """Compare the order with the minimum in contracts, or in coins where no contract size is known."""
    instrument = case.terms.instrument
    if instrument is None:
        return NOT_APPLICABLE
    if case.trade.reduce_only:
        return _EXEMPT
    if instrument.min_size is None:
        return _NO_MINIMUM
    size = case.figures.contracts if case.figures.contracts is not None else case.figures.quantity
    if size is None:
        return unsized(case)
    if _counts_unknown_contracts(case):
        return _NO_CONTRACT_SIZE
    smallest = instrument.min_size
    unit = "contracts" if case.figures.contracts is not None else unit_of(case)
    if size >= smallest:
        return passed("Not below the minimum.", size, smallest, unit, (instrument.source,))
    return failed(
        f"The venue's smallest order is {counted(smallest, unit)}.",
        size,
        smallest,
        unit,
        sources=(instrument.source,),
        remedy=size_at_least(case, smallest / size),
    )


_NO_MINIMUM = unknown("The venue's minimum size is not known.", "What is the smallest order the venue takes?")


@check(
    "limits.maximum_size",
    family=Family.LIMITS,
    effect=Effect.WARN,
    title="The order is not larger than the venue takes at once",
    basis=("the venue's instrument list",),
)
def maximum_size(case: Case) -> Result:
    """Compare the order with the maximum in contracts, or in coins where no contract size is known."""
    instrument, counted_as = case.terms.instrument, case.terms.counted
    if instrument is None:
        return NOT_APPLICABLE
    if instrument.max_size is None:
        return _NO_MAXIMUM
    size = counted_as.contracts if counted_as.contracts is not None else counted_as.quantity
    if size is None:
        return unsized(case)
    if _counts_unknown_contracts(case):
        return _NO_CONTRACT_SIZE
    unit = "contracts" if case.figures.contracts is not None else unit_of(case)
    if size <= instrument.max_size:
        return passed("Not above the maximum.", size, instrument.max_size, unit, (instrument.source,))
    return failed(
        f"The venue takes at most {counted(instrument.max_size, unit)} in one order.",
        size,
        instrument.max_size,
        unit,
        sources=(instrument.source,),
        remedy=size_times(case, instrument.max_size / size),
    )


_NO_MAXIMUM = unknown("The venue's maximum size is not known.", "What is the largest order the venue takes at once?")


@check(
    "limits.size_step",
    family=Family.LIMITS,
    effect=Effect.WARN,
    title="A size stated as the venue counts it is a multiple of the venue's step",
    basis=("the venue's instrument list",),
)
def size_step(case: Case) -> Result:
    """Divide the order, in contracts or in coins where no contract size is known, by the step of sizes.

    A linear contract's notional is no number of coins: whoever routes the order rounds it, and nothing is said.
    """
    instrument, trade = case.terms.instrument, case.trade
    if instrument is None:
        return NOT_APPLICABLE
    if trade.notional is None and trade.quantity is None:
        return UNSIZED
    stated = trade.notional if instrument.contract_type is _INVERSE else trade.quantity
    if stated is None:
        return NOT_APPLICABLE
    step = instrument.size_step
    if step is None:
        return _NO_STEP
    if _counts_unknown_contracts(case):
        return _NO_CONTRACT_SIZE
    one = instrument.contract_size or _ONE
    size, unit = stated / one, unit_of(case) if case.figures.contracts is None else "contracts"
    if not size % step:
        return passed("The size is a multiple of the step.", size, step, unit, (instrument.source,))
    smaller = size // step * step * one
    return failed(
        f"The size is not a multiple of {counted(step, unit)}.",
        size,
        step,
        unit,
        sources=(instrument.source,),
        remedy=Remedy(field=size_field(case), value=plain(smaller)) if smaller > 0 else None,
    )


_NO_STEP = unknown("The venue's step of sizes is not known.", "What must a size be a multiple of?")
_NO_CONTRACT_SIZE = unknown(
    "The venue's sizes count contracts, and the size of one is not on file.", "What is the size of a contract?"
)


def _counts_unknown_contracts(case: Case) -> bool:
    """Say whether sizes on file count contracts of an unknown size: those of an inverse contract are no coins."""
    return case.figures.contracts is None and case.terms.contract_type is _INVERSE


def unsized(case: Case) -> Result:
    """Return the unknown that names what is missing: the size itself, or the price or contract that converts it."""
    trade, figures, ladder = case.trade, case.figures, case.terms.ladder
    if trade.notional is None and trade.quantity is None:
        return UNSIZED
    in_contracts = figures.notional if case.terms.contract_type is _INVERSE else figures.quantity
    priced = in_contracts is not None and ladder is not None and ladder.unit == "contracts"
    return _NO_CONTRACT_SIZE if priced or figures.entry_price is not None else _UNPRICED


@check(
    "limits.price_on_tick",
    family=Family.LIMITS,
    effect=Effect.WARN,
    title="A limit price is a multiple of the venue's tick",
    needs=("entry_price",),
    basis=("the venue's instrument list",),
    order_type=_LIMIT,
)
def price_on_tick(case: Case) -> Result:
    """Divide a limit order's price by the tick; a market order's price is an estimate and needs none."""
    instrument, price = case.terms.instrument, given(case.trade.entry_price)
    if instrument is None:
        return NOT_APPLICABLE
    tick = instrument.tick_size
    if tick is None:
        return unknown("The venue's tick is not known.", "What is the price step?")
    if not price % tick:
        return passed("The price is on the tick.", price, tick, "tick", (instrument.source,))
    better = to_step(price, tick, up=case.trade.side is _SHORT)
    return failed(
        f"The price is not a multiple of {short(tick)}.",
        price,
        tick,
        "tick",
        sources=(instrument.source,),
        remedy=Remedy(field="entry_price", value=plain(better)) if better > 0 else None,
    )


@check(
    "limits.triggers_on_tick",
    family=Family.LIMITS,
    effect=Effect.WARN,
    title="The stop price and the target are multiples of the venue's tick",
    basis=("the venue's instrument list",),
)
def triggers_on_tick(case: Case) -> Result:
    """Divide stop and target by the tick; the remedy rounds the stop towards the entry, the target away from it.

    Where both are off the tick no single change passes: the words name both prices that would.
    """
    instrument, stop, target = case.terms.instrument, case.trade.stop_price, case.trade.take_profit_price
    if instrument is None or (stop is None and target is None):
        return NOT_APPLICABLE
    tick = instrument.tick_size
    if tick is None:
        return unknown("The venue's tick is not known.", "What is the price step?")
    stop_off, target_off = stop is not None and stop % tick, target is not None and target % tick
    if not stop_off and not target_off:
        told = _STOP_ON_TICK if target is None else _TARGET_ON_TICK if stop is None else _ON_TICK
        return passed(told, target if stop is None else stop, tick, "tick", (instrument.source,))
    up = case.trade.side is _LONG
    if stop_off and target_off:
        moved = f"{short(to_step(given(stop), tick, up=up))} and {short(to_step(given(target), tick, up=up))}"
        return failed(
            f"Neither stop nor target is a multiple of {short(tick)}; {moved}, next to them, are.",
            stop,
            tick,
            "tick",
            sources=(instrument.source,),
        )
    off, name, field = (stop, "stop", "stop_price") if stop_off else (target, "target", "take_profit_price")
    nearer = to_step(given(off), tick, up=up)
    return failed(
        f"The {name} is not a multiple of {short(tick)}.",
        off,
        tick,
        "tick",
        sources=(instrument.source,),
        remedy=Remedy(field=field, value=plain(nearer)) if nearer > 0 else None,
    )


_ON_TICK = "Stop and target are on the tick."
_STOP_ON_TICK = "The stop is on the tick."
_TARGET_ON_TICK = "The target is on the tick."


_ESTIMATED_EXIT = passed(
    "Reduce-only: the estimated price of a market order does not keep risk on.", flags=("reduce_only_exempt",)
)


@check(
    "limits.price_near_mark",
    family=Family.LIMITS,
    effect=Effect.REVIEW,
    title="The entry price is near the mark price; a limit price, to reduce too, may only lie on the patient side",
    needs=("entry_price", "market.mark_price"),
    parameters=("max_price_deviation",),
    basis=("the policy",),
    venue_free=True,
)
def price_near_mark(case: Case) -> Result:
    """Compare the distance of entry from mark, as a fraction of mark, with the policy's.

    A limit price with a digit too many loses as much on the way out as on the way in, and the nearer price is told at
    once. A market order's price is an estimate that no venue sees: it does not hold up a way out.
    """
    limit = given(case.policy.max_price_deviation)
    trade = case.trade
    if trade.reduce_only and trade.order_type is _MARKET:
        return _ESTIMATED_EXIT
    entry, mark = given(trade.entry_price), given(given(trade.market).mark_price)
    worse = (entry - mark) / mark if trade.side is _LONG else (mark - entry) / mark
    seen = abs(worse) if trade.order_type is _MARKET else worse
    if seen <= limit:
        return passed("The price is near the mark.", seen, limit, "fraction of mark price")
    both = trade.order_type is _MARKET
    step = None if both else case.terms.tick_size  # a market order's price is an estimate
    lowest, highest = prices_within(mark, limit, step)
    fits = highest >= lowest if both else trade.side is _SHORT or highest > 0  # a mark may lie below the first tick
    return failed(
        f"The entry price is {percent(seen, limit)} away from the mark price.",
        seen,
        limit,
        "fraction of mark price",
        remedy=Remedy(
            field="entry_price",
            largest_passing=highest if both or trade.side is _LONG else None,
            smallest_passing=lowest if both or trade.side is _SHORT else None,
        )
        if fits
        else None,
    )
