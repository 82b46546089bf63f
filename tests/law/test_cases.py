"""The readable cases of law hold, every rule has its edges, and every row says what its text says."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from msgspec import structs

from data.facts.law import (
    Allow,
    Classify,
    InForce,
    LawProduct,
    LeverageCap,
    PositionLimit,
    Prohibit,
    RequireClientClass,
    RequireDisclosure,
    RequireMarginCloseout,
    RequireNegativeBalanceProtection,
    RequireRegistration,
)
from data.facts.vocabulary import ClientClass, Product
from rules.decision import Effect, Finding, Outcome, Reason, Verdict
from rules.eligibility import eligibility
from rules.law.findings import findings_for
from rules.law.index import law_index
from rules.law.inputs import LawSize, input_of_shape
from rules.trade import Client, Intent, TradeShape
from tests.law.case_files import Asked, LawCase, Row, read_cases, read_rows
from tests.law.world import knowledge_on, release_facts

LISTED = {product.value for product in Product}
CASES = tuple(sorted(read_cases(), key=lambda case: case.as_of))
"""By day: the law of a day is compiled once, and a few days are kept."""
ROWS = read_rows()
RULES = {law.rule: law for law in release_facts().law_book.rules}
REASONS = {
    Prohibit: (Reason.PROHIBITED, Reason.NOT_PERMITTED),
    LeverageCap: (Reason.PROHIBITED,),
    PositionLimit: (Reason.PROHIBITED,),
    RequireClientClass: (Reason.PROHIBITED,),
    RequireRegistration: (Reason.NOT_PERMITTED,),
    RequireMarginCloseout: (Reason.PROHIBITED,),
    RequireNegativeBalanceProtection: (Reason.PROHIBITED,),
    RequireDisclosure: (Reason.PROHIBITED,),
    Allow: (Reason.NOT_PERMITTED,),
    Classify: (Reason.NOT_PERMITTED,),
}
"""Why a rule of each effect can stand against a trade. A prohibition is not permitted only where its gate is open and
a permission is missing beside it.
"""


WITHOUT_REMEDY = {
    Prohibit: "the law of the place forbids it, or no registration on file opens the gate",
    RequireRegistration: "nobody on file holds the registration, or it is the carrying firm's",
    RequireClientClass: "the class is the client's own",
    PositionLimit: "what is held already fills the limit",
    RequireMarginCloseout: "the caller denies what the venue owes",
    RequireDisclosure: "the caller denies what is due before the order",
    Allow: "the caller denies what the permission asks for",
    Classify: "the caller says that the underlying is no commodity",
}
"""Effects of law whose fail may have no remedy."""


def shape_of(asked: Asked) -> TradeShape:
    return TradeShape(
        base=asked.base,
        product=Product(asked.product) if asked.product in LISTED else Product.SPOT,
        client=Client(
            residence=asked.residence,
            location=asked.location,
            nationality=asked.nationality,
            client_class=ClientClass(asked.client_class) if asked.client_class else None,
            eligible_commercial_entity=asked.eligible_commercial_entity,
            on_sanctions_list=asked.on_sanctions_list,
            institution=asked.institution,
        ),
        quote=asked.quote,
        leverage=Decimal(asked.leverage) if asked.leverage else None,
        intent=Intent(asked.intent),
        reduce_only=asked.reduce_only,
        intermediary=asked.intermediary,
        conditions_met=asked.conditions_met,
    )


def answer(case: LawCase) -> tuple[Verdict | None, dict[str, Finding]]:
    """Return the verdict and the findings by rule; law alone for a product that no venue on file lists."""
    knowledge, shape = knowledge_on(case.as_of), shape_of(case.asked)
    if case.asked.product not in LISTED:
        index = law_index(knowledge)
        asked = structs.replace(input_of_shape(shape, knowledge), product=LawProduct(case.asked.product))
        found = findings_for(asked, index.standings[case.asked.venue], index, LawSize())
        return None, {finding.rule: finding for finding in found}
    [row] = eligibility(shape, knowledge, [case.asked.venue])
    return row.verdict, {finding.rule: finding for finding in row.findings}


def stands_against(finding: Finding | None) -> bool:
    return finding is not None and finding.outcome in (Outcome.FAIL, Outcome.UNKNOWN)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_case(case: LawCase) -> None:
    verdict, found = answer(case)
    told = {rule: (finding.outcome.value, finding.message) for rule, finding in found.items()}
    expected = case.expected
    if expected.verdict:
        against = {rule: told[rule] for rule in told if told[rule][0] in ("fail", "unknown")}
        assert verdict in expected.verdict, against
    for rule, finding in found.items():
        assert finding.question is not None or finding.outcome in (Outcome.PASS, Outcome.FAIL), told[rule]
    for rule in expected.fails:
        assert rule in found, sorted(found)
        assert found[rule].outcome is Outcome.FAIL, told[rule]
    for rule in expected.unknowns:
        assert rule in found, sorted(found)
        assert found[rule].outcome is Outcome.UNKNOWN, told[rule]
    for rule in expected.bites:
        assert rule in found, sorted(found)
        assert stands_against(found[rule]), told[rule]
    for rule in expected.passes:
        assert not stands_against(found.get(rule)), told[rule]
    for rule in expected.absent_fails:
        assert rule not in found or found[rule].outcome is not Outcome.FAIL, told[rule]
    for rule in expected.shown:
        assert rule in found, sorted(found)
    for rule in expected.announced:
        assert rule in found, sorted(found)
        assert not stands_against(found[rule]), told[rule]
        assert "announced" in found[rule].flags
    for rule in expected.never_applied:
        assert rule not in found or found[rule].effect is Effect.WARN, told[rule]
        assert rule not in found or found[rule].outcome is not Outcome.FAIL, told[rule]
    for rule in expected.absent:
        assert rule not in found, told[rule]
    for rule, reason in expected.reasons.items():
        assert found[rule].reason == reason, told[rule]
    for rule, words in expected.says.items():
        assert words in found[rule].message, told[rule]
    for rule, venues in expected.venues.items():
        remedy = found[rule].remedy
        assert (remedy.values if remedy is not None else ()) == venues, told[rule]
    for rule, finding in found.items():
        if finding.outcome is Outcome.FAIL and rule in RULES:
            assert finding.reason in REASONS[type(RULES[rule].effect)], told[rule]
            assert finding.remedy is not None or type(RULES[rule].effect) in WITHOUT_REMEDY, told[rule]


@pytest.mark.parametrize("effect", [LeverageCap, RequireRegistration, Prohibit])
def test_what_another_leverage_or_venue_passes_names_it(effect: type) -> None:
    failed = (
        finding
        for case in reversed(CASES)  # most law is of late
        for finding in answer(case)[1].values()
        if finding.outcome is Outcome.FAIL and finding.rule in RULES
    )
    assert any(finding.remedy for finding in failed if type(RULES[finding.rule].effect) is effect)


def test_every_rule_has_a_row_and_edges() -> None:
    assert {row.rule for row in ROWS} == set(RULES)
    named = {rule for case in CASES for field in structs.astuple(case.expected)[1:] for rule in field}
    assert set(RULES) - named == set()


def test_the_venues_seated_in_the_united_states_are_those_that_sanctions_on_nationals_name() -> None:
    [question] = [one for one in RULES["us.ofac_cuba_nationals"].questions if one.known_at]
    seated = {one.id for one in knowledge_on(date(2026, 11, 1)).venues() if one.home_jurisdiction == "US"}
    assert {one for one in seated if not one.startswith("sample_")} == set(question.known_at)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.rule)
def test_row(row: Row) -> None:
    law = RULES[row.rule]
    assert law.effect.__struct_config__.tag == row.effect
    assert {product.value for product in law.products} == set(row.products)
    assert law.valid_from == row.first_day
    assert law.valid_to == (row.last_day + timedelta(days=1) if row.last_day else None)
    assert (law.in_force is InForce.IN_FORCE) is row.bites
    assert law.confidence.value == row.confidence
