"""Answers to requests that failed: every exception as a problem document of the registry (`api.problems`)."""

from __future__ import annotations

from typing import Any

import msgspec
import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException

from api.problems import (
    BAD_REQUEST,
    INTERNAL,
    MEDIA_TYPE,
    METHOD_NOT_ALLOWED,
    NOT_FOUND,
    REGISTRY,
    ProblemError,
)

_log = structlog.get_logger("preclear.api")

_BY_STATUS = {problem.status: problem for problem in reversed(REGISTRY)} | {400: BAD_REQUEST}


def _respond(request: Request[Any, Any, Any], error: ProblemError) -> Response[bytes]:
    instance = request.scope.get("state", {}).get("request_id")
    return Response(
        content=msgspec.json.encode(error.document(instance)),
        status_code=error.problem.status,
        media_type=MEDIA_TYPE,
        headers=error.headers,
    )


def answer_problem(request: Request[Any, Any, Any], exc: ProblemError) -> Response[bytes]:
    """Convert a `ProblemError`."""
    return _respond(request, exc)


def answer_http_exception(request: Request[Any, Any, Any], exc: HTTPException) -> Response[bytes]:
    """Convert an exception of the framework onto the registry."""
    if exc.status_code >= 500:
        return answer_failure(request, exc)
    problem = _BY_STATUS.get(exc.status_code, BAD_REQUEST)
    headers = {name.lower(): value for name, value in (exc.headers or {}).items() if name.lower() != "content-type"}
    detail = exc.detail
    if problem is NOT_FOUND:
        detail = f"There is nothing at {request.url.path[:200]!r}; /openapi.json lists what there is."
    elif problem is METHOD_NOT_ALLOWED and "allow" in headers:
        methods = headers["allow"].split(", ")
        # Whatever can be got is answered to HEAD too (`api.transport.limits`).
        headers["allow"] = ", ".join(sorted({*methods, "HEAD"} if "GET" in methods else methods))
        detail = f"{request.method} is not answered here; what is: {headers['allow']}."
    return _respond(request, ProblemError(problem, detail or problem.title, headers=headers))


def answer_failure(request: Request[Any, Any, Any], exc: Exception) -> Response[bytes]:
    """Convert an unforeseen failure: logged once with its traceback, told without detail."""
    request_id = request.scope.get("state", {}).get("request_id")
    _log.error("request_failed", request_id=request_id, path=request.url.path, method=request.method, exc_info=exc)
    return _respond(request, ProblemError(INTERNAL, "The failure has been logged under the request id."))
