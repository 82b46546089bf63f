"""Puts the parts together: `create_app(settings)` is the service."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from litestar import Litestar
from litestar.exceptions import HTTPException
from litestar.types import ControllerRouterHandler

from api.problems import ProblemError, answer_failure, answer_http_exception, answer_problem
from api.routes import all_routes
from api.services import open_services
from api.settings import Settings, read_settings


def create_app(settings: Settings | None = None) -> Litestar:
    """Return the application. It opens the release and the journal when it starts, and closes them when it stops."""
    settings = settings or read_settings()

    @asynccontextmanager
    async def lifespan(app: Litestar) -> AsyncGenerator[None, None]:
        async with open_services(settings) as services:
            app.state.services = services
            yield

    return litestar_app(all_routes(), [lifespan])


def litestar_app(routes: Sequence[ControllerRouterHandler], lifespan: list[Any]) -> Litestar:
    """Return a Litestar application with our error handling around `routes`."""
    return Litestar(
        route_handlers=list(routes),
        lifespan=lifespan,
        exception_handlers={
            ProblemError: answer_problem,
            HTTPException: answer_http_exception,
            Exception: answer_failure,
        },
        openapi_config=None,
        logging_config=None,
        request_max_body_size=None,
    )
