"""The longest holding time that a cost allows, found by trying: interest and funding accrue by the venue's rule."""

from __future__ import annotations

from collections.abc import Callable
from decimal import ROUND_CEILING, Decimal

from rules.case import Case
from rules.decision import Remedy
from rules.figures.costs import funding_interval_of
from rules.margin.rounding import EDGE
from rules.preparing import held_for

_ONE = Decimal(1)
_HOUR = Decimal(1)
"""Venues charge interest for hours begun, or for a few of them."""
_HOUR_STEP = Decimal("0.01")
"""Hours: as finely as a holding time is told where funding accrues without intervals."""
_STEPS_ALONG_A_LINE = 6
"""After so many a cost is taken to grow along no line."""


def held_shorter(case: Case, share: Callable[[Case], Decimal | None]) -> Remedy | None:
    """Return the longest holding time whose `share` of what it may cost is at most one; null when none is.

    A share of null is too much. An interval begun counts whole, so a holding time is tried by whole ones.
    """
    step, hours = _step_of(case), case.trade.holding_hours
    if step is None or not hours:
        return None

    def at(steps: int) -> Decimal | None:
        return share(held_for(case, steps * step))

    passing, failing = 0, int((hours / step).to_integral_value(rounding=ROUND_CEILING))
    low, high = at(passing), share(case)
    if low is None or low > EDGE:
        return None
    tried = 0
    while failing - passing > 1:
        guess = (passing + failing) // 2
        if high is not None and tried < _STEPS_ALONG_A_LINE:
            guess = passing + int((_ONE - low) / (high - low) * (failing - passing))
        guess = max(passing + 1, min(guess, failing - 1))
        found = at(guess)
        if found is None or found > EDGE:
            failing, high = guess, found
        else:
            passing, low = guess, found
        tried += 1
    return Remedy(field="holding_hours", largest_passing=passing * step) if passing else None


def _step_of(case: Case) -> Decimal | None:
    """Return the hours for which holding costs the same; null where it costs nothing."""
    figures = case.figures
    if figures.borrow_cost is not None and figures.borrow_cost > 0:
        return _HOUR
    if figures.funding_cost is None or figures.funding_cost <= 0:
        return None
    interval = funding_interval_of(case.trade, case.terms)
    return interval or (None if interval is None else _HOUR_STEP)


def share_of(cost: Decimal | None, of: Decimal | None, most: Decimal) -> Decimal | None:
    """Return a cost over `most` of an amount; null where either is not known or that is nothing."""
    return None if cost is None or not of or not most else cost / (most * of)
