"""Filling an order from a book: average price, slippage, share of depth taken, imbalance, walls and thin zones.

Levels are (price, quantity in base coins), best first. A buy takes asks, a sell takes bids.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise

from msgspec import Struct

from data.facts.vocabulary import Side

# An enum's member is looked up through its metaclass, far slower than a name: these are read several times a trade.
_LONG = Side.LONG

Level = tuple[Decimal, Decimal]

WALL_MULTIPLE = Decimal(5)
"""A level is a wall when it holds at least this multiple of the median level of its side."""
THIN_MULTIPLE = Decimal(5)
"""A gap is a thin zone when it is at least this multiple of the median gap of its side."""

_ZERO = Decimal(0)
_TWO = Decimal(2)


class Fill(Struct, frozen=True, kw_only=True, gc=False):
    """What taking a quantity from one side of the book does.

    `average_price` and `worst_price` are of what could be filled; `slippage` is the fraction by which the average is
    worse than the mid price; `unfilled` coins found no level at all.
    """

    mid_price: Decimal
    filled: Decimal
    unfilled: Decimal
    average_price: Decimal | None
    worst_price: Decimal | None
    slippage: Decimal | None


class Wall(Struct, frozen=True, kw_only=True):
    """A level that holds far more than its neighbours."""

    side: str
    """bids | asks: the side of the book it stands on."""
    price: Decimal
    """In quote currency per coin."""
    quantity: Decimal
    """What rests there, in base coins."""
    multiple: Decimal
    """How many times the median level of its side that is."""


class ThinZone(Struct, frozen=True, kw_only=True):
    """A stretch of prices without resting orders that is far wider than its neighbours."""

    side: str
    """bids | asks: the side of the book it lies on."""
    from_price: Decimal
    """Price of the level at which it begins, the one nearer to the mid price, in quote currency per coin."""
    to_price: Decimal
    """Price of the next level, at which it ends, in quote currency per coin."""


def mid_price(bids: Sequence[Level], asks: Sequence[Level]) -> Decimal | None:
    """Return the middle of best bid and best ask; the one there is when a side is empty."""
    if bids and asks:
        return (bids[0][0] + asks[0][0]) / _TWO
    best = bids or asks
    return best[0][0] if best else None


def depth_within(levels: Sequence[Level], mid: Decimal, band: Decimal | None) -> Decimal:
    """Return the quantity resting within `band` (a fraction) of the mid price; all of it without a band."""
    total = _ZERO
    if band is None:
        for _, quantity in levels:
            total += quantity
        return total
    reach = mid * band
    for price, quantity in levels:
        if abs(price - mid) > reach:
            break
        total += quantity
    return total


def imbalance(bids: Sequence[Level], asks: Sequence[Level], band: Decimal | None = None) -> Decimal | None:
    """Return `(bids - asks) / (bids + asks)` of the quantity within the band: 1 all bids, -1 all asks."""
    mid = mid_price(bids, asks)
    if mid is None:
        return None
    bid, ask = depth_within(bids, mid, band), depth_within(asks, mid, band)
    resting = bid + ask
    return (bid - ask) / resting if resting > 0 else None


def fill(side: Side, quantity: Decimal, bids: Sequence[Level], asks: Sequence[Level]) -> Fill | None:
    """Return what a market order of `quantity` coins would be filled at; null when its side of the book is empty."""
    long = side is _LONG
    levels, mid = (asks if long else bids), mid_price(bids, asks)
    if not levels or mid is None or quantity <= 0:
        return None
    left, paid, worst = quantity, _ZERO, levels[0][0]
    for price, resting in levels:
        taken = min(left, resting)
        paid += taken * price
        left -= taken
        worst = price
        if left == 0:
            break
    filled = quantity - left
    average = paid / filled if filled > 0 else None
    slippage = None
    if average is not None:
        slippage = (average - mid) / mid if long else (mid - average) / mid
    return Fill(
        mid_price=mid,
        filled=filled,
        unfilled=left,
        average_price=average,
        worst_price=worst,
        slippage=slippage,
    )


def depth_taken(
    side: Side, quantity: Decimal, bids: Sequence[Level], asks: Sequence[Level], band: Decimal | None = None
) -> Decimal | None:
    """Return the share that a market order of `quantity` coins takes of what rests within the band on the side it takes
    from, above 1 when that does not hold enough; null when nothing rests there.
    """
    levels, mid = (asks if side is _LONG else bids), mid_price(bids, asks)
    depth = _ZERO if mid is None else depth_within(levels, mid, band)
    return quantity / depth if depth > 0 else None


def crosses(side: Side, limit: Decimal, levels: Sequence[Level]) -> bool:
    """Say whether a limit order takes from `levels`, those of the other side; it takes nothing where there are none."""
    if not levels:
        return False
    best = levels[0][0]
    return limit >= best if side is _LONG else limit <= best


def reached_by(
    side: Side, limit: Decimal, quantity: Decimal, levels: Sequence[Level]
) -> tuple[tuple[Level, ...], Decimal]:
    """Return the levels that a limit order of `quantity` coins fills from, and what of it rests.

    What rests is the last level, at the limit price: there it fills, if it does.
    """
    long, left = side is _LONG, quantity
    reached: list[Level] = []
    for price, resting in levels:
        if left <= 0 or (price > limit if long else price < limit):
            break
        reached.append((price, resting))
        left -= resting
    if left <= 0:
        return tuple(reached), _ZERO
    return (*reached, (limit, left)), left


def reached_in_few(levels: Sequence[Level], quantity: Decimal, most: int) -> tuple[Level, ...]:
    """Return the levels that a market order of `quantity` coins fills from, the best and at most `most` more: where it
    reaches more of them neighbours are one, at the worst of their prices.
    """
    reached: list[Level] = []
    left = quantity
    for level in levels:
        reached.append(level)
        left -= level[1]
        if left <= 0:
            break
    together = -(-(len(reached) - 1) // most)
    if together <= 1:
        return tuple(reached)
    groups = [reached[start : start + together] for start in range(1, len(reached), together)]
    return (reached[0], *((group[-1][0], sum((size for _, size in group), _ZERO)) for group in groups))


def walls(side: str, levels: Sequence[Level], multiple: Decimal = WALL_MULTIPLE) -> tuple[Wall, ...]:
    """Return the levels that hold at least `multiple` times the median level of their side, best first."""
    usual = _median([quantity for _, quantity in levels])
    if not usual:
        return ()
    least = multiple * usual
    return tuple(
        [
            Wall(side=side, price=price, quantity=quantity, multiple=quantity / usual)
            for price, quantity in levels
            if quantity >= least
        ]
    )


def thin_zones(side: str, levels: Sequence[Level], multiple: Decimal = THIN_MULTIPLE) -> tuple[ThinZone, ...]:
    """Return the gaps between neighbouring levels that are at least `multiple` times the median gap, best first."""
    gaps = [abs(after[0] - before[0]) for before, after in pairwise(levels)]
    usual = _median(gaps)
    if not usual:
        return ()
    least = multiple * usual
    return tuple(
        [
            ThinZone(side=side, from_price=levels[index][0], to_price=levels[index + 1][0])
            for index, gap in enumerate(gaps)
            if gap >= least
        ]
    )


def _median(values: list[Decimal]) -> Decimal | None:
    if not values:
        return None
    ordered = sorted(values)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / _TWO
