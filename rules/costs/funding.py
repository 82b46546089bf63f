"""Funding of a perpetual over a holding period.

Sign: positive is received by the holder, negative is paid. A positive rate is paid by longs to shorts.
"""

from __future__ import annotations

from decimal import ROUND_CEILING, Decimal

from data.facts.venues import FundingTerms
from data.facts.vocabulary import Side

# An enum's member is looked up through its metaclass, far slower than a name: these are read several times a trade.
_LONG = Side.LONG

HOURS_PER_YEAR = Decimal(8760)
QUOTED_HOURS = Decimal(8)
"""Hours that the rate of a continuously accruing perpetual is quoted for."""

_ONE = Decimal(1)


def clip_rate(rate: Decimal, cap: Decimal | None, floor: Decimal | None) -> Decimal:
    """Return the rate of one interval within the venue's bounds; an absent bound does not bind."""
    if cap is not None and rate > cap:
        return cap
    if floor is not None and rate < floor:
        return floor
    return rate


def per_interval(rate: Decimal, stated_hours: Decimal | None, interval_hours: Decimal) -> Decimal:
    """Return a rate stated for `stated_hours` as one for a venue's interval (8 hours where it accrues continuously)."""
    if stated_hours is None or stated_hours == interval_hours:
        return rate
    return rate * (interval_hours or QUOTED_HOURS) / stated_hours


def funding_payment(side: Side, value: Decimal, rate: Decimal) -> Decimal:
    """Return one interval's payment to the holder, `-s * value * rate`, with `value` the position's value at mark."""
    return -value * rate if side is _LONG else value * rate


def intervals_held(hours: Decimal, interval_hours: Decimal) -> Decimal:
    """Return how many funding intervals a holding period bears.

    Continuous accrual (`interval_hours` 0) counts the 8-hour spans the rate is quoted for, in parts. Otherwise every
    interval begun counts: how many stamps fall into a part interval depends on the hour of opening, and this is the
    most there can be.
    """
    if interval_hours == 0:
        return hours / QUOTED_HOURS
    return (hours / interval_hours).to_integral_value(rounding=ROUND_CEILING)


def intervals_counted(payment: Decimal, hours: Decimal, interval_hours: Decimal) -> Decimal:
    """Return how many intervals of `payment` (positive: received) a holding period counts.

    A part interval counts whole where the holder pays and not at all where he receives: never better than it may turn
    out.
    """
    held = intervals_held(hours, interval_hours)
    return held - _ONE if payment > 0 and interval_hours and hours % interval_hours else held


def funding_over(side: Side, value: Decimal, rate: Decimal, hours: Decimal, interval_hours: Decimal) -> Decimal:
    """Return the funding of a holding period at an unchanged rate and value; it adds up and does not compound."""
    payment = funding_payment(side, value, rate)
    return payment * intervals_counted(payment, hours, interval_hours)


def annualised(rate: Decimal, interval_hours: Decimal) -> Decimal:
    """Return the simple annual rate of one interval's rate (8,760 hours)."""
    return rate * HOURS_PER_YEAR / (interval_hours if interval_hours else QUOTED_HOURS)


def rate_in_force(rate: Decimal, terms: FundingTerms | None) -> Decimal:
    """Return the rate clipped to an instrument's cap and floor, where they are known."""
    return rate if terms is None else clip_rate(rate, terms.cap, terms.floor)


def cap_from_margin_fractions(initial: Decimal, maintenance: Decimal, multiplier: Decimal) -> Decimal:
    """Return an 8-hour cap, `multiplier * (initial - maintenance margin fraction)`; dYdX's multiplier is 600%.

    Source: the dYdX v4 documentation.
    """
    return multiplier * (initial - maintenance)


def damped_premium(premium: Decimal, damper: Decimal) -> Decimal:
    """Return Deribit's rate for a premium: zero within the damper, else the premium less the damper.

    `max(damper, premium) + min(-damper, premium)`. Source: Deribit, perpetual funding.
    """
    return max(damper, premium) + min(-damper, premium)


def clamped_premium(premium: Decimal, interest: Decimal, clamp: Decimal) -> Decimal:
    """Return `premium + clip(interest - premium, -clamp, +clamp)`, the form most venues print."""
    return premium + max(-clamp, min(clamp, interest - premium))
