"""Group commit: entries that wait at the same time share one transaction and one disk sync, in a process of their own
(`data.journal.writing`).
"""

from __future__ import annotations

import asyncio
import socket
import sys
import time
from collections import deque
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager, suppress

from msgspec import Raw, Struct

from data.framing import encode, packed, receive
from data.journal.database import Database
from data.journal.errors import IdempotencyConflictError, JournalUnavailableError, WritingError
from data.journal.repeats import Result
from data.journal.writing.messages import (
    Batch,
    Committed,
    Conflict,
    Failed,
    Opened,
    Opening,
    Pending,
    Refused,
    Repeated,
    Stored,
    Told,
    language,
)
from data.processes import ended

MAX_BATCH = 256
"""From so many entries on, what waits besides is left to the next transaction."""
MAX_WAITING = 2048
"""More than this many entries waiting means that the store does not keep up: refuse rather than queue."""
_SLOWEST_SECONDS = 60.0
"""A process that takes longer for one commit, or to start, hangs: the store's own limits are shorter."""
_ENDING_SECONDS = 10.0
_BUFFER_BYTES = 1 << 20

Outcome = Result | Exception
_Process = tuple[int, asyncio.StreamReader, asyncio.StreamWriter]
"""Its id, what it says, and how to speak to it."""


class _Asked(Struct, frozen=True):
    """Entries that wait together, and who waits for them."""

    entries: Sequence[Pending]
    written: Sequence[Raw]
    """The same as they go to the process."""
    future: asyncio.Future[Sequence[Outcome]]


class GroupWriter:
    """Appends the entries of one service to the journal, through a process that is started for it.

    A process that ends is followed by another when there is something to store: what the first was storing may be
    stored, and whoever waited for that is told so.
    """

    def __init__(self, database: Database, on_batch: Callable[[Batch], None]) -> None:
        self._database = database
        self._on_batch = on_batch
        self._waiting: deque[_Asked] = deque()
        self._sent: list[_Asked] = []
        self._submitted = self._taken = 0
        self._something = asyncio.Event()
        self._closing = False
        self._life: asyncio.Task[None] | None = None
        self._running = asyncio.Event()
        self.process_id: int | None = None
        """The process that stores entries now; null when none runs."""
        self.failing: str | None = None
        """Why the last commit failed; null after one that succeeded."""
        self.committed_at = 0.0
        """When entries were last stored, on the monotonic clock."""

    def submit(self, entries: Sequence[Pending]) -> asyncio.Future[Sequence[Outcome]]:
        """Queue entries; the future is done when they are durable, with what became of each.

        Raises:
            JournalUnavailableError: too many entries wait already, or the journal is closing.
            UnicodeEncodeError: a text is none that can be written.
        """
        if self._closing:
            raise JournalUnavailableError("the journal is closing")
        if self._submitted - self._taken >= MAX_WAITING:
            raise JournalUnavailableError(f"{MAX_WAITING} decisions already wait for the journal")
        future: asyncio.Future[Sequence[Outcome]] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Asked(entries, [Raw(encode(entry)) for entry in entries], future))
        self._submitted += len(entries)
        # Whoever else submits in this turn of the loop joins the batch: the writer wakes up in the next.
        self._something.set()
        self.start()
        return future

    def start(self) -> None:
        """See to it that the process runs, or soon will."""
        if self._life is None or self._life.done():
            self._life = asyncio.ensure_future(self._live())

    async def runs(self) -> bool:
        """Start the process unless it runs, and say whether it does; `failing` says why not."""
        self.start()
        assert self._life is not None  # noqa: S101 - just started
        waiting = asyncio.ensure_future(self._running.wait())
        await asyncio.wait((waiting, self._life), return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        return self._running.is_set()

    async def close(self) -> None:
        """Store what waits, then end the process."""
        self._closing = True
        self._something.set()
        if self._life is not None:
            await self._life

    async def _live(self) -> None:
        """Run processes, one after another, until the journal closes or one fails."""
        try:
            # Opened here first: the process is to write to the same file, not to one put in its place meanwhile.
            await asyncio.to_thread(self._database.prepare)
            wanted = True
            while wanted:
                async with _process(self._database) as (process_id, out_of, into):
                    self.process_id = process_id
                    self._running.set()
                    wanted = await self._hand_over(out_of, into)
        except Exception as error:
            self._give_up(error)
        finally:
            self.process_id = None
            self._running.clear()

    async def _hand_over(self, out_of: asyncio.StreamReader, into: asyncio.StreamWriter) -> bool:
        """Hand entries to a process; return true when it has ended, with none in its hands, and another is wanted.

        Raises:
            EOFError: it has ended while it stored entries.
            TimeoutError: it hangs.
        """
        while await self._more():
            if out_of.at_eof():
                return True
            self._take()
            if self._sent:
                into.write(packed([entry for asked in self._sent for entry in asked.written]))
                try:
                    async with asyncio.timeout(_SLOWEST_SECONDS):
                        committed = await receive(out_of, Committed)
                except (BrokenPipeError, ConnectionResetError):
                    # It ended before it had read them all, and so has stored none.
                    self._take_back()
                    return True
                self._settle(committed)
        return False

    async def _more(self) -> bool:
        """Wait until there is something to store; false when there is nothing and there will be nothing more."""
        while not self._waiting and not self._closing:
            self._something.clear()
            await self._something.wait()
        return bool(self._waiting)

    def _take(self) -> None:
        """Take what waits as what is sent next."""
        size = 0
        while self._waiting and size < MAX_BATCH:
            asked = self._waiting.popleft()
            self._taken += len(asked.entries)
            # A caller that has given up was told so: its entries must not appear afterwards.
            if not asked.future.cancelled():
                size += len(asked.entries)
                self._sent.append(asked)

    def _take_back(self) -> None:
        """Let what was sent wait again, before all else."""
        self._waiting.extendleft(reversed(self._sent))
        self._taken -= sum(len(asked.entries) for asked in self._sent)
        self._sent = []

    def _settle(self, committed: Committed) -> None:
        """Tell those whose entries were sent what became of them."""
        refusals = [told.why for told in committed.outcomes if isinstance(told, Refused)]
        if refusals:
            self.failing = refusals[-1]
        else:
            self.failing, self.committed_at = None, time.monotonic()
        for batch in committed.batches:
            self._on_batch(batch)
        pending = [entry for asked in self._sent for entry in asked.entries]
        outcomes = [_outcome(told, entry) for told, entry in zip(committed.outcomes, pending, strict=True)]
        sent, self._sent = self._sent, []
        start = 0
        for asked in sent:
            end = start + len(asked.entries)
            if not asked.future.done():
                asked.future.set_result(outcomes[start:end])
            start = end

    def _give_up(self, error: Exception) -> None:
        """Tell everybody who waits that there is no process, or that it is gone."""
        if isinstance(error, JournalUnavailableError):
            self.failing = str(error)
        else:
            self.failing = f"the process that writes the journal failed: {str(error) or type(error).__name__}"
        sent, self._sent = self._sent, []
        unsent = [*self._waiting]
        self._waiting.clear()
        self._taken = self._submitted
        for some, perhaps_stored in ((sent, True), (unsent, False)):
            for asked in some:
                if not asked.future.done():
                    failure = JournalUnavailableError(self.failing, perhaps_stored=perhaps_stored)
                    failure.__cause__ = error.__cause__ if isinstance(error, JournalUnavailableError) else error
                    asked.future.set_exception(failure)


@asynccontextmanager
async def _process(database: Database) -> AsyncGenerator[_Process, None]:
    """Start a process for the store; in the end it has ended.

    Raises:
        EOFError: it has ended before it was asked anything.
        TimeoutError: it hangs.
        RuntimeError: it is of another version than this program.
    """
    ours, theirs = socket.socketpair()
    ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _BUFFER_BYTES)
    out_of, into = await asyncio.open_unix_connection(sock=ours)
    try:
        with theirs:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "data.journal.writing.process", stdin=theirs.fileno()
            )
        try:
            await _open(database, out_of, into)
            yield process.pid, out_of, into
        except BaseException:
            # It hangs, or nobody hears it any more: whatever it was storing is stored whole or not at all.
            with suppress(ProcessLookupError):
                process.kill()
            raise
        finally:
            into.close()
            await ended(process, _ENDING_SECONDS)
    finally:
        into.close()


async def _open(database: Database, out_of: asyncio.StreamReader, into: asyncio.StreamWriter) -> None:
    into.write(packed(Opening(store=database.driver_address, file=database.file)))
    async with asyncio.timeout(_SLOWEST_SECONDS):
        opened: Opened = await receive(out_of, Opened)
    if opened.language != language():
        raise RuntimeError("the program on disk is another than this service: restart")


def _outcome(told: Told, pending: Pending) -> Outcome:
    """Return what became of an entry, as those who wait for it know it."""
    match told:
        case Stored(seq, digest):
            return pending.new.stored(seq, digest)
        case Repeated(recorded):
            return recorded
        case Conflict(idempotency_key, decision_id):
            return IdempotencyConflictError(idempotency_key, decision_id)
        case Refused(why=why, cause=cause, perhaps_stored=perhaps_stored):
            return JournalUnavailableError(why, cause=cause, perhaps_stored=perhaps_stored)
        case Failed(where):
            return WritingError(where)
