"""What every fact row has: when it holds and who says so."""

from __future__ import annotations

from datetime import date

from msgspec import Struct

from data.facts.dates import Precision, holds_on
from data.facts.vocabulary import Evidence


class Source(Struct, frozen=True, kw_only=True):
    """A page, statute, API response or package that was read.

    `id` is unique in a release: `<file>.<id in that file>`, for example `binance.faq_leverage`.
    `published` is the date on the page or of the commit; `seen` the day it was read.
    """

    id: str
    title: str
    publisher: str
    url: str
    evidence: Evidence
    seen: date
    published: date | None = None
    published_precision: Precision = Precision.DAY
    sha256: str | None = None
    note: str | None = None


class Fact(Struct, frozen=True, kw_only=True):
    """Base of all fact rows.

    `key` identifies the row's subject within its family, stable between releases (what a diff joins on).
    `valid_from` is inclusive and `valid_to` exclusive; null means unknown start and still in force. A row whose start
    is unknown is certain from its source's date on: asked about an earlier day it is extrapolated.
    """

    key: str
    source: str
    also_sources: tuple[str, ...] = ()
    valid_from: date | None = None
    valid_from_precision: Precision = Precision.DAY
    valid_to: date | None = None
    valid_to_precision: Precision = Precision.DAY
    certain_from: date
    """`valid_from` (the last day of its month or year where no day is known), else the date of the source: before it
    the row is extrapolated."""
    low_confidence: bool = False
    note: str | None = None

    def holds_on(self, day: date) -> bool:
        """Say whether the row holds on `day`."""
        return holds_on(self.valid_from, self.valid_to, day)

    def extrapolated_on(self, day: date) -> bool:
        """Say whether `day` lies before the first day the row is certain for."""
        return day < self.certain_from


class Conflict(Struct, frozen=True, kw_only=True):
    """Two sources that disagree: which value was kept, which was not, and why."""

    key: str
    subject: str
    """Venue or jurisdiction id."""
    fact: str
    kept: str
    other: str
    kept_source: str
    other_source: str
    why: str
    family: str | None = None
    """Family of facts the disagreement is about; null when it is about the subject as a whole."""
