"""Collateral: the margin that bears losses, or the figure a venue shows, which may contain a fee reserve."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.http_calculators.asking import D, ask

RATES = {"contract_type": "linear", "maintenance_margin_rate": "0.005", "taker_fee_rate": "0.0006"}
KUCOIN = {
    "venue": "kucoin",
    "instrument": "ETHUSDTM",
    "side": "long",
    "margin_mode": "isolated",
    "entry_price": "4182.10",
    "size": "0.02",
    "size_unit": "base",
    "leverage": "23",
    "terms": {**RATES, "funding_rate": "0.000428"},
}
BARE = "a fee reserve"


def _told(answer: dict[str, Any]) -> str:
    return " ".join(answer["approximations"])


@pytest.mark.parametrize("venue", ["kucoin", "bybit", "bitmex", "mexc"])
def test_the_reserve_in_the_margin_shown_bears_no_loss(client: httpx.Client, venue: str) -> None:
    asked = {**KUCOIN, "venue": venue, "instrument": "ETHXYZ"}
    bare = ask(client, "position", asked)
    assert BARE not in _told(bare)
    shown = ask(client, "position", {**asked, "collateral": bare["assigned_margin"]})
    assert "the reserve bears no loss and is left out" in _told(shown)
    for figure in ("liquidation_price", "bankruptcy_price", "margin", "initial_margin", "maintenance_margin"):
        assert shown[figure] == bare[figure]


def test_margin_added_counts_with_the_margin_shown(client: httpx.Client) -> None:
    added = ask(client, "position", {**KUCOIN, "added_margin": "2"})
    shown = ask(client, "position", {**KUCOIN, "added_margin": "2", "collateral": added["assigned_margin"]})
    assert shown["liquidation_price"] == added["liquidation_price"]


def test_margin_at_the_leverage_bears_losses_and_nothing_is_to_be_said(client: httpx.Client) -> None:
    bare = ask(client, "position", {**KUCOIN, "leverage": "20"})
    given = ask(client, "position", {**KUCOIN, "leverage": "20", "collateral": "4.1821"})
    assert given["liquidation_price"] == bare["liquidation_price"]
    assert BARE not in _told(given)


def test_without_a_fee_there_is_no_reserve_to_leave_out(client: httpx.Client) -> None:
    free = {**KUCOIN, "leverage": "20", "collateral": "4.1821", "terms": {**RATES, "taker_fee_rate": "0"}}
    found = ask(client, "position", free)
    assert found["margin"] == found["assigned_margin"] == "4.1821"
    assert "the reserve bears no loss" not in _told(found)


def test_where_the_fee_to_close_bears_losses_it_is_not_added_again(client: httpx.Client) -> None:
    asked = {**KUCOIN, "venue": "phemex", "instrument": "ETHXYZ"}
    bare = ask(client, "position", asked)
    shown = ask(client, "position", {**asked, "collateral": bare["assigned_margin"]})
    assert "it is not added again" in _told(shown)
    assert shown["liquidation_price"] == bare["liquidation_price"]
    other = ask(client, "position", {**asked, "collateral": "3.8"})
    assert "without the fee to close" in _told(other)


@pytest.mark.parametrize(
    "change",
    [
        {"collateral": "3.8"},  # neither
        {"collateral": "4"},  # too few digits to tell
        {"collateral": "3.68897586", "leverage": None},
        {"collateral": "3.68897586", "terms": {**RATES, "taker_fee_rate": None}},
    ],
)
def test_where_it_cannot_be_told_the_answer_says_what_it_took(client: httpx.Client, change: dict[str, Any]) -> None:
    answer = ask(client, "position", {**KUCOIN, **change})
    assert D(answer["margin"]) == D(change["collateral"])
    assert "its fee reserve must be left out" in _told(answer)


def test_a_venue_that_reserves_nothing_is_asked_nothing(client: httpx.Client) -> None:
    answer = ask(client, "position", {**KUCOIN, "venue": "binance", "instrument": "ETHUSDT", "collateral": "3.8"})
    assert BARE not in _told(answer)


def test_an_isolated_leg_of_an_account_is_read_alike(client: httpx.Client) -> None:
    leg = {name: KUCOIN[name] for name in KUCOIN if name != "venue"}
    account = {"venue": "kucoin", "wallet_balance": "100", "positions": [{**leg, "collateral": "3.68897586"}]}
    (found,) = ask(client, "position", account)["positions"]
    assert "the reserve bears no loss and is left out" in _told(found)
    assert found["liquidation_price"] == ask(client, "position", KUCOIN)["liquidation_price"]


def test_a_whole_number_that_is_the_shown_margin_exactly_is_recognised(client: httpx.Client) -> None:
    body = {
        "venue": "bybit",
        "instrument": "AAVEUSDT",
        "side": "long",
        "leverage": "3",
        "margin_mode": "isolated",
        "entry_price": "100",
        "size": "100",
        "size_unit": "base",
    }
    bare = ask(client, "position", body)
    shown = ask(client, "position", {**body, "collateral": bare["initial_margin"]})
    assert bare["initial_margin"] == "3337"
    assert shown["liquidation_price"] == bare["liquidation_price"]


def test_collateral_of_a_position_that_the_wallet_backs_is_no_margin_shown(client: httpx.Client) -> None:
    cross = {**KUCOIN, "venue": "bitmex", "instrument": "ETHXYZ", "margin_mode": "cross", "wallet_balance": "50"}
    bare = ask(client, "position", cross)
    given = ask(client, "position", {**cross, "collateral": "4"})
    assert given["liquidation_price"] == bare["liquidation_price"]
    assert BARE not in _told(given)
    assert "left aside" in _told(given)
