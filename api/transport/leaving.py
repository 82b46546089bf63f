"""Work that goes on only while its client waits for it."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from litestar import Request

from api.problems import BAD_REQUEST, ProblemError

T = TypeVar("T")


async def while_waited_for(request: Request[Any, Any, Any], work: Coroutine[Any, Any, T]) -> T:
    """Return what `work` comes to. The body of the request must have been read: what comes after it is its end.

    Raises:
        ProblemError: 400 when the client went away first; the work is cancelled.
    """
    working = asyncio.ensure_future(work)
    leaving = asyncio.ensure_future(_left(request))
    try:
        await asyncio.wait((working, leaving), return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            return working.result()
    finally:
        for task in (working, leaving):
            task.cancel()
        await asyncio.gather(working, leaving, return_exceptions=True)
    # Nobody reads this answer, but the log should not take it for a failure of ours.
    raise ProblemError(BAD_REQUEST, "The client went away before it was answered.")


async def _left(request: Request[Any, Any, Any]) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
