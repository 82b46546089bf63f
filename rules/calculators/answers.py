"""What the calculators answer. Money is in the settlement currency (base coin for an inverse contract)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum

from msgspec import Struct

from data.facts.margin_models import AdlRanking
from data.facts.venues import MarginTier
from data.facts.vocabulary import ClientClass
from rules.depth.book import ThinZone, Wall
from rules.depth.surroundings import VanishedWall
from rules.margin.account import AccountTotals
from rules.margin.partial import PartialLiquidation
from rules.margin.position import LiquidationState, PositionFigures


class Answer(Struct, frozen=True, kw_only=True):
    """What every answer says about itself. `approximations` is empty when nothing was left out."""

    release: str
    as_of: date
    sources: tuple[str, ...] = ()
    approximations: tuple[str, ...] = ()


class PositionAnswer(PositionFigures, frozen=True, kw_only=True):
    """Figures of one position.

    `model` names the margin model, `formula` says it in words. `tier_terms` is the rung that holds the size,
    `terms_from` where the margin terms come from: request, release, or model (the model alone knows them).
    `return_on_margin` is unrealised profit over entry value divided by leverage; `mark_price` the one reckoned with
    (given, or implied by the profit given); `other_requirement` what the other positions of the account require.
    `entry_price` is the one reckoned with, in the settlement currency. `net_unrealized_pnl` is the profit less the fee
    of opening. `available` is what equity leaves beside initial margin, `liquidation_buffer` what it leaves beside all
    that is required (negative: it falls short). `risk_rate` is the venue's own number for the position's standing.
    `tier_source` is the source of the ladder; `session`, `schedule` and `client_class` say which of a venue's ladders
    it is, where it keeps several.
    """

    release: str
    as_of: date
    model: str
    formula: str
    terms_from: str
    currency: str | None = None
    tier_terms: MarginTier | None = None
    tier_source: str | None = None
    session: str | None = None
    schedule: str | None = None
    client_class: ClientClass | None = None
    distance_to_liquidation_atr: Decimal | None = None
    return_on_margin: Decimal | None = None
    entry_price: Decimal | None = None
    mark_price: Decimal | None = None
    other_requirement: Decimal | None = None
    net_unrealized_pnl: Decimal | None = None
    available: Decimal | None = None
    liquidation_buffer: Decimal | None = None
    risk_rate: Decimal | None = None
    open_orders: OpenOrders | None = None
    at_fill: FillOutcome | None = None
    partial_liquidation: PartialLiquidation | None = None
    sources: tuple[str, ...] = ()


class OpenOrders(Struct, frozen=True, kw_only=True):
    """Open orders beside a position: the size of each side should all its orders fill, and the margin of the larger."""

    buy_open_size: Decimal
    sell_open_size: Decimal
    initial_margin: Decimal


class FillOutcome(Struct, frozen=True, kw_only=True):
    """A liquidated position closed at `price`: what it realised, the fee where a rate is known, and what is left.

    `shortfall` is the loss beyond the margin, which an insurance fund pays where there is one.
    """

    price: Decimal
    realized_pnl: Decimal
    fee: Decimal | None
    left: Decimal
    shortfall: Decimal


class AccountAnswer(Answer, frozen=True, kw_only=True):
    """Figures of a cross account: totals, and each position."""

    account: AccountTotals
    positions: tuple[PositionAnswer, ...]
    partial_liquidation: PartialLiquidation | None = None


class AccountState(StrEnum):
    """Where an account stands: a call comes before the forced close where the venue makes one."""

    SOUND = "sound"
    MARGIN_CALL = "margin_call"
    LIQUIDATION = "liquidation"


class AccountStandingAnswer(Answer, frozen=True, kw_only=True):
    """An account by its totals; null where nothing given tells a figure.

    `margin_balance` is the part of equity that counts for margin. The two rates are margin over what the venue divides
    by, as it cuts them off; `margin_ratio` is maintenance and equity the way up the venue prints it, `margin_level`
    equity over initial (used) margin, `risk_rate` the venue's own number. `available` is free for new positions, below
    zero when it falls short; `withdrawable` leaves out profit not yet realised or settled. `liquidation_buffer` is what
    equity may lose before the account is closed. With debts, `asset_level` is assets over debts and `debt_ratio` debts
    over assets, assets being equity and debts together.
    """

    model: str
    formula: str
    equity: Decimal | None
    margin_balance: Decimal | None
    collateral_value: Decimal | None
    initial_margin: Decimal | None
    maintenance_margin: Decimal | None
    initial_margin_rate: Decimal | None
    maintenance_margin_rate: Decimal | None
    margin_ratio: Decimal | None
    margin_level: Decimal | None
    risk_rate: Decimal | None
    asset_level: Decimal | None
    debt_ratio: Decimal | None
    available: Decimal | None
    withdrawable: Decimal | None
    liquidation_buffer: Decimal | None
    effective_leverage: Decimal | None
    state: AccountState | None


class MarginAnswer(Answer, frozen=True, kw_only=True):
    """Margins of one position."""

    model: str
    formula: str
    notional: Decimal
    position_value: Decimal
    initial_margin: Decimal | None
    maintenance_margin: Decimal | None
    margin_ratio: Decimal | None
    risk_rate: Decimal | None
    equity: Decimal | None
    available: Decimal | None
    assigned_margin: Decimal | None
    open_orders: OpenOrders | None
    tier: int | None
    tier_terms: MarginTier | None
    max_leverage: Decimal | None
    max_value_at_leverage: Decimal | None


class LiquidationAnswer(Answer, frozen=True, kw_only=True):
    """Where one position ends."""

    model: str
    formula: str
    liquidation: LiquidationState | None
    liquidation_price: Decimal | None
    unreachable_price: bool
    printed_price: Decimal | None
    bankruptcy_price: Decimal | None
    margin_call_price: Decimal | None
    distance_to_liquidation: Decimal | None
    distance_in_price: Decimal | None
    distance_to_liquidation_atr: Decimal | None
    liquidation_buffer: Decimal | None
    remaining_after_liquidation: Decimal | None
    at_fill: FillOutcome | None
    partial_liquidation: PartialLiquidation | None
    liquidation_price_per_margin: Decimal | None
    tier: int | None
    tier_at_liquidation: int | None


class FeesAnswer(Answer, frozen=True, kw_only=True):
    """The fee of one fill: positive is paid, negative a rebate. `contract_fee` is what is charged per contract.

    With an exit price, `exit_fee` is the fee of closing the same size there and `round_trip_fee` both together.
    """

    fee: Decimal
    exit_fee: Decimal | None
    round_trip_fee: Decimal | None
    fee_rate: Decimal | None
    notional: Decimal
    currency: str | None
    tier: str | None
    contract_fee: Decimal | None
    fee_on_margin: Decimal | None


class FundingAnswer(Answer, frozen=True, kw_only=True):
    """Funding of a holding period: positive is received, negative paid. `cap` and `floor` are of one interval.

    `funding_per_unit` is what one unit of size of a long pays over the period (null without a price): an accrual index
    moves by it. `cap_8h` bounds eight hours of funding where the venue derives its cap from margin rates.
    """

    funding: Decimal
    intervals: Decimal
    funding_rate: Decimal
    position_value: Decimal
    interval_hours: Decimal | None
    rate_annualised: Decimal | None
    cap: Decimal | None
    floor: Decimal | None
    cap_8h: Decimal | None
    funding_per_unit: Decimal | None
    formula: str


class BorrowAnswer(Answer, frozen=True, kw_only=True):
    """Interest of a loan, how often it accrued, and by which rule."""

    interest: Decimal
    accruals: Decimal
    rule: str
    hourly_rate: Decimal | None


class SizeCap(Struct, frozen=True, kw_only=True):
    """A bound on the notional beside the risk."""

    name: str
    notional: Decimal
    binds: bool


class SizingAnswer(Answer, frozen=True, kw_only=True):
    """The largest position whose loss at the stop stays within the risk, and what bounds it.

    `stop_price` is the one given, or (for a size given) the one asked: null when no price costs as much as the risk.
    `stop_distance` is its distance from the entry price as a fraction of that.

    `loss_at_stop` and `initial_margin` are in the settlement currency, `currency` (null where no instrument is named:
    then the one equity is in), `loss_of_equity` in the currency of equity, `equity_currency`: `risk_fraction` is that
    over equity. One is turned into the other at the price of the fill; `loss_at_stop` is null where there is none.
    """

    notional: Decimal
    quantity: Decimal
    loss_at_stop: Decimal | None
    loss_of_equity: Decimal
    currency: str | None
    equity_currency: str | None
    risk_fraction: Decimal
    initial_margin: Decimal | None
    leverage_needed: Decimal
    stop_price: Decimal | None
    stop_distance: Decimal | None
    caps: tuple[SizeCap, ...]
    formula: str


class BreakEvenAnswer(Answer, frozen=True, kw_only=True):
    """Where a position has earned back its costs. `opening_break_even_price` counts the opening fee alone."""

    break_even_price: Decimal | None
    opening_break_even_price: Decimal
    entry_fee_rate: Decimal
    exit_fee_rate: Decimal
    funding: Decimal | None
    formula: str


class AdlAnswer(Answer, frozen=True, kw_only=True):
    """A place in the deleveraging queue. `score` null: the venue publishes no formula, or deleverages nobody."""

    score: Decimal | None
    ranking: AdlRanking
    rule: str
    exists: bool | None
    rank: int | None
    lights: int | None
    counterparty_price: str | None


class ClusterAnswer(Struct, frozen=True, kw_only=True):
    """A cluster of others' liquidations, and what rests between the mid price and it.

    `resting_notional` is in quote currency, the cluster's own price included, and `resting_share` is that over the
    cluster's notional; where `book_reaches` is false the book ends before the cluster, and more may rest. `adverse`
    says whether it lies in the losing direction from the mid price, `before_stop` whether between entry and stop (the
    stop's own price included); null without `side` or `stop_price`.
    """

    price: Decimal
    notional: Decimal
    side: str
    resting_notional: Decimal
    resting_share: Decimal
    book_reaches: bool
    adverse: bool | None
    before_stop: bool | None


class OrderBookAnswer(Answer, frozen=True, kw_only=True):
    """What a book says. `slippage` is the fraction by which the average price is worse than the mid price.

    `clusters` come in the order asked, each with the side of the book that stands before it. A list that needs an input
    which was not given is null: `walls_before_target` the target, `thin_zones_before_liquidation` the liquidation
    price, `vanished_walls` the earlier book. The multiples and the share are those that were applied.
    """

    mid_price: Decimal | None
    imbalance: Decimal | None
    average_price: Decimal | None
    worst_price: Decimal | None
    slippage: Decimal | None
    depth_taken: Decimal | None
    filled: Decimal | None
    unfilled: Decimal | None
    walls: tuple[Wall, ...]
    thin_zones: tuple[ThinZone, ...]
    entry_price: Decimal | None
    walls_before_target: tuple[Wall, ...] | None
    thin_zones_before_liquidation: tuple[ThinZone, ...] | None
    clusters: tuple[ClusterAnswer, ...] | None
    vanished_walls: tuple[VanishedWall, ...] | None
    wall_multiple: Decimal
    thin_multiple: Decimal
    vanished_share: Decimal
