"""Oddities: places where real data breaks a rule of consistency, each listed and explained in the venue's file."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from data.curation.decode import decode
from data.curation.documents import Document, Row
from data.facts.corpus import Gap

CHECKS = (
    "empty_tier",
    "rates_rise",
    "leverage_falls",
    "deduction",
    "leverage_margin",
    "initial_above_maintenance",
    "instrument",
)
"""What an oddity may excuse. Gaps, overlaps and misnumbered rungs are never excused."""


class Oddity(Struct, frozen=True, kw_only=True):
    """One reviewed exception: which check the ladder of which instrument breaks, and why it stands as it is."""

    check: str
    instrument: str
    text: str


class Oddities:
    """The `[[oddity]]` rows of one file. A row that excuses nothing is itself a problem."""

    def __init__(self, document: Document) -> None:
        self._rows: dict[tuple[str, str], tuple[Row, Oddity]] = {}
        self._used: set[tuple[str, str]] = set()
        for row in document.rows("oddity"):
            one = decode(row, Oddity)
            if one and row.is_among("check", one.check, CHECKS):
                self._rows[one.check, one.instrument] = (row, one)

    def excuse(self, check: str, instrument: str) -> bool:
        """Say whether the file lists this oddity, and remember that it was needed."""
        if (check, instrument) not in self._rows:
            return False
        self._used.add((check, instrument))
        return True

    def report_unused(self) -> None:
        """Report the rows that excused nothing."""
        for name, (row, _) in self._rows.items():
            if name not in self._used:
                row.problem("excuses nothing: the data no longer shows this oddity")

    def as_gaps(self, venue: str) -> Iterator[Gap]:
        """Yield the oddities as words for the coverage."""
        for _, one in self._rows.values():
            yield Gap(subject=venue, family="margin_tiers", text=f"{one.instrument}: {one.text}")
