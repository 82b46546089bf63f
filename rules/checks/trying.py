"""A change found by trying it, where no formula tells the end: more of the instrument is held, or rates follow size."""

from __future__ import annotations

from collections.abc import Callable
from decimal import ROUND_DOWN, Decimal

from data.facts.margin_models import ConstantLadderMargin, RequirementModel, SlopeMargin, UnitRateMargin
from data.facts.vocabulary import MarginMode
from rules.case import Case
from rules.checks.not_known import margin_at_least, without_leverage
from rules.decision import Remedy
from rules.figures.of_trades import filled_size
from rules.figures.order_margin import added_in_account_currency
from rules.inputs import given
from rules.margin.rounding import EDGE
from rules.preparing import resized
from rules.remedies.less_margin import size_factor_for_margin
from rules.remedies.nearest_change import ROOM, leverage_at_most, size_field, size_times

_ONE = Decimal(1)
_LEAST_SIZE = Decimal("0.001")
"""A thousandth of the size: if that is too much, it is not the trade that is too large."""
_NEAR = Decimal("1.0002")
"""How near the largest size that suffices is come to: within two parts in ten thousand."""
_FASTER = 8
"""How many times as far each step up goes as the one before."""
_LEVERAGE_STEP = Decimal("0.01")
_STEPS = 40
"""Enough for sizes a thousand million times too large; a few find what is near."""
_STEPS_ALONG_A_LINE = 6
"""After so many the share is taken to be no line."""
_MOST_HELD = 50
"""Positions in one instrument, where venues keep one a side: with more, each of which is reckoned anew for every size
tried, nothing is tried."""

_ROUNDINGS = Decimal(10)
"""Steps that rounding may move a margin by: of value, margin and fee, at this size and at another."""

_GROWING = (SlopeMargin, UnitRateMargin, ConstantLadderMargin)
"""Models whose rates grow with each coin of size, without tiers."""


def holds_more(case: Case) -> bool:
    """Say whether more of the instrument is held at the venue."""
    positions = case.exposure.positions
    return positions is not None and bool(positions.same_instrument)


def _held_in_too_many(case: Case) -> bool:
    positions = case.exposure.positions
    return positions is not None and len(positions.same_instrument) > _MOST_HELD


def margin_in_proportion(case: Case) -> bool:
    """Say whether margins, and what an order loses as it fills, are in proportion to size: every smaller one has the
    same rates, fills at the same price, and stands by itself.
    """
    terms = case.terms
    if isinstance(terms.margin_model, _GROWING) or holds_more(case):
        return False
    if filled_size(case.figures, case.trade, terms).price != case.figures.entry_price:
        return False
    return terms.ladder is None or not terms.ladder.tiers or terms.tier is terms.ladder.tiers[0]


def _rounding_shows(case: Case, factor: Decimal) -> bool:
    """Say whether the venue rounds money so that the margin of `factor` times the size may miss its proportion."""
    model, figures = case.terms.margin_model, case.figures
    if not isinstance(model, RequirementModel) or model.money_places is None:
        return False
    margins = [one for one in (figures.initial_margin, figures.maintenance_margin) if one]
    return not margins or min(margins) * factor * (_ONE - ROOM) < _ROUNDINGS.scaleb(-model.money_places)


def size_that_fits(case: Case, factor: Decimal, share: Callable[[Case], Decimal | None]) -> Remedy | None:
    """Return the largest size whose `share` of what it may be is below one; `factor` times the size is thought to fit.

    Where all sizes have one rate that is the largest, unless the venue rounds its margin to more. Elsewhere the next
    guess is in proportion to what is left.
    """
    if factor <= 0:
        return None
    field = size_field(case)

    def at(value: Decimal) -> Decimal | None:
        return share(resized(case, field, value))

    if margin_in_proportion(case):
        proportional = size_times(case, factor)
        if proportional is None or not _rounding_shows(case, factor):
            return proportional
        taken = at(given(proportional.largest_passing))
        if taken is None or taken <= EDGE:
            return proportional
    if _held_in_too_many(case):
        return None
    present = given(case.trade.quantity if field == "quantity" else case.figures.notional)

    passing, failing, tight = present * factor, present, False
    taken = at(passing)
    for _ in range(_STEPS):  # `factor` was a guess: no smaller size has a higher rate
        if taken is None or taken < _ONE:
            break
        failing, passing = passing, passing / taken * ROOM
        taken = at(passing)
    if taken is None or taken <= 0 or taken >= _ONE:
        return None  # a margin rounded up to the venue's step falls no further, however small the size
    for _ in range(_STEPS):
        if taken * _NEAR >= _ONE or failing <= passing * _NEAR:
            break
        guess = passing / taken * ROOM
        if guess >= failing:
            guess, tight = (passing * failing).sqrt() if tight else passing * _NEAR, True
        found = at(guess)
        if found is None or found >= _ONE:
            failing = guess
        else:
            passing, taken = guess, found
    return size_times(case, passing / present)


def leverage_that_fits(case: Case, share: Callable[[Case], Decimal | None]) -> Remedy | None:
    """Return the highest leverage whose `share` of what it may be is at most one; null when none is.

    A share of null is too much. For shares that grow along a line, or nearly so: two of them tell where it reaches one.
    """
    if _held_in_too_many(case):
        return None
    failing, passing = given(case.trade.leverage), _ONE - _LEVERAGE_STEP
    before, at_before = failing, share(case)
    guess = failing / at_before if at_before else _ONE
    step = 0
    while (lowest := passing + _LEVERAGE_STEP) <= (highest := failing - _LEVERAGE_STEP):
        guess = max(min(guess, highest).quantize(_LEVERAGE_STEP, rounding=ROUND_DOWN), lowest)
        found = share(resized(case, "leverage", guess))
        if found is None or found > _ONE:
            failing = guess
        else:
            passing = guess
        if found is None or at_before is None or found == at_before or step > _STEPS_ALONG_A_LINE:
            following = (passing * failing).sqrt()
        else:
            following = max(_ONE, guess + (_ONE - found) * (before - guess) / (at_before - found))
        before, at_before, guess, step = guess, found, following, step + 1
    return leverage_at_most(passing)


def by_trying(case: Case, suffices: Callable[[Case], bool], *, start: Decimal | None = None) -> Remedy | None:
    """Return the largest size (the highest leverage of an isolated trade) that suffices; null when none does.

    Smaller is taken to suffice where larger does. `start` is a share of the present value that is thought to suffice.
    What is returned has itself sufficed, or is a rounding below it; a five-thousandth more of the size, or a hundredth
    more leverage, does not.
    """
    if _held_in_too_many(case):
        return None
    field = size_field(case) if case.trade.margin_mode is MarginMode.CROSS else "leverage"
    if field == "leverage":
        present, least, step = given(case.trade.leverage), _ONE, _LEVERAGE_STEP
    else:
        present = given(case.trade.quantity if field == "quantity" else case.figures.notional)
        least, step = present * _LEAST_SIZE, None

    def passes(value: Decimal) -> bool:
        return suffices(resized(case, field, value))

    passing = least if start is None else present * start
    if passing >= present or not passes(passing):
        return None if start is None or passing <= least else by_trying(case, suffices)
    failing, up = present, None if start is None else _NEAR
    while failing > passing * _NEAR if step is None else failing > passing + step:
        middle = (passing * failing).sqrt()
        if up is not None and passing * up < middle:
            middle, up = passing * up, _ONE + (up - _ONE) * _FASTER
        if step is not None:
            middle = max(middle.quantize(step, rounding=ROUND_DOWN), passing + step)
        if passes(middle):
            passing = middle
        else:
            failing, up = middle, None
    return leverage_at_most(passing) if field == "leverage" else size_times(case, passing / present)


def size_within(case: Case, needed: Decimal, room: Decimal, of: Callable[[Case], Decimal | None]) -> Remedy | None:
    """Return the size of which `of` fits `room`; margin added by hand stays what it is whatever the size."""
    added = added_in_account_currency(case)
    if needed <= added or room <= added or without_leverage(case):
        return None

    def share(changed: Case) -> Decimal | None:
        asked = of(changed)
        return None if asked is None or margin_at_least(changed) else asked / room

    return size_that_fits(case, size_factor_for_margin(case, (room - added) / (needed - added)), share)
