"""How far back terms that carry no date of their own are taken to reach."""

from __future__ import annotations

from datetime import date

from data.facts.venues import Access

MOST_DAYS_EXTRAPOLATED = 366
"""How long before the day they are certain from terms are taken to have held: a year. Further back they are unknown."""


def tells_of(row: Access, day: date) -> bool:
    """Say whether a row tells anything of a day: terms change, and undated ones say little of years before."""
    return (row.certain_from - day).days <= MOST_DAYS_EXTRAPOLATED
