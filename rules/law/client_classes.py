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

MAX_WORD = 64
"""Most characters of a word that says what a client is."""


class ClientFacts(Input, frozen=True, kw_only=True):
    """What is stated about a client. What is not stated is not known: it leaves a test that asks for it open."""

    residence: str
    """Where the client resides: ISO 3166-1 alpha-2 or ISO 3166-2, such as "AE" or "US-NY"."""
    currency: str = "USD"
    """Currency of every amount below, ISO 4217. A test of amounts in another currency stays open."""
    natural_person: bool | None = None
    """Whether the client is a natural person and no entity."""
    entity_type: str | None = None
    """What sort of entity it is, in a word such as `commodity_pool`, `employee_benefit_plan`, `government` (of a
    country, with its agencies) or `state_or_municipal` (of a part of it, likewise); any other says that it is none that
    a test names."""
    regulated_status: str | None = None
    """As what it is regulated, in a word such as `financial_institution`, `insurance_company`, `broker_dealer` or
    `fcm`; any other says that it is regulated as none that a test names."""
    hedging: bool | None = None
    """Whether it trades to manage the risk of an asset or a liability of its own."""
    conduct_of_business: bool | None = None
    """Whether it trades in connection with the conduct of its business."""
    discretionary_investments: Amount | None = None
    """What it has invested on a discretionary basis, in `currency`."""
    total_assets: Amount | None = None
    """Its total assets, in `currency`."""
    gross_assets: Amount | None = None
    """The assets that it controls, debts not taken off, in `currency`."""
    net_assets: Amount | None = None
    """Its assets less its debts, in `currency`; some statutes count crypto or a home in part."""
    net_worth: Amount | None = None
    """Its net worth, in `currency`."""
    net_financial_assets: Amount | None = None
    """Its financial assets less the debts that belong to them, in `currency`."""
    annual_income: Amount | None = None
    """Its income in a year, in `currency`."""
    portfolio: Amount | None = None
    """Value of its portfolio of investments, in `currency`."""
    balance_sheet: Amount | None = None
    """Total of its balance sheet, in `currency`."""
    net_turnover: Amount | None = None
    """Its net turnover in a year, in `currency`."""
    own_funds: Amount | None = None
    """Its own funds, in `currency`."""
    product_value: Amount | None = None
    """Price or value of the product that it takes, in `currency`."""
    trades_per_quarter: Amount | None = None
    """Trades per quarter, on average over the previous four quarters: a number, not an amount."""
    finance_sector_years: Amount | None = None
    """Years of work in the financial sector: a number, not an amount."""
    guaranteed_by_eligible_person: bool | None = None
    """Whether its obligations in the trade are guaranteed, or supported by a letter of credit or a keepwell, by an
    entity with total assets above USD 10 million, a financial institution, insurer, investment company or commodity
    pool that is an eligible contract participant, a government that is one, or a person whom the CFTC has determined to
    be one. The guarantee of an individual does not count, nor does that of an entity by its net worth alone."""
    operator_regulated: bool | None = None
    """Whether the person who runs the commodity pool is regulated, in the United States or comparably abroad."""
    decisions_by_regulated_person: bool | None = None
    """Whether a regulated adviser, financial institution or insurer decides on its investments."""
    principal_is_eligible: bool | None = None
    """Whether the person for whom it acts is an eligible contract participant."""
    commission_determination: bool | None = None
    """Whether the CFTC has determined that it is an eligible contract participant."""
    competence_assessed: bool | None = None
    """Whether the firm that serves it has assessed its competence."""
    opted_in: bool | None = None
    """Whether it has asked to be treated as of the class."""
    knowledge_or_experience: bool | None = None
    """Whether it has the knowledge, by training or experience."""
    adviser_confirmed: bool | None = None
    """Whether an adviser, lawyer or accountant has confirmed what it certifies of itself."""
    deals_in_capital_markets_products: bool | None = None
    """Whether its business is to deal in or to hold capital markets products."""
    as_of: date | None = None
    """Day whose law is applied, YYYY-MM-DD; without it today in UTC."""
    release: str = "latest"
    """Id of the release to read, or `latest`."""


class Reasoned(Struct, frozen=True, kw_only=True):
    """One test of a statute: whether the stated facts meet it, and why."""

    id: str
    """Id of the test, as `/v1/client-classes` lists it."""
    definition: str
    """Whom the statute puts in the class, in our words."""
    citation: str
    source: str
    maps_to: ClientClass | None
    """The class that a request states of a client who meets it; null where it makes out none of them."""
    met: str
    """yes | no | unknown | described: a described test is not one that stated facts settle."""
    reasons: tuple[str, ...]
    """What was compared, fact by fact, in words; of a described test, why it is no more than that."""
    questions: tuple[Question, ...] = ()
    """What would have to be stated, where `met` is unknown; `field` is a field of this request."""
    remarks: tuple[str, ...] = ()
    """What else there is to know of the test, in words."""


class ClientClassAnswer(Struct, frozen=True, kw_only=True):
    """The class that the stated facts make out, test by test."""

    client_class: ClientClass | None
    """The highest class whose test is met, else retail. Null where no test is met and one of a class above retail is
    open, and where no test is on file."""
    residence: str
    """The residence stated."""
    jurisdictions: tuple[str, ...]
    """Files of law whose tests were applied; empty when none on file covers the residence."""
    summary: str
    """The class and the tests that make it out, in a sentence, or why it is open."""
    tests: tuple[Reasoned, ...]
    """Each test that the law of the residence sets, with its reasons."""
    questions: tuple[Question, ...]
    """What would have to be stated to settle the class or, where one is made out, whether a higher one is met."""
    release: str
    as_of: date


_RANK = (ClientClass.RETAIL, ClientClass.PROFESSIONAL, ClientClass.INSTITUTIONAL, ClientClass.ECP)
_COUNTS = frozenset({ClientFact.TRADES_PER_QUARTER, ClientFact.FINANCE_SECTOR_YEARS})

NEVER_NEGATIVE = (
    "discretionary_investments",
    "total_assets",
    "gross_assets",
    "portfolio",
    "balance_sheet",
    "net_turnover",
    "product_value",
    "trades_per_quarter",
    "finance_sector_years",
)
"""Facts that are no less than zero. What debts or losses are taken off from may be: a net worth, funds, an income."""


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
    asked = {
        question.field: question
        for one in reasoned
        if client_class is None or _is_above(one.maps_to, client_class)
        for question in one.questions
    }
    return ClientClassAnswer(
        client_class=client_class,
        residence=facts.residence,
        jurisdictions=tuple(sorted({test.jurisdiction for test in tests})),
        summary=_summary(client_class, reasoned, facts.residence),
        tests=reasoned,
        questions=tuple(asked.values()),
        release=knowledge.release,
        as_of=knowledge.as_of,
    )


def _highest(reasoned: Iterable[Reasoned]) -> ClientClass | None:
    """Return the highest class met; null when none is and one above retail is open, or no test is on file."""
    tests = [one for one in reasoned if one.maps_to is not None]
    if not tests:
        return None
    met = [one.maps_to for one in tests if one.met == "yes" and one.maps_to is not None]
    if met:
        return max(met, key=_RANK.index)
    is_open = any(one.met == "unknown" and _is_above(one.maps_to, ClientClass.RETAIL) for one in tests)
    return None if is_open else ClientClass.RETAIL


def _is_above(higher: ClientClass | None, lower: ClientClass) -> bool:
    return higher is not None and _RANK.index(higher) > _RANK.index(lower)


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
        value, shown = truth_of(stated not in one.none_of and (not one.one_of or stated in one.one_of)), str(stated)
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
    if one.none_of:
        yield f"not {' or '.join(one.none_of)}"
    if one.more_than is not None:
        yield f"more than {plain(one.more_than)}{unit}"
    if one.at_least is not None:
        yield f"at least {plain(one.at_least)}{unit}"
