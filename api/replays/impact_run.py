"""Runs an impact question over several processes and adds up what they count."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncGenerator, Sequence

import msgspec
from msgspec.structs import replace

from api.replays.impact import Counts, Impact, Progress
from api.replays.impact_worker import Job

MAX_PROCESSES = 2
_SMALL = 200
"""So few decisions are not worth a second process."""


class ImpactFailedError(Exception):
    """A process of the run ended early."""


async def run(job: Job, total: int) -> AsyncGenerator[Progress | Impact, None]:
    """Yield progress, then the result. Leaving early ends the processes.

    Raises:
        ImpactFailedError: a process ended early; nothing is known of its share.
    """
    parts = 1 if total <= _SMALL else min(MAX_PROCESSES, os.cpu_count() or 1)
    counts = Counts()
    lines: asyncio.Queue[bytes | None] = asyncio.Queue()
    processes: list[asyncio.subprocess.Process] = []
    readers: list[asyncio.Future[None]] = []
    try:
        for part in range(parts):
            process = await _start(replace(job, part=part, parts=parts))
            processes.append(process)
            readers.append(asyncio.ensure_future(_read(process, lines)))
        running = parts
        while running:
            line = await lines.get()
            if line is None:
                running -= 1
                continue
            counts.add(msgspec.json.decode(line, type=Counts))
            yield Progress(done=counts.done, total=total)
        _check([await process.wait() for process in processes])
        yield counts.result(total)
    finally:
        for reader in readers:
            reader.cancel()
        for process in processes:
            if process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
                await process.wait()


async def _start(job: Job) -> asyncio.subprocess.Process:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "api.replays.impact_worker",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=16_000_000,
    )
    assert process.stdin is not None  # noqa: S101 - asked for above
    process.stdin.write(msgspec.json.encode(job))
    process.stdin.close()
    return process


async def _read(process: asyncio.subprocess.Process, lines: asyncio.Queue[bytes | None]) -> None:
    assert process.stdout is not None  # noqa: S101 - asked for above
    async for line in process.stdout:
        await lines.put(line)
    await lines.put(None)


def _check(codes: Sequence[int]) -> None:
    if any(codes):
        raise ImpactFailedError(f"the processes ended with {codes}")
