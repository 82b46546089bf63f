"""What a command cannot do is told in one line that names what is at fault, never in a traceback."""

from __future__ import annotations

import os
import resource
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from api.cli import main
from tests.conftest import ROOT, free_port

GOOD = ROOT / "tests" / "curation" / "good"
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run one command in a folder of its own; return exit code, output and messages."""
    for name in [name for name in os.environ if name.startswith("PRECLEAR_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PRECLEAR_VAR", str(tmp_path / "var"))
    monkeypatch.setenv("PRECLEAR_CURATED", str(GOOD))

    def running(*words: str) -> tuple[int, str, str]:
        try:
            code = main(words)
        except SystemExit as ended:  # as argparse refuses an option
            code = int(str(ended.code))
        heard = capsys.readouterr()
        return code, heard.out, heard.err

    return running


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file where a setting wants a folder."""
    path = tmp_path / "file"
    path.touch()
    return path


def test_a_release_that_the_disk_has_no_room_for_is_told_in_one_line(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "api", "build", "--quiet", "--curated", str(GOOD)],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "PRECLEAR_VAR": str(tmp_path)},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000)),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"preclear: {tmp_path / 'releases'}: ")
    assert list((tmp_path / "releases").glob("*")) == []


@pytest.mark.parametrize("words", [("build", "--quiet"), ("serve", "--port", "1"), ("diff", "latest")])
@pytest.mark.parametrize(("name", "below"), [("PRECLEAR_VAR", "x"), ("PRECLEAR_RELEASES", "")])
def test_a_file_where_a_folder_belongs_is_named(
    run: Run, file: Path, monkeypatch: pytest.MonkeyPatch, name: str, below: str, words: tuple[str, ...]
) -> None:
    monkeypatch.setenv(name, str(file / below))
    code, _, err = run(*words)
    assert code == 2
    (line,) = err.splitlines()
    assert line.startswith(f"preclear: {file}")
    assert line.endswith(": Not a directory")


@pytest.mark.parametrize("command", ["check", "build"])
def test_every_curated_file_that_is_no_text_is_listed(run: Run, tmp_path: Path, command: str) -> None:
    folder = tmp_path / "curated"
    shutil.copytree(GOOD, folder)
    lines = (folder / "venues/sample.toml").read_bytes().count(b"\n")
    for name in ("venues/sample.toml", "groups.toml"):
        with (folder / name).open("ab") as file:
            file.write(b"# caf\xe9\n")
    code, _, err = run(command, "--curated", str(folder))
    assert code == 1
    assert f"\nvenues/sample.toml:{lines + 1}: not UTF-8: " in err
    assert "\ngroups.toml:" in err


def test_csv_that_is_none_is_listed(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "curated"
    shutil.copytree(GOOD, folder)
    with (folder / "margin_tiers/sample.csv").open("a") as file:
        file.write('"' + "x" * 200_000)
    with (folder / "margin_tiers/sample.history.csv").open("ab") as file:
        file.write(b"\xe9")
    (folder / "margin_tiers/sample.classes.csv").unlink()
    (folder / "margin_tiers/sample.classes.csv").mkdir()
    code, _, err = run("check", "--curated", str(folder))
    assert code == 1
    assert "\nmargin_tiers/sample.csv:" in err
    assert "not valid CSV" in err
    assert "margin_tiers/sample.history.csv:" in err
    assert "margin_tiers/sample.classes.csv: cannot be read: Is a directory" in err


@pytest.fixture
def not_http() -> Iterator[int]:
    """A port whose service speaks another protocol."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(1000)
                connection.sendall(b"220 mail.example ESMTP\r\n")

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        yield server.getsockname()[1]
        thread.join(10)


def test_a_port_that_speaks_no_http_is_not_ready(run: Run, not_http: int) -> None:
    code, out, err = run("health", "--url", f"http://127.0.0.1:{not_http}")
    assert (code, out) == (1, "")
    (line,) = err.splitlines()
    assert line.startswith("not ready: ")


@pytest.mark.parametrize("url", ["http://127.0.0.1:abc", "127.0.0.1:8000", "", "http://127.0.0.1:1"])
def test_an_address_of_no_service_is_not_ready(run: Run, url: str) -> None:
    code, out, err = run("health", "--url", url)
    assert (code, out) == (1, "")
    (line,) = err.splitlines()
    assert line.startswith("not ready: ")


def test_the_description_is_compared_in_a_checkout_alone(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    code, out, err = run("openapi", "--check")
    assert (code, out) == (1, "")
    assert err.startswith("there is no openapi/openapi.json here")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("pause", ["-5", "0", "0.01", "1e30", "inf", "nan", "soon"])
@pytest.mark.parametrize("words", [("mirror", "x", "--every"), ("serve", "--watch", "x", "--watch-every")])
def test_a_pause_that_nobody_can_mean_is_refused(run: Run, words: tuple[str, ...], pause: str) -> None:
    code, out, err = run(*words, pause)
    assert (code, out) == (2, "")
    assert f"argument {words[-1]}: '{pause}' is not a number of seconds from 0.1 to 604800" in err


@pytest.mark.parametrize("day", ["2026-W48-1", "20261123", "2026-11", "2026-13-01", "2026-11-23T00:00"])
def test_a_day_is_written_in_one_way(run: Run, day: str) -> None:
    assert run("build", "--quiet")[0] == 0
    code, out, err = run("diff", "2026-01-01", day)
    assert (code, out) == (2, "")
    assert err == f"preclear diff: '{day}' is neither a release nor a day written YYYY-MM-DD\n"


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_port_in_use_is_told_from_an_address_that_is_none(run: Run, workers: str) -> None:
    port = free_port()
    words = ("serve", "--allow-anonymous", "--workers", workers, "--port", str(port))
    with socket.create_server(("127.0.0.1", port)):
        code, _, err = run(*words)
    assert (code, err) == (3, f"preclear: port {port} of 127.0.0.1 is in use\n")
    code, _, err = run(*words, "--host", "nosuch.host.invalid")
    assert code == 2
    assert err.startswith("preclear: nosuch.host.invalid is no host that is known here: ")
    code, _, err = run(*words, "--host", "192.0.2.1")
    assert code == 2
    assert err.startswith(f"preclear: cannot listen on port {port} of 192.0.2.1: ")
