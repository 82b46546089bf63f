"""Typed margin models: `margin_models/<venue>.toml`, one `[[model]]` per formula a venue uses.

A row names its kind in `model` and its source by an id of the venue's own file or of a `[[source]]` beside it. A file
whose name is no venue of ours (or `generic`) describes a model for explicit terms; its sources stand beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from msgspec import Struct

from data.curation.documents import Document, Row, read_document
from data.curation.facts import Sources, check_overlaps, decode_fact, read_sources
from data.curation.problems import Problems
from data.facts.fact import Fact, Source
from data.facts.margin_models import MODEL_KINDS, AnyMarginModel, MarginModel

FOLDER = "margin_models"

_KINDS: Mapping[str, type[MarginModel]] = {str(kind.__struct_config__.tag): kind for kind in MODEL_KINDS}
_KEY = ("venue", "products", "contract_types", "margin_modes")


class MarginModelFacts(Struct, frozen=True, kw_only=True):
    """What the files say."""

    sources: tuple[Source, ...]
    models: tuple[AnyMarginModel, ...]


def read_margin_models(folder: Path, venue_sources: Mapping[str, Sources], problems: Problems) -> MarginModelFacts:
    """Read every file of `margin_models/`. `venue_sources` are the sources of the venue files, by venue id."""
    sources: list[Source] = []
    models: list[AnyMarginModel] = []
    for path in sorted((folder / FOLDER).glob("*.toml")):
        document = read_document(folder, path, problems)
        own = read_sources(document, f"{document.scope}.margin")
        pairs = list(_rows(document, _together(document.scope, own, venue_sources.get(document.scope))))
        check_overlaps(pairs)
        document.refuse_other_tables()
        sources += own.all()
        models += [fact for _, fact in pairs]
    return MarginModelFacts(sources=tuple(sources), models=tuple(models))


def _together(scope: str, own: Sources, venue: Sources | None) -> Sources:
    """Return the sources of a file and of its venue under their short ids; the file's own come first."""
    named = {} if venue is None else {source.id.removeprefix(f"{scope}."): source for source in venue.all()}
    named.update({source.id.removeprefix(f"{own.scope}."): source for source in own.all()})
    return Sources(own.scope, named)


def _rows(document: Document, sources: Sources) -> Iterable[tuple[Row, AnyMarginModel]]:
    for row in document.rows("model"):
        kind = _KINDS.get(str(row.values.get("model")))
        if kind is None:
            row.problem(f"model: must be one of {', '.join(_KINDS)}")
            continue
        fact: Fact | None = decode_fact(row, kind, sources, _KEY, {"venue": document.scope})
        if fact is not None:
            yield row, fact  # type: ignore[misc]
