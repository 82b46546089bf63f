"""Prices that a remedy may name: on the venue's step, and within what a request can state."""

from __future__ import annotations

from decimal import ROUND_DOWN, ROUND_UP, Decimal

from data.facts.amounts import MAX_FRACTION_DIGITS, MAX_INTEGER_DIGITS

_ONE = Decimal(1)
_CENT = Decimal("0.01")
_FINEST_STEP = Decimal(1).scaleb(-MAX_FRACTION_DIGITS)

SMALLEST_STEP = Decimal("0.00000001")
"""Of a price where the venue's own step is not on file."""

LARGEST_PRICE = Decimal("9" * MAX_INTEGER_DIGITS)
"""No request may state a higher one."""


def to_step(price: Decimal, step: Decimal | None, *, up: bool) -> Decimal:
    """Return a price rounded up or down to a multiple of `step`, or to eight places without one."""
    rounding = ROUND_UP if up else ROUND_DOWN
    if not step:
        return price.quantize(SMALLEST_STEP, rounding=rounding)
    return (price / step).to_integral_value(rounding=rounding) * step


def prices_within(reference: Decimal, share: Decimal, step: Decimal | None) -> tuple[Decimal, Decimal]:
    """Return the lowest and the highest price within a share of a reference, on the step or to eight places."""
    if step is None and reference <= _CENT:
        step = _FINEST_STEP
    return to_step(reference * (_ONE - share), step, up=True), to_step(reference * (_ONE + share), step, up=False)


def next_step(price: Decimal, step: Decimal, *, up: bool) -> Decimal:
    """Return the multiple of `step` that is next to a price, strictly above or below it."""
    last = (price / step).to_integral_value(rounding=ROUND_DOWN) * step
    if up:
        return last + step
    return last if last < price else last - step
