"""What is wrong with a set of curated files, all of it at once."""

from __future__ import annotations

from msgspec import Struct

SHOWN = 200


class Problem(Struct, frozen=True, kw_only=True):
    """One thing to mend. `row` counts from 1 within its table; `line` is the row's first line in the file."""

    file: str
    message: str
    table: str | None = None
    row: int | None = None
    line: int | None = None

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        if self.table is None:
            return f"{place}: {self.message}"
        where = self.table if self.row is None else f"{self.table} row {self.row}"
        return f"{place}: {where}: {self.message}"


class CurationError(Exception):
    """Curated files that cannot become facts, with every problem found in the run."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = tuple(problems)
        lines = [str(problem) for problem in problems[:SHOWN]]
        if len(problems) > SHOWN:
            lines.append(f"… and {len(problems) - SHOWN} more")
        count = f"{len(problems)} problem{'s' if len(problems) != 1 else ''} in the curated files"
        super().__init__("\n".join([count, *lines]))


class NoFactsError(CurationError):
    """The folder is not one of curated facts: it is not there, or holds no venue file."""

    def __init__(self, why: str) -> None:
        super().__init__([])
        self.args = (why,)


class Problems:
    """Collects problems while files are read."""

    def __init__(self) -> None:
        self.found: list[Problem] = []

    def add(
        self, file: str, message: str, *, table: str | None = None, row: int | None = None, line: int | None = None
    ) -> None:
        """Record one problem."""
        self.found.append(Problem(file=file, message=message, table=table, row=row, line=line))

    def raise_if_any(self) -> None:
        """Raise what was found, in the order of file and line.

        Raises:
            CurationError: at least one problem was recorded.
        """
        if self.found:
            raise CurationError(sorted(self.found, key=lambda one: (one.file, one.line or 0, one.row or 0)))
