"""What a venue's terms say to one applicant: the narrowest place that they name decides, then the class of client.

Nothing but a row that speaks of the client's class permits. Where the terms of a narrower place name other classes
alone, what they say of a wider place may still refuse and never permits; what they say of those who reside somewhere
leaves open whether its nationals elsewhere are meant, unless the row says that it reaches them too. A refusal of the
United States reaches their territories, and an offer leaves open one that no row names.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import structs

from data.facts.iso_3166 import is_territory, names_of
from data.facts.venues import Access, Venue
from data.facts.vocabulary import AccessKind
from rules.check import Result
from rules.checks.access.narrowest import decided
from rules.checks.access.rows import (
    Applicant,
    flags_of,
    reading_of,
    refused_later,
    refuses_some_classes_alone,
    refusing_citizens,
    refusing_nationals,
    sources_of,
    stricter_in_parts,
    takes_some_classes_alone,
)
from rules.checks.access.unsaid import nothing_said, other_classes_alone
from rules.checks.access.words import EVERYWHERE, clients_of, unless_denied
from rules.checks.outcomes import failed, passed, unknown
from rules.condition_ids import nationals_id, offer_id, stays_id, takes_id
from rules.decision import Outcome, Reason
from rules.knowledge import Knowledge
from rules.spoken import spoken
from rules.trade import denial_of


def terms_for(applicant: Applicant, venue: Venue, knowledge: Knowledge) -> Result:
    """Return what a venue's terms say to an applicant; where residence and location differ, the stricter answer."""
    client, said = applicant.client, applicant.conditions_met
    answer = _terms_at(client.residence, applicant, venue, knowledge)
    result = _unless_offer_denied(client.residence, answer, applicant, venue)
    if client.location is not None and client.location != client.residence:
        there = _terms_at(client.location, applicant, venue, knowledge)
        if there.outcome is Outcome.FAIL and there.limit == EVERYWHERE:
            there = _staying_elsewhere(there, client.location, applicant, venue)
        there = _unless_offer_denied(client.location, there, applicant, venue)
        if _STRICTNESS.index(there.outcome) > _STRICTNESS.index(result.outcome):
            result = there
    if result.outcome is Outcome.FAIL:
        return result
    return unless_denied(_unless_nationals_are_refused(result, applicant, venue, knowledge), said)


def _unless_offer_denied(place: str, answer: Result, applicant: Applicant, venue: Venue) -> Result:
    """Return an answer on a place of the client's; a fail where the caller says no to what it leaves open, or denies
    that the venue takes such a client there at all.
    """
    client, said = applicant.client, applicant.conditions_met
    if answer.outcome is Outcome.PASS and said:
        offer = offer_id(venue.id, applicant.product, client.client_class, place)
        if denial_of(offer) in said:
            return failed(
                f"{answer.message} The caller denies {offer}.",
                answer.observed,
                answer.limit,
                sources=answer.sources,
                flags=answer.flags,
                reason=Reason.PROHIBITED,
            )
    return unless_denied(answer, said)


_STRICTNESS = (Outcome.PASS, Outcome.UNKNOWN, Outcome.FAIL)


def _staying_elsewhere(refusal: Result, place: str, applicant: Applicant, venue: Venue) -> Result:
    """Leave open what a refusal of every place not named means for a client who only stays in one: it speaks of those
    who live there.
    """
    taken = stays_id(venue.id, place)
    if taken in applicant.conditions_met:
        return passed(f"The caller vouches that {venue.brand} takes clients who stay in {place}.", place)
    return unknown(
        f"The terms of {venue.brand} name the places it serves, and {place}, where the client is, is none of them.",
        f"Does {venue.brand} take clients who stay in {place} and reside elsewhere?",
        condition=taken,
        sources=refusal.sources,
        flags=refusal.flags,
    )


def _terms_at(place: str, applicant: Applicant, venue: Venue, knowledge: Knowledge) -> Result:
    reading = reading_of(place, applicant, venue, knowledge)
    narrowest = reading.rows
    if not narrowest:
        if reading.passed_over:
            vouched = offer_id(venue.id, applicant.product, applicant.client.client_class, place)
            if vouched not in applicant.conditions_met:
                return other_classes_alone(place, reading.passed_over, vouched, applicant, venue, knowledge)
            who = f"{applicant.client.client_class} clients"
            return passed(f"The caller vouches that {venue.brand} takes {who} for {spoken(applicant.product)}.", place)
        return nothing_said(place, applicant, venue, knowledge)
    if applicant.client.client_class is None and (hangs := _hanging_on_the_class(narrowest, applicant)) is not None:
        return unknown(
            f"The terms of {venue.brand} {hangs}, and the client's class is not given.",
            "Which class of client is this?",
            field="client.client_class",
            sources=sources_of(narrowest),
            flags=flags_of(narrowest, knowledge),
        )
    result = unless_denied(decided(place, narrowest, applicant, venue, knowledge), applicant.conditions_met)
    if reading.passed_over and result.outcome is not Outcome.FAIL:
        taken = takes_id(venue.id, applicant.client.client_class, reading.passed_over[0].jurisdiction)
        if taken not in applicant.conditions_met:
            return other_classes_alone(place, reading.passed_over, taken, applicant, venue, knowledge)
    if result.outcome is Outcome.PASS:
        result = _unless_for_the_states(place, narrowest, result, applicant, venue, knowledge)
    if result.outcome is Outcome.PASS:
        result = _unless_subdivided(place, result, applicant, venue, knowledge)
    if result.outcome is Outcome.PASS:
        return _unless_refused_later(place, narrowest, result, applicant, venue, knowledge)
    return result


def _hanging_on_the_class(rows: Sequence[Access], applicant: Applicant) -> str | None:
    """Say, as the end of a sentence on the terms, what in them hangs on a class of client; null where nothing does."""
    if len({row.access for row in rows}) > 1:
        return f"differ by class of client in {rows[0].jurisdiction}"
    if refuses_some_classes_alone(rows, applicant):
        return f"refuse {spoken(applicant.product)} to {clients_of(*rows)}"
    if takes_some_classes_alone(rows):
        return f"on {spoken(applicant.product)} speak only of {clients_of(*rows)}"
    return None


def _unless_refused_later(
    place: str, rows: Sequence[Access], result: Result, applicant: Applicant, venue: Venue, knowledge: Knowledge
) -> Result:
    """Leave a pass open where a refusal as near as what permits is known of later days alone.

    `rows` are those that permit. A refusal without a date, read years after the day, may have held on it or not.
    """
    client_class, permitting = applicant.client.client_class, rows[0].jurisdiction
    refused = refused_later(place, permitting, applicant, venue, knowledge)
    if not refused:
        return result
    first = min(row.certain_from for row in refused)
    what, vouched = spoken(applicant.product), offer_id(venue.id, applicant.product, client_class, place)
    if vouched in applicant.conditions_met:
        return passed(
            f"The caller vouches that {venue.brand} takes this client for {what}; "
            f"its terms refuse them, certain from {first.isoformat()} on.",
            place,
            permitting,
            sources=sources_of(refused),
            flags=("extrapolated",),
        )
    return unknown(
        f"The terms of {venue.brand} refuse {clients_of(*refused)}, which is certain from {first.isoformat()} on; "
        "since when is not known.",
        f"Did {venue.brand} take this client for {what} on {knowledge.as_of.isoformat()}?",
        condition=vouched,
        sources=sources_of(refused),
        flags=("extrapolated",),
    )


def _unless_subdivided(place: str, result: Result, applicant: Applicant, venue: Venue, knowledge: Knowledge) -> Result:
    """Leave a pass open where the client is known by country only and the terms are stricter in one of its parts."""
    if names_of(place) != (place,):
        return result
    stricter = stricter_in_parts(place, applicant, venue, knowledge)
    if not stricter:
        return result
    names = ", ".join(sorted({row.jurisdiction for row in stricter}))
    resides = place == applicant.client.residence
    return unknown(
        f"The terms of {venue.brand} take clients in {place} and refuse those in {names}, or ask more of them.",
        f"In which part of {place} does the client reside?" if resides else f"In which part of {place} is the client?",
        field="client.residence" if resides else "client.location",
        sources=sources_of(stricter),
    )


def _unless_for_the_states(
    place: str, rows: Sequence[Access], result: Result, applicant: Applicant, venue: Venue, knowledge: Knowledge
) -> Result:
    """Leave a pass open where it rests on an offer to a country and the client resides in a territory of it: what is
    offered to its residents may be for its states alone.
    """
    client, country = applicant.client, names_of(place)[-1]
    offers = all(row.access is not AccessKind.PROHIBITED and row.jurisdiction == country for row in rows)
    if not offers or place != client.residence or not is_territory(place):
        return result
    what, vouched = spoken(applicant.product), offer_id(venue.id, applicant.product, client.client_class, place)
    if vouched in applicant.conditions_met:
        return passed(
            f"The caller vouches that {venue.brand} takes this client for {what}; its terms speak of {country} alone.",
            place,
            country,
            sources=sources_of(rows),
            flags=flags_of(rows, knowledge),
        )
    return unknown(
        f"The terms of {venue.brand} take {clients_of(*rows)} and do not name the territory {place}.",
        f"Does {venue.brand} take this client for {what}?",
        condition=vouched,
        sources=sources_of(rows),
        flags=flags_of(rows, knowledge),
    )


def _unless_nationals_are_refused(result: Result, applicant: Applicant, venue: Venue, knowledge: Knowledge) -> Result:
    """Fail where the terms refuse the citizens of a country wherever they live, and the client is one.

    A pass is left open where they refuse the country, and do not say whether its nationals elsewhere are meant.
    """
    nationality = applicant.client.nationality
    if nationality is None:
        return _naming_nationals(result, applicant, venue, knowledge)
    if nationality == names_of(applicant.client.residence)[-1]:
        return result
    refused = refusing_nationals(nationality, applicant, venue, knowledge)
    why = f" ({refused[0].condition})" if refused and refused[0].condition else ""
    if any(row.nationals for row in refused):
        return failed(
            f"The terms of {venue.brand} refuse {spoken(applicant.product)} to citizens of {nationality} "
            f"wherever they live{why}.",
            nationality,
            refused[0].jurisdiction,
            sources=sources_of(refused),
            flags=flags_of(refused, knowledge),
            reason=Reason.PROHIBITED,
        )
    taken = nationals_id(venue.id, nationality)
    denied = denial_of(taken) in applicant.conditions_met
    if not refused or taken in applicant.conditions_met or not (denied or result.outcome is Outcome.PASS):
        return result
    return unknown(
        f"The terms of {venue.brand} refuse {clients_of(refused[0])}{why}, "
        f"and the client is a national of {nationality}.",
        f"Does {venue.brand} take citizens of {nationality} who reside elsewhere?",
        condition=taken,
        sources=sources_of(refused),
        flags=flags_of(refused, knowledge),
    )


def _naming_nationals(result: Result, applicant: Applicant, venue: Venue, knowledge: Knowledge) -> Result:
    """Return a pass that names the citizens whom the terms refuse wherever they live, where no nationality is given."""
    if result.outcome is not Outcome.PASS:
        return result
    refused = refusing_citizens(applicant, venue, knowledge)
    if not refused:
        return result
    named = ", ".join(sorted({row.jurisdiction for row in refused if not is_territory(row.jurisdiction)}))
    told = f"{result.message} Citizens of {named} are refused wherever they live, and the nationality is not given."
    return structs.replace(result, message=told, flags=(*result.flags, "assumed"))
