"""What a candidate release or policy would change in what was decided: the question, and the counts that answer it."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from rules.decision import Verdict
from rules.policy import Policy

MAX_EXAMPLES = 20


class ImpactFilter(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which recorded decisions are looked at; several values of one field mean any of them."""

    verdict: tuple[Verdict, ...] = ()
    venue: tuple[str, ...] = ()
    rule: tuple[str, ...] = ()
    """Rules that failed."""
    residence: tuple[str, ...] = ()
    key: tuple[str, ...] = ()
    """Ids of API keys."""


class ImpactRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The candidate, and the decisions to try it on.

    `release` is an id or `latest`, `policy` a name or a policy given whole; what is absent is taken from each recorded
    decision, so that with neither the effect of newer rules alone is shown. `since` (inclusive) and `until`
    (exclusive) are dates or instants.
    """

    release: str | None = None
    policy: str | Policy | None = None
    since: str | None = None
    until: str | None = None
    filter: ImpactFilter = ImpactFilter()


class Change(Struct, frozen=True, kw_only=True):
    """How many verdicts go from one to another."""

    recorded: Verdict
    candidate: Verdict
    count: int


class RuleImpact(Struct, frozen=True, kw_only=True):
    """What one rule does to the verdicts that change."""

    rule: str
    count: int
    """Decisions in which its outcome differs."""
    newly_failing: int
    newly_unknown: int
    no_longer_failing: int
    no_longer_unknown: int


class VenueImpact(Struct, frozen=True, kw_only=True):
    """How many verdicts change on a venue, of how many looked at."""

    venue: str
    changed: int
    evaluated: int


class Example(Struct, frozen=True, kw_only=True):
    """One decision whose verdict changes, and the rules that make the change."""

    decision_id: str
    venue: str
    as_of: str
    recorded: Verdict
    candidate: Verdict
    rules: tuple[str, ...]


class Progress(Struct, frozen=True, kw_only=True, tag="progress", tag_field="kind"):
    """How far a run has come."""

    done: int
    total: int


class Impact(Struct, frozen=True, kw_only=True, tag="result", tag_field="kind"):
    """The result of a run."""

    total: int
    """Recorded decisions that match: those evaluated and those that could not be."""
    evaluated: int
    """Decisions that were made again under the candidate; every count below is of these."""
    changed: int
    """Of those evaluated, how many get another verdict."""
    not_replayable: int
    """Decisions that could not be made again: the journal masks parts of the request; the entry was altered; its
    release or policy is not here or not read by this version; or the release that is tried does not have the venue, or
    a venue or instrument of a position held. Counted in `total` and nowhere else."""
    by_verdict: tuple[Change, ...]
    by_rule: tuple[RuleImpact, ...]
    by_venue: tuple[VenueImpact, ...]
    examples: tuple[Example, ...]


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
