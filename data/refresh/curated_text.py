"""Curated files as text that is patched, not rewritten: comments and the order of rows stay as they were written."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Mapping

_HEADER = re.compile(r"^\[\[?\s*([A-Za-z0-9_]+)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(r"^\s*([A-Za-z0-9_]+)\s*=")


class TomlText:
    """A TOML file of `[[tables]]`. Rows count from 1 within their table, as the loader counts them."""

    def __init__(self, text: str) -> None:
        self._lines = _lines_of(text)

    def __str__(self) -> str:
        return "\n".join(self._lines) + "\n"

    def append(self, table: str, values: Mapping[str, object]) -> None:
        """Add a row after the last one of its table, or at the end; null values are left out."""
        block = [f"[[{table}]]"]
        block += [f"{name} = {write_value(value)}" for name, value in values.items() if value is not None]
        blocks = self._blocks(table)
        if blocks:
            end = self._end_of(blocks[-1])
            self._lines[end:end] = ["", *block]
            return
        while self._lines and not self._lines[-1].strip():
            self._lines.pop()
        self._lines += ["", *block]

    def set(self, table: str, number: int, name: str, value: object) -> None:
        """Give the row `number` of a table a value, in the place of the one it has."""
        start = self._blocks(table)[number - 1]
        end = self._end_of(start)
        line = f"{name} = {write_value(value)}"
        for index in range(start + 1, end):
            match = _KEY.match(self._lines[index])
            if match and match[1] == name:
                self._lines[index] = line
                return
        self._lines.insert(end, line)

    def _blocks(self, table: str) -> list[int]:
        """Return the header lines of a table's rows."""
        return [
            index
            for index, line in enumerate(self._lines)
            if line.startswith("[[") and (match := _HEADER.match(line)) and match[1] == table
        ]

    def _end_of(self, start: int) -> int:
        """Return the line after the last one of the row that begins at `start`; blanks and comments after it stay."""
        end = start + 1
        while end < len(self._lines) and _HEADER.match(self._lines[end]) is None:
            end += 1
        while end > start + 1 and (not self._lines[end - 1].strip() or self._lines[end - 1].lstrip().startswith("#")):
            end -= 1
        return end


class CsvText:
    """A CSV file whose lines keep their order and their bytes unless they are changed. Rows count from 1."""

    def __init__(self, text: str, columns: tuple[str, ...]) -> None:
        self._columns = columns
        self._lines = _lines_of(text) or [_line(columns)]
        self._indexes: dict[tuple[str, ...], dict[tuple[str, ...], list[int]]] = {}

    def __str__(self) -> str:
        return "\n".join(self._lines) + "\n"

    def find(self, names: tuple[str, ...], wanted: Mapping[str, str]) -> list[int]:
        """Return the rows that were read with these values in the columns `names`."""
        if names not in self._indexes:
            index: dict[tuple[str, ...], list[int]] = {}
            places = [self._columns.index(name) for name in names]
            for number, cells in enumerate(csv.reader(self._lines[1:]), 1):
                index.setdefault(tuple(cells[place] for place in places), []).append(number)
            self._indexes[names] = index
        return self._indexes[names].get(tuple(wanted[name] for name in names), [])

    def append(self, values: Mapping[str, object]) -> None:
        """Add a row at the end; null is an empty cell."""
        self._lines.append(_line([_cell(values.get(name)) for name in self._columns]))

    def set(self, number: int, name: str, value: object) -> None:
        """Give one cell of a row a value."""
        cells = next(csv.reader([self._lines[number]]))
        cells[self._columns.index(name)] = _cell(value)
        self._lines[number] = _line(cells)

    def take(self, numbers: Iterable[int]) -> list[dict[str, str]]:
        """Remove rows and return their cells, to be put into another file. The rows after them move up."""
        wanted = set(numbers)
        taken = [line for number, line in enumerate(self._lines) if number in wanted]
        self._lines = [line for number, line in enumerate(self._lines) if number not in wanted]
        self._indexes.clear()
        return [dict(zip(self._columns, cells, strict=True)) for cells in csv.reader(taken)]


def write_value(value: object) -> str:
    """Return a value as TOML: a quoted text, a flag, or a list of texts."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(write_value(one) for one in value) + "]"
    return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007f")


def _lines_of(text: str) -> list[str]:
    """Return lines as TOML and CSV count them: a text may hold other characters that Python takes for line ends."""
    return text.removesuffix("\n").split("\n") if text else []


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _line(cells: Iterable[str]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="").writerow(cells)
    return out.getvalue()
