"""Inputs that a rule's `needs` promise: the engine evaluates no rule that lacks one."""

from __future__ import annotations

from typing import TypeVar

T = TypeVar("T")


def given(value: T | None) -> T:
    """Return an input that the rule names in its `needs`.

    Raises:
        RuntimeError: the rule reads an input that it does not name there.
    """
    if value is None:
        raise RuntimeError("a rule reads an input that it does not name in its needs")
    return value
