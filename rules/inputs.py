"""What a rule's declaration promises it: the engine evaluates no rule that lacks an input it needs, or a threshold."""

from __future__ import annotations

from typing import TypeVar

T = TypeVar("T")


def given(value: T | None) -> T:
    """Return an input that the rule names in its `needs`, or a threshold without which its policy leaves it out.

    Raises:
        RuntimeError: the rule reads what its declaration does not name.
    """
    if value is None:
        raise RuntimeError("a rule reads what its declaration does not name")
    return value
