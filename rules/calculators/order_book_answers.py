"""What the order-book calculator answers. Prices are in quote currency per coin, quantities in base coins."""

from __future__ import annotations

from decimal import Decimal

from msgspec import Struct

from rules.calculators.answers import Answer
from rules.depth.book import ThinZone, Wall
from rules.depth.surroundings import VanishedWall


class ClusterAnswer(Struct, frozen=True, kw_only=True):
    """A cluster of others' liquidations, and what rests between the mid price and it."""

    price: Decimal
    """Where it is expected, in quote currency per coin, as given."""
    notional: Decimal
    """What would be liquidated there, in quote currency, as given."""
    side: str
    """bids | asks: the side of the book that stands before it."""
    resting_notional: Decimal
    """What rests between the mid price and it, its own price included, in quote currency."""
    resting_share: Decimal
    """`resting_notional` over the cluster's notional."""
    book_reaches: bool
    """Whether the book reaches as far as the cluster; where it ends before, more may rest than is told."""
    adverse: bool | None
    """Whether it lies in the losing direction from the mid price; null without a `side`."""
    before_stop: bool | None
    """Whether it lies between entry and stop, the stop's own price included; null without a `side` or a
    `stop_price`."""


class OrderBookAnswer(Answer, frozen=True, kw_only=True):
    """What a book says of itself, of filling an order from it, and of what surrounds a position."""

    mid_price: Decimal | None
    """The middle of best bid and best ask, in quote currency per coin; the best price there is where a side is
    empty."""
    imbalance: Decimal | None
    """Bids less asks over both together, by the quantity within the `price_band` (all of it without one): 1 all bids,
    -1 all asks. Null where nothing rests within it."""
    average_price: Decimal | None
    """Average price of what can be filled, in quote currency per coin; null without `side` and `quantity`, or where
    that side of the book is empty."""
    worst_price: Decimal | None
    """Price of the last level the fill reaches, in quote currency per coin; null where `average_price` is."""
    slippage: Decimal | None
    """How much worse than the mid price the average price is, as a fraction; null where `average_price` is."""
    depth_taken: Decimal | None
    """Quantity asked over what its side of the book holds within the `price_band` (in all without one): above 1 where
    that does not suffice. Null also where nothing rests within it."""
    filled: Decimal | None
    """What the book fills of the quantity, in base coins; null where `average_price` is."""
    unfilled: Decimal | None
    """What of the quantity finds no level, in base coins; null where `average_price` is."""
    walls: tuple[Wall, ...]
    """Levels far larger than the median of their side: bids first, the best of each side first."""
    thin_zones: tuple[ThinZone, ...]
    """Gaps between levels far wider than the median of their side: bids first, the best of each side first."""
    entry_price: Decimal | None
    """The entry price that stop, target and liquidation price were held against, in quote currency per coin: as given,
    else the mid price."""
    walls_before_target: tuple[Wall, ...] | None
    """Walls that the price must eat through to reach the target, the target's own price included; null without a
    `take_profit_price`."""
    thin_zones_before_liquidation: tuple[ThinZone, ...] | None
    """Thin zones that begin before the liquidation price; null without a `liquidation_price`."""
    clusters: tuple[ClusterAnswer, ...] | None
    """The clusters of liquidations given, in their order, each with what stands before it; null where none are
    given."""
    vanished_walls: tuple[VanishedWall, ...] | None
    """Walls of the earlier book that are gone without having been traded, bids first; null without a
    `previous_order_book`."""
    wall_multiple: Decimal
    """The multiple of the median level that was applied, from which a level is a wall."""
    thin_multiple: Decimal
    """The multiple of the median gap that was applied, from which a gap is a thin zone."""
    vanished_share: Decimal
    """The share that was applied, a fraction, from the loss of which an earlier wall has vanished."""
