"""What the refresh commands show a person: progress while venues are read, then the differences in colour."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from types import TracebackType
from typing import Self

from msgspec import Struct
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn
from rich.text import Text

from data.changes import Change as ReleaseChange
from data.changes import ChangeKind
from data.facts.amounts import plain
from data.facts.venues import Ladder, MarginTier
from data.refresh.candidates import Candidate, Family
from data.refresh.crosscheck import Disagreement
from data.refresh.differences import Change, Kind, VenueDifferences
from data.refresh.run import Failure

SHOWN = 20
"""Changes shown per venue and family unless all are wanted."""

_STYLES = {Kind.NEW: "green", Kind.CHANGED: "yellow", Kind.GONE: "red"}
_SIGNS = {Kind.NEW: "+", Kind.CHANGED: "~", Kind.GONE: "-"}
_RELEASE_STYLES = {ChangeKind.ADDED: "green", ChangeKind.CHANGED: "yellow", ChangeKind.REMOVED: "red"}
_RELEASE_SIGNS = {ChangeKind.ADDED: "+", ChangeKind.CHANGED: "~", ChangeKind.REMOVED: "-"}
_NAMES = {
    Family.INSTRUMENTS: "instruments",
    Family.LADDERS: "ladders",
    Family.LEVERAGE_CAPS: "leverage caps",
    Family.FEES: "fees",
    Family.FUNDING_TERMS: "funding terms",
}


class ReadingProgress:
    """Shows each venue's endpoint and page on standard error: bars on a terminal, one line a step elsewhere."""

    def __init__(self, *, quiet: bool = False) -> None:
        self._console = Console(stderr=True, quiet=quiet, highlight=False)
        self._tasks: dict[str, TaskID] = {}
        self._bars = Progress(
            TextColumn("{task.fields[venue]:<22}"),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TextColumn("{task.description}"),
            console=self._console,
            disable=quiet or not self._console.is_terminal,
        )

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bars.stop()

    def step(self, venue: str, what: str, done: int, total: int | None) -> None:
        """Show that `done` of `total` pages or symbols of an endpoint are read."""
        if not self._bars.disable:
            if venue not in self._tasks:
                self._tasks[venue] = self._bars.add_task(what, venue=venue)
            self._bars.update(self._tasks[venue], description=what, completed=done, total=total)
        elif total is not None and done == total:
            self._console.print(f"{venue}: {what} {done}/{total}", markup=False)

    def notice(self, venue: str, line: str) -> None:
        """Show that a request is tried again."""
        self._console.print(Text(f"{venue}: {line}", style="yellow"))

    def finished(self, venue: str, failure: Failure | None) -> None:
        """Show that a venue is done, or failed."""
        if failure is not None:
            self._console.print(Text(f"{venue}: failed: {failure.reason}", style="red"))


def output() -> Console:
    """Return the console of the report: colours on a terminal, plain text elsewhere."""
    return Console(file=sys.stdout, highlight=False, soft_wrap=True)


def show_differences(console: Console, differences: Iterable[VenueDifferences], *, full: bool) -> None:
    """Print the changes of each venue, family by family, tier by tier."""
    for venue in differences:
        _show_venue(console, venue, full=full)


def summary_of(differences: Sequence[VenueDifferences], failures: Sequence[Failure]) -> str:
    """Return one line: how many venues were read, what changed, what wants a look."""
    changes = [change for one in differences for change in one.changes]
    counts = {kind: sum(change.kind is kind for change in changes) for kind in Kind}
    doubtful = sum(bool(change.doubts) for change in changes)
    words = ", ".join(f"{counts[kind]} {kind}" for kind in Kind)
    read = f"read {len(differences)} of {len(differences) + len(failures)} venues"
    look = f"; {doubtful} want a look" if doubtful else ""
    return f"{read}: {words}{look}" if changes else f"{read}: no change"


def show_release_changes(console: Console, changes: Sequence[ReleaseChange], *, full: bool) -> None:
    """Print what differs between two releases or days, fact by fact."""
    shown = changes if full else changes[: SHOWN * 10]
    for change in shown:
        head = Text(f"{_RELEASE_SIGNS[change.kind]} {change.fact} {change.key}", style=_RELEASE_STYLES[change.kind])
        console.print(head)
        before, after = change.before, change.after
        for name in change.fields:
            old, new = getattr(before, name), getattr(after, name)
            if name == "tiers":
                _show_tiers(console, old, new)
            else:
                _show_field(console, name, old, new)
    if len(shown) < len(changes):
        console.print(f"… and {len(changes) - len(shown)} more (--full shows all)")


def show_disagreements(console: Console, remarks: Iterable[str], found: Sequence[Disagreement], *, full: bool) -> None:
    """Print in what a second source differs from ours, row by row."""
    for remark in remarks:
        console.print(f"note: {remark}", style="dim", markup=False)
    shown = found if full else found[:SHOWN]
    for one in shown:
        console.print(f"~ {one.fact}", style="yellow", markup=False)
        console.print(f"      ours  {one.kept}", style="green", markup=False)
        console.print(f"      other {one.other}", style="red", markup=False)
    if len(shown) < len(found):
        console.print(f"… and {len(found) - len(shown)} more (--full shows all)")


def words_of(value: object) -> str:
    """Return a value as a report shows it."""
    match value:
        case None:
            return "none"
        case MarginTier():
            cap = "no cap" if value.cap is None else plain(value.cap)
            rate = words_of(value.maintenance_margin_rate)
            return f"{plain(value.floor)} to {cap} at {plain(value.max_leverage)}x, maintenance {rate}"
        case Struct():
            return ", ".join(
                f"{name} {words_of(held)}"
                for name in value.__struct_fields__
                if (held := getattr(value, name)) is not None and not name.endswith("_precision")
            )
        case bool():
            return "true" if value else "false"
        case Decimal():
            return plain(value)
        case tuple():
            return "; ".join(words_of(one) for one in value) or "none"
        case frozenset():
            return "; ".join(sorted(words_of(one) for one in value)) or "none"
        case Mapping():
            return ", ".join(f"{name} {words_of(held)}" for name, held in value.items()) or "none"
        case _:
            return str(value)


def _show_venue(console: Console, venue: VenueDifferences, *, full: bool) -> None:
    parts = [f"{_NAMES[family]} {_counts(venue.of(family), same)}" for family, same in venue.unchanged.items()]
    console.print(Text(venue.venue, style="bold").append(f"  {'; '.join(parts)}", style="not bold"))
    for remark in venue.reading.remarks:
        console.print(Text(f"  note: {remark}", style="dim"))
    for family in venue.unchanged:
        changes = venue.of(family)
        shown = changes if full else changes[:SHOWN]
        for change in shown:
            _show_change(console, change)
        if len(shown) < len(changes):
            console.print(f"  … and {len(changes) - len(shown)} more {_NAMES[family]} (--full shows all)")


def _counts(changes: Sequence[Change], same: int) -> str:
    counts = [(kind, sum(change.kind is kind for change in changes)) for kind in Kind]
    words = [f"{number} {kind}" for kind, number in counts if number]
    return ", ".join([*words, f"{same} as before"])


def _show_change(console: Console, change: Change) -> None:
    style = _STYLES[change.kind]
    line = f"  {_SIGNS[change.kind]} {change.kind:<7} {change.family.rstrip('s').replace('_', ' ')} {change.subject}"
    console.print(Text(line, style=style).append(_detail(change), style="default"))
    for field in change.fields:
        _show_field(console, field.name, field.before, field.after)
    for doubt in change.doubts:
        console.print(Text(f"      ! {doubt}", style="magenta"))


def _detail(change: Change) -> str:
    fact: Candidate | None = change.after if change.kind is Kind.NEW else None
    if isinstance(fact, Ladder):
        top = fact.tiers[-1]
        cap = "no cap" if top.cap is None else f"{plain(top.cap)} {fact.unit}"
        count = f"{len(fact.tiers)} tier{'s' if len(fact.tiers) != 1 else ''}"
        return f"  {count}, {plain(fact.tiers[0].max_leverage)}x, up to {cap}"
    return ""


def _show_field(console: Console, name: str, before: object, after: object) -> None:
    line = Text(f"      {name} ").append(words_of(before), style="red").append(" → ")
    console.print(line.append(words_of(after), style="green"))


def _show_tiers(console: Console, before: Sequence[MarginTier], after: Sequence[MarginTier]) -> None:
    for index in range(max(len(before), len(after))):
        old = before[index] if index < len(before) else None
        new = after[index] if index < len(after) else None
        if old != new:
            _show_field(console, f"tier {index + 1}", old, new)
