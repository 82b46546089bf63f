"""Appends a batch of entries in one transaction: the chain's next links, or the earlier answers of repeated keys."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec import Struct
from sqlalchemy import Connection, Dialect, Table, bindparam, insert, select, update

from data.journal.chain import link
from data.journal.entry import Entry, NewEntry, Recorded, instant
from data.journal.errors import IdempotencyConflictError
from data.journal.schema import entries, head, insert_if_absent, named

COLUMNS = tuple(column.name for column in entries.columns)
_LARGEST_INSERT = 64


class Pending(Struct, frozen=True, kw_only=True):
    """An entry that waits to be stored, as it will be stored."""

    new: NewEntry
    masked: str = ""


Result = Recorded | IdempotencyConflictError


class Appender:
    """Appends to the chain. One per process; the statements are compiled once."""

    def __init__(self, dialect: Dialect) -> None:
        self._insert = RowInsert(entries, dialect)
        self._known_names: set[tuple[str, str]] = set()

    def append(self, connection: Connection, batch: Sequence[Pending]) -> list[Result]:
        """Append `batch` in the open transaction and return what became of each entry, in order.

        The head row is locked first: on PostgreSQL that lock is what makes several machines share one chain.
        """
        at = connection.execute(select(head.c.seq, head.c.digest).where(head.c.id == 1).with_for_update()).one()
        seq, previous = at.seq, at.digest
        earlier = _used_keys(connection, batch)
        now = instant()
        results: list[Result] = []
        linked: list[Entry] = []
        for pending in batch:
            new = pending.new
            scope = (new.key_id, new.idempotency_key)
            before = earlier.get(scope) if new.idempotency_key is not None else None
            if before is not None:
                results.append(repeat(before, new))
                continue
            seq += 1
            entry = link(new, seq=seq, previous=previous, recorded_at=now, masked=pending.masked)
            previous = entry.digest
            linked.append(entry)
            if new.idempotency_key is not None:
                earlier[scope] = Answered.of(entry)
            results.append(
                Recorded(seq=seq, decision_id=new.decision_id, digest=entry.digest, answer=entry.answer, replayed=False)
            )
        if linked:
            self._insert.run(connection, [row_of(entry) for entry in linked])
            self._name(connection, linked)
            connection.execute(update(head).where(head.c.id == 1).values(seq=seq, digest=previous))
        return results

    def committed(self, batch: Sequence[Pending]) -> None:
        """Note what a committed batch has named, so that it is not looked up again."""
        for pending in batch:
            self._known_names.update(_names(pending.new))

    def _name(self, connection: Connection, linked: Sequence[Entry]) -> None:
        """Note the releases and policies that entries name: they may never be deleted."""
        for kind, name in {pair for entry in linked for pair in _names(entry)} - self._known_names:
            insert_if_absent(connection, named, {"kind": kind, "name": name})


class Answered(Struct, frozen=True, kw_only=True):
    """What an Idempotency-Key was used for."""

    seq: int
    decision_id: str
    digest: str
    input_hash: str
    answer: bytes

    @classmethod
    def of(cls, entry: Any) -> Answered:
        """Take the fields from an entry or a row."""
        return cls(
            seq=entry.seq,
            decision_id=entry.decision_id,
            digest=entry.digest,
            input_hash=entry.input_hash,
            answer=bytes(entry.answer),
        )


def used_key(connection: Connection, key_id: str, idempotency_key: str) -> Answered | None:
    """Return what an API key has used an Idempotency-Key for."""
    row = connection.execute(
        select(*_ANSWERED).where(entries.c.idempotency_key == idempotency_key, entries.c.key_id == key_id)
    ).one_or_none()
    return None if row is None else Answered.of(row)


def repeat(before: Answered, new: NewEntry) -> Result:
    """Return the stored answer if `new` has the same body as `before`, else the conflict."""
    if before.input_hash != new.input_hash:
        return IdempotencyConflictError(new.idempotency_key or "", before.decision_id)
    return Recorded(
        seq=before.seq, decision_id=before.decision_id, digest=before.digest, answer=before.answer, replayed=True
    )


class RowInsert:
    """Inserts rows with few, large statements.

    `executemany` on SQLite gives up the interpreter lock once a row; under load each time costs a wait for it. A
    statement with many rows gives it up once. Sizes are powers of two, so few statements are ever compiled.
    """

    def __init__(self, table: Table, dialect: Dialect) -> None:
        self._table = table
        self._dialect = dialect
        self._compiled: dict[int, tuple[str, list[str] | None]] = {}

    def run(self, connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
        """Insert `rows`, each with every column."""
        start, size = 0, _LARGEST_INSERT
        while start < len(rows):
            while size > len(rows) - start:
                size //= 2
            statement, order = self._statement(size)
            values = {
                f"{name}_{place}": value
                for place, row in enumerate(rows[start : start + size])
                for name, value in row.items()
            }
            parameters: Any = values if order is None else tuple(values[name] for name in order)
            connection.exec_driver_sql(statement, parameters)
            start += size

    def _statement(self, size: int) -> tuple[str, list[str] | None]:
        if size not in self._compiled:
            names = [column.name for column in self._table.columns]
            compiled = (
                insert(self._table)
                .values([{name: bindparam(f"{name}_{place}") for name in names} for place in range(size)])
                .compile(dialect=self._dialect)
            )
            positions = getattr(compiled, "positiontup", None)
            self._compiled[size] = (str(compiled), list(positions) if positions else None)
        return self._compiled[size]


_ANSWERED = (entries.c.seq, entries.c.decision_id, entries.c.digest, entries.c.input_hash, entries.c.answer)


def _used_keys(connection: Connection, batch: Sequence[Pending]) -> dict[tuple[str, str | None], Answered]:
    wanted = {pending.new.idempotency_key for pending in batch} - {None}
    if not wanted:
        return {}
    rows = connection.execute(
        select(entries.c.key_id, entries.c.idempotency_key, *_ANSWERED).where(entries.c.idempotency_key.in_(wanted))
    )
    return {(row.key_id, row.idempotency_key): Answered.of(row) for row in rows}


def _names(new: NewEntry) -> tuple[tuple[str, str], tuple[str, str]]:
    return ("release", new.release), ("policy", new.policy_digest)


def row_of(entry: Entry) -> dict[str, Any]:
    """Return an entry as a row of the table."""
    row = {name: getattr(entry, name) for name in COLUMNS}
    row["failed_rules"] = f" {' '.join(entry.failed_rules)} " if entry.failed_rules else ""
    return row


def entry_of(row: Any) -> Entry:
    """Return a row of the table as an entry."""
    values = dict(row._mapping)
    values["failed_rules"] = tuple(values["failed_rules"].split())
    values["request"], values["answer"] = bytes(values["request"]), bytes(values["answer"])
    return Entry(**values)
