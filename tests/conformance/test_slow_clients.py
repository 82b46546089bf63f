"""Clients that drip, stall or never end do not starve those who ask properly."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import httpx

from tests.conformance.conftest import KeyedServer
from tests.serving import DECISION

STALLED = 200
GOOD_REQUESTS = 40

_HEAD = (
    "POST {path} HTTP/1.1\r\nHost: preclear.test\r\nAuthorization: {authorization}\r\n"
    "Content-Type: {kind}\r\n{length}\r\n\r\n"
)


def _head(keyed: KeyedServer, path: str, kind: str, length: str) -> bytes:
    return _HEAD.format(path=path, authorization=keyed.headers["Authorization"], kind=kind, length=length).encode()


@asynccontextmanager
async def stalled(keyed: KeyedServer, sent: bytes, count: int) -> AsyncIterator[list[asyncio.StreamReader]]:
    """Hold `count` connections open on which `sent` has been sent and nothing follows."""
    address = urlsplit(keyed.url)
    pairs = [await asyncio.open_connection(address.hostname, address.port) for _ in range(count)]
    for _, writer in pairs:
        writer.write(sent)
        await writer.drain()
    try:
        yield [reader for reader, _ in pairs]
    finally:
        for _, writer in pairs:
            writer.close()


async def _decide(keyed: KeyedServer) -> set[int]:
    async with httpx.AsyncClient(base_url=keyed.url, headers=keyed.headers, timeout=60) as client:
        replies = [await client.post("/v1/decisions?record=false", json=DECISION) for _ in range(GOOD_REQUESTS)]
    return {reply.status_code for reply in replies}


async def test_bodies_that_stall_do_not_hold_up_others(keyed: KeyedServer) -> None:
    begun = _head(keyed, "/v1/decisions", "application/json", "Content-Length: 500") + b'{"venue": "bin'
    async with stalled(keyed, begun, STALLED) as readers:
        assert await _decide(keyed) == {200}
        assert not any(reader.at_eof() for reader in readers)


async def test_headers_that_stall_do_not_hold_up_others(keyed: KeyedServer) -> None:
    async with stalled(keyed, b"POST /v1/decisions HTTP/1.1\r\nHost: preclear.test\r\nX-Slow: ", STALLED):
        assert await _decide(keyed) == {200}


async def test_a_body_that_drips_byte_by_byte_does_not_hold_up_others(keyed: KeyedServer) -> None:
    address = urlsplit(keyed.url)
    body = json.dumps(DECISION).encode()
    head = _head(keyed, "/v1/decisions?record=false", "application/json", f"Content-Length: {len(body)}")

    async def drip() -> bytes:
        reader, writer = await asyncio.open_connection(address.hostname, address.port)
        writer.write(head)
        for byte in body:
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(0.001)
        line = await reader.readline()
        writer.close()
        return line

    dripping = [asyncio.ensure_future(drip()) for _ in range(20)]
    assert await _decide(keyed) == {200}
    assert {line.split()[1] for line in await asyncio.gather(*dripping)} == {b"200"}


async def test_batches_that_stall_do_not_hold_up_others(keyed: KeyedServer) -> None:
    line = json.dumps(DECISION).encode() + b"\n"
    chunk = f"{len(line):x}\r\n".encode() + line + b"\r\n"
    begun = _head(keyed, "/v1/decisions/batch?record=false", "application/x-ndjson", "Transfer-Encoding: chunked")
    async with stalled(keyed, begun + chunk, 50):
        assert await _decide(keyed) == {200}


async def test_streams_beyond_the_limit_are_cut_off_and_do_not_hold_up_others(keyed: KeyedServer) -> None:
    """Whoever goes on sending after the refusal finds the connection closed, not a reader without end."""
    address = urlsplit(keyed.url)
    piece = b"10000\r\n" + b" " * 65_536 + b"\r\n"
    head = _head(keyed, "/v1/decisions", "application/json", "Transfer-Encoding: chunked")

    async def pour() -> int:
        _, writer = await asyncio.open_connection(address.hostname, address.port)
        writer.write(head)
        pieces = 0
        try:
            for _ in range(512):
                writer.write(piece)
                await writer.drain()
                pieces += 1
        except ConnectionError:
            pass
        writer.close()
        return pieces

    pouring = [asyncio.ensure_future(pour()) for _ in range(10)]
    assert await _decide(keyed) == {200}
    assert max(await asyncio.wait_for(asyncio.gather(*pouring), 60)) < 512


async def test_a_line_without_end_is_not_kept(keyed: KeyedServer) -> None:
    async def line() -> AsyncIterator[bytes]:
        for _ in range(256):
            yield b" " * 65_536
        yield b"\n" + json.dumps(DECISION).encode()

    async with httpx.AsyncClient(base_url=keyed.url, headers=keyed.headers, timeout=60) as client:
        reply = await client.post(
            "/v1/decisions/batch?record=false", content=line(), headers={"Content-Type": "application/x-ndjson"}
        )
    first, second = [json.loads(text) for text in reply.text.splitlines()]
    assert (first["status"], first["line"]) == (422, 1)
    assert second["verdict"] == "deny"
