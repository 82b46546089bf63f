"""The rules of access: whether the venue is open, offers the product, and takes clients from the place."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec import structs

from data.facts.dates import last_day
from data.facts.venues import StatusPeriod, Venue
from data.facts.vocabulary import Product, VenueState
from rules.case import Case
from rules.check import NOT_APPLICABLE, Result, check
from rules.checks.access.rows import Applicant
from rules.checks.access.terms import terms_for
from rules.checks.access.way import way_through
from rules.checks.access.words import firm_named, unless_denied
from rules.checks.outcomes import failed, passed, unknown
from rules.condition_ids import listing_id
from rules.decision import Effect, Family, Outcome, Question, Reason, Remedy
from rules.knowledge import Knowledge
from rules.remedies.nearest_change import venues_where
from rules.remembered import Remembered
from rules.spoken import spoken
from rules.trade import ProposedTrade, denial_of

_NO_VENUE = unknown("The venue is not known.", "Which venue is meant?", field="venue")
_NO_PRODUCT = unknown("The product is not known.", "Which product is meant?", field="product")


@check(
    "access.venue_open",
    family=Family.ACCESS,
    effect=Effect.DENY,
    title="The venue is open to clients on the day",
    basis=("status of the venue, dated",),
    of_terms=True,
)
def venue_open(case: Case) -> Result:
    """Compare the venue's status on the day with "operating"."""
    venue = case.terms.venue
    if venue is None:
        return _NO_VENUE
    result = open_on(venue, case.knowledge, reduce_only=case.trade.reduce_only)
    if result.outcome is Outcome.FAIL and result.remedy is None:
        return structs.replace(result, remedy=venues_where(case, _is_open(case)))
    return result


def _is_open(case: Case) -> Callable[[str], bool]:
    def holds(other: str) -> bool:
        venue = case.knowledge.venue(other)
        return venue is not None and open_on(venue, case.knowledge, reduce_only=False).outcome is Outcome.PASS

    return holds


@check(
    "access.product_offered",
    family=Family.ACCESS,
    effect=Effect.DENY,
    title="The venue offers the product",
    basis=("products that the venue's facts show",),
    of_terms=True,
)
def product_offered(case: Case) -> Result:
    """Look for the product among those that the venue's facts show."""
    venue, product = case.terms.venue, case.terms.product
    if venue is None or product is None:
        return _NO_VENUE if venue is None else _NO_PRODUCT
    return offers(venue, product, case.trade.conditions_met)


@check(
    "access.terms",
    family=Family.ACCESS,
    effect=Effect.DENY,
    title="The venue's own terms take this client for this product",
    needs=("client.residence",),
    basis=("the venue's terms by jurisdiction, product and class of client",),
    of_terms=True,
)
def venue_terms(case: Case) -> Result:
    """Read the narrowest row of the venue's terms that covers the client."""
    venue, product = case.terms.venue, case.terms.product
    if venue is None or product is None:
        return _NO_VENUE if venue is None else _NO_PRODUCT
    answer = terms_of_venue(case, venue, product)
    if answer.outcome is Outcome.FAIL and answer.remedy is None:
        return structs.replace(answer, remedy=_venues_that_take(case))
    return answer


@check(
    "access.intermediary",
    family=Family.ACCESS,
    effect=Effect.DENY,
    title="The firm in between takes this client for this product, and leads to the venue",
    basis=("the firm's own terms, and the venues to which they or the venue's lead",),
)
def firm_in_between(case: Case) -> Result:
    """Read the terms of the firm through which the order reaches the venue, where one is named."""
    venue, product = case.terms.venue, case.terms.product
    if case.trade.intermediary is None or venue is None or product is None:
        return NOT_APPLICABLE
    return way_to_venue(case, venue, product)


def way_to_venue(case: Case, venue: Venue, product: Product) -> Result:
    """Return what the firm in between, which the trade names, says of its client and of the way to a venue; found once
    for equal clients.
    """
    answers = case.knowledge.derive(_Ways)
    firm = case.trade.intermediary
    key = (venue.id, product, case.trade.client, case.trade.reduce_only, firm, case.trade.conditions_met)
    answer = answers.get(key)
    if answer is None:
        answer = answers.keep(key, way_through(_applicant(case.trade, product), venue, case.knowledge))
    return answer


class _Ways(Remembered[Result]):
    """What stands against reaching a venue through a firm, by client and order."""


def _applicant(trade: ProposedTrade, product: Product) -> Applicant:
    return Applicant(
        client=trade.client,
        product=product,
        reduce_only=trade.reduce_only,
        intermediary=trade.intermediary,
        conditions_met=trade.conditions_met,
    )


def terms_of_venue(case: Case, venue: Venue, product: Product) -> Result:
    """Return what the terms of a venue, the trade's or another, say to its client; found once for equal clients."""
    trade = case.trade
    answers = case.knowledge.derive(_Answers)
    key = (venue.id, product, trade.client, trade.reduce_only, trade.intermediary, trade.conditions_met)
    answer = answers.get(key)
    if answer is None:
        answer = answers.keep(key, terms_for(_applicant(trade, product), venue, case.knowledge))
    return answer


class _Answers(Remembered[Result]):
    """What a venue's terms say, by client and order: equal applicants hear the same."""


def _venues_that_take(case: Case) -> Remedy | None:
    """Return the venues that list the underlying and whose terms take the client; found once for clients of one place,
    nationality and class, and never the venue that has just refused.
    """
    trade, instrument = case.trade, case.terms.instrument
    if instrument is None:
        return None

    def takes(other: str) -> bool:
        venue = case.knowledge.venue(other)
        return venue is not None and terms_of_venue(case, venue, instrument.product).outcome is Outcome.PASS

    known, client = case.knowledge.derive(_Venues), trade.client
    key = (
        instrument.base,
        instrument.product,
        client.residence,
        client.location,
        client.nationality,
        client.client_class,
        trade.reduce_only,
        trade.intermediary,
        trade.conditions_met,
    )
    return known.answer(key, lambda: venues_where(case, takes))


class _Venues(Remembered[Remedy | None]):
    """The venues that take a client, by underlying, product and client."""


def open_on(venue: Venue, knowledge: Knowledge, *, reduce_only: bool) -> Result:
    """Say whether a venue takes orders on the day; one that moved away names its successor."""
    day = knowledge.as_of
    period = venue.status_on(day)
    sources = (period.source,) if period.source else ()
    if period.valid_from is not None and day < period.valid_from:
        return unknown(
            f"{venue.brand} is known to operate from {period.valid_from.isoformat()} on.",
            f"Did {venue.brand} operate on {day.isoformat()}?",
            sources=sources,
        )
    if period.state is VenueState.OPERATING:
        begun_by = period.valid_from and last_day(period.valid_from, period.valid_from_precision)
        flags = ("extrapolated",) if begun_by is not None and day < begun_by else ()
        return passed(f"{venue.brand} operates.", period.state, sources=sources, flags=flags)
    if period.state is VenueState.CLOSING and reduce_only:
        return passed(f"{venue.brand} is closing and takes orders that reduce.", period.state, sources=sources)
    successor = None if period.successor is None else firm_named(period.successor, knowledge)
    moved = "" if successor is None else f"; its clients moved to {successor}"
    return failed(
        f"{venue.brand} {_since(period)}{moved}.",
        period.state,
        VenueState.OPERATING,
        sources=sources,
        reason=Reason.PROHIBITED,
        remedy=Remedy(field="venue", values=(period.successor,)) if period.successor else None,
    )


def _since(period: StatusPeriod) -> str:
    """Say that a venue takes no more orders, and from which day on where that is known."""
    if period.valid_from is None:
        return f"is {period.state}"
    if period.state is VenueState.MIGRATED:
        return f"migrated on {period.valid_from.isoformat()}"
    return f"has been {period.state} since {period.valid_from.isoformat()}"


def offers(venue: Venue, product: Product, conditions_met: Sequence[str] = ()) -> Result:
    """Say whether a venue's facts show it listing a product; what none shows is a pass only where the caller vouches
    for it, and what they show is none where the caller denies it.
    """
    listed = ", ".join(venue.products)
    vouched = listing_id(venue.id, product)
    if product in venue.products:
        if denial_of(vouched) in conditions_met:
            return failed(
                f"The caller denies that {venue.brand} offers {spoken(product)}; facts on file show it.",
                product,
                listed,
                reason=Reason.NOT_PERMITTED,
            )
        return passed(f"{venue.brand} offers {spoken(product)}.", product, listed)
    if vouched in conditions_met:
        return passed(
            f"The caller vouches that {venue.brand} offers {spoken(product)}; no facts on file show it.",
            product,
            listed,
        )
    answer = Result(
        outcome=Outcome.UNKNOWN,
        message=f"{venue.brand} is not known to offer {spoken(product)}.",
        observed=product,
        limit=listed or None,
        reason=Reason.NOT_PERMITTED,
        question=Question(ask=f"Does {venue.brand} offer {spoken(product)}?", id=vouched),
    )
    return unless_denied(answer, conditions_met)
