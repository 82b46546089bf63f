"""What the calculators answer about costs: fees, funding, interest, and the price that earns them back.

Money is in the settlement currency (base coin for an inverse contract) unless a field says otherwise.
"""

from __future__ import annotations

from decimal import Decimal

from rules.calculators.answers import Answer


class FeesAnswer(Answer, frozen=True, kw_only=True):
    """The fee of one fill: positive is paid, negative a rebate."""

    fee: Decimal
    """Fee of the fill, charges per contract included, in settlement currency; of a spot purchase in the coin bought."""
    exit_fee: Decimal | None
    """Fee of closing the same size at the `exit_price` given, charges per contract included, in settlement currency
    (also of a spot purchase); null without an exit price."""
    round_trip_fee: Decimal | None
    """`fee` and `exit_fee` together, in settlement currency, one in the coin bought valued at `price`; null without an
    exit price."""
    fee_rate: Decimal | None
    """Maker or taker rate that was applied, a fraction of the value, taxes on it included; null where the venue charges
    by the contract alone."""
    notional: Decimal
    """Value of the fill at its price, in settlement currency."""
    currency: str | None
    """What `fee` is in: the settlement currency, of a spot purchase the coin bought; null where the instrument is not
    on file or not named."""
    tier: str | None
    """Name of the tier of the venue's fee schedule that the rate is from; null where the terms given state it or the
    venue charges by the contract alone."""
    contract_fee: Decimal | None
    """The part of `fee` that is charged by the contract, for all contracts of the fill; null where the venue charges
    none, the contract size is not known, or the terms given state a `fee_rate`."""
    fee_on_margin: Decimal | None
    """Fee over the fill's margin at the `leverage` given, as a fraction, before the fee is rounded; null without a
    leverage."""


class FundingAnswer(Answer, frozen=True, kw_only=True):
    """Funding of a holding period: positive is received by the holder, negative is paid."""

    funding: Decimal
    """What the period brings (positive) or costs (negative), in settlement currency."""
    intervals: Decimal
    """How many intervals were counted: a part of one whole where funding is paid, not at all where it is received. Of
    continuous accrual the spans of 8 hours, in parts; 1 where no holding time is given."""
    funding_rate: Decimal
    """Rate of one interval, a fraction of the position's value, held within floor and cap; positive is paid by
    longs."""
    position_value: Decimal
    """Value that funding is paid on, in settlement currency: as given, else the size at the mark price."""
    interval_hours: Decimal | None
    """Hours of one interval, as given, else the venue's; 0 is continuous accrual, null where neither is known."""
    rate_annualised: Decimal | None
    """The rate as a simple annual one of 8,760 hours, a fraction; null where the interval is not known."""
    cap: Decimal | None
    """The most that the rate of one interval may be, as a fraction; null where no bound is known."""
    floor: Decimal | None
    """The least that the rate of one interval may be, as a fraction, mostly negative; null where no bound is known."""
    cap_8h: Decimal | None
    """Bound on eight hours of funding, as a fraction, where the venue derives it from margin rates and `terms` state
    both; else null."""
    funding_per_unit: Decimal | None
    """What one unit of size of a long pays over the intervals counted, in settlement currency, by which an accrual
    index moves; null without a mark price."""
    formula: str


class BorrowAnswer(Answer, frozen=True, kw_only=True):
    """Interest of a loan, how often it accrued, and by which rule."""

    interest: Decimal
    """What is owed beside the principal, in the asset borrowed."""
    accruals: Decimal
    """How many times it accrued: hours begun, or rollover blocks begun beside the charge for opening."""
    rule: str
    """How interest accrues, in words."""
    hourly_rate: Decimal | None
    """Rate of one hour, as a fraction, as given or on file, of a daily rate the 24th part; null where rates for opening
    and rollover were applied."""


class BreakEvenAnswer(Answer, frozen=True, kw_only=True):
    """Where a position has earned back its costs."""

    break_even_price: Decimal | None
    """Where profit equals both fees, funding and charges per contract, in quote currency per coin; null where no price
    does that, or every one leaves a profit: `approximations` says which."""
    opening_break_even_price: Decimal
    """Where profit equals the opening fee alone, in quote currency per coin."""
    entry_fee_rate: Decimal
    """Rate of the fill that opens, a fraction of its value, taxes on it included; zero where the venue charges by the
    contract alone."""
    exit_fee_rate: Decimal
    """Rate of the fill that closes, a fraction of its value, taxes on it included; zero where the venue charges by the
    contract alone."""
    funding: Decimal | None
    """Funding over the holding time, positive when received, in settlement currency; null without a `funding_rate` or
    without a `size`."""
    formula: str
