"""What a position bought on credit, or sold short from a loan, borrows, and the interest on it."""

from __future__ import annotations

from decimal import Decimal

from data.facts.margin_models import InterestAccrual, LiabilityMargin, MarginLevel, MarginModel
from data.facts.vocabulary import Product, Side
from rules.case import Terms
from rules.costs.borrow import DEFAULT_BLOCK_HOURS, interest_over
from rules.figures.sizes import Size
from rules.trade import ProposedTrade

# An enum's member is looked up through its metaclass, far slower than a name: these are read for every trade.
_LONG = Side.LONG
_SPOT_MARGIN = Product.SPOT_MARGIN

_ZERO = Decimal(0)
_ONE = Decimal(1)


def borrow_cost(trade: ProposedTrade, terms: Terms, size: Size) -> Decimal | None:
    """Return the interest on what is borrowed, in quote currency; zero where nothing is, null without rate or time.

    A long borrows what its margin does not pay, or all that it costs where the venue lends that; a short the coins it
    sells.
    """
    if trade.reduce_only:
        return _ZERO
    if terms.product is not _SPOT_MARGIN:
        return _ZERO if terms.product is not None else None
    leverage, market = trade.leverage, trade.market
    if leverage is not None and leverage <= _ONE and trade.side is _LONG:
        return _ZERO
    if market is None or market.borrow_rate is None or trade.holding_hours is None or size.notional is None:
        return None
    borrowed = size.notional
    if trade.side is _LONG:
        if not leverage:
            return None
        if not lends_whole_cost(terms.margin_model):
            borrowed -= size.notional / leverage
    return _interest(terms.margin_model, borrowed, market.borrow_rate, trade.holding_hours)


def lends_whole_cost(model: MarginModel | None) -> bool:
    """Say whether a leveraged long pays interest on its whole cost, not on what its margin leaves to be lent."""
    return isinstance(model, MarginLevel) and model.lends_whole_cost


def _interest(model: MarginModel | None, borrowed: Decimal, hourly: Decimal, hours: Decimal) -> Decimal | None:
    """Return the interest by the venue's rule of accrual; by every hour begun where its model states none."""
    accrual, block = InterestAccrual.STARTED_HOURS, None
    if isinstance(model, MarginLevel | LiabilityMargin):
        accrual = model.interest_accrual
        block = model.interest_block_hours if isinstance(model, MarginLevel) else None
    block = block or DEFAULT_BLOCK_HOURS
    found = interest_over(accrual, borrowed, hours, hourly_rate=hourly, rollover_rate=hourly * block, block_hours=block)
    return None if found is None else found.interest
