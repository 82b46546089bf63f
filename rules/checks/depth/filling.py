"""Whether the book fills the order, and at what price."""

from __future__ import annotations

from decimal import Decimal
from itertools import accumulate

from msgspec import structs

from data.facts.amounts import plain
from data.facts.vocabulary import Side
from rules.case import Case
from rules.check import NOT_APPLICABLE, Result, check
from rules.checks.left_out import UNPRICED, UNSIZED, left_out_of_size
from rules.checks.outcomes import but_for_rounding, counted, failed, passed, percent, short, unknown
from rules.checks.size_units import unit_of
from rules.checks.taking import ONE_SIDED, takes_nothing
from rules.decision import Effect, Family, Outcome, Remedy
from rules.depth.book import Level, crosses, depth_within, imbalance, mid_price, reached_by
from rules.figures.opening import taken_levels
from rules.figures.sizes import stated_price_of
from rules.inputs import given
from rules.margin.rounding import EDGE
from rules.remedies.nearest_change import ROOM, either, size_times
from rules.remedies.price_steps import next_step, prices_within, step_at
from rules.trade import OrderBook, OrderType

_LIMIT = OrderType.LIMIT
_LONG = Side.LONG
_MARKET = OrderType.MARKET

_ZERO = Decimal(0)
_NOTHING_NEAR = unknown(
    "Nothing rests as near mid as the policy looks.",
    "What rests near the middle of the book?",
    field="market.order_book",
)

_PRICE_LEFT_OUT = structs.replace(UNPRICED, outcome=Outcome.SKIPPED, reason=None)
_EMPTY = unknown("The book is empty.", "What rests in the book?", field="market.order_book")

_RESTING = Remedy(field="order_type", value="limit")
"""An order that waits in the book takes nothing from it."""


def _taken_side(case: Case) -> tuple[Level, ...]:
    """Return the levels that the order would take: asks for a buy, bids for a sale."""
    return taken_levels(case.trade)


def book_of(case: Case) -> OrderBook:
    """Return the order book of a case whose rule needs one."""
    return given(given(case.trade.market).order_book)


def _crosses(case: Case, price: Decimal) -> bool:
    """Say whether an order limited to `price` takes from the book."""
    return crosses(case.trade.side, price, _taken_side(case))


def _resting(case: Case) -> Remedy | None:
    """Return the remedy of a market order that would rest as a limit order at its price; null where it would cross."""
    trade = case.trade
    if trade.order_type is _LIMIT or trade.entry_price is None or _crosses(case, trade.entry_price):
        return None
    return _RESTING


def _limit_before(case: Case, price: Decimal) -> Remedy | None:
    """Return the limit prices that do not reach the level at `price`, as a remedy; null where there is none."""
    tick = step_at(price, case.terms.tick_size)
    if case.trade.side is not _LONG:
        return Remedy(field="entry_price", smallest_passing=next_step(price, tick, up=True))
    return Remedy(field="entry_price", largest_passing=next_step(price, tick, up=False)) if price > tick else None


@check(
    "depth.fillable",
    family=Family.DEPTH,
    effect=Effect.REVIEW,
    title="The book given holds the whole size of a market order; reduce-only is exempt",
    needs=("market.order_book",),
    basis=("the caller's book",),
    venue_free=True,
    spares_reducing=True,
    order_type=_MARKET,
)
def fillable(case: Case) -> Result:
    """Compare the quantity with everything resting on the side it takes."""
    quantity = case.figures.quantity
    if quantity is None:
        return left_out_of_size(case) or UNSIZED
    resting, unit = depth_within(_taken_side(case), _ZERO, None), unit_of(case)
    if quantity <= resting:
        return passed("The book holds the size.", quantity, resting, unit)
    return failed(
        f"The book holds {counted(resting, unit)} of the {short(quantity)} wanted.",
        quantity,
        resting,
        unit,
        remedy=either(size_times(case, resting / quantity * EDGE) if resting > 0 else None, _resting(case)),
    )


@check(
    "depth.entry_near_mid",
    family=Family.DEPTH,
    effect=Effect.REVIEW,
    title="The entry price of a market order is near the middle of the book it would fill from; reduce-only is exempt",
    needs=("market.order_book",),
    parameters=("max_price_deviation",),
    basis=("the policy; the caller's book: an entry or mark price far from it is of another market",),
    venue_free=True,
    spares_reducing=True,
    order_type=_MARKET,
)
def entry_near_mid(case: Case) -> Result:
    """Compare the distance of entry from mid, as a fraction of mid, with what the policy allows it from the mark.

    Where no entry price is stated the mark price stands for it, here as in the figures.
    """
    most, book, entry = given(case.policy.max_price_deviation), book_of(case), stated_price_of(case.trade)
    if entry is None:
        return UNPRICED if "entry_price" in case.policy.requires else _PRICE_LEFT_OUT
    mid = mid_price(book.bids, book.asks)
    if mid is None:
        return _EMPTY
    seen = abs(entry - mid) / mid
    if seen <= most:
        return passed("The entry price is near the book.", seen, most, "fraction of mid price")
    fill = case.figures.average_fill_price
    nearer = mid if fill is None or abs(fill - mid) / mid > most else fill
    lowest, highest = prices_within(mid, most, None)
    named = "mark" if case.trade.entry_price is None else "entry"
    return failed(
        f"The book fills the order around {short(nearer)};"
        f" the {named} price is {percent(seen, most)} away from its middle.",
        seen,
        most,
        "fraction of mid price",
        remedy=Remedy(field="entry_price", largest_passing=highest, smallest_passing=lowest)
        if highest >= lowest
        else Remedy(field="entry_price", value=plain(nearer)),
    )


@check(
    "depth.slippage",
    family=Family.DEPTH,
    effect=Effect.REVIEW,
    title="Filling the size from the book costs no more slippage than the policy allows",
    needs=("market.order_book",),
    parameters=("max_slippage",),
    basis=("the policy; the caller's book, walked level by level",),
    venue_free=True,
    spares_reducing=True,
)
def slippage(case: Case) -> Result:
    """Compare the average fill's distance from mid with the policy's."""
    most = given(case.policy.max_slippage)
    resting = takes_nothing(case)
    if resting is not None:
        return resting
    seen, quantity = case.figures.slippage, case.figures.quantity
    if quantity is None:
        return left_out_of_size(case) or UNSIZED
    if seen is None:  # a book that does not hold the size fails depth.fillable
        return NOT_APPLICABLE if case.figures.average_fill_price is None else ONE_SIDED
    if seen <= most or but_for_rounding(seen, most):
        return passed("The fill is near mid.", seen, most, "fraction of mid price")
    largest = _largest_within(case, quantity, most)
    return failed(
        f"The average fill is {percent(seen, most)} away from mid.",
        seen,
        most,
        "fraction of mid price",
        remedy=either(size_times(case, largest / quantity * ROOM) if largest > 0 else None, _nearer(case, most)),
    )


def _nearer(case: Case, most: Decimal) -> Remedy | None:
    """Return the order that fills nowhere worse than `most` from mid: one that rests, or a limit no farther from it."""
    if case.trade.order_type is not _LIMIT:
        return _resting(case)
    book, long = book_of(case), case.trade.side is _LONG
    lowest, highest = prices_within(given(mid_price(book.bids, book.asks)), most, case.terms.tick_size)
    if not _crosses(case, highest if long else lowest):
        return _limit_before(case, _taken_side(case)[0][0])
    return Remedy(
        field="entry_price", largest_passing=highest if long else None, smallest_passing=None if long else lowest
    )


def _largest_within(case: Case, wanted: Decimal, most: Decimal) -> Decimal:
    """Return the largest quantity whose average fill lies within `most` of mid; `wanted` lies beyond."""
    book, levels = book_of(case), _taken_side(case)
    mid = given(mid_price(book.bids, book.asks))
    long = case.trade.side is _LONG
    bound = mid + mid * most if long else mid - mid * most
    if case.trade.order_type is _LIMIT:
        levels, _ = reached_by(case.trade.side, given(case.trade.entry_price), wanted, levels)
    quantity = paid = _ZERO
    for price, resting in levels:
        beyond = price - bound if long else bound - price
        part = resting
        if beyond > 0:
            spare = quantity * bound - paid if long else paid - quantity * bound
            part = min(resting, max(spare / beyond, _ZERO))
        quantity += part
        paid += part * price
    return quantity


@check(
    "depth.share_taken",
    family=Family.DEPTH,
    effect=Effect.REVIEW,
    title="The order takes no more than the policy's share of what rests near mid",
    needs=("market.order_book",),
    parameters=("depth_band", "max_depth_taken"),
    basis=("the policy; the caller's book",),
    venue_free=True,
    spares_reducing=True,
)
def share_taken(case: Case) -> Result:
    """Compare the quantity over what rests within the band with the policy's share; of a limit order, what it takes."""
    most, band = given(case.policy.max_depth_taken), case.policy.depth_band
    nothing = takes_nothing(case)
    if nothing is not None:
        return nothing
    trade, quantity, book = case.trade, case.figures.quantity, book_of(case)
    if quantity is None:
        return left_out_of_size(case) or UNSIZED
    mid = mid_price(book.bids, book.asks)
    if mid is None or not book.bids or not book.asks:
        return ONE_SIDED
    levels = _taken_side(case)
    if trade.order_type is _LIMIT:
        quantity -= reached_by(trade.side, given(trade.entry_price), quantity, levels)[1]
    resting = depth_within(levels, mid, band)
    if resting <= 0:
        return failed(
            f"Nothing that the order could take rests within {percent(given(band))} of mid.",
            quantity,
            _ZERO,
            unit_of(case),
            remedy=_taking_less(case, _ZERO),
        )
    seen = quantity / resting
    if seen <= most or but_for_rounding(seen, most):
        return passed("The order is small beside the book.", seen, most, "fraction of resting size")
    return failed(
        f"The order takes {percent(seen, most)} of what rests near mid.",
        seen,
        most,
        "fraction of resting size",
        remedy=either(
            size_times(case, most * resting / given(case.figures.quantity) * EDGE), _taking_less(case, most * resting)
        ),
    )


def _taking_less(case: Case, most: Decimal) -> Remedy | None:
    """Return the order that takes `most` coins at most, whatever its size: one that rests, or a limit short of more."""
    if case.trade.order_type is not _LIMIT:
        return _resting(case)
    levels = _taken_side(case)
    totals = accumulate(quantity for _, quantity in levels)
    dearer = (price for (price, _), total in zip(levels, totals, strict=True) if total > most)
    first = next(dearer, None)
    return None if first is None else _limit_before(case, first)


@check(
    "depth.spread",
    family=Family.DEPTH,
    effect=Effect.WARN,
    title="The gap between best bid and best ask stays within the policy's",
    needs=("market.order_book",),
    parameters=("max_spread",),
    basis=("the policy; the caller's book",),
    venue_free=True,
)
def spread(case: Case) -> Result:
    """Compare the spread over mid with the policy's."""
    most, book = given(case.policy.max_spread), book_of(case)
    mid = mid_price(book.bids, book.asks)
    if not book.bids or not book.asks or mid is None:
        return ONE_SIDED
    seen = (book.asks[0][0] - book.bids[0][0]) / mid
    if seen <= most:
        return passed("The spread is narrow.", seen, most, "fraction of mid price")
    return failed(f"The spread is {percent(seen, most)} of mid.", seen, most, "fraction of mid price")


@check(
    "depth.imbalance",
    family=Family.DEPTH,
    effect=Effect.WARN,
    title="Orders resting near mid do not lean against the trade by more than the policy's share",
    needs=("market.order_book",),
    parameters=("depth_band", "max_adverse_imbalance"),
    basis=("the policy; (bids - asks) / (bids + asks) within the band",),
    venue_free=True,
    spares_reducing=True,
)
def adverse_imbalance(case: Case) -> Result:
    """Compare the imbalance against the trade with the policy's: asks over bids for a long."""
    most, book = given(case.policy.max_adverse_imbalance), book_of(case)
    if not book.bids or not book.asks:
        return ONE_SIDED
    ratio = imbalance(book.bids, book.asks, case.policy.depth_band)
    if ratio is None:
        return _NOTHING_NEAR
    seen = -ratio if case.trade.side is _LONG else ratio
    if seen <= most:
        return passed("The book does not lean against the trade.", seen, most, "imbalance")
    return failed(f"The book leans {percent(seen, most)} against the trade.", seen, most, "imbalance")


@check(
    "depth.limit_rests",
    family=Family.DEPTH,
    effect=Effect.WARN,
    title="A limit order rests in the book; one that crosses pays the taker fee",
    needs=("market.order_book", "entry_price"),
    basis=("the caller's book",),
    venue_free=True,
    order_type=_LIMIT,
)
def limit_rests(case: Case) -> Result:
    """Compare a limit price with the best price on the other side."""
    levels, price = _taken_side(case), given(case.trade.entry_price)
    if not levels:
        return ONE_SIDED
    best = levels[0][0]
    if not _crosses(case, price):
        return passed("The order rests.", price, best, "price")
    return failed("The limit price crosses the book and takes.", price, best, "price", remedy=_limit_before(case, best))
