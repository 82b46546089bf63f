"""What an order asks of margin: as it is placed, as it opens, and what of it is fees, at entry or at the mark price."""

from __future__ import annotations

from decimal import Decimal

from data.facts.margin_models import MarginLevel, ReportedFee, RequirementModel, ValueBasis
from data.facts.vocabulary import ContractType, MarginMode, Side
from rules.case import Case
from rules.figures.sizes import added_margin_of
from rules.inputs import given
from rules.margin.margins import deposit_fee
from rules.margin.position import direction_of
from rules.margin.rounding import EDGE

_CROSS = MarginMode.CROSS
_ENTRY = ValueBasis.ENTRY
_INVERSE = ContractType.INVERSE
_LONG = Side.LONG

_ZERO = Decimal(0)
NOT_OF_AN_ORDER = (ReportedFee.NONE, ReportedFee.OPENING)
"""Of the fees that a venue's margin figure contains, those that the margin of an order does not."""


def values_at_entry_and_mark(case: Case) -> tuple[Decimal, Decimal]:
    """Return the position's value in settlement currency at entry and at the mark price as it opens."""
    notional, quantity, mark = given(case.figures.notional), given(case.figures.quantity), case.opening_mark
    if case.terms.contract_type is _INVERSE:
        return quantity, quantity if mark is None else notional / mark
    return notional, notional if mark is None else quantity * mark


def loss_at_mark(case: Case) -> Decimal:
    """Return what the trade has lost once it is open, by its entry against the mark price as it opens, in settlement
    currency; negative is a profit, and nothing is lost without a mark price.
    """
    entry, marked = values_at_entry_and_mark(case)
    return direction_of(case.trade.side, case.terms.contract_type or ContractType.LINEAR) * (entry - marked)


def margin_to_open(case: Case) -> Decimal | None:
    """Return the margin that opening the trade takes, in settlement currency and without what is added by hand.

    It is initial margin, which some venues reckon at the mark price. An isolated position has the margin posted that
    its value at entry asks for, from which its liquidation price follows: where that is more, it is what the trade
    takes. Reckoned at entry it is that of the value which limits and exposure count, as it may fill at a price that is
    better for it and makes it larger.
    """
    margin, model, trade = case.figures.initial_margin, case.terms.margin_model, case.trade
    entry = case.figures.entry_price
    if margin is None or entry is None:
        return margin
    if not isinstance(model, RequirementModel) or model.initial_basis is _ENTRY:
        return _as_counted(case, margin)
    if trade.margin_mode is _CROSS:
        return margin
    market = trade.market
    mark = None if market is None else market.mark_price
    if mark is not None and case.terms.contract_type is not _INVERSE and entry <= mark:
        return margin
    return _at_entry_if_more(case, margin)


def _as_counted(case: Case, margin: Decimal) -> Decimal:
    """Return the margin of the size that limits count, given that of the trade at its entry price."""
    figures, counted = case.figures, case.terms.counted
    if case.terms.contract_type is _INVERSE:
        own, larger = figures.quantity, counted.quantity
    else:
        own, larger = figures.notional, counted.notional
    return margin if not own or larger is None or larger <= own else margin * larger / own


def margin_of_order(case: Case) -> Decimal | None:
    """Return what the venue asks for when the order is placed, in settlement currency, fees and added margin aside.

    It is the margin that opening takes. Some venues add the open loss: what the order's price is worse than the mark
    price is lost as soon as it fills, and margin is then asked for at whichever of the two prices values it higher.
    """
    margin, model, trade = margin_to_open(case), case.terms.margin_model, case.trade
    entry = case.figures.entry_price
    if margin is None or entry is None:
        return margin
    if not isinstance(model, RequirementModel) or not model.order_bears_open_loss:
        return margin
    market = trade.market
    mark = None if market is None else market.mark_price
    if mark is not None and (entry <= mark if trade.side is _LONG else entry >= mark):
        return margin
    loss = loss_at_mark(case)
    if loss <= 0:
        return margin
    if model.initial_basis is not _ENTRY:
        margin = _at_entry_if_more(case, given(case.figures.initial_margin))
    return margin + loss


def _at_entry_if_more(case: Case, margin: Decimal) -> Decimal:
    """Return a margin reckoned at the mark price, or what the value at entry asks for where that is more."""
    entry, marked = values_at_entry_and_mark(case)
    if entry <= marked:
        return margin
    posted, leverage = margin * entry / marked, case.trade.leverage
    if leverage and posted <= entry / leverage * EDGE:
        return entry / leverage  # not what is left of it where the venue cuts initial margin off at some place
    return posted


def margin_posted(case: Case) -> Decimal | None:
    """Return the margin posted in the account's currency, what is added to it included."""
    margin, rate = margin_to_open(case), case.exposure.settle_rate
    return None if margin is None or rate is None else margin * rate + added_in_account_currency(case)


def order_outlay(case: Case) -> Decimal | None:
    """Return what the order is asked for and its fee in the account's currency, without a fee that is not known."""
    margin, rate = margin_of_order(case), case.exposure.settle_rate
    if margin is None or rate is None:
        return None
    fee = case.figures.entry_fee
    return ((margin + fee) * rate if fee is not None and fee > 0 else margin * rate) + added_in_account_currency(case)


def added_in_account_currency(case: Case) -> Decimal:
    """Return the margin that the trade posts beyond initial margin, in the account's currency."""
    added = added_margin_of(case.trade)
    return given(case.exposure.settle_rate) * added if added else _ZERO


def margined_value(model: RequirementModel | MarginLevel, case: Case) -> Decimal:
    """Return the value that the venue divides by the leverage."""
    entry, mark = values_at_entry_and_mark(case)
    if isinstance(model, MarginLevel):
        return mark if model.short_used_margin_floats and case.trade.side is Side.SHORT else entry
    return entry if model.initial_basis is _ENTRY else mark


def fee_counted(case: Case, counted: ReportedFee) -> tuple[Decimal, Decimal]:
    """Return the fee for closing that a margin contains: a fixed part, and one that `1 / L` multiplies.

    `V (1 - g / L) f` at bankruptcy, `(V + V / L + added) f` on value and margin, of the value `V` at entry. What is
    added counts with the fee of its deposit where the venue reckons so.
    """
    rate = None if case.terms.fee is None else case.terms.fee.taker
    if not rate or counted in NOT_OF_AN_ORDER:
        return _ZERO, _ZERO
    value = values_at_entry_and_mark(case)[0]
    if counted is ReportedFee.AT_BANKRUPTCY:
        return value * rate, -value * rate * direction_of(case.trade.side, given(case.terms.contract_type))
    added = added_margin_of(case.trade) or _ZERO
    if counted is ReportedFee.ON_VALUE_AND_DEPOSIT:
        added += deposit_fee(added, rate)
    return (value + added) * rate, value * rate
