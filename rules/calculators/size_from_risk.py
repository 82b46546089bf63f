"""How large a position a stop and a share of equity allow, and the inverse.

Equity and losses are in the quote currency, or (`in_coin`) in the base coin. A position of one size loses the same on a
linear and on an inverse contract at one price: `q ((E - P) + f (E + P))` of quote currency for `q` coins of a long,
which is that over `P` in the coin. So the loss in the account's currency does not depend on what the contract
settles in: it is converted at the price of the fill, where it is lost.
"""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal

from msgspec import Struct

from data.facts.amounts import SMALLEST_AMOUNT
from data.facts.vocabulary import Side

_ZERO = Decimal(0)
_ONE = Decimal(1)
_EVERY_DIGIT = Context(prec=200)
"""Of amounts of any size beside eighteen places."""


class Sizing(Struct, frozen=True, kw_only=True):
    """A position of the largest size whose loss at the stop stays within the risk.

    `notional` in quote currency, `quantity` in coins; `loss_at_stop` includes fees and slippage and is in the currency
    of equity; `leverage_needed` is notional over equity; `bound_by` names what kept the size below the risk alone
    ("leverage", "ladder", "order_book").
    """

    notional: Decimal
    quantity: Decimal
    loss_at_stop: Decimal
    leverage_needed: Decimal
    bound_by: tuple[str, ...] = ()


def stated_down(amount: Decimal) -> Decimal:
    """Return the largest amount not above this one that an answer can state: what rounds to nearest may be above."""
    return amount.quantize(SMALLEST_AMOUNT, rounding=ROUND_FLOOR, context=_EVERY_DIGIT)


def stated_up(amount: Decimal) -> Decimal:
    """Return the smallest amount not below this one that an answer can state."""
    return amount.quantize(SMALLEST_AMOUNT, rounding=ROUND_CEILING, context=_EVERY_DIGIT)


def fill_price(side: Side, stop_price: Decimal, slippage: Decimal) -> Decimal:
    """Return the price at which a stop is filled: worse than the stop by the fraction `slippage`."""
    return stop_price * (_ONE - slippage if side is Side.LONG else _ONE + slippage)


def loss_per_coin(
    side: Side,
    entry_price: Decimal,
    stop_price: Decimal,
    fee_rate: Decimal,
    slippage: Decimal,
    *,
    in_coin: bool = False,
) -> Decimal | None:
    """Return what one coin loses when the stop is filled, both fees included; null when the stop is no loss.

    `slippage` is the fraction by which the fill is worse than the stop.
    """
    fill = fill_price(side, stop_price, slippage)
    if side is Side.LONG:
        moved, beyond = entry_price - fill, stop_price >= entry_price
    else:
        moved, beyond = fill - entry_price, stop_price <= entry_price
    if beyond:
        return None
    lost = moved + (entry_price + fill) * fee_rate
    return lost / fill if in_coin else lost


def size_for_risk(
    side: Side,
    equity: Decimal,
    risk_fraction: Decimal,
    entry_price: Decimal,
    stop_price: Decimal,
    *,
    fee_rate: Decimal,
    slippage: Decimal,
    caps: tuple[tuple[str, Decimal], ...] = (),
    in_coin: bool = False,
) -> Sizing | None:
    """Return the largest position whose loss at the stop is `risk_fraction` of equity, within `caps` on notional.

    `caps` are named bounds on the notional; those that bind are reported. Null when the stop would not be a loss.
    """
    lost = loss_per_coin(side, entry_price, stop_price, fee_rate, slippage, in_coin=in_coin)
    if lost is None:
        return None
    worth = equity * entry_price if in_coin else equity
    by_risk = equity * risk_fraction / lost * entry_price
    notional = min([by_risk, *(cap for _, cap in caps)])
    quantity = notional / entry_price
    return Sizing(
        notional=notional,
        quantity=quantity,
        loss_at_stop=quantity * lost,
        leverage_needed=notional / worth if equity > 0 else _ZERO,
        bound_by=tuple(name for name, cap in caps if cap < by_risk and cap == notional),
    )


def stop_for_risk(
    side: Side,
    entry_price: Decimal,
    loss: Decimal,
    *,
    fee_rate: Decimal,
    slippage: Decimal,
    in_coin: bool = False,
) -> Decimal | None:
    """Return the stop price at which one coin has lost `loss`, the inverse of `loss_per_coin`.

    At or beyond the entry price the fees alone cost more. Null where no price costs that much: for a long counted in
    quote currency even zero, for a short counted in coin even the highest.
    """
    if in_coin and side is Side.LONG:
        return entry_price * (_ONE + fee_rate) / (loss + _ONE - fee_rate) / (_ONE - slippage)
    if in_coin:
        left = _ONE + fee_rate - loss
        return entry_price * (_ONE - fee_rate) / left / (_ONE + slippage) if left > 0 else None
    if side is Side.LONG:
        fill = (entry_price * (_ONE + fee_rate) - loss) / (_ONE - fee_rate)
        return fill / (_ONE - slippage) if fill > 0 else None
    return (loss + entry_price * (_ONE - fee_rate)) / (_ONE + fee_rate) / (_ONE + slippage)
