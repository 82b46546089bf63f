"""Limits: on leverage, on size."""

from __future__ import annotations

from decimal import Decimal

from data.facts.amounts import plain
from data.facts.law import LeverageCap, PositionLimit
from rules.condition_ids import met_id, safeguards_id
from rules.decision import Finding, Question, Reason, Remedy
from rules.law.exceptions import Exceptions, lifted
from rules.law.holding import Held
from rules.law.inputs import LawSize
from rules.law.reports import failed, left_open, not_concerned, passed, skipped, vouched_for
from rules.law.truth import Truth
from rules.law.view import View
from rules.law.wording import question_of, seen_of

_REDUCES = "the order only reduces, which takes no leverage and adds to no position"
_NO_LEVERAGE = Question(ask="What is the leverage?", field="leverage")
_NO_QUANTITY = Question(ask="What is the quantity?", field="quantity")
_KEPT_BY_MARGIN = Question(ask="Does the venue's margin keep the leverage within the cap?")
_KEPT_BY_VENUE = Question(ask="Does the venue keep the position within the limit?")


def cap_leverage(held: Held, effect: LeverageCap, exceptions: Exceptions, view: View, size: LawSize) -> Finding:
    """Return the finding of a cap on leverage."""
    if held.truth is Truth.NO:
        return not_concerned(held, view)
    if view.asked.reduce_only:
        return passed(held, _REDUCES)
    excepted = lifted(held, exceptions, view)
    if excepted is not None:
        return excepted
    if effect.max is None:
        return _cap_without_number(held, effect, view, size)
    limit, leverage = effect.max, size.leverage
    if leverage is None:
        told = f"the request gives no leverage; at most {plain(limit)}x"
        return skipped(held, told, limit=limit, unit="x", question=_NO_LEVERAGE)
    if leverage <= limit:
        return _within_cap(held, effect, view, size)
    if held.truth is Truth.UNKNOWN:
        told = f"{plain(leverage)}x is above the cap of {plain(limit)}x; whether it applies: {seen_of(held, view).says}"
        return left_open(held, told, question_of(held, view), observed=leverage, limit=limit, unit="x")
    return failed(
        held,
        f"{plain(leverage)}x is above {plain(limit)}x",
        reason=Reason.PROHIBITED,
        observed=leverage,
        limit=limit,
        unit="x",
        remedy=Remedy(field="leverage", largest_passing=limit),
    )


def _cap_without_number(held: Held, effect: LeverageCap, view: View, size: LawSize) -> Finding:
    told = f"the cap is {effect.formula}" if effect.formula else "the number of the cap was not read"
    if effect.advisory:
        return skipped(held, f"{told}: the venue's own margin keeps it", question=_KEPT_BY_MARGIN)
    leverage, observed = size.leverage, effect.observed
    if observed is not None:
        told = f"{told}, and up to {plain(observed)}x is seen offered under it"
        if leverage is None:
            told = f"the request gives no leverage; {told}"
            return skipped(held, told, limit=observed, unit="x", question=_NO_LEVERAGE)
        if leverage <= observed:
            return passed(held, f"{plain(leverage)}x; {told}", observed=leverage, limit=observed, unit="x")
        told = f"{plain(leverage)}x; {told}"
    asked = met_id(held.selected.rule.law)
    if asked in view.asked.conditions_met:
        return vouched_for(held)
    needs = f", from {', '.join(effect.inputs)}" if effect.inputs else ""
    question = Question(ask=f"Is the leverage within the cap{needs}?", id=asked)
    if observed is None:
        return left_open(held, told, question)
    return left_open(held, told, question, observed=leverage, limit=observed, unit="x")


def _within_cap(held: Held, effect: LeverageCap, view: View, size: LawSize) -> Finding:
    leverage, limit = size.leverage, effect.max
    told = f"{plain(leverage)}x is within {plain(limit)}x" if leverage is not None and limit is not None else ""
    asked = safeguards_id(held.selected.rule.law)
    if effect.safeguards and asked not in view.asked.conditions_met:
        named = "; ".join(effect.safeguards)
        question = Question(ask=f"Are these in place: {named}?", id=asked)
        return left_open(
            held, f"{told}, and more is asked for: {named}", question, observed=leverage, limit=limit, unit="x"
        )
    return passed(held, told, observed=leverage, limit=limit, unit="x")


def limit_position(held: Held, effect: PositionLimit, exceptions: Exceptions, view: View, size: LawSize) -> Finding:
    """Return the finding of a limit on size."""
    if held.truth is Truth.NO:
        return not_concerned(held, view)
    if view.asked.reduce_only:
        return passed(held, _REDUCES)
    excepted = lifted(held, exceptions, view)
    if excepted is not None:
        return excepted
    asked = met_id(held.selected.rule.law)
    if asked in view.asked.conditions_met:
        return vouched_for(held)
    scope = f" ({effect.aggregation})" if effect.aggregation else ""
    if effect.amount is None:
        if effect.advisory:
            told = f"the venue keeps this limit and its number is not on file{scope}"
            return skipped(held, told, question=_KEPT_BY_VENUE)
        return left_open(held, f"the number was not read{scope}", Question(ask="Is the limit kept?", id=asked))
    told = f"at most {plain(effect.amount)} {effect.unit}{scope}"
    if held.truth is Truth.UNKNOWN:
        return left_open(held, told, question_of(held, view), limit=effect.amount, unit=effect.unit)
    if effect.contract_size is None:
        question = Question(ask=f"Does this stay within {plain(effect.amount)} {effect.unit}?", id=asked)
        return left_open(held, told, question, limit=effect.amount, unit=effect.unit)
    if size.quantity is None:
        told = f"the request gives no quantity; {told}"
        return skipped(held, told, limit=effect.amount, unit=effect.unit, question=_NO_QUANTITY)
    if effect.aggregation and size.held_beside:
        others = "other contracts on the same coin are held at the venue and not counted"
        question = Question(ask=f"Do all of them together stay within {plain(effect.amount)} {effect.unit}?", id=asked)
        return left_open(held, f"{told}; {others}", question, limit=effect.amount, unit=effect.unit)
    already = size.held or Decimal(0)
    contracts = abs(size.quantity + already) / effect.contract_size
    if contracts <= effect.amount:
        counted = "" if size.held is not None else "; what is held already is not given and not counted"
        return passed(held, f"{told}{counted}", observed=contracts, limit=effect.amount, unit=effect.unit)
    most = effect.amount * effect.contract_size
    room, turned = most - already, -most - already
    return failed(
        held,
        f"{plain(contracts)} {effect.unit} are too many: {told}",
        reason=Reason.PROHIBITED,
        observed=contracts,
        limit=effect.amount,
        unit=effect.unit,
        remedy=Remedy(field="quantity", largest_passing=room, smallest_passing=turned if turned > 0 else None)
        if room > 0
        else None,
    )
