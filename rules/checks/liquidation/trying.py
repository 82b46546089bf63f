"""A change found by trying it: where more of the instrument is held, no formula of the trade alone tells the end."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from msgspec import structs

from data.facts.vocabulary import MarginMode
from rules.case import Case
from rules.checks.inputs import given
from rules.decision import Remedy
from rules.nearest_change import leverage_at_most, size_field, size_times
from rules.preparing import case_of

_ONE = Decimal(1)
_HALF = Decimal("0.5")
_LEAST_SIZE = Decimal("0.001")
"""A thousandth of the size: if that is too much, it is not the trade that is too large."""
_STEPS = 12


def holds_more(case: Case) -> bool:
    """Say whether more of the instrument is held at the venue."""
    positions = case.exposure.positions
    return positions is not None and bool(positions.same_instrument)


def by_trying(case: Case, suffices: Callable[[Case], bool]) -> Remedy | None:
    """Return the largest size (the highest leverage of an isolated trade) that suffices; null when none does.

    Smaller is taken to suffice where larger does. What is returned has itself sufficed, or is a rounding below it.
    """
    if case.trade.margin_mode is MarginMode.CROSS:
        field, least = size_field(case), _LEAST_SIZE
        present = given(case.trade.quantity if field == "quantity" else case.figures.notional)
    else:
        field, present = "leverage", given(case.trade.leverage)
        least = _ONE / present

    def passes(factor: Decimal) -> bool:
        changed = structs.replace(case.trade, **{field: present * factor})
        return suffices(case_of(changed, case.knowledge, case.policy))

    if least >= _ONE or not passes(least):
        return None
    passing, failing = least, _ONE
    for _ in range(_STEPS):
        middle = (passing + failing) * _HALF
        if passes(middle):
            passing = middle
        else:
            failing = middle
    return leverage_at_most(present * passing) if field == "leverage" else size_times(case, passing)
