"""The calculators over HTTP: every documented example, one arithmetic behind all views, numbers and clocks."""

from __future__ import annotations

import httpx
import pytest

from api.openapi.examples_calculators import CALCULATOR_REQUESTS
from tests.http_calculators.asking import EXPLICIT, LONG, ask, refused

EXAMPLES = [(name, title) for name, bodies in CALCULATOR_REQUESTS.items() for title in bodies]


@pytest.mark.parametrize(("name", "title"), EXAMPLES)
def test_every_documented_example_is_answered(client: httpx.Client, name: str, title: str) -> None:
    answer = ask(client, name, CALCULATOR_REQUESTS[name][title])
    assert answer["as_of"]


def test_the_views_say_what_the_whole_says(client: httpx.Client) -> None:
    whole = ask(client, "position", LONG)
    for calculator in ("margin", "liquidation-price"):
        view = ask(client, calculator, LONG)
        assert {name: whole[name] for name in view} == view


def test_numbers_keep_all_their_digits(client: httpx.Client) -> None:
    answer = client.post(
        "/v1/calculators/position",
        content=b'{"entry_price":0.123456789012345678,"size":1,"leverage":10,"terms":{"maintenance_margin_rate":0.01}}',
        headers={"content-type": "application/json"},
    ).json()
    assert answer["position_value"] == "0.123456789012345678"
    assert "reckoned as a long" in " ".join(answer["approximations"])


def test_digits_that_an_api_prints_beyond_the_eighteenth_are_rounded(client: httpx.Client) -> None:
    answer = ask(client, "position", {**EXPLICIT, "size": "1", "entry_price": "0.09038666666666666666"})
    assert answer["entry_price"] == "0.090386666666666667"
    assert ask(client, "position", {**EXPLICIT, "entry_price": "0." + "3" * 40})["entry_price"] == "0." + "3" * 18
    for refused_price in ("0." + "3" * 41, "0." + "0" * 18 + "1"):
        errors = refused(client, "position", {**EXPLICIT, "entry_price": refused_price})
        assert "fraction digits" in errors["/entry_price"]


def test_a_venue_of_which_nothing_is_on_file_is_reckoned_with_the_terms_given(client: httpx.Client) -> None:
    elsewhere = {**EXPLICIT, "venue": "nowhere", "instrument": "NOPE"}
    answer = ask(client, "position", elsewhere)
    assert answer["liquidation_price"] == ask(client, "position", EXPLICIT)["liquidation_price"]
    terms = {"contract_type": "linear", "fee_rate": "0.001", "taker_fee_rate": "0.001"}
    others = [
        ask(client, "fees", {"venue": "nowhere", "instrument": "NOPE", "price": "5", "size": "2", "terms": terms}),
        ask(client, "break-even", {"venue": "nowhere", "side": "long", "entry_price": "5", "terms": terms}),
        ask(
            client,
            "funding",
            {"venue": "nowhere", "side": "long", "position_value": "5", "funding_rate": "0.001", "terms": terms},
        ),
    ]
    for one in (answer, *others):
        assert one["approximations"][0].startswith("nothing about this venue is on file")
    # what is wrong beside is told alone: the venue is none of it
    assert set(refused(client, "position", {**elsewhere, "mark_price": "x"})) == {"/mark_price"}
    assert set(refused(client, "position", {**elsewhere, "terms": None, "mark_price": "x"})) == {
        "/mark_price",
        "/venue",
    }
    assert set(refused(client, "position", {"venue": "derive", "mark_price": "x", "size": "1"})) == {"/mark_price"}


def test_an_unknown_release_is_not_found(client: httpx.Client) -> None:
    assert client.post("/v1/calculators/position", json={**EXPLICIT, "release": "rel_nothing"}).status_code == 404
    assert client.post("/v1/calculators/position?x=1", json=EXPLICIT).status_code == 422


def test_amounts_beyond_reason_are_answered_or_refused_never_a_failure(client: httpx.Client) -> None:
    huge = "9" * 20
    terms = {"maintenance_margin_rate": "0.01", "contract_size": huge, "tick_size": "0.000000000000000001"}
    position = {**EXPLICIT, "venue": "binance", "size": huge, "entry_price": huge, "leverage": "3", "terms": terms}
    assert ask(client, "position", position)["liquidation"] == "price"
    loan = {"venue": "kucoin", "principal": "1", "hours": "80000", "terms": {"hourly_rate": "0.5"}}
    assert "fewer" in refused(client, "borrow-interest", loan)["/hours"]
    flat = {**EXPLICIT, "venue": "deribit", "terms": {"base_rate": "0"}}
    assert ask(client, "position", flat)["max_leverage"] is None
