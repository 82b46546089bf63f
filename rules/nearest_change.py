"""The nearest change that passes one rule, in the field of the request that it changes."""

from __future__ import annotations

from collections.abc import Callable
from decimal import ROUND_DOWN, Decimal

from data.facts.venues import MarginTier
from data.facts.vocabulary import ContractType
from rules.case import Case
from rules.checks.inputs import given
from rules.decision import Remedy
from rules.sizes import mark_price_of

_ZERO = Decimal(0)
_ONE = Decimal(1)
_TWO = Decimal(2)
_CENT = Decimal("0.01")
_COIN_STEP = Decimal("0.00000001")
_INVERSE = ContractType.INVERSE

ROOM = Decimal("0.999999")
"""A remedy found by dividing stops this much short of the limit, so that no rounding on the way back exceeds it."""


def size_field(case: Case) -> str:
    """Return the field in which the request states its size."""
    return "quantity" if case.trade.quantity is not None else "notional"


def size_times(case: Case, factor: Decimal) -> Remedy | None:
    """Return the remedy "at most `factor` times the size", in the field the request uses; null when nothing is left.

    Hundredths of the quote currency, or eight places of the base coin, rounded down.
    """
    size = given(case.trade.quantity if case.trade.quantity is not None else case.figures.notional)
    step = _COIN_STEP if case.trade.quantity is not None else _CENT
    largest = (size * factor).quantize(step, rounding=ROUND_DOWN)
    return Remedy(field=size_field(case), largest_passing=largest) if largest > 0 else None


def notional_at_most(case: Case, notional: Decimal) -> Remedy | None:
    """Return the remedy "at most this notional" (quote currency), in the field the request states its size in."""
    current = case.figures.notional
    return size_times(case, notional / current) if current else None


def leverage_at_most(leverage: Decimal, floor: Decimal = _ONE) -> Remedy | None:
    """Return the remedy "at most this leverage", rounded down to hundredths; null below `floor`."""
    largest = leverage.quantize(_CENT, rounding=ROUND_DOWN)
    return Remedy(field="leverage", largest_passing=largest) if largest >= floor else None


def either(*remedies: Remedy | None) -> Remedy | None:
    """Return the first remedy there is, with the others as its alternatives."""
    given = [remedy for remedy in remedies if remedy is not None]
    if len(given) < 2:
        return given[0] if given else None
    first = given[0]
    return Remedy(
        field=first.field,
        largest_passing=first.largest_passing,
        smallest_passing=first.smallest_passing,
        value=first.value,
        values=first.values,
        alternatives=tuple(given[1:]),
    )


def reducing(case: Case) -> Remedy | None:
    """Return the remedy "reduce only" where so much of the instrument is held on the other side; null elsewhere."""
    positions, inverse = case.exposure.positions, case.terms.contract_type is _INVERSE
    size = case.figures.contracts if inverse else case.figures.quantity
    if positions is None or size is None or positions.opposite_size < size:
        return None
    return Remedy(field="reduce_only", value="true")


def least_value(case: Case) -> Decimal:
    """Return the position's value in settlement currency, at entry or at mark, whichever is less."""
    return min(_values(case))


def _values(case: Case) -> tuple[Decimal, Decimal]:
    """Return the position's value in settlement currency at entry and at mark."""
    notional, quantity, positions = given(case.figures.notional), given(case.figures.quantity), case.exposure.positions
    mark = mark_price_of(case.trade, () if positions is None else positions.same_instrument)
    if case.terms.contract_type is _INVERSE:
        return quantity, quantity if mark is None else notional / mark
    return notional, notional if mark is None else quantity * mark


def effective_leverage(case: Case) -> Decimal:
    """Return the position's value over the margin it ties up, at most the leverage asked for.

    It is less where the size's margin tier grants less, or where a fee is part of the margin: a lower leverage only
    changes something below it.
    """
    return min(given(case.trade.leverage), least_value(case) / given(case.figures.initial_margin))


def less_leverage(case: Case, factor: Decimal) -> Remedy | None:
    """Return the remedy "at most `factor` times the leverage that the margin shows"."""
    margin = given(case.figures.initial_margin)
    cut = margin / (margin + factor * _COIN_STEP)  # some venues cut margin off at the eighth place of a coin
    return leverage_at_most(effective_leverage(case) * factor * cut * ROOM)


def size_for_margin(case: Case, factor: Decimal) -> Remedy | None:
    """Return the remedy "at most `factor` times the margin", as a size.

    In a lower margin tier the same margin carries more. Beyond the last tier no rate is known: there the size is found
    at the last tier's rate, which no smaller size exceeds.
    """
    return size_times(case, _over_tiers(case, factor) * ROOM)


def size_for_loss(case: Case, factor: Decimal) -> Remedy | None:
    """Return the remedy "at most `factor` times a loss that the margin bounds", as a size.

    In a lower margin tier the same margin carries more, and may lose more: nothing is gained by it.
    """
    terms, leverage = case.terms, case.trade.leverage
    if terms.tier is None and terms.ladder is not None and terms.ladder.tiers and leverage:
        factor = min(factor, factor * terms.ladder.tiers[-1].max_leverage / leverage)
    return size_times(case, factor * ROOM)


def _over_tiers(case: Case, factor: Decimal) -> Decimal:
    """Return the factor of the size that has `factor` times the margin, whether or not fees are counted with it."""
    terms, leverage, size = case.terms, case.trade.leverage, case.terms.size_in_ladder_unit
    # Some venues find the tier of the value at mark: a cap must hold what a size is worth at either price.
    values = _values(case)
    held = min(values) / max(values)
    tiers = () if terms.ladder is None else terms.ladder.tiers
    if not tiers or not leverage or not size:
        return factor
    present = _ONE / leverage if terms.tier is None else _margin_rate(terms.tier, leverage)
    if given(case.figures.initial_margin) < least_value(case) * present * ROOM:
        return factor  # the venue's margin is not that of its ladder
    fees = _ZERO if terms.fee is None else _TWO * (terms.fee.taker or _ZERO)
    for tier in reversed(tiers):  # pragma: no branch - the first tier begins at zero
        if tier.floor < size:
            rate = _margin_rate(tier, leverage)
            carried = factor * size * min(present / rate, (present + fees) / (rate + fees))
            if carried > tier.floor:
                return (carried if tier.cap is None else min(carried, tier.cap * held)) / size
    return factor  # pragma: no cover


def _margin_rate(tier: MarginTier, leverage: Decimal) -> Decimal:
    """Return initial margin over value in a tier."""
    return max(_ONE / min(leverage, tier.max_leverage), tier.initial_margin_rate or _ZERO)


def venues_where(case: Case, holds: Callable[[str], bool]) -> Remedy | None:
    """Return the venues that list the underlying as this product and for which `holds`, as a remedy; null for none."""
    instrument, product = case.terms.instrument, case.terms.product
    if instrument is None or product is None:
        return None
    listed = {one.venue for one in case.knowledge.listings(instrument.base, product)}
    fitting = tuple(sorted(venue for venue in listed if venue != case.trade.venue and holds(venue)))
    return Remedy(field="venue", values=fitting) if fitting else None
