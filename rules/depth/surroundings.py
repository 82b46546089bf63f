"""What stands between a price and where a position would end: walls, thin stretches, clusters, orders that vanished.

Shared by the depth rules of a decision and the order-book calculator. A long loses as the price falls towards the bids;
its target lies above, behind the asks. A short is the mirror image.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from msgspec import Struct

from data.facts.vocabulary import Side
from rules.depth.book import Level, ThinZone, Wall, thin_zones, walls
from rules.trade import LiquidationCluster, OrderBook

_LONG = Side.LONG
_ZERO = Decimal(0)

VANISHED_SHARE = Decimal("0.5")
"""A wall that lost at least this share of its size untraded is suspect; the built-in standard policy's threshold."""


class VanishedWall(Struct, frozen=True, kw_only=True):
    """A wall of an earlier book that a later one no longer shows, though the price has not come there."""

    side: str
    """bids | asks: the side of the book it stood on."""
    price: Decimal
    """In quote currency per coin."""
    quantity: Decimal
    """What rested there in the earlier book, in base coins."""
    multiple: Decimal
    """How many times the median level of its side that was, in the earlier book."""
    left: Decimal
    """What the later book holds at the price, in base coins."""
    lost: Decimal
    """The share of `quantity` that is gone, as a fraction."""


class RestingBefore(Struct, frozen=True, kw_only=True, gc=False):
    """What rests between the price and a cluster, in quote currency, the cluster's own price included.

    `share` is over the cluster's notional. Where the book does not reach the cluster more may rest than is given.
    """

    notional: Decimal
    share: Decimal
    book_reaches: bool


def resting_before(levels: Sequence[Level], cluster: LiquidationCluster, *, below: bool) -> RestingBefore:
    """Return what the levels on the way to a cluster hold: bids when it lies `below` the price, asks when above."""
    price, total = cluster.price, _ZERO
    for level, quantity in levels:
        if level < price if below else level > price:
            break
        total += level * quantity
    return RestingBefore(
        notional=total, share=total / cluster.notional, book_reaches=reaches(levels, price, below=below)
    )


def reaches(levels: Sequence[Level], price: Decimal, *, below: bool) -> bool:
    """Say whether a side of the book tells all that rests before a price: bids of one that lies `below`, else asks."""
    if not levels:
        return False
    last = levels[-1][0]
    return last <= price if below else last >= price


def adverse(clusters: Iterable[LiquidationCluster], price: Decimal, side: Side) -> list[LiquidationCluster]:
    """Return the clusters in the losing direction from `price`, the nearest first."""
    long = side is _LONG
    beyond = [one for one in clusters if (one.price < price if long else one.price > price)]
    return sorted(beyond, key=lambda one: one.price, reverse=long) if len(beyond) > 1 else beyond


def before_stop(
    clusters: Iterable[LiquidationCluster], entry: Decimal, stop: Decimal, side: Side
) -> list[LiquidationCluster]:
    """Return the clusters between entry and stop, the stop's own price included, the nearest to the entry first."""
    long = side is _LONG
    return [one for one in adverse(clusters, entry, side) if (one.price >= stop if long else one.price <= stop)]


def thin_before(book: OrderBook, liquidation_price: Decimal, multiple: Decimal, side: Side) -> tuple[ThinZone, ...]:
    """Return the thin zones that begin before the liquidation price, on the side through which the price would fall."""
    long = side is _LONG
    zones = thin_zones("bids" if long else "asks", book.bids if long else book.asks, multiple)
    if not zones:
        return ()
    return tuple(
        zone for zone in zones if (zone.from_price > liquidation_price if long else zone.from_price < liquidation_price)
    )


def walls_before(book: OrderBook, target: Decimal, multiple: Decimal, side: Side) -> tuple[Wall, ...]:
    """Return the walls that the price must eat through to reach the target, the target's own price included."""
    long = side is _LONG
    found = walls("asks" if long else "bids", book.asks if long else book.bids, multiple)
    if not found:
        return ()
    return tuple(wall for wall in found if (wall.price <= target if long else wall.price >= target))


def vanished_walls(before: OrderBook, after: OrderBook, multiple: Decimal, share: Decimal) -> tuple[VanishedWall, ...]:
    """Return the walls of the earlier book that lost at least `share` of their size untraded, bids first.

    A wall that the later best price has passed was traded; one beyond the end of the later book cannot be seen.
    """
    return (
        *_vanished("bids", before.bids, after.bids, multiple, share),
        *_vanished("asks", before.asks, after.asks, multiple, share),
    )


def walls_out_of_sight(before: OrderBook, after: OrderBook, multiple: Decimal) -> bool:
    """Say whether a wall of the earlier book lies where the later book does not reach, or has nothing on its side."""
    return _out_of_sight("bids", before.bids, after.bids, multiple) or _out_of_sight(
        "asks", before.asks, after.asks, multiple
    )


def _out_of_sight(side: str, old: Sequence[Level], new: Sequence[Level], multiple: Decimal) -> bool:
    below = side == "bids"
    if not old or reaches(new, old[-1][0], below=below):
        return False
    return any(not reaches(new, wall.price, below=below) for wall in walls(side, old, multiple))


def _vanished(
    side: str, old: Sequence[Level], new: Sequence[Level], multiple: Decimal, share: Decimal
) -> Iterable[VanishedWall]:
    if not new:
        return
    best, last = new[0][0], new[-1][0]
    held = dict(new)
    for wall in walls(side, old, multiple):
        price = wall.price
        inside = last <= price < best if side == "bids" else best < price <= last
        if not inside:
            continue
        left = held.get(price, _ZERO)
        lost = (wall.quantity - left) / wall.quantity
        if lost >= share:
            yield VanishedWall(
                side=side, price=price, quantity=wall.quantity, multiple=wall.multiple, left=left, lost=lost
            )
