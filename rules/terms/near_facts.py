"""Facts that are near what is asked and yet not about it: of other days, or of other clients."""

from __future__ import annotations

from datetime import date

from data.facts.venues import Access, Ladder
from data.facts.vocabulary import ClientClass, Side
from rules.knowledge import Knowledge

MOST_DAYS_EXTRAPOLATED = 366
"""How long before the day they are certain from terms are taken to have refused: a year. Further back they are unknown.

What they permit before that day is left open, so that nothing is permitted from a day on which nothing happened."""


OF_A_CLASS = "the margin tiers of {of_class} clients are used, the tightest that may apply: client_class is not given"


def tightest_class(ladder: Ladder | None, client_class: ClientClass | None) -> str | None:
    """Return what is to be said of a ladder of one class of clients for a client whose class is not stated."""
    if client_class is not None or ladder is None or ladder.client_class is ClientClass.ANY:
        return None
    return OF_A_CLASS.format(of_class=ladder.client_class)


def tells_of(row: Access, day: date) -> bool:
    """Say whether a row tells anything of a day: terms change, and undated ones say little of years before."""
    return (row.certain_from - day).days <= MOST_DAYS_EXTRAPOLATED


def tiers_of_others(
    knowledge: Knowledge, venue: str, symbol: str, *, client_class: ClientClass | None, residence: str, side: Side
) -> bool:
    """Say whether the margin tiers of an instrument that are on file are those of clients who live elsewhere.

    So it is where the venue keeps schedules for the client's group of countries and the instrument is on none of them.
    """
    if not residence:
        return False
    return (
        knowledge.ladder(venue, symbol, client_class=client_class, residence=residence, side=side) is None
        and knowledge.ladder(venue, symbol, client_class=client_class, residence="", side=side) is not None
    )
