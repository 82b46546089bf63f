"""Positions in one instrument: one price moves them, so that what they require together is one ladder.

Both sides count gross, as in hedge mode: each is charged through the rungs of its own ladder by its own size, and those
on one side each its part of that.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Sequence
from decimal import Decimal

from msgspec.structs import replace

from data.facts.amounts import plain
from data.facts.margin_models import (
    CloseFeeBasis,
    MarginLevel,
    MarginModel,
    MoneyRounding,
    RequirementModel,
    ValueBasis,
)
from data.facts.vocabulary import Side
from rules.margin.ladder import upper_bound
from rules.margin.margins import Valuation
from rules.margin.position import HeldPosition, Joint, JointRung, direction_of
from rules.margin.rates import maintenance_rate_of
from rules.margin.rounding import round_money
from rules.margin.solve import deduction_at

_ZERO = Decimal(0)
_PLACES = 8

OUTWEIGHED = (
    "more of the same instrument is held on the other side: what liquidates the account is a move against that side"
)
EVEN = "as much of the same instrument is held on the other side: what one gains the other loses, at any price"
OUTGROWN = (
    "a move to {price} liquidates the account: what the two sides in the same instrument require grows faster than "
    "what they earn together"
)

Member = tuple[MarginModel, HeldPosition, Valuation | None]
"""A position in the instrument; valued where its model has a requirement."""


def joint_of(members: Sequence[Member]) -> Joint:
    """Return what positions in one instrument gain and require together."""
    gain = slope = closing = at_bankruptcy = rate = deduction = _ZERO
    steps: defaultdict[Decimal, list[Decimal]] = defaultdict(lambda: [_ZERO, _ZERO])
    end: Decimal | None = None
    for model, position, held in members:
        size = position.size
        gain += direction_of(position.side, position.terms.contract_type) * size
        if held is None or not isinstance(model, RequirementModel):
            rate += _used_margin_rate(model, position)
            continue
        closing += held.close_fee * size
        if model.close_fee_basis is CloseFeeBasis.BANKRUPTCY:
            at_bankruptcy += held.close_fee * size
        else:
            rate += held.close_fee * size
        if model.maintenance_basis is ValueBasis.ENTRY:
            continue
        slope += (held.rates.slope or _ZERO) * size * size
        before_rate = before_deduction = _ZERO
        for floor, of_value, taken_off in _lines(model, held):
            grown = (of_value - before_rate) * size
            if floor is None:
                rate, deduction = rate + grown, deduction + taken_off
            else:
                step = steps[floor / size]
                step[0] += grown
                step[1] += taken_off - before_deduction
            before_rate, before_deduction = of_value, taken_off
        last = held.rates.tiers[-1].cap if held.rates.tiers else None
        if last is not None and (end is None or last / size < end):
            end = last / size
    return Joint(
        gain=gain,
        both_sides=len({position.side for _, position, _ in members}) > 1,
        rungs=_rungs(rate, deduction, steps),
        slope=slope,
        closing=closing,
        fee_at_bankruptcy=at_bankruptcy,
        end=end,
    )


def held_at_the_mark(joint: Joint, model: RequirementModel) -> Joint:
    """Return the same positions with what their model holds at the present mark price held there."""
    fee = joint.closing if model.close_fee_basis is CloseFeeBasis.FROZEN_MARK else _ZERO
    if model.maintenance_basis is not ValueBasis.FROZEN_MARK:
        return replace(joint, rungs=tuple(replace(rung, rate=rung.rate - fee) for rung in joint.rungs))
    moving = joint.closing - joint.fee_at_bankruptcy - fee
    return replace(joint, rungs=_rungs(moving, _ZERO, {}), slope=_ZERO, end=None)


def _used_margin_rate(model: MarginModel, position: HeldPosition) -> Decimal:
    """Return what a price adds to used margin by a margin level: nothing but where a short's floats with it."""
    floats = isinstance(model, MarginLevel) and model.short_used_margin_floats and position.side is Side.SHORT
    return position.size / position.leverage if floats and position.leverage else _ZERO


def _lines(model: RequirementModel, held: Valuation) -> Iterator[tuple[Decimal | None, Decimal, Decimal]]:
    """Yield from which value on maintenance is which rate of value less which deduction; the first from nothing on."""
    rates = held.rates
    if not rates.tiers:
        yield None, rates.maintenance or _ZERO, rates.deduction
        return
    for index, tier in enumerate(rates.tiers):
        rate = maintenance_rate_of(model, tier) or _ZERO
        yield (tier.floor if index else None), rate, deduction_at(rates, index)


def _rungs(rate: Decimal, deduction: Decimal, steps: dict[Decimal, list[Decimal]]) -> tuple[JointRung, ...]:
    rungs: list[JointRung] = []
    floor = _ZERO
    for cap in sorted(steps):
        rungs.append(JointRung(floor=floor, cap=cap, rate=rate, deduction=deduction))
        rate, deduction, floor = rate + steps[cap][0], deduction + steps[cap][1], cap
    rungs.append(JointRung(floor=floor, cap=None, rate=rate, deduction=deduction))
    return tuple(rungs)


def index_at(joint: Joint, unit: Decimal) -> int:
    """Return which rung holds a value per unit of size."""
    return bisect_left(joint.rungs, unit, key=upper_bound)


def required_at(joint: Joint, unit: Decimal) -> Decimal:
    """Return what is required at a value per unit of size, what does not move with the price left out."""
    rung = joint.rungs[index_at(joint, unit)]
    return unit * (rung.rate + joint.slope * unit) - rung.deduction


def outgrown(price: Decimal | None) -> tuple[str, ...]:
    """Return what to say of a price, in favour of the larger side, that liquidates the account."""
    if price is None:
        return ()
    return (OUTGROWN.format(price=plain(round_money(price, _PLACES, MoneyRounding.HALF_UP))),)
