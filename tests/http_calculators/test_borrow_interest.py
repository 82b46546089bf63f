"""Interest over HTTP: the venue's rule and its rates on file."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.http_calculators.asking import ask, refused


@pytest.mark.parametrize(
    ("body", "interest"),
    [
        ({"venue": "binance", "principal": "60", "hours": "0.2", "terms": {"daily_rate": "0.00025"}}, "0.000625"),
        ({"venue": "kraken", "asset": "BTC", "principal": "10", "hours": "9", "as_of": "2026-02-09"}, "0.004"),
        ({"venue": "kraken", "asset": "ETH", "principal": "10", "hours": "4", "as_of": "2026-02-09"}, "0.004"),
        # opening and one block of four hours, as a decision reckons with an hourly rate
        ({"venue": "kraken", "principal": "10", "hours": "2", "terms": {"hourly_rate": "0.001"}}, "0.08"),
        ({"principal": "60", "hours": "25", "terms": {"rollover_fee_rate": "0.00025"}}, "0.12"),
        ({"venue": "okx", "principal": "1000000", "hours": "1"}, "4.0833333333"),
        ({"venue": "cryptocom", "asset": "ETH", "principal": "24", "hours": "1"}, "0.0006"),
        # 5.154171820833... at eight places: rounded to the nearest, down, and up
        (
            {"venue": "binance", "principal": "1000001", "hours": "1", "terms": {"daily_rate": "0.0001237"}},
            "5.15417182",
        ),
        ({"venue": "bybit", "principal": "1000001", "hours": "1", "terms": {"daily_rate": "0.0001237"}}, "5.15417182"),
        ({"venue": "kucoin", "principal": "1000001", "hours": "1", "terms": {"daily_rate": "0.0001237"}}, "5.15417183"),
        ({"venue": "kucoin", "principal": "10", "hours": "2", "terms": {"hourly_rate": "0.000004692"}}, "0.00009385"),
    ],
)
def test_interest_follows_the_venues_rule_and_its_rates_on_file(
    client: httpx.Client, body: dict[str, Any], interest: str
) -> None:
    assert ask(client, "borrow-interest", body)["interest"] == interest


def test_a_loan_without_a_venue_has_no_rule_of_one_to_miss(client: httpx.Client) -> None:
    body = {"principal": "60", "hours": "25", "terms": {"hourly_rate": "0.0001"}}
    assert ask(client, "borrow-interest", body)["approximations"] == []
    (note,) = ask(client, "borrow-interest", {**body, "venue": "gemini"})["approximations"]
    assert "rule" in note


def test_a_rate_on_file_that_stands_in_is_told_with_what_its_source_says(client: httpx.Client) -> None:
    body = {"venue": "binance", "asset": "BTC", "principal": "1", "hours": "24"}
    told = ask(client, "borrow-interest", body)["approximations"][0]
    assert "no rate is given" in told
    assert "0.00026125 per day" in told
    assert "shape guide" in told
    given = {**body, "terms": {"daily_rate": "0.00026125"}}
    assert not any("no rate" in note for note in ask(client, "borrow-interest", given)["approximations"])


def test_rates_that_were_superseded_are_not_on_file(client: httpx.Client) -> None:
    body = {"venue": "kraken", "asset": "BTC", "principal": "10", "hours": "9"}
    assert client.post("/v1/calculators/borrow-interest", json=body).status_code == 422


def test_interest_refuses_what_it_cannot_reckon(client: httpx.Client) -> None:
    bad = {"principal": "-1", "hours": "0"}
    assert {"/hours", "/principal", "/terms"} == set(refused(client, "borrow-interest", bad))
    given = {**bad, "terms": {"daily_rate": "0.001"}}
    assert {"/hours", "/principal"} == set(refused(client, "borrow-interest", given))
    assert "/venue" in refused(client, "borrow-interest", {"venue": "nowhere", "principal": "1", "hours": "1"})


@pytest.mark.parametrize(
    ("venue", "asset", "accepted"), [("gemini", None, False), ("bybit", "BTC", True), ("cryptocom", "DOGE", False)]
)
def test_a_rate_on_file_must_be_by_the_hour_or_the_day(
    client: httpx.Client, venue: str, asset: str | None, accepted: bool
) -> None:
    reply = client.post(
        "/v1/calculators/borrow-interest", json={"venue": venue, "asset": asset, "principal": "1000", "hours": "3"}
    )
    assert (reply.status_code == 200) is accepted, reply.text


def test_a_venue_without_an_accrual_rule_charges_hours_begun_and_says_so(client: httpx.Client) -> None:
    body = {"venue": "mexc", "principal": "10", "hours": "1.5", "terms": {"hourly_rate": "0.001"}}
    answer = ask(client, "borrow-interest", body)
    assert answer["interest"] == "0.02"
    assert "every hour begun" in answer["approximations"][0]


@pytest.mark.parametrize(
    ("venue", "words"), [("binance", "up to one hour more"), ("okx", "up to one hour less"), ("kucoin", None)]
)
def test_what_the_hour_marks_of_the_clock_change_is_said(client: httpx.Client, venue: str, words: str | None) -> None:
    """Binance's example: 35 minutes from 13:55 span 14:00 and cost 0.02, not 0.01; its hours alone do not tell."""
    body = {"venue": venue, "principal": "1000", "hours": "0.5833", "terms": {"hourly_rate": "0.00001"}}
    answer = ask(client, "borrow-interest", body)
    assert answer["interest"] == "0.01"
    assert [words in one for one in answer["approximations"] if words] == ([True] if words else [])
    fixed = ask(client, "borrow-interest", {**body, "terms": {"rollover_fee_rate": "0.00025"}})
    (note,) = fixed["approximations"]
    assert "for opening and for rolling over" in note
