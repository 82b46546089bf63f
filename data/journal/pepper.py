"""The server's secret: keys what is hashed, so that a copy of the database alone opens nothing."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from data.journal.errors import JournalError

VARIABLE = "PRECLEAR_PEPPER"
_SHORTEST = 16


class PepperError(JournalError):
    """The secret is absent, too short, or not the one that the stored keys were made with."""


class Pepper:
    """A secret from which one key per purpose is derived."""

    def __init__(self, secret: bytes) -> None:
        if len(secret) < _SHORTEST:
            raise PepperError(f"the pepper has {len(secret)} bytes; it needs at least {_SHORTEST}")
        self._secret = secret
        self._for_keys = self.derive("api keys")

    def derive(self, purpose: str) -> bytes:
        """Return the key for one purpose."""
        return hmac.digest(self._secret, f"preclear {purpose}".encode(), hashlib.sha256)

    def hash_key(self, text: str) -> bytes:
        """Return what is stored of an API key."""
        return hmac.digest(self._for_keys, text.encode(), hashlib.sha256)

    def check(self) -> bytes:
        """Return what is stored so that another pepper is noticed, and not taken for wrong keys."""
        return self.derive("check")


def read_pepper(file: Path, environment: Mapping[str, str] | None = None) -> Pepper | None:
    """Return the pepper of this installation: `PRECLEAR_PEPPER`, else the file's; null when there is neither.

    Raises:
        PepperError: it is too short, or the file cannot be read.
    """
    environment = os.environ if environment is None else environment
    if environment.get(VARIABLE):
        return Pepper(environment[VARIABLE].encode())
    try:
        return Pepper(file.read_bytes().strip())
    except FileNotFoundError:
        return None
    except OSError as error:
        raise PepperError(f"the pepper in {file} cannot be read: {error.strerror}") from None


def make_pepper(file: Path, environment: Mapping[str, str] | None = None) -> Pepper:
    """Return the pepper of this installation, and create the file when there is none yet.

    Raises:
        PepperError: it is too short, or the file cannot be read or written.
    """
    pepper = read_pepper(file, environment)
    if pepper is not None:
        return pepper
    scratch = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(scratch, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(handle, "w") as opened:
            opened.write(secrets.token_hex(32) + "\n")
            opened.flush()
            os.fsync(opened.fileno())
        try:
            # A link is made by one process alone; whoever comes second reads the first one's pepper.
            file.hardlink_to(scratch)
        except FileExistsError:
            pass
        finally:
            scratch.unlink()
    except OSError as error:
        raise PepperError(f"the pepper in {file} cannot be written: {error.strerror}") from None
    found = read_pepper(file, {})
    assert found is not None  # noqa: S101 - it has just been linked
    return found
