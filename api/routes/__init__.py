"""All routes of the service, one module per resource."""

from __future__ import annotations

from litestar.types import ControllerRouterHandler

from api.routes import (
    batch,
    comparisons,
    decisions,
    eligibility,
    health,
    impact,
    journal,
    law_tools,
    metrics,
    pages,
    policies,
)
from api.routes.calculators import calculator_routes
from api.routes.facts_all import fact_routes


def all_routes() -> list[ControllerRouterHandler]:
    """Return every route handler."""
    return [
        decisions.post_decision,
        batch.post_batch,
        journal.list_decisions,
        journal.get_decision,
        journal.get_entry,
        journal.replay_decision,
        impact.post_impact,
        comparisons.post_comparison,
        policies.list_policies,
        policies.get_policy,
        policies.put_policy,
        *calculator_routes(),
        *fact_routes(),
        eligibility.get_eligibility,
        law_tools.post_client_class,
        health.live,
        health.ready,
        metrics.metrics,
        pages.explorer,
        pages.docs,
        pages.openapi_document,
        pages.asset,
    ]
