"""Log lines: JSON for machines, plain ones for people, and why the journal failed."""

from __future__ import annotations

import io
import logging
import math
import sys
import time
from collections.abc import Iterable
from contextlib import suppress
from typing import Any, BinaryIO

import msgspec
import structlog

from data.journal.errors import JournalError

_CAUSE_SECONDS = 10.0
_LONGEST_CAUSE = 300
_MOST_CAUSES = 64
_causes_told: dict[tuple[str, str], float] = {}
"""When it was last logged why the journal failed, by cause."""


def log_unavailable(error: JournalError) -> None:
    """Say why the journal failed a request: once in a while for each cause, since every request fails of it.

    What is said is the store's own words: they may name hosts and users, never what was to be stored.
    """
    cause = error.cause or type(error.__cause__ or error).__name__
    said = cause, str(error)[:_LONGEST_CAUSE]
    now = time.monotonic()
    if now - _causes_told.get(said, -math.inf) < _CAUSE_SECONDS:
        return
    if len(_causes_told) >= _MOST_CAUSES:
        _causes_told.clear()
    _causes_told[said] = now
    with suppress(OSError):
        structlog.get_logger("preclear.journal").warning("journal_unavailable", cause=said[0], why=said[1])


def configure_logging(style: str, level: str = "info", stream: BinaryIO | None = None) -> None:
    """Send log lines to `stream` (default: standard output): `json` for machines, anything else for people."""
    stream = stream or sys.stdout.buffer
    threshold = logging.getLevelNamesMapping().get(level.upper(), logging.INFO)
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    render = _JsonLine() if style == "json" else _PlainLine()
    exceptions = structlog.processors.format_exc_info
    structlog.configure(
        processors=[*shared, exceptions, render],
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=structlog.BytesLoggerFactory(stream),
    )
    handler = logging.StreamHandler(io.TextIOWrapper(stream, encoding="utf-8", write_through=True))
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, exceptions, _as_text(render)],
        )
    )
    logging.basicConfig(level=max(threshold, logging.WARNING), handlers=[handler], force=True)


class _JsonLine:
    """Renders an event as one line of JSON."""

    def __call__(self, _logger: object, _method: str, event: Any) -> bytes:
        return msgspec.json.encode(event, enc_hook=str)


class _PlainLine:
    """Renders an event as one line of text."""

    def __call__(self, _logger: object, _method: str, event: Any) -> bytes:
        moment, level, what = event.pop("timestamp", ""), event.pop("level", ""), event.pop("event", "")
        trace = event.pop("exception", None)
        details = " ".join(
            f"{name}={_on_one_line(value)}" for name, value in _sorted(event.items()) if value is not None
        )
        line = f"{moment} {level:<7} {what} {details}".rstrip()
        return (line if trace is None else f"{line}\n{trace}").encode("utf-8", "backslashreplace")


def _sorted(items: Iterable[tuple[str, Any]]) -> list[tuple[str, Any]]:
    return sorted((name, value) for name, value in items if not name.startswith("_"))


def _on_one_line(value: object) -> str:
    """Return a value's text with control characters written out: a path must not look like a line of its own."""
    text = str(value)
    return text if text.isprintable() else text.encode("unicode_escape").decode("ascii")


def _as_text(render: Any) -> Any:
    def rendering(logger: object, method: str, event: Any) -> str:
        return str(render(logger, method, event).decode())

    return rendering
