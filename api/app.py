"""Puts the parts together: `create_app(settings)` is the service."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from litestar import Litestar
from litestar.exceptions import HTTPException
from litestar.types import ControllerRouterHandler

from api.failures import answer_failure, answer_http_exception, answer_problem
from api.problems import ProblemError
from api.routes import all_routes
from api.routes.options import options_routes
from api.security import Gate
from api.services import answer_unavailable, open_services
from api.settings import Settings, read_settings
from api.telemetry.metrics import Telemetry
from api.transport.limits import Frame
from data.journal.errors import JournalUnavailableError
from data.releases import ReleaseStore


def create_app(settings: Settings | None = None, releases: ReleaseStore | None = None) -> Litestar:
    """Return the application. It opens the release and the journal when it starts, and closes them when it stops.

    `releases` is an open store to share between applications of one process; without it each opens its own.
    """
    settings = settings or read_settings()
    telemetry = Telemetry()

    @asynccontextmanager
    async def lifespan(app: Litestar) -> AsyncGenerator[None, None]:
        async with open_services(settings, telemetry, releases) as services:
            app.state.services = services
            yield

    app = litestar_app(all_routes(), [lifespan], [Gate])
    app.state.telemetry = telemetry
    return app


def framed(app: Litestar) -> Frame:
    """Return the application with its outermost layer: what a server serves."""
    return Frame(app, app.state.telemetry)


def litestar_app(
    routes: Sequence[ControllerRouterHandler], lifespan: list[Any], middleware: Sequence[Any] = ()
) -> Litestar:
    """Return a Litestar application with our error handling around `routes`."""
    return Litestar(
        route_handlers=[*options_routes(routes), *routes],
        lifespan=lifespan,
        middleware=list(middleware),
        exception_handlers={
            ProblemError: answer_problem,
            HTTPException: answer_http_exception,
            JournalUnavailableError: answer_unavailable,
            Exception: answer_failure,
        },
        openapi_config=None,
        logging_config=None,
        request_max_body_size=None,
    )
