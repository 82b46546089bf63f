"""How much is known, how well and how fresh, per venue or jurisdiction and family of facts. Gaps are told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from msgspec import Struct

from data.releases import Release

VENUE_FAMILIES = (
    "instruments",
    "margin_tiers",
    "leverage_caps",
    "fees",
    "fee_extras",
    "funding_terms",
    "margin_rules",
    "margin_models",
    "liquidation_policies",
    "adl_policies",
    "registrations",
    "access",
    "enforcement_actions",
)
"""Every venue has a row for each of these, also where nothing is known."""

JURISDICTION_FAMILIES = ("law", "client_classes", "enforcement_actions")

_CALLED = {"ladders": "margin_tiers", "tiers": "margin_tiers"}
"""Families that gaps and verifications name otherwise."""

_KINDS = {"margin_models": "margin_model", "memberships": "group"}
"""What a subject is that is neither a venue nor a jurisdiction on file, by its family of facts."""

OTHER_FAMILIES = tuple(_KINDS)
"""Families that have subjects of their own."""

_PLACES = Decimal("0.0001")


class CoverageRow(Struct, frozen=True, kw_only=True):
    """What is known of one family of facts about one venue or jurisdiction."""

    subject: str
    """Id of what it is about; `groups` stands for all groups of countries."""
    subject_kind: str
    """venue | jurisdiction | group (of countries) | margin_model (of a venue that is not on file otherwise)"""
    family: str
    """Family of facts, such as `margin_tiers`, `law` or `memberships` (of groups)."""
    rows: int
    """How many rows are on file, of every date; margin tiers are counted rung by rung."""
    rows_on_day: int
    """How many of them hold on the day asked about."""
    primary_share: Decimal | None
    """Fraction of the rows whose `source` is the venue's, regulator's or statute's own, rounded to four places; null
    without rows."""
    low_confidence_rows: int
    """How many of the rows have a source that leaves doubt."""
    oldest_source: date | None
    """The earliest date of a source of the rows: the one it bears, else the day it was read; null without rows."""
    newest_source: date | None
    """The latest date of a source of the rows: the one it bears, else the day it was read; null without rows."""
    last_verified: date | None
    """The last day the family was compared with its sources; null where no such day is kept, as for margin
    models and for whatever is about no venue."""
    age_days: int | None
    """How many days `last_verified` lies before the day asked about, 0 where it does not; null with it."""
    conflicts: int
    """Open disagreements between sources about this family, or about the subject as a whole; see /v1/conflicts."""
    gaps: tuple[str, ...]
    """What is known to be missing or odd, in words."""


def coverage_of(release: Release, as_of: date) -> list[CoverageRow]:
    """Return the coverage of a release on a day: venues first, then jurisdictions, then what is neither."""
    return list(_rows(release, as_of))


def _rows(release: Release, as_of: date) -> Iterator[CoverageRow]:
    corpus = release.facts.corpus
    counted = {(row[1], row[0]): row[2:] for row in release.rows("coverage", {"as_of": as_of})}
    conflicts = Counter((one.subject, one.family and _CALLED.get(one.family, one.family)) for one in corpus.conflicts)
    gaps: dict[tuple[str, str], list[str]] = {}
    for gap in corpus.gaps:
        gaps.setdefault((gap.subject, _CALLED.get(gap.family, gap.family)), []).append(gap.text)
    verified: dict[tuple[str, str], date] = {}
    for one in corpus.verifications:
        name = (one.venue, _CALLED.get(one.family, one.family))
        verified[name] = max(one.last_verified, verified.get(name, date.min))
    for kind, subject, family in _subjects(release, counted.keys() | gaps.keys()):
        rows, on_day, primary, low, oldest, newest = counted.get((subject, family), (0, 0, 0, 0, None, None))
        last_verified = verified.get((subject, family))
        yield CoverageRow(
            subject=subject,
            subject_kind=kind,
            family=family,
            rows=rows,
            rows_on_day=on_day,
            primary_share=(Decimal(primary) / rows).quantize(_PLACES) if rows else None,
            low_confidence_rows=low,
            oldest_source=oldest,
            newest_source=newest,
            last_verified=last_verified,
            age_days=max(0, (as_of - last_verified).days) if last_verified else None,
            conflicts=conflicts[subject, family] + conflicts[subject, None],
            gaps=tuple(gaps.get((subject, family), ())),
        )


def _subjects(release: Release, known: set[tuple[str, str]]) -> Iterator[tuple[str, str, str]]:
    """Yield kind, subject and family of every row: the families each kind always has, then any other on file."""
    corpus = release.facts.corpus
    kinds = (
        ("venue", sorted(release.facts.venues), VENUE_FAMILIES),
        ("jurisdiction", sorted({one.id for one in corpus.jurisdictions}), JURISDICTION_FAMILIES),
    )
    listed: set[tuple[str, str]] = set()
    for kind, subjects, families in kinds:
        for subject in subjects:
            others = sorted(family for name, family in known if name == subject and family not in families)
            for family in (*families, *others):
                listed.add((subject, family))
                yield kind, subject, family
    for subject, family in sorted(known - listed):
        yield _KINDS.get(family, "jurisdiction"), subject, family
