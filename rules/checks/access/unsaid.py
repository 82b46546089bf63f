"""What is left where no terms on file speak of the client: never a pass, unless the caller vouches for it."""

from __future__ import annotations

from collections.abc import Sequence

from data.facts.venues import Access, Venue
from rules.check import Result
from rules.checks.access.rows import (
    Applicant,
    flags_of,
    places_served,
    sources_of,
)
from rules.checks.access.words import clients_of
from rules.checks.outcomes import passed
from rules.condition_ids import offer_id
from rules.decision import Outcome, Question, Reason
from rules.knowledge import Knowledge
from rules.spoken import spoken


def other_classes_alone(
    place: str, rows: Sequence[Access], taken: str, applicant: Applicant, venue: Venue, knowledge: Knowledge
) -> Result:
    """Report terms that name the place for other classes of client, so that nothing in them permits this one.

    `taken` is what a caller names to vouch that this class is taken, too.
    """
    what, stated = spoken(applicant.product), applicant.client.client_class
    return Result(
        outcome=Outcome.UNKNOWN,
        message=f"The terms of {venue.brand} on {what} speak only of {clients_of(*rows)}, not of {stated} clients.",
        observed=place,
        reason=Reason.NOT_PERMITTED,
        question=Question(ask=f"Does {venue.brand} take {stated} clients in {place} for {what}?", id=taken),
        sources=sources_of(rows),
        flags=flags_of(rows, knowledge),
    )


def nothing_said(place: str, applicant: Applicant, venue: Venue, knowledge: Knowledge) -> Result:
    """Report that no row tells of the client, which is a pass only where the caller vouches for it."""
    what = spoken(applicant.product)
    vouched = offer_id(venue.id, applicant.product, applicant.client.client_class, place)
    if vouched in applicant.conditions_met:
        return passed(
            f"The caller vouches that {venue.brand} takes this client for {what}; no terms on file do.", place
        )
    question = Question(ask=f"Does {venue.brand} take this client for {what}?", id=vouched)
    later = [row for row in knowledge.access(venue.id, place) if applicant.product in row.products]
    if later:
        first = min(row.certain_from for row in later)
        return Result(
            outcome=Outcome.UNKNOWN,
            message=f"The terms of {venue.brand} on {what} are certain from {first.isoformat()} on; "
            "what they said so long before is not known.",
            observed=place,
            reason=Reason.UNKNOWN,
            question=question,
            sources=sources_of(later),
            flags=("extrapolated",),
        )
    served = places_served(applicant, venue, knowledge)
    told = [f"offer {what} in {', '.join(served.offered)}"] if served.offered else []
    if served.on_condition:
        told.append(f"take clients for {what} on a condition in {', '.join(served.on_condition)}")
    if told:
        return Result(
            outcome=Outcome.UNKNOWN,
            message=f"The terms of {venue.brand} on file {', '.join(told)}, and do not speak of {place}.",
            observed=place,
            limit=", ".join(sorted((*served.offered, *served.on_condition))),
            reason=Reason.NOT_PERMITTED,
            question=question,
        )
    return Result(
        outcome=Outcome.UNKNOWN,
        message=f"No terms of {venue.brand} on file speak of {what} for clients in {place}.",
        observed=place,
        reason=Reason.UNKNOWN,
        question=question,
    )
