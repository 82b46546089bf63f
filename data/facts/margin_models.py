"""Typed margin models: which formula a venue uses, with the parameters its facts give.

One Struct per family of formulas, told apart by `model` in the curated file. A model says for which products, kinds of
contract and margin modes it holds; `select_model` finds the one that covers a position.

Symbols used in the descriptions: `Q` size (coins for linear, quote units for inverse), `E` entry price, `M` mark price,
`P` the price solved for, `V` position value (linear `Q*E` or `Q*M`, inverse `Q/E` or `Q/M`), `L` leverage, `r`
maintenance rate, `d` maintenance amount (the deduction), `f` fee rate, `s` +1 for a long and -1 for a short.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from enum import StrEnum

from msgspec import Struct

from data.facts.fact import Fact
from data.facts.vocabulary import ContractType, MarginMode, Product, TriggerPrice


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


class AccountRates(Struct, frozen=True, kw_only=True):
    """What a venue reckons an account's margin rates on, and the decimals at which it cuts them off."""

    account: AccountKind
    basis: AccountBasis
    places: int | None = None


class RiskRateForm(StrEnum):
    """How a venue restates the standing of an account or position as one number, at or below zero a liquidation."""

    EQUITY_OVER_USED_LESS_FACTOR = "equity_over_used_less_factor"
    """Equity over occupied margin, less the adjustment factor."""
    EQUITY_OVER_REQUIREMENT_LESS_ONE = "equity_over_requirement_less_one"


class ValuePrice(StrEnum):
    """Which price stands for the mark price wherever a venue values a position for margin."""

    MARK = "mark"
    LOWER_OF_MARK_AND_INDEX = "lower_of_mark_and_index"


class SymbolSettle(Struct, frozen=True, kw_only=True):
    """A symbol that ends in `ending` is of a contract that settles in `settle`."""

    ending: str
    settle: str


class PartialLiquidationTerms(Struct, frozen=True, kw_only=True):
    """How a venue closes a share of every position: the smallest multiple of `share_step` that brings maintenance over
    equity below `target_margin_ratio`; `penalty_share` of the maintenance margin closed is taken as penalty.
    """

    share_step: Decimal
    target_margin_ratio: Decimal
    penalty_share: Decimal


class MarginModel(Fact, frozen=True, kw_only=True, tag_field="model"):
    """Base of the margin models: what they hold for, and what is the same in all of them.

    `title` names the model for readers; `caveats` are approximations that always come with it. Prices are rounded only
    where `tick_size` is known. `highest_price` is what the venue prints for a price that nothing can reach upward;
    `lowest_price_is_tick` says that it prints one tick for a price at or below zero.
    """

    venue: str
    title: str
    products: tuple[Product, ...]
    contract_types: tuple[ContractType, ...]
    margin_modes: tuple[MarginMode, ...] = (MarginMode.ANY,)
    trigger_price: TriggerPrice = TriggerPrice.MARK
    liquidation_rounding: PriceRounding = PriceRounding.NONE
    bankruptcy_rounding: PriceRounding = PriceRounding.NONE
    highest_price: Decimal | None = None
    lowest_price_is_tick: bool = False
    money_places: int | None = None
    money_rounding: MoneyRounding = MoneyRounding.DOWN
    value_places: int | None = None
    """Decimals to which position values are rounded before they are subtracted: cost up, mark value down."""
    funding_places: int | None = None
    funding_rounding: MoneyRounding = MoneyRounding.DOWN
    """`up` is away from zero, `down` towards it."""
    fee_places: int | None = None
    """Decimals to which the venue rounds a trading fee."""
    fee_rounding: MoneyRounding = MoneyRounding.DOWN
    """`up` is away from zero, `down` towards it."""
    margin_ratio_form: MarginRatioForm = MarginRatioForm.REQUIREMENT_OVER_EQUITY
    margin_call_ratio: Decimal | None = None
    """The margin ratio at which the venue warns, the way up it prints it; null where it names none."""
    adl_ranking: AdlRanking = AdlRanking.UNKNOWN
    account_rates: tuple[AccountRates, ...] = ()
    """Empty where the venue's own rates of an account are not known."""
    isolated_risk_rate: RiskRateForm | None = None
    cross_risk_rate: RiskRateForm | None = None
    value_price: ValuePrice = ValuePrice.MARK
    prints_negative_prices: bool = False
    """Where nothing liquidates a position the venue prints the formula's negative price."""
    funding_cap_multiplier: Decimal | None = None
    """Eight hours of funding are capped at this times initial less maintenance margin rate."""
    symbol_settles: tuple[SymbolSettle, ...] = ()
    """By how the venue spells its symbols, what a contract that the facts do not list settles in."""
    caveats: tuple[str, ...] = ()

    def covers(self, product: Product, contract_type: ContractType, margin_mode: MarginMode | None) -> int | None:
        """Return how closely the model fits a position, the lower the closer; null when it does not hold for it.

        Without a margin mode a model for any is the closest, then that of isolated positions.
        """
        if product not in self.products or contract_type not in self.contract_types:
            return None
        modes = self.margin_modes
        if margin_mode is None or margin_mode is MarginMode.ANY:
            if MarginMode.ANY in modes:
                return 0
            return 1 if MarginMode.ISOLATED in modes else 2
        if margin_mode in modes:
            return 0
        return 1 if MarginMode.ANY in modes else None


class RequirementModel(MarginModel, frozen=True, kw_only=True):
    """Base of the models in which a position is closed when its equity falls to a requirement.

    Linear equity is `margin + s*Q*(P - E)`, inverse `margin + s*Q*(1/E - 1/P)`. The requirement is maintenance, on
    `maintenance_basis`, plus the close fee and, where `funding_reserve`, the next funding the side has to pay on `V`
    at entry. `posted_margin_bears_fee` adds the fee at the bankruptcy price to the margin posted at a leverage;
    `bankruptcy_bears_fee` leaves the close fee in the bankruptcy price.
    """

    initial_basis: ValueBasis = ValueBasis.ENTRY
    maintenance_basis: ValueBasis = ValueBasis.MARK
    close_fee: CloseFee = CloseFee.NONE
    close_fee_basis: CloseFeeBasis = CloseFeeBasis.PRICE
    close_fee_rate: Decimal | None = None
    """Rate of the close fee where the venue fixes one; otherwise the rate of the terms."""
    funding_reserve: bool = False
    posted_margin_bears_fee: bool = False
    order_bears_open_loss: bool = False
    """An order is asked for the margin at its own price and for what it loses at once against the mark price."""
    bankruptcy_bears_fee: bool = False
    initial_reported_fee: ReportedFee = ReportedFee.NONE
    maintenance_reported_fee: ReportedFee = ReportedFee.NONE
    assigned_fee: ReportedFee = ReportedFee.NONE
    """Fee that the margin shown with an isolated position contains."""
    cross_margin_less_fee: bool = False
    """The margin shown with a cross position is its balance less the fee for closing at the bankruptcy price."""
    partial_liquidation: PartialLiquidationTerms | None = None
    position_value_basis: ValueBasis = ValueBasis.ENTRY
    """At which price the venue reckons what it calls the position's value."""
    leverage_reciprocal_places: int | None = None
    """Decimals to which `1/L` is rounded up before it multiplies the value, in `leverage_reciprocal_settle`."""
    leverage_reciprocal_settle: str | None = None


class TieredMargin(RequirementModel, frozen=True, kw_only=True, tag="tiered"):
    """Rates from a ladder, marginal with a deduction or by step on the whole position.

    `ladder` is how maintenance rates are applied, `initial_ladder` how initial ones are: where those are marginal too,
    a position has more leverage than its last rung names.
    """

    ladder: LadderKind
    initial_ladder: LadderKind = LadderKind.STEP


class HalfOfInitialMargin(RequirementModel, frozen=True, kw_only=True, tag="half_of_initial"):
    """Maintenance is `share` of initial margin at the rung's highest leverage, whatever leverage is chosen.

    The ladder is marginal. Source of the family: Hyperliquid, margin tiers (share one half).
    """

    share: Decimal


class AdjustmentFactorMargin(RequirementModel, frozen=True, kw_only=True, tag="adjustment_factor"):
    """Maintenance is the tier's adjustment factor over the chosen leverage: `r = factor / L`.

    Source of the family: HTX contracts.
    """


class InstrumentSlope(Struct, frozen=True, kw_only=True):
    """Rates of one underlying that grow by a constant with each coin of size."""

    base: str
    settle: str
    initial_base_rate: Decimal
    maintenance_base_rate: Decimal
    rate_per_coin: Decimal


class SlopeMargin(RequirementModel, frozen=True, kw_only=True, tag="slope"):
    """`rate = base rate + rate_per_coin * size in coins`, on the whole position.

    An inverse position's size in coins is `Q/P`, so its requirement is quadratic in value.
    Source of the family: Deribit, standard margin.
    """

    slopes: tuple[InstrumentSlope, ...]


class ConstantLadder(Struct, frozen=True, kw_only=True):
    """Constants of one instrument: `r = 1/(2*leverage_constant) * (1 + coins/size_constant)`, at most `limit`."""

    instrument: str
    leverage_constant: Decimal
    size_constant: Decimal
    limit: Decimal


class ConstantLadderMargin(RequirementModel, frozen=True, kw_only=True, tag="constant_ladder"):
    """Maintenance grows smoothly with size through constants of the instrument. Source: KuCoin cross margin records."""

    constants: tuple[ConstantLadder, ...]


class UnitRate(Struct, frozen=True, kw_only=True):
    """Product leverage and unit margin rate of one instrument."""

    instrument: str
    product_leverage: Decimal
    unit_margin_rate: Decimal
    """Rate per coin of size, as printed."""


class UnitRateMargin(RequirementModel, frozen=True, kw_only=True, tag="unit_rate"):
    """`rate = min(1, max(1/account leverage, 1/product leverage, unit margin rate * |Q|))` on mark value.

    Maintenance is `maintenance_share` of it, null where the venue does not publish the share.
    Source of the family: Crypto.com, risk parameters.
    """

    rates: tuple[UnitRate, ...]
    maintenance_share: Decimal | None


class LiquidityTier(Struct, frozen=True, kw_only=True):
    """Margin fractions of a class of markets. The caps bound open interest, in settlement currency."""

    name: str
    initial_margin_fraction: Decimal
    maintenance_margin_fraction: Decimal
    open_interest_lower_cap: Decimal | None
    open_interest_upper_cap: Decimal | None


class OpenInterestMargin(RequirementModel, frozen=True, kw_only=True, tag="open_interest"):
    """Initial margin grows with the market's open interest; maintenance does not.

    `IMF_eff = min(1, IMF + max(0, (OI - lower)/(upper - lower)) * (1 - IMF))`. Source of the family: dYdX v4.
    """

    liquidity_tiers: tuple[LiquidityTier, ...]


class MarginLevel(MarginModel, frozen=True, kw_only=True, tag="margin_level"):
    """One level for the whole account: equity over used margin, with a call and a forced close.

    Used margin is opening cost over leverage: fixed in quote currency for a long, fixed in the borrowed coin (so that
    its worth floats with the price) for a short where `short_used_margin_floats`. A level null is not published.
    Source of the family: Kraken, spot margin.
    """

    call_level: Decimal | None
    close_level: Decimal
    short_used_margin_floats: bool
    interest_accrual: InterestAccrual
    interest_block_hours: Decimal | None = None
    interest_places: int | None = None
    interest_rounding: MoneyRounding = MoneyRounding.HALF_UP

    @property
    def lends_whole_cost(self) -> bool:
        """Whether a leveraged long pays interest on its whole cost, of which the collateral held is not deducted.

        So does whoever charges an opening fee and rollovers. Source: Kraken, fees for trading using margin.
        """
        return self.interest_accrual is InterestAccrual.OPENING_AND_ROLLOVER


class LiabilityMargin(MarginModel, frozen=True, kw_only=True, tag="liability"):
    """Marginal rates on the value of each borrowed coin, summed; closed when net equity falls to maintenance.

    Where a venue watches debts alone, `close_asset_level` is assets over debts at the forced close, or
    `close_debt_ratio` debts over assets there and `call_debt_ratio` where it warns.
    Source of the family: Binance, cross margin pro.
    """

    close_level: Decimal | None
    close_asset_level: Decimal | None = None
    close_debt_ratio: Decimal | None = None
    call_debt_ratio: Decimal | None = None
    interest_accrual: InterestAccrual
    interest_places: int | None = None
    interest_rounding: MoneyRounding = MoneyRounding.HALF_UP
    interest_caveats: tuple[str, ...] = ()
    """What the number of hours alone does not tell of the interest."""


class BondRate(Struct, frozen=True, kw_only=True):
    """What clearing asks for one underlying, as rates of value."""

    base: str
    initial_rate: Decimal
    maintenance_rate: Decimal


class PerformanceBond(RequirementModel, frozen=True, kw_only=True, tag="performance_bond"):
    """A deposit per contract or a rate of value that clearing sets; it may differ by session and side.

    The carrying broker may ask for more and decides when to close, so a liquidation price is the exchange's minimum at
    best. Maintenance null in the ladder means that the exchange publishes none.
    """

    bond_rates: tuple[BondRate, ...] = ()
    day_session_only: bool = False
    """Whether a smaller deposit holds during the day session alone."""


AnyMarginModel = (
    TieredMargin
    | HalfOfInitialMargin
    | AdjustmentFactorMargin
    | SlopeMargin
    | ConstantLadderMargin
    | UnitRateMargin
    | OpenInterestMargin
    | MarginLevel
    | LiabilityMargin
    | PerformanceBond
)
"""Every margin model, told apart by `model`."""

MODEL_KINDS: tuple[type[MarginModel], ...] = (
    TieredMargin,
    HalfOfInitialMargin,
    AdjustmentFactorMargin,
    SlopeMargin,
    ConstantLadderMargin,
    UnitRateMargin,
    OpenInterestMargin,
    MarginLevel,
    LiabilityMargin,
    PerformanceBond,
)


def select_model(
    models: Iterable[MarginModel], product: Product, contract_type: ContractType, margin_mode: MarginMode | None
) -> MarginModel | None:
    """Return the model of one venue that fits a position most closely; null when none holds for it.

    `models` are the venue's models that hold on the day asked about.
    """
    best: MarginModel | None = None
    closest = 3
    for model in models:
        distance = model.covers(product, contract_type, margin_mode)
        if distance is not None and distance < closest:
            best, closest = model, distance
    return best
