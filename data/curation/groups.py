"""Groups of countries: `groups.toml` with dated memberships."""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct

from data.curation.decode import decode
from data.curation.documents import read_document
from data.curation.facts import check_overlaps, decode_fact, read_sources
from data.curation.problems import Problems
from data.curation.venues import read_gaps
from data.facts.corpus import Gap, Membership
from data.facts.fact import Source


class Group(Struct, frozen=True, kw_only=True):
    """A `[[group]]` row: a name that memberships may use."""

    id: str
    name: str
    note: str | None = None


class GroupFacts(Struct, frozen=True, kw_only=True):
    """What the file says."""

    sources: tuple[Source, ...]
    groups: frozenset[str]
    """Ids of the groups."""
    memberships: tuple[Membership, ...]
    gaps: tuple[Gap, ...]


def read_groups(folder: Path, problems: Problems) -> GroupFacts:
    """Read `groups.toml`; nothing when there is none."""
    path = folder / "groups.toml"
    if not path.exists():
        return GroupFacts(sources=(), groups=frozenset(), memberships=(), gaps=())
    document = read_document(folder, path, problems)
    sources = read_sources(document)
    known = {group.id for row in document.rows("group") if (group := decode(row, Group))}
    pairs = []
    for row in document.rows("membership"):
        fact = decode_fact(row, Membership, sources, ("group", "member"))
        if fact is None:
            continue
        if fact.group not in known:
            row.problem(f"group: {fact.group!r} has no [[group]] row")
        if len(fact.member) != 2 or not fact.member.isupper():
            row.problem(f"member: {fact.member!r} is not an ISO 3166-1 alpha-2 code")
        pairs.append((row, fact))
    check_overlaps(pairs)
    gaps = tuple(read_gaps(document, "groups", {"memberships"}))
    document.refuse_other_tables()
    return GroupFacts(
        sources=sources.all(),
        groups=frozenset(known),
        memberships=tuple(fact for _, fact in pairs),
        gaps=gaps,
    )
