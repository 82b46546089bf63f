"""Sizes over HTTP: the largest within a risk, and what bounds it."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

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


SIZED: dict[str, Any] = {"equity": "1000", "risk_fraction": "0.01", "entry_price": "100", "side": "long"}


@pytest.mark.parametrize("side", ["long", "short"])
@pytest.mark.parametrize("costs", [{}, {"fee_rate": "0.0005", "slippage": "0.001"}])
def test_the_stop_of_a_size_is_the_inverse_of_the_size_for_a_stop(
    client: httpx.Client, side: str, costs: dict[str, str]
) -> None:
    stop = "97.5" if side == "long" else "102.5"
    sized = ask(client, "position-size", {**SIZED, **costs, "side": side, "stop_price": stop})
    for name in ("notional", "quantity"):
        back = ask(client, "position-size", {**SIZED, **costs, "side": side, name: sized[name]})
        assert abs(D(back["stop_price"]) - D(stop)) < D("1e-14")
        assert abs(D(back["stop_distance"]) - D("0.025")) < D("1e-16")
        assert abs(D(back["quantity"]) - D(sized["quantity"])) < D("1e-17")
        assert back["loss_at_stop"] == sized["loss_at_stop"] == "10"


def test_all_equity_at_a_leverage_leaves_a_risk_over_leverage_to_the_stop(client: httpx.Client) -> None:
    found = ask(client, "position-size", {**SIZED, "leverage": "10"})
    assert (found["notional"], found["leverage_needed"]) == ("10000", "10")
    assert (found["stop_distance"], found["stop_price"]) == ("0.001", "99.9")


def test_a_size_too_small_to_lose_the_risk_needs_no_stop(client: httpx.Client) -> None:
    found = ask(client, "position-size", {**SIZED, "notional": "8", "fee_rate": "0.01"})
    assert found["stop_price"] is found["stop_distance"] is None
    assert found["loss_at_stop"] == "8.08"
    assert "no stop is needed" in " ".join(found["approximations"])
    assert ask(client, "position-size", {**SIZED, "side": "short", "notional": "8"})["stop_price"] == "225"


@pytest.mark.parametrize(
    ("change", "pointer", "words"),
    [
        ({}, "/stop_price", "or notional, quantity or leverage"),
        ({"notional": "500", "stop_price": "99"}, "/notional", "leave stop_price out"),
        ({"notional": "500", "quantity": "5"}, "/quantity", "leave notional out"),
        ({"notional": "0"}, "/notional", "greater than zero"),
        ({"quantity": "21", "leverage": "2"}, "/quantity", "at most 2000, the bound of the leverage"),
        ({"notional": "10000", "fee_rate": "0.001"}, "/risk_fraction", "fees of this size alone"),
        ({"notional": "10000", "fee_rate": "0.001", "side": "short"}, "/risk_fraction", "fees of this size alone"),
    ],
)
def test_a_stop_needs_one_size_that_can_be_had(
    client: httpx.Client, change: dict[str, Any], pointer: str, words: str
) -> None:
    assert words in refused(client, "position-size", {**SIZED, **change})[pointer]
