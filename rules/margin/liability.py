"""Margin on borrowed coins: each slice of a liability's value at the rate of its own rung, summed over coins.

Source: Binance, cross margin pro: 13 BTC at 30,000 and 13 ETH at 3,000 need 75,327.1 initially and 31,330 to stay.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal

from data.facts.margin_models import LiabilityMargin
from data.facts.venues import MarginTier
from rules.margin.position import HeldPosition, PositionFigures

_ZERO = Decimal(0)

NO_RATES = "the liability ladder of the borrowed coin is not known"
ONE_LOAN = "a loan has no liquidation price of its own: the account closes when net equity falls to maintenance"


def liability_figures(model: LiabilityMargin, position: HeldPosition) -> PositionFigures:
    """Return the margins of one loan. `size` is the coins owed, the mark price (else the entry price) values them."""
    price = position.present_price
    value = position.size * price
    tiers = position.terms.tiers
    return PositionFigures(
        notional=value,
        position_value=position.size * position.entry_price,
        initial_margin=progressive_margin(tiers, value, lambda tier: tier.initial_margin_rate),
        maintenance_margin=progressive_margin(tiers, value, lambda tier: tier.maintenance_margin_rate),
        approximations=((ONE_LOAN,) if tiers else (NO_RATES, ONE_LOAN)) + model.caveats,
    )


def progressive_margin(
    tiers: Sequence[MarginTier], value: Decimal, rate_of: Callable[[MarginTier], Decimal | None]
) -> Decimal | None:
    """Return the sum of each slice of `value` at its rung's rate; null when a rate or the rung itself is missing."""
    margin, covered = _ZERO, _ZERO
    for tier in tiers:
        if value <= tier.floor and covered:
            break
        rate = rate_of(tier)
        if rate is None:
            return None
        covered = value if tier.cap is None else min(value, tier.cap)
        margin += (covered - tier.floor) * rate
    return margin if tiers and covered == value else None
