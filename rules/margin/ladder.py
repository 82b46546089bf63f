"""Which rung of a margin ladder holds a size."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from decimal import Decimal

from data.facts.margin_models import LadderKind, MarginModel, TieredMargin
from data.facts.venues import MarginTier
from rules.margin.position import JointRung

# An enum's member is looked up through its metaclass, far slower than a name: these are read several times a trade.
_BY_SLICES = LadderKind.MARGINAL
_BY_STEP = LadderKind.STEP
_ONE = Decimal(1)
_DIGITS = 4

_NO_CAP = Decimal("Infinity")


def rung_at(tiers: Sequence[MarginTier], size: Decimal) -> MarginTier | None:
    """Return the rung that holds `size`, counted in the ladder's unit; null below zero or beyond the last cap.

    A rung holds the sizes above its floor up to and including its cap; the first also holds its floor.
    """
    if not tiers or size < tiers[0].floor:
        return None
    index = bisect_left(tiers, size, key=upper_bound)
    if index == len(tiers):
        return None
    rung = tiers[index]
    return rung if index == 0 or size > rung.floor else None


def size_limit(tiers: Sequence[MarginTier]) -> Decimal | None:
    """Return the largest size the ladder holds; null when its last rung is open (or there is no ladder)."""
    return tiers[-1].cap if tiers else None


def initial_ladder_of(model: MarginModel | None) -> LadderKind:
    """Return how the initial rates of a model's ladder are applied: by step unless the model says otherwise."""
    return model.initial_ladder if isinstance(model, TieredMargin) else _BY_STEP


def initial_rate_by_slices(tiers: Sequence[MarginTier], size: Decimal) -> Decimal:
    """Return the initial rate of a size of which each slice is asked for the rate of its own rung."""
    asked = Decimal(0)
    for rung in tiers:
        if size <= rung.floor:
            break
        top = size if rung.cap is None or size < rung.cap else rung.cap
        asked += (top - rung.floor) * _initial_rate(rung)
    return asked / size if size > 0 else _initial_rate(tiers[0])


def leverage_at(tiers: Sequence[MarginTier], size: Decimal, initial: LadderKind) -> Decimal | None:
    """Return the highest leverage that a size has; null below zero or beyond the last cap."""
    rung = rung_at(tiers, size)
    if rung is None or initial is not _BY_SLICES or rung.tier == tiers[0].tier:
        return None if rung is None else rung.max_leverage
    return _ONE / initial_rate_by_slices(tiers, size)


def size_limit_at_leverage(
    tiers: Sequence[MarginTier], leverage: Decimal, initial: LadderKind = LadderKind.STEP
) -> tuple[bool, Decimal | None]:
    """Return whether some size has `leverage`, and the largest that has it (null when unbounded).

    By step it is the cap of the last rung up to which every rung grants the leverage; by slices the size at which what
    the slices are asked for together is its value over the leverage.
    """
    if initial is _BY_SLICES:
        return _limit_by_slices(tiers, leverage)
    granted = False
    limit: Decimal | None = Decimal(0)
    for rung in tiers:
        if rung.max_leverage < leverage:
            break
        granted, limit = True, rung.cap
    return granted, limit


def _limit_by_slices(tiers: Sequence[MarginTier], leverage: Decimal) -> tuple[bool, Decimal | None]:
    granted, limit, asked = False, Decimal(0), Decimal(0)
    for rung in tiers:
        rate = _initial_rate(rung)
        if rung.max_leverage < leverage:
            # floor + x is the largest size: leverage * (asked + x * rate) = floor + x
            spare, taken = rung.floor - leverage * asked, leverage * rate - _ONE
            limit = rung.floor + spare / taken if spare > 0 and taken > 0 else rung.floor
            if rung.cap is None or limit <= rung.cap:
                return granted, limit
        granted = True
        if rung.cap is None:
            return granted, None
        limit = rung.cap
        asked += (rung.cap - rung.floor) * rate
    return granted, limit


def _initial_rate(rung: MarginTier) -> Decimal:
    if rung.initial_margin_rate is None:
        return _ONE / rung.max_leverage
    return highest_leverage_rate(rung.initial_margin_rate, rung.max_leverage)


def unrounded(printed: Decimal, exact: Decimal) -> Decimal:
    """Return the exact amount where the one printed is that, rounded at its own decimals; else the one printed.

    One of fewer than four digits is taken as it is: a rate of its own could pass for a rounded one.
    """
    if printed == exact:
        return printed
    _, digits, exponent = printed.as_tuple()
    rounded = isinstance(exponent, int) and len(digits) >= _DIGITS and abs(printed - exact) < _ONE.scaleb(exponent)
    return exact if rounded else printed


def highest_leverage_rate(initial: Decimal, max_leverage: Decimal | None) -> Decimal:
    """Return an initial rate as one over a whole highest leverage where it is that, rounded."""
    if max_leverage is None or max_leverage % 1:
        return initial
    return unrounded(initial, _ONE / max_leverage)


def deductions(tiers: Sequence[MarginTier]) -> tuple[Decimal | None, ...]:
    """Return the maintenance amount of each rung that makes maintenance continuous from rung to rung.

    `d_1 = 0`, `d_n = d_(n-1) + floor_n * (r_n - r_(n-1))`, in the ladder's unit, and a rung's own amount where it
    prints one; null from the first rung on whose rate is not known. Source: the venues' own bracket tables, which print
    the same amounts.
    """
    amounts: list[Decimal | None] = []
    amount: Decimal | None = Decimal(0)
    before: Decimal | None = None
    for rung in tiers:
        rate = rung.maintenance_margin_rate
        if rate is None:
            amount = None
        elif rung.maintenance_amount is not None:
            amount = rung.maintenance_amount
        elif amount is not None and before is not None:
            amount += rung.floor * (rate - before)
        amounts.append(amount)
        before = rate
    return tuple(amounts)


def upper_bound(rung: MarginTier | JointRung) -> Decimal:
    """Return the cap of a rung, infinite where it has none."""
    return _NO_CAP if rung.cap is None else rung.cap
