"""Whose turn it is to write to an SQLite file."""

from __future__ import annotations

import fcntl
import os
import threading
import time
from pathlib import Path

from data.journal.errors import JournalUnavailableError

LOCK_SECONDS = 5.0
"""How long a writer waits for its turn before it gives up and says so."""


class Turn:
    """The turn to write to an SQLite file, held by one thread of one process of the machine at a time.

    SQLite would let writers wait by polling, which is unfair under load. More important: before version 3.51.3 two
    connections that write or checkpoint in the same instant can, in rare cases, corrupt a database in WAL mode
    (sqlite.org/wal.html, "The WAL-Reset Bug"). Whoever writes, checkpoints or closes holds this file lock, so the
    instant never comes.

    A file that was removed or put in another's place while it is open takes entries that nobody finds again: from then
    on nobody gets a turn.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock_path = path.with_name(path.name + ".lock")
        self._thread = threading.Lock()
        self._file: int | None = None
        self.opened: tuple[int, int] | None = None
        """Device and inode of the file."""

    def __enter__(self) -> Turn:
        deadline = time.monotonic() + LOCK_SECONDS
        if not self._thread.acquire(timeout=LOCK_SECONDS):
            raise JournalUnavailableError("another thread has held the journal for too long")
        try:
            if self._file is None:
                self._path.parent.mkdir(parents=True, exist_ok=True)
                if self.opened is None:
                    # Created here, before SQLite does, so that nobody else on the machine can read the file.
                    os.close(os.open(self._path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600))
                self._file = os.open(self._lock_path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
                self.opened = self.opened or self._found()
            self._check_still_there()
            pause = 0.0002
            while True:
                try:
                    fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    if time.monotonic() > deadline:
                        raise JournalUnavailableError("another process has held the journal for too long") from None
                    time.sleep(pause)
                    pause = min(pause * 2, 0.005)
                else:
                    return self
        except BaseException:
            self._thread.release()
            raise

    def _found(self) -> tuple[int, int] | None:
        """Return which file stands at the path; null when there is none."""
        try:
            found = self._path.stat()
        except FileNotFoundError:
            return None
        return found.st_dev, found.st_ino

    def _check_still_there(self) -> None:
        if self._found() != self.opened:
            raise JournalUnavailableError("the journal's file was removed or replaced while it was open: restart")

    def __exit__(self, *exc: object) -> None:
        if self._file is not None:
            fcntl.flock(self._file, fcntl.LOCK_UN)
        self._thread.release()
