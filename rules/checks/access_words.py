"""How findings on a venue's terms name clients and products, and the ids by which a caller vouches."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from data.facts.venues import Access
from data.facts.vocabulary import ClientClass, Product
from rules.check import Result
from rules.checks.outcomes import failed
from rules.decision import Outcome, Reason
from rules.trade import denial_of

EVERYWHERE = "*"
"""In a row of terms: every place that no other row names."""


def offer_id(venue: str, product: Product, client_class: ClientClass | None, place: str) -> str:
    """Return what `conditions_met` names to vouch that a venue takes such clients, where no terms on file say so."""
    who = f"{client_class}_clients" if client_class is not None else "clients"
    return f"{venue}_offers_{product}_to_{who}_in_{place}"


def route_id(venue: str, firm: str) -> str:
    """Return what `conditions_met` names to vouch that a firm carries the client's orders to a venue."""
    return f"{venue}_through_{firm}"


def takes_id(venue: str, client_class: ClientClass | None, place: str) -> str:
    """Return what `conditions_met` names to vouch that the terms of a wider place hold for a class of `place` too."""
    return f"{venue}_takes_{client_class}_clients_in_{place}"


def nationals_id(venue: str, nationality: str) -> str:
    """Return what `conditions_met` names to vouch that a venue takes nationals of a refused country who live abroad."""
    return f"{venue}_takes_nationals_of_{nationality}"


def stays_id(venue: str, place: str) -> str:
    """Return what `conditions_met` names to vouch that a venue takes clients who stay in a place it does not name."""
    return f"{venue}_takes_clients_who_stay_in_{place}"


def unless_denied(answer: Result, conditions_met: Collection[str]) -> Result:
    """Return an answer; a fail where it is open and the caller says no to what it asks.

    What nothing on file permits stays not permitted; else the caller says that the venue's own condition is not met.
    """
    asked = answer.question.id if answer.question is not None else None
    if answer.outcome is not Outcome.UNKNOWN or asked is None or denial_of(asked) not in conditions_met:
        return answer
    return failed(
        f"{answer.message} The caller denies {asked}.",
        answer.observed,
        answer.limit,
        sources=answer.sources,
        flags=answer.flags,
        reason=answer.reason if answer.reason is Reason.NOT_PERMITTED else Reason.PROHIBITED,
    )


def clients_of(*rows: Access) -> str:
    """Return whom rows speak of, place by place."""
    spoken_of: dict[str, dict[ClientClass, None]] = {}
    for row in rows:
        spoken_of.setdefault(row.jurisdiction, {}).update(dict.fromkeys(row.client_classes))
    return " and ".join(_clients_in(place, tuple(classes)) for place, classes in spoken_of.items())


def _clients_in(place: str, client_classes: Sequence[ClientClass]) -> str:
    classes = () if ClientClass.ANY in client_classes else tuple(one.value for one in client_classes)
    listed = " and ".join([*([", ".join(classes[:-1])] if classes[1:] else []), *classes[-1:]])
    who = f"{listed} clients" if classes else "clients"
    return f"{who} in places not named" if place == EVERYWHERE else f"{who} in {place}"


def spoken(product: Product) -> str:
    """Return a product as a sentence names it."""
    return product.replace("_", " ")
