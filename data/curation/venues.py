"""Venue files: one `venues/<id>.toml` with everything known about a venue but its margin tiers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

from msgspec import Struct

from data.curation.decode import UnreadableError, decode, decode_date
from data.curation.documents import Document, Row, read_document
from data.curation.facts import Sources, check_overlaps, decode_fact, read_sources
from data.curation.oddities import Oddities
from data.curation.problems import Problems
from data.facts.corpus import Gap, Verification
from data.facts.dates import last_day
from data.facts.fact import Conflict, Fact
from data.facts.impossible import impossible_values
from data.facts.iso_3166 import is_place
from data.facts.venues import (
    ALL_IN,
    ITEMISED,
    KINDS_OF_ENFORCEMENT,
    ONLY_REDUCES,
    SERVICE_IN_DOUBT,
    TAXES_ON_FEES,
    Access,
    AdlPolicy,
    Enforcement,
    Fee,
    FeeExtra,
    FundingTerms,
    Instrument,
    LeverageCap,
    LiquidationPolicy,
    MarginRule,
    Registration,
    StatusPeriod,
    Venue,
)
from data.facts.vocabulary import AccessKind


class Family(Struct, frozen=True):
    """One table of a venue file: the fact type of its rows and the fields that name a row's subject."""

    table: str
    name: str
    """Its field of the corpus."""
    kind: type[Fact]
    key: tuple[str, ...]


FAMILIES = (
    Family("instrument", "instruments", Instrument, ("venue", "symbol")),
    Family(
        "leverage_cap",
        "leverage_caps",
        LeverageCap,
        (
            "venue",
            "product",
            "instrument",
            "base",
            "margin_mode",
            "client_class",
            "jurisdiction",
            "schedule",
            "session",
            "condition_id",
        ),
    ),
    Family("fee", "fees", Fee, ("venue", "product", "schedule", "tier")),
    Family("fee_extra", "fee_extras", FeeExtra, ("venue", "product", "kind", "instrument", "asset", "per")),
    Family("funding", "funding_terms", FundingTerms, ("venue", "product", "instrument", "variant")),
    Family("margin_rule", "margin_rules", MarginRule, ("venue", "product", "contract_type", "variant")),
    Family(
        "liquidation",
        "liquidation_policies",
        LiquidationPolicy,
        ("venue", "product", "margin_mode", "contract_type", "variant"),
    ),
    Family("adl", "adl_policies", AdlPolicy, ("venue", "product", "variant")),
    Family(
        "registration",
        "registrations",
        Registration,
        ("venue", "regulator", "jurisdiction", "category", "entity", "described_as"),
    ),
    Family(
        "access",
        "access",
        Access,
        ("venue", "jurisdiction", "products", "client_classes", "access", "condition_id"),
    ),
)

LADDERS = "ladders"
MARGIN_TIERS = "margin_tiers"
"""What the coverage and the age of facts call the ladders."""


class VenueFile(Struct, kw_only=True):
    """What one venue file says, before its margin tiers are added."""

    document: Document
    sources: Sources
    venue: Venue | None
    facts: dict[str, list[Fact]]
    """Facts by field of the corpus."""
    conflicts: list[Conflict]
    gaps: list[Gap]
    verified: dict[str, Verification]
    oddities: Oddities

    @property
    def id(self) -> str:
        """The venue's id, which is the file's name."""
        return self.document.scope


def read_venue_file(folder: Path, path: Path, problems: Problems) -> VenueFile:
    """Read and check one venue file."""
    document = read_document(folder, path, problems)
    sources = read_sources(document)
    facts: dict[str, list[Fact]] = {}
    for family in FAMILIES:
        pairs = list(_read_family(document, family, sources))
        check_overlaps(pairs)
        facts[family.name] = [fact for _, fact in pairs]
    facts["enforcement_actions"] = list(_read_enforcement(document, sources))
    found = VenueFile(
        document=document,
        sources=sources,
        venue=_read_venue(document, sources),
        facts=facts,
        conflicts=list(read_conflicts(document, sources, document.scope, {*facts, MARGIN_TIERS})),
        gaps=list(read_gaps(document, document.scope, {*facts, MARGIN_TIERS, "venues"})),
        verified=_read_verified(document, {*facts, MARGIN_TIERS}),
        oddities=Oddities(document),
    )
    document.refuse_other_tables()
    return found


def verifications(file: VenueFile, facts: dict[str, list[Fact]]) -> Iterator[Verification]:
    """Yield the last day each family of a venue was compared with its sources.

    That is what a `[[verified]]` row says, else the newest day on which a source of the family was read.
    """
    seen = {source.id: source.seen for source in file.sources.all()}
    for field, rows in facts.items():
        name = MARGIN_TIERS if field == LADDERS else field
        if name in file.verified:
            yield file.verified[name]
            continue
        days = [seen[row.source] for row in rows if row.source in seen]
        if days:
            yield Verification(venue=file.id, family=name, last_verified=max(days))


def read_conflicts(document: Document, sources: Sources, subject: str, families: set[str]) -> Iterator[Conflict]:
    """Yield the `[[conflict]]` rows of a file about `subject`; a `family` must be one of `families`."""
    keys: set[str] = set()
    for row in document.rows("conflict"):
        kept = _cite(row, sources, "kept_source")
        other = _cite(row, sources, "other_source")
        key = f"{subject}|{row.values.get('fact')}"
        if key in keys:
            row.problem("says the same conflict twice")
        keys.add(key)
        values = {name: one for name, one in row.values.items() if name not in ("kept_source", "other_source")}
        plain = row.holding(values)
        given = {"key": key, "subject": subject, "kept_source": kept or "", "other_source": other or ""}
        conflict = decode(plain, Conflict, given)
        if conflict and (conflict.family is None or row.is_among("family", conflict.family, sorted(families))):
            yield conflict


def read_gaps(document: Document, subject: str, families: set[str]) -> Iterator[Gap]:
    """Yield the `[[gap]]` rows of a file about `subject`; `family` must be one of `families`."""
    for row in document.rows("gap"):
        gap = decode(row, Gap, {"subject": subject})
        if gap and row.is_among("family", gap.family, sorted(families)):
            yield gap


def _read_family(document: Document, family: Family, sources: Sources) -> Iterator[tuple[Row, Fact]]:
    for row in document.rows(family.table):
        plain, edition = _take_edition(row) if family.kind is Access else (row, None)
        fact = decode_fact(plain, family.kind, sources, family.key, {"venue": document.scope}, edition)
        if fact is None:
            continue
        check_fact(row, fact)
        if isinstance(fact, LeverageCap | FeeExtra | FundingTerms) and "," in (fact.instrument or ""):
            row.problem("instrument: one native symbol a row")  # those that dYdX lists by machine may hold a comma
        yield row, fact


def _take_edition(row: Row) -> tuple[Row, date | None]:
    """Return a row without its `as_of`, and that: the day of the edition of the terms that shows it."""
    if "as_of" not in row.values:
        return row, None
    plain = row.holding({**row.values})
    try:
        edition, precision = decode_date(plain.values.pop("as_of"), "as_of", row.problem)
    except UnreadableError:
        return plain, None
    if "valid_from" in row.values:
        row.problem("as_of: says when a row was first seen whose start is unknown, and valid_from gives its start")
    return plain, last_day(edition, precision)


_A_DAY = timedelta(days=1)


def check_fact(row: Row, fact: Fact) -> None:
    """Report impossible values, and what no single field shows to be wrong."""
    for message in impossible_values(fact):
        row.problem(message)
    match fact:
        case Access(access=AccessKind.CONDITIONAL, condition=None):
            row.problem("conditional access needs its 'condition'")
        case Access(access=AccessKind.CONDITIONAL) if (fact.condition or "").endswith("."):
            row.problem("condition: leave out the full stop at its end, which sentences add")
        case Access(access=AccessKind.CONDITIONAL) if not _can_be_vouched_for(fact):
            row.problem(f"condition: say what must hold, beginning {' or '.join(map(repr, SUBJECTS_OF_CONDITIONS))}")
        case Access() if fact.condition_id == ONLY_REDUCES and not fact.open_to_reduce:
            row.problem(f"condition_id {ONLY_REDUCES!r} is for refusals that leave closing open")
        case Access() if (fact.nationals or fact.exempt) and fact.access is not AccessKind.PROHIBITED:
            row.problem("'nationals' and 'exempt' are for refusals")
        case Access() if fact.nationals and "-" in fact.jurisdiction:
            row.problem("nationals: no one is a citizen of a part of a country")
        case Access() | LeverageCap() if fact.condition_id and not fact.condition:
            row.problem("condition_id needs the 'condition' it stands for")
        case LeverageCap() if fact.max_leverage < 1:
            row.problem("max_leverage: must be at least 1")
        case LeverageCap() if fact.base and fact.instrument != "*":
            row.problem('base: only a cap for instrument "*" is limited to an underlying')
        case Fee(maker=None, taker=None) if fact.schedule is None or fact.note is None:
            row.problem("a row without rates says whose fee is not known: it needs a 'schedule' and a 'note'")
        case FeeExtra() if fact.rate is None and fact.amount is None and fact.described_as is None:
            row.problem("needs a 'rate', an 'amount' or 'described_as'")
        case FeeExtra() if (fact.amount is None) != (fact.currency is None):
            row.problem("'amount' and 'currency' go together")
        case FeeExtra() if (fact.kind in TAXES_ON_FEES) != (fact.residence is not None):
            row.problem("'residence' goes with a tax on fees, and with no other charge")
        case FeeExtra(residence=str() as place) if not is_place(place):
            row.problem(f"residence: {place!r} is no place")
        case FeeExtra(rate=None) if fact.kind in TAXES_ON_FEES:
            row.problem("rate: a tax on fees is a rate of the fee")
        case FeeExtra() if fact.kind in (*ITEMISED, ALL_IN) and fact.currency not in (None, "USD"):
            row.problem("currency: a charge per contract is added to fees in dollars, and must be in USD")
        case FundingTerms(interval_hours=None) if fact.instrument != "*":
            row.problem("interval_hours: only terms of every instrument may leave it open")
        case FundingTerms(interval_hours=None) if fact.cap is not None or fact.floor is not None:
            row.problem("cap and floor are those of an interval, and none is given")
        case Instrument() if (fact.contract_size is None) != (fact.contract_size_unit is None):
            row.problem("'contract_size' and 'contract_size_unit' go together")
        case Instrument(expiry=date() as expiry) if fact.valid_to is None or fact.valid_to > expiry + _A_DAY:
            row.problem(f"valid_to: a contract is listed to its expiry at most, so no later than {expiry + _A_DAY}")


SUBJECTS_OF_CONDITIONS = ("the client", "the account", "the order", "the contract")
"""How a condition of access begins. A caller vouches for its words: what is told of the venue stands in the note."""


def _can_be_vouched_for(row: Access) -> bool:
    """Say whether a condition speaks of what the caller knows; one of a place in doubt tells why it is in doubt."""
    return row.condition_id == SERVICE_IN_DOUBT or (row.condition or "").startswith(SUBJECTS_OF_CONDITIONS)


def _read_venue(document: Document, sources: Sources) -> Venue | None:
    row = document.row("venue")
    periods = _read_status(document, sources)
    venue = decode(row, Venue, {"status": periods}) if row else None
    if venue and row and venue.id != document.scope:
        row.problem(f"id {venue.id!r} is not the file's name")
    return venue


def _read_status(document: Document, sources: Sources) -> tuple[StatusPeriod, ...]:
    periods: list[StatusPeriod] = []
    for row in document.rows("status"):
        values = dict(row.values)
        source = values.pop("source", None)
        if source is None:
            row.problem("missing 'source'")
        full = sources.cite(row, source) if source is not None else None
        period = decode(row.holding(values), StatusPeriod, {"source": full})
        if period is None:
            continue
        if periods and (period.valid_from or date.min) <= (periods[-1].valid_from or date.min):
            row.problem("valid_from is not after that of the period before")
        if period.successor and period.state != "migrated":
            row.problem("only a migrated venue has a successor")
        periods.append(period)
    if not periods and document.readable:
        document.problems.add(document.label, "needs at least one [[status]]")
    return tuple(periods)


def _read_enforcement(document: Document, sources: Sources) -> Iterator[Fact]:
    for row in document.rows("enforcement"):
        fact = decode_fact(
            row, Enforcement, sources, ("venue", "regulator", "respondent", "kind", "date"), {"venue": document.scope}
        )
        if fact and row.is_among("kind", fact.kind, KINDS_OF_ENFORCEMENT):
            yield fact


def _read_verified(document: Document, families: set[str]) -> dict[str, Verification]:
    found: dict[str, Verification] = {}
    for row in document.rows("verified"):
        one = decode(row, Verification, {"venue": document.scope})
        if one is None or not row.is_among("family", one.family, sorted(families)):
            continue
        if one.family in found:
            row.problem(f"family {one.family!r} stands twice")
        else:
            found[one.family] = one
    return found


def _cite(row: Row, sources: Sources, name: str) -> str | None:
    if name not in row.values:
        row.problem(f"missing {name!r}")
        return None
    return sources.cite(row, row.values[name])
