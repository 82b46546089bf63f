"""Decides requests: resolves release, day and policy, runs the rules, and writes the answer's bytes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from msgspec import Struct

from api.contracts import DecisionBody, DecisionRequest, PolicyReference
from api.encoding import encode
from api.identifiers import new_decision_id
from api.problems import FieldError, ProblemError, invalid
from api.queries import FUTURE, today
from api.reading import NoReleaseError, release_named
from api.version import API_VERSION
from data.facts.amounts import plain
from data.facts.law import LawBook
from data.journal.chain import sha256
from data.journal.entry import NewEntry, instant
from data.releases import Release, ReleaseStore
from rules.conditions import unasked_conditions
from rules.decision import Conclusion, Outcome, Verdict
from rules.engine import decide, decide_all
from rules.knowledge import Knowledge
from rules.overstated import overstated_backing
from rules.policies.policy import Policy
from rules.policies.thresholds import problems_of_policy
from rules.terms.extrapolation import FLAG
from rules.validation import contradicting_marks, misspelt_instrument, problems_of, unknown_names
from rules.version import RULES_VERSION

# An enum's member is looked up through its metaclass, far slower than a name: this one is read per finding.
_FAIL = Outcome.FAIL

BUILT_IN = ("law_only", "conservative", "standard", "professional")
"""Names of the policies that come with the service, which no other may bear."""
LATEST = "latest"
"""What a request names to have the newest release."""
NO_NOTES: tuple[str, ...] = ()
EXTRAPOLATED = (
    "Some facts are certain from a later day than {day} only and are taken to have held then: "
    "findings flagged `extrapolated` rest on them."
)
ENTERED = "The market order is reckoned to be entered at {entered}, which is worse for it than the {stated} stated."
GIVEN_WHOLE = "The policy was given whole in the request: none that is stored under the name {name} was looked up."
NOT_ON_FILE = (
    "No instrument {instrument!r} of {venue} is on file on this day: what depends on its terms is unknown or skipped."
)


class NamedPolicy(Struct, frozen=True, kw_only=True):
    """A policy with the digest of what it says."""

    policy: Policy
    digest: str


class Pinned(Struct, frozen=True, kw_only=True):
    """A request with everything it left open fixed: release, day, policy."""

    request: DecisionRequest
    release: Release
    as_of: date
    policy: NamedPolicy
    knowledge: Knowledge


class Decided(Struct, frozen=True, kw_only=True):
    """A decision made: the bytes of the answer, and what the journal keeps beside them."""

    decision_id: str
    decided_at: str
    verdict: Verdict
    answer: bytes
    body: bytes
    conclusion: Conclusion
    pinned: Pinned


class Decider:
    """Makes decisions; holds nothing but the open releases."""

    def __init__(self, releases: ReleaseStore) -> None:
        self.releases = releases

    @property
    def law(self) -> LawBook:
        """The law of the latest release, which knows the names of the rules."""
        return self.releases.current().facts.law_book

    def pin(self, request: DecisionRequest, policy: NamedPolicy | None, *, latest: str = LATEST) -> Pinned:
        """Fix what a request leaves open. `policy` is the one it names, null when nobody knows that name; `latest` the
        id of the release that stands for the latest one, where several requests are to share it.

        Raises:
            ProblemError: 422 naming every bad field, 404 when an unknown release is all that is wrong.
        """
        try:
            release = release_named(self.releases, latest if request.release == LATEST else request.release)
        except NoReleaseError as error:
            errors = [*self.meaning(request), *errors_of_policy(request.policy, policy, self.law)]
            if not errors:
                raise
            raise invalid([*errors, error.field]) from None
        as_of = request.as_of or today()
        knowledge = release.facts.on(as_of)
        errors = _errors_of(request, knowledge)
        if policy is None or not isinstance(request.policy, str):
            errors.extend(errors_of_policy(request.policy, policy, self.law))
            errors.extend(errors_of_name(request.policy))
        if errors or policy is None:
            raise invalid(errors)
        return Pinned(request=request, release=release, as_of=as_of, policy=policy, knowledge=knowledge)

    def meaning(self, request: DecisionRequest) -> list[FieldError]:
        """Return what is wrong with a well-formed request, whatever its policy; the latest release knows the names."""
        return _errors_of(request, self.releases.current().facts.on(request.as_of or today()))

    def faults_of(self, request: DecisionRequest) -> list[FieldError]:
        """Return what is wrong with a well-formed request whose policy, if it is named, is looked up elsewhere."""
        found = self.meaning(request)
        if isinstance(request.policy, Policy):
            found.extend(errors_of_policy(request.policy, None, self.law))
            found.extend(errors_of_name(request.policy))
        try:
            release_named(self.releases, request.release)
        except NoReleaseError as error:
            found.append(error.field)
        except ProblemError as error:
            found.append(FieldError(pointer="/release", detail=error.detail))
        return found

    def decide(self, pinned: Pinned, *, decision_id: str | None = None, decided_at: str | None = None) -> Decided:
        """Return the decision on a pinned request; equal pins give equal bodies, byte for byte."""
        trade, conclusion = decide(pinned.request, pinned.knowledge, pinned.policy.policy)
        decided_at = decided_at or instant()
        body = encode(body_of(pinned, trade, conclusion, _day_of(decided_at)))
        return _decided(pinned, conclusion, body, decision_id or new_decision_id(), decided_at)

    def decide_all(self, pinned: Sequence[Pinned]) -> list[Decided]:
        """Return what `decide` returns for each, faster than one by one."""
        found = decide_all([(one.request, one.knowledge, one.policy.policy) for one in pinned])
        decided_at = instant()
        today = _day_of(decided_at)
        bodies = [
            encode(body_of(one, trade, conclusion, today))
            for one, (trade, conclusion) in zip(pinned, found, strict=True)
        ]
        return [
            _decided(one, conclusion, body, new_decision_id(), decided_at)
            for one, (_, conclusion), body in zip(pinned, found, bodies, strict=True)
        ]


def _day_of(moment: str) -> date:
    return date.fromisoformat(moment[:10])


def _decided(pinned: Pinned, conclusion: Conclusion, body: bytes, decision_id: str, decided_at: str) -> Decided:
    return Decided(
        decision_id=decision_id,
        decided_at=decided_at,
        verdict=conclusion.verdict,
        answer=seal(body, decision_id, decided_at),
        body=body,
        conclusion=conclusion,
        pinned=pinned,
    )


def _errors_of(request: DecisionRequest, knowledge: Knowledge) -> list[FieldError]:
    problems = (
        *problems_of(request),
        *unknown_names(request, knowledge),
        *misspelt_instrument(request, knowledge),
        *contradicting_marks(request, knowledge),
        *overstated_backing(request, knowledge),
    )
    return [FieldError(pointer=pointer, detail=detail) for pointer, detail in problems]


def errors_of_policy(asked: str | Policy, found: NamedPolicy | None, law: LawBook) -> list[FieldError]:
    """Return what is wrong with a policy that was named (`found` null: by nobody known) or given whole; `law` holds the
    rules of law that it may name.
    """
    if isinstance(asked, Policy):
        problems = problems_of_policy(asked, law)
        return [FieldError(pointer=f"/policy{pointer}", detail=detail) for pointer, detail in problems]
    if found is None:
        return [FieldError(pointer="/policy", detail=f"no policy is named {asked[:80]!r}; see /v1/policies")]
    return []


def errors_of_name(asked: str | Policy) -> list[FieldError]:
    """Return the name of a policy given whole that is one of the built-in policies': in answer and journal it would
    pass for that.
    """
    if isinstance(asked, str) or asked.name not in BUILT_IN:
        return []
    return [FieldError(pointer="/policy/name", detail=f"{asked.name} is a built-in policy; give yours another")]


def body_of(pinned: Pinned, trade: object, conclusion: Conclusion, decided_on: date) -> DecisionBody:
    """Return the part of a decision that follows from what was pinned, as told on the day `decided_on`."""
    assert isinstance(trade, DecisionRequest)  # noqa: S101 - the engine returns what it was given
    notes = (FUTURE,) if pinned.as_of > decided_on else NO_NOTES
    if any(FLAG in flags for flags in [finding.flags for finding in conclusion.findings if finding.flags]):
        notes = (*notes, EXTRAPOLATED.format(day=pinned.as_of))
    if isinstance(trade.policy, Policy):
        notes = (*notes, GIVEN_WHOLE.format(name=trade.policy.name))
    entered = conclusion.figures.entry_price
    if trade.entry_price is not None and entered is not None and entered != trade.entry_price:
        notes = (*notes, ENTERED.format(stated=plain(trade.entry_price), entered=plain(entered)))
    if pinned.knowledge.instrument(trade.venue, trade.instrument) is None:
        notes = (*notes, NOT_ON_FILE.format(venue=trade.venue, instrument=trade.instrument))
    unasked = unasked_conditions(trade, conclusion.findings, pinned.knowledge)
    if unasked:
        notes = (*notes, f"conditions_met names what nothing in this decision asks about: {', '.join(unasked)}.")
    return DecisionBody(
        verdict=conclusion.verdict,
        summary=conclusion.summary,
        release=pinned.release.id,
        rules_version=RULES_VERSION,
        policy=PolicyReference(name=pinned.policy.policy.name, digest=pinned.policy.digest),
        as_of=pinned.as_of,
        notes=notes,
        trade=trade,
        figures=conclusion.figures,
        facts=conclusion.facts,
        findings=conclusion.findings,
        remedies=conclusion.remedies,
        coverage=conclusion.coverage,
        complete=conclusion.complete,
    )


def seal(body: bytes, decision_id: str, decided_at: str) -> bytes:
    """Return a decision's answer: id, instant and digest, then the body."""
    head = f'{{"decision_id":"{decision_id}","decided_at":"{decided_at}","digest":"{sha256(body)}",'
    return head.encode("ascii") + body[1:]


def canonical_request(request: DecisionRequest) -> bytes:
    """Return a request as JSON that is the same for requests that say the same."""
    return encode(request)


def input_hash_of(canonical: bytes) -> str:
    """Return the digest of a canonical request: what "the same body" means to an Idempotency-Key."""
    return sha256(canonical)


def entry_of(decided: Decided, *, key_id: str, idempotency_key: str | None) -> NewEntry:
    """Return what the journal records of a decision."""
    pinned = decided.pinned
    request = canonical_request(pinned.request)
    return NewEntry(
        decision_id=decided.decision_id,
        request=request,
        answer=decided.answer,
        input_hash=input_hash_of(request),
        release=pinned.release.id,
        rules_version=RULES_VERSION,
        policy_name=pinned.policy.policy.name,
        policy_digest=pinned.policy.digest,
        api_version=API_VERSION,
        as_of=pinned.as_of.isoformat(),
        decided_at=decided.decided_at,
        verdict=decided.verdict.value,
        venue=pinned.request.venue,
        residence=pinned.request.client.residence,
        failed_rules=tuple([finding.rule for finding in decided.conclusion.findings if finding.outcome is _FAIL]),
        key_id=key_id,
        idempotency_key=idempotency_key,
    )
