"""What of a position's inputs its margin model does not read, and terms that tell one rate in two ways."""

from __future__ import annotations

from collections.abc import Iterator

from data.facts.margin_models import (
    AdjustmentFactorMargin,
    HalfOfInitialMargin,
    LiabilityMargin,
    MarginModel,
    OpenInterestMargin,
    PriceRounding,
    RequirementModel,
    RiskRateForm,
    SlopeMargin,
    ValuePrice,
)
from data.facts.venues import MarginTier
from data.facts.vocabulary import MarginMode
from rules.calculators.agreement import compare, given_of, unread, unread_terms
from rules.calculators.inputs import LegInput, PositionInput
from rules.calculators.refusal import Problem
from rules.calculators.resolve import MARGIN_TERMS, Resolved
from rules.margin.ladder import rung_at
from rules.margin.position import HeldPosition, value_of
from rules.margin.rates import counted_in_ladder, rates_of

OF_MARGIN = ("leverage", "collateral", "added_margin", "wallet_balance", "close_fee_reserve")
OF_THE_CLIENT = ("client_class", "residence", "volume_30d_usd")
BY_THE_ACCOUNT = ("collateral", "close_fee_reserve")
IN_PLACE_OF_FACTS = (
    "terms that state a margin stand in place of those on file, and this margin model does not read: {names}"
)
_FEES = ("taker_fee_rate", "fee_rate", "liquidation_fee_rate")


def rates_told_twice(leg: LegInput, resolved: Resolved, held: HeldPosition, problems: list[Problem], at: str) -> None:
    """Note a problem for terms that tell a rate in two ways that do not agree."""
    terms = leg.terms
    if terms is None:
        return
    agreed: list[str] = []
    path = f"{at.lstrip('/').replace('/', '.')}.terms." if at else "terms."
    taker, fee = (f"{path}taker_fee_rate", terms.taker_fee_rate), (f"{path}fee_rate", terms.fee_rate)
    compare(taker, fee, problems, agreed)
    rate = (f"{path}maintenance_margin_rate", terms.maintenance_margin_rate)
    if isinstance(resolved.model, AdjustmentFactorMargin) and terms.adjustment_factor is not None and leg.leverage:
        used = (f"{path}adjustment_factor over leverage", terms.adjustment_factor / leg.leverage)
        compare(used, rate, problems, agreed)
    elif isinstance(resolved.model, SlopeMargin) and terms.base_rate is not None:
        value = value_of(held.size, held.present_price, held.terms.contract_type)
        compare((f"{path}base_rate", rates_of(resolved.model, held, value, value).maintenance), rate, problems, agreed)
    elif isinstance(resolved.model, HalfOfInitialMargin) and terms.max_leverage and terms.ladder is None:
        compare((f"{path}max_leverage", resolved.model.share / terms.max_leverage), rate, problems, agreed)
    elif terms.ladder is not None and terms.maintenance_margin_rate is not None:
        rates = [tier.maintenance_margin_rate for tier in _rungs(held)]
        if rates and terms.maintenance_margin_rate not in rates:
            compare((f"{path}ladder", rates[0]), rate, problems, agreed)


def _rungs(held: HeldPosition) -> Iterator[MarginTier]:
    """Yield the rungs of the ladder that hold a position as it was opened and as it is now."""
    terms = held.terms
    prices = [held.entry_price, *(() if held.mark_price is None else (held.mark_price,))]
    for price in prices:
        counted = counted_in_ladder(held, value_of(held.size, price, terms.contract_type))
        tier = None if counted is None else rung_at(terms.tiers, counted)
        if tier is not None:
            yield tier


def left_aside(leg: LegInput, resolved: Resolved, held: HeldPosition, asked: PositionInput) -> tuple[str, ...]:
    """Return what is to be said of inputs of one position that its model, or the terms stated, leave without a part."""
    model = resolved.model
    names = () if _reads_index(model) else given_of(leg, ("index_price",))
    if isinstance(model, LiabilityMargin):
        names += given_of(leg, OF_MARGIN)
    if resolved.stated_margin:
        names += given_of(asked, OF_THE_CLIENT)
    elif leg.terms is not None and (leg.terms.taker_fee_rate is not None or leg.terms.fee_rate is not None):
        names += given_of(asked, ("volume_30d_usd",))
    if not isinstance(model, OpenInterestMargin) or resolved.stated_margin:
        names += given_of(asked, ("open_interest",))
    terms = unread_terms(leg.terms, tuple(_terms_read(leg, model, held)))
    stated = given_of(leg.terms, MARGIN_TERMS, "terms.") if leg.terms is not None else ()
    if stated and set(stated) <= set(terms):
        alone = IN_PLACE_OF_FACTS.format(names=", ".join(stated))
        return (*unread((*names, *(name for name in terms if name not in stated))), alone)
    return unread(names + terms)


def left_aside_beside(leg: LegInput, model: MarginModel, at: str) -> tuple[str, ...]:
    """Return what another position of the account states that the account does not depend on."""
    if leg.margin_mode is MarginMode.ISOLATED:
        return unread((at,))
    names = BY_THE_ACCOUNT if _reads_index(model) else (*BY_THE_ACCOUNT, "index_price")
    return unread(given_of(leg, names, f"{at}."))


def _reads_index(model: MarginModel) -> bool:
    return model.value_price is ValuePrice.LOWER_OF_MARK_AND_INDEX and not isinstance(model, LiabilityMargin)


def _terms_read(leg: LegInput, model: MarginModel, held: HeldPosition) -> Iterator[str]:
    """Yield the terms that a model reads, of those that a position states."""
    terms = leg.terms
    if terms is None:
        return
    if isinstance(model, LiabilityMargin):
        yield "ladder"
        return
    yield from _FEES
    rounded = (model.liquidation_rounding, model.bankruptcy_rounding)
    if model.lowest_price_is_tick or any(one is not PriceRounding.NONE for one in rounded):
        yield "tick_size"
    yield "max_leverage"
    if not isinstance(model, RequirementModel):
        return
    yield "notional_basis"
    if model.funding_reserve and held.terms.funding_rate == terms.funding_rate:
        yield "funding_rate"
    of_risk = model.isolated_risk_rate is RiskRateForm.EQUITY_OVER_USED_LESS_FACTOR
    by_factor = isinstance(model, AdjustmentFactorMargin) and leg.leverage is not None
    if by_factor or (of_risk and held.margin_mode is not MarginMode.CROSS):
        yield "adjustment_factor"
    if isinstance(model, SlopeMargin) and terms.base_rate is not None:
        yield from ("base_rate", "rate_per_coin", "maintenance_base_rate")
    elif not by_factor or terms.adjustment_factor is None:
        yield from _margin_read(leg, model)


def _margin_read(leg: LegInput, model: RequirementModel) -> Iterator[str]:
    """Yield which terms of the margin are read where no factor or base rate goes before them."""
    terms = leg.terms
    assert terms is not None  # noqa: S101 - checked before
    if terms.maintenance_margin_rate is not None:
        yield from ("maintenance_margin_rate", "maintenance_amount")
        if leg.leverage is None:
            yield "initial_margin_rate"
    elif terms.ladder is not None and not isinstance(model, SlopeMargin):
        yield "ladder"
    elif not (isinstance(model, HalfOfInitialMargin) and terms.max_leverage):
        yield "initial_margin_rate"
