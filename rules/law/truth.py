"""Three truth values. What is not known is never taken for a yes or a no."""

from __future__ import annotations

from enum import Enum


class Truth(Enum):
    """Yes, no, or not known."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


def truth_of(known: bool | None) -> Truth:
    """Return the truth of a fact that may be unknown (null)."""
    if known is None:
        return Truth.UNKNOWN
    return Truth.YES if known else Truth.NO


def negated(value: Truth) -> Truth:
    """Return the opposite; the unknown stays unknown."""
    if value is Truth.UNKNOWN:
        return value
    return Truth.NO if value is Truth.YES else Truth.YES


def agrees(value: Truth, wanted: bool) -> Truth:
    """Say whether a value is the wanted one."""
    return value if wanted else negated(value)
