"""What a release says about itself: the small file that stands beside it."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from tempfile import NamedTemporaryFile

import msgspec
from msgspec import Struct

ID_PREFIX = "rel_"
ID_DIGITS = 12


class Manifest(Struct, frozen=True, kw_only=True):
    """One release.

    `id` is derived from `sha256`, the hash of the facts themselves: same curated text, same id, on any machine.
    `built_from` is the hash of the curated files, `built_by` of the code that read and wrote them; both are null for
    a release that was built from facts in memory. `counts` has the number of rows by family.
    """

    id: str
    sha256: str
    schema_version: int
    counts: Mapping[str, int]
    built_at: datetime
    built_from: str | None = None
    built_by: str | None = None
    newest_source: date | None = None
    file: str
    file_bytes: int
    file_sha256: str | None = None
    """Hash of the database file, which may differ between machines though the facts do not."""


def release_id(sha256: str) -> str:
    """Return the id of the release whose facts have this hash."""
    return ID_PREFIX + sha256[:ID_DIGITS]


def looks_like_release_id(text: str) -> bool:
    """Say whether a text has the form of a release id."""
    digits = text.removeprefix(ID_PREFIX)
    return len(digits) == ID_DIGITS and digits != text and all(one in "0123456789abcdef" for one in digits)


def database_path(folder: Path, release: str) -> Path:
    """Return where a release's database stands."""
    return folder / f"facts-{release}.duckdb"


def manifest_path(folder: Path, release: str) -> Path:
    """Return where a release's manifest stands."""
    return folder / f"facts-{release}.manifest.json"


def pointer_path(folder: Path) -> Path:
    """Return the file that names the latest release."""
    return folder / "latest"


def read_manifest(folder: Path, release: str) -> Manifest | None:
    """Return a release's manifest; null when the folder does not hold that release whole."""
    try:
        manifest = msgspec.json.decode(manifest_path(folder, release).read_bytes(), type=Manifest)
    except (FileNotFoundError, msgspec.DecodeError, UnicodeDecodeError):
        return None
    return manifest if database_path(folder, release).exists() else None


def is_whole(folder: Path, manifest: Manifest) -> bool:
    """Say whether a release's database is still the file that its manifest was written for: a disk may have cut it off
    or changed it since. Reads it all, which takes some ten milliseconds.
    """
    path = database_path(folder, manifest.id)
    try:
        if path.stat().st_size != manifest.file_bytes:
            return False
        return manifest.file_sha256 is None or digest_of_file(path) == manifest.file_sha256
    except OSError:
        return False


def digest_of_file(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_pointer(folder: Path) -> str | None:
    """Return the id of the latest release; null when there is none yet."""
    try:
        return pointer_path(folder).read_text(encoding="ascii").strip() or None
    except FileNotFoundError:
        return None


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that a reader sees the old content or the new, never a part, even after a power cut."""
    with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
        draft = Path(file.name)
        try:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
            draft.chmod(0o644)
            draft.replace(path)
        except OSError:
            draft.unlink(missing_ok=True)
            raise
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make renames in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
