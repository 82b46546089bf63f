"""`preclear keys …` and `preclear journal …` as an operator types them."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import update

from api.commands import journal, keys
from data.journal.database import Database
from data.journal.journal import open_journal
from data.journal.schema import api_keys
from tests.conftest import ROOT
from tests.journal.entries import keep_policy, new_entry

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run one command in a folder of its own; return exit code, output and messages."""
    monkeypatch.setenv("PRECLEAR_VAR", str(tmp_path))
    for name in ("PRECLEAR_JOURNAL", "PRECLEAR_PEPPER"):
        monkeypatch.delenv(name, raising=False)
    parser = argparse.ArgumentParser()
    commands = parser.add_subparsers()
    keys.add_commands(commands)
    journal.add_commands(commands)

    def running(*words: str) -> tuple[int, str, str]:
        options = parser.parse_args(words)
        code = options.handler(options)
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return running


def listed(run: Run) -> list[dict[str, object]]:
    code, out, _ = run("keys", "list", "--json")
    assert code == 0
    lines: list[dict[str, object]] = json.loads(out)
    return lines


def test_a_key_is_shown_once_and_listed_without_its_secret(run: Run) -> None:
    code, out, err = run("keys", "create", "--name", "desk", "--scopes", "decide,audit", "--rate-limit", "600")
    assert code == 0
    key = out.strip()
    assert key.startswith("preclear_")
    assert key not in err
    assert "never again" in err
    (line,) = listed(run)
    assert line["key_id"] == key.split("_")[1]
    assert (line["name"], line["scopes"], line["rate_limit"], line["state"]) == (
        "desk",
        ["audit", "decide"],
        600,
        "valid",
    )
    assert key.split("_")[2] not in json.dumps(line)
    assert key.split("_")[2] not in run("keys", "list")[1]


def test_scopes_default_to_what_a_client_needs(run: Run) -> None:
    run("keys", "create")
    assert listed(run)[0]["scopes"] == ["decide", "read"]


def test_revoking_and_rotating_are_listed(run: Run) -> None:
    ids = [run("keys", "create", "--name", name)[1].split("_")[1] for name in ("a", "b", "c")]
    assert run("keys", "revoke", ids[0])[0] == 0
    assert run("keys", "rotate", ids[1])[0] == 0
    code, _, err = run("keys", "rotate", ids[2], "--grace", "2h")
    assert code == 0
    assert "stays valid until" in err
    states = {(line["name"], line["state"], line["replaces"]) for line in listed(run)}
    assert states == {
        ("a", "revoked", None),
        ("b", "revoked", None),
        ("b", "valid", ids[1]),
        ("c", "valid", None),
        ("c", "valid", ids[2]),
    }


@pytest.mark.parametrize("output", [">/dev/full", ">&-"])
@pytest.mark.parametrize("words", [("create",), ("rotate", "--grace", "2h")])
def test_a_key_that_cannot_be_shown_takes_over_from_none(run: Run, words: tuple[str, ...], output: str) -> None:
    key_id = run("keys", "create")[1].split("_")[1]
    before = listed(run)
    command = [sys.executable, "-m", "api", "keys", *words, *([key_id] if words[0] == "rotate" else [])]
    ended = subprocess.run(
        ["/bin/sh", "-c", f'exec "$@" {output}', "sh", *command], cwd=ROOT, stderr=subprocess.PIPE, check=False
    )
    assert ended.returncode != 0
    assert b"nothing is changed" in ended.stderr
    assert b"Traceback" not in ended.stderr
    assert listed(run) == before


@pytest.mark.parametrize(
    "words", [("revoke", "abc"), ("rotate", "abc"), ("rotate", "abc", "--grace", "2h"), ("create",)]
)
def test_a_refused_command_makes_no_journal(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    if words == ("create",):
        monkeypatch.setenv("PRECLEAR_PEPPER", "short")
    code, out, err = run("keys", *words)
    assert (code, out) == (1, "")
    assert "no valid key has the id 'abc': there is no journal at" in err or "the pepper has 5 bytes" in err
    assert list(tmp_path.iterdir()) == []
    assert listed(run) == []
    assert list(tmp_path.iterdir()) == []


def test_a_list_tells_when_keys_end(run: Run) -> None:
    run("keys", "create", "--name", "a", "--expires", "2099-01-01")
    run("keys", "create", "--name", "b")
    _, out, _ = run("keys", "list")
    first, second = out.splitlines()
    assert "until 2099-01-01T00:00:00" in first
    assert "no end" in second


def test_output_that_nobody_reads_to_its_end_is_no_failure(tmp_path: Path) -> None:
    environment = {**os.environ, "PRECLEAR_VAR": str(tmp_path)}
    with subprocess.Popen(
        [sys.executable, "-m", "api", "keys", "list", "--json"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as command:
        assert command.stdout is not None
        assert command.stderr is not None
        command.stdout.close()
        assert command.stderr.read() == f"preclear: there is no journal at {tmp_path}/journal.sqlite\n".encode()
    assert command.returncode == 141


def test_an_unknown_key_cannot_be_revoked(run: Run) -> None:
    run("keys", "create")
    code, out, err = run("keys", "revoke", "0123")
    assert (code, out) == (1, "")
    assert "no valid key has the id '0123'" in err


@pytest.mark.parametrize(
    "words",
    [
        ("--scopes", "read,everything"),
        ("--rate-limit", "-1"),
        ("--rate-limit", "many"),
        ("--expires", "soon"),
        ("--expires", "0d"),
        ("--expires", "2020-01-01"),
        ("--expires", "2020-01-01T00:00:00Z"),
        ("--expires", "9999-12-31T23:59:59-10:00"),
        ("--expires", "0001-01-01T00:00:00+10:00"),
    ],
)
def test_bad_options_are_refused(run: Run, words: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        run("keys", "create", *words)
    assert words[0] in capsys.readouterr().err
    assert listed(run) == []


def test_a_list_says_where_there_is_no_journal(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for words in ((), ("--json",)):
        code, _, err = run("keys", "list", *words)
        assert (code, err) == (0, f"preclear: there is no journal at {tmp_path}/journal.sqlite\n")
    assert run("keys", "list")[1] == "No keys are configured: only this machine is served.\n"


def test_nothing_is_said_of_keys_where_something_else_stands(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "empty").touch()
    for path in (tmp_path, tmp_path / "empty"):
        monkeypatch.setenv("PRECLEAR_JOURNAL", f"sqlite:///{path}")
        code, out, err = run("keys", "list")
        assert (code, out, err) == (1, "", f"preclear: {path} is no journal\n")


@pytest.mark.parametrize("seq", ["²", "-1", "", "9" * 5000])
def test_an_anchor_that_is_none_is_refused(run: Run, seq: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        run("journal", "verify", f"--anchor={seq}:sha256:{'a' * 64}")
    assert "is not an anchor; an anchor is <seq>:sha256:<64 hexadecimal digits>" in capsys.readouterr().err


@pytest.mark.parametrize("expires", ["90d", "2099-01-01", "2099-01-01T00:00:00Z", "2099-01-01T00:00:00+05:00"])
def test_keys_may_expire(run: Run, expires: str) -> None:
    run("keys", "create", "--expires", expires)
    (line,) = listed(run)
    assert line["state"] == "valid"
    assert str(line["expires_at"]).endswith("Z")


def test_another_pepper_is_told(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    run("keys", "create")
    monkeypatch.setenv("PRECLEAR_PEPPER", "another pepper, long enough")
    code, out, err = run("keys", "create")
    assert (code, out) == (1, "")
    assert "another pepper" in err


def test_a_refused_command_leaves_no_pepper_behind(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run("keys", "rotate", "0123")[0] == 1
    assert not (tmp_path / "pepper").exists()
    key_id = run("keys", "create")[1].split("_")[1]
    (tmp_path / "pepper").unlink()
    for words in (("create",), ("rotate", key_id)):
        code, out, err = run("keys", *words)
        assert (code, out) == (1, "")
        assert "pepper they were made with is not here" in err
        assert not (tmp_path / "pepper").exists()
    assert [line["state"] for line in listed(run)] == ["valid"]
    monkeypatch.setenv("PRECLEAR_JOURNAL", "mysql://localhost/x")
    assert run("keys", "create")[0] == 1
    assert not (tmp_path / "pepper").exists()


def test_the_journal_is_verified_and_its_head_kept(run: Run, tmp_path: Path) -> None:
    async def record() -> None:
        journal = await open_journal(f"sqlite:///{tmp_path}/journal.sqlite")
        await keep_policy(journal)
        await journal.record(new_entry("dec_1"))
        await journal.close()

    asyncio.run(record())
    code, head, _ = run("journal", "head")
    assert code == 0
    assert head.startswith("1:sha256:")
    code, out, _ = run("journal", "verify", "--anchor", head.strip())
    assert code == 0
    assert out.startswith("The journal is whole: 1 entry, ")
    beyond = head.strip().replace("1:", "2:", 1)
    code, out, _ = run("journal", "verify", "--anchor", beyond)
    assert code == 1
    assert "broken at entry 2" in out
    assert "an anchor names 2" in out


@pytest.mark.parametrize("words", [("journal", "verify"), ("journal", "head")])
def test_a_journal_that_is_not_there_is_neither_whole_nor_made(
    run: Run, tmp_path: Path, words: tuple[str, str]
) -> None:
    code, out, err = run(*words)
    assert (code, out) == (1, "")
    assert "no journal" in err
    assert not (tmp_path / "journal.sqlite").exists()
    (tmp_path / "journal.sqlite").touch()  # emptied
    code, out, err = run(*words)
    assert (code, out) == (1, "")
    assert "holds no journal" in err


def test_a_key_that_takes_over_ends_with_the_old_one_unless_told_otherwise(run: Run) -> None:
    _, out, _ = run("keys", "create", "--expires", "1h")
    old = out.split("_")[1]
    (before,) = listed(run)
    code, _, err = run("keys", "rotate", old, "--grace", "24h")
    assert code == 0
    assert f"stays valid until {before['expires_at']}" in err
    ends = {line["key_id"]: line["expires_at"] for line in listed(run)}
    assert set(ends.values()) == {before["expires_at"]}
    code, out, _ = run("keys", "rotate", old, "--expires", "2099-01-01")
    assert code == 0
    assert {line["key_id"]: line["expires_at"] for line in listed(run)}[out.split("_")[1]][:10] == "2099-01-01"


def test_a_key_that_has_expired_is_not_brought_back(run: Run, tmp_path: Path) -> None:
    _, out, _ = run("keys", "create")
    database = Database(f"sqlite:///{tmp_path}/journal.sqlite")
    with database.write() as connection:
        connection.execute(update(api_keys).values(expires_at="2026-01-01T00:00:00.000000Z"))
    database.close()
    code, _, err = run("keys", "rotate", out.split("_")[1], "--grace", "24h")
    assert code == 1
    assert "no valid key" in err
    assert [line["state"] for line in listed(run)] == ["expired"]


def test_a_store_of_another_kind_is_told(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRECLEAR_JOURNAL", "mysql://localhost/x")
    code, _, err = run("journal", "verify")
    assert code == 1
    assert "must be sqlite:///… or postgresql://…, not mysql://…" in err
