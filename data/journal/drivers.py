"""The drivers of both stores: how they connect, and what their failures are called here.

Without the SQL toolkit, which takes ten times as long to load: the process that writes entries does without it.
"""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from msgspec import Struct

from data.journal.errors import JournalUnavailableError
from data.journal.turn import LOCK_SECONDS

SQLITE_OPTIONS: Mapping[str, Any] = {"timeout": LOCK_SECONDS, "isolation_level": None, "check_same_thread": False}
POSTGRESQL_OPTIONS: Mapping[str, Any] = {
    "connect_timeout": 3,
    "application_name": "preclear",
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}

INSUFFICIENT_PRIVILEGE = "42501"
"""SQLSTATE of PostgreSQL for what a role has no right to."""
_UNDEFINED_TABLE = "42P01"
_OPERATORS = (INSUFFICIENT_PRIVILEGE, _UNDEFINED_TABLE)
"""SQLSTATE of what counts among a program's mistakes and is one of operation: the role has lost a right, or a table is
gone.
"""


class DriverAddress(Struct, frozen=True, kw_only=True):
    """Where a store is, as its driver is told it."""

    file: str | None
    """The file of SQLite; null for PostgreSQL."""
    options: dict[str, Any]


def connect(address: DriverAddress) -> Any:
    """Return a connection that writes durably.

    Raises:
        Exception: whatever the driver raises; see `named_failures`.
    """
    if address.file is not None:
        connection = sqlite3.connect(**address.options)
        set_up_sqlite(connection, durable=True)
        return connection
    import psycopg

    connected = psycopg.connect(**address.options)
    connected.isolation_level = psycopg.IsolationLevel.READ_COMMITTED
    set_up_postgresql(connected, durable=True)
    return connected


def set_up_sqlite(connection: Any, *, durable: bool) -> None:
    """Set what every new connection to SQLite needs."""
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        f"synchronous={'FULL' if durable else 'OFF'}",
        "wal_autocheckpoint=1000",
        "journal_size_limit=67108864",
        "trusted_schema=OFF",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def set_up_postgresql(connection: Any, *, durable: bool) -> None:
    """Set what every new connection to PostgreSQL needs."""
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


@contextmanager
def named_failures() -> Iterator[None]:
    """Raise what a driver raises when its store fails under one name.

    Raises:
        JournalUnavailableError: the store or its file cannot be used now.
        Exception: the driver's own error, where the mistake is this program's.
    """
    try:
        yield
    except of_drivers("Error") as error:
        if is_mistake(error):
            raise
        raise failure_of(error) from error
    except OSError as error:
        raise JournalUnavailableError(f"the journal's file cannot be used: {error.strerror}") from error


def failure_of(error: object) -> JournalUnavailableError:
    """Return the name that a driver's error has here."""
    return JournalUnavailableError(f"the journal's store failed: {in_one_line(error)}")


def is_mistake(error: object) -> bool:
    """Say whether a driver's error is a mistake of this program rather than a failure of the store."""
    mistakes = of_drivers("IntegrityError", "DataError", "ProgrammingError")
    return isinstance(error, mistakes) and getattr(error, "sqlstate", None) not in _OPERATORS


def of_drivers(*names: str) -> tuple[type[Exception], ...]:
    """Return what PEP 249 calls by these names, of the drivers in use.

    PostgreSQL's is loaded with the first address that names it: a tenth of the time in which a service starts.
    """
    drivers = [driver for driver in (sqlite3, sys.modules.get("psycopg")) if driver is not None]
    return tuple(getattr(driver, name) for driver in drivers for name in names)


def in_one_line(error: object) -> str:
    """Return an error's text without line breaks."""
    return " ".join(str(error).split())
