"""The readable cases hold, and every rule has one that passes, one that fails and one that cannot tell."""

from __future__ import annotations

from decimal import Decimal
from functools import cache

import pytest

from rules.check import CATALOGUE
from rules.decision import Conclusion, Family, Finding, Outcome
from rules.engine import decide
from tests.rules.case_files import ReadableCase, read_cases
from tests.rules.world import facts, knowledge_of, number, policy_of, trade_of

CASES = tuple(read_cases())
LAW = (Family.JURISDICTION, Family.ACCESS)


@cache
def concluded(case_name: str) -> Conclusion:
    case = next(one for one in CASES if one.name == case_name)
    knowledge = knowledge_of(case.as_of, case.facts)
    return decide(trade_of(case.trade), knowledge, policy_of(case.policy, case.thresholds))[1]


def by_rule(conclusion: Conclusion) -> dict[str, Finding]:
    return {finding.rule: finding for finding in conclusion.findings}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_case(case: ReadableCase):
    conclusion, expect = concluded(case.name), case.expect
    found = by_rule(conclusion)
    outcomes = {rule: finding.outcome for rule, finding in found.items()}
    if expect.verdict is not None:
        assert conclusion.verdict.value == expect.verdict, conclusion.summary
    if expect.fails is not None:
        failing = [rule for rule, one in found.items() if one.outcome is Outcome.FAIL and one.family not in LAW]
        assert sorted(failing) == sorted(expect.fails), {rule: found[rule].message for rule in failing}
    for outcome, rules in (
        (Outcome.FAIL, expect.fail_some),
        (Outcome.PASS, expect.passes),
        (Outcome.UNKNOWN, expect.unknown),
        (Outcome.SKIPPED, expect.skipped),
    ):
        for rule in rules:
            assert outcomes.get(rule) is outcome, (rule, found.get(rule))
    for rule in expect.absent:
        assert rule not in found
    for name, value in expect.figures.items():
        figure = getattr(conclusion.figures, name)
        assert shown(figure, value) == value, (name, figure)
    told = " | ".join(conclusion.figures.cost_notes)
    assert [words for words in expect.notes if words not in told] == [], told
    assert [words for words in expect.without_notes if words in told] == [], told
    for rule, words in expect.says.items():
        assert words in found[rule].message
    for rule, field in expect.asks.items():
        question = found[rule].question
        assert question is not None, rule
        assert question.field == field, rule
    for rule, flags in expect.flags.items():
        assert found[rule].flags == flags, rule
    for rule, sources in expect.sources.items():
        assert found[rule].sources == sources, rule
    for rule, fields in expect.remedies.items():
        remedy = found[rule].remedy
        assert remedy is not None, rule
        for name, value in fields.items():
            seen = getattr(remedy, name)
            assert (list(seen) if isinstance(seen, tuple) else number(seen)) == (
                value if isinstance(value, list) else number(value)
            ), (rule, name, seen)

    for rule in expect.without_remedy:
        assert found[rule].remedy is None


def shown(figure: object, like: str) -> str:
    """Return a figure as the case writes it: rounded to as many places."""
    if not isinstance(figure, Decimal):
        return str(figure)
    places = len(like.partition(".")[2])
    return f"{figure:.{places}f}"


def test_no_two_cases_have_one_name():
    assert len({case.name for case in CASES}) == len(CASES)


def test_every_rule_has_a_case_for_each_outcome():
    seen: dict[str, set[Outcome]] = {
        rule: set() for rule in (*CATALOGUE, *(law.rule for law in facts().law_book.rules))
    }
    for case in CASES:
        expect = case.expect
        failing = (*(expect.fails or ()), *expect.fail_some)
        for rule in (*expect.passes, *failing, *expect.unknown, *expect.skipped, *expect.absent):
            assert rule in seen, f"{case.name} names {rule}, which is no rule"
        for rule in expect.passes:
            seen[rule].add(Outcome.PASS)
        for rule in failing:
            seen[rule].add(Outcome.FAIL)
        for rule in (*expect.unknown, *expect.skipped):
            seen[rule].add(Outcome.UNKNOWN)
    missing = {
        rule: [outcome.value for outcome in (Outcome.PASS, Outcome.FAIL, Outcome.UNKNOWN) if outcome not in outcomes]
        for rule, outcomes in seen.items()
        if rule in CATALOGUE and CATALOGUE[rule].family not in LAW
    }
    assert not {rule: gaps for rule, gaps in missing.items() if gaps}


def test_there_are_at_least_45_rules_beside_the_law():
    assert sum(1 for rule in CATALOGUE.values() if rule.family not in LAW) >= 45
