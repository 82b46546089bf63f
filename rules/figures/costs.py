"""What a trade costs beside its profit and loss: fees, funding, interest and slippage, in the settlement currency.

A cost that cannot be known is null, and so is every sum it belongs to: an unknown cost is never a zero.
"""

from __future__ import annotations

from decimal import Decimal

from msgspec import Struct

from data.facts.amounts import sum_of_known
from data.facts.margin_models import LiabilityMargin
from data.facts.vocabulary import ContractType, Product, Side
from rules.case import Terms
from rules.costs.break_even import break_even_price
from rules.costs.fees import Liquidity, contract_fee, fee_rate, taxed, trading_fee
from rules.costs.funding import annualised, funding_over, per_interval, rate_in_force
from rules.decision import Figures
from rules.depth.book import Fill, fill, mid_price, reached_by
from rules.figures.opening import liquidity_of, taken_levels
from rules.figures.sizes import Size
from rules.inputs import given
from rules.trade import OrderType, ProposedTrade

# An enum's member is looked up through its metaclass, far slower than a name: these are read several times a trade.
_LINEAR = ContractType.LINEAR
_INVERSE = ContractType.INVERSE
_LONG = Side.LONG
_MAKER = Liquidity.MAKER
_MARKET = OrderType.MARKET
_OPTION = Product.OPTION
_PERPETUAL = Product.PERPETUAL
_QUANTO = ContractType.QUANTO
_SPOT_MARGIN = Product.SPOT_MARGIN
_TAKER = Liquidity.TAKER

_SPOT = Product.SPOT

_ZERO = Decimal(0)
_ONE = Decimal(1)

OPTION_FEE = "an option's fee is a share of its underlying's price, up to a share of the premium: it is not reckoned"
RESTS_IN_PART = (
    "the limit order crosses the book given and rests in part: what rests is reckoned to fill at its price, with the "
    "taker fee"
)
RECKONED_TO_REST = "the limit order is reckoned to rest: no order book shows whether it crosses and pays as a taker"
BEYOND_MARK = (
    "the limit price lies beyond the mark price: without an order book the order is reckoned to pay as a taker"
)
NOTHING_TO_TAKE = "the side of the book given that the limit order would take from is empty: it is reckoned to "
TAKES_BY_MARK = NOTHING_TO_TAKE + "pay as a taker, for its price lies beyond the mark price"
RESTS_BY_MARK = NOTHING_TO_TAKE + "rest"
NO_BOOK = "slippage is not in the total: no order book is given"
NOT_FILLED = (
    "the total is not known, for slippage is not: the order book given has one side alone, or does not hold the size"
)
UNVALUED = "the total is not known, for slippage is not: what the size is worth is not known"
_PARTS = ("entry_fee", "exit_fee", "funding_cost", "borrow_cost", "slippage_cost")
STATED_INTERVAL = (
    "the venue's funding interval for this contract is not on file: what is held is counted in the hours that the rate "
    "is stated for"
)
FINANCED = "the venue adds a daily financing adjustment, whose size is not on file, to the price of this future"


class CostFigures(Struct, frozen=True, kw_only=True, gc=False):
    """Costs of one trade, positive when paid, in the settlement currency; `break_even_price` in quote per coin."""

    entry_fee: Decimal | None = None
    exit_fee: Decimal | None = None
    funding_cost: Decimal | None = None
    funding_rate_annualised: Decimal | None = None
    borrow_cost: Decimal | None = None
    slippage: Decimal | None = None
    slippage_cost: Decimal | None = None
    average_fill_price: Decimal | None = None
    total_cost: Decimal | None = None
    break_even_price: Decimal | None = None
    approximations: tuple[str, ...] = ()


def cost_figures(
    trade: ProposedTrade,
    terms: Terms,
    size: Size,
    value: Decimal | None,
    borrow_cost: Decimal | None,
    mark: Decimal | None,
) -> CostFigures:
    """Return the costs of opening, holding and closing a trade.

    `value` is the position's value at entry in the settlement currency. The exit is reckoned as a taker at the entry
    value, so a stop or a market close is covered; funding on the value at the `mark` price as it opens, where there is
    one. A limit order that the book given shows to cross is reckoned to take on the way in, without a book one whose
    price lies beyond the mark, and any other to make. What it takes, and what of it rests, at its own price, is filled
    as a market order is. An order that only reduces is itself the exit: it bears one fee, and nothing for holding.
    """
    notes = [*terms.fee_notes]
    takes = liquidity_of(trade, mark) is _TAKER
    if trade.order_type is not _MARKET and (trade.entry_price is None or not taken_levels(trade)):
        by_mark, without_book = (TAKES_BY_MARK, BEYOND_MARK) if takes else (RESTS_BY_MARK, RECKONED_TO_REST)
        notes.append(by_mark if _has_book(trade) else without_book)
    entry_rate = fee_rate(terms.fee, _TAKER) if takes else fee_rate(terms.maker_fee, _MAKER)
    exit_rate = fee_rate(terms.fee, _TAKER)
    if terms.product is _OPTION:
        entry_rate = exit_rate = None
        notes.append(OPTION_FEE)
    per_side = _contract_fee(terms, size)
    if terms.fee_taxes:
        entry_rate, exit_rate, per_side = (taxed(one, terms.fee_taxes) for one in (entry_rate, exit_rate, per_side))
    closes = trade.reduce_only
    funding, yearly = _funding(trade, terms, size, value, mark, [] if closes else notes)
    filled = _fill(trade, size, notes) if takes else None
    slippage = filled.slippage if filled is not None and filled.unfilled == 0 and _two_sided(trade) else None
    average = filled.average_price if filled is not None and filled.unfilled == 0 else None
    slippage_cost = None if slippage is None or value is None else _slippage_cost(trade, terms, size, given(average))
    charged = _dearest(trade, terms, size, value, mark, average) if takes else value
    entry_fee, exit_fee = _side_fee(charged, entry_rate, per_side), _side_fee(charged, exit_rate, per_side)
    if closes:
        exit_fee = funding = _ZERO
    total = sum_of_known((entry_fee, exit_fee, _holding_cost(trade, terms, funding), _interest(terms, borrow_cost)))
    if total is not None and takes:
        if not _has_book(trade):
            notes.append(NO_BOOK)
        elif slippage_cost is None:
            notes.append(NOT_FILLED if slippage is None else UNVALUED)
            total = None
        else:
            total += slippage_cost
    if borrow_cost and isinstance(terms.margin_model, LiabilityMargin):
        notes.extend(terms.margin_model.interest_caveats)
    if total is not None and trade.holding_hours is None and terms.product is _PERPETUAL and not closes:
        notes.append("funding is not in the total: no holding time is given")
    return CostFigures(
        entry_fee=entry_fee,
        exit_fee=exit_fee,
        funding_cost=funding,
        funding_rate_annualised=yearly,
        borrow_cost=borrow_cost,
        slippage=slippage,
        slippage_cost=slippage_cost,
        average_fill_price=average,
        total_cost=total,
        break_even_price=None
        if closes
        else _break_even(
            trade,
            terms,
            size,
            price=average if takes and _has_book(trade) else size.price,
            entry_rate=entry_rate,
            exit_rate=exit_rate,
            per_side=per_side,
            holding=sum_of_known((_holding_cost(trade, terms, funding), _interest(terms, borrow_cost))),
        ),
        approximations=tuple(notes),
    )


def _contract_fee(terms: Terms, size: Size) -> Decimal | None:
    """Return the charges of one side that a venue takes per contract; zero when it takes none."""
    if not terms.charges:
        return _ZERO
    return None if size.contracts is None else contract_fee(size.contracts, terms.charges)


def _side_fee(value: Decimal | None, rate: Decimal | None, per_contract: Decimal | None) -> Decimal | None:
    if per_contract is None:
        return None
    if rate is None:
        return per_contract if per_contract > 0 else None
    return None if value is None else trading_fee(value, rate) + per_contract


def _marked(terms: Terms, size: Size, value: Decimal | None, mark: Decimal | None) -> Decimal | None:
    """Return the position's value at the mark price, in the settlement currency; at entry where there is no mark."""
    if value is None or mark is None or mark == size.price:
        return value
    if terms.contract_type is _INVERSE:
        return None if size.notional is None or mark <= 0 else size.notional / mark
    return None if size.quantity is None else size.quantity * mark


def _dearest(
    trade: ProposedTrade,
    terms: Terms,
    size: Size,
    value: Decimal | None,
    mark: Decimal | None,
    average: Decimal | None,
) -> Decimal | None:
    """Return the highest of the values at entry, of a market order at mark, at the best price in the book and at the
    average fill: a fee is on what is traded, and of a short, or of a long of an inverse contract, the worse price is
    the lower value.
    """
    if value is None:
        return None
    levels = taken_levels(trade)
    at_mark = _marked(terms, size, value, mark) if trade.order_type is _MARKET else value
    at_best = _marked(terms, size, value, levels[0][0]) if levels else value
    filled = _marked(terms, size, value, average)
    return max(value, *(one for one in (at_mark, at_best, filled) if one is not None))


def _slippage_cost(trade: ProposedTrade, terms: Terms, size: Size, average: Decimal) -> Decimal | None:
    """Return what filling at `average` loses against the middle of the book, in the settlement currency, and no less
    than nothing: of a linear contract the distance in price, of an inverse one that in its reciprocal.

    Null where no price makes a notional of an inverse contract's coins.
    """
    book = given(given(trade.market).order_book)
    mid = given(mid_price(book.bids, book.asks))
    worse = max(average - mid if trade.side is _LONG else mid - average, _ZERO)
    if terms.contract_type is _INVERSE:
        return None if size.notional is None else size.notional * worse / (mid * average)
    return given(size.quantity) * worse


def _funding(
    trade: ProposedTrade, terms: Terms, size: Size, value: Decimal | None, mark: Decimal | None, notes: list[str]
) -> tuple[Decimal | None, Decimal | None]:
    """Return what funding costs over the holding time, and the rate as a simple annual one."""
    if terms.product is not _PERPETUAL:
        if terms.product is not None and terms.funding is None:
            return _ZERO, None
        if terms.funding is not None:
            notes.append(FINANCED)
        return None, None
    stated = funding_rate_of(trade, terms)
    if stated is None or terms.funding is None:
        return None, None
    rate = rate_in_force(stated, terms.funding)
    if rate != stated:
        notes.append("the funding rate given lies beyond the venue's cap or floor and is clipped to it")
    interval = funding_interval_of(trade, terms)
    if interval is None:
        return None, None
    if terms.funding.interval_hours is None:
        notes.append(STATED_INTERVAL)
    yearly = annualised(rate, interval)
    marked = None if trade.holding_hours is None else _marked(terms, size, value, mark)
    if marked is None or trade.holding_hours is None:
        return None, yearly
    if interval and trade.holding_hours % interval:
        notes.append("a part of a funding interval counts whole where it is paid, and not at all where it is received")
    return -funding_over(trade.side, marked, rate, trade.holding_hours, interval), yearly


def funding_rate_of(trade: ProposedTrade, terms: Terms) -> Decimal | None:
    """Return the funding rate the caller gives, for one interval of the venue; as stated where that is not known."""
    market, interval = trade.market, funding_interval_of(trade, terms)
    if market is None or market.funding_rate is None or interval is None:
        return None if market is None else market.funding_rate
    return per_interval(market.funding_rate, market.funding_interval_hours, interval)


def funding_interval_of(trade: ProposedTrade, terms: Terms) -> Decimal | None:
    """Return the hours of a funding interval: the venue's, else those that the caller states the rate for.

    Null where neither is known, and where no terms of funding are on file.
    """
    if terms.funding is None:
        return None
    if terms.funding.interval_hours is not None:
        return terms.funding.interval_hours
    return None if trade.market is None else trade.market.funding_interval_hours


def _holding_cost(trade: ProposedTrade, terms: Terms, funding: Decimal | None) -> Decimal | None:
    """Return what holding adds to the total: nothing when no holding time is given."""
    return funding if counts_funding(trade, terms) else _ZERO


def counts_funding(trade: ProposedTrade, terms: Terms) -> bool:
    """Say whether funding is a part of the total: of a perpetual only with a holding time."""
    return trade.holding_hours is not None or terms.product is not _PERPETUAL


def missing_costs(figures: Figures, trade: ProposedTrade, terms: Terms, mark: Decimal | None) -> tuple[str, ...]:
    """Return the figures that the total adds up and that are not known; `mark` is the mark price as the order opens."""
    counts = {
        "funding_cost": counts_funding(trade, terms),
        "slippage_cost": _has_book(trade) and liquidity_of(trade, mark) is _TAKER,
    }
    return tuple(name for name in _PARTS if counts.get(name, True) and getattr(figures, name) is None)


def _has_book(trade: ProposedTrade) -> bool:
    """Say whether an order book is given: what an order takes from it then is part of the total."""
    return trade.market is not None and trade.market.order_book is not None


def _interest(terms: Terms, borrow_cost: Decimal | None) -> Decimal | None:
    return borrow_cost if terms.product is _SPOT_MARGIN else _ZERO


def _fill(trade: ProposedTrade, size: Size, notes: list[str]) -> Fill | None:
    """Return what an order that takes fills at, a limit order no worse than at its price."""
    book = trade.market.order_book if trade.market is not None else None
    if book is None or size.quantity is None:
        return None
    bids, asks = book.bids, book.asks
    if trade.order_type is not _MARKET and trade.entry_price is not None:
        long = trade.side is _LONG
        levels, rests = reached_by(trade.side, trade.entry_price, size.quantity, asks if long else bids)
        bids, asks = (bids, levels) if long else (levels, asks)
        if 0 < rests < size.quantity:
            notes.append(RESTS_IN_PART)
    return fill(trade.side, size.quantity, bids, asks)


def paid_on_average(trade: ProposedTrade, size: Size, average: Decimal | None) -> Decimal | None:
    """Return the `average` fill of a market order; where the book does not hold the size, with the rest at the worst
    price in it, than which no more rests at a better one.

    A limit order pays no worse than its price, and null is returned.
    """
    if trade.order_type is not _MARKET or not _has_book(trade):
        return None
    if average is not None:
        return average
    held = _fill(trade, size, [])
    if held is None or held.average_price is None or held.worst_price is None:
        return None
    return (held.filled * held.average_price + held.unfilled * held.worst_price) / (held.filled + held.unfilled)


def _two_sided(trade: ProposedTrade) -> bool:
    """Say whether the book has a middle, from which slippage is measured."""
    book = trade.market.order_book if trade.market is not None else None
    return book is not None and bool(book.bids) and bool(book.asks)


def _break_even(
    trade: ProposedTrade,
    terms: Terms,
    size: Size,
    *,
    price: Decimal | None,
    entry_rate: Decimal | None,
    exit_rate: Decimal | None,
    per_side: Decimal | None,
    holding: Decimal | None,
) -> Decimal | None:
    """Return the price at which closing covers every cost; `price` is what the order fills at."""
    inverse = terms.contract_type is _INVERSE
    units = size.notional if inverse else size.quantity
    if price is None or not units or holding is None or per_side is None:
        return None
    if terms.contract_type is _QUANTO:
        return None
    if terms.contract_type is None and terms.product is not _SPOT_MARGIN and (holding or per_side):
        return None  # rates alone come to the same linear and inverse, and nothing else does
    if entry_rate is None or exit_rate is None:
        if per_side == 0:
            return None
        entry_rate, exit_rate = entry_rate or _ZERO, exit_rate or _ZERO
    return break_even_price(
        trade.side,
        price,
        entry_fee_rate=entry_rate,
        exit_fee_rate=exit_rate,
        contract_type=_INVERSE if inverse else _LINEAR,
        costs_per_unit=(holding + per_side + per_side) / units,
        fee_in_coin=terms.product is _SPOT,
    )


def loss_at(side: Side, entry: Decimal, exit_price: Decimal, size: Size, contract_type: ContractType) -> Decimal | None:
    """Return what closing at `exit_price` loses, fees aside, in the settlement currency; negative is a profit."""
    if contract_type is _INVERSE:
        if size.notional is None or exit_price <= 0:
            return None
        moved = size.notional * (_ONE / exit_price - _ONE / entry)
    elif contract_type is _QUANTO or size.notional is None:
        return None
    else:  # not by the quantity, which is rounded where the notional is stated
        moved = size.notional * (entry - exit_price) / entry
    return moved if side is _LONG else -moved
