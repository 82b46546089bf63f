"""Every route that reads facts."""

from __future__ import annotations

from litestar.types import ControllerRouterHandler

from api.routes import facts, facts_law
from api.routes.coverage import COVERAGE
from api.routes.facts_answering import list_route
from api.routes.facts_changes import CHANGES
from api.routes.facts_listing import Listing
from api.routes.facts_one import get_jurisdiction, get_rule, get_source, get_venue
from api.routes.releases import RELEASES, get_release
from api.routes.rules import RULES

LISTINGS: tuple[Listing, ...] = (*facts.LISTINGS, *facts_law.LISTINGS, COVERAGE, RELEASES, CHANGES, RULES)
"""Every list, in the order of the documentation."""


def fact_routes() -> list[ControllerRouterHandler]:
    """Return the handlers of all lists and of single venues, jurisdictions, sources, rules and releases."""
    single = (get_venue, get_jurisdiction, get_source, get_rule, get_release)
    return [*(list_route(one) for one in LISTINGS), *single]
