"""What the fields of our types mean, in the words that stand below them in the source."""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

import msgspec
from msgspec import inspect as types


def field_descriptions(kinds: Iterable[Any]) -> dict[str, dict[str, str]]:
    """Return, for every Struct that some types name, the description of each field that has one, by names."""
    found: dict[str, dict[str, str]] = {}
    for name, kind in structs_in(kinds).items():
        texts = _of_class(kind)
        found[name] = {
            field.encode_name: texts[field.name] for field in msgspec.structs.fields(kind) if field.name in texts
        }
    return found


def structs_in(kinds: Iterable[Any]) -> dict[str, type[msgspec.Struct]]:
    """Return every Struct that some types name, however deep, by its name."""
    found: dict[str, type[msgspec.Struct]] = {}
    left: list[types.Type] = list(types.multi_type_info(list(kinds)))
    seen: set[type] = set()
    while left:
        one = left.pop()
        if isinstance(one, types.StructType):
            if one.cls in seen:
                continue
            seen.add(one.cls)
            found[one.cls.__name__] = one.cls
            left.extend(field.type for field in one.fields)
        elif isinstance(one, types.Metadata):
            left.append(one.type)
        elif isinstance(one, types.UnionType):
            left.extend(one.types)
        elif isinstance(one, types.TupleType):
            left.extend(one.item_types)
        elif isinstance(one, types.CollectionType):
            left.append(one.item_type)
        elif isinstance(one, types.DictType):
            left.extend((one.key_type, one.value_type))
    return found


def _of_class(kind: type[msgspec.Struct]) -> dict[str, str]:
    """Return the descriptions of a class's fields, inherited ones included."""
    texts: dict[str, str] = {}
    for base in reversed(kind.__mro__):
        texts.update(_of_module(base.__module__).get(base.__qualname__, {}))
    return texts


@cache
def _of_module(name: str) -> Mapping[str, Mapping[str, str]]:
    """Return the texts that stand below fields in a module of ours, by class and field."""
    if name.partition(".")[0] not in ("api", "rules", "data"):
        return {}
    tree = ast.parse(inspect.getsource(sys.modules[name]))
    return {node.name: _below_fields(node) for node in tree.body if isinstance(node, ast.ClassDef)}


def _below_fields(node: ast.ClassDef) -> dict[str, str]:
    texts: dict[str, str] = {}
    for field, below in zip(node.body, node.body[1:], strict=False):
        if (
            isinstance(field, ast.AnnAssign)
            and isinstance(field.target, ast.Name)
            and isinstance(below, ast.Expr)
            and isinstance(below.value, ast.Constant)
            and isinstance(below.value.value, str)
        ):
            texts[field.target.id] = inspect.cleandoc(below.value.value)
    return texts
