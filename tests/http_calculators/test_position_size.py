"""Sizes over HTTP: the largest within a risk, and what bounds it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import httpx
import pytest

from api.openapi.examples_calculators import CALCULATOR_REQUESTS
from data.facts.vocabulary import Side
from rules.calculators.sizing import position_size
from rules.calculators.sizing_inputs import SizingInput
from tests.http_calculators.asking import D, ask, refused
from tests.rules.world import knowledge_of


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
        ("ladder", "2000000")
    ]


def test_a_size_needs_a_stop_that_is_a_loss(client: httpx.Client) -> None:
    body = CALCULATOR_REQUESTS["position-size"]["one percent of equity at risk"]
    errors = refused(
        client, "position-size", {**body, "side": "short", "risk_fraction": "0", "fee_rate": "1", "leverage": "2000"}
    )
    assert set(errors) == {"/stop_price", "/risk_fraction", "/fee_rate", "/leverage"}
    assert errors["/stop_price"] == "must be above entry_price for a short"
    above = refused(client, "position-size", {**body, "stop_price": str(D(body["entry_price"]) + 1)})
    assert above == {"/stop_price": "must be below entry_price for a long"}
    assert "/stop_price" in refused(client, "position-size", {**body, "stop_price": body["entry_price"]})


INVERSE: dict[str, Any] = {
    "risk_fraction": "0.01",
    "entry_price": "60000",
    "fee_rate": "0.0005",
    "slippage": "0.001",
    "venue": "deribit",
    "instrument": "BTC-PERPETUAL",
}


def lost_in_coin(body: dict[str, Any], notional: Decimal, stop: Decimal) -> Decimal:
    """Return what `notional` dollars of an inverse contract lose at a stop: `Q (1/P - 1/E)` for a long, and fees."""
    long, entry = body["side"] == "long", D(body["entry_price"])
    fill = stop * (1 - D(body["slippage"]) if long else 1 + D(body["slippage"]))
    moved = notional * (1 / fill - 1 / entry) * (1 if long else -1)
    return moved + D(body["fee_rate"]) * notional * (1 / entry + 1 / fill)


@pytest.mark.parametrize(("side", "stop"), [("long", "45000"), ("short", "80000")])
@pytest.mark.parametrize(("currency", "equity"), [("BTC", "2"), ("USD", "120000"), (None, "120000")])
def test_an_inverse_contract_loses_in_coin_and_the_risk_is_kept_in_the_account_s_money(
    client: httpx.Client, side: str, stop: str, currency: str | None, equity: str
) -> None:
    body = {**INVERSE, "side": side, "equity": equity, "currency": currency, "leverage": "3"}
    found = ask(client, "position-size", {**body, "stop_price": stop})
    coins = lost_in_coin(body, D(found["notional"]), D(stop))
    assert abs(D(found["loss_at_stop"]) - coins) < D("1e-15")
    fill = D(stop) * (D("0.999") if side == "long" else D("1.001"))
    risked = D(equity) * D("0.01")
    assert abs((coins if currency == "BTC" else coins * fill) - risked) < D("1e-12")
    assert abs(D(found["loss_of_equity"]) - risked) < D("1e-15")
    assert abs(D(found["risk_fraction"]) - D("0.01")) < D("1e-17")
    assert (found["currency"], found["equity_currency"]) == ("BTC", currency or "USD")
    assert abs(D(found["initial_margin"]) - D(found["notional"]) / 60000 / 3) < D("1e-17")
    worth = D(equity) * (60000 if currency == "BTC" else 1)
    assert [D(cap["notional"]) for cap in found["caps"] if cap["name"] == "leverage"] == [worth * 3]
    assert abs(D(found["leverage_needed"]) - D(found["notional"]) / worth) < D("1e-17")
    said = "taken to be in USD" in " ".join(found["approximations"])
    assert said is (currency is None)
    back = ask(client, "position-size", {**body, "notional": found["notional"]})
    assert abs(D(back["stop_price"]) - D(stop)) < D("1e-10")
    assert abs(D(back["loss_at_stop"]) - coins) < D("1e-15")


def test_a_linear_contract_may_be_sized_by_equity_in_coin(client: httpx.Client) -> None:
    body = {**INVERSE, "venue": "binance", "instrument": "BTCUSDT", "side": "long", "equity": "2", "currency": "btc"}
    found = ask(client, "position-size", {**body, "stop_price": "45000"})
    fill = D("45000") * D("0.999")
    quantity = D(found["quantity"])
    dollars = quantity * (60000 - fill) + D("0.0005") * quantity * (60000 + fill)
    assert abs(dollars / fill - D("0.02")) < D("1e-17")
    assert abs(D(found["loss_at_stop"]) - dollars) < D("1e-12")
    assert (found["currency"], found["equity_currency"]) == ("USDT", "btc")


def test_a_short_counted_in_coin_cannot_lose_more_than_it_is_worth(client: httpx.Client) -> None:
    body = {**INVERSE, "side": "short", "equity": "2", "currency": "BTC", "risk_fraction": "0.5", "slippage": "0"}
    found = ask(client, "position-size", {**body, "notional": "30000"})
    assert (found["stop_price"], found["loss_of_equity"], found["loss_at_stop"]) == (None, "0.50025", "0.50025")
    assert "even the highest price" in " ".join(found["approximations"])
    long = ask(client, "position-size", {**body, "side": "long", "notional": "30000"})
    assert abs(lost_in_coin({**body, "side": "long"}, D(30000), D(long["stop_price"])) - 1) < D("1e-15")
    # a long counted in dollars ends at zero, where its loss in coin has no bound
    dollars = {**body, "side": "long", "equity": "100000", "currency": "USD"}
    free = ask(client, "position-size", {**dollars, "notional": "30000"})
    assert (free["stop_price"], free["loss_of_equity"], free["loss_at_stop"]) == (None, "30015", None)


@pytest.mark.parametrize(
    ("venue", "instrument", "limit"),
    [
        ("phemex", "BTCUSD", ["9000000"]),
        # the recording of Bybit's ladder stops, and for Deribit there is none
        ("bybit", "BTCUSD", []),
        ("deribit", "BTC-PERPETUAL", []),
    ],
)
def test_the_ladder_of_an_inverse_contract_bounds_its_dollars(
    client: httpx.Client, venue: str, instrument: str, limit: list[str]
) -> None:
    body = {**INVERSE, "venue": venue, "instrument": instrument, "side": "long", "stop_price": "59000"}
    found = ask(client, "position-size", {**body, "equity": "1000000", "leverage": "20", "risk_fraction": "0.5"})
    caps = [cap for cap in found["caps"] if cap["name"] == "ladder"]
    assert [cap["notional"] for cap in caps] == limit
    assert all(cap["binds"] for cap in caps)


def test_a_leverage_that_no_rung_grants_is_refused(client: httpx.Client) -> None:
    body = {**INVERSE, "venue": "phemex", "instrument": "BTCUSD", "side": "long", "equity": "1000"}
    errors = refused(client, "position-size", {**body, "stop_price": "61000", "leverage": "101"})
    assert set(errors) == {"/stop_price", "/leverage"}
    assert "at most 100" in errors["/leverage"]
    assert ask(client, "position-size", {**body, "stop_price": "59000", "leverage": "100"})["caps"]


@pytest.mark.parametrize(
    ("change", "pointer", "words"),
    [
        ({"currency": "ETH"}, "/currency", "must be USD or BTC"),
        ({"currency": "BTC", "venue": None, "instrument": None}, "/currency", "without venue and instrument"),
    ],
)
def test_equity_in_money_that_no_price_of_the_trade_turns_is_refused(
    client: httpx.Client, change: dict[str, Any], pointer: str, words: str
) -> None:
    body = {**INVERSE, "side": "long", "equity": "2", "stop_price": "59000", "risk_fraction": "0"}
    errors = refused(client, "position-size", {**body, **change})
    assert words in errors[pointer]
    assert set(errors) == {pointer, "/risk_fraction"}


def test_hyperliquid_ends_no_ladder(client: httpx.Client) -> None:
    body = {**INVERSE, "venue": "hyperliquid", "instrument": "BTC", "side": "long", "equity": "2000"}
    assert ask(client, "position-size", {**body, "stop_price": "59000"})["caps"] == []


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
        assert all(0 <= 10 - D(one["loss_at_stop"]) < D("1e-15") for one in (back, sized))  # never more than the risk


CAPPED = {"equity": "1000", "risk_fraction": "0.01", "entry_price": "60000", "stop_price": "59400", "side": "long"}


def test_a_leverage_above_the_venues_flat_cap_is_refused_as_a_decision_denies_it(client: httpx.Client) -> None:
    deribit = {**CAPPED, "venue": "deribit", "instrument": "BTC-PERPETUAL"}
    assert refused(client, "position-size", {**deribit, "leverage": "500"}) == {
        "/leverage": "must be at most 50, which is the venue's cap"
    }
    assert ask(client, "position-size", {**deribit, "leverage": "50"})["initial_margin"]
    okx = {**CAPPED, "venue": "okx", "instrument": "BTC-USD-SWAP", "leverage": "6"}
    retail = {"residence": "AE", "client_class": "retail"}
    assert "at most 5," in refused(client, "position-size", {**okx, **retail})["/leverage"]
    decided = client.post(
        "/v1/decisions?record=false",
        json={"venue": "okx", "instrument": "BTC-USD-SWAP", "side": "long", "leverage": "6", "client": retail},
    ).json()
    [cap] = [one for one in decided["findings"] if one["rule"] == "limits.leverage_cap"]
    assert (cap["outcome"], cap["limit"]) == ("fail", "5")


def test_caps_for_clients_who_may_be_meant_are_told_and_do_not_refuse(client: httpx.Client) -> None:
    okx = {**CAPPED, "venue": "okx", "instrument": "BTC-USD-SWAP", "leverage": "6"}
    told = ask(client, "position-size", okx)["approximations"]
    assert (
        "the venue's cap for retail clients in AE is 5x; whether it is this client's, residence and client_class would"
        " tell"
    ) in told
    told = ask(client, "position-size", {**okx, "residence": "AE"})["approximations"]
    assert any("for retail clients in AE is 5x; whether it is this client's, client_class would" in one for one in told)
    assert not any("cap" in one for one in ask(client, "position-size", {**okx, "leverage": "5"})["approximations"])


def test_all_equity_at_a_leverage_leaves_a_risk_over_leverage_to_the_stop(client: httpx.Client) -> None:
    found = ask(client, "position-size", {**SIZED, "leverage": "10"})
    assert (found["notional"], found["leverage_needed"]) == ("10000", "10")
    assert (found["stop_distance"], found["stop_price"]) == ("0.001", "99.9")


def test_a_size_too_small_to_lose_the_risk_needs_no_stop(client: httpx.Client) -> None:
    found = ask(client, "position-size", {**SIZED, "notional": "8", "fee_rate": "0.01"})
    assert found["stop_price"] is found["stop_distance"] is None
    assert found["loss_at_stop"] == "8.08"
    assert "no stop is needed" in " ".join(found["approximations"])
    levered = ask(client, "position-size", {**SIZED, "notional": "8", "fee_rate": "0.01", "leverage": "10"})
    assert levered["stop_price"] is None
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


def test_the_ladder_is_that_of_the_client(client: httpx.Client) -> None:
    body = {
        "venue": "kraken_futures",
        "instrument": "PI_XBTUSD",
        "side": "long",
        "entry_price": "62000",
        "stop_price": "60500",
        "equity": "2",
        "currency": "BTC",
        "risk_fraction": "0.01",
        "fee_rate": "0.0005",
        "leverage": "20",
    }
    assert refused(client, "position-size", body) == {
        "/leverage": "must be at most 2: the ladder grants more at no size"
    }
    sized = ask(client, "position-size", {**body, "client_class": "professional"})
    assert sized["caps"][1]["name"] == "ladder"
    there = {**body, "client_class": "professional", "residence": "DE"}
    assert "at most 10, which is the venue's cap" in refused(client, "position-size", there)["/leverage"]
    there = ask(client, "position-size", {**there, "leverage": "10"})
    assert [cap["name"] for cap in there["caps"]] == ["leverage"]
    assert any("not those of clients in DE" in note for note in there["approximations"])
    assert set(refused(client, "position-size", {**body, "client_class": "professional", "residence": "nowhere"})) == {
        "/residence"
    }


def test_a_size_beyond_the_recorded_ladder_is_said_to_be(client: httpx.Client) -> None:
    body = {
        "venue": "bybit",
        "instrument": "BTCUSD",
        "side": "long",
        "entry_price": "62000",
        "stop_price": "61999",
        "currency": "BTC",
        "risk_fraction": "0.5",
        "fee_rate": "0",
        "leverage": "50",
    }
    told = "the recorded ladder stops below the venue's last rung; the rate above it is not known"
    assert told in ask(client, "position-size", {**body, "equity": "100"})["approximations"]
    assert ask(client, "position-size", {**body, "equity": "1"})["approximations"] == []
    untiered = {**body, "equity": "1", "venue": "okx", "instrument": "BTC-USD-SWAP"}
    assert any("no margin tiers" in note for note in ask(client, "position-size", untiered)["approximations"])


def test_a_contract_that_has_expired_is_refused_whatever_its_ladder_grants(client: httpx.Client) -> None:
    body = CALCULATOR_REQUESTS["position-size"]["one percent of equity at risk"]
    errors = refused(client, "position-size", {**body, "venue": "binance", "instrument": "BTCUSDT_260925"})
    assert set(errors) == {"/instrument"}


@pytest.mark.parametrize(
    ("given", "ends"),
    [
        # 60,000 (1 - 1/50) / (1 - 0.4%) in Binance's first rung, and its mirror
        ({"leverage": "50"}, "liquidated at 59036.145, before the stop"),
        ({"leverage": "50", "side": "short", "stop_price": "66000"}, "liquidated at 60956.175, before the stop"),
        ({"leverage": "50", "stop_price": "59036.2"}, None),
        ({"leverage": "50", "side": "short", "stop_price": "60956.1"}, None),
        ({"leverage": "5"}, None),
        ({}, None),
        ({"leverage": "50", "stop_price": None, "notional": "1000"}, "before the stop"),
        ({"leverage": "50", "stop_price": None, "notional": "10000", "risk_fraction": "0.01"}, None),
        # of no market, the margin itself: a fiftieth of the price
        ({"leverage": "50", "venue": None, "instrument": None}, "without any margin left at 58800, before the stop"),
        ({"leverage": "0.5", "venue": None, "instrument": None}, None),
        # an inverse contract without tiers on file: 60,000 / (1 + 1/50) and 60,000 / (1 - 1/50)
        ({"leverage": "50", "venue": "okx", "instrument": "BTC-USD-SWAP"}, "58823.529"),
        (
            {"leverage": "50", "venue": "okx", "instrument": "BTC-USD-SWAP", "side": "short", "stop_price": "66000"},
            "61224.49",
        ),
        # Kalshi asks for more margin than a fiftieth
        ({"leverage": "50", "venue": "kalshi", "instrument": "KXBTCPERP"}, "liquidated at 56443.114, before the stop"),
        # Deribit is known for cross margin alone
        ({"leverage": "50", "venue": "deribit", "instrument": "BTC-PERPETUAL"}, None),
    ],
)
def test_a_size_is_said_to_end_before_its_stop_where_an_isolated_position_of_it_does(
    client: httpx.Client, given: dict[str, Any], ends: str | None
) -> None:
    body = {"equity": "10000", "risk_fraction": "0.01", "entry_price": "60000", "side": "long", "stop_price": "54000"}
    asked = {**body, "venue": "binance", "instrument": "BTCUSDT", "fee_rate": "0", **given}
    found = ask(client, "position-size", {name: value for name, value in asked.items() if value is not None})
    said = [words for words in found["approximations"] if "isolated at this leverage" in words]
    assert [ends in words for words in said] == ([] if ends is None else [True]), said


def test_an_option_has_no_leverage_and_no_margin_of_a_futures_kind(client: httpx.Client) -> None:
    body = {**CAPPED, "entry_price": "3000", "stop_price": "2000", "fee_rate": "0"}
    option = {**body, "venue": "kraken_futures", "instrument": "OF_XBTUSD"}
    (words,) = refused(client, "position-size", {**option, "leverage": "50"}).values()
    assert words.startswith("must be left out: no margin model covers options")
    assert "a bought one costs its premium" in words
    found = ask(client, "position-size", option)
    assert (found["notional"], found["initial_margin"], found["caps"]) == ("30", None, [])


def test_where_no_margin_model_is_on_file_the_margin_itself_tells_what_ends_before_the_stop() -> None:
    """A fiftieth of the price, and not a liquidation price by the form of another venue."""
    known = knowledge_of(date(2026, 11, 21), {"margin_model": "none", "ladder": "none"})
    asked = SizingInput(
        venue="binance",
        instrument="BTCUSDT",
        side=Side.LONG,
        equity=D(10000),
        risk_fraction=D("0.01"),
        entry_price=D(60000),
        stop_price=D(54000),
        leverage=D(50),
    )
    assert "without any margin left at 58800" in " ".join(position_size(asked, known).approximations)
