"""Whether the facts a decision rests on were verified recently enough."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from data.facts.venues import Instrument, Ladder
from rules.case import Case
from rules.check import NOT_APPLICABLE, Result, check
from rules.checks.outcomes import failed, passed, unknown
from rules.decision import Effect, Family
from rules.inputs import given
from rules.knowledge import Knowledge
from rules.remedies.nearest_change import venues_where


class _Ages(Struct, frozen=True, kw_only=True):
    """How old a venue's facts are, in days; below zero where they were first verified after the day asked about."""

    oldest: int
    family: str
    """The family that is the oldest."""
    newest: int


FAMILIES = ("margin_tiers", "fees", "leverage_caps", "liquidation_policies")
"""The families of facts a decision reads most; the oldest of those the venue has counts."""

OF_INSTRUMENT = "margin tiers of this instrument"
"""What is told of a ladder that is older than its family: a recording was read later than it was made."""


@check(
    "limits.facts_fresh",
    family=Family.LIMITS,
    effect=Effect.REVIEW,
    title="The venue's facts were verified within the policy's age; reduce-only is exempt",
    parameters=("stale_after_days", "refuse_after_days"),
    asked_by=("stale_after_days", "refuse_after_days"),
    basis=("the dates on which the facts were compared with their sources",),
    of_terms=True,
    spares_reducing=True,
)
def facts_fresh(case: Case) -> Result:
    """Compare the age of the venue's oldest family of facts, and of the ladder, with the policy's.

    Stale is unknown, very old fails. Where the policy says only what is very old, all that is not passes. So do facts
    that were verified after the day asked about, whose dates say that they held on it; the pass says so.
    """
    policy = case.policy
    stale, refused = policy.stale_after_days, policy.refuse_after_days
    most = given(refused if stale is None else stale)
    if case.terms.venue is None:
        return NOT_APPLICABLE
    ages = case.knowledge.derive(_ages_by_venue).get(case.terms.venue.id)
    if ages is None:
        return unknown("It is not known when the venue's facts were last verified.", "Are the venue's terms unchanged?")
    oldest, which = ages.oldest, ages.family
    age = _age_of(case.terms.ladder, case.knowledge)
    if age is not None and age > oldest:
        oldest, which = age, OF_INSTRUMENT
    if oldest < 0:
        return _VERIFIED_LATER
    if oldest <= most:
        told = _RECENTLY if ages.newest >= 0 else _RECENTLY_OR_LATER
        return passed(told, str(oldest), str(most), "days")
    told, before = which.replace("_", " "), f"{oldest} {'day' if oldest == 1 else 'days'} before the day asked about"
    if refused is not None and oldest > refused:
        return failed(
            f"The venue's {told} were last verified {before}; the policy allows {refused}.",
            str(oldest),
            str(refused),
            "days",
            flags=("stale",),
            remedy=venues_where(case, _fresh(case, most)),
        )
    return unknown(
        f"The venue's {told} were last verified {before}; the policy allows {most}.",
        f"Are the venue's {told} still the same?",
        flags=("stale",),
    )


_VERIFIED_LATER = passed("The facts were verified later than the day asked about.")
_RECENTLY = "The facts were verified recently."
_RECENTLY_OR_LATER = "The facts were verified recently, some of them later than the day asked about."


def _fresh(case: Case, most: int) -> Callable[[str], bool]:
    """Return what says whether a venue's facts, the ladders of its listings too, are at most so many days old."""
    knowledge, trade = case.knowledge, case.trade
    ages = knowledge.derive(_ages_by_venue)

    def ladder_is_fresh(listing: Instrument) -> bool:
        ladder = knowledge.ladder(
            listing.venue,
            listing.symbol,
            client_class=trade.client.client_class,
            residence=trade.client.residence,
            side=trade.side,
        )
        return (_age_of(ladder, knowledge) or 0) <= most

    def fresh(venue: str) -> bool:
        instrument, product = case.terms.instrument, case.terms.product
        listings = () if instrument is None or product is None else knowledge.listings(instrument.base, product)
        known = ages.get(venue)
        return (
            known is not None
            and known.oldest <= most
            and all(ladder_is_fresh(one) for one in listings if one.venue == venue)
        )

    return fresh


def _age_of(ladder: Ladder | None, knowledge: Knowledge) -> int | None:
    """Return how many days before the day asked about a ladder was last seen; null where its family's age counts."""
    seen = None if ladder is None else ladder.last_seen
    return None if seen is None else (knowledge.as_of - seen).days


def _ages_by_venue(knowledge: Knowledge) -> dict[str, _Ages]:
    """Return how old the families of each venue's facts are; a venue whose facts were never verified is left out."""
    found: dict[str, _Ages] = {}
    for venue in knowledge.venues():
        ages = [(age, family) for family in FAMILIES if (age := knowledge.age_days(venue.id, family)) is not None]
        if ages:
            oldest, family = max(ages)
            found[venue.id] = _Ages(oldest=oldest, family=family, newest=min(ages)[0])
    return found
