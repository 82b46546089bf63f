"""JSON bodies in: strict, exact and complete about what is wrong.

The fast path is one typed decode. Only when it fails is the body walked again, field by field, so that the problem
document names every bad field at once.
"""

from __future__ import annotations

import json
import re
import types
import typing
from collections.abc import Callable, Iterable, Sequence
from enum import Enum
from itertools import islice
from typing import Any, TypeVar

import msgspec

from api.mending import LONGEST, decode_hook, fields_of, is_of_facts_alone, mend
from api.problems import MALFORMED, MAX_ERRORS, TOO_LARGE, FieldError, ProblemError, invalid
from data.facts.amounts import parse_json_number
from data.facts.vocabulary import FACTS_ALONE

T = TypeVar("T")
MAX_DEPTH = 32
MOST_PARTS = 150_000
"""So many commas and opening brackets may a body have. The largest right trade has some fifty thousand; what reading a
body costs grows with them, and most of it keeps every other thread waiting.
"""


class DuplicateKeyError(ValueError):
    """A JSON object names a key twice."""


_DECODERS: dict[Any, msgspec.json.Decoder[Any]] = {}


def decoder_for(kind: type[T]) -> msgspec.json.Decoder[T]:
    """Return the strict decoder of a type, made once."""
    decoder = _DECODERS.get(kind)
    if decoder is None:
        decoder = msgspec.json.Decoder(kind, strict=True, dec_hook=decode_hook, float_hook=parse_json_number)
        _DECODERS[kind] = decoder
    return decoder


_UNTYPED = msgspec.json.Decoder(float_hook=parse_json_number)


class _Number(str):
    """The text of a JSON number with a fraction or an exponent: what is wrong with it is not that it is a string."""

    __slots__ = ()


_WITH_NUMBERS = msgspec.json.Decoder(float_hook=lambda text: _Number(parse_json_number(text)))


def decode_body(body: bytes, kind: type[T], meaning: Callable[[T], Iterable[FieldError]] | None = None) -> T:
    """Return `body` as a `kind`.

    `meaning` finds what is wrong with a well-formed one. It is asked here only about the good parts of a body with bad
    ones, so that one answer names both; the caller checks a body that decodes.

    Raises:
        ProblemError: 413 when it has more parts than any right one, 400 when it is not JSON (or names a key twice), 422
            naming every bad field otherwise.
    """
    _refuse_masses(body)
    refuse_duplicate_keys(body)
    try:
        decoded = decoder_for(kind).decode(body)
        found = explain(body, kind) if any(word in body for word in _LOOKED_AT_AGAIN) else []
    except msgspec.ValidationError as error:
        found = explain(body, kind) or [_from_message(str(error))]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ProblemError(MALFORMED, f"The body is not JSON: {error}") from None
    if not found:
        return decoded
    if meaning is not None and len(found) < MAX_ERRORS:
        found.extend(_further(body, kind, meaning, [one.pointer for one in found]))
    raise invalid(found)


_LOOKED_AT_AGAIN = (*{f'"{word}"'.encode() for word in FACTS_ALONE.values()}, b"\\u")
"""A body with one of these may hold a word that only facts say, perhaps spelt with escapes."""


def explain(body: bytes, kind: Any) -> list[FieldError]:
    """Return every error of the form of a body, as far as it can be walked."""
    errors: list[FieldError] = []
    try:
        _collect(_WITH_NUMBERS.decode(body), kind, "", errors, 0)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        errors.clear()
    return errors[:MAX_ERRORS]


def _further(
    body: bytes, kind: type[T], meaning: Callable[[T], Iterable[FieldError]], named: Sequence[str]
) -> list[FieldError]:
    """Return what `meaning` says of the parts of a body that are not `named` already."""
    try:
        mended = mend(_UNTYPED.decode(body), kind)
        built = msgspec.convert(mended, kind, strict=True, dec_hook=decode_hook)
    except (msgspec.ValidationError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return []
    return [
        one
        for one in meaning(built)
        if not any(f"{one.pointer}/".startswith(f"{other}/") or other.startswith(f"{one.pointer}/") for other in named)
    ]


def _refuse_masses(body: bytes) -> None:
    if len(body) > MOST_PARTS and sum(map(body.count, (b",", b"[", b"{"))) > MOST_PARTS:
        raise ProblemError(TOO_LARGE, f"The body has more than {MOST_PARTS} values; no request needs so many.")


def refuse_duplicate_keys(body: bytes) -> None:
    """Refuse a body in which an object names a key twice: which of the two was meant cannot be known.

    Raises:
        ProblemError: 400.
    """
    try:
        _KEYS.decode(body.decode())
    except DuplicateKeyError as error:
        raise ProblemError(MALFORMED, str(error)) from None
    except RecursionError:
        raise ProblemError(MALFORMED, "The body is nested too deeply.") from None
    except (ValueError, UnicodeDecodeError) as error:
        raise ProblemError(MALFORMED, f"The body is not JSON: {error}") from None


def _unique(pairs: list[tuple[str, object]]) -> None:
    if len({key for key, _ in pairs}) != len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise DuplicateKeyError(f"The key {key[:80]!r} stands twice in one object.")
            seen.add(key)


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON number")


_KEYS = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_refuse_constant, parse_int=str)
"""Reads keys alone: a whole number stays a text, which may have any number of digits."""


def _from_message(message: str) -> FieldError:
    path = message.partition(" - at `$")[2]
    pointer = path.rstrip("`").replace("[", "/").replace("]", "").replace(".", "/")
    return FieldError(pointer=pointer, detail=_leaf_detail(message, None))


def _escape(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


def _collect(value: object, kind: Any, pointer: str, errors: list[FieldError], depth: int) -> None:
    if len(errors) >= MAX_ERRORS or depth > MAX_DEPTH:
        return
    if typing.get_origin(kind) in (typing.Union, types.UnionType):
        arms = [arm for arm in typing.get_args(kind) if arm is not type(None)]
        if value is None and len(arms) < len(typing.get_args(kind)):
            return
        if len(arms) == 1:
            kind = arms[0]
        elif isinstance(value, dict):
            kind = next(filter(_is_struct, arms), kind)
    origin = typing.get_origin(kind)
    if _is_struct(kind) and isinstance(value, dict):
        _collect_struct(value, kind, pointer, errors, depth)
    elif origin is dict and isinstance(value, dict):
        for name, item in islice(value.items(), LONGEST):
            _collect(item, typing.get_args(kind)[1], f"{pointer}/{_escape(name)[:100]}", errors, depth + 1)
    elif origin in (list, tuple) and isinstance(value, list):
        items = typing.get_args(kind)
        if origin is tuple and not (len(items) == 2 and items[1] is Ellipsis):
            _collect_row(value, items, pointer, errors, depth)
        else:
            for index, item in enumerate(value[:LONGEST]):
                _collect(item, items[0], f"{pointer}/{index}", errors, depth + 1)
    else:
        try:
            read = msgspec.convert(_plain(value), kind, strict=True, dec_hook=decode_hook)
        except msgspec.ValidationError as error:
            said = str(error)
            if isinstance(value, _Number):
                said = said.replace("got `str`", "got `float`")
            errors.append(FieldError(pointer=pointer, detail=_leaf_detail(said, kind)))
        else:
            if isinstance(value, _Number) and type(read) is str:
                errors.append(FieldError(pointer=pointer, detail=_leaf_detail("Expected `str`, got `float`", kind)))
            elif is_of_facts_alone(value, kind):
                detail = _leaf_detail(f"Only facts say {value!r}", kind)
                errors.append(FieldError(pointer=pointer, detail=detail))


_JSON_NAMES = {"str": "string", "int": "integer", "float": "number", "bool": "boolean"}
_PYTHON_NAME = re.compile(r"\b(?:" + "|".join(_JSON_NAMES) + r")\b")
"""What a type is called in JSON, by its name in what `msgspec` says."""


def _is_struct(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, msgspec.Struct)


def _plain(value: object) -> object:
    """Return a value with the texts of its numbers as they are decoded for good."""
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value[:LONGEST]]
    return str(value) if isinstance(value, _Number) else value


def _leaf_detail(message: str, kind: Any) -> str:
    text = message.partition(" - at `$")[0]
    if text == "Invalid RFC3339 encoded date" or text.startswith("Expected `date`"):
        return "Expected a day, written YYYY-MM-DD"
    if text.startswith("Expected `"):
        text = _PYTHON_NAME.sub(lambda match: _JSON_NAMES[match[0]], text)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return f"{text}; one of " + ", ".join(
            str(member.value) for member in kind if not is_of_facts_alone(member.value, kind)
        )
    return text


def _collect_row(value: list[Any], items: tuple[Any, ...], pointer: str, errors: list[FieldError], depth: int) -> None:
    if len(value) != len(items):
        errors.append(FieldError(pointer=pointer, detail=f"Expected {len(items)} items, got {len(value)}"))
        return
    for index, (item, kind) in enumerate(zip(value, items, strict=True)):
        _collect(item, kind, f"{pointer}/{index}", errors, depth + 1)


def _collect_struct(
    value: dict[str, object], kind: type[msgspec.Struct], pointer: str, errors: list[FieldError], depth: int
) -> None:
    fields = {field.encode_name: field for field in fields_of(kind)}
    if kind.__struct_config__.forbid_unknown_fields:
        known = ", ".join(fields)
        unknown = (name for name in value if name not in fields)
        errors.extend(
            FieldError(pointer=f"{pointer}/{_escape(name)[:100]}", detail=f"Unknown field; known are {known}")
            for name in islice(unknown, MAX_ERRORS)
        )
    for name, field in fields.items():
        if name in value:
            _collect(value[name], field.type, f"{pointer}/{_escape(name)}", errors, depth + 1)
        elif field.required:
            errors.append(FieldError(pointer=f"{pointer}/{_escape(name)}", detail="Missing required field"))
