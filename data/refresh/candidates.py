"""What one reading of a venue found: candidate facts by family, each family with the answers it rests on.

A candidate's `key`, `source` and `certain_from` are empty until it is accepted. A field that the venue's endpoint does
not give is null in the candidate, and says nothing about what we hold.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from enum import StrEnum

from msgspec import Struct

from data.facts.fact import Fact
from data.facts.venues import Fee, FundingTerms, Instrument, Ladder, LeverageCap
from data.refresh.client import Response

_DAY_2009 = 1_230_768_000_000
_DAY_2200 = 7_258_118_400_000

Candidate = Instrument | Ladder | LeverageCap | Fee | FundingTerms


class Family(StrEnum):
    """The families of facts that venues publish; each is the name of its field in a corpus."""

    INSTRUMENTS = "instruments"
    LADDERS = "ladders"
    LEVERAGE_CAPS = "leverage_caps"
    FEES = "fees"
    FUNDING_TERMS = "funding_terms"


class Citation(Struct, frozen=True, kw_only=True):
    """The answers of one endpoint that a family rests on.

    `sha256` is the digest of their bodies in the order read: of the one body, when there was one.
    """

    url: str
    at: datetime
    sha256: str
    pages: int


class FamilyReading(Struct, frozen=True, kw_only=True):
    """One family as the venue publishes it now.

    `covers` says of a row we hold whether the listing would name it if it still held: a row that is covered and not
    listed is gone. `doubt` is why the listing proves nothing: its changes want a look, and agreeing is no verification.
    """

    family: Family
    facts: tuple[Candidate, ...]
    covers: Callable[[Fact], bool]
    citation: Citation
    doubt: str | None = None


class VenueReading(Struct, frozen=True, kw_only=True):
    """All that was read of one venue on one day. `remarks` are things a reviewer should know."""

    venue: str
    observed: date
    families: tuple[FamilyReading, ...]
    remarks: tuple[str, ...] = ()


def cite(endpoint: str, responses: Iterable[Response]) -> Citation:
    """Return the citation of one endpoint's answers, in the order they were read."""
    found = list(responses)
    digest = hashlib.sha256()
    for response in found:
        digest.update(response.body)
    return Citation(
        url=found[0].retrieved.url if len(found) == 1 else endpoint,
        at=max(one.retrieved.at for one in found),
        sha256=digest.hexdigest(),
        pages=len(found),
    )


def day_of(milliseconds: int) -> date:
    """Return the UTC day of a Unix time in milliseconds.

    Raises:
        ValueError: it lies before 2009 or after 2199: no day on which a contract expires.
    """
    if not _DAY_2009 <= milliseconds < _DAY_2200:
        raise ValueError(f"{milliseconds} ms is no day of a contract")
    return datetime.fromtimestamp(milliseconds / 1000, UTC).date()
