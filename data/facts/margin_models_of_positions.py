"""Models of the margin of a position: it is closed when its equity falls to a requirement.

Symbols used in the descriptions: `Q` size (coins for linear, quote units for inverse), `E` entry price, `M` mark price,
`P` the price solved for, `V` position value (linear `Q*E` or `Q*M`, inverse `Q/E` or `Q/M`), `L` leverage, `r`
maintenance rate, `d` maintenance amount (the deduction), `f` fee rate, `s` +1 for a long and -1 for a short.
"""

from __future__ import annotations

from decimal import Decimal

from msgspec import Struct

from data.facts.margin_model_base import MarginModel
from data.facts.margin_model_vocabulary import CloseFee, CloseFeeBasis, LadderKind, ReportedFee, ValueBasis


class PartialLiquidationTerms(Struct, frozen=True, kw_only=True):
    """How a venue closes a share of every position of an account."""

    share_step: Decimal
    """Fraction of every position: the share closed is the smallest multiple of it that is enough."""
    target_margin_ratio: Decimal
    """Fraction below which maintenance margin over equity is brought."""
    penalty_share: Decimal
    """Fraction of the maintenance margin closed that is taken as penalty."""


class RequirementModel(MarginModel, frozen=True, kw_only=True):
    """Base of the models in which a position is closed when its equity falls to a requirement.

    Linear equity is `margin + s*Q*(P - E)`, inverse `margin + s*Q*(1/E - 1/P)`. The requirement is maintenance margin
    with the reserve for funding, plus the close fee.
    """

    initial_basis: ValueBasis = ValueBasis.ENTRY
    """Which price values the position for initial margin; what is posted to an isolated position is always reckoned at
    the entry price."""
    maintenance_basis: ValueBasis = ValueBasis.MARK
    """Which price values the position for maintenance margin."""
    close_fee: CloseFee = CloseFee.NONE
    """Which fee for closing by force counts as required margin."""
    close_fee_basis: CloseFeeBasis = CloseFeeBasis.PRICE
    """At which price that fee is reckoned in a liquidation price; in a margin ratio it is on the present value."""
    close_fee_rate: Decimal | None = None
    """Rate of the close fee, a fraction of value, where neither the venue's fees on file nor the request give one; null
    where none stands in."""
    funding_reserve: bool = False
    """Whether the next funding that the side has to pay, on the value at entry, counts as maintenance margin."""
    posted_margin_bears_fee: bool = False
    """Whether the fee for closing at the bankruptcy price backs an isolated position on top of the margin posted."""
    order_bears_open_loss: bool = False
    """Whether an order is asked for margin at its own price and for what it loses at once against the mark price."""
    bankruptcy_bears_fee: bool = False
    """Whether the bankruptcy price leaves what the close fee takes."""
    initial_reported_fee: ReportedFee = ReportedFee.NONE
    """Fee that the initial margin reported contains."""
    maintenance_reported_fee: ReportedFee = ReportedFee.NONE
    """Fee that the maintenance margin reported contains."""
    assigned_fee: ReportedFee = ReportedFee.NONE
    """Fee that the margin shown with an isolated position contains."""
    cross_margin_less_fee: bool = False
    """Whether the margin shown with a cross position is its balance less the fee of closing at the bankruptcy price."""
    partial_liquidation: PartialLiquidationTerms | None = None
    """How the venue closes positions in part; null where that is not on file."""
    position_value_basis: ValueBasis = ValueBasis.ENTRY
    """Which price values what the venue calls the position's value."""
    leverage_reciprocal_places: int | None = None
    """Decimals to which one over the leverage is rounded up before it multiplies the value; null leaves it exact."""
    leverage_reciprocal_settle: str | None = None
    """Settlement currency of the contracts for which the venue rounds so; null where it does not."""


class TieredMargin(RequirementModel, frozen=True, kw_only=True, tag="tiered"):
    """Rates from a ladder, marginal with a deduction or by step on the whole position."""

    ladder: LadderKind
    """How maintenance rates are applied: each slice at the rate of its own rung, or one rate for the whole position."""
    initial_ladder: LadderKind = LadderKind.STEP
    """How initial rates are applied: where they are marginal too, a position has more leverage than its last rung
    names."""


class HalfOfInitialMargin(RequirementModel, frozen=True, kw_only=True, tag="half_of_initial"):
    """Maintenance is a share of initial margin at the rung's highest leverage, whatever leverage is chosen.

    The ladder is marginal. Source of the family: Hyperliquid, margin tiers (share one half).
    """

    share: Decimal
    """Fraction of that initial margin; a rung that states a maintenance rate of its own has that instead."""


class AdjustmentFactorMargin(RequirementModel, frozen=True, kw_only=True, tag="adjustment_factor"):
    """Maintenance is an adjustment factor over the chosen leverage: `r = factor / L`.

    The factor comes with the terms of a position; without it the rates stated or those of the ladder hold. Source of
    the family: HTX contracts.
    """


class InstrumentSlope(Struct, frozen=True, kw_only=True):
    """Rates of one underlying that grow by a constant with each coin of size."""

    base: str
    """The underlying coin."""
    settle: str
    """What the contracts settle in."""
    initial_base_rate: Decimal
    """Initial margin rate of the smallest position, a fraction of its value."""
    maintenance_base_rate: Decimal
    """Maintenance margin rate of the smallest position, a fraction of its value."""
    rate_per_coin: Decimal
    """What each coin of size adds to both rates, a fraction."""


class SlopeMargin(RequirementModel, frozen=True, kw_only=True, tag="slope"):
    """`rate = base rate + rate_per_coin * size in coins`, on the whole position.

    An inverse position's size in coins is `Q/P`, so its requirement is quadratic in value.
    Source of the family: Deribit, standard margin.
    """

    slopes: tuple[InstrumentSlope, ...]
    """Rates by underlying and settlement currency, unless a position states its own; of others none are on file."""


class ConstantLadder(Struct, frozen=True, kw_only=True):
    """Constants of one instrument: `r = 1/(2*leverage_constant) * (1 + coins/size_constant)`, at most `limit`."""

    instrument: str
    leverage_constant: Decimal
    """Highest leverage, times; half of one over it is the maintenance rate of the smallest position."""
    size_constant: Decimal
    """Size in coins at which the maintenance rate is twice that of the smallest position."""
    limit: Decimal
    """The highest maintenance rate, a fraction of the position's value."""


class ConstantLadderMargin(RequirementModel, frozen=True, kw_only=True, tag="constant_ladder"):
    """Maintenance grows smoothly with size through constants of the instrument. Source: KuCoin cross margin records."""

    constants: tuple[ConstantLadder, ...]
    """Constants by instrument, of linear contracts; others have the rates of their ladder."""


class UnitRate(Struct, frozen=True, kw_only=True):
    """Product leverage and unit margin rate of one instrument."""

    instrument: str
    product_leverage: Decimal
    """Highest leverage of the instrument, times."""
    unit_margin_rate: Decimal
    """Rate per coin of size, as printed."""


class UnitRateMargin(RequirementModel, frozen=True, kw_only=True, tag="unit_rate"):
    """`rate = min(1, max(1/account leverage, 1/product leverage, unit margin rate * size))` on the position's value.

    Source of the family: Crypto.com, risk parameters.
    """

    rates: tuple[UnitRate, ...]
    """Rates by instrument; of others none are on file."""
    maintenance_share: Decimal | None
    """Fraction of the initial margin rate that the maintenance rate is; null where the venue does not publish it."""


class LiquidityTier(Struct, frozen=True, kw_only=True):
    """Margin fractions of a class of markets."""

    name: str
    """Name of the class, as the venue gives it."""
    initial_margin_fraction: Decimal
    """Initial margin rate up to the lower cap, a fraction of the position's value."""
    maintenance_margin_fraction: Decimal
    """Maintenance margin rate, a fraction of the position's value."""
    open_interest_lower_cap: Decimal | None
    """Open interest, in settlement currency, above which the initial rate rises; null where it does not rise."""
    open_interest_upper_cap: Decimal | None
    """Open interest, in settlement currency, at which the initial rate is one; null where it does not rise."""


class OpenInterestMargin(RequirementModel, frozen=True, kw_only=True, tag="open_interest"):
    """Initial margin grows with the market's open interest; maintenance does not.

    `IMF_eff = min(1, IMF + max(0, (OI - lower)/(upper - lower)) * (1 - IMF))`. Source of the family: dYdX v4.
    """

    liquidity_tiers: tuple[LiquidityTier, ...]
    """The classes of markets. A market's class is the first with the initial and maintenance rate of its ladder."""


class BondRate(Struct, frozen=True, kw_only=True):
    """What clearing asks for one underlying, as rates of value."""

    base: str
    """The underlying coin."""
    initial_rate: Decimal
    """Initial margin rate, a fraction of the position's value."""
    maintenance_rate: Decimal
    """Maintenance margin rate, a fraction of the position's value."""


class PerformanceBond(RequirementModel, frozen=True, kw_only=True, tag="performance_bond"):
    """A deposit per contract or a rate of value that clearing sets; it may differ by session and side.

    The carrying broker may ask for more and decides when to close, so a liquidation price is the exchange's minimum at
    best. Maintenance null in the ladder means that the exchange publishes none.
    """

    bond_rates: tuple[BondRate, ...] = ()
    """Rates by underlying, unless a position states its own; others have those of the ladder."""
    day_session_only: bool = False
    """Whether a smaller deposit holds during the day session alone, for readers: no figure is reckoned with it."""
