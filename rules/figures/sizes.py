"""One size in every unit: notional, base coins, contracts, and the unit a ladder counts in."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from msgspec import Struct

from data.facts.venues import Instrument, Ladder
from data.facts.vocabulary import ContractType, MarginMode, Side
from rules.trade import OrderType, Position, ProposedTrade

# An enum's member is looked up through its metaclass, far slower than a name: these are read several times a trade.
_CROSS = MarginMode.CROSS
_INVERSE = ContractType.INVERSE
_LINEAR = ContractType.LINEAR
_LONG = Side.LONG
_MARKET = OrderType.MARKET


class Size(Struct, frozen=True, kw_only=True, gc=False):
    """A trade's size. `notional` is in the quote currency, `quantity` in base coins, `price` in quote per coin.

    Null is "cannot be converted with what is given".
    """

    price: Decimal | None = None
    notional: Decimal | None = None
    quantity: Decimal | None = None
    contracts: Decimal | None = None


def stated_price_of(trade: ProposedTrade) -> Decimal | None:
    """Return the price the caller gives for the entry: the trade's own, else the mark price."""
    if trade.entry_price is not None:
        return trade.entry_price
    return trade.market.mark_price if trade.market is not None else None


def entry_price_of(trade: ProposedTrade, mark_held: Decimal | None = None) -> Decimal | None:
    """Return the price the trade is reckoned to be entered at, in quote currency per coin; null where none is known.

    A limit order names its own. What is stated of a market order is an estimate that no venue sees: it is entered at
    the worst for it of that, the mark price and the best price in the order book given. How far it eats into the book
    is slippage, which the loss at its stop counts too. `mark_held` is the mark price where a position held in the
    instrument alone tells it: it may make the price worse, and is none by itself.
    """
    stated, market = trade.entry_price, trade.market
    mark = None if market is None else market.mark_price
    if trade.order_type is not _MARKET:
        return mark if stated is None else stated
    price = worse_of(trade.side, stated, mark)
    if price is None:
        return None
    if mark_held is not None:
        price = worse_of(trade.side, price, mark_held)
    book = None if market is None else market.order_book
    if book is None:
        return price
    levels = book.asks if trade.side is _LONG else book.bids
    return worse_of(trade.side, price, levels[0][0]) if levels else price


def worse_of(side: Side, price: Decimal | None, other: Decimal | None) -> Decimal | None:
    """Return the worse of two prices to enter at: the higher of a long, the lower of a short; one where one is null."""
    if price is None or other is None:
        return other if price is None else price
    return max(price, other) if side is _LONG else min(price, other)


def mark_price_of(trade: ProposedTrade, held: Sequence[Position]) -> Decimal | None:
    """Return the mark price the caller gives: the market's, else that of a position `held` in the instrument."""
    if trade.market is not None and trade.market.mark_price is not None:
        return trade.market.mark_price
    return next((position.mark_price for position in held if position.mark_price is not None), None)


def added_margin_of(trade: ProposedTrade) -> Decimal | None:
    """Return what the trade posts beyond initial margin; of a cross position nothing, as the wallet is behind it."""
    return None if trade.margin_mode is _CROSS else trade.added_margin


def size_of(trade: ProposedTrade, instrument: Instrument | None, mark_held: Decimal | None = None) -> Size:
    """Return the trade's size in every unit that price and contract size allow."""
    return size_in_units(trade.notional, trade.quantity, entry_price_of(trade, mark_held), instrument)


def counted_size(
    trade: ProposedTrade, size: Size, instrument: Instrument | None, mark_held: Decimal | None = None
) -> Size:
    """Return a trade's `size` as limits and exposure count it: no smaller in any unit for the price it is entered at.

    It may be filled or valued at the mark price and at the best price in the order book too. Coins are worth the
    highest of the three, and a notional is as many coins as the lowest makes of it. What is stated stands, but for the
    notional of a limit order to sell: the coins that its price makes of it are sold at a better one where there is one.
    `mark_held` is the mark price where a position held in the instrument alone tells it.
    """
    price, market, quantity, notional = size.price, trade.market, size.quantity, size.notional
    if price is None or (market is None and mark_held is None) or not quantity or not notional:
        return size
    long, in_coins = trade.side is _LONG, trade.quantity is not None
    if in_coins if long else not in_coins and trade.order_type is _MARKET:
        return size
    better, mark, book = price, mark_held, None
    if market is not None:
        mark, book = market.mark_price if mark is None else mark, market.order_book
    if mark is not None:
        better = min(better, mark) if long else max(better, mark)
    levels = () if book is None else book.asks if long else book.bids
    if levels:
        best = levels[0][0]
        better = min(better, best) if long else max(better, best)
    if better == price:
        return size
    if long:
        return size_in_units(notional, notional / better, better, instrument)
    return size_in_units(quantity * better, quantity, better, instrument)


def size_in_units(
    notional: Decimal | None, quantity: Decimal | None, price: Decimal | None, instrument: Instrument | None
) -> Size:
    """Return a size given as notional or quantity in every unit that price and contract size allow."""
    if price is not None and price > 0:
        if notional is None and quantity is not None:
            notional = quantity * price
        elif quantity is None and notional is not None:
            quantity = notional / price
    contracts = None
    if instrument is not None and instrument.contract_size:
        counted = notional if instrument.contract_type is _INVERSE else quantity
        if counted is not None:
            contracts = counted / instrument.contract_size
    return Size(price=price, notional=notional, quantity=quantity, contracts=contracts)


def in_ladder_unit(size: Size, ladder: Ladder, instrument: Instrument | None) -> Decimal | None:
    """Return the size counted as the ladder counts: contracts, base coins, or the quote currency's notional."""
    if ladder.unit == "contracts":
        return size.contracts
    if instrument is not None and ladder.unit == instrument.base:
        return size.quantity
    if instrument is None or ladder.unit in (instrument.quote, instrument.settle):
        return size.notional
    return size.notional if ladder.contract_type is _LINEAR else size.quantity


def notional_of(counted: Decimal, price: Decimal, ladder: Ladder, instrument: Instrument | None) -> Decimal | None:
    """Return a size counted as the ladder counts as a notional at `price`; the way back from `in_ladder_unit`."""
    inverse = (ladder if instrument is None else instrument).contract_type is _INVERSE
    if ladder.unit == "contracts":
        if instrument is None or not instrument.contract_size:
            return None
        counted *= instrument.contract_size
        return counted if inverse else counted * price
    if instrument is not None and ladder.unit == instrument.base:
        return counted * price
    if instrument is None or ladder.unit in (instrument.quote, instrument.settle):
        return counted
    return counted if ladder.contract_type is _LINEAR else counted * price
