"""Who may ask: API keys, their scopes, and how often each may be used.

`Gate` stands in front of every route. Which scope a route needs is declared beside its handler
(`api.openapi.promises`); a route that declares nothing needs `admin`, so that a forgotten declaration locks rather than
opens.
"""

from __future__ import annotations

from contextlib import closing, suppress
from functools import lru_cache
from typing import Any

from litestar.types import ASGIApp, Message, Receive, Send

from api.openapi.promises import Promise
from api.problems import FORBIDDEN, MISDIRECTED, TOO_MANY_REQUESTS, UNAUTHENTICATED, UNAVAILABLE, ProblemError
from api.promised import refuse_unpromised
from api.server import is_loopback
from api.settings import Settings, SettingsError
from api.telemetry.log import log_unavailable
from api.transport.limits import BodyDeadline
from data.journal import keys
from data.journal.buckets import WINDOW_SECONDS, Admission, Buckets
from data.journal.database import Database, UnsupportedStoreError
from data.journal.errors import JournalError, JournalUnavailableError
from data.journal.journal import Journal
from data.journal.keyring import KeyRing
from data.journal.keys import ApiKey
from data.journal.keys import Scope as KeyScope
from data.journal.masking import Masking, Method
from data.journal.pepper import PepperError, make_pepper, read_pepper

_REALM = 'Bearer realm="preclear"'
_RETRY_SECONDS = "2"


class Gatekeeper:
    """Decides for one process who is let in."""

    def __init__(self, settings: Settings, journal: Journal) -> None:
        self._settings = settings
        self.keys = KeyRing(journal, lambda: read_pepper(settings.pepper_file))
        self._buckets = Buckets(settings.journal, journal.threads)

    async def admit(self, scope: Any, needed: KeyScope) -> Admission | None:
        """Return what the limit of a request's key leaves, null where nothing limits it; note the key in the request's
        state, where the log finds it of a request that is refused, too.

        Raises:
            ProblemError: 401 without a valid key, 403 when its scopes do not allow this, 429 when its limit is used
                up, 503 when the keys cannot be read.
        """
        try:
            text = _bearer(scope)
            if text is None and not await self.keys.needed():
                self._check_anonymous(scope)
                return None
            if text is None:
                raise _unauthenticated("Send an API key as `Authorization: Bearer <key>`.", error=None)
            key, why = await self.keys.find(text)
        except JournalError as error:
            raise keys_unavailable(error) from error
        if key is None:
            # A key sent to a service that has none configured is a mistake, but not one that opens anything.
            raise _unauthenticated(why, error="invalid_token")
        scope["state"]["key_id"] = key.key_id
        if not key.allows(needed):
            raise ProblemError(
                FORBIDDEN,
                f"This needs the scope {needed.value!r}; the key has {', '.join(sorted(key.scopes))}.",
                headers={"WWW-Authenticate": f'{_REALM}, error="insufficient_scope", scope="{needed.value}"'},
            )
        limit = self._limit(key)
        if limit == 0:
            return None
        admission = await self._buckets.take(key.key_id, limit)
        if not admission.allowed:
            raise ProblemError(
                TOO_MANY_REQUESTS,
                f"The key may send {limit} requests a minute; try again in {admission.retry_after} s.",
                headers={**limit_headers(admission), "Retry-After": str(admission.retry_after)},
            )
        return admission

    async def check_still_valid(self, key_id: str) -> None:
        """Make sure that the key of a long stream has not been revoked meanwhile. Without a key there is nothing to do.

        Raises:
            ProblemError: 401 when it has, 503 when the keys cannot be read.
        """
        if not key_id:
            return
        try:
            why = await self.keys.refusal(key_id)
        except JournalError as error:
            raise keys_unavailable(error) from error
        if why is not None:
            raise _unauthenticated(why, error="invalid_token")

    def limit_of(self, key_id: str) -> int:
        """Return how many requests a minute a key that was let in may send; 0 for any number, or without a key."""
        key = self.keys.known(key_id)
        return 0 if key is None else self._limit(key)

    async def allowance(self, key_id: str, limit: int, most: int) -> int:
        """Return how many of `most` lines of a batch may be decided now, each of which counts as a request; wait while
        there are none.
        """
        return await self._buckets.take_some(key_id, limit, most)

    def _limit(self, key: ApiKey) -> int:
        return self._settings.rate_limit if key.rate_limit is None else key.rate_limit

    async def close(self) -> None:
        """Write down the last uses and close the stores."""
        await self.keys.close()
        self._buckets.close()

    def _check_anonymous(self, scope: Any) -> None:
        if self._settings.allow_anonymous:
            return
        client = scope.get("client")
        if client is None or not _is_here(client[0]):
            raise _unauthenticated("No keys are configured, so only this machine is served.", error=None)
        # A page of another site may have let its own name lead here (DNS rebinding): its browser says that name.
        for name, value in scope["headers"]:
            if name == b"host" and not _names_here(value):
                raise ProblemError(
                    MISDIRECTED,
                    "No keys are configured, so only requests to localhost or a loopback address are answered.",
                )


def reason_not_to_serve(settings: Settings) -> str | None:
    """Return why the service must not start; null when it may.

    The address of the journal cannot be used, keys are configured that this pepper did not make, or the service would
    listen beyond loopback without keys and nobody said so. While the store cannot be read nothing is known of keys; the
    service may start, since it lets nobody in unchecked.
    """
    try:
        with closing(Database(settings.journal)) as database, database.read() as connection:
            configured = bool(keys.every(connection))
            keys.check_pepper(connection, read_pepper(settings.pepper_file))
    except JournalUnavailableError:
        return None
    except (JournalError, UnsupportedStoreError) as error:
        return str(error)
    if configured or settings.allow_anonymous or is_loopback(settings.host):
        return None
    return (
        f"no API key is configured, so {settings.host} would be open to everybody: make one with "
        "`preclear keys create`, or say --allow-anonymous"
    )


def masking_of(settings: Settings) -> Masking:
    """Return how client fields are masked before they are stored.

    Raises:
        SettingsError: `mask_client` is no method.
        PepperError: hashing is asked for and there is no pepper to key it with.
    """
    try:
        method = Method(settings.mask_client)
    except ValueError:
        raise SettingsError(f"PRECLEAR_MASK_CLIENT={settings.mask_client!r} is not one of none, hash, drop") from None
    if method is Method.NONE:
        with suppress(PepperError):  # one that cannot be used is told where keys are checked
            if (pepper := read_pepper(settings.pepper_file)) is not None:
                return Masking(secret=pepper.derive("masking"))
        return Masking()
    return Masking(method=method, secret=make_pepper(settings.pepper_file).derive("masking"))


class Gate:
    """ASGI middleware that lets a request through to its route, or answers it with a problem."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        """Serve one request."""
        handler: Any = scope["route_handler"]
        needed = scope_of(handler)
        if needed is not None:
            services = scope["litestar_app"].state.services
            admission = await services.gatekeeper.admit(scope, needed)
            if admission is not None:
                send = _with_headers(send, admission)
            refuse_unpromised(scope)
            if scope["method"] not in ("GET", "HEAD"):
                receive = BodyDeadline(receive, services.settings.request_timeout, streaming=_streams(handler)).receive
        await self._app(scope, receive, send)


def scope_of(handler: Any) -> KeyScope | None:
    """Return the scope that a route needs; null for a public one.

    A page outside the schema is public when it can only be read; everything else without a declaration needs `admin`.
    """
    promise = handler.opt.get("promise")
    if isinstance(promise, Promise):
        return None if promise.scope is None else KeyScope(promise.scope)
    methods = set(handler.http_methods)
    if methods == {"OPTIONS"} or (handler.include_in_schema is False and methods <= {"GET", "HEAD"}):
        return None
    return KeyScope.ADMIN


_is_here = lru_cache(maxsize=1024)(is_loopback)


@lru_cache(maxsize=64)
def _names_here(host: bytes) -> bool:
    """Say whether a Host field (RFC 9110, section 7.2), whatever its port, names this machine alone."""
    name = host.decode("latin-1").lower()
    bracketed = name.startswith("[")
    name = name[1:].partition("]")[0] if bracketed else name.partition(":")[0]
    return is_loopback(name.removesuffix("."))


def limit_headers(admission: Admission) -> dict[str, str]:
    """Return the fields of draft-ietf-httpapi-ratelimit-headers: the quota, and what is left of it."""
    return {
        "RateLimit-Policy": f'"default";q={admission.limit};w={WINDOW_SECONDS}',
        "RateLimit": f'"default";r={admission.remaining};t={admission.full_after}',
    }


def keys_unavailable(error: JournalError) -> ProblemError:
    """Return the problem for keys that cannot be checked, and log the cause: nobody is let in unchecked."""
    log_unavailable(error)
    why = "The keys cannot be checked now." if isinstance(error, JournalUnavailableError) else str(error)
    return ProblemError(UNAVAILABLE, why, headers={"Retry-After": _RETRY_SECONDS})


def _unauthenticated(why: str, *, error: str | None) -> ProblemError:
    challenge = _REALM if error is None else f'{_REALM}, error="{error}"'
    return ProblemError(UNAUTHENTICATED, why, headers={"WWW-Authenticate": challenge})


def _bearer(scope: Any) -> str | None:
    """Return the key a request carries; null when it carries no Authorization at all.

    Raises:
        ProblemError: 401 when there are several, or another scheme.
    """
    values = [value for name, value in scope["headers"] if name == b"authorization"]
    if not values:
        return None
    scheme, _, text = values[0].partition(b" ")
    if len(values) > 1 or scheme.lower() != b"bearer":
        raise _unauthenticated("Send one `Authorization: Bearer <key>` field.", error="invalid_request")
    return str(text.strip(), "latin-1")


def _streams(handler: Any) -> bool:
    promise = handler.opt.get("promise")
    return isinstance(promise, Promise) and "application/x-ndjson" in promise.body_types


def _with_headers(send: Send, admission: Admission) -> Send:
    fields = [(name.lower().encode(), value.encode()) for name, value in limit_headers(admission).items()]

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message["headers"], *fields]
        await send(message)

    return sending
