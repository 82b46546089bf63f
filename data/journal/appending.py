"""Appends a batch of entries in one transaction: the chain's next links, or the earlier answers of repeated keys."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from itertools import chain
from typing import Any

from isal import isal_zlib
from msgspec import Struct
from msgspec.structs import astuple
from sqlalchemy import Connection, Dialect, bindparam, literal_column, select, update
from sqlalchemy.engine.interfaces import DBAPICursor

from data.journal.chain import Header, link
from data.journal.entry import Entry, NewEntry, Recorded, instant
from data.journal.errors import IdempotencyConflictError, JournalUnavailableError
from data.journal.schema import entries, head, insert_if_absent, named

_LARGEST_INSERT = 64
_MOST_NAMES = 4096
"""Releases and policies that are known to be named; any other is named again, which changes nothing."""
_HEADER = tuple(name for name in Header.__struct_fields__ if name != "format")
_FAILED_RULES = _HEADER.index("failed_rules")
_COLUMNS = (*_HEADER, "digest", "request", "answer")
_AT = select(head.c.seq, head.c.digest).where(head.c.id == literal_column("1")).with_for_update()
_MOVE = update(head).where(head.c.id == literal_column("1")).values(seq=bindparam("seq"), digest=bindparam("digest"))


class Pending(Struct, frozen=True, kw_only=True):
    """An entry that waits to be stored, as it will be stored."""

    new: NewEntry
    masked: str = ""
    key_family: tuple[str, ...] = ()
    """Ids of the API keys that share this one's Idempotency-Keys, because one was rotated in for the other."""
    other_hash: str | None = None
    """The input hash that the same body has, or would have, under another setting of masking; never stored."""


Result = Recorded | IdempotencyConflictError


class Appender:
    """Appends to the chain. One per process.

    The statements of every batch are compiled once and run on the driver's own cursor: what the toolkit does around
    each statement would cost as much as the disk.
    """

    def __init__(self, dialect: Dialect) -> None:
        self._at = str(_AT.compile(dialect=dialect))
        self._move = str(_MOVE.compile(dialect=dialect))
        self._insert = RowInsert(entries.name, _COLUMNS, dialect)
        self._known_names: set[tuple[str, str]] = set()
        self._noted: set[tuple[str, str]] = set()
        """What the transaction under way has noted: known once it is committed."""

    def append(self, connection: Connection, batch: Sequence[Pending]) -> list[Result]:
        """Append `batch` in the open transaction and return what became of each entry, in order.

        The head row is locked first: on PostgreSQL that lock is what makes several machines share one chain.

        Raises:
            JournalUnavailableError: somebody has deleted that row.
        """
        self._noted = set()
        cursor = connection.connection.cursor()
        cursor.execute(self._at)
        at = cursor.fetchone()
        if at is None:
            raise JournalUnavailableError("the head row of the journal is missing")
        seq, previous = at
        earlier = _used_keys(connection, batch)
        now = instant()
        results: list[Result] = []
        rows: list[tuple[Any, ...]] = []
        names: set[tuple[str, str]] = set()
        for pending in batch:
            new = pending.new
            scope = (new.key_id, new.idempotency_key)
            before = _before(earlier, pending) if new.idempotency_key is not None else None
            if before is not None:
                hashes = (new.input_hash, pending.other_hash)
                results.append(repeat(before, new.idempotency_key or "", hashes))
                continue
            seq += 1
            header, digest = link(new, seq=seq, previous=previous, recorded_at=now, masked=pending.masked)
            previous = digest
            rows.append(_row(header, digest, new))
            names.update(_names(new))
            if new.idempotency_key is not None:
                earlier[scope] = Answered(
                    seq=seq,
                    decision_id=new.decision_id,
                    release=new.release,
                    digest=digest,
                    input_hash=new.input_hash,
                    answer=new.answer,
                )
            results.append(new.stored(seq, digest))
        if rows:
            self._insert.run(cursor, rows)
            # What entries name may never be deleted.
            for kind, name in names - self._known_names:
                insert_if_absent(connection, named, {"kind": kind, "name": name})
            self._noted = names
            cursor.execute(self._move, (seq, previous))
        cursor.close()
        return results

    def committed(self) -> None:
        """Remember what the committed batch has named, so that it is not looked up again.

        An answer that was given again stores nothing, and so names nothing.
        """
        if len(self._known_names) >= _MOST_NAMES:
            self._known_names.clear()
        self._known_names |= self._noted


class Answered(Struct, frozen=True, kw_only=True):
    """What an Idempotency-Key was used for."""

    seq: int
    decision_id: str
    release: str
    digest: str
    input_hash: str
    answer: bytes


def used_key(
    connection: Connection, key_id: str, idempotency_key: str, *, key_family: tuple[str, ...] = ()
) -> Answered | None:
    """Return what an API key, or one of its family, has used an Idempotency-Key for."""
    rows = connection.execute(
        select(entries.c.key_id, *_ANSWERED).where(
            entries.c.idempotency_key == idempotency_key, entries.c.key_id.in_({key_id, *key_family})
        )
    )
    found = {row.key_id: row for row in rows}
    first = next((found[one] for one in (key_id, *key_family) if one in found), None)
    return None if first is None else _answered(first)


def repeat(before: Answered, idempotency_key: str, input_hashes: Container[str | None]) -> Result:
    """Return the stored answer if `before` has one of the hashes that the same body may stand under; else the
    conflict.
    """
    if before.input_hash not in input_hashes:
        return IdempotencyConflictError(idempotency_key, before.decision_id)
    return Recorded(
        seq=before.seq,
        decision_id=before.decision_id,
        release=before.release,
        digest=before.digest,
        answer=before.answer,
        replayed=True,
    )


class RowInsert:
    """Inserts rows with few, large statements.

    `executemany` on SQLite gives up the interpreter lock once a row; under load each time costs a wait for it. A
    statement with many rows gives it up once. Sizes are powers of two, so few statements are ever prepared.
    """

    def __init__(self, table: str, columns: Sequence[str], dialect: Dialect) -> None:
        mark = "?" if dialect.positional and dialect.paramstyle == "qmark" else "%s"
        self._start = f"INSERT INTO {table} ({', '.join(columns)}) VALUES "
        self._row = f"({', '.join([mark] * len(columns))})"

    def run(self, cursor: DBAPICursor, rows: Sequence[tuple[Any, ...]]) -> None:
        """Insert `rows`, each with the values of all columns in their order."""
        start, size = 0, _LARGEST_INSERT
        while start < len(rows):
            while size > len(rows) - start:
                size //= 2
            statement = self._start + ", ".join([self._row] * size)
            cursor.execute(statement, tuple(chain.from_iterable(rows[start : start + size])))
            start += size


_ANSWERED = tuple(entries.c[name] for name in Answered.__struct_fields__)


def _used_keys(connection: Connection, batch: Sequence[Pending]) -> dict[tuple[str, str | None], Answered]:
    wanted = {pending.new.idempotency_key for pending in batch} - {None}
    if not wanted:
        return {}
    rows = connection.execute(
        select(entries.c.key_id, entries.c.idempotency_key, *_ANSWERED).where(entries.c.idempotency_key.in_(wanted))
    )
    return {(row.key_id, row.idempotency_key): _answered(row) for row in rows}


def _before(earlier: Mapping[tuple[str, str | None], Answered], pending: Pending) -> Answered | None:
    """Return what an entry's Idempotency-Key was used for under its API key, or under one of that key's family."""
    used = pending.new.idempotency_key
    found = (earlier.get((key_id, used)) for key_id in (pending.new.key_id, *pending.key_family))
    return next((one for one in found if one is not None), None)


def _names(new: NewEntry) -> tuple[tuple[str, str], tuple[str, str]]:
    return ("release", new.release), ("policy", new.policy_digest)


def _row(header: Header, digest: str, new: NewEntry) -> tuple[Any, ...]:
    """Return an entry as the values of `_COLUMNS`."""
    _, *values = astuple(header)
    values[_FAILED_RULES] = _failed_rules_column(header.failed_rules)
    # The same format as zlib's own, in a fifth of its time.
    return (*values, digest, new.request, isal_zlib.compress(new.answer, 1))


def _answered(row: Any) -> Answered:
    return Answered(
        seq=row.seq,
        decision_id=row.decision_id,
        release=row.release,
        digest=row.digest,
        input_hash=row.input_hash,
        answer=unpacked(row.answer),
    )


def unpacked(answer: object) -> bytes:
    """Return a stored answer as it was given.

    Bytes that cannot be unpacked, or that others stand behind, are returned as they stand: their digest will show that
    they were altered.
    """
    packed = as_bytes(answer)
    unpacking = isal_zlib.decompressobj()
    try:
        found = unpacking.decompress(packed)
    except isal_zlib.error:  # type: ignore[misc]  # its stub calls it an exception, not a class of them
        return packed
    return found if unpacking.eof and not unpacking.unused_data else packed


def as_bytes(body: object) -> bytes:
    """Return a stored body. SQLite keeps in a column whatever it is given: an altered one may be text or a number."""
    return bytes(body) if isinstance(body, (bytes, memoryview, bytearray)) else str(body).encode()


def failed_rules_of(stored: object) -> tuple[str, ...]:
    """Return the rules that a row names; what was not written like that comes back as it stands, to be noticed."""
    rules = tuple(stored.split()) if isinstance(stored, str) else ()
    return rules if _failed_rules_column(rules) == stored else ("", str(stored))


def _failed_rules_column(rules: Sequence[str]) -> str:
    return f" {' '.join(rules)} " if rules else ""


def entry_of(row: Any) -> Entry:
    """Return a row of the table as an entry."""
    values = dict(row._mapping)
    values["failed_rules"] = failed_rules_of(values["failed_rules"])
    values["request"], values["answer"] = as_bytes(values["request"]), unpacked(values["answer"])
    return Entry(**values)
