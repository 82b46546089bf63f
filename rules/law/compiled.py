"""A rule of law made ready for one day: its predicates bound, its place among exceptions known."""

from __future__ import annotations

from datetime import date

from msgspec import Struct

from data.facts.dates import last_day
from data.facts.law import (
    Allow,
    Confidence,
    InForce,
    LawRule,
    LegalForce,
    LeverageCap,
    PositionLimit,
    RegistrationCategory,
    RequireDisclosure,
)
from rules.decision import Effect, Family
from rules.law.places import Codes
from rules.law.predicates import Test


class CompiledRule(Struct, frozen=True, kw_only=True, eq=False):
    """One rule on one day."""

    law: LawRule
    rule: str
    """The name findings use."""
    family: Family
    effect: Effect
    """What a fail does."""
    residence: Codes
    left_out: Codes
    """Where the rule does not reach although the codes of `residence` do."""
    authority: Codes
    """Whose law it is: its jurisdiction, and the members that a file for several names."""
    tests: tuple[Test, ...]
    bites: bool
    """False for what is announced or not verified: shown, never applied."""
    gate: tuple[RegistrationCategory, ...]
    """Categories that the effect names, for a prohibition's gate and for a required registration."""
    flags: tuple[str, ...]
    sources: tuple[str, ...]
    specificity: tuple[int, int]
    for_everyone: bool
    """True when the rule binds venues wherever the client lives."""


def family_of(law: LawRule) -> Family:
    """Return the family a rule's findings belong to: a venue's own term is not law."""
    return Family.ACCESS if law.legal_force is LegalForce.VENUE_TERMS else Family.JURISDICTION


def effect_of(law: LawRule) -> Effect:
    """Return what a fail of a rule does to the verdict.

    Duties of the venue and limits that the venue keeps itself warn; a row of low confidence asks for a look.
    """
    match law.effect:
        case RequireDisclosure(holds_trade=True):
            return Effect.REVIEW
        case RequireDisclosure() | Allow():
            return Effect.WARN
        case LeverageCap(advisory=True) | PositionLimit(advisory=True):
            return Effect.WARN
    return Effect.REVIEW if law.confidence is Confidence.LOW else Effect.DENY


def flags_of(law: LawRule, day: date) -> tuple[str, ...]:
    """Return the flags every finding of a rule carries on a day."""
    flags = []
    if law.in_force is InForce.NOT_VERIFIED:
        flags.append("not_verified")
    if law.confidence is Confidence.LOW:
        flags.append("low_confidence")
    if law.staff_level_only:
        flags.append("staff_level_only")
    if law.litigation_risk:
        flags.append("litigation_risk")
    if law.inference:
        flags.append("inference")
    if law.valid_from is None and law.extrapolated_on(day):
        flags.append("extrapolated")
    if starts_inexactly_on(law, day):
        flags.append("inexact_date")
    return tuple(flags)


def starts_inexactly_on(law: LawRule, day: date) -> bool:
    """Say whether a day lies in the very month or year in which a rule starts on a day that no source gives."""
    start = law.valid_from
    return start is not None and start <= day < last_day(start, law.valid_from_precision)


def may_not_permit_yet_on(law: LawRule, day: date) -> bool:
    """Say whether a permission whose start no source gives is asked about before the day from which it is certain."""
    return isinstance(law.effect, Allow) and law.valid_from is None and law.extrapolated_on(day)


def specificity_of(law: LawRule, tests: tuple[Test, ...]) -> tuple[int, int]:
    """Return how narrow a rule is: how it names the place first, then how much it asks."""
    codes = law.when.residence
    if "*" in codes:
        place = 0
    elif any("-" in code for code in codes):
        place = 3
    elif all(len(code) == len("US") and code != "EU" for code in codes):
        place = 2
    else:
        place = 1
    return place, len(tests)
