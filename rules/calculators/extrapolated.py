"""Which listings and terms of cost of the positions asked about are extrapolated to the day, or doubtful."""

from __future__ import annotations

from collections.abc import Iterator

from data.facts.fact import Fact
from data.facts.vocabulary import ContractType, MarginMode, Product
from rules.calculators.inputs import AdlInput, PositionInput
from rules.calculators.resolve import states_margin
from rules.knowledge import Knowledge


def extrapolated_terms(asked: PositionInput, venue: str, knowledge: Knowledge) -> frozenset[str]:
    """Return the sources of a venue's listings, fees and policies that positions there may rest on and that are
    extrapolated.

    Margin models and ladders are not among them: an answer speaks of these itself (`resolve`).
    """
    rows = (row for row in _rows(asked, venue, knowledge) if row is not None)
    return frozenset(row.source for row in rows if row.extrapolated_on(knowledge.as_of))


def doubtful_terms(asked: PositionInput, venue: str, knowledge: Knowledge) -> frozenset[str]:
    """Return the sources of those of them that are of low confidence."""
    return frozenset(row.source for row in _rows(asked, venue, knowledge) if row is not None and row.low_confidence)


def _rows(asked: PositionInput, venue: str, knowledge: Knowledge) -> Iterator[Fact | None]:
    for leg in asked.positions or (asked,):
        instrument = None if leg.instrument is None else knowledge.instrument(venue, leg.instrument)
        yield instrument
        product = instrument.product if instrument is not None else leg.product or Product.PERPETUAL
        if isinstance(asked, AdlInput):
            yield knowledge.adl(venue, product)
        if states_margin(leg.terms):
            continue
        # A position of an account that states no margin mode is cross.
        modes = (leg.margin_mode,) if leg.margin_mode is not None else (None, MarginMode.CROSS)
        for kind in ContractType if instrument is None else (instrument.contract_type,):
            yield from knowledge.fees(venue, product, kind, asked.residence or "")
            for mode in modes:
                policy = knowledge.liquidation(venue, product, mode, kind)
                if policy is not None and (policy.takes_over or policy.liquidation_fee is not None):
                    yield policy
