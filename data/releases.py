"""Releases in a folder: list them, open them read-only, pin one by id, follow the latest.

A release never changes and is never deleted here: recorded decisions name it. Opening one costs about half a second;
after that, asking which release is the latest costs one look at a file's status.
"""

from __future__ import annotations

import gc
import logging
import os
import threading
import time
import zlib
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import duckdb

from data.documents import READABLE, decode_families, digest_of
from data.facts.corpus import Corpus
from data.manifest import Manifest, database_path, looks_like_release_id, pointer_path, read_manifest, read_pointer
from data.queries import read_query
from data.release_facts import ReleaseFacts

_log = logging.getLogger("preclear.releases")

_TRY_AGAIN_SECONDS = 30.0

_HARDENED: dict[str, Any] = {
    "threads": 1,
    "memory_limit": "256MB",
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "enable_external_access": False,
    "lock_configuration": True,
}


class ReleaseError(Exception):
    """A release that cannot be used. `newest` is the id of the latest one that can, if there is any."""

    def __init__(self, message: str, newest: str | None = None) -> None:
        super().__init__(message)
        self.newest = newest


class UnknownReleaseError(ReleaseError):
    """The folder holds no release with this id, or one of a schema that this program does not read."""


class DamagedReleaseError(ReleaseError):
    """A release's file cannot be read, does not hold the facts that its id stands for, or facts of another shape."""


@contextmanager
def _without_collecting() -> Iterator[None]:
    """Keep the garbage collector away: to look through facts while they are read takes half as long as reading them."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


class Release:
    """One open release. Whoever holds it can go on asking it after a newer one has become the latest.

    Raises:
        DamagedReleaseError: its file cannot be read, or does not hold the facts that its id stands for.
    """

    def __init__(self, manifest: Manifest, folder: Path) -> None:
        self.manifest = manifest
        self.id = manifest.id
        try:
            self._connection = duckdb.connect(str(database_path(folder, manifest.id)), read_only=True, config=_HARDENED)
            with _without_collecting():
                self.facts = ReleaseFacts(self.id, self.corpus())
        except (duckdb.Error, zlib.error) as error:
            _log.warning("cannot read release %s: %s", self.id, error)
            raise DamagedReleaseError(f"release {self.id} cannot be read from its file") from error

    def close(self) -> None:
        """Let go of the database."""
        self._connection.close()

    def rows(self, query: str, parameters: Mapping[str, object]) -> list[tuple[Any, ...]]:
        """Return the rows of a query of `data/queries`; a parameter that is not given is null.

        Every call has a cursor of its own: two threads may ask at once.

        Raises:
            KeyError: the query has no such parameter.
        """
        return self.table(query, parameters)[1]

    def table(self, query: str, parameters: Mapping[str, object]) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
        """Return the column names and the rows of a query (see `rows`)."""
        known = read_query(query)
        if unknown := parameters.keys() - known.parameters:
            raise KeyError(f"{query}.sql has no parameter {sorted(unknown)}")
        values = dict.fromkeys(known.parameters) | dict(parameters)
        with self._connection.cursor() as cursor:
            result = cursor.execute(known.text, values)
            return tuple(column[0] for column in result.description or ()), result.fetchall()

    def corpus(self) -> Corpus:
        """Return all facts of the release, decoded from what its id was derived from.

        Raises:
            DamagedReleaseError: the file holds other facts than its id says, or facts of another shape.
        """
        texts = {name: zlib.decompress(body) for name, body in self.rows("documents", {})}
        if digest_of(texts, self.manifest.schema_version) != self.manifest.sha256:
            raise DamagedReleaseError(f"release {self.id} does not hold the facts that its id stands for")
        try:
            return decode_families(texts)
        except ValueError as error:
            raise DamagedReleaseError(f"release {self.id} was written by other code: {error}") from error


class ReleaseStore:
    """The releases of one folder.

    `current` is the release that `latest` names; when that pointer moves, the new release is opened in the background
    and takes over once it is ready. `get` pins any release by id; of pinned ones those asked for last stay open, a few.
    """

    def __init__(self, folder: Path, *, keep_open: int = 3) -> None:
        self.folder = folder
        self._keep_open = keep_open
        self.on_change: Callable[[], None] = lambda: None
        """Called, by the thread that opened it, when another release has become the latest."""
        self._open: OrderedDict[str, Release] = OrderedDict()
        self._lock = threading.RLock()
        self._following = threading.Lock()
        self._pointer = str(pointer_path(folder))
        self._seen = self._stamp()
        self._current = self._open_latest()

    def current(self) -> Release:
        """Return the latest release that is open, and see to it that a newer one gets opened."""
        if self._stamp() != self._seen:
            self._follow()
        return self._current

    def refresh(self) -> Release:
        """Open the latest release now, if it is not open yet, and return it.

        Raises:
            ReleaseError: the pointer names a release that cannot be used; the current one stays.
        """
        with self._lock:
            self._seen = self._stamp()
            self._current = self._open_latest()
            return self._current

    def get(self, release: str) -> Release:
        """Return the release with this id (or `latest`), opening it when need be.

        Raises:
            UnknownReleaseError: the folder does not hold it.
            DamagedReleaseError: it cannot be read.
        """
        current = self._current
        if release == current.id:
            return current
        if release == "latest":
            return self.current()
        return self.opened(release) or self._open_release(release)

    def opened(self, release: str) -> Release | None:
        """Return a release that is open already; never waits for a disk."""
        current = self.current()
        if release in ("latest", current.id):
            return current
        held = self._open.get(release)
        if held is not None:
            with suppress(KeyError):  # closed by another thread meanwhile: this caller still holds it
                self._open.move_to_end(release)
        return held

    def manifests(self) -> Sequence[Manifest]:
        """Return the manifest of every release of the folder that this program reads, newest first."""
        prefix, suffix = "facts-", ".manifest.json"
        names = [path.name[len(prefix) : -len(suffix)] for path in self.folder.glob(f"{prefix}*{suffix}")]
        found = [manifest for name in names if (manifest := read_manifest(self.folder, name))]
        readable = [manifest for manifest in found if manifest.schema_version in READABLE]
        return sorted(readable, key=lambda manifest: (manifest.built_at, manifest.id), reverse=True)

    def manifest(self, release: str) -> Manifest:
        """Return the manifest of one release, which need not be open.

        Raises:
            UnknownReleaseError: the folder does not hold it.
        """
        current = self.current()
        if release in ("latest", current.id):
            return current.manifest
        return self._manifest(release, current.id)

    def _manifest(self, release: str, newest: str | None) -> Manifest:
        manifest = read_manifest(self.folder, release) if looks_like_release_id(release) else None
        known = f"; the newest is {newest}" if newest else ""
        if manifest is None:
            raise UnknownReleaseError(f"There is no release {release[:80]!r}{known}.", newest)
        if manifest.schema_version not in READABLE:
            readable = ", ".join(map(str, READABLE))
            told = f"Release {release} has schema {manifest.schema_version}; this program reads {readable}{known}."
            raise UnknownReleaseError(told, newest)
        return manifest

    def _stamp(self) -> tuple[int, int] | None:
        try:
            status = os.stat(self._pointer)  # noqa: PTH116 - asked for every request: a path object costs twice the call
        except OSError:
            return None
        return status.st_mtime_ns, status.st_ino

    def _follow(self) -> None:
        if self._following.acquire(blocking=False):
            self._seen = self._stamp()
            threading.Thread(target=self._take_over, name="open-release", daemon=True).start()

    def _take_over(self) -> None:
        try:
            self._current = self._open_latest()
        except Exception:  # the service goes on with what it has, whatever is wrong with the newcomer
            _log.exception("cannot open the latest release, still serving %s", self._current.id)
            self._let_pass()
            self._seen = None  # the next who asks has it tried again: what was wrong may have been this machine
        else:
            _log.info("serving release %s", self._current.id)
            self.on_change()
        finally:
            self._following.release()

    def _let_pass(self) -> None:
        """Wait before the same release is tried again; not for another one that has become the latest meanwhile."""
        until = time.monotonic() + _TRY_AGAIN_SECONDS
        while self._stamp() == self._seen and time.monotonic() < until:
            time.sleep(0.2)

    def _open_latest(self) -> Release:
        latest = read_pointer(self.folder)
        if latest is None:
            raise UnknownReleaseError(f"There is no release in {self.folder}: build one first")
        return self._open_release(latest)

    def _open_release(self, release: str) -> Release:
        with self._lock:
            held = self._open.get(release)
            if held is not None:
                self._open.move_to_end(release)
                return held
            newest = getattr(self, "_current", None)
            manifest = self._manifest(release, newest.id if newest is not None else None)
            opened = Release(manifest, self.folder)
            self._open[release] = opened
            while len(self._open) > self._keep_open:
                oldest = next(name for name in self._open if name != release)
                del self._open[oldest]
            return opened
