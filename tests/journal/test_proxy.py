"""Two replicas over one PostgreSQL behind the deployed nginx: streams, refusals, and a replica that is killed."""

from __future__ import annotations

import asyncio
import json
import signal
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import msgspec
import pytest

from api.problems import MEDIA_TYPE, REGISTRY, Problem
from data.journal.journal import open_journal
from tests.conftest import RunningServer, ServerFactory, start_server
from tests.journal.postgres import PostgresServer
from tests.journal.processes import until
from tests.journal.proxy import Proxy
from tests.journal.test_http_durability import Load, answers_of
from tests.journal.test_http_streams import next_chunk
from tests.security.test_bounds import HARDENING
from tests.serving import DECISION

LINE = json.dumps(DECISION).encode() + b"\n"
BATCH = (
    b"POST /v1/decisions/batch%s HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-ndjson\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n"
)


@pytest.fixture(scope="module")
def replicas(
    tmp_path_factory: pytest.TempPathFactory, releases_folder: Path, postgres: PostgresServer
) -> Iterator[list[RunningServer]]:
    address = postgres.new_database()
    folder = tmp_path_factory.mktemp("replicas")
    running = [start_server(folder, releases_folder, PRECLEAR_JOURNAL=address) for _ in range(2)]
    yield running
    assert [replica.stop() for replica in running] == [0, 0]


@pytest.fixture(scope="module")
def proxy(tmp_path_factory: pytest.TempPathFactory, replicas: list[RunningServer]) -> Iterator[Proxy]:
    running = Proxy(tmp_path_factory.mktemp("proxy"), replicas)
    yield running
    running.stop()


ProxyFactory = Callable[[Sequence[RunningServer]], Proxy]


@pytest.fixture
def start_proxy(tmp_path: Path) -> Iterator[ProxyFactory]:
    """Start a proxy in front of one test's own replicas."""
    folder = tmp_path / "proxy"
    folder.mkdir()
    started: list[Proxy] = []

    def start(replicas: Sequence[RunningServer]) -> Proxy:
        started.append(Proxy(folder, replicas))
        return started[0]

    yield start
    for running in started:
        running.stop()


@pytest.fixture
async def client(proxy: Proxy) -> AsyncIterator[httpx.AsyncClient]:  # type: ignore[override]
    async with httpx.AsyncClient(base_url=proxy.url, timeout=60) as session:
        yield session


async def test_requests_are_shared_out_and_read_back_from_either(
    proxy: Proxy, replicas: Sequence[RunningServer], client: httpx.AsyncClient
) -> None:
    made = await asyncio.gather(*(client.post("/v1/decisions", json=DECISION) for _ in range(20)))
    assert {reply.status_code for reply in made} == {200}
    read = await asyncio.gather(*(client.get(f"/v1/decisions/{reply.json()['decision_id']}") for reply in made))
    assert [reply.content for reply in read] == [reply.content for reply in made]
    assert proxy.replicas_asked() >= {urlsplit(replica.url).netloc for replica in replicas}


async def test_a_request_has_one_id_in_all_logs(proxy: Proxy, client: httpx.AsyncClient) -> None:
    named = await client.get("/v1/venues?limit=1", headers={"X-Request-Id": "desk-7-order-1"})
    assert named.headers.get_list("x-request-id") == ["desk-7-order-1"]
    unnamed = await client.get("/v1/venues?limit=1")
    (request_id,) = unnamed.headers.get_list("x-request-id")
    told: dict[str, str] = {}
    async with asyncio.timeout(60):
        while not {"desk-7-order-1", request_id} <= told.keys():  # a worker writes its line once the answer is out
            await asyncio.sleep(0.02)
            told = {line.split()[-1]: line for line in proxy.log.read_text().splitlines() if line.strip()}
    assert "limit=1" not in told[request_id]


async def test_a_batch_is_answered_while_it_is_still_being_sent(proxy: Proxy) -> None:
    """Each part is sent when the one before it has been answered: whoever holds either direction back stands still."""
    part, parts, behind = 200, 8, 150
    address = urlsplit(proxy.url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    writer.write(BATCH % b"?record=false")
    chunks: list[bytes] = []
    lines = 0
    async with asyncio.timeout(60):
        for number in range(1, parts + 1):
            writer.write(b"%x\r\n%s\r\n" % (len(LINE) * part, LINE * part))
            if number == 1:
                assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200 ")
            while lines < number * part - behind:
                chunks.append(await next_chunk(reader))
                lines += chunks[-1].count(b"\n")
        writer.write(b"0\r\n\r\n")
        while chunk := await next_chunk(reader):
            chunks.append(chunk)
    writer.close()
    assert [json.loads(line)["verdict"] for line in b"".join(chunks).splitlines()] == ["deny"] * (part * parts)


async def test_an_impact_run_tells_its_progress(client: httpx.AsyncClient) -> None:
    await client.post("/v1/decisions", json=DECISION)
    asked = {"Accept": "application/x-ndjson"}
    async with client.stream("POST", "/v1/impact", json={"policy": "law_only"}, headers=asked) as reply:
        lines = [json.loads(line) async for line in reply.aiter_lines()]
    assert [line["kind"] for line in lines] == ["progress"] * (len(lines) - 1) + ["result"]
    assert len(lines) > 1
    assert lines[-1]["total"] == lines[-2]["total"] > 0


async def in_pieces() -> AsyncIterator[bytes]:
    for _ in range(80):
        yield b" " * 65_536


@pytest.mark.parametrize(
    ("path", "headers", "body", "status"),
    [
        ("/v1/decisions", {"Content-Type": "application/json"}, b" " * 4_200_000, 413),
        ("/v1/decisions", {"Content-Type": "application/json"}, b" " * 5_000_000, 413),
        ("/v1/decisions", {"Content-Type": "application/json"}, None, 413),
        ("/v1/impact", {"Content-Type": "application/json"}, b" " * 4_200_000, 413),
        ("/v1/decisions", {"X-Large": "x" * 17_000}, b"", 431),
        ("/v1/" + "x" * 17_000, {}, b"", 400),
        ("/.problem", {}, b"", 404),
    ],
    ids=["large", "very large", "of no said length", "large for a stream", "header", "target", "the place of problems"],
)
async def test_what_is_refused_on_the_way_is_a_problem_too(
    client: httpx.AsyncClient, path: str, headers: dict[str, str], body: bytes | None, status: int
) -> None:
    reply = await client.post(path, content=in_pieces() if body is None else body, headers=headers)
    assert_problem(reply, status)


def assert_problem(reply: httpx.Response, status: int) -> None:
    assert reply.status_code == status, reply.text
    assert reply.headers["content-type"] == MEDIA_TYPE
    assert {name: reply.headers[name] for name in HARDENING} == HARDENING
    problem = msgspec.json.decode(reply.content, type=Problem)
    assert (problem.status, problem.type, problem.title) in {(one.status, one.uri, one.title) for one in REGISTRY}
    assert problem.status == status
    assert [problem.instance] == reply.headers.get_list("x-request-id")


async def test_slow_clients_do_not_hold_up_others(proxy: Proxy, client: httpx.AsyncClient) -> None:
    address = urlsplit(proxy.url)
    head = b"POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{"
    slow = [await asyncio.open_connection(address.hostname, address.port) for _ in range(150)]
    for number, (_, writer) in enumerate(slow):
        writer.write((head % (b"/v1/decisions", b"/v1/decisions/batch")[number % 2])[: -2 if number % 3 else None])
        await writer.drain()
    replies = [await client.post("/v1/decisions?record=false", json=DECISION) for _ in range(20)]
    assert {reply.status_code for reply in replies} == {200}
    for _, writer in slow:
        writer.close()


async def test_a_route_that_is_busy_says_so_itself(client: httpx.AsyncClient) -> None:
    await asyncio.gather(*(client.post("/v1/decisions", json=DECISION) for _ in range(20)))
    runs = [client.post("/v1/impact", json={"policy": "law_only"}) for _ in range(12)]
    replies = await asyncio.gather(*runs)
    assert {reply.status_code for reply in replies} == {200, 503}
    assert {reply.json()["detail"] for reply in replies if reply.status_code == 503} == {
        "Another impact run is under way."
    }
    after = await asyncio.gather(*(client.get("/health/ready") for _ in range(10)))
    assert {reply.status_code for reply in after} == {200}


async def test_a_database_that_goes_away_takes_no_replica_out_of_service(
    serve: ServerFactory, own_postgres: PostgresServer, start_proxy: ProxyFactory
) -> None:
    own_postgres.start()
    address = own_postgres.new_database()
    replicas = [await asyncio.to_thread(serve, PRECLEAR_JOURNAL=address) for _ in range(2)]
    proxy = await asyncio.to_thread(start_proxy, replicas)
    async with httpx.AsyncClient(base_url=proxy.url, timeout=60) as client:
        await asyncio.to_thread(own_postgres.stop)
        for _ in range(10):
            reply = await client.get("/v1/decisions")
            assert_problem(reply, 503)
            assert int(reply.headers["retry-after"]) > 0
            assert "journal" in reply.json()["detail"] or "keys" in reply.json()["detail"]
        assert (await client.get("/health/live")).status_code == 200
        await asyncio.to_thread(own_postgres.start)
        async with asyncio.timeout(60):
            while (await client.post("/v1/decisions", json=DECISION)).status_code != 200:  # noqa: ASYNC110 - others do it
                await asyncio.sleep(0.1)


async def test_a_killed_replica_costs_nobody_an_answer(
    serve: ServerFactory, postgres: PostgresServer, start_proxy: ProxyFactory
) -> None:
    address = postgres.new_database()
    replicas = [await asyncio.to_thread(serve, PRECLEAR_JOURNAL=address) for _ in range(2)]
    proxy = await asyncio.to_thread(start_proxy, replicas)
    load = Load(lambda: [proxy.url])
    await load.reach(60)
    await until(lambda: len(proxy.replicas_asked()) == 2)
    begun = [asyncio.Event() for _ in range(6)]
    killed = asyncio.Event()
    streams = [asyncio.ensure_future(stream(proxy, event, killed)) for event in begun]
    async with asyncio.timeout(60):
        await asyncio.gather(*(event.wait() for event in begun))
    replicas[0].process.send_signal(signal.SIGKILL)
    await asyncio.to_thread(replicas[0].process.wait)
    killed.set()
    await load.reach(len(load.answers) + 60)
    await load.stop()
    streamed = await asyncio.gather(*streams)
    # A stream through the replica that was killed breaks off where anybody can see it; the others go on to their end.
    assert {whole for whole, _ in streamed} == {True, False}
    assert all(len(lines) == STREAMED for whole, lines in streamed if whole)
    journal = await open_journal(address)
    assert load.failed == []
    assert (await journal.verify()).whole
    answered = [*load.answers.values(), *(line for _, lines in streamed for line in lines)]
    stored = await answers_of(journal)
    for answer in answered:
        assert stored[json.loads(answer)["decision_id"]] == answer
    await journal.close()
    replicas[1].process.send_signal(signal.SIGKILL)
    await asyncio.to_thread(replicas[1].process.wait)
    async with httpx.AsyncClient(base_url=proxy.url, timeout=60) as client:
        for _ in range(4):
            reply = await client.post("/v1/decisions", json=DECISION)
            assert_problem(reply, 503)
            assert int(reply.headers["retry-after"]) > 0


STREAMED = 1000


async def stream(proxy: Proxy, begun: asyncio.Event, killed: asyncio.Event) -> tuple[bool, list[bytearray]]:
    """Send a batch while its answer is read, the last of it when a replica has been killed.

    Return whether the answer came to its end, and the whole lines of it that came.
    """
    address = urlsplit(proxy.url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    part = b"%x\r\n%s\r\n" % (len(LINE) * 100, LINE * 100)

    async def send() -> None:
        writer.write(BATCH % b"")
        for _ in range(STREAMED // 100 - 1):
            writer.write(part)
            await writer.drain()
        await killed.wait()
        writer.write(part + b"0\r\n\r\n")
        await writer.drain()

    sending = asyncio.ensure_future(send())
    received, ended = bytearray(), False
    try:
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200 ")
        while chunk := await next_chunk(reader):
            received += chunk
            begun.set()
        ended = True
    except (ConnectionError, asyncio.IncompleteReadError, ValueError):
        pass  # the connection ended where a chunk should have begun, or within one
    finally:
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)
        writer.close()
    return ended, received.split(b"\n")[:-1]
