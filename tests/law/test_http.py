"""Eligibility, classes of clients and the law of a jurisdiction over HTTP."""

from __future__ import annotations

from datetime import date

import httpx
import pytest

from rules.law.index import law_index
from tests.law.world import release_facts

QUERY = {"residence": "US-NY", "client_class": "retail", "product": "perpetual", "base": "BTC", "as_of": "2026-11-01"}


def rows_of(client: httpx.Client, **changes: object) -> dict[str, dict[str, object]]:
    answer = client.get("/v1/eligibility", params={**QUERY, **changes})
    assert answer.status_code == 200, answer.text
    return {row["venue"]: row for row in answer.json()["data"]}


def test_every_venue_has_a_row_with_law_and_terms_alone(client: httpx.Client) -> None:
    answer = client.get("/v1/eligibility", params=QUERY)
    body = answer.json()
    venues = client.get("/v1/venues", params={"limit": 1000}).json()["data"]
    assert [row["venue"] for row in body["data"]] == sorted(venue["id"] for venue in venues)
    assert {finding["family"] for row in body["data"] for finding in row["findings"]} == {"jurisdiction", "access"}
    assert body["meta"]["count"] == len(body["data"])
    assert body["meta"]["as_of"] == "2026-11-01"
    assert body["meta"]["notes"] == []
    assert answer.headers["Preclear-Release"] == body["meta"]["release"]


def test_a_refusal_names_the_rule_the_text_and_where_else_it_would_pass(client: httpx.Client) -> None:
    row = rows_of(client, venue="binance")["binance"]
    assert row["verdict"] == "deny"
    [finding] = [one for one in row["findings"] if one["rule"] == "us.cea_2e_swaps_non_ecp"]  # type: ignore[union-attr, index]
    assert finding["outcome"] == "fail"  # type: ignore[index]
    assert "7 U.S.C. 2(e)" in finding["message"]  # type: ignore[index]
    assert "kalshi" in finding["remedy"]["values"]  # type: ignore[index]


def test_leverage_conditions_and_the_firm_in_between_are_read(client: httpx.Client) -> None:
    german = {"residence": "DE", "venue": "kraken_futures"}
    assert rows_of(client, **german, leverage="10")["kraken_futures"]["verdict"] == "deny"
    assert rows_of(client, **german, leverage="2")["kraken_futures"]["verdict"] == "review"
    route = {"client_class": "ecp", "venue": "deribit"}
    assert rows_of(client, **route)["deribit"]["verdict"] == "deny"
    through = {**route, "intermediary": "coinbase_financial_markets"}
    assert rows_of(client, **through)["deribit"]["verdict"] == "review"
    vouched = "deribit_through_coinbase_financial_markets"
    assert rows_of(client, **through, conditions_met=vouched)["deribit"]["verdict"] == "allow"


def test_a_day_to_come_is_answered_and_flagged(client: httpx.Client) -> None:
    body = client.get("/v1/eligibility", params={**QUERY, "as_of": "2099-01-01"}).json()
    assert body["meta"]["notes"] == ["as_of lies in the future: facts and law may change before then."]


def test_what_is_said_of_a_day_to_come_is_not_kept_until_then(client: httpx.Client) -> None:
    release = client.get("/v1/releases/latest").json()["id"]
    past, ahead = (
        client.get("/v1/eligibility", params={**QUERY, "release": release, "as_of": day})
        for day in ("2025-11-01", "2099-01-01")
    )
    assert past.headers["cache-control"] == "max-age=31536000, immutable"
    assert ahead.headers["cache-control"] == "no-cache"


def test_a_class_of_another_law_is_noted(client: httpx.Client) -> None:
    body = client.get("/v1/eligibility", params={**QUERY, "residence": "DE", "client_class": "ecp"}).json()
    assert any("eligible counterparty" in note for note in body["meta"]["notes"])
    asked = {**QUERY, "client_class": "professional", "venue": "kalshi"}
    [note] = client.get("/v1/eligibility", params=asked).json()["meta"]["notes"]
    assert "`professional` is no class of United States law" in note


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("residence", "USA"),
        ("residence", "US-ON"),
        ("residence", "us-ny"),
        ("product", "perp"),
        ("client_class", "any"),
        ("client_class", "rich"),
        ("base", "B TC"),
        ("leverage", "0"),
        ("leverage", "1e3"),
        ("leverage", "1001"),
        ("location", "Moon"),
        ("nationality", "US-NY"),
        ("institution", "perhaps"),
        ("venue", "mtgox"),
        ("intermediary", "A Firm"),
        ("conditions_met", "a b"),
        ("conditions_met", ["a", "not:a"]),
        ("conditions_met", "not:not:a"),
        ("as_of", "2026-13-01"),
        ("country", "US"),
    ],
)
def test_bad_input_is_named(client: httpx.Client, name: str, value: str | list[str]) -> None:
    answer = client.get("/v1/eligibility", params={**QUERY, name: value})
    assert answer.status_code == 422, answer.text
    assert [error["pointer"] for error in answer.json()["errors"]] == [f"query:{name}"]


def test_a_condition_that_is_vouched_for_and_denied_is_named(client: httpx.Client) -> None:
    params = {**QUERY, "conditions_met": ["not:a", "b", "a"]}
    [error] = client.get("/v1/eligibility", params=params).json()["errors"]
    assert error["detail"].endswith(": a")


def test_a_condition_that_no_venue_asks_about_is_noted(client: httpx.Client) -> None:
    params = {**QUERY, "residence": "DE", "conditions_met": ["not:okx_x_perp_after_appropriateness_test", "z_unknown"]}
    [note] = client.get("/v1/eligibility", params=params).json()["meta"]["notes"]
    assert note == "conditions_met names what nothing in this answer asks about: z_unknown."


def test_all_that_is_missing_is_named_at_once(client: httpx.Client) -> None:
    answer = client.get("/v1/eligibility")
    assert {error["pointer"] for error in answer.json()["errors"]} == {"query:residence", "query:product", "query:base"}


def test_an_unknown_release_is_not_found_and_equal_answers_are_not_sent_twice(client: httpx.Client) -> None:
    assert client.get("/v1/eligibility", params={**QUERY, "release": "rel_000000000000"}).status_code == 404
    first = client.get("/v1/eligibility", params=QUERY)
    again = client.get("/v1/eligibility", params=QUERY, headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304


def test_the_class_of_a_client_with_its_reasoning(client: httpx.Client) -> None:
    facts = {"residence": "US-NY", "natural_person": True, "discretionary_investments": "10000001"}
    answer = client.post("/v1/calculators/client-class", json=facts)
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert body["client_class"] == "ecp"
    [test] = [one for one in body["tests"] if one["met"] == "yes"]
    assert test["citation"] == "CEA 1a(18)(A)(xi)(I)"
    assert any("more than 10000000 USD" in reason for reason in test["reasons"])


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"residence": "Narnia"}, "/residence"),
        ({"currency": "dollars"}, "/currency"),
        ({"total_assets": "-1"}, "/total_assets"),
        ({"total_assets": "many"}, "/total_assets"),
        ({"entity_type": "x" * 65}, "/entity_type"),
        ({"height": "1.80"}, "/height"),
    ],
)
def test_bad_facts_about_a_client_are_named(client: httpx.Client, change: dict[str, str], pointer: str) -> None:
    answer = client.post("/v1/calculators/client-class", json={"residence": "US-NY", **change})
    assert answer.status_code == 422, answer.text
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


def test_a_net_worth_below_zero_meets_no_test_of_it(client: httpx.Client) -> None:
    facts = {"residence": "US-NY", "natural_person": False, "hedging": True, "net_worth": "-250000"}
    answer = client.post("/v1/calculators/client-class", json=facts)
    assert answer.status_code == 200, answer.text
    assert {one["id"]: one["met"] for one in answer.json()["tests"]}["us_ecp_entity_net_worth"] == "no"


def test_a_jurisdiction_tells_its_law_in_words(client: httpx.Client) -> None:
    body = client.get("/v1/jurisdictions/GB", params={"as_of": "2026-11-01"}).json()
    [ban] = [rule for rule in body["law"] if rule["rule"] == "gb.crypto_derivatives_ban"]
    assert ban["holds"] == "from 2021-01-06"
    assert ban["citation"] == "PS20/10 (made rules in FCA Handbook)"
    assert "kraken_futures" in ban["venues"]


def test_the_list_of_law_tells_each_rule_in_words_and_the_venues_it_touches(client: httpx.Client) -> None:
    rows = client.get("/v1/law", params={"jurisdiction": "US", "limit": 1000}).json()["data"]
    [rule] = [row for row in rows if row["id"] == "us_fbot_direct_access"]
    assert rule["does"] == "prohibits the trade"
    assert "venue lacks registration: DCM, FBOT" in rule["asks"]
    assert "bybit" in rule["venues"]
    assert "kalshi" not in rule["venues"]
    assert "gemini" in rule["venues"], "its perpetuals are run from Singapore"


def test_popular_claims_are_served_with_their_corrections(client: httpx.Client) -> None:
    body = client.get("/v1/myths", params={"verdict": "wrong", "limit": 1000}).json()
    assert len(body["data"]) == 29
    assert all(claim["correction"] and claim["source"] for claim in body["data"])
    assert len(client.get("/v1/myths", params={"limit": 1000}).json()["data"]) == 79


@pytest.mark.parametrize("place", ["EU", "EEA", "AE", "AE-DU", "DE", "US", "GB", "GG-JE-IM", "LI", "INTL"])
def test_a_place_and_the_list_of_law_answer_with_the_same_rules(client: httpx.Client, place: str) -> None:
    day = {"as_of": "2026-11-21"}
    listed = client.get("/v1/law", params={**day, "jurisdiction": place, "limit": "1000"}).json()["data"]
    detail = client.get(f"/v1/jurisdictions/{place}", params=day).json()
    announced = {one["rule"] for one in detail["law"] if "announced" in one["flags"]}
    assert {one["rule"] for one in listed} - announced == {one["rule"] for one in detail["law"]} - announced
    assert len(listed) == detail["law_rules"] == detail["rows"]["law"] > 0
    assert detail["id"] == place


def test_a_rule_is_listed_from_the_day_it_was_announced(client: httpx.Client) -> None:
    def listed(rule: str, day: str) -> int:
        return len(client.get("/v1/law", params={"rule": rule, "as_of": day}).json()["data"])

    assert [listed("by.cryptobanks", day) for day in ("2026-01-15", "2026-01-16")] == [0, 1]
    assert [listed("au.daf_platforms", day) for day in ("2026-04-07", "2026-04-08", "2027-04-09")] == [0, 1, 1]


def test_a_rule_to_come_is_not_taken_to_have_held_already(client: httpx.Client) -> None:
    day = {"as_of": "2026-11-21"}
    (listed,) = client.get("/v1/law", params={**day, "rule": "au.daf_platforms"}).json()["data"]
    assert (listed["valid_from"], listed["extrapolated"]) == ("2027-04-09", False)
    assert client.get("/v1/rules/au.daf_platforms", params=day).json()["law"] == listed
    announced = client.get("/v1/law", params={**day, "in_force": "announced", "limit": 1000}).json()["data"]
    assert not [row["rule"] for row in announced if row["announced"] and row["extrapolated"]]


def test_decisions_and_the_list_of_law_go_back_to_the_same_day(client: httpx.Client) -> None:
    for day in (date(2005, 6, 1), date(2009, 1, 2), date(2009, 1, 3), date(2020, 6, 1)):
        listed = client.get("/v1/law", params={"as_of": day.isoformat(), "limit": 1000}).json()["data"]
        assert {row["rule"] for row in listed} == {one.rule for one in law_index(release_facts().on(day)).rules}


def test_terms_say_from_where_their_clients_are_served(client: httpx.Client) -> None:
    rows = client.get(
        "/v1/access", params={"venue": ["okx", "bybit"], "jurisdiction": "EEA", "as_of": "2026-11-21"}
    ).json()["data"]
    assert {row["served_from"] for row in rows if row["served_from"]} == {"AT", "MT"}
    assert None in {row["served_from"] for row in client.get("/v1/access?venue=binance").json()["data"]}


def test_a_seat_is_told_from_the_day_it_is_known(client: httpx.Client) -> None:
    def seat(day: str) -> str | None:
        row = client.get("/v1/venues/binance", params={"as_of": day}).json()
        assert row["home_from"] == "2026-01-05"
        home: str | None = row["home_jurisdiction"]
        return home

    assert (seat("2026-01-04"), seat("2026-01-05")) == (None, "AE-AZ")
    days = {"from": "2026-01-04", "to": "2026-01-05", "fact": "venues"}
    (change,) = client.get("/v1/changes", params=days).json()["data"]
    assert change["key"] == "binance"
    asked = {"jurisdiction": "AE-AZ", "as_of": "2026-01-04"}
    assert "binance" not in {row["id"] for row in client.get("/v1/venues", params=asked).json()["data"]}


def test_a_state_begun_in_some_year_is_certain_from_its_end(client: httpx.Client) -> None:
    row = client.get("/v1/venues/hyperliquid", params={"as_of": "2023-06-01"}).json()
    assert (row["valid_from"], row["certain_from"], row["extrapolated"]) == ("2023-01-01", "2023-12-31", True)


def test_coverage_counts_the_members_of_groups(client: httpx.Client) -> None:
    rows = client.get("/v1/coverage", params={"limit": 1000}).json()["data"]
    (groups,) = (row for row in rows if row["family"] == "memberships")
    assert (groups["subject"], groups["subject_kind"]) == ("groups", "group")
    assert groups["rows"] > 60


def test_a_place_without_rules_is_no_jurisdiction_on_file(client: httpx.Client) -> None:
    refused = client.get("/v1/jurisdictions/FR")
    assert refused.status_code == 404
    assert "/v1/law?residence=FR" in refused.json()["detail"]
    assert {row["jurisdiction"] for row in client.get("/v1/law?residence=FR&limit=1000").json()["data"]} >= {"EEA"}
    assert client.get("/v1/jurisdictions/GCC").status_code == 404
    assert client.get("/v1/law", params={"jurisdiction": "GCC"}).json()["data"] == []
