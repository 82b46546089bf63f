"""Classes of clients, from stated facts under the tests of the place's law."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from msgspec import structs

from rules.law.client_classes import ClientClassAnswer, ClientFacts, client_class_of
from tests.law.made_up import DAY, knowledge_of
from tests.law.world import knowledge_on, release_facts


def derived(residence: str, currency: str = "USD", **facts: Any) -> ClientClassAnswer:
    amounts = {
        name: Decimal(value) if isinstance(value, str) and value.isdigit() else value for name, value in facts.items()
    }
    return client_class_of(ClientFacts(residence=residence, currency=currency, **amounts), knowledge_on(DAY))


def met(answer: ClientClassAnswer) -> dict[str, str]:
    return {test.id: test.met for test in answer.tests}


PERSON = {"natural_person": True, "hedging": False}


@pytest.mark.parametrize(
    ("investments", "hedging", "expected"),
    [
        ("10000001", False, "ecp"),
        ("10000000", False, "retail"),
        ("5000001", True, "ecp"),
        ("5000000", True, "retail"),
        ("5000001", False, "retail"),
    ],
)
def test_a_person_in_the_united_states(investments: str, hedging: bool, expected: str) -> None:
    """CEA 1a(18)(A)(xi): more than USD 10 million invested on a discretionary basis, or 5 million when hedging."""
    answer = derived(
        "US-NY",
        natural_person=True,
        discretionary_investments=investments,
        hedging=hedging,
        guaranteed_by_eligible_person=False,
        commission_determination=False,
        regulated_status="none",
        entity_type="none",
    )
    assert answer.client_class == expected, answer.summary
    assert answer.jurisdictions == ("US",)


def test_total_assets_are_the_test_of_an_entity_not_of_a_person() -> None:
    """CEA 1a(18)(A)(v)(I); popular articles give it as the test of individuals."""
    assert derived("US", natural_person=False, entity_type="company", total_assets="10000001").client_class == "ecp"
    assert met(derived("US", natural_person=True, total_assets="90000000"))["us_ecp_entity_assets"] == "no"


def test_an_entity_hedging_its_business_needs_a_million_of_net_worth() -> None:
    company = {"natural_person": False, "entity_type": "company", "net_worth": "1000001"}
    assert met(derived("US", **company, hedging=True))["us_ecp_entity_net_worth"] == "yes"
    neither = derived("US", **company, hedging=False, conduct_of_business=False)
    assert met(neither)["us_ecp_entity_net_worth"] == "no"
    unsaid = derived("US", **company, hedging=False)
    assert met(unsaid)["us_ecp_entity_net_worth"] == "unknown"


@pytest.mark.parametrize("entity_type", ["government", "state_or_municipal"])
def test_a_public_body_is_taken_out_of_the_tests_of_entities(entity_type: str) -> None:
    """CEA 1a(18)(A), proviso: the term leaves it out unless it invests 50 million, or by two tests only described."""
    body = {"natural_person": False, "entity_type": entity_type, "regulated_status": "none"}
    means = {"total_assets": "11000000", "net_worth": "2000000", "conduct_of_business": True}
    rest = {"guaranteed_by_eligible_person": True, "commission_determination": False}
    little = derived("US-TX", **body, **means, **rest, discretionary_investments="49999999")
    assert little.client_class == "retail"
    assert {met(little)[f"us_ecp_entity_{test}"] for test in ("assets", "guaranteed", "net_worth")} == {"no"}
    much = derived("US-TX", **body, **means, **rest, discretionary_investments="50000000")
    assert (much.client_class, met(much)["us_ecp_government_investments"]) == ("ecp", "yes")


def test_of_an_entity_it_is_asked_whether_it_is_a_public_body() -> None:
    answer = derived("US", natural_person=False, total_assets="10000001")
    assert answer.client_class is None
    [test] = [one for one in answer.tests if one.id == "us_ecp_entity_assets"]
    assert (test.met, [question.field for question in test.questions]) == ("unknown", ["entity_type"])
    assert "not government or state_or_municipal" in test.questions[0].ask


def test_what_is_not_stated_leaves_the_class_open_with_the_question() -> None:
    answer = derived("US-NY", natural_person=True)
    assert answer.client_class is None
    assert "discretionary_investments" in {question.field for question in answer.questions}


def test_a_class_that_is_made_out_leaves_the_questions_of_a_higher_one() -> None:
    answer = derived("AU", "AUD", product_value="500000", adviser_confirmed=False)
    assert answer.client_class == "professional"
    (higher,) = [one for one in answer.tests if one.id == "au_professional_investor"]
    assert (higher.met, higher.maps_to) == ("unknown", "institutional")
    assert answer.questions == higher.questions != ()


@pytest.mark.parametrize("fact", ["net_assets", "annual_income"])
def test_means_make_nobody_wholesale_in_australia_without_the_certificate_of_an_accountant(fact: str) -> None:
    """Corporations Act s. 761G(7)(c)."""
    means = {fact: "2500000"}
    certified = derived("AU", "AUD", **means, adviser_confirmed=True)
    assert (certified.client_class, met(certified)["au_wholesale_certificate"]) == ("professional", "yes")
    unsaid = derived("AU", "AUD", **means)
    assert (unsaid.client_class, met(unsaid)["au_wholesale_certificate"]) == (None, "unknown")
    assert "adviser_confirmed" in {question.field for question in unsaid.questions}
    refused = derived("AU", "AUD", **means, adviser_confirmed=False)
    assert (refused.client_class, met(refused)["au_wholesale_certificate"]) == (None, "no")


def test_two_of_three_sizes_make_a_professional_in_the_union() -> None:
    """MiFID II annex II, I: EUR 20 million balance sheet, 40 million turnover, 2 million own funds."""
    sizes = {"balance_sheet": "20000000", "net_turnover": "40000000", "own_funds": "1999999"}
    answer = derived("FR", "EUR", natural_person=False, **sizes)
    assert answer.client_class == "professional"
    less = derived("FR", "EUR", natural_person=False, **{**sizes, "net_turnover": "39999999"})
    assert met(less)["eu_per_se_professional"] == "no"


def test_amounts_in_another_currency_are_not_converted() -> None:
    answer = derived("FR", "USD", natural_person=False, balance_sheet="99000000", net_turnover="99000000")
    assert met(answer)["eu_per_se_professional"] == "unknown"
    [test] = [one for one in answer.tests if one.id == "eu_per_se_professional"]
    assert any("stated in USD, the test is in EUR" in reason for reason in test.reasons)


def test_counts_have_no_currency() -> None:
    answer = derived(
        "GB", "USD", opted_in=True, competence_assessed=True, trades_per_quarter="10", finance_sector_years="1"
    )
    assert met(answer)["gb_elective_professional"] == "yes"


@pytest.mark.parametrize(
    ("residence", "currency", "facts", "test"),
    [
        ("CA-ON", "CAD", {"natural_person": True, "net_financial_assets": "5000001"}, "ca_permitted_client"),
        ("CA-ON", "CAD", {"natural_person": False, "net_assets": "25000000"}, "ca_permitted_client_entity"),
        ("HK", "HKD", {"natural_person": True, "portfolio": "8000000"}, "hk_individual_professional_investor"),
        ("AE-DU", "AED", {"annual_income": "700000"}, "ae_qualified_investor"),
        ("SG", "SGD", {"natural_person": True, "opted_in": True, "annual_income": "300000"}, "sg_accredited"),
        ("AU", "AUD", {"product_value": "500000"}, "au_wholesale_product_value"),
        ("CH", "CHF", {"natural_person": True, "opted_in": True, "net_assets": "2000000"}, "ch_high_net_worth_opt_out"),
        ("NZ", "NZD", {"net_assets": "5000001"}, "nz_wholesale_large"),
    ],
)
def test_the_right_statute_for_the_place(residence: str, currency: str, facts: dict[str, Any], test: str) -> None:
    answer = derived(residence, currency, **facts)
    assert met(answer)[test] == "yes"
    assert answer.client_class == "professional"


def test_a_status_is_one_of_the_words_of_the_statute() -> None:
    assert derived("US", regulated_status="insurance_company").client_class == "ecp"
    assert met(derived("US", regulated_status="grocer"))["us_ecp_regulated_financial"] == "no"


def test_a_proposed_class_and_one_that_facts_do_not_settle_are_described() -> None:
    tests = met(derived("RU", "RUB", portfolio="200000000"))
    assert tests == {"ru_especially_qualified_proposed": "described"}
    assert met(derived("US", natural_person=True))["us_ecp_government"] == "described"


def test_a_test_that_no_longer_holds_or_does_not_yet_makes_out_no_class() -> None:
    facts = ClientFacts(residence="US", regulated_status="insurance_company")
    tests = release_facts().corpus.client_classes
    for changes, expected in (({}, "ecp"), ({"valid_to": DAY}, None), ({"valid_from": date(2026, 11, 2)}, None)):
        changed = tuple(structs.replace(one, **changes) for one in tests)
        answer = client_class_of(facts, knowledge_of(client_classes=changed))
        assert answer.client_class == expected
        assert bool(answer.tests) is (expected is not None)


def test_the_summary_names_the_tests_of_the_class_made_out_alone() -> None:
    answer = derived("US", regulated_status="insurance_company")
    [met_test] = [one.id for one in answer.tests if one.met == "yes"]
    assert answer.summary == f"The facts given make out ecp: {met_test}."


def test_a_place_without_tests_has_no_class() -> None:
    answer = derived("PY", **PERSON)
    assert (answer.client_class, answer.tests, answer.jurisdictions) == (None, (), ())
    assert "No tests" in answer.summary
