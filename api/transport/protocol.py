"""The server's HTTP protocol: what is refused before a request is known, and how connections end that must.

Whatever is answered here never reaches the service, so its problem documents, request ids and security headers are made
here as `api.transport.limits` makes them for everything else.
"""

from __future__ import annotations

import asyncio
import os
import socket
from http import HTTPStatus
from typing import Any

import httptools
import msgspec
import structlog
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from api.problems import BAD_REQUEST, HEADERS_TOO_LARGE, MEDIA_TYPE, TIMEOUT, UNAVAILABLE, ProblemError, ProblemType
from api.transport.closing import LingeringTransport
from api.transport.limits import PAGE_POLICY_FIELD, SECURITY_FIELDS

_log = structlog.get_logger("preclear.requests")

_FRAMING = (b"content-length", b"transfer-encoding")


class BoundedProtocol(HttpToolsProtocol):
    """Lets a request's headers take so many bytes and seconds, and answers what is no HTTP with a problem.

    The parser underneath keeps whatever it is sent until the headers are complete, and waits as long as it takes. What
    comes after the headers is bounded by the service (`api.transport.limits`, `api.transport.bodies`), but for what a
    chunked body has between and behind its parts: it may take as many bytes as headers. Its trailer fields are
    dropped, since none is defined here that may count as a header field (RFC 9110, section 6.5.1). An answer that its
    client leaves unread is given up with its connection, since closing alone would wait for the client for ever.
    """

    header_bytes = 65_536
    header_seconds = 10.0
    unread_seconds = 30.0
    linger_seconds = 5.0
    linger_bytes = 16_777_216

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start the clock: a connection on which nothing comes is one of those that wait too long."""
        self._lingering = LingeringTransport(
            transport, self._is_receiving, seconds=self.linger_seconds, at_most=self.linger_bytes
        )
        super().connection_made(self._lingering)  # type: ignore[arg-type]
        connection = transport.get_extra_info("socket")
        if connection is not None and hasattr(socket, "TCP_USER_TIMEOUT"):
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(self.unread_seconds * 1000))
        self._received = 0
        self._in_headers = True
        self._begun = self._advanced = self._declining = self._garbled = False
        self._refusal: ProblemError | None = None
        self._deadline: asyncio.TimerHandle | None = None
        self._tail: asyncio.TimerHandle | None = None
        self._start_clock()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the clocks."""
        self._stop_clock()
        self._end_tail()
        self._lingering.forget()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Count what has come that completes no headers, is no part of a body and ends no request.

        Headers often arrive together with their body, or behind the end of another one: such bytes are not counted.
        """
        if self._lingering.lingers:
            self._lingering.drop(data)
            return
        if self._refusal is not None:
            return
        self._advanced = False
        self._unset_keepalive_if_required()
        try:
            self._parse(data)
        except httptools.HttpParserError:
            self._garbled = True
            self._refuse(BAD_REQUEST, "What was sent is not an HTTP/1.1 request.")
            return
        if self._advanced:
            self._received = 0
            return
        self._received += len(data)
        if self._received > self.header_bytes:
            which = "header" if self._in_headers else "trailer"
            self._refuse(HEADERS_TOO_LARGE, f"The {which} fields may have at most {self.header_bytes} bytes.")

    def on_message_begin(self) -> None:
        """Start the clock of a request that follows another one on its connection, if that has been answered."""
        if self._declining:
            return
        super().on_message_begin()
        self._in_headers = self._begun = True
        if self.cycle is None or self.cycle.response_complete:
            self._start_clock()

    def on_url(self, url: bytes) -> None:
        """Keep a part of the target."""
        if not self._declining:
            super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep a header field, and drop a trailer field."""
        if self._in_headers and not self._declining:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Stop counting."""
        if self._declining:
            return
        self._in_headers = self._begun = False
        self._advanced = True
        self._stop_clock()
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Keep a part of the body."""
        self._advanced = True
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Note that what comes next is another request."""
        if self.parser.should_upgrade():
            return  # the parser takes what follows for another protocol; it is this request's body
        self._end_tail()
        super().on_message_complete()
        cycle: Any = self.cycle
        cycle.more_body = False  # of a request that has been answered too
        self._advanced = True

    def on_response_complete(self) -> None:
        """Turn to what came behind the request that has now been answered.

        A body that was answered before its end, as a refusal is, has a while to come to it: the connection can be used
        again then, and is closed else.
        """
        last, cycle = not self.pipeline, self.cycle
        if last and cycle is not None and cycle.more_body and not self.transport.is_closing():
            self._tail = self.loop.call_later(self.linger_seconds, self.transport.close)
        super().on_response_complete()
        if last and self._refusal is not None:
            self._answer(self._refusal)
        elif last and self._begun:
            self._start_clock()

    def _parse(self, data: bytes) -> None:
        while data:
            try:
                self.parser.feed_data(data)
            except httptools.HttpParserUpgrade as offer:
                self._decline_upgrade()
                data = data[offer.args[0] :]
            else:
                return

    def _decline_upgrade(self) -> None:
        """Go on in HTTP/1.1 with a client that offers another protocol, as Java's client does with every request.

        The parser has given up after the headers. A new one is told, without the offer, how the body is framed.
        """
        self.parser = httptools.HttpRequestParser(self)
        framing = b"".join(name + b": " + value + b"\r\n" for name, value in self.headers if name in _FRAMING)
        self._declining = True
        self.parser.feed_data(b"POST / HTTP/1.1\r\n" + framing + b"\r\n")
        self._declining = False

    def _end_tail(self) -> None:
        if self._tail is not None:
            self._tail.cancel()
            self._tail = None

    def _start_clock(self) -> None:
        if self._deadline is None:
            self._deadline = self.loop.call_later(self.header_seconds, self._too_slow)

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
        """Answer with a problem and close: at once, or when the requests before have been answered.

        What follows in a body that was answered before its end is closed upon, as one answer is all a request gets.
        """
        self._stop_clock()
        refusal = ProblemError(problem, detail)
        cycle: Any = self.cycle
        if cycle is not None and cycle.response_complete and cycle.more_body:
            self.transport.close()
        elif cycle is None or cycle.response_complete:
            self._answer(refusal)
        elif not cycle.more_body:
            self._refusal = refusal
        elif self.pipeline:
            self.pipeline.popleft()
            self._refusal = refusal
        else:
            # The service learns that nobody hears it any more.
            cycle.disconnected = True
            cycle.message_event.set()
            if cycle.response_started:
                self.transport.close()
            else:
                self._answer(refusal)

    def _is_receiving(self) -> bool:
        """Say whether a request has begun to come and not ended, or what comes cannot be told apart any more."""
        cycle: Any = self.cycle
        return self._begun or self._garbled or (cycle is not None and cycle.more_body)

    def _answer(self, refusal: ProblemError) -> None:
        if self.transport.is_closing():
            return
        status, fields, body = _refused(refusal)
        fields = [*self.server_state.default_headers, *fields]
        head = b"".join(name + b": " + value + b"\r\n" for name, value in fields)
        self.transport.write(b"HTTP/1.1 %d %s\r\n%s\r\n%s" % (status, HTTPStatus(status).phrase.encode(), head, body))
        self.transport.close()

    def _start_asgi_task(self, cycle: Any, app: Any) -> None:
        async def serving(scope: Any, receive: Any, send: Any) -> None:
            try:
                await app(scope, receive, send)
            except asyncio.CancelledError:
                # The server was told to end and has waited long enough for this request.
                if cycle.response_started:
                    # Without its last chunk: the client sees that it is not whole.
                    _log.info("answer_cut_off", request_id=scope["state"].get("request_id"))
                    cycle.disconnected = True
                    self.transport.close()
                    return
                ending = ProblemError(UNAVAILABLE, "The service is ending.", headers={"Retry-After": "1"})
                status, fields, body = _refused(ending)
                await send({"type": "http.response.start", "status": status, "headers": fields})
                await send({"type": "http.response.body", "body": body, "more_body": False})
            except Exception as error:
                if not (self.flow.write_paused and _is_timeout(error)):
                    raise
                _log.info("answer_left_unread", request_id=scope["state"].get("request_id"))
                cycle.disconnected = True
                self.transport.abort()

        super()._start_asgi_task(cycle, serving)


def _is_timeout(error: BaseException | None) -> bool:
    """Say whether a failure comes from a time limit; the framework wraps what happens after an answer has begun."""
    while error is not None:
        if isinstance(error, TimeoutError):
            return True
        error = error.__cause__
    return False


def _refused(refusal: ProblemError) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
    """Return status, header fields and body of an answer after which the connection is closed."""
    request_id = os.urandom(12).hex()
    status = refusal.problem.status
    _log.info("request_refused", request_id=request_id, status=status, why=refusal.detail)
    body = msgspec.json.encode(refusal.document(request_id))
    fields = [
        (b"content-type", MEDIA_TYPE.encode()),
        (b"content-length", b"%d" % len(body)),
        (b"connection", b"close"),
        *((name.lower().encode(), value.encode()) for name, value in refusal.headers.items()),
        *SECURITY_FIELDS,
        PAGE_POLICY_FIELD,
        (b"x-request-id", request_id.encode()),
    ]
    return status, fields, body
