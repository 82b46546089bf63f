"""Whether the facts a decision rests on were verified recently enough."""

from __future__ import annotations

from collections.abc import Callable

from rules.case import Case
from rules.check import NOT_APPLICABLE, Result, check
from rules.checks.outcomes import failed, passed, unknown
from rules.decision import Effect, Family
from rules.knowledge import Knowledge
from rules.nearest_change import venues_where

_NEVER = (-1, "")

FAMILIES = ("margin_tiers", "fees", "leverage_caps", "liquidation_policies")
"""The families of facts a decision reads most; the oldest of those the venue has counts."""


@check(
    "limits.facts_fresh",
    family=Family.LIMITS,
    effect=Effect.REVIEW,
    title="The venue's facts were verified within the policy's age; reduce-only is exempt",
    parameters=("stale_after_days", "refuse_after_days"),
    basis=("the dates on which the facts were compared with their sources",),
)
def facts_fresh(case: Case) -> Result:
    """Compare the age of the venue's oldest family of facts with the policy's: stale is unknown, very old fails."""
    policy = case.policy
    stale = policy.stale_after_days
    if stale is None or case.terms.venue is None or case.trade.reduce_only:
        return NOT_APPLICABLE
    oldest, which = case.knowledge.derive(_oldest_by_venue).get(case.terms.venue.id, _NEVER)
    if oldest < 0:
        return unknown("It is not known when the venue's facts were last verified.", "Are the venue's terms unchanged?")
    if oldest <= stale:
        return passed("The facts were verified recently.", str(oldest), str(stale), "days")
    told = which.replace("_", " ")
    refused = policy.refuse_after_days
    if refused is not None and oldest > refused:
        return failed(
            f"The venue's {told} were last verified {oldest} days before.",
            str(oldest),
            str(refused),
            "days",
            flags=("stale",),
            remedy=venues_where(case, _fresh(case, stale)),
        )
    return unknown(
        f"The venue's {told} were last verified {oldest} days before.",
        f"Are the venue's {told} still the same?",
        flags=("stale",),
    )


def _fresh(case: Case, stale: int) -> Callable[[str], bool]:
    ages = case.knowledge.derive(_oldest_by_venue)
    return lambda venue: 0 <= ages.get(venue, _NEVER)[0] <= stale


def _oldest_by_venue(knowledge: Knowledge) -> dict[str, tuple[int, str]]:
    """Return, for each venue, the age in days of its oldest family of facts and that family's name."""
    oldest: dict[str, tuple[int, str]] = {}
    for venue in knowledge.venues():
        ages = [(age, family) for family in FAMILIES if (age := knowledge.age_days(venue.id, family)) is not None]
        if ages:
            oldest[venue.id] = max(ages)
    return oldest
