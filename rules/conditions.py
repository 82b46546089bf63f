"""Conditions that a caller vouches for or denies, and whether anything in an answer asks about them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet

from data.facts.iso_3166 import names_of
from data.facts.law import LawRule, UnderlyingKind
from data.facts.vocabulary import Product
from rules.condition_ids import (
    IS_COMMODITY,
    holding_id,
    in_force_id,
    kind_id,
    listed_id,
    listing_id,
    met_id,
    nationals_id,
    offer_id,
    other_company_id,
    permission_id,
    route_id,
    safeguards_id,
    stays_id,
    still_trades_id,
    takes_id,
    turning_id,
)
from rules.decision import Finding
from rules.eligibility import EligibilityRow
from rules.knowledge import Knowledge
from rules.law.findings import rules_concerning
from rules.law.index import law_index
from rules.law.inputs import LawInput, input_of_shape, input_of_trade
from rules.trade import DENIAL, Client, ProposedTrade, TradeShape, denial_of


def unasked_conditions(trade: ProposedTrade, findings: Iterable[Finding], knowledge: Knowledge) -> tuple[str, ...]:
    """Return the conditions that a trade, as understood, names and that nothing behind its findings asks about.

    What asks is a rule of law with a finding or an exception to one, the venue's terms, a leverage cap of it, or which
    registration it holds.
    """
    if not trade.conditions_met:
        return ()
    product = trade.product
    of_venue = _of_venue(trade.venue, trade, product, knowledge)
    if product is not None:
        caps = knowledge.leverage_caps(trade.venue, product, trade.instrument, trade.margin_mode)
        of_venue.update(cap.condition_id for cap in caps)
    instrument = knowledge.instrument(trade.venue, trade.instrument)
    if trade.reduce_only and instrument is not None and instrument.expiry == knowledge.as_of:
        of_venue.add(still_trades_id(instrument.venue, instrument.symbol))
    left = _unasked(trade.conditions_met, of_venue, {finding.rule for finding in findings}, knowledge)
    if not left or product is None:
        return left
    asked = input_of_trade(trade, product, instrument, knowledge)
    of_venue.update(_of_underlying(asked, trade.venue, knowledge))
    return _unasked(left, of_venue, _concerning(asked, trade.venue, knowledge), knowledge)


def unasked_at_venues(shape: TradeShape, rows: Sequence[EligibilityRow], knowledge: Knowledge) -> tuple[str, ...]:
    """Return the conditions that are named and that nothing asks about at any of the venues with a row."""
    left = shape.conditions_met
    for row in rows:
        if not left:
            break
        of_venue = _of_venue(row.venue, shape, shape.product, knowledge)
        asked = input_of_shape(shape, knowledge)
        of_venue.update(_of_underlying(asked, row.venue, knowledge))
        left = _unasked(left, of_venue, {finding.rule for finding in row.findings}, knowledge)
        left = left and _unasked(left, of_venue, _concerning(asked, row.venue, knowledge), knowledge)
    return tuple(dict.fromkeys(left))


def _unasked(
    named: tuple[str, ...], of_venue: set[str | None], rules: AbstractSet[str], knowledge: Knowledge
) -> tuple[str, ...]:
    """Return those of the named conditions about which neither a venue nor any of the rules asks."""
    asked_by = knowledge.derive(_asked_by)
    return tuple(
        dict.fromkeys(
            one
            for one in named
            if (asked := one.removeprefix(DENIAL)) not in of_venue and rules.isdisjoint(asked_by.get(asked, ()))
        )
    )


def _concerning(asked: LawInput, venue: str, knowledge: Knowledge) -> frozenset[str]:
    """Return the rules of law that concern an input: one that a denied condition makes silent has no finding."""
    index = law_index(knowledge)
    standing = index.standings.get(venue)
    return frozenset() if standing is None else rules_concerning(asked, standing, index)


def _of_venue(
    venue: str, trade: ProposedTrade | TradeShape, product: Product | None, knowledge: Knowledge
) -> set[str | None]:
    """Return the conditions of the terms of the venue and of the firm in between, and of what the venue holds."""
    firm, client = trade.intermediary, trade.client
    found: set[str | None] = set(_of_law(venue, client, knowledge))
    for one in (venue, firm):
        if one is not None:
            found.update(_of_terms(one, client, product, knowledge))
    if firm is not None:
        found.add(route_id(venue, firm))
    if product is not None:
        found.add(listing_id(venue, product))
    return found


def _of_terms(venue: str, client: Client, product: Product | None, knowledge: Knowledge) -> Iterator[str | None]:
    """Yield the conditions of a venue's terms, or of the firm's in between, and of what they leave open."""
    if client.nationality is not None:
        yield nationals_id(venue, client.nationality)
    if client.location is not None:
        yield stays_id(venue, client.location)
    for row in knowledge.terms(venue):
        if not row.open_to_reduce:
            yield row.condition_id
        yield takes_id(venue, client.client_class, row.jurisdiction)
    if product is not None:
        for place in (client.residence, client.location):
            if place is not None:
                yield offer_id(venue, product, client.client_class, place)


def _of_law(venue: str, client: Client, knowledge: Knowledge) -> Iterator[str]:
    """Yield the conditions of what law leaves open of the venue, and of the underlying under United States law."""
    if "US" in {names_of(place)[-1] for place in (client.residence, client.location) if place is not None}:
        yield IS_COMMODITY
    yield other_company_id(venue, names_of(client.residence)[0])
    yield turning_id(venue, names_of(client.residence)[0])
    for category in knowledge.law_book().categories:
        yield holding_id(venue, category.id)
        if category.market:
            yield listed_id(category)


def _of_underlying(asked: LawInput, venue: str, knowledge: Knowledge) -> Iterator[str]:
    """Yield what says that law permits the trade, and of which kind its underlying is where no facts say so: of which
    it is not, nothing asks, as that leaves it open.
    """
    assets, base = law_index(knowledge).assets, asked.base
    if base is not None and assets.kind_of(base) is None:
        assets = assets.as_told(base, asked.conditions_met)
        yield from (one for kind in UnderlyingKind if denial_of(one := kind_id(base, kind)) not in asked.conditions_met)
    yield permission_id(asked.residence, asked.product, venue, assets.apart_from_coins(base))


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
    return (*(question.id for question in law.questions), met_id(law), safeguards_id(law), in_force_id(law))
