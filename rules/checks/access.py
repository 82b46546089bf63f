"""What the venue itself says: whether it is open, offers the product, and takes clients from the place.

A venue may refuse a client whom the law allows, and the reverse: terms are not law.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date

from msgspec import Struct, structs

from data.facts.venues import Access, Venue
from data.facts.vocabulary import AccessKind, ClientClass, Product, VenueState
from rules.case import Case
from rules.check import Result, check
from rules.checks.outcomes import failed, passed, unknown
from rules.decision import Effect, Family, Outcome, Question, Reason, Remedy
from rules.knowledge import Knowledge
from rules.nearest_change import venues_where
from rules.trade import Client

EVERYWHERE = "*"
MOST_DAYS_EXTRAPOLATED = 366
"""How long before the day they are certain from terms are taken to have held: a year. Further back they are unknown."""


class Applicant(Struct, frozen=True, kw_only=True):
    """Who asks a venue for what."""

    client: Client
    product: Product
    reduce_only: bool = False
    intermediary: str | None = None
    conditions_met: tuple[str, ...] = ()


@check(
    "access.venue_open",
    family=Family.ACCESS,
    effect=Effect.DENY,
    title="The venue is open to clients on the day",
    basis=("status of the venue, dated",),
)
def venue_open(case: Case) -> Result:
    """Compare the venue's status on the day with "operating"."""
    venue = case.terms.venue
    if venue is None:
        return unknown("The venue is not known.", "Which venue is meant?", field="venue")
    result = open_on(venue, case.as_of, reduce_only=case.trade.reduce_only)
    if result.outcome is Outcome.FAIL and result.remedy is None:
        return structs.replace(result, remedy=venues_where(case, _is_open(case)))
    return result


def _is_open(case: Case) -> Callable[[str], bool]:
    def holds(other: str) -> bool:
        venue = case.knowledge.venue(other)
        return venue is not None and open_on(venue, case.as_of, reduce_only=False).outcome is Outcome.PASS

    return holds


@check(
    "access.product_offered",
    family=Family.ACCESS,
    effect=Effect.DENY,
    title="The venue offers the product",
    basis=("products that the venue's facts show",),
)
def product_offered(case: Case) -> Result:
    """Look for the product among those that the venue's facts show."""
    venue, product = case.terms.venue, case.terms.product
    if venue is None or product is None:
        return unknown("The venue or the product is not known.", "Which product is meant?", field="product")
    return offers(venue, product)


@check(
    "access.terms",
    family=Family.ACCESS,
    effect=Effect.DENY,
    title="The venue's own terms take this client for this product",
    needs=("client.residence",),
    basis=("the venue's terms by jurisdiction, product and class of client",),
)
def venue_terms(case: Case) -> Result:
    """Read the narrowest row of the venue's terms that covers the client."""
    venue, product = case.terms.venue, case.terms.product
    if venue is None or product is None:
        return unknown("The venue or the product is not known.", "Which product is meant?", field="product")
    answer = _remembered(case, venue)
    if answer.outcome is Outcome.FAIL and answer.remedy is None:
        return structs.replace(answer, remedy=_venues_that_take(case))
    return answer


def _remembered(case: Case, venue: Venue) -> Result:
    """Return what a venue's terms say to the client, found once for equal clients."""
    trade, product = case.trade, case.terms.product
    assert product is not None  # noqa: S101 - venue_terms asks for it
    answers = case.knowledge.derive(_no_answers_yet)
    key = (venue.id, product, trade.client, trade.reduce_only, trade.intermediary, trade.conditions_met)
    answer = answers.get(key)
    if answer is None:
        applicant = Applicant(
            client=trade.client,
            product=product,
            reduce_only=trade.reduce_only,
            intermediary=trade.intermediary,
            conditions_met=trade.conditions_met,
        )
        if len(answers) >= _REMEMBERED:
            answers.clear()
        answer = answers[key] = terms_for(applicant, venue, case.knowledge)
    return answer


def _venues_that_take(case: Case) -> Remedy | None:
    """Return the venues that list the underlying and whose terms take the client; found once for clients of one place
    and class, and never the venue that has just refused.
    """
    trade, instrument = case.trade, case.terms.instrument
    if instrument is None:
        return None

    def takes(other: str) -> bool:
        venue = case.knowledge.venue(other)
        return venue is not None and _remembered(case, venue).outcome is Outcome.PASS

    known, client = case.knowledge.derive(_no_venues_yet), trade.client
    key = (
        instrument.base,
        instrument.product,
        client.residence,
        client.location,
        client.client_class,
        trade.intermediary,
        trade.conditions_met,
    )
    if key not in known:
        if len(known) >= _REMEMBERED:
            known.clear()
        known[key] = venues_where(case, takes)
    return known[key]


def _no_venues_yet(knowledge: Knowledge) -> dict[object, Remedy | None]:
    """Return the memory of one day's venues that take a client."""
    del knowledge
    return {}


_REMEMBERED = 4096
"""Most answers of one day that are kept; beyond that it starts afresh."""


def _no_answers_yet(knowledge: Knowledge) -> dict[object, Result]:
    """Return the memory of one day's answers: equal applicants hear the same of a venue's terms."""
    del knowledge
    return {}


def open_on(venue: Venue, day: date, *, reduce_only: bool) -> Result:
    """Say whether a venue takes orders on a day; one that moved away names its successor."""
    period = venue.status_on(day)
    sources = (period.source,) if period.source else ()
    if period.state is VenueState.OPERATING:
        return passed(f"{venue.name} operates.", period.state, sources=sources)
    if period.state is VenueState.CLOSING and reduce_only:
        return passed(f"{venue.name} is closing and takes orders that reduce.", period.state, sources=sources)
    since = f" since {period.valid_from.isoformat()}" if period.valid_from else ""
    moved = f"; its clients moved to {period.successor}" if period.successor else ""
    return failed(
        f"{venue.name} is {period.state}{since}{moved}.",
        period.state,
        VenueState.OPERATING,
        sources=sources,
        reason=Reason.PROHIBITED,
        remedy=Remedy(field="venue", values=(period.successor,)) if period.successor else None,
    )


def offers(venue: Venue, product: Product) -> Result:
    """Say whether a venue's facts show it listing a product; what none shows, nothing we know permits."""
    listed = ", ".join(venue.products)
    if product in venue.products:
        return passed(f"{venue.name} offers {_spoken(product)}.", product, listed)
    return Result(
        outcome=Outcome.UNKNOWN,
        message=f"{venue.name} is not known to offer {_spoken(product)}.",
        observed=product,
        limit=listed or None,
        reason=Reason.NOT_PERMITTED,
        question=Question(ask=f"Does {venue.name} offer {_spoken(product)}?"),
    )


def terms_for(applicant: Applicant, venue: Venue, knowledge: Knowledge) -> Result:
    """Return what a venue's terms say to an applicant; where residence and location differ, the stricter answer."""
    client = applicant.client
    result = _terms_at(client.residence, applicant, venue, knowledge)
    if client.location is not None and client.location != client.residence:
        there = _terms_at(client.location, applicant, venue, knowledge)
        if _STRICTNESS.index(there.outcome) > _STRICTNESS.index(result.outcome):
            return there
    return result


_STRICTNESS = (Outcome.PASS, Outcome.UNKNOWN, Outcome.FAIL)


def _terms_at(place: str, applicant: Applicant, venue: Venue, knowledge: Knowledge) -> Result:
    rows = [
        row
        for row in knowledge.access(venue.id, place)
        if applicant.product in row.products and _near(row, knowledge.as_of)
    ]
    narrowest = _narrowest(rows, applicant.client.client_class)
    if not narrowest:
        return _nothing_said(place, applicant, venue, knowledge)
    if applicant.client.client_class is None:
        kinds = {row.access for row in narrowest}
        if len(kinds) > 1:
            return unknown(
                f"The terms of {venue.name} differ by class of client in {narrowest[0].jurisdiction}.",
                "Which class of client is this?",
                field="client.client_class",
                sources=_sources(narrowest),
            )
    result = _decided(place, narrowest, applicant, venue, knowledge.as_of)
    if result.outcome is Outcome.PASS:
        return _unless_subdivided(place, result, applicant, venue, knowledge)
    return result


def _narrowest(rows: Sequence[Access], client_class: ClientClass | None) -> list[Access]:
    """Return the rows that win: those of the narrowest place, of them the ones that name the class of client.

    `rows` come the narrowest place first. A place whose rows name other classes alone says nothing to this client.
    """
    for place in dict.fromkeys(row.jurisdiction for row in rows):
        here = [row for row in rows if row.jurisdiction == place]
        if client_class is None:
            return here
        named = [row for row in here if client_class in row.client_classes]
        found = named or [row for row in here if ClientClass.ANY in row.client_classes]
        if found:
            return found
    return []


def _decided(place: str, rows: list[Access], applicant: Applicant, venue: Venue, day: date) -> Result:
    refused = [row for row in rows if row.access is AccessKind.PROHIBITED]
    if refused:
        row = refused[0]
        if applicant.intermediary is not None and applicant.intermediary in row.open_through:
            return passed(
                f"{venue.name} refuses {row.jurisdiction} and is open through {applicant.intermediary}.",
                place,
                row.jurisdiction,
                sources=_sources(refused),
                flags=_flags(refused, day),
            )
        why = f" ({row.condition})" if row.condition else ""
        return failed(
            f"The terms of {venue.name} refuse {_spoken(applicant.product)} to {_clients(row)}{why}.",
            place,
            row.jurisdiction,
            sources=_sources(refused),
            flags=_flags(refused, day),
            reason=Reason.PROHIBITED,
            remedy=Remedy(field="intermediary", values=row.open_through) if row.open_through else None,
        )
    allowed = [row for row in rows if row.access is AccessKind.ALLOWED]
    if allowed:
        return passed(
            f"The terms of {venue.name} take {_clients(allowed[0])}.",
            place,
            allowed[0].jurisdiction,
            sources=_sources(allowed),
            flags=_flags(allowed, day),
        )
    met = [row for row in rows if row.condition_id in applicant.conditions_met]
    if met:
        return passed(
            f"The caller vouches for the condition of {venue.name}: {met[0].condition}.",
            place,
            met[0].jurisdiction,
            sources=_sources(met),
            flags=_flags(met, day),
        )
    row = rows[0]
    return unknown(
        f"The terms of {venue.name} take {_clients(row)} on a condition: {row.condition}.",
        f"Is this condition of {venue.name} met: {row.condition}?",
        condition=row.condition_id,
        sources=_sources(rows),
        flags=_flags(rows, day),
    )


def _unless_subdivided(place: str, result: Result, applicant: Applicant, venue: Venue, knowledge: Knowledge) -> Result:
    """Leave a pass open where the client is known by country only and the terms refuse one of its subdivisions."""
    if "-" in place:
        return result
    client_class = applicant.client.client_class
    refused = [
        row
        for row in knowledge.terms(venue.id)
        if row.jurisdiction.startswith(f"{place}-")
        and row.access is AccessKind.PROHIBITED
        and applicant.product in row.products
        and (client_class is None or client_class in row.client_classes or ClientClass.ANY in row.client_classes)
    ]
    if not refused:
        return result
    names = ", ".join(sorted({row.jurisdiction for row in refused}))
    return unknown(
        f"The terms of {venue.name} take clients in {place} and refuse {names}.",
        f"In which part of {place} does the client reside?",
        field="client.residence",
        sources=_sources(refused),
    )


def _nothing_said(place: str, applicant: Applicant, venue: Venue, knowledge: Knowledge) -> Result:
    served = sorted(
        {
            row.jurisdiction
            for row in knowledge.terms(venue.id)
            if applicant.product in row.products and row.access is not AccessKind.PROHIBITED
        }
    )
    what = _spoken(applicant.product)
    question = Question(ask=f"Does {venue.name} take this client for {what}?")
    later = [row for row in knowledge.access(venue.id, place) if applicant.product in row.products]
    if later:
        first = min(row.certain_from for row in later)
        return Result(
            outcome=Outcome.UNKNOWN,
            message=f"The terms of {venue.name} on {what} are known from {first.isoformat()} on, not before.",
            observed=place,
            reason=Reason.UNKNOWN,
            question=question,
            sources=_sources(later),
            flags=("extrapolated",),
        )
    if served:
        return Result(
            outcome=Outcome.UNKNOWN,
            message=f"The terms of {venue.name} on file offer {what} in {', '.join(served)}, not in {place}.",
            observed=place,
            limit=", ".join(served),
            reason=Reason.NOT_PERMITTED,
            question=question,
        )
    return Result(
        outcome=Outcome.UNKNOWN,
        message=f"No terms of {venue.name} on file speak of {what} for clients in {place}.",
        observed=place,
        reason=Reason.UNKNOWN,
        question=question,
    )


def _near(row: Access, day: date) -> bool:
    """Say whether a row tells anything of a day: terms change, and undated ones say little of years before."""
    return (row.certain_from - day).days <= MOST_DAYS_EXTRAPOLATED


def _clients(row: Access) -> str:
    classes = [one.value for one in row.client_classes if one is not ClientClass.ANY]
    who = f"{' and '.join(classes)} clients" if classes else "clients"
    return f"{who} everywhere not named" if row.jurisdiction == EVERYWHERE else f"{who} in {row.jurisdiction}"


def _sources(rows: Iterable[Access]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(row.source for row in rows))


def _flags(rows: Iterable[Access], day: date) -> tuple[str, ...]:
    found = []
    listed = list(rows)
    if any(row.extrapolated_on(day) for row in listed):
        found.append("extrapolated")
    if any(row.low_confidence for row in listed):
        found.append("low_confidence")
    return tuple(found)


def _spoken(product: Product) -> str:
    return product.replace("_", " ")
