"""Long batches are decided by processes: what they answer, what policies they know, and what happens when they end."""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import signal
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.batches.group import Answered, Asked, Missing, decide_group
from api.batches.processes import BatchProcesses
from api.batches.reading import Line
from api.deciding import Decider
from api.policies import built_in, decode_policy
from api.problems import UNAVAILABLE, ProblemError
from data.journal.journal import open_journal
from data.releases import Release, ReleaseStore
from rules.policies.policy import Policy, canonical
from tests.conftest import RunningServer, ServerFactory, start_server
from tests.journal.processes import children, runs
from tests.serving import DECISION

HEADERS = {"Content-Type": "application/x-ndjson"}
LONG = 2_000


def trades(count: int, **changes: object) -> list[dict[str, Any]]:
    return [{**DECISION, "notional": str(1_000 + number), **changes} for number in range(count)]


def lines_of(asked: list[dict[str, Any]]) -> bytes:
    return b"".join(json.dumps(trade).encode() + b"\n" for trade in asked)


def deciding(server: RunningServer) -> list[int]:
    """Return the processes that decide for a server."""
    return [pid for pid in children(server.process.pid) if runs(pid, "api.batches.worker")]


def ready(client: httpx.Client) -> int:
    """Return how many processes decide batches now."""
    text = client.get("/metrics").text
    line = next(line for line in text.splitlines() if line.startswith("preclear_batch_processes "))
    return int(float(line.split()[1]))


def until_ready(client: httpx.Client, count: int) -> None:
    """Send long batches, seldom, until the processes they start answer."""
    deadline = time.monotonic() + 120
    for turn in itertools.count():
        if ready(client) >= count:
            return
        assert time.monotonic() < deadline, "no processes were started"
        if turn % 50 == 0:
            client.post("/v1/decisions/batch?record=false", content=lines_of(trades(600)), headers=HEADERS)
        time.sleep(0.1)


Busy = tuple[RunningServer, httpx.Client]


@contextmanager
def once_ready(server: RunningServer) -> Iterator[Busy]:
    with httpx.Client(base_url=server.url, timeout=60) as client:
        until_ready(client, 2)
        yield server, client


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory, releases_folder: Path) -> Iterator[Busy]:
    """A server whose two deciding processes are ready."""
    server = start_server(tmp_path_factory.mktemp("busy"), releases_folder, PRECLEAR_BATCH_PROCESSES="2")
    with once_ready(server) as found:
        yield found
    assert server.stop() == 0, server.log.read_text()


@pytest.fixture
def doomed(serve: ServerFactory) -> Iterator[Busy]:
    """Another such server, of which a test may kill what it likes."""
    with once_ready(serve(PRECLEAR_BATCH_PROCESSES="2")) as found:
        yield found


def verdicts_counted(client: httpx.Client) -> int:
    text = client.get("/metrics").text
    return sum(int(float(line.split()[1])) for line in text.splitlines() if line.startswith("preclear_decisions_total"))


async def test_processes_answer_what_the_service_answers(busy: Busy) -> None:
    server, client = busy
    asked = trades(LONG)
    asked[700] = {**asked[700], "leverage": "five"}
    asked[701] = {**asked[701], "policy": {"name": "given", "families": ["jurisdiction", "access", "limits"]}}
    asked[1_500] = {**asked[1_500], "policy": "nobody's"}
    before = verdicts_counted(client)
    journal = await open_journal(f"sqlite:///{server.log.parent}/journal.sqlite")
    recorded = (await journal.head()).seq
    reply = client.post("/v1/decisions/batch", content=lines_of(asked), headers=HEADERS)
    answers = [json.loads(line) for line in reply.text.splitlines()]
    assert len(answers) == LONG
    for number in (0, 31, 32, 699, 700, 701, 1_024, 1_500, LONG - 1):
        single = client.post("/v1/decisions?record=false", json=asked[number]).json()
        if "digest" in single:
            assert answers[number]["digest"] == single["digest"]
        else:
            assert answers[number]["line"] == number + 1
            assert answers[number]["errors"] == single["errors"]
    decided = [answer for answer in answers if "decision_id" in answer]
    assert verdicts_counted(client) - before == len(decided) + 7
    verification = await journal.verify()
    await journal.close()
    assert verification.whole
    assert verification.entries == recorded + len(decided)


def test_a_policy_stored_meanwhile_is_the_one_that_is_meant(busy: Busy) -> None:
    _, client = busy
    document = client.get("/v1/policies/standard").json()["policy"]
    digests = []
    for leverage in ("2", "3"):
        put = client.put("/v1/policies/desk", json={**document, "name": "desk", "max_leverage": leverage})
        assert put.status_code in (200, 201), put.text
        reply = client.post(
            "/v1/decisions/batch", content=lines_of(trades(300, policy="desk", leverage="2.5")), headers=HEADERS
        )
        answers = [json.loads(line) for line in reply.text.splitlines()]
        digests.append({answer["policy"]["digest"] for answer in answers})
        replayed = client.post(f"/v1/decisions/{answers[-1]['decision_id']}/replay").json()
        assert replayed["identical"]
    assert [len(found) for found in digests] == [1, 1]
    assert digests[0] != digests[1]


def test_processes_that_are_killed_take_no_line_with_them(busy: Busy) -> None:
    server, client = busy
    until_ready(client, 2)
    asked = trades(LONG)
    killed: list[int] = []
    answers: list[dict[str, Any]] = []
    with client.stream("POST", "/v1/decisions/batch", content=lines_of(asked), headers=HEADERS) as reply:
        for line in reply.iter_lines():
            answers.append(json.loads(line))
            if len(answers) in (200, 900):
                for child in deciding(server):
                    killed.append(child)
                    os.kill(child, signal.SIGKILL)
    assert killed
    assert [answer["trade"]["notional"] for answer in answers] == [trade["notional"] for trade in asked]
    deadline = time.monotonic() + 60
    while "batch_process_ended" not in server.log.read_text():
        assert time.monotonic() < deadline, "nobody noticed"
        time.sleep(0.05)
    assert client.get(f"/v1/decisions/{answers[-1]['decision_id']}").status_code == 200


def test_processes_end_with_the_service(doomed: Busy) -> None:
    server, client = doomed
    assert client.post("/v1/decisions", json=DECISION).status_code == 200
    helpers = children(server.process.pid)
    assert len(deciding(server)) >= 2
    assert any(runs(pid, "data.journal.writing.process") for pid in helpers)
    server.process.kill()
    server.process.wait()
    deadline = time.monotonic() + 60
    while any(Path(f"/proc/{pid}").exists() for pid in helpers):
        assert time.monotonic() < deadline, "a process outlived its service"
        time.sleep(0.05)


@pytest.fixture
async def processes(releases_folder: Path) -> AsyncIterator[BatchProcesses]:
    """One process that is ready."""
    pool = BatchProcesses(releases_folder, 1)
    answers = asyncio.Event()
    pool.on_change = lambda _ready: answers.set()
    pool.start()
    await asyncio.wait_for(answers.wait(), 120)
    yield pool
    await pool.close()
    assert pool.ready == 0


def asked_for(releases: Path, *asked: dict[str, Any], record: bool = False) -> Asked:
    lines = [Line(number, json.dumps(trade).encode()) for number, trade in enumerate(asked, start=1)]
    release = ReleaseStore(releases).current().id
    return Asked(lines=lines, release=release, max_line=65_536, key_id="k", record=record)


async def test_a_process_asks_for_policies_it_was_not_given(processes: BatchProcesses, releases_folder: Path) -> None:
    asked = asked_for(releases_folder, {**DECISION, "policy": "desk"}, {**DECISION, "policy": "other"}, DECISION)
    assert await processes.decide(asked, {}) == Missing(("desk", "other"))
    reply = await processes.decide(asked, {"desk": built_in()["conservative"], "other": None})
    assert isinstance(reply, Answered)
    first, second, third = [json.loads(answer) for answer in reply.answers]
    assert first["policy"]["digest"] == built_in()["conservative"].digest
    assert second["errors"] == [{"pointer": "/policy", "detail": "no policy is named 'other'; see /v1/policies"}]
    assert third["policy"]["name"] == "standard"
    assert Counter(reply.verdicts).total() == 2
    assert sum(number for *_, number in reply.outcomes) == len(first["findings"]) + len(third["findings"])


async def test_entries_of_a_process_name_the_policy_given_whole(
    processes: BatchProcesses, releases_folder: Path
) -> None:
    given = {"name": "mine", "families": ["jurisdiction", "access", "limits"]}
    asked = asked_for(releases_folder, {**DECISION, "policy": given}, DECISION, record=True)
    reply = await processes.decide(asked, {})
    assert isinstance(reply, Answered)
    assert reply.answers == [b"", b""]
    assert [place for place, _ in reply.entries] == [0, 1]
    (document,) = reply.given
    assert reply.entries[0][1].policy_name == "mine"
    assert canonical(decode_policy(document)) == document


async def test_without_a_policy_store_nothing_is_asked_of_a_process(
    processes: BatchProcesses, releases_folder: Path
) -> None:
    problem = ProblemError(UNAVAILABLE, "The journal is unavailable.")
    asked = asked_for(releases_folder, {**DECISION, "policy": "desk"}, DECISION)
    assert await processes.decide(asked, {"desk": problem}) is None
    decider = Decider(ReleaseStore(releases_folder))
    here = decide_group(decider, asked, {**built_in(), "desk": problem}, _never)
    assert isinstance(here, Answered)
    first, second = [json.loads(answer) for answer in here.answers]
    assert (first["status"], first["line"]) == (503, 1)
    assert second["verdict"] == "deny"


def test_a_batch_is_decided_by_one_release(releases_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = ReleaseStore(releases_folder)
    asked = asked_for(releases_folder, DECISION, {**DECISION, "release": "latest"})
    opened: list[str] = []

    def get(release: str) -> Release:
        opened.append(release)
        return store.current()

    decider = Decider(store)
    monkeypatch.setattr(store, "get", get)
    here = decide_group(decider, asked, built_in(), _never)
    assert isinstance(here, Answered)
    assert opened == [asked.release] * 2, "and not whatever is the latest by then"
    assert [json.loads(answer)["trade"]["release"] for answer in here.answers] == ["latest"] * 2


def _never(policy: Policy) -> Any:
    raise AssertionError(policy)
