"""What every list has, as it goes over the wire: pages of rows, and what a row of facts says beside its own fields."""

from __future__ import annotations

import datetime as dt

import msgspec
from msgspec import Struct

from data.facts.dates import Precision
from data.facts.fact import Source


class FactRow(Struct, frozen=True, kw_only=True):
    """What every row of facts has: when it holds, and who says so."""

    key: str
    """Identifies the row's subject within its list, stable between releases."""
    valid_from: dt.date | None
    """The first day the row holds; null is an unknown start."""
    valid_from_precision: Precision
    """How exactly the source states the start."""
    valid_to: dt.date | None
    """The first day it no longer holds; null is still in force."""
    valid_to_precision: Precision
    """How exactly the source states the end."""
    certain_from: dt.date
    """`valid_from` (the last day of its month or year where no day is known); where that is null, the day of the
    edition or recording that shows the row, else the date of the source."""
    extrapolated: bool
    """True where `as_of` lies before `certain_from`: the row is taken to have held then already. Never of one that was
    announced by then and begins later."""
    low_confidence: bool
    """Whether the source leaves doubt."""
    source: str | Source
    """Id of `/v1/sources`; with `expand=source` the source itself."""
    also_sources: tuple[str, ...]
    """Ids of further sources that say the same."""
    note: str | None
    """What else there is to know; null for nothing."""


class ListMeta(Struct, frozen=True, kw_only=True):
    """What a list was read from, and how to get the next page."""

    release: str
    as_of: dt.date
    count: int
    next_cursor: str | None
    notes: tuple[str, ...]
    """What to know about the answer as a whole: nothing on file, a size that could not be converted."""


def list_of(row: type[Struct], name: str, what: str) -> type[Struct]:
    """Return the Struct of a page of such rows, for the OpenAPI document."""
    return msgspec.defstruct(
        name,
        [("data", tuple[row, ...]), ("meta", ListMeta)],  # type: ignore[valid-type]
        namespace={"__doc__": f"A page of {what}."},
        frozen=True,
        kw_only=True,
        module=__name__,
    )
