from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest
from msgspec import structs

from data.build import build_release
from data.facts.corpus import Corpus
from data.facts.vocabulary import AccessKind
from data.manifest import read_pointer
from tests.http_facts.conftest import serve_folder
from tests.release.sample import access, corpus, fee


def with_taker(taker: str) -> Corpus:
    """Return the sample with another fee, and one more row before all others of the access list."""
    more = tuple(access(place, AccessKind.PROHIBITED) for place in ("CA", "IR", "KP")[: int(taker[-1]) % 3 + 1])
    return structs.replace(corpus(), fees=(fee("regular", None, taker),), access=(*more, *corpus().access))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    build_release(corpus(), tmp_path / "releases")
    return tmp_path / "releases"


@pytest.fixture
def url(folder: Path, tmp_path: Path) -> Iterator[str]:
    yield from serve_folder(folder, tmp_path)


def wait_for(session: httpx.Client, release: str) -> None:
    deadline = time.monotonic() + 60
    while session.get("/v1/fees").headers["preclear-release"] != release:
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_releases_are_swapped_without_a_failed_request(folder: Path, url: str) -> None:
    stop = threading.Event()
    wrong: list[str] = []
    seen: set[str] = set()

    def read_on() -> None:
        with httpx.Client(base_url=url, timeout=60) as session:
            while not stop.is_set():
                answer = session.get("/v1/fees")
                seen.add(answer.headers.get("preclear-release", ""))
                if answer.status_code != 200 or answer.json()["meta"]["release"] != answer.headers["preclear-release"]:
                    wrong.append(answer.text)
                pages = [session.get("/v1/access", params={"limit": 2})]
                while cursor := pages[-1].json()["meta"]["next_cursor"]:
                    pages.append(session.get("/v1/access", params={"limit": 2, "cursor": cursor}))
                keys = [row["key"] for page in pages for row in page.json()["data"]]
                releases = {page.headers["preclear-release"] for page in pages}
                if len(keys) != len(set(keys)) or len(releases) != 1 or "north|EEA" not in keys:
                    wrong.append(f"{keys} from {releases}")

    readers = [threading.Thread(target=read_on) for _ in range(3)]
    for reader in readers:
        reader.start()
    built: list[str] = []
    first = read_pointer(folder)
    with httpx.Client(base_url=url, timeout=60) as session:
        for number in range(1, 6):
            built.append(build_release(with_taker(f"0.000{number}"), folder).id)
            wait_for(session, built[-1])
    deadline = time.monotonic() + 60
    while built[-1] not in seen and time.monotonic() < deadline:
        time.sleep(0.01)
    stop.set()
    for reader in readers:
        reader.join()
    assert wrong == []
    assert seen <= {first, *built}
    assert {built[-1]} < seen


class Swapped(NamedTuple):
    """A server that has gone from a first release to a second, and what it said of the first's fees before."""

    session: httpx.Client
    first: str
    second: str
    asked: dict[str, str]
    before: httpx.Response


@pytest.fixture(scope="module")
def swapped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Swapped]:
    var = tmp_path_factory.mktemp("swapped")
    first = build_release(corpus(), var / "releases").id
    asked = {"release": first, "as_of": "2026-01-01"}
    for url in serve_folder(var / "releases", var):
        with httpx.Client(base_url=url, timeout=60) as session:
            before = session.get("/v1/fees", params=asked)
            second = build_release(with_taker("0.0009"), var / "releases").id
            wait_for(session, second)
            yield Swapped(session, first, second, asked, before)


def test_an_older_release_stays_readable_and_its_answers_do_not_change(swapped: Swapped) -> None:
    session, first, second, asked, before = swapped
    after = session.get("/v1/fees", params=asked)
    assert (after.content, after.headers["etag"]) == (before.content, before.headers["etag"])
    listed = session.get("/v1/releases").json()["data"]
    assert [(one["id"], one["latest"]) for one in listed] == [(first, False), (second, True)]
    assert session.get(f"/v1/releases/{first}").json()["id"] == first


def test_changes_between_releases_are_told_fact_by_fact(swapped: Swapped) -> None:
    session, first, second, *_ = swapped
    answer = session.get("/v1/changes", params={"from": first, "to": second, "fact": "fees"})
    changes = {change["key"]: change for change in answer.json()["data"]}
    assert {key: change["kind"] for key, change in changes.items()} == {
        "north|perpetual|VIP 1": "removed",
        "north|perpetual|promotion": "removed",
        "north|perpetual|regular": "changed",
    }
    regular = changes["north|perpetual|regular"]
    assert (regular["before"]["taker"], regular["after"]["taker"]) == ("0.0005", "0.0009")
    assert (regular["fields"], regular["source"]) == (["taker"], "north.page")
    assert "immutable" in answer.headers["cache-control"]
    latest = session.get("/v1/changes", params={"from": first, "to": "latest", "fact": "fees"})
    assert latest.json()["data"] == answer.json()["data"]
    assert session.get("/v1/changes", params={"from": second, "to": second}).json()["data"] == []
    assert session.get("/v1/changes", params={"from": first, "to": second, "venue": "south"}).json()["data"] == []


def test_changes_between_days_are_read_in_one_release(facts: httpx.Client) -> None:
    answer = facts.get("/v1/changes", params={"from": "2025-01-31", "to": "2025-02-01"}).json()
    (change,) = answer["data"]
    assert (change["fact"], change["kind"], change["subject"]) == ("margin_tiers", "changed", "north")
    assert len(change["before"]["tiers"]) == 2
    assert len(change["after"]["tiers"]) == 3
