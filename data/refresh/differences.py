"""What one reading of a venue changes in what we hold: new, changed and gone, field by field and tier by tier."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from data.facts.corpus import Corpus
from data.facts.venues import Fee, FundingTerms, Instrument, Ladder, LeverageCap, MarginTier
from data.facts.vocabulary import ClientClass, MarginMode
from data.refresh.building import FORMULA_UNREAD, common_code
from data.refresh.candidates import Candidate, Family, FamilyReading, VenueReading
from data.refresh.suspicion import (
    doubts_about,
    doubts_about_disappearance,
    doubts_about_lost_kinds,
    doubts_about_remaining,
)


class Kind(StrEnum):
    """What became of a row."""

    NEW = "new"
    CHANGED = "changed"
    GONE = "gone"


class FieldChange(Struct, frozen=True, kw_only=True):
    """One field that differs; a tier's fields are named `tier 3 cap`."""

    name: str
    before: object
    after: object


class Change(Struct, frozen=True, kw_only=True):
    """One row that is new, changed or gone. `after` has what the endpoint leaves out filled in from `before`."""

    kind: Kind
    family: Family
    subject: str
    before: Candidate | None
    after: Candidate | None
    fields: tuple[FieldChange, ...] = ()
    doubts: tuple[str, ...] = ()
    """Why a person should look before this is accepted; empty for an ordinary change."""


class VenueDifferences(Struct, frozen=True, kw_only=True):
    """All changes of one venue, and how many rows of each family stand as they were."""

    reading: VenueReading
    changes: tuple[Change, ...]
    unchanged: dict[Family, int]

    @property
    def venue(self) -> str:
        """The venue's id."""
        return self.reading.venue

    def of(self, family: Family) -> tuple[Change, ...]:
        """Return the changes of one family."""
        return tuple(change for change in self.changes if change.family is family)


_COMPARED: dict[type, tuple[str, ...]] = {
    Instrument: (
        "product",
        "base",
        "quote",
        "settle",
        "contract_type",
        "contract_size",
        "contract_size_unit",
        "tick_size",
        "min_size",
        "size_step",
        "expiry",
    ),
    Ladder: ("contract_type", "settle", "unit", "complete"),
    LeverageCap: ("max_leverage",),
    Fee: ("min_volume_30d_usd", "maker", "taker"),
    FundingTerms: ("interval_hours", "cap", "floor"),
}
_RUNG_FIELDS = (
    "floor",
    "cap",
    "initial_margin_rate",
    "maintenance_margin_rate",
    "maintenance_amount",
    "max_leverage",
)
_CARRIED = ("initial_margin_rate", "maintenance_margin_rate", "maintenance_amount")


def compare(reading: VenueReading, corpus: Corpus) -> VenueDifferences:
    """Return what `reading` changes in the facts that hold on the day it was read."""
    changes: list[Change] = []
    unchanged: dict[Family, int] = {}
    instruments = [fact for family in reading.families if family.family is Family.INSTRUMENTS for fact in family.facts]
    for family in reading.families:
        held = held_rows(corpus, reading, family.family)
        found, same = _compare_family(_unexpired(family, reading.observed), held, instruments)
        changes += found
        unchanged[family.family] = same
    return VenueDifferences(reading=reading, changes=tuple(changes), unchanged=unchanged)


def held_rows(corpus: Corpus, reading: VenueReading, family: Family) -> list[Candidate]:
    """Return the rows of a family that we hold for the venue on the day of the reading."""
    rows: Iterable[Candidate] = getattr(corpus, family)
    return [row for row in rows if row.venue == reading.venue and row.holds_on(reading.observed)]


def subject_of(fact: Candidate) -> str:
    """Return what a row is about, in words for a reader."""
    match fact:
        case Instrument():
            return fact.symbol
        case Ladder():
            parts = [fact.client_class, fact.schedule, fact.session, fact.side]
            named = [str(part) for part in parts if part and part != ClientClass.ANY]
            return " ".join([fact.instrument, *named])
        case LeverageCap():
            return f"{fact.instrument} {fact.product}"
        case Fee():
            return f"{fact.product} {fact.tier}"
        case FundingTerms():
            return fact.instrument


def _unexpired(reading: FamilyReading, day: date) -> FamilyReading:
    """Return a reading without contracts that expired before the day: a venue may list them on, none can be traded."""
    return replace(reading, facts=tuple(one for one in reading.facts if not _expired(one, day)))


def _expired(candidate: Candidate, day: date) -> bool:
    return isinstance(candidate, Instrument) and candidate.expiry is not None and candidate.expiry < day


def _compare_family(
    reading: FamilyReading, held: list[Candidate], instruments: list[Candidate]
) -> tuple[list[Change], int]:
    changes: list[Change] = []
    matched: set[int] = set()
    same = 0
    covered = [row for row in held if reading.covers(row)]
    general = ((reading.doubt,) if reading.doubt else ()) + doubts_about_lost_kinds(covered, reading.facts)
    for candidate in reading.facts:
        before = _match(candidate, held, matched)
        if before is None:
            if any(_is_covered(candidate, row) for row in held):
                same += 1
                continue
            added = _with_general_formula(candidate, held)
            doubts = general + doubts_about(None, added)
            changes.append(_change(Kind.NEW, reading.family, None, added, (), doubts))
            continue
        after = _fill(candidate, before)
        fields = tuple(_fields(before, after))
        if fields or (isinstance(before, Instrument) and before.derived):
            doubts = general + doubts_about(before, after)
            changes.append(_change(Kind.CHANGED, reading.family, before, after, fields, doubts))
        else:
            same += 1
    gone = [row for row in covered if id(row) not in matched]
    general += doubts_about_disappearance(len(gone), len(covered))
    for row in gone:
        doubts = general + doubts_about_remaining(row, (*reading.facts, *instruments))
        changes.append(_change(Kind.GONE, reading.family, row, None, (), doubts))
    return changes, same


def _change(
    kind: Kind,
    family: Family,
    before: Candidate | None,
    after: Candidate | None,
    fields: tuple[FieldChange, ...],
    doubts: tuple[str, ...],
) -> Change:
    fact = after or before
    if fact is None:
        raise ValueError("a change has a row before or after it")
    subject = subject_of(fact)
    return Change(kind=kind, family=family, subject=subject, before=before, after=after, fields=fields, doubts=doubts)


def _match(candidate: Candidate, held: list[Candidate], matched: set[int]) -> Candidate | None:
    """Return the row we hold about the candidate's subject, the closest one when several are."""
    rows = [row for row in held if id(row) not in matched and same_subject(candidate, row)]
    if not rows:
        return None
    best = min(rows, key=lambda row: _distance(candidate, row))
    matched.add(id(best))
    return best


def same_subject(one: Candidate, other: Candidate) -> bool:
    """Say whether a row we hold is about what a candidate is about."""
    match one, other:
        case Instrument(), Instrument():
            return one.symbol == other.symbol
        case Ladder(), Ladder():
            return other.usable and _ladder_subject(one) == _ladder_subject(other)
        case LeverageCap(), LeverageCap():
            special = (other.base, other.schedule, other.session, other.condition_id)
            general = other.client_class is ClientClass.ANY and other.jurisdiction == "*" and not any(special)
            modes = {one.margin_mode, MarginMode.ANY}
            same = one.product is other.product and one.instrument == other.instrument
            return general and same and other.margin_mode in modes
        case Fee(), Fee():
            if one.product is not other.product or other.schedule is not None:
                return False
            return one.tier == other.tier or one.min_volume_30d_usd == other.min_volume_30d_usd
        case FundingTerms(), FundingTerms():
            return one.product is other.product and one.instrument == other.instrument and other.variant is None
        case _:
            return False


def _ladder_subject(one: Ladder) -> tuple[object, ...]:
    return one.instrument, one.product, one.client_class, one.schedule, one.session, one.side


def _distance(candidate: Candidate, row: Candidate) -> int:
    """Rank rows about one subject: the same volume step before the same tier name, the same mode before any mode."""
    match candidate, row:
        case Fee(), Fee():
            same_step = candidate.min_volume_30d_usd == row.min_volume_30d_usd
            return (0 if same_step else 2) + (0 if candidate.tier == row.tier else 1)
        case LeverageCap(), LeverageCap():
            return 0 if candidate.margin_mode is row.margin_mode else 1
        case _:
            return 0


def _is_covered(candidate: Candidate, row: Candidate) -> bool:
    """Say whether a general row of ours ("*", "BTC-*") already says all that the candidate says."""
    if isinstance(candidate, LeverageCap) and isinstance(row, LeverageCap):
        wide = replace(row, instrument=candidate.instrument)
        applies = _applies(row.instrument, candidate.instrument) and same_subject(candidate, wide)
        return applies and not list(_fields(row, _fill(candidate, row)))
    if isinstance(candidate, FundingTerms) and isinstance(row, FundingTerms):
        applies = _applies(row.instrument, candidate.instrument) and candidate.product is row.product
        return applies and not list(_fields(row, _fill(candidate, row)))
    return False


def _with_general_formula(candidate: Candidate, held: list[Candidate]) -> Candidate:
    """Return new funding terms with the formula of the venue's general row, which speaks of every contract."""
    if isinstance(candidate, FundingTerms) and candidate.formula == FORMULA_UNREAD:
        for row in held:
            if isinstance(row, FundingTerms) and row.instrument == "*" and row.variant is None:
                return replace(candidate, formula=row.formula, interest_rate_8h=row.interest_rate_8h)
    return candidate


def _applies(pattern: str, symbol: str) -> bool:
    return "*" in pattern and fnmatchcase(symbol, pattern)


def _fill(candidate: Candidate, before: Candidate) -> Any:
    """Return the candidate with what its endpoint does not give taken from the row we hold."""
    given = {name: getattr(before, name) for name in _COMPARED[type(candidate)] if getattr(candidate, name) is None}
    match candidate, before:
        case Instrument(), Instrument():
            given |= {"unified": before.unified or candidate.unified, "max_size": before.max_size}
            if common_code(before.base) == candidate.base:
                given["base"] = before.base
        case Ladder(), Ladder():
            given["tiers"] = tuple(_fill_rungs(candidate.tiers, before.tiers))
        case LeverageCap(), LeverageCap():
            given["margin_mode"] = before.margin_mode
        case Fee(), Fee():
            given |= {"tier": before.tier, "min_holding": before.min_holding}
        case FundingTerms(), FundingTerms():
            given["interest_rate_8h"] = before.interest_rate_8h
            if candidate.formula == FORMULA_UNREAD:
                given["formula"] = before.formula
    return replace(candidate, **given)


def _fill_rungs(rungs: tuple[MarginTier, ...], before: tuple[MarginTier, ...]) -> Iterator[MarginTier]:
    """Yield rungs with unstated rates taken from the rung of equal bounds and leverage.

    An initial margin rate goes with the leverage, whatever the rung's bounds.
    """
    known = {(one.floor, one.cap, one.max_leverage): one for one in before}
    initial = {one.max_leverage: one.initial_margin_rate for one in before}
    for rung in rungs:
        same = known.get((rung.floor, rung.cap, rung.max_leverage))
        given = {name: getattr(same, name) for name in _CARRIED if same and getattr(rung, name) is None}
        if rung.initial_margin_rate is None:
            given["initial_margin_rate"] = initial.get(rung.max_leverage)
        yield replace(rung, **given) if given else rung


def _fields(before: Candidate, after: Candidate) -> Iterator[FieldChange]:
    for name in _COMPARED[type(after)]:
        old, new = getattr(before, name), getattr(after, name)
        if old != new:
            yield FieldChange(name=name, before=old, after=new)
    if isinstance(before, Ladder) and isinstance(after, Ladder):
        yield from _tier_fields(before.tiers, after.tiers)


def _tier_fields(before: tuple[MarginTier, ...], after: tuple[MarginTier, ...]) -> Iterator[FieldChange]:
    for number in range(max(len(before), len(after))):
        old = before[number] if number < len(before) else None
        new = after[number] if number < len(after) else None
        if old is None or new is None:
            yield FieldChange(name=f"tier {number + 1}", before=old, after=new)
            continue
        for name in _RUNG_FIELDS:
            was, becomes = getattr(old, name), getattr(new, name)
            unstated = becomes is None and name in _CARRIED
            if was != becomes and not unstated:
                yield FieldChange(name=f"tier {number + 1} {name}", before=was, after=becomes)
