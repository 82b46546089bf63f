"""Spot positions on borrowed money: one margin level for the account, a call and a forced close.

    level = equity / used margin

Used margin is opening cost over leverage: fixed in quote currency for a long; for a short fixed in the borrowed coin,
so that its worth floats with the price. Source: Kraken, margin trading examples.
"""

from __future__ import annotations

from decimal import Decimal

from msgspec.structs import replace

from data.facts.margin_models import MarginLevel
from data.facts.vocabulary import Side
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
    if used is None or equity is None or position.leverage is None:
        return figures
    return _with_prices(model, position, rest, figures, equity - pnl, floats=floats)


def _with_prices(
    model: MarginLevel, position: HeldPosition, rest: Rest, figures: PositionFigures, margin: Decimal, *, floats: bool
) -> PositionFigures:
    used = figures.initial_margin or _ZERO
    equity = figures.equity or _ZERO
    bankruptcy = _price_at(_ZERO, position, rest, margin, floats=floats)
    if rest.unknown:
        return replace(figures, bankruptcy_price=bankruptcy)
    closing = _price_at(model.close_level, position, rest, margin, floats=floats)
    state, price = LiquidationState.PRICE, closing
    if equity <= model.close_level * (used + rest.requirement):
        state, price = LiquidationState.ALREADY, None
    elif closing is None:
        state = LiquidationState.NEVER
    reference = position.entry_price if position.mark_price is None else position.mark_price
    distance = remaining = None
    if price is not None:
        long = position.side is Side.LONG
        distance = reference - price if long else price - reference
        moved = price - position.entry_price
        remaining = max(_ZERO, margin + position.size * (moved if long else -moved))
    fields = {name: getattr(figures, name) for name in figures.__struct_fields__}
    fields.update(
        margin_ratio=equity / (used + rest.requirement),
        bankruptcy_price=bankruptcy,
        liquidation=state,
        liquidation_price=price,
        margin_call_price=(
            None if model.call_level is None else _price_at(model.call_level, position, rest, margin, floats=floats)
        ),
        distance_in_price=distance,
        distance_to_liquidation=None if distance is None else distance / reference,
        remaining_after_liquidation=remaining,
    )
    return PositionFigures(**fields)


def _price_at(level: Decimal, position: HeldPosition, rest: Rest, margin: Decimal, *, floats: bool) -> Decimal | None:
    """Return the price at which equity is `level` times used margin; null when no price above zero is.

    Long: `m + Q (P - E) = level (Q E / L + rest)`. Short: `m + Q (E - P) = level (Q P / L + rest)` where used margin
    floats, with `Q E / L` otherwise.
    """
    size, entry = position.size, position.entry_price
    leverage = position.leverage or _ONE
    still = level * rest.requirement
    if position.side is Side.LONG:
        price = entry + (level * size * entry / leverage + still - margin) / size
    elif floats:
        price = (margin + size * entry - still) / (size * (_ONE + level / leverage))
    else:
        price = entry + (margin - level * size * entry / leverage - still) / size
    return price if price > 0 else None
