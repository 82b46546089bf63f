"""Conditions that a caller vouches for, and whether anything in a decision asks about them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from data.facts.law import LawProduct, LawRule
from rules.checks.access import listing_id
from rules.checks.access_words import offer_id, route_id, takes_id
from rules.decision import Finding
from rules.knowledge import Knowledge
from rules.law.coverage import permission_id
from rules.law.predicates import in_force_id
from rules.law.venue_predicates import holding_id, listed_id, other_company_id
from rules.trade import DENIAL, ProposedTrade, denial_of


def unasked_conditions(trade: ProposedTrade, findings: Iterable[Finding], knowledge: Knowledge) -> tuple[str, ...]:
    """Return the conditions that a trade, as understood, vouches for and that nothing behind its findings asks about.

    What asks is a rule of law with a finding or an exception to one, the venue's terms, a leverage cap of it, or which
    registration it holds.
    """
    if not trade.conditions_met:
        return ()
    asked_by = knowledge.derive(_asked_by)
    named = {finding.rule for finding in findings}
    of_venue = _of_venue(trade, knowledge)
    return tuple(
        dict.fromkeys(
            one
            for one in trade.conditions_met
            if one not in of_venue and named.isdisjoint(asked_by.get(one.removeprefix(DENIAL), ()))
        )
    )


def _of_venue(trade: ProposedTrade, knowledge: Knowledge) -> set[str | None]:
    """Return the conditions of the terms of the venue and of the firm in between, of the venue's leverage caps, held or
    not, and of what it holds.
    """
    venue, client, firm = trade.venue, trade.client, trade.intermediary
    found: set[str | None] = {f"{venue}_takes_nationals_of_{client.nationality}"}
    for one in (venue, firm):
        if one is not None:
            found.update(_of_terms(one, trade, knowledge))
    if firm is not None:
        found.add(route_id(venue, firm))
    if trade.product is not None:
        found.add(listing_id(venue, trade.product))
        for cap in knowledge.leverage_caps(venue, trade.product, trade.instrument, trade.margin_mode):
            found.update(_either(cap.condition_id))
    found.update(_either(*_of_law(trade, knowledge)))
    return found


def _of_terms(venue: str, trade: ProposedTrade, knowledge: Knowledge) -> Iterator[str | None]:
    """Yield the conditions of a venue's terms, or of the firm's in between, and of what they leave open."""
    client, product = trade.client, trade.product
    for row in knowledge.terms(venue):
        if not row.open_to_reduce:
            yield row.condition_id
        yield takes_id(venue, client.client_class, row.jurisdiction)
    if product is not None:
        for place in (client.residence, client.location):
            if place is not None:
                yield offer_id(venue, product, client.client_class, place)


def _of_law(trade: ProposedTrade, knowledge: Knowledge) -> Iterator[str]:
    """Yield the conditions of what law leaves open of the venue."""
    venue, residence = trade.venue, trade.client.residence
    yield other_company_id(venue, residence)
    for category in knowledge.law_book().categories:
        yield holding_id(venue, category.id)
        if category.market:
            yield listed_id(category)
    if trade.product is not None:
        yield permission_id(residence, LawProduct(trade.product.value), venue)


def _either(*conditions: str | None) -> Iterator[str]:
    """Yield each condition and its denial."""
    for one in conditions:
        if one is not None:
            yield one
            yield denial_of(one)


def _asked_by(knowledge: Knowledge) -> Mapping[str, frozenset[str]]:
    """Return, for each condition that law asks about, the names of the rules whose findings may hang on it."""
    rules = knowledge.law_book().rules
    names: dict[str, set[str]] = {}
    for law in rules:
        names.setdefault(law.id, set()).add(law.rule)
    found: dict[str, set[str]] = {}
    for law in rules:
        concerned = {law.rule, *(name for one in law.exception_to for name in names.get(one, ()))}
        for condition in _conditions_of(law):
            found.setdefault(condition, set()).update(concerned)
    return {condition: frozenset(concerned) for condition, concerned in found.items()}


def _conditions_of(law: LawRule) -> tuple[str, ...]:
    """Return the conditions a rule asks about: its own questions, whether it is met, what its cap demands beside, and
    whether it had begun.
    """
    return (*(question.id for question in law.questions), f"{law.id}_met", f"{law.id}_safeguards", in_force_id(law))
