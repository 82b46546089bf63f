"""Law files: one `law/<id>.toml` per jurisdiction, the registration list, and what underlyings are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from msgspec import Struct, structs

from data.curation.decode import NOTHING, decode
from data.curation.documents import Document, Row, read_document
from data.curation.facts import Sources, check_overlaps, decode_fact, read_sources
from data.curation.law_checks import check_law, check_uses
from data.curation.problems import Problems
from data.curation.venues import read_conflicts, read_gaps
from data.facts.coins import CoinName
from data.facts.corpus import Gap
from data.facts.fact import Conflict, Fact, Source
from data.facts.law import (
    Claim,
    ClientClassTest,
    Confidence,
    Firm,
    Jurisdiction,
    LawRule,
    RegistrationCategory,
    Underlying,
    UnderlyingKind,
)
from data.facts.venues import KINDS_OF_ENFORCEMENT, Enforcement, Registration

F = TypeVar("F", bound=Fact)

_REGISTRATION_KEY = ("venue", "regulator", "jurisdiction", "category", "entity", "described_as")
_ENFORCEMENT_KEY = ("venue", "regulator", "respondent", "kind", "date", "matter")
_GAP_FAMILIES = {"law", "registrations", "enforcement_actions", "client_classes"}


class LawFile(Struct, frozen=True, kw_only=True):
    """What one law file says."""

    document: Document
    sources: Sources
    jurisdiction: Jurisdiction | None
    rules: tuple[tuple[Row, LawRule], ...]
    client_classes: tuple[ClientClassTest, ...]
    claims: tuple[Claim, ...]
    firms: tuple[Firm, ...]
    registrations: tuple[Registration, ...]
    enforcement_actions: tuple[Enforcement, ...]
    conflicts: tuple[Conflict, ...]
    gaps: tuple[Gap, ...]


class LawFacts(Struct, frozen=True, kw_only=True):
    """What all law files say, each family in the order of files and rows. Fields are named as in the corpus."""

    sources: tuple[Source, ...] = ()
    law: tuple[LawRule, ...] = ()
    jurisdictions: tuple[Jurisdiction, ...] = ()
    client_classes: tuple[ClientClassTest, ...] = ()
    claims: tuple[Claim, ...] = ()
    registration_categories: tuple[RegistrationCategory, ...] = ()
    firms: tuple[Firm, ...] = ()
    underlyings: tuple[Underlying, ...] = ()
    coin_names: tuple[CoinName, ...] = ()
    registrations: tuple[Registration, ...] = ()
    enforcement_actions: tuple[Enforcement, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    gaps: tuple[Gap, ...] = ()


class _Kinds(Struct, frozen=True, kw_only=True):
    """A `[[underlyings]]` row: bases of one kind, and what their price follows where that is another."""

    kind: UnderlyingKind
    tracks: UnderlyingKind | None = None
    bases: tuple[str, ...]


class _Names(Struct, frozen=True, kw_only=True):
    """A `[[coin_names]]` row: bases of which one is so many of a coin."""

    coins: int
    bases: dict[str, str]


class _Underlyings(Struct, frozen=True, kw_only=True):
    """What `underlyings.toml` says."""

    kinds: tuple[Underlying, ...] = ()
    names: tuple[CoinName, ...] = ()


def read_law(
    folder: Path,
    venues: frozenset[str],
    groups: frozenset[str],
    problems: Problems,
    registrations: Sequence[Registration] = (),
) -> LawFacts:
    """Read every law file below the curated folder; `venues` and `groups` are the ids that rows may name.

    `registrations` are those of the venues' own files, with which the rules are compared.
    """
    categories = tuple(_read_categories(folder, problems))
    files = [read_law_file(folder, path, problems) for path in sorted((folder / "law").glob("*.toml"))]
    rules = [pair for file in files for pair in file.rules]
    check_law(rules, categories, venues, groups)
    check_uses(rules, categories, [*registrations, *(one for file in files for one in file.registrations)])
    for file in files:
        _check_names(file, {one.id for one in categories}, venues)
    underlyings = _read_underlyings(folder, problems)
    return LawFacts(
        sources=tuple(source for file in files for source in file.sources.all()),
        law=tuple(rule for file in files for _, rule in file.rules),
        jurisdictions=tuple(file.jurisdiction for file in files if file.jurisdiction),
        client_classes=tuple(one for file in files for one in file.client_classes),
        claims=tuple(one for file in files for one in file.claims),
        registration_categories=categories,
        firms=tuple(one for file in files for one in file.firms),
        underlyings=underlyings.kinds,
        coin_names=underlyings.names,
        registrations=tuple(one for file in files for one in file.registrations),
        enforcement_actions=tuple(one for file in files for one in file.enforcement_actions),
        conflicts=tuple(one for file in files for one in file.conflicts),
        gaps=tuple(one for file in files for one in file.gaps),
    )


def read_law_file(folder: Path, path: Path, problems: Problems) -> LawFile:
    """Read one law file; every problem in it is recorded."""
    document = read_document(folder, path, problems)
    sources = read_sources(document)
    rules = tuple((row, rule) for row in document.rows("rule") if (rule := _read_rule(row, sources)) is not None)
    check_overlaps(rules)
    registrations = list(_facts(document, "registration", Registration, sources, _REGISTRATION_KEY))
    check_overlaps(registrations)
    file = LawFile(
        document=document,
        sources=sources,
        jurisdiction=_read_jurisdiction(document, sources),
        rules=rules,
        client_classes=tuple(
            one
            for _, one in _facts(
                document, "client_class", ClientClassTest, sources, ("id",), {"jurisdiction": _id_of(document)}
            )
        ),
        claims=tuple(one for _, one in _facts(document, "claim", Claim, sources, ("id",))),
        firms=tuple(one for _, one in _facts(document, "firm", Firm, sources, ("id", "category"))),
        registrations=tuple(one for _, one in registrations),
        enforcement_actions=tuple(_read_enforcement(document, sources)),
        conflicts=tuple(read_conflicts(document, sources, _id_of(document), _GAP_FAMILIES)),
        gaps=tuple(read_gaps(document, _id_of(document), _GAP_FAMILIES)),
    )
    document.refuse_other_tables()
    return file


def _read_rule(row: Row, sources: Sources) -> LawRule | None:
    rule = decode_fact(row, LawRule, sources, ("id",))
    if rule is None:
        return None
    return structs.replace(rule, low_confidence=rule.confidence is Confidence.LOW)


def _facts(
    document: Document,
    table: str,
    kind: type[F],
    sources: Sources,
    key: tuple[str, ...],
    given: Mapping[str, object] = NOTHING,
) -> Iterator[tuple[Row, F]]:
    for row in document.rows(table):
        fact = decode_fact(row, kind, sources, key, given)
        if fact is not None:
            yield row, fact


def _read_enforcement(document: Document, sources: Sources) -> Iterator[Enforcement]:
    for row, action in _facts(document, "enforcement", Enforcement, sources, _ENFORCEMENT_KEY):
        row.is_among("kind", action.kind, KINDS_OF_ENFORCEMENT)
        yield action


def _id_of(document: Document) -> str:
    values = document.values.get("jurisdiction")
    return str(values.get("id")) if isinstance(values, dict) else document.scope


def _read_jurisdiction(document: Document, sources: Sources) -> Jurisdiction | None:
    row = document.row("jurisdiction")
    if row is None:
        return None
    names = row.values.get("sources", [])
    plain = row.holding({name: value for name, value in row.values.items() if name != "sources"})
    cited = tuple(full for name in names if (full := sources.cite(row, name)))
    return decode(plain, Jurisdiction, {"sources": cited, "scope": document.scope})


def _read_categories(folder: Path, problems: Problems) -> Iterator[RegistrationCategory]:
    path = folder / "registrations.toml"
    if not path.exists():
        return
    document = read_document(folder, path, problems)
    found: dict[str, tuple[Row, RegistrationCategory]] = {}
    for row in document.rows("category"):
        category = decode(row, RegistrationCategory)
        if category is not None and category.id in found:
            row.problem(f"category {category.id!r} stands twice")
        elif category is not None:
            found[category.id] = (row, category)
    for row, category in found.values():
        for name in (*category.implies, *category.may_include, *category.reached_through):
            if name not in found:
                row.problem(f"{name!r} is no category here")
        yield category
    document.refuse_other_tables()


def _read_underlyings(folder: Path, problems: Problems) -> _Underlyings:
    path = folder / "underlyings.toml"
    if not path.exists():
        return _Underlyings()
    document = read_document(folder, path, problems)
    read = _Underlyings(kinds=tuple(_read_kinds(document)), names=tuple(_read_coin_names(document)))
    document.refuse_other_tables()
    return read


def _read_kinds(document: Document) -> Iterator[Underlying]:
    seen: set[str] = set()
    for row in document.rows("underlyings"):
        kinds = decode(row, _Kinds)
        for base in kinds.bases if kinds else ():
            if base in seen:
                row.problem(f"{base!r} stands twice")
            seen.add(base)
            if kinds:
                yield Underlying(base=base, kind=kinds.kind, tracks=kinds.tracks)


def _read_coin_names(document: Document) -> Iterator[CoinName]:
    rows = [(row, names) for row in document.rows("coin_names") if (names := decode(row, _Names)) is not None]
    every = [base for _, names in rows for base in names.bases]
    for row, names in rows:
        if names.coins < 1:
            row.problem("coins: must be at least 1")
        for base, coin in names.bases.items():
            if every.count(base) > 1:
                row.problem(f"{base!r} stands twice")
            if coin in every:
                row.problem(f"{base!r} is named by {coin!r}, which is itself another name: give the coin's own")
            yield CoinName(base=base, coin=coin, coins=names.coins)


def _check_names(file: LawFile, categories: set[str], venues: frozenset[str]) -> None:
    for table in ("registration", "firm"):
        for row in file.document.rows(table):
            category = row.values.get("category")
            if category not in categories:
                row.problem(f"category: {category!r} is not in registrations.toml")
    for table in ("registration", "enforcement"):
        for row in file.document.rows(table):
            venue = row.values.get("venue")
            if venue is not None and venue not in venues:
                row.problem(f"venue: {venue!r} has no venue file")
