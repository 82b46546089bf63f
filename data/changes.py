"""What changed between two releases, or between two days, fact by fact.

Without days, two releases are compared whole, history included. With days, what held on one day in one release is
compared with what held on the other: that is what a compliance officer reads on Monday.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from enum import StrEnum
from typing import Any

from msgspec import Struct, structs

from data.facts.corpus import Corpus
from data.facts.dates import FIRST_BLOCK
from data.facts.fact import Fact
from data.facts.law import InForce, LawRule
from data.facts.venues import Enforcement, Ladder, Venue

_NOT_COMPARED = ("verifications", "underlyings", "coin_names")
"""Families that say when we looked, or that follow from other facts."""

_WHEN_LOOKED = "last_seen"
"""Field of a ladder that says no more than that: not compared either, and older releases have it of none."""

_SHOWN_AS = {"ladders": "margin_tiers"}
"""Families whose list has another name."""


class ChangeKind(StrEnum):
    """What happened to a fact."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


class Change(Struct, frozen=True, kw_only=True):
    """One fact that differs. `fields` are those that differ; `before` and `after` are whole rows."""

    kind: ChangeKind
    fact: str
    key: str
    subject: str
    """Venue or jurisdiction it is about."""
    fields: tuple[str, ...]
    before: Struct | None
    after: Struct | None
    source: str | None


class View(Struct, frozen=True, kw_only=True):
    """One side of a comparison: all facts of a release, or those that hold on a day of it."""

    release: str
    corpus: Corpus
    day: date | None = None


def changes_between(before: View, after: View) -> list[Change]:
    """Return what differs, family by family, in order of key."""
    changes: list[Change] = []
    for family in Corpus.__struct_fields__:
        if family not in _NOT_COMPARED:
            changes.extend(_changes_of(_SHOWN_AS.get(family, family), _rows(before, family), _rows(after, family)))
    return changes


def known_facts() -> tuple[str, ...]:
    """Return the names of the families that are compared."""
    return tuple(_SHOWN_AS.get(name, name) for name in Corpus.__struct_fields__ if name not in _NOT_COMPARED)


def subjects_of(*views: View) -> frozenset[str]:
    """Return what the facts of some releases are about, on any day: venues, jurisdictions and what has neither."""
    return frozenset(
        _subject(row, _key(row))
        for view in views
        for family in Corpus.__struct_fields__
        if family not in _NOT_COMPARED
        for row in getattr(view.corpus, family)
    )


def _rows(view: View, family: str) -> Sequence[Struct]:
    rows: Sequence[Struct] = getattr(view.corpus, family)
    if view.day is None:
        return rows
    return [_as_of(row, view.day) for row in rows if _is_listed(row, view.day)]


def _is_listed(row: Struct, day: date) -> bool:
    """Say whether a row is there on a day: an action of a regulator is from its date on, law that is announced from its
    announcement, what has no dates always.
    """
    match row:
        case Enforcement():
            return (row.date or row.certain_from) <= day
        case LawRule(in_force=InForce.ANNOUNCED, announced=date() as announced) if day < announced:
            return False
        case Fact():
            return row.holds_on(day)
        case Venue():
            return day >= FIRST_BLOCK
    return True


def _as_of(row: Struct, day: date) -> Struct:
    """Return a venue with the period and the seat of the day alone, so that closing and moving show as changes."""
    if not isinstance(row, Venue):
        return row
    seat = {} if row.has_its_seat_on(day) else {"home_jurisdiction": None, "zone": None}
    return structs.replace(row, status=(row.status_on(day),), **seat)


def _changes_of(family: str, before: Iterable[Struct], after: Iterable[Struct]) -> Iterator[Change]:
    old, new = _by_key(before), _by_key(after)
    for key in sorted(old.keys() | new.keys()):
        was, now = _without_common(old.get(key, []), new.get(key, []))
        for index in range(max(len(was), len(now))):
            yield _change(
                family, key, was[index] if index < len(was) else None, now[index] if index < len(now) else None
            )


def _without_common(was: list[Struct], now: list[Struct]) -> tuple[list[Struct], list[Struct]]:
    """Return the rows of a key that only one side has, earliest first, so that a row meets its own successor."""
    compared_was, compared_now = [_compared(row) for row in was], [_compared(row) for row in now]
    left = [row for row, compared in zip(was, compared_was, strict=True) if compared not in compared_now]
    right = [row for row, compared in zip(now, compared_now, strict=True) if compared not in compared_was]
    return sorted(left, key=_start), sorted(right, key=_start)


def _compared(row: Struct) -> Struct:
    return structs.replace(row, last_seen=None) if isinstance(row, Ladder) and row.last_seen is not None else row


def _start(row: Struct) -> date:
    return getattr(row, "valid_from", None) or date.min


def _by_key(rows: Iterable[Struct]) -> dict[str, list[Struct]]:
    groups: dict[str, list[Struct]] = {}
    for row in rows:
        groups.setdefault(_key(row), []).append(row)
    return groups


def _key(row: Any) -> str:
    for name in ("key", "id"):
        if name in row.__struct_fields__:
            return str(getattr(row, name))
    return "|".join(str(getattr(row, name)) for name in row.__struct_fields__)


def _change(family: str, key: str, was: Any, now: Any) -> Change:
    present = now if now is not None else was
    kind = ChangeKind.ADDED if was is None else ChangeKind.REMOVED if now is None else ChangeKind.CHANGED
    fields: tuple[str, ...] = ()
    if kind is ChangeKind.CHANGED:
        both = [one for one in now.__struct_fields__ if one in was.__struct_fields__ and one != _WHEN_LOOKED]
        fields = tuple(name for name in both if getattr(was, name) != getattr(now, name))
    return Change(
        kind=kind,
        fact=family,
        key=key,
        subject=_subject(present, key),
        fields=fields,
        before=was,
        after=now,
        source=_source(present),
    )


def _subject(row: Any, key: str) -> str:
    for name in ("venue", "jurisdiction", "subject", "group", "article", "id"):
        value = getattr(row, name, None)
        if value:
            return str(value)
    return key


def _source(row: Any) -> str | None:
    for name in ("source", "kept_source"):
        if name in row.__struct_fields__:
            return str(getattr(row, name))
    if isinstance(row, Venue):
        return row.status[-1].source
    return None
