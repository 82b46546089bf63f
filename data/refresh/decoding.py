"""Venue answers into Structs, strictly: a field that is missing, renamed or of another type is named by its path.

Unknown fields are normal (venues add them) and ignored. A number is declared as it is documented: `Quoted` for a JSON
string, `Bare` for a JSON number, `Loose` where the venue's own page and its answers differ. Digits are never lost.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from data.facts.amounts import MAX_FRACTION_DIGITS, MAX_INTEGER_DIGITS, parse_amount, plain
from data.refresh.client import Response
from data.refresh.errors import NotJSONError, ShapeError

T = TypeVar("T")

_NUMBER = re.compile(r"-?[0-9]{1,40}(?:\.[0-9]{1,40})?(?:[eE][+-]?[0-9]{1,2})?").fullmatch

if TYPE_CHECKING:
    Quoted = Decimal
    Bare = Decimal
    Loose = Decimal
else:

    class Quoted(Decimal):
        """A decimal that the venue writes as a JSON string."""

        __slots__ = ()

    class Bare(Decimal):
        """A decimal that the venue writes as a JSON number."""

        __slots__ = ()

    class Loose(Decimal):
        """A decimal that the venue documents one way and writes another, or changes between endpoints."""

        __slots__ = ()


class Blank:
    """A quoted decimal that may be the empty string, which means "not given"."""

    __slots__ = ("value",)

    def __init__(self, value: Decimal | None) -> None:
        self.value = value


class _Literal(str):
    """The text of a JSON number with a fraction or an exponent."""

    __slots__ = ()


def decode(response: Response, kind: type[T]) -> T:
    """Return a response's JSON as a `kind`.

    Raises:
        NotJSONError: the body is HTML, empty, truncated or otherwise not JSON.
        ShapeError: the JSON has another shape; the message names the path.
    """
    url = response.retrieved.url
    try:
        return msgspec.json.Decoder(kind, dec_hook=_convert, float_hook=_Literal).decode(response.body)
    except msgspec.ValidationError as error:
        raise ShapeError(f"the shape of the answer changed: {error}", url) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        start = response.body[:200].lstrip()
        what = "HTML, not JSON" if start.startswith(b"<") else f"not whole JSON: {error}"
        raise NotJSONError(what, url) from error


def exact(text: str) -> Decimal:
    """Return a decimal literal as a bounded amount with no digit lost; zeros at the end carry nothing.

    Raises:
        ValueError: it is not a number, or it has more digits than we keep.
    """
    if _NUMBER(text) is None:
        raise ValueError(f"{text[:50]!r} is not a plain number")
    number = Decimal(text)
    written = plain(number) if number else "0"
    if Decimal(written) != number:
        raise ValueError(f"{text[:50]!r} has more than {MAX_INTEGER_DIGITS} + {MAX_FRACTION_DIGITS} digits")
    return Decimal(parse_amount(written))


def _convert(kind: type, value: Any) -> Any:
    if kind is Blank:
        if type(value) is not str:
            raise ValueError(f"Expected a number in quotes or an empty text, got {_name(value)}")
        return Blank(exact(value) if value else None)
    if kind not in (Quoted, Bare, Loose):
        raise NotImplementedError(f"{kind} has no decoding")
    quoted = type(value) is str
    bare = type(value) is _Literal or type(value) is int
    if not (quoted or bare) or (kind is Quoted and not quoted) or (kind is Bare and not bare):
        wanted = {Quoted: "a number in quotes", Bare: "a bare number", Loose: "a number"}[kind]
        raise ValueError(f"Expected {wanted}, got {_name(value)}")
    return kind(exact(str(value)))


def _name(value: Any) -> str:
    names = {str: "a text", _Literal: "a bare number", int: "a bare number", bool: "true or false", type(None): "null"}
    return names.get(type(value), "something else")
