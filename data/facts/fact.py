"""What every fact row has: when it holds and who says so."""

from __future__ import annotations

from datetime import date

from msgspec import Struct

from data.facts.dates import FIRST_BLOCK, Precision, holds_on, last_day
from data.facts.vocabulary import Evidence


class Source(Struct, frozen=True, kw_only=True):
    """A page, statute, API response or package that was read."""

    id: str
    """Unique in a release: `<file>.<id in that file>`, for example `binance.faq_leverage`."""
    title: str
    """What it is, in words."""
    publisher: str
    """Who published it, and who copied or recorded it where that was read."""
    url: str
    """Where it stands: an address, or the name of a package or stored copy."""
    evidence: Evidence
    """How near it stands to the facts: the venue's, regulator's or statute's own text or recorded answer (`primary`),
    what others say of it (`secondary`), or an article whose claims `/v1/myths` checks (`seed`)."""
    seen: date
    """Day on which it was read."""
    published: date | None = None
    """Date that it or the commit bears; null where it bears none."""
    published_precision: Precision = Precision.DAY
    """How exactly it states that date."""
    sha256: str | None = None
    """SHA-256 of what was read, in hexadecimal; null where it was not kept."""
    note: str | None = None
    """What else there is to know; null for nothing."""

    @property
    def certain_from(self) -> date:
        """The first day on which it stood for certain: the last that its date may mean, at the latest when read."""
        if self.published is None:
            return self.seen
        return min(last_day(self.published, self.published_precision), self.seen)


class Fact(Struct, frozen=True, kw_only=True):
    """Base of all fact rows."""

    key: str
    """Identifies the row's subject within its family, stable between releases (what a diff joins on)."""
    source: str
    """Id of the source."""
    also_sources: tuple[str, ...] = ()
    """Ids of further sources that say the same."""
    valid_from: date | None = None
    """The first day it holds; null is an unknown start."""
    valid_from_precision: Precision = Precision.DAY
    """How exactly the source states the start."""
    valid_to: date | None = None
    """The first day it no longer holds; null is still in force."""
    valid_to_precision: Precision = Precision.DAY
    """How exactly the source states the end."""
    certain_from: date
    """`valid_from` (the last day of its month or year where no day is known); where that is null, the day of the
    edition or recording that shows the row, else the date of the source (where that is a month or year, its last day
    or the day it was read, whichever is first). Before it the row is extrapolated."""
    low_confidence: bool = False
    """Whether the source leaves doubt."""
    note: str | None = None
    """What else there is to know; null for nothing."""

    def holds_on(self, day: date) -> bool:
        """Say whether the row holds on `day`; one of unknown start holds from the day of Bitcoin's first block."""
        return holds_on(self.valid_from or FIRST_BLOCK, self.valid_to, day)

    def extrapolated_on(self, day: date) -> bool:
        """Say whether `day` lies before the first day the row is certain for."""
        return day < self.certain_from


class Conflict(Struct, frozen=True, kw_only=True):
    """Two sources that disagree: which value was kept, which was not, and why."""

    key: str
    subject: str
    """Venue or jurisdiction id."""
    fact: str
    """What they disagree about, in words."""
    kept: str
    """The value that was kept."""
    other: str
    """The value that was not."""
    kept_source: str
    """Id of the source of the value kept."""
    other_source: str
    """Id of the source of the other value."""
    why: str
    """Why it was decided so, in words."""
    family: str | None = None
    """Family of facts the disagreement is about; null when it is about the subject as a whole."""
