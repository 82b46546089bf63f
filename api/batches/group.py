"""Decides a group of lines: each step is taken for all of them before the next. The same code runs in the service and
in its processes; what differs is who looks up policies.
"""

from __future__ import annotations

import logging
from collections import Counter as Tally
from collections.abc import Callable, Mapping, Sequence
from operator import attrgetter

from msgspec import Struct, structs

from api.batches.reading import Line
from api.contracts import DecisionRequest
from api.deciding import Decided, Decider, NamedPolicy, Pinned, entry_of, errors_of_policy
from api.decoding import decode_body
from api.encoding import encode
from api.problems import INTERNAL, INVALID, FieldError, Problem, ProblemError
from data.journal.entry import NewEntry
from rules.policies.policy import Policy, canonical

_log = logging.getLogger("preclear.batch")
_rule_and_outcome = attrgetter("rule", "outcome")

Named = Mapping[str, NamedPolicy | ProblemError | None]
"""Policies by name; null where nobody knows the name, the problem where it could not be looked up."""


class LineProblem(Problem, frozen=True, kw_only=True):
    """What is wrong with one trade of a batch."""

    line: int
    """Line of the body that it stands in, counted from 1, blank lines too; in an array the number of the item."""


class Asked(Struct, frozen=True, kw_only=True):
    """A group of lines, and how they are to be decided."""

    lines: Sequence[Line]
    release: str
    """Id of the release that stands for `latest`."""
    max_line: int
    key_id: str
    record: bool


class Missing(Struct, frozen=True, tag=True):
    """Nothing was decided: the lines name policies that were not given."""

    names: tuple[str, ...]


class Answered(Struct, frozen=True, kw_only=True, tag=True):
    """What a group of lines comes to.

    `answers` are in the order of the lines; the answer of a line that has an entry is in the entry alone, for it is not
    given before that is stored. `entries` are pairs of place and entry.
    """

    answers: list[bytes]
    entries: list[tuple[int, NewEntry]]
    given: list[bytes]
    """Canonical documents of the policies that lines to be recorded gave whole."""
    verdicts: dict[str, int]
    outcomes: list[tuple[str, str, int]]
    """Findings by rule and outcome."""


def decide_group(
    decider: Decider, asked: Asked, named: Named, given: Callable[[Policy], NamedPolicy]
) -> Answered | Missing:
    """Return the answers to a group of lines, or the names of policies it takes that `named` does not have.

    A line that cannot be read or decided is answered with a problem and leaves the others as they are.
    """
    answers: list[bytes] = [b""] * len(asked.lines)
    pinned: list[tuple[int, Pinned]] = []
    missing: set[str] = set()
    for place, line in enumerate(asked.lines):
        try:
            request = _request_of(line, asked, decider, named, missing)
            policy = request.policy
            if not isinstance(policy, str):
                pinned.append((place, decider.pin(request, given(policy), latest=asked.release)))
            elif policy in named:
                pinned.append((place, decider.pin(request, _found(named[policy]), latest=asked.release)))
            else:
                missing.add(policy)
        except ProblemError as error:
            answers[place] = problem_line(line.number, error)
    if missing:
        return Missing(tuple(sorted(missing)))
    entries: list[tuple[int, NewEntry]] = []
    whole: dict[str, bytes] = {}
    verdicts: Tally[str] = Tally()
    outcomes: Tally[tuple[str, str]] = Tally()
    for (place, one), decided in zip(pinned, _decide_all(decider, [one for _, one in pinned]), strict=True):
        if decided is None:
            failure = ProblemError(INTERNAL, "This trade could not be decided; nothing is recorded of it.")
            answers[place] = problem_line(asked.lines[place].number, failure)
            continue
        verdicts[decided.verdict.value] += 1
        outcomes.update(map(_rule_and_outcome, decided.conclusion.findings))
        if not asked.record:
            answers[place] = decided.answer
            continue
        entries.append((place, entry_of(decided, key_id=asked.key_id, idempotency_key=None)))
        if not isinstance(one.request.policy, str) and one.policy.digest not in whole:
            whole[one.policy.digest] = canonical(one.policy.policy)
    return Answered(
        answers=answers,
        entries=entries,
        given=list(whole.values()),
        verdicts=verdicts,
        outcomes=[(*what, number) for what, number in outcomes.items()],
    )


def problem_line(number: int, error: ProblemError) -> bytes:
    """Return the line that answers a trade with a problem."""
    return encode(LineProblem(line=number, **structs.asdict(error.document())))


def _request_of(line: Line, asked: Asked, decider: Decider, named: Named, missing: set[str]) -> DecisionRequest:
    if line.text is None:
        raise ProblemError(INVALID, f"A line may have at most {asked.max_line} bytes; send a larger trade alone.")

    def meaning(part: DecisionRequest) -> list[FieldError]:
        """Return what is wrong with the good parts of a badly formed line, its policy and release included."""
        found = decider.faults_of(part)
        policy = part.policy
        if isinstance(policy, str) and policy not in named:
            missing.add(policy)
        elif isinstance(policy, str):
            found.extend(errors_of_policy(policy, _found(named[policy]), decider.law))
        return found

    return decode_body(line.text, DecisionRequest, meaning)


def _found(policy: NamedPolicy | ProblemError | None) -> NamedPolicy | None:
    if isinstance(policy, ProblemError):
        raise policy
    return policy


def _decide_all(decider: Decider, pinned: Sequence[Pinned]) -> Sequence[Decided | None]:
    """Return the decisions; null for a trade that the rules fail on, which is a mistake of ours."""
    try:
        return decider.decide_all(pinned)
    except Exception:
        return [_decide_alone(decider, one) for one in pinned]


def _decide_alone(decider: Decider, pinned: Pinned) -> Decided | None:
    try:
        return decider.decide(pinned)
    except Exception:
        _log.exception("a trade of a batch could not be decided")
        return None
