"""The facts of a trade as an answer tells them: of each row its key, its source and its dates."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from data.facts.fact import Fact
from data.facts.margin_models import MarginModel
from data.facts.venues import (
    AdlPolicy,
    Fee,
    FeeExtra,
    FundingTerms,
    Instrument,
    Ladder,
    LeverageCap,
    LiquidationPolicy,
)
from rules.decision import FactUsed

_KINDS: tuple[tuple[type[Fact], str], ...] = (
    (Instrument, "instrument"),
    (Ladder, "margin_tiers"),
    (MarginModel, "margin_model"),
    (LeverageCap, "leverage_cap"),
    (Fee, "fee"),
    (FeeExtra, "fee_extra"),
    (FundingTerms, "funding_terms"),
    (LiquidationPolicy, "liquidation_policy"),
    (AdlPolicy, "adl_policy"),
)


def facts_used(rows: Iterable[Fact | None]) -> tuple[FactUsed, ...]:
    """Return what an answer tells of rows, in their order; what is not known is left out."""
    return tuple(_told(row) for row in rows if row is not None)


def _told(row: Fact) -> FactUsed:
    return FactUsed(
        kind=_kind_of(type(row)),
        key=row.key,
        source=row.source,
        certain_from=row.certain_from,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        last_seen=row.last_seen if isinstance(row, Ladder) else None,
        low_confidence=row.low_confidence,
    )


@lru_cache
def _kind_of(row: type[Fact]) -> str:
    return next(name for kind, name in _KINDS if issubclass(row, kind))
