"""A real server over the sample facts, so that every answer can be told in advance."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from data.build import build_release
from data.releases import ReleaseStore
from tests.conftest import ROOT, free_port, wait_until_ready
from tests.release.sample import corpus


@pytest.fixture(scope="session")
def sample_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one release of the sample facts."""
    folder = tmp_path_factory.mktemp("sample") / "releases"
    build_release(corpus(), folder)
    return folder


@pytest.fixture(scope="session")
def sample(sample_folder: Path) -> ReleaseStore:
    """The release that the sample server answers from."""
    return ReleaseStore(sample_folder)


def serve_folder(releases: Path, var: Path) -> Iterator[str]:
    """Serve a folder of releases as it is, and stop at the end."""
    port = free_port()
    log = var / f"server-{port}.log"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PRECLEAR_")}
    environment |= {"PRECLEAR_VAR": str(var), "PRECLEAR_RELEASES": str(releases)}
    command = [sys.executable, "-m", "uvicorn", "api.asgi:app", "--port", str(port), "--log-level", "warning"]
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT)
    try:
        wait_until_ready(process, port, log)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=60)


@pytest.fixture(scope="session")
def sample_url(sample_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    yield from serve_folder(sample_folder, tmp_path_factory.mktemp("var"))


@pytest.fixture(scope="session")
def facts(sample_url: str) -> Iterator[httpx.Client]:
    """A client of the server over the sample facts."""
    with httpx.Client(base_url=sample_url, timeout=60) as session:
        yield session
