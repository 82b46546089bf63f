"""The value at which a position's equity has fallen to its requirement.

Written in position values `v`, so that linear and inverse, long and short are one equation. With the sign `g` of
`direction_of`, entry value `V` and margin `m`:

    equity(v)      = m + g * (v - V)
    requirement(v) = v * (r + f) - d + K

`r` and `d` are those of the rung that holds `v` itself, `f` a fee reckoned at the price solved for, `K` what does not
move with the price. Of positions in the same instrument (`Joint`) the same is solved per unit of size, with the gain
and the rungs of all of them.

Equity exceeds the requirement now. Rung by rung, from the present one in the direction of the market's move, the first
value is looked for where it no longer does. A rung in which the requirement falls as fast as equity holds none: in a
lower one it falls more slowly. Across the rungs of a marginal ladder equity less requirement does not jump; at a floor
of a step ladder it does (and where printed amounts leave a gap), and there the jump is the answer.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from msgspec import Struct
from msgspec.structs import replace

from data.facts.margin_models import RequirementModel
from rules.margin.position import Joint
from rules.margin.rates import Rates, maintenance_rate_of

_ZERO = Decimal(0)
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


class Solved(Struct, frozen=True, gc=False):
    """A value at which equity meets the requirement, and how it stands there; no value where none does."""

    value: Decimal | None = None
    index: int = 0
    """Of the rung that holds the value."""
    slope: Decimal | None = None
    """What equity less requirement gains with each unit of value there; null where more margin does not move the value
    (a jump holds it) or the rate grows with it."""
    beyond: bool = False
    """Whether the value lies beyond the last rung."""


_NOWHERE = Solved()

Line = tuple[Decimal, Decimal | None, Decimal, Decimal]
"""Above which value and up to which the requirement that moves is which rate of the value, less which deduction."""


def liquidation_value(
    model: RequirementModel,
    rates: Rates,
    *,
    g: int,
    entry_value: Decimal,
    margin: Decimal,
    fee: Decimal,
    fixed: Decimal,
    scale: Decimal,
) -> Solved:
    """Return the value at which a position by itself has what it requires, the present requirement being met.

    `fixed` is `K`. `scale` multiplies the whole requirement: a margin call at a ratio of 0.8 is the requirement over
    0.8.
    """
    rate = (rates.maintenance or _ZERO) * scale
    fee, fixed = fee * scale, fixed * scale
    if rates.slope is not None:
        base = g * entry_value - margin + fixed
        return Solved(_quadratic_root(Decimal(g), base, rate + fee, rates.slope * scale, down=g > 0))
    tiers = rates.tiers
    if not tiers:
        value = root(g, entry_value, margin, rate + fee, fixed - rates.deduction * scale)
        return _NOWHERE if value is None else Solved(value, 0, g - rate - fee)

    def line(index: int) -> Line:
        tier = tiers[index]
        of_value = (maintenance_rate_of(model, tier) or _ZERO) * scale + fee
        return tier.floor, tier.cap, of_value, deduction_at(rates, index) * scale

    index = rates.index
    tier = tiers[index]
    present = tier.floor, tier.cap, rate + fee, rates.deduction * scale
    return _first_value(line, index, len(tiers), present, g, g * entry_value - margin + fixed, g > 0)


def joint_value(joint: Joint, index: int, *, gain: Decimal, base: Decimal, scale: Decimal, down: bool) -> Solved:
    """Return the value per unit of size at which positions in one instrument have what they require.

    Equity is `gain` times that value, less `base`, in which what is required and does not move is counted. `index` is
    the rung that holds the present value; `down` whether the value falls.
    """
    rungs = joint.rungs
    if joint.slope:
        rung = rungs[index]
        base -= rung.deduction * scale
        return Solved(_quadratic_root(gain, base, rung.rate * scale, joint.slope * scale, down=down))

    def line(at: int) -> Line:
        rung = rungs[at]
        return rung.floor, rung.cap, rung.rate * scale, rung.deduction * scale

    found = _first_value(line, index, len(rungs), line(index), gain, base, down)
    if found.value is None or joint.end is None or found.value <= joint.end:
        return found
    return replace(found, beyond=True)


def _first_value(
    line: Callable[[int], Line],
    index: int,
    count: int,
    at: Line,
    gain: Decimal | int,
    base: Decimal,
    down: bool,
) -> Solved:
    """Return the first value, from the rung of an index on, at which `gain * v - base` is not above the requirement;
    `at` is the line of that rung.
    """
    present = index
    while True:
        floor, cap, rate, deduction = at
        slope = gain - rate
        if down:
            if index != present and cap is not None and slope * cap < base - deduction:
                return Solved(cap, index)
            if slope > 0:
                value = (base - deduction) / slope
                if value > floor or index == 0:
                    return Solved(value, index, slope) if value > 0 else _NOWHERE
            if index == 0:
                return _NOWHERE
            index -= 1
            at = line(index)
            continue
        if index != present and slope * floor <= base - deduction:
            return Solved(floor, index)
        if slope < 0:
            value = (base - deduction) / slope
            if cap is None or value <= cap:
                return Solved(value, index, slope)
        if index + 1 == count:
            return Solved((base - deduction) / slope, index, slope, beyond=True) if slope < 0 else _NOWHERE
        index += 1
        at = line(index)


def deduction_at(rates: Rates, index: int) -> Decimal:
    """Return what the rung of an index deducts from maintenance: nothing in a step ladder."""
    if not rates.marginal:
        return _ZERO
    amount = rates.tiers[index].maintenance_amount
    if amount is None and rates.amounts:
        amount = rates.amounts[index]
    return amount or _ZERO


def _quadratic_root(gain: Decimal, base: Decimal, rate: Decimal, slope: Decimal, *, down: bool) -> Decimal | None:
    """Return the value at which `gain * v - base = (rate + slope * v) v`; null when no positive one is.

    Equity exceeds the requirement between the roots of `slope v^2 + (rate - gain) v + base = 0`, as it does now: there
    are two, or by rounding one. A value that falls ends at the lower one.
    """
    b = rate - gain
    if slope == 0:
        value = -base / b if b and (b < 0) is down else _ZERO
    else:
        width = max(b * b - _FOUR * slope * base, _ZERO).sqrt()
        value = (-b - width) / (_TWO * slope) if down else (-b + width) / (_TWO * slope)
    return value if value > 0 else None
