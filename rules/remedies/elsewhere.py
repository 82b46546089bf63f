"""The same trade at another venue: in which instrument, and whether law and the venue's terms refuse it there."""

from __future__ import annotations

from data.facts.venues import Instrument
from data.facts.vocabulary import ContractType, Product
from rules.case import Case
from rules.checks.access.venue import offers, open_on, terms_of_venue, way_to_venue
from rules.decision import Effect, Outcome, Remedy, VenueInstrument
from rules.figures.money import same_money
from rules.inputs import given
from rules.law.findings import findings_for
from rules.law.index import law_index
from rules.law.inputs import LawSize, input_of_trade
from rules.remedies.nearest_change import venues_where
from rules.remembered import Remembered

_SETTLEMENTS = ("USDT", "USDC", "USD")


def preference(instrument: Instrument) -> tuple[int, str, int, bool, str]:
    """Return the order in which a venue's instruments on one underlying are chosen: linear, perpetual, in dollars."""
    settle = instrument.settles_in.upper()
    return (
        0 if instrument.contract_type is not ContractType.INVERSE else 1,
        "" if instrument.expiry is None else instrument.expiry.isoformat(),
        _SETTLEMENTS.index(settle) if settle in _SETTLEMENTS else len(_SETTLEMENTS),
        instrument.derived,
        instrument.symbol,
    )


def every_other_venue(case: Case) -> Remedy | None:
    """Return the venues that list the underlying as this product, as a change of venue; null for none."""
    instrument = case.terms.instrument
    if instrument is None:
        return None
    known, key = case.knowledge.derive(_Listing), (instrument.base, instrument.product, case.trade.venue)
    return known.answer(key, lambda: venues_where(case, lambda _: True))


class _Listing(Remembered[Remedy | None]):
    """The venues that list an underlying as a product, by both and by the venue to be left."""


def at_venues_that_take_it(remedy: Remedy, case: Case, refusals: frozenset[str]) -> Remedy | None:
    """Return a change of venue without the venues where law or terms refuse the trade; null when none is left.

    It names the instrument on file at each that is the nearest to the trade's own. `refusals` are the rules of law and
    terms that fail here: they must not be open there. Of any other rule what is not known is no refusal.
    """
    own = _contract_of(case)
    product = case.terms.product if own is None else own.product
    if product is None:
        return None  # of what is traded neither law nor terms can be asked
    trade, known = case.trade, case.knowledge.derive(_Taking)
    key = (
        remedy.values,
        trade.client,
        trade.venue,
        trade.instrument,
        product,
        trade.intent,
        trade.reduce_only,
        trade.intermediary,
        trade.conditions_met,
        refusals,
    )
    return known.answer(key, lambda: _narrowed(remedy, case, product, own, refusals))


class _Taking(Remembered[Remedy | None]):
    """The venues that do not refuse a trade: clients of one kind with trades in one instrument may go to the same."""


def _contract_of(case: Case) -> Instrument | None:
    """Return the instrument of the trade; where it has expired, the contract that was listed under its name."""
    if case.terms.instrument is not None or case.terms.spot_pair is not None:
        return case.terms.instrument
    return case.knowledge.expired(case.trade.venue, case.trade.instrument)


def _narrowed(
    remedy: Remedy, case: Case, product: Product, own: Instrument | None, refusals: frozenset[str]
) -> Remedy | None:
    taking: list[str] = []
    found: list[VenueInstrument] = []
    for venue in remedy.values:
        instrument = _counterpart(case, venue, product, own)
        unlisted = own is not None and instrument is None  # law asks for a registration, whatever its holder lists
        if unlisted or _refused(case, venue, product, instrument, refusals):
            continue
        taking.append(venue)
        if instrument is not None:
            found.append(VenueInstrument(venue=venue, instrument=instrument.symbol))
    return Remedy(field="venue", values=tuple(taking), instruments=tuple(found)) if taking else None


def _counterpart(case: Case, venue: str, product: Product, own: Instrument | None) -> Instrument | None:
    """Return the venue's instrument on the same underlying that is nearest to the trade's: its kind of contract, then
    its currencies, then as a comparison chooses.
    """
    if own is None:
        return None
    day = case.as_of
    listed = [
        one
        for one in case.knowledge.listings(own.base, product)
        if one.venue == venue and (one.expiry is None or one.expiry > day)
    ]
    return min(
        listed,
        key=lambda one: (
            one.contract_type is not own.contract_type,
            not same_money(one.quote, own.quote),
            not same_money(one.settle, own.settle),
            *preference(one),
        ),
        default=None,
    )


def _refused(case: Case, venue: str, product: Product, instrument: Instrument | None, refusals: frozenset[str]) -> bool:
    """Say whether law, limits on amounts aside, or the venue's terms deny or hold the trade at another venue, or leave
    open there what fails here.
    """
    known, index = given(case.knowledge.venue(venue)), law_index(case.knowledge)
    told = {
        "access.venue_open": open_on(known, case.knowledge, reduce_only=case.trade.reduce_only),
        "access.product_offered": offers(known, product, case.trade.conditions_met),
        "access.terms": terms_of_venue(case, known, product),
    }
    if case.trade.intermediary is not None:
        told["access.intermediary"] = way_to_venue(case, known, product)
    if any(_stands_against(rule, one.outcome, refusals) for rule, one in told.items()):
        return True
    asked = input_of_trade(case.trade, product, instrument, case.knowledge)
    return any(
        one.effect is not Effect.WARN and _stands_against(one.rule, one.outcome, refusals)
        for one in findings_for(asked, index.standings[venue], index, LawSize())
    )


def _stands_against(rule: str, outcome: Outcome, refusals: frozenset[str]) -> bool:
    return outcome is Outcome.FAIL or (outcome is Outcome.UNKNOWN and rule in refusals)
