"""The price at which a position has earned back what it cost."""

from __future__ import annotations

from decimal import Decimal

from data.facts.vocabulary import ContractType, Side

# An enum's member is looked up through its metaclass, far slower than a name: these are read several times a trade.
_INVERSE = ContractType.INVERSE
_LONG = Side.LONG

_ZERO = Decimal(0)
_ONE = Decimal(1)


def break_even_price(
    side: Side,
    entry_price: Decimal,
    *,
    entry_fee_rate: Decimal,
    exit_fee_rate: Decimal,
    contract_type: ContractType = ContractType.LINEAR,
    costs_per_unit: Decimal = _ZERO,
) -> Decimal | None:
    """Return the exit price at which profit equals both fees and the other costs; null when no price does.

    Linear: long `(E (1 + f_open) + c) / (1 - f_close)`, short `(E (1 - f_open) - c) / (1 + f_close)`, with `c` the
    other costs in quote currency per coin (funding paid, interest, fees per contract; negative when received).
    Inverse: long `(1 + f_close) / ((1 - f_open) / E - c)`, short `(1 - f_close) / ((1 + f_open) / E + c)`, with `c` in
    coin per quote unit of size.
    """
    long = side is _LONG
    if contract_type is _INVERSE:
        value = _ONE / entry_price
        if long:
            left = value * (_ONE - entry_fee_rate) - costs_per_unit
            return (_ONE + exit_fee_rate) / left if left > 0 else None
        left = value * (_ONE + entry_fee_rate) + costs_per_unit
        return (_ONE - exit_fee_rate) / left if left > 0 else None
    if long:
        return (entry_price * (_ONE + entry_fee_rate) + costs_per_unit) / (_ONE - exit_fee_rate)
    price = (entry_price * (_ONE - entry_fee_rate) - costs_per_unit) / (_ONE + exit_fee_rate)
    return price if price > 0 else None


def opening_break_even(side: Side, entry_price: Decimal, entry_fee_rate: Decimal) -> Decimal:
    """Return the price Binance prints, which counts the opening fee alone: `E (1 + s f)`."""
    return entry_price * (_ONE + entry_fee_rate if side is _LONG else _ONE - entry_fee_rate)
