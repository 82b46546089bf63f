"""The service with one route more, for comparison: it reads the body and answers with so many bytes."""

from __future__ import annotations

import os
from typing import Any

from litestar import Request, Response, post

from api.app import create_app, framed
from api.openapi.promises import promise
from api.settings import read_settings
from api.telemetry import configure_logging

_ANSWER = b'"' + b"x" * (int(os.environ.get("ECHO_BYTES", "20000")) - 2) + b'"'


@post("/echo", status_code=200, opt=promise(scope="decide"))
async def echo(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Answer any body with a fixed one."""
    await request.body()
    return Response(_ANSWER, media_type="application/json")


settings = read_settings()
configure_logging(settings.log_format, settings.log_level)
_service = create_app(settings)
_service.register(echo)
app = framed(_service)
