"""Facts asked about on a day before the first they are certain for, and the findings that rest on them.

A fact of unknown start is taken to have held on every earlier day; a finding that rests on one says `extrapolated`.
What is extrapolated among the facts of a trade is worked out where they are looked up, once for many trades, and on
nearly every day asked about it is nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import Enum, auto

from msgspec import Struct, structs

from data.facts.dates import last_day
from data.facts.fact import Fact
from data.facts.venues import Venue
from rules.decision import Family, Finding, Outcome
from rules.knowledge import Knowledge

FLAG = "extrapolated"


class Subject(Enum):
    """What facts are about, as far as rules read them without naming a source."""

    VENUE = auto()
    """The venue's state, and with it what it is known to offer."""
    LISTING = auto()
    """The instrument, the leverage caps and the deleveraging policy."""
    FEES = auto()
    FUNDING = auto()
    MARGIN = auto()
    """Margin tiers, margin model and liquidation policy: what a liquidation price is computed from."""


_COSTS = (Subject.FEES, Subject.FUNDING)
RESTS_ON: dict[str, tuple[Subject, ...]] = {
    "access.product_offered": (Subject.VENUE,),
    "limits.facts_fresh": tuple(Subject),
    "liquidation.not_at_entry": (Subject.MARGIN,),
    "liquidation.distance": (Subject.MARGIN,),
    "liquidation.distance_in_atr": (Subject.MARGIN,),
    "liquidation.distance_in_daily_ranges": (Subject.MARGIN,),
    "liquidation.maintenance_share": (Subject.MARGIN,),
    "liquidation.stop_before_liquidation": (Subject.MARGIN,),
    "liquidation.stop_room": (Subject.MARGIN,),
    "liquidation.stop_before_margin_call": (Subject.MARGIN,),
    "liquidation.model_exact": (Subject.MARGIN,),
    "cost.fees_on_margin": (Subject.FEES,),
    "cost.funding_on_margin": (Subject.FUNDING,),
    "cost.funding_annualised": (Subject.FUNDING,),
    "cost.liquidation_fee": (Subject.MARGIN, Subject.FEES),
    "cost.total_on_margin": _COSTS,
    "cost.share_of_stop_loss": _COSTS,
    "cost.share_of_target": _COSTS,
    "cost.break_even_before_target": _COSTS,
    "depth.thin_before_liquidation": (Subject.MARGIN,),
    "depth.cluster_cushion": (Subject.MARGIN,),
}
"""Rules that compare figures, or read many facts at once, and do not name the source of each."""


class Extrapolated(Struct, frozen=True, kw_only=True):
    """What among the facts of a trade is extrapolated to the day."""

    sources: frozenset[str]
    """Sources of the facts that are."""
    rules: frozenset[str]
    """Rules that read such facts without naming a source."""


def extrapolated_among(
    facts: Mapping[Subject, Iterable[Fact | None]], venue: Venue, knowledge: Knowledge
) -> Extrapolated | None:
    """Return what is extrapolated to the day among facts, a venue's state and its registrations; null for nothing."""
    day = knowledge.as_of
    sources = {one.source for one in knowledge.registrations(venue.id) if one.extrapolated_on(day)}
    subjects = set()
    for subject, some in facts.items():
        found = {one.source for one in some if one is not None and one.extrapolated_on(day)}
        if found:
            subjects.add(subject)
            sources |= found
    state = _source_of_a_later_state(venue, knowledge)
    if state is not None:
        subjects.add(Subject.VENUE)
        sources.add(state)
    if not sources:
        return None
    rules = frozenset(rule for rule, read in RESTS_ON.items() if not subjects.isdisjoint(read))
    return Extrapolated(sources=frozenset(sources), rules=rules)


def _source_of_a_later_state(venue: Venue, knowledge: Knowledge) -> str | None:
    """Return the source of the venue's state on the day when it begins later, or is known from a later day on."""
    period = venue.status_on(knowledge.as_of)
    source = knowledge.source(period.source) if period.source is not None else None
    if source is None:
        return None
    begins = period.valid_from and last_day(period.valid_from, period.valid_from_precision)
    certain = begins or source.certain_from
    return source.id if knowledge.as_of < certain else None


def flag_extrapolated(findings: list[Finding], extrapolated: Extrapolated) -> None:
    """Flag the findings of a list that rest on what is extrapolated; law has flagged its own rules already."""
    of_law = {
        source
        for one in findings
        if one.family is Family.JURISDICTION and FLAG in one.flags and one.outcome is not Outcome.SKIPPED
        for source in one.sources
    }
    for place, finding in enumerate(findings):
        if FLAG not in finding.flags and _rests_on(finding, extrapolated, of_law):
            findings[place] = structs.replace(finding, flags=(*finding.flags, FLAG))


def _rests_on(finding: Finding, extrapolated: Extrapolated, of_law: set[str]) -> bool:
    if not extrapolated.sources.isdisjoint(finding.sources):
        return True
    if finding.rule == "jurisdiction.coverage":
        return not of_law.isdisjoint(finding.sources)
    return finding.rule in extrapolated.rules and finding.outcome in (Outcome.PASS, Outcome.FAIL)
