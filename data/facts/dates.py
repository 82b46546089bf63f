"""Calendar dates as sources give them: a day, a month or a year.

Valid time is half-open in whole UTC days: a fact holds from `valid_from` up to, not including, `valid_to`.
"""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date
from enum import StrEnum


class Precision(StrEnum):
    """How exactly a source dates a fact."""

    DAY = "day"
    MONTH = "month"
    YEAR = "year"


FIRST_BLOCK = date(2009, 1, 3)
"""Day of Bitcoin's first block: a row whose start is unknown is not carried back before it."""

_PARTIAL = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?").fullmatch


def parse_partial_date(text: str) -> tuple[date, Precision]:
    """Return the first day meant by `YYYY`, `YYYY-MM` or `YYYY-MM-DD`, and how exact the text is.

    Raises:
        ValueError: the text has another form or names no calendar date.
    """
    match = _PARTIAL(text)
    if match is None:
        raise ValueError(f"{text!r} is not a date written YYYY, YYYY-MM or YYYY-MM-DD")
    year, month, day = match.groups()
    precision = Precision.DAY if day else Precision.MONTH if month else Precision.YEAR
    return date(int(year), int(month or 1), int(day or 1)), precision


def last_day(day: date, precision: Precision) -> date:
    """Return the last day that a date may mean: of its month or its year where no more is known."""
    match precision:
        case Precision.DAY:
            return day
        case Precision.MONTH:
            return day.replace(day=monthrange(day.year, day.month)[1])
        case Precision.YEAR:
            return day.replace(month=12, day=31)


def render_partial_date(day: date, precision: Precision) -> str:
    """Return `day` written only as exactly as it is known."""
    return day.isoformat()[: {Precision.DAY: 10, Precision.MONTH: 7, Precision.YEAR: 4}[precision]]


def holds_on(valid_from: date | None, valid_to: date | None, day: date) -> bool:
    """Say whether a fact with these bounds holds on `day`; an absent bound is open."""
    return (valid_from is None or valid_from <= day) and (valid_to is None or day < valid_to)
