"""A small HTTP load generator: prepared requests over raw connections, so that the server is what is measured."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Sequence
from typing import NamedTuple
from urllib.parse import urlsplit


class Measured(NamedTuple):
    """Requests answered in a second, latencies in seconds (sorted), and how many answers were not 200."""

    throughput: float
    latencies: list[float]
    failures: int

    def percentile(self, share: float) -> float:
        return self.latencies[min(int(len(self.latencies) * share), len(self.latencies) - 1)]


def prepared(method: str, url: str, body: bytes = b"", headers: dict[str, str] | None = None) -> bytes:
    """Return the bytes of a request."""
    parts = urlsplit(url)
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    fields = {"Host": parts.netloc, "Content-Length": str(len(body)), **(headers or {})}
    if body:
        fields.setdefault("Content-Type", "application/json")
    lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return f"{method} {target} HTTP/1.1\r\n{lines}\r\n".encode() + body


class _Connection(asyncio.Protocol):
    """One connection that sends a request and waits for the whole answer."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._buffer = bytearray()
        self._expected = -1
        self._answered: asyncio.Future[int] | None = None
        self._status = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def connection_lost(self, error: Exception | None) -> None:
        if self._answered is not None and not self._answered.done():
            self._answered.set_exception(error or ConnectionResetError())

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if self._expected < 0:
            end = self._buffer.find(b"\r\n\r\n")
            if end < 0:
                return
            head = bytes(self._buffer[:end]).lower()
            self._status = int(head[9:12])
            at = head.find(b"content-length:")
            length = int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
            self._expected = end + 4 + length
        if len(self._buffer) >= self._expected and self._answered is not None:
            del self._buffer[: self._expected]
            self._expected = -1
            self._answered.set_result(self._status)

    async def ask(self, request: bytes) -> int:
        assert self._transport is not None
        self._answered = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._answered

    def close(self) -> None:
        assert self._transport is not None
        self._transport.close()


async def _connect(url: str) -> _Connection:
    parts = urlsplit(url)
    _, connection = await asyncio.get_running_loop().create_connection(_Connection, parts.hostname, parts.port)
    return connection


async def saturate(url: str, requests: Sequence[bytes], *, connections: int, seconds: float) -> Measured:
    """Ask as fast as answers come, over so many connections, one request after another and round again."""
    following = itertools.cycle(requests)
    opened = [await _connect(url) for _ in range(connections)]
    latencies: list[float] = []
    failures = 0
    started = time.perf_counter()
    end = started + seconds

    async def client(connection: _Connection) -> None:
        nonlocal failures
        while (asked := time.perf_counter()) < end:
            failures += await connection.ask(next(following)) != 200
            latencies.append(time.perf_counter() - asked)

    await asyncio.gather(*(client(connection) for connection in opened))
    elapsed = time.perf_counter() - started
    for connection in opened:
        connection.close()
    return Measured(len(latencies) / elapsed, sorted(latencies), failures)


async def pace(url: str, requests: Sequence[bytes], *, connections: int, seconds: float, rate: float) -> Measured:
    """Ask `rate` times a second, evenly; a request's latency counts from the moment it was due."""
    following = itertools.cycle(requests)
    free: asyncio.Queue[_Connection] = asyncio.Queue()
    for _ in range(connections):
        free.put_nowait(await _connect(url))
    latencies: list[float] = []
    failures = 0

    async def one(due: float) -> None:
        nonlocal failures
        connection = await free.get()
        failures += await connection.ask(next(following)) != 200
        latencies.append(time.perf_counter() - due)
        free.put_nowait(connection)

    started = time.perf_counter()
    tasks: list[asyncio.Task[None]] = []
    for number in range(int(rate * seconds)):
        due = started + number / rate
        wait = due - time.perf_counter()
        if wait > 0:
            await asyncio.sleep(wait)
        tasks.append(asyncio.ensure_future(one(due)))
    await asyncio.gather(*tasks)
    elapsed = time.perf_counter() - started
    while not free.empty():
        free.get_nowait().close()
    return Measured(len(latencies) / elapsed, sorted(latencies), failures)
