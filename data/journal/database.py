"""One way to both stores: SQLite on one machine, PostgreSQL for many. Every failure of the store has one name here."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from data.journal import schema
from data.journal.drivers import (
    POSTGRESQL_OPTIONS,
    SQLITE_OPTIONS,
    DriverAddress,
    failure_of,
    in_one_line,
    is_mistake,
    named_failures,
    set_up_postgresql,
    set_up_sqlite,
)
from data.journal.errors import JournalUnavailableError, NoJournalError
from data.journal.turn import LOCK_SECONDS, Turn

_CREATION_LOCK = 0x70726563
"""Advisory lock that one process holds on PostgreSQL while it creates the tables."""

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

    @property
    def driver_address(self) -> DriverAddress:
        """Where the store is, for a process that writes to it by the driver alone."""
        engine = self._writing
        if self.kind == "postgresql":
            return DriverAddress(file=None, options={**_postgresql_options(engine), **POSTGRESQL_OPTIONS})
        (name,), options = engine.dialect.create_connect_args(engine.url)
        return DriverAddress(file=str(engine.url.database), options={"database": name, **options, **SQLITE_OPTIONS})

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


@contextmanager
def _named_failures() -> Iterator[None]:
    """Raise what the toolkit makes of a driver's errors under the names that these have."""
    try:
        with named_failures():
            yield
    except DBAPIError as error:
        if is_mistake(error.orig):
            raise
        raise failure_of(error.orig) from error
    except PoolTimeoutError as error:
        raise JournalUnavailableError("every connection to the journal's store is busy") from error


def _sqlite_engine(url: URL, *, begin: str, durable: bool) -> Engine:
    engine = create_engine(
        url,
        hide_parameters=True,
        connect_args=dict(SQLITE_OPTIONS),
        pool_size=1 if begin == "BEGIN IMMEDIATE" else 4,
        max_overflow=0 if begin == "BEGIN IMMEDIATE" else 4,
        pool_timeout=LOCK_SECONDS,
    )

    @event.listens_for(engine, "connect")
    def set_up(connection: Any, _record: object) -> None:
        set_up_sqlite(connection, durable=durable)
        if begin == "BEGIN":
            connection.execute("PRAGMA query_only=ON")

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
        connect_args=dict(POSTGRESQL_OPTIONS),
    )

    try:
        make_conninfo(**_postgresql_options(engine))
    except (NoAddress, ValueError) as error:
        raise UnsupportedStoreError(f"the journal's address cannot be used: {in_one_line(error)}") from None

    @event.listens_for(engine, "connect")
    def set_up(connection: Any, _record: object) -> None:
        set_up_postgresql(connection, durable=durable)

    return engine


def _postgresql_options(engine: Engine) -> dict[str, Any]:
    """Return what an address says, as the driver takes it; without what the toolkit adds for itself."""
    _, options = engine.dialect.create_connect_args(engine.url)
    return {name: value for name, value in options.items() if name != "context"}
