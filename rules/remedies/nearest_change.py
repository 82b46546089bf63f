"""The nearest change that passes one rule, in the field of the request that it changes."""

from __future__ import annotations

from collections.abc import Callable
from decimal import ROUND_DOWN, Decimal

from data.facts.margin_models import MarginLevel, ReportedFee, RequirementModel, ValueBasis
from data.facts.venues import MarginTier
from data.facts.vocabulary import ContractType, MarginMode, Side
from rules.case import Case
from rules.checks.inputs import given
from rules.decision import Remedy
from rules.figures.sizes import added_margin_of
from rules.margin.margins import deposit_fee
from rules.margin.position import direction_of
from rules.margin.rounding import round_money

_ZERO = Decimal(0)
_ONE = Decimal(1)
_TWO = Decimal(2)
_CENT = Decimal("0.01")
_COIN_STEP = Decimal("0.00000001")
_CROSS = MarginMode.CROSS
_ENTRY = ValueBasis.ENTRY
_LONG = Side.LONG
_INVERSE = ContractType.INVERSE
_NOT_OF_AN_ORDER = (ReportedFee.NONE, ReportedFee.OPENING)
_ON_MARGIN = (ReportedFee.ON_VALUE_AND_MARGIN, ReportedFee.ON_VALUE_AND_DEPOSIT)

ROOM = Decimal("0.999999")
"""A remedy found by dividing stops this much short of the limit, so that no rounding on the way back exceeds it."""

EDGE = Decimal("1.0000000000000000000000000000000000000000001")
"""A quotient that is a round leverage, or a round size, but for its fiftieth digit is that one: rules take it to be."""


def size_field(case: Case) -> str:
    """Return the field in which the request states its size."""
    return "quantity" if case.trade.quantity is not None else "notional"


def size_times(case: Case, factor: Decimal) -> Remedy | None:
    """Return the remedy "at most `factor` times the size", in the field the request uses; null when nothing is left.

    Hundredths of the quote currency, or eight places of the base coin, rounded down.
    """
    size = given(case.trade.quantity if case.trade.quantity is not None else case.figures.notional)
    step = _COIN_STEP if case.trade.quantity is not None else _CENT
    largest = (size * factor).quantize(step, rounding=ROUND_DOWN)
    return Remedy(field=size_field(case), largest_passing=largest) if largest > 0 else None


def notional_at_most(case: Case, notional: Decimal) -> Remedy | None:
    """Return the remedy "at most this notional" (quote currency), in the field the request states its size in."""
    current = case.figures.notional
    return size_times(case, notional / current) if current else None


def leverage_at_most(leverage: Decimal, floor: Decimal = _ONE) -> Remedy | None:
    """Return the remedy "at most this leverage", rounded down to hundredths; null below `floor`."""
    largest = leverage.quantize(_CENT, rounding=ROUND_DOWN)
    return Remedy(field="leverage", largest_passing=largest) if largest >= floor and largest > 0 else None


def either(*remedies: Remedy | None) -> Remedy | None:
    """Return the first remedy there is, with the others as its alternatives."""
    given = [remedy for remedy in remedies if remedy is not None]
    if len(given) < 2:
        return given[0] if given else None
    first = given[0]
    return Remedy(
        field=first.field,
        largest_passing=first.largest_passing,
        smallest_passing=first.smallest_passing,
        value=first.value,
        values=first.values,
        alternatives=tuple(given[1:]),
    )


def reducing(case: Case) -> Remedy | None:
    """Return the remedy "reduce only" where so much of the instrument is held on the other side; null elsewhere."""
    positions, size = case.exposure.positions, case.size_as_held
    if positions is None or size is None or positions.opposite_size < size:
        return None
    return Remedy(field="reduce_only", value="true")


def least_value(case: Case) -> Decimal:
    """Return the position's value in settlement currency, at entry or at mark, whichever is less."""
    return min(_values(case))


def _values(case: Case) -> tuple[Decimal, Decimal]:
    """Return the position's value in settlement currency at entry and at the mark price as it opens."""
    notional, quantity, mark = given(case.figures.notional), given(case.figures.quantity), case.opening_mark
    if case.terms.contract_type is _INVERSE:
        return quantity, quantity if mark is None else notional / mark
    return notional, notional if mark is None else quantity * mark


def loss_at_mark(case: Case) -> Decimal:
    """Return what the trade has lost once it is open, by its entry against the mark price as it opens, in settlement
    currency; negative is a profit, and nothing is lost without a mark price.
    """
    entry, marked = _values(case)
    return direction_of(case.trade.side, case.terms.contract_type or ContractType.LINEAR) * (entry - marked)


def margin_to_open(case: Case) -> Decimal | None:
    """Return the margin that opening the trade takes, in settlement currency and without what is added by hand.

    It is initial margin, which some venues reckon at the mark price. An isolated position has the margin posted that
    its value at entry asks for, from which its liquidation price follows: where that is more, it is what the trade
    takes.
    """
    margin, model, trade = case.figures.initial_margin, case.terms.margin_model, case.trade
    if margin is None or trade.margin_mode is _CROSS or trade.entry_price is None:
        return margin
    if not isinstance(model, RequirementModel) or model.initial_basis is _ENTRY:
        return margin
    market = trade.market
    mark = None if market is None else market.mark_price
    if mark is not None and case.terms.contract_type is not _INVERSE and trade.entry_price <= mark:
        return margin
    return _at_entry_if_more(case, margin)


def margin_of_order(case: Case) -> Decimal | None:
    """Return what the venue asks for when the order is placed, in settlement currency, fees and added margin aside.

    It is the margin that opening takes. Some venues add the open loss: what the order's price is worse than the mark
    price is lost as soon as it fills, and margin is then asked for at whichever of the two prices values it higher.
    """
    margin, model, trade = margin_to_open(case), case.terms.margin_model, case.trade
    if margin is None or trade.entry_price is None:
        return margin
    if not isinstance(model, RequirementModel) or not model.order_bears_open_loss:
        return margin
    market = trade.market
    mark = None if market is None else market.mark_price
    if mark is not None and (trade.entry_price <= mark if trade.side is _LONG else trade.entry_price >= mark):
        return margin
    loss = loss_at_mark(case)
    if loss <= 0:
        return margin
    if model.initial_basis is not _ENTRY:
        margin = _at_entry_if_more(case, given(case.figures.initial_margin))
    return margin + loss


def _at_entry_if_more(case: Case, margin: Decimal) -> Decimal:
    """Return a margin reckoned at the mark price, or what the value at entry asks for where that is more."""
    entry, marked = _values(case)
    if entry <= marked:
        return margin
    posted, leverage = margin * entry / marked, case.trade.leverage
    if leverage and posted <= entry / leverage * EDGE:
        return entry / leverage  # not what is left of it where the venue cuts initial margin off at some place
    return posted


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
    if model.initial_reported_fee in _NOT_OF_AN_ORDER:
        return _dividing(model, divided, margin)
    fixed, growing = _fee_counted(case, model.initial_reported_fee)
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
        posted = max(posted, tier.initial_margin_rate or _ZERO)
    fixed, growing = _fee_counted(case, model.maintenance_reported_fee)
    bare = maintenance - growing * posted
    of_initial, growing_initial = _fee_counted(case, model.initial_reported_fee)
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


def _fee_counted(case: Case, counted: ReportedFee) -> tuple[Decimal, Decimal]:
    """Return the fee for closing that a margin contains: a fixed part, and one that `1 / L` multiplies.

    `V (1 - g / L) f` at bankruptcy, `(V + V / L + added) f` on value and margin, of the value `V` at entry. What is
    added counts with the fee of its deposit where the venue reckons so.
    """
    rate = None if case.terms.fee is None else case.terms.fee.taker
    if not rate or counted in _NOT_OF_AN_ORDER:
        return _ZERO, _ZERO
    value = _values(case)[0]
    if counted is ReportedFee.AT_BANKRUPTCY:
        return value * rate, -value * rate * direction_of(case.trade.side, given(case.terms.contract_type))
    added = added_margin_of(case.trade) or _ZERO
    if counted is ReportedFee.ON_VALUE_AND_DEPOSIT:
        added += deposit_fee(added, rate)
    return (value + added) * rate, value * rate


def margined_value(model: RequirementModel | MarginLevel, case: Case) -> Decimal:
    """Return the value that the venue divides by the leverage."""
    entry, mark = _values(case)
    if isinstance(model, MarginLevel):
        return mark if model.short_used_margin_floats and case.trade.side is Side.SHORT else entry
    return entry if model.initial_basis is _ENTRY else mark


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
    values = _values(case)
    held = min(values) / max(values)
    tiers = () if terms.ladder is None else terms.ladder.tiers
    if not tiers or not leverage or not size or factor <= 0:
        return factor
    present = _ONE / leverage if terms.tier is None else _margin_rate(terms.tier, leverage)
    if given(case.figures.initial_margin) < least_value(case) * present * ROOM:
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
    return max(_ONE / min(leverage, tier.max_leverage), tier.initial_margin_rate or _ZERO)


def venues_where(case: Case, holds: Callable[[str], bool]) -> Remedy | None:
    """Return the venues that list the underlying as this product and for which `holds`, as a remedy; null for none."""
    instrument, product = case.terms.instrument, case.terms.product
    if instrument is None or product is None:
        return None
    listed = {one.venue for one in case.knowledge.listings(instrument.base, product)}
    fitting = tuple(sorted(venue for venue in listed if venue != case.trade.venue and holds(venue)))
    return Remedy(field="venue", values=fitting) if fitting else None
