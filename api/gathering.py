"""Decides together what is asked together.

Requests that arrive while others are being read wait for one another, for no longer than a turn of the event loop:
many trades decided in one go take a third less time each than one after another.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from api.deciding import Decided, Pinned

MOST = 16
"""Trades decided in one go: what the event loop is held up for at most is that many decisions."""


class Gathering:
    """The trades of one process that wait to be decided."""

    def __init__(self, decide_all: Callable[[Sequence[Pinned]], list[Decided]]) -> None:
        self._decide_all = decide_all
        self._waiting: list[tuple[Pinned, asyncio.Future[Decided]]] = []

    async def decide(self, pinned: Pinned) -> Decided:
        """Return the decision on a pinned request."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Decided] = loop.create_future()
        self._waiting.append((pinned, future))
        if len(self._waiting) == 1:
            loop.call_soon(self._decide)
        return await future

    def _decide(self) -> None:
        now, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
        if self._waiting:
            asyncio.get_running_loop().call_soon(self._decide)
        now = [(pinned, future) for pinned, future in now if not future.done()]
        try:
            decided = self._decide_all([pinned for pinned, _ in now])
        except Exception:
            self._decide_each(now)
            return
        for (_, future), one in zip(now, decided, strict=True):
            future.set_result(one)

    def _decide_each(self, some: Sequence[tuple[Pinned, asyncio.Future[Decided]]]) -> None:
        """Decide one by one, so that the trade that fails does not fail its neighbours."""
        for pinned, future in some:
            try:
                future.set_result(self._decide_all([pinned])[0])
            except Exception as error:
                future.set_exception(error)
