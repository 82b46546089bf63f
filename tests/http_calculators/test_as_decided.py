"""A decision and the calculators reckon the same trade alike."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.http_calculators.asking import D, ask

CLIENT = {"residence": "AE", "client_class": "professional"}


def figures(client: httpx.Client, trade: dict[str, Any]) -> dict[str, Any]:
    reply = client.post("/v1/decisions?record=false", json={"client": CLIENT, **trade})
    assert reply.status_code == 200, reply.text
    found: dict[str, Any] = reply.json()["figures"]
    return found


@pytest.mark.parametrize(
    ("venue", "instrument", "other"),
    [
        # the fee to close counts as maintenance
        ("bybit", "ETHUSDT", "BTCUSDT"),
        ("phemex", "BTCUSDT", "SOLUSD"),
        # maintenance of no ladder: half of the initial rate, a slope, constants
        ("hyperliquid", "ETH", "BTC"),
        ("deribit", "SOL_USDC-PERPETUAL", "BTC_USDC-PERPETUAL"),
        ("kucoin", "WAXPUSDTM", "XBTUSDTM"),
        ("binance", "ETHUSDT", "BTCUSDT"),
    ],
)
def test_a_cross_position_ends_where_the_calculator_says_beside_another(
    client: httpx.Client, venue: str, instrument: str, other: str
) -> None:
    in_money = {"entry_price": "3000", "leverage": "5", "margin_mode": "cross"}
    beside = {"entry_price": "60000", "mark_price": "61000", "leverage": "3", "margin_mode": "cross"}
    leg = {"instrument": other, "side": "short", **beside}
    calculated = ask(
        client,
        "position",
        {
            "venue": venue,
            "instrument": instrument,
            "side": "long",
            "size": "2",
            "size_unit": "base",
            "mark_price": "3000",
            "wallet_balance": "4000",
            "client_class": CLIENT["client_class"],
            "residence": CLIENT["residence"],
            **in_money,
            "other_positions": [{"size": "0.3", "size_unit": "base", **leg}],
        },
    )
    decided = figures(
        client,
        {
            "venue": venue,
            "instrument": instrument,
            "side": "long",
            "quantity": "2",
            "market": {"mark_price": "3000"},
            "account": {
                "currency": "USDT",
                "wallet_balance": "4000",
                "equity": "3700",
                "positions": [{"venue": venue, "quantity": "0.3", **leg}],
            },
            **in_money,
        },
    )
    assert decided["liquidation_price"] is not None
    for name in ("liquidation_price", "bankruptcy_price", "margin_ratio", "maintenance_margin"):
        assert decided[name] == calculated[name], name


def test_nothing_says_where_an_account_ends_whose_other_positions_require_nobody_knows_what(
    client: httpx.Client,
) -> None:
    # the ladder of SOL-USDT-SWAP counts contracts, and how large one is stands nowhere
    own = {"side": "long", "entry_price": "60000", "leverage": "5", "margin_mode": "cross"}
    beside = {"side": "long", "entry_price": "3000", "mark_price": "3100", "leverage": "3", "margin_mode": "cross"}
    trade = {"venue": "okx", "instrument": "BTC-USDT-SWAP", **own}
    calculated = ask(
        client,
        "position",
        {
            **trade,
            "size": "0.1",
            "size_unit": "base",
            "mark_price": "60000",
            "wallet_balance": "4000",
            "other_positions": [{"instrument": "SOL-USDT-SWAP", "size": "1", "size_unit": "base", **beside}],
        },
    )
    unknown = ("liquidation", "liquidation_price", "margin_ratio", "liquidation_buffer", "other_requirement")
    assert [calculated[name] for name in unknown] == [None] * 5
    assert calculated["maintenance_margin"] is not None
    assert any("is not known either" in words for words in calculated["approximations"])
    decided = figures(
        client,
        {
            **trade,
            "quantity": "0.1",
            "market": {"mark_price": "60000"},
            "account": {
                "currency": "USDT",
                "wallet_balance": "4000",
                "equity": "4100",
                "positions": [{"venue": "okx", "instrument": "SOL-USDT-SWAP", "quantity": "1", **beside}],
            },
        },
    )
    assert decided["liquidation"] is None
    assert decided["liquidation_price"] is None


def test_a_short_below_one_tick_is_answered(client: httpx.Client) -> None:
    trade = {
        "venue": "kucoin",
        "instrument": "XBTUSDTM",
        "side": "short",
        "entry_price": "0.0238",
        "leverage": "3",
        "margin_mode": "isolated",
    }
    calculated = ask(client, "position", {**trade, "size": "1000", "size_unit": "base", "mark_price": "0.0238"})
    decided = figures(client, {**trade, "quantity": "1000", "market": {"mark_price": "0.0238"}})
    assert D(decided["liquidation_price"]) > D("0.0238")
    assert decided["liquidation_price"] == calculated["liquidation_price"]


@pytest.mark.parametrize("side", ["long", "short"])
@pytest.mark.parametrize("hours", ["4", "8", "25"])
def test_funding_is_never_better_than_it_may_turn_out(client: httpx.Client, side: str, hours: str) -> None:
    trade = {"venue": "binance", "instrument": "BTCUSDT", "side": side}
    calculated = ask(
        client,
        "funding",
        {
            **trade,
            "size": "0.5",
            "size_unit": "base",
            "mark_price": "62000",
            "funding_rate": "0.0001",
            "hours": hours,
        },
    )
    decided = figures(
        client,
        {
            **trade,
            "quantity": "0.5",
            "entry_price": "62000",
            "holding_hours": hours,
            "market": {"funding_rate": "0.0001"},
        },
    )
    assert -D(decided["funding_cost"]) == D(calculated["funding"])
    counted = {"4": (1, 0), "8": (1, 1), "25": (4, 3)}[hours][side == "short"]
    assert D(calculated["intervals"]) == counted


def test_funding_and_break_even_are_reckoned_alike_at_a_mark_price_that_is_not_the_entry(client: httpx.Client) -> None:
    trade = {"venue": "binance", "instrument": "BTCUSDT", "side": "short", "entry_price": "59000"}
    held = {"size": "2", "size_unit": "base", "mark_price": "60000", "funding_rate": "0.0003", "hours": "20"}
    calculated = ask(client, "break-even", {**trade, **held})
    decided = figures(
        client,
        {
            **trade,
            "quantity": "2",
            "holding_hours": "20",
            "market": {"mark_price": "60000", "funding_rate": "0.0003"},
        },
    )
    assert D(decided["funding_cost"]) == -D(calculated["funding"]) == -72
    assert D(decided["break_even_price"]) == D(calculated["break_even_price"])


@pytest.mark.parametrize("rate", ["0.02", "0.05", "0.5", "-0.5"])
def test_a_rate_stated_for_eight_hours_is_held_within_eight_hours_of_the_venues_bounds(
    client: httpx.Client, rate: str
) -> None:
    trade = {"venue": "hyperliquid", "instrument": "BTC", "side": "long"}
    calculated = ask(
        client,
        "funding",
        {**trade, "position_value": "31000", "funding_rate": rate, "hours": "24", "interval_hours": "8"},
    )
    decided = figures(
        client,
        {
            **trade,
            "notional": "31000",
            "entry_price": "62000",
            "holding_hours": "24",
            "market": {"funding_rate": rate, "funding_interval_hours": "8"},
        },
    )
    assert -D(decided["funding_cost"]) == D(calculated["funding"])
    assert (D(calculated["cap"]), D(calculated["floor"])) == (D("0.32"), D("-0.32"))


def test_break_even_counts_charges_per_contract_where_the_venue_has_no_rate(client: httpx.Client) -> None:
    trade = {"venue": "bitnomial", "instrument": "BUS", "side": "long", "entry_price": "62000"}
    calculated = ask(client, "break-even", {**trade, "size": "2", "size_unit": "base"})
    decided = figures(client, {**trade, "quantity": "2"})
    assert decided["break_even_price"] is not None
    assert calculated["break_even_price"] == decided["break_even_price"]
    assert (calculated["entry_fee_rate"], calculated["sources"] != []) == ("0", True)
    reply = client.post("/v1/calculators/break-even", json=trade)
    assert reply.status_code == 422
    assert [error["pointer"] for error in reply.json()["errors"]] == ["/size"]


@pytest.mark.parametrize("side", ["long", "short"])
@pytest.mark.parametrize("mark", ["80000", "62500", "61500", "30000"])
@pytest.mark.parametrize("venue", ["bitget", "okx", "hyperliquid"])
def test_the_place_in_the_queue_is_that_of_the_calculator(
    client: httpx.Client, venue: str, mark: str, side: str
) -> None:
    instrument = {"bitget": "BTCUSDT", "okx": "BTC-USDT-SWAP", "hyperliquid": "BTC"}[venue]
    trade = {"venue": venue, "instrument": instrument, "side": side, "entry_price": "62000", "leverage": "5"}
    decided = figures(client, {**trade, "margin_mode": "isolated", "quantity": "0.1", "market": {"mark_price": mark}})
    entered = {"entry_price": decided["entry_price"], "margin_mode": "isolated", "size": "0.1", "size_unit": "base"}
    calculated = ask(client, "adl-score", {**trade, **entered, "mark_price": mark, **CLIENT})
    assert decided["adl_score"] == calculated["score"]


@pytest.mark.parametrize(
    ("venue", "instrument"),
    [("deribit", "BTC-PERPETUAL"), ("okx", "BTC-USD-SWAP"), ("bybit", "BTCUSD"), ("binance", "BTCUSDT")],
)
@pytest.mark.parametrize("side", ["long", "short"])
@pytest.mark.parametrize("currency", ["BTC", "USD"])
def test_the_size_for_the_risk_of_a_trade_is_the_size_of_the_trade(
    client: httpx.Client, venue: str, instrument: str, side: str, currency: str
) -> None:
    trade = {
        "venue": venue,
        "instrument": instrument,
        "side": side,
        "entry_price": "62000",
        "stop_price": "50000" if side == "long" else "75000",
    }
    equity = "2" if currency == "BTC" else "100000"
    decided = figures(
        client, {**trade, "notional": "31000", "leverage": "5", "account": {"equity": equity, "currency": currency}}
    )
    sized = ask(
        client,
        "position-size",
        {
            **trade,
            "equity": equity,
            "currency": currency,
            "risk_fraction": decided["risk_fraction"],
            "fee_rate": "0",
        },
    )
    assert abs(D(sized["notional"]) - 31000) < D("1e-12")
    for name in ("loss_at_stop", "risk_fraction"):
        assert abs(D(sized[name]) - D(decided[name])) < D("1e-12"), name
    assert sized["currency"] == decided["currency"]


@pytest.mark.parametrize("hours", ["0.5", "4", "118.44"])
@pytest.mark.parametrize("side", ["long", "short"])
def test_interest_at_an_hourly_rate_follows_the_venues_rule(client: httpx.Client, hours: str, side: str) -> None:
    decided = figures(
        client,
        {
            "venue": "kraken",
            "instrument": "XBTUSDT",
            "product": "spot_margin",
            "side": side,
            "notional": "30000",
            "entry_price": "60000",
            "leverage": "5",
            "holding_hours": hours,
            "market": {"borrow_rate": "0.00002"},
        },
    )
    terms = {"hourly_rate": "0.00002"}
    calculated = ask(
        client, "borrow-interest", {"venue": "kraken", "principal": "30000", "hours": hours, "terms": terms}
    )
    assert decided["borrow_cost"] == calculated["interest"]
    assert "every 4 hours begun" in calculated["approximations"][0]


@pytest.mark.parametrize(("venue", "instrument"), [("kucoin", "XBTUSDTM"), ("bybit", "BTCUSDT"), ("bitget", "BTCUSDT")])
def test_positions_of_an_account_are_cross_unless_they_say_otherwise(
    client: httpx.Client, venue: str, instrument: str
) -> None:
    leg = {"instrument": instrument, "side": "long", "entry_price": "62000", "size": "0.01", "size_unit": "base"}
    leg |= {"mark_price": "61000", "leverage": "5"}
    other = {**leg, "side": "short", "size": "0.002"}
    account = {"venue": venue, "wallet_balance": "300"}
    cross = {"margin_mode": "cross"}
    said = ask(client, "position", {**account, "positions": [{**leg, **cross}, {**other, **cross}]})
    assert ask(client, "position", {**account, "positions": [leg, other]}) == said
    beside = ask(client, "position", {**account, **leg, "other_positions": [other]})
    stated = ask(client, "position", {**account, **leg, **cross, "other_positions": [{**other, **cross}]})
    assert any("reckoned as a cross account" in words for words in beside["approximations"])
    assert {name for name in beside if beside[name] != stated[name]} == {"approximations"}
    assert beside["liquidation_price"] == said["positions"][0]["liquidation_price"]
