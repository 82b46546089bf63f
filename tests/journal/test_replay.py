"""Replays of what another program recorded: never called the same, and always told why."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx
import msgspec
from sqlalchemy import text, update

from data.journal.chain import sha256
from data.journal.database import Database
from data.journal.entry import Entry, NewEntry
from data.journal.schema import entries
from rules.version import RULES_VERSION
from tests.serving import DECISION, Service

OTHER = "0.9.0"


async def recorded(service: Service, client: httpx.AsyncClient) -> Entry:
    made = await client.post("/v1/decisions", json=DECISION)
    entry: Entry = await service.services.journal.get(made.json()["decision_id"])
    return entry


async def record_as(service: Service, entry: Entry, **changes: Any) -> str:
    """Record a decision as another program would have: the same one but for `changes`; return its id."""
    values = {name: getattr(entry, name) for name in NewEntry.__struct_fields__}
    answer = msgspec.json.decode(changes.pop("answer", entry.answer))
    decision_id = f"{entry.decision_id}_other"
    answer |= {"decision_id": decision_id, "rules_version": changes.get("rules_version", entry.rules_version)}
    values |= {"decision_id": decision_id, "answer": msgspec.json.encode(answer), **changes}
    values["input_hash"] = sha256(values["request"])
    await service.services.journal.record(NewEntry(**values))
    return decision_id


async def replay(client: httpx.AsyncClient, decision_id: str, /, **asked: Any) -> dict[str, Any]:
    reply = await client.post(f"/v1/decisions/{decision_id}/replay", json=asked)
    assert reply.status_code == 200, reply.text
    body: dict[str, Any] = reply.json()
    return body


async def test_the_same_outcome_under_other_rules_is_not_called_identical(service: Service) -> None:
    client = await service.client()
    decision_id = await record_as(service, await recorded(service, client), rules_version=OTHER)
    body = await replay(client, decision_id)
    assert (body["identical"], body["intact"]) == (False, True)
    assert (body["recorded"]["rules_version"], body["replayed"]["rules_version"]) == (OTHER, RULES_VERSION)
    (difference,) = [each for each in body["differences"] if each["name"] != "/digest"]
    assert difference == {
        "what": "field",
        "name": "/rules_version",
        "recorded": OTHER,
        "replayed": RULES_VERSION,
    }
    (note,) = body["notes"]
    assert f"rules {OTHER}" in note
    assert RULES_VERSION in note


async def test_what_other_rules_said_differently_is_named(service: Service) -> None:
    client = await service.client()
    entry = await recorded(service, client)
    answer = msgspec.json.decode(entry.answer)
    answer["figures"]["liquidation_price"] = "1"
    gone = answer["findings"].pop()
    answer["findings"][0]["outcome"] = "pass"
    decision_id = await record_as(service, entry, rules_version=OTHER, answer=msgspec.json.encode(answer))
    body = await replay(client, decision_id)
    named = {(each["what"], each["name"]) for each in body["differences"]}
    assert named >= {
        ("field", "/rules_version"),
        ("figure", "liquidation_price"),
        ("rule", answer["findings"][0]["rule"]),
    }
    assert [each["recorded"] for each in body["differences"] if each["name"] == gone["rule"]] == [None]
    assert not body["identical"]


async def test_another_policy_and_release_do_not_hide_other_rules(service: Service) -> None:
    client = await service.client()
    decision_id = await record_as(service, await recorded(service, client), rules_version=OTHER)
    for asked in ({"policy": "standard"}, {"release": "latest"}, {"policy": "law_only"}):
        body = await replay(client, decision_id, **asked)
        assert not body["identical"]
        assert "/rules_version" in [each["name"] for each in body["differences"]]
        assert len(body["notes"]) == 1


async def test_rules_that_are_the_same_need_no_note(service: Service) -> None:
    client = await service.client()
    body = await replay(client, (await recorded(service, client)).decision_id)
    assert (body["identical"], body["differences"], body["notes"]) == (True, [], [])


async def test_an_entry_whose_version_was_altered_is_neither_intact_nor_identical(
    service: Service, tmp_path: Path
) -> None:
    client = await service.client()
    entry = await recorded(service, client)
    database = Database(f"sqlite:///{tmp_path}/journal.sqlite")
    with database.write() as connection:
        connection.execute(text("DROP TRIGGER journal_entries_no_update"))
        connection.execute(update(entries).where(entries.c.seq == entry.seq).values(rules_version=OTHER))
    database.close()
    body = await replay(client, entry.decision_id)
    assert (body["identical"], body["intact"]) == (False, False)
    assert body["differences"][0]["name"] == "/rules_version"
    assert body["recorded"]["rules_version"] == OTHER


def alter(tmp_path: Path, changes: Sequence[tuple[Entry, dict[str, Any]]]) -> None:
    """Write other values into stored entries, past the trigger that forbids it."""
    database = Database(f"sqlite:///{tmp_path}/journal.sqlite")
    with database.write() as connection:
        connection.execute(text("DROP TRIGGER journal_entries_no_update"))
        for entry, altered in changes:
            columns = ", ".join(f"{name} = :{name}" for name in altered)
            connection.execute(text(f"UPDATE {entries.name} SET {columns} WHERE seq = {entry.seq}"), altered)
    database.close()


async def is_not_replayable(client: httpx.AsyncClient, entry: Entry) -> bool:
    reply = await client.post(f"/v1/decisions/{entry.decision_id}/replay", json={})
    return reply.status_code == 409 and bool(reply.json()["type"].endswith("/not-replayable"))


async def counted(client: httpx.AsyncClient, **asked: Any) -> tuple[int, int, int]:
    """Return how many entries an impact run found, decided again, and could not."""
    reply = await client.post("/v1/impact", json=asked)
    assert reply.status_code == 200, reply.text
    impact = reply.json()
    return impact["total"], impact["evaluated"], impact["not_replayable"]


BEYOND_READING: list[dict[str, Any]] = [
    {"answer": b"nothing"},
    {"answer": b"5"},
    {"as_of": "someday"},
    {"verdict": "perhaps"},
    {"request": b"{"},
]


async def test_entries_altered_beyond_reading_are_told_and_counted_apart(service: Service, tmp_path: Path) -> None:
    client = await service.client()
    altered = [(await recorded(service, client), values) for values in BEYOND_READING]
    await client.post("/v1/decisions", json=DECISION)
    alter(tmp_path, altered)
    for entry, values in altered:
        assert await is_not_replayable(client, entry), values
    total, evaluated, not_replayable = await counted(client, policy="law_only")
    assert total == evaluated + not_replayable == len(altered) + 1


BEYOND_RECKONING: list[dict[str, Any]] = [
    {"leverage": "0"},
    {"notional": None, "quantity": "0"},
    {"market": {"mark_price": "0"}},
    {"holding_hours": "8", "market": {"funding_rate": "0.0001", "funding_interval_hours": "0"}},
]


async def test_requests_altered_beyond_reckoning_are_told_and_break_no_run(service: Service, tmp_path: Path) -> None:
    client = await service.client()
    altered = []
    for change in BEYOND_RECKONING:
        entry = await recorded(service, client)
        altered.append((entry, {"request": msgspec.json.encode({**msgspec.json.decode(entry.request), **change})}))
    await client.post("/v1/decisions", json=DECISION)
    alter(tmp_path, altered)
    for entry, values in altered:
        assert await is_not_replayable(client, entry), values
    assert await counted(client, release="latest") == (5, 1, 4)


ALTERED_COLUMNS: list[dict[str, Any]] = [
    {"request": "a text"},
    {"request": 5},
    {"as_of": 5},
    {"verdict": "allow", "answer": b'{"findings":[{"rule":"risk.stop_present","effect":"deny","outcome":"maybe"}]}'},
]


async def test_altered_columns_break_no_run(service: Service, tmp_path: Path) -> None:
    client = await service.client()
    altered = [(await recorded(service, client), values) for values in ALTERED_COLUMNS]
    await client.post("/v1/decisions", json=DECISION)
    alter(tmp_path, altered)
    assert await counted(client, policy="standard", since="2026-01-01") == (5, 1, 4)


async def test_an_altered_policy_is_not_taken_for_the_recorded_one(service: Service, tmp_path: Path) -> None:
    client = await service.client()
    policy = {"name": "desk", "max_leverage": "3"}
    made = await client.post("/v1/decisions", json={**DECISION, "policy": policy})
    database = Database(f"sqlite:///{tmp_path}/journal.sqlite")
    with database.write() as connection:
        connection.execute(text("DROP TRIGGER policy_documents_no_update"))
        connection.execute(text("UPDATE policy_documents SET document = replace(document, '\"3\"', '\"9\"')"))
    database.close()
    service.services.policies._decoded.clear()  # as after a restart
    reply = await client.post(f"/v1/decisions/{made.json()['decision_id']}/replay", json={})
    assert reply.status_code == 409, reply.text
    impact = (await client.post("/v1/impact", json={"release": "latest"})).json()
    assert (impact["evaluated"], impact["not_replayable"]) == (0, 1)


async def test_what_this_program_cannot_decide_is_a_problem_and_counted_apart(service: Service) -> None:
    client = await service.client()
    undecidable: list[tuple[dict[str, Any], int, str, str]] = [
        ({"venue": "gone_exchange"}, 422, "invalid-input", "gone_exchange"),
        ({"a_field_of_yore": 1}, 409, "not-replayable", "a_field_of_yore"),
        ({"side": "sideways"}, 409, "not-replayable", "side"),
    ]
    for change, status, kind, says in undecidable:
        entry = await recorded(service, client)
        request = msgspec.json.encode({**msgspec.json.decode(entry.request), **change})
        decision_id = await record_as(service, entry, request=request, rules_version=OTHER)
        reply = await client.post(f"/v1/decisions/{decision_id}/replay", json={})
        assert reply.status_code == status, reply.text
        assert reply.json()["type"].endswith(f"/{kind}")
        assert says in json.dumps(reply.json())
    assert await counted(client, policy="law_only") == (6, 3, 3)
