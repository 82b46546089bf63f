"""The tables of a release, as SQL files; each file is one subject."""

from __future__ import annotations

from functools import cache
from pathlib import Path

FILES = ("macros", "release", "venues", "costs", "standing", "law", "views")
"""In the order in which they have to be executed."""


@cache
def schema_text() -> str:
    """Return every CREATE statement."""
    return "\n".join((Path(__file__).parent / f"{name}.sql").read_text(encoding="utf-8") for name in FILES)
