"""Bounds on how much long work of one kind is under way at once in a process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from api.problems import UNAVAILABLE, ProblemError

_RETRY_SECONDS = 10


class Places:
    """So many places for work of one kind; who finds none free waits `patience` seconds for one."""

    def __init__(self, most: int, busy: str, *, patience: float = 0.0) -> None:
        self._free = asyncio.Semaphore(most)
        self._busy = busy
        self._patience = patience

    @asynccontextmanager
    async def one(self) -> AsyncGenerator[None, None]:
        """Hold a place while the block runs.

        Raises:
            ProblemError: 503 when none was free in time.
        """
        try:
            async with asyncio.timeout(self._patience):
                await self._free.acquire()
        except TimeoutError:
            raise ProblemError(UNAVAILABLE, self._busy, headers={"Retry-After": str(_RETRY_SECONDS)}) from None
        try:
            yield
        finally:
            self._free.release()

    def all_taken(self) -> bool:
        """Say whether no place is free."""
        return self._free.locked()
