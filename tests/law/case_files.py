"""Reads the cases of law: a client, a venue and a product on a day, and what the rules should say of them."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

CASES = Path(__file__).resolve().parents[1] / "cases" / "law"
ROWS = "rows.toml"
VENUES = "venues_of_the_cases.toml"


class Asked(Struct, frozen=True, kw_only=True):
    """Who would trade what and where. Fields that a case leaves out are not stated."""

    residence: str
    venue: str
    product: str
    base: str
    location: str | None = None
    nationality: str | None = None
    client_class: str | None = None
    eligible_commercial_entity: bool | None = None
    on_sanctions_list: bool | None = None
    institution: bool | None = None
    quote: str | None = None
    leverage: str | None = None
    intent: str = "speculative"
    reduce_only: bool = False
    intermediary: str | None = None
    conditions_met: tuple[str, ...] = ()


class Expected(Struct, frozen=True, kw_only=True):
    """What the findings should be. `verdict` lists the acceptable ones.

    `passes` are rules that neither stand against the trade nor leave a question, listed or not; `bites` rules that do
    one of both; `shown` rules that have a finding, `absent` rules that have none.
    """

    verdict: tuple[str, ...] = ()
    fails: tuple[str, ...] = ()
    unknowns: tuple[str, ...] = ()
    bites: tuple[str, ...] = ()
    passes: tuple[str, ...] = ()
    absent_fails: tuple[str, ...] = ()
    shown: tuple[str, ...] = ()
    announced: tuple[str, ...] = ()
    """Rules that are shown as announced and do not count."""
    never_applied: tuple[str, ...] = ()
    """Rules whose force was not verified: shown at most, with no weight."""
    absent: tuple[str, ...] = ()
    reasons: dict[str, str] = {}
    """Why a rule stands against the trade: prohibited, not_permitted (nothing known permits it) or unknown."""
    says: dict[str, str] = {}
    """Words that stand in a rule's message."""
    venues: dict[str, tuple[str, ...]] = {}
    """The venues that a failed rule names as its remedy."""


class LawCase(Struct, frozen=True, kw_only=True):
    """One question to the law and the answer it should get."""

    name: str
    as_of: date
    asked: Asked
    expected: Expected


class Row(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What one rule is, from its first day to its last, both included."""

    rule: str
    effect: str
    products: tuple[str, ...]
    confidence: str
    first_day: date | None = None
    last_day: date | None = None
    bites: bool = True


class CaseVenue(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A venue that exists for the cases alone."""

    id: str
    described_as: str
    kind: str
    home: str
    registrations: tuple[str, ...]
    zone: str | None = None


_ASKED = frozenset(Asked.__struct_fields__)
_EXPECTED = frozenset(Expected.__struct_fields__)
_CASE = _ASKED | _EXPECTED | {"title", "as_of", "why"}
_EDGES = _ASKED | {"title", "rule", "outcome", "first_day", "last_day", "on", "why"}
_OUTSIDE = {"fails": "passes", "unknowns": "passes", "bites": "passes", "begins": "passes"}
"""What a rule does on the days before its first and after its last; for the other outcomes it has no finding."""
_INSIDE = {"clear": "passes", "not_failing": "absent_fails", "begins": "absent_fails"}


def read_cases() -> Iterator[LawCase]:
    """Yield the cases of every file; a table of edges is one case for each day it names."""
    for path in sorted(CASES.glob("*.toml")):
        if path.name not in (ROWS, VENUES):
            document = _document(path)
            for number, table in enumerate(document.get("case", ()), 1):
                yield _case(f"{path.stem} {number}: {table['title']}", table)
            for table in document.get("edges", ()):
                yield from _edges(path.stem, table)


def read_rows() -> tuple[Row, ...]:
    """Return what is expected of every rule as a row."""
    return tuple(msgspec.convert(table, Row) for table in _document(CASES / ROWS)["row"])


def read_venues() -> tuple[CaseVenue, ...]:
    """Return the venues that exist for the cases alone."""
    return tuple(msgspec.convert(table, CaseVenue) for table in _document(CASES / VENUES)["venue"])


def _document(path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        return tomllib.load(file)


def _case(name: str, table: dict[str, Any]) -> LawCase:
    _refuse_unknown(name, table, _CASE)
    return LawCase(
        name=name,
        as_of=date.fromisoformat(table["as_of"]),
        asked=_asked(table),
        expected=msgspec.convert({key: table[key] for key in _EXPECTED & table.keys()}, Expected),
    )


def _edges(file: str, table: dict[str, Any]) -> Iterator[LawCase]:
    rule, outcome = table["rule"], table["outcome"]
    name = f"{file}: {rule}"
    _refuse_unknown(name, table, _EDGES)
    asked = _asked(table)
    inside = () if outcome == "any" else (_INSIDE.get(outcome, outcome),)
    outside = _OUTSIDE.get(outcome, "absent")

    def on(day: date, expected: tuple[str, ...], when: str) -> LawCase:
        return LawCase(
            name=f"{name}, {asked.venue} {when} {day}",
            as_of=day,
            asked=asked,
            expected=msgspec.convert(dict.fromkeys(expected, (rule,)), Expected),
        )

    if "first_day" in table:
        first = date.fromisoformat(table["first_day"])
        yield on(first, inside, "on the first day,")
        yield on(first - timedelta(days=1), (outside,), "the day before,")
    if "last_day" in table:
        last = date.fromisoformat(table["last_day"])
        yield on(last, inside, "on the last day,")
        yield on(last + timedelta(days=1), (outside,), "the day after,")
    if "on" in table:
        yield on(date.fromisoformat(table["on"]), inside, "on")


def _asked(table: dict[str, Any]) -> Asked:
    return msgspec.convert({key: table[key] for key in _ASKED & table.keys()}, Asked)


def _refuse_unknown(name: str, table: dict[str, Any], known: frozenset[str] | set[str]) -> None:
    unknown = sorted(table.keys() - known)
    if unknown:
        raise ValueError(f"{name} has fields that no case has: {', '.join(unknown)}")
