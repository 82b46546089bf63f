"""Answers about days before the facts were first seen say so."""

from __future__ import annotations

from typing import Any

import httpx

TRADE: dict[str, Any] = {
    "venue": "binance",
    "instrument": "BTCUSDT",
    "side": "long",
    "notional": "31000",
    "entry_price": "62000",
    "leverage": "5",
    "client": {"residence": "AE", "client_class": "retail"},
}
FEES = {"venue": "binance", "instrument": "BTCUSDT", "price": "62000", "size": "1"}


def test_a_decision_says_it_once_and_replays_to_the_same_bytes(client: httpx.Client) -> None:
    answer = client.post("/v1/decisions", json={**TRADE, "as_of": "2017-01-01"}).json()
    assert [note for note in answer["notes"] if "2017-01-01" in note and "extrapolated" in note] == answer["notes"]
    assert len(answer["notes"]) == 1
    replayed = client.post(f"/v1/decisions/{answer['decision_id']}/replay").json()
    assert replayed["identical"] is True


def test_a_decision_on_todays_facts_has_nothing_to_say(client: httpx.Client) -> None:
    answer = client.post("/v1/decisions?record=false", json={**TRADE, "as_of": "2026-11-21"}).json()
    assert answer["notes"] == []
    assert not [one["rule"] for one in answer["findings"] if "extrapolated" in one.get("flags", ())]


def test_a_comparison_names_the_venues(client: httpx.Client) -> None:
    asked = {name: value for name, value in TRADE.items() if name not in ("venue", "instrument")}
    asked |= {"base": "BTC", "product": "perpetual", "venues": ["binance", "okx"]}
    (note,) = client.post("/v1/comparisons", json={**asked, "as_of": "2019-01-01"}).json()["meta"]["notes"]
    assert "2019-01-01" in note
    assert "binance" in note
    assert client.post("/v1/comparisons", json={**asked, "as_of": "2026-11-21"}).json()["meta"]["notes"] == []


def test_a_fee_of_a_schedule_read_later_is_an_approximation(client: httpx.Client) -> None:
    early = client.post("/v1/calculators/fees", json={**FEES, "as_of": "2017-01-01"}).json()
    assert [one for one in early["approximations"] if "2017-01-01" in one and "extrapolated" in one]
    late = client.post("/v1/calculators/fees", json={**FEES, "as_of": "2026-11-21"}).json()
    assert late["fee"] == early["fee"]
    assert not [one for one in late["approximations"] if "extrapolated" in one]
    own = {**FEES, "terms": {"fee_rate": "0.001"}, "as_of": "2017-01-01"}
    assert not [
        one for one in client.post("/v1/calculators/fees", json=own).json()["approximations"] if "extrapolated" in one
    ]


def test_the_state_of_a_venue_is_flagged(client: httpx.Client) -> None:
    def state(day: str) -> dict[str, Any]:
        answer: dict[str, Any] = client.get("/v1/venues/bitmex", params={"as_of": day}).json()
        (listed,) = client.get("/v1/venues", params={"as_of": day, "venue": "bitmex"}).json()["data"]
        assert listed["extrapolated"] is answer["extrapolated"]
        return answer

    assert state("2017-01-01")["extrapolated"] is True
    assert state("2026-08-25")["extrapolated"] is False
    assert state("2026-11-21")["certain_from"] == "2026-09-23"
