"""What was decided of late: an equal question on the same day has an equal answer but for its id, instant and digest.

A gate that asks whether clients of a country may trade an instrument asks the same thing all day. The question carries
release, day and policy, so nothing here is ever stale; replays never look here.
"""

from __future__ import annotations

from collections import OrderedDict
from datetime import date
from typing import NamedTuple

from msgspec import Struct

from rules.decision import Conclusion

CAPACITY = 12_000_000
"""Bytes of bodies that are kept in a process; the findings beside them take about as much again."""


class Question(NamedTuple):
    """Everything that a decision's body follows from."""

    request: bytes
    """The canonical request."""
    release: str
    as_of: date
    policy_digest: str
    as_of_is_future: bool


class Told(Struct, frozen=True, kw_only=True):
    """A decision without what is new each time: its body, the body's SHA-256 in hexadecimal, and what it says."""

    body: bytes
    digest: str
    conclusion: Conclusion


class DecisionMemory:
    """Decisions by what was asked, least recently asked first out; bounded in bytes."""

    def __init__(self, capacity: int = CAPACITY) -> None:
        self._capacity = capacity
        self._told: OrderedDict[Question, Told] = OrderedDict()
        self.size = 0

    def get(self, question: Question) -> Told | None:
        """Return what was decided on a question; null when it was not asked of late."""
        told = self._told.get(question)
        if told is not None:
            self._told.move_to_end(question)
        return told

    def keep(self, question: Question, told: Told) -> None:
        """Remember a decision."""
        if question in self._told:
            return
        self._told[question] = told
        self.size += len(question.request) + len(told.body)
        while self.size > self._capacity:
            old, dropped = self._told.popitem(last=False)
            self.size -= len(old.request) + len(dropped.body)
