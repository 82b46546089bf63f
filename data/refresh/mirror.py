"""Copy releases from another folder or an address into this machine's folder, checked whole before they are published.

What is copied: the pointer `latest`, the manifest it names, and that release's database. The database is opened aside
and must hold exactly the facts that the release's id is the hash of; then it is moved into place, the manifest follows,
and the pointer comes last, so that a reader never sees a part.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Protocol

import httpx
import msgspec

from data.build import point_to
from data.documents import READABLE
from data.drafts import draft_folder
from data.manifest import (
    Manifest,
    database_path,
    is_whole,
    looks_like_release_id,
    manifest_path,
    read_manifest,
    read_pointer,
    release_id,
    sync_folder,
    write_whole,
)
from data.releases import Release, ReleaseError

_POINTER_BYTES = 200
_MANIFEST_BYTES = 1_000_000
_DATABASE_BYTES = 2_000_000_000
OVERDUE_SECONDS = 900.0
_LOOPBACK = ("127.0.0.1", "::1", "localhost")


class MirrorError(Exception):
    """A release that could not be copied; what is served stays as it is."""


class Origin(Protocol):
    """Where releases come from."""

    def chunks(self, name: str) -> Iterator[bytes]:
        """Yield the content of a file of the origin.

        Raises:
            MirrorError: it cannot be had.
        """


class FolderOrigin:
    """Another folder of releases, on this machine or mounted."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def chunks(self, name: str) -> Iterator[bytes]:
        """Yield the content of a file of the folder."""
        try:
            with (self._folder / name).open("rb") as file:
                while chunk := file.read(1 << 20):
                    yield chunk
        except OSError as error:
            raise MirrorError(f"cannot read {name} in {self._folder}: {error.strerror}") from error


class AddressOrigin:
    """A web address below which the files of a folder of releases are served. Redirects are not followed.

    `timeout` is for each read in seconds, `slowest` the bytes per second that a file has to come with on the whole: an
    origin that drips would else be followed for ever without a word.
    """

    def __init__(self, address: str, *, timeout: float = 30.0, slowest: int = 10_000) -> None:
        url = httpx.URL(address)
        if url.scheme != "https" and not (url.scheme == "http" and url.host in _LOOPBACK):
            raise MirrorError(f"{address}: only https is allowed beyond loopback")
        self._address = address.rstrip("/")
        self._timeout = timeout
        self._slowest = slowest

    def chunks(self, name: str) -> Iterator[bytes]:
        """Yield the content of a file below the address."""
        url = f"{self._address}/{name}"
        try:
            with (
                httpx.Client(timeout=self._timeout, follow_redirects=False, trust_env=False) as client,
                client.stream("GET", url, headers={"Accept-Encoding": "identity"}) as answer,
            ):
                if answer.status_code != httpx.codes.OK:
                    raise MirrorError(f"{url} answered {answer.status_code}")
                yield from self._in_time(answer, url)
        except httpx.HTTPError as error:
            raise MirrorError(f"{url} cannot be read: {error}") from error

    def _in_time(self, answer: httpx.Response, url: str) -> Iterator[bytes]:
        began, size = time.monotonic(), 0
        for chunk in answer.iter_raw():
            size += len(chunk)
            if time.monotonic() - began > self._timeout + size / self._slowest:
                raise MirrorError(f"{url} comes too slowly: {size} bytes in {time.monotonic() - began:.0f} s")
            yield chunk


def origin_of(place: str) -> Origin:
    """Return the origin that a folder's path or a web address names.

    Raises:
        MirrorError: the address is neither https nor on loopback.
    """
    return AddressOrigin(place) if "://" in place else FolderOrigin(Path(place))


def mirror_latest(origin: Origin, folder: Path) -> str | None:
    """Publish the origin's latest release in `folder`; return its id, or null when it was the latest already.

    Raises:
        MirrorError: it could not be copied whole, is not what it says it is, or `folder` cannot take it.
    """
    with _kept_in(folder):
        folder.mkdir(parents=True, exist_ok=True)
        release = _read(origin, "latest", _POINTER_BYTES).decode("ascii", "replace").strip()
        if not looks_like_release_id(release):
            raise MirrorError(f"the origin's pointer names no release: {release[:50]!r}")
        if not _stands(folder, release):
            _publish(origin, folder, release)
        elif read_pointer(folder) == release:
            return None
        point_to(folder, release)
    return release


def mirror_release(origin: Origin, folder: Path, release: str) -> bool:
    """Copy one release of the origin into `folder`, whose latest stays what it is; false when it is there already.

    Raises:
        MirrorError: it is no release's id, could not be copied whole, is not what it says it is, or `folder` cannot
            take it.
    """
    if not looks_like_release_id(release):
        raise MirrorError(f"no release has such an id: {release[:50]!r}")
    with _kept_in(folder):
        folder.mkdir(parents=True, exist_ok=True)
        if _stands(folder, release):
            return False
        _publish(origin, folder, release)
    return True


def follow(
    origin: Origin,
    folder: Path,
    pause: Callable[[], bool],
    say: Callable[[str], object],
    *,
    overdue: float = OVERDUE_SECONDS,
    trouble: str = "",
) -> None:
    """Mirror again and again until `pause` returns true; whatever is at fault is reported once and tried again.

    `trouble` is what has been reported already. A look that comes to no end, because a disk or an origin hangs, is told
    after `overdue` seconds.
    """
    while True:
        try:
            with _told_after(overdue, say):
                release = mirror_latest(origin, folder)
        except Exception as error:  # whoever follows no more serves yesterday's law without a word
            told = str(error) if isinstance(error, MirrorError) else f"{type(error).__name__}: {error}"
            if told != trouble:
                trouble = told
                say(f"not mirrored: {told}")
        else:
            trouble = ""
            if release:
                say(f"mirrored release {release}")
        if pause():
            return


@contextmanager
def _told_after(seconds: float, say: Callable[[str], object]) -> Iterator[None]:
    teller = threading.Timer(seconds, say, [f"not mirrored: the origin has been read for {seconds:g} s without an end"])
    teller.daemon = True
    teller.start()
    try:
        yield
    finally:
        teller.cancel()


def _stands(folder: Path, release: str) -> bool:
    manifest = read_manifest(folder, release)
    return manifest is not None and is_whole(folder, manifest)


def _publish(origin: Origin, folder: Path, release: str) -> None:
    manifest_name = manifest_path(folder, release).name
    body = _read(origin, manifest_name, _MANIFEST_BYTES)
    try:
        manifest = msgspec.json.decode(body, type=Manifest)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise MirrorError(f"{manifest_name} is no manifest: {error}") from error
    _check(manifest, release, database_path(folder, release).name)
    with draft_folder(folder, ".mirroring-") as scratch:
        draft = database_path(scratch, release)
        _copy(origin, manifest, draft)
        try:
            with closing(Release(manifest, scratch)):
                pass
        except ReleaseError as error:
            raise MirrorError(f"release {release} is not what it says it is: {error}") from error
        draft.replace(database_path(folder, release))
        sync_folder(folder)
    write_whole(manifest_path(folder, release), body)


def _copy(origin: Origin, manifest: Manifest, draft: Path) -> None:
    digest = hashlib.sha256()
    size = 0
    with draft.open("wb") as file:
        for chunk in origin.chunks(manifest.file):
            size += len(chunk)
            if size > manifest.file_bytes:
                raise MirrorError(f"{manifest.file} is larger than the {manifest.file_bytes} bytes announced")
            digest.update(chunk)
            file.write(chunk)
    if size != manifest.file_bytes:
        raise MirrorError(f"{manifest.file} has {size} of the {manifest.file_bytes} bytes announced")
    if digest.hexdigest() != manifest.file_sha256:
        raise MirrorError(f"{manifest.file} has another sha256 than its manifest says")


def _check(manifest: Manifest, release: str, file: str) -> None:
    if manifest.id != release or release_id(manifest.sha256) != release:
        raise MirrorError(f"the manifest of {release} is that of {manifest.id}")
    if manifest.schema_version not in READABLE:
        readable = " and ".join(map(str, READABLE))
        raise MirrorError(f"release {release} has schema {manifest.schema_version}, this code reads {readable}")
    if manifest.file != file or not 0 < manifest.file_bytes <= _DATABASE_BYTES:
        raise MirrorError(f"the manifest of {release} names the file {manifest.file!r} of {manifest.file_bytes} bytes")


def _read(origin: Origin, name: str, cap: int) -> bytes:
    whole = bytearray()
    for chunk in origin.chunks(name):
        whole += chunk
        if len(whole) > cap:
            raise MirrorError(f"{name} is larger than {cap} bytes")
    return bytes(whole)


@contextmanager
def _kept_in(folder: Path) -> Iterator[None]:
    """Tell what this machine refuses (a full disk, a folder that is none) as a release that could not be copied."""
    try:
        yield
    except OSError as error:
        raise MirrorError(f"cannot keep releases in {folder}: {error.strerror or error}") from error
