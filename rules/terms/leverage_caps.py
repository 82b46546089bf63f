"""Which of a venue's leverage caps bind a client: the narrowest in instrument, class and place."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from msgspec import Struct

from data.facts.iso_3166 import names_of
from data.facts.venues import LeverageCap
from data.facts.vocabulary import ClientClass
from rules.knowledge import Knowledge
from rules.trade import denial_of

_ANY = ClientClass.ANY

Span = tuple[LeverageCap, LeverageCap]
"""The lowest and the highest of caps that speak of the same thing."""

Scope = tuple[int, int, int]
"""How narrow a cap is: in instrument (any, underlying, symbol), client class, and place (any, group, country, part)."""


class Caps(Struct, frozen=True):
    """The caps of a venue for one instrument that concern a client."""

    binding: tuple[Span, ...] = ()
    conditional: tuple[LeverageCap, ...] = ()
    """Those of conditions that nobody has confirmed or denied."""
    by_class: tuple[tuple[Span, ...], ...] = ()
    """Where the client's class is not stated, what would bind in each class that caps for the place name."""


NO_CAPS = Caps()


def caps_for(
    caps: Sequence[LeverageCap],
    residence: str,
    client_class: ClientClass | None,
    conditions_met: tuple[str, ...],
    knowledge: Knowledge,
) -> Caps:
    """Return which of the caps of an instrument concern a client."""
    if not caps:
        return NO_CAPS
    near = [cap for cap in caps if is_near(cap, residence, knowledge)]
    classes = {cap.client_class for cap in near if cap.client_class is not _ANY} if client_class is None else set()
    by_class = (_binding(near, residence, one, conditions_met) for one in sorted(classes))
    return Caps(
        binding=_binding(near, residence, client_class, conditions_met),
        conditional=tuple(cap for cap in near if _is_open(cap, client_class, conditions_met)),
        by_class=tuple(spans for spans in by_class if spans),
    )


def highest_granted(caps: Caps) -> Decimal | None:
    """Return the leverage that every cap that binds grants, in whatever class the client is where that is not stated;
    conditions left open aside, null where none is known.
    """
    granted: Decimal | None = None
    for spans in (caps.binding, *caps.by_class):
        for lowest, _ in spans:
            if granted is None or lowest.max_leverage < granted:
                granted = lowest.max_leverage
    return granted


def lowest_of(span: Span) -> Decimal:
    """Return the lower end of caps that speak of the same thing."""
    return span[0].max_leverage


def max_leverage_of(cap: LeverageCap) -> Decimal:
    """Return what a cap grants."""
    return cap.max_leverage


def is_near(cap: LeverageCap, residence: str, knowledge: Knowledge) -> bool:
    """Say whether a cap is for the client's place."""
    place = cap.jurisdiction
    return place == "*" or place in names_of(residence) or place in knowledge.groups_of(residence)


def _is_for(cap: LeverageCap, client_class: ClientClass | None) -> bool:
    return cap.client_class is _ANY or cap.client_class is client_class


def _is_open(cap: LeverageCap, client_class: ClientClass | None, conditions_met: tuple[str, ...]) -> bool:
    condition = cap.condition_id
    if condition is None or condition in conditions_met or denial_of(condition) in conditions_met:
        return False
    return _is_for(cap, client_class)


def _binding(
    caps: Sequence[LeverageCap], residence: str, client_class: ClientClass | None, conditions_met: tuple[str, ...]
) -> tuple[Span, ...]:
    """Return the caps that bind a client as one of a class.

    A cap gives way to one that is narrower in some respect and wider in none: a country's cap for one coin replaces the
    venue's general one, while a country's cap for all coins and the venue's for one coin both bind. A cap on a named
    schedule is not the general cap; a confirmed condition's cap binds beside all others.
    """
    scoped: dict[Scope, list[LeverageCap]] = {}
    confirmed: list[Span] = []
    for cap in caps:
        if cap.schedule is not None or not _is_for(cap, client_class):
            continue
        if cap.condition is None:
            scoped.setdefault(_scope(cap, residence), []).append(cap)
        elif cap.condition_id in conditions_met:
            confirmed.append((cap, cap))
    spans = [
        (min(found, key=max_leverage_of), max(found, key=max_leverage_of))
        for scope, found in scoped.items()
        if not any(_replaces(other, scope) for other in scoped)
    ]
    return (*spans, *confirmed)


def _scope(cap: LeverageCap, residence: str) -> Scope:
    place, names = cap.jurisdiction, names_of(residence)
    return (
        2 if cap.instrument != "*" else 0 if cap.base is None else 1,
        0 if cap.client_class is _ANY else 1,
        0 if place == "*" else 2 if place == names[-1] else 3 if place in names else 1,
    )


def _replaces(narrow: Scope, wide: Scope) -> bool:
    return narrow != wide and all(mine >= theirs for mine, theirs in zip(narrow, wide, strict=True))
