"""Metrics for Prometheus."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from litestar import Request, Response, get

from api.openapi.promises import promise
from api.services import services_of
from api.telemetry.freshness import ages_in_days


@get(
    "/metrics",
    operation_id="getMetrics",
    summary="Metrics in Prometheus' text format",
    tags=["operations"],
    opt=promise(
        answer_types=("text/plain",),
        answer=str,
        answer_description="One metric a line.",
        headers={"Cache-Control": "`no-store`."},
    ),
)
async def metrics(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Count requests, verdicts, rule outcomes and commits of the journal, over all workers of this machine. No label
    names a client, a key or a trade.
    """
    services = services_of(request)
    verifications = services.releases.current().facts.corpus.verifications
    ages = ages_in_days(verifications, datetime.now(UTC).date())
    return Response(
        services.telemetry.exposition(services.release_built_at()) + ages,
        media_type="text/plain; version=0.0.4",  # the framework adds the charset
        headers={"Cache-Control": "no-store"},
    )
