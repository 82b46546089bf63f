"""JSON Schemas of our types in the form that generators of clients read well."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from typing import Any

from data.facts.amounts import Amount

COMPONENT = "#/components/schemas/"

DECIMAL = {
    "title": "Decimal",
    "description": "A number as text, without an exponent, with at most 18 digits after the point and no zeros at its "
    "end.",
    "type": "string",
    "format": "decimal",
}
"""A number of ours, in answers."""
AMOUNT = {
    "title": "Amount",
    "description": "A number as text or as a JSON number: at most 20 digits before the point and 40 after it, of which "
    "18 are kept; an exponent of at most two digits may stand behind it.",
    "anyOf": [
        {"type": "string", "format": "decimal"},
        {"type": "number", "minimum": -99999999999999999999, "maximum": 99999999999999999999},
    ],
}
"""A number from outside, in requests. A `pattern` beside the format would have some generators constrain a decimal type
that knows no patterns.
"""


def schema_of_amount(kind: type) -> dict[str, Any]:
    """Return the schema of a type that `msgspec` does not know: amounts alone.

    Raises:
        NotImplementedError: it is another type.
    """
    if kind is Amount:
        return {"$ref": f"{COMPONENT}Amount"}
    raise NotImplementedError(kind)


def tidy(node: Any) -> Any:
    """Return a schema with decimals by reference, texts by paragraph, and unions and tags as generators know them.

    A list of so many equal items has no `items: false`, which some refuse; what a tag tells apart is `oneOf`; a tag is
    a string.
    """
    if isinstance(node, list):
        return [tidy(item) for item in node]
    if not isinstance(node, dict):
        return node
    if node.get("format") == "decimal" and node.get("type") == "string":
        beside = {key: value for key, value in node.items() if key not in ("format", "type")}
        return {"$ref": f"{COMPONENT}Decimal", **beside}
    if node.get("items") is False and len({repr(one) for one in node["prefixItems"]}) == 1:
        node = {key: value for key, value in node.items() if key != "prefixItems"} | {"items": node["prefixItems"][0]}
    if "discriminator" in node:
        node = {"oneOf" if key == "anyOf" else key: value for key, value in node.items()}
    if node.keys() == {"enum"} and len(node["enum"]) == 1:
        node = {"type": "string", "const": node["enum"][0]}
    out = {key: tidy(value) for key, value in node.items()}
    if isinstance(out.get("description"), str):
        out["description"] = inspect.cleandoc(out["description"])
    return out


def as_text(media_type: str, lines: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return the schema of a body that is no JSON: a text, and for NDJSON what its lines are as an array."""
    if lines is not None:
        described = {"type": "array", "items": lines}
        return {"type": "string", "contentMediaType": media_type, "contentSchema": described}
    return {"type": "string"} if media_type.startswith("text/") else {"type": "string", "format": "binary"}


def reached(schemas: Any, components: Mapping[str, Any]) -> set[str]:
    """Return the names of the components that schemas refer to, and those that these refer to."""
    found: set[str] = set()
    left = list(_named(schemas))
    while left:
        name = left.pop()
        if name not in found:
            found.add(name)
            left.extend(_named(components[name]))
    return found


def renamed(node: Any, names: Mapping[str, str]) -> Any:
    """Return a schema that refers to components by their new names."""
    if isinstance(node, dict):
        return {
            key: COMPONENT + names.get(name := value.removeprefix(COMPONENT), name)
            if key == "$ref"
            else renamed(value, names)
            for key, value in node.items()
        }
    return [renamed(item, names) for item in node] if isinstance(node, list) else node


def _named(node: Any) -> Iterator[str]:
    """Yield the names of the components that a schema refers to."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "$ref":
                yield value.removeprefix(COMPONENT)
            else:
                yield from _named(value)
    elif isinstance(node, list):
        for item in node:
            yield from _named(item)
