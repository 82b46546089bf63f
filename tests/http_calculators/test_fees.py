"""Fees over HTTP: schedules, charges per contract, spot."""

from __future__ import annotations

import httpx
import pytest

from tests.http_calculators.asking import D, ask, refused


def test_fees_follow_the_schedule_by_volume_and_liquidity(client: httpx.Client) -> None:
    body = {"venue": "binance", "instrument": "BTCUSDT", "price": "62000", "size": "1", "size_unit": "base"}
    taker, maker = (ask(client, "fees", {**body, "liquidity": liquidity}) for liquidity in ("taker", "maker"))
    assert D(maker["fee"]) < D(taker["fee"]) == 62000 * D(taker["fee_rate"])
    assert taker["tier"]
    assert taker["currency"] == "USDT"
    busy = ask(client, "fees", {**body, "volume_30d_usd": "1000000000"})
    assert D(busy["fee_rate"]) <= D(taker["fee_rate"])


def test_a_maker_is_in_the_dearest_group_for_makers(client: httpx.Client) -> None:
    body = {"venue": "okx", "instrument": "BTC-USDT-SWAP", "price": "62000", "size": "1", "size_unit": "base"}
    body["volume_30d_usd"] = "1600000000"
    taker, maker = (ask(client, "fees", {**body, "liquidity": liquidity}) for liquidity in ("taker", "maker"))
    assert (taker["tier"], taker["fee_rate"]) == ("VIP 7 (group 2)", "0.00025")
    assert (maker["tier"], maker["fee_rate"]) == ("VIP 7 (group 1)", "-0.00002")


def test_a_fee_that_leaves_the_stated_volume_out_says_so(client: httpx.Client) -> None:
    body = {"venue": "binance", "instrument": "BTCUSDT", "price": "62000", "size": "1", "size_unit": "base"}
    busy = ask(client, "fees", {**body, "volume_30d_usd": "30000000"})
    assert busy["tier"] == "VIP 0"
    assert "asks for more than the 30-day volume" in busy["approximations"][0]
    stated = {**body, "volume_30d_usd": "30000000", "terms": {"fee_rate": "0.0004"}}
    (note,) = ask(client, "fees", stated)["approximations"]
    assert note.endswith("volume_30d_usd")
    assert ask(client, "fees", body)["approximations"] == []


@pytest.mark.parametrize("calculator", ["fees", "break-even"])
def test_fees_are_those_of_the_place_where_the_client_lives(client: httpx.Client, calculator: str) -> None:
    asked = {"venue": "okx", "instrument": "BTC-USDT-SWAP"}
    fill = {"price": "62000", "size": "1", "size_unit": "base"}
    asked |= fill if calculator == "fees" else {"entry_price": "62000", "side": "long"}
    name = "fee_rate" if calculator == "fees" else "entry_fee_rate"
    assert ask(client, calculator, asked)[name] == "0.0005"
    assert ask(client, calculator, {**asked, "residence": "AE"})[name] == "0.0025"
    assert "no schedule on file for clients in DE has" in str(refused(client, calculator, {**asked, "residence": "DE"}))
    assert "/residence" in refused(client, calculator, {**asked, "residence": "Dubai"})


def test_fees_per_contract_add_exchange_clearing_nfa_and_commission(client: httpx.Client) -> None:
    body = {
        "venue": "kraken_derivatives_us",
        "product": "perpetual",
        "price": "1000",
        "size": "20",
        "size_unit": "contracts",
        "terms": {"contract_size": "0.01"},
    }
    assert ask(client, "fees", body)["contract_fee"] == "3"
    bare = ask(client, "fees", {**body, "size_unit": "base", "terms": {}})
    assert "per contract" in " ".join(bare["approximations"])


def test_a_spot_purchase_pays_in_the_coin_received(client: httpx.Client) -> None:
    body = {"product": "spot", "price": "102.8", "size": "0.01", "terms": {"fee_rate": "0.00025"}}
    assert ask(client, "fees", {**body, "side": "buy"})["fee"] == "0.0000025"
    assert ask(client, "fees", {**body, "side": "sell"})["fee"] == "0.000257"


@pytest.mark.parametrize(("venue", "symbol"), [("mexc", "BTC_USDT"), ("kucoin", "XBTUSDTM"), ("okx", "BTC-USDT-SWAP")])
def test_a_pair_that_bears_a_contracts_name_is_counted_in_coins(client: httpx.Client, venue: str, symbol: str) -> None:
    fill = {"venue": venue, "instrument": symbol, "product": "spot", "price": "60000", "size": "1"}
    bought, sold = (ask(client, "fees", {**fill, "side": side}) for side in ("buy", "sell"))
    assert bought["notional"] == sold["notional"] == "60000"
    assert (bought["fee"], bought["currency"]) == (bought["fee_rate"], "BTC")
    assert (D(sold["fee"]), sold["currency"]) == (60000 * D(sold["fee_rate"]), "USDT")


@pytest.mark.parametrize(
    ("venue", "symbol"), [("binance", "BTCUSD_PERP"), ("deribit", "BTC-PERPETUAL"), ("phemex", "BTCUSD")]
)
def test_no_pair_bears_the_name_of_an_inverse_contract(client: httpx.Client, venue: str, symbol: str) -> None:
    fill = {"venue": venue, "instrument": symbol, "product": "spot", "price": "60000", "size": "1"}
    assert "(inverse)" in refused(client, "fees", fill)["/product"]
    opened = {"venue": venue, "instrument": symbol, "product": "spot", "side": "long", "entry_price": "60000"}
    assert "(inverse)" in refused(client, "break-even", opened)["/product"]


def test_a_round_trip_of_a_spot_purchase_is_told_in_one_currency(client: httpx.Client) -> None:
    body = {"product": "spot", "price": "100", "exit_price": "110", "size": "10", "terms": {"fee_rate": "0.001"}}
    bought = ask(client, "fees", {**body, "side": "buy"})
    assert (bought["fee"], bought["exit_fee"], bought["round_trip_fee"]) == ("0.01", "1.1", "2.1")


def test_without_a_rate_there_is_no_fee(client: httpx.Client) -> None:
    assert "/terms/fee_rate" in refused(client, "fees", {"price": "1", "size": "1"})
    assert "/terms/taker_fee_rate" in refused(client, "break-even", {"side": "long", "entry_price": "1"})
    assert "/terms" in refused(client, "borrow-interest", {"principal": "1", "hours": "1"})
    assert "/terms" in refused(client, "borrow-interest", {"venue": "kucoin", "principal": "1", "hours": "1"})


def test_the_rate_of_an_option_is_said_to_be_of_its_underlying(client: httpx.Client) -> None:
    body = {"venue": "okx", "product": "option", "liquidity": "taker", "price": "60000", "size": "1"}
    answer = ask(client, "fees", body)
    assert answer["fee"] == "18"
    assert any("underlying's price" in note for note in answer["approximations"])


def test_a_fee_in_satoshi_is_rounded_toward_the_venue(client: httpx.Client) -> None:
    body = {"venue": "phemex", "instrument": "BTCUSD", "price": "18299", "size": "5", "size_unit": "quote"}
    paid, received = (ask(client, "fees", {**body, "terms": {"fee_rate": rate}}) for rate in ("0.00075", "-0.00075"))
    assert (paid["fee"], received["fee"]) == ("0.00000021", "-0.0000002")


def test_a_tax_on_fees_is_paid_by_the_clients_of_its_place_on_the_rates_of_the_schedule(client: httpx.Client) -> None:
    body = {"venue": "bybit", "instrument": "BTCUSDT", "price": "60000", "size": "1", "residence": "IN"}
    taxed = ask(client, "fees", body)
    assert (taxed["fee"], taxed["fee_rate"]) == ("38.94", "0.000649")
    assert any("goods and services tax of 18%" in one for one in taxed["approximations"])
    assert any(source.endswith("aobs_bybit_2026_07") for source in taxed["sources"])
    assert ask(client, "fees", {**body, "residence": "CH"})["fee"] == "33"
    stated = ask(client, "fees", {**body, "terms": {"fee_rate": "0.00055"}})
    assert stated["fee"] == "33"
    assert any("left aside" in one and "residence" in one for one in stated["approximations"])
    even = {"venue": "bybit", "instrument": "BTCUSDT", "side": "long", "entry_price": "60000", "residence": "IN"}
    assert ask(client, "break-even", even)["entry_fee_rate"] == "0.000649"


def test_fees_without_a_brokers_commission_say_so(client: httpx.Client) -> None:
    body = {"instrument": "PBUC", "price": "60000", "size": "10", "size_unit": "contracts"}
    alone = ask(client, "fees", {**body, "venue": "bitnomial"})
    assert any("what a broker takes is not counted" in one for one in alone["approximations"])
    assert ask(client, "fees", {**body, "venue": "kraken_derivatives_us"})["approximations"] == []


def test_a_fee_on_margin_is_told_before_the_venue_rounds_the_fee(client: httpx.Client) -> None:
    body = {"venue": "hyperliquid", "instrument": "MORPHO", "price": "0.023147", "size": "1", "leverage": "10"}
    assert ask(client, "fees", body)["fee_on_margin"] == "0.0045"


def test_charges_per_contract_are_paid_on_both_fills_and_count_on_margin(client: httpx.Client) -> None:
    """Three dollars of twenty contracts, and 0.1 percent of 200 dollars where a rate is given."""
    body = {"venue": "kraken_derivatives_us", "product": "perpetual", "price": "1000", "exit_price": "2000"}
    body |= {"size": "20", "size_unit": "contracts", "leverage": "10"}
    terms = {"contract_size": "0.01"}
    found = ask(client, "fees", {**body, "terms": terms})
    assert [found[name] for name in ("fee", "exit_fee", "round_trip_fee", "fee_on_margin")] == ["3", "3", "6", "0.15"]
    found = ask(client, "fees", {**body, "terms": {**terms, "fee_rate": "0.001"}})
    assert [found[name] for name in ("fee", "exit_fee", "round_trip_fee", "fee_on_margin")] == [
        "3.2",
        "3.4",
        "6.6",
        "0.16",
    ]


def test_a_client_who_has_not_traded_has_the_dearest_fee(client: httpx.Client) -> None:
    body = {"venue": "binance", "instrument": "BTCUSDT", "price": "1", "size": "1"}
    assert ask(client, "fees", {**body, "volume_30d_usd": "0"})["fee"] == ask(client, "fees", body)["fee"]
