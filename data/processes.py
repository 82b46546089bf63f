"""Processes that a service starts for itself."""

from __future__ import annotations

import asyncio


async def ended(process: asyncio.subprocess.Process, seconds: float) -> int:
    """Return the exit code of a process that has been asked to end; one that does not within `seconds` is killed."""
    try:
        return await asyncio.wait_for(process.wait(), seconds)
    except TimeoutError:
        process.kill()
        return await process.wait()
