"""The questions that lists answer, one SQL file each; parameters are named and nothing is ever spliced in."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from msgspec import Struct

_PARAMETER = re.compile(r"\$([a-z_0-9]+)")
_COMMENT = re.compile(r"--[^\n]*")


class Query(Struct, frozen=True, kw_only=True):
    """The text of a query and the names of its parameters."""

    name: str
    text: str
    parameters: frozenset[str]


@cache
def read_query(name: str) -> Query:
    """Return the query of this name.

    Raises:
        FileNotFoundError: there is none.
    """
    text = (Path(__file__).parent / f"{name}.sql").read_text(encoding="utf-8")
    return Query(name=name, text=text, parameters=frozenset(_PARAMETER.findall(_COMMENT.sub("", text))))
