"""The shape in which bots that speak ccxt expect leverage tiers: JSON numbers, camel case, by unified symbol."""

from __future__ import annotations

import datetime as dt

from msgspec import Struct


class CcxtTierInfo(Struct, frozen=True, kw_only=True):
    """What the unified structure has no place for."""

    venue: str
    instrument: str
    unit: str
    """What the ladder counts; sizes in contracts have been turned into `currency` where a contract's size is known."""
    maintenance_amount: float | None
    initial_margin_rate: float | None
    valid_from: dt.date | None
    valid_to: dt.date | None
    certain_from: dt.date
    source: str


class CcxtTier(Struct, frozen=True, kw_only=True, rename="camel"):
    """One tier as ccxt's `fetchLeverageTiers` gives it. `maxNotional` null is no upper bound."""

    tier: int
    symbol: str
    currency: str
    min_notional: float
    max_notional: float | None
    maintenance_margin_rate: float | None
    max_leverage: float
    info: CcxtTierInfo


CCXT_TIERS = dict[str, tuple[CcxtTier, ...]]
"""Tiers by unified symbol."""
