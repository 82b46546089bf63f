"""How much is known, how well and how fresh."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from api.representations.list_pages import list_of
from api.routes import facts_filters as by
from api.routes.facts_listing import Asked, Listing, chosen_in
from data.coverage import CoverageRow, coverage_of


def _coverage(asked: Asked) -> Sequence[Struct]:
    reading, wanted = asked.reading, asked.parameters
    subjects = [*(chosen_in(wanted, "venue") or ()), *(chosen_in(wanted, "jurisdiction") or ())]
    families = chosen_in(wanted, "family")
    return [
        row
        for row in coverage_of(reading.release, reading.as_of)
        if (not subjects or row.subject in subjects) and (families is None or row.family in families)
    ]


COVERAGE = Listing(
    path="/v1/coverage",
    query="coverage",
    operation_id="getCoverage",
    summary="Coverage and freshness",
    description="Per venue, jurisdiction or other subject and family of facts: how many rows there are, the share with "
    "a primary source, the dates of the oldest and newest source, the last day the family was compared with its "
    "sources, open conflicts, and what is known to be missing or odd. A family without rows is listed: nothing is "
    "known. A subject is one or the other: with both `venue` and `jurisdiction`, rows of either are answered.",
    row=CoverageRow,
    page=list_of(CoverageRow, "CoverageList", "coverage"),
    filters=(by.VENUE_OF_MODEL, by.JURISDICTION, by.FAMILY_OF_COVERAGE),
    expandable=False,
    compute=_coverage,
)
