"""What stands between the price and where the trade would end: walls, thin stretches, clusters, vanishing orders."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from data.facts.vocabulary import Side
from rules.case import Case
from rules.check import MARGINED, Result, check
from rules.checks.depth.filling import book_of
from rules.checks.left_out import UNPRICED
from rules.checks.liquidation.geometry import NEVER_LIQUIDATED, end_of
from rules.checks.not_known import liquidation_unknown
from rules.checks.outcomes import failed, passed, percent, short, unknown
from rules.checks.size_units import unit_of
from rules.decision import Effect, Family, Remedy
from rules.depth import surroundings
from rules.depth.book import mid_price
from rules.figures.opening import nearest_to_stop
from rules.inputs import given
from rules.remedies.price_steps import SMALLEST_STEP, next_step
from rules.trade import LiquidationCluster

_LONG = Side.LONG

_BOOK_TOO_SHORT = unknown(
    "The book given ends before the nearest cluster in the losing direction.",
    "What rests between the price and that cluster?",
    field="market.order_book",
)
_SHORT_OF_TARGET = unknown(
    "The book given ends before the target.",
    "What rests between the price and the target?",
    field="market.order_book",
)
_SHORT_OF_LIQUIDATION = unknown(
    "The book given ends before the liquidation price.",
    "What rests between the price and the liquidation price?",
    field="market.order_book",
)
_ONE_LEVEL = unknown(
    "One level is no book: it has no gap that another would be wide beside.",
    "What rests between the price and the liquidation price?",
    field="market.order_book",
)
_WALL_OUT_OF_SIGHT = unknown(
    "A wall of the earlier book stood where the later book given does not reach.",
    "What rests there now?",
    field="market.order_book",
)
_EMPTY_SIDE = unknown("One side of the book is empty.", "What rests in the book?", field="market.order_book")


def _clusters(case: Case) -> Sequence[LiquidationCluster]:
    return given(given(case.trade.market).liquidation_clusters)


@check(
    "depth.wall_before_target",
    family=Family.DEPTH,
    effect=Effect.WARN,
    title="No wall of orders stands between the price and the target",
    needs=("market.order_book", "take_profit_price"),
    parameters=("wall_multiple",),
    basis=("the policy; a wall is a level of at least so many times the median level of its side",),
    venue_free=True,
    spares_reducing=True,
)
def wall_before_target(case: Case) -> Result:
    """Look for a wall on the side the price must eat through to reach the target."""
    multiple, target = given(case.policy.wall_multiple), given(case.trade.take_profit_price)
    long, book = case.trade.side is _LONG, book_of(case)
    for wall in surroundings.walls_before(book, target, multiple, case.trade.side):
        return failed(
            f"{short(wall.quantity)} {unit_of(case)} rest at {short(wall.price)}, before the target.",
            wall.price,
            target,
            "price",
            remedy=_target_before(case, wall.price, long),
        )
    levels = book.asks if long else book.bids
    if not levels:
        return _EMPTY_SIDE
    if not surroundings.reaches(levels, target, below=not long):
        return _SHORT_OF_TARGET
    return passed("No wall stands before the target.", None, target, "price")


def _target_before(case: Case, wall: Decimal, long: bool) -> Remedy | None:
    entry = case.figures.entry_price
    tick = case.terms.tick_size or SMALLEST_STEP
    if entry is None:
        return None
    before = next_step(wall, tick, up=not long)
    if before <= entry if long else before >= entry:
        return None
    return Remedy(
        field="take_profit_price",
        largest_passing=before if long else None,
        smallest_passing=None if long else before,
    )


@check(
    "depth.thin_before_liquidation",
    family=Family.DEPTH,
    effect=Effect.WARN,
    title="No thin stretch of the book lies between the price and the liquidation price",
    needs=("market.order_book",),
    parameters=("thin_multiple",),
    basis=("the policy; a stretch is thin when its gap is at least so many times the median gap of its side",),
    spares_reducing=True,
    products=MARGINED,
)
def thin_before_liquidation(case: Case) -> Result:
    """Look for a wide gap between resting orders on the way to liquidation, through which the price falls fast."""
    multiple = given(case.policy.thin_multiple)
    end = end_of(case)
    price = end.price
    if end.state == "never":
        return NEVER_LIQUIDATED
    if price is None:
        return liquidation_unknown(case)
    book, long = book_of(case), case.trade.side is _LONG
    for zone in surroundings.thin_before(book, price, multiple, case.trade.side):
        return failed(
            f"Nothing rests between {short(zone.from_price)} and {short(zone.to_price)}, before liquidation.",
            zone.from_price,
            price,
            "price",
        )
    levels = book.bids if long else book.asks
    if not levels:
        return _EMPTY_SIDE
    if not surroundings.reaches(levels, price, below=long):
        return _SHORT_OF_LIQUIDATION
    if len(levels) == 1:
        return _ONE_LEVEL
    return passed("The book is even on the way to liquidation.", None, price, "price")


@check(
    "depth.cluster_before_stop",
    family=Family.DEPTH,
    effect=Effect.REVIEW,
    title="No cluster of others' liquidations lies between entry and stop",
    needs=("market.liquidation_clusters", "stop_price"),
    basis=("a cascade that starts before the stop runs through it; the clusters are the caller's estimate",),
    venue_free=True,
    spares_reducing=True,
)
def cluster_before_stop(case: Case) -> Result:
    """Look for a cluster between entry and stop, the stop's price included."""
    entry, stop = case.figures.entry_price, given(case.trade.stop_price)
    if entry is None:
        return UNPRICED
    for cluster in surroundings.before_stop(_clusters(case), entry, stop, case.trade.side):
        return failed(
            f"Liquidations of {_with_quote(case, cluster.notional)} lie at {short(cluster.price)}, before the stop.",
            cluster.price,
            stop,
            "price",
            remedy=_stop_before(case, cluster.price, case.trade.side is _LONG),
        )
    return passed("No cluster lies before the stop.", None, stop, "price")


def _with_quote(case: Case, notional: Decimal) -> str:
    """Return a notional with the currency that it is in, where that is on file."""
    pair = case.terms.instrument or case.terms.spot_pair
    return short(notional, 0) if pair is None else f"{short(notional, 0)} {pair.quote}"


def _stop_before(case: Case, cluster: Decimal, long: bool) -> Remedy | None:
    """Return the stop nearest to the cluster that fills before it, where one is still on the losing side."""
    opens = nearest_to_stop(case.trade, case.opening_mark)
    nearer = next_step(cluster, case.terms.tick_size or SMALLEST_STEP, up=long)
    if opens is None or (nearer >= opens if long else nearer <= opens):
        return None
    return Remedy(
        field="stop_price", smallest_passing=nearer if long else None, largest_passing=None if long else nearer
    )


@check(
    "depth.cluster_cushion",
    family=Family.DEPTH,
    effect=Effect.WARN,
    title="Enough orders rest before the nearest cluster of liquidations to take part of it up",
    needs=("market.order_book", "market.liquidation_clusters"),
    parameters=("min_cluster_cushion",),
    basis=("the policy; notional resting before the cluster over the cluster's own",),
    venue_free=True,
    spares_reducing=True,
)
def cluster_cushion(case: Case) -> Result:
    """Compare what rests between price and the nearest adverse cluster with the cluster's notional."""
    least = given(case.policy.min_cluster_cushion)
    book, long = book_of(case), case.trade.side is _LONG
    mid = mid_price(book.bids, book.asks)
    levels = book.bids if long else book.asks
    if mid is None or not levels:
        return _EMPTY_SIDE
    nearest = next(iter(surroundings.adverse(_clusters(case), mid, case.trade.side)), None)
    if nearest is None:
        return passed("No cluster lies in the losing direction.")
    resting = surroundings.resting_before(levels, nearest, below=long)
    seen = resting.share
    if seen >= least:
        return passed("Orders rest before the nearest cluster.", seen, least, "fraction of the cluster")
    if not resting.book_reaches:
        return _BOOK_TOO_SHORT
    return failed(
        f"Orders of {percent(seen, least)} of the cluster at {short(nearest.price)} rest before it.",
        seen,
        least,
        "fraction of the cluster",
    )


@check(
    "depth.vanished_walls",
    family=Family.DEPTH,
    effect=Effect.WARN,
    title="No wall of the earlier snapshot is gone without having been traded",
    needs=("market.order_book", "market.previous_order_book"),
    parameters=("wall_multiple", "vanished_share"),
    basis=("the policy; orders shown and withdrawn look like spoofing",),
    venue_free=True,
)
def vanished_walls(case: Case) -> Result:
    """Compare each wall of the earlier book with what the later one holds at its price."""
    multiple, share = given(case.policy.wall_multiple), given(case.policy.vanished_share)
    before, after = given(given(case.trade.market).previous_order_book), book_of(case)
    for wall in surroundings.vanished_walls(before, after, multiple, share):
        return failed(
            f"A wall of {wall.side} at {short(wall.price)} lost {percent(wall.lost)} of its size untraded.",
            wall.lost,
            share,
            "fraction of the wall",
        )
    if surroundings.walls_out_of_sight(before, after, multiple):
        return _WALL_OUT_OF_SIGHT
    return passed("Walls of the earlier book still stand or were traded.", None, share, "fraction of the wall")
