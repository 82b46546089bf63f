"""What rules of law read of a request that the request may leave out, and what comes of it where a policy asks for it.

Whatever is left out leaves a rule open or, where onboarding or the size of the order would settle it, skipped.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import structs

from data.facts.law import (
    LawRule,
    LeverageCap,
    PositionLimit,
    RegistrationHolder,
    RequireClientClass,
    RequireRegistration,
    Tie,
)
from rules.decision import Finding, Outcome, Reason
from rules.law.places import EVERYWHERE
from rules.policies.policy import Policy

_OF_CONDITION = {
    "nationality": "client.nationality",
    "client_class": "client.client_class",
    "client_class_not": "client.client_class",
    "ecp": "client.client_class",
    "natural_person": "client.institution",
    "eligible_commercial_entity": "client.eligible_commercial_entity",
    "on_sanctions_list": "client.on_sanctions_list",
    "intermediary": "intermediary",
    "intermediary_has_registration": "intermediary",
    "party_has_registration": "intermediary",
}
"""Fields of a request by the field of a condition that reads them. The residence and the instrument every request
states; a location that is left out is the residence."""

LAW_INPUTS = frozenset({*_OF_CONDITION.values(), "client.residence", "client.location", "leverage", "quantity"})
"""Fields that the question of a rule of law may name; of a place, where the country alone is stated."""


def needs_of(law: LawRule) -> tuple[str, ...]:
    """Return the fields that a rule reads and that leave it open or skipped where they are left out; the residence, by
    which rules are chosen, first.
    """
    return tuple(dict.fromkeys(("client.residence", *_needs(law))))


def _needs(law: LawRule) -> Iterator[str]:
    when = law.when
    if Tie.NATIONALITY in when.ties and EVERYWHERE not in when.residence:
        yield "client.nationality"
    for name, field in _OF_CONDITION.items():
        if getattr(when, name) not in (None, ()):
            yield field
    match law.effect:
        case RequireClientClass():
            yield "client.client_class"
        case RequireRegistration(holder=RegistrationHolder.INTERMEDIARY):
            yield "intermediary"
        case LeverageCap(max=most, observed=observed) if most is not None or observed is not None:
            yield "leverage"
        case PositionLimit(amount=amount, contract_size=one) if amount is not None and one is not None:
            yield "quantity"


def as_required(findings: list[Finding], policy: Policy) -> list[Finding]:
    """Return findings of law in which what was skipped is unknown where the policy requires the rule, or the field that
    its question names.
    """
    if not policy.requires:
        return findings
    return [_as_required(one, policy) if one.outcome is Outcome.SKIPPED else one for one in findings]


def _as_required(skipped: Finding, policy: Policy) -> Finding:
    field = skipped.question.field if skipped.question is not None else None
    if field not in policy.requires and skipped.rule not in policy.requires:
        return skipped
    told = f"{skipped.message} The policy requires {field if field in policy.requires else 'the rule'}."
    return structs.replace(skipped, outcome=Outcome.UNKNOWN, reason=Reason.UNKNOWN, message=told)
