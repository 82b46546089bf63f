"""Rows into Structs, strictly: every wrong value of a row is reported, not only the first.

A decimal is a quoted plain number, a date is a quoted `YYYY`, `YYYY-MM` or `YYYY-MM-DD` (its precision goes to the
sibling field `<name>_precision`), a text is not empty, and a key that the Struct lacks is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from datetime import date
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Any, TypeVar

from msgspec import Struct, inspect

from data.curation.documents import BareNumber, Row
from data.facts.amounts import Amount, AmountError, parse_amount
from data.facts.dates import Precision, parse_partial_date

T = TypeVar("T", bound=Struct)
Report = Callable[[str], None]

NOTHING: Mapping[str, object] = {}


class UnreadableError(Exception):
    """A value that was reported and has no decoded form."""


@cache
def _described(kind: type[Struct]) -> inspect.StructType:
    found = inspect.type_info(kind)
    if not isinstance(found, inspect.StructType):
        raise TypeError(f"{kind} is not a Struct")
    return found


def decode(row: Row, kind: type[T], given: Mapping[str, object] = NOTHING) -> T | None:
    """Return the row as a `kind`, with the fields in `given` filled in by the reader and refused in the row.

    Returns null when the row has problems; each was reported with the name of its key.
    """
    try:
        built: T = _decode_struct(row.values, _described(kind), "", row.problem, given)
    except UnreadableError:
        return None
    return built


def _decode_struct(
    values: object, kind: inspect.StructType, path: str, report: Report, given: Mapping[str, object] = NOTHING
) -> Any:
    if not isinstance(values, dict):
        raise _refused(report, path, "must be a table")
    fields = {field.encode_name: field for field in kind.fields}
    readable = [name for name in fields if name not in given and not _goes_with_a_date(name, fields)]
    ok = True
    for name in values:
        if name not in readable and name != kind.tag_field:
            report(f"unknown key {_join(path, name)!r}")
            ok = False
    built: dict[str, Any] = dict(given)
    for name in readable:
        field, where = fields[name], _join(path, name)
        try:
            if name not in values:
                _fill_absent(field, where, built, report)
            elif _holds_date(field.type):
                built[name], precision = decode_date(values[name], where, report)
                if f"{name}_precision" in fields:
                    built[f"{name}_precision"] = precision
                elif precision is not Precision.DAY:
                    raise _refused(report, where, "must be a whole date, YYYY-MM-DD")
            else:
                built[name] = _decode(values[name], field.type, where, report)
        except UnreadableError:
            ok = False
    if not ok:
        raise UnreadableError
    try:
        return kind.cls(**built)
    except (ValueError, TypeError) as error:
        raise _refused(report, path, str(error)) from error


def _fill_absent(field: inspect.Field, where: str, built: dict[str, Any], report: Report) -> None:
    if not field.required:
        return
    if isinstance(field.type, inspect.UnionType) and field.type.includes_none:
        built[field.encode_name] = None
        return
    report(f"missing {where!r}")
    raise UnreadableError


def _decode(value: object, kind: inspect.Type, path: str, report: Report) -> Any:
    match kind:
        case inspect.UnionType(types=types):
            return _decode_union(value, types, path, report)
        case inspect.StructType():
            return _decode_struct(value, kind, path, report)
        case inspect.VarTupleType(item_type=item) | inspect.ListType(item_type=item):
            return tuple(_decode_items(value, item, path, report))
        case inspect.FrozenSetType(item_type=item) | inspect.SetType(item_type=item):
            return frozenset(_decode_items(value, item, path, report))
        case inspect.DecimalType():
            return Decimal(_decode_amount(value, path, report))
        case inspect.CustomType(cls=cls) if cls is Amount:
            return _decode_amount(value, path, report)
        case inspect.DateType():
            return _decode_day(value, path, report)
        case inspect.EnumType(cls=cls):
            return _decode_word(value, cls, path, report)
        case inspect.StrType():
            return _decode_text(value, path, report)
        case inspect.BoolType() if isinstance(value, bool):
            return value
        case inspect.BoolType():
            raise _refused(report, path, "must be true or false")
        case inspect.IntType() if isinstance(value, int) and not isinstance(value, bool):
            return value
        case inspect.IntType():
            raise _refused(report, path, "must be a whole number")
        case inspect.LiteralType(values=words) if value in words:
            return value
        case inspect.LiteralType(values=words):
            raise _refused(report, path, f"must be one of {', '.join(map(str, words))}")
        case inspect.DictType(value_type=inner) if isinstance(value, dict):
            return {str(key): _decode(one, inner, _join(path, str(key)), report) for key, one in value.items()}
        case _:
            raise _refused(report, path, f"has a form that {type(kind).__name__} cannot take")


def _decode_union(value: object, types: tuple[inspect.Type, ...], path: str, report: Report) -> Any:
    real = [one for one in types if not isinstance(one, inspect.NoneType)]
    if len(real) == 1:
        return _decode(value, real[0], path, report)
    structs = [one for one in real if isinstance(one, inspect.StructType)]
    if len(structs) == len(real) and isinstance(value, dict):
        tag_field = structs[0].tag_field or "type"
        for struct in structs:
            if struct.tag == value.get(tag_field):
                return _decode_struct(value, struct, path, report)
        tags = ", ".join(str(one.tag) for one in structs)
        raise _refused(report, _join(path, tag_field), f"must be one of {tags}")
    for one in real:
        try:
            return _decode(value, one, path, lambda _message: None)
        except UnreadableError:
            continue
    raise _refused(report, path, "fits none of the forms allowed here")


def _decode_items(value: object, item: inspect.Type, path: str, report: Report) -> list[Any]:
    if not isinstance(value, list):
        raise _refused(report, path, "must be a list")
    built = []
    ok = True
    for number, one in enumerate(value, 1):
        try:
            built.append(_decode(one, item, f"{path}[{number}]", report))
        except UnreadableError:
            ok = False
    if not ok:
        raise UnreadableError
    if len({repr(one) for one in built}) < len(built):
        raise _refused(report, path, "names the same thing twice")
    return built


def _decode_amount(value: object, path: str, report: Report) -> Amount:
    if isinstance(value, int | float | BareNumber):
        raise _refused(report, path, 'must be a quoted decimal such as "0.0005", not a bare number')
    try:
        return parse_amount(value)
    except AmountError as error:
        raise _refused(report, path, str(error)) from error


def decode_date(value: object, path: str, report: Report) -> tuple[date, Precision]:
    """Return a quoted date and how exactly it is given.

    Raises:
        UnreadableError: the value was reported.
    """
    if not isinstance(value, str) or isinstance(value, BareNumber):
        raise _refused(report, path, 'must be a quoted date such as "2026-07" or "2026-07-01"')
    try:
        return parse_partial_date(value)
    except ValueError as error:
        raise _refused(report, path, str(error)) from error


def _decode_day(value: object, path: str, report: Report) -> date:
    day, precision = decode_date(value, path, report)
    if precision is not Precision.DAY:
        raise _refused(report, path, "must be a whole date, YYYY-MM-DD")
    return day


def _decode_word(value: object, words: type[Enum], path: str, report: Report) -> Enum:
    try:
        return words(value)
    except ValueError as error:
        allowed = ", ".join(str(word.value) for word in words)
        raise _refused(report, path, f"{value!r} is none of {allowed}") from error


def _decode_text(value: object, path: str, report: Report) -> str:
    if not isinstance(value, str) or isinstance(value, BareNumber):
        raise _refused(report, path, "must be a quoted text")
    if not value or value != value.strip():
        raise _refused(report, path, "must be neither empty nor padded with blanks")
    if ".toml" in value and "://" not in value:
        raise _refused(report, path, "names a file, which no answer shows: name the venue or jurisdiction")
    return value


def _holds_date(kind: inspect.Type) -> bool:
    if isinstance(kind, inspect.UnionType):
        return any(isinstance(one, inspect.DateType) for one in kind.types)
    return isinstance(kind, inspect.DateType)


def _goes_with_a_date(name: str, fields: Container[str]) -> bool:
    return name.endswith("_precision") and name.removesuffix("_precision") in fields


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _refused(report: Report, path: str, message: str) -> UnreadableError:
    report(f"{path}: {message}" if path else message)
    return UnreadableError()
