"""The connection that entries are appended through."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from data.journal.drivers import DriverAddress, connect, named_failures, of_drivers
from data.journal.errors import JournalUnavailableError
from data.journal.turn import Turn

_HEAD = "SELECT seq, digest FROM journal_head WHERE id = 1"


class Cursor(Protocol):
    """What is used of a driver's cursor."""

    def execute(self, statement: str, values: tuple[Any, ...] = ..., /) -> object:
        """Run a statement."""

    def fetchall(self) -> list[tuple[Any, ...]]:
        """Return the rows that it found."""


class Transaction(NamedTuple):
    """An open transaction that holds the head of the chain."""

    cursor: Cursor
    seq: int
    """Place of the newest entry; 0 before the first."""
    digest: str
    """Digest of the newest entry."""


class Store:
    """One connection, opened when it is first needed and again when it was lost.

    `file` is the device and inode of the SQLite file that alone may be written; null for whichever stands at the
    address.
    """

    def __init__(self, address: DriverAddress, file: tuple[int, int] | None = None) -> None:
        self._address = address
        self._connection: Any = None
        self._turn: Turn | nullcontext[None] = nullcontext()
        if address.file is not None:
            self._turn = Turn(Path(address.file))
            self._turn.opened = file
        self.mark = "%s" if address.file is None else "?"
        """What stands for a value in a statement."""

    @contextmanager
    def write(self) -> Iterator[Transaction]:
        """Open a transaction; it is durable when the block has ended without an error.

        On SQLite writers of all processes take turns. On PostgreSQL the head row is locked, which is what makes several
        machines share one chain.

        Raises:
            JournalUnavailableError: the store is down, full or locked, or has lost its head; nothing of the block is
                stored, except that a connection lost during the commit leaves open whether it is.
        """
        committing = False
        try:
            with named_failures(), self._turn:
                try:
                    yield self._begun()
                    committing = True
                    self._connection.commit()
                except BaseException:
                    self._undo()
                    raise
        except JournalUnavailableError as error:
            # A file that refuses a commit has not stored it; a server may have, and its answer was lost.
            error.perhaps_stored = committing and self._address.file is None
            raise

    def close(self) -> None:
        """Close the connection."""
        if self._connection is None:
            return
        with ExitStack() as stack:
            # The last connection to close runs a checkpoint, which is a write and so has to wait for its turn.
            with suppress(OSError, JournalUnavailableError):
                stack.enter_context(self._turn)
            self._drop()

    def _begun(self) -> Transaction:
        """Begin with the head of the chain. A server that has ended an idle connection is asked once more on another:
        nothing was written yet.
        """
        if self._connection is not None and self._address.file is None:
            try:
                return self._at_head()
            except of_drivers("OperationalError"):
                if not self._connection.closed:
                    raise
                self._drop()
        if self._connection is None:
            self._connection = connect(self._address)
        return self._at_head()

    def _at_head(self) -> Transaction:
        cursor = self._connection.cursor()
        if self._address.file is None:
            cursor.execute(f"{_HEAD} FOR UPDATE")
        else:
            cursor.execute("BEGIN IMMEDIATE")
            cursor.execute(_HEAD)
        for seq, digest in cursor.fetchall():
            return Transaction(cursor, seq, digest)
        raise JournalUnavailableError("the head row of the journal is missing")

    def _undo(self) -> None:
        """Leave no transaction open; a connection that cannot do so is not used again."""
        if self._connection is None:
            return
        try:
            self._connection.rollback()
        except of_drivers("Error"):
            self._drop()

    def _drop(self) -> None:
        with suppress(*of_drivers("Error")):
            self._connection.close()
        self._connection = None
