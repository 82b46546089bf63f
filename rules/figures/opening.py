"""How an order opens: whether it takes from the market or waits in it, and where the mark price stands by then."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from data.facts.vocabulary import Side
from rules.costs.fees import Liquidity
from rules.depth.book import Level, crosses
from rules.figures.sizes import mark_price_of, stated_price_of
from rules.trade import OrderType, Position, ProposedTrade

# An enum's member is looked up through its metaclass, far slower than a name: these are read several times a trade.
_LONG = Side.LONG
_MAKER = Liquidity.MAKER
_MARKET = OrderType.MARKET
_TAKER = Liquidity.TAKER


def mark_as_it_opens(trade: ProposedTrade, held: Sequence[Position] = ()) -> Decimal | None:
    """Return the mark price by which the trade is valued as it opens, in quote currency per coin; null where none is
    known. `held` are the positions in its instrument, one of which may tell it.

    A market order opens at today's mark price. A limit order does too where its price lies beyond it: what it pays
    beyond is lost at once, and its own price is the worst that it fills at. Any other limit order waits until the
    market has come to it: by then the mark price is its own price, and no gain over it is there to back anything.
    More of the same instrument has one mark price with it, and is valued at that beside it.
    """
    mark, price = mark_price_of(trade, held), trade.entry_price
    if mark is None or price is None or trade.order_type is _MARKET:
        return mark
    return losing_end(trade.side, price, mark)


def nearest_to_stop(trade: ProposedTrade, mark: Decimal | None) -> Decimal | None:
    """Return the price stated for the entry or the `mark` price as the trade opens, whichever is nearer to where it
    loses; null where no price is stated.
    """
    price = stated_price_of(trade)
    return None if price is None else losing_end(trade.side, price, mark)


def losing_end(side: Side, price: Decimal, mark: Decimal | None) -> Decimal:
    """Return the entry `price` or the mark price as the trade opens, whichever is nearer to where it loses."""
    if mark is None:
        return price
    return min(price, mark) if side is _LONG else max(price, mark)


def taken_levels(trade: ProposedTrade) -> tuple[Level, ...]:
    """Return the levels of the book given that the order would take: asks for a buy, bids for a sale."""
    book = trade.market.order_book if trade.market is not None else None
    if book is None:
        return ()
    return book.asks if trade.side is _LONG else book.bids


def liquidity_of(trade: ProposedTrade, mark: Decimal | None) -> Liquidity | None:
    """Return whether the order takes or makes liquidity as it opens; null where that is not known.

    A limit order takes where its price crosses the book given, and without a book where it lies beyond the `mark`
    price, today's or that as it opens.
    """
    if trade.order_type is _MARKET:
        return _TAKER
    price = trade.entry_price
    if price is None:
        return None
    levels = taken_levels(trade)
    if levels:
        return _TAKER if crosses(trade.side, price, levels) else _MAKER
    if mark is None:
        return None
    return _TAKER if (price > mark if trade.side is _LONG else price < mark) else _MAKER
