"""Every calculator test runs against a real server and against the same application in this process."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from litestar.testing import TestClient

from api.app import create_app
from api.settings import read_settings


@pytest.fixture(scope="session")
def in_process(tmp_path_factory: pytest.TempPathFactory, releases_folder: Path) -> Iterator[Any]:
    settings = read_settings(
        {"PRECLEAR_VAR": str(tmp_path_factory.mktemp("in-process"))},
        releases=releases_folder,
        allow_anonymous=True,
    )
    with TestClient(create_app(settings)) as session:
        yield session


@pytest.fixture(scope="session", params=["server", "in process"])
def client(request: pytest.FixtureRequest) -> Iterator[Any]:
    if request.param == "in process":
        yield request.getfixturevalue("in_process")
    else:
        with httpx.Client(base_url=request.getfixturevalue("server").url, timeout=60) as session:
            yield session
