"""A row that somebody has altered is shown as it stands, hides none beside it, and is named by the verification."""

from __future__ import annotations

import csv
import io
import sqlite3
from contextlib import closing
from typing import Any

import httpx
import msgspec
import pyarrow.parquet as pq
import pytest

from api.representations.journal_rows import DecisionPage, JournalEntryAnswer
from data.journal.schema import entries
from rules.decision import Verdict
from tests.serving import DECISION, Service

ALTERED: tuple[Any, ...] = ("garbage ₿\nx", "", b"\xff\x00", "2026-W48-1", 7)
COLUMNS = tuple(column.name for column in entries.columns if column.name not in ("seq", "decision_id"))


def alter(service: Service, column: str, value: object) -> None:
    """Write into the second entry's row as its owner can."""
    path = service.services.settings.journal.removeprefix("sqlite:///")
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("DROP TRIGGER IF EXISTS journal_entries_no_update")
        connection.execute(f"UPDATE journal_entries SET {column} = ? WHERE seq = 2", (value,))


async def three(client: httpx.AsyncClient) -> list[str]:
    made = [await client.post("/v1/decisions", json={**DECISION, "leverage": one}) for one in ("3", "4", "5")]
    return [one.json()["decision_id"] for one in made]


@pytest.mark.parametrize("column", COLUMNS)
async def test_an_altered_row_is_shown_and_hides_no_other(service: Service, column: str) -> None:
    client = await service.client()
    ids = await three(client)
    for value in ALTERED:
        if value == "" and column in ("key_id", "masked"):
            continue  # as it was
        alter(service, column, value)
        await look_at_all(service, client, ids, column, value)


async def look_at_all(service: Service, client: httpx.AsyncClient, ids: list[str], column: str, value: object) -> None:
    listed = await client.get("/v1/decisions")
    assert listed.status_code == 200, listed.text
    msgspec.json.decode(listed.content, type=DecisionPage)  # as the description has it
    rows = listed.json()["data"]
    assert [row["decision_id"] for row in rows] == ids[::-1]
    if column in rows[1] and isinstance(value, str) and column not in ("as_of", "verdict", "failed_rules"):
        assert rows[1][column] == value

    lines = (await client.get("/v1/decisions?format=ndjson")).content.splitlines()
    cells = list(csv.DictReader(io.StringIO((await client.get("/v1/decisions?format=csv")).text)))
    table = pq.read_table(io.BytesIO((await client.get("/v1/decisions?format=parquet")).content)).to_pylist()
    assert [msgspec.json.decode(line) for line in lines] == rows[::-1]
    assert [row["decision_id"] for row in cells] == [row["decision_id"] for row in table] == ids
    assert table[1]["summary"] == rows[1]["summary"]

    for path in ("", "/entry"):
        reply = await client.get(f"/v1/decisions/{ids[1]}{path}")
        assert reply.status_code == 200, reply.text
    entry = msgspec.json.decode(reply.content, type=dict[str, Any])
    assert {name: entry[name] for name in rows[1]} == rows[1]
    msgspec.json.decode(reply.content, type=JournalEntryAnswer)
    if column in ("request", "answer"):
        assert entry[column] is None

    replayed = await client.post(f"/v1/decisions/{ids[1]}/replay")
    assert replayed.status_code in (200, 404, 409), replayed.text
    verification = await service.services.journal.verify()
    assert verification.first_break is not None
    assert verification.first_break.seq == 2


async def test_what_is_no_day_and_no_verdict_is_null(service: Service) -> None:
    client = await service.client()
    await three(client)
    alter(service, "as_of", "garbage")
    rows = (await client.get("/v1/decisions")).json()["data"]
    assert [row["as_of"] is None for row in rows] == [False, True, False]
    assert {row["verdict"] for row in rows} <= {verdict.value for verdict in Verdict}
    (cells,) = list(csv.DictReader(io.StringIO((await client.get("/v1/decisions?format=csv")).text)))[1:2]
    assert cells["as_of"] == ""
