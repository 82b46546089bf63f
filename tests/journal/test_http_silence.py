"""What cannot be honoured is refused by name: nothing that a caller says about recorded decisions is passed over."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.serving import DECISION, Service


def named(reply: httpx.Response) -> dict[str, str]:
    assert reply.status_code == 422, reply.text
    return {error["pointer"]: error["detail"] for error in reply.json()["errors"]}


async def decide(session: httpx.AsyncClient, **changes: Any) -> dict[str, Any]:
    answer: dict[str, Any] = (await session.post("/v1/decisions", json={**DECISION, **changes})).json()
    return answer


async def test_a_key_without_recording_is_refused(service: Service) -> None:
    client = await service.client()
    key = {"Idempotency-Key": "one"}
    found = named(await client.post("/v1/decisions?record=false", json=DECISION, headers=key))
    assert "record=false" in found["header:Idempotency-Key"]
    assert (await client.post("/v1/decisions", json=DECISION, headers=key)).status_code == 200


@pytest.mark.parametrize("record", ["true", "false"])
async def test_a_key_for_a_batch_is_refused(service: Service, record: str) -> None:
    client = await service.client()
    reply = await client.post(
        f"/v1/decisions/batch?record={record}", json=[DECISION], headers={"Idempotency-Key": "one"}
    )
    assert "/v1/decisions" in named(reply)["header:Idempotency-Key"]
    assert (await client.get("/v1/decisions")).json()["data"] == []


async def test_a_cursor_goes_on_with_its_own_filters_only(service: Service) -> None:
    client = await service.client()
    for _ in range(3):
        await decide(client)
    first = (await client.get("/v1/decisions", params={"limit": "1", "venue": "binance"})).json()
    cursor = first["meta"]["next_cursor"]
    second = await client.get("/v1/decisions", params={"limit": "1", "venue": "binance", "cursor": cursor})
    assert second.status_code == 200
    assert second.json()["data"][0]["decision_id"] != first["data"][0]["decision_id"]
    for other in ({}, {"venue": "okx"}, {"venue": "binance", "verdict": "allow"}):
        reply = await client.get("/v1/decisions", params={"limit": "1", "cursor": cursor, **other})
        assert named(reply) == {"query:cursor": "Belongs to a list with other filters"}


@pytest.mark.parametrize(
    ("parameter", "value"),
    [("residence", "us"), ("residence", "United States"), ("venue", "nowhere"), ("rule", "risk.no_such_rule")],
)
async def test_a_filter_that_can_match_nothing_is_refused(service: Service, parameter: str, value: str) -> None:
    client = await service.client()
    assert list(named(await client.get("/v1/decisions", params={parameter: value}))) == [f"query:{parameter}"]
    reply = await client.post("/v1/impact", json={"filter": {parameter: [value]}})
    assert [pointer for pointer in named(reply) if pointer.startswith(f"/filter/{parameter}")]


async def test_names_on_file_are_filters_whatever_was_recorded(service: Service) -> None:
    client = await service.client()
    for parameter, value in (
        ("residence", "US-NY"),
        ("venue", "okx"),
        ("rule", "risk.loss_at_stop"),
        ("rule", "us.fbot_direct_access"),
        ("rule", "jurisdiction.coverage"),
    ):
        assert (await client.get("/v1/decisions", params={parameter: value})).status_code == 200


async def test_a_condition_that_nothing_asks_about_is_named(service: Service) -> None:
    client = await service.client()
    trade = {
        "venue": "okx",
        "instrument": "BTC-USDT-SWAP",
        "client": {"residence": "DE", "client_class": "retail"},
        "as_of": "2026-11-21",
    }
    open_conditions = {
        finding["question"]["id"]
        for finding in (await decide(client, **trade))["findings"]
        if finding.get("question", {}).get("id")
    }
    assert open_conditions
    met = ["no_such_condition", *sorted(open_conditions), "ae_vara_etd_licence_met", "no_such_condition"]
    answer = await decide(client, **trade, conditions_met=met)
    (note,) = answer["notes"]
    assert note.endswith("no_such_condition, ae_vara_etd_licence_met.")
    known = await decide(client, **trade, conditions_met=sorted(open_conditions))
    assert known["notes"] == []
    replayed = (await client.post(f"/v1/decisions/{answer['decision_id']}/replay")).json()
    assert replayed["identical"] is True


async def test_conditions_of_terms_and_caps_are_asked_about_held_or_not(service: Service) -> None:
    client = await service.client()
    met = ["not:binance_account_younger_than_60_days"]
    assert (await decide(client, conditions_met=met))["notes"] == []
    assert met[0] in (await decide(client, venue="okx", instrument="BTC-USDT-SWAP", conditions_met=met))["notes"][0]
