"""Venues compared over HTTP: ranked, covered, and bad fields named at once."""

from __future__ import annotations

from typing import Any

import httpx

ASKED: dict[str, Any] = {
    "base": "BTC",
    "product": "perpetual",
    "side": "long",
    "notional": "31000",
    "entry_price": "62000",
    "stop_price": "60500",
    "leverage": "5",
    "margin_mode": "isolated",
    "holding_hours": "72",
    "client": {"residence": "US-TX", "client_class": "retail"},
    "account": {"equity": "50000", "positions": []},
    "market": {"mark_price": "62010", "funding_rate": "0.0001", "funding_interval_hours": "8"},
}


def compare(http: httpx.Client, **changes: Any) -> httpx.Response:
    return http.post("/v1/comparisons", json={**ASKED, **changes})


def test_venues_are_ranked_and_the_rest_is_named(client: httpx.Client):
    reply = compare(client)
    assert reply.status_code == 200, reply.text
    answer = reply.json()
    rows, meta = answer["data"], answer["meta"]
    assert [row["rank"] for row in rows] == list(range(1, len(rows) + 1))
    order = [("allow", "review", "deny").index(row["verdict"]) for row in rows]
    assert order == sorted(order)
    assert meta["count"] == len(rows)
    assert not {row["venue"] for row in rows} & set(meta["not_listed"])
    assert meta["policy"]["name"] == "standard"
    assert reply.headers["preclear-release"] == meta["release"]


def test_an_american_is_refused_by_binance_and_the_row_says_why(client: httpx.Client):
    (row,) = compare(client, venues=["binance"]).json()["data"]
    assert row["verdict"] == "deny"
    assert any(finding["outcome"] == "fail" and finding["sources"] for finding in row["findings"])
    assert row["figures"]["liquidation_price"] is not None
    assert row["liquidation"]["trigger_price"] == "mark"
    assert row["adl"]["exists"] is True


def test_a_row_agrees_with_the_decision_on_that_venue(client: httpx.Client):
    rows = compare(client).json()["data"]
    assert len(rows) > 5
    for row in rows[:5]:
        trade = {name: value for name, value in ASKED.items() if name not in ("base", "product")}
        body = {**trade, "venue": row["venue"], "instrument": row["instrument"]}
        decision = client.post("/v1/decisions?record=false", json=body).json()
        assert decision["verdict"] == row["verdict"]
        assert decision["figures"] == row["figures"]


def test_bad_fields_are_named_at_once(client: httpx.Client):
    reply = compare(
        client,
        base="B T C",
        venues=["binance", "nowhere"],
        client={"residence": "XX"},
        notional="-1",
        market={"order_book": {"bids": [["2", "1"]], "asks": [["1", "1"]]}},
    )
    assert reply.status_code == 422
    assert {error["pointer"] for error in reply.json()["errors"]} == {
        "/base",
        "/venues/1",
        "/client/residence",
        "/notional",
        "/market/order_book",
    }


def test_unknown_fields_policies_and_releases_are_refused(client: httpx.Client):
    assert compare(client, venue="binance").json()["errors"][0]["pointer"] == "/venue"
    assert compare(client, policy="no_such_policy").json()["errors"][0]["pointer"] == "/policy"
    assert compare(client, release="rel_000000000000").status_code == 404
    assert client.post("/v1/comparisons?limit=3", json=ASKED).status_code == 422


def test_nothing_listed_is_an_empty_answer(client: httpx.Client):
    answer = compare(client, base="NOSUCHCOIN").json()
    assert answer["data"] == []
    assert "binance" in answer["meta"]["not_listed"]


def test_contracts_on_another_number_of_the_coin_are_told_and_not_compared(client: httpx.Client):
    changes = {"base": "PEPE", "entry_price": "0.00001", "stop_price": "0.0000095", "market": None, "account": None}
    answer = compare(client, **changes).json()
    assert {row["venue"] for row in answer["data"]} == {"kraken_futures"}
    [note] = [one for one in answer["meta"]["notes"] if "another number" in one]
    assert "1000PEPE (1000), kPEPE (1000) at binance, hyperliquid" in note


def test_contracts_that_count_the_same_number_of_the_coin_are_compared_under_either_name(client: httpx.Client):
    changes = {"entry_price": "0.01", "stop_price": "0.0095", "market": None, "account": None}
    for base in ("1000PEPE", "kPEPE"):
        rows = compare(client, base=base, **changes).json()["data"]
        assert {row["venue"] for row in rows} == {"binance", "hyperliquid"}
