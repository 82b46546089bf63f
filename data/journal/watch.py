"""Sees changes that other processes make to keys and policies, at once and cheaply.

Two counters stand in the store; whoever changes keys or policies raises one in the same transaction. Every request
reads them, so a revocation holds for the next request in every worker on every machine, with no window of staleness.
On SQLite that is one read of one page, some microseconds. On PostgreSQL it is a round trip, which requests that arrive
together share: each waits for a read that began after it arrived.
"""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from msgspec import Struct
from sqlalchemy import select

from data.journal.database import Database
from data.journal.errors import JournalUnavailableError
from data.journal.schema import state


class Versions(Struct, frozen=True, kw_only=True):
    """The counters. Zero means that there never was a key, or a stored policy."""

    keys: int
    policies: int


class Watch:
    """Reads the counters for one process."""

    def __init__(self, database: Database, threads: ThreadPoolExecutor) -> None:
        self._database = database
        self._threads = threads
        self._statement = str(select(state.c.name, state.c.version).compile(dialect=database.engine.dialect))
        self._connection: Any = None
        self._next: asyncio.Future[Versions] | None = None
        self._reading: asyncio.Task[None] | None = None

    async def versions(self) -> Versions:
        """Return the counters as they stand, or later.

        Raises:
            JournalUnavailableError: the store cannot be read, so nothing is known of revocations.
        """
        if self._database.kind == "sqlite":
            return self._read_file()
        if self._next is None:
            self._next = asyncio.get_running_loop().create_future()
            if self._reading is None:
                self._reading = asyncio.ensure_future(self._serve())
        return await asyncio.shield(self._next)

    def close(self) -> None:
        """Let go of the connection."""
        if self._connection is not None:
            with contextlib.suppress(Exception):
                self._connection.close()
            self._connection = None

    def _read_file(self) -> Versions:
        try:
            if self._connection is None:
                self._connection = self._database.raw_reader()
            return _versions(self._connection.driver_connection.execute(self._statement).fetchall())
        except sqlite3.Error as error:
            self.close()
            raise JournalUnavailableError(f"the journal's store failed: {error}") from error

    async def _serve(self) -> None:
        """Read for those that wait, until nobody does."""
        loop = asyncio.get_running_loop()
        try:
            while self._next is not None:
                waiting, self._next = self._next, None
                try:
                    versions = await loop.run_in_executor(self._threads, self._read_server)
                except Exception as error:
                    waiting.set_exception(error)
                    waiting.exception()  # nobody may be waiting any more
                else:
                    waiting.set_result(versions)
        finally:
            self._reading = None

    def _read_server(self) -> Versions:
        with self._database.read() as connection:
            return _versions([tuple(row) for row in connection.execute(select(state.c.name, state.c.version))])


def _versions(rows: list[tuple[Any, ...]]) -> Versions:
    found = dict(rows)
    return Versions(keys=found["keys"], policies=found["policies"])
