"""The journal on both stores: a file, and a real PostgreSQL server that the tests start.

Where there is no nginx the tests behind one are left out, and the run says so at its end; CI installs one.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from data.journal.journal import Journal, open_journal
from tests.journal.postgres import PostgresServer
from tests.serving import releases, service, start
from tests.surroundings import NGINX

__all__ = ["releases", "service", "start"]

collect_ignore = [] if NGINX else ["test_proxy.py"]


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    server = PostgresServer()
    server.start()
    yield server
    server.remove()


@pytest.fixture
def own_postgres() -> Iterator[PostgresServer]:
    """A server that a test may stop and kill; it is not started yet."""
    server = PostgresServer()
    yield server
    server.remove()


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty store, of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/journal.sqlite"
    server: PostgresServer = request.getfixturevalue("postgres")
    return server.new_database()


@pytest.fixture
async def journal(address: str) -> AsyncIterator[Journal]:
    opened = await open_journal(address)
    yield opened
    await opened.close()
