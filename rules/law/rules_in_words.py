"""Rules of law in words: what each asks and does, when, by which text, and which venues it touches."""

from __future__ import annotations

from datetime import date
from enum import Enum

from msgspec import Struct

from data.facts.amounts import plain
from data.facts.dates import render_partial_date
from data.facts.iso_3166 import is_place
from data.facts.law import (
    Allow,
    Answer,
    Classify,
    Condition,
    LawRule,
    LeverageCap,
    PositionLimit,
    Prohibit,
    RequireClientClass,
    RequireDisclosure,
    RequireMarginCloseout,
    RequireNegativeBalanceProtection,
    RequireRegistration,
    Role,
)
from rules.law.compiled import CompiledRule
from rules.law.index import LawIndex
from rules.law.inputs import LawInput
from rules.law.standing import Standing


class RuleInWords(Struct, frozen=True, kw_only=True):
    """One rule as a reader would put it."""

    rule: str
    """Id of the rule, as findings name it."""
    title: str
    """What the rule says, in a line."""
    does: str
    """What the rule does, in words."""
    asks: tuple[str, ...]
    """Each predicate of its condition and each question that it leaves to the caller, in words."""
    citation: str
    regulator: str
    holds: str
    """Since and until when it holds, in words, as exactly as the source says."""
    in_force: bool
    """Whether it binds on the day asked about; one that is announced or not verified does not."""
    flags: tuple[str, ...]
    """What every finding of the rule says of it: announced | not_verified | low_confidence | staff_level_only |
    litigation_risk | inference | extrapolated | inexact_date | secondary_source."""
    source: str
    note: str | None
    """What else there is to know; null for nothing."""
    venues: tuple[str, ...]
    """Ids of the venues on file that it may concern, whoever the client is."""


def rules_in_words(index: LawIndex, jurisdiction: str) -> list[RuleInWords]:
    """Return the rules of one jurisdiction's file that hold or are announced on the day, in words."""
    found = index.jurisdictions.get(jurisdiction)
    if found is None:
        return []
    return [_told(index, one) for one in index.rules if one.law.source.partition(".")[0] == found.scope]


def rule_in_words(index: LawIndex, rule: str) -> RuleInWords | None:
    """Return one rule in words, null where it neither holds nor is announced on the day."""
    compiled = next((one for one in index.rules if one.rule == rule), None)
    return _told(index, compiled) if compiled is not None else None


def _told(index: LawIndex, compiled: CompiledRule) -> RuleInWords:
    law = compiled.law
    return RuleInWords(
        rule=compiled.rule,
        title=law.title,
        does=effect_in_words(law),
        asks=(*condition_in_words(law.when), *questions_in_words(law)),
        citation=law.citation,
        regulator=law.regulator,
        holds=dates_in_words(law),
        in_force=compiled.bites,
        flags=compiled.flags,
        source=law.source,
        note=law.note,
        venues=_touched(index, law),
    )


def dates_in_words(law: LawRule) -> str:
    """Return when a rule holds."""
    since = _day(law.valid_from, law, start=True)
    until = _day(law.valid_to, law, start=False)
    if since is None and until is None:
        return "start not known, still in force"
    told = f"from {since}" if since else "start not known"
    return f"{told} until before {until}" if until else told


def _day(day: date | None, law: LawRule, *, start: bool) -> str | None:
    if day is None:
        return None
    return render_partial_date(day, law.valid_from_precision if start else law.valid_to_precision)


def condition_in_words(when: Condition) -> tuple[str, ...]:
    """Return each predicate of a condition as a clause."""
    return tuple(
        f"{name.replace('_', ' ')}: {_value(getattr(when, name))}"
        for name in Condition.__struct_fields__
        if getattr(when, name) != getattr(_NOTHING, name)
    )


_NOTHING = Condition()


def questions_in_words(law: LawRule) -> tuple[str, ...]:
    """Return the questions of a rule, each with what a yes does and what is assumed without an answer."""
    told = []
    for question in law.questions:
        does = "must be so" if question.role is Role.CONDITION else "excepts it"
        without = "" if question.assume is Answer.UNKNOWN else f", {question.assume.value} is assumed"
        told.append(f"{question.ask} ({does}{without}; {question.id})")
    return tuple(told)


def effect_in_words(law: LawRule) -> str:
    """Return what a rule does."""
    match law.effect:
        case Prohibit(gate=(), needs_permission=_):
            return "prohibits the trade"
        case Prohibit(gate=gate, needs_permission=products):
            named = ", ".join(product.value for product in products)
            also = f", and for {named} a rule that permits it" if products else ""
            return f"prohibits the trade unless the venue holds {' or '.join(gate)}{also}"
        case LeverageCap(max=limit, formula=formula):
            return (
                f"caps leverage at {plain(limit)}x"
                if limit is not None
                else f"caps leverage at {formula or 'a number not read'}"
            )
        case RequireRegistration(any_of=any_of, holder=holder):
            return f"asks that the {holder.value} holds {' or '.join(any_of)}"
        case RequireClientClass(any_of=any_of):
            return f"is for {' and '.join(one.value for one in any_of)} clients alone"
        case RequireMarginCloseout(ratio=ratio):
            return (
                f"asks for a close-out at {plain(ratio)} of margin"
                if ratio is not None
                else "asks for a margin close-out"
            )
        case RequireNegativeBalanceProtection(limit=limit):
            return f"limits the client's losses to the {limit.replace('_', ' ')}"
        case RequireDisclosure(duties=duties, forbids=forbids):
            return "; ".join((*duties, *(f"forbids: {one}" for one in forbids)))
        case PositionLimit(amount=amount, unit=unit):
            return f"limits the position to {plain(amount)} {unit}" if amount is not None else "limits the position"
        case Classify(asset_class=asset_class):
            return f"treats the named underlyings as {asset_class.value}"
        case Allow():  # pragma: no branch - there are no others
            named = ", ".join(name.replace("_", ".", 1) for name in law.exception_to)
            return f"permits the trade and excepts {named}" if named else "permits the trade"


def _value(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(_value(one) for one in value)
    if isinstance(value, Enum):
        return str(value.value)
    return "yes" if value is True else "no" if value is False else str(value)


def _touched(index: LawIndex, law: LawRule) -> tuple[str, ...]:
    """Return the venues that list one of the rule's products and that its condition does not leave out."""
    return tuple(standing.id for standing in index.standings.values() if _may_concern(index, law, standing))


def _may_concern(index: LawIndex, law: LawRule, standing: Standing) -> bool:
    """Say whether a rule may concern a venue, through the company that serves the rule's own clients or any other.

    Where the client is matters only of a venue with companies in several places.
    """
    clients = ("ZZ", *filter(is_place, law.when.residence)) if standing.served_from else ("ZZ",)
    return any(
        law.rule in index.prepare(index.view(LawInput(residence=client, product=product), standing))
        for product in law.products
        if product in standing.products
        for client in clients
    )
