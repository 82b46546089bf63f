"""What backs a position, told in several ways at once: ways that agree are told of, ways that do not are refused."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.http_calculators.asking import EXPLICIT, D, ask, refused

ISOLATED: dict[str, Any] = {
    "venue": "hyperliquid",
    "instrument": "ETH",
    "side": "long",
    "margin_mode": "isolated",
    "entry_price": "2986.3",
    "mark_price": "2985.9",
    "size": "0.0335",
    "size_unit": "base",
    "leverage": "20",
    "terms": {"contract_type": "linear", "max_leverage": "50"},
}
CROSS: dict[str, Any] = {
    "venue": "bitget",
    "instrument": "BTCUSDT",
    "side": "long",
    "margin_mode": "cross",
    "entry_price": "60000",
    "mark_price": "61000",
    "size": "0.1",
    "size_unit": "base",
    "leverage": "20",
    "terms": {"contract_type": "linear", "maintenance_margin_rate": "0.004", "taker_fee_rate": "0.0006"},
}
CASH = "-95.059824"


@pytest.mark.parametrize(
    ("base", "given", "pointer"),
    [
        (ISOLATED, {"cash_balance": CASH, "collateral": "40"}, "/collateral"),
        # the margin a venue shows with its profit is not the margin that was posted
        (ISOLATED, {"cash_balance": CASH, "collateral": "4.967826"}, "/collateral"),
        (ISOLATED, {"collateral": "40", "equity": "4.96"}, "/equity"),
        (ISOLATED, {"collateral": "40", "margin_ratio": "0.9"}, "/margin_ratio"),
        (ISOLATED, {"collateral": "40", "bankruptcy_price": "2837.6"}, "/bankruptcy_price"),
        (ISOLATED, {"wallet_balance": "1000", "equity": "4.96"}, "/equity"),
        (ISOLATED, {"collateral": "4.98", "unrealized_pnl": "-0.5"}, "/unrealized_pnl"),
        (CROSS, {"margin_ratio": "0.05", "wallet_balance": "1000"}, "/margin_ratio"),
        (CROSS, {"equity": "500", "wallet_balance": "1000"}, "/equity"),
        (CROSS, {"equity": "500", "bankruptcy_price": "50000"}, "/equity"),
        (CROSS, {"equity": "500", "unrealized_pnl": "50"}, "/unrealized_pnl"),
    ],
)
def test_inputs_that_cannot_all_be_true_are_refused(
    client: httpx.Client, base: dict[str, Any], given: dict[str, str], pointer: str
) -> None:
    found = refused(client, "position", {**base, **given})
    assert list(found) == [pointer]
    assert "does not agree with" in found[pointer]


@pytest.mark.parametrize(
    ("base", "exact", "beside"),
    [
        (ISOLATED, {"cash_balance": CASH}, {"collateral": "4.98"}),
        (ISOLATED, {"cash_balance": CASH}, {"equity": "4.967826"}),
        (ISOLATED, {"collateral": "4.98"}, {"equity": "4.967826"}),
        (ISOLATED, {"collateral": "4.98"}, {"wallet_balance": "1000"}),
        (ISOLATED, {"collateral": "4.98"}, {"added_margin": "1"}),
        (ISOLATED, {"bankruptcy_price": "2837.6"}, {"wallet_balance": "1000"}),
        (CROSS, {"wallet_balance": "461.2"}, {"margin_ratio": "0.05"}),
        (CROSS, {"wallet_balance": "400"}, {"equity": "500"}),
        (CROSS, {"wallet_balance": "400"}, {"collateral": "300"}),
        (CROSS, {"equity": "500"}, {"added_margin": "50"}),
    ],
)
def test_one_that_agrees_or_says_nothing_more_is_left_aside_and_said_to_be(
    client: httpx.Client, base: dict[str, Any], exact: dict[str, str], beside: dict[str, str]
) -> None:
    alone, both = (ask(client, "position", {**base, **given}) for given in (exact, {**exact, **beside}))
    for figure in ("margin", "liquidation_price", "initial_margin"):
        assert both[figure] == alone[figure]
    (said,) = set(both["approximations"]) - set(alone["approximations"])
    assert set(beside) <= set(said.split())


def test_two_amounts_agree_within_the_digits_of_both_and_a_thousandth(client: httpx.Client) -> None:
    body = {**EXPLICIT, "entry_price": "100.0000", "mark_price": "100.0000", "margin_mode": "isolated"}
    # 1,000 may be 0.5 off, the four places of the prices and of equity next to nothing
    assert ask(client, "position", {**body, "collateral": "1000", "equity": "1001.4000"})["margin"] == "1000"
    assert set(refused(client, "position", {**body, "collateral": "1000", "equity": "1001.6000"})) == {"/equity"}
    assert set(refused(client, "position", {**body, "collateral": "1000.0", "equity": "1001.4000"})) == {"/equity"}
    # 20 in whole units is not taken to be 0.5 off, but a half percent
    assert ask(client, "position", {**body, "collateral": "20", "equity": "20.1000"})["margin"] == "20"
    assert set(refused(client, "position", {**body, "collateral": "20", "equity": "20.3000"})) == {"/equity"}


def test_a_profit_that_agrees_with_the_mark_price_stands_beside_it(client: httpx.Client) -> None:
    body = {**ISOLATED, "collateral": "4.98"}
    assert ask(client, "position", {**body, "unrealized_pnl": "-0.0134"}) == ask(client, "position", body)


def test_equity_without_a_mark_price_cannot_be_held_against_a_balance(client: httpx.Client) -> None:
    body = {**CROSS, "mark_price": None, "wallet_balance": "400"}
    answer = ask(client, "position", {**body, "equity": "900"})
    assert answer["margin"] == "400"
    assert "without a mark price" in " ".join(answer["approximations"])


def test_a_loss_of_more_than_the_position_is_no_mark_price(client: httpx.Client) -> None:
    assert "more than" in refused(client, "position", {**EXPLICIT, "unrealized_pnl": "-1001"})["/unrealized_pnl"]


def test_a_cash_leg_is_of_an_isolated_position(client: httpx.Client) -> None:
    assert "isolated" in refused(client, "position", {**CROSS, "cash_balance": "-5600"})["/cash_balance"]


def test_an_account_is_told_one_balance(client: httpx.Client) -> None:
    leg = {name: CROSS[name] for name in ("instrument", "side", "entry_price", "mark_price", "size", "terms")}
    leg["size_unit"] = "base"
    account = {"venue": "bitget", "positions": [leg], "wallet_balance": "400"}
    for beside in ({"equity": "500"}, {"cash_balance": "-5600"}):
        answer = ask(client, "position", {**account, **beside})
        assert answer["account"]["wallet_balance"] == "400"
        assert "left aside" in " ".join(answer["approximations"])
    for beside in ({"equity": "900"}, {"cash_balance": "-5000"}):
        (pointer,) = beside
        assert "does not agree" in refused(client, "position", {**account, **beside})[f"/{pointer}"]
    for beside in ("added_margin", "margin_ratio", "bankruptcy_price", "unrealized_pnl"):
        assert f"/{beside}" in refused(client, "position", {**account, beside: "1"})
    assert "/other_positions" in refused(client, "position", {**account, "other_positions": [leg]})


def test_what_tells_all_that_backs_a_position_has_the_fee_to_close_in_it(client: httpx.Client) -> None:
    short = {
        "venue": "phemex",
        "side": "short",
        "margin_mode": "isolated",
        "entry_price": "60000",
        "mark_price": "60000",
        "size": "0.25",
        "size_unit": "base",
        "terms": {"contract_type": "linear", "maintenance_margin_rate": "0.005", "taker_fee_rate": "0.0006"},
    }
    told = ask(client, "position", {**short, "equity": "1500"})
    assert told["equity"] == "1500"
    # (15000 + 1500) / (0.25 * 1.0056)
    assert round(D(told["liquidation_price"]), 8) == round(D(16500) / D("0.2514"), 8)
    again = ask(client, "position", {**short, "margin_ratio": told["margin_ratio"]})
    assert D(again["liquidation_price"]) == D(told["liquidation_price"])
    reserve = ask(client, "position", {**short, "equity": "1500", "close_fee_reserve": "9"})
    assert reserve["equity"] == "1500"
    unknown = {**short, "equity": "1500", "terms": {"contract_type": "linear", "maintenance_margin_rate": "0.005"}}
    assert ask(client, "position", unknown)["equity"] == "1500"


def test_a_bankruptcy_price_tells_what_leaves_the_fee_there(client: httpx.Client) -> None:
    inverse = {
        "venue": "bybit",
        "side": "long",
        "margin_mode": "cross",
        "entry_price": "10000",
        "mark_price": "10500",
        "size": "500",
        "size_unit": "quote",
        "terms": {"contract_type": "inverse", "maintenance_margin_rate": "0.005", "taker_fee_rate": "0.00075"},
    }
    linear = {**inverse, "venue": "phemex", "size": "1", "size_unit": "base", "wallet_balance": "1000"}
    linear["terms"] = {**inverse["terms"], "contract_type": "linear"}
    isolated = {**linear, "margin_mode": "isolated", "collateral": "1000", "wallet_balance": None}
    for position in ({**inverse, "wallet_balance": "0.01"}, linear, isolated):
        told = ask(client, "position", position)
        back = {**position, "bankruptcy_price": told["bankruptcy_price"], "wallet_balance": None, "collateral": None}
        again = ask(client, "position", back)
        for name in ("bankruptcy_price", "liquidation_price", "margin"):
            assert abs(D(again[name]) - D(told[name])) < D("1e-12") * D(told[name]), name


def test_a_bankruptcy_price_of_a_hedge_counts_what_the_other_leg_loses(client: httpx.Client) -> None:
    leg = {"instrument": "BTCUSDT", "entry_price": "60000", "mark_price": "61000", "size_unit": "base"}
    hedge = {"venue": "binance", "margin_mode": "cross", "side": "long", "size": "2", **leg}
    hedge["other_positions"] = [{**leg, "side": "short", "size": "0.5"}]
    told = ask(client, "position", {**hedge, "wallet_balance": "20000"})
    again = ask(client, "position", {**hedge, "bankruptcy_price": told["bankruptcy_price"]})
    assert abs(D(again["liquidation_price"]) - D(told["liquidation_price"])) < D("1e-9")


def test_contradictions_and_a_leverage_beyond_its_rung_are_told_at_once(client: httpx.Client) -> None:
    asked = {
        "venue": "binance",
        "instrument": "BTCUSDT",
        "side": "long",
        "margin_mode": "cross",
        "entry_price": "60000",
        "mark_price": "61000",
        "size": "1",
        "size_unit": "base",
        "leverage": "500",
        "wallet_balance": "1000",
        "equity": "90000",
        "unrealized_pnl": "5",
    }
    assert {"/leverage", "/equity", "/unrealized_pnl"} <= set(refused(client, "position", asked))


def test_a_maintenance_amount_of_a_larger_bracket_is_refused(client: httpx.Client) -> None:
    long = {
        "venue": "binance",
        "side": "long",
        "entry_price": "100",
        "size": "120",
        "size_unit": "base",
        "margin_mode": "isolated",
        "collateral": "3000",
        "terms": {"contract_type": "linear", "maintenance_margin_rate": "0.10", "maintenance_amount": "1201"},
    }
    assert "1200" in refused(client, "position", long)["/terms/maintenance_amount"]
    # below 83.33 the amount is more than the rate asks for: there is no maintenance, and the end is bankruptcy
    within = {**long, "terms": {**long["terms"], "maintenance_amount": "1000"}}
    found = ask(client, "position", within)
    assert D(found["liquidation_price"]) == D(found["bankruptcy_price"]) == 75


def test_a_ratio_to_a_requirement_that_is_not_known_is_left_aside_and_said_to_be(client: httpx.Client) -> None:
    cross = {"venue": "gate", "margin_mode": "cross", "wallet_balance": "10", "margin_ratio": "5"}
    body = {**cross, "side": "long", "entry_price": "100", "mark_price": "100", "size": "1"}
    unknown = ask(client, "position", {**body, "terms": {"contract_type": "linear"}})
    assert (unknown["margin"], unknown["margin_ratio"]) == ("10", None)
    said = "margin_ratio is left aside: what is required of the position is not known"
    assert said in unknown["approximations"]
