"""`OPTIONS` of every path: which methods it takes.

The framework makes such handlers itself, but where a path has several handlers they know only the first.
"""

from __future__ import annotations

from collections.abc import Sequence

from litestar import Response, route
from litestar.enums import HttpMethod
from litestar.handlers import HTTPRouteHandler
from litestar.types import ControllerRouterHandler


def options_routes(routes: Sequence[ControllerRouterHandler]) -> list[HTTPRouteHandler]:
    """Return a route for every path of `routes` that answers `OPTIONS` with the path's methods."""
    methods: dict[str, set[str]] = {}
    for handler in routes:
        if isinstance(handler, HTTPRouteHandler):
            for path in handler.paths:
                methods.setdefault(path, {"OPTIONS"}).update(handler.http_methods)
    return [_options(path, taken) for path, taken in methods.items()]


def _options(path: str, methods: set[str]) -> HTTPRouteHandler:
    allow = ", ".join(sorted(methods | ({"HEAD"} if "GET" in methods else set())))

    @route(path, http_method=HttpMethod.OPTIONS, status_code=204, include_in_schema=False)
    async def options() -> Response[None]:
        return Response(None, status_code=204, headers={"Allow": allow})

    return options
