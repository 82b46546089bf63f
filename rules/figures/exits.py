"""Where a trade means to end: the loss at its stop, its share of equity, and what the target stands to gain."""

from __future__ import annotations

from decimal import Decimal

from msgspec import structs

from data.facts.vocabulary import ContractType, Side
from rules.case import Terms
from rules.figures.costs import loss_at
from rules.figures.exposure import Exposure
from rules.figures.margins import settle_currency
from rules.figures.money import Conversion, rate_between
from rules.figures.sizes import Size
from rules.trade import ProposedTrade

_INVERSE = ContractType.INVERSE
_LONG = Side.LONG
_SAME_MONEY = Conversion.SAME


def filled(size: Size, side: Side, average: Decimal | None, kind: ContractType | None) -> Size:
    """Return a size at the `average` price that the order book given fills it at, where that is worse than its own."""
    price = size.price
    if price is None or average is None or (average <= price if side is _LONG else average >= price):
        return size
    notional = size.notional
    if notional is not None and kind is not _INVERSE:
        notional = notional * average / price
    return structs.replace(size, price=average, notional=notional)


def loss_at_stop(trade: ProposedTrade, terms: Terms, size: Size) -> Decimal | None:
    """Return what is lost if the trade ends at its stop, in settlement currency, fees aside; null without a stop."""
    if trade.reduce_only or size.price is None or trade.stop_price is None or terms.contract_type is None:
        return None  # an order that only reduces has no stop of its own
    return loss_at(trade.side, size.price, trade.stop_price, size, terms.contract_type)


def risk_fraction(loss: Decimal | None, trade: ProposedTrade, terms: Terms, exposure: Exposure) -> Decimal | None:
    """Return the loss at the stop over equity, in the account's currency at the price at which it is lost: the stop."""
    rate, account, instrument = exposure.settle_rate, trade.account, terms.instrument
    if loss is None or rate is None or account is None or account.equity is None or account.equity <= 0:
        return None
    if exposure.settle_conversion is not _SAME_MONEY and instrument is not None:
        settle = settle_currency(terms)
        at_stop = rate_between(settle, account.currency, instrument.base, instrument.quote, trade.stop_price)
        rate = rate if at_stop is None else at_stop.per_unit
    return loss * rate / account.equity


def reward_to_risk(trade: ProposedTrade, price: Decimal | None, terms: Terms) -> Decimal | None:
    """Return the gain at the target over the loss at the stop, both in the settlement currency, fees aside.

    Of an inverse contract both are differences of reciprocals, `(1/E - 1/T) / (1/S - 1/E)`.
    """
    stop, target = trade.stop_price, trade.take_profit_price
    if trade.reduce_only or price is None or stop is None or target is None:
        return None
    risk, reward = (price - stop, target - price) if trade.side is _LONG else (stop - price, price - target)
    if risk <= 0 or terms.kind_is_open:
        return None
    return reward * stop / (risk * target) if terms.contract_type is _INVERSE else reward / risk
