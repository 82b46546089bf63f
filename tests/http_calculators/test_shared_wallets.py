"""Which positions share a wallet: those of a cross account, and how those in one instrument move together."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import httpx

from tests.http_calculators.asking import ask, refused

POSITION = "/v1/calculators/position"


def answer(client: httpx.Client, body: dict[str, Any]) -> dict[str, Any]:
    reply = client.post(POSITION, json={"venue": "binance", **body})
    assert reply.status_code == 200, reply.text
    found: dict[str, Any] = reply.json()
    return found


def leg(side: str, size: str, entry: str, rate: str, instrument: str, **given: str) -> dict[str, Any]:
    terms = {"contract_type": "linear", "maintenance_margin_rate": rate}
    return {"side": side, "size": size, "entry_price": entry, "instrument": instrument, "terms": terms, **given}


def test_both_legs_of_a_hedge_count_at_the_price_solved_for(client: httpx.Client) -> None:
    # In hedge mode profit and maintenance of both legs enter the formula (Binance, liquidation price).
    found = answer(
        client,
        {
            **leg(
                "long", "1", "30000", "0.01", "BTCUSDT", mark_price="30000", margin_mode="cross", wallet_balance="5000"
            ),
            "other_positions": [
                leg("short", "0.4", "31000", "0.01", "BTCUSDT"),
                leg("long", "2", "2000", "0.02", "ETHUSDT", mark_price="2100"),
            ],
        },
    )
    price = Decimal(found["liquidation_price"])
    equity = 5000 + (price - 30000) + Decimal("0.4") * (31000 - price) + 2 * 100
    assert abs(equity - (Decimal("0.014") * price + 2 * 2100 * Decimal("0.02"))) < Decimal("1e-9")
    assert found["approximations"] == []


def test_an_isolated_position_owes_nothing_to_others(client: httpx.Client) -> None:
    alone = leg("long", "1", "30000", "0.01", "BTCUSDT", margin_mode="isolated", leverage="10")
    other = leg("long", "10", "2000", "0.02", "ETHUSDT", mark_price="1500")
    beside = answer(client, {**alone, "other_positions": [other]})
    assert beside["liquidation_price"] == answer(client, alone)["liquidation_price"]
    assert any("shares nothing" in words for words in beside["approximations"])


def test_an_isolated_leg_brings_nothing_to_a_cross_account(client: httpx.Client) -> None:
    cross = leg("long", "1", "60000", "0.004", "BTCUSDT", margin_mode="cross", wallet_balance="20000")
    isolated = leg("long", "10", "2000", "0.01", "ETHUSDT", mark_price="1500", margin_mode="isolated", leverage="5")
    assert (
        answer(client, {**cross, "other_positions": [isolated]})["liquidation_price"]
        == answer(client, cross)["liquidation_price"]
    )


def test_a_wallet_with_other_positions_is_a_cross_account_where_no_mode_is_given(client: httpx.Client) -> None:
    body = leg("long", "1", "30000", "0.01", "BTCUSDT", wallet_balance="5000")
    other = leg("long", "2", "2000", "0.02", "ETHUSDT", mark_price="2100")
    unsaid = answer(client, {**body, "other_positions": [other]})
    cross = answer(client, {**body, "margin_mode": "cross", "other_positions": [other]})
    assert unsaid["liquidation_price"] == cross["liquidation_price"]
    assert any("no margin mode is given" in words for words in unsaid["approximations"])


def test_the_cash_behind_an_isolated_leg_is_not_in_the_wallet(client: httpx.Client) -> None:
    cross = leg("long", "1", "60000", "0.004", "BTCUSDT", mark_price="60000")
    isolated = leg("long", "10", "2000", "0.01", "ETHUSDT", margin_mode="isolated", leverage="5")
    alone = answer(client, {"cash_balance": "-50000", "positions": [cross]})
    beside = answer(client, {"cash_balance": "-50000", "positions": [cross, isolated]})
    assert beside["account"] == alone["account"]
    assert alone["account"]["wallet_balance"] == "10000"
    assert beside["positions"][1]["margin"] == "4000"


def test_positions_that_settle_in_different_currencies_are_not_added_up(client: httpx.Client) -> None:
    linear = {"instrument": "BTCUSDT", "side": "long", "size": "1", "entry_price": "60000", "mark_price": "61000"}
    inverse = {**linear, "instrument": "BTCUSD", "side": "short", "size": "10000"}
    account = {"venue": "bybit", "wallet_balance": "10000", "as_of": "2026-11-21"}
    errors = refused(client, "position", {**account, "positions": [linear, inverse]})
    assert list(errors) == ["/positions/1/instrument"]
    assert "settles in another currency (BTC) than the position beside it (USDT)" in errors["/positions/1/instrument"]
    beside = {**account, **linear, "margin_mode": "cross", "other_positions": [inverse]}
    assert list(refused(client, "liquidation-price", beside)) == ["/other_positions/0/instrument"]
    alone = {**inverse, "margin_mode": "isolated", "leverage": "5"}
    assert len(ask(client, "position", {**account, "positions": [linear, alone]})["positions"]) == 2
