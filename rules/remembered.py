"""Answers of one release on one day that are kept for equal questions, so many at most."""

from __future__ import annotations

from typing import TypeVar

from data.memory import Memory
from rules.knowledge import Knowledge

T = TypeVar("T")


class Remembered(Memory[T]):
    """Answers by all that they hang on. A subclass is one such memory: `knowledge.derive` makes it, once a day."""

    def __init__(self, knowledge: Knowledge) -> None:
        super().__init__()
        self.knowledge = knowledge
