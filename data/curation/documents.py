"""Curated TOML files as tables of rows that know where they stand."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from data.curation.problems import Problems

_HEADER = re.compile(r"^\[\[?\s*([A-Za-z0-9_]+)\s*\]\]?\s*(?:#.*)?$", re.MULTILINE)


class BareNumber(str):
    """A number written without quotes where TOML would make it a float: kept as text so that it can be refused."""

    __slots__ = ()


class Row:
    """One row of a table: its values, and where to report what is wrong with it."""

    def __init__(self, document: Document, table: str, number: int, line: int | None, values: dict[str, Any]) -> None:
        self.document = document
        self.table = table
        self.number = number
        self.line = line
        self.values = values

    def problem(self, message: str) -> None:
        """Report something wrong with this row."""
        self.document.problems.add(self.document.label, message, table=self.table, row=self.number, line=self.line)

    def is_among(self, name: str, value: str, words: Iterable[str]) -> bool:
        """Say whether the value under a key is one of the words; report it where it is none."""
        listed = tuple(words)
        if value not in listed:
            self.problem(f"{name}: {value!r} is none of {', '.join(listed)}")
        return value in listed

    def holding(self, values: dict[str, Any]) -> Row:
        """Return the row with other values, what is wrong with them being reported in the same place."""
        return Row(self.document, self.table, self.number, self.line, values)


class Document:
    """One parsed file. `label` is its path inside the curated folder, `scope` its name without suffix."""

    def __init__(self, label: str, text: str | None, problems: Problems) -> None:
        """Parse a file's text; null stands for one that was reported as no text."""
        self.label = label
        self.scope = Path(label).stem
        self.problems = problems
        self._taken: set[str] = set()
        self._lines: dict[str, list[int]] = {}
        self.readable = text is not None
        """False for a file that is no TOML: that is its one problem, whatever misses its rows."""
        self.values: dict[str, Any] = {}
        if text is None:
            return
        for match in _HEADER.finditer(text):
            self._lines.setdefault(match[1], []).append(text.count("\n", 0, match.start()) + 1)
        try:
            self.values = tomllib.loads(text, parse_float=BareNumber)
        except tomllib.TOMLDecodeError as error:
            self.readable = False
            problems.add(label, f"not valid TOML: {error}")

    def rows(self, table: str) -> Iterator[Row]:
        """Yield the rows of an array of tables, `[[table]]`."""
        self._taken.add(table)
        values = self.values.get(table, [])
        if not isinstance(values, list) or not all(isinstance(one, dict) for one in values):
            self.problems.add(self.label, f"{table} must be written [[{table}]]")
            return
        for number, one in enumerate(values, 1):
            yield Row(self, table, number, self._line(table, number), one)

    def row(self, table: str) -> Row | None:
        """Return the one row of `[table]`, or report that it is missing."""
        self._taken.add(table)
        values = self.values.get(table)
        if not isinstance(values, dict):
            if self.readable:
                self.problems.add(self.label, f"needs one [{table}]")
            return None
        return Row(self, table, 1, self._line(table, 1), values)

    def refuse_other_tables(self) -> None:
        """Report every table of the file that nobody asked for."""
        for name in self.values:
            if name not in self._taken:
                self.problems.add(self.label, f"unknown table or key {name!r}", line=self._line(name, 1))

    def _line(self, table: str, number: int) -> int | None:
        lines = self._lines.get(table, [])
        return lines[number - 1] if number <= len(lines) else None


def read_document(folder: Path, path: Path, problems: Problems) -> Document:
    """Read one TOML file below the curated folder."""
    label = path.relative_to(folder).as_posix()
    return Document(label, read_text(label, path, problems), problems)


def read_text(label: str, path: Path, problems: Problems) -> str | None:
    """Return the text of a curated file; null, and a problem under its `label`, where it is none or cannot be read."""
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        problems.add(label, f"cannot be read: {error.strerror}")
    except UnicodeDecodeError as error:
        problems.add(label, f"not UTF-8: {error.reason}", line=error.object.count(b"\n", 0, error.start) + 1)
    return None
