"""The service with two routes more, for comparison: one answers with so many bytes whatever it is sent, the other reads
and writes JSON of a decision's own types and decides nothing in between.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from litestar import Request, Response, post

from api.app import create_app, framed
from api.contracts import Decision, DecisionRequest
from api.decoding import decode_body, decoder_for
from api.encoding import encode
from api.openapi.promises import promise
from api.settings import read_settings
from api.telemetry.log import configure_logging
from api.transport.bodies import read_json_body

_BODY = Path(os.environ["ECHO_ANSWER"]).read_bytes()  # empty where nobody asks for echoes
_BYTES = b'"' + b"x" * (len(_BODY) - 2) + b'"'
_DECISION = decoder_for(Decision).decode(_BODY) if _BODY else None


@post("/echo", status_code=200, opt=promise(scope="decide"))
async def echo(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Answer any body with a fixed one."""
    await request.body()
    return Response(_BYTES, media_type="application/json")


@post("/echo/json", status_code=200, opt=promise(scope="decide"))
async def echo_json(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Read a request for a decision, and write one that was made before."""
    decode_body(await read_json_body(request, settings.max_body), DecisionRequest)
    return Response(encode(_DECISION), media_type="application/json")


settings = read_settings()
configure_logging(settings.log_format, settings.log_level)
_service = create_app(settings)
_service.register(echo)
_service.register(echo_json)
app = framed(_service)
