"""Schemas of answers, where they promise more than those of requests.

A request may leave out whatever has a default, and no field may stand in it that is not known. An answer has every
member, unless its type leaves out what says nothing; and members may be added to it, so that no client may refuse one.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import msgspec

from api.openapi.schemas import reached, renamed
from data.journal.masking import CLIENT_FIELDS


def as_answered(
    schemas: Mapping[str, Any], kinds: Mapping[str, type[msgspec.Struct]], *, bodies: Any, answers: Any
) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the components with those of answers as answers have them, and the new names of some.

    `bodies` and `answers` are the schemas that requests and answers begin with. What both refer to is there twice, as
    `Client` and `AnsweredClient`.
    """
    asked, told = reached(bodies, schemas), reached(answers, schemas)
    structs = {name for name in told if "properties" in schemas[name]}
    names = {name: f"Answered{name}" for name in structs & asked}
    if "Amount" in schemas:
        names["Amount"] = "Decimal"
    out = {name: schema for name, schema in schemas.items() if name in asked or name not in structs}
    for name in structs:
        title = names.get(name, name)
        out[title] = {**renamed(_promised(schemas[name], kinds.get(name)), names), "title": title}
    if "AnsweredClient" in out:
        out["AnsweredClient"] = _as_masked(out["AnsweredClient"])
    return out, names


def _as_masked(client: Mapping[str, Any]) -> dict[str, Any]:
    """Return the schema of a client as the journal may answer it: a field that is masked is a text, or null."""
    properties = dict(client["properties"])
    for name in (field.removeprefix("client.") for field in CLIENT_FIELDS):
        told = properties[name]
        kinds = [*told.get("anyOf", [{"type": told.get("type")}]), {"type": "string"}, {"type": "null"}]
        properties[name] = {
            "description": f"{told['description']} Where the journal masks client fields, what was recorded has a "
            "keyed hash as text here (`hmac-sha256:…`), or null.",
            "anyOf": [kind for place, kind in enumerate(kinds) if kind not in kinds[:place]],
        }
    return {**client, "properties": properties}


def _promised(schema: Mapping[str, Any], kind: type[msgspec.Struct] | None) -> dict[str, Any]:
    """Return the schema of an object as answers have it."""
    out = {key: value for key, value in schema.items() if key != "additionalProperties" or value is not False}
    if kind is None:
        return out
    absent = _left_out(kind)
    properties = {
        name: _when_there(one) if name in absent else {key: value for key, value in one.items() if key != "default"}
        for name, one in schema["properties"].items()
    }
    return {**out, "properties": properties, "required": [name for name in properties if name not in absent]}


def _left_out(kind: type[msgspec.Struct]) -> Collection[str]:
    """Return the members that an answer leaves out where they say nothing."""
    fields = msgspec.structs.fields(kind)
    if kind.__struct_config__.omit_defaults:
        return {one.encode_name for one in fields if not one.required}
    return {one.encode_name for one in fields if one.default is msgspec.UNSET}


def _when_there(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return the schema of a member that is left out where it is null: null is never sent."""
    out = dict(schema)
    if "default" in out and out["default"] is None:
        del out["default"]
        alternatives = [one for one in out.pop("anyOf") if one != {"type": "null"}]
        out |= alternatives[0] if len(alternatives) == 1 else {"anyOf": alternatives}
    return out
