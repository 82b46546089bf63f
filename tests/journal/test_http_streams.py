"""A real server with several workers: a key revoked while its batch is under way, and questions about nothing."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from data.journal.journal import open_journal
from tests.conftest import ROOT, ServerFactory
from tests.serving import DECISION

LINE = json.dumps(DECISION).encode() + b"\n"
PART = 64
PIECE = b"%x\r\n%s\r\n" % (len(LINE) * 3 * PART, LINE * 3 * PART)
HEAD = (
    b"POST /v1/decisions/batch HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n"
    b"Content-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n"
)


def keys(folder: Path, *words: str) -> str:
    """Run `preclear keys` as an operator does, beside the server."""
    environment = {**os.environ, "PRECLEAR_VAR": str(folder)}
    command = [sys.executable, "-m", "api", "keys", *words]
    return subprocess.run(command, check=True, cwd=ROOT, env=environment, capture_output=True, text=True).stdout.strip()


async def next_chunk(reader: asyncio.StreamReader) -> bytes:
    """Return a piece of a chunked answer; the last one is empty."""
    size = int(await reader.readline(), 16)
    return (await reader.readexactly(size + 2))[:size]


async def test_a_key_revoked_in_the_middle_of_a_batch_ends_it_and_what_was_answered_stands(
    serve: ServerFactory, tmp_path: Path
) -> None:
    key = keys(tmp_path, "create", "--scopes", "decide")
    server = await asyncio.to_thread(serve, "--workers", "2")
    address = urlsplit(server.url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    writer.write(HEAD % key.encode() + PIECE)
    await reader.readuntil(b"\r\n\r\n")
    received = b""

    async def go_on() -> None:
        while not writer.is_closing():
            writer.write(PIECE)
            await writer.drain()
            await asyncio.sleep(0.01)

    async with asyncio.timeout(60):
        while received.count(b"\n") < PART:
            received += await next_chunk(reader)
        await asyncio.to_thread(keys, tmp_path, "revoke", key.split("_")[1])
        going_on = asyncio.ensure_future(go_on())
        while chunk := await next_chunk(reader):
            received += chunk
    going_on.cancel()
    writer.close()
    async with httpx.AsyncClient(base_url=server.url, headers={"Authorization": f"Bearer {key}"}, timeout=60) as client:
        assert (await client.post("/v1/decisions", json=DECISION)).status_code == 401
    *answers, last = [json.loads(line) for line in received.splitlines()]
    assert (last["status"], last["line"]) == (401, len(answers) + 1)
    assert last["type"].endswith("/unauthenticated")
    assert {answer["verdict"] for answer in answers} == {"deny"}
    journal = await open_journal(f"sqlite:///{tmp_path}/journal.sqlite")
    verification = await journal.verify()
    assert verification.whole
    assert verification.entries == len(answers)
    await journal.close()
    assert await asyncio.to_thread(server.stop) == 0


async def test_a_batch_that_the_services_end_cuts_off_is_no_fault_of_the_service(
    serve: ServerFactory, tmp_path: Path
) -> None:
    key = keys(tmp_path, "create", "--scopes", "decide")
    server = await asyncio.to_thread(serve, PRECLEAR_GRACE_SECONDS="2")
    address = urlsplit(server.url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    writer.write(HEAD % key.encode() + PIECE)
    await reader.readuntil(b"\r\n\r\n")
    async with asyncio.timeout(60):
        received = await next_chunk(reader)
        ending = asyncio.ensure_future(asyncio.to_thread(server.stop))
        received += await reader.read()
    assert received.count(b'"decision_id"') > 0
    assert b"\r\n0\r\n" not in received, "its client sees that it is not whole"
    assert await ending == 0
    writer.close()
    log = server.log.read_text()
    assert "answer_cut_off" in log
    assert "Traceback" not in log, log
    assert "CancelledError" not in log


async def test_questions_about_nothing_are_answered_with_what_is_missing(serve: ServerFactory) -> None:
    server = await asyncio.to_thread(serve)
    async with httpx.AsyncClient(base_url=server.url, timeout=60) as client:
        impact = await client.post(
            "/v1/impact", json={"policy": "standard"}, headers={"Accept": "application/x-ndjson"}
        )
        assert (impact.status_code, impact.headers["content-type"]) == (422, "application/problem+json")
        assert impact.json()["errors"] == [
            {"pointer": "/filter", "detail": "no recorded decision matches, so there is nothing to try"}
        ]
        unknown = await client.post("/v1/decisions/dec_unknown/replay", json={})
        assert (unknown.status_code, unknown.json()["type"].rpartition("/")[2]) == (404, "not-found")
        assert "dec_unknown" in unknown.json()["detail"]
        only_computed = (await client.post("/v1/decisions?record=false", json=DECISION)).json()["decision_id"]
        assert (await client.post(f"/v1/decisions/{only_computed}/replay")).status_code == 404
    assert await asyncio.to_thread(server.stop) == 0
