"""Funding over HTTP: intervals, bounds, rounding."""

from __future__ import annotations

from datetime import date
from typing import Any

import httpx
import pytest
from msgspec import structs

from api.openapi.examples_calculators import CALCULATOR_REQUESTS
from rules.calculators.funding_rate import unbounded
from tests.http_calculators.asking import D, ask, refused
from tests.rules.world import on


def test_a_part_interval_of_funding_counts_whole_and_says_so(client: httpx.Client) -> None:
    body = {**CALCULATOR_REQUESTS["funding"]["three days of a positive rate"], "hours": "73"}
    answer = ask(client, "funding", body)
    assert (answer["intervals"], answer["funding"]) == ("10", "-31")
    assert "part interval" in answer["approximations"][0]
    exact = ask(client, "funding", {**body, "hours": "72"})
    assert (exact["funding"], exact["rate_annualised"]) == ("-27.9", "0.1095")
    assert not any("part interval" in one for one in exact["approximations"])


def test_a_rate_beyond_the_venues_cap_is_clipped_and_said_so(client: httpx.Client) -> None:
    body = {
        "venue": "bybit",
        "instrument": "BTCUSDT",
        "side": "short",
        "position_value": "1000",
        "funding_rate": "0.05",
    }
    answer = ask(client, "funding", body)
    assert answer["funding_rate"] == answer["cap"] == "0.00333"
    assert answer["funding"] == "3.33"
    assert answer["approximations"][0].startswith("the rate given lies beyond")


def test_the_rate_of_a_premium_that_is_clipped_is_not_said_to_be_given(client: httpx.Client) -> None:
    asked = {"venue": "bybit", "instrument": "BTCUSDT", "side": "short", "position_value": "1000", "premium": "0.05"}
    said = [one for one in ask(client, "funding", asked)["approximations"] if "clipped" in one]
    assert [one.partition(" lies ")[0] for one in said] == ["the rate of the premium given"]


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"position_value": None}, "/position_value"),
        ({"hours": "-1"}, "/hours"),
        ({"hours": "5"}, "/interval_hours"),
        ({"funding_rate": "2"}, "/funding_rate"),
        ({"position_value": "-4"}, "/position_value"),
        ({"size": "1", "mark_price": "0"}, "/mark_price"),
        ({"size": "0", "mark_price": "1"}, "/size"),
        ({"size": "1", "mark_price": "1", "position_value": "0"}, "/position_value"),
    ],
)
def test_funding_refuses_what_it_cannot_reckon(client: httpx.Client, change: dict[str, Any], pointer: str) -> None:
    body = {"side": "long", "position_value": "1000", "funding_rate": "0.0001", **change}
    assert pointer in refused(client, "funding", body)
    assert "/mark_price" in refused(
        client, "funding", {"side": "long", "funding_rate": "0.1", "size": "1", "mark_price": "0"}
    )


def test_funding_without_a_named_venue_is_not_rounded(client: httpx.Client) -> None:
    body = {"side": "long", "position_value": "0.0012377", "funding_rate": "0.00375", "interval_hours": "8"}
    assert ask(client, "funding", body)["funding"] == "-0.000004641375"
    rounded = ask(client, "funding", {**body, "venue": "kucoin", "terms": {"contract_type": "inverse"}})
    assert rounded["funding"] == "-0.00000465"


PREMIUM: dict[str, Any] = {"side": "long", "position_value": "1000", "premium": "0.0008"}


@pytest.mark.parametrize(
    ("change", "rate"),
    [
        ({}, "0.0008"),
        ({"interest_rate": "0.0001"}, "0.0009"),
        ({"interest_rate": "0.0001", "clamp": "0.0005"}, "0.0003"),
        ({"interest_rate": "0.0001", "clamp": "0.001"}, "0.0001"),
        ({"damper": "0.00025"}, "0.00055"),
        ({"damper": "0.00025", "premium": "0.0002"}, "0"),
        ({"interest_rate": "0.0001", "cap": "0.0006"}, "0.0006"),
        ({"premium": "-0.0008", "cap": "0.0006"}, "-0.0006"),
    ],
)
def test_a_rate_comes_from_a_premium(client: httpx.Client, change: dict[str, str], rate: str) -> None:
    found = ask(client, "funding", {**PREMIUM, **change})
    assert found["funding_rate"] == rate
    assert D(found["funding"]) == -1000 * D(rate)
    assert "rate = " in found["formula"]
    assert any("is clipped" in one for one in found["approximations"]) is ("cap" in change)


def test_the_venues_interest_is_added_to_a_premium(client: httpx.Client) -> None:
    asked = {**PREMIUM, "venue": "binance", "instrument": "BTCUSDT", "premium": "0.0002"}
    assert ask(client, "funding", asked)["funding_rate"] == "0.0003"
    half = ask(client, "funding", {**asked, "interval_hours": "4"})
    assert half["funding_rate"] == "0.00025"
    stated = ask(client, "funding", {**asked, "interest_rate": "0.0004"})
    assert stated["funding_rate"] == "0.0006"


def test_a_short_time_of_continuous_accrual_bears_its_part(client: httpx.Client) -> None:
    asked = {"side": "short", "size": "2", "mark_price": "100", "funding_rate": "0.0008", "interval_hours": "0"}
    found = ask(client, "funding", {**asked, "seconds": "1800"})
    assert found["intervals"] == "0.0625"
    assert found["funding"] == "0.01"
    assert found["funding_per_unit"] == "0.005"
    assert ask(client, "funding", {**PREMIUM})["funding_per_unit"] is None
    inverse = {**asked, "terms": {"contract_type": "inverse"}, "interval_hours": "8", "hours": "8"}
    assert ask(client, "funding", inverse)["funding_per_unit"] == "0.000008"


def test_margin_rates_give_the_cap_where_the_venue_derives_it_from_them(client: httpx.Client) -> None:
    terms = {"initial_margin_rate": "0.02", "maintenance_margin_rate": "0.012"}
    asked = {**PREMIUM, "venue": "dydx", "premium": "0.5", "terms": terms}
    unbound = ask(client, "funding", asked)
    assert (unbound["cap_8h"], unbound["cap"], unbound["funding_rate"]) == ("0.048", None, "0.5")
    hourly = ask(client, "funding", {**asked, "interval_hours": "1"})
    assert (hourly["cap"], hourly["floor"], hourly["funding_rate"]) == ("0.006", "-0.006", "0.006")
    tighter = ask(client, "funding", {**asked, "interval_hours": "0", "cap": "0.01"})
    assert (tighter["cap"], tighter["floor"]) == ("0.01", "-0.01")
    wider = ask(client, "funding", {**asked, "interval_hours": "1", "cap": "0.01"})
    assert (wider["cap"], wider["floor"]) == ("0.006", "-0.006")
    assert ask(client, "funding", {**asked, "venue": "binance"})["cap_8h"] is None
    for one in terms:
        assert ask(client, "funding", {**asked, "terms": {one: terms[one]}})["cap_8h"] is None


@pytest.mark.parametrize(("market", "cap"), [("BTC-USD", "0.006"), ("ETH-USD", "0.006"), ("SOL-USD", "0.015")])
def test_each_market_has_the_cap_of_its_own_margin_fractions(client: httpx.Client, market: str, cap: str) -> None:
    asked = {"venue": "dydx", "instrument": market, "side": "long", "position_value": "100000", "funding_rate": "0.2"}
    answer = ask(client, "funding", asked)
    assert (answer["cap"], answer["floor"], answer["funding_rate"]) == (cap, f"-{cap}", cap)


def test_a_market_whose_fractions_are_not_on_file_has_no_cap(client: httpx.Client) -> None:
    asked = {"venue": "dydx", "instrument": "DOGE-USD", "side": "long", "position_value": "100", "funding_rate": "0.05"}
    asked["interval_hours"] = "1"
    answer = ask(client, "funding", {**asked, "terms": {"contract_type": "linear"}})
    assert (answer["cap"], answer["funding_rate"]) == (None, "0.05")
    terms = {"initial_margin_rate": "0.1", "maintenance_margin_rate": "0.05"}
    assert ask(client, "funding", {**asked, "terms": terms})["cap"] == "0.0375"


def test_fractions_of_a_request_stand_in_for_those_that_a_row_was_derived_from(client: httpx.Client) -> None:
    asked = {"venue": "dydx", "instrument": "BTC-USD", "side": "long", "position_value": "100", "funding_rate": "0.02"}
    terms = {"initial_margin_rate": "0.05", "maintenance_margin_rate": "0.03"}
    answer = ask(client, "funding", {**asked, "terms": terms})
    assert (answer["cap_8h"], answer["cap"], answer["floor"]) == ("0.12", "0.015", "-0.015")


@pytest.mark.parametrize(
    ("change", "pointer", "words"),
    [
        ({"premium": None}, "/funding_rate", "or premium in its place"),
        ({"funding_rate": "0.0001"}, "/premium", "in place of funding_rate"),
        ({"premium": "1"}, "/premium", "between -1 and 1"),
        ({"clamp": "-0.1"}, "/clamp", "between 0 and 1"),
        ({"cap": "1"}, "/cap", "between 0 and 1"),
        ({"clamp": "0.1", "damper": "0.1"}, "/damper", "give clamp or damper"),
        ({"interest_rate": "0.1", "damper": "0.1"}, "/interest_rate", "premium alone"),
        ({"premium": None, "funding_rate": "0.1", "clamp": "0.1"}, "/clamp", "belongs to a premium"),
        ({"interval_hours": "-1"}, "/interval_hours", "0 is continuous accrual"),
        ({"seconds": "60"}, "/interval_hours", "must be given"),
        ({"seconds": "60", "hours": "1"}, "/seconds", "in place of hours"),
        ({"seconds": "400000000"}, "/seconds", "ten years"),
        ({"seconds": "0"}, "/seconds", "greater than zero"),
    ],
)
def test_a_premium_that_gives_no_rate_is_refused(
    client: httpx.Client, change: dict[str, Any], pointer: str, words: str
) -> None:
    assert words in refused(client, "funding", {**PREMIUM, **change})[pointer]


@pytest.mark.parametrize(("venue", "instrument"), [("binance", "BTCUSDT_261225"), ("cme", "QBTC")])
def test_a_future_that_pays_no_funding_is_refused(client: httpx.Client, venue: str, instrument: str) -> None:
    body = {
        "venue": venue,
        "instrument": instrument,
        "side": "long",
        "position_value": "1000",
        "funding_rate": "0.0001",
        "hours": "72",
        "as_of": "2026-11-21",
    }
    errors = refused(client, "funding", body)
    assert list(errors) == ["/instrument"]
    assert "no funding rate is paid" in errors["/instrument"]


def test_two_contracts_with_the_same_terms_each_have_them(client: httpx.Client) -> None:
    for instrument in ("PBT", "PET"):
        body = {
            "venue": "cboe_futures",
            "instrument": instrument,
            "side": "long",
            "position_value": "1000",
            "funding_rate": "0.0001",
            "hours": "72",
        }
        answer = ask(client, "funding", body)
        assert (answer["interval_hours"], answer["intervals"], answer["funding"]) == ("24", "3", "-0.3")


@pytest.mark.parametrize(
    ("venue", "instrument", "said"),
    [("binance", "SOLUSDT", "neither cap nor floor"), ("binance", "BTCUSDT", None), ("bybit", "BTCUSDT", None)],
)
def test_a_rate_that_no_bound_on_file_holds_is_said_to_be(
    client: httpx.Client, venue: str, instrument: str, said: str | None
) -> None:
    body = {"venue": venue, "instrument": instrument, "side": "long", "position_value": "1000", "as_of": "2026-11-21"}
    found = ask(client, "funding", {**body, "funding_rate": "0.05"})
    assert (found["cap"] is None) is (said is not None)
    assert any("neither cap nor floor" in one for one in found["approximations"]) is (said is not None)
    if said is not None:
        capped = ask(client, "funding", {**body, "funding_rate": "0.05", "cap": "0.003"})
        assert capped["funding_rate"] == "0.003"
        assert not any(said in one for one in capped["approximations"])


def test_a_venue_whose_interest_is_not_on_file_adds_none_to_a_premium_and_that_is_said(client: httpx.Client) -> None:
    body = {"venue": "kucoin", "instrument": "ZRCUSDTM", "side": "long", "position_value": "1000", "premium": "0.0001"}
    found = ask(client, "funding", body)
    assert (found["funding_rate"], found["interval_hours"]) == ("0.0001", "4")
    assert any(note.startswith("no interest rate is given") for note in found["approximations"])


def test_a_premium_without_any_interest_is_said_to_stand_alone(client: httpx.Client) -> None:
    assert "no interest rate is given" in " ".join(ask(client, "funding", PREMIUM)["approximations"])
    given = ask(client, "funding", {**PREMIUM, "interest_rate": "0.0001"})
    assert given["approximations"] == []


def test_a_rate_that_is_bounded_on_one_side_alone_is_said_to_be() -> None:
    both = on(date(2026, 11, 21)).funding("binance", "BTCUSDT")
    assert both is not None
    assert unbounded(both) == ()
    for open_side, words in (("cap", "no cap"), ("floor", "no floor")):
        [told] = unbounded(structs.replace(both, **{open_side: None}))
        assert words in told


def test_intervals_of_another_length_than_the_venues_are_said(client: httpx.Client) -> None:
    asked = {
        "venue": "hyperliquid",
        "instrument": "BTC",
        "side": "short",
        "position_value": "1000",
        "funding_rate": "0.0001",
    }
    own = ask(client, "funding", {**asked, "hours": "5", "interval_hours": "1"})
    other = ask(client, "funding", {**asked, "hours": "5", "interval_hours": "8"})
    assert not any("the venue settles" in words for words in own["approximations"])
    assert "intervals are counted as given, of 8 hours: the venue settles every 1" in other["approximations"]


def test_a_rate_of_zero_pays_nothing(client: httpx.Client) -> None:
    body = {"side": "long", "position_value": "1000", "funding_rate": "0", "hours": "8", "interval_hours": "8"}
    found = ask(client, "funding", body)
    assert (found["funding"], found["funding_rate"], found["rate_annualised"]) == ("0", "0", "0")


def test_without_an_interval_no_rate_is_annualised(client: httpx.Client) -> None:
    found = ask(client, "funding", {"side": "long", "position_value": "1000", "funding_rate": "0.0001"})
    assert (found["funding"], found["intervals"], found["rate_annualised"]) == ("-0.1", "1", None)


def test_a_size_needs_a_mark_price_and_a_mark_price_a_size(client: httpx.Client) -> None:
    body = {"venue": "bybit", "instrument": "BTCUSDT", "side": "long", "funding_rate": "0.0001"}
    for half in ({"size": "1"}, {"mark_price": "62000"}):
        assert set(refused(client, "funding", {**body, **half})) == {"/position_value"}
    assert ask(client, "funding", {**body, "size": "1", "mark_price": "62000"})["position_value"] == "62000"


def test_interest_of_the_venue_is_that_of_eight_hours_where_it_accrues_all_the_time(client: httpx.Client) -> None:
    body = {"venue": "bybit", "instrument": "BTCUSDT", "side": "long", "position_value": "1000", "premium": "0.0001"}
    assert ask(client, "funding", {**body, "interval_hours": "0"})["funding_rate"] == "0.0002"
    assert ask(client, "funding", {**body, "interval_hours": "4"})["funding_rate"] == "0.00015"
