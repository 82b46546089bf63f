"""Releases copied from elsewhere: whole and what they say they are, or not at all."""

from __future__ import annotations

import json
import resource
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from http.server import BaseHTTPRequestHandler, SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from time import sleep
from typing import Any

import pytest
from msgspec.structs import replace

from api.settings import read_settings
from api.watching import start_watching
from data.build import build_release
from data.curation.load import load_corpus
from data.facts.corpus import Corpus, Gap
from data.manifest import Manifest, database_path, manifest_path, pointer_path, read_pointer, write_whole
from data.refresh.mirror import (
    AddressOrigin,
    FolderOrigin,
    MirrorError,
    follow,
    mirror_latest,
    mirror_release,
    origin_of,
)
from data.releases import ReleaseStore


class Files(SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        """Keep the tests' output clean."""


@pytest.fixture
def corpus(curated: Path) -> Corpus:
    return load_corpus(curated)


@pytest.fixture
def origin(corpus: Corpus, tmp_path: Path) -> Path:
    folder = tmp_path / "origin"
    build_release(corpus, folder)
    return folder


@pytest.fixture
def address(origin: Path) -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Files, directory=str(origin))) as http:
        thread = Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{http.server_port}"
        http.shutdown()
        thread.join()


def test_a_folder_is_mirrored_once(origin: Path, tmp_path: Path) -> None:
    here = tmp_path / "here"
    release = read_pointer(origin)
    assert mirror_latest(FolderOrigin(origin), here) == release
    assert mirror_latest(FolderOrigin(origin), here) is None
    assert ReleaseStore(here).current().id == release
    assert {path.name for path in here.iterdir()} == {
        "latest",
        database_path(here, str(release)).name,
        manifest_path(here, str(release)).name,
    }


def test_a_copy_whose_file_was_damaged_is_copied_again(origin: Path, tmp_path: Path) -> None:
    here, release = tmp_path / "here", str(read_pointer(origin))
    mirror_latest(FolderOrigin(origin), here)
    copy = database_path(here, release)
    copy.write_bytes(copy.read_bytes()[:1_000])
    assert mirror_latest(FolderOrigin(origin), here) == release
    copy.write_bytes(b"")
    assert mirror_release(FolderOrigin(origin), here, release)
    assert copy.read_bytes() == database_path(origin, release).read_bytes()


def test_an_address_is_mirrored_and_a_running_store_takes_over(
    origin: Path, address: str, corpus: Corpus, tmp_path: Path
) -> None:
    here = tmp_path / "here"
    first = mirror_latest(origin_of(address), here)
    store = ReleaseStore(here)
    assert store.current().id == first
    newer = build_release(with_gap(corpus), origin)
    assert mirror_latest(origin_of(address), here) == newer.id
    assert store.refresh().id == newer.id
    assert store.get(str(first)).id == first


def test_a_service_can_follow_a_folder_of_releases(origin: Path, corpus: Corpus, tmp_path: Path) -> None:
    here = read_settings({}, releases=tmp_path / "here")
    said: list[str] = []
    came = Event()

    def say(line: str) -> None:
        said.append(line)
        came.set()

    stop = start_watching(here, str(origin), every=0.01, say=say)
    store = ReleaseStore(here.releases)
    newer = build_release(with_gap(corpus), origin)
    assert came.wait(60)
    stop.set()
    assert said == [f"mirrored release {newer.id}"]
    assert store.refresh().id == newer.id


def test_without_an_origin_or_a_release_there_is_nothing_to_serve(
    origin: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = read_settings({}, releases=tmp_path / "here")
    with pytest.raises(MirrorError):
        start_watching(here, str(tmp_path / "nothing"), every=60, say=print)
    mirror_latest(FolderOrigin(origin), here.releases)
    said: list[str] = []
    looked = Event()

    class Place(FolderOrigin):
        """Tells when it is looked at a second time, by the thread that follows."""

        looks = 0

        def chunks(self, name: str) -> Iterator[bytes]:
            self.looks += 1
            if self.looks > 2:
                looked.set()
            return super().chunks(name)

    monkeypatch.setattr("api.watching.origin_of", lambda place: Place(Path(place)))
    stop = start_watching(here, str(tmp_path / "nothing"), every=0.01, say=said.append)
    assert looked.wait(60)
    stop.set()
    assert len(said) == 1
    assert said[0].startswith("not mirrored: cannot read latest")


def with_gap(corpus: Corpus) -> Corpus:
    return replace(corpus, gaps=(*corpus.gaps, Gap(subject="bybit", family="fees", text="No fees were read.")))


def test_nothing_is_published_from_a_damaged_release(origin: Path, tmp_path: Path) -> None:
    release = str(read_pointer(origin))
    here = tmp_path / "here"
    path = database_path(origin, release)
    content = bytearray(path.read_bytes())
    content[len(content) // 2 :] = bytes(len(content) - len(content) // 2)
    path.write_bytes(content)
    with pytest.raises(MirrorError, match="has another sha256 than its manifest says"):
        mirror_latest(FolderOrigin(origin), here)
    assert list(here.iterdir()) == []


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda manifest: manifest | {"file_bytes": manifest["file_bytes"] - 1}, "larger than"),
        (lambda manifest: manifest | {"file_bytes": manifest["file_bytes"] + 1}, "bytes announced"),
        (lambda manifest: manifest | {"id": "rel_000000000000"}, "the manifest of"),
        (lambda manifest: manifest | {"sha256": "0" * 64}, "the manifest of"),
        (lambda manifest: manifest | {"schema_version": 999999}, "has schema 999999"),
        (lambda manifest: manifest | {"file": "../../etc/passwd"}, "names the file"),
        (lambda manifest: [], "is no manifest"),
    ],
)
def test_a_manifest_that_does_not_fit_is_refused(
    origin: Path, tmp_path: Path, change: Callable[[dict[str, Any]], Any], reason: str
) -> None:
    path = manifest_path(origin, str(read_pointer(origin)))
    path.write_text(json.dumps(change(json.loads(path.read_bytes()))))
    here = tmp_path / "here"
    with pytest.raises(MirrorError, match=reason):
        mirror_latest(FolderOrigin(origin), here)
    assert list(here.iterdir()) == []


def test_other_facts_under_a_known_id_are_refused(origin: Path, corpus: Corpus, tmp_path: Path) -> None:
    release = str(read_pointer(origin))
    other: Manifest = build_release(with_gap(corpus), tmp_path / "other")
    database_path(origin, release).write_bytes(database_path(tmp_path / "other", other.id).read_bytes())
    file = {"file_bytes": other.file_bytes, "file_sha256": other.file_sha256}
    manifest = json.loads(manifest_path(origin, release).read_bytes()) | file
    manifest_path(origin, release).write_text(json.dumps(manifest))
    with pytest.raises(MirrorError, match="does not hold the facts that its id stands for"):
        mirror_latest(FolderOrigin(origin), tmp_path / "here")


@pytest.mark.parametrize("pointer", ["", "rel_xyz", "../latest", "x" * 500])
def test_a_pointer_that_names_no_release_is_refused(origin: Path, tmp_path: Path, pointer: str) -> None:
    pointer_path(origin).write_text(pointer)
    with pytest.raises(MirrorError):
        mirror_latest(FolderOrigin(origin), tmp_path / "here")


def test_an_address_beyond_loopback_must_be_https() -> None:
    with pytest.raises(MirrorError, match="only https"):
        AddressOrigin("http://releases.example")


def test_a_missing_origin_is_reported_once_and_followed_on(origin: Path, tmp_path: Path) -> None:
    here, said = tmp_path / "here", list[str]()
    away = tmp_path / "away"
    origin.rename(away)
    turns = iter(["missing", "missing", "back", "same"])

    def pause() -> bool:
        turn = next(turns)
        if turn == "back":
            away.rename(origin)
        return turn == "same"

    follow(FolderOrigin(origin), here, pause, said.append)
    assert len(said) == 2
    assert said[0].startswith("not mirrored: cannot read latest")
    assert said[1] == f"mirrored release {read_pointer(origin)}"


def test_a_folder_that_cannot_be_written_is_reported_once_and_followed_on(origin: Path, tmp_path: Path) -> None:
    file, said = tmp_path / "file", list[str]()
    file.touch()
    here = file / "releases"
    turns = iter(["refused", "refused", "mended", "same"])

    def pause() -> bool:
        turn = next(turns)
        if turn == "mended":
            file.unlink()
        return turn == "same"

    follow(FolderOrigin(origin), here, pause, said.append)
    assert said == [
        f"not mirrored: cannot keep releases in {here}: Not a directory",
        f"mirrored release {read_pointer(origin)}",
    ]


@pytest.fixture
def full() -> Iterator[Callable[[], None]]:
    """Let no file of this process grow past 100 kB, as on a disk that is full, until what is yielded is called."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))

    def empty() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    yield empty
    empty()


def test_a_full_disk_is_a_release_that_was_not_mirrored(origin: Path, tmp_path: Path, full: Callable[[], None]) -> None:
    here = tmp_path / "here"
    release = str(read_pointer(origin))
    with pytest.raises(MirrorError, match=r"cannot keep releases in .*/here: File too large"):
        mirror_latest(FolderOrigin(origin), here)
    with pytest.raises(MirrorError, match=r"cannot keep releases in .*/here: File too large"):
        mirror_release(FolderOrigin(origin), here, release)
    assert list(here.iterdir()) == []
    full()
    assert mirror_latest(FolderOrigin(origin), here) == release


def test_a_file_that_cannot_be_written_whole_leaves_nothing_behind(tmp_path: Path, full: Callable[[], None]) -> None:
    path = tmp_path / "latest"
    path.write_bytes(b"old")
    with pytest.raises(OSError, match="File too large"):
        write_whole(path, bytes(200_000))
    assert [(one.name, one.read_bytes()) for one in tmp_path.iterdir()] == [("latest", b"old")]


class Odd(FolderOrigin):
    """Fails once in a way that nobody foresaw."""

    faults = 1

    def chunks(self, name: str) -> Iterator[bytes]:
        if self.faults:
            self.faults -= 1
            raise RuntimeError("out of memory, or whatever else")
        return super().chunks(name)


def test_whatever_goes_wrong_is_told_and_does_not_end_the_following(origin: Path, tmp_path: Path) -> None:
    said: list[str] = []
    turns = iter([False, True])
    follow(Odd(origin), tmp_path / "here", lambda: next(turns), said.append)
    assert said == [
        "not mirrored: RuntimeError: out of memory, or whatever else",
        f"mirrored release {read_pointer(origin)}",
    ]


class Drips(BaseHTTPRequestHandler):
    """Announces a hundred bytes and sends one at a time."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "100")
        self.end_headers()
        with suppress(OSError):
            for _ in range(100):
                self.wfile.write(b"r")
                self.wfile.flush()
                sleep(0.05)

    def log_message(self, *_: Any) -> None:
        """Keep the tests' output clean."""


def test_an_origin_that_drips_is_given_up(tmp_path: Path) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), Drips) as http:
        http.daemon_threads = True
        Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        dripping = AddressOrigin(f"http://127.0.0.1:{http.server_port}", timeout=0.3)
        with pytest.raises(MirrorError, match=r"latest comes too slowly: [0-9]+ bytes in [0-9]+ s"):
            mirror_latest(dripping, tmp_path / "here")
        http.shutdown()


def test_a_look_without_an_end_is_told(tmp_path: Path) -> None:
    told, said = Event(), list[str]()

    class Hangs:
        def chunks(self, name: str) -> Iterator[bytes]:
            told.wait(60)
            raise MirrorError(f"{name} came to an end after all")
            yield b""

    def say(line: str) -> None:
        said.append(line)
        told.set()

    follow(Hangs(), tmp_path / "here", lambda: True, say, overdue=0.05)
    assert said == [
        "not mirrored: the origin has been read for 0.05 s without an end",
        "not mirrored: latest came to an end after all",
    ]
