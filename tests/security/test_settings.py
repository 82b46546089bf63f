"""Settings are read from the environment; a name that is none of them is told."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from api.settings import Settings, names_of_no_setting
from tests.conftest import ROOT


def test_every_setting_is_known_and_nothing_else() -> None:
    known = {f"PRECLEAR_{name.upper()}": "" for name in Settings.__annotations__}
    assert names_of_no_setting({**known, "PRECLEAR_VAR": "", "PRECLEAR_PEPPER": "", "PATH": ""}) == ()
    assert names_of_no_setting({"PRECLEAR_MASK_CLEINT": "hash"}) == ("PRECLEAR_MASK_CLEINT",)


def test_serving_names_a_misspelled_setting(tmp_path: Path) -> None:
    environment = {"PRECLEAR_VAR": str(tmp_path), "PRECLEAR_MASK_CLEINT": "hash", "PYTHONPATH": str(ROOT)}
    told = subprocess.run(
        [sys.executable, "-m", "api", "serve", "--host", "0.0.0.0"],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert told.returncode == 2, "without a key it listens on loopback alone"
    assert "PRECLEAR_MASK_CLEINT names no setting" in told.stderr
