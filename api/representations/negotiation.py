"""Which representation a request gets: `format` decides, else `Accept`."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from api.problems import NOT_ACCEPTABLE, ProblemError


class Format(Struct, frozen=True, kw_only=True):
    """A representation: the word that `format` takes, and its media type."""

    name: str
    media_type: str
    content_type: str


JSON = Format(name="json", media_type="application/json", content_type="application/json")
NDJSON = Format(name="ndjson", media_type="application/x-ndjson", content_type="application/x-ndjson")
CSV = Format(name="csv", media_type="text/csv", content_type="text/csv; charset=utf-8; header=present")
PARQUET = Format(
    name="parquet",
    media_type="application/vnd.apache.parquet",
    content_type="application/vnd.apache.parquet",
)

FORMATS: dict[str, Format] = {one.name: one for one in (JSON, NDJSON, CSV, PARQUET)}
"""The representations of a list, the preferred one first."""


def accepted_format(accept: str | None, offered: Sequence[Format]) -> Format:
    """Return the representation that an `Accept` header likes best; of equals, the first one offered.

    Raises:
        ProblemError: 406 when it accepts none of them.
    """
    if not accept or accept == "*/*":
        return offered[0]
    ranges = [_parse_range(part) for part in accept.split(",")]
    best = max(offered, key=lambda one: _quality(one.media_type, ranges))
    if _quality(best.media_type, ranges) <= 0:
        raise ProblemError(
            NOT_ACCEPTABLE, "This resource comes as " + ", ".join(one.media_type for one in offered) + "."
        )
    return best


def _parse_range(text: str) -> tuple[str, float]:
    media_range, *parameters = (part.strip().lower() for part in text.split(";"))
    quality = 1.0
    for parameter in parameters:
        if parameter.startswith("q="):
            try:
                quality = min(1.0, max(0.0, float(parameter[2:])))
            except ValueError:
                quality = 0.0
    return media_range, quality if quality == quality else 0.0


def _quality(media_type: str, ranges: Sequence[tuple[str, float]]) -> float:
    """Return the quality that the most specific matching range gives a media type."""
    for wanted in (media_type, media_type.partition("/")[0] + "/*", "*/*"):
        for media_range, quality in ranges:
            if media_range == wanted:
                return quality
    return 0.0
