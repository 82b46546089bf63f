"""How a connection ends whose client is still sending: what was answered must reach it all the same.

A socket that is closed with bytes unread is reset, and a reset takes back what the client has not read yet: the very
answer that says why (RFC 9112, section 9.6). So our direction is closed first, and what still comes is dropped.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any


class LingeringTransport:
    """A connection that is closed in two steps while `is_sending` says that its client has not come to an end.

    The second step comes when the client closes its direction, or after so many seconds or bytes. Everything but
    closing is the transport's own.
    """

    def __init__(
        self, transport: asyncio.Transport, is_sending: Callable[[], bool], *, seconds: float, at_most: int
    ) -> None:
        self._transport = transport
        self._is_sending = is_sending
        self._seconds = seconds
        self._left = at_most
        self._end: asyncio.TimerHandle | None = None
        self.write = transport.write

    def __getattr__(self, name: str) -> Any:
        """Return what the transport itself has."""
        return getattr(self._transport, name)

    @property
    def lingers(self) -> bool:
        """Whether our direction is closed, and what the client sends is to be dropped."""
        return self._end is not None

    def is_closing(self) -> bool:
        """Say whether nothing more may be written."""
        return self._end is not None or self._transport.is_closing()

    def close(self) -> None:
        """Send what is written and close: our direction alone, for now, when the client is still sending."""
        if self.is_closing():
            return
        if self._is_sending() and self._transport.can_write_eof():
            self._end = asyncio.get_running_loop().call_later(self._seconds, self._transport.close)
            self._transport.write_eof()
            self._transport.resume_reading()
        else:
            self._transport.close()

    def drop(self, data: bytes) -> None:
        """Take note of bytes that nobody reads."""
        self._left -= len(data)
        if self._left < 0:
            self._transport.abort()

    def forget(self) -> None:
        """Stop the clock of a connection that is lost."""
        if self._end is not None:
            self._end.cancel()
