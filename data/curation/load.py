"""The whole curated folder into one corpus."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path
from typing import Any

from msgspec import structs

from data.curation.documents import read_document
from data.curation.facts import overlap
from data.curation.groups import GroupFacts, read_groups
from data.curation.instruments import check_unified, derive_instruments
from data.curation.ladders import CsvRow, read_ladders
from data.curation.law import LawFacts, read_law
from data.curation.listings import add_listings, refuse_stray_listings
from data.curation.margin_classes import read_classes
from data.curation.margin_models import MarginModelFacts, read_margin_models
from data.curation.problems import NoFactsError, Problems
from data.curation.venues import VenueFile, read_venue_file, verifications
from data.facts.corpus import Corpus
from data.facts.venues import Instrument, Ladder, Registration

Say = Callable[[str], object]


def load_corpus(folder: Path, progress: Say | None = None) -> Corpus:
    """Read every curated file below `folder` into one corpus, each family in the order of files and rows.

    `progress` is told in a line what is being read.

    Raises:
        NoFactsError: the folder is missing or holds no venue file.
        CurationError: the files have problems; it carries all of them.
    """
    say = progress or (lambda line: None)
    problems = Problems()
    venue_files = venue_files_of(folder)
    say(f"reading {len(venue_files)} venue files and their margin tiers")
    files = [read_venue_file(folder, path, problems) for path in venue_files]
    for file in files:
        if file.document.readable:
            add_listings(folder, file, problems)
            _add_ladders(folder, file, problems)
    _refuse_strays(folder, {file.id for file in files}, problems)
    refuse_stray_listings(folder, {file.id for file in files}, problems)
    _check_references(folder, files, problems)
    groups = read_groups(folder, problems)
    registrations = [row for file in files for row in file.facts["registrations"] if isinstance(row, Registration)]
    law = read_law(folder, frozenset(file.id for file in files), groups.groups, problems, registrations)
    margin_models = read_margin_models(folder, {file.id: file.sources for file in files}, problems)
    problems.raise_if_any()
    corpus = _assemble(files, groups, margin_models, law)
    say(
        f"read {len(corpus.ladders)} ladders with {sum(len(one.tiers) for one in corpus.ladders)} tiers, "
        f"{len(corpus.instruments)} instruments, {len(corpus.sources)} sources"
    )
    return corpus


def venue_files_of(folder: Path) -> list[Path]:
    """Return the venue files of a curated folder, by name.

    Raises:
        NoFactsError: there are none: a mistyped folder must not become a release in which no venue is known.
    """
    if not folder.is_dir():
        raise NoFactsError(f"there is no folder of curated facts at {folder}")
    found = sorted((folder / "venues").glob("*.toml"))
    if not found:
        raise NoFactsError(f"{folder} holds no curated facts: there is no venue file in {folder / 'venues'}")
    return found


def _add_ladders(folder: Path, file: VenueFile, problems: Problems) -> None:
    """Add a venue's ladders, and the instruments they imply, to its facts."""
    tiers = folder / "margin_tiers"
    pairs: list[tuple[CsvRow, Ladder]] = []
    for suffix in (".csv", ".history.csv"):
        path = tiers / f"{file.id}{suffix}"
        if path.exists():
            pairs += read_ladders(folder, path, file, problems)
    classes = tiers / f"{file.id}.classes.csv"
    if classes.exists():
        _add_classes(folder, classes, file, pairs, problems)
    _check_ladder_overlaps(pairs)
    recordings = [one.valid_from for _, one in pairs if one.observed and one.valid_from]
    derived = derive_instruments(file, pairs, min(recordings, default=None))
    file.facts["instruments"] += derived
    ends = _ends_of(one for one in file.facts["instruments"] if isinstance(one, Instrument))
    file.facts["ladders"] = [_ended(ladder, ends.get(ladder.instrument, ())) for _, ladder in pairs]
    check_unified(file, [one for one in file.facts["instruments"] if isinstance(one, Instrument)])
    file.oddities.report_unused()


def _ends_of(instruments: Iterable[Instrument]) -> dict[str, list[date]]:
    """Return the days on which each instrument is listed no longer; one that is listed again may have several."""
    rows: dict[str, list[Instrument]] = {}
    for one in instruments:
        rows.setdefault(one.symbol, []).append(one)
    return {
        symbol: [
            one.valid_to for one in listed if one.valid_to and not any(other.holds_on(one.valid_to) for other in listed)
        ]
        for symbol, listed in rows.items()
    }


def _ended(ladder: Ladder, ends: Iterable[date]) -> Ladder:
    """Return an open ladder as one that ends with its instrument."""
    end = min((day for day in ends if ladder.valid_from is None or ladder.valid_from < day), default=None)
    return ladder if end is None or ladder.valid_to is not None else structs.replace(ladder, valid_to=end)


def _add_classes(
    folder: Path, path: Path, file: VenueFile, pairs: list[tuple[CsvRow, Ladder]], problems: Problems
) -> None:
    """Add the ladders and instruments of margin classes; a ladder recorded for the symbol itself comes first."""
    own = {(one.instrument, one.schedule) for _, one in pairs if one.usable}
    listed = {fact.symbol for fact in file.facts["instruments"] if isinstance(fact, Instrument)}
    added: set[str] = set()
    for found in list(read_classes(folder, path, file, [one for _, one in pairs], listed, problems)):
        if (found.ladder.instrument, found.ladder.schedule) not in own:
            pairs.append((found.row, found.ladder))
        if found.instrument is not None and found.instrument.symbol not in added:
            added.add(found.instrument.symbol)
            file.facts["instruments"].append(found.instrument)


def _check_ladder_overlaps(pairs: Iterable[tuple[CsvRow, Ladder]]) -> None:
    by_key: dict[str, list[tuple[CsvRow, Ladder]]] = {}
    for row, ladder in pairs:
        for other_row, other in by_key.setdefault(ladder.key, []):
            if overlap(ladder, other):
                row.problem(f"a second ladder of {ladder.key} for overlapping dates ({other_row.label})")
        by_key[ladder.key].append((row, ladder))


def _refuse_strays(folder: Path, venues: set[str], problems: Problems) -> None:
    for path in sorted((folder / "margin_tiers").glob("*")):
        if path.name.partition(".")[0] not in venues or path.suffix != ".csv":
            problems.add(path.relative_to(folder).as_posix(), "belongs to no venue file")


def _check_references(folder: Path, files: list[VenueFile], problems: Problems) -> None:
    """Report registration categories that are not in the controlled list, and successors that are no venues."""
    ids = {file.id for file in files}
    for file in files:
        for period in file.venue.status if file.venue else ():
            if period.successor and period.successor not in ids:
                problems.add(file.document.label, f"successor {period.successor!r} is no venue here", table="status")
    path = folder / "registrations.toml"
    if not path.exists():
        return
    known = {row.values.get("id") for row in read_document(folder, path, problems).rows("category")}
    for file in files:
        for row in file.document.rows("registration"):
            category = row.values.get("category")
            if category is not None and category not in known:
                row.problem(f"category: {category!r} is not in registrations.toml")


def _assemble(files: list[VenueFile], groups: GroupFacts, margin_models: MarginModelFacts, law: LawFacts) -> Corpus:
    facts: dict[str, list[Any]] = {"enforcement_actions": [], "ladders": []}
    for file in files:
        for name, rows in file.facts.items():
            facts.setdefault(name, []).extend(rows)
    for name in law.__struct_fields__:
        facts.setdefault(name, []).extend(getattr(law, name))
    law_sources, law_conflicts, law_gaps = facts.pop("sources"), facts.pop("conflicts"), facts.pop("gaps")
    return Corpus(
        sources=tuple(source for file in files for source in file.sources.all())
        + groups.sources
        + margin_models.sources
        + tuple(law_sources),
        venues=tuple(file.venue for file in files if file.venue),
        memberships=groups.memberships,
        margin_models=margin_models.models,
        conflicts=tuple(conflict for file in files for conflict in file.conflicts) + tuple(law_conflicts),
        gaps=tuple(gap for file in files for gap in (*file.gaps, *file.oddities.as_gaps(file.id)))
        + groups.gaps
        + tuple(law_gaps),
        verifications=tuple(one for file in files for one in verifications(file, file.facts)),
        **{name: tuple(rows) for name, rows in facts.items()},
    )
