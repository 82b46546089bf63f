"""What every route of the API is held to by its promise, whether its handler thinks of it or not."""

from __future__ import annotations

from typing import Any

from litestar import Request

from api.caching import header_of
from api.openapi.promises import Promise
from api.queries import Query, promised_names
from api.representations.negotiation import JSON, accepted_format

_API = "/v1/"


def refuse_unpromised(scope: Any) -> None:
    """Refuse what a request asks for that its route does not give.

    Where a route takes query parameters, its handler reads them and names the unknown ones beside the bad ones.

    Raises:
        ProblemError: 406 when JSON is all there is to read and the request does not accept it, 422 naming every query
            parameter where none is taken.
    """
    handler = scope["route_handler"]
    promise = handler.opt.get("promise")
    if not isinstance(promise, Promise) or not scope["path"].startswith(_API):
        return
    if scope["method"] == "GET" and promise.answer_types == (JSON.media_type,):
        accepted_format(header_of(scope, b"accept"), (JSON,))
    if scope["query_string"] and not promised_names(handler):
        Query(Request(scope)).check()
