"""All law for one trade: every rule that concerns it evaluated, exceptions resolved, coverage told.

The order of rules never matters: all are evaluated before any exception is resolved. Law reads only part of a trade,
so what is equal in that part has equal findings on one day; the index remembers them, limits on amounts apart.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct, structs

from data.facts.law import Classify, LawRule, LeverageCap, PositionLimit, UnderlyingKind
from rules.case import Case
from rules.decision import Effect, Family, Finding, Outcome, Question, Reason
from rules.knowledge import Knowledge
from rules.law.coverage import COVERAGE, coverage_of, establishment_of, unclassified
from rules.law.effects import conclude
from rules.law.exceptions import Exceptions, exceptions_among
from rules.law.holding import Held, hold
from rules.law.index import LawIndex, Selected, law_index
from rules.law.inputs import LawInput, LawSize, input_of_shape, input_of_trade
from rules.law.needs import as_required
from rules.law.silence import silent_on_the_kind
from rules.law.standing import Standing
from rules.law.trade_predicates import commodity_by_caller
from rules.law.truth import Truth
from rules.law.view import View
from rules.law.vouching import with_vouched
from rules.trade import TradeShape


class _Slot(Struct, frozen=True, eq=False):
    """A finding that does not depend on amounts, or a limit that is compared anew for every trade."""

    finding: Finding | None
    held: Held | None
    exceptions: Exceptions


class _Answer(Struct, frozen=True, eq=False):
    """What law says of equal inputs: findings in order, with the places of limits."""

    view: View
    slots: tuple[_Slot, ...]
    findings: tuple[Finding, ...]
    """The whole answer where no limit is among the slots."""
    has_limits: bool


def law_findings(case: Case) -> list[Finding]:
    """Return the findings of law on a trade; one unknown when the venue or the product is not known."""
    trade, terms = case.trade, case.terms
    index = law_index(case.knowledge)
    standing = index.standings.get(trade.venue)
    if standing is None or terms.product is None:
        return [_nothing_to_judge(trade.venue, standing, trade.instrument)]
    asked = input_of_trade(trade, terms.product, terms.instrument or terms.spot_pair, case.knowledge)
    positions = case.exposure.positions
    size = LawSize(
        leverage=trade.leverage,
        quantity=case.figures.quantity or trade.quantity,
        held=positions.same_size - positions.opposite_size if positions is not None else None,
        held_beside=_holds_beside(case),
    )
    return as_required(findings_for(asked, standing, index, size), case.policy)


def _holds_beside(case: Case) -> bool:
    """Say whether the account holds another contract on the same coin at the venue."""
    trade, terms, knowledge = case.trade, case.terms, case.knowledge
    if trade.account is None or not trade.account.positions or terms.instrument is None:
        return False
    for position in trade.account.positions:
        if position.venue == trade.venue:
            other = knowledge.instrument(position.venue, position.instrument)
            if other is None or other.symbol == terms.instrument.symbol:
                continue
            if knowledge.coin(other.base).name == knowledge.coin(terms.instrument.base).name:
                return True
    return False


def law_findings_of_shape(shape: TradeShape, venue: str, knowledge: Knowledge) -> list[Finding]:
    """Return the findings of law on a trade without amounts at a venue."""
    index = law_index(knowledge)
    standing = index.standings.get(venue)
    if standing is None:
        return [_nothing_to_judge(venue, None)]
    return findings_for(input_of_shape(shape, knowledge), standing, index, LawSize(leverage=shape.leverage))


def findings_for(asked: LawInput, standing: Standing, index: LawIndex, size: LawSize) -> list[Finding]:
    """Return the findings of law on one input at one venue, in the order of the rules' names.

    A venue named as its own intermediary counts as none: the order goes straight to it.
    """
    if asked.intermediary == standing.id:
        asked = structs.replace(asked, intermediary=None)
    key = (asked, standing.id)
    answer = index.answers.get(key)
    if answer is None:
        answer = index.answers.keep(key, _answer(asked, standing, index))
    if not answer.has_limits:
        return list(answer.findings)
    told = (
        slot.finding if slot.held is None else conclude(slot.held, slot.exceptions, answer.view, index, size)
        for slot in answer.slots
    )
    return [finding for finding in told if finding is not None]


def _answer(asked: LawInput, standing: Standing, index: LawIndex) -> _Answer:
    view = with_vouched(index.view(asked, standing), index)
    holdings: list[Held] = []
    without_seat: list[Held] = []
    extra: list[Finding] = []
    prepared = index.prepare(view)
    for selected in index.select(view):
        ready = prepared.get(selected.rule.rule)
        held = hold(selected, ready, view) if ready is not None else None
        if held is None:
            finding = _unlisted_underlying(selected, view)
            if finding is not None:
                extra.append(finding)
        elif _open_for_want_of_seat(held):
            without_seat.append(held)
        else:
            holdings.append(held)
    lifting = exceptions_among(holdings)
    slots: list[_Slot] = []
    reports: list[tuple[Held, Finding]] = []
    for held in holdings:
        law = held.selected.rule.law
        exceptions = _exceptions_to(law, lifting)
        if isinstance(law.effect, LeverageCap | PositionLimit) and held.selected.rule.bites:
            slots.append(_Slot(None, held, exceptions))
            continue
        finding = conclude(held, exceptions, view, index, LawSize())
        if finding is not None:
            slots.append(_Slot(finding, None, ()))
            reports.append((held, finding))
    if without_seat:
        extra.append(establishment_of(without_seat, view))
    extra.append(coverage_of(reports, view, silent_on_the_kind(view, prepared, index)))
    slots.extend(_Slot(finding, None, ()) for finding in extra)
    return _Answer(
        view=view,
        slots=tuple(slots),
        findings=tuple(slot.finding for slot in slots if slot.finding is not None),
        has_limits=any(slot.held is not None for slot in slots),
    )


def rules_concerning(asked: LawInput, standing: Standing, index: LawIndex) -> frozenset[str]:
    """Return the names of the rules that concern an input at a venue, those included that leave no finding."""
    view = with_vouched(index.view(asked, standing), index)
    prepared = index.prepare(view)
    return frozenset(
        selected.rule.rule
        for selected in index.select(view)
        if (ready := prepared.get(selected.rule.rule)) is not None and hold(selected, ready, view) is not None
    )


def _exceptions_to(law: LawRule, lifting: Mapping[str, Exceptions]) -> Exceptions:
    """Return the exceptions to a rule; for a rule that is an exception itself, its rivals."""
    if not law.exception_to:
        return lifting.get(law.id, ())
    return tuple(
        one for name in law.exception_to for one in lifting.get(name, ()) if one.selected.rule.law.id != law.id
    )


def _open_for_want_of_seat(held: Held) -> bool:
    """Say whether a rule that binds venues by their seat is open because the seat is not known.

    What else it asks the caller matters only once the seat does.
    """
    return (
        held.selected.rule.for_everyone
        and held.selected.rule.bites
        and held.truth is Truth.UNKNOWN
        and any(test.about_seat for test in held.unknowns)
        and all(test.about_seat or test.question is not None for test in held.unknowns)
    )


def _unlisted_underlying(selected: Selected, view: View) -> Finding | None:
    """Return the finding of a coin that a list of named commodities leaves unclassified, and every other rule too."""
    rule = selected.rule
    effect = rule.law.effect
    if not isinstance(effect, Classify) or not effect.others_unclassified or not rule.bites:
        return None
    if view.assets.kind_of(view.asked.base) not in _COINS or view.assets.class_of(view.asked.base) is not None:
        return None
    said = commodity_by_caller(view)
    return None if said is Truth.YES else unclassified(rule.rule, rule.sources, view, denied=said is Truth.NO)


_COINS = (UnderlyingKind.CRYPTO, UnderlyingKind.CRYPTO_INDEX, UnderlyingKind.STABLECOIN, None)
"""Kinds of underlying whose class is open where none names them; what is not on file is taken for a coin."""


def _nothing_to_judge(venue: str, standing: Standing | None, instrument: str = "") -> Finding:
    if standing is None:
        missing, what = f"the venue {venue} is not known", f"the venue {venue}"
    else:
        missing = f"no instrument {instrument!r} of {standing.name} is on file, so what is traded is not known"
        what = f"the product traded at {standing.name}"
    return Finding(
        rule=COVERAGE,
        family=Family.JURISDICTION,
        outcome=Outcome.UNKNOWN,
        effect=Effect.REVIEW,
        sources=(),
        message=f"Law cannot be applied: {missing}.",
        reason=Reason.UNKNOWN,
        question=Question(ask=f"What is {what}?", field="product" if standing is not None else "venue"),
    )
