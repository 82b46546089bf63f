"""Inputs of a decision: the proposed trade, its client, account and market.

An absent input is null, never a default that stands for a fact. Amounts have been bounded by `data.facts.amounts`.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from msgspec import Struct

from data.facts.amounts import Amount
from data.facts.vocabulary import ClientClass, ContractType, MarginMode, Product, Side


class OrderType(StrEnum):
    """Market orders take liquidity; limit orders are taken to make it."""

    MARKET = "market"
    LIMIT = "limit"


class Intent(StrEnum):
    """Why the trade is made."""

    SPECULATIVE = "speculative"
    HEDGE = "hedge"


class Regime(StrEnum):
    """State of the market as the caller judges it."""

    RANGING = "ranging"
    TRENDING = "trending"
    HIGH_VOLATILITY = "high_volatility"
    POST_LIQUIDATION = "post_liquidation"


class Input(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of all inputs: immutable, and an unknown field is refused by name."""


class Client(Input, frozen=True, kw_only=True):
    """Who trades.

    `residence` is ISO 3166-1 alpha-2 or 3166-2 ("AE", "US-NY"); `location` where the client physically is, when that
    differs; `nationality` alpha-2. The attributes are true, false, or null when the caller does not know.
    """

    residence: str
    client_class: ClientClass | None = None
    nationality: str | None = None
    location: str | None = None
    eligible_commercial_entity: bool | None = None
    on_sanctions_list: bool | None = None
    institution: bool | None = None


class Position(Input, frozen=True, kw_only=True):
    """A position already held. `quantity` is in base coins; of an inverse contract it is the number of contracts."""

    venue: str
    instrument: str
    side: Side
    quantity: Amount
    entry_price: Amount
    mark_price: Amount | None = None
    leverage: Amount | None = None
    margin_mode: MarginMode | None = None
    collateral: Amount | None = None


class Account(Input, frozen=True, kw_only=True):
    """What backs the trade. `equity` is in `currency`, unrealised profit included."""

    equity: Amount | None = None
    currency: str = "USD"
    volume_30d_usd: Amount | None = None
    wallet_balance: Amount | None = None
    free_collateral: Amount | None = None
    positions: tuple[Position, ...] | None = None
    """Everything already held; an empty list says that nothing is, null that the caller does not say."""


class OrderBook(Input, frozen=True, kw_only=True):
    """Resting orders as (price, quantity in base coins), best first: bids falling, asks rising."""

    bids: tuple[tuple[Amount, Amount], ...] = ()
    asks: tuple[tuple[Amount, Amount], ...] = ()


class LiquidationCluster(Input, frozen=True, kw_only=True):
    """A price at which the caller expects others' liquidations, with their notional in quote currency."""

    price: Amount
    notional: Amount


class Market(Input, frozen=True, kw_only=True):
    """The market as the caller sees it. `atr` is in quote currency per coin.

    `funding_rate` is per `funding_interval_hours`; without that, per funding interval of the venue (in a comparison,
    whose venues differ, per 8 hours).

    `borrow_rate` is the interest per hour on what a spot-margin trade borrows (cash for a long, coins for a short).
    """

    mark_price: Amount | None = None
    index_price: Amount | None = None
    funding_rate: Amount | None = None
    funding_interval_hours: Amount | None = None
    borrow_rate: Amount | None = None
    atr: Amount | None = None
    daily_range: Amount | None = None
    open_interest: Amount | None = None
    regime: Regime | None = None
    regime_confirmed: bool | None = None
    order_book: OrderBook | None = None
    previous_order_book: OrderBook | None = None
    liquidation_clusters: tuple[LiquidationCluster, ...] | None = None


class ProposedTrade(Input, frozen=True, kw_only=True):
    """One trade to clear. At most one of `notional` (quote currency) and `quantity` (base coins) is given."""

    venue: str
    instrument: str
    side: Side
    client: Client
    product: Product | None = None
    order_type: OrderType = OrderType.MARKET
    notional: Amount | None = None
    quantity: Amount | None = None
    entry_price: Amount | None = None
    leverage: Amount | None = None
    margin_mode: MarginMode | None = None
    added_margin: Amount | None = None
    stop_price: Amount | None = None
    take_profit_price: Amount | None = None
    holding_hours: Amount | None = None
    intent: Intent = Intent.SPECULATIVE
    reduce_only: bool = False
    adding_reason: str | None = None
    """Why a losing position is added to, where the policy wants a reason."""
    intermediary: str | None = None
    conditions_met: tuple[str, ...] = ()
    account: Account | None = None
    market: Market | None = None


class TradeShape(Input, frozen=True, kw_only=True):
    """What eligibility depends on: a trade without amounts, for asking every venue the same question."""

    base: str
    product: Product
    client: Client
    quote: str | None = None
    settle: str | None = None
    contract_type: ContractType | None = None
    expiry: date | None = None
    leverage: Amount | None = None
    intent: Intent = Intent.SPECULATIVE
    reduce_only: bool = False
    intermediary: str | None = None
    conditions_met: tuple[str, ...] = ()
