"""The calculators over HTTP: every documented example, one arithmetic behind all views, numbers and clocks."""

from __future__ import annotations

import httpx
import pytest

from api.examples_calculators import CALCULATOR_REQUESTS
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
