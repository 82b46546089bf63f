"""What the position-size calculator answers."""

from __future__ import annotations

from decimal import Decimal

from msgspec import Struct

from rules.calculators.answers import Answer


class SizeCap(Struct, frozen=True, kw_only=True):
    """A bound on the notional beside the risk."""

    name: str
    """leverage | ladder: what sets the bound."""
    notional: Decimal
    """The bound, in quote currency."""
    binds: bool
    """Whether it keeps the size below what the risk alone allows; false where the stop of a size is asked."""


class SizingAnswer(Answer, frozen=True, kw_only=True):
    """The largest position whose loss at the stop stays within the risk, and its bounds; or for a size, its stop."""

    notional: Decimal
    """Value of the position at the entry price, in quote currency, rounded down to eighteen places."""
    quantity: Decimal
    """Size in base coins, rounded down to eighteen places."""
    loss_at_stop: Decimal | None
    """What the stop loses, fees and slippage included, in settlement currency, turned into it at the price of the fill
    where equity is in other money; null where that is needed and no stop price exists."""
    loss_of_equity: Decimal
    """What the stop loses, fees and slippage included, in the currency of equity; without a stop price, the most that
    any price loses."""
    currency: str | None
    """What the contract settles in; null where no instrument on file is named, and money is then in the currency of
    equity."""
    equity_currency: str | None
    """Currency of equity and `loss_of_equity`; null where no instrument on file is named."""
    risk_fraction: Decimal
    """`loss_of_equity` over equity."""
    initial_margin: Decimal | None
    """Notional over the `leverage` given, in settlement currency; null without a leverage."""
    leverage_needed: Decimal
    """Notional over equity, in times."""
    stop_price: Decimal | None
    """The stop given, or for a size the one at which it has lost the risk, in quote currency per coin, rounded towards
    the entry price; null where no price loses as much."""
    stop_distance: Decimal | None
    """From the entry price to the stop, as a fraction of the entry price; null without a stop."""
    caps: tuple[SizeCap, ...]
    """Bounds on the size beside the risk, by the leverage given and by the ladder on file; empty where neither is known
    to bound it."""
    formula: str
