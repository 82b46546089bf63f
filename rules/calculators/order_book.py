"""What an order book says about itself, about filling an order from it, and about what surrounds a position."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal, localcontext

from data.facts.amounts import ARITHMETIC
from data.facts.vocabulary import Side
from rules.calculators.agreement import unread
from rules.calculators.checks import book_problems, positive
from rules.calculators.order_book_answers import ClusterAnswer, OrderBookAnswer
from rules.calculators.order_book_inputs import OrderBookInput
from rules.calculators.refusal import Problem, refuse_if_any
from rules.depth.book import THIN_MULTIPLE, WALL_MULTIPLE, depth_taken, fill, imbalance, mid_price, thin_zones, walls
from rules.depth.surroundings import (
    VANISHED_SHARE,
    adverse,
    before_stop,
    resting_before,
    thin_before,
    vanished_walls,
    walls_before,
)
from rules.knowledge import Knowledge
from rules.policies.thresholds import THRESHOLDS
from rules.trade import LiquidationCluster, OrderBook
from rules.validation import MAX_CLUSTERS

_LONG = Side.LONG
_ONE = Decimal(1)

TOO_SHALLOW = "the book given does not hold the whole quantity; the average is of what it holds"
ENDS_EARLY = "the book given ends before a cluster: what rests before it may be more"
ONE_SIDED = "one side of the book is empty; the best price of the other stands for the mid price"
ENTRY_AT_MID = "no entry price is given: the mid price stands for it"


def order_book(asked: OrderBookInput, knowledge: Knowledge) -> OrderBookAnswer:
    """Return imbalance, walls and thin zones, what filling `quantity` would do, and what surrounds the position.

    The surroundings are found as the depth rules of a decision find them: walls before the target, thin zones on the
    way to liquidation, what rests before each cluster of liquidations and whether one lies between entry and stop, and
    walls of an earlier book that are gone without having been traded.

    Raises:
        InputRefusedError: names every field that cannot be reckoned with.
    """
    refuse_if_any(list(_problems(asked)))
    with localcontext(ARITHMETIC):
        return _answer(asked, knowledge)


def _problems(asked: OrderBookInput) -> Iterator[Problem]:
    yield from book_problems(asked.bids, asked.asks)
    if asked.previous_order_book is not None:
        before = asked.previous_order_book
        yield from book_problems(before.bids, before.asks, "/previous_order_book")
    yield from positive(
        tuple(
            (f"/{name}", getattr(asked, name))
            for name in ("quantity", "entry_price", "stop_price", "take_profit_price", "liquidation_price")
        )
    )
    if asked.price_band is not None and not 0 < asked.price_band <= _ONE:
        yield "/price_band", "must be a fraction above 0 and at most 1 (0.01 is one percent)"
    for name in ("wall_multiple", "thin_multiple", "vanished_share"):
        value, bounds = getattr(asked, name), THRESHOLDS[name]
        if value is not None and not bounds.lowest <= value <= bounds.highest:
            yield f"/{name}", f"must be between {bounds.lowest} and {bounds.highest} ({bounds.unit})"
    clusters = asked.liquidation_clusters or ()
    if len(clusters) > MAX_CLUSTERS:
        yield "/liquidation_clusters", f"must hold at most {MAX_CLUSTERS} clusters"
    else:
        for index, cluster in enumerate(clusters):
            at = f"/liquidation_clusters/{index}"
            yield from positive(((f"{at}/price", cluster.price), (f"{at}/notional", cluster.notional)))
    yield from _side_problems(asked)


def _side_problems(asked: OrderBookInput) -> Iterator[Problem]:
    """Yield what needs a side and has none, and prices on the wrong side of the entry."""
    if asked.side is None:
        if asked.quantity is not None:
            yield "/side", "must be given with a quantity: long takes asks, short takes bids"
        elif (asked.stop_price, asked.take_profit_price, asked.liquidation_price) != (None, None, None):
            yield "/side", "must be given with a stop, target or liquidation price: long or short"
        return
    entry, named = asked.entry_price, "entry price"
    if entry is None:
        entry, named = mid_price(asked.bids, asked.asks), "mid price"
    if entry is None:
        return
    long = asked.side is _LONG
    losing, winning = ("below", "above") if long else ("above", "below")
    for field, price, lies in (
        ("stop_price", asked.stop_price, losing),
        ("liquidation_price", asked.liquidation_price, losing),
        ("take_profit_price", asked.take_profit_price, winning),
    ):
        if price is not None and not (price < entry if lies == "below" else price > entry):
            yield f"/{field}", f"must lie {lies} the {named} of a {asked.side.value}"


def _answer(asked: OrderBookInput, knowledge: Knowledge) -> OrderBookAnswer:
    book, side = OrderBook(bids=asked.bids, asks=asked.asks), asked.side
    mid = mid_price(book.bids, book.asks)
    wall = asked.wall_multiple if asked.wall_multiple is not None else WALL_MULTIPLE
    thin = asked.thin_multiple if asked.thin_multiple is not None else THIN_MULTIPLE
    share = asked.vanished_share if asked.vanished_share is not None else VANISHED_SHARE
    entry = asked.entry_price if asked.entry_price is not None else mid
    filled = taken = None
    if side is not None and asked.quantity is not None:
        filled = fill(side, asked.quantity, book.bids, book.asks)
        taken = depth_taken(side, asked.quantity, book.bids, book.asks, asked.price_band)
    clusters, notes = None, []
    if filled is not None and filled.unfilled > 0:
        notes.append(TOO_SHALLOW)
    if not book.bids or not book.asks:
        notes.append(ONE_SIDED)
    if asked.liquidation_clusters is not None and mid is not None:
        clusters = tuple(_cluster(one, asked, book, mid) for one in asked.liquidation_clusters)
        if not all(one.book_reaches for one in clusters):
            notes.append(ENDS_EARLY)
        if asked.entry_price is None and asked.stop_price is not None:
            notes.append(ENTRY_AT_MID)
    elif asked.stop_price is not None:
        notes.extend(unread(("stop_price",)))
    target, liquidation, before = asked.take_profit_price, asked.liquidation_price, asked.previous_order_book
    return OrderBookAnswer(
        release=knowledge.release,
        as_of=knowledge.as_of,
        approximations=tuple(notes),
        mid_price=mid,
        imbalance=imbalance(book.bids, book.asks, asked.price_band),
        average_price=None if filled is None else filled.average_price,
        worst_price=None if filled is None else filled.worst_price,
        slippage=None if filled is None else filled.slippage,
        depth_taken=None if filled is None else taken,
        filled=None if filled is None else filled.filled,
        unfilled=None if filled is None else filled.unfilled,
        walls=walls("bids", book.bids, wall) + walls("asks", book.asks, wall),
        thin_zones=thin_zones("bids", book.bids, thin) + thin_zones("asks", book.asks, thin),
        entry_price=entry,
        walls_before_target=None if target is None or side is None else walls_before(book, target, wall, side),
        thin_zones_before_liquidation=(
            None if liquidation is None or side is None else thin_before(book, liquidation, thin, side)
        ),
        clusters=clusters,
        vanished_walls=None if before is None else vanished_walls(before, book, wall, share),
        wall_multiple=wall,
        thin_multiple=thin,
        vanished_share=share,
    )


def _cluster(cluster: LiquidationCluster, asked: OrderBookInput, book: OrderBook, mid: Decimal) -> ClusterAnswer:
    entry = asked.entry_price if asked.entry_price is not None else mid
    below = cluster.price <= mid
    resting = resting_before(book.bids if below else book.asks, cluster, below=below)
    side, stop = asked.side, asked.stop_price
    return ClusterAnswer(
        price=cluster.price,
        notional=cluster.notional,
        side="bids" if below else "asks",
        resting_notional=resting.notional,
        resting_share=resting.share,
        book_reaches=resting.book_reaches,
        adverse=None if side is None else bool(adverse((cluster,), mid, side)),
        before_stop=None if side is None or stop is None else bool(before_stop((cluster,), entry, stop, side)),
    )
