"""A real server with a real key, whose journal already holds a decision."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from data.journal import keys
from data.journal.database import Database
from data.journal.keys import Scope
from data.journal.pepper import make_pepper
from tests.conftest import RunningServer, start_server
from tests.serving import DECISION


class KeyedServer:
    """A server, and the headers that let a request in."""

    def __init__(self, running: RunningServer, key: str) -> None:
        self.running = running
        self.url = running.url
        self.headers = {"Authorization": f"Bearer {key}"}


@pytest.fixture(scope="session")
def keyed(tmp_path_factory: pytest.TempPathFactory, releases_folder: Path) -> Iterator[KeyedServer]:
    """A server that only answers with a key that holds every scope."""
    folder = tmp_path_factory.mktemp("conformance")
    database = Database(f"sqlite:///{folder}/journal.sqlite")
    with database.write() as connection:
        _, key = keys.create(
            connection, make_pepper(folder / "pepper"), name="conformance", scopes=frozenset(Scope), rate_limit=None
        )
    database.close()
    server = KeyedServer(
        start_server(folder, releases_folder, PRECLEAR_LOG_FORMAT="json", PRECLEAR_MAX_BODY="65536"), key
    )
    reply = httpx.post(f"{server.url}/v1/decisions", json=DECISION, headers=server.headers, timeout=60)
    assert reply.status_code == 200, reply.text
    yield server
    assert server.running.stop() == 0, server.running.log.read_text()
