"""Clients that do not read what they are sent: they lose their connection, and nobody else loses anything."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import uvicorn

from api.app import framed
from api.transport import limits
from api.transport.protocol import BoundedProtocol
from tests.serving import DECISION, Service

LINES = (json.dumps(DECISION).encode() + b"\n") * 100
PIECE = b"%x\r\n%s\r\n" % (len(LINES), LINES)
BATCH = (
    b"POST /v1/decisions/batch?record=false HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/x-ndjson\r\n"
    b"transfer-encoding: chunked\r\n\r\n"
)
LARGE = 30_000_000


class Impatient(BoundedProtocol):
    """The server's protocol, giving up sooner."""

    unread_seconds = 0.5


class Listening:
    """An application served from this process."""

    def __init__(self, app: Any) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        config = uvicorn.Config(
            app, http=Impatient, ws="none", lifespan="off", log_config=None, timeout_graceful_shutdown=1
        )
        self.server = uvicorn.Server(config)
        self._task = asyncio.ensure_future(self.server.serve([self._listener]))

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Return a connection that takes little before it stands still."""
        client = socket.socket()
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.setblocking(False)
        await asyncio.get_running_loop().sock_connect(client, ("127.0.0.1", self.port))
        return await asyncio.open_connection(sock=client, limit=1024)

    async def close(self) -> None:
        self.server.should_exit = True
        await self._task


@pytest.fixture
async def listening(service: Service, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Listening]:
    monkeypatch.setattr(limits, "SLOWEST_READER_SECONDS", Impatient.unread_seconds)
    listening = Listening(framed(service.app))
    yield listening
    await listening.close()


async def test_a_batch_that_is_all_written_before_it_is_read_ends_and_harms_nobody(
    listening: Listening, caplog: pytest.LogCaptureFixture
) -> None:
    reader, writer = await listening.connect()

    async def write_for_ever() -> None:
        writer.write(BATCH)
        while True:
            writer.write(PIECE)
            await writer.drain()

    writing = asyncio.ensure_future(write_for_ever())
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{listening.port}", timeout=60) as client:
        while not writing.done():
            reply = await client.post("/v1/decisions?record=false", json=DECISION)
            assert reply.status_code == 200
            await asyncio.sleep(0.01)
        metrics = (await client.get("/metrics")).text
    with pytest.raises(ConnectionError):
        await writing
    with pytest.raises(ConnectionError):
        await reader.read()
    writer.close()
    assert 'status="500"' not in metrics
    assert caplog.records == []


async def test_a_batch_that_is_read_while_it_is_written_has_no_such_end(
    listening: Listening, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may go on for longer than anything of it may be left unread."""
    monkeypatch.setattr(limits, "SLOWEST_READER_SECONDS", 4.0)
    monkeypatch.setattr(Impatient, "unread_seconds", 4.0)
    reader, writer = await listening.connect()
    writer.write(BATCH)

    async def write() -> None:
        for number in range(10):
            if number == 5:
                await asyncio.sleep(4.5)
            writer.write(PIECE)
            await writer.drain()
        writer.write(b"0\r\n\r\n")

    writing = asyncio.ensure_future(write())
    received = bytearray()
    async with asyncio.timeout(60):
        while not received.endswith(b"\r\n0\r\n\r\n"):
            piece = await reader.read(65_536)
            assert piece, "the connection ended before the answer did"
            received += piece
    await writing
    writer.close()
    assert received.count(b'{"decision_id":') == 1000


async def test_a_large_answer_left_unread_is_given_up() -> None:
    """One piece, sent at once: nothing waits for the client but its connection."""

    async def large(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % LARGE)]})
        await send({"type": "http.response.body", "body": bytes(LARGE)})

    listening = Listening(large)
    _, writer = await listening.connect()
    writer.write(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
    connections = listening.server.server_state.connections
    async with asyncio.timeout(60):
        while not connections:  # noqa: ASYNC110 - the server does it
            await asyncio.sleep(0.01)
        while connections:  # noqa: ASYNC110 - the kernel does it
            await asyncio.sleep(0.05)
    writer.close()
    await listening.close()
