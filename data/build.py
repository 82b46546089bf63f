"""Curated text into one immutable, content-addressed DuckDB release with its manifest.

A release is written under a temporary name and renamed when it is whole; the `latest` pointer moves last. Nothing is
ever written into a finished release.
"""

from __future__ import annotations

import errno
import hashlib
import os
import zlib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import msgspec

import data
from data.documents import SCHEMA_VERSION, digest_of, encode_families
from data.drafts import draft_folder
from data.facts.corpus import Corpus
from data.manifest import (
    Manifest,
    database_path,
    digest_of_file,
    is_whole,
    manifest_path,
    pointer_path,
    read_manifest,
    read_pointer,
    release_id,
    sync_folder,
    write_whole,
)
from data.schema import schema_text
from data.tables import Row, tables_of, value_of

Say = Callable[[str], object]
_READERS = ("build.py", "documents.py", "tables.py", "schema", "curation", "facts")


def build_release(
    corpus: Corpus,
    folder: Path,
    *,
    built_from: str | None = None,
    built_by: str | None = None,
    say: Say = lambda line: None,
) -> Manifest:
    """Write the release of these facts into `folder`, make it the latest and return its manifest.

    A release of the same facts, written by the same code, is left as it is, if its file is whole.

    Raises:
        LostDigitsError: a number cannot be stored exactly.
    """
    folder.mkdir(parents=True, exist_ok=True)
    texts = encode_families(corpus)
    digest = digest_of(texts)
    release = release_id(digest)
    manifest = read_manifest(folder, release)
    if manifest is None or manifest.sha256 != digest or manifest.built_by != built_by or not is_whole(folder, manifest):
        path = database_path(folder, release)
        _write_database(corpus, texts, path, release, digest, say)
        manifest = Manifest(
            id=release,
            sha256=digest,
            schema_version=SCHEMA_VERSION,
            counts=_counts(corpus),
            built_from=built_from,
            built_by=built_by,
            built_at=datetime.now(UTC),
            newest_source=max((one.published or one.seen for one in corpus.sources), default=None),
            file=path.name,
            file_bytes=path.stat().st_size,
            file_sha256=digest_of_file(path),
        )
        write_whole(manifest_path(folder, release), msgspec.json.format(msgspec.json.encode(manifest)) + b"\n")
    elif manifest.built_from != built_from:
        manifest = msgspec.structs.replace(manifest, built_from=built_from)
        write_whole(manifest_path(folder, release), msgspec.json.format(msgspec.json.encode(manifest)) + b"\n")
    point_to(folder, release)
    return manifest


def point_to(folder: Path, release: str) -> None:
    """Make a release of the folder the latest."""
    if read_pointer(folder) != release:
        write_whole(pointer_path(folder), f"{release}\n".encode("ascii"))


def ensure_release(
    curated: Path, folder: Path, load: Callable[[Path], Corpus], *, say: Say = lambda line: None
) -> Manifest:
    """Return the manifest of the release of the curated text, building it when the text or its readers have changed, or
    its file is not whole.
    """
    built_from, built_by = tree_digest(curated), code_digest()
    latest = read_pointer(folder)
    manifest = read_manifest(folder, latest) if latest else None
    if manifest and (manifest.built_from, manifest.built_by) == (built_from, built_by) and is_whole(folder, manifest):
        say(f"release {manifest.id} is up to date")
        return manifest
    say(f"reading {curated}")
    corpus = load(curated)
    manifest = build_release(corpus, folder, built_from=built_from, built_by=built_by, say=say)
    say(f"release {manifest.id}: {sum(manifest.counts.values())} rows, {manifest.file_bytes / 1e6:.1f} MB")
    return manifest


def tree_digest(folder: Path) -> str:
    """Return the SHA-256 of all files below a folder, names and contents."""
    digest = hashlib.sha256()
    paths = [path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    for path in sorted(paths, key=lambda path: path.relative_to(folder).as_posix()):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(folder).as_posix()} {len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()


def code_digest() -> str:
    """Return the SHA-256 of the code that turns curated text into a release."""
    room = Path(data.__file__).parent
    digest = hashlib.sha256()
    for name in _READERS:
        path = room / name
        digest.update(f"{name} {tree_digest(path) if path.is_dir() else ''}\n".encode())
        if path.is_file():
            digest.update(path.read_bytes())
    return digest.hexdigest()


def _counts(corpus: Corpus) -> dict[str, int]:
    counts = {name: len(getattr(corpus, name)) for name in corpus.__struct_fields__}
    counts["margin_tiers"] = sum(len(ladder.tiers) for ladder in corpus.ladders)
    return dict(sorted(counts.items()))


def _write_database(
    corpus: Corpus, texts: Mapping[str, bytes], path: Path, release: str, digest: str, say: Say
) -> None:
    with draft_folder(path.parent, ".building-") as scratch:
        draft = scratch / path.name
        try:
            _fill(draft, corpus, texts, (release, digest), say)
        except (duckdb.OperationalError, duckdb.FatalException) as error:
            # The disk is full, or refuses: a failure of the machine, as others of it are told.
            raise OSError(errno.EIO, " ".join(str(error).split()), str(path.parent)) from error
        with draft.open("rb") as file:
            os.fsync(file.fileno())
        draft.replace(path)
    sync_folder(path.parent)


def _fill(draft: Path, corpus: Corpus, texts: Mapping[str, bytes], named: tuple[str, str], say: Say) -> None:
    """Write a database; `named` are the release's id and the digest of its facts."""
    with duckdb.connect(str(draft), config={"threads": 2}) as connection:
        connection.execute(schema_text())
        connection.execute("INSERT INTO release VALUES ($1, $2, $3)", [*named, SCHEMA_VERSION])
        connection.executemany(
            "INSERT INTO documents VALUES ($1, $2)",
            [[name, zlib.compress(text, 6)] for name, text in texts.items()],
        )
        for table, rows in tables_of(corpus):
            say(f"  {table}: {len(rows)} rows")
            if rows:
                _insert(connection, table, rows)
        connection.execute("CHECKPOINT")


def _insert(connection: duckdb.DuckDBPyConnection, table: str, rows: list[Row]) -> None:
    """Fill one table. Arrow refuses a number that the column would round."""
    import pyarrow as pa  # 24 MB that a server which finds its release built can do without

    schema = connection.table(table).limit(0).to_arrow_table().schema
    columns = {name: [value_of(row, name) for row in rows] for name in schema.names}
    incoming = pa.table(columns, schema=schema)
    connection.register("incoming", incoming)
    connection.table("incoming").insert_into(table)
    connection.unregister("incoming")
