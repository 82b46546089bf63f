"""What a long body asks for is done beside the event loop, on which everybody else is answered."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
LONG = 32_768
"""A body of more bytes may keep a processor busy for half a second; a shorter one is not worth a thread."""


async def aside(size: int, work: Callable[[], T]) -> T:
    """Return what `work` on a body of `size` bytes returns."""
    return await asyncio.to_thread(work) if size > LONG else work()
