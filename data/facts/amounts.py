"""Exact numbers: one bounded way in, one plain way out.

Money, prices, rates and leverage are `Decimal` everywhere. `Amount` is the type of a number that came from outside:
a `Decimal` that has passed `parse_amount`, to the type checker and at run time.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import ROUND_HALF_EVEN, Context, Decimal, DivisionByZero, InvalidOperation, Overflow
from typing import TYPE_CHECKING

MAX_INTEGER_DIGITS = 20
MAX_FRACTION_DIGITS = 18
SMALLEST_AMOUNT = Decimal(1).scaleb(-MAX_FRACTION_DIGITS)
MAX_GIVEN_FRACTION_DIGITS = 40
"""Fraction digits that a request may write: some APIs print a quotient with far more digits than it means."""

ARITHMETIC = Context(prec=50, rounding=ROUND_HALF_EVEN, traps=[InvalidOperation, DivisionByZero, Overflow])
"""The decimal context every calculation runs in: 50 digits, so that no amount we accept is rounded on the way."""

_PLAIN = re.compile(r"-?[0-9]{1,20}(?:\.[0-9]{1,18})?").fullmatch
_GIVEN = re.compile(r"-?[0-9]{1,20}\.[0-9]{19,40}").fullmatch
_JSON_NUMBER = re.compile(r"-?[0-9]{1,20}(?:\.[0-9]{1,40})?[eE][+-]?[0-9]{1,2}").fullmatch
_SHORT = MAX_FRACTION_DIGITS + 1
"""A text this long at most has no more fraction digits than we print."""
_ZERO = Decimal(0)
_ROUNDED = f".{MAX_FRACTION_DIGITS}f"

if TYPE_CHECKING:
    Amount = Decimal
else:

    class _Decimals(type):
        """Lets the typed decoders, which ask whether what they got is an `Amount`, take a `Decimal` for one."""

        def __instancecheck__(cls, value: object) -> bool:
            return type(value) is Decimal

    class Amount(metaclass=_Decimals):
        """The annotation of a decimal number from outside, bounded to 20 integer and 18 fraction digits.

        Its values are plain decimals: one of a subclass costs more wherever it is encoded.
        """


class AmountError(ValueError):
    """A text or number that is not an amount we accept."""

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail or _plain_of(MAX_FRACTION_DIGITS))


def _plain_of(fraction_digits: int) -> str:
    return (
        f"must be a plain decimal number of at most {MAX_INTEGER_DIGITS} integer and {fraction_digits} fraction digits"
    )


_NOT_GIVEN = _plain_of(MAX_GIVEN_FRACTION_DIGITS)
_TOO_SMALL = f"must not be zero once rounded to {MAX_FRACTION_DIGITS} fraction digits; send 0 where none is meant"
_TOO_LARGE = (
    f"must have at most {MAX_INTEGER_DIGITS} integer digits once rounded to {MAX_FRACTION_DIGITS} fraction digits"
)


def parse_amount(value: object) -> Decimal:
    """Return `value`, a plain decimal text or an integer, as an amount.

    Refuses exponents, blanks, underscores, NaN, infinities and anything beyond the digit bounds, so that a twelve-byte
    literal cannot cost a second of arithmetic.

    Raises:
        AmountError: the value is none of these.
    """
    text = str(value) if type(value) is int else value
    if type(text) is not str or _PLAIN(text) is None:
        raise AmountError
    return Decimal(text)


def parse_given(value: object) -> Decimal:
    """Return `value`, an amount of a request, rounded (half-even) where it has more than 18 fraction digits.

    What a venue's API prints can be copied whole, and so can what a program's decimal type prints: an exponent may
    stand behind it (`1E-7`). Rounded on the way in, a request is the same in the journal, in its digest and in the
    arithmetic.

    Raises:
        AmountError: it is no amount, has more than 40 fraction digits, or rounds to zero or to 21 integer digits.
    """
    text = str(value) if type(value) is int else value
    if type(text) is not str:
        raise AmountError(_NOT_GIVEN)
    if "e" in text or "E" in text:
        text = parse_json_number(text)
    if _PLAIN(text) is not None:
        return Decimal(text)
    if _GIVEN(text) is None:
        raise AmountError(_NOT_GIVEN)
    number = Decimal(text)
    rounded = plain(number)
    if rounded == "0" and number:
        raise AmountError(_TOO_SMALL)
    if _PLAIN(rounded) is None:
        raise AmountError(_TOO_LARGE)
    return Decimal(rounded)


def parse_json_number(text: str) -> str:
    """Return a JSON number literal in plain notation, digits untouched (the `float_hook` of a JSON decoder).

    A literal beyond the bounds comes back as it is and fails in `parse_amount`.
    """
    if _JSON_NUMBER(text) is None:
        return text
    number = Decimal(text)
    return plain(number) if number == 0 or abs(number) >= SMALLEST_AMOUNT else text


def sum_of_known(amounts: Iterable[Decimal | None]) -> Decimal | None:
    """Return the sum of amounts; null where one of them is not known."""
    total = _ZERO
    for amount in amounts:
        if amount is None:
            return None
        total += amount
    return total


def plain(value: Decimal) -> str:
    """Return `value` in plain notation with at most 18 fraction digits (half-even) and no trailing zeros.

    This is the only place where a figure is rounded for output; rounding that a venue does happens in its margin model.
    Half-even is the rounding of `ARITHMETIC` and of Python's default context, the only ones in use here.
    """
    text = str(value)
    if len(text) > _SHORT or "E" in text:
        text = format(value, _ROUNDED)
    if text[-1] == "0" and "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
