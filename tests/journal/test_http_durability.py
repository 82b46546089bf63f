"""Real servers, killed under load: what was answered is in the journal, on both stores and with several replicas."""

from __future__ import annotations

import asyncio
import json
import os
import random
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from msgspec import structs

from data.build import build_release
from data.journal.entry import Filters
from data.journal.journal import Journal, open_journal
from data.refresh.mirror import FolderOrigin, mirror_latest
from data.releases import ReleaseStore
from tests.conftest import ROOT, RunningServer, ServerFactory
from tests.journal.entries import named_of, whole
from tests.journal.postgres import PostgresServer
from tests.journal.processes import children
from tests.serving import DECISION

Answers = dict[str, bytes]
"""What clients were sent, by decision id."""


class Load:
    """Clients that send decisions as fast as they are answered, until told to stop."""

    def __init__(self, urls: Callable[[], list[str]]) -> None:
        self._urls = urls
        self._stopping = False
        self.answers: Answers = {}
        self.repeated = 0
        self.refused = 0
        self.failed: list[str] = []
        self._session = httpx.AsyncClient(timeout=60)
        self._tasks = [asyncio.ensure_future(self._client(number)) for number in range(6)]

    async def reach(self, answers: int) -> None:
        """Wait until so many decisions have been answered."""
        async with asyncio.timeout(60):
            while len(self.answers) < answers:  # noqa: ASYNC110 - it happens in many tasks
                await asyncio.sleep(0.01)

    async def stop(self) -> None:
        self._stopping = True
        await asyncio.gather(*self._tasks)
        await self._session.aclose()

    async def _client(self, number: int) -> None:
        turn = 0
        while not self._stopping:
            turn += 1
            await self._decide(f"order-{number}-{turn}", {**DECISION, "leverage": str(1 + turn % 20)})

    async def _decide(self, key: str, body: object) -> None:
        """Send one decision, and again under the same key until it is answered, as a careful caller does."""
        for attempt in range(10_000):
            urls = self._urls()
            try:
                url = f"{urls[attempt % len(urls)]}/v1/decisions"
                reply = await self._session.post(url, json=body, headers={"Idempotency-Key": key})
            except httpx.TransportError:
                await asyncio.sleep(0.1)
                continue
            if reply.status_code == 200:
                self.repeated += reply.headers.get("idempotency-replayed") == "true"
                self.answers[reply.json()["decision_id"]] = reply.content
                return
            if reply.status_code == 503:
                assert int(reply.headers["retry-after"]) > 0
                self.refused += 1
                await asyncio.sleep(0.02)
                continue
            self.failed.append(f"{reply.status_code} {reply.text}")
            return


async def answers_of(journal: Journal) -> Answers:
    """Return what the journal holds, read in one walk."""
    return {one.decision_id: one.answer async for some in journal.walk(Filters(), whole) for one in some}


async def check(journal: Journal, load: Load) -> None:
    """Everything that was answered stands in the journal, byte for byte, once, in a whole chain."""
    assert load.failed == []
    verification = await journal.verify()
    assert verification.whole, verification.first_break
    stored = await answers_of(journal)
    for decision_id, answer in load.answers.items():
        assert stored[decision_id] == answer
    # A decision that was stored but not answered was found again under its key: nothing stands there twice.
    assert verification.entries == len(load.answers)


async def test_killed_servers_lose_nothing_they_answered(serve: ServerFactory, address: str) -> None:
    moments = random.Random(7)
    running = [await asyncio.to_thread(serve, PRECLEAR_JOURNAL=address)]
    load = Load(lambda: [running[-1].url])
    for _ in range(3):
        before = len(load.answers)
        await load.reach(before + 10)
        await asyncio.sleep(moments.uniform(0.0, 0.3))
        running[-1].process.send_signal(signal.SIGKILL)
        await asyncio.to_thread(running[-1].process.wait)
        running.append(await asyncio.to_thread(serve, PRECLEAR_JOURNAL=address))
    await load.reach(len(load.answers) + 10)
    await load.stop()
    journal = await open_journal(address)
    await check(journal, load)
    await journal.close()


def size_of_journal(folder: Path) -> int:
    """Return the size of the largest file of a journal."""
    return max(file.stat().st_size for file in folder.glob("journal.sqlite*"))


async def test_a_full_disk_is_503_until_there_is_room(serve: ServerFactory, tmp_path: Path) -> None:
    server = await asyncio.to_thread(serve)
    load = Load(lambda: [server.url])
    await load.reach(20)
    # No file of the server may grow beyond this: to SQLite that is a disk without room.
    _, most = resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE)
    full = size_of_journal(tmp_path) + 100_000
    processes = (server.process.pid, *children(server.process.pid))
    for process in processes:
        resource.prlimit(process, resource.RLIMIT_FSIZE, (full, most))
    async with asyncio.timeout(60):
        while load.refused < 10:  # noqa: ASYNC110 - it happens in many tasks
            await asyncio.sleep(0.01)
    for process in processes:
        resource.prlimit(process, resource.RLIMIT_FSIZE, (most, most))
    await load.reach(len(load.answers) + 20)
    await load.stop()
    journal = await open_journal(f"sqlite:///{tmp_path}/journal.sqlite")
    await check(journal, load)
    await journal.close()
    assert await asyncio.to_thread(server.stop) == 0


async def test_a_database_that_goes_away_is_503_until_it_is_back(
    serve: ServerFactory, own_postgres: PostgresServer
) -> None:
    own_postgres.start()
    address = own_postgres.new_database().replace("postgres@", "postgres:hidden-password@")
    server = await asyncio.to_thread(serve, PRECLEAR_JOURNAL=address, PRECLEAR_LOG_FORMAT="json")
    load = Load(lambda: [server.url])
    await load.reach(20)
    await asyncio.to_thread(own_postgres.stop)
    async with asyncio.timeout(60):
        while load.refused < 10:  # noqa: ASYNC110 - it happens in many tasks
            await asyncio.sleep(0.01)
    log = server.log.read_text()
    told = [json.loads(line) for line in log.splitlines() if "journal_unavailable" in line]
    assert any(line["cause"] == "OperationalError" and "the journal's store failed: " in line["why"] for line in told)
    assert len(told) < load.refused, "once for each cause, not for each request"
    assert "hidden-password" not in log
    assert "US-NY" not in log
    async with httpx.AsyncClient(base_url=server.url, timeout=60) as client:
        assert (await client.get("/health/ready")).status_code == 503
        assert (await client.get("/health/live")).status_code == 200
        listed = await client.get("/v1/decisions")
        assert listed.status_code == 503
        assert int(listed.headers["retry-after"]) > 0
    await asyncio.to_thread(own_postgres.start)
    await load.reach(len(load.answers) + 20)
    await load.stop()
    assert server.process.poll() is None
    journal = await open_journal(address)
    await check(journal, load)
    await journal.close()
    assert await asyncio.to_thread(server.stop) == 0


async def test_replicas_share_a_journal_swap_a_release_and_survive_each_other(
    serve: ServerFactory, postgres: PostgresServer, tmp_path: Path, releases_folder: Path
) -> None:
    address = postgres.new_database()
    newer = await asyncio.to_thread(build_another, tmp_path / "newer", releases_folder)
    folders = [releases_of_its_own(tmp_path / name, releases_folder) for name in ("one", "two")]
    replicas = [
        await asyncio.to_thread(serve, PRECLEAR_JOURNAL=address, PRECLEAR_RELEASES=str(folder)) for folder in folders
    ]
    alive = list(replicas)
    turn = 0

    def split() -> list[str]:
        nonlocal turn
        turn += 1
        return [alive[(turn + offset) % len(alive)].url for offset in range(len(alive))]

    load = Load(split)
    await load.reach(40)
    first = {await release_of(replica) for replica in replicas}
    assert len(first) == 1
    for folder in folders:
        await asyncio.to_thread(mirror_latest, FolderOrigin(newer), folder)
    async with asyncio.timeout(60):
        while {await release_of(replica) for replica in replicas} & first:  # noqa: ASYNC110 - other processes do it
            await asyncio.sleep(0.05)
    await load.reach(len(load.answers) + 40)
    victim = alive.pop(0)
    victim.process.send_signal(signal.SIGKILL)
    await asyncio.to_thread(victim.process.wait)
    await load.reach(len(load.answers) + 40)
    await load.stop()
    journal = await open_journal(address)
    await check(journal, load)
    assert len(await named_of(journal, "release")) == 2
    await replay_one_of_each_release(journal, alive[0])
    await journal.close()


def releases_of_its_own(folder: Path, source: Path) -> Path:
    """Give a replica a copy of the releases, as machines have that share nothing but the journal."""
    folder.mkdir()
    for file in source.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    return folder


def build_another(folder: Path, source: Path) -> Path:
    """Build another release into a folder of its own: the same facts with one venue renamed."""
    corpus = ReleaseStore(source).current().corpus()
    renamed = tuple(
        structs.replace(venue, name="Binance (renamed)") if venue.id == "binance" else venue for venue in corpus.venues
    )
    assert renamed != corpus.venues
    build_release(structs.replace(corpus, venues=renamed), folder)
    return folder


async def release_of(replica: RunningServer) -> str:
    async with httpx.AsyncClient(base_url=replica.url, timeout=60) as client:
        return str((await client.get("/health/ready")).json()["release"])


async def replay_one_of_each_release(journal: Journal, replica: RunningServer) -> None:
    for release in await named_of(journal, "release"):
        (summary,) = (await journal.find(Filters(release=(release,)), limit=1)).entries
        async with httpx.AsyncClient(base_url=replica.url, timeout=60) as client:
            reply = await client.post(f"/v1/decisions/{summary.decision_id}/replay")
            assert reply.json()["identical"], reply.text


@pytest.mark.parametrize("workers", [2])
async def test_keys_and_limits_hold_over_all_workers(serve: ServerFactory, tmp_path: Path, workers: int) -> None:
    environment = {"PRECLEAR_VAR": str(tmp_path)}

    def keys(*words: str) -> str:
        command = [sys.executable, "-m", "api", "keys", *words]
        full = {**os.environ, **environment}
        return subprocess.run(command, check=True, cwd=ROOT, env=full, capture_output=True, text=True).stdout.strip()

    limited, free = keys("create", "--scopes", "read", "--rate-limit", "30"), keys("create", "--scopes", "decide")
    server = await asyncio.to_thread(serve, "--workers", str(workers))

    async def statuses(key: str, count: int, method: str = "GET", path: str = "/metrics") -> list[int]:
        # A connection of its own for each request, so that both workers take part.
        alone = httpx.Limits(max_keepalive_connections=0)
        headers = {"Authorization": f"Bearer {key}"}
        async with httpx.AsyncClient(base_url=server.url, headers=headers, limits=alone, timeout=60) as client:
            body = DECISION if method == "POST" else None
            asked = [client.request(method, path, json=body) for _ in range(count)]
            return [reply.status_code for reply in await asyncio.gather(*asked)]

    begun = time.monotonic()
    seen = await statuses(limited, 60)
    assert 30 <= seen.count(200) <= 30 + (time.monotonic() - begun) / 2 + 1, "one more every two seconds"
    assert set(seen) == {200, 429}
    assert set(await statuses(free, 20, "POST", "/v1/decisions")) == {200}
    await asyncio.to_thread(keys, "revoke", free.split("_")[1])
    assert set(await statuses(free, 40, "POST", "/v1/decisions")) == {401}
    admin = await asyncio.to_thread(keys, "create", "--scopes", "admin")
    async with httpx.AsyncClient(
        base_url=server.url, headers={"Authorization": f"Bearer {admin}"}, timeout=60
    ) as client:
        metrics = (await client.get("/metrics")).text
    # The metrics of both workers add up.
    assert 'preclear_requests_total{method="POST",route="/v1/decisions",status="200"} 20.0' in metrics
    log = server.log.read_text()
    assert not [key for key in (limited, free, admin) if key.split("_")[2] in log]
    assert "US-NY" not in log
    assert await asyncio.to_thread(server.stop) == 0


async def test_listening_beyond_loopback_without_keys_is_refused(tmp_path: Path, releases_folder: Path) -> None:
    environment = {"PRECLEAR_VAR": str(tmp_path), "PRECLEAR_RELEASES": str(releases_folder)}
    ended = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "api", "serve", "--host", "0.0.0.0", "--port", "1"],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
    )
    assert ended.returncode == 2
    assert "no API key is configured" in ended.stderr
