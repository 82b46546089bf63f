"""A build that is killed leaves the release that was there before or the new one, whole, and the next clears up."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from data.build import build_release
from data.drafts import draft_folder
from data.releases import ReleaseStore
from tests.conftest import ROOT
from tests.release.sample import corpus
from tests.release.test_releases import other_corpus

KILLED = """
import os, signal, sys
from pathlib import Path
from data.build import build_release
from tests.release.test_releases import other_corpus

rename, left = os.replace, int(sys.argv[2])

def renamed_until(*paths, **options):
    global left
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    left -= 1
    rename(*paths, **options)
    if left == 0 and Path(paths[1]).name == "latest":
        os.kill(os.getpid(), signal.SIGKILL)

os.replace = renamed_until
build_release(other_corpus(), Path(sys.argv[1]))
"""


@pytest.mark.parametrize(
    ("renamed", "newer"),
    [
        pytest.param(0, False, id="before its database is in place"),
        pytest.param(1, False, id="before its manifest is in place"),
        pytest.param(2, False, id="before it is the latest"),
        pytest.param(3, True, id="as it is the latest"),
    ],
)
def test_a_killed_build_leaves_the_one_or_the_other_release_whole(tmp_path: Path, renamed: int, newer: bool) -> None:
    first = build_release(corpus(), tmp_path)
    killed = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path), str(renamed)], cwd=ROOT, check=False)
    assert killed.returncode == -signal.SIGKILL
    serving = ReleaseStore(tmp_path).current()
    assert (serving.id != first.id) is newer
    assert serving.corpus() == (other_corpus() if newer else corpus())
    again = build_release(other_corpus(), tmp_path)
    assert ReleaseStore(tmp_path).current().corpus() == other_corpus()
    assert {one.id for one in ReleaseStore(tmp_path).manifests()} == {first.id, again.id}
    assert not [*tmp_path.glob(".building-*")]


def test_a_build_leaves_the_drafts_of_one_that_is_at_work(tmp_path: Path) -> None:
    with draft_folder(tmp_path, ".building-") as others:
        (others / "facts").touch()
        build_release(corpus(), tmp_path)
        assert (others / "facts").exists()
    assert not others.exists()
