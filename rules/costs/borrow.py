"""Interest on borrowed coins or cash: which hours count is the venue's rule."""

from __future__ import annotations

from decimal import ROUND_CEILING, Decimal

from msgspec import Struct

from data.facts.margin_models import InterestAccrual

HOURS_PER_DAY = Decimal(24)
LARGEST_EXPONENT = 30
DEFAULT_BLOCK_HOURS = Decimal(4)
"""Hours of a rollover block where a venue's model states none."""

_ZERO = Decimal(0)
_ONE = Decimal(1)


class Interest(Struct, frozen=True, kw_only=True):
    """Interest of a holding period, how many times it accrued, and the rule in words."""

    interest: Decimal
    accruals: Decimal
    rule: str


def accruals_of(hours: Decimal, block_hours: Decimal) -> Decimal:
    """Return how many blocks a holding period has begun; a block begun counts whole."""
    return (hours / block_hours).to_integral_value(rounding=ROUND_CEILING)


def hourly_rate_of(daily_rate: Decimal) -> Decimal:
    """Return the rate of one hour, a 24th of the day's."""
    return daily_rate / HOURS_PER_DAY


def started_hours(principal: Decimal, hourly_rate: Decimal, hours: Decimal) -> Interest:
    """Charge simple interest for every hour begun.

    Source: Binance, cross margin guide: interest at borrowing and again at every full hour.
    """
    count = max(_ONE, accruals_of(hours, _ONE))
    return Interest(
        interest=principal * hourly_rate * count,
        accruals=count,
        rule="principal * hourly rate, once for every hour begun",
    )


def opening_and_rollover(
    principal: Decimal, opening_rate: Decimal, rollover_rate: Decimal, hours: Decimal, block_hours: Decimal
) -> Interest:
    """Charge once for opening and once for every block begun.

    Source: Kraken, margin trading examples: an opening fee and one rollover fee for each four hours begun.
    """
    count = accruals_of(hours, block_hours)
    return Interest(
        interest=principal * (opening_rate + rollover_rate * count),
        accruals=count,
        rule=f"principal * (opening rate + rollover rate * every {block_hours} hours begun)",
    )


def compounding_hours(principal: Decimal, hourly_rate: Decimal, hours: Decimal, places: int | None) -> Interest | None:
    """Charge interest on principal and interest for every hour begun, each hour's rounded up at `places` decimals.

    Null when it grows beyond any amount that could be owed (thirty digits).

    Source: KuCoin margin records: the second hour is charged on the first hour's interest too.
    """
    count = max(_ONE, accruals_of(hours, _ONE))
    if places is None:
        owed = principal * (_ONE + hourly_rate) ** int(count)
        if owed.adjusted() > LARGEST_EXPONENT:
            return None
    else:
        owed, step = principal, _ONE.scaleb(-places)
        for _ in range(int(count)):
            if owed.adjusted() > LARGEST_EXPONENT:
                return None
            owed += (owed * hourly_rate).quantize(step, rounding=ROUND_CEILING)
    return Interest(
        interest=owed - principal,
        accruals=count,
        rule="(principal + interest so far) * hourly rate, once for every hour begun",
    )


def interest_over(
    accrual: InterestAccrual,
    principal: Decimal,
    hours: Decimal,
    *,
    hourly_rate: Decimal | None = None,
    opening_rate: Decimal | None = None,
    rollover_rate: Decimal | None = None,
    block_hours: Decimal = DEFAULT_BLOCK_HOURS,
    places: int | None = None,
) -> Interest | None:
    """Return the interest of a holding period by a venue's rule; null when the rate that the rule needs is absent."""
    if accrual is InterestAccrual.OPENING_AND_ROLLOVER:
        if rollover_rate is None and opening_rate is None:
            return None
        opening = opening_rate if opening_rate is not None else rollover_rate
        rollover = rollover_rate if rollover_rate is not None else opening_rate
        return opening_and_rollover(principal, opening or _ZERO, rollover or _ZERO, hours, block_hours)
    if hourly_rate is None:
        return None
    if accrual is InterestAccrual.COMPOUNDING_HOURS:
        return compounding_hours(principal, hourly_rate, hours, places)
    return started_hours(principal, hourly_rate, hours)
