"""What a predicate found, in words: the explanation of a finding."""

from __future__ import annotations

from msgspec import Struct


class Observation(Struct, frozen=True):
    """One predicate's reading: the sentence about what was seen, its value, and the fact it was read from."""

    says: str
    """A clause about this trade, such as "Bybit does not hold DCM"."""
    observed: str | None = None
    limit: str | None = None
    field: str | None = None
    """Dotted path of the request field that would answer an unknown."""
    source: str | None = None
    flag: str | None = None
    ask: str | None = None
    """The question that would settle an unknown, where the predicate's general one would not."""
    condition: str | None = None
    """What `conditions_met` would name to answer it."""


def source_of(seen: Observation | None) -> tuple[str, ...]:
    """Return the fact's source, as findings list sources: none where nothing was seen, or no fact was read."""
    return (seen.source,) if seen is not None and seen.source else ()
