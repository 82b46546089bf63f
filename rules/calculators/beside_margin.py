"""Figures that venues show beside a position's margins: risk rate, open orders, a fill, a partial liquidation."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from msgspec.structs import replace

from data.facts.margin_models import (
    AdjustmentFactorMargin,
    MarginLevel,
    MarginModel,
    PartialLiquidationTerms,
    RequirementModel,
    RiskRateForm,
)
from data.facts.vocabulary import MarginMode, Side
from rules.calculators.holding import beyond_ladder, client_of
from rules.calculators.inputs import PartialLiquidationInput, PositionInput
from rules.calculators.position_answers import FillOutcome, OpenOrders
from rules.calculators.refusal import Problem
from rules.calculators.resolve import Resolved, resolve
from rules.knowledge import Knowledge
from rules.margin.account import open_sizes
from rules.margin.margins import Valuation, initial_rate
from rules.margin.partial import PartialLiquidation, partial_liquidation
from rules.margin.position import HeldPosition, PositionFigures, Rest, direction_of, size_in, value_of

_ZERO = Decimal(0)

ORDERS_AT_MARK = "open orders are valued at the price of the position, not at their own"
ORDERS_BEYOND = "lead to a size that the venue does not grant: {field} {detail}"
NO_ORDER_RATE = "the margin of open orders needs an initial margin rate or a leverage"
NO_FILL_MARGIN = "what the fill leaves needs the margin behind the position"
NO_PARTIAL_MARGIN = "a partial liquidation needs {lacking}, which {are} not known"
WHOLE_ACCOUNT = "closes a share of every position: list them all in positions"
NO_PARTIAL_TERMS = "must be given: how the venue closes positions in part is not on file"


def risk_rate(model: MarginModel, held: HeldPosition, figures: PositionFigures) -> Decimal | None:
    """Return the venue's own number for a position's standing; null where it has none or something is missing."""
    equity, factor = figures.equity, held.terms.adjustment_factor
    if held.margin_mode is MarginMode.CROSS:
        maintenance = figures.maintenance_margin
        if model.cross_risk_rate is not RiskRateForm.EQUITY_OVER_REQUIREMENT_LESS_ONE or not maintenance:
            return None
        return None if equity is None else equity / maintenance - 1
    if model.isolated_risk_rate is not RiskRateForm.EQUITY_OVER_USED_LESS_FACTOR or not figures.initial_margin:
        return None
    if factor is None and isinstance(model, AdjustmentFactorMargin) and figures.maintenance_margin is not None:
        factor = figures.maintenance_margin / figures.initial_margin
    return None if equity is None or factor is None else equity / figures.initial_margin - factor


def liquidation_buffer(model: MarginModel, held: HeldPosition, figures: PositionFigures, rest: Rest) -> Decimal | None:
    """Return what equity leaves beside all that is required, the fee to close where it counts; null when unknown."""
    equity, required = figures.equity, None
    if rest.unknown:
        return None
    if isinstance(model, RequirementModel):
        required = Valuation(model, held).requirement()
        required = None if required is None else required + rest.requirement
    elif isinstance(model, MarginLevel) and figures.initial_margin is not None:
        required = model.close_level * (figures.initial_margin + rest.requirement)
    return None if equity is None or required is None else equity - required


def net_unrealized_pnl(held: HeldPosition, figures: PositionFigures) -> Decimal | None:
    """Return unrealised profit less the fee of opening at the taker rate; null without either."""
    rate, pnl = held.terms.taker_fee_rate, figures.unrealized_pnl
    if rate is None or pnl is None:
        return None
    return pnl - value_of(held.size, held.entry_price, held.terms.contract_type) * rate


def open_orders(
    asked: PositionInput,
    resolved: Resolved,
    held: HeldPosition,
    knowledge: Knowledge,
    problems: list[Problem],
    notes: list[str],
) -> OpenOrders | None:
    """Return the open size of each side with its orders and the initial margin of the larger; null when none is asked.

    A position and the orders against it offset each other: only the side that could become larger needs margin. It
    needs what a position of its size would; a size beyond the ladder is a problem, as it is of a position.
    """
    if asked.buy_orders is None and asked.sell_orders is None:
        return None
    model, terms = resolved.model, held.terms
    price = held.mark_price if held.mark_price is not None else held.entry_price
    sizes = []
    for amount in (asked.buy_orders, asked.sell_orders):
        size = size_in(amount or _ZERO, resolved.size_unit, terms.contract_type, terms.contract_size, price)
        assert size is not None  # noqa: S101 - the position's own size was counted the same way
        sizes.append(size)
    held_size = held.size if held.whole is None else held.whole.size
    bought, sold = open_sizes(held_size if held.side is Side.LONG else -held_size, sizes[0], sizes[1])
    at, side, size = ("/buy_orders", Side.LONG, bought) if bought >= sold else ("/sell_orders", Side.SHORT, sold)
    if side is not held.side and resolved.ladder is not None and resolved.ladder.side is not None:
        resolved = resolve(asked.venue, replace(asked, side=side), knowledge, client_of(asked), problems) or resolved
    larger = replace(held, side=side, size=size, terms=resolved.terms, whole=None)
    beyond = beyond_ladder(asked, resolved, larger, "")
    if beyond:
        problems.extend((at, ORDERS_BEYOND.format(field=of[1:], detail=detail)) for of, detail in beyond)
        return None
    rate = None
    if isinstance(model, RequirementModel):
        rates = Valuation(model, larger).rates
        rate = initial_rate(model, larger, rates)
        notes.extend(one for one in (rates.missing, rates.approximation) if one is not None)
    if rate is None:
        notes.append(NO_ORDER_RATE)
        return None
    notes.append(ORDERS_AT_MARK)
    needed = value_of(size, price, terms.contract_type) * rate
    return OpenOrders(buy_open_size=bought, sell_open_size=sold, initial_margin=needed)


def at_fill(
    price: Decimal | None, held: HeldPosition, figures: PositionFigures, notes: list[str]
) -> FillOutcome | None:
    """Return what closing at a price leaves of the margin, and the loss beyond it; null when no price is asked."""
    if price is None:
        return None
    margin, terms = figures.margin, held.terms
    if margin is None:
        notes.append(NO_FILL_MARGIN)
        return None
    value = value_of(held.size, price, terms.contract_type)
    entry_value = value_of(held.size, held.entry_price, terms.contract_type)
    pnl = direction_of(held.side, terms.contract_type) * (value - entry_value)
    rate = terms.liquidation_fee_rate if terms.liquidation_fee_rate is not None else terms.taker_fee_rate
    fee = None if rate is None else value * rate
    left = margin + pnl - (fee or _ZERO)
    return FillOutcome(price=price, realized_pnl=pnl, fee=fee, left=max(_ZERO, left), shortfall=max(_ZERO, -left))


def partial(
    asked: PartialLiquidationInput | None,
    models: Sequence[MarginModel],
    *,
    wallet_balance: Decimal | None,
    unrealized_pnl: Decimal | None,
    maintenance_margin: Decimal | None,
    sizes: Sequence[Decimal],
    problems: list[Problem],
    notes: list[str],
) -> PartialLiquidation | None:
    """Return what closing a share of every position leaves; null when it is not asked or a figure is missing."""
    if asked is None:
        return None
    own = next((m.partial_liquidation for m in models if isinstance(m, RequirementModel)), None)
    given = {name: getattr(asked, name) for name in PartialLiquidationTerms.__struct_fields__}
    for name, value in given.items():
        if value is None and own is None:
            problems.append((f"/partial_liquidation/{name}", NO_PARTIAL_TERMS))
        given[name] = value if value is not None else getattr(own, name, None)
    if any(value is None for value in given.values()):
        return None
    if wallet_balance is None or unrealized_pnl is None or maintenance_margin is None:
        needed = {
            "the margin behind the account": wallet_balance,
            "the unrealised profit at a mark price": unrealized_pnl,
            "the maintenance margin": maintenance_margin,
        }
        lacking = [name for name, amount in needed.items() if amount is None]
        notes.append(NO_PARTIAL_MARGIN.format(lacking=" and ".join(lacking), are="is" if len(lacking) == 1 else "are"))
        return None
    return partial_liquidation(
        PartialLiquidationTerms(**given),
        wallet_balance=wallet_balance,
        unrealized_pnl=unrealized_pnl,
        maintenance_margin=maintenance_margin,
        sizes=sizes,
    )
