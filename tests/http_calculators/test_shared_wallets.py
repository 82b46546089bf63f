"""Which positions share a wallet: those of a cross account, and how those in one instrument move together."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import httpx
import pytest

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


def test_a_position_with_a_margin_of_its_own_shares_no_wallet_where_it_states_no_mode(client: httpx.Client) -> None:
    own = leg("long", "1", "30000", "0.01", "BTCUSDT", collateral="3000", wallet_balance="50000")
    found = answer(
        client, {**own, "other_positions": [leg("long", "10", "2000", "0.02", "ETHUSDT", mark_price="1500")]}
    )
    # 3,000 + (P - 30,000) is 1% of P
    assert Decimal(found["liquidation_price"]) == round(27000 / Decimal("0.99"), 18)
    assert any("shares nothing" in words for words in found["approximations"])


def test_margin_posted_to_a_cross_position_of_an_account_is_told_to_be_left_aside(client: httpx.Client) -> None:
    legs = [leg("long", "1", "30000", "0.01", "BTCUSDT", collateral="700"), leg("long", "2", "2000", "0.02", "ETHUSDT")]
    found = answer(client, {"wallet_balance": "20000", "positions": legs})
    told = [[words for words in one["approximations"] if words.endswith("collateral")] for one in found["positions"]]
    assert [len(words) for words in told] == [1, 0]


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


REAL: dict[str, Any] = {"instrument": "BTCUSDT", "entry_price": "100000", "mark_price": "100000", "size_unit": "base"}


def test_a_hedge_ends_where_both_ladders_require_all_of_the_account(client: httpx.Client) -> None:
    legs = [{**REAL, "side": "long", "size": "900"}, {**REAL, "side": "short", "size": "859.5"}]
    found = answer(client, {"wallet_balance": "3500000", "positions": legs})
    long, short = found["positions"]
    # both in the rung of 2 %, which takes off 132,000: 40.5 P - 550,000 = 0.02 * 1759.5 P - 264,000
    assert round(Decimal(long["liquidation_price"]), 6) == round(Decimal(286000) / Decimal("5.31"), 6)
    assert long["tier_at_liquidation"] == 5
    assert short["liquidation_price"] is None
    # told too: what both require outgrows the gain of a rise
    assert any("a move to 112130.83213083 liquidates the account" in words for words in long["approximations"])
    assert Decimal(long["distance_in_price"]) < 12131
    there = [{**one, "mark_price": long["liquidation_price"]} for one in legs]
    ratio = answer(client, {"wallet_balance": "3500000", "positions": there})["account"]["margin_ratio"]
    assert abs(Decimal(ratio) - 1) < Decimal("1e-15")


SPOT: dict[str, Any] = {
    "instrument": "XBTUSDT",
    "product": "spot_margin",
    "side": "long",
    "entry_price": "60000",
    "mark_price": "60000",
    "size": "1",
    "size_unit": "base",
    "leverage": "5",
}


def test_spot_margin_positions_in_one_pair_move_together(client: httpx.Client) -> None:
    kraken = {"venue": "kraken", "wallet_balance": "20000"}
    one = answer(client, {**kraken, **SPOT, "size": "2", "margin_mode": "cross"})
    for two in (
        answer(client, {**kraken, "positions": [SPOT, SPOT]})["positions"][0],
        answer(client, {**kraken, **SPOT, "other_positions": [SPOT]}),
    ):
        for name in ("liquidation_price", "margin_call_price", "bankruptcy_price"):
            assert two[name] == one[name]
    hedge = [SPOT, {**SPOT, "side": "short", "size": "0.5"}]
    long, short = answer(client, {**kraken, "positions": hedge})["positions"]
    # 20000 + 0.5 (P - 60000) = 0.4 (12000 + 0.1 P)
    assert round(Decimal(long["liquidation_price"]), 10) == round(Decimal(14800) / Decimal("0.46"), 10)
    assert (short["liquidation"], short["liquidation_price"]) == (None, None)
    even = [SPOT, {**SPOT, "side": "short"}]
    for found in answer(client, {**kraken, "positions": even})["positions"]:
        assert found["liquidation"] is None
        assert any("what one gains the other loses" in words for words in found["approximations"])
    # 20000 = 0.4 (12000 + 0.2 P)
    assert any("a move to 190000 liquidates" in words for words in found["approximations"])
    thin = answer(client, {**kraken, "wallet_balance": "7000", "positions": even})["positions"]
    assert {found["liquidation"] for found in thin} == {"already"}


def test_an_account_that_is_liquidated_already_is_so_for_every_leg(client: httpx.Client) -> None:
    legs = [{**REAL, "side": "long", "size": "1"}, {**REAL, "side": "short", "size": "2"}]
    found = answer(client, {"wallet_balance": "100", "positions": legs})["positions"]
    assert [one["liquidation"] for one in found] == ["already", "already"]


def test_one_instrument_has_one_mark_price(client: httpx.Client) -> None:
    legs = [{**REAL, "side": "long", "size": "1"}, {**REAL, "side": "short", "size": "2", "mark_price": "99000"}]
    told = refused(client, "position", {"venue": "binance", "wallet_balance": "9000", "positions": legs})
    assert list(told) == ["/positions/1/mark_price"]
    assert "/positions/0/mark_price" in told["/positions/1/mark_price"]
    beside = {"wallet_balance": "9000", **legs[0], "margin_mode": "cross", "other_positions": [legs[1]]}
    assert list(refused(client, "position", {"venue": "binance", **beside})) == ["/other_positions/0/mark_price"]


def test_no_leg_of_unknown_money_hides_that_two_others_differ(client: httpx.Client) -> None:
    unlisted = leg("long", "1", "10", "0.01", "FOOUSD_PERP", mark_price="11", size_unit="quote")
    unlisted["terms"] = {**unlisted["terms"], "contract_type": "inverse"}
    bitcoin = {"instrument": "BTCUSD_PERP", "side": "long", "entry_price": "60000", "mark_price": "61000", "size": "10"}
    ether = {"instrument": "ETHUSD_PERP", "side": "long", "entry_price": "3000", "mark_price": "3100", "size": "10"}
    for legs in ([unlisted, bitcoin, ether], [bitcoin, ether, unlisted], [bitcoin, unlisted, ether]):
        told = refused(client, "position", {"venue": "binance", "wallet_balance": "1", "positions": legs})
        assert list(told) == [f"/positions/{legs.index(ether)}/instrument"]
    found = answer(client, {"wallet_balance": "1", "positions": [unlisted, bitcoin]})
    assert any("settle in is not known" in words for words in found["approximations"])


def test_positions_without_an_instrument_are_said_to_be_apart(client: httpx.Client) -> None:
    bare = {"entry_price": "100", "terms": {"maintenance_margin_rate": "0.01", "contract_type": "linear"}}
    legs = [{**bare, "side": "long", "size": "10"}, {**bare, "side": "short", "size": "5"}]
    apart = answer(client, {"venue": None, "wallet_balance": "200", "positions": legs})
    assert any("without an instrument" in words for words in apart["approximations"])
    named = [{**one, "instrument": "X"} for one in legs]
    together = answer(client, {"venue": None, "wallet_balance": "200", "positions": named})
    assert not any("without an instrument" in words for words in together["approximations"])
    prices = [Decimal(one["positions"][0]["liquidation_price"]) for one in (apart, together)]
    assert prices[0] > prices[1]


ONE_SIDE = [
    ("binance", "BTCUSDT", "900", "60000", "10000000"),
    ("binance", "SOLUSDT", "200000", "150", "6000000"),
    ("okx", "BTC-USDT-SWAP", "900", "60000", "10000000"),
    ("deribit", "BTC_USDC-PERPETUAL", "500", "60000", "10000000"),
    ("hyperliquid", "BTC", "5000", "60000", "70000000"),
    ("mexc", "BTC_USDT", "300", "60000", "5000000"),
    ("kucoin", "XBTUSDTM", "300", "60000", "10000000"),
]


@pytest.mark.parametrize(("venue", "instrument", "size", "price", "wallet"), ONE_SIDE)
@pytest.mark.parametrize("side", ["long", "short"])
def test_rows_on_one_side_are_one_position(
    client: httpx.Client, venue: str, instrument: str, size: str, price: str, wallet: str, side: str
) -> None:
    account = {"venue": venue, "wallet_balance": wallet}
    row = {"instrument": instrument, "side": side, "entry_price": price, "mark_price": price, "size_unit": "base"}
    whole = ask(client, "position", {**account, "positions": [{**row, "size": size}]})
    part = {**row, "size": str(Decimal(size) / 10)}
    parts = ask(client, "position", {**account, "positions": [part] * 10})
    for name in ("initial_margin", "maintenance_margin", "margin_ratio"):
        assert abs(Decimal(parts["account"][name]) - Decimal(whole["account"][name])) < Decimal("1e-9")
    end = Decimal(whole["positions"][0]["liquidation_price"])
    assert all(abs(Decimal(one["liquidation_price"]) - end) < Decimal("1e-9") for one in parts["positions"])
    for name in ("tier", "tier_at_liquidation", "max_leverage", "max_value_at_leverage"):
        assert {one[name] for one in parts["positions"]} == {whole["positions"][0][name]}
    assert any("are one position to the venue" in words for words in parts["approximations"])
    beside = ask(client, "position", {**account, **part, "margin_mode": "cross", "other_positions": [part] * 9})
    assert abs(Decimal(beside["liquidation_price"]) - end) < Decimal("1e-9")
    required = Decimal(beside["maintenance_margin"]) * 10
    assert abs(required - Decimal(whole["account"]["maintenance_margin"])) < Decimal("1e-9")


def test_what_was_bought_at_other_prices_is_one_position_too(client: httpx.Client) -> None:
    rows = [
        {**REAL, "side": "long", "size": size, "entry_price": entry}
        for size, entry in (("3", "90000"), ("1", "110000"))
    ]
    whole = {**REAL, "side": "long", "size": "4", "entry_price": "95000"}
    for venue, instrument in (("binance", "BTCUSDT"), ("mexc", "BTC_USDT")):
        account = {"venue": venue, "wallet_balance": "30000"}
        split = ask(client, "position", {**account, "positions": [{**one, "instrument": instrument} for one in rows]})
        one = ask(client, "position", {**account, "positions": [{**whole, "instrument": instrument}]})
        assert split["account"]["maintenance_margin"] == one["account"]["maintenance_margin"]
        assert {x["liquidation_price"] for x in split["positions"]} == {one["positions"][0]["liquidation_price"]}


def test_one_wallet_for_several_currencies_is_said_to_be_taken_for_granted(client: httpx.Client) -> None:
    tether = leg("long", "1", "60000", "0.004", "BTCUSDT", mark_price="60000")
    circle = leg("long", "1", "20000", "0.004", "BTCUSDC", mark_price="60000")
    account = answer(client, {"wallet_balance": "5000", "positions": [tether, circle]})
    beside = answer(
        client, {**tether, "margin_mode": "cross", "wallet_balance": "5000", "other_positions": [{**circle}]}
    )
    for found in (account, beside):
        assert any("settle in USDC and USDT" in words for words in found["approximations"])
    alike = leg("long", "1", "2000", "0.02", "ETHUSDT", mark_price="2100")
    assert answer(client, {"wallet_balance": "5000", "positions": [tether, alike]})["approximations"] == []
