"""A mistyped folder of curated facts: refused before anything is written, whatever the command."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from data.build import build_release
from data.curation.load import load_corpus
from data.curation.problems import NoFactsError
from data.manifest import read_pointer
from tests.conftest import ROOT

GOOD = ROOT / "tests" / "curation" / "good"


def preclear(var: Path, *words: str, **settings: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "api", *words],
        env={**os.environ, "PRECLEAR_VAR": str(var), **settings},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("there", [False, True], ids=["missing", "empty"])
@pytest.mark.parametrize("command", [("build", "--quiet"), ("check",), ("serve", "--port", "1")], ids=lambda c: c[0])
def test_a_folder_without_venue_files_is_refused(tmp_path: Path, command: tuple[str, ...], there: bool) -> None:
    folder = tmp_path / "curated"
    if there:
        (folder / "venues").mkdir(parents=True)
    ended = preclear(tmp_path / "var", *command, PRECLEAR_CURATED=str(folder))
    assert ended.returncode == 1
    (line,) = ended.stderr.splitlines()
    assert str(folder) in line
    assert not (tmp_path / "var" / "releases").exists()


def test_the_latest_release_stays_the_latest(tmp_path: Path) -> None:
    releases = tmp_path / "var" / "releases"
    manifest = build_release(load_corpus(GOOD), releases)
    assert preclear(tmp_path / "var", "build", "--curated", str(tmp_path)).returncode == 1
    assert read_pointer(releases) == manifest.id


def test_an_empty_folder_is_no_corpus(tmp_path: Path) -> None:
    with pytest.raises(NoFactsError, match="no venue file"):
        load_corpus(tmp_path)
