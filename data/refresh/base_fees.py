"""The base tier of a venue that states its fees contract by contract: known where all perpetuals state the same."""

from __future__ import annotations

from collections.abc import Set
from decimal import Decimal

from data.facts.venues import Fee
from data.facts.vocabulary import Product
from data.refresh.building import fee
from data.refresh.candidates import Candidate, Family
from data.refresh.reading import Reading


def offer_base_fees(reading: Reading, rates: Set[tuple[Decimal, Decimal]], tier: str, endpoint: str) -> None:
    """Offer the maker and taker rate that perpetuals state as the fees of `tier`; remark when they state several."""

    def is_base_tier(fact: Candidate) -> bool:
        return isinstance(fact, Fee) and fact.product is Product.PERPETUAL and fact.tier == tier

    if len(rates) > 1:
        reading.remark(f"fees not compared: perpetuals state {len(rates)} different base rates")
    elif rates:
        ((maker, taker),) = rates
        rows = [fee(reading.venue, Product.PERPETUAL, tier, maker, taker)]
        reading.offer(Family.FEES, rows, endpoint, covers=is_base_tier)
