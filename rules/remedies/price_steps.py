"""Prices that a remedy may name: on the venue's step, and within what a request can state."""

from __future__ import annotations

from decimal import ROUND_DOWN, ROUND_UP, Decimal

from data.facts.amounts import MAX_INTEGER_DIGITS, SMALLEST_AMOUNT

_ONE = Decimal(1)
_TEN = Decimal(10)
_CENT = Decimal("0.01")

SMALLEST_STEP = Decimal("0.00000001")
"""Of a price where the venue's own step is not on file and five digits are too few."""
_DIGITS = 5

LARGEST_PRICE = Decimal("9" * MAX_INTEGER_DIGITS)
"""No request may state a higher one."""


def step_at(price: Decimal, tick: Decimal | None) -> Decimal:
    """Return the venue's price step; where none is on file, one of five significant digits of a price."""
    return tick or max(_TEN ** (price.adjusted() + 1 - _DIGITS), SMALLEST_AMOUNT)


def to_step(price: Decimal, tick: Decimal | None, *, up: bool) -> Decimal:
    """Return a price rounded up or down to a multiple of the `tick`, or to five significant digits without one."""
    rounding, step = ROUND_UP if up else ROUND_DOWN, step_at(price, tick)
    return (price / step).to_integral_value(rounding=rounding) * step


def prices_within(reference: Decimal, share: Decimal, step: Decimal | None) -> tuple[Decimal, Decimal]:
    """Return the lowest and the highest price within a share of a reference, on the step or to eight places."""
    if step is None:
        step = SMALLEST_AMOUNT if reference <= _CENT else SMALLEST_STEP
    return to_step(reference * (_ONE - share), step, up=True), to_step(reference * (_ONE + share), step, up=False)


def next_step(price: Decimal, step: Decimal, *, up: bool) -> Decimal:
    """Return the multiple of `step` that is next to a price, strictly above or below it."""
    last = (price / step).to_integral_value(rounding=ROUND_DOWN) * step
    if up:
        return last + step
    return last if last < price else last - step
