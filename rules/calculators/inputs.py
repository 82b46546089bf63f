"""What the calculators take. An absent input is null, never a default that stands for a fact."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from data.facts.amounts import Amount
from data.facts.vocabulary import ClientClass, ContractType, MarginMode, NotionalBasis, Product, Side
from rules.costs.fees import Liquidity
from rules.margin.position import LadderUnit, SizeUnit
from rules.trade import Input, LiquidationCluster, OrderBook


class FeeSide(StrEnum):
    """Direction of a trade whose fee is asked: `long` buys, `short` sells."""

    LONG = "long"
    SHORT = "short"
    BUY = "buy"
    SELL = "sell"


class TierInput(Input, frozen=True, kw_only=True):
    """One rung of a ladder given in place of the release's. A `cap` of null is no upper bound."""

    floor: Amount
    cap: Amount | None = None
    maintenance_margin_rate: Amount | None = None
    maintenance_amount: Amount | None = None
    initial_margin_rate: Amount | None = None
    max_leverage: Amount | None = None
    tier: int | None = None


class TermsInput(Input, frozen=True, kw_only=True):
    """Terms in place of the release's; rates are fractions.

    A term that states the margin (`maintenance_margin_rate`, `maintenance_amount`, `initial_margin_rate`,
    `max_leverage`, `base_rate`, `adjustment_factor` or `ladder`) describes the contract whole: then neither the ladder
    nor the fees nor the tick of the release are mixed in, so that a published example comes out as published.
    `ladder_unit` says what the ladder's floors and caps count. `notional_basis` values both margins at entry or mark.
    `base_rate` and `rate_per_coin` are of a margin that grows with size; `maintenance_base_rate` where it differs.
    """

    contract_type: ContractType | None = None
    contract_size: Amount | None = None
    maintenance_margin_rate: Amount | None = None
    maintenance_amount: Amount | None = None
    initial_margin_rate: Amount | None = None
    max_leverage: Amount | None = None
    taker_fee_rate: Amount | None = None
    maker_fee_rate: Amount | None = None
    fee_rate: Amount | None = None
    funding_rate: Amount | None = None
    liquidation_fee_rate: Amount | None = None
    tick_size: Amount | None = None
    base_rate: Amount | None = None
    maintenance_base_rate: Amount | None = None
    rate_per_coin: Amount | None = None
    adjustment_factor: Amount | None = None
    ladder: tuple[TierInput, ...] | None = None
    ladder_unit: LadderUnit = LadderUnit.VALUE
    notional_basis: NotionalBasis | None = None
    hourly_rate: Amount | None = None
    daily_rate: Amount | None = None
    opening_fee_rate: Amount | None = None
    rollover_fee_rate: Amount | None = None


class LegInput(Input, frozen=True, kw_only=True):
    """One position. `size_unit`: base (coins), contracts, or quote (an inverse contract's USD).

    By default a size counts contracts when the contract size is known, else quote units for an inverse contract and
    coins for a linear one. Without `entry_price` the mark price stands for it. `close_fee_reserve` is the fee for
    closing as the venue shows it, in place of one reckoned from the taker rate. `index_price` counts where a venue
    values by the lower of mark and index. `settlement_price` is what one unit of the settlement currency is worth in
    the currency of the prices given: with it, all prices are restated in, and answered in, the settlement currency.
    """

    instrument: str | None = None
    product: Product | None = None
    side: Side | None = None
    margin_mode: MarginMode | None = None
    entry_price: Amount | None = None
    mark_price: Amount | None = None
    index_price: Amount | None = None
    settlement_price: Amount | None = None
    size: Amount | None = None
    size_unit: SizeUnit | None = None
    leverage: Amount | None = None
    collateral: Amount | None = None
    added_margin: Amount | None = None
    wallet_balance: Amount | None = None
    close_fee_reserve: Amount | None = None
    terms: TermsInput | None = None


class PartialLiquidationInput(Input, frozen=True, kw_only=True):
    """How an account would be closed in part; what is absent is the venue's own. All three are fractions.

    `penalty_share` is the part of the maintenance margin closed that is taken as penalty.
    """

    share_step: Amount | None = None
    target_margin_ratio: Amount | None = None
    penalty_share: Amount | None = None


class PositionInput(LegInput, frozen=True, kw_only=True):
    """A position, or (`positions`) a cross account of several.

    Without `venue` the generic model is used. `collateral` is the margin posted to an isolated position, added margin
    included; without it, initial margin at `leverage` plus `added_margin`. `wallet_balance` backs a cross position,
    unrealised profit excluded, and an isolated one only where neither of those is given; in its place may stand the
    account's `equity` (profit included), the `margin_ratio` the venue shows, or its `bankruptcy_price`. Equity and
    ratio need a `mark_price` or `unrealized_pnl`. `cash_balance` is the signed cash leg of an isolated position
    (Hyperliquid's raw USD). `unrealized_pnl` may stand for the mark price.

    `buy_orders` and `sell_orders` are the sizes of open orders in the same instrument, `fill_price` where a liquidated
    position is closed. `partial_liquidation` asks what an account keeps when a share of every position is closed.
    """

    venue: str | None = None
    equity: Amount | None = None
    margin_ratio: Amount | None = None
    bankruptcy_price: Amount | None = None
    cash_balance: Amount | None = None
    unrealized_pnl: Amount | None = None
    buy_orders: Amount | None = None
    sell_orders: Amount | None = None
    fill_price: Amount | None = None
    partial_liquidation: PartialLiquidationInput | None = None
    other_positions: tuple[LegInput, ...] = ()
    positions: tuple[LegInput, ...] | None = None
    open_interest: Amount | None = None
    atr: Amount | None = None
    volume_30d_usd: Amount | None = None
    client_class: ClientClass | None = None
    residence: str | None = None
    as_of: date | None = None
    release: str = "latest"


class FeesInput(Input, frozen=True, kw_only=True):
    """A fill whose fee is asked. With `exit_price` the closing fill of the same size, at the same rate, is added."""

    price: Amount
    exit_price: Amount | None = None
    size: Amount
    venue: str | None = None
    instrument: str | None = None
    product: Product | None = None
    side: FeeSide | None = None
    liquidity: Liquidity = Liquidity.TAKER
    size_unit: SizeUnit | None = None
    volume_30d_usd: Amount | None = None
    leverage: Amount | None = None
    terms: TermsInput | None = None
    as_of: date | None = None
    release: str = "latest"


class FundingInput(Input, frozen=True, kw_only=True):
    """A position whose funding is asked: its `position_value`, or `size` and `mark_price`, which must agree with it.

    `funding_rate` is of one interval. Without `hours` (or `seconds`) one interval is reckoned; `interval_hours` stands
    in place of the venue's interval, and 0 is continuous accrual of a rate quoted for eight hours.

    In place of `funding_rate` a `premium` may be given, to which `interest_rate` is added; with `clamp` what is added
    is interest less premium, held within the clamp; with `damper` the rate is the part of the premium beyond it. `cap`
    bounds the rate both ways. Margin rates in `terms` give the cap where the venue derives it from them.
    """

    side: Side
    funding_rate: Amount | None = None
    premium: Amount | None = None
    interest_rate: Amount | None = None
    clamp: Amount | None = None
    damper: Amount | None = None
    cap: Amount | None = None
    venue: str | None = None
    instrument: str | None = None
    size: Amount | None = None
    size_unit: SizeUnit | None = None
    mark_price: Amount | None = None
    position_value: Amount | None = None
    hours: Amount | None = None
    seconds: Amount | None = None
    interval_hours: Amount | None = None
    terms: TermsInput | None = None
    as_of: date | None = None
    release: str = "latest"


class BorrowInput(Input, frozen=True, kw_only=True):
    """A loan whose interest is asked.

    Rates of `terms` that tell one price in two ways must agree; that of opening and rollover goes before the hourly
    one, that before the daily one.
    """

    principal: Amount
    hours: Amount
    venue: str | None = None
    asset: str | None = None
    terms: TermsInput | None = None
    as_of: date | None = None
    release: str = "latest"


class SizingInput(Input, frozen=True, kw_only=True):
    """A stop and a share of equity whose position size is asked. `fee_rate` is of one side, `slippage` a fraction.

    `currency` is the one that `equity` is in: the instrument's quote currency (also without it) or its base coin. The
    ladder that bounds the size is that of `client_class` and `residence`; the tightest where they leave several open.

    Without `stop_price` the stop is asked: the price at which `notional`, or `quantity` coins, or else all equity at
    `leverage`, has lost that share.
    """

    equity: Amount
    currency: str | None = None
    risk_fraction: Amount
    entry_price: Amount
    side: Side
    stop_price: Amount | None = None
    notional: Amount | None = None
    quantity: Amount | None = None
    leverage: Amount | None = None
    fee_rate: Amount | None = None
    slippage: Amount | None = None
    venue: str | None = None
    instrument: str | None = None
    client_class: ClientClass | None = None
    residence: str | None = None
    as_of: date | None = None
    release: str = "latest"


class BreakEvenInput(Input, frozen=True, kw_only=True):
    """A position whose break-even price is asked; costs beside the two fees need its `size`.

    `funding_rate` with `hours` adds funding at an unchanged rate, on the value at `mark_price`, else at `entry_price`.
    What `position` takes on margin may be given and does not move the price: fees and funding are on the value.
    """

    side: Side
    entry_price: Amount
    venue: str | None = None
    instrument: str | None = None
    product: Product | None = None
    size: Amount | None = None
    size_unit: SizeUnit | None = None
    margin_mode: MarginMode | None = None
    mark_price: Amount | None = None
    leverage: Amount | None = None
    collateral: Amount | None = None
    added_margin: Amount | None = None
    wallet_balance: Amount | None = None
    entry_liquidity: Liquidity = Liquidity.TAKER
    exit_liquidity: Liquidity = Liquidity.TAKER
    funding_rate: Amount | None = None
    hours: Amount | None = None
    volume_30d_usd: Amount | None = None
    terms: TermsInput | None = None
    as_of: date | None = None
    release: str = "latest"


class AdlInput(PositionInput, frozen=True, kw_only=True):
    """A position whose place in the deleveraging queue is asked. `other_scores` are scores of others on its side."""

    other_scores: tuple[Amount, ...] = ()


class OrderBookInput(Input, frozen=True, kw_only=True):
    """A book, best levels first, an order to fill from it, and a position whose surroundings are looked at.

    `price_band` is a fraction of the mid price. `quantity` is in base coins; `side` long takes asks, short takes bids.
    `entry_price` is the mid price where it is not given; stop and liquidation price lie on its losing side, the target
    on its winning side. `previous_order_book` is an earlier snapshot, in which walls are looked for that have vanished.

    A level is a wall from `wall_multiple` times the median level of its side, a gap a thin zone from `thin_multiple`
    times the median gap; an earlier wall has vanished when it lost `vanished_share` of its size untraded. The defaults
    are those of the built-in standard policy.
    """

    bids: tuple[tuple[Amount, Amount], ...]
    asks: tuple[tuple[Amount, Amount], ...]
    side: Side | None = None
    quantity: Amount | None = None
    price_band: Amount | None = None
    entry_price: Amount | None = None
    stop_price: Amount | None = None
    take_profit_price: Amount | None = None
    liquidation_price: Amount | None = None
    liquidation_clusters: tuple[LiquidationCluster, ...] | None = None
    previous_order_book: OrderBook | None = None
    wall_multiple: Amount | None = None
    thin_multiple: Amount | None = None
    vanished_share: Amount | None = None
    as_of: date | None = None
    release: str = "latest"
