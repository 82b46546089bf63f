from __future__ import annotations

from pathlib import Path

import pytest

from data.build import build_release
from data.releases import ReleaseStore
from tests.release.sample import corpus


@pytest.fixture(scope="session")
def releases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one release of the sample facts."""
    folder = tmp_path_factory.mktemp("releases")
    build_release(corpus(), folder)
    return folder


@pytest.fixture(scope="session")
def store(releases: Path) -> ReleaseStore:
    return ReleaseStore(releases)
