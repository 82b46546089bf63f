"""The leverage and the size that take less margin, found by formula where one tells them."""

from __future__ import annotations

from decimal import ROUND_DOWN, Decimal

from data.facts.margin_models import MarginLevel, ReportedFee, RequirementModel
from data.facts.venues import MarginTier
from rules.case import Case
from rules.decision import Remedy
from rules.figures.order_margin import NOT_OF_AN_ORDER, fee_counted, margined_value, values_at_entry_and_mark
from rules.inputs import given
from rules.margin.ladder import highest_leverage_rate
from rules.margin.rounding import EDGE, round_money
from rules.remedies.nearest_change import ROOM, leverage_at_most

_ZERO = Decimal(0)
_ONE = Decimal(1)
_TWO = Decimal(2)
_CENT = Decimal("0.01")
_COIN_STEP = Decimal("0.00000001")
_ON_MARGIN = (ReportedFee.ON_VALUE_AND_MARGIN, ReportedFee.ON_VALUE_AND_DEPOSIT)


def less_leverage(case: Case, factor: Decimal) -> Remedy | None:
    """Return the leverage with which the margin is `1 / factor` times what it is, the fee counted in it included.

    Null where no leverage makes the margin.
    """
    if factor <= 0:
        return None
    model, margin = case.terms.margin_model, given(case.figures.initial_margin) / factor
    if not isinstance(model, RequirementModel | MarginLevel):
        return None
    divided = margined_value(model, case)
    if isinstance(model, MarginLevel):
        return leverage_at_most(divided / margin * EDGE)
    if model.initial_reported_fee in NOT_OF_AN_ORDER:
        return _dividing(model, divided, margin)
    fixed, growing = fee_counted(case, model.initial_reported_fee)
    margin += _COIN_STEP - fixed  # some venues cut it off at the eighth place
    return leverage_at_most((divided + growing) / margin * ROOM) if margin > 0 else None


def leverage_for_maintenance(case: Case, most: Decimal) -> Remedy | None:
    """Return the leverage at which maintenance margin is `most` times initial margin, fees counted in either included.

    Both are linear in `u = 1 / L`: `m + a + a' u = most (v u + b + b' u)`.
    """
    model, maintenance = case.terms.margin_model, given(case.figures.maintenance_margin)
    if not isinstance(model, RequirementModel):
        return None  # it is a share of initial margin, whatever the leverage
    posted, tier = _ONE / given(case.trade.leverage), case.terms.tier
    if model.maintenance_reported_fee in _ON_MARGIN and tier is not None:
        posted = max(posted, _least_rate(tier))
    fixed, growing = fee_counted(case, model.maintenance_reported_fee)
    bare = maintenance - growing * posted
    of_initial, growing_initial = fee_counted(case, model.initial_reported_fee)
    needed = bare - most * of_initial
    divided = most * (margined_value(model, case) + growing_initial) - growing
    if needed <= 0 or divided <= 0:
        return None
    if not fixed and not of_initial:
        return _dividing(
            model, margined_value(model, case), needed / most
        )  # no fee is counted, and the value not rounded
    return leverage_at_most(divided / (needed + _COIN_STEP) * ROOM)


def _dividing(model: RequirementModel, value: Decimal, margin: Decimal) -> Remedy | None:
    """Return the highest leverage, in hundredths, that divides a value into a margin, as the venue rounds it."""
    cautious = value / (margin + _COIN_STEP) * ROOM
    if model.value_places is not None or model.leverage_reciprocal_places is not None:
        return leverage_at_most(cautious)
    leverage = (value / margin * EDGE).quantize(_CENT, rounding=ROUND_DOWN)
    posts = leverage and round_money(value / leverage, model.money_places, model.money_rounding) * EDGE
    return leverage_at_most(leverage if posts >= margin else cautious)


def size_factor_for_margin(case: Case, factor: Decimal) -> Decimal:
    """Return a factor of the size that has at most `factor` times the margin.

    In a lower margin tier the same margin carries more. Beyond the last tier no rate is known: there the size is found
    at the last tier's rate, which no smaller size exceeds.
    """
    return _over_tiers(case, factor) * ROOM


def _over_tiers(case: Case, factor: Decimal) -> Decimal:
    """Return the factor of the size that has `factor` times the margin, whether or not fees are counted with it."""
    terms, leverage, size = case.terms, case.trade.leverage, case.terms.size_in_ladder_unit
    # Some venues find the tier of the value at mark: a cap must hold what a size is worth at either price.
    values = values_at_entry_and_mark(case)
    held = min(values) / max(values)
    tiers = () if terms.ladder is None else terms.ladder.tiers
    if not tiers or not leverage or not size or factor <= 0:
        return factor
    present = _ONE / leverage if terms.tier is None else _margin_rate(terms.tier, leverage)
    if given(case.figures.initial_margin) < min(values) * present * ROOM:
        return factor  # the venue's margin is not that of its ladder
    fees = _ZERO if terms.fee is None else _TWO * (terms.fee.taker or _ZERO)

    def carried(tier: MarginTier) -> Decimal:
        rate = _margin_rate(tier, leverage)
        return factor * size * min(present / rate, (present + fees) / (rate + fees))

    there = next((one for one in reversed(tiers) if one.floor < size and carried(one) > one.floor), tiers[0])
    most = carried(there)
    return (most if there.cap is None else min(most, there.cap * held)) / size


def _margin_rate(tier: MarginTier, leverage: Decimal) -> Decimal:
    """Return initial margin over value in a tier."""
    return max(_ONE / min(leverage, tier.max_leverage), _least_rate(tier))


def _least_rate(tier: MarginTier) -> Decimal:
    rate = tier.initial_margin_rate
    return _ZERO if rate is None else highest_leverage_rate(rate, tier.max_leverage)
