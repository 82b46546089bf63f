"""The margin that keeps a position from being liquidated before a price: the liquidation price, turned round.

In the symbols of `rules.margin.solve`: equity falls to the requirement at `v` when `m = requirement(v) - g (v - V)`.
"""

from __future__ import annotations

from decimal import Decimal, localcontext

from data.facts.amounts import ARITHMETIC
from data.facts.margin_models import (
    AdjustmentFactorMargin,
    CloseFeeBasis,
    PriceRounding,
    RequirementModel,
    UnitRateMargin,
    ValueBasis,
)
from data.facts.vocabulary import ContractType
from rules.margin.ladder import rung_at
from rules.margin.liquidation import holds_at_the_mark
from rules.margin.margins import Valuation
from rules.margin.position import HeldPosition, direction_of, value_of
from rules.margin.rates import maintenance_rate_of
from rules.margin.rounding import round_price
from rules.margin.solve import deduction_at, requirement_at

_ZERO = Decimal(0)
_ONE = Decimal(1)
_OF_LEVERAGE = (AdjustmentFactorMargin, UnitRateMargin)
"""Models whose maintenance hangs on the leverage chosen, and with it on the margin that is asked for."""


def margin_needed(model: RequirementModel, position: HeldPosition, price: Decimal) -> Decimal | None:
    """Return the least margin, its own profit aside, with which nothing liquidates a position before `price`.

    In settlement currency. Price and the present price are both survived; a price of zero or less is "never", which an
    inverse long has not. What other positions require is not in it. Null where no rate is known, or none that holds
    whatever the margin.
    """
    with localcontext(ARITHMETIC):
        held, kind = Valuation(model, position), position.terms.contract_type
        if held.rates.maintenance is None or isinstance(model, _OF_LEVERAGE):
            return None
        price = _before_rounding(model, position, price)
        if price <= 0:
            if kind is ContractType.INVERSE or model.lowest_price_is_tick:
                return None
            value = _ZERO
        else:
            value = value_of(position.size, price, kind)
        value = min(value, held.value) if held.g > 0 else max(value, held.value)
        needed = _margin_at(model, held, value)
        return max(needed, _margin_at(model, held, value, frozen=True)) if holds_at_the_mark(model) else needed


def _before_rounding(model: RequirementModel, position: HeldPosition, price: Decimal) -> Decimal:
    """Return the exact price that the venue prints as `price` or farther away."""
    if model.liquidation_rounding is not PriceRounding.TOWARD_ENTRY:
        return price
    return round_price(price, PriceRounding.AWAY_FROM_ENTRY, position.side, position.terms.tick_size)


def _margin_at(model: RequirementModel, held: Valuation, value: Decimal, *, frozen: bool = False) -> Decimal:
    """Return the margin that is needed at a value; if `frozen`, with what the venue holds at the mark price there."""
    g, fee, entry_value = held.g, held.close_fee, held.entry_value
    required, at_bankruptcy = held.reserve, _ZERO
    if frozen and model.close_fee_basis is CloseFeeBasis.FROZEN_MARK:
        required += held.value * fee
    elif model.close_fee_basis is CloseFeeBasis.BANKRUPTCY:
        at_bankruptcy = fee
    else:
        required += value * fee
    if model.maintenance_basis is ValueBasis.ENTRY or (frozen and model.maintenance_basis is ValueBasis.FROZEN_MARK):
        required += requirement_at(held.maintenance_value(model), held.rates, _ZERO)
    else:
        required += _maintenance_at(model, held, value)
    needed = required - g * (value - entry_value)
    if at_bankruptcy:  # the fee itself falls, or for those who lose with value rises, with the margin
        share = at_bankruptcy / (g - (fee if model.bankruptcy_bears_fee else _ZERO))
        needed = (needed + share * g * entry_value) / (_ONE + share)
    return needed


def _maintenance_at(model: RequirementModel, held: Valuation, value: Decimal) -> Decimal:
    """Return maintenance at a value, at the rates of the rung that holds it; beyond the last rung those of the last."""
    rates = held.rates
    if not rates.tiers or not value:
        return requirement_at(value, rates, _ZERO) if value else _ZERO
    rung = rung_at(rates.tiers, value) or rates.tiers[-1]
    return value * (maintenance_rate_of(model, rung) or _ZERO) - deduction_at(rates, rates.tiers.index(rung))


def leverage_that_posts(model: RequirementModel, position: HeldPosition, margin: Decimal) -> Decimal | None:
    """Return the leverage at which an isolated position is backed by `margin`; null where what was added is enough."""
    posted = margin_without_fee(model, position, margin) - (position.added_margin or _ZERO)
    return Valuation(model, position).entry_value / posted if posted > 0 else None


def margin_without_fee(model: RequirementModel, position: HeldPosition, backing: Decimal) -> Decimal:
    """Return the margin posted to an isolated position that is backed by `backing`: less the fee to close at the
    bankruptcy price, where the venue assigns that on top of it.
    """
    rate, reserve = position.terms.taker_fee_rate, position.close_fee_reserve
    if not model.posted_margin_bears_fee:
        return backing
    if reserve is not None:
        return backing - reserve
    if rate is None:
        return backing
    g = direction_of(position.side, position.terms.contract_type)
    value = value_of(position.size, position.entry_price, position.terms.contract_type)
    posted = (backing - value * rate) / (_ONE - g * rate)
    return posted if value > g * posted else backing  # what it is closed for at bankruptcy bears the fee
