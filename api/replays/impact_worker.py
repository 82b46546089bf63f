"""A process that decides recorded requests again under a candidate, and counts: `python -m api.replays.impact_worker`.

It reads one `Job` as JSON on standard input, and writes `Counts` as lines of JSON, one a chunk. Being a process of its
own it leaves the service's event loop alone, uses another core, and ends with the client that asked.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct

from api.deciding import NamedPolicy
from api.policies import built_in, decode_policy, read_stored, with_digest
from api.problems import ProblemError
from api.replays.impact import MAX_EXAMPLES, Counts, Example, tally
from api.replays.replaying import ALTERED, pin_recorded, read_recorded
from data.journal import policies, queries
from data.journal.database import Database
from data.journal.entry import Filters
from data.journal.queries import Judged
from data.releases import ReleaseError, ReleaseStore
from rules.decision import Conclusion, Verdict
from rules.engine import decide

_CHUNK = 500
_VERDICTS = frozenset(verdict.value for verdict in Verdict)


class Job(Struct, frozen=True, kw_only=True):
    """One process's share of a run. `policy` is the candidate's canonical document; null where each keeps its own."""

    journal: str
    releases: str
    release: str | None
    policy: str | None
    filters: Filters
    upto: int
    part: int
    parts: int


class Worker:
    """Decides a share of the journal again."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._database = Database(job.journal)
        self._releases = ReleaseStore(Path(job.releases))
        self._candidate = None if job.policy is None else with_digest(decode_policy(job.policy.encode()))
        self._policies: dict[str, NamedPolicy | None] = {policy.digest: policy for policy in built_in().values()}

    def run(self) -> Iterator[Counts]:
        """Yield the counts of each chunk."""
        job, after = self._job, 0
        while True:
            with self._database.read() as connection:
                chunk = queries.judged_after(
                    connection, job.filters, after=after, limit=_CHUNK, upto=job.upto, part=job.part, parts=job.parts
                )
            if not chunk:
                self._database.close()
                return
            after = chunk[-1].seq
            yield self._count(chunk)

    def _count(self, chunk: list[Judged]) -> Counts:
        counts = Counts()
        changed: list[tuple[Judged, Conclusion]] = []
        for judged in chunk:
            counts.done += 1
            conclusion = self._decide(judged)
            if conclusion is None:
                counts.not_replayable += 1
                continue
            if conclusion.verdict.value == judged.verdict:
                tally(counts.evaluated, {judged.venue: 1})
            else:
                changed.append((judged, conclusion))
        if changed:
            with self._database.read() as connection:
                answers = queries.answers_of(connection, [judged.seq for judged, _ in changed])
            for judged, conclusion in changed:
                findings = _findings(answers[judged.seq])
                if findings is None:
                    counts.not_replayable += 1
                else:
                    tally(counts.evaluated, {judged.venue: 1})
                    _count_change(counts, judged, conclusion, findings)
        return counts

    def _decide(self, judged: Judged) -> Conclusion | None:
        """Return what the candidate makes of a recorded request; null when the request cannot be decided again."""
        policy = self._candidate or self._recorded_policy(judged.policy_digest)
        if judged.masked or policy is None or judged.verdict not in _VERDICTS:
            return None
        try:
            release = self._releases.get(self._job.release or judged.release)
            pinned = pin_recorded(read_recorded(judged.request), judged.as_of, release, policy)
            return decide(pinned.request, pinned.knowledge, policy.policy)[1]
        except (ReleaseError, ProblemError, *ALTERED):
            return None

    def _recorded_policy(self, policy_digest: str) -> NamedPolicy | None:
        if policy_digest not in self._policies:
            with self._database.read() as connection:
                document = policies.document(connection, policy_digest)
            self._policies[policy_digest] = read_stored(document, policy_digest)
        return self._policies[policy_digest]


class _RecordedFinding(Struct, frozen=True):
    rule: str
    effect: str
    outcome: Literal["pass", "skipped", "unknown", "fail"]


class _RecordedFindings(Struct, frozen=True):
    findings: tuple[_RecordedFinding, ...]


_decode_findings = msgspec.json.Decoder(_RecordedFindings).decode


def _findings(recorded_answer: bytes) -> tuple[_RecordedFinding, ...] | None:
    """Return the findings of a recorded answer; null when it was altered so that there are none, or no such outcome."""
    try:
        return _decode_findings(recorded_answer).findings
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def _count_change(
    counts: Counts, judged: Judged, conclusion: Conclusion, recorded: tuple[_RecordedFinding, ...]
) -> None:
    """Count a changed verdict, with the rules whose outcome made the change."""
    before = _outcomes((each.rule, each.effect, each.outcome) for each in recorded)
    after = _outcomes((each.rule, each.effect.value, each.outcome.value) for each in conclusion.findings)
    rules: list[str] = []
    for rule in [*before, *(name for name in after if name not in before)]:
        was, now = before.get(rule, "absent"), after.get(rule, "absent")
        if was != now and {"fail", "unknown"} & {was, now}:
            rules.append(rule)
            tally(counts.rules.setdefault(rule, {}), {f"{was}>{now}": 1})
    tally(counts.verdicts, {f"{judged.verdict}>{conclusion.verdict.value}": 1})
    tally(counts.changed, {judged.venue: 1})
    if len(counts.examples) < MAX_EXAMPLES:
        counts.examples.append(
            Example(
                decision_id=judged.decision_id,
                venue=judged.venue,
                as_of=judged.as_of,
                recorded=Verdict(judged.verdict),
                candidate=conclusion.verdict,
                rules=tuple(rules),
            )
        )


_SEVERITY = ("absent", "pass", "skipped", "unknown", "fail")


def _outcomes(findings: Iterable[tuple[str, str, str]]) -> dict[str, str]:
    """Return outcomes by rule, warnings left out; of a rule that found several things, the worst."""
    out: dict[str, str] = {}
    for rule, effect, outcome in findings:
        if effect != "warn":
            out[rule] = max(out.get(rule, "absent"), outcome, key=_SEVERITY.index)
    return out


def main() -> None:
    """Do the job that stands on standard input."""
    job = msgspec.json.decode(sys.stdin.buffer.read(), type=Job)
    for counts in Worker(job).run():
        sys.stdout.buffer.write(msgspec.json.encode(counts) + b"\n")
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
