"""Every figure of one trade: size, margin, liquidation, risk and cost, put together from the arithmetic modules."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from msgspec import structs

from data.facts.margin_models import (
    AdlRanking,
    LadderKind,
    LiabilityMargin,
    MarginModel,
    PerformanceBond,
    RequirementModel,
)
from data.facts.venues import MarginTier
from data.facts.vocabulary import UNLEVERAGED, ContractType, MarginMode, Product, Side
from rules.adl.score import Standing, adl_score
from rules.borrowing import borrow_cost
from rules.case import Terms
from rules.cost_figures import CostFigures, cost_figures, funding_rate_of, loss_at
from rules.costs.fees import liquidation_rate
from rules.decision import Figures
from rules.exposure import Exposure, Positions
from rules.leverage_caps import highest_granted
from rules.margin.figures import NOTHING_ELSE, essential_figures
from rules.margin.joined import BY_ITSELF, joined_figures
from rules.margin.ladder import initial_ladder_of, leverage_at, size_limit_at_leverage
from rules.margin.margin_level import NO_BALANCE
from rules.margin.margins import NO_WALLET, requirement_over_equity
from rules.margin.position import HeldPosition, PositionFigures, PositionTerms, Rest
from rules.money import rate_between, same_money
from rules.near_facts import tightest_class
from rules.sizes import Size, added_margin_of, entry_price_of, mark_price_of, notional_of
from rules.trade import Position, ProposedTrade

# An enum's member is looked up through its metaclass, far slower than a name: these are read several times a trade.
_BY_STEP = LadderKind.STEP
_CROSS = MarginMode.CROSS
_INVERSE = ContractType.INVERSE
_LONG = Side.LONG
_OPTION = Product.OPTION
_QUANTO = ContractType.QUANTO
_SPOT = Product.SPOT
_UNKNOWN = AdlRanking.UNKNOWN

_ZERO = Decimal(0)
_ONE = Decimal(1)
NO_MODEL = "no margin model is on file for this venue, product and kind of contract"
NO_SIZE = "the size cannot be worked out: give notional or quantity"
NO_PRICE = "no price is known: give entry_price, or the mark price"
NO_SIZE_OR_PRICE = "the size cannot be worked out: give notional or quantity, and a price"
NO_QUANTO = "the margins of a quanto contract are not computed"
NO_LEVERAGE = "no leverage is given; initial margin is that of the highest leverage granted"
NO_MODE = "no margin mode is given; the position is reckoned as isolated"
NOTHING_COMPUTED = PositionFigures(notional=_ZERO, position_value=_ZERO)
_OPENS_NOTHING = PositionFigures(notional=_ZERO, position_value=_ZERO, initial_margin=_ZERO)
"""An order that only reduces takes no margin, and opens nothing that could be liquidated."""
ISOLATED_UNKNOWN = (
    "what isolated positions at the venue hold of the equity is not known: cross liquidation is not computed"
)
SEVERAL_WALLETS = (
    "cross positions that settle in another currency are reckoned to share one wallet with this trade, as in an "
    "account of several currencies"
)
ADDED_TO_CROSS = (
    "added_margin belongs to an isolated position; what backs a cross position is the wallet, which holds it"
)
NO_OPTION_MARGIN = "what a venue asks for an option is not computed: a bought one costs its premium"
OTHERS_UNKNOWN = "other positions at the venue are not given, or not valued: cross liquidation is not computed"


def figures_of(asked: Sequence[tuple[ProposedTrade, Terms, Size, Exposure]]) -> list[Figures]:
    """Return the figures of each trade; null where something they need is missing, and `approximations` says what."""
    values = [_settled_value(terms, size) for _, terms, size, _ in asked]
    marks = [
        mark_price_of(trade, () if exposure.positions is None else exposure.positions.same_instrument)
        for trade, _, _, exposure in asked
    ]
    notes: list[list[str]] = [[] for _ in asked]
    margins = [_margin_figures(*one, mark, noted) for one, mark, noted in zip(asked, marks, notes, strict=True)]
    costs = [
        cost_figures(trade, terms, size, value, borrow_cost(trade, terms, size), mark)
        for (trade, terms, size, _), value, mark in zip(asked, values, marks, strict=True)
    ]
    return [
        _figures(*one, value, margin, cost, noted)
        for one, value, margin, cost, noted in zip(asked, values, margins, costs, notes, strict=True)
    ]


def with_exits(figures: Figures, trade: ProposedTrade, terms: Terms, exposure: Exposure) -> Figures:
    """Return the figures of `trade`, given those of one that differs from it in stop and target alone."""
    size = Size(price=entry_price_of(trade), notional=figures.notional, quantity=figures.quantity)
    loss = _loss_at_stop(trade, terms, size)
    return structs.replace(
        figures,
        loss_at_stop=loss,
        risk_fraction=_risk_fraction(loss, trade, terms, exposure),
        reward_to_risk=_reward_to_risk(trade, size.price, terms),
    )


def settle_currency(terms: Terms) -> str | None:
    """Return the currency in which the position's profit and margin are counted."""
    return terms.as_position.settle


def _settled_value(terms: Terms, size: Size) -> Decimal | None:
    if terms.contract_type is _INVERSE:
        return size.quantity
    return None if terms.contract_type is _QUANTO else size.notional


def _margin_figures(
    trade: ProposedTrade, terms: Terms, size: Size, exposure: Exposure, mark: Decimal | None, notes: list[str]
) -> PositionFigures:
    model, kind = terms.margin_model, terms.contract_type
    if trade.reduce_only:
        return _OPENS_NOTHING
    if terms.product is _SPOT or kind is None:
        return NOTHING_COMPUTED
    if terms.product is _OPTION:
        notes.append(NO_OPTION_MARGIN)
        return NOTHING_COMPUTED
    if model is None:
        notes.append(NO_MODEL)
        return NOTHING_COMPUTED
    counted = size.notional if kind is _INVERSE else size.quantity
    if size.price is None or not counted or kind is _QUANTO:
        notes.append(_why_uncounted(size))
        return NOTHING_COMPUTED
    rest, wallet, held = NOTHING_ELSE, None, exposure.positions
    if trade.margin_mode is _CROSS:
        rest, wallet = _cross_backing(trade, terms, exposure, notes)
    own = HeldPosition(
        side=trade.side,
        size=counted,
        entry_price=size.price,
        terms=position_terms(trade, terms),
        mark_price=mark,
        leverage=trade.leverage,
        margin_mode=trade.margin_mode,
        added_margin=added_margin_of(trade),
        wallet_balance=wallet,
    )
    found = essential_figures(model, own, rest)
    if held is not None and held.same_instrument:
        found = _beside_held(model, own, found, held, rest, exposure.settle_rate)
    other = _in_other_money(trade, terms) if wallet is None and trade.margin_mode is _CROSS else None
    notes.extend(other if other is not None and one in _NO_BACKING else one for one in found.approximations)
    of_class = tightest_class(terms.ladder, trade.client.client_class)
    if of_class is not None:
        notes.append(of_class)
    if trade.margin_mode is None and found.liquidation is not None and isinstance(model, RequirementModel):
        notes.append(NO_MODE)
    if trade.leverage is None and found.initial_margin is not None and margin_follows_leverage(model):
        notes.append(NO_LEVERAGE)
    if trade.added_margin and trade.margin_mode is _CROSS:
        notes.append(ADDED_TO_CROSS)
    return found


def margin_follows_leverage(model: MarginModel | None) -> bool:
    """Say whether initial margin hangs on the leverage chosen, not on what clearing or a lender sets alone."""
    return not isinstance(model, PerformanceBond | LiabilityMargin)


def _why_uncounted(size: Size) -> str:
    """Say what is missing where nothing can be computed: the size, the price, or a formula for the kind of contract."""
    stated = size.notional is not None or size.quantity is not None
    if size.price is None:
        return NO_PRICE if stated else NO_SIZE_OR_PRICE
    return NO_QUANTO if stated else NO_SIZE


def _beside_held(
    model: MarginModel, own: HeldPosition, alone: PositionFigures, held: Positions, rest: Rest, rate: Decimal | None
) -> PositionFigures:
    """Return the figures of a trade in an instrument of which more is held at the venue.

    `rate` turns the settlement currency into the account's, in which the margin of what is held is stated.
    """
    unsized = own.terms.contract_type is _INVERSE and not own.terms.contract_size
    if unsized or not isinstance(model, RequirementModel):
        return structs.replace(alone, approximations=(*alone.approximations, BY_ITSELF))
    cross = own.margin_mode is _CROSS
    if cross and own.wallet_balance is None:
        return alone
    others = Rest(
        unrealized_pnl=rest.unrealized_pnl - held.same_profit, requirement=rest.requirement - held.same_maintenance
    )
    legs = [_leg(position, own, rate, cross=cross) for position in held.same_instrument]
    return joined_figures(model, own, alone, legs, others if cross else NOTHING_ELSE)


def _leg(position: Position, own: HeldPosition, rate: Decimal | None, *, cross: bool) -> HeldPosition:
    """Return a held position on the trade's terms; one that does not state its margin mode has the trade's in a cross
    account. Its margin is not known where the account's currency does not turn into the settlement currency.
    """
    size, leverage, collateral = position.quantity, position.leverage, position.collateral
    if collateral is not None:
        leverage, collateral = (leverage, collateral / rate) if rate else (None, None)
    if own.terms.contract_type is _INVERSE:
        size *= own.terms.contract_size or _ONE
    return HeldPosition(
        side=position.side,
        size=size,
        entry_price=position.entry_price,
        terms=own.terms,
        mark_price=own.mark_price if own.mark_price is not None else position.mark_price,
        leverage=leverage,
        margin_mode=position.margin_mode or (_CROSS if cross else None),
        collateral=collateral,
        wallet_balance=own.wallet_balance,
    )


def position_terms(trade: ProposedTrade, terms: Terms) -> PositionTerms:
    """Return the terms of one trade as the margin formulas read them."""
    market, known = trade.market, terms.as_position
    if market is None:
        return known
    return structs.replace(known, funding_rate=funding_rate_of(trade, terms), open_interest=market.open_interest)


def _cross_backing(
    trade: ProposedTrade, terms: Terms, exposure: Exposure, notes: list[str]
) -> tuple[Rest, Decimal | None]:
    """Return what the other cross positions bring, and the wallet; a wallet of null leaves liquidation unknown."""
    account, held = trade.account, exposure.positions
    if account is None or not same_money(settle_currency(terms), account.currency):
        return NOTHING_ELSE, None
    if held is None or held.cross_profit is None or held.cross_maintenance is None:
        notes.append(OTHERS_UNKNOWN)
        return NOTHING_ELSE, None
    if not held.one_wallet:
        notes.append(SEVERAL_WALLETS)
    wallet = account.wallet_balance
    if wallet is None and account.equity is not None and held.cross_only_here:
        if held.isolated_equity is None:
            notes.append(ISOLATED_UNKNOWN)
        else:
            wallet = account.equity - held.isolated_equity - held.cross_profit
    return Rest(unrealized_pnl=held.cross_profit, requirement=held.cross_maintenance), wallet


def cross_account(trade: ProposedTrade, terms: Terms, exposure: Exposure) -> tuple[Decimal, Decimal] | None:
    """Return the equity behind the cross positions held and what they require, before the trade opens, in settlement
    currency; null where the equity is not known.
    """
    rest, wallet = _cross_backing(trade, terms, exposure, [])
    return None if wallet is None else (wallet + rest.unrealized_pnl, rest.requirement)


def _in_other_money(trade: ProposedTrade, terms: Terms) -> str | None:
    """Say that the account is not in the money that backs the position; null where it is, or where neither is known."""
    account, settle = trade.account, settle_currency(terms)
    if account is None or settle is None or (account.wallet_balance is None and account.equity is None):
        return None
    if same_money(settle, account.currency):
        return None
    return (
        f"what backs a cross position is not known: the account is given in {account.currency} and the position "
        f"settles in {settle}; give what backs it in {settle}"
    )


_NO_BACKING = (NO_WALLET, NO_BALANCE)


def _figures(
    trade: ProposedTrade,
    terms: Terms,
    size: Size,
    exposure: Exposure,
    value: Decimal | None,
    margin: PositionFigures,
    costs: CostFigures,
    notes: list[str],
) -> Figures:
    account, market, price = trade.account, trade.market, size.price
    equity = account.equity if account is not None else None
    loss = _loss_at_stop(trade, terms, size)
    liquidation_price = margin.liquidation_price
    tier = terms.tier
    at_size = margin.max_leverage if tier is None else _granted_at_size(terms, tier)
    # In three parts: with more than fifteen keywords a call packs them in a dictionary first, which takes far longer.
    figures = Figures(
        currency=settle_currency(terms),
        notional=size.notional,
        quantity=size.quantity,
        contracts=size.contracts,
        initial_margin=margin.initial_margin,
        maintenance_margin=margin.maintenance_margin,
        tier=tier.tier if tier is not None else None,
        max_leverage=_granted(terms, at_size),
        max_leverage_in_tier=at_size,
        max_notional_at_leverage=_max_notional(trade.leverage, terms, price),
        margin_ratio=margin.margin_ratio,
        adl_score=_adl(trade, terms, value, margin, price),
        margin_model=terms.margin_model.title if terms.margin_model is not None else None,
        approximations=tuple(dict.fromkeys(notes)),
        cost_notes=costs.approximations,
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
        risk_fraction=_risk_fraction(loss, trade, terms, exposure),
        reward_to_risk=_reward_to_risk(trade, price, terms),
        aggregate_leverage=_aggregate_leverage(size, exposure, equity, reduces=trade.reduce_only),
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
    )


def _loss_at_stop(trade: ProposedTrade, terms: Terms, size: Size) -> Decimal | None:
    if trade.reduce_only or size.price is None or trade.stop_price is None or terms.contract_type is None:
        return None  # an order that only reduces has no stop of its own
    return loss_at(trade.side, size.price, trade.stop_price, size, terms.contract_type)


def _max_notional(leverage: Decimal | None, terms: Terms, price: Decimal | None) -> Decimal | None:
    """Return the largest order that has the chosen leverage, zero where none has; null where no bound is known: where a
    recording stops early, larger sizes may have it too.

    Of the order at its price, as the tiers are asked: what a venue values at the mark price later is no bound of it.
    """
    ladder = terms.ladder
    if leverage is None or price is None or ladder is None or not ladder.tiers:
        return None
    granted, limit = size_limit_at_leverage(ladder.tiers, leverage, initial_ladder_of(terms.margin_model))
    if not granted:
        return _ZERO
    if limit is None or terms.size_in_ladder_unit is None:
        return None
    if not ladder.complete and limit == ladder.tiers[-1].cap:
        return None
    return notional_of(limit, price, ladder, terms.instrument)


def _granted_at_size(terms: Terms, tier: MarginTier) -> Decimal:
    """Return the leverage that the ladder grants at the trade's size: its rung's, or more where slices are averaged."""
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


def _risk_fraction(loss: Decimal | None, trade: ProposedTrade, terms: Terms, exposure: Exposure) -> Decimal | None:
    """Return the loss at the stop over equity, in the account's currency at the price at which it is lost: the stop."""
    rate, account, instrument = exposure.settle_rate, trade.account, terms.instrument
    if loss is None or rate is None or account is None or account.equity is None or account.equity <= 0:
        return None
    if rate != _ONE and instrument is not None:
        settle = settle_currency(terms)
        at_stop = rate_between(settle, account.currency, instrument.base, instrument.quote, trade.stop_price)
        rate = rate if at_stop is None else at_stop
    return loss * rate / account.equity


def _reward_to_risk(trade: ProposedTrade, price: Decimal | None, terms: Terms) -> Decimal | None:
    """Return the gain at the target over the loss at the stop, both in the settlement currency, fees aside.

    Of an inverse contract both are differences of reciprocals, `(1/E - 1/T) / (1/S - 1/E)`.
    """
    stop, target = trade.stop_price, trade.take_profit_price
    if trade.reduce_only or price is None or stop is None or target is None:
        return None
    risk, reward = (price - stop, target - price) if trade.side is _LONG else (stop - price, price - target)
    if risk <= 0 or terms.kind_is_open:
        return None
    return reward * stop / (risk * target) if terms.contract_type is _INVERSE else reward / risk


def _aggregate_leverage(size: Size, exposure: Exposure, equity: Decimal | None, *, reduces: bool) -> Decimal | None:
    held = exposure.positions
    if size.notional is None or exposure.quote_rate is None or held is None or held.gross is None:
        return None
    if equity is None or equity <= 0:
        return None
    notional = size.notional * exposure.quote_rate
    gross = max(held.gross - notional, _ZERO) if reduces else held.gross + notional
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
    mark = mark_price_of(trade)
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
