"""What one position held is worth, has posted and has gained, with nothing but what the request says of it."""

from __future__ import annotations

from decimal import Decimal

from data.facts.venues import Instrument
from data.facts.vocabulary import ContractType, MarginMode, Product, Side
from rules.figures.money import rate_between, same_money
from rules.knowledge import Knowledge
from rules.trade import Position

# An enum's member is looked up through its metaclass, far slower than a name: these are read several times a trade.
_INVERSE = ContractType.INVERSE
_ISOLATED = MarginMode.ISOLATED
_LONG = Side.LONG
_OPTION = Product.OPTION
_QUANTO = ContractType.QUANTO


def held_value(position: Position, instrument: Instrument, currency: str) -> Decimal | None:
    """Return a position's value in `currency`, at mark or else at entry."""
    price = position.mark_price if position.mark_price is not None else position.entry_price
    if instrument.contract_type is _QUANTO or instrument.product is _OPTION:
        return None  # what an option is exposed to, and on which side, its price does not tell
    if instrument.contract_type is _INVERSE:
        if instrument.contract_size is None:
            return None
        value = position.quantity * instrument.contract_size
    else:
        value = position.quantity * price
    if same_money(instrument.quote, currency):
        return value
    rate = rate_between(instrument.quote, currency, instrument.base, instrument.quote, price)
    return None if rate is None else value * rate.per_unit


def held_margin(position: Position, instrument: Instrument, notional: Decimal) -> Decimal | None:
    """Return the margin of a position worth `notional` at mark, in its currency; null when neither collateral nor
    leverage is given.

    What an isolated one has posted is its value at entry over its leverage: `mark / entry` times as much of an inverse
    contract, whose margin is in coins.
    """
    if position.collateral is not None:
        return position.collateral
    if not position.leverage:
        return None
    mark, entry = position.mark_price, position.entry_price
    if mark is None or mark == entry or position.margin_mode is not _ISOLATED:
        return notional / position.leverage
    over, under = (mark, entry) if instrument.contract_type is _INVERSE else (entry, mark)
    return notional * over / under / position.leverage


def held_profit(position: Position, instrument: Instrument, notional: Decimal) -> Decimal | None:
    """Return the unrealised profit of a position worth `notional` at mark, in its currency; null without a mark price.

    A linear position gains the move over mark; an inverse one, whose value in dollars stays, the move over entry.
    """
    mark, entry = position.mark_price, position.entry_price
    if mark is None:
        return None
    moved = (mark - entry) / (entry if instrument.contract_type is _INVERSE else mark)
    return notional * (moved if position.side is _LONG else -moved)


def counts_in(unit: str, instrument: Instrument, knowledge: Knowledge) -> bool:
    """Say whether a position in an instrument can be counted in the unit of its ladder."""
    inverse = instrument.contract_type is _INVERSE
    if unit == "contracts":
        return inverse or bool(instrument.contract_size)
    if unit == instrument.base or knowledge.coin(unit) == knowledge.coin(instrument.base):
        return not inverse or bool(instrument.contract_size)
    return same_money(unit, instrument.quote)
