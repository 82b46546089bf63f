"""Rows into facts: sources resolved, keys built, dates in order, no subject said twice for the same day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, TypeVar

from data.curation.decode import NOTHING, decode
from data.curation.documents import Document, Row
from data.facts.dates import holds_on, last_day, render_partial_date
from data.facts.fact import Fact, Source

F = TypeVar("F", bound=Fact)


class Sources:
    """The sources of one file, by the short id its rows use."""

    def __init__(self, scope: str, by_id: dict[str, Source]) -> None:
        self.scope = scope
        self._by_id = by_id

    def all(self) -> tuple[Source, ...]:
        """Return the file's sources in their order."""
        return tuple(self._by_id.values())

    def resolve(self, row: Row, name: str) -> Source | None:
        """Return the source a row names; report when the file has none of that id."""
        if type(name) is not str or name not in self._by_id:
            row.problem(f"source {name!r} is not defined in {row.document.label}")
            return None
        return self._by_id[name]

    def find(self, name: str) -> Source | None:
        """Return the source with this short id."""
        return self._by_id.get(name)

    def cite(self, row: Row, name: str) -> str | None:
        """Return the full id of a source a row names; report when the file has none of that id."""
        source = self.resolve(row, name)
        return source.id if source else None


def read_sources(document: Document, scope: str | None = None) -> Sources:
    """Read the `[[source]]` rows of a file. Full ids are `<scope>.<id>`; the scope is the file's name."""
    scope = scope or document.scope
    found: dict[str, Source] = {}
    for row in document.rows("source"):
        short = row.values.get("id")
        values = {name: value for name, value in row.values.items() if name != "id"}
        source = decode(row.holding(values), Source, {"id": f"{scope}.{short}"})
        if not isinstance(short, str) or not short:
            row.problem("missing 'id'")
        elif short in found:
            row.problem(f"source id {short!r} stands twice")
        elif source:
            found[short] = source
    return Sources(scope, found)


def decode_fact(
    row: Row,
    kind: type[F],
    sources: Sources,
    key: Iterable[str],
    given: Mapping[str, object] = NOTHING,
    seen_on: date | None = None,
) -> F | None:
    """Return the row as a fact of type `kind`.

    `given` holds the fields that the reader knows (the venue, say). `key` names the fields whose values, joined with
    "|", identify the row's subject within its family. `source` and `also_sources` become full ids, `certain_from` is
    the last day that `valid_from` may mean, else `seen_on`, else the day from which the source is certain.
    """
    values = dict(row.values)
    source = _take_source(row, sources, values)
    also = _take_other_sources(row, sources, values)
    built = decode(
        row.holding(values),
        kind,
        {"key": "", "source": source.id if source else "", "also_sources": also, "certain_from": date.min, **given},
    )
    if built is None or source is None:
        return None
    check_order(row, built)
    return complete(built, source, key, seen_on)


def complete(fact: F, source: Source, key: Iterable[str], seen_on: date | None = None) -> F:
    """Return a fact with its key, and with the day from which it is certain (`seen_on` before the source's own)."""
    fields = {name: getattr(fact, name) for name in fact.__struct_fields__}
    fields["key"] = "|".join(_render(fields[name]) for name in key)
    begins = fact.valid_from and last_day(fact.valid_from, fact.valid_from_precision)
    fields["certain_from"] = begins or seen_on or source.certain_from
    return type(fact)(**fields)


def check_order(row: Row, fact: Fact) -> None:
    """Report a fact that would end before it begins."""
    if fact.valid_from and fact.valid_to and fact.valid_from >= fact.valid_to:
        begins = render_partial_date(fact.valid_from, fact.valid_from_precision)
        ends = render_partial_date(fact.valid_to, fact.valid_to_precision)
        row.problem(f"valid_from {begins} is not before valid_to {ends} (valid_to is exclusive)")


def check_overlaps(pairs: Iterable[tuple[Row, Fact]]) -> None:
    """Report facts of one family with the same key that hold on the same day."""
    by_key: dict[str, list[tuple[Row, Fact]]] = {}
    for row, fact in pairs:
        for other_row, other in by_key.setdefault(fact.key, []):
            if overlap(fact, other):
                row.problem(f"says the same subject as row {other_row.number} for overlapping dates ({fact.key})")
        by_key[fact.key].append((row, fact))


def overlap(one: Fact, other: Fact) -> bool:
    """Say whether two facts hold on a common day."""
    first, second = (one, other) if (one.valid_from or date.min) <= (other.valid_from or date.min) else (other, one)
    return holds_on(first.valid_from, first.valid_to, second.valid_from or date.min)


def _take_source(row: Row, sources: Sources, values: dict[str, Any]) -> Source | None:
    if "source" not in values:
        row.problem("missing 'source'")
        return None
    return sources.resolve(row, values.pop("source"))


def _take_other_sources(row: Row, sources: Sources, values: dict[str, Any]) -> tuple[str, ...]:
    names = values.pop("also_sources", [])
    if not isinstance(names, list):
        row.problem("also_sources: must be a list")
        return ()
    return tuple(full for name in names if (full := sources.cite(row, name)))


def _render(value: object) -> str:
    if isinstance(value, tuple):
        return "+".join(str(one) for one in value)
    return "" if value is None else str(value)
