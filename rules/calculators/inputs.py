"""What the calculators take of positions and their terms. An absent input is null, never a default that stands for a
fact.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import overload

from data.facts.amounts import Amount
from data.facts.vocabulary import ClientClass, ContractType, MarginMode, NotionalBasis, Product, Side
from rules.margin.position import LadderUnit, SizeUnit
from rules.trade import Input


class TierInput(Input, frozen=True, kw_only=True):
    """One rung of a ladder given in place of the release's."""

    floor: Amount
    """Size above which the rung begins."""
    cap: Amount | None = None
    """Size up to which it holds; null is no upper bound."""
    maintenance_margin_rate: Amount | None = None
    """As a fraction of the value."""
    maintenance_amount: Amount | None = None
    """What is taken off value times rate, as a venue that prints such amounts has it; without it, what makes the margin
    continuous from rung to rung, where the margin model takes any off."""
    initial_margin_rate: Amount | None = None
    """As a fraction of the value."""
    max_leverage: Amount | None = None
    """Times; without it one over the initial rate, else over the maintenance rate."""
    tier: int | None = None
    """Number by which answers name the rung; without it its place, from 1."""


class TermsInput(Input, frozen=True, kw_only=True):
    """Terms in place of the release's; rates are fractions.

    A term that states the margin (`maintenance_margin_rate`, `maintenance_amount`, `initial_margin_rate`,
    `max_leverage`, `base_rate`, `adjustment_factor` or `ladder`) describes the contract whole: then neither the ladder
    nor the fees nor the tick of the release are mixed in, so that a published example comes out as published.
    """

    contract_type: ContractType | None = None
    """How profit is reckoned; without it as by the instrument on file, else linear where nothing speaks against it (of
    spot margin, spot)."""
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
    """Symbol, native (`BTCUSDT`) or unified (`BTC/USDT:USDT`); its contract size, tick and ladder come from the
    release. Without it they are those of `terms` alone."""
    product: Product | None = None
    """What is traded; without it, what the facts show under the symbol, else a perpetual."""
    side: Side | None = None
    """Direction; without it the position is reckoned as a long."""
    margin_mode: MarginMode | None = None
    """Margin of its own, or shared with the account. Without it a position has its own; one in `positions` or
    `other_positions`, and one that shares a `wallet_balance` with those, is cross."""
    entry_price: Amount | None = None
    """In quote currency per coin; without it the mark price stands for it."""
    mark_price: Amount | None = None
    """In quote currency per coin; without it the position is valued at the mark price that another in its instrument
    states, else at its entry price."""
    index_price: Amount | None = None
    """In quote currency per coin; counts where a venue values by the lower of mark and index."""
    settlement_price: Amount | None = None
    """What one unit of the settlement currency is worth in the currency of the prices given: with it, every
    price of the request is restated in the settlement currency, the tick too, and prices are answered in it."""
    size: Amount | None = None
    """How much is held, in `size_unit`; every position must state it."""
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

    @overload
    def settled(self, price: Decimal) -> Decimal: ...

    @overload
    def settled(self, price: Decimal | None) -> Decimal | None: ...

    def settled(self, price: Decimal | None) -> Decimal | None:
        """Return a price of the request in the settlement currency, as `settlement_price` says."""
        return price if price is None or self.settlement_price is None else price / self.settlement_price


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
    """Size of open orders to buy the same instrument, in `size_unit`."""
    sell_orders: Amount | None = None
    """Size of open orders to sell the same instrument, in `size_unit`."""
    fill_price: Amount | None = None
    """Where a liquidated position is closed, in quote currency per coin; without it no such close is reckoned."""
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
    """Volume traded in 30 days, in US dollars: chooses the fee tier; without it the tier that asks for none."""
    client_class: ClientClass | None = None
    """Regulatory class of the client: chooses among a venue's ladders; without it the tightest that may apply."""
    residence: str | None = None
    """Where the client resides, ISO 3166-1 alpha-2 or ISO 3166-2: chooses among a venue's ladders and fees; without it
    the general ones."""
    as_of: date | None = None
    """Day whose facts are read, YYYY-MM-DD; without it today in UTC."""
    release: str = "latest"
    """Id of the release to read, or `latest`."""


class AdlInput(PositionInput, frozen=True, kw_only=True):
    """A position whose place in the deleveraging queue is asked."""

    other_scores: tuple[Amount, ...] = ()
    """Scores of others on the same side; without them neither rank nor lights are told."""
