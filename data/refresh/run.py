"""Read several venues at once; each one succeeds or fails by itself."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Protocol

from msgspec import Struct

from data.refresh.cache import ResponseCache
from data.refresh.candidates import VenueReading
from data.refresh.client import Client, Limits
from data.refresh.errors import RefreshError
from data.refresh.reading import Reader, Reading
from data.refresh.venues import READERS

AT_ONCE = 4


class Failure(Struct, frozen=True, kw_only=True):
    """A venue that could not be read."""

    venue: str
    reason: str


class Watcher(Protocol):
    """Told how the reading goes."""

    def step(self, venue: str, what: str, done: int, total: int | None) -> None:
        """Note that `done` of `total` pages or symbols are read."""

    def notice(self, venue: str, line: str) -> None:
        """Note a retry."""

    def finished(self, venue: str, failure: Failure | None) -> None:
        """Note that a venue is done."""


class Places(Struct, frozen=True, kw_only=True):
    """Where to ask, when not the venues themselves: base addresses by venue, and the hosts allowed beside theirs."""

    base_urls: Mapping[str, str] = {}
    extra_hosts: frozenset[str] = frozenset()


async def read_venues(
    venues: Iterable[str],
    *,
    watcher: Watcher,
    places: Places | None = None,
    limits: Limits | None = None,
    cache_folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
    today: Callable[[], date] = lambda: datetime.now(UTC).date(),
) -> tuple[list[VenueReading], list[Failure]]:
    """Return what was read of each venue, and which could not be read, in the order given."""
    gate = asyncio.Semaphore(AT_ONCE)
    where = places or Places()
    cache = ResponseCache(cache_folder) if cache_folder else None
    observed = today()

    async def read_one(reader: Reader) -> VenueReading | Failure:
        hosts = reader.hosts | where.extra_hosts
        venue = reader.venue
        async with (
            gate,
            Client(hosts, limits=limits, cache=cache, notice=lambda line: watcher.notice(venue, line)) as client,
        ):
            reading = Reading(
                reader,
                client,
                observed,
                base_url=where.base_urls.get(venue),
                environment=environment,
                progress=lambda what, done, total: watcher.step(venue, what, done, total),
            )
            try:
                await reader.read(reading)
            except (RefreshError, ArithmeticError, ValueError) as error:
                reason = str(error) if isinstance(error, RefreshError) else f"a value that cannot be: {error!r}"
                failure = Failure(venue=venue, reason=reason)
                watcher.finished(venue, failure)
                return failure
        watcher.finished(venue, None)
        return reading.result()

    results = await asyncio.gather(*(read_one(READERS[venue]) for venue in venues))
    readings = [one for one in results if isinstance(one, VenueReading)]
    return readings, [one for one in results if isinstance(one, Failure)]
