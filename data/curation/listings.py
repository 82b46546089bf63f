"""Machine-read listings: `listings/<venue>.<family>.csv`, rows too many to stand in the venue's TOML file.

A listing adds rows to the family's TOML table: the same fields as columns, an empty cell for an absent field, and the
same rules (a source of the venue's file, no two rows about one subject on one day).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from data.curation.documents import Document, Row
from data.curation.facts import decode_fact, overlap
from data.curation.ladders import read_csv
from data.curation.problems import Problems
from data.curation.venues import FAMILIES, VenueFile, check_fact
from data.facts.fact import Fact

FOLDER = "listings"
_DATES = ("valid_from", "valid_to")

LISTED: dict[str, tuple[str, ...]] = {
    "instruments": (
        "symbol",
        "product",
        "base",
        "quote",
        "settle",
        "contract_type",
        "contract_size",
        "contract_size_unit",
        "tick_size",
        "min_size",
        "max_size",
        "size_step",
        "expiry",
        "unified",
        "derived",
        *_DATES,
        "source",
    ),
    "leverage_caps": (
        "product",
        "instrument",
        "margin_mode",
        "client_class",
        "jurisdiction",
        "max_leverage",
        *_DATES,
        "source",
    ),
    "funding_terms": (
        "product",
        "instrument",
        "interval_hours",
        "cap",
        "floor",
        "interest_rate_8h",
        "formula",
        *_DATES,
        "source",
    ),
}
"""The header of each listing, by the family's field of the corpus."""

_FLAGS = ("derived",)


def listing_path(folder: Path, venue: str, family: str) -> Path:
    """Return where a venue's listing of a family stands."""
    return folder / FOLDER / f"{venue}.{family}.csv"


def add_listings(folder: Path, file: VenueFile, problems: Problems) -> None:
    """Add the rows of a venue's listings to its facts, after those of its TOML file."""
    for family in FAMILIES:
        if family.name not in LISTED:
            continue
        path = listing_path(folder, file.id, family.name)
        if path.exists():
            _add(folder, path, file, family.name, problems)


def refuse_stray_listings(folder: Path, venues: set[str], problems: Problems) -> None:
    """Report the files of the listings' folder that belong to no venue and family."""
    known = {f"{venue}.{family}.csv" for venue in venues for family in LISTED}
    for path in sorted((folder / FOLDER).glob("*")):
        if path.name not in known:
            problems.add(path.relative_to(folder).as_posix(), "belongs to no venue and family")


def _add(folder: Path, path: Path, file: VenueFile, name: str, problems: Problems) -> None:
    by_key: dict[str, list[Fact]] = {}
    for fact in file.facts[name]:
        by_key.setdefault(fact.key, []).append(fact)
    for row, fact in _read(folder, path, file, name, problems):
        if any(overlap(fact, other) for other in by_key.setdefault(fact.key, [])):
            row.problem(f"says the same subject as another row for overlapping dates ({fact.key})")
        by_key[fact.key].append(fact)
        file.facts[name].append(fact)


def _read(folder: Path, path: Path, file: VenueFile, name: str, problems: Problems) -> Iterator[tuple[Row, Fact]]:
    family = next(one for one in FAMILIES if one.name == name)
    columns = LISTED[name]
    label = path.relative_to(folder).as_posix()
    document = Document(label, "", problems)
    for place, cells in read_csv(label, path, columns, problems):
        values: dict[str, object] = {column: cell for column, cell in zip(columns, cells, strict=True) if cell}
        for flag in _FLAGS:
            if values.get(flag) in ("true", "false"):
                values[flag] = values[flag] == "true"
        row = Row(document, family.table, place.number, place.number + 1, values)
        fact = decode_fact(row, family.kind, file.sources, family.key, {"venue": file.id})
        if fact is not None:
            check_fact(row, fact)
            yield row, fact
