"""The deleveraging queue over HTTP."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from api.openapi.examples_calculators import CALCULATOR_REQUESTS
from tests.http_calculators.asking import LONG, D, ask, refused


def test_a_place_in_the_queue(client: httpx.Client) -> None:
    answer = ask(client, "adl-score", CALCULATOR_REQUESTS["adl-score"]["a winner among others"])
    # 10% return on 33,000 of value behind 3,000 of margin and 3,000 of profit
    assert D(answer["score"]) == D("0.1") * 33000 / 6000
    assert (answer["rank"], answer["lights"], answer["exists"]) == (2, 4, True)
    assert any(source.startswith("okx.") for source in answer["sources"])


@pytest.mark.parametrize(
    ("venue", "instrument", "ranking", "scored"),
    [
        ("bitget", "BTCUSDT", "return_and_maintenance", True),
        ("hyperliquid", "BTC", "price_and_leverage", True),
        ("dydx", "BTC-USD", "random", False),
        ("kraken_futures", "PF_XBTUSD", "unknown", False),
    ],
)
def test_each_venue_ranks_by_its_own_formula_or_none(
    client: httpx.Client, venue: str, instrument: str, ranking: str, scored: bool
) -> None:
    body = {
        "venue": venue,
        "instrument": instrument,
        "side": "short",
        "margin_mode": "isolated",
        "entry_price": "60000",
        "mark_price": "58000",
        "size": "0.5",
        "size_unit": "base",
        "leverage": "5",
        "terms": {"maintenance_margin_rate": "0.01"},
    }
    answer = ask(client, "adl-score", body)
    assert answer["ranking"] == ranking
    assert (answer["score"] is not None) is scored
    assert (answer["rank"], answer["lights"]) == (None, None)


def test_a_queue_needs_profit_and_margin(client: httpx.Client) -> None:
    body = {**LONG, "mark_price": None}
    assert "/mark_price" in refused(client, "adl-score", body)
    assert "/positions" in refused(
        client,
        "adl-score",
        {"mark_price": "1", "wallet_balance": "1", "positions": [{"size": "1", "entry_price": "1"}]},
    )
    unbacked = ask(client, "adl-score", {**LONG, "venue": "bybit", "leverage": None})
    assert unbacked["score"] is None
    assert "effective leverage" in " ".join(unbacked["approximations"])


@pytest.mark.parametrize(
    ("venue", "instrument", "given", "said"),
    [
        (
            "bitget",
            "BTCUSDT",
            {"collateral": "5000", "terms": {"initial_margin_rate": "0.1"}},
            ["maintenance margin of"],
        ),
        ("bitget", "BTCUSDT", {"terms": {"maintenance_margin_rate": "0.01"}}, ["margin behind"]),
        ("bitget", "BTCUSDT", {"terms": {"initial_margin_rate": "0.1"}}, ["margin behind", "maintenance margin of"]),
        ("bitget", "BTCUSDT", {"collateral": "5000", "terms": {"maintenance_margin_rate": "0"}}, ["no maintenance"]),
        ("bybit", "BTCUSDT", {"terms": {"initial_margin_rate": "0.1"}}, ["margin behind"]),
        ("bybit", "BTCUSDT", {"collateral": "500", "mark_price": "64000"}, ["used up the margin behind"]),
        ("hyperliquid", "BTC", {"terms": {"maintenance_margin_rate": "0.01"}}, ["margin behind"]),
    ],
)
def test_what_a_ranking_lacks_is_named(
    client: httpx.Client, venue: str, instrument: str, given: dict[str, Any], said: list[str]
) -> None:
    body = {"venue": venue, "instrument": instrument, "side": "short", "size": "0.5", "size_unit": "base"}
    held = {"margin_mode": "isolated", "entry_price": "60000", "mark_price": "58000"}
    answer = ask(client, "adl-score", {**body, **held, **given})
    assert answer["score"] is None
    sought = "maintenance rate" if venue == "bitget" else "its effective leverage"
    told = [one for one in answer["approximations"] if sought in one]
    assert len(told) == len(said)
    assert all(words in one for words, one in zip(said, told, strict=True))


def test_a_requirement_beside_it_that_nobody_knows_is_named_by_a_ranking_that_reads_it(client: httpx.Client) -> None:
    short = {"instrument": "BTCUSDT", "side": "short", "size": "0.5", "size_unit": "base", "entry_price": "60000"}
    other = {"instrument": "ETHUSDT", "size": "1", "entry_price": "3000", "terms": {"initial_margin_rate": "0.1"}}
    body = {**short, "venue": "bitget", "margin_mode": "cross", "mark_price": "58000", "wallet_balance": "9000"}
    answer = ask(client, "adl-score", {**body, "other_positions": [other]})
    assert answer["score"] is None
    assert "what another position of the account requires is not known" in " ".join(answer["approximations"])
