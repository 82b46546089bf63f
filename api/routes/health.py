"""Is the service alive, and can it answer."""

from __future__ import annotations

from typing import Any

import structlog
from litestar import Request, Response, get
from msgspec import Struct

from api.encoding import encode
from api.openapi.promises import promise
from api.problems import UNAVAILABLE, ProblemError
from api.services import services_of
from api.version import API_VERSION
from rules.version import RULES_VERSION

_log = structlog.get_logger("preclear.health")


class Live(Struct, frozen=True, kw_only=True):
    """The process answers."""

    status: str
    """Always `live`."""


class Ready(Struct, frozen=True, kw_only=True):
    """The service can decide and record."""

    status: str
    """Always `ready`: what is not answers 503."""
    release: str
    """Id of the release that is read by default."""
    rules_version: str
    api_version: str
    journal: str
    """Always `reachable`: it can be written."""


@get(
    "/health/live",
    operation_id="isLive",
    summary="Whether the process answers",
    tags=["operations"],
    opt=promise(answer=Live, scope=None),
)
async def live() -> Response[bytes]:
    """Answer as long as the process runs."""
    return Response(encode(Live(status="live")), media_type="application/json")


@get(
    "/health/ready",
    operation_id="isReady",
    summary="Whether the service can decide and record",
    tags=["operations"],
    opt=promise(answer=Ready, scope=None, problems=(UNAVAILABLE,)),
)
async def ready(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Answer 200 when a release is loaded, the journal can be written and its API keys can be checked, else 503. The
    log says why.
    """
    services = services_of(request)
    # Why is not in the answer: a driver's words name hosts and users, and anybody may ask here.
    if why := await services.journal_reachable():
        _log.warning("journal_not_ready", why=why)
        raise _not_ready("The journal cannot be written")
    if why := await services.keys_checkable():
        _log.warning("keys_not_ready", why=why)
        raise _not_ready("The API keys cannot be checked")
    answer = Ready(
        status="ready",
        release=services.releases.current().id,
        rules_version=RULES_VERSION,
        api_version=API_VERSION,
        journal="reachable",
    )
    return Response(encode(answer), media_type="application/json")


def _not_ready(what: str) -> ProblemError:
    return ProblemError(UNAVAILABLE, f"{what}; the service's log says why.", headers={"Retry-After": "5"})
