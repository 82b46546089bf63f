"""One way to both stores: SQLite on one machine, PostgreSQL for many. Every failure of the store has one name here."""

from __future__ import annotations

import fcntl
import os
import sqlite3
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DataError, DBAPIError, IntegrityError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from data.journal import schema
from data.journal.errors import JournalUnavailableError, NoJournalError

LOCK_SECONDS = 5.0
"""How long a writer waits for its turn before it gives up and says so."""

_CREATION_LOCK = 0x70726563
"""Advisory lock that one process holds on PostgreSQL while it creates the tables."""

_UNDEFINED_TABLE = "42P01"
_OPERATORS = (schema.INSUFFICIENT_PRIVILEGE, _UNDEFINED_TABLE)
"""SQLSTATE of what counts among a program's mistakes and is one of operation: the role has lost a right, or a table is
gone.
"""

_WANTED = "the journal's address must be sqlite:///… or postgresql://…"

Create = Callable[[Connection], None]


class UnsupportedStoreError(ValueError):
    """The address names a kind of store that the journal does not know."""


class Database:
    """Connections to one store, with its tables created on first use.

    Nothing connects before the first transaction, so a service starts while its database is down and recovers
    when it comes up.
    """

    def __init__(self, address: str, create: Create = schema.create, *, durable: bool = True) -> None:
        url = _parsed(address)
        self.address = address
        self.kind = url.get_backend_name()
        self._create = create
        self._created = threading.Event()
        self._creating = threading.Lock()
        self._turn: AbstractContextManager[object] = nullcontext()
        if self.kind == "sqlite":
            if url.database in (None, "", ":memory:"):
                raise UnsupportedStoreError(
                    "the journal's address names no file; write sqlite:///path/to/journal.sqlite"
                )
            self._turn = Turn(Path(str(url.database)))
            self._writing = _sqlite_engine(url, begin="BEGIN IMMEDIATE", durable=durable)
            self._reading = _sqlite_engine(url, begin="BEGIN", durable=durable)
        elif self.kind == "postgresql":
            self._writing = self._reading = _postgresql_engine(url, durable=durable)
        else:
            raise UnsupportedStoreError(f"{_WANTED}, not {url.drivername}://…")

    @classmethod
    def existing(cls, address: str) -> Database:
        """Return the store of a journal that is there already: nothing is created.

        Raises:
            NoJournalError: there is no file at the address. Tables are looked for with the first transaction.
        """
        database = cls(address, schema.expect)
        file = make_url(address).database
        if database.kind == "sqlite" and not Path(str(file)).is_file():
            raise NoJournalError(f"there is no journal at {file}")
        return database

    @property
    def file(self) -> tuple[int, int] | None:
        """Device and inode of the SQLite file that is open; null before it was opened, and for PostgreSQL."""
        return self._turn.opened if isinstance(self._turn, Turn) else None

    def opened_before(self, file: tuple[int, int] | None) -> None:
        """Write to no other SQLite file than this one; null for whichever stands at the address."""
        if isinstance(self._turn, Turn):
            self._turn.opened = file

    @property
    def engine(self) -> Engine:
        """The engine of the writing side, for its dialect."""
        return self._writing

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Open a transaction that may write; it is durable when the block has ended without an error.

        On SQLite writers of all processes take turns (`Turn`). On PostgreSQL the block locks the rows it depends on.

        Raises:
            JournalUnavailableError: the store is down, full or locked; nothing of the block is stored, except that a
                connection lost during the commit leaves open whether it is.
        """
        self.prepare()
        committing = False
        try:
            with _named_failures(), self._turn, self._writing.begin() as connection:
                yield connection
                committing = True
        except JournalUnavailableError as error:
            # A file that refuses a commit has not stored it; a server may have, and its answer was lost.
            error.perhaps_stored = committing and self.kind == "postgresql"
            raise

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Open a transaction that reads one consistent state.

        Raises:
            JournalUnavailableError: the store cannot be read.
        """
        self.prepare()
        with _named_failures(), self._reading.connect() as connection:
            yield connection

    def raw_reader(self) -> Any:
        """Return a driver connection in autocommit for a statement that is read with every request (SQLite alone)."""
        self.prepare()
        with _named_failures():
            return self._reading.raw_connection()

    def close(self) -> None:
        """Close every connection."""
        with ExitStack() as stack:
            # The last connection to close runs a checkpoint, which is a write and so has to wait for its turn.
            with suppress(OSError, JournalUnavailableError):
                stack.enter_context(self._turn)
            self._reading.dispose()
            self._writing.dispose()

    def prepare(self) -> None:
        """Open the store and create what is missing in it, if that was not done before.

        Raises:
            JournalUnavailableError: it cannot be opened now.
        """
        if self._created.is_set():
            return
        with self._creating:
            if self._created.is_set():
                return
            with _named_failures(), self._turn, self._writing.begin() as connection:
                if self.kind == "postgresql":
                    connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _CREATION_LOCK})
                self._create(connection)
            self._created.set()


def _parsed(address: str) -> URL:
    """Return an address's parts.

    Raises:
        UnsupportedStoreError: it is no address. None is repeated anywhere: a password stands in it, and where it is
            not written as it should be, nobody knows at which place.
    """
    try:
        return make_url(address)
    except (ArgumentError, ValueError):
        raise UnsupportedStoreError(_WANTED) from None


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


def _of_drivers(*names: str) -> tuple[type[Exception], ...]:
    """Return what PEP 249 calls by these names, of the drivers in use.

    PostgreSQL's is loaded with the first address that names it: a tenth of the time in which a service starts.
    """
    drivers = [driver for driver in (sqlite3, sys.modules.get("psycopg")) if driver is not None]
    return tuple(getattr(driver, name) for driver in drivers for name in names)


def broken_rules() -> tuple[type[Exception], ...]:
    """Return what is raised for a row that breaks a rule of its table, by the toolkit or by a driver."""
    return (IntegrityError, *_of_drivers("IntegrityError"))


def _own_mistakes() -> tuple[type[Exception], ...]:
    return (*broken_rules(), DataError, ProgrammingError, *_of_drivers("DataError", "ProgrammingError"))


@contextmanager
def _named_failures() -> Iterator[None]:
    try:
        yield
    except _own_mistakes() as error:
        cause = getattr(error, "orig", error)
        if getattr(cause, "sqlstate", None) in _OPERATORS:
            raise JournalUnavailableError(f"the journal's store failed: {_in_one_line(cause)}") from error
        raise
    except DBAPIError as error:
        raise JournalUnavailableError(f"the journal's store failed: {_in_one_line(error.orig)}") from error
    except _of_drivers("Error") as error:
        raise JournalUnavailableError(f"the journal's store failed: {_in_one_line(error)}") from error
    except PoolTimeoutError as error:
        raise JournalUnavailableError("every connection to the journal's store is busy") from error
    except OSError as error:
        raise JournalUnavailableError(f"the journal's file cannot be used: {error.strerror}") from error


def _in_one_line(error: object) -> str:
    return " ".join(str(error).split())


def _sqlite_engine(url: URL, *, begin: str, durable: bool) -> Engine:
    engine = create_engine(
        url,
        hide_parameters=True,
        connect_args={"timeout": LOCK_SECONDS, "isolation_level": None, "check_same_thread": False},
        pool_size=1 if begin == "BEGIN IMMEDIATE" else 4,
        max_overflow=0 if begin == "BEGIN IMMEDIATE" else 4,
        pool_timeout=LOCK_SECONDS,
    )

    @event.listens_for(engine, "connect")
    def set_up(connection: Any, _record: object) -> None:
        cursor = connection.cursor()
        for pragma in (
            "journal_mode=WAL",
            f"synchronous={'FULL' if durable else 'OFF'}",
            "wal_autocheckpoint=1000",
            "journal_size_limit=67108864",
            "trusted_schema=OFF",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        if begin == "BEGIN":
            cursor.execute("PRAGMA query_only=ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def open_transaction(connection: Connection) -> None:
        connection.connection.driver_connection.execute(begin)  # type: ignore[union-attr]

    return engine


def _postgresql_engine(url: URL, *, durable: bool) -> Engine:
    from psycopg import ProgrammingError as NoAddress
    from psycopg.conninfo import make_conninfo

    engine = create_engine(
        url.set(drivername="postgresql+psycopg"),
        hide_parameters=True,  # what a failed statement was to store may be a client's data
        isolation_level="READ COMMITTED",
        paramstyle="format",
        pool_size=4,
        max_overflow=4,
        pool_timeout=LOCK_SECONDS,
        pool_pre_ping=True,
        connect_args={
            "connect_timeout": 3,
            "application_name": "preclear",
            "keepalives_idle": 5,
            "keepalives_interval": 2,
            "keepalives_count": 3,
            "tcp_user_timeout": 10_000,
        },
    )

    try:
        options = {**engine.dialect.create_connect_args(engine.url)[1], "context": None}
        make_conninfo(**options)
    except (NoAddress, ValueError) as error:
        raise UnsupportedStoreError(f"the journal's address cannot be used: {_in_one_line(error)}") from None

    @event.listens_for(engine, "connect")
    def set_up(connection: Any, _record: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET statement_timeout = '15s'")
            cursor.execute("SET lock_timeout = '5s'")
            # A replica that hangs while it holds the head row must not stop the others for ever.
            cursor.execute("SET idle_in_transaction_session_timeout = '10s'")
            if durable:
                cursor.execute("SHOW synchronous_commit")
                if cursor.fetchone() == ("off",):
                    cursor.execute("SET synchronous_commit = 'on'")
            else:
                cursor.execute("SET synchronous_commit = 'off'")
        connection.commit()

    return engine
