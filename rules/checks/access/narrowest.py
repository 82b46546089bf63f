"""What the rows of the narrowest place decide: a refusal first, then an offer, then an offer on a condition."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from data.facts.venues import Access, Venue
from data.facts.vocabulary import AccessKind
from rules.check import Result
from rules.checks.access.rows import (
    Applicant,
    binds,
    flags_of,
    sources_of,
)
from rules.checks.access.words import clients_of, firm_named
from rules.checks.outcomes import failed, passed, unknown
from rules.condition_ids import SERVICE_IN_DOUBT, offer_id, route_id
from rules.decision import Question, Reason, Remedy
from rules.knowledge import Knowledge
from rules.spoken import spoken
from rules.trade import denial_of


def decided(place: str, rows: Sequence[Access], applicant: Applicant, venue: Venue, knowledge: Knowledge) -> Result:
    """Return what these rows say to the applicant."""
    refused = [row for row in rows if row.access is AccessKind.PROHIBITED]
    if any(binds(row, applicant) for row in refused):
        return _refused(place, refused, applicant, venue, knowledge)
    if refused:
        reducing = f"The terms of {venue.brand} take orders of {clients_of(refused[0])} that only reduce a position."
        return _taken(reducing, place, refused, knowledge)
    allowed = [row for row in rows if row.access is AccessKind.ALLOWED]
    if allowed and all(row.extrapolated_on(knowledge.as_of) for row in allowed):
        return _not_yet_certain(place, allowed, applicant, venue, knowledge)
    if allowed:
        told = f" ({allowed[0].condition})" if allowed[0].condition else ""
        taken = f"The terms of {venue.brand} take {clients_of(allowed[0])}{told}."
        return _taken(taken, place, allowed, knowledge)
    met = [row for row in rows if row.condition_id in applicant.conditions_met]
    denied = next((row for row in rows if _is_denied(row, applicant)), None)
    if met and denied is not None:
        return _one_met_one_denied(place, met[0], denied, rows, applicant, venue, knowledge)
    if met:
        vouched = f"The caller vouches for the condition of {venue.brand}: {met[0].condition}."
        return _taken(vouched, place, met, knowledge)
    row = next((row for row in rows if not _is_denied(row, applicant)), rows[0])
    if row.condition_id == SERVICE_IN_DOUBT:
        told = f"Whether {venue.brand} takes {clients_of(row)} is in doubt: {row.condition}."
        asked = f"Does {venue.brand} take this client for {spoken(applicant.product)}?"
    else:
        told = f"The terms of {venue.brand} take {clients_of(row)} on a condition: {row.condition}."
        asked = f"Is this condition of {venue.brand} met: {row.condition}?"
    return unknown(
        told,
        asked,
        condition=row.condition_id,
        sources=sources_of(rows),
        flags=flags_of(rows, knowledge),
    )


def _taken(told: str, place: str, rows: Sequence[Access], knowledge: Knowledge) -> Result:
    """Return the pass that rows of one place make."""
    sources, flags = sources_of(rows), flags_of(rows, knowledge)
    return passed(told, place, rows[0].jurisdiction, sources=sources, flags=flags)


def _one_met_one_denied(
    place: str,
    met: Access,
    denied: Access,
    rows: Sequence[Access],
    applicant: Applicant,
    venue: Venue,
    knowledge: Knowledge,
) -> Result:
    """Leave open whether one condition suffices where another is not met; the caller may vouch that it does."""
    what = spoken(applicant.product)
    vouched = offer_id(venue.id, applicant.product, applicant.client.client_class, place)
    if vouched in applicant.conditions_met:
        return passed(f"The caller vouches that {venue.brand} takes this client for {what}.", place, met.jurisdiction)
    return unknown(
        f"One condition of {venue.brand} is met ({met.condition}) and another is not ({denied.condition}); "
        "whether the first suffices is not on file.",
        f"Does {venue.brand} take this client for {what}?",
        condition=vouched,
        sources=sources_of(rows),
        flags=flags_of(rows, knowledge),
    )


def _is_denied(row: Access, applicant: Applicant) -> bool:
    return row.condition_id is not None and denial_of(row.condition_id) in applicant.conditions_met


def _not_yet_certain(
    place: str, rows: Sequence[Access], applicant: Applicant, venue: Venue, knowledge: Knowledge
) -> Result:
    """Leave open an offer that a later page makes; the caller may know that it stood on the day."""
    what, first = spoken(applicant.product), min(row.certain_from for row in rows).isoformat()
    vouched = offer_id(venue.id, applicant.product, applicant.client.client_class, place)
    if vouched in applicant.conditions_met:
        return passed(
            f"The caller vouches that {venue.brand} takes this client for {what}; its terms say so from {first} on.",
            place,
            rows[0].jurisdiction,
            sources=sources_of(rows),
            flags=flags_of(rows, knowledge),
        )
    return unknown(
        f"The terms of {venue.brand} take {clients_of(*rows)}, which is certain from {first} on; "
        "since when is not known.",
        f"Did {venue.brand} take this client for {what} on {knowledge.as_of.isoformat()}?",
        condition=vouched,
        sources=sources_of(rows),
        flags=flags_of(rows, knowledge),
    )


def _refused(place: str, refused: Sequence[Access], applicant: Applicant, venue: Venue, knowledge: Knowledge) -> Result:
    """Return a refusal, or the question that is left where a firm in between may open the way.

    An exemption of some nationals is taken not to hold until the client's nationality is given; it is told with it.
    """
    row, firm = refused[0], applicant.intermediary
    why = f" ({row.condition})" if row.condition else ""
    ways = row.open_through
    route = route_id(venue.id, firm) if firm is not None else None
    if route is not None and denial_of(route) in applicant.conditions_met:
        ways = tuple(one for one in ways if one != firm)
    if firm is not None and route is not None and firm in ways:
        name = firm_named(firm, knowledge)
        if route in applicant.conditions_met:
            return passed(
                f"{venue.brand} refuses {row.jurisdiction}; the caller vouches for the way through {name}.",
                place,
                row.jurisdiction,
                sources=sources_of(refused),
                flags=flags_of(refused, knowledge),
            )
        return unknown(
            f"The terms of {venue.brand} refuse {clients_of(row)}, and {name} may open the way{why}.",
            f"Does {name} carry this client's {spoken(applicant.product)} in this contract to {venue.brand}?",
            condition=route,
            sources=sources_of(refused),
            flags=flags_of(refused, knowledge),
        )
    refusal = failed(
        f"The terms of {venue.brand} refuse {spoken(applicant.product)} to {clients_of(row)}{why}.",
        place,
        row.jurisdiction,
        sources=sources_of(refused),
        flags=flags_of(refused, knowledge),
        reason=Reason.PROHIBITED,
        remedy=Remedy(field="intermediary", values=ways) if ways else None,
    )
    if row.exempt and applicant.client.nationality is None:
        exemption = f"Is the client a national of a place that is exempt: {', '.join(row.exempt)}?"
        question = Question(ask=exemption, field="client.nationality")
        return replace(refusal, question=question, flags=(*refusal.flags, "assumed"))
    return refusal
