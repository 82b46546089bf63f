"""Decides recorded requests again: the same answer to the byte, or what differs, rule by rule.

A plain replay takes release, day, policy and the instant from the entry. With another release or policy it shows what
the decision would have been under those; the day stays the recorded one. The rules are always those of this program:
a decision that was made by other ones is never called identical, whatever comes out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

import msgspec
from msgspec import Raw, Struct

from api.contracts import Decision, DecisionRequest, PolicyReference
from api.deciding import Decided, Decider, NamedPolicy, Pinned
from api.decoding import decoder_for
from api.problems import INVALID, NOT_REPLAYABLE, FieldError, ProblemError
from data.journal.chain import is_sealed, sha256
from data.journal.entry import Entry
from data.releases import Release
from rules.decision import Verdict
from rules.policies.policy import Policy
from rules.validation import unknown_names
from rules.version import RULES_VERSION

ALTERED = (ValueError, ArithmeticError, TypeError, LookupError, AttributeError, msgspec.MsgspecError)
"""What an entry that was altered may lead to when it is read and decided again: a leverage of zero divides by zero."""


class ReplayRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to replay a decision under; what is absent is taken from the recorded decision."""

    release: str | None = None
    """Id of a release, or `latest`."""
    policy: str | Policy | None = None
    """Name of a policy, or a policy given whole."""


class Difference(Struct, frozen=True, kw_only=True):
    """One thing in which two decisions differ."""

    what: str
    """rule | figure | field"""
    name: str
    """Id of the rule, name of the figure, or JSON pointer of the field."""
    recorded: Any
    """What the recorded decision says; null where it says nothing."""
    replayed: Any
    """What the decision says now; null where it says nothing."""


class Basis(Struct, frozen=True, kw_only=True):
    """What a decision rests on besides its request."""

    release: str
    """Id of the release."""
    policy: PolicyReference
    """Name and digest of the policy."""
    rules_version: str
    verdict: Verdict
    """What came of it."""


class Replay(Struct, frozen=True, kw_only=True):
    """A recorded decision and the same request decided again."""

    identical: bool
    """Whether the two answers are the same, byte for byte; with another release or policy, whether nothing differs but
    the references to these two. False whenever the entry names another version of the rules than this program
    has."""
    intact: bool
    """Whether the entry still has the digest that the journal's chain gives it."""
    recorded: Basis
    """What the recorded decision rests on."""
    replayed: Basis
    """What the decision rests on now."""
    decision: Decision
    """The decision as it comes out now, with the recorded id and instant."""
    differences: tuple[Difference, ...]
    """Where the two differ; empty when they are identical."""
    notes: tuple[str, ...]
    """What to know of the comparison as a whole: that the rules are not those of the recorded decision."""


class ReplayAnswer(Struct, frozen=True, kw_only=True):
    """`Replay` on the wire, with the decision's bytes as they are."""

    identical: bool
    intact: bool
    recorded: Basis
    replayed: Basis
    decision: Raw
    differences: tuple[Difference, ...]
    notes: tuple[str, ...]


def recorded_request(entry: Entry) -> DecisionRequest:
    """Return the request of an entry.

    Raises:
        ProblemError: 409 when fields of it were masked: without them it is another question.
    """
    if entry.masked:
        fields = ", ".join(entry.masked_fields)
        detail = f"The journal does not hold {fields} of {entry.decision_id}, so the decision cannot be made again."
        raise ProblemError(NOT_REPLAYABLE, detail)
    return read_recorded(entry.request)


def read_recorded(request: bytes) -> DecisionRequest:
    """Return a request as the journal holds it.

    Raises:
        ProblemError: 409 when it was recorded by a program whose requests this one does not read.
    """
    try:
        return decoder_for(DecisionRequest).decode(request)
    except msgspec.DecodeError as error:
        raise ProblemError(NOT_REPLAYABLE, f"This version does not read the recorded request: {error}.") from None


def pin_recorded(request: DecisionRequest, as_of: str, release: Release, policy: NamedPolicy) -> Pinned:
    """Return a recorded request pinned to a release and a policy, on the recorded day.

    Raises:
        ProblemError: 422 when the release does not know what the request names.
    """
    day = date.fromisoformat(as_of)
    knowledge = release.facts.on(day)
    missing = [FieldError(pointer=f"/release{at}", detail=detail) for at, detail in unknown_names(request, knowledge)]
    if missing:
        raise ProblemError(INVALID, f"Release {release.id} does not know what was decided on.", errors=missing)
    return Pinned(request=request, release=release, as_of=day, policy=policy, knowledge=knowledge)


def replay(entry: Entry, decider: Decider, release: Release, policy: NamedPolicy) -> ReplayAnswer:
    """Decide an entry's request again and compare.

    Raises:
        ProblemError: 409 when the entry does not hold the whole request, or was altered so that nothing can be compared
            with it; 422 when `release` does not know its names.
    """
    try:
        return _replayed(entry, decider, release, policy)
    except ALTERED:
        if is_intact(entry):
            raise
        detail = f"The entry of {entry.decision_id} was altered and cannot be read: see `preclear journal verify`."
        raise ProblemError(NOT_REPLAYABLE, detail) from None


def _replayed(entry: Entry, decider: Decider, release: Release, policy: NamedPolicy) -> ReplayAnswer:
    pinned = pin_recorded(recorded_request(entry), entry.as_of, release, policy)
    decided = decider.decide(pinned, decision_id=entry.decision_id, decided_at=entry.decided_at)
    same_terms = (release.id, policy.digest) == (entry.release, entry.policy_digest)
    same_rules = entry.rules_version == RULES_VERSION
    differences = tuple(_differences(entry.answer, decided.answer))
    if not same_terms:
        differences = tuple(each for each in differences if each.name not in _REFERENCES)
    if not same_rules and not any(each.name == _RULES for each in differences):
        # The entry says another version than its own answer: it has been altered.
        altered = Difference(what="field", name=_RULES, recorded=entry.rules_version, replayed=RULES_VERSION)
        differences = (altered, *differences)
    same = decided.answer == entry.answer if same_terms else not differences
    return ReplayAnswer(
        identical=same and same_rules,
        intact=is_intact(entry),
        recorded=Basis(
            release=entry.release,
            policy=PolicyReference(name=entry.policy_name, digest=entry.policy_digest),
            rules_version=entry.rules_version,
            verdict=Verdict(entry.verdict),
        ),
        replayed=_basis(decided),
        decision=Raw(decided.answer),
        differences=differences,
        notes=() if same_rules else (_other_rules(entry.rules_version),),
    )


def _other_rules(recorded: str) -> str:
    return (
        f"Recorded under rules {recorded}, replayed under {RULES_VERSION}, the only ones in this program: "
        "what differs may come from the rules."
    )


def is_intact(entry: Entry) -> bool:
    """Say whether request, answer and header still have their digests."""
    return (
        sha256(entry.request) == entry.request_sha256
        and sha256(entry.answer) == entry.answer_sha256
        and is_sealed(entry)
    )


_REFERENCES = frozenset({"/release", "/policy/name", "/policy/digest", "/digest"})
"""What differs by itself when a decision is made under another release or policy."""
_RULES = "/rules_version"


def _basis(decided: Decided) -> Basis:
    body = msgspec.json.decode(decided.body)
    return Basis(
        release=decided.pinned.release.id,
        policy=PolicyReference(name=decided.pinned.policy.policy.name, digest=decided.pinned.policy.digest),
        rules_version=body["rules_version"],
        verdict=decided.verdict,
    )


def _differences(recorded: bytes, replayed: bytes) -> Iterator[Difference]:
    """Yield what differs between two answers: fields, then figures, then findings."""
    if recorded == replayed:
        return
    before, after = msgspec.json.decode(recorded), msgspec.json.decode(replayed)
    rules_before, rules_after = by_rule(before.pop("findings", [])), by_rule(after.pop("findings", []))
    figures_before, figures_after = before.pop("figures", {}), after.pop("figures", {})
    yield from _fields("", before, after)
    for name in _union(figures_before, figures_after):
        one, other = figures_before.get(name), figures_after.get(name)
        if one != other:
            yield Difference(what="figure", name=name, recorded=one, replayed=other)
    for name in _union(rules_before, rules_after):
        one, other = rules_before.get(name), rules_after.get(name)
        if one != other:
            yield Difference(what="rule", name=name, recorded=one, replayed=other)


def by_rule(findings: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return findings by rule; a rule's second finding has `#2` after its id."""
    out: dict[str, Any] = {}
    for finding in findings:
        name, number = finding["rule"], 1
        while name in out:
            number += 1
            name = f"{finding['rule']}#{number}"
        out[name] = finding
    return out


def _fields(pointer: str, before: object, after: object) -> Iterator[Difference]:
    if isinstance(before, dict) and isinstance(after, dict):
        for name in _union(before, after):
            yield from _fields(f"{pointer}/{name}", before.get(name), after.get(name))
    elif before != after:
        yield Difference(what="field", name=pointer, recorded=before, replayed=after)


def _union(one: Mapping[str, Any], other: Mapping[str, Any]) -> list[str]:
    return [*one, *(name for name in other if name not in one)]
