"""Commits entries that waited together: one transaction and one disk sync for all of them."""

from __future__ import annotations

import time
import traceback
from collections.abc import Sequence

from data.journal.drivers import of_drivers
from data.journal.errors import IdempotencyConflictError, JournalUnavailableError
from data.journal.repeats import Result
from data.journal.writing.appending import Appender
from data.journal.writing.messages import Batch, Committed, Conflict, Failed, Pending, Refused, Repeated, Stored, Told
from data.journal.writing.store import Store


class Committer:
    """The writing side of one store."""

    def __init__(self, store: Store) -> None:
        self._appender = Appender(store)

    def commit(self, entries: Sequence[Pending]) -> Committed:
        """Store `entries` and say what became of each."""
        started = time.perf_counter()
        told: list[Told]
        try:
            told = [_told(result) for result in self._appender.append(entries)]
        except JournalUnavailableError as error:
            cause = type(error.__cause__ or error).__name__
            told = [Refused(why=str(error), cause=cause, perhaps_stored=error.perhaps_stored)] * len(entries)
        except of_drivers("IntegrityError"):
            if len(entries) > 1:
                # One bad entry must not fail those that happened to wait beside it. Each has a commit of its own.
                each = [self.commit([pending]) for pending in entries]
                return Committed(
                    [outcome for one in each for outcome in one.outcomes],
                    [batch for one in each for batch in one.batches],
                )
            told = [Failed(traceback.format_exc())]
        except Exception:
            told = [Failed(traceback.format_exc())] * len(entries)
        return Committed(told, [_batch_of(told, time.perf_counter() - started)])


def _told(result: Result) -> Told:
    if isinstance(result, IdempotencyConflictError):
        return Conflict(result.idempotency_key, result.decision_id)
    # An entry that was just stored goes without its answer: who asked still has it.
    return Repeated(result) if result.replayed else Stored(result.seq, result.digest)


def _batch_of(told: Sequence[Told], seconds: float) -> Batch:
    kinds = [type(one) for one in told]
    return Batch(
        seconds=seconds,
        stored=kinds.count(Stored),
        replayed=kinds.count(Repeated),
        conflicts=kinds.count(Conflict),
        failed=kinds.count(Refused) + kinds.count(Failed),
    )
