"""Appends a batch of entries in one transaction: the chain's next links, or the earlier answers of repeated keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any

from data.journal.chain import link
from data.journal.entry import NewEntry, instant
from data.journal.repeats import COLUMNS as ANSWERED
from data.journal.repeats import Answered, Result, answered_of, repeat
from data.journal.rows import COLUMNS, row_of
from data.journal.writing.messages import Pending
from data.journal.writing.store import Cursor, Store

_LARGEST_INSERT = 64
_MOST_NAMES = 4096
"""Releases and policies that are known to be named; any other is named again, which changes nothing."""


class Appender:
    """Appends to the chain of one store."""

    def __init__(self, store: Store) -> None:
        self._store = store
        mark = store.mark
        self._row = f"({', '.join([mark] * len(COLUMNS))})"
        self._name = f"INSERT INTO journal_named (kind, name) VALUES ({mark}, {mark}) ON CONFLICT DO NOTHING"
        self._move = f"UPDATE journal_head SET seq = {mark}, digest = {mark} WHERE id = 1"
        self._known_names: set[tuple[str, str]] = set()

    def append(self, batch: Sequence[Pending]) -> list[Result]:
        """Append `batch` and return what became of each entry, in order.

        Raises:
            JournalUnavailableError: the store failed; see `Store.write`.
        """
        results: list[Result] = []
        rows: list[tuple[Any, ...]] = []
        names: set[tuple[str, str]] = set()
        with self._store.write() as (cursor, seq, previous):
            earlier = self._used_keys(cursor, batch)
            now = instant()
            for pending in batch:
                new = pending.new
                before = _before(earlier, pending) if new.idempotency_key is not None else None
                if before is not None:
                    hashes = (new.input_hash, pending.other_hash)
                    results.append(repeat(before, new.idempotency_key or "", hashes))
                    continue
                seq += 1
                header, digest = link(new, seq=seq, previous=previous, recorded_at=now, masked=pending.masked)
                previous = digest
                rows.append(row_of(header, digest, new))
                names.update(_names(new))
                if new.idempotency_key is not None:
                    earlier[new.key_id, new.idempotency_key] = Answered(
                        seq=seq,
                        decision_id=new.decision_id,
                        release=new.release,
                        digest=digest,
                        input_hash=new.input_hash,
                        answer=new.answer,
                    )
                results.append(new.stored(seq, digest))
            if rows:
                self._insert(cursor, rows)
                # What entries name may never be deleted.
                for name in names - self._known_names:
                    cursor.execute(self._name, name)
                cursor.execute(self._move, (seq, previous))
        self._remember(names)
        return results

    def _used_keys(self, cursor: Cursor, batch: Sequence[Pending]) -> dict[tuple[str, str], Answered]:
        """Return what each Idempotency-Key of a batch was used for, by API key."""
        wanted = tuple({pending.new.idempotency_key for pending in batch} - {None})
        if not wanted:
            return {}
        marks = ", ".join([self._store.mark] * len(wanted))
        cursor.execute(
            f"SELECT key_id, idempotency_key, {', '.join(ANSWERED)} FROM journal_entries "
            f"WHERE idempotency_key IN ({marks})",
            wanted,
        )
        return {(key_id, used): answered_of(values) for key_id, used, *values in cursor.fetchall()}

    def _insert(self, cursor: Cursor, rows: Sequence[tuple[Any, ...]]) -> None:
        """Insert rows with few statements, their sizes powers of two, so that few are ever prepared."""
        start, size = 0, _LARGEST_INSERT
        while start < len(rows):
            while size > len(rows) - start:
                size //= 2
            cursor.execute(
                f"INSERT INTO journal_entries ({', '.join(COLUMNS)}) VALUES {', '.join([self._row] * size)}",
                tuple(chain.from_iterable(rows[start : start + size])),
            )
            start += size

    def _remember(self, names: set[tuple[str, str]]) -> None:
        """Remember what was named, now that it is durable, so that it is not named again."""
        if len(self._known_names) >= _MOST_NAMES:
            self._known_names.clear()
        self._known_names |= names


def _before(earlier: Mapping[tuple[str, str], Answered], pending: Pending) -> Answered | None:
    """Return what an entry's Idempotency-Key was used for under its API key, or under one of that key's family."""
    used = pending.new.idempotency_key or ""
    found = (earlier.get((key_id, used)) for key_id in (pending.new.key_id, *pending.key_family))
    return next((one for one in found if one is not None), None)


def _names(new: NewEntry) -> tuple[tuple[str, str], tuple[str, str]]:
    return ("release", new.release), ("policy", new.policy_digest)
