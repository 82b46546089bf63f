"""The service in this process, asked from wherever a test says; its keys made as an operator makes them."""

from __future__ import annotations

import asyncio
import fcntl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from litestar import Litestar

from api.app import create_app, framed
from api.settings import read_settings
from data.journal import keys
from data.journal.database import Database
from data.journal.keys import Scope
from data.journal.pepper import make_pepper
from data.releases import ReleaseStore

DECISION = {
    "venue": "binance",
    "instrument": "BTCUSDT",
    "side": "long",
    "notional": "31000",
    "entry_price": "62000",
    "leverage": "5",
    "client": {"residence": "US-NY", "client_class": "retail"},
}


class Service:
    """A running application and clients of it."""

    def __init__(self, app: Litestar, folder: Path, stack: AsyncExitStack) -> None:
        self.app = app
        self._folder = folder
        self._stack = stack

    @property
    def services(self) -> Any:
        return self.app.state.services

    async def client(self, key: str | None = None, *, address: str = "127.0.0.1") -> httpx.AsyncClient:
        headers = {} if key is None else {"Authorization": f"Bearer {key}"}
        transport = httpx.ASGITransport(app=framed(self.app), client=(address, 50_000))  # type: ignore[arg-type]
        session = httpx.AsyncClient(transport=transport, base_url="http://localhost", headers=headers)
        return await self._stack.enter_async_context(session)

    def make_key(self, *scopes: str, rate_limit: int | None = None) -> str:
        database = Database(f"sqlite:///{self._folder}/journal.sqlite")
        with database.write() as connection:
            _, text = keys.create(
                connection,
                make_pepper(self._folder / "pepper"),
                name="test",
                scopes=frozenset(Scope(scope) for scope in scopes),
                rate_limit=rate_limit,
            )
        database.close()
        return text

    def rotate(self, key: str) -> str:
        database = Database(f"sqlite:///{self._folder}/journal.sqlite")
        with database.write() as connection:
            _, text = keys.rotate(connection, make_pepper(self._folder / "pepper"), key.split("_")[1])
        database.close()
        return text

    @contextmanager
    def holding_the_journal(self) -> Iterator[None]:
        """Hold the turn to write, as a process that hangs would."""
        with (self._folder / "journal.sqlite.lock").open("a+b") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def revoke(self, key: str) -> None:
        database = Database(f"sqlite:///{self._folder}/journal.sqlite")
        with database.write() as connection:
            keys.revoke(connection, key.split("_")[1])
        database.close()


@asynccontextmanager
async def running(app: Litestar) -> AsyncIterator[None]:
    """Run an application's lifespan in a task of its own: it must end in the task in which it began."""
    started, ending = asyncio.Event(), asyncio.Event()

    async def live() -> None:
        async with app.lifespan():
            started.set()
            await ending.wait()

    life = asyncio.ensure_future(live())
    waiting = asyncio.ensure_future(started.wait())
    await asyncio.wait((life, waiting), return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    if life.done():
        await life
    yield
    ending.set()
    await life


StartService = Callable[..., Awaitable[Service]]


@pytest.fixture(scope="session")
def releases(releases_folder: Path) -> ReleaseStore:
    """One open store for all services of these tests: opening it takes longer than most of them."""
    return ReleaseStore(releases_folder)


@pytest.fixture
async def start(
    tmp_path: Path, releases_folder: Path, releases: ReleaseStore, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[StartService]:
    """Start services in this process; settings as keyword arguments.

    They leave the garbage collector alone: it would look through ten thousand tests each time.
    """
    monkeypatch.setattr("api.services.set_facts_aside", lambda: None)
    monkeypatch.setattr("api.services.take_facts_back", lambda: None)
    async with AsyncExitStack() as stack:

        async def starting(**settings: object) -> Service:
            environment = {"PRECLEAR_VAR": str(tmp_path), "PRECLEAR_RELEASES": str(releases_folder)}
            app = create_app(read_settings(environment, **settings), releases)
            await stack.enter_async_context(running(app))
            return Service(app, tmp_path, stack)

        yield starting


@pytest.fixture
async def service(start: StartService) -> Service:
    """A service with default settings and no keys."""
    return await start()
