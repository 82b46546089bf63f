"""How an entry stands in its table, and comes out of it again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from isal import isal_zlib
from msgspec.structs import astuple

from data.journal.chain import Header
from data.journal.entry import Entry, NewEntry

SCHEMA_VERSION = 1
"""Version of the journal's tables."""

_HEADER = tuple(name for name in Header.__struct_fields__ if name != "format")
_FAILED_RULES = _HEADER.index("failed_rules")
COLUMNS = (*_HEADER, "digest", "request", "answer")
"""Names of the columns, in the order of `row_of`."""


def row_of(header: Header, digest: str, new: NewEntry) -> tuple[Any, ...]:
    """Return an entry as the values of `COLUMNS`."""
    _, *values = astuple(header)
    values[_FAILED_RULES] = _failed_rules_column(header.failed_rules)
    # The same format as zlib's own, in a fifth of its time.
    return (*values, digest, new.request, isal_zlib.compress(new.answer, 1))


def entry_of(row: Any) -> Entry:
    """Return a row of the table as an entry."""
    values = dict(row._mapping)
    values["failed_rules"] = failed_rules_of(values["failed_rules"])
    values["request"], values["answer"] = as_bytes(values["request"]), unpacked(values["answer"])
    return Entry(**values)


def unpacked(answer: object) -> bytes:
    """Return a stored answer as it was given.

    Bytes that cannot be unpacked, or that others stand behind, are returned as they stand: their digest will show that
    they were altered.
    """
    packed = as_bytes(answer)
    unpacking = isal_zlib.decompressobj()
    try:
        found = unpacking.decompress(packed)
    except isal_zlib.error:  # type: ignore[misc]  # its stub calls it an exception, not a class of them
        return packed
    return found if unpacking.eof and not unpacking.unused_data else packed


def as_bytes(body: object) -> bytes:
    """Return a stored body. SQLite keeps in a column whatever it is given: an altered one may be text or a number."""
    return bytes(body) if isinstance(body, (bytes, memoryview, bytearray)) else str(body).encode()


def failed_rules_of(stored: object) -> tuple[str, ...]:
    """Return the rules that a row names; what was not written like that comes back as it stands, to be noticed."""
    rules = tuple(stored.split()) if isinstance(stored, str) else ()
    return rules if _failed_rules_column(rules) == stored else ("", str(stored))


def _failed_rules_column(rules: Sequence[str]) -> str:
    return f" {' '.join(rules)} " if rules else ""
