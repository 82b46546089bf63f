"""Settings from the environment: what cannot be meant is refused, and what has no effect is told."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from api.settings import Settings, SettingsError, read_settings, unread
from data.journal import keys
from data.journal.database import Database
from data.journal.keys import Scope
from data.journal.pepper import Pepper
from tests.conftest import ROOT


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("RATE_LIMIT", "-1"),
        ("RATE_LIMIT", "many"),
        ("MAX_BODY", "-4"),
        ("MAX_BODY", "0"),
        ("MAX_LINE", "0"),
        ("MAX_BATCH_ARRAY", "0"),
        ("REQUEST_TIMEOUT", "0"),
        ("REQUEST_TIMEOUT", "nan"),
        ("REQUEST_TIMEOUT", "inf"),
        ("MASK_CLIENT", "hsah"),
        ("ALLOW_ANONYMOUS", "maybe"),
        ("PORT", "99999"),
        ("PORT", "0"),
        ("PORT", "http"),
        ("WORKERS", "0"),
        ("WORKERS", "-1"),
        ("GRACE_SECONDS", "0"),
        ("GRACE_SECONDS", "2.5"),
        ("LOG_LEVEL", "loud"),
        ("LOG_FORMAT", "yaml"),
    ],
)
def test_a_value_that_cannot_be_meant_is_refused_by_name(name: str, text: str) -> None:
    wanted = "(one of|a whole number from|a whole number of|a number above) "
    with pytest.raises(SettingsError, match=f"^PRECLEAR_{name}='{text}' is not {wanted}"):
        read_settings({f"PRECLEAR_{name}": text})


@pytest.mark.parametrize("text", ["http", "0", "99999", "1.5"])
def test_a_range_is_told_in_one_wording(text: str) -> None:
    with pytest.raises(SettingsError, match=f"^PRECLEAR_PORT='{text}' is not a whole number from 1 to 65535$"):
        read_settings({"PRECLEAR_PORT": text})


def test_an_option_out_of_its_range_is_refused_by_name() -> None:
    with pytest.raises(SettingsError, match=r"^--port 99999 is not a whole number from 1 to 65535$"):
        read_settings({}, port=99_999)
    with pytest.raises(SettingsError, match=r"^--workers 0 is not a whole number of at least 1$"):
        read_settings({}, workers=0)


def test_values_are_read() -> None:
    settings = read_settings({"PRECLEAR_RATE_LIMIT": "60", "PRECLEAR_MASK_CLIENT": "drop", "PRECLEAR_VAR": "x"})
    assert (settings.rate_limit, settings.mask_client) == (60, "drop")
    settings = read_settings({"PRECLEAR_LOG_LEVEL": "WARNING", "PRECLEAR_PORT": "65535"})
    assert (settings.log_level, settings.port) == ("warning", 65_535)


def test_a_misspelt_setting_is_told() -> None:
    environment = {"PRECLEAR_MASK_CLIENTS": "drop", "PRECLEAR_VAR": "x", "PRECLEAR_PEPPER": "y", "PRECLEAR_PORT": "1"}
    (line,) = unread(environment)
    assert "PRECLEAR_MASK_CLIENTS names no setting" in line
    assert "PRECLEAR_MASK_CLIENT is one" in line
    assert "drop" not in line


def test_every_setting_is_known() -> None:
    assert unread({f"PRECLEAR_{name.upper()}": "" for name in Settings.__annotations__}) == []


def test_every_setting_is_documented() -> None:
    told = (ROOT / "docs" / "deployment.md").read_text(encoding="utf-8")
    names = {*(f"PRECLEAR_{name.upper()}" for name in Settings.__annotations__), "PRECLEAR_VAR", "PRECLEAR_PEPPER"}
    assert {name for name in names if f"`{name}`" not in told} == set()


def serve(folder: Path, *words: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Serve where it is refused."""
    return subprocess.run(
        [sys.executable, "-m", "api", "serve", *words],
        env={"PRECLEAR_VAR": str(folder), "PYTHONPATH": str(ROOT), **settings},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_serving_names_a_misspelt_setting(tmp_path: Path) -> None:
    told = serve(tmp_path, "--host", "0.0.0.0", PRECLEAR_MASK_CLEINT="hash")
    assert told.returncode == 2, "without a key it listens on loopback alone"
    assert "PRECLEAR_MASK_CLEINT names no setting" in told.stderr


@pytest.mark.parametrize(
    "address",
    [
        "postgres://user:hidden-password@127.0.0.1/journal",
        "mysql://user:hidden-password@127.0.0.1/journal",
        "postgres//user:hidden-password@127.0.0.1/journal",
        "postgresql://user:hidden-password@127.0.0.1:port/journal",
        "postgresql://user:hidden-password@127.0.0.1/journal?pasword=hidden-password",
        "sqlite://user:hidden-password@",
    ],
)
def test_an_address_that_cannot_be_used_is_told_in_one_line_without_its_password(tmp_path: Path, address: str) -> None:
    for told in (
        serve(tmp_path, PRECLEAR_JOURNAL=address),
        serve(tmp_path, "--workers", "2", PRECLEAR_JOURNAL=address),
    ):
        assert told.returncode == 2
        (line,) = told.stderr.splitlines()
        assert line.startswith("preclear: the journal's address ")
        assert "hidden-password" not in told.stdout + told.stderr


def test_a_journal_that_came_back_without_its_pepper_is_not_served(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/journal.sqlite")
    with database.write() as connection:
        keys.create(connection, Pepper(b"the pepper that is lost"), name="", scopes=frozenset({Scope.READ}))
    database.close()
    told = serve(tmp_path, "--host", "0.0.0.0", PRECLEAR_MASK_CLIENT="hash")
    assert (told.returncode, told.stdout) == (2, "")
    assert told.stderr == "preclear: keys are configured, but the pepper they were made with is not here\n"
    assert not (tmp_path / "pepper").exists()
    told = serve(tmp_path, PRECLEAR_PEPPER="another pepper altogether")
    assert told.returncode == 2
    assert "made with another pepper" in told.stderr


def test_an_empty_variable_counts_as_not_set() -> None:
    names = ("PRECLEAR_VAR", "PRECLEAR_JOURNAL", "PRECLEAR_WORKERS", "PRECLEAR_CURATED")
    assert read_settings(dict.fromkeys(names, "")) == read_settings({})
