"""Input that is well-formed but cannot be reckoned with: every bad field, and what would be accepted."""

from __future__ import annotations

Problem = tuple[str, str]
"""JSON pointer into the request, and what is wrong there."""


class InputRefusedError(ValueError):
    """Inputs that were refused, all of them at once."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("; ".join(f"{pointer}: {detail}" for pointer, detail in problems))
        self.problems = tuple(problems)


def refuse_if_any(problems: list[Problem]) -> None:
    """Raise what was found, each thing once.

    Raises:
        InputRefusedError: there is at least one problem.
    """
    if problems:
        raise InputRefusedError(list(dict.fromkeys(problems)))
