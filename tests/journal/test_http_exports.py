"""Whole lists over HTTP: they end with the client that asked, few are under way at once, and nobody waits for them."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Any

import httpx
import pytest
import uvicorn

import api.routes.facts_answering as facts_answering
import api.routes.impact as routes_impact
from api.app import framed
from api.replays.impact import Progress
from api.transport.places import Places
from api.transport.protocol import BoundedProtocol
from data.journal import queries
from data.journal.entry import Filters
from data.journal.journal import Journal
from tests.serving import DECISION, Service

JOURNAL = b"GET /v1/decisions?format=ndjson HTTP/1.1\r\nHost: localhost\r\n\r\n"
FACTS = b"GET /v1/sources?limit=all&format=ndjson HTTP/1.1\r\nHost: localhost\r\n\r\n"
IMPACT = (
    b"POST /v1/impact HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 2\r\n"
    b"Accept: application/x-ndjson\r\n\r\n{}"
)


@pytest.fixture
async def port(service: Service) -> AsyncIterator[int]:
    """The service behind the server's own protocol; one decision is recorded."""
    await (await service.client()).post("/v1/decisions", json=DECISION)
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(framed(service.app), http=BoundedProtocol, ws="none", lifespan="off", log_config=None)
    server = uvicorn.Server(config)
    serving = asyncio.ensure_future(server.serve([listener]))
    yield int(listener.getsockname()[1])
    server.should_exit = True
    await serving


@pytest.mark.parametrize("request_", [JOURNAL, FACTS, IMPACT], ids=["journal", "facts", "impact"])
async def test_a_streamed_answer_ends_with_its_client(
    service: Service, port: int, monkeypatch: pytest.MonkeyPatch, request_: bytes
) -> None:
    ended = asyncio.Event()

    async def endless(one: Any) -> AsyncGenerator[Any, None]:
        try:
            yield one
            await asyncio.Event().wait()
        finally:
            ended.set()

    monkeypatch.setattr(Journal, "walk", lambda *_, **__: endless([{"seq": 1}]))
    monkeypatch.setattr(facts_answering, "_pieces", lambda _: endless(b"{}\n"))
    monkeypatch.setattr(routes_impact, "run", lambda *_: endless(Progress(done=0, total=1)))
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request_)
    head = await reader.readuntil(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200")
    await reader.readline()
    assert not ended.is_set()
    writer.close()
    async with asyncio.timeout(60):
        await ended.wait()
    await asyncio.sleep(0)
    assert not service.services.impact_runs.all_taken()


async def test_few_exports_are_under_way_at_once_and_short_questions_do_not_wait_for_them(
    service: Service, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    service.services.exports = Places(2, "Too many exports are under way.", patience=0.2)
    made_after, go_on = queries.made_after, threading.Event()

    def slow(*given: Any, **named: Any) -> Any:
        go_on.wait()
        return made_after(*given, **named)

    monkeypatch.setattr(queries, "made_after", slow)
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=60) as session:
        exporting = [asyncio.ensure_future(session.get("/v1/decisions?format=ndjson")) for _ in range(6)]
        async with asyncio.timeout(60):
            refused = [await one for _, one in zip(range(4), asyncio.as_completed(exporting), strict=False)]
            assert [one.status_code for one in refused] == [503] * 4
            assert all(int(one.headers["retry-after"]) > 0 for one in refused)
            assert (await session.get("/health/ready")).status_code == 200
            assert len((await session.get("/v1/decisions")).json()["data"]) == 1
            assert (await session.head("/v1/decisions?format=ndjson")).status_code == 200
        under_way = [one for one in exporting if not one.done()]
        assert len(under_way) == 2
        go_on.set()
        for one in under_way:
            assert (await one).status_code == 200
            assert len((await one).content.splitlines()) == 1


async def test_a_walk_keeps_what_is_made_of_entries_alone(service: Service) -> None:
    session = await service.client()
    for _ in range(3):
        await session.post("/v1/decisions", json=DECISION)
    chunks = [chunk async for chunk in service.services.journal.walk(Filters(), lambda one: one.seq)]
    assert chunks == [[1, 2, 3]]
