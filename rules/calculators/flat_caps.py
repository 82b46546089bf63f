"""The flat caps that a venue sets on leverage, beside its ladder, where little is known of the client."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from msgspec import Struct

from data.facts.amounts import plain
from data.facts.iso_3166 import names_of
from data.facts.venues import Instrument, LeverageCap
from data.facts.vocabulary import UNLEVERAGED, ClientClass
from rules.knowledge import Knowledge
from rules.terms.leverage_caps import caps_for, max_leverage_of

_ANY = ClientClass.ANY
_EVERYWHERE = "*"

ABOVE_CAP = "must be at most {highest}, which is the venue's cap"
BETWEEN = "the venue's caps differ from {lowest}x to {highest}x; which of them applies is not told"
OF_OTHERS = "the venue's cap for {whom} is {highest}x; whether it is this client's, {unstated} would tell"
CONDITIONAL = "the venue grants at most {highest}x where {condition}"


class CapsTold(Struct, frozen=True, kw_only=True):
    """What flat caps say of a leverage: why it is refused, and what is to be said where it is not."""

    problem: str | None = None
    notes: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()


def caps_told(
    leverage: Decimal,
    instrument: Instrument,
    residence: str | None,
    client_class: ClientClass | None,
    knowledge: Knowledge,
) -> CapsTold:
    """Return what the venue's caps on an instrument, in whatever margin mode, say of a leverage.

    What exceeds the caps that bind is refused, as a decision denies it, unless clients of a place or class that is not
    stated may be granted as much. A cap for such clients alone, or on a condition, is told where the leverage exceeds
    it and never refuses.
    """
    if instrument.product in UNLEVERAGED:
        return CapsTold()
    every = knowledge.leverage_caps(instrument.venue, instrument.product, instrument.symbol, None)
    found = caps_for(every, residence or "", client_class, (), knowledge)
    others = list(_of_others(every, residence, client_class, knowledge))
    notes = []
    if found.binding:
        lowest = min((least for least, _ in found.binding), key=max_leverage_of)
        highest = min((most for _, most in found.binding), key=max_leverage_of)
        if leverage > highest.max_leverage and all(leverage > other.max_leverage for other in others):
            return CapsTold(problem=ABOVE_CAP.format(highest=plain(highest.max_leverage)))
        if leverage > lowest.max_leverage:
            most_granted = max((highest, *others), key=max_leverage_of)
            notes.append(BETWEEN.format(lowest=plain(lowest.max_leverage), highest=plain(most_granted.max_leverage)))
    notes += [
        OF_OTHERS.format(
            whom=_clients_of(cap), highest=plain(cap.max_leverage), unstated=_unstated(cap, residence, client_class)
        )
        for cap in others
        if leverage > cap.max_leverage
    ]
    notes += [
        CONDITIONAL.format(highest=plain(cap.max_leverage), condition=cap.condition)
        for cap in found.conditional
        if leverage > cap.max_leverage
    ]
    told = [least for least, _ in found.binding]
    return CapsTold(notes=tuple(dict.fromkeys(notes)), sources=tuple(dict.fromkeys(cap.source for cap in told)))


def _of_others(
    caps: Sequence[LeverageCap], residence: str | None, client_class: ClientClass | None, knowledge: Knowledge
) -> Iterator[LeverageCap]:
    """Yield the general caps for clients of a place or class that is not stated, and may be this client's."""
    near = None if residence is None else {_EVERYWHERE, *names_of(residence), *knowledge.groups_of(residence)}
    for cap in caps:
        if cap.schedule is not None or cap.condition is not None:
            continue
        if near is not None and cap.jurisdiction not in near:
            continue
        if client_class is not None and cap.client_class not in (_ANY, client_class):
            continue
        if (near is None and cap.jurisdiction != _EVERYWHERE) or (
            client_class is None and cap.client_class is not _ANY
        ):
            yield cap


def _clients_of(cap: LeverageCap) -> str:
    whom = "clients" if cap.client_class is _ANY else f"{cap.client_class} clients"
    return whom if cap.jurisdiction == _EVERYWHERE else f"{whom} in {cap.jurisdiction}"


def _unstated(cap: LeverageCap, residence: str | None, client_class: ClientClass | None) -> str:
    """Return what is not given that tells whether a cap is for the client."""
    place = ["residence"] if residence is None and cap.jurisdiction != _EVERYWHERE else []
    return " and ".join([*place, *(["client_class"] if client_class is None and cap.client_class is not _ANY else [])])
