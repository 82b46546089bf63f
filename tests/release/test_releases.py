from __future__ import annotations

import threading
import time
from datetime import date
from pathlib import Path

import duckdb
import msgspec
import pytest
from msgspec import structs

from data import releases
from data.build import build_release, point_to
from data.documents import digest_of, encode_families
from data.facts.corpus import Corpus
from data.manifest import database_path, manifest_path, pointer_path, release_id
from data.releases import DamagedReleaseError, Release, ReleaseStore, UnknownReleaseError
from tests.release.sample import corpus, fee


def other_corpus(taker: str = "0.0009") -> Corpus:
    return structs.replace(corpus(), fees=(fee("regular", None, taker),))


def wait_for(store: ReleaseStore, release: str) -> None:
    deadline = time.monotonic() + 60
    while store.current().id != release:
        assert time.monotonic() < deadline, "the newer release was not opened"
        time.sleep(0.005)


def test_a_folder_without_releases_says_so(tmp_path: Path) -> None:
    with pytest.raises(UnknownReleaseError, match="build one first"):
        ReleaseStore(tmp_path)


def test_a_newer_release_takes_over_and_the_older_stays_available(tmp_path: Path) -> None:
    first = build_release(corpus(), tmp_path)
    store = ReleaseStore(tmp_path)
    held = store.current()
    second = build_release(other_corpus(), tmp_path)
    wait_for(store, second.id)
    assert store.get(first.id) is held
    assert len(held.rows("documents", {})) == len(store.current().rows("documents", {}))
    assert {one.id for one in store.manifests()} == {first.id, second.id}


def as_of_schema_1(folder: Path) -> str:
    """Turn the one release of a folder into what schema 1 made of the same facts; return its id."""
    (written,) = ReleaseStore(folder).manifests()
    sha256 = digest_of(encode_families(corpus()), 1)
    older = structs.replace(written, id=release_id(sha256), sha256=sha256, schema_version=1)
    database_path(folder, written.id).rename(database_path(folder, older.id))
    manifest_path(folder, written.id).unlink()
    manifest_path(folder, older.id).write_bytes(msgspec.json.encode(older))
    with duckdb.connect(str(database_path(folder, older.id))) as connection:
        connection.execute("ALTER TABLE conflicts DROP COLUMN family")
        connection.execute("ALTER TABLE access DROP COLUMN nationals")
        connection.execute("ALTER TABLE access DROP COLUMN exempt")
        connection.execute("ALTER TABLE access DROP COLUMN served_from")
        connection.execute("ALTER TABLE venues DROP COLUMN home_from")
        connection.execute("ALTER TABLE instruments DROP COLUMN size_step")
        connection.execute("ALTER TABLE fee_extras DROP COLUMN residence")
    point_to(folder, older.id)
    return older.id


def test_releases_of_the_first_schema_are_still_read(tmp_path: Path) -> None:
    build_release(corpus(), tmp_path)
    older = as_of_schema_1(tmp_path)
    store = ReleaseStore(tmp_path)
    assert store.current().id == older
    assert store.current().corpus() == corpus()
    columns, rows = store.current().table("conflicts", {"after": -1, "limit": 10, "family": ["fees"]})
    assert columns == ReleaseStore(_present(tmp_path)).current().table("conflicts", {"after": -1, "limit": 10})[0]
    assert {row[columns.index("family")] for row in rows} == {None}
    assert len(rows) == len(corpus().conflicts)
    columns, rows = store.current().table("access", {"after": -1, "limit": 10, "as_of": date(2026, 11, 1)})
    assert {(row[columns.index("nationals")], *row[columns.index("exempt")]) for row in rows} == {(False,)}
    assert {row[columns.index("served_from")] for row in rows} == {None}
    present = ReleaseStore(tmp_path / "present").current()
    assert columns == present.table("access", {"after": -1, "limit": 10, "as_of": date(2026, 11, 1)})[0]


@pytest.mark.parametrize(
    ("query", "lacks"), [("venues", "home_from"), ("instruments", "size_step"), ("fee_extras", "residence")]
)
def test_rows_of_an_older_release_have_the_columns_of_the_present_ones(tmp_path: Path, query: str, lacks: str) -> None:
    build_release(corpus(), tmp_path)
    as_of_schema_1(tmp_path)
    asked = {"after": -1, "limit": 10, "as_of": date(2026, 11, 1)}
    columns, rows = ReleaseStore(tmp_path).current().table(query, asked)
    assert (columns, rows) == ReleaseStore(_present(tmp_path)).current().table(query, asked)
    assert {row[columns.index(lacks)] for row in rows} == {None}


def _present(folder: Path) -> Path:
    build_release(corpus(), folder / "present")
    return folder / "present"


def test_a_release_of_an_unknown_schema_is_refused(tmp_path: Path) -> None:
    (written,) = ReleaseStore(_present(tmp_path)).manifests()
    unknown = structs.replace(written, schema_version=99)
    manifest_path(tmp_path / "present", written.id).write_bytes(msgspec.json.encode(unknown))
    with pytest.raises(UnknownReleaseError, match="has schema 99; this program reads 1, 2"):
        ReleaseStore(tmp_path / "present")


def test_a_release_of_a_newer_program_is_not_listed(tmp_path: Path) -> None:
    folder = _present(tmp_path)
    store = ReleaseStore(folder)
    current = store.current().manifest
    newer = structs.replace(current, id="rel_000000000000", schema_version=99)
    manifest_path(folder, newer.id).write_bytes(msgspec.json.encode(newer))
    database_path(folder, newer.id).touch()
    assert [one.id for one in store.manifests()] == [current.id]
    for ask in (store.manifest, store.get):
        with pytest.raises(UnknownReleaseError, match="has schema 99"):
            ask(newer.id)


@pytest.mark.parametrize("content", [b'{"id": "rel_\xff"}', b"{", b""])
def test_a_damaged_manifest_hides_no_other(tmp_path: Path, content: bytes) -> None:
    (written,) = ReleaseStore(_present(tmp_path)).manifests()
    folder = tmp_path / "present"
    manifest_path(folder, "rel_000000000000").write_bytes(content)
    database_path(folder, "rel_000000000000").touch()
    assert [one.id for one in ReleaseStore(folder).manifests()] == [written.id]


def test_an_unknown_release_names_the_newest(store: ReleaseStore) -> None:
    for name in ("rel_000000000000", "../../etc/passwd", "nonsense", ""):
        with pytest.raises(UnknownReleaseError) as caught:
            store.get(name)
        assert caught.value.newest == store.current().id


def test_latest_is_an_id_that_can_be_pinned(store: ReleaseStore) -> None:
    assert store.get("latest") is store.current()
    assert store.manifest("latest") == store.current().manifest


def test_a_broken_newcomer_leaves_the_current_release_in_place(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    build_release(corpus(), tmp_path)
    store = ReleaseStore(tmp_path)
    held = store.current()
    pointer_path(tmp_path).write_text("rel_ffffffffffff\n")
    deadline = time.monotonic() + 60
    while not caplog.records:
        assert time.monotonic() < deadline
        assert store.current() is held
        time.sleep(0.005)
    assert "rel_ffffffffffff" in caplog.text
    with pytest.raises(UnknownReleaseError):
        store.refresh()
    assert store.current() is held


def test_a_newcomer_that_could_not_be_opened_is_tried_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(releases, "_TRY_AGAIN_SECONDS", 0.01)
    build_release(corpus(), tmp_path)
    store = ReleaseStore(tmp_path)
    newer = build_release(other_corpus(), tmp_path / "aside")
    for name in (newer.file, manifest_path(tmp_path, newer.id).name):
        (tmp_path / "aside" / name).rename(tmp_path / name)
    database = tmp_path / newer.file
    content = database.read_bytes()
    database.write_bytes(b"")  # as it looks while this machine cannot read it
    point_to(tmp_path, newer.id)
    while not caplog.records:
        store.current()
        time.sleep(0.005)
    database.write_bytes(content)
    wait_for(store, newer.id)


def test_a_file_with_other_facts_than_its_id_is_refused(tmp_path: Path) -> None:
    manifest = build_release(corpus(), tmp_path)
    with duckdb.connect(str(tmp_path / manifest.file)) as connection:
        other = connection.execute("SELECT body FROM documents WHERE family = 'gaps'").fetchall()[0][0]
        connection.execute("UPDATE documents SET body = $1 WHERE family = 'fees'", [other])
    with pytest.raises(DamagedReleaseError, match="facts that its id stands for"):
        Release(manifest, tmp_path)


@pytest.mark.parametrize("kept", [0, 100, 200_000])
def test_a_file_that_was_cut_off_is_a_damaged_release(tmp_path: Path, kept: int) -> None:
    manifest = build_release(corpus(), tmp_path)
    path = tmp_path / manifest.file
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(DamagedReleaseError, match="cannot be read from its file"):
        Release(manifest, tmp_path)


def test_an_open_release_reads_no_other_file_and_changes_nothing(store: ReleaseStore) -> None:
    connection = store.current()._connection
    for statement in (
        "SELECT * FROM read_text('/etc/hostname')",
        "INSERT INTO gaps VALUES (9, 'x', 'y', 'z')",
        "COPY gaps TO 'gaps.csv'",
        "ATTACH 'other.duckdb'",
        "SET threads = 4",
    ):
        with connection.cursor() as cursor, pytest.raises(duckdb.Error):
            cursor.execute(statement)


def test_only_a_few_pinned_releases_stay_open(tmp_path: Path) -> None:
    manifests = [build_release(other_corpus(f"0.000{n}"), tmp_path) for n in range(1, 7)]
    store = ReleaseStore(tmp_path, keep_open=2)
    pinned = [store.get(manifest.id) for manifest in manifests]
    assert store.opened(manifests[0].id) is None
    assert [release.facts.corpus.fees[0].taker for release in pinned] == [
        release.corpus().fees[0].taker for release in pinned
    ]
    assert store.current().id == manifests[-1].id


def test_the_pinned_release_that_is_asked_for_stays_open(tmp_path: Path) -> None:
    manifests = [build_release(other_corpus(f"0.000{n}"), tmp_path) for n in range(1, 6)]
    store = ReleaseStore(tmp_path, keep_open=3)
    often = store.get(manifests[0].id)
    for manifest in manifests[1:-1]:
        store.get(manifest.id)
        assert store.opened(often.id) is often


def test_many_threads_may_ask_one_release(store: ReleaseStore) -> None:
    release = store.current()
    expected = release.rows("documents", {})
    wrong: list[object] = []

    def ask() -> None:
        wrong.extend("differs" for _ in range(40) if release.rows("documents", {}) != expected)

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_a_query_refuses_parameters_it_does_not_have(store: ReleaseStore) -> None:
    with pytest.raises(KeyError, match="no parameter"):
        store.current().rows("documents", {"venue": ["north"]})


def test_the_pointer_can_be_set_back(tmp_path: Path) -> None:
    first = build_release(corpus(), tmp_path)
    build_release(other_corpus(), tmp_path)
    point_to(tmp_path, first.id)
    assert ReleaseStore(tmp_path).current().id == first.id
