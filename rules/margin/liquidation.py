"""Bankruptcy, liquidation and margin-call prices of one position."""

from __future__ import annotations

from decimal import Decimal

from msgspec import Struct

from data.facts.margin_models import (
    CloseFeeBasis,
    MarginModel,
    MarginRatioForm,
    PriceRounding,
    RequirementModel,
    ValueBasis,
)
from data.facts.vocabulary import ContractType, Side
from rules.margin.margins import Valuation, price_move_per_margin
from rules.margin.position import HeldPosition, LiquidationState, Rest, price_of
from rules.margin.rates import Rates, maintenance_rate_of
from rules.margin.rounding import round_price
from rules.margin.solve import BEYOND_LAST_RUNG, liquidation_value, requirement_at, root

_ZERO = Decimal(0)
_ONE = Decimal(1)


OUTWEIGHED = (
    "more of the same instrument is held on the other side: what liquidates the account is a move against that side"
)

# An enum's member is looked up through its metaclass, far slower than a name: these are read several times a trade.
_ALREADY = LiquidationState.ALREADY
_AT_A_PRICE = LiquidationState.PRICE
_AT_MARK = ValueBasis.MARK
_EQUITY_OVER_REQUIREMENT = MarginRatioForm.EQUITY_OVER_REQUIREMENT
_FEE_AT_FROZEN_MARK = CloseFeeBasis.FROZEN_MARK
_FEE_AT_PRICE = CloseFeeBasis.PRICE
_INVERSE = ContractType.INVERSE
_LONG = Side.LONG
_NEVER = LiquidationState.NEVER
_SHORT = Side.SHORT


class Outcome(Struct, frozen=True, kw_only=True, gc=False):
    """What was solved; the fields are those of `PositionFigures`."""

    bankruptcy_price: Decimal | None = None
    state: LiquidationState | None = None
    price: Decimal | None = None
    unreachable: bool = False
    printed: Decimal | None = None
    tier: int | None = None
    call_price: Decimal | None = None
    remaining: Decimal | None = None
    per_margin: Decimal | None = None
    approximation: str | None = None


NOT_SOLVED = Outcome()


class _Equation(Struct, frozen=True, gc=False):
    """What is solved (`rules.margin.solve`): `m + g (v - V) + h v = v (r + f) - d + K`."""

    g: int
    entry_value: Decimal
    """`V`."""
    margin: Decimal
    """`m`: what backs the position, less what others in the instrument earn at the present price."""
    gain: Decimal
    """`h`."""
    rates: Rates
    """`r` and `d`."""
    fee: Decimal
    """`f`, with what others in the instrument require of each unit of value."""
    fixed: Decimal
    """`K`."""

    def solved(self, model: RequirementModel, scale: Decimal = _ONE) -> tuple[Decimal | None, int | None, bool]:
        """Return the value of `liquidation_value`, its rung, and whether it lies beyond the last."""
        return liquidation_value(
            model,
            self.rates,
            g=self.g,
            entry_value=self.entry_value,
            margin=self.margin,
            fee=self.fee,
            fixed=self.fixed,
            gain=self.gain,
            scale=scale,
        )

    def equity_at(self, value: Decimal) -> Decimal:
        """Return what backs the position once it is worth `value`."""
        return self.margin + self.g * (value - self.entry_value) + self.gain * value


def outcome_of(
    model: RequirementModel,
    position: HeldPosition,
    held: Valuation,
    margin: Decimal,
    rest: Rest,
    *,
    in_detail: bool = True,
) -> Outcome:
    """Return the prices at which a position backed by `margin` is bankrupt, liquidated and called.

    `margin` contains what the rest earns at the present price. None is solved for a position that is outweighed by
    others in the same instrument, and none but the first where something that is required is not known. Without
    `in_detail` neither `printed`, `remaining` nor `per_margin` is reckoned.
    """
    g, gain = held.g, rest.gain
    if gain and g * (g + gain) <= 0:
        return Outcome(approximation=OUTWEIGHED)
    backing = margin - gain * held.value
    closing = held.close_fee if model.bankruptcy_bears_fee else _ZERO
    bankrupt_at = root(g, held.entry_value, backing, closing, _ZERO, gain)
    bankruptcy_price, _ = printed_price(model, position, bankrupt_at, model.bankruptcy_rounding)
    if held.rates.maintenance is None or rest.unknown:
        return Outcome(bankruptcy_price=bankruptcy_price)

    rates, fee, fixed = _required(model, held, rest, bankrupt_at)
    if margin + held.pnl <= requirement_at(held.value, rates, fee) + fixed:
        return Outcome(bankruptcy_price=bankruptcy_price, state=_ALREADY)
    equation = _Equation(
        g, held.entry_value, backing, gain, rates, fee=fee + rest.need, fixed=fixed - rest.need * held.value
    )
    value, tier, beyond = equation.solved(model)
    price, unreachable = printed_price(model, position, value, model.liquidation_rounding)
    if price is None or value is None:
        return Outcome(
            bankruptcy_price=bankruptcy_price,
            state=_NEVER if price is None else _AT_A_PRICE,
            price=price,
            unreachable=unreachable,
            printed=_negative_price(model, position, equation) if in_detail and price is None and not gain else None,
        )
    return Outcome(
        bankruptcy_price=bankruptcy_price,
        state=_AT_A_PRICE,
        price=price,
        unreachable=unreachable,
        tier=tier,
        call_price=None if model.margin_call_ratio is None else _call_price(model, position, equation),
        remaining=_remaining(position, equation.equity_at(value), value) if in_detail else None,
        per_margin=_price_per_margin(model, position, equation, value, tier) if in_detail else None,
        approximation=BEYOND_LAST_RUNG if beyond else None,
    )


def _required(
    model: RequirementModel, held: Valuation, rest: Rest, bankrupt_at: Decimal | None
) -> tuple[Rates, Decimal, Decimal]:
    """Return what is required as `solve` writes it: the rates, the fee `f` at the price solved for, and the fixed `K`.

    A fee that the venue reckons at another price stands still with it, and so does maintenance on the value at entry.
    """
    rates, fee, fixed = held.rates, held.close_fee, rest.requirement + held.reserve
    if fee and model.close_fee_basis is not _FEE_AT_PRICE:
        at = held.value if model.close_fee_basis is _FEE_AT_FROZEN_MARK else bankrupt_at or _ZERO
        fixed, fee = fixed + at * fee, _ZERO
    if model.maintenance_basis is not _AT_MARK:
        fixed += requirement_at(held.maintenance_value(model), rates, _ZERO)
        rates = Rates(maintenance=_ZERO, tier=rates.tier)
    return rates, fee, fixed


def _price_per_margin(
    model: RequirementModel, position: HeldPosition, equation: _Equation, value: Decimal, tier: int | None
) -> Decimal | None:
    """Return how far one more unit of margin moves the liquidation price; null where it does not move it."""
    rates = equation.rates
    slope = equation.g + equation.gain - _rate_there(model, rates, tier) - equation.fee
    return price_move_per_margin(position, value, slope) if slope and _moves(rates, value) else None


def _rate_there(model: RequirementModel, rates: Rates, tier: int | None) -> Decimal:
    """Return the maintenance rate of the rung that holds the liquidation value."""
    if not rates.tiers or rates.tier is None or rates.tier.tier == tier:
        return rates.maintenance or _ZERO
    there = next(rung for rung in rates.tiers if rung.tier == tier)
    return maintenance_rate_of(model, there) or _ZERO


def _moves(rates: Rates, value: Decimal) -> bool:
    """Say whether a little more margin moves the price: not where a step ladder's jump holds it at a boundary."""
    if rates.slope is not None:
        return False
    return not rates.tiers or rates.marginal or all(value not in (rung.floor, rung.cap) for rung in rates.tiers)


def printed_price(
    model: MarginModel, position: HeldPosition, value: Decimal | None, rounding: PriceRounding
) -> tuple[Decimal | None, bool]:
    """Return the price of a value as the venue prints it, and whether it stands for "no price reaches this".

    A long that no fall can close, or a short that no rise can, has the price the venue prints instead, or none.
    """
    terms, side = position.terms, position.side
    if value is not None:
        price = price_of(position.size, value, terms.contract_type)
        if side is _LONG or model.highest_price is None or price <= model.highest_price:
            return round_price(price, rounding, side, terms.tick_size), False
    if side is _SHORT:
        return model.highest_price, model.highest_price is not None
    if model.lowest_price_is_tick and terms.tick_size is not None:
        return terms.tick_size, True
    return None, False


def _negative_price(model: RequirementModel, position: HeldPosition, equation: _Equation) -> Decimal | None:
    """Return the price at or below zero that the formula of a linear long gives, where the venue prints it."""
    terms, rates, g = position.terms, equation.rates, equation.g
    slope = g - (rates.maintenance or _ZERO) - equation.fee
    if not model.prints_negative_prices or terms.contract_type is _INVERSE or rates.tiers or slope <= 0:
        return None
    return (g * equation.entry_value - equation.margin + equation.fixed - rates.deduction) / (slope * position.size)


def _call_price(model: RequirementModel, position: HeldPosition, equation: _Equation) -> Decimal | None:
    """Return the price at which the margin ratio reaches the level at which the venue warns."""
    ratio = model.margin_call_ratio or _ONE
    value, _, _ = equation.solved(model, ratio if model.margin_ratio_form is _EQUITY_OVER_REQUIREMENT else _ONE / ratio)
    return None if value is None else price_of(position.size, value, position.terms.contract_type)


def _remaining(position: HeldPosition, equity: Decimal, value: Decimal) -> Decimal:
    """Return what is left when the position is closed at its liquidation price: equity there, less the fee of closing.

    Nothing is left where the venue takes the position over at its bankruptcy price.
    """
    terms = position.terms
    if terms.takeover_at_bankruptcy:
        return _ZERO
    rate = terms.liquidation_fee_rate if terms.liquidation_fee_rate is not None else terms.taker_fee_rate
    left = equity if rate is None else equity - value * rate
    return left if left > 0 else _ZERO
