"""What a route promises: declared beside the handler, read by `api.openapi.document`.

Handlers read and write bytes (`api.transport.bodies`, `api.encoding`), so that digits survive and nothing is encoded
twice. What they take and give is declared here instead, and the OpenAPI document is made from it:

    @get("/v1/things", operation_id="listThings", tags=["facts"], opt=promise(answer=ThingList, problems=(INVALID,)))
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from api.problems import ProblemType

NDJSON = "application/x-ndjson"


class Parameter(Struct, frozen=True, kw_only=True):
    """A query, path or header parameter. `schema` is a JSON Schema; `example` a value that works."""

    name: str
    description: str
    schema: Mapping[str, Any]
    where: str = "query"
    required: bool = False
    repeated: bool = False
    most: int | None = None
    """How often it may be repeated; null for no bound of its own."""
    example: str | int | None = None
    component: str | None = None
    """Name of the component that its schema is kept as, where several operations take it."""


class Promise(Struct, frozen=True, kw_only=True):
    """What a route takes and gives.

    `body` and `answer` are Structs or other msgspec types (a tuple of answers are alternatives); `answer_types` the
    media types the answer comes in; `lines` what a line of an NDJSON answer holds; `examples` maps a name to an example
    body, `line_examples` to the text of one in NDJSON; `scope` is the key scope needed, null for a public route.
    """

    body: Any = None
    body_types: tuple[str, ...] = ("application/json",)
    body_required: bool = True
    answer: Any = None
    answer_types: tuple[str, ...] = ("application/json",)
    answer_description: str = "The answer."
    lines: Any = None
    parameters: tuple[Parameter, ...] = ()
    problems: tuple[ProblemType, ...] = ()
    examples: Mapping[str, Any] = {}
    line_examples: Mapping[str, str] = {}
    scope: str | None = "read"
    headers: Mapping[str, str] = {}
    """Response headers by name, with a description. With an `ETag` among them the answer may be asked for on condition
    that it has changed."""


def promise(**fields: Any) -> dict[str, Any]:
    """Return the `opt` of a route that keeps this promise."""
    return {"promise": Promise(**fields)}
