"""How findings on a venue's terms name clients and products, and what a caller's denial makes of an open one."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from data.facts.venues import Access
from data.facts.vocabulary import ClientClass
from rules.check import Result
from rules.checks.outcomes import failed
from rules.decision import Outcome, Reason
from rules.knowledge import Knowledge
from rules.trade import denial_of

EVERYWHERE = "*"
"""In a row of terms: every place that no other row names."""


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


def firm_named(firm: str, knowledge: Knowledge) -> str:
    """Return the name of a firm or venue that carries orders; its id where neither is on file."""
    venue = knowledge.venue(firm)
    if venue is not None:
        return venue.brand
    return next((one.name for one in knowledge.law_book().firms if one.id == firm), firm)


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
    return f"{who} everywhere else" if place == EVERYWHERE else f"{who} in {place}"
