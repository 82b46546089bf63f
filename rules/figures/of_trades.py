"""Every figure of one trade, put together from its margins, its exits, its costs and its place in the account."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from msgspec import structs

from data.facts.margin_models import (
    AdlRanking,
    LadderKind,
    OpenInterestMargin,
)
from data.facts.venues import MarginTier
from data.facts.vocabulary import UNLEVERAGED, ContractType, Side
from rules.adl.score import Standing, adl_score
from rules.case import Terms
from rules.costs.fees import liquidation_rate
from rules.decision import Figures
from rules.figures.borrowing import borrow_cost
from rules.figures.costs import CostFigures, cost_figures, paid_on_average
from rules.figures.exits import filled, loss_at_stop, reward_to_risk, risk_fraction
from rules.figures.exposure import Exposure, worth_in_account
from rules.figures.margins import margin_figures, settle_currency
from rules.figures.opening import mark_as_it_opens
from rules.figures.sizes import Size, notional_of
from rules.margin.ladder import initial_ladder_of, leverage_at, size_limit_at_leverage
from rules.margin.margins import requirement_over_equity
from rules.margin.position import PositionFigures
from rules.terms.leverage_caps import highest_granted
from rules.trade import ProposedTrade

# An enum's member is looked up through its metaclass, far slower than a name: these are read several times a trade.
_BY_STEP = LadderKind.STEP
_INVERSE = ContractType.INVERSE
_LONG = Side.LONG
_QUANTO = ContractType.QUANTO
_UNKNOWN = AdlRanking.UNKNOWN

_ZERO = Decimal(0)


def figures_of(trade: ProposedTrade, terms: Terms, size: Size, exposure: Exposure) -> Figures:
    """Return the figures of a trade; null where something they need is missing, and `approximations` says what."""
    notes: list[str] = []
    value = _settled_value(terms, size)
    mark = mark_as_it_opens(trade, exposure.same_instrument)
    costs = cost_figures(trade, terms, size, value, borrow_cost(trade, terms, size), mark)
    at_fill = _at_fill(trade, terms, size, costs)
    margin = _margins(trade, terms, size, at_fill, exposure, mark, notes)
    return _figures(trade, terms, size, at_fill, exposure, value, margin, costs, notes)


def figures_of_each(asked: Sequence[tuple[ProposedTrade, Terms, Size, Exposure]]) -> list[Figures]:
    """Return what `figures_of` returns for each trade, step by step for all of them."""
    values = [_settled_value(terms, size) for _, terms, size, _ in asked]
    marks = [mark_as_it_opens(trade, exposure.same_instrument) for trade, _, _, exposure in asked]
    costs = [
        cost_figures(trade, terms, size, value, borrow_cost(trade, terms, size), mark)
        for (trade, terms, size, _), value, mark in zip(asked, values, marks, strict=True)
    ]
    fills = [_at_fill(trade, terms, size, cost) for (trade, terms, size, _), cost in zip(asked, costs, strict=True)]
    notes: list[list[str]] = [[] for _ in asked]
    margins = [
        _margins(trade, terms, size, at_fill, exposure, mark, noted)
        for (trade, terms, size, exposure), at_fill, mark, noted in zip(asked, fills, marks, notes, strict=True)
    ]
    return [
        _figures(trade, terms, size, at_fill, exposure, value, margin, cost, noted)
        for (trade, terms, size, exposure), at_fill, value, margin, cost, noted in zip(
            asked, fills, values, margins, costs, notes, strict=True
        )
    ]


def with_exits(figures: Figures, trade: ProposedTrade, terms: Terms, exposure: Exposure) -> Figures:
    """Return the figures of `trade`, given those of one that differs from it in stop and target alone."""
    size = filled_size(figures, trade, terms)
    loss = loss_at_stop(trade, terms, size)
    return structs.replace(
        figures,
        loss_at_stop=loss,
        risk_fraction=risk_fraction(loss, trade, terms, exposure),
        reward_to_risk=reward_to_risk(trade, size.price, terms),
    )


def _at_fill(trade: ProposedTrade, terms: Terms, size: Size, costs: CostFigures) -> Size:
    return filled(size, trade.side, paid_on_average(trade, size, costs.average_fill_price), terms.contract_type)


def _margins(
    trade: ProposedTrade,
    terms: Terms,
    size: Size,
    at_fill: Size,
    exposure: Exposure,
    mark: Decimal | None,
    notes: list[str],
) -> PositionFigures:
    """Return the margins of a trade at its entry price, and where the position that the fill leaves ends.

    At the average fill where that is worse: what is paid beyond the best price in the book is lost as it opens.
    """
    if at_fill is size:
        return margin_figures(trade, terms, size, exposure, mark, notes)
    margin = margin_figures(trade, terms, size, exposure, mark, [])
    held = margin_figures(trade, terms, at_fill, exposure, mark, notes)
    return structs.replace(
        margin,
        liquidation=held.liquidation,
        liquidation_price=held.liquidation_price,
        bankruptcy_price=held.bankruptcy_price,
        margin_call_price=held.margin_call_price,
        distance_to_liquidation=held.distance_to_liquidation,
        distance_in_price=held.distance_in_price,
        margin_ratio=held.margin_ratio,
    )


def filled_size(figures: Figures, trade: ProposedTrade, terms: Terms) -> Size:
    """Return the size of a trade at the price from which its exits are reckoned: its entry price, or its average fill
    where that is worse.
    """
    size = Size(price=figures.entry_price, notional=figures.notional, quantity=figures.quantity)
    return filled(size, trade.side, paid_on_average(trade, size, figures.average_fill_price), terms.contract_type)


def _settled_value(terms: Terms, size: Size) -> Decimal | None:
    if terms.contract_type is _INVERSE:
        return size.quantity
    return None if terms.contract_type is _QUANTO else size.notional


def _figures(
    trade: ProposedTrade,
    terms: Terms,
    size: Size,
    at_fill: Size,
    exposure: Exposure,
    value: Decimal | None,
    margin: PositionFigures,
    costs: CostFigures,
    notes: list[str],
) -> Figures:
    account, market, price = trade.account, trade.market, size.price
    equity = account.equity if account is not None else None
    loss = loss_at_stop(trade, terms, at_fill)
    liquidation_price = margin.liquidation_price
    tier = terms.tier
    at_size = margin.max_leverage if tier is None else _granted_at_size(terms, tier, margin)
    # In three parts: with more than fifteen keywords a call packs them in a dictionary first, which takes far longer.
    figures = Figures(
        currency=settle_currency(terms),
        entry_price=price,
        notional=size.notional,
        quantity=size.quantity,
        contracts=size.contracts,
        initial_margin=margin.initial_margin,
        maintenance_margin=margin.maintenance_margin,
        tier=tier.tier if tier is not None else None,
        max_leverage=_granted(terms, at_size),
        max_leverage_in_tier=at_size,
        max_notional_at_leverage=_max_notional(trade.leverage, terms, size),
        margin_ratio=margin.margin_ratio,
        adl_score=_adl(trade, terms, value, margin, price),
        margin_model=terms.margin_model.title if terms.margin_model is not None else None,
        approximations=tuple(dict.fromkeys(notes)),
    )
    figures = structs.replace(
        figures,
        liquidation=margin.liquidation,
        liquidation_price=liquidation_price,
        bankruptcy_price=margin.bankruptcy_price,
        margin_call_price=margin.margin_call_price,
        distance_to_liquidation=margin.distance_to_liquidation,
        distance_to_liquidation_atr=_in_atr(margin, market.atr if market is not None else None),
        loss_at_stop=loss,
        risk_fraction=risk_fraction(loss, trade, terms, exposure),
        reward_to_risk=reward_to_risk(trade, at_fill.price, terms),
        aggregate_leverage=_aggregate_leverage(
            size if trade.reduce_only else terms.counted, exposure, equity, reduces=trade.reduce_only
        ),
    )
    return structs.replace(
        figures,
        entry_fee=costs.entry_fee,
        exit_fee=costs.exit_fee,
        funding_cost=costs.funding_cost,
        funding_rate_annualised=costs.funding_rate_annualised,
        borrow_cost=costs.borrow_cost,
        liquidation_fee=_liquidation_fee(terms, size, liquidation_price),
        slippage=costs.slippage,
        slippage_cost=costs.slippage_cost,
        average_fill_price=costs.average_fill_price,
        total_cost=costs.total_cost,
        cost_on_margin=_ratio(costs.total_cost, margin.initial_margin),
        break_even_price=costs.break_even_price,
        cost_notes=costs.approximations,
    )


def _max_notional(leverage: Decimal | None, terms: Terms, size: Size) -> Decimal | None:
    """Return the largest order that has the chosen leverage, zero where none has; null where no bound is known: where a
    recording stops early, larger sizes may have it too.

    Of the order at its price, as the tiers are asked: what a venue values at the mark price later is no bound of it.
    """
    ladder, counted, price = terms.ladder, terms.counted, size.price
    if leverage is None or price is None or ladder is None or not ladder.tiers:
        return None
    granted, limit = size_limit_at_leverage(ladder.tiers, leverage, initial_ladder_of(terms.margin_model))
    if not granted:
        return _ZERO
    if limit is None or terms.size_in_ladder_unit is None:
        return None
    if not ladder.complete and limit == ladder.tiers[-1].cap:
        return None
    if counted is size or counted.price is None or not size.notional or not counted.notional:
        return notional_of(limit, price, ladder, terms.instrument)
    largest = notional_of(limit, counted.price, ladder, terms.instrument)
    return None if largest is None else largest * size.notional / counted.notional


def _granted_at_size(terms: Terms, tier: MarginTier, margin: PositionFigures) -> Decimal:
    """Return the leverage that the ladder grants at the trade's size: its rung's, or more where slices are averaged, or
    less where open interest raises the margin.
    """
    if type(terms.margin_model) is OpenInterestMargin:
        return min(tier.max_leverage, margin.max_leverage or tier.max_leverage)
    ladder, size, initial = terms.ladder, terms.size_in_ladder_unit, initial_ladder_of(terms.margin_model)
    if initial is _BY_STEP or ladder is None or size is None:
        return tier.max_leverage
    most = leverage_at(ladder.tiers, size, initial)
    return tier.max_leverage if most is None else most


def _granted(terms: Terms, at_size: Decimal | None) -> Decimal | None:
    """Return the lower of what the size and the venue's caps for the client grant; one of them where the other is not
    known, and nothing where the product has no leverage.
    """
    if terms.product in UNLEVERAGED:
        return at_size
    capped = highest_granted(terms.caps)
    if at_size is None or capped is None:
        return capped if at_size is None else at_size
    return min(at_size, capped)


def _in_atr(margin: PositionFigures, atr: Decimal | None) -> Decimal | None:
    return _ratio(margin.distance_in_price, atr)


def _ratio(part: Decimal | None, whole: Decimal | None) -> Decimal | None:
    return None if part is None or not whole else part / whole


def _aggregate_leverage(size: Size, exposure: Exposure, equity: Decimal | None, *, reduces: bool) -> Decimal | None:
    held, worth = exposure.positions, worth_in_account(size, exposure)
    if worth is None or held is None or held.gross is None:
        return None
    if equity is None or equity <= 0:
        return None
    gross = max(held.gross - worth, _ZERO) if reduces else held.gross + worth
    return gross / equity


def _liquidation_fee(terms: Terms, size: Size, price: Decimal | None) -> Decimal | None:
    """Return the venue's charge for liquidating, on the position's value at the liquidation price."""
    if price is None or price <= 0:
        return None
    instrument = terms.instrument
    rate = liquidation_rate(terms.liquidation, terms.fee_extras, None if instrument is None else instrument.symbol)
    if rate is None:
        return None
    if terms.contract_type is _INVERSE:
        return None if size.notional is None else size.notional / price * rate
    return None if size.quantity is None else size.quantity * price * rate


def _adl(
    trade: ProposedTrade, terms: Terms, value: Decimal | None, margin: PositionFigures, price: Decimal | None
) -> Decimal | None:
    """Return the deleveraging score the position starts with, where the venue publishes its formula."""
    model = terms.margin_model
    mark = mark_as_it_opens(trade)
    if model is None or value is None or mark is None or price is None or mark <= 0:
        return None
    if model.adl_ranking is _UNKNOWN or margin.unrealized_pnl is None:
        return None
    return adl_score(
        model.adl_ranking,
        Standing(
            entry_value=value,
            mark_value=margin.notional,
            unrealized_pnl=margin.unrealized_pnl,
            margin=margin.equity,
            maintenance_rate=requirement_over_equity(model, margin.margin_ratio),
            price_ratio=mark / price if trade.side is _LONG else price / mark,
        ),
    )
