"""Which rung of a margin ladder holds a size."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from decimal import Decimal

from data.facts.venues import MarginTier

_NO_CAP = Decimal("Infinity")


def rung_at(tiers: Sequence[MarginTier], size: Decimal) -> MarginTier | None:
    """Return the rung that holds `size`, counted in the ladder's unit; null below zero or beyond the last cap.

    A rung holds the sizes above its floor up to and including its cap; the first also holds its floor.
    """
    if not tiers or size < tiers[0].floor:
        return None
    index = bisect_left(tiers, size, key=_upper)
    if index == len(tiers):
        return None
    rung = tiers[index]
    return rung if index == 0 or size > rung.floor else None


def next_rung(tiers: Sequence[MarginTier], rung: MarginTier) -> MarginTier | None:
    """Return the rung above `rung`, null for the last one."""
    index = bisect_left(tiers, rung.floor, key=_floor) + 1
    return tiers[index] if index < len(tiers) else None


def size_limit(tiers: Sequence[MarginTier]) -> Decimal | None:
    """Return the largest size the ladder holds; null when its last rung is open (or there is no ladder)."""
    return tiers[-1].cap if tiers else None


def size_limit_at_leverage(tiers: Sequence[MarginTier], leverage: Decimal) -> tuple[bool, Decimal | None]:
    """Return whether some rung grants `leverage`, and the largest size that has it (null when unbounded).

    The largest size is the cap of the last rung up to which every rung grants the leverage.
    """
    granted = False
    limit: Decimal | None = Decimal(0)
    for rung in tiers:
        if rung.max_leverage < leverage:
            break
        granted, limit = True, rung.cap
    return granted, limit


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


def _upper(rung: MarginTier) -> Decimal:
    return _NO_CAP if rung.cap is None else rung.cap


def _floor(rung: MarginTier) -> Decimal:
    return rung.floor
