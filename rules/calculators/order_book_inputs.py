"""What the order-book calculator takes."""

from __future__ import annotations

from datetime import date

from data.facts.amounts import Amount
from data.facts.vocabulary import Side
from rules.trade import Input, LiquidationCluster, OrderBook


class OrderBookInput(Input, frozen=True, kw_only=True):
    """A book, an order to fill from it, and a position whose surroundings are looked at."""

    bids: tuple[tuple[Amount, Amount], ...]
    """Price in quote currency per coin and quantity in base coins, the highest price first; empty where nothing rests
    there, but not both sides."""
    asks: tuple[tuple[Amount, Amount], ...]
    """Price in quote currency per coin and quantity in base coins, the lowest price first; empty where nothing rests
    there, but not both sides."""
    side: Side | None = None
    """Direction: a long takes asks, and loses as the price falls; a short the reverse. Needed with a `quantity` and
    with a stop, target or liquidation price; without it clusters are not told to be adverse or not."""
    quantity: Amount | None = None
    """Size of the order to fill, in base coins; without it nothing is filled."""
    price_band: Amount | None = None
    """How far from the mid price the book counts for imbalance and the share of depth taken, as a fraction of it;
    without it all of the book counts."""
    entry_price: Amount | None = None
    """In quote currency per coin; without it the mid price stands for it."""
    stop_price: Amount | None = None
    """In quote currency per coin, on the losing side of the entry price: clusters before it are told; without it none
    are."""
    take_profit_price: Amount | None = None
    """In quote currency per coin, on the winning side of the entry price: walls before it are told; without it none
    are."""
    liquidation_price: Amount | None = None
    """In quote currency per coin, on the losing side of the entry price: thin zones before it are told; without it none
    are."""
    liquidation_clusters: tuple[LiquidationCluster, ...] | None = None
    """Prices at which others' liquidations are expected; without them nothing is said of any."""
    previous_order_book: OrderBook | None = None
    """What rested there before: walls that have vanished since are looked for; without it none are."""
    wall_multiple: Amount | None = None
    """A level is a wall from this multiple of the median level of its side; without it 5, as in the built-in standard
    policy."""
    thin_multiple: Amount | None = None
    """A gap between levels is a thin zone from this multiple of the median gap of its side; without it 5, as in the
    built-in standard policy."""
    vanished_share: Amount | None = None
    """An earlier wall has vanished when it lost this share of its size untraded, as a fraction; without it 0.5, as in
    the built-in standard policy."""
    as_of: date | None = None
    """Day named in the answer, YYYY-MM-DD; without it today in UTC. No figure depends on it."""
    release: str = "latest"
    """Id of the release named in the answer, or `latest`. No figure depends on it."""
