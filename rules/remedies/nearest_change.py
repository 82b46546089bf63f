"""The nearest change that passes one rule, in the field of the request that it changes."""

from __future__ import annotations

from collections.abc import Callable
from decimal import ROUND_DOWN, ROUND_UP, Decimal

from msgspec import structs

from rules.case import Case
from rules.decision import Remedy
from rules.inputs import given

_ONE = Decimal(1)
_CENT = Decimal("0.01")
_COIN_STEP = Decimal("0.00000001")

ROOM = Decimal("0.999999")
"""A remedy found by dividing stops this much short of the limit, so that no rounding on the way back exceeds it."""


def size_field(case: Case) -> str:
    """Return the field in which the request states its size."""
    return "quantity" if case.trade.quantity is not None else "notional"


def size_times(case: Case, factor: Decimal) -> Remedy | None:
    """Return the remedy "at most `factor` times the size", in the field the request uses; null when nothing is left."""
    largest = _times_the_size(case, factor, ROUND_DOWN)
    return Remedy(field=size_field(case), largest_passing=largest) if largest > 0 else None


def size_at_least(case: Case, factor: Decimal) -> Remedy:
    """Return the remedy "at least `factor` times the size", in the field the request uses."""
    return Remedy(field=size_field(case), smallest_passing=_times_the_size(case, factor, ROUND_UP))


def _times_the_size(case: Case, factor: Decimal, rounding: str) -> Decimal:
    """Return `factor` times the size, rounded to hundredths of the quote currency or eight places of the base coin."""
    quantity = case.trade.quantity
    size, step = (given(case.figures.notional), _CENT) if quantity is None else (quantity, _COIN_STEP)
    return (size * factor).quantize(step, rounding=rounding)


def leverage_at_most(leverage: Decimal, floor: Decimal = _ONE) -> Remedy | None:
    """Return the remedy "at most this leverage", rounded down to hundredths; null below `floor`."""
    largest = leverage.quantize(_CENT, rounding=ROUND_DOWN)
    return Remedy(field="leverage", largest_passing=largest) if largest >= floor and largest > 0 else None


def either(*remedies: Remedy | None) -> Remedy | None:
    """Return the first remedy there is, with the others as its alternatives."""
    given = [remedy for remedy in remedies if remedy is not None]
    if len(given) < 2:
        return given[0] if given else None
    return structs.replace(given[0], alternatives=tuple(given[1:]))


def reducing(case: Case) -> Remedy | None:
    """Return the remedy "reduce only" where so much of the instrument is held on the other side; null elsewhere."""
    positions, size = case.exposure.positions, case.size_as_held
    if positions is None or size is None or positions.opposite_size < size:
        return None
    return Remedy(field="reduce_only", value="true")


def venues_where(case: Case, holds: Callable[[str], bool]) -> Remedy | None:
    """Return the venues that list the underlying as this product and for which `holds`, as a remedy; null for none."""
    instrument, product = case.terms.instrument, case.terms.product
    if instrument is None or product is None:
        return None
    listed = {one.venue for one in case.knowledge.listings(instrument.base, product)}
    fitting = tuple(sorted(venue for venue in listed if venue != case.trade.venue and holds(venue)))
    return Remedy(field="venue", values=fitting) if fitting else None
