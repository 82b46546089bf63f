"""Answers that are worth keeping: strong ETags, conditional requests, and a bounded memory of encoded bodies."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import AsyncGenerator, Hashable, Mapping
from contextlib import aclosing, suppress
from datetime import UTC, date, datetime, time, timedelta
from email.utils import format_datetime

from litestar.types import Receive, Scope, Send

from api.transport.leaving import ClientLeftError, while_waited_for
from api.transport.places import Places

YEAR = 31_536_000
HEAD_ALONE = "head_alone"
"""What stands in the state of a request that came as HEAD."""
_OVERHEAD = 2_000
"""What an answer takes in memory beside its body: headers and the question."""


class Sendable:
    """Base of answers that send themselves: what a handler's return type names."""

    __slots__ = ()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the answer."""
        raise NotImplementedError


class Answer(Sendable):
    """An encoded answer, ready to be sent as often as it is asked for.

    Conditional requests and HEAD are answered from the same bytes: a 304 and a HEAD have the headers alone.
    """

    __slots__ = ("_full", "_unchanged", "body", "etag")

    def __init__(self, body: bytes, content_type: str, etag: str, headers: Mapping[str, str]) -> None:
        self.body = body
        self.etag = etag
        kept = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()]
        kept.append((b"etag", etag.encode()))
        self._unchanged = kept
        self._full = [
            *kept,
            (b"content-type", content_type.encode()),
            (b"content-length", str(len(body)).encode()),
        ]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the answer, or 304 when the client holds these very bytes."""
        if is_unchanged(header_of(scope, b"if-none-match"), self.etag):
            await send({"type": "http.response.start", "status": 304, "headers": self._unchanged})
            await send({"type": "http.response.body", "body": b"", "more_body": False})
            return
        await send({"type": "http.response.start", "status": 200, "headers": self._full})
        body = b"" if wants_head_alone(scope) else self.body
        await send({"type": "http.response.body", "body": body, "more_body": False})


class Once(Sendable):
    """An encoded answer to one request, which no cache may keep."""

    __slots__ = ("_body", "_headers")

    def __init__(self, body: bytes, content_type: str, headers: Mapping[str, str]) -> None:
        self._body = body
        kept = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()]
        kept.append((b"cache-control", b"no-store"))
        kept.append((b"content-type", content_type.encode()))
        kept.append((b"content-length", str(len(body)).encode()))
        self._headers = kept

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the answer."""
        await send({"type": "http.response.start", "status": 200, "headers": self._headers})
        await send({"type": "http.response.body", "body": self._body, "more_body": False})


class StreamedAnswer(Sendable):
    """An answer that is made while it is sent, too long to keep, and only as long as its client is there.

    It takes one of so many places: a piece of each that is under way is in memory. Without an entity tag no cache may
    keep it.
    """

    __slots__ = ("_headers", "_pieces", "_places", "etag")

    def __init__(
        self,
        pieces: AsyncGenerator[bytes, None],
        content_type: str,
        headers: Mapping[str, str],
        *,
        places: Places,
        etag: str | None = None,
    ) -> None:
        self._pieces = pieces
        self._places = places
        self.etag = etag
        self._headers = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()]
        self._headers.append((b"content-type", content_type.encode()))
        self._headers.append((b"cache-control", b"no-store") if etag is None else (b"etag", etag.encode()))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the answer piece by piece.

        Raises:
            ProblemError: 503 when no place is free.
        """
        unchanged = self.etag is not None and is_unchanged(header_of(scope, b"if-none-match"), self.etag)
        if unchanged or wants_head_alone(scope):
            headers = [pair for pair in self._headers if not unchanged or pair[0] != b"content-type"]
            await send({"type": "http.response.start", "status": 304 if unchanged else 200, "headers": headers})
            await send({"type": "http.response.body", "body": b"", "more_body": False})
            return
        with suppress(ClientLeftError):
            await while_waited_for(receive, self._send(send))

    async def _send(self, send: Send) -> None:
        async with self._places.one(), aclosing(self._pieces):
            await send({"type": "http.response.start", "status": 200, "headers": self._headers})
            async for piece in self._pieces:
                await send({"type": "http.response.body", "body": piece, "more_body": True})
            await send({"type": "http.response.body", "body": b"", "more_body": False})


class AnswerMemory:
    """Encoded answers by what was asked, least recently used first out; bounded in bytes.

    The key carries release and day, so that an answer is never stale: a newer release asks another question.
    """

    def __init__(self, capacity: int = 32_000_000, largest: int = 4_000_000) -> None:
        self._capacity = capacity
        self._largest = largest
        self._answers: OrderedDict[Hashable, Answer] = OrderedDict()
        self.size = 0

    def get(self, question: Hashable) -> Answer | None:
        """Return the answer to a question that was asked before."""
        answer = self._answers.get(question)
        if answer is not None:
            self._answers.move_to_end(question)
        return answer

    def keep(self, question: Hashable, answer: Answer) -> None:
        """Remember an answer, unless it is too large to be worth it."""
        if len(answer.body) > self._largest or question in self._answers:
            return
        self._answers[question] = answer
        self.size += len(answer.body) + _OVERHEAD
        while self.size > self._capacity:
            _, dropped = self._answers.popitem(last=False)
            self.size -= len(dropped.body) + _OVERHEAD


def etag_of(version: str, content: bytes) -> str:
    """Return the strong entity tag of a representation: the release or version it was made from, and a hash of what is
    sent.
    """
    return f'"{version}.{hashlib.sha256(content).hexdigest()[:20]}"'


def is_unchanged(if_none_match: str | None, etag: str) -> bool:
    """Say whether an `If-None-Match` header names this entity (RFC 9110: weak comparison, `*` is any)."""
    if if_none_match is None:
        return False
    if if_none_match == etag:
        return True
    return any(one.strip().removeprefix("W/") in (etag, "*") for one in if_none_match.split(","))


def cache_headers(*, pinned: bool, dated: bool, today: date | None = None) -> dict[str, str]:
    """Return the fields that say how long an answer about facts stays good.

    A pinned release never changes its answer; without a day in the request the day is today's, so that the answer is
    immutable until midnight UTC (told as an instant, for an answer may be kept here and sent again later). The latest
    release is asked about again each time, at the price of a 304.
    """
    if not pinned:
        return {"Cache-Control": "no-cache"}
    if dated:
        return {"Cache-Control": f"max-age={YEAR}, immutable"}
    midnight = datetime.combine((today or datetime.now(UTC).date()) + timedelta(days=1), time(), UTC)
    return {"Cache-Control": "immutable", "Expires": format_datetime(midnight, usegmt=True)}


def answer_headers(release: str, as_of: date, *, pinned: bool, dated: bool) -> dict[str, str]:
    """Return the headers of every answer that was read from a release."""
    return {
        "Preclear-Release": release,
        "Preclear-As-Of": as_of.isoformat(),
        "Vary": "Accept",
        **cache_headers(pinned=pinned, dated=dated, today=as_of),
    }


def wants_head_alone(scope: Scope) -> bool:
    """Say whether a request came as HEAD; it is routed as the GET it asks about."""
    return HEAD_ALONE in scope["state"]


def header_of(scope: Scope, name: bytes) -> str | None:
    """Return a request header, several of a name joined as one; null when there is none. `name` is lower-case."""
    values = [value.decode("latin-1") for key, value in scope["headers"] if key == name]
    return ", ".join(values) if values else None
