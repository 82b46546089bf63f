"""Answers about days before the facts were first seen say so."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

TRADE: dict[str, Any] = {
    "venue": "binance",
    "instrument": "BTCUSDT",
    "side": "long",
    "notional": "31000",
    "entry_price": "62000",
    "leverage": "5",
    "client": {"residence": "AE", "client_class": "retail"},
}
AHEAD = "as_of lies in the future: facts and law may change before then."
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


def test_a_comparison_of_a_day_to_come_says_so(client: httpx.Client) -> None:
    asked = {name: value for name, value in TRADE.items() if name not in ("venue", "instrument")}
    asked |= {"base": "BTC", "product": "perpetual", "venues": ["binance"], "as_of": "2099-01-01"}
    assert client.post("/v1/comparisons", json=asked).json()["meta"]["notes"] == [AHEAD]


def test_a_calculator_that_reads_facts_of_a_day_to_come_says_so(client: httpx.Client) -> None:
    read = client.post("/v1/calculators/fees", json={**FEES, "as_of": "2099-01-01"}).json()
    assert AHEAD in read["approximations"]
    stated = {"price": "62000", "size": "1", "terms": {"contract_type": "linear", "fee_rate": "0.001"}}
    told = client.post("/v1/calculators/fees", json={**stated, "as_of": "2099-01-01"}).json()
    assert AHEAD not in told["approximations"]


def test_a_charge_that_a_filing_may_have_changed_is_of_low_confidence(client: httpx.Client) -> None:
    asked = {"venue": "coinbase_derivatives", "instrument": "BIT", "price": "62000", "size": "0.1", "size_unit": "base"}
    before, since = (
        client.post("/v1/calculators/fees", json={**asked, "as_of": day}).json() for day in ("2026-08-16", "2026-08-17")
    )
    assert before["fee"] == since["fee"]
    (doubt,) = [one for one in since["approximations"] if "low confidence" in one]
    assert "coinbase_derivatives.aobs_coinbase_2026_07" in doubt
    assert not [one for one in before["approximations"] if "aobs_coinbase_2026_07 are of low" in one]


def test_a_comparison_names_the_venues_whose_costs_are_of_low_confidence(client: httpx.Client) -> None:
    asked = {name: value for name, value in TRADE.items() if name not in ("venue", "instrument")}
    asked |= {"base": "BTC", "product": "future", "venues": ["binance", "coinbase_derivatives"], "as_of": "2026-11-21"}
    notes = client.post("/v1/comparisons", json=asked).json()["meta"]["notes"]
    assert "Terms of cost are of low confidence of: coinbase_derivatives." in notes


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


def extrapolated(client: httpx.Client, calculator: str, body: dict[str, Any]) -> list[str]:
    reply = client.post(f"/v1/calculators/{calculator}", json=body)
    assert reply.status_code == 200, reply.text
    return [one for one in reply.json()["approximations"] if "extrapolated" in one]


@pytest.mark.parametrize(
    ("venue", "instrument", "by_itself", "sources"),
    [
        ("binance", "BTCUSDT", [], "binance.ccxt_4_5_90, binance.rec_fapi_exchangeinfo_btcusdt"),
        ("bybit", "BTCUSDT", ["margin model"], "bybit.bybit_docs_instrument, bybit.fee_table_mirror"),
        ("okx", "BTC-USDT-SWAP", ["margin model", "ladder"], "okx.ccxt_okx, okx.rec_okx_fixture_2026_09"),
        ("phemex", "BTCUSDT", ["ladder"], "phemex.bankruptcy, phemex.fees"),
    ],
)
def test_every_view_of_a_position_names_what_is_extrapolated_and_nothing_twice(
    client: httpx.Client, venue: str, instrument: str, by_itself: list[str], sources: str
) -> None:
    held = {"side": "long", "margin_mode": "isolated", "entry_price": "60000", "size": "1", "size_unit": "base"}
    body = {**held, "venue": venue, "instrument": instrument, "leverage": "5", "as_of": "2026-01-01"}
    *said, told = extrapolated(client, "position", body)
    assert len(said) == len(by_itself)
    assert all(f"the {what} is known from" in one for what, one in zip(by_itself, said, strict=True))
    assert told == f"terms of {sources} are certain from a later day than 2026-01-01 only and are extrapolated to it"
    for calculator in ("margin", "liquidation-price"):
        assert extrapolated(client, calculator, body) == [*said, told]
    assert extrapolated(client, "position", {**body, "as_of": "2026-11-21"}) == []
    account = {"venue": venue, "wallet_balance": "50000", "as_of": "2026-01-01"}
    leg = {name: value for name, value in body.items() if name not in account}
    assert told in extrapolated(client, "position", {**account, "positions": [{**leg, "margin_mode": "cross"}]})


def test_terms_that_a_request_states_are_not_extrapolated(client: httpx.Client) -> None:
    held = {"side": "long", "margin_mode": "isolated", "entry_price": "60000", "size": "1", "size_unit": "base"}
    body = {**held, "venue": "binance", "instrument": "BTCUSDT", "leverage": "5", "as_of": "2026-01-01"}
    (told,) = extrapolated(client, "position", {**body, "terms": {"maintenance_margin_rate": "0.01"}})
    assert told.startswith("terms of binance.rec_fapi_exchangeinfo_btcusdt are")


def test_the_state_of_a_venue_is_flagged(client: httpx.Client) -> None:
    def state(day: str) -> dict[str, Any]:
        answer: dict[str, Any] = client.get("/v1/venues/bitmex", params={"as_of": day}).json()
        (listed,) = client.get("/v1/venues", params={"as_of": day, "venue": "bitmex"}).json()["data"]
        assert listed["extrapolated"] is answer["extrapolated"]
        return answer

    assert state("2017-01-01")["extrapolated"] is True
    assert state("2026-08-25")["extrapolated"] is False
    assert state("2026-11-21")["certain_from"] == "2026-09-23"


def test_a_filter_that_matches_nothing_is_not_taken_for_a_day_before_every_fact(client: httpx.Client) -> None:
    day = "2015-01-01"
    assert client.get(f"/v1/fees?as_of={day}").json()["data"]
    nothing = client.get(f"/v1/fees?as_of={day}&venue=binance&product=cfd").json()
    assert (nothing["data"], nothing["meta"]["notes"]) == ([], [f"Nothing on file matches on {day}."])
