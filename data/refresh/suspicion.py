"""Changes that look like a mistake: a percentage where a fraction stood, half a ladder missing, a listing cut short.

A doubt never says that the venue is wrong: it says that a person should look before the change is accepted.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from itertools import chain

from data.facts.amounts import ARITHMETIC
from data.facts.venues import Fee, FundingTerms, Instrument, Ladder, LeverageCap, MarginTier
from data.refresh.candidates import Candidate
from data.refresh.ladder_doubts import newly_broken

FACTOR = 20
"""Two values of one rate this many times apart are not taken for an ordinary change."""
LARGEST_FEE = Decimal("0.02")
LARGEST_FUNDING = Decimal("0.2")
LARGEST_LEVERAGE = Decimal(1001)
FEW = 3
"""So few rows may disappear at once without a doubt."""


def doubts_about(before: Candidate | None, after: Candidate) -> tuple[str, ...]:
    """Return why a new or changed row should be looked at first; empty when nothing speaks against it."""
    match after:
        case Ladder():
            found = _ladder_doubts(before if isinstance(before, Ladder) else None, after)
        case LeverageCap():
            was = before.max_leverage if isinstance(before, LeverageCap) else None
            found = chain(_leap("max_leverage", was, after.max_leverage), _leverage("", after.max_leverage))
        case Fee():
            found = _fee_doubts(before if isinstance(before, Fee) else None, after)
        case FundingTerms():
            found = _funding_doubts(before if isinstance(before, FundingTerms) else None, after)
        case Instrument():
            found = _instrument_doubts(before if isinstance(before, Instrument) else None, after)
    return tuple(dict.fromkeys(found))


def doubts_about_disappearance(gone: int, covered: int) -> tuple[str, ...]:
    """Return the doubt that a listing which lost more than half of its rows raises."""
    if gone > FEW and gone * 2 > covered:
        return (f"{gone} of {covered} rows are gone at once: the listing may have been cut short",)
    return ()


def _ladder_doubts(before: Ladder | None, after: Ladder) -> Iterator[str]:
    for rung in after.tiers:
        yield from _rung_doubts(rung)
    for broken in newly_broken(before, after):
        yield f"the ladder breaks the rule {broken.check!r} that curated ladders keep"
    if before is None:
        return
    if len(before.tiers) > 1 and len(after.tiers) * 2 <= len(before.tiers):
        yield f"the ladder loses half its tiers or more: {len(before.tiers)} before, {len(after.tiers)} after"
    for old, new in zip(before.tiers, after.tiers, strict=False):
        for name in ("initial_margin_rate", "maintenance_margin_rate", "max_leverage"):
            yield from _leap(f"tier {new.tier} {name}", getattr(old, name), getattr(new, name))
    if before.unit != after.unit:
        yield f"the tiers count {after.unit}, not {before.unit}"
    if (before.contract_type, before.settle) != (after.contract_type, after.settle):
        yield "the contract type or the settlement currency changed"


def _rung_doubts(rung: MarginTier) -> Iterator[str]:
    leverage = rung.max_leverage
    yield from _leverage(f"tier {rung.tier} ", leverage)
    for name in ("initial_margin_rate", "maintenance_margin_rate"):
        rate = getattr(rung, name)
        if rate is not None and rate > 1:
            yield f"tier {rung.tier} {name} is {rate}: a percentage?"
    initial, maintenance = rung.initial_margin_rate, rung.maintenance_margin_rate
    if initial is not None and not Decimal("0.5") <= ARITHMETIC.multiply(initial, leverage) <= 2:
        yield f"tier {rung.tier} grants {leverage}x at an initial margin rate of {initial}: a percentage?"
    if initial is None and maintenance is not None and ARITHMETIC.multiply(maintenance, leverage) > 2:
        yield f"tier {rung.tier} grants {leverage}x at a maintenance margin rate of {maintenance}: a percentage?"


def _leverage(place: str, value: Decimal) -> Iterator[str]:
    if not 1 <= value <= LARGEST_LEVERAGE:
        yield f"{place}max_leverage is {value}"


def _fee_doubts(before: Fee | None, after: Fee) -> Iterator[str]:
    for name in ("maker", "taker"):
        rate = getattr(after, name)
        yield from _leap(name, getattr(before, name, None), rate)
        if rate is not None and abs(rate) > LARGEST_FEE:
            yield f"{name} is {rate}: a percentage?"


def _funding_doubts(before: FundingTerms | None, after: FundingTerms) -> Iterator[str]:
    for name in ("cap", "floor", "interval_hours"):
        yield from _leap(name, getattr(before, name, None), getattr(after, name))
    for name in ("cap", "floor"):
        rate = getattr(after, name)
        if rate is not None and abs(rate) > LARGEST_FUNDING:
            yield f"{name} is {rate}: a percentage?"
    if after.interval_hours is not None and not 0 <= after.interval_hours <= 24:
        yield f"interval_hours is {after.interval_hours}: another unit of time?"


def _instrument_doubts(before: Instrument | None, after: Instrument) -> Iterator[str]:
    if before is None:
        return
    for name in ("product", "contract_type", "settle", "contract_size"):
        old, new = getattr(before, name), getattr(after, name)
        if old is not None and old != new:
            yield f"{name} changed from {old} to {new}"


def _leap(name: str, before: Decimal | None, after: Decimal | None) -> Iterator[str]:
    if not before or not after:
        return
    ratio = abs(ARITHMETIC.divide(after, before))
    if ratio >= FACTOR or ratio * FACTOR <= 1:
        yield f"{name} goes from {before} to {after}, {FACTOR} times or more: a percentage against a fraction?"
