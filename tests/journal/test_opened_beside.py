"""A release that has to be opened is opened beside the event loop: nobody else waits for it."""

from __future__ import annotations

import asyncio
import json
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from api.app import create_app
from api.settings import read_settings
from data.build import build_release
from data.releases import ReleaseStore
from tests.release.sample import corpus
from tests.serving import DECISION, running

LONGEST = 60.0
"""Seconds that a release is kept from opening where everybody does wait for it."""


@contextmanager
def kept_from_opening(store: ReleaseStore) -> Iterator[threading.Thread]:
    held, let_go = threading.Event(), threading.Event()

    def hold() -> None:
        with store._lock:
            held.set()
            let_go.wait(LONGEST)

    holder = threading.Thread(target=hold)
    holder.start()
    held.wait()
    yield holder
    let_go.set()
    holder.join()


@pytest.mark.parametrize(
    ("path", "media"), [("/v1/decisions", "application/json"), ("/v1/decisions/batch", "application/x-ndjson")]
)
async def test_a_decision_by_another_release_holds_nobody_up(
    tmp_path: Path, releases_folder: Path, path: str, media: str
) -> None:
    folder = tmp_path / "releases"
    shutil.copytree(releases_folder, folder)
    older = ReleaseStore(folder).current().id
    build_release(corpus(), folder)
    store = ReleaseStore(folder)
    app = create_app(read_settings({"PRECLEAR_VAR": str(tmp_path), "PRECLEAR_RELEASES": str(folder)}), store)
    body = json.dumps({**DECISION, "release": older})
    transport = httpx.ASGITransport(app=app)
    async with running(app), httpx.AsyncClient(transport=transport, base_url="http://localhost") as http:
        with kept_from_opening(store) as holder:
            deciding = asyncio.create_task(
                http.post(f"{path}?record=false", content=body, headers={"Content-Type": media})
            )
            for _ in range(50):
                assert (await http.get("/health/live")).status_code == 200
                await asyncio.sleep(0.002)
            assert holder.is_alive()
            assert not deciding.done()
        assert (await deciding).json()["release"] == older
