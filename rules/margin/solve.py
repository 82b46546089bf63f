"""The value at which a position's equity has fallen to its requirement.

Written in position values `v`, so that linear and inverse, long and short are one equation. With the sign `g` of
`direction_of`, entry value `V` and margin `m`:

    equity(v)      = m + g * (v - V) + h * v
    requirement(v) = v * (r + f) - d + K

`r` and `d` are those of the rung that holds `v` itself, `f` a fee reckoned at the price solved for, `K` what does not
move with the price, `h` what other positions in the same instrument gain with it (`Rest.gain`; their requirement is
part of `f` and `K`). `g + h` has the sign of `g`: the position outweighs what is held against it. Equity minus
requirement falls as the market moves against the position; across the rungs of a marginal ladder it does so without a
jump, at a floor of a step ladder it jumps, and there the jump is the answer.
"""

from __future__ import annotations

from decimal import Decimal

from data.facts.margin_models import RequirementModel
from rules.margin.rates import Rates, maintenance_rate_of

_ZERO = Decimal(0)
_ONE = Decimal(1)
_TWO = Decimal(2)
_FOUR = Decimal(4)

BEYOND_LAST_RUNG = "the liquidation price lies beyond the last rung of the ladder; that rung's rate is used there"


def root(
    g: int, entry_value: Decimal, margin: Decimal, rate: Decimal, fixed: Decimal, gain: Decimal = _ZERO
) -> Decimal | None:
    """Return the value at which `m + g (v - V) + gain * v = rate * v + fixed`; null when no positive value does.

    A requirement that falls as fast as equity (a rate of one or more) is never met by a falling value.
    """
    slope = g + gain - rate
    if g > 0 >= slope:
        return None
    value = (g * entry_value - margin + fixed) / slope
    return value if value > 0 else None


def requirement_at(value: Decimal, rates: Rates, fee: Decimal) -> Decimal:
    """Return what the rates of the present rung require at `value`, a fee of `fee * value` included."""
    rate = rates.maintenance or _ZERO
    if rates.slope is not None:
        rate += rates.slope * value
    return value * (rate + fee) - rates.deduction


def liquidation_value(
    model: RequirementModel,
    rates: Rates,
    *,
    g: int,
    entry_value: Decimal,
    margin: Decimal,
    fee: Decimal,
    fixed: Decimal,
    gain: Decimal = _ZERO,
    scale: Decimal = _ONE,
) -> tuple[Decimal | None, int | None, bool]:
    """Return the liquidation value, the rung there, and whether it lies beyond the last rung.

    The value is null when the position cannot be liquidated. `fixed` is `K`; the present requirement must be met.
    `scale` multiplies the whole requirement: a margin call at a ratio of 0.8 is the requirement over 0.8.
    """
    rate = (rates.maintenance or _ZERO) * scale
    fee, fixed = fee * scale, fixed * scale
    if rates.slope is not None:
        return _quadratic_root(g, entry_value, margin, rate + fee - gain, rates.slope * scale, fixed), None, False
    deduction = rates.deduction * scale
    tiers = rates.tiers
    if not tiers:
        number = None if rates.tier is None else rates.tier.tier
        return root(g, entry_value, margin, rate + fee, fixed - deduction, gain), number, False
    base, moved = g * entry_value - margin + fixed, g + gain
    index = rates.index
    while True:
        tier = tiers[index]
        if g > 0 and rate + fee >= moved:
            return None, tier.tier, False
        value = (base - deduction) / (moved - rate - fee)
        if g > 0:
            if value > tier.floor or index == 0:
                bounded = value if tier.cap is None or value < tier.cap else tier.cap
                return (bounded if bounded > 0 else None), tier.tier, False
            index -= 1
        else:
            value = max(value, tier.floor)
            if tier.cap is None or value <= tier.cap:
                return value, tier.tier, False
            if index + 1 == len(tiers):
                return value, tier.tier, True
            index += 1
        tier = tiers[index]
        rate = (maintenance_rate_of(model, tier) or _ZERO) * scale
        deduction = deduction_at(rates, index) * scale


def deduction_at(rates: Rates, index: int) -> Decimal:
    """Return what the rung of an index deducts from maintenance: nothing in a step ladder."""
    if not rates.marginal:
        return _ZERO
    amount = rates.tiers[index].maintenance_amount
    if amount is None and rates.amounts:
        amount = rates.amounts[index]
    return amount or _ZERO


def _quadratic_root(
    g: int, entry_value: Decimal, margin: Decimal, rate: Decimal, slope: Decimal, fixed: Decimal
) -> Decimal | None:
    """Return the value at which `m + g (v - V) = (rate + slope * v) v + fixed`.

    The equation is `slope v^2 + (rate - g) v + (g V - m + fixed) = 0`; equity exceeds the requirement between its
    roots. The market moves against a position that gains with value downward (to the lower root), otherwise upward.
    """
    if slope == 0:
        return root(g, entry_value, margin, rate, fixed)
    b, c = rate - g, g * entry_value - margin + fixed
    discriminant = b * b - _FOUR * slope * c
    if discriminant < 0:
        return None
    width = discriminant.sqrt()
    value = (-b - width) / (_TWO * slope) if g > 0 else (-b + width) / (_TWO * slope)
    return value if value > 0 else None
