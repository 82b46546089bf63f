"""The shape in which bots that speak ccxt expect leverage tiers: JSON numbers, camel case, by unified symbol."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from msgspec import Meta, Struct


class CcxtTierInfo(Struct, frozen=True, kw_only=True):
    """What the unified structure has no place for."""

    venue: str
    instrument: str
    unit: str
    """What the ladder counts; sizes in contracts have been turned into `currency` where a contract's size is known."""
    maintenance_amount: float | None
    """The deduction that makes maintenance margin continuous from tier to tier, in `unit`; null where the source gives
    none."""
    initial_margin_rate: float | None
    """Initial margin as a fraction of the position's value; null where the source gives none."""
    valid_from: dt.date | None
    valid_to: dt.date | None
    certain_from: dt.date
    source: str


class CcxtTier(Struct, frozen=True, kw_only=True, rename="camel"):
    """One tier in the shape of ccxt's `fetchLeverageTiers`."""

    tier: int
    """Number of the tier, from 1 for the lowest."""
    symbol: str
    """Unified symbol of the instrument; the venue's own where no unified one is known."""
    currency: str
    """What `minNotional` and `maxNotional` count: a quote currency or coin, or `contracts` where the size of a contract
    is not known."""
    min_notional: float
    """Sizes above it are in the tier, in `currency`; the lowest tier holds zero too."""
    max_notional: float | None
    """The largest size in the tier, in `currency`; null where there is no bound."""
    maintenance_margin_rate: float | None
    """Maintenance margin as a fraction of the position's value; null where the source gives none."""
    max_leverage: float
    """The highest leverage that the tier grants, times."""
    info: CcxtTierInfo
    """What the tier rests on, and what the unified structure has no place for."""


CCXT_TIERS = Annotated[dict[str, tuple[CcxtTier, ...]], Meta(title="CcxtTiers")]
"""Tiers by unified symbol."""
