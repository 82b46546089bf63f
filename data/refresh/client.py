"""The one way out to the venues: bounded in time, size, rate and destination.

An answer is read once, decompressed by us under a cap, hashed, and kept for the next conditional request. Redirects are
never followed. Retries go by `stamina`: exponential backoff with jitter, or what the venue's `Retry-After` asks for.
"""

from __future__ import annotations

import asyncio
import hashlib
import math
import zlib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Self

import httpx
import stamina
from msgspec import Struct

from data.refresh.cache import Cached, ResponseCache
from data.refresh.errors import (
    ForbiddenHostError,
    NotJSONError,
    RefreshError,
    StatusError,
    TooLargeError,
    UnreachableError,
)

_RETRIED_STATUSES = frozenset({408, 418, 425, 429, 500, 502, 503, 504})
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_USER_AGENT = "preclear-refresh"


class Limits(Struct, frozen=True, kw_only=True):
    """Bounds of one run. Seconds, bytes, and requests per second to one host."""

    connect_seconds: float = 10.0
    read_seconds: float = 20.0
    request_seconds: float = 90.0
    """For one whole answer: a server that drips bytes does not hold us."""
    attempts: int = 5
    wait_initial: float = 0.5
    wait_max: float = 30.0
    wait_jitter: float = 1.0
    retry_after_max: float = 120.0
    """A venue that asks for a longer pause is given up for this run."""
    response_bytes: int = 48 * 1024 * 1024
    """After decompression."""
    connections: int = 8
    requests_per_second: float = 5.0


class Retrieved(Struct, frozen=True, kw_only=True):
    """One answer as it was read. `url` lacks the query when that held a signature."""

    url: str
    at: datetime
    sha256: str
    size: int
    unchanged: bool
    """True when the venue said that nothing changed since the copy we keep."""


class Response(Struct, frozen=True, kw_only=True):
    """An answer's decompressed body with the record of its reading."""

    body: bytes
    retrieved: Retrieved


class Request(Struct, frozen=True, kw_only=True):
    """What to ask. `signed` marks a query that holds a signature: it is neither cached nor reported."""

    url: str
    query: Mapping[str, str | int] = {}
    body: bytes | None = None
    headers: Mapping[str, str] = {}
    signed: bool = False


Notice = Callable[[str], None]


class Client:
    """Asks venues within `limits`. `hosts` is the allow-list; plain http is for allowed loopback hosts alone."""

    def __init__(
        self,
        hosts: frozenset[str],
        *,
        limits: Limits | None = None,
        cache: ResponseCache | None = None,
        notice: Notice = lambda _line: None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._hosts = hosts
        self._limits = limits or Limits()
        self._cache = cache
        self._notice = notice
        self._now = now
        self._next_slot: dict[str, float] = {}
        self._http = httpx.AsyncClient(
            follow_redirects=False,
            trust_env=False,
            timeout=httpx.Timeout(self._limits.read_seconds, connect=self._limits.connect_seconds),
            limits=httpx.Limits(max_connections=self._limits.connections, max_keepalive_connections=4),
            headers={"User-Agent": _USER_AGENT, "Accept": "application/json", "Accept-Encoding": "gzip"},
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.aclose()

    async def fetch(self, request: Request) -> Response:
        """Return the answer to a request.

        Raises:
            RefreshError: it could not be had within the limits; the subclass says why.
        """
        url = httpx.URL(request.url, params={name: str(value) for name, value in request.query.items()} or None)
        self._check_destination(url)
        shown = str(url.copy_with(query=None)) if request.signed else str(url)
        kept = self._cache.find(shown, request.body) if self._cache and not request.signed else None
        limits = self._limits
        attempts = stamina.retry_context(
            on=self._wait_before_retry,
            attempts=limits.attempts,
            timeout=None,
            wait_initial=limits.wait_initial,
            wait_max=limits.wait_max,
            wait_jitter=limits.wait_jitter,
        )
        async for attempt in attempts:
            with attempt:
                return await self._attempt(request, url, shown, kept)
        raise UnreachableError("no attempt was made", shown)

    def _check_destination(self, url: httpx.URL) -> None:
        place = str(url.copy_with(query=None))
        if url.host not in self._hosts:
            raise ForbiddenHostError(f"host {url.host!r} is not on the allow-list", place)
        if url.scheme != "https" and not (url.scheme == "http" and url.host in _LOOPBACK):
            raise ForbiddenHostError("only https is allowed beyond loopback", place)

    def _wait_before_retry(self, error: Exception) -> bool | float:
        """Say whether to try again, or after how many seconds."""
        if isinstance(error, UnreachableError):
            self._notice(f"{error}; trying again")
            return True
        if not isinstance(error, StatusError) or error.status not in _RETRIED_STATUSES:
            return False
        wait = error.retry_after
        if wait is not None and wait > self._limits.retry_after_max:
            return False
        self._notice(f"{error}; trying again" + (f" in {wait:g} s as asked" if wait is not None else ""))
        return True if wait is None else wait

    async def _attempt(self, request: Request, url: httpx.URL, shown: str, kept: Cached | None) -> Response:
        await self._take_turn(url.host)
        headers = dict(request.headers)
        if kept:
            headers |= kept.conditions()
        try:
            async with (
                asyncio.timeout(self._limits.request_seconds),
                self._http.stream(
                    "POST" if request.body is not None else "GET", url, content=request.body, headers=headers
                ) as answer,
            ):
                if answer.status_code == httpx.codes.NOT_MODIFIED and kept:
                    return self._from(kept.body, shown, unchanged=True)
                if answer.status_code != httpx.codes.OK:
                    raise self._refusal(answer, shown)
                body = await self._read(answer, shown)
                validators = (answer.headers.get("ETag"), answer.headers.get("Last-Modified"))
        except (httpx.TransportError, TimeoutError) as error:
            reason = str(error) or "timed out"
            raise UnreachableError(f"no whole answer: {reason}", shown) from error
        except httpx.HTTPError as error:
            raise RefreshError(f"cannot be asked: {error}", shown) from error
        if self._cache and not request.signed and any(validators):
            self._cache.keep(shown, request.body, Cached(body=body, etag=validators[0], last_modified=validators[1]))
        return self._from(body, shown, unchanged=False)

    async def _take_turn(self, host: str) -> None:
        """Wait until this host may be asked again."""
        clock = asyncio.get_running_loop().time
        slot = max(clock(), self._next_slot.get(host, 0.0))
        self._next_slot[host] = slot + 1 / self._limits.requests_per_second
        await asyncio.sleep(max(0.0, slot - clock()))

    def _refusal(self, answer: httpx.Response, shown: str) -> RefreshError:
        if answer.is_redirect:
            target = httpx.URL(answer.headers.get("Location", "")).host or "elsewhere"
            return StatusError(f"redirects to {target}, which is not followed", shown, answer.status_code)
        wait = _seconds_asked(answer.headers.get("Retry-After"), self._now())
        words = f"answered {answer.status_code}"
        if wait is not None:
            words += f" and asks to wait {wait:g} s"
        return StatusError(words, shown, answer.status_code, wait)

    async def _read(self, answer: httpx.Response, shown: str) -> bytes:
        encoding = answer.headers.get("Content-Encoding", "identity").strip().lower()
        if encoding not in ("identity", "gzip"):
            raise NotJSONError(f"encoded as {encoding!r}, which was not asked for", shown)
        cap = self._limits.response_bytes
        unpacker = zlib.decompressobj(wbits=31) if encoding == "gzip" else None
        whole = bytearray()
        try:
            async for chunk in answer.aiter_raw():
                # The unpacker stops one byte past the cap, so that a small chunk cannot become gigabytes in memory.
                whole += chunk if unpacker is None else unpacker.decompress(chunk, cap + 1 - len(whole))
                if len(whole) > cap or (unpacker and unpacker.unconsumed_tail):
                    raise TooLargeError(f"larger than {cap} bytes", shown)
        except zlib.error as error:
            raise NotJSONError(f"not the gzip it claims to be: {error}", shown) from error
        if unpacker and not unpacker.eof:
            raise UnreachableError("no whole answer: the gzip stream stops short", shown)
        return bytes(whole)

    def _from(self, body: bytes, shown: str, *, unchanged: bool) -> Response:
        digest = hashlib.sha256(body).hexdigest()
        at = self._now().astimezone(UTC).replace(microsecond=0)
        return Response(
            body=body,
            retrieved=Retrieved(url=shown, at=at, sha256=digest, size=len(body), unchanged=unchanged),
        )


def _seconds_asked(header: str | None, now: datetime) -> float | None:
    """Return the pause that a `Retry-After` header asks for, given as seconds or as an HTTP date."""
    if header is None:
        return None
    try:
        seconds = float(header)
    except ValueError:
        try:
            seconds = (parsedate_to_datetime(header) - now).total_seconds()
        except (ValueError, TypeError):
            return None
    return max(0.0, seconds) if math.isfinite(seconds) else None
