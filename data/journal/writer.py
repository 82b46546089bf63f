"""Group commit: entries that wait at the same time share one transaction and one disk sync."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence

from msgspec import Struct

from data.journal.appending import Appender, Pending, Result
from data.journal.database import Database, broken_rules
from data.journal.entry import Recorded
from data.journal.errors import IdempotencyConflictError, JournalUnavailableError

MAX_BATCH = 256
"""From so many entries on, what waits besides is left to the next transaction."""
MAX_WAITING = 2048
"""More than this many entries waiting means that the store does not keep up: refuse rather than queue."""


class Batch(Struct, frozen=True, kw_only=True):
    """What one commit did, for the metrics: how many entries waited for it, and what became of them."""

    seconds: float
    stored: int = 0
    replayed: int = 0
    """An Idempotency-Key was used before with the same body: nothing was stored."""
    conflicts: int = 0
    """It was used before with another body."""
    failed: int = 0

    @property
    def entries(self) -> int:
        """How many entries waited for it."""
        return self.stored + self.replayed + self.conflicts + self.failed


Outcome = Result | Exception
_Waiting = tuple[Sequence[Pending], "asyncio.Future[Sequence[Outcome]]"]


class GroupWriter:
    """The one thread of a process that appends to the journal."""

    def __init__(self, database: Database, on_batch: Callable[[Batch], None]) -> None:
        self._database = database
        self._appender = Appender(database.engine.dialect)
        self._on_batch = on_batch
        self._loop = asyncio.get_running_loop()
        self._waiting: deque[_Waiting] = deque()
        self._submitted = self._taken = 0
        self._wake = threading.Condition()
        self._waking = False
        self._closing = False
        self.failing: str | None = None
        """Why the last commit failed; null after one that succeeded."""
        self.committed_at = 0.0
        """When entries were last stored, on the monotonic clock."""
        self._thread = threading.Thread(target=self._run, name="journal-writer", daemon=True)
        self._thread.start()

    def submit(self, entries: Sequence[Pending]) -> asyncio.Future[Sequence[Outcome]]:
        """Queue entries; the future is done when they are durable, with what became of each.

        Raises:
            JournalUnavailableError: too many entries wait already, or the journal is closing.
        """
        if self._closing:
            raise JournalUnavailableError("the journal is closing")
        if self._submitted - self._taken >= MAX_WAITING:
            raise JournalUnavailableError(f"{MAX_WAITING} decisions already wait for the journal")
        future: asyncio.Future[Sequence[Outcome]] = self._loop.create_future()
        self._waiting.append((entries, future))
        self._submitted += len(entries)
        if not self._waking:
            # Not at once: whoever else is about to submit in this turn of the loop joins the batch.
            self._waking = True
            self._loop.call_soon(self._wake_up)
        return future

    def close(self) -> None:
        """Store what waits, then end the thread. Blocks."""
        with self._wake:
            self._closing = True
            self._wake.notify()
        self._thread.join()

    def _wake_up(self) -> None:
        self._waking = False
        with self._wake:
            self._wake.notify()

    def _run(self) -> None:
        while True:
            with self._wake:
                while not self._waiting and not self._closing:
                    self._wake.wait()
                if not self._waiting:
                    return
                batch: list[Pending] = []
                asked: list[_Waiting] = []
                while self._waiting and len(batch) < MAX_BATCH:
                    entries, future = self._waiting.popleft()
                    self._taken += len(entries)
                    # A caller that has given up was told so: its entries must not appear afterwards.
                    if not future.cancelled():
                        batch.extend(entries)
                        asked.append((entries, future))
            if batch:
                self._tell(asked, self._store(batch))

    def _store(self, batch: Sequence[Pending]) -> Sequence[Outcome]:
        started = time.perf_counter()
        outcomes: Sequence[Outcome]
        try:
            with self._database.write() as connection:
                outcomes = self._appender.append(connection, batch)
            self._appender.committed()
            self.failing, self.committed_at = None, time.monotonic()
        except JournalUnavailableError as error:
            self.failing = str(error)
            outcomes = [_again(error) for _ in batch]
        except broken_rules() as error:
            if len(batch) > 1:
                # One bad entry must not fail those that happened to wait beside it. Each has a commit of its own.
                return [self._store([pending])[0] for pending in batch]
            outcomes = [error]
        except Exception as error:
            outcomes = [error] * len(batch)
        self._on_batch(_told(outcomes, time.perf_counter() - started))
        return outcomes

    def _tell(self, asked: Sequence[_Waiting], outcomes: Sequence[Outcome]) -> None:
        def settle() -> None:
            start = 0
            for entries, future in asked:
                end = start + len(entries)
                if not future.done():
                    future.set_result(outcomes[start:end])
                start = end

        try:
            self._loop.call_soon_threadsafe(settle)
        except RuntimeError:  # the loop is gone, and with it everybody who waited
            return


def _told(outcomes: Sequence[Outcome], seconds: float) -> Batch:
    replayed = sum(isinstance(one, Recorded) and one.replayed for one in outcomes)
    conflicts = sum(isinstance(one, IdempotencyConflictError) for one in outcomes)
    failed = sum(isinstance(one, Exception) for one in outcomes) - conflicts
    stored = len(outcomes) - replayed - conflicts - failed
    return Batch(seconds=seconds, stored=stored, replayed=replayed, conflicts=conflicts, failed=failed)


def _again(error: JournalUnavailableError) -> JournalUnavailableError:
    """Return the same failure once more: each caller raises one of its own."""
    again = JournalUnavailableError(str(error), perhaps_stored=error.perhaps_stored)
    again.__cause__ = error.__cause__
    return again
