"""Bounds on what a request may cost before anybody looks at it, and the security headers of every answer.

`Frame` is the outermost layer: it sees every request, those without a route too. Body sizes are bounded where bodies
are read (`api.transport.bodies`), amounts where they are parsed (`data.facts.amounts`), nesting by the typed decoders,
which refuse the first value of another shape.
"""

from __future__ import annotations

import asyncio
import os
import re
from typing import Any

import msgspec
from litestar.types import ASGIApp, Message, Receive, Send

from api.caching import HEAD_ALONE
from api.problems import BAD_REQUEST, HEADERS_TOO_LARGE, MEDIA_TYPE, TIMEOUT, ProblemError
from api.telemetry.metrics import Telemetry

MAX_HEADERS = 100
MAX_HEADER_BYTES = 16_384
MAX_TARGET_BYTES = 8_192
SLOWEST_READER_SECONDS = 30.0
"""How long a streamed answer waits for a client that does not read on."""

SECURITY_FIELDS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
PAGE_POLICY_FIELD = (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'")
"""For answers that are not pages; a page brings its own policy."""

_REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{8,64}").fullmatch


class Frame:
    """ASGI application around the service: request id, bounds, security headers, log and metrics."""

    def __init__(self, app: ASGIApp, telemetry: Telemetry) -> None:
        self._app = app
        self._telemetry = telemetry

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        state = scope.setdefault("state", {})
        request_id = state["request_id"] = _request_id(scope)
        asked = _as_get(scope)
        watch = self._telemetry.watch(asked, scope["method"])
        own = [*SECURITY_FIELDS, (b"x-request-id", request_id.encode())]

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                watch.status = message["status"]
                headers = message["headers"] = [*message["headers"], *own]
                if not any(name == b"content-security-policy" for name, _ in headers):
                    headers.append(PAGE_POLICY_FIELD)
                await send(message)
            elif message.get("more_body"):
                async with asyncio.timeout(SLOWEST_READER_SECONDS):
                    await send(message)
            else:
                await send(message)

        try:
            problem = _out_of_bounds(scope)
            if problem is not None:
                await _answer(problem, request_id, sending)
            else:
                await self._app(asked, receive, sending)
        finally:
            watch.end()


class BodyDeadline:
    """Lets a body take only so long to arrive.

    A whole body has `seconds` altogether; a streamed one has as long for each part, since it may go on for hours.
    """

    def __init__(self, receive: Receive, seconds: float, *, streaming: bool) -> None:
        self._receive = receive
        self._seconds = seconds
        self._streaming = streaming
        self._deadline: float | None = None
        self._complete = False

    async def receive(self) -> Any:
        """Return the next message.

        Raises:
            ProblemError: 408 when it does not come in time, 400 when the client goes away before its body is complete.
        """
        if self._complete:
            return await self._receive()
        if self._deadline is None or self._streaming:
            self._deadline = asyncio.get_running_loop().time() + self._seconds
        try:
            async with asyncio.timeout_at(self._deadline):
                message = await self._receive()
        except TimeoutError:
            self._complete = True
            raise ProblemError(
                TIMEOUT, f"The body did not arrive within {self._seconds:g} s.", headers={"Connection": "close"}
            ) from None
        self._complete = not message.get("more_body", False)
        if message["type"] == "http.disconnect":
            # Nobody reads this answer, but the log should not take it for a failure of ours.
            raise ProblemError(BAD_REQUEST, "The client went away before its body had arrived.")
        return message


def _as_get(scope: Any) -> Any:
    """Return the scope of a HEAD request as that of the GET it asks about.

    The server leaves the body out; `wants_head_alone` tells those who can that it need not be made.
    """
    if scope["method"] != "HEAD":
        return scope
    scope["state"][HEAD_ALONE] = True
    return {**scope, "method": "GET"}


def _request_id(scope: Any) -> str:
    """Return the caller's request id when it is a plain word, else a new one."""
    for name, value in scope["headers"]:
        if name == b"x-request-id" and _REQUEST_ID(value) is not None:
            return str(value.decode("ascii"))
    return os.urandom(12).hex()


def _out_of_bounds(scope: Any) -> ProblemError | None:
    headers = scope["headers"]
    if len(headers) > MAX_HEADERS or sum(len(name) + len(value) for name, value in headers) > MAX_HEADER_BYTES:
        return ProblemError(
            HEADERS_TOO_LARGE, f"At most {MAX_HEADERS} header fields with {MAX_HEADER_BYTES} bytes altogether."
        )
    if len(scope["raw_path"]) + len(scope["query_string"]) > MAX_TARGET_BYTES:
        return ProblemError(BAD_REQUEST, f"The path and the query may have at most {MAX_TARGET_BYTES} bytes.")
    hosts = [name for name, _ in headers].count(b"host")
    if hosts > 1 or (hosts == 0 and scope["http_version"] == "1.1"):  # RFC 9112, section 3.2
        return ProblemError(BAD_REQUEST, "A request has one Host field.")
    return None


async def _answer(problem: ProblemError, request_id: str, send: Any) -> None:
    body = msgspec.json.encode(problem.document(request_id))
    headers = [
        (b"content-type", MEDIA_TYPE.encode()),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": problem.problem.status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})
