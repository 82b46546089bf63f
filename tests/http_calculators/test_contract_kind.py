"""A contract whose kind nothing tells is taken for a linear one and said to be, or asked about."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.http_calculators.asking import EXPLICIT, ask, refused

TAKEN = "taken for a linear contract"
PERPETUAL: dict[str, Any] = {
    "side": "long",
    "margin_mode": "isolated",
    "entry_price": "98390.88",
    "size": "100",
    "leverage": "10",
    "terms": {"maintenance_margin_rate": "0.005"},
}
FEE: dict[str, Any] = {"price": "98390.88", "size": "100", "terms": {"fee_rate": "0.00075"}}
FUNDING: dict[str, Any] = {"side": "long", "size": "100", "mark_price": "98000", "funding_rate": "0.0001", "terms": {}}
BREAK_EVEN: dict[str, Any] = {"side": "long", "entry_price": "98390.88", "terms": {"fee_rate": "0.00075"}}
EVERY = (
    ("position", PERPETUAL),
    ("margin", PERPETUAL),
    ("liquidation-price", PERPETUAL),
    ("adl-score", {**PERPETUAL, "mark_price": "98390.88"}),
    ("fees", FEE),
    ("funding", FUNDING),
    ("break-even", BREAK_EVEN),
)


@pytest.mark.parametrize(("calculator", "body"), EVERY, ids=[name for name, _ in EVERY])
def test_every_calculator_says_that_it_takes_a_contract_for_linear(
    client: httpx.Client, calculator: str, body: dict[str, Any]
) -> None:
    contract = {"venue": "mexc", "instrument": "NEW_USDT"}
    if "size" in body:
        contract["size_unit"] = "base"
    said = " ".join(ask(client, calculator, {**body, **contract})["approximations"])
    assert TAKEN in said
    told = {**body, **contract, "terms": {**body["terms"], "contract_type": "linear"}}
    assert TAKEN not in " ".join(ask(client, calculator, told)["approximations"])


@pytest.mark.parametrize(("calculator", "body"), EVERY, ids=[name for name, _ in EVERY])
def test_every_calculator_asks_where_a_contract_may_be_inverse(
    client: httpx.Client, calculator: str, body: dict[str, Any]
) -> None:
    contract = {**body, "venue": "mexc", "instrument": "ETH_USD"}
    assert "many such contracts settle in the coin" in refused(client, calculator, contract)["/terms/contract_type"]
    ask(client, calculator, {**contract, "terms": {**body["terms"], "contract_type": "inverse"}})


@pytest.mark.parametrize(
    ("venue", "instrument", "unit", "why"),
    [
        ("kucoin", "ETHUSDM", "base", "with such names are inverse"),
        ("mexc", "ETH_USD", "base", "names dollars"),
        ("gate", "ETH_USD", None, "with such names are inverse"),
        ("bitget", "BTCUSD", "quote", "quote units"),
        ("phemex", "ETHUSD", "base", "inverse or linear"),
        ("deribit", "SOL-PERPETUAL", "base", "with such names are inverse"),
        ("okx", "ETH-USD-261225", None, "with such names are inverse"),
        ("kraken_futures", "PI_NEWUSD", "base", "with such names are inverse"),
        ("bitmex", "XBTM27", "base", "bitmex has inverse contracts"),
        (None, "BTC/USD:BTC", "base", "it settles in BTC"),
        (None, "ETHUSD", "quote", "quote units"),
    ],
)
def test_a_name_that_points_to_an_inverse_contract_is_asked_about(
    client: httpx.Client, venue: str | None, instrument: str, unit: str | None, why: str
) -> None:
    asked = {**PERPETUAL, "venue": venue, "instrument": instrument, "size_unit": unit}
    assert why in refused(client, "position", asked)["/terms/contract_type"]
    leg = {name: asked[name] for name in ("instrument", "size_unit", "side", "entry_price", "size", "terms")}
    beside = {**EXPLICIT, "venue": venue, "margin_mode": "cross", "wallet_balance": "100", "other_positions": [leg]}
    assert why in refused(client, "position", beside)["/other_positions/0/terms/contract_type"]
    account = {"venue": venue, "wallet_balance": "100", "positions": [leg]}
    assert why in refused(client, "position", account)["/positions/0/terms/contract_type"]


@pytest.mark.parametrize(
    ("venue", "instrument", "unit"),
    [
        ("dydx", "NEW-USD", "quote"),
        ("cryptocom", "NEWUSD-PERP", None),
        ("okx", "ETH-USD_UM-261225", None),
        ("paradex", "NEW-USD-PERP", None),
        ("bitmex", "NEWUSDT", "quote"),
        (None, "BTC/USD:USD", None),
        (None, "BTC/USD:USDC", None),
        (None, "BTC/EUR:EUR", None),
        (None, "ETHUSD", "base"),
        (None, None, "quote"),
    ],
)
def test_a_name_that_points_to_a_linear_contract_is_taken_for_one(
    client: httpx.Client, venue: str | None, instrument: str | None, unit: str | None
) -> None:
    asked = {**PERPETUAL, "venue": venue, "instrument": instrument, "size_unit": unit}
    assert TAKEN in " ".join(ask(client, "position", asked)["approximations"])


def test_a_contract_that_was_listed_on_another_day_has_the_kind_it_had_then(client: httpx.Client) -> None:
    asked = {**PERPETUAL, "venue": "bitmex", "instrument": "XBTUSD", "size_unit": "quote", "as_of": "2026-11-22"}
    answer = ask(client, "position", asked)
    assert answer["model"] == "BitMEX inverse"
    assert answer["initial_margin"] == "0.00010164"
    assert "listed as inverse" in " ".join(answer["approximations"])
    fee = ask(client, "fees", {**FEE, "venue": "bitmex", "instrument": "XBTUSD", "as_of": "2026-11-22"})
    assert fee["notional"].startswith("0.00101635")


def test_a_value_alone_is_paid_upon_alike_whatever_the_kind(client: httpx.Client) -> None:
    assert (
        ask(client, "funding", {"side": "long", "position_value": "1", "funding_rate": "0.1"})["approximations"] == []
    )
