"""The schemas of the OpenAPI document: types as `msgspec` describes them, each field with what it means."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from api.openapi.descriptions import field_descriptions
from api.openapi.field_words import COMMON
from data.facts.amounts import Amount
from data.facts.vocabulary import FACTS_ALONE
from rules.decision import Outcome
from rules.policies.thresholds import SWITCHES, THRESHOLDS

_COMPONENT = "#/components/schemas/"
_AMOUNT_SCHEMA = {
    "anyOf": [
        {"type": "string", "format": "decimal", "pattern": r"^-?[0-9]{1,20}(\.[0-9]{1,40})?$"},
        {"type": "number", "minimum": -99999999999999999999, "maximum": 99999999999999999999},
    ]
}
_AMOUNT_OUT = {"type": "string", "format": "decimal", "pattern": r"^-?[0-9]+(\.[0-9]{1,18})?$"}


class Components:
    """Schemas by component name, and the reference of each type that a route names."""

    def __init__(self, types: Sequence[Any], bodies: Sequence[Any]) -> None:
        references, schemas = msgspec.json.schema_components(
            types, schema_hook=_schema_hook, ref_template=_COMPONENT + "{name}"
        )
        self.schemas: dict[str, Any] = {name: _tidy(schema) for name, schema in schemas.items()}
        self._references = dict(zip(map(repr, types), map(_tidy, references), strict=True))
        self._leave_out_what_is_never_answered()
        self._describe_fields(types)
        self._leave_out_words_of_facts(bodies)

    def reference(self, kind: Any) -> dict[str, Any]:
        """Return the schema of a type that a route names, mostly a reference to a component."""
        reference: dict[str, Any] = self._references[repr(kind)]
        return reference

    def _describe_fields(self, types: Sequence[Any]) -> None:
        """Say what each field means: as the source does, else as everywhere. A comparison's trade is described as a
        decision's is.
        """
        texts = field_descriptions(types)
        if "Policy" in texts:
            texts["Policy"] = {**_words_of_thresholds(), **texts["Policy"]}
        alike = texts.get("DecisionRequest", {})
        for name, schema in self.schemas.items():
            words = {**COMMON, **texts.get(name, {})}
            if name == "ComparisonRequest":
                words = {**COMMON, **alike, **texts.get(name, {})}
            for field, property_ in schema.get("properties", {}).items():
                if property_.keys() == {"enum"} and len(property_["enum"]) == 1:
                    property_["description"] = "Which of the alternatives this is."
                elif field in words and "description" not in property_:
                    property_["description"] = words[field]

    def _leave_out_what_is_never_answered(self) -> None:
        """Leave out the outcome of rules that do not apply: they have no finding."""
        if "Outcome" in self.schemas:
            self.schemas["Outcome"]["enum"].remove(str(Outcome.NOT_APPLICABLE))

    def _leave_out_words_of_facts(self, bodies: Sequence[Any]) -> None:
        """Give bodies lists of words of their own where one word is for facts alone."""
        stated = {kind.__name__: word for kind, word in FACTS_ALONE.items() if kind.__name__ in self.schemas}
        for name in _reached([self._references[repr(kind)] for kind in bodies], self.schemas) - stated.keys():
            self.schemas[name] = _renamed(self.schemas[name], {one: f"Stated{one}" for one in stated})
        for name, word in stated.items():
            full = self.schemas[name]
            self.schemas[f"Stated{name}"] = {
                "title": f"Stated{name}",
                "description": f"{full['description'].partition(';')[0]}, as a request states it.",
                "enum": [one for one in full["enum"] if one != word],
            }


def _words_of_thresholds() -> dict[str, str]:
    """Return what each threshold and switch of a policy means, with its unit and bounds."""
    numbers = {
        name: f"{one.meaning[0].upper()}{one.meaning[1:]}: {one.unit}, from {one.lowest} to {one.highest}; null is off."
        for name, one in THRESHOLDS.items()
    }
    demands = {name: f"True asks that {one.meaning}." for name, one in SWITCHES.items()}
    return numbers | demands | {"adl_accepted": "True where a venue that may close a winning position is acceptable."}


def _named(node: Any) -> Iterator[str]:
    """Yield the names of the components that a schema refers to."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "$ref":
                yield value.removeprefix(_COMPONENT)
            else:
                yield from _named(value)
    elif isinstance(node, list):
        for item in node:
            yield from _named(item)


def _reached(schemas: Any, components: Mapping[str, Any]) -> set[str]:
    """Return the names of the components that schemas refer to, and those that these refer to."""
    reached: set[str] = set()
    left = list(_named(schemas))
    while left:
        name = left.pop()
        if name not in reached:
            reached.add(name)
            left.extend(_named(components[name]))
    return reached


def _renamed(node: Any, names: Mapping[str, str]) -> Any:
    """Return a schema that refers to components by their new names."""
    if isinstance(node, dict):
        return {
            key: _COMPONENT + names.get(name := value.removeprefix(_COMPONENT), name)
            if key == "$ref"
            else _renamed(value, names)
            for key, value in node.items()
        }
    return [_renamed(item, names) for item in node] if isinstance(node, list) else node


def _schema_hook(kind: type) -> dict[str, Any]:
    if kind is Amount:
        return dict(_AMOUNT_SCHEMA)
    raise NotImplementedError(kind)


def _tidy(node: Any) -> Any:
    """Give decimals their pattern, texts their paragraphs, and pairs of the same kind the form that generators of
    clients read: some refuse `items: false`.
    """
    if isinstance(node, dict):
        if node.get("items") is False and len({repr(one) for one in node["prefixItems"]}) == 1:
            node = {key: value for key, value in node.items() if key != "prefixItems"} | {
                "items": node["prefixItems"][0]
            }
        if node.get("format") == "decimal" and node.get("type") == "string" and "pattern" not in node:
            return {**node, **_AMOUNT_OUT}
        out = {key: _tidy(value) for key, value in node.items()}
        if isinstance(out.get("description"), str):
            out["description"] = inspect.cleandoc(out["description"])
        return out
    if isinstance(node, list):
        return [_tidy(item) for item in node]
    return node
