"""Query parameters in: strict about names and repetition, complete about what is wrong."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from api.openapi.promises import Promise
from api.problems import FieldError, ProblemError, invalid

if TYPE_CHECKING:
    from litestar import Request

DEFAULT_LIMIT = 100
MAX_LIMIT = 1000
_DAY = r"\d{4}-\d{2}-\d{2}"
_is_day = re.compile(_DAY, re.ASCII).fullmatch
INSTANT = rf"{_DAY}[Tt ]\d{{2}}:\d{{2}}:\d{{2}}(\.\d{{1,18}})?([Zz]|[+-]\d{{2}}:\d{{2}})"
"""How RFC 3339, section 5.6, writes an instant."""
_is_instant = re.compile(INSTANT, re.ASCII).fullmatch
NO_PLACE = "Expected an ISO 3166-1 alpha-2 or ISO 3166-2 code, such as AE or US-NY"


class Query:
    """The query parameters of one request; known are those that its route promises.

    Ask for each parameter through the methods, then call `check()`: it raises one problem that names every bad
    parameter, the unknown ones included. Routes without any need not: their requests are checked before
    (`api.security.Gate`).
    """

    def __init__(self, request: Request[Any, Any, Any]) -> None:
        self._values: dict[str, list[str]] = {}
        if request.scope["query_string"]:
            for name, value in request.query_params.multi_items():
                self._values.setdefault(name, []).append(value)
        self._errors: list[FieldError] = []
        self._missing: list[tuple[FieldError, ProblemError]] = []
        if self._values:
            known = promised_names(request.scope["route_handler"])
            told = f"known are {', '.join(sorted(known))}" if known else "none is known here"
            self._errors.extend(
                FieldError(pointer=f"query:{name[:80]}", detail=f"Unknown parameter; {told}")
                for name in self._values
                if name not in known
            )

    def one(self, name: str, default: str | None = None) -> str | None:
        """Return the value of a parameter that may stand once."""
        values = self._values.get(name)
        if values is None:
            return default
        if len(values) > 1:
            self.refuse(name, "May be given once only")
        return values[0]

    def required(self, name: str) -> str:
        """Return the value of a parameter that must stand once."""
        value = self.one(name)
        if value is None:
            self.refuse(name, "Missing required parameter")
        return value or ""

    def many(self, name: str) -> tuple[str, ...]:
        """Return all values of a parameter that may be repeated (any of them may match)."""
        return tuple(self._values.get(name, ()))

    def parsed(self, name: str, parse: Callable[[str], Any], default: Any = None) -> Any:
        """Return a parameter through `parse`, whose `ValueError` becomes the field's error."""
        value = self.one(name)
        if value is None:
            return default
        try:
            return parse(value)
        except ValueError as error:
            self.refuse(name, str(error))
            return default

    def choice(self, name: str, choices: Mapping[str, Any], default: Any = None) -> Any:
        """Return what a parameter with a closed list of values stands for."""
        value = self.one(name)
        if value is None:
            return default
        if value not in choices:
            self.refuse(name, "Expected one of " + ", ".join(choices))
            return default
        return choices[value]

    def flag(self, name: str, *, default: bool) -> bool:
        """Return a true/false parameter."""
        return bool(self.choice(name, {"true": True, "false": False}, default))

    def refuse(self, name: str, detail: str) -> None:
        """Note that a parameter is bad."""
        self._errors.append(FieldError(pointer=f"query:{name}", detail=detail))

    def miss(self, name: str, problem: ProblemError) -> None:
        """Note that what a parameter names is not there: `problem` says so where nothing else is wrong."""
        self._missing.append((FieldError(pointer=f"query:{name}", detail=problem.detail), problem))

    def check(self) -> None:
        """Raise the problem that names every bad parameter, if there is one.

        Raises:
            ProblemError: 422, or that of the one parameter that names what is not there.
        """
        if self._errors or len(self._missing) > 1:
            raise invalid([*self._errors, *(field for field, _ in self._missing)])
        for _, problem in self._missing:
            raise problem


def promised_names(handler: Any) -> frozenset[str]:
    """Return the names of the query parameters that a route promises to take."""
    promise = handler.opt.get("promise")
    parameters = promise.parameters if isinstance(promise, Promise) else ()
    return frozenset(one.name for one in parameters if one.where == "query")


def parse_day(text: str) -> date:
    """Return a day written YYYY-MM-DD.

    Raises:
        ValueError: it is not.
    """
    try:
        if _is_day(text):  # Python reads week dates too
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise ValueError("Expected a date written YYYY-MM-DD")


def parse_moment(text: str) -> datetime:
    """Return an instant written as RFC 3339 has it, or the first one of a day in UTC.

    Raises:
        ValueError: the text is neither.
    """
    try:
        if _is_day(text):
            return datetime.combine(date.fromisoformat(text), datetime.min.time(), UTC)
        if _is_instant(text):
            return datetime.fromisoformat(text.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise ValueError("Expected a date (2026-11-01) or an instant with its offset (2026-11-01T12:00:00Z)")


def parse_limit(text: str) -> int:
    """Return the most rows a page may have.

    Raises:
        ValueError: the text is no whole number from 1 to `MAX_LIMIT`.
    """
    if text.isascii() and text.isdigit() and len(text) <= 4 and 1 <= int(text) <= MAX_LIMIT:
        return int(text)
    raise ValueError(f"Expected a whole number from 1 to {MAX_LIMIT}")


FUTURE = "as_of lies in the future: facts and law may change before then."
"""What is said of an answer for a day to come."""


def today() -> date:
    """Return the current day in UTC, the default of `as_of`."""
    return datetime.now(UTC).date()
