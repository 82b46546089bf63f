"""How large a position a stop and a share of equity allow, and the inverse."""

from __future__ import annotations

from decimal import Decimal

from msgspec import Struct

from data.facts.vocabulary import Side

_ZERO = Decimal(0)
_ONE = Decimal(1)


class Sizing(Struct, frozen=True, kw_only=True):
    """A position of the largest size whose loss at the stop stays within the risk.

    `notional` in quote currency, `quantity` in coins; `loss_at_stop` includes fees and slippage; `leverage_needed` is
    notional over equity; `bound_by` names what kept the size below the risk alone ("leverage", "ladder", "order_book").
    """

    notional: Decimal
    quantity: Decimal
    loss_at_stop: Decimal
    leverage_needed: Decimal
    bound_by: tuple[str, ...] = ()


def loss_per_coin(
    side: Side, entry_price: Decimal, stop_price: Decimal, fee_rate: Decimal = _ZERO, slippage: Decimal = _ZERO
) -> Decimal | None:
    """Return what one coin loses when the stop is filled, both fees included; null when the stop is no loss.

    `slippage` is the fraction by which the fill is worse than the stop. Linear contracts.
    """
    if side is Side.LONG:
        fill = stop_price * (_ONE - slippage)
        moved = entry_price - fill
        beyond = stop_price >= entry_price
    else:
        fill = stop_price * (_ONE + slippage)
        moved = fill - entry_price
        beyond = stop_price <= entry_price
    return None if beyond else moved + (entry_price + fill) * fee_rate


def size_for_risk(
    side: Side,
    equity: Decimal,
    risk_fraction: Decimal,
    entry_price: Decimal,
    stop_price: Decimal,
    *,
    fee_rate: Decimal = _ZERO,
    slippage: Decimal = _ZERO,
    caps: tuple[tuple[str, Decimal], ...] = (),
) -> Sizing | None:
    """Return the largest position whose loss at the stop is `risk_fraction` of equity, within `caps` on notional.

    `caps` are named bounds on the notional; those that bind are reported. Null when the stop would not be a loss.
    """
    lost = loss_per_coin(side, entry_price, stop_price, fee_rate, slippage)
    if lost is None:
        return None
    by_risk = equity * risk_fraction / lost * entry_price
    notional = min([by_risk, *(cap for _, cap in caps)])
    quantity = notional / entry_price
    return Sizing(
        notional=notional,
        quantity=quantity,
        loss_at_stop=quantity * lost,
        leverage_needed=notional / equity if equity > 0 else _ZERO,
        bound_by=tuple(name for name, cap in caps if cap < by_risk and cap == notional),
    )


def stop_for_risk(
    side: Side,
    entry_price: Decimal,
    loss: Decimal,
    *,
    fee_rate: Decimal = _ZERO,
    slippage: Decimal = _ZERO,
) -> Decimal | None:
    """Return the stop price at which one coin has lost `loss`, the inverse of `loss_per_coin`.

    At or beyond the entry price the fees alone cost more; null for a long that even a price of zero costs less.
    """
    if side is Side.LONG:
        fill = (entry_price * (_ONE + fee_rate) - loss) / (_ONE - fee_rate)
        return fill / (_ONE - slippage) if fill > 0 else None
    return (loss + entry_price * (_ONE - fee_rate)) / (_ONE + fee_rate) / (_ONE + slippage)


def risk_of_size(
    side: Side,
    equity: Decimal,
    quantity: Decimal,
    entry_price: Decimal,
    stop_price: Decimal,
    *,
    fee_rate: Decimal = _ZERO,
    slippage: Decimal = _ZERO,
) -> Decimal | None:
    """Return the share of equity a position of `quantity` coins loses at the stop: the inverse of `size_for_risk`."""
    lost = loss_per_coin(side, entry_price, stop_price, fee_rate, slippage)
    return None if lost is None or equity <= 0 else quantity * lost / equity
