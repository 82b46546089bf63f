"""Connections that send headers without end, or without hurry."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from typing import Any

import pytest
import uvicorn

from api.protocol import BoundedProtocol


class Impatient(BoundedProtocol):
    """The server's protocol with bounds that a test can wait for."""

    header_bytes = 4096
    header_seconds = 0.3


async def echo(scope: Any, receive: Any, send: Any) -> None:
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            break
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(body))]})
    await send({"type": "http.response.body", "body": body})


@pytest.fixture
async def port() -> AsyncIterator[int]:
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(echo, http=Impatient, ws="none", lifespan="off", log_config=None, access_log=False)
    server = uvicorn.Server(config)
    serving = asyncio.ensure_future(server.serve([listener]))
    yield int(listener.getsockname()[1])
    server.should_exit = True
    await serving


async def ask(port: int, *pieces: bytes, pause: float = 0.0) -> bytes:
    """Send pieces and return everything that comes back until the server closes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(pause)
        return await asyncio.wait_for(reader.read(), 5)
    except ConnectionError:
        return b""
    finally:
        writer.close()


async def test_a_request_that_comes_in_time_is_answered(port: int) -> None:
    head = b"POST / HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 5\r\n"
    answer = await ask(port, head, b"\r\n", b"hello", pause=0.05)
    assert answer.startswith(b"HTTP/1.1 200")
    assert answer.endswith(b"hello")


async def test_headers_that_drip_are_given_up(port: int) -> None:
    answer = await ask(port, b"GET / HTTP/1.1\r\n", *([b"x: y\r\n"] * 20), pause=0.05)
    assert answer == b"" or answer.startswith(b"HTTP/1.1 408")


async def test_headers_that_stop_are_told_so(port: int) -> None:
    answer = await ask(port, b"GET / HTTP/1.1\r\nx: y\r\n")
    assert answer.startswith(b"HTTP/1.1 408 Request Timeout\r\n")
    assert b'"status":408' in answer


async def test_a_connection_on_which_nothing_comes_is_closed(port: int) -> None:
    assert await ask(port) == b""


async def test_headers_without_end_are_refused(port: int) -> None:
    answer = await ask(port, b"GET / HTTP/1.1\r\n", b"x: " + b"y" * 8000)
    assert answer.startswith(b"HTTP/1.1 431 ")
    assert b"application/problem+json" in answer


async def test_a_body_may_take_longer_than_headers(port: int) -> None:
    head = b"POST / HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 8\r\n\r\n"
    answer = await ask(port, head, b"slow", b"body", pause=0.4)
    assert answer.endswith(b"slowbody")


async def test_the_next_request_on_a_connection_has_a_clock_of_its_own(port: int) -> None:
    whole = b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\nok"
    answer = await ask(port, whole, whole, b"GET / HTTP/1.1\r\n", pause=0.1)
    assert answer.count(b"HTTP/1.1 200") == 2
    assert b"HTTP/1.1 408" in answer


async def test_those_who_dawdle_do_not_hold_up_others(port: int) -> None:
    slow = [asyncio.ensure_future(ask(port, b"GET / HTTP/1.1\r\n")) for _ in range(100)]
    await asyncio.sleep(0.05)
    whole = b"POST / HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 2\r\n\r\nok"
    answers = await asyncio.wait_for(asyncio.gather(*(ask(port, whole) for _ in range(20))), 3)
    assert all(answer.startswith(b"HTTP/1.1 200") for answer in answers)
    assert all(answer.startswith(b"HTTP/1.1 408") for answer in await asyncio.gather(*slow))
