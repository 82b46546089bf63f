"""Compare our facts of a venue with a second source that the user has, and register where they disagree.

A second source is a dump of ccxt's `fetchLeverageTiers`, one of freqtrade's leverage-tier files, or another release. It
is read into the same candidates as a venue's own API, so that both are compared in the same way; nothing of ours is
changed by it.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from data.curation.problems import Problems
from data.curation.venues import read_venue_file
from data.facts.corpus import Corpus
from data.facts.fact import Fact
from data.facts.venues import Instrument, Ladder
from data.facts.vocabulary import ClientClass
from data.refresh.acceptance import Acceptance
from data.refresh.building import Rung, tiers_of
from data.refresh.candidates import Candidate, Citation, Family, FamilyReading, VenueReading
from data.refresh.cells import free_id, source_row
from data.refresh.client import Response, Retrieved
from data.refresh.curated_text import TomlText
from data.refresh.decoding import Loose, decode
from data.refresh.differences import Change, Kind, VenueDifferences
from data.refresh.errors import ShapeError

SHOWN_FIELDS = 3
CONTRACTS = "contracts"


class Disagreement(Struct, frozen=True, kw_only=True):
    """One subject on which the second source says something else."""

    fact: str
    kept: str
    other: str
    kept_source: str
    """Short id of our row's source."""


class _Info(Struct, frozen=True):
    unit: Any = None
    """What the ladder counts, as `view=ccxt` of `/v1/margin-tiers` says it; ccxt's own dumps do not."""


class _Tier(Struct, frozen=True, rename="camel"):
    min_notional: Loose
    max_notional: Loose | None
    maintenance_margin_rate: Loose
    max_leverage: Loose
    maint_amt: Loose | None = None
    currency: str | None = None
    info: _Info | None = None

    @property
    def is_of_contracts_turned(self) -> bool:
        """Say whether sizes in contracts have been turned into coins or a currency, as `view=ccxt` turns them."""
        return self.info is not None and self.info.unit == CONTRACTS and self.currency != CONTRACTS


_Tiers = dict[str, list[_Tier]]


class _FreqtradeCache(Struct, frozen=True):
    data: _Tiers


def read_tier_file(path: Path, venue: str, corpus: Corpus, day: date) -> VenueReading:
    """Return the ladders of a ccxt or freqtrade tier file as a reading of `venue`.

    Symbols are unified (`BTC/USDT:USDT`); those that we hold no ladder of are named in the remarks.

    Raises:
        RefreshError: the file is not JSON of either shape.
    """
    body = path.read_bytes()
    retrieved = Retrieved(
        url=path.name,
        at=datetime.now(UTC).replace(microsecond=0),
        sha256=hashlib.sha256(body).hexdigest(),
        size=len(body),
        unchanged=False,
    )
    tiers = _decode(Response(body=body, retrieved=retrieved))
    held = _held_ladders(corpus, venue, day)
    sizes = {one.symbol: one.contract_size for one in corpus.instruments if one.venue == venue and one.holds_on(day)}
    facts: list[Candidate] = []
    unknown: list[str] = []
    for symbol, rows in tiers.items():
        ours = held.get(symbol)
        if ours is None:
            unknown.append(symbol)
        else:
            size = sizes.get(ours.instrument)
            counted = [_in_contracts(row, size) if size and row.is_of_contracts_turned else row for row in rows]
            facts.append(_ladder(ours, symbol, counted, path.name))
    covered = {fact.instrument for fact in facts if isinstance(fact, Ladder)}
    remarks = (
        [f"{len(unknown)} of its symbols have no ladder here: {', '.join(sorted(unknown)[:5])}"] if unknown else []
    )
    missing = sorted(one.instrument for one in held.values() if one.instrument not in covered)
    if missing:
        remarks.append(f"{len(missing)} of our ladders are not in it: {', '.join(missing[:5])}")
    citation = Citation(url=f"file:{path.name}", at=retrieved.at, sha256=retrieved.sha256, pages=1)
    family = FamilyReading(family=Family.LADDERS, facts=tuple(facts), covers=_nothing, citation=citation)
    return VenueReading(venue=venue, observed=day, families=(family,), remarks=tuple(remarks))


def reading_of_release(other: Corpus, release: str, sha256: str, venue: str, day: date) -> VenueReading:
    """Return what another release holds about a venue on `day`, as a reading."""
    citation = Citation(url=f"release:{release}", at=datetime.now(UTC).replace(microsecond=0), sha256=sha256, pages=1)
    families = tuple(
        FamilyReading(
            family=family,
            facts=tuple(row for row in getattr(other, family) if row.venue == venue and row.holds_on(day)),
            covers=_nothing,
            citation=citation,
        )
        for family in Family
    )
    return VenueReading(venue=venue, observed=day, families=families)


def disagreements(differences: VenueDifferences) -> list[Disagreement]:
    """Return where the second source says something else about what we hold."""
    return [_disagreement(change) for change in differences.changes if change.kind is Kind.CHANGED and change.fields]


def register(folder: Path, differences: VenueDifferences, found: list[Disagreement]) -> Acceptance:
    """Return the venue's file with the disagreements in its conflict register; one registered before is renewed."""
    venue, day = differences.venue, differences.reading.observed
    path = folder / "venues" / f"{venue}.toml"
    file = read_venue_file(folder, path, Problems())
    text = TomlText(path.read_text(encoding="utf-8"))
    citation = differences.reading.families[0].citation
    taken = {source.id.removeprefix(f"{venue}.") for source in file.sources.all()}
    name = free_id(f"crosscheck_{day:%Y_%m_%d}", taken)
    row = source_row(name, "user's second source", citation, day)
    text.append("source", row | {"title": f"Second source {citation.url}", "evidence": "secondary"})
    known = [conflict.fact for conflict in file.conflicts]
    for one in found:
        values = {
            "fact": one.fact,
            "kept": one.kept,
            "other": one.other,
            "kept_source": one.kept_source,
            "other_source": name,
            "why": f"Found by a cross-check on {day}; ours stands until the venue's own answer decides.",
        }
        if one.fact in known:
            for field, value in values.items():
                text.set("conflict", known.index(one.fact) + 1, field, value)
        else:
            text.append("conflict", values)
    files = {path.relative_to(folder).as_posix(): str(text)}
    return Acceptance(venue=venue, files=files, accepted=(), refused=(), verified=())


def _decode(response: Response) -> _Tiers:
    """Decode the shape that the top level shows: freqtrade's cache wraps the tiers in `data`."""
    top = decode(response, dict[str, msgspec.Raw])
    if "data" in top and "updated" in top:
        return decode(response, _FreqtradeCache).data
    return decode(response, _Tiers)


def _held_ladders(corpus: Corpus, venue: str, day: date) -> dict[str, Ladder]:
    """Return our general ladders by unified symbol."""
    names = {
        one.symbol: one.unified
        for one in corpus.instruments
        if isinstance(one, Instrument) and one.venue == venue and one.unified and one.holds_on(day)
    }
    return {
        names[one.instrument]: one
        for one in corpus.ladders
        if one.venue == venue
        and one.holds_on(day)
        and one.usable
        and one.instrument in names
        and (one.schedule, one.session, one.side, str(one.client_class)) == (None, None, None, "any")
    }


def _in_contracts(row: _Tier, size: Decimal) -> _Tier:
    """Return a tier with its sizes in contracts again, as the venue counts them and as we keep them."""
    cap = row.max_notional
    return msgspec.structs.replace(
        row, min_notional=row.min_notional / size, max_notional=None if cap is None else cap / size
    )


def _ladder(ours: Ladder, symbol: str, rows: list[_Tier], name: str) -> Ladder:
    rungs = [
        Rung(
            cap=row.max_notional,
            max_leverage=row.max_leverage,
            maintenance_margin_rate=row.maintenance_margin_rate,
            maintenance_amount=row.maint_amt,
        )
        for row in rows
    ]
    tiers = tuple(tiers_of(ours.instrument, rungs, name))
    if sorted(row.min_notional for row in rows) != [tier.floor for tier in tiers]:
        raise ShapeError(f"{symbol}: the tiers do not meet", name)
    return Ladder(
        key="",
        source="",
        certain_from=date.min,
        venue=ours.venue,
        instrument=ours.instrument,
        product=ours.product,
        contract_type=ours.contract_type,
        settle=ours.settle,
        unit=ours.unit,
        client_class=ClientClass.ANY,
        complete=ours.complete,
        tiers=tiers,
    )


def _disagreement(change: Change) -> Disagreement:
    before = change.before
    if before is None:
        raise ValueError("a disagreement is about a row that we hold")
    shown = change.fields[:SHOWN_FIELDS]
    more = f"; and {len(change.fields) - len(shown)} more" if len(change.fields) > len(shown) else ""
    return Disagreement(
        fact=f"{change.family} of {change.subject}",
        kept="; ".join(f"{field.name} {_words(field.before)}" for field in shown) + more,
        other="; ".join(f"{field.name} {_words(field.after)}" for field in shown) + more,
        kept_source=before.source.removeprefix(f"{before.venue}."),
    )


def _words(value: object) -> str:
    match value:
        case None:
            return "none"
        case Struct() if hasattr(value, "max_leverage"):
            return f"to {getattr(value, 'cap', None) or 'any size'} at {value.max_leverage}x"
        case _:
            return str(value)


def _nothing(_fact: Fact) -> bool:
    return False
