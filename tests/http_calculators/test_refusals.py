"""Input that no position can be reckoned from is refused with what would be accepted, all of it at once."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.http_calculators.asking import EXPLICIT, LONG, refused


@pytest.mark.parametrize(
    ("change", "pointer", "words"),
    [
        ({"leverage": "200"}, "/leverage", "must be at most"),
        ({"leverage": "5000"}, "/leverage", "must be at most 1000"),
        ({"size": "1000000"}, "/size", "where the ladder ends"),
        ({"size": "0"}, "/size", "greater than zero"),
        ({"size": None}, "/size", "coins (base), contracts or quote"),
        ({"collateral": "0"}, "/collateral", "greater than zero"),
        ({"collateral": "-5"}, "/collateral", "greater than zero"),
        ({"size_unit": "lots"}, "/size_unit", "base, quote, contracts"),
        ({"terms": {"contract_type": "inverse"}}, "/terms/contract_type", "lists BTCUSDT as linear"),
        ({"venue": "nowhere"}, "/venue", "/v1/venues"),
        ({"instrument": "NOPEUSDT"}, "/instrument", "/v1/instruments"),
        ({"entry_price": None, "mark_price": None}, "/entry_price", "or mark_price in its place"),
        ({"terms": {"maintenance_margin_rate": "1.5"}}, "/terms/maintenance_margin_rate", "between 0 and 1"),
        ({"terms": {"taker_fee_rate": "5"}}, "/terms/taker_fee_rate", "between -1 and 1"),
        ({"terms": {"taker_fee_rate": "-1"}}, "/terms/taker_fee_rate", "between -1 and 1"),
        ({"settlement_price": "0"}, "/settlement_price", "greater than zero"),
        ({"terms": {"tick_size": "0"}}, "/terms/tick_size", "greater than zero"),
        ({"terms": {"max_leverage": "5"}}, "/leverage", "the max_leverage given"),
        ({"terms": {"ladder": []}}, "/terms/ladder", "1 to 500 rungs"),
        ({"positions": []}, "/positions", "at least one"),
        ({"levrage": "5"}, "/levrage", "Unknown field; known are instrument, product, "),
    ],
)
def test_bad_input_is_told_what_would_be_accepted(
    client: httpx.Client, change: dict[str, Any], pointer: str, words: str
) -> None:
    errors = refused(client, "position", {**LONG, **change})
    assert words in errors[pointer], errors


def test_a_ladder_with_holes_is_refused_rung_by_rung(client: httpx.Client) -> None:
    ladder = [
        {"floor": "-1", "cap": "500", "maintenance_margin_rate": "0.01", "max_leverage": "0"},
        {"floor": "600", "cap": "550", "initial_margin_rate": "2"},
    ]
    errors = refused(client, "position", {**EXPLICIT, "terms": {"ladder": ladder}})
    assert set(errors) == {
        "/terms/ladder/0/floor",
        "/terms/ladder/0/max_leverage",
        "/terms/ladder/1/cap",
        "/terms/ladder/1/floor",
        "/terms/ladder/1/maintenance_margin_rate",
        "/terms/ladder/1/initial_margin_rate",
    }


def test_all_that_no_negative_number_can_mean_is_named_at_once(client: httpx.Client) -> None:
    terms = {
        "maintenance_amount": "-1",
        "liquidation_fee_rate": "-0.01",
        "hourly_rate": "-0.01",
        "ladder": [{"floor": "0", "maintenance_margin_rate": "0.01", "maintenance_amount": "-1", "tier": -1}],
    }
    bad = {"/terms/maintenance_amount", "/terms/liquidation_fee_rate", "/terms/hourly_rate"}
    bad |= {"/terms/ladder/0/maintenance_amount", "/terms/ladder/0/tier"}
    assert set(refused(client, "borrow-interest", {"principal": "1", "hours": "1", "terms": terms})) == bad
    errors = refused(client, "position", {**LONG, "added_margin": "-1", "terms": terms})
    assert set(errors) == {"/added_margin", *bad}
    even = {"side": "long", "entry_price": "1", "leverage": "1001", "added_margin": "-1", "wallet_balance": "0"}
    errors = refused(client, "break-even", {**even, "terms": {"fee_rate": "0", **terms}})
    assert set(errors) == {"/leverage", "/added_margin", "/wallet_balance", *bad}


def test_no_charge_takes_the_whole_value(client: httpx.Client) -> None:
    terms = {"liquidation_fee_rate": "1", "maintenance_margin_rate": "1"}
    assert set(refused(client, "position", {**LONG, "terms": terms})) == {"/terms/liquidation_fee_rate"}


def test_an_account_put_to_a_calculator_of_one_position_is_named_beside_the_rest(client: httpx.Client) -> None:
    account = {"venue": "binance", "wallet_balance": "5", "atr": "-1"}
    leg = {"instrument": "BTCUSDT", "size": "-1", "entry_price": "1"}
    for calculator in ("margin", "liquidation-price"):
        errors = refused(client, calculator, {**account, "positions": [leg]})
        assert set(errors) == {"/positions", "/positions/0/size", "/atr"}


def test_contracts_need_their_size(client: httpx.Client) -> None:
    errors = refused(client, "position", {**EXPLICIT, "size_unit": "contracts"})
    assert "terms.contract_size" in errors["/size_unit"]
    assert refused(client, "fees", {"price": "1", "size": "1", "size_unit": "contracts", "terms": {"fee_rate": "0"}})


def test_an_account_names_each_bad_leg(client: httpx.Client) -> None:
    errors = refused(client, "position", {"venue": "binance", "leverage": "5", "positions": [{"size": "1"}]})
    assert set(errors) == {"/wallet_balance", "/leverage", "/positions/0/entry_price"}
    one = refused(
        client,
        "margin",
        {
            "venue": "binance",
            "wallet_balance": "5",
            "positions": [{"instrument": "BTCUSDT", "size": "1", "entry_price": "1"}],
        },
    )
    assert set(one) == {"/positions"}
    many = refused(client, "position", {**EXPLICIT, "other_positions": [EXPLICIT] * 201})
    assert set(many) == {"/other_positions"}


def test_every_bad_leg_is_named_at_once(client: httpx.Client) -> None:
    good = {"side": "long", "size": "1", "entry_price": "1", "mark_price": "1"}
    bad = [{**good, "instrument": "NOPE"}, {**good, "size_unit": "contracts", "terms": {}}]
    assert set(refused(client, "position", {**EXPLICIT, "venue": "binance", "other_positions": bad})) == {
        "/other_positions/0/instrument",
        "/other_positions/1/size_unit",
    }
    assert set(refused(client, "position", {"venue": "binance", "wallet_balance": "1", "positions": bad})) == {
        "/positions/0/instrument",
        "/positions/1/size_unit",
    }


def test_leverage_above_the_rung_says_up_to_what_size_it_is_granted(client: httpx.Client) -> None:
    errors = refused(client, "position", {**LONG, "size": "100", "leverage": "100"})
    assert "is granted up to" in errors["/leverage"]


def test_a_product_that_no_model_covers_is_refused(client: httpx.Client) -> None:
    assert "no margin model covers" in refused(client, "position", {**EXPLICIT, "product": "prediction"})["/product"]


@pytest.mark.parametrize("side", ["long", "short"])
@pytest.mark.parametrize("calculator", ["position", "margin", "liquidation-price"])
def test_an_option_is_not_margined_as_a_future(client: httpx.Client, calculator: str, side: str) -> None:
    option = {"venue": "kraken_futures", "instrument": "OF_XBTUSD", "side": side, "size": "1", "leverage": "10"}
    words = refused(client, calculator, {**option, "size_unit": "base", "entry_price": "500"})["/product"]
    assert "what a venue asks for a written one is not on file, and a bought one costs its premium" in words


def test_what_is_badly_formed_does_not_hide_what_is_badly_meant(client: httpx.Client) -> None:
    body = {"venue": "nowhere", "equity": "-1", "initial_margin": "a lot", "colour": "red"}
    assert {"/venue", "/initial_margin", "/colour"} <= refused(client, "account", body).keys()
    body = {"venue": "binance", "instrument": "BTCUSDT", "side": "up", "size": "-1", "entry_price": "62000"}
    assert refused(client, "position", body).keys() == {"/side", "/size"}


def test_what_only_a_badly_formed_field_leaves_missing_is_not_asked_for(client: httpx.Client) -> None:
    body = {"venue": "binance", "instrument": "BTCUSDT", "side": "long", "size": "1", "mark_price": "high"}
    assert refused(client, "position", body).keys() == {"/mark_price"}


@pytest.mark.parametrize("calculator", ["position", "margin", "liquidation-price", "adl-score"])
def test_amounts_names_and_limits_are_told_together(client: httpx.Client, calculator: str) -> None:
    bad = {**LONG, "mark_price": "62000", "atr": "-1", "residence": "nowhere"}
    both = {"/atr", "/residence"}
    assert set(refused(client, calculator, {**bad, "venue": "nowhere"})) == {*both, "/venue"}
    assert set(refused(client, calculator, {**bad, "instrument": "NOPE", "size": "0"})) == {
        *both,
        "/instrument",
        "/size",
    }
    assert set(refused(client, calculator, {**bad, "leverage": "200"})) == {*both, "/leverage"}
    others = [{"instrument": "NOPE", "size": "1", "entry_price": "5"}, {"instrument": "ETHUSDT", "size": "1"}]
    assert set(refused(client, calculator, {**bad, "other_positions": others})) == {
        *both,
        "/other_positions/0/instrument",
        "/other_positions/1/entry_price",
    }


def test_positions_of_an_account_are_told_together(client: httpx.Client) -> None:
    legs = [
        {"instrument": "NOPE", "size": "1", "entry_price": "5"},
        {"instrument": "BTCUSDT", "size": "1", "entry_price": "60000", "leverage": "900"},
        {"instrument": "BTCUSDT", "size": "-1", "entry_price": "60000", "leverage": "900"},
    ]
    assert set(refused(client, "position", {"venue": "binance", "positions": legs})) == {
        "/wallet_balance",
        "/positions/0/instrument",
        "/positions/1/leverage",
        "/positions/2/size",
    }
    nowhere = client.post("/v1/calculators/position", json={"venue": "nowhere", "positions": legs}).json()["errors"]
    assert [error["pointer"] for error in nowhere].count("/venue") == 1


@pytest.mark.parametrize(
    ("calculator", "change", "pointer"),
    [
        ("position", {"volume_30d_usd": "-1"}, "/volume_30d_usd"),
        ("position", {"open_interest": "-1"}, "/open_interest"),
        ("position", {"residence": "US-ZZ"}, "/residence"),
        ("position", {"product": "spot_margin"}, "/product"),
        (
            "position",
            {"other_positions": [{"instrument": "ETHUSDT", "product": "future", "size": "1", "entry_price": "3000"}]},
            "/other_positions/0/product",
        ),
        ("account", {"atr": "0"}, "/atr"),
        ("account", {"atr": "-1"}, "/atr"),
        ("fees", {"volume_30d_usd": "-1"}, "/volume_30d_usd"),
        ("break-even", {"volume_30d_usd": "-1"}, "/volume_30d_usd"),
    ],
)
def test_what_is_said_of_client_market_and_product_is_checked(
    client: httpx.Client, calculator: str, change: dict[str, Any], pointer: str
) -> None:
    bodies: dict[str, dict[str, Any]] = {
        "position": LONG,
        "account": {"wallet_balance": "1000", "positions": [{**LONG, "venue": None}]},
        "fees": {"venue": "binance", "instrument": "BTCUSDT", "price": "60000", "size": "1"},
        "break-even": {"venue": "binance", "instrument": "BTCUSDT", "side": "long", "entry_price": "60000"},
    }
    assert pointer in refused(client, calculator, {**bodies[calculator], **change})


def test_a_calculator_that_takes_no_terms_does_not_ask_for_them(client: httpx.Client) -> None:
    account = {"venue": "nowhere", "wallet_balance": "100", "initial_margin": "20"}
    sized = {"venue": "nowhere", "side": "long", "equity": "1000", "entry_price": "100", "stop_price": "90"}
    sized["risk_fraction"] = "0.01"
    for calculator, body in (("account", account), ("position-size", sized)):
        told = refused(client, calculator, body)["/venue"]
        assert told.endswith("name one of /v1/venues")
        assert refused(client, calculator, {**body, "colour": "red"})["/venue"] == told
    unlisted = refused(client, "position-size", {**sized, "venue": "binance", "instrument": "NOPE"})["/instrument"]
    assert unlisted.endswith("name an instrument of /v1/instruments")
    assert refused(client, "position", {**EXPLICIT, "venue": "nowhere", "terms": None})["/venue"].endswith("give terms")
