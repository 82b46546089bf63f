"""Bankruptcy, liquidation and margin-call prices of one position."""

from __future__ import annotations

from decimal import Decimal

from msgspec import Struct
from msgspec.structs import replace

from data.facts.margin_models import (
    CloseFeeBasis,
    MarginModel,
    MarginRatioForm,
    PriceRounding,
    RequirementModel,
    ValueBasis,
)
from data.facts.vocabulary import ContractType, MarginMode, Side
from rules.margin.joint_ladder import EVEN, OUTWEIGHED, held_at_the_mark, index_at, outgrown, required_at
from rules.margin.ladder import rung_at
from rules.margin.margins import Valuation, price_move_per_margin
from rules.margin.position import HeldPosition, Joint, LiquidationState, Rest, price_of
from rules.margin.rates import Rates
from rules.margin.rounding import round_price
from rules.margin.solve import BEYOND_LAST_RUNG, Solved, joint_value, liquidation_value, requirement_at, root

_ZERO = Decimal(0)
_ONE = Decimal(1)

# An enum's member is looked up through its metaclass, far slower than a name: these are read several times a trade.
_ALREADY = LiquidationState.ALREADY
_AT_A_PRICE = LiquidationState.PRICE
_AT_ENTRY = ValueBasis.ENTRY
_AT_FROZEN_MARK = ValueBasis.FROZEN_MARK
_EXACT = PriceRounding.NONE
_EQUITY_OVER_REQUIREMENT = MarginRatioForm.EQUITY_OVER_REQUIREMENT
_CROSS = MarginMode.CROSS
_FEE_AT_BANKRUPTCY = CloseFeeBasis.BANKRUPTCY
_FEE_AT_FROZEN_MARK = CloseFeeBasis.FROZEN_MARK
_INVERSE = ContractType.INVERSE
_LONG = Side.LONG
_NEVER = LiquidationState.NEVER
_SHORT = Side.SHORT

AS_IT_GROWS = (
    "the venue's own figure holds maintenance margin and the fee to close at the present mark price and lies farther "
    "away: told is where what backs the position meets what they have grown to"
)


class Outcome(Struct, frozen=True, kw_only=True, gc=False):
    """What was solved; the fields are those of `PositionFigures`."""

    bankruptcy_price: Decimal | None = None
    state: LiquidationState | None = None
    price: Decimal | None = None
    other_end: Decimal | None = None
    """Price in favour of the position that liquidates the account too, for what hedges it."""
    unreachable: bool = False
    printed: Decimal | None = None
    tier: int | None = None
    call_price: Decimal | None = None
    remaining: Decimal | None = None
    per_margin: Decimal | None = None
    approximations: tuple[str, ...] = ()


NOT_SOLVED = Outcome()


class _Equation(Struct, frozen=True, gc=False):
    """What is solved (`rules.margin.solve`): `m + g (v - V) + h v = v (r + f) - d + K`."""

    g: int
    entry_value: Decimal
    """`V`."""
    margin: Decimal
    """`m`: what backs the position, less what others in the instrument earn at the present price."""
    gain: Decimal
    """`h`: what others in the instrument gain with each unit of value."""
    rates: Rates
    """`r` and `d`."""
    fee: Decimal
    """`f`."""
    fixed: Decimal
    """`K`."""
    value: Decimal
    """The present one."""
    size: Decimal
    joint: Joint | None
    """What all positions in the instrument require; then it stands in place of `r`, `d` and `f`."""

    def solved(self, model: RequirementModel, scale: Decimal = _ONE, *, against: bool = True) -> Solved:
        """Return the value of `liquidation_value` with the market against the position, or in favour of it."""
        joint, size = self.joint, self.size
        if joint is None:
            return liquidation_value(
                model,
                self.rates,
                g=self.g,
                entry_value=self.entry_value,
                margin=self.margin,
                fee=self.fee,
                fixed=self.fixed,
                scale=scale,
            )
        found = joint_value(
            joint,
            index_at(joint, self.value / size),
            gain=joint.gain,
            base=self.g * self.entry_value - self.margin + self.fixed * scale,
            scale=scale,
            down=(self.g > 0) is against,
        )
        if found.value is None:
            return found
        slope = None if found.slope is None else found.slope / size
        return Solved(found.value * size, found.index, slope, found.beyond)

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
    in_detail: bool,
) -> Outcome:
    """Return the prices at which a position backed by `margin` is bankrupt, liquidated and called.

    `margin` contains what the rest earns at the present price. None is solved for a position that is outweighed by
    others in the same instrument; none but the first where something that is required is not known, or where only a
    move in favour of the position liquidates the account. Without `in_detail` neither `printed`, `remaining` nor
    `per_margin` is reckoned. Where the venue holds what is required at the present mark price, the price is the nearer
    one of that and of what is required once the mark price is there.
    """
    g, joint = held.g, rest.joint
    gain, closing = _ZERO, held.close_fee
    if joint is not None:
        gain, closing = joint.gain / position.size - g, joint.closing / position.size
        if g * joint.gain <= 0:
            return _outweighed(model, position, held, margin, rest, joint)
    backing = margin - gain * held.value
    bankrupt_at = root(g, held.entry_value, backing, closing if model.bankruptcy_bears_fee else _ZERO, _ZERO, gain)
    bankruptcy_price, _ = printed_price(model, position, bankrupt_at, model.bankruptcy_rounding)
    if held.rates.maintenance is None or rest.unknown:
        return Outcome(bankruptcy_price=bankruptcy_price)

    equation = _equation(model, position, held, rest, backing, gain, bankrupt_at)
    equity, required = margin + held.pnl, _required_now(equation)
    if equity <= required:
        return Outcome(bankruptcy_price=bankruptcy_price, state=_ALREADY)
    solved = equation.solved(model)
    value = solved.value
    of_another_bracket = held.rates.deduction and not held.rates.tiers and joint is None
    if of_another_bracket and (value is None or requirement_at(value, equation.rates, _ZERO) < 0):
        # No maintenance is below nothing: the amount is of a larger bracket than the one there.
        equation = replace(equation, rates=Rates(maintenance=_ZERO, tier=equation.rates.tier))
        solved = equation.solved(model)
        value = solved.value
    grows: tuple[str, ...] = ()
    moving = equation
    if holds_at_the_mark(model):
        frozen = _equation(model, position, held, rest, backing, gain, bankrupt_at, frozen=True)
        at_mark = frozen.solved(model)
        if _is_nearer(value, at_mark.value, g if joint is None else joint.gain):
            grows = (AS_IT_GROWS,)
        else:
            equation, solved, value = frozen, at_mark, at_mark.value
    price, unreachable = printed_price(model, position, value, model.liquidation_rounding)
    rounded = model.liquidation_rounding is not _EXACT
    if rounded and price is not None and value is not None and _is_passed(position, price):
        return Outcome(bankruptcy_price=bankruptcy_price, state=_ALREADY)
    other = None
    if joint is not None and joint.both_sides:
        other = _other_end(model, position, moving, against=False)
    words = grows if other is None else (*grows, *outgrown(other))
    if value is None and other is not None:
        return Outcome(bankruptcy_price=bankruptcy_price, approximations=words)
    if price is None or value is None:
        return Outcome(
            bankruptcy_price=bankruptcy_price,
            state=_NEVER if price is None else _AT_A_PRICE,
            price=price,
            unreachable=unreachable,
            printed=_negative_price(model, position, equation) if in_detail and price is None else None,
        )
    return Outcome(
        bankruptcy_price=bankruptcy_price,
        state=_AT_A_PRICE,
        price=price,
        other_end=other,
        unreachable=unreachable,
        tier=_tier_at(equation, solved, value),
        call_price=None
        if model.margin_call_ratio is None
        else _call_price(model, position, equation, equity, required),
        remaining=_remaining(position, equation.equity_at(value), value) if in_detail else None,
        per_margin=_price_per_margin(model, position, held, equation, solved, value) if in_detail else None,
        approximations=(*words, BEYOND_LAST_RUNG) if solved.beyond else words,
    )


def _equation(
    model: RequirementModel,
    position: HeldPosition,
    held: Valuation,
    rest: Rest,
    backing: Decimal,
    gain: Decimal,
    bankrupt_at: Decimal | None,
    *,
    frozen: bool = False,
) -> _Equation:
    """Return what is to be solved: what is required that moves with the price, and the fixed `K`.

    A fee that the venue reckons at another price stands still with it, and so does maintenance on the value at entry;
    so does, if `frozen`, what the venue holds at the present mark price.
    """
    rates, fee, joint = held.rates, held.close_fee, rest.joint
    if joint is None:
        fixed = rest.requirement + held.reserve
        fee_basis, basis = model.close_fee_basis, model.maintenance_basis
        if fee and (fee_basis is _FEE_AT_BANKRUPTCY or (frozen and fee_basis is _FEE_AT_FROZEN_MARK)):
            at = bankrupt_at or _ZERO if fee_basis is _FEE_AT_BANKRUPTCY else held.value
            fixed, fee = fixed + at * fee, _ZERO
        if basis is _AT_ENTRY or (frozen and basis is _AT_FROZEN_MARK):
            fixed += requirement_at(held.maintenance_value(model), rates, _ZERO)
            rates = Rates(maintenance=_ZERO, tier=rates.tier)
    else:
        joint = held_at_the_mark(joint, model) if frozen else joint
        unit, bankrupt = held.value / position.size, (bankrupt_at or _ZERO) / position.size
        fixed = (held.requirement() or _ZERO) + rest.requirement - required_at(joint, unit)
        fixed += joint.fee_at_bankruptcy * (bankrupt - unit)
    return _Equation(held.g, held.entry_value, backing, gain, rates, fee, fixed, held.value, position.size, joint)


def holds_at_the_mark(model: RequirementModel) -> bool:
    """Say whether the venue holds something that is required at the present mark price as it solves."""
    return model.maintenance_basis is _AT_FROZEN_MARK or model.close_fee_basis is _FEE_AT_FROZEN_MARK


def _is_nearer(value: Decimal | None, other: Decimal | None, gain: Decimal | int) -> bool:
    """Say whether a value is met before another by those who lose as it falls (`gain` above zero) or rises."""
    if value is None or other is None:
        return value is not None
    return value > other if gain > 0 else value < other


def _required_now(equation: _Equation) -> Decimal:
    """Return all that is required at the present price."""
    if equation.joint is not None:
        return required_at(equation.joint, equation.value / equation.size) + equation.fixed
    return requirement_at(equation.value, equation.rates, equation.fee) + equation.fixed


def _outweighed(
    model: RequirementModel, position: HeldPosition, held: Valuation, margin: Decimal, rest: Rest, joint: Joint
) -> Outcome:
    """Return what is known of a position that loses no more than others in its instrument gain with it."""
    required = held.requirement()
    words: tuple[str, ...] = (OUTWEIGHED if joint.gain else EVEN,)
    if required is None or rest.unknown:
        return Outcome(approximations=words)
    if margin + held.pnl <= required + rest.requirement:
        return Outcome(state=_ALREADY)
    gain = joint.gain / position.size - held.g
    equation = _equation(model, position, held, rest, margin - gain * held.value, gain, held.value)
    words += outgrown(_other_end(model, position, equation, against=held.g < 0))
    return Outcome(approximations=words)


def _other_end(
    model: RequirementModel, position: HeldPosition, equation: _Equation, *, against: bool
) -> Decimal | None:
    """Return the price of a rising value at which an account that loses by a falling one is liquidated too; null also
    where no rung of the ladders reaches it.
    """
    if equation.joint is None or equation.joint.gain < 0:
        return None
    found = equation.solved(model, against=against)
    if found.value is None or found.beyond:
        return None
    return price_of(position.size, found.value, position.terms.contract_type)


def _is_passed(position: HeldPosition, price: Decimal) -> bool:
    """Say whether the present price is at or behind the liquidation price as the venue prints it, on its tick."""
    now = position.present_price
    return price >= now if position.side is _LONG else price <= now


def _tier_at(equation: _Equation, solved: Solved, value: Decimal) -> int | None:
    """Return the number of the rung that holds the position's liquidation value."""
    tiers, tier = equation.rates.tiers, equation.rates.tier
    if not tiers:
        return None if tier is None else tier.tier
    if equation.joint is None:
        return tiers[solved.index].tier
    return (rung_at(tiers, value) or tiers[-1]).tier


def _price_per_margin(
    model: RequirementModel,
    position: HeldPosition,
    held: Valuation,
    equation: _Equation,
    solved: Solved,
    value: Decimal,
) -> Decimal | None:
    """Return how far one more unit of margin moves the liquidation price; null where it does not move it.

    A fee at the bankruptcy price falls, or for those who lose with value rises, with the margin that moves that price.
    """
    if not solved.slope:
        return None
    backed, fee = _ONE, held.close_fee
    taker = position.terms.taker_fee_rate
    if model.posted_margin_bears_fee and position.margin_mode is not _CROSS and position.close_fee_reserve is None:
        backed -= held.g * (taker or _ZERO)
    if fee and model.close_fee_basis is _FEE_AT_BANKRUPTCY:
        joint, size = equation.joint, position.size
        fee, all_fees = (fee, fee) if joint is None else (joint.fee_at_bankruptcy / size, joint.closing / size)
        bankrupt = equation.g + equation.gain - (all_fees if model.bankruptcy_bears_fee else _ZERO)
        backed *= _ONE + fee / bankrupt
    return price_move_per_margin(position, value, solved.slope) * backed


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
    curved = len(rates.tiers) > 1 or equation.joint is not None
    if not model.prints_negative_prices or terms.contract_type is _INVERSE or curved or slope <= 0:
        return None
    return (g * equation.entry_value - equation.margin + equation.fixed - rates.deduction) / (slope * position.size)


def _call_price(
    model: RequirementModel, position: HeldPosition, equation: _Equation, equity: Decimal, required: Decimal
) -> Decimal | None:
    """Return the price at which the margin ratio reaches the level at which the venue warns; null where it has."""
    ratio = model.margin_call_ratio or _ONE
    scale = ratio if model.margin_ratio_form is _EQUITY_OVER_REQUIREMENT else _ONE / ratio
    if equity <= required * scale:
        return None
    value = equation.solved(model, scale).value
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
