"""What the account calculator answers: where an account stands by its totals. Money is in the account's currency."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum

from rules.calculators.answers import Answer


class AccountState(StrEnum):
    """Where an account stands: a call comes before the forced close where the venue makes one."""

    SOUND = "sound"
    MARGIN_CALL = "margin_call"
    LIQUIDATION = "liquidation"


class AccountStandingAnswer(Answer, frozen=True, kw_only=True):
    """An account by its totals, in its currency; null where nothing given tells a figure."""

    model: str
    """Name of the margin model that was used."""
    formula: str
    """The formulas in words."""
    equity: Decimal | None
    """What backs the account, profit included, in its currency: as given, else the sum of the parts given, else
    `margin_balance`. Null where a `risk_rate` stands in place of the totals."""
    margin_balance: Decimal | None
    """The part of equity that counts for margin, in the account's currency: as given, else all of equity."""
    collateral_value: Decimal | None
    """What the posted assets count for, each value times its weight, in the account's currency; null where none are
    listed."""
    initial_margin: Decimal | None
    """What positions occupy, in the account's currency, as given."""
    maintenance_margin: Decimal | None
    """What the positions must keep as margin, in the account's currency: as given, else initial margin times the
    adjustment factor where the venue reckons a risk rate."""
    initial_margin_rate: Decimal | None
    """Initial margin over equity, or over the margin balance where the venue divides by that, as a fraction, cut off at
    the decimals the venue keeps; null also where nothing is left to divide by."""
    maintenance_margin_rate: Decimal | None
    """Maintenance margin over equity, or over the margin balance where the venue divides by that, as a fraction, cut
    off at the decimals the venue keeps; null also where nothing is left to divide by."""
    margin_ratio: Decimal | None
    """Maintenance margin over equity (the margin balance where the venue divides its rates by that), or that over it,
    the way up the venue prints it, as a fraction; null also where nothing is left."""
    margin_level: Decimal | None
    """Equity over initial (used) margin, or the margin balance over it where the venue divides its rates by that, as a
    fraction."""
    risk_rate: Decimal | None
    """The venue's own number for the account's standing, at or below zero a liquidation; null also where the venue has
    none on file."""
    asset_level: Decimal | None
    """Assets over debts, assets being equity and debts together; null without debts."""
    debt_ratio: Decimal | None
    """Debts over assets, assets being equity and debts together, as a fraction; null also where there are no assets."""
    available: Decimal | None
    """What is free for new positions, negative when it falls short, in the account's currency: equity, or the margin
    balance where the venue divides by that, less initial margin and order margin."""
    withdrawable: Decimal | None
    """What of `available` is no profit still unrealised or unsettled, zero at least, in the account's currency; null
    also where equity or the margin balance is given and the unrealised profit in it is not."""
    liquidation_buffer: Decimal | None
    """What equity, or the margin balance where the venue divides its rates by that, may lose before the account is
    closed, negative when it has lost more, in the account's currency; null also where the venue publishes no such
    level."""
    effective_leverage: Decimal | None
    """The `notional` given over equity, in times; null also where no equity is left."""
    state: AccountState | None
    """Where the account stands between its call and its forced close; with less than nothing left, or a risk rate at or
    below zero, a liquidation. Null where the close is not known."""
