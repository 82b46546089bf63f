"""Spot positions on borrowed money: one margin level for the account, a call and a forced close.

    level = equity / used margin

Used margin is opening cost over leverage: fixed in quote currency for a long; for a short fixed in the borrowed coin,
so that its worth floats with the price. Positions in one pair move together. Source: Kraken, margin trading examples.
"""

from __future__ import annotations

from decimal import Decimal

from msgspec import Struct
from msgspec.structs import replace

from data.facts.margin_models import MarginLevel
from data.facts.vocabulary import Side
from rules.margin.joint_ladder import EVEN, OUTWEIGHED, outgrown
from rules.margin.position import HeldPosition, LiquidationState, PositionFigures, Rest

_ZERO = Decimal(0)
_ONE = Decimal(1)

NO_BALANCE = "the account's collateral value is not known: give wallet_balance"
NO_LEVERAGE = "the leverage is needed for the used margin"


def margin_level_figures(model: MarginLevel, position: HeldPosition, rest: Rest) -> PositionFigures:
    """Return the figures of a spot margin position.

    `rest.requirement` is the used margin of the account's other positions. `maintenance_margin` is the used margin at
    the level of the forced close, `margin_ratio` the level itself.
    """
    long = position.side is Side.LONG
    size, entry = position.size, position.entry_price
    price = entry if position.mark_price is None else position.mark_price
    cost, value = size * entry, size * price
    pnl = value - cost if long else cost - value
    balance = position.wallet_balance if position.wallet_balance is not None else position.collateral
    missing: list[str] = []
    used = None
    floats = model.short_used_margin_floats and not long
    if position.leverage is None:
        missing.append(NO_LEVERAGE)
    else:
        used = (value if floats else cost) / position.leverage
    equity = None
    if balance is None:
        missing.append(NO_BALANCE)
    else:
        equity = balance + (position.added_margin or _ZERO) + rest.unrealized_pnl + pnl
    figures = PositionFigures(
        notional=value,
        position_value=cost,
        unrealized_pnl=None if position.mark_price is None else pnl,
        initial_margin=used,
        maintenance_margin=None if used is None else used * model.close_level,
        margin=None if equity is None else equity - pnl,
        equity=equity,
        approximations=(*missing, *model.caveats),
    )
    if used is None or equity is None:
        return figures
    return _with_prices(model, position, rest, figures, floats=floats)


class _Move(Struct, frozen=True, kw_only=True):
    """Equity and used margin of the account, and how much each grows with the price of one instrument."""

    now: Decimal
    """The present price."""
    equity: Decimal
    used: Decimal
    gain: Decimal
    floating: Decimal

    def price_at(self, level: Decimal, *, against: bool = True) -> Decimal | None:
        """Return the price at which equity is `level` times used margin, where the market moves against the larger
        side, or in its favour; null when no price above zero is.

        `equity + gain (P - now) = level (used + floating (P - now))`.
        """
        slope = self.gain - level * self.floating
        if not slope or ((slope > 0) is (self.gain >= 0)) is not against:
            return None
        price = self.now + (level * self.used - self.equity) / slope
        return price if price > 0 else None


def _with_prices(
    model: MarginLevel, position: HeldPosition, rest: Rest, figures: PositionFigures, *, floats: bool
) -> PositionFigures:
    used, equity, joint = (figures.initial_margin or _ZERO) + rest.requirement, figures.equity or _ZERO, rest.joint
    long = position.side is Side.LONG
    own = position.size if long else -position.size
    move = _Move(
        now=position.present_price,
        equity=equity,
        used=used,
        gain=own if joint is None else joint.gain,
        floating=(position.size / (position.leverage or _ONE) if floats else _ZERO) if joint is None else joint.rate,
    )
    outweighed = own * move.gain <= 0
    bankruptcy = None if outweighed else move.price_at(_ZERO)
    words: tuple[str, ...] = ()
    if outweighed:
        words = (OUTWEIGHED if move.gain else EVEN,)
    if rest.unknown:
        return replace(figures, bankruptcy_price=bankruptcy, approximations=(*figures.approximations, *words))
    state, price, called = None, None, None
    if equity <= model.close_level * used:
        state, words = LiquidationState.ALREADY, ()
    else:
        other = move.price_at(model.close_level, against=False)
        words += outgrown(other)
        price = None if outweighed else move.price_at(model.close_level)
        if not outweighed and other is None:
            state = LiquidationState.NEVER if price is None else LiquidationState.PRICE
    if model.call_level is not None and equity > model.call_level * used and not outweighed:
        called = move.price_at(model.call_level)
    distance = remaining = None
    if price is not None:
        distance = move.now - price if long else price - move.now
        remaining = max(_ZERO, equity + move.gain * (price - move.now))
    fields = {name: getattr(figures, name) for name in figures.__struct_fields__}
    fields.update(
        margin_ratio=equity / used,
        bankruptcy_price=bankruptcy,
        liquidation=state,
        liquidation_price=price,
        margin_call_price=called,
        distance_in_price=distance,
        distance_to_liquidation=None if distance is None else distance / move.now,
        remaining_after_liquidation=remaining,
        approximations=(*figures.approximations, *words),
    )
    return PositionFigures(**fields)
