"""Which class of client someone is: derived from stated facts under the tests of the place's law, with reasons."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal

from msgspec import Struct

from data.facts.amounts import Amount, plain
from data.facts.law import ClassTest, ClientClassTest, ClientFact
from data.facts.vocabulary import ClientClass
from rules.decision import Question
from rules.knowledge import Knowledge
from rules.law.index import law_index
from rules.law.places import codes_of, within
from rules.law.truth import Truth, truth_of
from rules.trade import Input


class ClientFacts(Input, frozen=True, kw_only=True):
    """What is stated about a client. Amounts are in `currency`; what is not stated is not known.

    `entity_type` is a word such as commodity_pool, employee_benefit_plan, government or state_or_municipal;
    `regulated_status` one such as financial_institution, insurance_company, broker_dealer or fcm.
    """

    residence: str
    currency: str = "USD"
    natural_person: bool | None = None
    entity_type: str | None = None
    regulated_status: str | None = None
    hedging: bool | None = None
    conduct_of_business: bool | None = None
    discretionary_investments: Amount | None = None
    total_assets: Amount | None = None
    gross_assets: Amount | None = None
    net_assets: Amount | None = None
    net_worth: Amount | None = None
    net_financial_assets: Amount | None = None
    annual_income: Amount | None = None
    portfolio: Amount | None = None
    balance_sheet: Amount | None = None
    net_turnover: Amount | None = None
    own_funds: Amount | None = None
    product_value: Amount | None = None
    trades_per_quarter: Amount | None = None
    finance_sector_years: Amount | None = None
    guaranteed_by_eligible_person: bool | None = None
    operator_regulated: bool | None = None
    decisions_by_regulated_person: bool | None = None
    principal_is_eligible: bool | None = None
    commission_determination: bool | None = None
    competence_assessed: bool | None = None
    opted_in: bool | None = None
    knowledge_or_experience: bool | None = None
    adviser_confirmed: bool | None = None
    deals_in_capital_markets_products: bool | None = None
    as_of: date | None = None
    release: str = "latest"


class Reasoned(Struct, frozen=True, kw_only=True):
    """One test of a statute: whether the stated facts meet it, and why."""

    id: str
    definition: str
    citation: str
    source: str
    maps_to: ClientClass | None
    met: str
    """yes | no | unknown | described: a described test is not one that stated facts settle."""
    reasons: tuple[str, ...]
    questions: tuple[Question, ...] = ()
    remarks: tuple[str, ...] = ()


class ClientClassAnswer(Struct, frozen=True, kw_only=True):
    """The class that the stated facts make out; null when a test that could raise it is open."""

    client_class: ClientClass | None
    residence: str
    jurisdictions: tuple[str, ...]
    """Files of law whose tests were applied; empty when none on file covers the residence."""
    summary: str
    tests: tuple[Reasoned, ...]
    questions: tuple[Question, ...]
    release: str
    as_of: date


_RANK = (ClientClass.RETAIL, ClientClass.PROFESSIONAL, ClientClass.INSTITUTIONAL, ClientClass.ECP)
_COUNTS = frozenset({ClientFact.TRADES_PER_QUARTER, ClientFact.FINANCE_SECTOR_YEARS})


def client_class_of(facts: ClientFacts, knowledge: Knowledge) -> ClientClassAnswer:
    """Say which class of client the stated facts make out under the law of the residence, test by test."""
    index = law_index(knowledge)
    place = index.place(facts.residence)
    applied = tuple(
        one.id for one in index.jurisdictions.values() if within(place, codes_of(one.residences)) is Truth.YES
    )
    tests = [
        test
        for test in knowledge.law_book().client_classes
        if test.jurisdiction in applied and test.holds_on(knowledge.as_of)
    ]
    reasoned = tuple(_reason(test, facts) for test in tests)
    client_class = _highest(reasoned)
    asked = {question.field: question for one in reasoned if one.met == "unknown" for question in one.questions}
    return ClientClassAnswer(
        client_class=client_class,
        residence=facts.residence,
        jurisdictions=tuple(sorted({test.jurisdiction for test in tests})),
        summary=_summary(client_class, reasoned, facts.residence),
        tests=reasoned,
        questions=tuple(asked.values()) if client_class is None else (),
        release=knowledge.release,
        as_of=knowledge.as_of,
    )


def _highest(reasoned: Iterable[Reasoned]) -> ClientClass | None:
    """Return the highest class met; null when a higher one is open, or no test is on file."""
    tests = [one for one in reasoned if one.maps_to is not None]
    if not tests:
        return None
    met = [one.maps_to for one in tests if one.met == "yes" and one.maps_to is not None]
    best = max(met, key=_RANK.index, default=ClientClass.RETAIL)
    higher_open = any(
        one.met == "unknown" and one.maps_to is not None and _RANK.index(one.maps_to) > _RANK.index(best)
        for one in tests
    )
    return None if higher_open and not met else best


def _summary(client_class: ClientClass | None, reasoned: tuple[Reasoned, ...], residence: str) -> str:
    if not reasoned:
        return f"No tests of client classes are on file for {residence}."
    if client_class is None:
        return "Open: the facts given do not settle every test that could raise the class."
    met = [one.id for one in reasoned if one.met == "yes" and one.maps_to is client_class]
    if met:
        return f"The facts given make out {client_class.value}: {', '.join(met)}."
    return f"No test is met: {client_class.value}."


def _reason(test: ClientClassTest, facts: ClientFacts) -> Reasoned:
    remarks = test.remarks
    if not test.decidable or test.proposed:
        why = "Proposed and not in force." if test.proposed else "Stated facts do not settle this test."
        return _told(test, "described", (why,), (), remarks)
    reasons: list[str] = []
    questions: list[Question] = []
    truths_all = [_check(one, test, facts, reasons, questions) for one in test.all_of]
    truths_any = [_check(one, test, facts, reasons, questions) for one in test.any_of]
    value = _conjunction([*truths_all, _at_least(truths_any, test.needed)])
    return _told(test, value.value, tuple(reasons), tuple(questions) if value is Truth.UNKNOWN else (), remarks)


def _told(
    test: ClientClassTest,
    met: str,
    reasons: tuple[str, ...],
    questions: tuple[Question, ...],
    remarks: tuple[str, ...],
) -> Reasoned:
    return Reasoned(
        id=test.id,
        definition=test.definition,
        citation=test.citation,
        source=test.source,
        maps_to=test.maps_to,
        met=met,
        reasons=reasons,
        questions=questions,
        remarks=remarks,
    )


def _conjunction(values: Iterable[Truth]) -> Truth:
    found = Truth.YES
    for value in values:
        if value is Truth.NO:
            return value
        if value is Truth.UNKNOWN:
            found = value
    return found


def _at_least(values: list[Truth], needed: int) -> Truth:
    """Say whether at least so many of the values are true."""
    certain = values.count(Truth.YES)
    if certain >= needed:
        return Truth.YES
    return Truth.UNKNOWN if certain + values.count(Truth.UNKNOWN) >= needed else Truth.NO


def _check(
    one: ClassTest, test: ClientClassTest, facts: ClientFacts, reasons: list[str], questions: list[Question]
) -> Truth:
    """Compare one stated fact with what a test asks, and write down what was seen."""
    name = one.fact.value
    spoken = name.replace("_", " ")
    wanted = "; ".join(_wanted(one, test))
    stated = getattr(facts, name)
    if stated is None:
        reasons.append(f"{spoken} is not stated (asked: {wanted})")
        questions.append(Question(ask=f"What is the client's {spoken} (asked: {wanted})?", field=name))
        return Truth.UNKNOWN
    if isinstance(stated, Decimal):
        if one.fact not in _COUNTS and test.currency is not None and facts.currency != test.currency:
            reasons.append(f"{spoken} is stated in {facts.currency}, the test is in {test.currency}")
            questions.append(Question(ask=f"What is the client's {spoken} in {test.currency}?", field=name))
            return Truth.UNKNOWN
        value = truth_of(_within(one, stated))
        shown = plain(stated)
    elif isinstance(stated, bool):
        value, shown = truth_of(stated is one.is_true), "yes" if stated else "no"
    else:
        value, shown = truth_of(stated in one.one_of), str(stated)
    reasons.append(f"{spoken} is {shown} (asked: {wanted}): {'met' if value is Truth.YES else 'not met'}")
    return value


def _within(one: ClassTest, stated: Decimal) -> bool:
    if one.more_than is not None and stated <= one.more_than:
        return False
    return one.at_least is None or stated >= one.at_least


def _wanted(one: ClassTest, test: ClientClassTest) -> Iterator[str]:
    unit = f" {test.currency}" if test.currency and one.fact not in _COUNTS else ""
    if one.is_true is not None:
        yield "yes" if one.is_true else "no"
    if one.one_of:
        yield " or ".join(one.one_of)
    if one.more_than is not None:
        yield f"more than {plain(one.more_than)}{unit}"
    if one.at_least is not None:
        yield f"at least {plain(one.at_least)}{unit}"
