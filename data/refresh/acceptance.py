"""Accepted changes as patches of the curated text: new rows from the day observed, old rows closed, a source for both.

Nothing is deleted: a row that no longer holds gets its end, and a ladder moves to the history file. A row that stood
only by implication (an instrument read from a ladder's symbol, a ladder given by a margin class) is written out with
its end first, so that the days before stay as they were.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from data.curation.ladders import COLUMNS
from data.curation.listings import LISTED, listing_path
from data.curation.problems import Problems
from data.curation.venues import FAMILIES, read_venue_file
from data.facts.corpus import Corpus
from data.facts.dates import render_partial_date
from data.facts.fact import Fact
from data.facts.venues import Fee, Instrument, Ladder
from data.refresh.candidates import Candidate, Family
from data.refresh.cells import dates_of, free_id, ladder_cells, listing_cells, source_row, text_of
from data.refresh.curated_text import CsvText, TomlText
from data.refresh.differences import Change, VenueDifferences, same_subject
from data.refresh.ladder_doubts import newly_broken

_TABLES = {family.name: family.table for family in FAMILIES}
_IDENTITY = frozenset(
    {
        "symbol",
        "product",
        "instrument",
        "margin_mode",
        "client_class",
        "jurisdiction",
        "schedule",
        "session",
        "side",
        "valid_from",
        "valid_to",
        "source",
    }
)
"""Columns that tell one row of a CSV file from all others."""

_FEE_FIELDS = ("product", "schedule", "tier", "min_volume_30d_usd", "min_holding", "maker", "taker")


class Refusal(Struct, frozen=True, kw_only=True):
    """A change that was not written, and why."""

    change: Change
    reason: str


class Acceptance(Struct, frozen=True, kw_only=True):
    """What accepting a venue's changes writes: whole new contents by path below the curated folder."""

    venue: str
    files: dict[str, str]
    accepted: tuple[Change, ...]
    refused: tuple[Refusal, ...]
    verified: tuple[Family, ...]


def accept(folder: Path, corpus: Corpus, differences: VenueDifferences, *, allow_suspicious: bool) -> Acceptance:
    """Return the curated files of a venue with its changes written in. Nothing touches the disk here.

    `corpus` is what the folder says now, and what the differences were found against.
    """
    patch = _Patch(folder, corpus, differences)
    for change in differences.changes:
        patch.take(change, allow_suspicious=allow_suspicious)
    return patch.finish()


class _Patch:
    """The texts of one venue's files while they are patched."""

    def __init__(self, folder: Path, corpus: Corpus, differences: VenueDifferences) -> None:
        self._folder = folder
        self._differences = differences
        self._venue = differences.venue
        self._day = differences.reading.observed
        self._toml_path = folder / "venues" / f"{self._venue}.toml"
        self._toml = TomlText(self._toml_path.read_text(encoding="utf-8"))
        self._file = read_venue_file(folder, self._toml_path, Problems())
        self._corpus = corpus
        self._csv: dict[Path, CsvText] = {}
        self._closed_ladders: dict[Path, set[int]] = {}
        self._cited: dict[Family, str] = {}
        self._sources = {source.id.removeprefix(f"{self._venue}.") for source in self._file.sources.all()}
        self._unified = {
            one.unified: one.symbol
            for one in corpus.instruments
            if one.venue == self._venue and one.unified and one.holds_on(self._day)
        }
        self._accepted: list[Change] = []
        self._refused: list[Refusal] = []

    def take(self, change: Change, *, allow_suspicious: bool) -> None:
        """Write one change, or note why it is not written."""
        reason = self._objection(change, allow_suspicious=allow_suspicious)
        if reason:
            self._refused.append(Refusal(change=change, reason=reason))
            return
        source = self._cite(change.family)
        if change.before is not None:
            self._close(change.family, change.before)
        if change.after is not None:
            self._add(change.family, self._dated(change), source)
            if isinstance(change.after, Ladder):
                self._excuse(change.before if isinstance(change.before, Ladder) else None, change.after)
        self._accepted.append(change)

    def finish(self) -> Acceptance:
        """Return the patched files, with the families that were compared marked as verified today."""
        families = self._differences.reading.families
        unproved = {one.change.family for one in self._refused} | {one.family for one in families if one.doubt}
        verified = [one.family for one in families if one.family not in unproved]
        for family in verified:
            self._verify(family, self._day.isoformat())
        touched = {one.change.family for one in self._refused} | {change.family for change in self._accepted}
        for family in sorted(unproved & touched):
            self._keep_verified(family)
        self._move_closed_ladders()
        files = {self._toml_path: str(self._toml)} | {path: str(text) for path, text in self._csv.items()}
        return Acceptance(
            venue=self._venue,
            files={path.relative_to(self._folder).as_posix(): text for path, text in files.items()},
            accepted=tuple(self._accepted),
            refused=tuple(self._refused),
            verified=tuple(verified),
        )

    def _objection(self, change: Change, *, allow_suspicious: bool) -> str | None:
        if change.doubts and not allow_suspicious:
            return "; ".join(change.doubts)
        before = change.before
        if before is not None and before.valid_from is not None and before.valid_from >= self._day:
            return f"the row we hold began on {before.valid_from}: a second change of one day wants a hand"
        return None

    def _dated(self, change: Change) -> Candidate:
        """Return the new row with the days it holds: from today to the next row already known, or to its expiry."""
        fact = change.after
        if fact is None:
            raise ValueError("a row that is gone has no successor")
        ends = [row.valid_from for row in self._rows(change.family) if row.valid_from and same_subject(fact, row)]
        ends = [day for day in ends if day > self._day]
        if isinstance(fact, Instrument):
            if fact.expiry is not None and fact.expiry >= self._day:
                ends.append(fact.expiry + timedelta(days=1))
            fact = self._with_own_unified(fact)
        return replace(fact, valid_from=self._day, valid_to=min(ends, default=None))

    def _with_own_unified(self, fact: Instrument) -> Instrument:
        """Return the instrument without its unified symbol when another instrument has the same."""
        if fact.unified is None or self._unified.setdefault(fact.unified, fact.symbol) == fact.symbol:
            return fact
        return replace(fact, unified=None)

    def _rows(self, family: Family) -> Iterator[Candidate]:
        rows: Iterable[Candidate] = getattr(self._corpus, family)
        return (row for row in rows if row.venue == self._venue)

    def _close(self, family: Family, fact: Candidate) -> None:
        """End a row today: in the TOML file, in a listing or among the ladders; write it out if it stands nowhere."""
        if isinstance(fact, Ladder):
            if not self._close_ladder(fact):
                self._add_ladder(replace(fact, valid_to=self._day), self._short(fact.source), history=True)
            return
        rows = self._file.facts[family]
        if fact in rows:
            self._toml.set(_TABLES[family], rows.index(fact) + 1, "valid_to", self._day.isoformat())
        elif not self._close_listed(family, fact):
            self._add(family, replace(fact, valid_to=self._day), self._short(fact.source))

    def _close_listed(self, family: Family, fact: Fact) -> bool:
        path = listing_path(self._folder, self._venue, family)
        if family not in LISTED or not (path in self._csv or path.exists()):
            return False
        text = self._open(path, LISTED[family])
        wanted = listing_cells(fact, self._short(fact.source), LISTED[family])
        names = tuple(name for name in LISTED[family] if name in _IDENTITY)
        numbers = text.find(names, wanted)
        for number in numbers:
            text.set(number, "valid_to", self._day.isoformat())
        return bool(numbers)

    def _close_ladder(self, fact: Ladder) -> bool:
        """End the rows of a ladder and mark them for the history file."""
        stated = ladder_cells(fact, self._short(fact.source))
        # An end that is the instrument's own does not stand in the rows.
        return any(self._close_rows(wanted) for wanted in (stated, stated | {"valid_to": ""}))

    def _close_rows(self, wanted: dict[str, str]) -> bool:
        names = tuple(name for name in COLUMNS if name in _IDENTITY)
        for suffix in (".csv", ".history.csv"):
            path = self._tiers(suffix)
            if not (path in self._csv or path.exists()):
                continue
            text = self._open(path, COLUMNS)
            numbers = text.find(names, wanted)
            for number in numbers:
                text.set(number, "valid_to", self._day.isoformat())
            if numbers:
                if suffix == ".csv":
                    self._closed_ladders.setdefault(path, set()).update(numbers)
                return True
        return False

    def _move_closed_ladders(self) -> None:
        for path, numbers in self._closed_ladders.items():
            history = self._open(self._tiers(".history.csv"), COLUMNS)
            for cells in self._csv[path].take(numbers):
                history.append(cells)

    def _add(self, family: Family, fact: Candidate, source: str) -> None:
        if isinstance(fact, Ladder):
            self._add_ladder(replace(fact, observed=True), source, history=False)
        elif isinstance(fact, Fee):
            fields = {name: text_of(getattr(fact, name)) for name in _FEE_FIELDS}
            self._toml.append(_TABLES[family], fields | dates_of(fact) | {"source": source})
        else:
            columns = LISTED[family]
            self._open(listing_path(self._folder, self._venue, family), columns).append(
                listing_cells(fact, source, columns)
            )

    def _add_ladder(self, fact: Ladder, source: str, *, history: bool) -> None:
        text = self._open(self._tiers(".history.csv" if history else ".csv"), COLUMNS)
        head = ladder_cells(fact, source)
        for rung in fact.tiers:
            cells = {name: text_of(getattr(rung, name)) or "" for name in rung.__struct_fields__}
            text.append(head | cells)

    def _excuse(self, before: Ladder | None, after: Ladder) -> None:
        """List what the ladder breaks as oddities; they were looked at and allowed."""
        for one in newly_broken(before, after):
            if not self._file.oddities.excuse(one.check, one.instrument):
                text = f"The venue's API gave it so on {self._day}."
                self._toml.append("oddity", {"check": one.check, "instrument": one.instrument, "text": text})

    def _keep_verified(self, family: Family) -> None:
        """Write down when a family was last compared whole: a new source for part of it must not make it look newer."""
        for one in self._corpus.verifications:
            if one.venue == self._venue and one.family == _verified_name(family):
                self._verify(family, render_partial_date(one.last_verified, one.precision))

    def _verify(self, family: Family, day: str) -> None:
        name = _verified_name(family)
        known = list(self._file.verified)
        if name in known:
            self._toml.set("verified", known.index(name) + 1, "last_verified", day)
        else:
            self._toml.append("verified", {"family": name, "last_verified": day})

    def _cite(self, family: Family) -> str:
        """Return the id of the source row for a family's answers, adding it the first time."""
        if family in self._cited:
            return self._cited[family]
        citation = next(one.citation for one in self._differences.reading.families if one.family is family)
        name = free_id(f"api_{family}_{self._day:%Y_%m_%d}", self._sources)
        self._sources.add(name)
        self._cited[family] = name
        self._toml.append("source", source_row(name, self._publisher(), citation, self._day))
        return name

    def _publisher(self) -> str:
        return f"{self._file.venue.name if self._file.venue else self._venue} API"

    def _open(self, path: Path, columns: tuple[str, ...]) -> CsvText:
        if path not in self._csv:
            text = path.read_text(encoding="utf-8") if path.exists() else ""
            self._csv[path] = CsvText(text, columns)
        return self._csv[path]

    def _tiers(self, suffix: str) -> Path:
        return self._folder / "margin_tiers" / f"{self._venue}{suffix}"

    def _short(self, source: str) -> str:
        return source.removeprefix(f"{self._venue}.")


def _verified_name(family: Family) -> str:
    """Return what a `[[verified]]` row calls a family."""
    return "margin_tiers" if family is Family.LADDERS else str(family)
