"""The server's HTTP protocol, with bounds on what comes before a request is known: its headers."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import Any

import msgspec
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from api.problems import HEADERS_TOO_LARGE, TIMEOUT, ProblemError, ProblemType

_ANSWER = (
    b"HTTP/1.1 %d %s\r\ncontent-type: application/problem+json\r\nconnection: close\r\ncontent-length: %d\r\n\r\n%s"
)


class BoundedProtocol(HttpToolsProtocol):
    """Lets a request's headers take so many bytes and seconds.

    The parser underneath keeps whatever it is sent until the headers are complete, and waits as long as it takes. What
    comes after the headers is bounded by the service (`api.limits`, `api.bodies`).
    """

    header_bytes = 65_536
    header_seconds = 10.0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start the clock: a connection on which nothing comes is one of those that wait too long."""
        super().connection_made(transport)
        self._received = 0
        self._in_headers = True
        self._begun = self._ended = False
        self._deadline: asyncio.TimerHandle | None = self.loop.call_later(self.header_seconds, self._too_slow)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the clock."""
        self._stop_clock()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Count what has come when headers are still not complete.

        Headers often arrive together with their body, or behind the end of another one: such bytes are not counted.
        """
        self._ended = False
        super().data_received(data)
        if self._in_headers and not self._ended:
            self._received += len(data)
            if self._received > self.header_bytes:
                self._refuse(HEADERS_TOO_LARGE, f"The header fields may have at most {self.header_bytes} bytes.")

    def on_message_begin(self) -> None:
        """Start the clock of a request that follows another one on its connection."""
        super().on_message_begin()
        self._in_headers = self._begun = True
        if self._deadline is None:
            self._deadline = self.loop.call_later(self.header_seconds, self._too_slow)

    def on_headers_complete(self) -> None:
        """Stop counting."""
        self._in_headers = self._begun = False
        self._received = 0
        self._stop_clock()
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Note that what comes next is another request."""
        super().on_message_complete()
        self._ended = True

    def _stop_clock(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _too_slow(self) -> None:
        self._deadline = None
        if self._begun:
            self._refuse(TIMEOUT, f"The header fields did not arrive within {self.header_seconds:g} s.")
        else:
            self.transport.close()

    def _refuse(self, problem: ProblemType, detail: str) -> None:
        """Answer with a problem and close, unless an answer to an earlier request is still being sent."""
        if self.transport.is_closing():
            return
        cycle: Any = self.cycle
        if cycle is None or cycle.response_complete:
            body = msgspec.json.encode(ProblemError(problem, detail).document())
            phrase = HTTPStatus(problem.status).phrase.encode()
            self.transport.write(_ANSWER % (problem.status, phrase, len(body), body))
        self.transport.close()
