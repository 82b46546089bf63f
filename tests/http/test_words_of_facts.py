"""`any` covers every class of client and every margin mode in facts; no request may say it of itself."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

TRADE: dict[str, Any] = {
    "venue": "kraken_futures",
    "instrument": "PF_XBTUSD",
    "side": "long",
    "notional": "31000",
    "entry_price": "62000",
    "client": {"residence": "GB"},
}
ANY_CLASS = {"residence": "GB", "client_class": "any"}
COMPARED = {name: value for name, value in TRADE.items() if name not in ("venue", "instrument")}
COMPARED |= {"base": "BTC", "product": "perpetual"}
LEG: dict[str, Any] = {"side": "long", "entry_price": "100", "size": "10", "leverage": "10"}
HELD = {"venue": "binance", "instrument": "BTCUSDT", "side": "long", "quantity": "1", "entry_price": "60000"}


def named(reply: httpx.Response) -> dict[str, str]:
    assert reply.status_code == 422, reply.text
    return {error["pointer"]: error["detail"] for error in reply.json()["errors"]}


@pytest.mark.parametrize(
    ("path", "body", "pointers"),
    [
        ("/v1/decisions", {**TRADE, "client": ANY_CLASS}, {"/client/client_class"}),
        ("/v1/decisions", {**TRADE, "margin_mode": "any"}, {"/margin_mode"}),
        (
            "/v1/decisions",
            {**TRADE, "account": {"positions": [{**HELD, "margin_mode": "any"}]}},
            {"/account/positions/0/margin_mode"},
        ),
        (
            "/v1/decisions",
            {**TRADE, "client": ANY_CLASS, "margin_mode": "any", "notional": "-5", "side": "up"},
            {"/client/client_class", "/margin_mode", "/notional", "/side"},
        ),
        ("/v1/comparisons", {**COMPARED, "client": ANY_CLASS}, {"/client/client_class"}),
        ("/v1/comparisons", {**COMPARED, "margin_mode": "any"}, {"/margin_mode"}),
        ("/v1/calculators/margin", {**LEG, "client_class": "any"}, {"/client_class"}),
        ("/v1/calculators/liquidation-price", {**LEG, "margin_mode": "any"}, {"/margin_mode"}),
        (
            "/v1/calculators/position",
            {"wallet_balance": "1000", "positions": [{**LEG, "margin_mode": "any"}]},
            {"/positions/0/margin_mode"},
        ),
    ],
)
def test_a_word_of_facts_is_refused_by_name(
    client: httpx.Client, path: str, body: dict[str, Any], pointers: set[str]
) -> None:
    assert named(client.post(path, json=body)).keys() == pointers


def test_the_refusal_lists_what_may_be_stated(client: httpx.Client) -> None:
    detail = named(client.post("/v1/decisions", json={**TRADE, "client": ANY_CLASS}))["/client/client_class"]
    assert detail.endswith("one of retail, professional, ecp, institutional")
    detail = named(client.post("/v1/decisions", json={**TRADE, "margin_mode": "portfolio"}))["/margin_mode"]
    assert detail.endswith("one of isolated, cross")


def test_escapes_do_not_smuggle_it_in(client: httpx.Client) -> None:
    body = json.dumps({**TRADE, "client": ANY_CLASS}).replace('"any"', '"\\u0061ny"')
    headers = {"content-type": "application/json"}
    assert "/client/client_class" in named(client.post("/v1/decisions", content=body, headers=headers))


def test_it_may_stand_where_a_text_is_meant(client: httpx.Client) -> None:
    body = {**TRADE, "adding_reason": "any", "instrument": "any"}
    assert client.post("/v1/decisions?record=false", json=body).status_code == 200


def test_a_line_of_a_batch_is_refused_alone(client: httpx.Client) -> None:
    lines = [{**TRADE, "client": ANY_CLASS}, TRADE]
    reply = client.post("/v1/decisions/batch?record=false", json=lines)
    refused, decided = (json.loads(line) for line in reply.text.splitlines())
    assert [one["pointer"] for one in refused["errors"]] == ["/client/client_class"]
    assert "verdict" in decided


def test_the_description_shows_what_a_request_may_state(client: httpx.Client) -> None:
    schemas = client.get("/openapi.json").json()["components"]["schemas"]
    for name, field, full in (
        ("Client", "client_class", "ClientClass"),
        ("Position", "margin_mode", "MarginMode"),
        ("PositionInput", "client_class", "ClientClass"),
        ("ComparisonRequest", "margin_mode", "MarginMode"),
    ):
        stated = schemas[name]["properties"][field]["anyOf"][0]["$ref"].rpartition("/")[2]
        assert set(schemas[full]["enum"]) - set(schemas[stated]["enum"]) == {"any"}
    assert schemas["LeverageCapRow"]["properties"]["client_class"]["$ref"].endswith("/ClientClass")


@pytest.mark.parametrize("venue", ["okx", "bitget", "mexc", "binance"])
@pytest.mark.parametrize("day", ["2024-05-01", "2026-11-22", "2026-11-23"])
def test_actions_of_regulators_are_counted_from_the_day_they_are_listed(client: httpx.Client, venue: str, day: str):
    """Three warnings are on file whose day no source gives: they are listed from the day they were seen."""
    listed = client.get("/v1/enforcement-actions", params={"venue": venue, "as_of": day}).json()["meta"]["count"]
    rows = client.get(f"/v1/venues/{venue}", params={"as_of": day}).json()["rows"]
    assert rows.get("enforcement_actions", 0) == listed
    covered = client.get("/v1/coverage", params={"venue": venue, "as_of": day, "limit": 1000}).json()["data"]
    assert [row["rows_on_day"] for row in covered if row["family"] == "enforcement_actions"] == [listed]
