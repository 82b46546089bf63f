"""A body with bad fields, made whole enough to look at the rest of it.

Bad optional fields are left out, bad or missing required ones give way to a stand-in. What is built like this is never
answered with: it only shows what else is wrong, and errors about a stand-in are dropped by the caller.
"""

from __future__ import annotations

import types
import typing
from enum import Enum
from functools import cache
from typing import Any

import msgspec

from data.facts.amounts import Amount, parse_given
from data.facts.vocabulary import FACTS_ALONE

LONGEST = 5_000
"""So many items of a list are looked at: none may have more, and a bad body may have millions."""
_LOST: Any = object()
"""Stands for a part that cannot be mended."""

fields_of = cache(msgspec.structs.fields)
"""The fields of a struct, whose annotations are evaluated anew with every call otherwise."""


def decode_hook(kind: type, value: object) -> object:
    """Decode the one type that JSON lacks: an exact, bounded decimal number."""
    if kind is Amount:
        return parse_given(value)
    raise NotImplementedError(kind)


def mend(value: object, kind: Any) -> Any:
    """Return the plain value without its bad parts.

    Raises:
        msgspec.ValidationError: too little of it is good.
    """
    mended = _mend(value, kind)
    if mended is _LOST:
        raise msgspec.ValidationError("nothing to look at")
    return mended


def _mend(value: object, kind: Any) -> Any:
    kind = _without_null(kind)
    if value is None:
        return None
    if _is_struct(kind):
        return _mend_struct(value, kind) if isinstance(value, dict) else _LOST
    if typing.get_origin(kind) in (list, tuple) and isinstance(value, list):
        arms = typing.get_args(kind)
        value = value[: LONGEST + 1]  # one too many, so that it is told
        kinds = [arms[0]] * len(value) if arms[-1] is Ellipsis or len(arms) == 1 else list(arms)
        if len(kinds) != len(value):
            return _LOST
        items = [_mend(item, one) for item, one in zip(value, kinds, strict=True)]
        return _LOST if any(item is _LOST for item in items) else items
    return value if _fits(value, kind) else _LOST


def _mend_struct(value: dict[str, object], kind: type[msgspec.Struct]) -> Any:
    mended: dict[str, object] = {}
    for field in fields_of(kind):
        name = field.encode_name
        part = _mend(value[name], field.type) if name in value else _LOST
        if part is None and not _fits(None, field.type):
            part = _LOST
        if part is _LOST and field.required:
            part = _stand_in(field.type)
            if part is _LOST:
                return _LOST
        if part is not _LOST:
            mended[name] = part
    return mended


def _stand_in(kind: Any) -> Any:
    kind = _without_null(kind)
    if _is_struct(kind):
        return _mend_struct({}, kind)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return next(iter(kind)).value
    if kind is Amount:
        return "1"
    return "x" if kind is str else _LOST


def is_of_facts_alone(value: object, kind: Any) -> bool:
    """Say whether a word covers all others of its list: rows of facts say so, requests may not."""
    return isinstance(kind, type) and kind in FACTS_ALONE and value == FACTS_ALONE[kind]


def _fits(value: object, kind: Any) -> bool:
    if is_of_facts_alone(value, kind):
        return False
    try:
        msgspec.convert(value, kind, strict=True, dec_hook=decode_hook)
    except msgspec.ValidationError:
        return False
    return True


def _without_null(kind: Any) -> Any:
    if typing.get_origin(kind) in (typing.Union, types.UnionType):
        arms = [arm for arm in typing.get_args(kind) if arm is not type(None)]
        if len(arms) == 1:
            return arms[0]
    return kind


def _is_struct(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, msgspec.Struct)
