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
    """One rung of a ladder given in place of the release's."""

    floor: Amount
    """Size above which the rung begins."""
    cap: Amount | None = None
    """Size up to which it holds; null is no upper bound."""
    maintenance_margin_rate: Amount | None = None
    """As a fraction of the value."""
    maintenance_amount: Amount | None = None
    """What is taken off value times rate, as a venue that prints such amounts has it."""
    initial_margin_rate: Amount | None = None
    """As a fraction of the value."""
    max_leverage: Amount | None = None
    """Times."""
    tier: int | None = None
    """Number by which answers name the rung."""


class TermsInput(Input, frozen=True, kw_only=True):
    """Terms in place of the release's; rates are fractions.

    A term that states the margin (`maintenance_margin_rate`, `maintenance_amount`, `initial_margin_rate`,
    `max_leverage`, `base_rate`, `adjustment_factor` or `ladder`) describes the contract whole: then neither the ladder
    nor the fees nor the tick of the release are mixed in, so that a published example comes out as published.
    """

    contract_type: ContractType | None = None
    """How profit is reckoned."""
    contract_size: Amount | None = None
    """Of one contract: base coins of a linear one, quote units of an inverse one."""
    maintenance_margin_rate: Amount | None = None
    """Of the position's value."""
    maintenance_amount: Amount | None = None
    """Taken off the value times the maintenance rate, in the settlement currency."""
    initial_margin_rate: Amount | None = None
    """Of the position's value."""
    max_leverage: Amount | None = None
    """Times."""
    taker_fee_rate: Amount | None = None
    """Of the value of a fill that takes from the book."""
    maker_fee_rate: Amount | None = None
    """Of the value of a fill that rests in it."""
    fee_rate: Amount | None = None
    """Of the value of any fill."""
    funding_rate: Amount | None = None
    """Of one funding interval."""
    liquidation_fee_rate: Amount | None = None
    """Of the value that is liquidated."""
    tick_size: Amount | None = None
    """Step of prices."""
    base_rate: Amount | None = None
    """Of a margin that grows with size: the initial rate of the smallest size."""
    maintenance_base_rate: Amount | None = None
    """Of a margin that grows with size: the maintenance rate of the smallest size, where it is another."""
    rate_per_coin: Amount | None = None
    """Of a margin that grows with size: what each coin adds to the rates."""
    adjustment_factor: Amount | None = None
    """Maintenance margin over initial margin, as HTX publishes it."""
    ladder: tuple[TierInput, ...] | None = None
    """Margin tiers, smallest first."""
    ladder_unit: LadderUnit = LadderUnit.VALUE
    """What floors and caps of `ladder` count: value (in the settlement currency), size (coins, of an inverse contract
    quote units) or contracts."""
    notional_basis: NotionalBasis | None = None
    """Whether both margins are on the value at entry or at the mark price."""
    hourly_rate: Amount | None = None
    """Interest of an hour on a loan."""
    daily_rate: Amount | None = None
    """Interest of a day on a loan."""
    opening_fee_rate: Amount | None = None
    """Charge for opening a loan."""
    rollover_fee_rate: Amount | None = None
    """Charge for each block of hours that a loan is held."""


class LegInput(Input, frozen=True, kw_only=True):
    """One position."""

    instrument: str | None = None
    """Symbol, native (`BTCUSDT`) or unified (`BTC/USDT:USDT`); its terms come from the release."""
    product: Product | None = None
    """What is traded; without it, what the facts show under the symbol."""
    side: Side | None = None
    """Direction."""
    margin_mode: MarginMode | None = None
    """Margin of its own, or shared with the account."""
    entry_price: Amount | None = None
    """In quote currency per coin; without it the mark price stands for it."""
    mark_price: Amount | None = None
    """In quote currency per coin."""
    index_price: Amount | None = None
    """In quote currency per coin; counts where a venue values by the lower of mark and index."""
    settlement_price: Amount | None = None
    """What one unit of the settlement currency is worth in the currency of the prices given: with it, all prices are
    restated in, and answered in, the settlement currency."""
    size: Amount | None = None
    """How much is held, in `size_unit`."""
    size_unit: SizeUnit | None = None
    """base (coins), contracts, or quote (an inverse contract's USD). Without it a size counts contracts when the
    contract size is known, else quote units for an inverse contract and coins for a linear one."""
    leverage: Amount | None = None
    """Times; 5 is a margin of a fifth of the value."""
    collateral: Amount | None = None
    """Margin posted to an isolated position, added margin included, without its profit."""
    added_margin: Amount | None = None
    """Posted beyond initial margin at `leverage`, or beyond a wallet."""
    wallet_balance: Amount | None = None
    """Balance behind a cross position, unrealised profit excluded."""
    close_fee_reserve: Amount | None = None
    """The fee for closing as the venue shows it, in place of one reckoned from the taker rate."""
    terms: TermsInput | None = None
    """Terms in place of the release's."""


class PartialLiquidationInput(Input, frozen=True, kw_only=True):
    """How an account would be closed in part; what is absent is the venue's own. All three are fractions."""

    share_step: Amount | None = None
    """The share closed is a multiple of this."""
    target_margin_ratio: Amount | None = None
    """Closing ends where maintenance margin over equity falls below this."""
    penalty_share: Amount | None = None
    """The part of the maintenance margin closed that is taken as penalty."""


class PositionInput(LegInput, frozen=True, kw_only=True):
    """A position, or (`positions`) a cross account of several.

    What backs an isolated position is `collateral`, or else initial margin at `leverage` plus `added_margin`; what
    backs a cross position is `wallet_balance`, which backs an isolated one only where neither of those is given. In the
    wallet's place may stand `equity`, `margin_ratio` or `bankruptcy_price`.
    """

    venue: str | None = None
    """Id of the venue; without it the generic margin model is used."""
    equity: Amount | None = None
    """What backs the account, unrealised profit included; needs a `mark_price` or `unrealized_pnl`."""
    margin_ratio: Amount | None = None
    """As the venue shows it; needs a `mark_price` or `unrealized_pnl`."""
    bankruptcy_price: Amount | None = None
    """As the venue shows it."""
    cash_balance: Amount | None = None
    """Signed cash leg of an isolated position (Hyperliquid's raw USD)."""
    unrealized_pnl: Amount | None = None
    """May stand for the mark price."""
    buy_orders: Amount | None = None
    """Size of open orders to buy the same instrument."""
    sell_orders: Amount | None = None
    """Size of open orders to sell the same instrument."""
    fill_price: Amount | None = None
    """Where a liquidated position is closed."""
    partial_liquidation: PartialLiquidationInput | None = None
    """Asks what an account keeps when a share of every position is closed."""
    other_positions: tuple[LegInput, ...] = ()
    """The account's other positions at the venue, which share the wallet where they are cross."""
    positions: tuple[LegInput, ...] | None = None
    """All positions of a cross account, in place of one of its own here."""
    open_interest: Amount | None = None
    """Of all who hold the contract, in its settlement currency: some margins grow with it."""
    atr: Amount | None = None
    """Average true range, in quote currency per coin: the distance to liquidation is answered in multiples of it
    too."""
    volume_30d_usd: Amount | None = None
    """Volume traded in 30 days, in dollars: chooses the fee tier."""
    client_class: ClientClass | None = None
    """Regulatory class of the client: chooses among a venue's ladders."""
    residence: str | None = None
    """Where the client resides, ISO 3166-1 alpha-2 or ISO 3166-2: chooses among a venue's ladders and fees."""
    as_of: date | None = None
    """Day whose facts are read, YYYY-MM-DD; without it today in UTC."""
    release: str = "latest"
    """Id of the release to read, or `latest`."""


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
    """A position whose place in the deleveraging queue is asked."""

    other_scores: tuple[Amount, ...] = ()
    """Scores of others on the same side."""


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
