from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import httpx
import msgspec
import pytest

from api.representations.ccxt import CCXT_TIERS


def tiers(facts: httpx.Client, **asked: str) -> tuple[list[tuple[str, str, int]], list[str]]:
    body = facts.get("/v1/margin-tiers", params=asked).json()
    return [(row["venue"], row["instrument"], row["tier"]) for row in body["data"]], body["meta"]["notes"]


@pytest.mark.parametrize(
    ("notional", "tier"),
    [("0.01", 1), ("300000", 1), ("300000.01", 2), ("800000", 2), ("3000000", 3)],
)
def test_the_tier_that_holds_a_notional(notional: str, tier: int, facts: httpx.Client) -> None:
    found, notes = tiers(facts, venue="north", instrument="BTCUSDT", notional=notional, as_of="2026-01-01")
    assert (found, notes) == ([("north", "BTCUSDT", tier)], [])


def test_the_tier_is_that_of_the_days_ladder(facts: httpx.Client) -> None:
    found, _ = tiers(facts, venue="north", instrument="BTC/USDT:USDT", notional="100000", as_of="2024-05-01")
    assert found == [("north", "BTCUSDT", 2)]


def test_a_size_beyond_the_last_tier_is_told(facts: httpx.Client) -> None:
    found, notes = tiers(facts, venue="north", instrument="BTCUSDT", notional="3000001", as_of="2026-01-01")
    assert found == []
    assert notes == ["north BTCUSDT: the size is beyond the last tier."]


def test_contracts_of_base_coins_want_a_price(facts: httpx.Client) -> None:
    asked = {"venue": "south", "instrument": "BTC-SWAP", "notional": "600000"}
    found, notes = tiers(facts, **asked)
    assert found == []
    assert "no price was given" in notes[0]
    assert tiers(facts, **asked, price="60000") == ([("south", "BTC-SWAP", 1)], [])
    assert tiers(facts, **asked, price="59999") == ([("south", "BTC-SWAP", 2)], [])


def test_contracts_of_quote_currency_want_none(facts: httpx.Client) -> None:
    assert tiers(facts, venue="north", instrument="BTCUSD", notional="100000") == ([("north", "BTCUSD", 1)], [])
    assert tiers(facts, venue="north", instrument="BTCUSD", notional="100100") == ([("north", "BTCUSD", 2)], [])


def test_a_filter_narrows_sessions_and_classes(facts: httpx.Client) -> None:
    assert len(tiers(facts, instrument="XRPUSDT")[0]) == 2
    assert len(tiers(facts, instrument="XRPUSDT", session="overnight")[0]) == 1
    assert len(tiers(facts, instrument="SOLUSDT", client_class="retail")[0]) == 1
    assert len(tiers(facts, instrument="BTCUSDT", client_class="retail", as_of="2026-01-01")[0]) == 3


def test_the_ccxt_view_has_numbers_by_unified_symbol(facts: httpx.Client) -> None:
    answer = facts.get("/v1/margin-tiers", params={"venue": "north", "view": "ccxt", "as_of": "2026-01-01"})
    view: dict[str, list[dict[str, Any]]] = json.loads(answer.content, parse_float=Decimal)
    msgspec.json.decode(answer.content, type=CCXT_TIERS)
    first, second, third = view["BTC/USDT:USDT"]
    assert {name: first[name] for name in first if name != "info"} == {
        "tier": 1,
        "symbol": "BTC/USDT:USDT",
        "currency": "USDT",
        "minNotional": 0,
        "maxNotional": 300000,
        "maintenanceMarginRate": Decimal("0.004"),
        "maxLeverage": 150,
    }
    assert (second["minNotional"], third["maxNotional"]) == (300000, 3000000)
    assert first["info"]["source"] == "north.page"


def test_the_ccxt_view_counts_contracts_in_what_they_hold(facts: httpx.Client) -> None:
    inverse = facts.get("/v1/margin-tiers?venue=north&view=ccxt").json()["BTC/USD:BTC"]
    assert [(one["currency"], one["minNotional"], one["maxNotional"]) for one in inverse] == [
        ("USD", 0, 100000),
        ("USD", 100000, None),
    ]
    linear = facts.get("/v1/margin-tiers?venue=south&view=ccxt").json()["BTC/USDT:USDT"]
    assert (linear[0]["currency"], linear[0]["maxNotional"]) == ("BTC", 10)


def test_the_ccxt_view_shows_what_may_decide_and_the_tightest_of_several(facts: httpx.Client) -> None:
    view = facts.get("/v1/margin-tiers?venue=north&view=ccxt").json()
    assert "ADAUSDT" not in view
    assert view["XRPUSDT"][0]["maxLeverage"] == 5
    assert view["ETH/USDT:USDT"][0]["maxLeverage"] == 50
    narrowed = facts.get("/v1/margin-tiers?venue=north&view=ccxt&session=intraday").json()
    assert narrowed["XRPUSDT"][0]["maxLeverage"] == 10


def test_the_ccxt_view_is_json(facts: httpx.Client) -> None:
    assert facts.get("/v1/margin-tiers?venue=north&view=ccxt&format=csv").status_code == 406
