"""Copies of earlier answers, so that an unchanged listing costs one conditional request."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path

import msgspec
from msgspec import Struct


class Cached(Struct, frozen=True, kw_only=True):
    """A body with the validators that the venue gave for it."""

    body: bytes
    etag: str | None
    last_modified: str | None

    def conditions(self) -> dict[str, str]:
        """Return the headers that ask for the body only if it changed."""
        found = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        return {name: value for name, value in found.items() if value}


class _Stored(Struct, frozen=True, kw_only=True):
    url: str
    sha256: str
    etag: str | None
    last_modified: str | None
    body: bytes


class ResponseCache:
    """Answers kept in a folder, one file per address and request body. A damaged copy counts as none."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def find(self, url: str, request_body: bytes | None) -> Cached | None:
        """Return the copy of an earlier answer, if there is a sound one."""
        try:
            stored = msgspec.msgpack.decode(self._path(url, request_body).read_bytes(), type=_Stored)
        except (OSError, msgspec.DecodeError):
            return None
        if stored.url != url or hashlib.sha256(stored.body).hexdigest() != stored.sha256:
            return None
        return Cached(body=stored.body, etag=stored.etag, last_modified=stored.last_modified)

    def keep(self, url: str, request_body: bytes | None, answer: Cached) -> None:
        """Keep an answer for the next run."""
        stored = _Stored(
            url=url,
            sha256=hashlib.sha256(answer.body).hexdigest(),
            etag=answer.etag,
            last_modified=answer.last_modified,
            body=answer.body,
        )
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._path(url, request_body)
        handle, draft = tempfile.mkstemp(dir=self._folder, prefix=".draft-")
        with os.fdopen(handle, "wb") as file:
            file.write(msgspec.msgpack.encode(stored))
        Path(draft).replace(path)

    def _path(self, url: str, request_body: bytes | None) -> Path:
        name = hashlib.sha256(url.encode() + b"\n" + (request_body or b"")).hexdigest()
        return self._folder / f"{name}.msgpack"
