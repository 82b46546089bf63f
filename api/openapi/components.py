"""The schemas of the OpenAPI document: types as `msgspec` describes them, each field with what it means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from api.openapi.answered import as_answered
from api.openapi.bounds import bounded
from api.openapi.descriptions import field_descriptions, structs_in
from api.openapi.field_words import COMMON
from api.openapi.schemas import AMOUNT, COMPONENT, DECIMAL, reached, renamed, schema_of_amount, tidy
from data.facts.vocabulary import FACTS_ALONE
from rules.decision import Outcome
from rules.policies.thresholds import SWITCHES, THRESHOLDS


class Components:
    """Schemas by component name, and the reference of each type that a route names."""

    def __init__(self, types: Sequence[Any], *, bodies: Sequence[Any], answers: Sequence[Any]) -> None:
        references, schemas = msgspec.json.schema_components(
            types, schema_hook=schema_of_amount, ref_template=COMPONENT + "{name}"
        )
        self.schemas: dict[str, Any] = {name: tidy(schema) for name, schema in schemas.items()}
        self.schemas |= {"Decimal": DECIMAL, "Amount": AMOUNT}
        self._references = dict(zip(map(repr, types), map(tidy, references), strict=True))
        self._leave_out_what_is_never_answered()
        self._describe_fields(types)
        self._leave_out_words_of_facts(bodies)
        self._name_what_is_unnamed()
        self.schemas, self._answered = as_answered(
            self.schemas,
            structs_in(types),
            bodies=[self.reference(kind) for kind in bodies],
            answers=[self.reference(kind) for kind in answers],
        )
        self.schemas = bounded(self.schemas)

    def reference(self, kind: Any) -> dict[str, Any]:
        """Return the schema of a type that a request names, mostly a reference to a component."""
        reference: dict[str, Any] = self._references[repr(kind)]
        return reference

    def answer(self, kind: Any) -> dict[str, Any]:
        """Return the schema of a type that an answer names, mostly a reference to a component."""
        answer: dict[str, Any] = renamed(self.reference(kind), self._answered)
        return answer

    def words(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return a schema, or a reference to the component that has the same list of words."""
        if schema.keys() == {"type", "enum"}:
            for name, component in self.schemas.items():
                if component.get("enum") and sorted(component["enum"]) == sorted(schema["enum"]):
                    return {"$ref": COMPONENT + name}
        return schema

    def named(self, name: str, schema: Mapping[str, Any]) -> dict[str, Any]:
        """Keep a schema as a component, and return the reference to it."""
        self.schemas[name] = {"title": name, **schema}
        return {"$ref": COMPONENT + name}

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
                if property_.keys() == {"type", "const"}:
                    property_["description"] = "Which of the alternatives this is."
                elif field in words and "description" not in property_:
                    property_["description"] = words[field]

    def _leave_out_what_is_never_answered(self) -> None:
        """Leave out the outcome of rules that do not apply: they have no finding."""
        if "Outcome" in self.schemas:
            self.schemas["Outcome"]["enum"].remove(str(Outcome.NOT_APPLICABLE))

    def _name_what_is_unnamed(self) -> None:
        """Keep maps that have a title of their own as components: generators name them by it."""
        for kind, schema in self._references.items():
            if "$ref" not in schema and "title" in schema:
                self._references[kind] = self.named(schema["title"], schema)

    def _leave_out_words_of_facts(self, bodies: Sequence[Any]) -> None:
        """Give bodies lists of words of their own where one word is for facts alone."""
        stated = {kind.__name__: word for kind, word in FACTS_ALONE.items() if kind.__name__ in self.schemas}
        for name in reached([self.reference(kind) for kind in bodies], self.schemas) - stated.keys():
            self.schemas[name] = renamed(self.schemas[name], {one: f"Stated{one}" for one in stated})
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
