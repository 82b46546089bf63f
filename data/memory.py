"""Answers that are kept for equal questions, within one budget that all memories of a process share.

Days and releases are asked about in any mixture, and each has memories of its own: what they hold together is bounded,
not only what each does.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from threading import Lock
from typing import ClassVar, TypeVar
from weakref import WeakValueDictionary

T = TypeVar("T")

_LONG = 1_000
"""A question counts once more for every so many characters: callers choose some of the names in it."""


class Memory(dict[object, T]):
    """Answers by all that they hang on.

    What is asked often is looked up like in any dictionary; only a new answer goes through `keep`. Others may clear it
    at any time, from another thread too: look an answer up once.
    """

    most: ClassVar[int] = 4096
    """Most answers that are kept here; beyond that it starts afresh."""
    weighs: ClassVar[int] = 1
    """How many an answer here counts for: more than one where it is long."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = 0
        """Answers that are kept, a long one and one to a long question counting for several."""
        self.used = 0
        """When the last answer was kept: a number that grows."""
        BUDGET.add(self)

    def answer(self, question: object, find: Callable[[], T]) -> T:
        """Return the answer to a question, found the first time it is asked; null may be one."""
        try:
            return self[question]
        except KeyError:
            return self.keep(question, find())

    def keep(self, question: object, found: T) -> T:
        """Remember an answer and return it."""
        if len(self) >= self.most:
            self.clear()
        self[question] = found
        weight = self.weighs + len(repr(question)) // _LONG
        self.weight += weight
        BUDGET.spend(self, weight)
        return found

    def clear(self) -> None:
        """Forget every answer."""
        super().clear()
        self.weight = 0


class Budget:
    """How much all memories may hold together; beyond it those that learned nothing for the longest start afresh."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._memories: WeakValueDictionary[int, Memory[object]] = WeakValueDictionary()
        self._moments = count(1)
        self._spent = 0
        """What all memories held when they were counted last, and all that was kept since."""
        self._counting = Lock()

    def add(self, memory: Memory[T]) -> None:
        """Count a memory among those that share the budget."""
        self._memories[id(memory)] = memory  # type: ignore[assignment]  # whatever it holds

    def spend(self, memory: Memory[T], weight: int) -> None:
        """Note that a memory has kept an answer."""
        memory.used = next(self._moments)
        self._spent += weight
        if self._spent > self.most:
            with self._counting:
                self._make_room()

    def _make_room(self) -> None:
        """Count again, and free a quarter where the memories hold too much indeed."""
        memories = [memory for one in self._memories.valuerefs() if (memory := one()) is not None]
        held = sum(memory.weight for memory in memories)
        if held > self.most:
            for memory in sorted(memories, key=lambda one: one.used):
                held -= memory.weight
                memory.clear()
                if held <= self.most * 3 // 4:
                    break
        self._spent = held


BUDGET = Budget(40_000)
"""Some 70 MB: an answer takes 1.7 kB on average (measured over decisions of every kind of client and instrument)."""
