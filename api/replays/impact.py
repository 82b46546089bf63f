"""What a candidate release or policy would change in what was decided: the question, and the counts that answer it."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from api.instants import DayText
from rules.decision import Verdict
from rules.policies.policy import Policy

MAX_EXAMPLES = 20


class ImpactFilter(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which recorded decisions are looked at; several values of one field mean any of them."""

    verdict: tuple[Verdict, ...] = ()
    """Recorded verdicts."""
    venue: tuple[str, ...] = ()
    """Ids of venues."""
    rule: tuple[str, ...] = ()
    """Rules that failed."""
    residence: tuple[str, ...] = ()
    """Where the client resides, ISO 3166-1 alpha-2 or ISO 3166-2, as recorded."""
    key: tuple[str, ...] = ()
    """Ids of API keys."""


class ImpactRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The candidate, and the decisions to try it on. With neither release nor policy the effect of newer rules alone is
    shown.
    """

    release: str | None = None
    """Id of a release, or `latest`; without it each decision's own."""
    policy: str | Policy | None = None
    """Name of a policy, or a policy given whole; without it each decision's own."""
    since: str | None = None
    """Instant, or date for its midnight in UTC: decisions made then or later."""
    until: str | None = None
    """Instant, or date for its midnight in UTC: decisions made before it."""
    filter: ImpactFilter = ImpactFilter()
    """Which of them are looked at; without it all."""


class Change(Struct, frozen=True, kw_only=True):
    """How many verdicts go from one to another."""

    recorded: Verdict
    """Verdict as recorded."""
    candidate: Verdict
    """Verdict under the candidate."""
    count: int
    """Decisions of which both are so."""


class RuleImpact(Struct, frozen=True, kw_only=True):
    """What one rule does to the verdicts that change."""

    rule: str
    """Id of the rule."""
    count: int
    """Decisions in which its outcome differs."""
    newly_failing: int
    """Of these, those in which it fails under the candidate alone."""
    newly_unknown: int
    """Those in which it is unknown under the candidate alone."""
    no_longer_failing: int
    """Those in which it failed as recorded alone."""
    no_longer_unknown: int
    """Those in which it was unknown as recorded alone."""


class VenueImpact(Struct, frozen=True, kw_only=True):
    """How many verdicts change on a venue, of how many looked at."""

    venue: str
    changed: int
    """Decisions that get another verdict."""
    evaluated: int
    """Decisions that were made again."""


class Example(Struct, frozen=True, kw_only=True):
    """One decision whose verdict changes, and the rules that make the change."""

    decision_id: str
    venue: str
    as_of: DayText
    """Day that was decided for."""
    recorded: Verdict
    """Verdict as recorded."""
    candidate: Verdict
    """Verdict under the candidate."""
    rules: tuple[str, ...]
    """Ids of the rules whose outcome differs and is a fail or unknown on one side."""


class Progress(Struct, frozen=True, kw_only=True, tag="progress", tag_field="kind"):
    """How far a run has come."""

    done: int
    """Decisions looked at so far."""
    total: int
    """Decisions to look at."""


class Impact(Struct, frozen=True, kw_only=True, tag="result", tag_field="kind"):
    """The result of a run."""

    total: int
    """Recorded decisions that match: those evaluated and those that could not be."""
    evaluated: int
    """Decisions that were made again under the candidate; every count below is of these."""
    changed: int
    """Of those evaluated, how many get another verdict."""
    not_replayable: int
    """Decisions that could not be made again: the journal masks parts of the request; the entry was altered so that it
    cannot be read or decided; its release or policy is not here or not read by this version; or the release that is
    tried does not have the venue, or a venue or instrument of a position held. Counted in `total` and nowhere else. An
    altered entry that can still be decided counts as what it now says: digests are not checked here, verification does
    that."""
    by_verdict: tuple[Change, ...]
    """Verdicts that change, the most frequent change first."""
    by_rule: tuple[RuleImpact, ...]
    """Rules that differ in the decisions whose verdict changes, the one in most of them first."""
    by_venue: tuple[VenueImpact, ...]
    """Venues with such decisions, the one with most of them first."""
    examples: tuple[Example, ...]
    """Some of the decisions whose verdict changes, 20 at most."""


class Counts(Struct, kw_only=True):
    """What one process has counted; counts of several processes add up. Turns are written `deny>allow`."""

    done: int = 0
    not_replayable: int = 0
    verdicts: dict[str, int] = {}
    rules: dict[str, dict[str, int]] = {}
    evaluated: dict[str, int] = {}
    changed: dict[str, int] = {}
    examples: list[Example] = []

    def add(self, other: Counts) -> None:
        """Add what another process has counted."""
        self.done += other.done
        self.not_replayable += other.not_replayable
        tally(self.verdicts, other.verdicts)
        tally(self.evaluated, other.evaluated)
        tally(self.changed, other.changed)
        for rule, turns in other.rules.items():
            tally(self.rules.setdefault(rule, {}), turns)
        self.examples = sorted([*self.examples, *other.examples], key=lambda each: each.decision_id)[:MAX_EXAMPLES]

    def result(self, total: int) -> Impact:
        """Return the counts as they are told, the largest first."""
        return Impact(
            total=total,
            evaluated=sum(self.evaluated.values()),
            changed=sum(self.verdicts.values()),
            not_replayable=self.not_replayable,
            by_verdict=tuple(
                Change(recorded=Verdict(turn.split(">")[0]), candidate=Verdict(turn.split(">")[1]), count=count)
                for turn, count in _largest_first(self.verdicts)
            ),
            by_rule=tuple(
                _rule_impact(rule, count, self.rules[rule])
                for rule, count in _largest_first({rule: sum(turns.values()) for rule, turns in self.rules.items()})
            ),
            by_venue=tuple(
                VenueImpact(venue=venue, changed=count, evaluated=self.evaluated[venue])
                for venue, count in _largest_first(self.changed)
            ),
            examples=tuple(self.examples),
        )


def tally(into: dict[str, int], more: Mapping[str, int]) -> None:
    """Add numbers by name."""
    for name, number in more.items():
        into[name] = into.get(name, 0) + number


def _rule_impact(rule: str, count: int, turns: Mapping[str, int]) -> RuleImpact:
    def number(*, was: str | None = None, now: str | None = None) -> int:
        return sum(n for turn, n in turns.items() if was == turn.split(">")[0] or now == turn.split(">")[1])

    return RuleImpact(
        rule=rule,
        count=count,
        newly_failing=number(now="fail"),
        newly_unknown=number(now="unknown"),
        no_longer_failing=number(was="fail"),
        no_longer_unknown=number(was="unknown"),
    )


def _largest_first(numbers: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(numbers.items(), key=lambda pair: (-pair[1], pair[0]))
