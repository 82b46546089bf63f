"""Ten thousand malformed requests over real HTTP: never a 500, and every refusal is a problem document."""

from __future__ import annotations

import asyncio
import json
import random
from collections import Counter
from urllib.parse import urlsplit

import httpx
import msgspec
import pytest

from api.openapi.document import build_document
from api.problems import BASE_URI, INTERNAL, MEDIA_TYPE, REGISTRY, Problem
from api.routes import all_routes
from tests.conformance.conftest import KeyedServer
from tests.conformance.damage import Sent, damaged, good_requests
from tests.conformance.wire import Connection, Reply
from tests.serving import DECISION

REQUESTS = 10_000
CONNECTIONS = 8
SEED = 20_261_121
MAX_BODY = 65_536
"""The server's limit here. A body beyond it is refused unread, and its sender may find the connection reset before it
reads the answer."""

_TYPES = {problem.uri: problem.status for problem in REGISTRY}


def is_well_formed(sent: Sent, reply: Reply) -> bool:
    """Say whether an answer is one that a damaged request may get."""
    if reply.status < 400:
        return INTERNAL.uri.encode() not in reply.body
    if reply.status == 500 or reply.headers.get("content-type") != MEDIA_TYPE:
        return False
    if sent.method == "HEAD":
        return reply.body == b""
    problem = msgspec.json.decode(reply.body, type=Problem, strict=True)
    return (
        problem.status == reply.status == _TYPES[problem.type]
        and problem.instance == reply.headers.get("x-request-id")
        and reply.headers["x-content-type-options"] == "nosniff"
        and bool(problem.detail)
    )


async def still_decides(keyed: KeyedServer) -> None:
    async with httpx.AsyncClient(base_url=keyed.url, headers=keyed.headers, timeout=60) as client:
        reply = await client.post("/v1/decisions", json=DECISION)
    assert reply.status_code == 200, reply.text


async def test_ten_thousand_malformed_requests_get_no_500(keyed: KeyedServer) -> None:
    chance = random.Random(SEED)
    good = list(good_requests(build_document(all_routes()), keyed.headers["Authorization"]))
    assert len({sent.target.partition("?")[0] for sent in good}) >= 50
    waiting = iter([damaged(chance.choice(good), chance) for _ in range(REQUESTS)])
    statuses: Counter[int] = Counter()
    wrong: list[str] = []

    async def work() -> None:
        address = urlsplit(keyed.url)
        async with Connection(str(address.hostname), address.port or 80) as connection:
            for sent in waiting:
                reply = await connection.ask(sent)
                if reply is None:
                    assert len(sent.wire()) > MAX_BODY, sent
                    statuses[413] += 1
                    continue
                statuses[reply.status] += 1
                if not is_well_formed(sent, reply):
                    wrong.append(f"{sent.wire()[:1500]!r}\n-> {reply.status} {reply.headers} {reply.body[:500]!r}")

    await asyncio.gather(*(work() for _ in range(CONNECTIONS)))
    assert not wrong, f"{len(wrong)} answers\n" + "\n\n".join(wrong[:5])
    assert statuses.total() == REQUESTS
    assert {200, 400, 401, 404, 405, 406, 413, 415, 422, 431} <= statuses.keys()
    assert sum(count for status, count in statuses.items() if status >= 400) > REQUESTS / 2, statuses
    assert "request_failed" not in keyed.running.log.read_text()
    await still_decides(keyed)


@pytest.mark.parametrize(
    "bytes_sent",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET\r\n\r\n",
        b"FOO / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET / HTTP/1.1\r\nno colon here\r\n\r\n",
        b"POST /v1/decisions HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"POST /v1/decisions HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef",
        b"POST /v1/decisions HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ],
)
async def test_what_is_no_http_ends_its_connection_alone(keyed: KeyedServer, bytes_sent: bytes) -> None:
    address = urlsplit(keyed.url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    writer.write(bytes_sent)
    answer = await asyncio.wait_for(reader.read(), 60)
    writer.close()
    head, _, body = answer.partition(b"\r\n\r\n")
    problem = msgspec.json.decode(body, type=Problem)
    assert problem.status in (400, 401), answer
    assert f"\r\nx-request-id: {problem.instance}".encode() in head
    await still_decides(keyed)


async def test_a_body_that_comes_with_its_headers_is_not_taken_for_headers(keyed: KeyedServer) -> None:
    lines = (json.dumps(DECISION).encode() + b"\n") * 800
    assert len(lines) > 2 * MAX_BODY
    headers = (
        (b"Authorization", keyed.headers["Authorization"].encode()),
        (b"Content-Type", b"application/x-ndjson"),
    )
    sent = Sent(method="POST", target="/v1/decisions/batch?record=false", headers=headers, body=lines)
    address = urlsplit(keyed.url)
    async with Connection(str(address.hostname), address.port or 80) as connection:
        for _ in range(3):
            reply = await connection.ask(sent)
            assert reply is not None
            assert reply.status == 200, reply.body
            assert reply.body.count(b"\n") == 800


def test_every_type_of_problem_has_an_address_of_its_own() -> None:
    assert len(_TYPES) == len(REGISTRY)
    assert all(uri.startswith(BASE_URI) for uri in _TYPES)
