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
    fee_in_coin: bool = False,
) -> Decimal | None:
    """Return the exit price at which profit equals both fees and the other costs; null when no price does.

    That is where costs are never made up for, or what is received leaves a profit at every price (see
    `even_at_every_price`).

    Linear: long `(E (1 + f_open) + c) / (1 - f_close)`, short `(E (1 - f_open) - c) / (1 + f_close)`, with `c` the
    other costs in quote currency per coin (funding paid, interest, fees per contract; negative when received). A long
    that pays the opening fee in the coin it buys (`fee_in_coin`: spot) sells only what is left of it:
    `(E + c) / ((1 - f_open) (1 - f_close))`. Inverse: long `(1 + f_close) / ((1 - f_open) / E - c)`, short
    `(1 - f_close) / ((1 + f_open) / E + c)`, with `c` in coin per quote unit of size.
    """
    long = side is _LONG
    if contract_type is _INVERSE:
        value = _ONE / entry_price
        if long:
            left = value * (_ONE - entry_fee_rate) - costs_per_unit
            return (_ONE + exit_fee_rate) / left if left > 0 else None
        left = value * (_ONE + entry_fee_rate) + costs_per_unit
        return (_ONE - exit_fee_rate) / left if left > 0 else None
    if long and fee_in_coin:
        price = (entry_price + costs_per_unit) / ((_ONE - entry_fee_rate) * (_ONE - exit_fee_rate))
    elif long:
        price = (entry_price * (_ONE + entry_fee_rate) + costs_per_unit) / (_ONE - exit_fee_rate)
    else:
        price = (entry_price * (_ONE - entry_fee_rate) - costs_per_unit) / (_ONE + exit_fee_rate)
    return price if price > 0 else None


def even_at_every_price(side: Side, contract_type: ContractType | None) -> bool:
    """Say what a position without a break-even price is: in profit at every price, or at none.

    What a linear long or an inverse short can lose has a bound, which what is received may exceed; what a linear short
    or an inverse long can gain has one, which costs may exceed.
    """
    return (side is _LONG) is not (contract_type is _INVERSE)


def opening_break_even(
    side: Side,
    entry_price: Decimal,
    entry_fee_rate: Decimal,
    contract_type: ContractType = ContractType.LINEAR,
    *,
    fee_in_coin: bool = False,
) -> Decimal:
    """Return the price at which profit equals the opening fee alone: `E (1 + s f)`, as Binance prints it; of an inverse
    contract, and of coins that are bought and pay the fee, `E / (1 - s f)`.
    """
    moved = entry_fee_rate if side is _LONG else -entry_fee_rate
    if contract_type is _INVERSE or (fee_in_coin and side is _LONG):
        return entry_price / (_ONE - moved)
    return entry_price * (_ONE + moved)
