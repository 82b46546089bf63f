"""Rows as bytes: one table of values, four representations with equal content."""

from __future__ import annotations

import csv
import datetime as dt
import io
import types
import typing
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import TYPE_CHECKING, Any, Protocol

import msgspec
from msgspec import Struct

from api.representations.negotiation import CSV, NDJSON, PARQUET, Format
from data.facts.amounts import plain
from data.facts.fact import Source

if TYPE_CHECKING:
    import pyarrow as pa

Row = Mapping[str, Any]

_FORMULA = ("=", "+", "-", "@")
"""How a formula begins in a spreadsheet."""

_ENCODER = msgspec.json.Encoder(decimal_format=plain)


class RowWriter(Protocol):
    """Writes rows piece by piece; the pieces together are the representation."""

    def write(self, rows: Sequence[Row]) -> bytes:
        """Return the bytes of more rows."""

    def finish(self) -> bytes:
        """Return the bytes after the last row."""


def json_page(rows: Sequence[Row], meta: Struct) -> bytes:
    """Return a page of rows as JSON."""
    return _ENCODER.encode({"data": rows, "meta": meta})


def writer_for(chosen: Format, row: type[Struct], names: Sequence[str]) -> RowWriter:
    """Return the writer of a format other than JSON. `row` tells the types of the columns, `names` their order."""
    return _WRITERS[chosen](row, names)


class NdjsonWriter:
    """One JSON object a line."""

    def __init__(self, row: type[Struct], names: Sequence[str]) -> None:
        del row, names

    def write(self, rows: Sequence[Row]) -> bytes:
        """Return one line a row."""
        return _ENCODER.encode_lines(rows) if rows else b""

    def finish(self) -> bytes:
        """Return nothing."""
        return b""


class CsvWriter:
    """A header line and a line a row (RFC 4180). Null is an empty cell; lists and objects are JSON text.

    A text that a spreadsheet would run as a formula has an apostrophe before it: callers choose their Idempotency-Keys,
    and an auditor opens the export.
    """

    def __init__(self, row: type[Struct], names: Sequence[str]) -> None:
        del row
        self._names = names
        self._started = False

    def write(self, rows: Sequence[Row]) -> bytes:
        """Return the rows' lines, the header before the first."""
        out = io.StringIO()
        lines = csv.writer(out)
        if not self._started:
            lines.writerow(self._names)
            self._started = True
        lines.writerows([_csv_cell(row[name]) for name in self._names] for row in rows)
        return out.getvalue().encode()

    def finish(self) -> bytes:
        """Return the header of a table without rows."""
        return b"" if self._started else self.write(())


class ParquetWriter:
    """Apache Parquet: decimals as DECIMAL(38,18), dates as DATE, lists as lists, objects as JSON text."""

    def __init__(self, row: type[Struct], names: Sequence[str]) -> None:
        import pyarrow.parquet as pq

        self._schema = arrow_schema(row, tuple(names))
        self._sink = _Sink()
        self._writer = pq.ParquetWriter(self._sink, self._schema, compression="zstd")

    def write(self, rows: Sequence[Row]) -> bytes:
        """Return a row group."""
        import pyarrow as pa

        if rows:
            columns = {
                field.name: [_parquet_cell(row[field.name], as_text=pa.types.is_string(field.type)) for row in rows]
                for field in self._schema
            }
            self._writer.write_table(pa.table(columns, schema=self._schema))
        return self._sink.drain()

    def finish(self) -> bytes:
        """Return the footer."""
        self._writer.close()
        return self._sink.drain()


_WRITERS: dict[Format, Callable[[type[Struct], Sequence[str]], RowWriter]] = {
    NDJSON: NdjsonWriter,
    CSV: CsvWriter,
    PARQUET: ParquetWriter,
}


class _Sink(io.RawIOBase):
    """A file that hands out what was written since the last look."""

    def __init__(self) -> None:
        super().__init__()
        self._pieces: list[bytes] = []
        self._position = 0

    def writable(self) -> bool:
        return True

    def write(self, piece: Any) -> int:
        content = bytes(piece)
        self._pieces.append(content)
        self._position += len(content)
        return len(content)

    def tell(self) -> int:
        return self._position

    def drain(self) -> bytes:
        content = b"".join(self._pieces)
        self._pieces.clear()
        return content


@cache
def arrow_schema(row: type[Struct], names: tuple[str, ...]) -> pa.Schema:
    """Return the Arrow types of a row's columns."""
    import pyarrow as pa

    hints = typing.get_type_hints(row)
    return pa.schema([(name, _arrow_type(hints[name])) for name in names])


def _arrow_type(hint: Any) -> pa.DataType:
    import pyarrow as pa

    plain_types = {
        str: pa.string(),
        bool: pa.bool_(),
        int: pa.int64(),
        Decimal: pa.decimal128(38, 18),
        dt.date: pa.date32(),
    }
    arms = [hint]
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        arms = [arm for arm in typing.get_args(hint) if arm not in (type(None), Source)]
    if len(arms) == 1:
        (arm,) = arms
        if arm in plain_types:
            return plain_types[arm]
        if typing.get_origin(arm) is tuple and _is_text(typing.get_args(arm)[0]):
            return pa.list_(pa.string())
    return pa.string()


def _is_text(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, (str, Enum))


def _cell(value: object) -> object:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dt.date):
        return str(msgspec.to_builtins(value))
    return str(value) if isinstance(value, int) else _ENCODER.encode(value).decode()


def _csv_cell(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else _cell(value)


def _parquet_cell(value: object, *, as_text: bool) -> object:
    return _cell(value) if as_text else value
