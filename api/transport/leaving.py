"""Work that goes on only while its client waits for it."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from litestar.types import Receive

from api.problems import BAD_REQUEST, ProblemError

T = TypeVar("T")


class ClientLeftError(ProblemError):
    """The client went away before it was answered. Nobody reads this, but the log should not take it for a failure."""

    def __init__(self) -> None:
        super().__init__(BAD_REQUEST, "The client went away before it was answered.")


async def while_waited_for(receive: Receive, work: Coroutine[Any, Any, T]) -> T:
    """Return what `work` comes to. The body of the request must have been read: what comes after it is its end.

    Raises:
        ClientLeftError: the client went away first; the work is cancelled.
    """
    working = asyncio.ensure_future(work)
    leaving = asyncio.ensure_future(_left(receive))
    try:
        await asyncio.wait((working, leaving), return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            return working.result()
    finally:
        for task in (working, leaving):
            task.cancel()
        await asyncio.gather(working, leaving, return_exceptions=True)
    raise ClientLeftError


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
