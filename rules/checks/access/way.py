"""The way to a venue through a firm: whether the firm takes the client, and whether it carries the product there."""

from __future__ import annotations

from msgspec import structs

from data.facts.venues import Access, Venue
from data.facts.vocabulary import AccessKind, ClientClass, Product
from rules.check import NOT_APPLICABLE, Result
from rules.checks.access.rows import Applicant
from rules.checks.access.terms import terms_for
from rules.checks.access.words import firm_named, unless_denied
from rules.checks.outcomes import failed, passed, unknown
from rules.condition_ids import route_id
from rules.decision import Outcome, Reason
from rules.knowledge import Knowledge
from rules.spoken import spoken
from rules.trade import denial_of


def way_through(applicant: Applicant, venue: Venue, knowledge: Knowledge) -> Result:
    """Return what stands against reaching a venue through the firm that an applicant names; it has terms of its own.

    A venue that is named as its own firm in between is reached directly. That a firm takes the client for a product
    does not say to whose contracts it leads: the terms of either must, or the caller, whose denial closes the way.
    """
    firm = applicant.intermediary
    if firm is None or firm == venue.id:
        return NOT_APPLICABLE
    known = knowledge.venue(firm)
    told: Result | None = None
    if known is not None:
        told = terms_for(structs.replace(applicant, intermediary=None), known, knowledge)
        if told.outcome is Outcome.FAIL:
            return told
    name, what = firm_named(firm, knowledge), spoken(applicant.product)
    route = route_id(venue.id, firm)
    leads = _leads(firm, venue.id, applicant, knowledge)
    if leads and denial_of(route) in applicant.conditions_met:
        return failed(
            f"The caller denies that {name} carries {what} to {venue.brand}; terms on file say so.",
            firm,
            reason=Reason.PROHIBITED,
        )
    if not leads and route not in applicant.conditions_met:
        answer = unknown(
            f"Whether {name} carries {what} to {venue.brand} is not on file.",
            f"Does {name} carry this client's {what} in this contract to {venue.brand}?",
            condition=route,
        )
        answer = unless_denied(answer, applicant.conditions_met)
        return told if told is not None and _is_open(told) and _is_open(answer) else answer
    if told is not None:
        return told
    return passed(f"{name} carries {what} to {venue.brand}.", firm)


def _is_open(answer: Result) -> bool:
    return answer.outcome is Outcome.UNKNOWN


def _leads(firm: str, venue: str, applicant: Applicant, knowledge: Knowledge) -> bool:
    """Say whether the terms of the firm or of the venue show that the one leads to the other with a product.

    A refusal of the venue that names the firm as the way in shows it, for the classes of client it speaks of: whether
    the way is open to this client is asked where the terms are read.
    """
    return any(_names(row, venue, applicant.product, knowledge) for row in knowledge.terms(firm)) or any(
        _names(row, firm, applicant.product, knowledge, refused=applicant.client.client_class)
        for row in knowledge.terms(venue)
    )


def _names(row: Access, other: str, product: Product, knowledge: Knowledge, refused: ClientClass | None = None) -> bool:
    """Say whether a row shows the way on the day: like all that permits, not before it is certain."""
    return (
        other in row.open_through
        and (row.access is not AccessKind.PROHIBITED or refused in row.client_classes)
        and product in row.products
        and not row.extrapolated_on(knowledge.as_of)
    )
