"""Reading the journal: one entry, filtered pages, and long walks in short transactions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from msgspec import Struct
from sqlalchemy import ColumnElement, Connection, Select, and_, false, func, or_, select

from data.journal.entry import Entry, Filters, Summary
from data.journal.errors import JournalUnavailableError
from data.journal.repeats import COLUMNS, Answered, answered_of
from data.journal.rows import as_bytes, entry_of, failed_rules_of, unpacked
from data.journal.schema import NUL, entries, head, named

Row = TypeVar("Row")
_SUMMARY = tuple(entries.c[name] for name in Summary.__struct_fields__)


class Page(Struct, frozen=True, kw_only=True):
    """Entries, newest first, and the place to go on from (null at the end)."""

    entries: tuple[Summary, ...]
    next_before: int | None


class Judged(Struct, frozen=True, kw_only=True):
    """What is needed to decide an entry's request again and compare the verdict."""

    seq: int
    decision_id: str
    request: bytes
    verdict: str
    venue: str
    release: str
    policy_digest: str
    as_of: str
    masked: str


class Head(Struct, frozen=True, kw_only=True):
    """The newest entry's place and digest. `str()` is the form in which it is kept as an anchor."""

    seq: int
    digest: str

    def __str__(self) -> str:
        return f"{self.seq}:{self.digest}"


def one(connection: Connection, decision_id: str) -> Entry | None:
    """Return the entry of a decision."""
    if NUL in decision_id:
        return None
    row = connection.execute(select(entries).where(entries.c.decision_id == decision_id)).one_or_none()
    return None if row is None else entry_of(row)


def used_key(
    connection: Connection, key_id: str, idempotency_key: str, *, key_family: tuple[str, ...] = ()
) -> Answered | None:
    """Return what an API key, or one of its family, has used an Idempotency-Key for."""
    family = (key_id, *key_family)
    rows = connection.execute(
        select(entries.c.key_id, *(entries.c[name] for name in COLUMNS)).where(
            entries.c.idempotency_key == idempotency_key, entries.c.key_id.in_(set(family))
        )
    )
    found = {key: values for key, *values in rows}
    return next((answered_of(found[key]) for key in family if key in found), None)


def page(connection: Connection, filters: Filters, *, before: int | None, limit: int) -> Page:
    """Return up to `limit` entries, newest first, that stand before the place `before`."""
    places = _filtered(select(entries.c.seq), filters).order_by(entries.c.seq.desc()).limit(limit + 1)
    if before is not None:
        places = places.where(entries.c.seq < before)
    found = [_summary(row) for row in connection.execute(_at(places, _SUMMARY).order_by(entries.c.seq.desc()))]
    return Page(entries=tuple(found[:limit]), next_before=found[limit - 1].seq if len(found) > limit else None)


def first_after(connection: Connection, place: int) -> Summary:
    """Return the first entry that stands after a place; there must be one."""
    return _summary(connection.execute(_walk(_SUMMARY, Filters(), place, 1, None)).one())


def made_after(
    connection: Connection,
    filters: Filters,
    made: Callable[[Summary], Row],
    *,
    after: int,
    limit: int,
    upto: int | None = None,
) -> tuple[list[Row], int]:
    """Return what is made of up to `limit` entries, oldest first, that stand after the place `after`, and the place of
    the last.
    """
    rows: list[Row] = []
    for row in connection.execute(_walk(_SUMMARY, filters, after, limit, upto)):
        rows.append(made(_summary(row)))
        after = row.seq
    return rows, after


def entries_after(
    connection: Connection, filters: Filters, *, after: int, limit: int, upto: int | None = None
) -> list[Entry]:
    """Return up to `limit` whole entries, oldest first, that stand after the place `after`."""
    return [entry_of(row) for row in connection.execute(_walk((entries,), filters, after, limit, upto))]


def judged_after(
    connection: Connection, filters: Filters, *, after: int, limit: int, upto: int, part: int, parts: int
) -> list[Judged]:
    """Return up to `limit` entries after a place, of those that are `part` when entries are dealt out to `parts`."""
    columns = tuple(entries.c[name] for name in Judged.__struct_fields__)
    query = _walk(columns, filters, after, limit, upto, entries.c.seq % parts == part)
    return [Judged(**{**row._mapping, "request": as_bytes(row.request)}) for row in connection.execute(query)]


def answers_of(connection: Connection, seqs: Sequence[int]) -> dict[int, bytes]:
    """Return the answers that stand at these places."""
    rows = connection.execute(select(entries.c.seq, entries.c.answer).where(entries.c.seq.in_(seqs)))
    return {row.seq: unpacked(row.answer) for row in rows}


def count(connection: Connection, filters: Filters, *, upto: int | None = None) -> int:
    """Return how many entries match, of those up to the place `upto`."""
    query = _filtered(select(func.count()).select_from(entries), filters)
    return int(connection.execute(query if upto is None else query.where(entries.c.seq <= upto)).scalar_one())


def places(connection: Connection) -> tuple[int, int] | None:
    """Return the first and the last place, or null when the journal has no entries."""
    first, last = connection.execute(select(func.min(entries.c.seq), func.max(entries.c.seq))).one()
    return None if first is None else (first, last)


def newest(connection: Connection) -> Head:
    """Return the head of the chain.

    Raises:
        JournalUnavailableError: somebody has deleted the row.
    """
    found = head_row(connection)
    if found is None:
        raise JournalUnavailableError("the head row of the journal is missing")
    return found


def take_turn(connection: Connection) -> None:
    """Take the lock under which entries are appended, in a transaction that may write, and end it without a write.

    Raises:
        JournalUnavailableError: somebody has deleted the row.
    """
    if connection.execute(select(head.c.seq).where(head.c.id == 1).with_for_update()).one_or_none() is None:
        raise JournalUnavailableError("the head row of the journal is missing")
    connection.rollback()  # a lock of a row is a change to PostgreSQL, whose commit would wait for the disk


def head_row(connection: Connection) -> Head | None:
    """Return the head of the chain; null when its row is missing, or holds what nobody wrote there."""
    row = connection.execute(select(head.c.seq, head.c.digest).where(head.c.id == 1)).one_or_none()
    if row is None or not (isinstance(row.seq, int) and isinstance(row.digest, str)):
        return None
    return Head(seq=row.seq, digest=row.digest)


def named_things(connection: Connection, kind: str) -> frozenset[str]:
    """Return the releases (`release`) or the digests of the policies (`policy`) that entries name."""
    return frozenset(connection.execute(select(named.c.name).where(named.c.kind == kind)).scalars())


def _walk(
    columns: Sequence[Any], filters: Filters, after: int, limit: int, upto: int | None, *more: ColumnElement[bool]
) -> Select[Any]:
    places = _filtered(select(entries.c.seq), filters).where(entries.c.seq > after, *more)
    if upto is not None:
        places = places.where(entries.c.seq <= upto)
    return _at(places.order_by(entries.c.seq).limit(limit), columns).order_by(entries.c.seq)


def _at(places: Select[Any], columns: Sequence[Any]) -> Select[Any]:
    """Select columns of the entries at some places. These are looked for alone: an index has all that is asked of them,
    where rows lie among their bodies.
    """
    return select(*columns).where(entries.c.seq.in_(places))


def _filtered(query: Select[Any], filters: Filters) -> Select[Any]:
    conditions: list[ColumnElement[bool]] = []
    for name in ("verdict", "venue", "residence", "key_id", "release", "policy_digest"):
        values = getattr(filters, name)
        if values:
            conditions.append(entries.c[name].in_(_storable(values)))
    if filters.rule:
        holding = (entries.c.failed_rules.contains(f" {rule} ", autoescape=True) for rule in _storable(filters.rule))
        conditions.append(or_(false(), *holding))
    if filters.since is not None:
        conditions.append(entries.c.decided_at >= filters.since)
    if filters.until is not None:
        conditions.append(entries.c.decided_at < filters.until)
    return query.where(and_(*conditions)) if conditions else query


def _storable(values: Sequence[str]) -> list[str]:
    return [value for value in values if NUL not in value]


def _summary(row: Any) -> Summary:
    values = dict(row._mapping)
    values["failed_rules"] = failed_rules_of(values["failed_rules"])
    values["answer"] = unpacked(values["answer"])
    return Summary(**values)
