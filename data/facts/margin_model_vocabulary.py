"""Words of margin models: how rates are applied, on which price, with which fees, and how venues round and rank."""

from __future__ import annotations

from enum import StrEnum


class LadderKind(StrEnum):
    """How a rung's rate is applied."""

    MARGINAL = "marginal"
    """Each slice of the position at the rate of its own rung, that is `V*r - d`: continuous across rungs."""
    STEP = "step"
    """The whole position at the rate of the rung that holds it: margin jumps at a rung's floor."""


class ValueBasis(StrEnum):
    """Which price values the position for a margin."""

    ENTRY = "entry"
    """The average entry price; the margin does not move with the market."""
    MARK = "mark"
    """The mark price of the moment; in a liquidation price, the price solved for."""
    FROZEN_MARK = "frozen_mark"
    """The mark price of now, held still while the liquidation price is solved for."""


class CloseFee(StrEnum):
    """Which fee for closing by force counts as required margin."""

    NONE = "none"
    TAKER = "taker"
    LIQUIDATION = "liquidation"


class CloseFeeBasis(StrEnum):
    """At which price the fee for closing is reckoned."""

    PRICE = "price"
    """At the price solved for."""
    FROZEN_MARK = "frozen_mark"
    BANKRUPTCY = "bankruptcy"


class ReportedFee(StrEnum):
    """Which fee a reported margin contains beside the margin itself: one for closing, unless it says otherwise."""

    NONE = "none"
    AT_BANKRUPTCY = "at_bankruptcy"
    """`V*(1 - s/L)*f` (inverse `V*(1 + s/L)*f`): the value at the bankruptcy price."""
    ON_VALUE_AND_MARGIN = "on_value_and_margin"
    """`(V + margin)*f`, the same for both sides."""
    ON_VALUE_AND_DEPOSIT = "on_value_and_deposit"
    """`(V + V/L + A/(1 - f))*f`, the same for both sides: margin `A` added by hand is what a deposit left of itself."""
    OPENING = "opening"
    """`V*f` at entry, the fee of opening, in the margin of a position that is open. An order pays it beside."""


class PriceRounding(StrEnum):
    """In which direction a printed price is pushed to the tick."""

    NONE = "none"
    TOWARD_ENTRY = "toward_entry"
    """Up for a long, down for a short: never better for the client than the exact price."""
    AWAY_FROM_ENTRY = "away_from_entry"
    """Down for a long, up for a short."""


class MoneyRounding(StrEnum):
    """How a printed amount is rounded."""

    DOWN = "down"
    UP = "up"
    HALF_UP = "half_up"
    CEILING = "ceiling"
    """Of a fee: what is paid up, what is received down, both in the venue's favour."""


class MarginRatioForm(StrEnum):
    """Which way up a venue prints its margin ratio."""

    REQUIREMENT_OVER_EQUITY = "requirement_over_equity"
    EQUITY_OVER_REQUIREMENT = "equity_over_requirement"


class AdlRanking(StrEnum):
    """The published formula by which a venue ranks winners for deleveraging."""

    UNKNOWN = "unknown"
    """The venue deleverages, by a formula that no page we read gives in full."""
    PROFIT_AND_LEVERAGE = "profit_and_leverage"
    RETURN_AND_MAINTENANCE = "return_and_maintenance"
    PRICE_AND_LEVERAGE = "price_and_leverage"
    RETURN = "return"
    RANDOM = "random"
    NONE_SOCIALISED = "none_socialised"
    """No deleveraging: a shortfall is shared among winners."""
    NONE_CONTRACT_EXTINGUISHMENT = "none_contract_extinguishment"
    """No deleveraging by rank: clearing may tear contracts up at the end of its waterfall."""
    NONE = "none"
    """No deleveraging: a shortfall stays with the debtor or a clearing house's waterfall."""


class InterestAccrual(StrEnum):
    """How interest on a loan accrues."""

    STARTED_HOURS = "started_hours"
    OPENING_AND_ROLLOVER = "opening_and_rollover"
    COMPOUNDING_HOURS = "compounding_hours"


class AccountKind(StrEnum):
    """How a venue margins an account as a whole."""

    STANDARD = "standard"
    PORTFOLIO = "portfolio"
    """Margin from scenarios of the whole portfolio."""


class AccountBasis(StrEnum):
    """What of an account a venue divides its margins by, and takes them from for what is available."""

    EQUITY = "equity"
    MARGIN_BALANCE = "margin_balance"
    """Equity less what the venue does not count for margin (haircuts, other reserves)."""


class RiskRateForm(StrEnum):
    """How a venue restates the standing of an account or position as one number, at or below zero a liquidation."""

    EQUITY_OVER_USED_LESS_FACTOR = "equity_over_used_less_factor"
    """Equity over occupied margin, less the adjustment factor."""
    EQUITY_OVER_REQUIREMENT_LESS_ONE = "equity_over_requirement_less_one"


class ValuePrice(StrEnum):
    """Which price stands for the mark price wherever a venue values a position for margin."""

    MARK = "mark"
    LOWER_OF_MARK_AND_INDEX = "lower_of_mark_and_index"
