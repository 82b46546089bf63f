"""Exceptions: a rule that holds lifts the rules it names; one that might hold leaves them open."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from rules.decision import Finding
from rules.law.holding import Held
from rules.law.reports import left_open, passed
from rules.law.truth import Truth
from rules.law.view import View
from rules.law.wording import question_of, seen_of

Exceptions = tuple[Held, ...]
"""What may lift one rule, the most specific first; those whose condition is false are left out."""


def exceptions_among(holdings: Iterable[Held]) -> Mapping[str, Exceptions]:
    """Return the exceptions that hold or might hold, by the id of the rule they lift."""
    found: dict[str, list[Held]] = {}
    for held in holdings:
        rule = held.selected.rule
        if rule.bites and rule.law.exception_to and held.truth is not Truth.NO and held.refused is None:
            for name in rule.law.exception_to:
                found.setdefault(name, []).append(held)
    for rows in found.values():
        rows.sort(key=lambda one: (one.selected.rule.specificity, one.selected.rule.rule), reverse=True)
    return {name: tuple(rows) for name, rows in found.items()}


def lifting(exceptions: Exceptions) -> Held | None:
    """Return the most specific exception that holds."""
    return next((one for one in exceptions if one.truth is Truth.YES), None)


def possible(exceptions: Exceptions) -> Held | None:
    """Return the exception that might hold: the most specific, or one that needs a part of its answers alone."""
    open_ = [one for one in exceptions if one.truth is Truth.UNKNOWN]
    if not open_:
        return None
    might = open_[0]
    for one in open_[1:]:
        if frozenset() < _asked_by(one) < _asked_by(might):
            might = one
    return might


def _asked_by(held: Held) -> frozenset[str]:
    """Return what the exception leaves open: questions by their ids, other predicates by their names."""
    return frozenset(test.question.id if test.question is not None else test.name for test in held.unknowns)


def lifted(held: Held, exceptions: Exceptions, view: View) -> Finding | None:
    """Return the finding of a rule that an exception lifts or may lift; null when none does."""
    holds = lifting(exceptions)
    if holds is not None:
        return passed(held, f"{holds.selected.rule.rule} excepts this", also=holds.selected.rule.sources)
    might = possible(exceptions)
    if might is None:
        return None
    told = f"{might.selected.rule.rule} excepts this if so: {seen_of(might, view).says}"
    return left_open(held, told, question_of(might, view), also=might.selected.rule.sources)
