"""Connections that send headers without end or without hurry, or what is no HTTP at all."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from typing import Any

import pytest
import uvicorn

from api.problems import MEDIA_TYPE
from api.transport.protocol import BoundedProtocol
from tests.security.test_bounds import HARDENING


class Impatient(BoundedProtocol):
    """The server's protocol with bounds that a test can wait for."""

    header_bytes = 4096
    header_seconds = 60.0
    linger_seconds = 60.0


async def echo(scope: Any, receive: Any, send: Any) -> None:
    if scope["path"] == "/slow":
        await asyncio.sleep(0.2)
    if scope["path"] in ("/refuse", "/decline"):
        ending = [(b"connection", b"close")] if scope["path"] == "/refuse" else []
        fields = [(b"content-length", b"2"), *ending]
        await send({"type": "http.response.start", "status": 413, "headers": fields})
        await send({"type": "http.response.body", "body": b"no"})
        return
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            break
    if scope["path"] == "/fields":
        body = b" ".join(name for name, _ in scope["headers"])
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(body))]})
    await send({"type": "http.response.body", "body": body})


class Serving:
    """A server in this process that echoes."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        config = uvicorn.Config(
            echo,
            http=Impatient,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=1,
        )
        self._server = uvicorn.Server(config)
        self._task = asyncio.ensure_future(self._server.serve([self._listener]))

    async def asked(self) -> None:
        """Wait until a request has begun."""
        async with asyncio.timeout(60):
            while not self._server.server_state.tasks:  # noqa: ASYNC110 - the server makes them
                await asyncio.sleep(0.01)

    async def end(self) -> None:
        self._server.should_exit = True
        await self._task


@pytest.fixture
async def serving() -> AsyncIterator[Serving]:
    server = Serving()
    yield server
    await server.end()


@pytest.fixture
def port(serving: Serving) -> int:
    return serving.port


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Headers, and the end of what is refused, are waited for no longer than a test wants to wait."""
    monkeypatch.setattr(Impatient, "header_seconds", 1.0)
    monkeypatch.setattr(Impatient, "linger_seconds", 1.0)


async def ask(port: int, *pieces: bytes, pause: float = 0.0) -> bytes:
    """Send pieces and return everything that comes back until the server closes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(pause)
        return await asyncio.wait_for(reader.read(), 60)
    except ConnectionError:
        return b""
    finally:
        writer.close()


async def test_a_request_that_comes_in_time_is_answered(port: int) -> None:
    head = b"POST / HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 5\r\n"
    answer = await ask(port, head, b"\r\n", b"hello", pause=0.05)
    assert answer.startswith(b"HTTP/1.1 200")
    assert answer.endswith(b"hello")


@pytest.mark.usefixtures("hasty")
async def test_headers_that_drip_are_given_up(port: int) -> None:
    answer = await ask(port, b"GET / HTTP/1.1\r\n", *([b"x: y\r\n"] * 20), pause=0.05)
    assert answer == b"" or answer.startswith(b"HTTP/1.1 408")


@pytest.mark.usefixtures("hasty")
async def test_headers_that_stop_are_told_so(port: int) -> None:
    answer = await ask(port, b"GET / HTTP/1.1\r\nx: y\r\n")
    assert answer.startswith(b"HTTP/1.1 408 Request Timeout\r\n")
    assert_problem(answer, 408, "request-timeout")


@pytest.mark.usefixtures("hasty")
async def test_a_connection_on_which_nothing_comes_is_closed(port: int) -> None:
    assert await ask(port) == b""


async def test_headers_without_end_are_refused(port: int) -> None:
    answer = await ask(port, b"GET / HTTP/1.1\r\n", b"x: " + b"y" * 8000)
    assert_problem(answer, 431, "headers-too-large")


@pytest.mark.parametrize(
    "sent",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET\r\n\r\n",
        b"CONNECT preclear.test:443 HTTP/1.1\r\nhost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nno colon here\r\n\r\n",
        b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
    ],
    ids=["tls", "no target", "connect", "no field", "two lengths", "no chunk"],
)
async def test_what_is_no_http_is_told_so_in_a_problem_like_any_other(port: int, sent: bytes) -> None:
    assert_problem(await ask(port, sent), 400, "bad-request")


def assert_problem(answer: bytes, status: int, kind: str) -> None:
    head, _, body = answer.decode().partition("\r\n\r\n")
    first, *lines = head.split("\r\n")
    fields = dict(line.split(": ", 1) for line in lines)
    assert first.split()[1] == str(status)
    assert len(fields) == len(lines), "a field came twice"
    assert {name: fields[name] for name in HARDENING} == HARDENING
    assert "content-security-policy" in fields
    assert "date" in fields
    assert (fields["content-type"], fields["connection"]) == (MEDIA_TYPE, "close")
    assert int(fields["content-length"]) == len(body)
    problem = json.loads(body)
    assert (problem["status"], problem["type"].rpartition("/")[2]) == (status, kind)
    assert problem["instance"] == fields["x-request-id"]
    assert len(problem["instance"]) == 24


SLOW = b"POST /slow HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\nok"


@pytest.mark.parametrize(
    ("behind", "more", "status"),
    [
        (b"what is this\r\n\r\n", b"and this", 400),
        (b"POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n", b"zz\r\n", 400),
        (b"GET / HTTP/1.1\r\nx: ", b"y" * 8000, 431),
        (b"GET / HTTP/1.1\r\n", b"x: y\r\n", 408),
    ],
)
async def test_what_comes_behind_a_good_request_does_not_cost_it_its_answer(
    port: int, behind: bytes, more: bytes, status: int, request: pytest.FixtureRequest
) -> None:
    if status == 408:
        request.getfixturevalue("hasty")
    answer = await ask(port, SLOW + SLOW + behind, more, pause=0.05)
    good, bad = answer.split(b"HTTP/1.1 %d " % status)
    assert good.count(b"HTTP/1.1 200") == good.count(b"\r\n\r\nok") == 2
    assert b'"status":%d' % status in bad


async def test_an_offer_to_speak_another_protocol_is_declined_and_the_request_answered(port: int) -> None:
    """Java's client offers HTTP/2 with the first request to a host, whatever its body."""
    offer = b"connection: upgrade, http2-settings\r\nupgrade: h2c\r\nhttp2-settings: AAMAAABkAAQAAP__\r\n"
    post = b"POST / HTTP/1.1\r\nhost: x\r\n" + offer
    answer = await ask(
        port,
        post + b"content-length: 6\r\n\r\nsi",
        b"zed" + b"+" + post + b"transfer-encoding: chunked\r\n\r\n4\r\nchun\r\n",
        b"3\r\nked\r\n0\r\n\r\n",
        b"GET / HTTP/1.1\r\nhost: x\r\n" + offer + b"\r\n",
        b"POST / HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 5\r\n\r\nplain",
        pause=0.05,
    )
    bodies = [one.partition(b"\r\n\r\n")[2] for one in answer.split(b"HTTP/1.1 200 OK")[1:]]
    assert bodies == [b"sized+", b"chunked", b"", b"plain"]


async def test_a_request_that_is_cut_off_when_the_service_ends_is_told_to_come_again(serving: Serving) -> None:
    head = b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\n\r\n"
    asking = asyncio.ensure_future(ask(serving.port, head, b"he"))
    await serving.asked()
    await serving.end()
    answer = await asking
    assert_problem(answer, 503, "unavailable")
    assert b"\r\nretry-after: 1\r\n" in answer


@pytest.mark.usefixtures("hasty")
async def test_a_body_may_take_longer_than_headers(port: int) -> None:
    head = b"POST / HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 8\r\n\r\n"
    answer = await ask(port, head, b"slow", b"body", pause=0.6)
    assert answer.endswith(b"slowbody")


async def test_the_next_request_on_a_connection_has_a_clock_of_its_own(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Impatient, "header_seconds", 1.0)
    whole = b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\nok"
    answer = await ask(port, whole, whole, b"GET / HTTP/1.1\r\n", pause=0.6)
    assert answer.count(b"HTTP/1.1 200") == 2
    assert b"HTTP/1.1 408" in answer


async def test_those_who_dawdle_do_not_hold_up_others(port: int) -> None:
    """A hundred clients are in the middle of their headers before twenty others ask, and still are after."""
    dawdling = [await asyncio.open_connection("127.0.0.1", port) for _ in range(100)]
    for _, writer in dawdling:
        writer.write(b"GET / HTTP/1.1\r\n")
    whole = b"POST / HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 2\r\n\r\nok"
    answers = await asyncio.gather(*(ask(port, whole) for _ in range(20)))
    assert all(answer.startswith(b"HTTP/1.1 200") for answer in answers)
    for _, writer in dawdling:
        writer.write(b"host: x\r\nconnection: close\r\n\r\n")
    late = await asyncio.gather(*(reader.read() for reader, _ in dawdling))
    assert all(answer.startswith(b"HTTP/1.1 200") for answer in late)
    for _, writer in dawdling:
        writer.close()


REFUSED = b"POST /refuse HTTP/1.1\r\nhost: x\r\ncontent-length: 60000000\r\n\r\n"


def send_all_then_read(port: int, sent: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=60) as client:
        client.sendall(sent)
        answer = b""
        while piece := client.recv(65_536):
            answer += piece
        return answer


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (REFUSED, 413),
        (b"POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n", 400),
        (b"GET / HTTP/1.1\r\nx: ", 431),
    ],
    ids=["declined", "garbled", "long headers"],
)
async def test_a_client_that_reads_only_when_it_has_sent_everything_gets_its_answer(
    port: int, sent: bytes, status: int
) -> None:
    """What is closed with bytes unread is reset, and the answer with it: sending fails, or reading does."""
    answer = await asyncio.to_thread(send_all_then_read, port, sent + b"x" * 12_000_000)
    assert answer.startswith(b"HTTP/1.1 %d " % status)


async def write_for_ever(writer: asyncio.StreamWriter) -> None:
    while True:
        writer.write(b"4\r\nmore\r\n")
        await writer.drain()
        await asyncio.sleep(0.01)


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize("path", [b"/refuse", b"/decline"])
async def test_a_client_that_goes_on_sending_after_its_refusal_is_cut_off(port: int, path: bytes) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"POST " + path + b" HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n")
    assert (await reader.readuntil(b"no")).startswith(b"HTTP/1.1 413")
    with pytest.raises(ConnectionError):
        await asyncio.wait_for(write_for_ever(writer), 60)
    writer.close()


@pytest.mark.usefixtures("hasty")
async def test_a_client_that_comes_to_an_end_after_its_refusal_may_ask_again(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"POST /decline HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\n\r\nmo")
    await reader.readuntil(b"no")
    writer.write(b"re")
    await asyncio.sleep(1.5 * Impatient.linger_seconds)
    writer.write(b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\n\r\nagain")
    assert (await asyncio.wait_for(reader.readuntil(b"again"), 60)).startswith(b"HTTP/1.1 200")
    writer.close()


async def test_a_client_that_sends_too_much_after_its_refusal_is_cut_off_before_its_time(
    port: int,
) -> None:
    with pytest.raises(ConnectionError):
        await asyncio.to_thread(send_all_then_read, port, REFUSED + b"x" * 60_000_000)


async def test_a_body_that_turns_to_garbage_ends_the_work_on_it(port: int) -> None:
    head = b"POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n"
    answer = await ask(port, head, b"zz\r\n", pause=0.05)
    assert answer.count(b"\r\n\r\n") == 1
    assert_problem(answer, 400, "bad-request")


CHUNKED = b"POST %s HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n"
TRAILERS = (b"x: y\r\n" * 2000, b"x: " + b"y" * 8000, b"x" * 8000)


@pytest.mark.parametrize("pieces", [1, 2])
async def test_trailer_fields_are_no_header_fields_however_they_arrive(port: int, pieces: int) -> None:
    head, trailers = CHUNKED % b"/fields", b"authorization: Bearer key\r\nx: y\r\n\r\n"
    after = b"GET /fields HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"
    sent = (head + trailers + after,) if pieces == 1 else (head, trailers, after)
    answer = await ask(port, *sent, pause=0.05)
    bodies = [one.partition(b"\r\n\r\n")[2] for one in answer.split(b"HTTP/1.1 200 OK")[1:]]
    assert bodies == [b"host transfer-encoding", b"host connection"]


@pytest.mark.parametrize("trailers", TRAILERS, ids=["fields", "a value", "a name"])
async def test_trailers_without_end_are_refused(port: int, trailers: bytes) -> None:
    answer = await ask(port, CHUNKED % b"/", trailers, pause=0.05)
    assert answer.count(b"HTTP/1.1 ") == 1
    assert_problem(answer, 431, "headers-too-large")


@pytest.mark.parametrize("trailers", TRAILERS, ids=["fields", "a value", "a name"])
async def test_trailers_without_end_behind_an_answer_end_its_connection_without_another(
    port: int, trailers: bytes
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(CHUNKED % b"/decline")
    await reader.readuntil(b"no")
    writer.write(trailers)
    assert await asyncio.wait_for(reader.read(), 30) == b""
    writer.close()


async def test_a_request_behind_an_early_answer_and_its_body_is_refused_like_any_other(port: int) -> None:
    answer = await ask(port, CHUNKED % b"/decline", b"x: y\r\n\r\n", b"no request\r\n\r\n", pause=0.05)
    declined, refused = answer.split(b"HTTP/1.1 400 ")
    assert declined.endswith(b"no")
    assert b'"status":400' in refused


async def test_a_body_of_many_small_parts_is_no_trailer(port: int) -> None:
    head = b"POST / HTTP/1.1\r\nhost: x\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n"
    parts = [b"1\r\n", b"a\r\n"] * 1000
    assert (await ask(port, head, *parts, b"0\r\n\r\n")).endswith(b"a" * 1000)
