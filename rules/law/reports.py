"""Findings of rules of law, told the same way whatever the effect."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from data.facts.law import Answer, LawQuestion, LawRule, Role
from rules.decision import Effect, Finding, Outcome, Question, Reason, Remedy
from rules.law.holding import Held
from rules.law.view import View
from rules.law.wording import question_of, seen_of, sentence


def passed(
    held: Held,
    clause: str,
    *,
    observed: Decimal | str | None = None,
    limit: Decimal | str | None = None,
    unit: str | None = None,
    also: tuple[str, ...] = (),
    flag: str | None = None,
) -> Finding:
    """Report a rule that was looked at and does not stand against the trade."""
    return _finding(held, Outcome.PASS, clause, observed=observed, limit=limit, unit=unit, also=also, flag=flag)


def not_about(says: str) -> str:
    """Return the clause of a rule that is not about such a trade, by what shows it."""
    return f"does not apply, {says}"


def not_concerned(held: Held, view: View, *, limit: str | None = None) -> Finding:
    """Report a rule that is not about such a trade."""
    return passed(held, not_about(seen_of(held, view).says), limit=limit)


def vouched_for(held: Held, *, limit: str | None = None) -> Finding:
    """Report a rule of which the caller says that it is met."""
    return passed(held, "the caller vouches for it", limit=limit)


def failed(
    held: Held,
    clause: str,
    *,
    reason: Reason,
    observed: Decimal | str | None = None,
    limit: Decimal | str | None = None,
    unit: str | None = None,
    remedy: Remedy | None = None,
    also: tuple[str, ...] = (),
    flag: str | None = None,
) -> Finding:
    """Report a rule that stands against the trade, and the nearest change that it would pass.

    Where an exemption was assumed away, its question is told with it. `flag` is of what it rests on besides.
    """
    assumed = next(exemptions_assumed_away(held.selected.rule.law), None)
    exemption = None if assumed is None else Question(ask=assumed.ask, id=assumed.id)
    return _finding(
        held,
        Outcome.FAIL,
        clause,
        reason=reason,
        question=exemption,
        flag=flag,
        assumed=exemption is not None,
        observed=observed,
        limit=limit,
        unit=unit,
        remedy=remedy,
        also=also,
    )


def exemptions_assumed_away(law: LawRule) -> Iterator[LawQuestion]:
    """Yield the questions that would exempt a trade and are taken to be answered with no."""
    for question in law.questions:
        if question.role is Role.EXEMPTS and question.assume is Answer.NO:
            yield question


def left_open(
    held: Held,
    clause: str,
    question: Question,
    *,
    observed: Decimal | str | None = None,
    limit: Decimal | str | None = None,
    unit: str | None = None,
    effect: Effect | None = None,
    also: tuple[str, ...] = (),
) -> Finding:
    """Report a rule that cannot be decided, with the question that would decide it."""
    return _finding(
        held,
        Outcome.UNKNOWN,
        clause,
        reason=Reason.UNKNOWN,
        question=question,
        observed=observed,
        limit=limit,
        unit=unit,
        effect=effect,
        also=also,
    )


def undecided(held: Held, view: View, *, limit: str | None = None) -> Finding:
    """Report a rule of which it is not known whether it applies, with the question that would tell."""
    return left_open(held, seen_of(held, view).says, question_of(held, view), limit=limit)


def skipped(
    held: Held,
    clause: str,
    *,
    question: Question,
    limit: Decimal | str | None = None,
    unit: str | None = None,
) -> Finding:
    """Report a rule that was not evaluated for want of an input."""
    return _finding(held, Outcome.SKIPPED, f"not evaluated, {clause}", limit=limit, unit=unit, question=question)


def informs(held: Held, outcome: Outcome, clause: str, *, question: Question | None = None) -> Finding:
    """Report a rule that is shown and not applied."""
    return _finding(
        held,
        outcome,
        clause,
        reason=Reason.UNKNOWN if outcome is Outcome.UNKNOWN else None,
        question=question,
        effect=Effect.WARN,
    )


def _finding(
    held: Held,
    outcome: Outcome,
    clause: str,
    *,
    reason: Reason | None = None,
    observed: Decimal | str | None = None,
    limit: Decimal | str | None = None,
    unit: str | None = None,
    question: Question | None = None,
    remedy: Remedy | None = None,
    effect: Effect | None = None,
    also: tuple[str, ...] = (),
    flag: str | None = None,
    assumed: bool = False,
) -> Finding:
    rule = held.selected.rule
    flags = rule.flags if flag is None or flag in rule.flags else (*rule.flags, flag)
    if assumed and "assumed" not in flags:
        flags = (*flags, "assumed")
    worst = effect or rule.effect
    if held.selected.assumed:
        flags = (*flags, "subdivision_assumed")
    if rule.law.when.nexus_assumed:
        flags = (*flags, "assumed")
    return Finding(
        rule=rule.rule,
        family=rule.family,
        outcome=outcome,
        effect=worst,
        message=sentence(rule, clause),
        reason=reason,
        observed=observed,
        limit=limit,
        unit=unit,
        question=question,
        sources=(*rule.sources, *(one for one in also if one not in rule.sources)),
        flags=flags,
        remedy=remedy,
    )
