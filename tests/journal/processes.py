"""Processes that record, and what they say they were promised."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def start_recorder(address: str, name: str, *, clients: int, keys: int | None = None) -> subprocess.Popen[str]:
    """Start a `tests.journal.recorder`."""
    command = [sys.executable, "-m", "tests.journal.recorder", address, name, str(clients)]
    if keys is not None:
        command.append(str(keys))
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def finished(recorder: subprocess.Popen[str]) -> list[tuple[str, str]]:
    """Wait for a recorder's end and return its acknowledged decisions, each with its digest."""
    output, _ = recorder.communicate(timeout=120)
    return acknowledged(output.splitlines())


def acknowledged(lines: list[str]) -> list[tuple[str, str]]:
    """Return decision and digest of every whole `ack` line."""
    found = []
    for line in lines:
        words = line.split()
        if len(words) == 3 and words[0] == "ack" and len(words[2]) == 71:
            found.append((words[1], words[2]))
    return found


def children(pid: int) -> list[int]:
    """Return the processes that a process has started."""
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return [int(child) for task in tasks for child in (task / "children").read_text().split()]


def runs(pid: int, module: str) -> bool:
    """Say whether a process was started to run a module."""
    return module.encode() in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")


def is_running(pid: int) -> bool:
    """Say whether there is such a process."""
    return Path(f"/proc/{pid}").exists()


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not holds():  # noqa: ASYNC110 - what is waited for happens in many tasks
            await asyncio.sleep(0.01)
