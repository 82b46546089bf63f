"""What a list of facts is: its filters, its shape, and what it promises.

`api.routes.facts_answering` answers every list alike; what is special about one (the tier that holds a notional) comes
in through `narrow`, `compute` or `special`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from msgspec import Struct

from api.caching import Answer
from api.openapi.promises import Parameter
from api.queries import DEFAULT_LIMIT, MAX_LIMIT, Query
from api.reading import Reading
from api.representations.negotiation import FORMATS, Format
from api.routes.facts_filters import Filter
from data.releases import ReleaseStore

ALL = 0
"""A limit of `all`: every row, streamed."""


class Narrowed(Struct, frozen=True, kw_only=True):
    """What a list makes of parameters of its own.

    `parameters` go to the query (and tell one question from another), `notes` to the answer, `carried` to `compute` or
    `special`; `reading` takes the place of the request's.
    """

    parameters: dict[str, object] = {}
    notes: tuple[str, ...] = ()
    carried: object = None
    reading: Reading | None = None


Narrow = Callable[[Query, Reading, Mapping[str, object], ReleaseStore], Awaitable[Narrowed]]


class Listing(Struct, frozen=True, kw_only=True):
    """One list of facts.

    `query` names the SQL file and the family of facts; `row` and `page` are the shapes on the wire. Columns in `json`
    hold JSON text. `narrow` turns parameters that are no plain filters into parameters of the query.
    """

    path: str
    query: str
    operation_id: str
    summary: str
    description: str
    row: type[Struct]
    page: type[Struct]
    filters: tuple[Filter, ...] = ()
    json: frozenset[str] = frozenset()
    expandable: bool = True
    extra: tuple[Parameter, ...] = ()
    other_answers: tuple[Any, ...] = ()
    """Types of the answers that `special` gives."""
    narrow: Narrow | None = None
    added: tuple[str, ...] = ()
    """Columns that `add` puts into every row of the query."""
    add: Callable[[Reading, Mapping[str, Any]], Mapping[str, Any]] | None = None
    compute: Callable[[Asked], Sequence[Struct]] | None = None
    """Gives all rows of a list that is computed, not queried."""
    special: Callable[[Asked], Awaitable[Answer | None]] | None = None
    """Answers a view of its own, null when the list itself is asked for."""
    dated: bool = True
    """Whether the rows have dates, so that `as_of` narrows the list."""
    remembered: bool = True
    """Whether equal questions to one release have equal answers."""
    tag: str = "facts"


class Asked(Struct, frozen=True, kw_only=True):
    """One request for a list, read and checked."""

    listing: Listing
    reading: Reading
    parameters: dict[str, object]
    """Parameters of the SQL query, but for the page."""
    limit: int
    after: int
    chosen: Format
    expand: bool
    question: str
    notes: tuple[str, ...]
    carried: object


def chosen_in(parameters: Mapping[str, object], name: str) -> list[str] | None:
    """Return the values that a list is filtered for by a parameter; null where it is not."""
    values = parameters[name]
    return values if isinstance(values, list) else None


ANSWER_HEADERS = {
    "Preclear-Release": "Id of the release that was read.",
    "Preclear-As-Of": "The day that was asked about.",
    "ETag": "Strong entity tag; send it back in `If-None-Match`.",
    "Cache-Control": "`immutable` when the request pins a release.",
    "Expires": "Midnight UTC where the request pins a release and no day.",
}
NEXT_CURSOR = {"Preclear-Next-Cursor": "`cursor` of the next page, in every format; absent on the last one."}

AS_OF_PARAMETER = Parameter(
    name="as_of",
    description="Day whose facts are asked about, YYYY-MM-DD; default today in UTC.",
    schema={"type": "string", "format": "date"},
    example="2026-06-01",
)
RELEASE_PARAMETER = Parameter(
    name="release",
    description="Id of the release to read, or `latest`.",
    schema={"type": "string", "pattern": "^(latest|rel_[0-9a-f]{12})$", "default": "latest"},
    example="latest",
)


def page_parameters(listing: Listing) -> tuple[Parameter, ...]:
    """Return the parameters that every list takes beside its filters."""
    expand = Parameter(
        name="expand",
        description="`source` puts the source itself in place of its id.",
        schema={"type": "string", "enum": ["source"]},
        component="Expand",
    )
    return (
        AS_OF_PARAMETER,
        RELEASE_PARAMETER,
        *((expand,) if listing.expandable else ()),
        Parameter(
            name="limit",
            description=f"Most rows of the page, 1 to {MAX_LIMIT}; `all` streams every row (not as JSON).",
            schema={
                "anyOf": [{"type": "integer", "minimum": 1, "maximum": MAX_LIMIT}, {"type": "string", "const": "all"}]
            },
            example=DEFAULT_LIMIT,
        ),
        Parameter(
            name="cursor",
            description="`next_cursor` of the page before. It pins the release and the day of the first page.",
            schema={"type": "string", "pattern": "^[A-Za-z0-9_-]{1,400}$"},
        ),
        Parameter(
            name="format",
            description="Representation, instead of `Accept`.",
            schema={"type": "string", "enum": list(FORMATS), "description": "Representation of a list."},
            component="ListFormat",
        ),
    )
