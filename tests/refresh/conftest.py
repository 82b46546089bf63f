"""Fixtures of the refresh tests: the loopback venues and a client that may speak to them alone."""

from __future__ import annotations

import shutil
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from data.refresh.candidates import VenueReading
from data.refresh.client import Client, Limits
from data.refresh.reading import Reading
from data.refresh.venues import READERS

from .venue_server import VenueServer

DAY = date(2026, 11, 21)
NOW = datetime(2026, 11, 21, 10, 15, 3, tzinfo=UTC)
QUICK = Limits(
    connect_seconds=60.0,
    read_seconds=60.0,
    request_seconds=60.0,
    attempts=3,
    wait_initial=0.01,
    wait_max=0.05,
    wait_jitter=0.01,
    retry_after_max=2.0,
    response_bytes=1_000_000,
    requests_per_second=1000.0,
)
LOOPBACK = frozenset({"127.0.0.1"})

Read = Callable[..., Awaitable[VenueReading]]


@pytest.fixture
def server() -> Iterator[VenueServer]:
    with VenueServer() as running:
        yield running


@pytest.fixture
def read(server: VenueServer) -> Read:
    """Read one venue from the loopback server."""

    async def read_venue(
        venue: str, environment: dict[str, str] | None = None, notes: list[str] | None = None
    ) -> VenueReading:
        heard = notes if notes is not None else []
        async with Client(LOOPBACK, limits=QUICK, notice=heard.append, now=lambda: NOW) as client:
            reading = Reading(READERS[venue], client, DAY, base_url=server.url(venue), environment=environment)
            await READERS[venue].read(reading)
            return reading.result()

    return read_venue


CURATED = Path(__file__).parent / "curated"


@pytest.fixture
def curated(tmp_path: Path) -> Path:
    """A small curated folder of two venues that may be written to: Bybit has changes to come, Kraken none."""
    folder = tmp_path / "curated"
    shutil.copytree(CURATED, folder)
    return folder
