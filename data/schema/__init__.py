"""The tables of a release, as SQL files; each file is one subject."""

from __future__ import annotations

from functools import cache
from pathlib import Path


@cache
def schema_text() -> str:
    """Return every CREATE statement, files in order of name."""
    return "\n".join(path.read_text(encoding="utf-8") for path in sorted(Path(__file__).parent.glob("*.sql")))
