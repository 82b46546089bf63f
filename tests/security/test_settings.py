"""Settings from the environment: what cannot be meant is refused, and what has no effect is told."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from api.settings import Settings, SettingsError, read_settings, unread
from tests.conftest import ROOT


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("RATE_LIMIT", "-1"),
        ("RATE_LIMIT", "many"),
        ("MAX_BODY", "-4"),
        ("REQUEST_TIMEOUT", "nan"),
        ("REQUEST_TIMEOUT", "inf"),
        ("MASK_CLIENT", "hsah"),
        ("ALLOW_ANONYMOUS", "maybe"),
    ],
)
def test_a_value_that_cannot_be_meant_is_refused_by_name(name: str, text: str) -> None:
    with pytest.raises(SettingsError, match=f"PRECLEAR_{name}"):
        read_settings({f"PRECLEAR_{name}": text})


def test_values_are_read() -> None:
    settings = read_settings({"PRECLEAR_RATE_LIMIT": "60", "PRECLEAR_MASK_CLIENT": "drop", "PRECLEAR_VAR": "x"})
    assert (settings.rate_limit, settings.mask_client) == (60, "drop")


def test_a_misspelt_setting_is_told() -> None:
    environment = {"PRECLEAR_MASK_CLIENTS": "drop", "PRECLEAR_VAR": "x", "PRECLEAR_PEPPER": "y", "PRECLEAR_PORT": "1"}
    (line,) = unread(environment)
    assert "PRECLEAR_MASK_CLIENTS names no setting" in line
    assert "PRECLEAR_MASK_CLIENT is one" in line
    assert "drop" not in line


def test_every_setting_is_known() -> None:
    assert unread({f"PRECLEAR_{name.upper()}": "" for name in Settings.__annotations__}) == []


def test_serving_names_a_misspelt_setting(tmp_path: Path) -> None:
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
