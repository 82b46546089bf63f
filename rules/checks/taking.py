"""Whether an order takes from the book given: of one that rests, what rules say about taking does not hold."""

from __future__ import annotations

from rules.case import Case
from rules.check import NOT_APPLICABLE, Result
from rules.checks.outcomes import unknown
from rules.depth.book import crosses
from rules.figures.opening import taken_levels
from rules.trade import OrderType

_LIMIT = OrderType.LIMIT

ONE_SIDED = unknown(
    "One side of the book is empty.", "What rests on both sides of the book?", field="market.order_book"
)
_NO_LIMIT = unknown(
    "The limit order names no price: whether it takes from the book is not known.",
    "At what price would it be entered?",
    field="entry_price",
)


def takes_nothing(case: Case) -> Result | None:
    """Return what a rule about taking says of a limit order that rests, or may rest; null of an order that takes."""
    trade = case.trade
    if trade.order_type is not _LIMIT:
        return None
    if trade.entry_price is None:
        return _NO_LIMIT
    levels = taken_levels(trade)
    if not levels:
        return ONE_SIDED
    return None if crosses(trade.side, trade.entry_price, levels) else NOT_APPLICABLE
