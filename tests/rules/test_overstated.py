"""What backs a trade is no more than the account can have: where no price explains it, the request is refused."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from rules.overstated import overstated_backing
from tests.rules.world import on, trade_of

DAY = date(2026, 11, 21)
ETH = {"venue": "bybit", "instrument": "ETHUSDT", "side": "long", "quantity": "2", "entry_price": "3000"}
BTC = {"venue": "binance", "instrument": "BTCUSDT", "side": "short", "quantity": "0.1", "entry_price": "62000"}


def found(account: dict[str, Any] | None, settle: str | None = None, **changes: Any) -> list[tuple[str, str]]:
    fields = {
        "venue": "binance",
        "instrument": "BTCUSDT",
        "side": "long",
        "notional": "6200",
        "entry_price": "62000",
        "client": {"residence": "CH"},
        "account": account,
        **changes,
    }
    return list(overstated_backing(trade_of(fields), on(DAY), settle))


def test_margin_added_is_no_more_than_the_equity():
    ((pointer, detail),) = found({"equity": "9000"}, added_margin="9000.01")
    assert pointer == "/added_margin"
    assert "/account/equity (9000)" in detail
    assert found({"equity": "9000"}, added_margin="9000") == []
    assert found({}, added_margin="9000.01") == []
    assert found(None, added_margin="9000.01") == []


def test_margin_added_in_another_currency_or_to_a_cross_position_is_not_compared():
    assert found({"equity": "2", "currency": "BTC"}, added_margin="9000") == []
    assert found({"equity": "9000"}, added_margin="9000.01", margin_mode="cross") == []
    assert found({"equity": "9000"}, instrument="ANY", added_margin="9000.01") == []
    assert [pointer for pointer, _ in found({"equity": "9000"}, "USDC", instrument="ANY", added_margin="9000.01")] == [
        "/added_margin"
    ]


@pytest.mark.parametrize(
    ("held", "most"),
    [
        ([ETH], "15000"),
        ([{**ETH, "mark_price": "2500"}], "15000"),
        ([{**ETH, "mark_price": "4000"}], "17000"),
        ([{**ETH, "side": "short", "mark_price": "3500"}], "16000"),
        ([ETH, {**BTC, "mark_price": "61000"}], "21200"),
    ],
)
def test_what_was_paid_in_exceeds_the_equity_by_no_more_than_can_have_been_lost(held: list[Any], most: str):
    account = {"equity": "9000", "positions": held}
    assert found({**account, "wallet_balance": most}) == []
    ((pointer, detail),) = found({**account, "wallet_balance": f"{most}.01"})
    assert pointer == "/account/wallet_balance"
    assert f"({int(most) - 9000})" in detail
    rows = [*held[:-1], {**held[-1], "collateral": most}]
    assert found({**account, "positions": rows}) == []
    rows[-1] = {**held[-1], "collateral": f"{most}.01"}
    ((pointer, _),) = found({**account, "positions": rows})
    assert pointer == f"/account/positions/{len(rows) - 1}/collateral"


def test_the_mark_price_of_the_market_values_the_trade_s_own_instrument():
    account = {"equity": "9000", "positions": [BTC], "wallet_balance": "16000"}
    assert found(account) == []  # what a short without a mark price has lost has no bound
    assert [pointer for pointer, _ in found(account, market={"mark_price": "62000"})] == ["/account/wallet_balance"]
    assert found(account, market={"mark_price": "70000"}) == []


@pytest.mark.parametrize(
    ("currency", "row", "most"),
    [
        # 600 contracts of 100 dollars: a coin at 60,000, and a coin and a quarter at 48,000
        ("BTC", {"side": "short"}, "3"),
        ("BTC", {"side": "short", "mark_price": "48000"}, "3.25"),
        ("BTC", {"side": "long", "mark_price": "48000"}, "3.25"),
        ("BTC", {"side": "long", "mark_price": "75000"}, "3"),
        ("BTC", {"side": "long"}, None),  # as a coin falls the loss in coins grows without bound
        ("USD", {"side": "long"}, "60002"),
        ("USD", {"side": "short", "mark_price": "75000"}, "75002"),
        ("USD", {"side": "short"}, None),
        ("EUR", {"side": "long", "mark_price": "60000"}, None),
    ],
)
def test_what_an_inverse_contract_can_have_lost_is_counted_in_coins_or_in_dollars(
    currency: str, row: dict[str, str], most: str | None
):
    held = {"venue": "binance", "instrument": "BTCUSD_PERP", "quantity": "600", "entry_price": "60000", **row}
    account = {"equity": "2", "currency": currency, "positions": [held]}
    if most is None:
        assert found({**account, "wallet_balance": "1000000"}) == []
        return
    assert found({**account, "wallet_balance": most}) == []
    beyond = f"{most}.01" if "." not in most else f"{most}1"
    assert [pointer for pointer, _ in found({**account, "wallet_balance": beyond})] == ["/account/wallet_balance"]


@pytest.mark.parametrize(
    "other",
    [
        {"venue": "binance", "instrument": "BTCUSD_PERP", "side": "short", "quantity": "1", "entry_price": "62000"},
        {"venue": "bitmex", "instrument": "ETHUSD", "side": "long", "quantity": "1", "entry_price": "3000"},
        {"venue": "kraken", "instrument": "BTC/USD", "side": "long", "quantity": "1", "entry_price": "62000"},
        {"venue": "deribit", "instrument": "BTC-27NOV26-60000-C", "side": "long", "quantity": "1", "entry_price": "1"},
        {"venue": "binance", "instrument": "NOT-LISTED", "side": "long", "quantity": "1", "entry_price": "1"},
    ],
)
def test_a_loss_without_a_bound_contradicts_nothing(other: dict[str, str]):
    assert found({"equity": "9000", "wallet_balance": "1000000", "positions": [ETH, other]}) == []


def test_an_account_that_does_not_say_what_it_holds_or_has_contradicts_nothing():
    assert found({"equity": "9000", "wallet_balance": "1000000"}) == []
    assert found({"wallet_balance": "1000000", "positions": [ETH]}) == []
