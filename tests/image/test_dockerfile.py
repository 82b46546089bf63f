"""Replays the Dockerfile's steps in order in a scratch folder, as far as that goes without a container engine.

What this cannot check: the base image, the creation of the unprivileged user, file ownership, and the engine's own
health checking and signal delivery. The health check's command and the answer to SIGTERM are run for real.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.conftest import ROOT, free_port

Instruction = tuple[str, str]


def read_stages() -> list[list[Instruction]]:
    text = re.sub(r"\\\n", " ", (ROOT / "Dockerfile").read_text())
    stages: list[list[Instruction]] = []
    for line in text.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        name, _, rest = line.strip().partition(" ")
        if name == "FROM":
            stages.append([])
        stages[-1].append((name, re.sub(r" +", " ", rest.strip())))
    return stages


STAGES = read_stages()
FINAL = dict(STAGES[-1])


def test_it_builds_in_one_stage_and_runs_in_another() -> None:
    assert len(STAGES) == 2
    assert "--require-hashes" in " ".join(rest for name, rest in STAGES[0] if name == "RUN")
    assert not any("pip install" in rest for name, rest in STAGES[1] if name == "RUN")


def test_it_runs_as_an_unprivileged_user_with_a_health_check() -> None:
    assert FINAL["USER"] not in ("root", "0")
    assert "health" in FINAL["HEALTHCHECK"]
    assert FINAL["STOPSIGNAL"] == "SIGTERM"


@pytest.mark.parametrize("name", ["ENTRYPOINT", "CMD"])
def test_its_commands_have_the_exec_form(name: str) -> None:
    assert all(isinstance(word, str) for word in json.loads(FINAL[name]))


def test_its_command_overrides_no_setting_but_where_it_listens() -> None:
    given = {word for word in json.loads(FINAL["CMD"]) if word.startswith("--")}
    assert given == {"--host", "--port"}  # what the health check and a published port name


def test_what_it_copies_exists() -> None:
    for name, rest in STAGES[0]:
        if name == "COPY":
            for source in rest.split()[:-1]:
                assert (ROOT / source).exists(), source


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that stands for the image's root, after the build stage's steps."""
    root = tmp_path_factory.mktemp("image")
    app = root / "app"
    app.mkdir()
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PRECLEAR_", "PYTHON"))}
    for name, rest in STAGES[0]:
        if name == "COPY":
            *sources, target = rest.split()
            for source in sources:
                copy(ROOT / source, app / target if target not in (".", "./") else app / source)
        elif name == "RUN":
            words = shlex.split(in_root(rest, root))
            settings = [word for word in words if re.fullmatch(r"[A-Z_]+=.*", word)]
            command = [sys.executable if word == "python" else word for word in words[len(settings) :]]
            extra = dict(setting.split("=", 1) for setting in settings)
            done = subprocess.run(command, cwd=app, env={**environment, **extra}, capture_output=True, text=True)
            assert done.returncode == 0, f"RUN {rest}\n{done.stdout[-2000:]}{done.stderr[-2000:]}"
    return root


def copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source, target)


def in_root(text: str, root: Path) -> str:
    return re.sub(r"(?<![\w.])/(app|var/lib)\b", rf"{root}/\1", text)


def test_the_image_serves_is_healthy_and_ends_on_sigterm(image: Path) -> None:
    (image / "var" / "lib" / "preclear").mkdir(parents=True)
    settings = dict(word.split("=", 1) for word in shlex.split(in_root(FINAL["ENV"].replace("////", "///"), image)))
    settings["PRECLEAR_JOURNAL"] = f"sqlite:///{image}/var/lib/preclear/journal.sqlite"
    port = free_port()
    command = [in_root(word, image) for word in json.loads(FINAL["ENTRYPOINT"]) + json.loads(FINAL["CMD"])]
    command = ["127.0.0.1" if word == "0.0.0.0" else str(port) if word == "8000" else word for word in command]
    server = subprocess.Popen(command, cwd=image / "app", env={"PATH": os.environ["PATH"], **settings})
    try:
        check = json.loads(FINAL["HEALTHCHECK"].partition("CMD ")[2])
        check = [
            in_root(word, image).replace("8000", str(port)) if "http" in word else in_root(word, image)
            for word in check
        ]
        deadline = time.monotonic() + 120
        while subprocess.run(check, cwd=image / "app", capture_output=True).returncode:
            assert server.poll() is None, "the server ended"
            assert time.monotonic() < deadline, "never healthy"
            time.sleep(0.1)
        server.send_signal(signal.SIGTERM)
        assert server.wait(timeout=60) == 0
    finally:
        server.kill()
        server.wait()
