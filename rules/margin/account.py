"""A cross account: positions that share one balance, each with the price at which the account would be closed.

The price of one position is solved with all others held still at their mark prices; what they earn and require counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal, localcontext

from msgspec import Struct

from data.facts.amounts import ARITHMETIC
from data.facts.margin_models import MarginLevel, MarginModel, MarginRatioForm, RequirementModel
from data.facts.vocabulary import ContractType, MarginMode
from rules.margin.figures import position_figures, requirement_figures
from rules.margin.margins import Valuation
from rules.margin.position import HeldPosition, PositionFigures, Rest, value_of

_ZERO = Decimal(0)

SAME_INSTRUMENT = "another position in the same instrument is held still at its mark price"
REST_UNKNOWN = "the requirement of another position is not known; it is left out"


class AccountTotals(Struct, frozen=True, kw_only=True):
    """Totals of a cross account; null where a figure of some position is not known.

    `equity` is the balance with all unrealised profit, `available` what equity leaves beside initial margin,
    `effective_leverage` all notional over equity; `margin_ratio` stands the way the venue prints it.
    """

    wallet_balance: Decimal
    equity: Decimal
    unrealized_pnl: Decimal
    notional: Decimal
    initial_margin: Decimal | None
    maintenance_margin: Decimal | None
    available: Decimal | None
    margin_ratio: Decimal | None
    effective_leverage: Decimal | None


class AccountFigures(Struct, frozen=True, kw_only=True):
    """Totals of a cross account and the figures of each position, in their order."""

    totals: AccountTotals
    positions: tuple[PositionFigures, ...]
    approximations: tuple[str, ...] = ()


def account_figures(positions: Sequence[tuple[MarginModel, HeldPosition]], wallet_balance: Decimal) -> AccountFigures:
    """Return the figures of an account whose positions all settle in one currency.

    `wallet_balance` is the balance without unrealised profit; it stands in place of what the positions say.
    """
    with localcontext(ARITHMETIC):
        return _account(positions, wallet_balance)


def rest_of(others: Sequence[tuple[MarginModel, HeldPosition]]) -> tuple[Rest, tuple[str, ...]]:
    """Return what other positions bring to one position's account, and what had to be left out."""
    with localcontext(ARITHMETIC):
        pnl = required = _ZERO
        words: list[str] = []
        for model, position in others:
            earned, needs = _brings(model, position)
            pnl += earned
            if needs is None:
                words.append(REST_UNKNOWN)
            else:
                required += needs
        return Rest(unrealized_pnl=pnl, requirement=required), tuple(dict.fromkeys(words))


def _brings(model: MarginModel, position: HeldPosition) -> tuple[Decimal, Decimal | None]:
    if isinstance(model, RequirementModel):
        held = Valuation(model, position)
        return held.pnl, held.requirement()
    figures = position_figures(model, position)
    needs = figures.initial_margin if isinstance(model, MarginLevel) else figures.maintenance_margin
    return figures.unrealized_pnl or _ZERO, needs


def _account(positions: Sequence[tuple[MarginModel, HeldPosition]], wallet_balance: Decimal) -> AccountFigures:
    placed = [(model, _in_wallet(position, wallet_balance)) for model, position in positions]
    valued: list[tuple[Valuation | None, Decimal, Decimal | None]] = []
    pnl = required = _ZERO
    words: list[str] = []
    for model, position in placed:
        if isinstance(model, RequirementModel):
            held = Valuation(model, position)
            earned, needs = held.pnl, held.requirement()
            valued.append((held, earned, needs))
        else:
            earned, needs = _brings(model, position)
            valued.append((None, earned, needs))
        pnl += earned
        if needs is None:
            words.append(REST_UNKNOWN)
        else:
            required += needs
    symbols = [position.terms.symbol for _, position in placed]
    if len({symbol for symbol in symbols if symbol}) < len([symbol for symbol in symbols if symbol]):
        words.append(SAME_INSTRUMENT)

    found: list[PositionFigures] = []
    for (model, position), (valuation, earned, needs) in zip(placed, valued, strict=True):
        rest = Rest(unrealized_pnl=pnl - earned, requirement=required - (needs or _ZERO))
        if valuation is not None and isinstance(model, RequirementModel):
            found.append(requirement_figures(model, position, valuation, rest))
        else:
            found.append(position_figures(model, position, rest))

    equity = wallet_balance + pnl
    initial = _total([figures.initial_margin for figures in found])
    notional = sum((figures.notional for figures in found), _ZERO)
    totals = AccountTotals(
        wallet_balance=wallet_balance,
        equity=equity,
        unrealized_pnl=pnl,
        notional=notional,
        initial_margin=initial,
        maintenance_margin=_total([figures.maintenance_margin for figures in found]),
        available=None if initial is None else equity - initial,
        margin_ratio=_ratio(placed, equity, required),
        effective_leverage=notional / equity if equity > 0 else None,
    )
    return AccountFigures(totals=totals, positions=tuple(found), approximations=tuple(dict.fromkeys(words)))


def _in_wallet(position: HeldPosition, wallet_balance: Decimal) -> HeldPosition:
    if position.margin_mode is MarginMode.CROSS and position.wallet_balance == wallet_balance:
        return position
    fields = {name: getattr(position, name) for name in position.__struct_fields__}
    fields.update(margin_mode=MarginMode.CROSS, wallet_balance=wallet_balance)
    return HeldPosition(**fields)


def _total(amounts: Sequence[Decimal | None]) -> Decimal | None:
    total = _ZERO
    for amount in amounts:
        if amount is None:
            return None
        total += amount
    return total


def _ratio(positions: Sequence[tuple[MarginModel, HeldPosition]], equity: Decimal, required: Decimal) -> Decimal | None:
    form = positions[0][0].margin_ratio_form if positions else MarginRatioForm.REQUIREMENT_OVER_EQUITY
    if form is MarginRatioForm.EQUITY_OVER_REQUIREMENT:
        return None if required == 0 else equity / required
    return None if equity <= 0 else required / equity


def net_initial_margin(
    signed_position: Decimal,
    buy_orders: Decimal,
    sell_orders: Decimal,
    initial_margin_rate: Decimal,
    price: Decimal,
    contract_type: ContractType = ContractType.LINEAR,
) -> tuple[Decimal, Decimal, Decimal]:
    """Return the open size of each side with its orders, and the initial margin of the larger.

    `max(0, orders + signed position)` for buys, minus the signed position for sells. Source: Paradex documentation.
    """
    bought = max(_ZERO, buy_orders + signed_position)
    sold = max(_ZERO, sell_orders - signed_position)
    return bought, sold, value_of(max(bought, sold), price, contract_type) * initial_margin_rate
