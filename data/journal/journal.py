"""The journal as the service sees it: record before answering, look up, walk, verify."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncGenerator, Callable, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, TypeVar

from msgspec.structs import replace
from sqlalchemy import Connection, false, insert, select, update

from data.journal import policies, queries, verification
from data.journal.database import Database
from data.journal.entry import Entry, Filters, NewEntry, Recorded, Summary
from data.journal.errors import IdempotencyConflictError, JournalUnavailableError
from data.journal.masking import Masking, Method
from data.journal.policies import PolicyVersion
from data.journal.queries import Head, Page, used_key
from data.journal.repeats import repeat
from data.journal.schema import entries, installation
from data.journal.verification import Verification
from data.journal.writer import GroupWriter, Outcome
from data.journal.writing.messages import Batch, Pending

Answer = TypeVar("Answer")
Row = TypeVar("Row")
_CHUNK = 500
_PROBE_BYTES = 65_536
_LONG = 131_072
"""To mask answers of more bytes takes some twenty milliseconds."""
READY_SECONDS = 2.0
"""How long an answer to whether the journal can be written may take: those who ask wait three seconds."""


class Journal:
    """An open journal. Its methods are for one event loop; blocking work runs on its own threads."""

    def __init__(self, database: Database, *, masking: Masking, patience: float) -> None:
        self.database = database
        self.masking = masking
        self.on_batch: Callable[[Batch], None] = lambda _batch: None
        """Called after every commit."""
        self._patience = patience
        self._writer = GroupWriter(database, lambda batch: self.on_batch(batch))
        self._background: set[asyncio.Task[None]] = set()
        self._trying: asyncio.Task[str | None] | None = None
        self.threads = ThreadPoolExecutor(max_workers=4, thread_name_prefix="journal")
        self._walking = ThreadPoolExecutor(max_workers=2, thread_name_prefix="journal-walk")

    def start(self) -> None:
        """Start the process that writes, before the first entry has to wait for it."""
        self._writer.start()

    @property
    def writing_process(self) -> int | None:
        """The id of the process that stores entries now; null when none runs."""
        return self._writer.process_id

    async def record(self, new: NewEntry, *, key_family: tuple[str, ...] = ()) -> Recorded:
        """Store a decision and return its receipt; it is durable when this returns.

        `key_family` are the API keys whose Idempotency-Keys are this one's too.

        Raises:
            IdempotencyConflictError: the Idempotency-Key was used before with another body.
            JournalUnavailableError: the store failed or took too long; the decision must not be acknowledged.
            MaskingError: client fields could not be masked; nothing is stored.
        """
        (pending,) = await self._masked([new])
        if key_family:
            pending = replace(pending, key_family=key_family)
        (outcome,) = await self._stored([pending])
        if isinstance(outcome, Exception):
            raise outcome
        return _as_sent(outcome, new)

    async def record_all(self, new: Sequence[NewEntry]) -> list[Recorded | Exception]:
        """Store decisions together and return what became of each, in order: its receipt, or what `record` raises.

        Raises:
            JournalUnavailableError: none was stored in time.
            MaskingError: client fields of one could not be masked; none is stored.
        """
        outcomes = await self._stored(await self._masked(new))
        return [
            outcome if isinstance(outcome, Exception) else _as_sent(outcome, one)
            for outcome, one in zip(outcomes, new, strict=True)
        ]

    async def _masked(self, new: Sequence[NewEntry]) -> list[Pending]:
        """Return entries as they are to be stored; what takes long to mask is masked beside the event loop."""

        def work() -> list[Pending]:
            return [self.masking.apply(one) for one in new]

        long = self.masking.method is not Method.NONE and sum(len(one.answer) for one in new) > _LONG
        return await self._run(work) if long else work()

    async def _stored(self, entries: Sequence[Pending]) -> Sequence[Outcome]:
        waiting = self._writer.submit(entries)
        timer = asyncio.get_running_loop().call_later(self._patience, waiting.cancel)
        try:
            return await waiting
        except asyncio.CancelledError:
            current = asyncio.current_task()
            if current is not None and current.cancelling():
                raise
            # What has not been begun is not stored any more; what is under way may be.
            raise JournalUnavailableError(
                f"the journal did not answer within {self._patience:g} s", perhaps_stored=True
            ) from None
        finally:
            timer.cancel()

    async def recall(
        self, key_id: str, idempotency_key: str, input_hash: str, *, key_family: tuple[str, ...] = ()
    ) -> Recorded | None:
        """Return the stored answer of an Idempotency-Key, or null when it was not used before.

        `input_hash` is the plain one; what was stored masked is found by it too. `key_family` are the API keys whose
        Idempotency-Keys are this one's too.

        Raises:
            IdempotencyConflictError: it was used with another body.
            JournalUnavailableError: the store cannot be read.
        """
        before = await self.reading(
            lambda connection: used_key(connection, key_id, idempotency_key, key_family=key_family)
        )
        if before is None:
            return None
        recalled = repeat(before, idempotency_key, self.masking.input_hashes(input_hash))
        if isinstance(recalled, IdempotencyConflictError):
            raise recalled
        return recalled

    async def get(self, decision_id: str) -> Entry | None:
        """Return the entry of a decision."""
        return await self.reading(lambda connection: queries.one(connection, decision_id))

    async def find(self, filters: Filters, *, before: int | None = None, limit: int = 100) -> Page:
        """Return a page of entries, newest first."""
        return await self.reading(lambda c: queries.page(c, self.stored(filters), before=before, limit=limit))

    async def walk(
        self, filters: Filters, made: Callable[[Summary], Row], *, upto: int | None = None
    ) -> AsyncGenerator[list[Row], None]:
        """Walk the matching entries up to the place `upto` (default: those that exist now), oldest first, in short
        transactions. What is `made` of each is all that is kept of it: its answer may be long.

        Walks have threads of their own: short questions, and whether the journal can be written, do not wait for them.
        """
        filters, after = self.stored(filters), 0
        if upto is None:
            upto = (await self.head()).seq
        chunk: list[Row] | None = None
        while chunk is None or len(chunk) == _CHUNK:
            chunk, after = await self.reading(
                partial(queries.made_after, filters=filters, made=made, after=after, limit=_CHUNK, upto=upto),
                self._walking,
            )
            if chunk:
                yield chunk

    async def count(self, filters: Filters, *, upto: int | None = None) -> int:
        """Return how many entries match, of those up to the place `upto`."""
        return await self.reading(lambda connection: queries.count(connection, self.stored(filters), upto=upto))

    async def head(self) -> Head:
        """Return the newest entry's place and digest; keep it elsewhere as an anchor."""
        return await self.reading(queries.newest)

    async def verify(self, anchors: tuple[Head, ...] = (), *, built_in: frozenset[str] | None = None) -> Verification:
        """Walk the chain and name the first break; policies named `built_in` have no stored versions."""
        return await self._run(lambda: verification.verify(self.database, anchors, built_in=built_in))

    async def put_policy(self, name: str, digest: str, document: bytes, key_id: str = "") -> tuple[PolicyVersion, bool]:
        """Make a document the current version of a policy; say whether that is a new version."""
        return await self.writing(lambda connection: policies.put(connection, name, digest, document, key_id))

    async def keep_policy(self, digest: str, document: bytes) -> None:
        """Store a policy document under its digest without naming it (built-in policies, before first use)."""
        await self.writing(lambda connection: policies.keep(connection, digest, document))

    async def policy(self, digest: str) -> bytes | None:
        """Return the policy document with this digest."""
        return await self.reading(lambda connection: policies.document(connection, digest))

    async def current_policy(self, name: str) -> PolicyVersion | None:
        """Return the newest version of a policy."""
        return await self.reading(lambda connection: policies.current(connection, name))

    async def policies(self) -> tuple[PolicyVersion, ...]:
        """Return the newest version of every policy, by name."""
        return await self.reading(policies.every_current)

    async def policy_versions(self, name: str) -> tuple[PolicyVersion, ...]:
        """Return every version of a policy, oldest first."""
        return await self.reading(lambda connection: policies.versions(connection, name))

    async def ready(self) -> str | None:
        """Return null when the journal can be written, else why it cannot.

        Whoever asks meanwhile shares one try, and none waits longer than `READY_SECONDS` for it: under load a commit of
        that time is as good.
        """
        trying = self._trying
        if trying is None or trying.done():
            trying = self._trying = asyncio.ensure_future(self._try_to_write())
        asked_at = time.monotonic()
        done, _ = await asyncio.wait((trying,), timeout=READY_SECONDS)
        if done:
            return trying.result()
        if self._writer.committed_at > asked_at:
            return None
        return self._writer.failing or f"it could not be written within {READY_SECONDS:g} s"

    async def _try_to_write(self) -> str | None:
        """Take the place of a writer and leave it again, which costs no write to the disk.

        After a failed commit this writes a probe of the size of a large decision, and asks whether entries may be
        inserted and whether the process that stores them runs, so that a service that was taken out of rotation finds
        out when its store is back.
        """
        try:
            if self._writer.failing is None:
                await self.writing(queries.take_turn)
            else:
                await self.writing(_probe)
                if not await self._writer.runs():
                    return self._writer.failing
                self._writer.failing = None
        except JournalUnavailableError as error:
            return str(error)
        return None

    async def close(self) -> None:
        """Store what waits and close every connection."""
        if self._trying is not None:
            await asyncio.wait((self._trying,))
        await asyncio.gather(*self._background, return_exceptions=True)
        await self._writer.close()
        self.threads.shutdown(wait=True)
        self._walking.shutdown(wait=True)
        await asyncio.to_thread(self.database.close)

    def stored(self, filters: Filters) -> Filters:
        """Return the filters so that one on residence also finds entries that hold its keyed hash."""
        if not filters.residence:
            return filters
        stored = {self.masking.stored_residence(value) for value in filters.residence}
        return replace(filters, residence=tuple(sorted(stored | set(filters.residence))))

    async def _run(self, work: Callable[[], Answer], threads: ThreadPoolExecutor | None = None) -> Answer:
        return await asyncio.get_running_loop().run_in_executor(threads or self.threads, work)

    async def reading(self, work: Callable[[Connection], Answer], threads: ThreadPoolExecutor | None = None) -> Answer:
        """Run `work` in a reading transaction on a thread of the journal."""

        def run() -> Answer:
            with self.database.read() as connection:
                return work(connection)

        return await self._run(run, threads)

    async def writing(self, work: Callable[[Connection], Answer]) -> Answer:
        """Run `work` in a writing transaction on a thread of the journal."""

        def run() -> Answer:
            with self.database.write() as connection:
                return work(connection)

        return await self._run(run)

    def in_background(self, work: Coroutine[Any, Any, None]) -> None:
        """Run `work` beside the requests; `close` waits for it."""
        task = asyncio.ensure_future(work)
        self._background.add(task)
        task.add_done_callback(self._background.discard)


def _as_sent(receipt: Recorded, new: NewEntry) -> Recorded:
    """Return a receipt with the answer to send: stored with masked fields, answered with what the caller sent."""
    if receipt.replayed or receipt.answer is new.answer:
        return receipt
    return replace(receipt, answer=new.answer)


async def open_journal(address: str, *, masking: Masking | None = None, patience: float = 10.0) -> Journal:
    """Open the journal at `sqlite:///path` or `postgresql://…`; its tables are created on first use.

    A store that is down does not stop this: `ready` says so, and recording raises until it is back. `patience` is how
    many seconds a decision waits to be stored before it fails.

    Raises:
        UnsupportedStoreError: the address names another kind of store.
    """
    return Journal(Database(address), masking=masking or Masking(), patience=patience)


def _probe(connection: Connection) -> None:
    """Insert no entry, for which the right to insert is needed all the same, and write over the row for probes."""
    connection.execute(insert(entries).from_select(list(entries.c), select(entries).where(false())))
    connection.execute(update(installation).values(probe=os.urandom(_PROBE_BYTES)))
