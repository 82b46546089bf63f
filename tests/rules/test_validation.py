"""Bad input is named, every field at once; unwise input is not bad input."""

from __future__ import annotations

from datetime import date

import msgspec
import pytest

from data.facts.amounts import Amount, parse_amount
from data.facts.iso_3166 import COUNTRIES, SUBDIVISIONS, is_country, is_place
from rules.terms.spelling import coin_on_file
from rules.trade import ProposedTrade
from rules.validation import contradicting_marks, misspelt_instrument, problems_of, unknown_names
from tests.rules.world import on

GOOD = {
    "venue": "binance",
    "instrument": "BTCUSDT",
    "side": "long",
    "notional": "31000",
    "entry_price": "62000",
    "leverage": "5",
    "stop_price": "60500",
    "client": {"residence": "US-NY"},
    "account": {
        "equity": "50000",
        "positions": [
            {"venue": "bybit", "instrument": "ETHUSDT", "side": "long", "quantity": "10", "entry_price": "3000"}
        ],
    },
    "market": {
        "mark_price": "62010",
        "funding_rate": "-0.0001",
        "order_book": {"bids": [["61990", "12.5"], ["61980", "1"]], "asks": [["62010", "3.1"], ["62020", "1"]]},
        "liquidation_clusters": [{"price": "60140", "notional": "200000000"}],
    },
}


def hook(kind: type, value: object) -> object:
    if kind is Amount:
        return parse_amount(value)
    raise NotImplementedError


def trade(**changes: object) -> ProposedTrade:
    return msgspec.convert({**GOOD, **changes}, ProposedTrade, dec_hook=hook)


def pointers(**changes: object) -> list[str]:
    return [pointer for pointer, _ in problems_of(trade(**changes))]


def test_a_good_trade_has_no_problem():
    assert problems_of(trade()) == ()


def test_all_problems_come_at_once_each_with_its_pointer():
    found = pointers(
        venue="Binance!",
        instrument=" ",
        client={"residence": "XX", "location": "US-ZZ", "nationality": "US-NY"},
        quantity="1",
        leverage="0",
        stop_price="-1",
        added_margin="-5",
        holding_hours="-1",
        intermediary="No Such",
        conditions_met=["fine", "not fine"],
        account={
            "equity": "-1",
            "currency": "$",
            "volume_30d_usd": "-2",
            "positions": [
                {
                    "venue": "A",
                    "instrument": "",
                    "side": "long",
                    "quantity": "0",
                    "entry_price": "0",
                    "mark_price": "-1",
                    "leverage": "0",
                    "collateral": "-1",
                }
            ],
        },
        market={
            "mark_price": "0",
            "index_price": "-1",
            "atr": "0",
            "daily_range": "0",
            "open_interest": "-1",
            "funding_rate": "1",
            "funding_interval_hours": "0",
            "borrow_rate": "1",
            "order_book": {"bids": [["100", "1"], ["101", "0"]], "asks": [["99", "1"], ["99", "1"], ["0", "1"]]},
            "liquidation_clusters": [{"price": "0", "notional": "0"}],
        },
    )
    assert found == [
        "/venue",
        "/instrument",
        "/intermediary",
        "/client/residence",
        "/client/location",
        "/client/nationality",
        "/quantity",
        "/leverage",
        "/stop_price",
        "/added_margin",
        "/holding_hours",
        "/conditions_met/1",
        "/account/currency",
        "/account/equity",
        "/account/volume_30d_usd",
        "/account/positions/0/venue",
        "/account/positions/0/instrument",
        "/account/positions/0/quantity",
        "/account/positions/0/entry_price",
        "/account/positions/0/mark_price",
        "/account/positions/0/leverage",
        "/account/positions/0/collateral",
        "/market/mark_price",
        "/market/index_price",
        "/market/atr",
        "/market/daily_range",
        "/market/open_interest",
        "/market/funding_rate",
        "/market/funding_interval_hours",
        "/market/borrow_rate",
        "/market/order_book/bids/1/1",
        "/market/order_book/bids/1/0",
        "/market/order_book/asks/1/0",
        "/market/order_book/asks/2/0",
        "/market/order_book/asks/2/0",
        "/market/order_book",
        "/market/liquidation_clusters/0/price",
        "/market/liquidation_clusters/0/notional",
    ]


def test_a_stop_on_the_wrong_side_is_for_a_rule_to_judge():
    assert problems_of(trade(stop_price="70000")) == ()


@pytest.mark.parametrize("book", ["order_book", "previous_order_book"])
def test_a_locked_book_is_crossed(book):
    market = {book: {"bids": [["100", "1"]], "asks": [["100", "1"]]}}
    assert pointers(market=market) == [f"/market/{book}"]


def test_one_sided_and_empty_books_are_books():
    assert pointers(market={"order_book": {"bids": [["100", "1"]]}}) == []
    assert pointers(market={"order_book": {}}) == []


def test_too_many_of_anything_is_named_once():
    level = [["1", "1"]] * 5001
    held = GOOD["account"]["positions"] * 1001
    cluster = [{"price": "1", "notional": "1"}] * 1001
    assert pointers(market={"order_book": {"bids": level}}) == ["/market/order_book/bids"]
    assert pointers(account={"positions": held}) == ["/account/positions"]
    assert pointers(market={"liquidation_clusters": cluster}) == ["/market/liquidation_clusters"]
    assert pointers(conditions_met=["a"] * 101) == ["/conditions_met"]
    assert pointers(conditions_met=["not:a", "b", "a", "not:c"]) == ["/conditions_met/0"]
    assert pointers(conditions_met=["a", "not:not:b"]) == ["/conditions_met/1"]
    assert pointers(leverage="1000.5", holding_hours="90000") == ["/leverage", "/holding_hours"]


def test_names_that_the_release_lacks_are_named():
    facts = on(date(2026, 11, 21))
    assert unknown_names(trade(), facts) == ()
    position = GOOD["account"]["positions"][0]
    strange = trade(
        venue="nowhere",
        instrument="WHATEVER",
        account={"positions": [{**position, "venue": "nowhere"}, {**position, "instrument": "NOSUCH"}, position]},
    )
    assert [pointer for pointer, _ in unknown_names(strange, facts)] == [
        "/venue",
        "/account/positions/0/venue",
        "/account/positions/1/instrument",
    ]
    assert unknown_names(trade(instrument="NOSUCH", account=None), facts) == ()


def test_a_name_on_file_in_other_capitals_is_named_and_not_corrected():
    facts = on(date(2026, 11, 21))
    assert misspelt_instrument(trade(), facts) == ()
    assert misspelt_instrument(trade(instrument="NOSUCH"), facts) == ()
    for asked, listed in (("btcusdt", "BTCUSDT"), ("btc/usdt:USDT", "BTC/USDT:USDT")):
        ((pointer, detail),) = misspelt_instrument(trade(instrument=asked), facts)
        assert pointer == "/instrument"
        assert detail.endswith(f"names are case-sensitive, and {listed} is on file")
    held = {**GOOD["account"]["positions"][0], "venue": "binance", "instrument": "Btcusdt"}
    ((pointer, detail),) = unknown_names(trade(account={"positions": [held]}), facts)
    assert pointer == "/account/positions/0/instrument"
    assert detail.endswith("BTCUSDT is on file")


def test_an_instrument_has_one_mark_price():
    facts = on(date(2026, 11, 21))
    row = {"venue": "okx", "instrument": "BTC-USDT-SWAP", "side": "long", "quantity": "1", "entry_price": "60500"}
    unified = {**row, "instrument": "BTC/USDT:USDT", "side": "short"}
    elsewhere = {**row, "venue": "binance", "instrument": "BTCUSDT", "mark_price": "61010"}
    agreeing = [{**row, "mark_price": "61000"}, row, {**unified, "mark_price": "61000.0"}, elsewhere]
    assert contradicting_marks(trade(account={"positions": agreeing}), facts) == ()
    rows = [row, {**row, "mark_price": "61000"}, elsewhere, {**unified, "mark_price": "62000"}]
    ((pointer, detail),) = contradicting_marks(trade(account={"positions": rows}), facts)
    assert pointer == "/account/positions/3/mark_price"
    assert detail == "BTC-USDT-SWAP at okx has one mark price: by /account/positions/1/mark_price it is 61000"
    assert contradicting_marks(trade(account=None), facts) == ()


def test_a_day_before_the_instrument_has_no_name_to_propose():
    assert misspelt_instrument(trade(instrument="btcusdt"), on(date(2008, 1, 1))) == ()


@pytest.mark.parametrize(
    ("coin", "on_file"),
    [("btc", "BTC"), ("KPEPE", "kPEPE"), ("1000shib", "1000SHIB"), ("aud", "AUD"), ("kPEPE", None), ("NOSUCH", None)],
)
def test_a_coin_on_file_in_other_capitals_is_found(coin, on_file):
    assert coin_on_file(coin, on(date(2026, 11, 21))) == on_file


def test_several_spellings_on_file_propose_none(monkeypatch):
    facts = on(date(2026, 11, 20))
    monkeypatch.setattr(type(facts), "coins", lambda self: frozenset({"ABCx", "ABCX"}))
    assert coin_on_file("abcx", facts) is None


def test_a_name_that_is_no_id_is_not_named_as_unknown_too():
    facts = on(date(2026, 11, 21))
    held = {"venue": "By Bit", "instrument": "BTCUSDT", "side": "long", "quantity": "1", "entry_price": "1"}
    strange = trade(venue="Binance", account={"positions": [held]})
    assert unknown_names(strange, facts) == ()
    assert [pointer for pointer, _ in problems_of(strange)] == ["/venue", "/account/positions/0/venue"]


@pytest.mark.parametrize(
    "code", ["AE", "US", "US-NY", "US-PR", "CA-ON", "AE-DU", "IQ-KR", "BA-BRC", "GB-ENG", "FR-75C", "TW", "AX"]
)
def test_codes_of_iso_3166_are_places(code):
    assert is_place(code)


@pytest.mark.parametrize(
    "code", ["", "UK", "EU", "XK", "us", "US-", "US-ZZ", "CA-ZZ", "BA-RS", "IQ-XX", "GB-ENGL", "-NY", "USA"]
)
def test_other_codes_are_not(code):
    assert not is_place(code)


def test_the_table_is_whole():
    assert len(COUNTRIES) == 249
    assert all(len(code) == 2 and code.isupper() for code in COUNTRIES)
    assert set(SUBDIVISIONS) <= COUNTRIES
    assert len(SUBDIVISIONS["US"]) == 57
    assert len(SUBDIVISIONS["CA"]) == 13
    assert len(SUBDIVISIONS["IQ"]) == 18 + len({"KR"})
    assert is_country("GB")
    assert not is_country("GB-ENG")


def test_what_is_free_is_no_more_than_the_equity():
    account = {"equity": "9000", "free_collateral": "9000.01"}
    ((pointer, detail),) = problems_of(trade(account=account))
    assert pointer == "/account/free_collateral"
    assert "/account/equity" in detail
    assert problems_of(trade(account={**account, "free_collateral": "9000"})) == ()


def test_a_wallet_holds_no_more_than_the_equity_where_nothing_is_held():
    account = {"equity": "9000", "wallet_balance": "9000.01", "positions": []}
    ((pointer, detail),) = problems_of(trade(account=account))
    assert pointer == "/account/wallet_balance"
    assert "/account/equity" in detail
    assert "/account/positions" in detail
    assert problems_of(trade(account={**account, "wallet_balance": "9000"})) == ()
    assert problems_of(trade(account={"equity": "9000", "wallet_balance": "9000.01"})) == ()
