"""Sizes over HTTP: the largest within a risk, and what bounds it."""

from __future__ import annotations

import httpx

from api.examples_calculators import CALCULATOR_REQUESTS
from tests.http_calculators.asking import D, ask, refused


def test_the_bounds_of_a_size_are_named(client: httpx.Client) -> None:
    body = CALCULATOR_REQUESTS["position-size"]["one percent of equity at risk"]
    free = ask(client, "position-size", body)
    assert D(free["loss_at_stop"]) <= 500
    assert [cap["name"] for cap in free["caps"]] == ["leverage", "ladder"]
    bound = ask(client, "position-size", {**body, "risk_fraction": "0.5", "leverage": "2"})
    assert [cap["name"] for cap in bound["caps"] if cap["binds"]] == ["leverage"]
    assert D(bound["notional"]) == 100000
    assert D(bound["initial_margin"]) == 50000
    contracts = ask(client, "position-size", {**body, "venue": "okx", "instrument": "BTC-USDT-SWAP"})
    assert D(contracts["caps"][1]["notional"]) % D("0.01") == 0
    bare = ask(
        client,
        "position-size",
        {name: body[name] for name in ("equity", "risk_fraction", "entry_price", "stop_price", "side")},
    )
    assert (bare["caps"], bare["initial_margin"]) == ([], None)
    assert "without fees" in bare["approximations"][0]


def test_where_the_recording_of_a_ladder_stops_is_no_bound(client: httpx.Client) -> None:
    body = CALCULATOR_REQUESTS["position-size"]["one percent of equity at risk"]
    short_of_the_end = {**body, "venue": "bybit", "instrument": "BTCUSDT", "leverage": "1"}
    assert [cap["name"] for cap in ask(client, "position-size", short_of_the_end)["caps"]] == ["leverage"]
    within = ask(client, "position-size", {**short_of_the_end, "leverage": "100"})
    assert [(cap["name"], cap["notional"]) for cap in within["caps"] if cap["name"] == "ladder"] == [
        ("ladder", "800000")
    ]


def test_a_size_needs_a_stop_that_is_a_loss(client: httpx.Client) -> None:
    body = CALCULATOR_REQUESTS["position-size"]["one percent of equity at risk"]
    errors = refused(
        client, "position-size", {**body, "side": "short", "risk_fraction": "0", "fee_rate": "1", "leverage": "2000"}
    )
    assert set(errors) == {"/stop_price", "/risk_fraction", "/fee_rate", "/leverage"}


def test_a_size_on_an_inverse_contract_says_that_it_is_reckoned_as_linear(client: httpx.Client) -> None:
    body = {
        "equity": "1000",
        "risk_fraction": "0.01",
        "entry_price": "100",
        "stop_price": "110",
        "side": "short",
        "fee_rate": "0",
        "venue": "bybit",
        "instrument": "BTCUSD",
    }
    answer = ask(client, "position-size", body)
    assert "linear contract" in answer["approximations"][0]
    assert answer["caps"] == []
    hyper = ask(client, "position-size", {**body, "venue": "hyperliquid", "instrument": "BTC"})
    assert hyper["caps"] == []
    assert ask(client, "position-size", {**body, "venue": "deribit", "instrument": "BTC-PERPETUAL"})["sources"] == []
