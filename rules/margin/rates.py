"""From a model and a contract's terms to the rate and deduction that hold at a position's value.

`Rates` are what the solver of liquidation prices starts from: one rung, with those beside it where the rung may differ
at another price.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from decimal import Decimal

from msgspec import Struct
from msgspec.structs import replace

from data.facts.amounts import plain
from data.facts.margin_models import (
    AdjustmentFactorMargin,
    ConstantLadder,
    ConstantLadderMargin,
    HalfOfInitialMargin,
    LadderKind,
    LiquidityTier,
    OpenInterestMargin,
    PerformanceBond,
    RequirementModel,
    SlopeMargin,
    TieredMargin,
    UnitRateMargin,
    ValueBasis,
)
from data.facts.venues import MarginTier
from data.facts.vocabulary import ContractType
from rules.margin.ladder import deductions, initial_ladder_of, initial_rate_by_slices, leverage_at, rung_at, unrounded
from rules.margin.position import HeldPosition, LadderUnit, PositionTerms, Whole

# An enum's member is looked up through its metaclass, far slower than a name: these are read several times a trade.
_AT_ENTRY = ValueBasis.ENTRY
_BY_SIZE = LadderUnit.SIZE
_BY_VALUE = LadderUnit.VALUE
_INVERSE = ContractType.INVERSE
_LINEAR = ContractType.LINEAR
_BY_SLICES = LadderKind.MARGINAL

_ZERO = Decimal(0)
_ONE = Decimal(1)
_TWO = Decimal(2)
_NO_CAP = Decimal("Infinity")

NO_RATE = "the maintenance margin rate is not known"
BEYOND_LADDER = "the size is beyond the last rung of the ladder; no rate is known for it"
ONE_BASE_RATE = "no maintenance_base_rate is given: the base rate of initial margin stands for both"
NO_CONTRACT_SIZE = "the contract size is needed to find the rung of the ladder"
NO_OPEN_INTEREST = "the market's open interest is not given; the initial margin fraction without its surcharge is used"
ONE_OF_TWO_TIERS = (
    "two liquidity tiers have these fractions: {taken} is taken, and not {other}, whose initial margin rises from an "
    "open interest of {lower} on"
)
NO_MAINTENANCE_SHARE = "the venue publishes no maintenance rate for this margin model"


class Rates(Struct, frozen=True, kw_only=True, gc=False):
    """Rates that hold at a position's present value.

    `maintenance` null: not known, and `missing` says why. `tiers` (with `index`) are set when the rung may differ at
    another value, or end before it; `slope` is the rate that one unit of value adds, where the rate grows with value
    (Deribit inverse).
    """

    maintenance: Decimal | None
    deduction: Decimal = _ZERO
    slope: Decimal | None = None
    initial: Decimal | None = None
    tier: MarginTier | None = None
    max_leverage: Decimal | None = None
    tiers: tuple[MarginTier, ...] = ()
    index: int = 0
    marginal: bool = False
    amounts: tuple[Decimal | None, ...] = ()
    missing: str | None = None
    approximation: str | None = None


def rates_of(model: RequirementModel, position: HeldPosition, entry_value: Decimal, value: Decimal) -> Rates:
    """Return the rates of a position whose value is `entry_value` at entry and `value` now."""
    if position.whole is not None:
        return rates_of(*_as_part(model, position, entry_value, position.whole), entry_value, value)
    terms = position.terms
    if isinstance(model, SlopeMargin):
        return _slope(model, position, value)
    if isinstance(model, AdjustmentFactorMargin) and terms.adjustment_factor is not None and position.leverage:
        return Rates(maintenance=terms.adjustment_factor / position.leverage, max_leverage=terms.max_leverage)
    if terms.maintenance_margin_rate is not None:
        return _stated(terms, terms.maintenance_margin_rate)
    if isinstance(model, ConstantLadderMargin):
        found = _constant_ladder(model, position, value)
        if found is not None:
            return found
    if isinstance(model, UnitRateMargin):
        return _unit_rate(model, position)
    if isinstance(model, PerformanceBond):
        for bond in model.bond_rates:
            if bond.base == terms.base:
                return Rates(
                    maintenance=bond.maintenance_rate,
                    initial=bond.initial_rate,
                    max_leverage=_ONE / bond.initial_rate,
                )
    if not terms.tiers:
        return _without_ladder(model, terms)
    rates = _from_ladder(model, position, entry_value, value)
    return _with_open_interest(model, terms, rates) if isinstance(model, OpenInterestMargin) else rates


def _as_part(
    model: RequirementModel, position: HeldPosition, entry_value: Decimal, whole: Whole
) -> tuple[RequirementModel, HeldPosition]:
    """Return the model and terms by which a part of a position bears its part of what the whole requires.

    What grows with size is made as much steeper as the part is smaller: the part stands on its scaled ladder where the
    whole stands on the ladder.
    """
    terms, share = position.terms, position.size / whole.size
    of_rungs = share
    if terms.ladder_unit is _BY_VALUE and model.maintenance_basis is _AT_ENTRY:
        of_rungs = entry_value / whole.entry_value
    if isinstance(model, SlopeMargin):
        slopes = tuple(replace(one, rate_per_coin=one.rate_per_coin / share) for one in model.slopes)
        model = replace(model, slopes=slopes)
    elif isinstance(model, ConstantLadderMargin):
        constants = tuple(replace(one, size_constant=one.size_constant * share) for one in model.constants)
        model = replace(model, constants=constants)
    elif isinstance(model, UnitRateMargin):
        rates = tuple(replace(one, unit_margin_rate=one.unit_margin_rate / share) for one in model.rates)
        model = replace(model, rates=rates)
    scaled = replace(
        terms,
        tiers=tuple(
            replace(
                tier,
                floor=tier.floor * of_rungs,
                cap=None if tier.cap is None else tier.cap * of_rungs,
                maintenance_amount=None if tier.maintenance_amount is None else tier.maintenance_amount * of_rungs,
            )
            for tier in terms.tiers
        ),
        rate_per_coin=None if terms.rate_per_coin is None else terms.rate_per_coin / share,
    )
    return model, replace(position, terms=scaled, whole=None)


def _stated(terms: PositionTerms, maintenance_rate: Decimal) -> Rates:
    """Return the rates that the terms themselves state, in place of a ladder's."""
    return Rates(
        maintenance=maintenance_rate,
        deduction=terms.maintenance_amount or _ZERO,
        initial=terms.initial_margin_rate,
        max_leverage=terms.max_leverage,
    )


def maintenance_rate_of(model: RequirementModel, tier: MarginTier) -> Decimal | None:
    """Return the maintenance rate of a rung; half of initial where the model says so, unless the rung gives another
    than that, rounded.
    """
    rate = tier.maintenance_margin_rate
    if isinstance(model, HalfOfInitialMargin):
        half = model.share / tier.max_leverage
        return half if rate is None else unrounded(rate, half)
    if rate is None and isinstance(model, AdjustmentFactorMargin):
        return None
    return rate


def _from_ladder(model: RequirementModel, position: HeldPosition, entry_value: Decimal, value: Decimal) -> Rates:
    terms = position.terms
    tiers = terms.tiers
    moving = terms.ladder_unit is _BY_VALUE and model.maintenance_basis is not _AT_ENTRY
    counted = counted_in_ladder(position, entry_value if model.maintenance_basis is _AT_ENTRY else value)
    if counted is None:
        return Rates(maintenance=None, missing=NO_CONTRACT_SIZE)
    tier = rung_at(tiers, counted)
    if tier is None:
        return Rates(maintenance=None, missing=BEYOND_LADDER)
    rate = maintenance_rate_of(model, tier)
    if rate is None:
        return Rates(
            maintenance=None,
            initial=tier.initial_margin_rate,
            tier=tier,
            max_leverage=tier.max_leverage,
            missing=NO_MAINTENANCE_SHARE if isinstance(model, PerformanceBond) else NO_RATE,
        )
    marginal = is_marginal(model)
    amounts: tuple[Decimal | None, ...] = ()
    deduction: Decimal | None = _ZERO
    index = 0
    if moving or marginal:
        index = bisect_left(tiers, tier.floor, key=_floor)
    if marginal:
        deduction = tier.maintenance_amount
        if deduction is None:
            amounts = deductions(tiers) if tier.maintenance_margin_rate is not None else _half_deductions(model, tiers)
            deduction = amounts[index]
        if terms.ladder_unit is not _BY_VALUE and counted:
            # the slices do not move with the price: together they are one rate, as long as the size stays
            rate, deduction, marginal, amounts = rate - (deduction or _ZERO) / counted, _ZERO, False, ()
    initial, highest = tier.initial_margin_rate, tier.max_leverage
    initial_ladder = initial_ladder_of(model)
    if initial_ladder is _BY_SLICES:
        initial = initial_rate_by_slices(tiers, counted)
        highest = leverage_at(tiers, counted, initial_ladder) or highest
    return Rates(
        maintenance=rate,
        deduction=deduction or _ZERO,
        initial=initial,
        tier=tier,
        max_leverage=highest,
        tiers=tiers if moving and (len(tiers) > 1 or tier.cap is not None) else (),
        index=index,
        marginal=marginal,
        amounts=amounts,
    )


def counted_in_ladder(position: HeldPosition, value: Decimal) -> Decimal | None:
    """Return a position worth `value` as its ladder counts it; null where that takes a contract size."""
    terms = position.terms
    if terms.ladder_unit is _BY_VALUE:
        return value
    if terms.ladder_unit is _BY_SIZE:
        return position.size
    return position.size / terms.contract_size if terms.contract_size else None


def is_marginal(model: RequirementModel) -> bool:
    """Say whether each slice of a position is charged at the rate of its own rung."""
    if isinstance(model, TieredMargin):
        return model.ladder is _BY_SLICES
    return isinstance(model, HalfOfInitialMargin)


def _half_deductions(model: RequirementModel, tiers: Sequence[MarginTier]) -> tuple[Decimal | None, ...]:
    amounts: list[Decimal | None] = []
    amount, before = _ZERO, None
    for tier in tiers:
        rate = maintenance_rate_of(model, tier) or _ZERO
        if before is not None:
            amount += tier.floor * (rate - before)
        amounts.append(amount)
        before = rate
    return tuple(amounts)


def _floor(tier: MarginTier) -> Decimal:
    return tier.floor


def _without_ladder(model: RequirementModel, terms: PositionTerms) -> Rates:
    if isinstance(model, HalfOfInitialMargin) and terms.max_leverage:
        return Rates(maintenance=model.share / terms.max_leverage, max_leverage=terms.max_leverage)
    missing = NO_MAINTENANCE_SHARE if isinstance(model, PerformanceBond) else NO_RATE
    highest = terms.max_leverage
    if highest is None and terms.initial_margin_rate:
        highest = _ONE / terms.initial_margin_rate
    return Rates(maintenance=None, initial=terms.initial_margin_rate, max_leverage=highest, missing=missing)


def _slope(model: SlopeMargin, position: HeldPosition, value: Decimal) -> Rates:
    """Deribit: `rate = base + step * coins` on the whole position; an inverse position's coins are its value."""
    terms = position.terms
    initial = maintenance = step = approximation = None
    for slope in model.slopes:
        if slope.base == terms.base and slope.settle == terms.settle:
            initial, maintenance = slope.initial_base_rate, slope.maintenance_base_rate
            step = slope.rate_per_coin
    if terms.base_rate is not None:
        initial, step = terms.base_rate, _ZERO if terms.rate_per_coin is None else terms.rate_per_coin
        maintenance = terms.maintenance_base_rate
        if maintenance is None:
            maintenance, approximation = terms.base_rate, ONE_BASE_RATE
    elif terms.maintenance_margin_rate is not None:
        return _stated(terms, terms.maintenance_margin_rate)
    if initial is None or maintenance is None or step is None:
        return Rates(maintenance=None, initial=terms.initial_margin_rate, missing=NO_RATE)
    inverse = terms.contract_type is _INVERSE
    coins = value if inverse else position.size
    rate = initial + step * coins
    return Rates(
        maintenance=maintenance if inverse else maintenance + step * coins,
        slope=step if inverse else None,
        initial=rate,
        max_leverage=_ONE / rate if rate else None,
        approximation=approximation,
    )


def _constant_ladder(model: ConstantLadderMargin, position: HeldPosition, value: Decimal) -> Rates | None:
    """KuCoin cross: `r = 1/(2*leverage_constant) * (1 + coins/size_constant)`, at most the limit.

    The venue's rungs bound the leverage of a size where they are known.
    """
    terms = position.terms
    one = constant_of(model, terms)
    if one is None:
        return None
    rate = _ONE / (_TWO * one.leverage_constant) * (_ONE + position.size / one.size_constant)
    counted = counted_in_ladder(position, value)
    tier = None if counted is None else rung_at(terms.tiers, counted)
    most = one.leverage_constant if tier is None else min(tier.max_leverage, one.leverage_constant)
    return Rates(maintenance=min(rate, one.limit), tier=tier, max_leverage=most)


def constant_of(model: ConstantLadderMargin, terms: PositionTerms) -> ConstantLadder | None:
    """Return the constants of a contract's ladder; null where the model has none for it."""
    if terms.contract_type is not _LINEAR:
        return None
    return next((one for one in model.constants if one.instrument == terms.symbol), None)


def _unit_rate(model: UnitRateMargin, position: HeldPosition) -> Rates:
    """Crypto.com: `min(1, max(1/account leverage, 1/product leverage, unit rate * |Q|))` of mark value."""
    terms = position.terms
    for one in model.rates:
        if one.instrument == terms.symbol:
            least = rate = min(_ONE, max(_ONE / one.product_leverage, one.unit_margin_rate * position.size))
            if position.leverage:
                rate = min(_ONE, max(rate, _ONE / position.leverage))
            share = model.maintenance_share
            return Rates(
                maintenance=None if share is None else share * rate,
                initial=rate,
                max_leverage=min(one.product_leverage, _ONE / least),
                missing=NO_MAINTENANCE_SHARE if share is None else None,
            )
    return _without_ladder(model, terms)


def _with_open_interest(model: OpenInterestMargin, terms: PositionTerms, rates: Rates) -> Rates:
    alike = _liquidity_tiers(model, rates)
    if not alike or rates.maintenance is None:
        return rates
    tier = alike[0]
    initial = tier.initial_margin_fraction
    approximation = None
    if terms.open_interest is None:
        approximation = NO_OPEN_INTEREST
    else:
        initial = effective_initial_fraction(tier, terms.open_interest)
        other = min(alike, key=_begins_to_rise)
        if terms.symbol is None and _begins_to_rise(other) < min(_begins_to_rise(tier), terms.open_interest):
            lower = plain(_begins_to_rise(other))
            approximation = ONE_OF_TWO_TIERS.format(taken=tier.name, other=other.name, lower=lower)
    return Rates(
        maintenance=rates.maintenance,
        deduction=rates.deduction,
        initial=initial,
        tier=rates.tier,
        max_leverage=_ONE / initial,
        approximation=approximation,
    )


def _liquidity_tiers(model: OpenInterestMargin, rates: Rates) -> list[LiquidityTier]:
    """Return the tiers with such fractions: those of markets with margin in common come before those without."""
    return [
        tier
        for tier in model.liquidity_tiers
        if tier.initial_margin_fraction == rates.initial and tier.maintenance_margin_fraction == rates.maintenance
    ]


def _begins_to_rise(tier: LiquidityTier) -> Decimal:
    """Return the open interest above which a tier's initial margin rises."""
    return _NO_CAP if tier.open_interest_lower_cap is None else tier.open_interest_lower_cap


def effective_initial_fraction(tier: LiquidityTier, open_interest: Decimal) -> Decimal:
    """Return dYdX's initial margin fraction at an open interest: it rises from `IMF` to 1 between the caps.

    Source: dYdX v4 documentation, open-interest-dependent initial margin.
    """
    base = tier.initial_margin_fraction
    lower, upper = tier.open_interest_lower_cap, tier.open_interest_upper_cap
    if lower is None or upper is None or open_interest <= lower:
        return base
    return min(_ONE, base + (open_interest - lower) / (upper - lower) * (_ONE - base))
