"""Values that no venue can mean: a price step of nothing, a margin rate of nothing, a floor above its cap."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec.structs import replace

from data.facts.venues import FundingTerms, Instrument, LiquidationPolicy, MarginTier

_SIZES = ("contract_size", "tick_size", "min_size", "max_size", "size_step")
_POSITIVE: dict[type, tuple[str, ...]] = {
    Instrument: _SIZES,
    MarginTier: ("initial_margin_rate", "maintenance_margin_rate", "max_leverage"),
}
_NOT_NEGATIVE: dict[type, tuple[str, ...]] = {
    MarginTier: ("floor", "cap", "maintenance_amount"),
    FundingTerms: ("interval_hours",),
    LiquidationPolicy: ("liquidation_fee",),
}


def impossible_values(row: object) -> Iterator[str]:
    """Yield what is impossible in a fact or a rung of a ladder, each with the name of its field first."""
    for name in _POSITIVE.get(type(row), ()):
        value = getattr(row, name)
        if value is not None and value <= 0:
            yield f"{name}: must be above zero, not {value}"
    for name in _NOT_NEGATIVE.get(type(row), ()):
        value = getattr(row, name)
        if value is not None and value < 0:
            yield f"{name}: must not be negative, but is {value}"
    match row:
        case FundingTerms(cap=cap, floor=floor) if cap is not None and floor is not None and floor > cap:
            yield f"floor {floor} is above cap {cap}"
        case Instrument(min_size=least, max_size=most) if least is not None and most is not None and least > most:
            yield f"min_size {least} is above max_size {most}"


def without_impossible_sizes(one: Instrument) -> Instrument:
    """Return an instrument on which steps and sizes that cannot be are not known."""
    unknown: dict[str, Any] = {
        name: None for name in _SIZES if (value := getattr(one, name)) is not None and value <= 0
    }
    return replace(one, **unknown) if unknown else one
