"""What venues' own terms say: the narrowest place wins, then the class; the old is not taken for the past."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from msgspec import structs

from data.facts.venues import ONLY_REDUCES, Access, StatusPeriod
from data.facts.vocabulary import AccessKind, ClientClass, Product, VenueState
from rules.check import NOT_APPLICABLE, Result
from rules.checks.access.rows import Applicant
from rules.checks.access.terms import terms_for
from rules.checks.access.venue import offers, open_on
from rules.checks.access.way import way_through
from rules.condition_ids import SERVICE_IN_DOUBT
from rules.decision import Reason
from rules.trade import Client
from tests.law.made_up import DAY, knowledge_of, row
from tests.law.world import release_facts

ALLOWED, CONDITIONAL, PROHIBITED = AccessKind.ALLOWED, AccessKind.CONDITIONAL, AccessKind.PROHIBITED


def said(rows: tuple[Access, ...], residence: str = "US-NY", **fields: Any) -> Result:
    named = ("intermediary", "conditions_met", "product", "reduce_only")
    applicant = {name: fields.pop(name) for name in named if name in fields}
    client = Client(**{"residence": residence, "client_class": ClientClass.RETAIL, **fields})
    venue = release_facts().venues["bybit"]
    asked = Applicant(**{"client": client, "product": Product.PERPETUAL, **applicant})
    return terms_for(asked, venue, knowledge_of(access=rows))


@pytest.mark.parametrize(
    ("rows", "outcome"),
    [
        ((row("US", PROHIBITED),), "fail"),
        ((row("US", ALLOWED),), "pass"),
        ((row("*", ALLOWED),), "pass"),
        ((row("US", CONDITIONAL),), "unknown"),
        ((), "unknown"),
        ((row("GB", PROHIBITED),), "unknown"),
        ((row("US-NY", PROHIBITED), row("US", ALLOWED)), "fail"),
        ((row("US-NY", ALLOWED), row("US", PROHIBITED)), "pass"),
        ((row("US", PROHIBITED), row("*", ALLOWED)), "fail"),
        ((row("US", PROHIBITED), row("US", ALLOWED, ClientClass.RETAIL)), "pass"),
        ((row("US", PROHIBITED, ClientClass.RETAIL), row("US", ALLOWED)), "fail"),
        ((row("US", PROHIBITED, ClientClass.ECP), row("*", ALLOWED)), "unknown"),
        ((row("US", ALLOWED, ClientClass.ECP), row("*", ALLOWED)), "unknown"),
        ((row("US", ALLOWED, ClientClass.ECP), row("*", CONDITIONAL)), "unknown"),
        ((row("US", ALLOWED, ClientClass.ECP), row("*", PROHIBITED)), "fail"),
        ((row("US", ALLOWED, ClientClass.ECP),), "unknown"),
        ((row("US", PROHIBITED), row("US", CONDITIONAL)), "fail"),
        ((row("US", ALLOWED), row("US", CONDITIONAL)), "pass"),
    ],
)
def test_the_narrowest_row_wins(rows: tuple[Access, ...], outcome: str) -> None:
    for order in (rows, rows[::-1]):
        assert said(order).outcome == outcome


def test_a_group_is_narrower_than_everywhere_and_wider_than_its_members() -> None:
    rows = (row("EEA", PROHIBITED), row("*", ALLOWED))
    assert said(rows, "DE").outcome == "fail"
    assert said((*rows, row("DE", ALLOWED)), "DE").outcome == "pass"
    assert said(rows, "GB").outcome == "pass"


def test_terms_that_name_other_classes_alone_say_so() -> None:
    narrow = row("US", ALLOWED, ClientClass.ECP, source="bybit.narrow")
    for rows in ((narrow,), (narrow, row("*", ALLOWED))):
        asked = said(rows)
        assert (asked.outcome, asked.reason) == ("unknown", Reason.NOT_PERMITTED)
        assert (
            asked.message == "The terms of Bybit on perpetuals speak only of ecp clients in US, not of retail clients."
        )
        assert asked.sources == ("bybit.narrow",)
        assert asked.question is not None
        assert asked.question.ask == "Does Bybit take retail clients in US-NY for perpetuals?"
    wider = (narrow, row("*", CONDITIONAL))
    condition, taken = "bybit_condition", "bybit_takes_retail_clients_in_US"
    open_ = said(wider, conditions_met=(condition,))
    assert (open_.outcome, open_.question and open_.question.id) == ("unknown", taken)
    asked = said(wider, conditions_met=(taken,))
    assert (asked.outcome, asked.question and asked.question.id) == ("unknown", condition)
    assert said(wider, conditions_met=(condition, taken)).outcome == "pass"
    assert said((narrow,), conditions_met=(taken,)).outcome == "unknown"
    offered = "bybit_offers_perpetual_to_retail_clients_in_US-NY"
    assert said((narrow,), conditions_met=(offered,)).outcome == "pass"


@pytest.mark.parametrize("to_retail", [PROHIBITED, CONDITIONAL])
def test_terms_that_name_every_class_and_differ_ask_for_it(to_retail: AccessKind) -> None:
    others = (ClientClass.PROFESSIONAL, ClientClass.ECP, ClientClass.INSTITUTIONAL)
    rows = (row("US", ALLOWED, *others), row("US", to_retail, ClientClass.RETAIL))
    for order in (rows, rows[::-1]):
        asked = said(order, client_class=None)
        assert asked.outcome == "unknown"
        assert "differ by class of client in US" in asked.message
        assert asked.question is not None
        assert asked.question.field == "client.client_class"


def test_nationals_of_a_refused_country_are_asked_about() -> None:
    rows = (row("CU", PROHIBITED, condition="citizens too"), row("IR", PROHIBITED), row("*", ALLOWED))
    asked = said(rows, "ES", nationality="CU")
    assert asked.outcome == "unknown"
    assert "(citizens too)" in asked.message
    assert asked.question is not None
    assert asked.question.id == "bybit_takes_nationals_of_CU"
    assert said(rows, "ES", nationality="CU", conditions_met=("bybit_takes_nationals_of_CU",)).outcome == "pass"
    assert said(rows, "ES", nationality="IR").outcome == "unknown"
    assert said(rows, "ES", nationality="FR").outcome == "pass"
    assert said(rows, "ES").outcome == "pass"
    assert said(rows, "CU", nationality="CU").outcome == "fail"


def test_nationality_matters_where_the_terms_name_the_country_for_the_class() -> None:
    abroad = (row("ES", ALLOWED), row("*", PROHIBITED))
    assert said(abroad, "ES", nationality="CU").outcome == "pass"
    others = (row("ES", ALLOWED), row("CU", PROHIBITED, ClientClass.ECP))
    assert said(others, "ES", nationality="CU").outcome == "pass"
    at_home = (row("US", ALLOWED), row("US-NY", PROHIBITED))
    assert said(at_home, "US-FL", nationality="US").outcome == "pass"


def test_a_condition_is_asked_by_its_id_and_vouched_for() -> None:
    asked = said((row("US", CONDITIONAL),))
    assert asked.question is not None
    assert asked.question.id == "bybit_condition"
    assert said((row("US", CONDITIONAL),), conditions_met=("bybit_condition",)).outcome == "pass"
    denied = said((row("US", CONDITIONAL),), conditions_met=("not:bybit_condition",))
    assert (denied.outcome, denied.reason, denied.question) == ("fail", Reason.PROHIBITED, None)
    assert "denies bybit_condition" in denied.message


def test_one_of_several_conditions_that_is_denied_leaves_the_others_to_ask_about() -> None:
    rows = (row("US", CONDITIONAL), row("US", CONDITIONAL, condition="another", condition_id="bybit_another"))
    left = said(rows, conditions_met=("not:bybit_condition",)).question
    assert left is not None
    assert left.id == "bybit_another"
    both = said(rows, conditions_met=("not:bybit_condition", "bybit_another"))
    assert both.outcome == "unknown"
    assert "whether the first suffices is not on file" in both.message
    assert both.question is not None
    vouched = ("not:bybit_condition", "bybit_another", str(both.question.id))
    assert said(rows, conditions_met=vouched).outcome == "pass"
    assert said(rows, conditions_met=("not:bybit_condition", "not:bybit_another")).outcome == "fail"


@pytest.mark.parametrize(
    ("rows", "given"),
    [
        ((), {}),
        ((row("GB", ALLOWED),), {}),
        ((row("US", ALLOWED, ClientClass.ECP),), {}),
        ((row("US", ALLOWED, ClientClass.ECP), row("*", ALLOWED)), {}),
        ((row("US", CONDITIONAL, condition="a blog alone names it", condition_id=SERVICE_IN_DOUBT),), {}),
        ((row("*", PROHIBITED), row("MX", ALLOWED)), {"residence": "MX", "location": "US-TX"}),
        ((row("US", PROHIBITED), row("*", ALLOWED)), {"residence": "MX", "nationality": "US"}),
        ((row("US", PROHIBITED, open_through=("a_firm",)),), {"intermediary": "a_firm"}),
        ((row("US", ALLOWED, valid_from=date(2026, 1, 1), certain_from=date(2026, 12, 31)),), {}),
        (
            (row("US-NY", PROHIBITED, valid_from=None, certain_from=date(2028, 1, 1)), row("US", ALLOWED)),
            {},
        ),
    ],
    ids=(
        "silent",
        "elsewhere",
        "other class",
        "wider place",
        "doubt",
        "staying",
        "national",
        "way",
        "later offer",
        "later refusal",
    ),
)
def test_whatever_the_terms_leave_to_the_caller_is_vouched_for_or_denied(
    rows: tuple[Access, ...], given: dict[str, Any]
) -> None:
    asked = said(rows, **given)
    assert asked.outcome == "unknown"
    assert asked.question is not None
    assert asked.question.id is not None
    assert said(rows, **given, conditions_met=(asked.question.id,)).outcome == "pass"
    denied = said(rows, **given, conditions_met=(f"not:{asked.question.id}",))
    assert (denied.outcome, denied.question) == ("fail", None)


def test_a_denial_is_heard_before_what_else_is_open() -> None:
    narrower = (row("US", ALLOWED, ClientClass.ECP), row("*", CONDITIONAL))
    assert said(narrower, conditions_met=("not:bybit_condition",)).outcome == "fail"
    national = (row("US", PROHIBITED), row("*", CONDITIONAL))
    denied = ("not:bybit_takes_nationals_of_US",)
    assert said(national, "MX", nationality="US").outcome == "unknown"
    assert said(national, "MX", nationality="US", conditions_met=denied).outcome == "fail"


def test_what_the_terms_ask_of_those_they_take_is_told() -> None:
    assert said((row("US", ALLOWED),)).message == "The terms of Bybit take clients in US."
    asked = said((row("US", ALLOWED, condition="after a review"),))
    assert (asked.outcome, asked.message) == ("pass", "The terms of Bybit take clients in US (after a review).")


def test_a_class_that_is_not_given_is_asked_where_it_matters() -> None:
    rows = (row("US", ALLOWED, ClientClass.ECP), row("US", PROHIBITED, ClientClass.RETAIL))
    asked = said(rows, client_class=None)
    assert asked.outcome == "unknown"
    assert asked.question is not None
    assert asked.question.field == "client.client_class"


def test_a_refusal_of_one_class_leaves_a_class_that_is_not_given_open() -> None:
    retail = (row("US", PROHIBITED, ClientClass.RETAIL), row("*", ALLOWED))
    asked = said(retail, client_class=None)
    assert asked.outcome == "unknown"
    assert asked.question is not None
    assert asked.question.field == "client.client_class"
    assert "to retail clients in US" in asked.message
    assert said(retail).outcome == "fail"
    every = tuple(one for one in ClientClass if one is not ClientClass.ANY)
    assert said((row("US", PROHIBITED, *every),), client_class=None).outcome == "fail"
    assert said((row("US", PROHIBITED),), client_class=None).outcome == "fail"


def test_a_country_leaves_open_which_of_its_parts_is_refused() -> None:
    rows = (row("US", ALLOWED), row("US-NY", PROHIBITED), row("US-ME", PROHIBITED, ClientClass.ECP))
    asked = said(rows, "US")
    assert asked.outcome == "unknown"
    assert "US-NY" in asked.message
    assert said((row("US", ALLOWED), row("US-NY", PROHIBITED, products=(Product.SPOT,))), "US").outcome == "pass"
    assert "US-ME" not in asked.message
    assert said(rows, "US-FL").outcome == "pass"
    conditional = (row("US", ALLOWED), row("US-HI", CONDITIONAL))
    assert said(conditional, "US").outcome == "unknown"
    assert said(conditional, "US", conditions_met=("bybit_condition",)).outcome == "pass"


def test_the_stricter_of_residence_and_location_counts() -> None:
    rows = (row("US", PROHIBITED), row("MX", ALLOWED))
    assert said(rows, "MX").outcome == "pass"
    assert said(rows, "MX", location="US-TX").outcome == "fail"
    assert said(rows, "US-TX", location="MX").outcome == "fail"


def test_a_refusal_is_open_to_who_comes_through_the_named_firm() -> None:
    rows = (row("US", PROHIBITED, open_through=("a_firm",), low_confidence=True),)
    refused = said(rows)
    assert refused.outcome == "fail"
    assert refused.remedy is not None
    assert refused.remedy.values == ("a_firm",)
    asked = said(rows, intermediary="a_firm")
    assert (asked.outcome, asked.flags) == ("unknown", ("low_confidence",))
    assert asked.question is not None
    assert asked.question.id == "bybit_through_a_firm"
    vouched = said(rows, intermediary="a_firm", conditions_met=("bybit_through_a_firm",))
    assert (vouched.outcome, vouched.flags) == ("pass", ("low_confidence",))
    assert said(rows, intermediary="another").outcome == "fail"
    two = (row("US", PROHIBITED, open_through=("a_firm", "another")),)
    denied = said(two, intermediary="a_firm", conditions_met=("not:bybit_through_a_firm",))
    assert (denied.outcome, denied.reason) == ("fail", Reason.PROHIBITED)
    assert denied.remedy is not None
    assert denied.remedy.values == ("another",)


def test_a_refusal_that_leaves_closing_open_does_not_bind_an_order_that_only_reduces() -> None:
    closing = row("US", PROHIBITED, condition_id=ONLY_REDUCES, low_confidence=True)
    assert said((closing,)).outcome == "fail"
    reducing = said((closing,), reduce_only=True)
    assert (reducing.outcome, reducing.flags) == ("pass", ("low_confidence",))
    assert said((row("US", PROHIBITED),), reduce_only=True).outcome == "fail"
    assert said((closing, row("US", PROHIBITED)), reduce_only=True).outcome == "fail"
    in_a_part = (row("US", ALLOWED), row("US-NY", PROHIBITED, condition_id=ONLY_REDUCES))
    assert said(in_a_part, "US").outcome == "unknown"
    assert said(in_a_part, "US", reduce_only=True).outcome == "pass"
    vouched = {"conditions_met": (ONLY_REDUCES,)}
    assert said((closing,), **vouched).outcome == "fail"
    assert said(in_a_part, "US", **vouched).outcome == "unknown"
    of_nationals = (row("*", ALLOWED), row("US", PROHIBITED, condition_id=ONLY_REDUCES))
    assert said(of_nationals, "ES", nationality="US").outcome == "unknown"
    assert said(of_nationals, "ES", nationality="US", reduce_only=True).outcome == "pass"


def test_a_refusal_of_citizens_wherever_they_live_is_told_where_it_is_of_such_an_order() -> None:
    def is_told(refusal: Access, **fields: Any) -> bool:
        found = said((row("*", ALLOWED), row("ES-MD", ALLOWED), refusal), "ES-MD", **fields)
        assert found.outcome == "pass"
        assert ("assumed" in found.flags) is ("Citizens of" in found.message)
        return "assumed" in found.flags

    assert is_told(row("US", PROHIBITED, nationals=True))
    assert not is_told(row("US", PROHIBITED))
    assert not is_told(row("US", ALLOWED, nationals=True))
    assert not is_told(row("US", PROHIBITED, nationals=True, products=(Product.SPOT,)))
    assert not is_told(row("US", PROHIBITED, ClientClass.ECP, nationals=True))
    assert not is_told(row("ES", PROHIBITED, nationals=True))
    closing = row("US", PROHIBITED, nationals=True, condition_id=ONLY_REDUCES)
    assert is_told(closing)
    assert not is_told(closing, reduce_only=True)


def test_a_nationality_that_is_taken_refuses_nobody_and_one_that_is_refused_softens_no_refusal() -> None:
    taken = (row("*", ALLOWED), row("US", ALLOWED))
    assert said(taken, "ES", nationality="US").outcome == "pass"
    refused = (row("ES", PROHIBITED), row("US", PROHIBITED))
    assert said(refused, "ES", nationality="US").outcome == "fail"
    assert said((row("ES", CONDITIONAL), row("US", PROHIBITED)), "ES", nationality="US").question == (
        said((row("ES", CONDITIONAL),), "ES").question
    )


@pytest.mark.parametrize(
    ("venue", "day", "residence", "product", "outcome"),
    [
        ("bitmex", date(2026, 8, 26), "PY", Product.PERPETUAL, "pass"),
        ("bitmex", date(2026, 9, 22), "PY", Product.PERPETUAL, "pass"),
        ("bitmex", date(2026, 9, 23), "PY", Product.PERPETUAL, "fail"),
        ("kraken", date(2021, 6, 23), "US-FL", Product.SPOT_MARGIN, "pass"),
        ("bybit", date(2024, 1, 8), "GB", Product.PERPETUAL, "pass"),
        ("bybit", date(2024, 1, 9), "GB", Product.PERPETUAL, "fail"),
        ("bybit", date(2024, 1, 8), "GB", Product.SPOT, "fail"),
    ],
)
def test_what_is_held_can_be_closed_where_the_terms_on_file_say_so(
    venue: str, day: date, residence: str, product: Product, outcome: str
) -> None:
    client = Client(residence=residence, client_class=ClientClass.RETAIL)
    found = {
        reduces: terms_for(
            Applicant(client=client, product=product, reduce_only=reduces),
            release_facts().venues[venue],
            release_facts().on(day),
        ).outcome
        for reduces in (True, False)
    }
    assert found == {True: outcome, False: "fail"}


def test_two_codes_of_one_place_are_read_alike() -> None:
    cities = (row("HK", PROHIBITED), row("CN", ALLOWED), row("*", ALLOWED))
    assert said(cities, "HK").outcome == said(cities, "CN-HK").outcome == "fail"
    assert said((row("CN", PROHIBITED), row("*", ALLOWED)), "CN-HK").outcome == "pass"
    islands = (row("US", ALLOWED), row("GU", PROHIBITED))
    assert said(islands, "GU").outcome == said(islands, "US-GU").outcome == "fail"
    assert said(islands, "US-FL").outcome == "pass"
    refused = (row("US", PROHIBITED), row("*", ALLOWED))
    assert said(refused, "GU").outcome == said(refused, "US-GU").outcome == "fail"
    assert said(islands, "US").question == said((row("US", ALLOWED), row("US-GU", PROHIBITED)), "US").question
    assert said(islands, "US").outcome == "unknown"
    of_members = (row("EEA", PROHIBITED), row("*", ALLOWED))
    assert [said(of_members, one).outcome for one in ("FR-971", "FR-GP", "GP", "FI-01", "AX")] == ["fail"] * 5
    assert [said(of_members, one).outcome for one in ("FR-NC", "NC", "NL-AW", "AW")] == ["pass"] * 4
    nationals = (row("CN", PROHIBITED), row("*", ALLOWED))
    assert {said(nationals, one, nationality="CN").outcome for one in ("HK", "CN-HK")} == {"unknown"}
    assert said((row("US", PROHIBITED), row("GU", ALLOWED)), "GU", nationality="US").outcome == "pass"
    assert said((row("EEA", PROHIBITED), row("RE", ALLOWED)), "FR-974").outcome == "pass"


def test_terms_that_speak_of_other_places_alone_permit_nothing() -> None:
    beside = said((row("GB", ALLOWED),))
    assert (beside.outcome, beside.reason) == ("unknown", Reason.NOT_PERMITTED)
    assert said(()).reason is Reason.UNKNOWN


def test_an_offer_on_a_page_without_a_date_is_open_before_the_page_was_read() -> None:
    undated = row(
        "US", ALLOWED, valid_from=None, certain_from=date(2026, 11, 21), source="coinbase_derivatives.cb_intro"
    )
    asked = said((undated,))
    assert (asked.outcome, asked.flags) == ("unknown", ("extrapolated",))
    assert asked.question is not None
    assert asked.question.id == "bybit_offers_perpetual_to_retail_clients_in_US-NY"
    assert said((undated,), conditions_met=(asked.question.id,)).outcome == "pass"
    read = row("US", ALLOWED, valid_from=None, certain_from=DAY)
    assert said((read,)).outcome == "pass"


def test_terms_read_long_after_the_day_tell_nothing_of_it() -> None:
    near = row("US", PROHIBITED, valid_from=None, certain_from=date(2027, 10, 1))
    flagged = said((near,))
    assert (flagged.outcome, flagged.flags) == ("fail", ("extrapolated",))
    far = row("US", PROHIBITED, valid_from=None, certain_from=date(2027, 11, 3))
    assert said((far,)).outcome == "unknown"
    assert said((far,)).flags == ("extrapolated",)


def test_a_refusal_known_of_later_days_alone_leaves_what_a_wider_place_permits_open() -> None:
    undated = {"valid_from": None, "certain_from": date(2027, 11, 3)}
    state, country = row("US-NY", PROHIBITED, **undated), row("US", ALLOWED)
    found = said((state, country))
    assert (found.outcome, found.flags) == ("unknown", ("extrapolated",))
    assert "2027-11-03" in found.message
    assert said((state, country), "US-FL").outcome == "pass"
    assert said((row("US", PROHIBITED, **undated), country)).outcome == "unknown"
    assert said((row("*", PROHIBITED, **undated), country)).outcome == "pass"
    assert said((row("US-NY", PROHIBITED, ClientClass.ECP, **undated), country)).outcome == "pass"
    assert said((row("US-NY", PROHIBITED, products=(Product.SPOT,), **undated), country)).outcome == "pass"
    exempting = row("US-NY", PROHIBITED, exempt=("GB",), **undated)
    assert [said((exempting, country), nationality=one).outcome for one in ("FR", "GB")] == ["unknown", "pass"]
    closing = row("US-NY", PROHIBITED, condition_id=ONLY_REDUCES, **undated)
    assert [said((closing, country), reduce_only=one).outcome for one in (False, True)] == ["unknown", "pass"]


def test_a_caller_vouches_for_what_no_terms_say() -> None:
    beside = said((row("GB", ALLOWED),))
    assert beside.question is not None
    assert beside.question.id == "bybit_offers_perpetual_to_retail_clients_in_US-NY"
    assert said((row("GB", ALLOWED),), conditions_met=(beside.question.id,)).outcome == "pass"
    refused = said((row("US", PROHIBITED),), conditions_met=(beside.question.id,))
    assert refused.outcome == "fail"


def test_a_row_that_records_a_doubt_is_no_offer() -> None:
    doubtful = row("US", CONDITIONAL, condition="a blog alone names it", condition_id=SERVICE_IN_DOUBT)
    assert said((doubtful,)).message == ("Whether Bybit takes clients in US is in doubt: a blog alone names it.")
    elsewhere = said((doubtful,), "GB")
    assert elsewhere.reason is Reason.UNKNOWN
    assert elsewhere.limit is None


def test_a_refusal_that_exempts_nationals_of_a_place_asks_for_a_nationality_that_is_not_given() -> None:
    rows = (row("US", PROHIBITED, exempt=("GB",)), row("*", ALLOWED))
    unsaid = said(rows)
    assert (unsaid.outcome, unsaid.flags) == ("fail", ("assumed",))
    assert unsaid.question is not None
    assert unsaid.question.field == "client.nationality"
    other = said(rows, nationality="FR")
    assert (other.outcome, other.flags, other.question) == ("fail", (), None)
    assert said(rows, nationality="GB").outcome == "pass"


def test_classes_of_one_place_are_told_together() -> None:
    rows = (row("*", ALLOWED, ClientClass.ECP), row("*", ALLOWED, ClientClass.INSTITUTIONAL, ClientClass.ECP))
    assert "ecp and institutional clients everywhere else, not of retail" in said(rows).message


def test_terms_of_some_classes_alone_ask_for_a_class_that_is_not_given() -> None:
    rows = (row("US", ALLOWED, ClientClass.RETAIL),)
    asked = said(rows, client_class=None)
    assert asked.outcome == "unknown"
    assert asked.question is not None
    assert asked.question.field == "client.client_class"
    classes = (ClientClass.RETAIL, ClientClass.PROFESSIONAL, ClientClass.ECP, ClientClass.INSTITUTIONAL)
    assert said((row("US", ALLOWED, *classes),), client_class=None).outcome == "pass"
    assert said((row("US", ALLOWED),), client_class=None).outcome == "pass"


def test_a_place_where_the_client_only_is_may_be_denied_and_asked_about() -> None:
    rows = (row("DE", ALLOWED), row("US", ALLOWED), row("US-NY", PROHIBITED))
    asked = said(rows, "DE", location="US")
    assert asked.question is not None
    assert (asked.question.field, asked.question.ask) == ("client.location", "In which part of US is the client?")
    offer = "bybit_offers_perpetual_to_retail_clients_in_US"
    assert said(rows, "DE", location="US-TX", conditions_met=(f"not:{offer}-TX",)).outcome == "fail"


def test_a_doubtful_row_says_so() -> None:
    assert said((row("US", PROHIBITED, low_confidence=True),)).flags == ("low_confidence",)


def test_a_venue_is_open_closing_closed_or_moved() -> None:
    venue = release_facts().venues["bitmex"]
    assert open_on(venue, release_facts().on(date(2026, 8, 25)), reduce_only=False).outcome == "pass"
    assert open_on(venue, release_facts().on(date(2026, 8, 26)), reduce_only=False).outcome == "fail"
    assert open_on(venue, release_facts().on(date(2026, 8, 26)), reduce_only=True).outcome == "pass"
    assert open_on(venue, release_facts().on(date(2026, 9, 23)), reduce_only=True).outcome == "fail"
    moved = open_on(release_facts().venues["coinbase_international"], release_facts().on(DAY), reduce_only=False)
    assert moved.outcome == "fail"
    assert moved.remedy is not None
    assert moved.remedy.values == ("deribit",)
    assert StatusPeriod(state=VenueState.CLOSED).source is None
    undated = structs.replace(venue, status=(StatusPeriod(state=VenueState.CLOSED),))
    assert open_on(undated, release_facts().on(DAY), reduce_only=False).message == "BitMEX is closed."


def test_a_venue_begun_in_some_year_is_certain_to_operate_from_its_end() -> None:
    venue = release_facts().venues["hyperliquid"]
    assert open_on(venue, release_facts().on(date(2022, 12, 31)), reduce_only=False).outcome == "unknown"
    assert open_on(venue, release_facts().on(date(2023, 12, 30)), reduce_only=False).flags == ("extrapolated",)
    assert open_on(venue, release_facts().on(date(2023, 12, 31)), reduce_only=False).flags == ()


def test_what_a_venue_is_not_known_to_offer_is_not_permitted_by_anything_we_know() -> None:
    venue = release_facts().venues["kalshi"]
    assert offers(venue, Product.PERPETUAL).outcome == "pass"
    beside = offers(venue, Product.SPOT)
    assert (beside.outcome, beside.reason) == ("unknown", Reason.NOT_PERMITTED)
    assert beside.question is not None
    assert beside.question.id == "kalshi_offers_spot"
    assert offers(venue, Product.SPOT, ("kalshi_offers_spot",)).outcome == "pass"
    denied = offers(venue, Product.SPOT, ("not:kalshi_offers_spot",))
    assert (denied.outcome, denied.reason) == ("fail", Reason.NOT_PERMITTED)


def test_a_way_that_the_caller_denies_is_closed_whatever_the_firm_itself_says() -> None:
    venue, client = release_facts().venues["bitmex"], Client(residence="US-NY", client_class=ClientClass.RETAIL)
    asked = Applicant(client=client, product=Product.PERPETUAL, intermediary="bybit")
    for rows, open_ in (((row("US", ALLOWED),), "unknown"), ((row("US", CONDITIONAL),), "unknown"), ((), "unknown")):
        knowledge = knowledge_of(access=rows)
        assert way_through(asked, venue, knowledge).outcome == open_
        denied = structs.replace(asked, conditions_met=("not:bitmex_through_bybit",))
        assert way_through(denied, venue, knowledge).outcome == "fail"


def test_a_venue_that_is_named_as_its_own_firm_in_between_needs_no_way() -> None:
    client = Client(residence="US-NY", client_class=ClientClass.RETAIL)
    asked = Applicant(client=client, product=Product.PERPETUAL, intermediary="bybit")
    for rows in ((), (row("US", PROHIBITED),)):
        assert way_through(asked, release_facts().venues["bybit"], knowledge_of(access=rows)) is NOT_APPLICABLE


def test_a_row_that_shows_the_way_does_not_show_it_before_it_is_certain() -> None:
    venue, client = release_facts().venues["bitmex"], Client(residence="US-NY", client_class=ClientClass.RETAIL)
    asked = Applicant(client=client, product=Product.PERPETUAL, intermediary="a_firm")
    way = row("US", ALLOWED, venue="bitmex", open_through=("a_firm",))
    assert way_through(asked, venue, knowledge_of(access=(way,))).outcome == "pass"
    later = structs.replace(way, valid_from=None, certain_from=date(2026, 11, 2))
    found = way_through(asked, venue, knowledge_of(access=(later,)))
    assert (found.outcome, found.question and found.question.id) == ("unknown", "bitmex_through_a_firm")


def test_what_the_file_shows_and_the_caller_denies_does_not_pass() -> None:
    client = Client(residence="US-NY", client_class=ClientClass.RETAIL)
    way = row("US", ALLOWED, venue="bitmex", open_through=("a_firm",))
    denied = Applicant(
        client=client,
        product=Product.PERPETUAL,
        intermediary="a_firm",
        conditions_met=("not:bitmex_through_a_firm",),
    )
    found = way_through(denied, release_facts().venues["bitmex"], knowledge_of(access=(way,)))
    assert (found.outcome, found.reason) == ("fail", Reason.PROHIBITED)
    listed = offers(release_facts().venues["kalshi"], Product.PERPETUAL, ("not:kalshi_offers_perpetual",))
    assert (listed.outcome, listed.reason) == ("fail", Reason.NOT_PERMITTED)
    offer = "not:bybit_offers_perpetual_to_retail_clients_in_US-NY"
    assert said((row("US", ALLOWED),), conditions_met=(offer,)).outcome == "fail"
    assert said((row("US", ALLOWED),), "US-FL", conditions_met=(offer,)).outcome == "pass"


@pytest.mark.parametrize(
    ("source", "also", "flagged"),
    [
        ("kraken.venue_terms_2026_10_08", (), True),
        ("us.cea_2", (), False),
        ("kraken.venue_terms_2026_10_08", ("us.cea_2",), False),
    ],
)
def test_terms_known_from_others_alone_say_so(source: str, also: tuple[str, ...], flagged: bool) -> None:
    found = said((row("US", PROHIBITED, source=source, also_sources=also),))
    assert ("secondary_source" in found.flags) is flagged
