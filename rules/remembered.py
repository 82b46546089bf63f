"""Answers of one release on one day that are kept for equal questions, so many at most."""

from __future__ import annotations

from typing import ClassVar, TypeVar

from rules.knowledge import Knowledge

T = TypeVar("T")


class Remembered(dict[object, T]):
    """Answers by all that they hang on. A subclass is one such memory: `knowledge.derive` makes it, once a day.

    What is asked often is looked up like in any dictionary; only a new answer goes through `keep`.
    """

    most: ClassVar[int] = 4096
    """Most answers that are kept; beyond that it starts afresh."""

    def __init__(self, knowledge: Knowledge) -> None:
        super().__init__()
        self.knowledge = knowledge

    def keep(self, key: object, answer: T) -> T:
        """Remember an answer and return it."""
        if len(self) >= self.most:
            self.clear()
        self[key] = answer
        return answer
