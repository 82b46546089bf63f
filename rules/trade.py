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
    """Market orders take liquidity; limit orders are taken to make it, but for those that cross the book given or,
    without a book, lie beyond the mark price.
    """

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
    """Where the client resides: ISO 3166-1 alpha-2 or ISO 3166-2, such as "AE" or "US-NY"."""
    client_class: ClientClass | None = None
    """Regulatory class of the client; what depends on it is open without it."""
    nationality: str | None = None
    """ISO 3166-1 alpha-2."""
    location: str | None = None
    """Where the client physically is, when that differs from the residence; written as the residence is."""
    eligible_commercial_entity: bool | None = None
    """Whether the client is an eligible commercial entity under United States law."""
    on_sanctions_list: bool | None = None
    """Whether screening found the client on a list of sanctioned persons."""
    institution: bool | None = None
    """Whether the client is an institution and no natural person."""


class Position(Input, frozen=True, kw_only=True):
    """A position already held. `quantity` is in base coins; of an inverse contract it is the number of contracts."""

    venue: str
    """Id of the venue at which it is held."""
    instrument: str
    """Symbol, native or unified."""
    side: Side
    """Direction."""
    quantity: Amount
    """In base coins. Of an inverse contract it is the number of contracts, unlike the quantity of a trade."""
    entry_price: Amount
    """In quote currency per coin."""
    mark_price: Amount | None = None
    """In quote currency per coin, the same in all positions of one instrument; in that of the trade
    `market.mark_price` stands for it. Where neither is given the position is valued at its entry price, and what a
    trade in the same instrument does to its margin and liquidation is reckoned at the price of the trade, as it is of a
    limit order that waits: that is the mark price when it opens."""
    leverage: Amount | None = None
    """Times; 5 is a margin of a fifth of the value."""
    margin_mode: MarginMode | None = None
    """Margin of its own, or shared with the account; without it, as a trade in its instrument, else shared."""
    collateral: Amount | None = None
    """Margin posted to the position, in the currency of the account. No more counts than the account's equity leaves;
    what exceeds that by more than can have been lost is refused."""


class Account(Input, frozen=True, kw_only=True):
    """What backs the trade. `equity` is in `currency`, unrealised profit included."""

    equity: Amount | None = None
    """In `currency`, unrealised profit included."""
    currency: str = "USD"
    """Currency or coin that the amounts of the account are in."""
    volume_30d_usd: Amount | None = None
    """Traded in the last 30 days, in USD: the fee tier follows from it. Without it the lowest volume counts."""
    wallet_balance: Amount | None = None
    """Balance that backs cross positions, in `currency`, without unrealised profit and the margin of isolated ones.
    Without it `equity` stands for it where all positions are at the trade's venue. Beside `equity` no more counts than
    that leaves; what exceeds `equity` by more than can have been lost is refused."""
    free_collateral: Amount | None = None
    """What is free to post as margin, in `currency`."""
    positions: tuple[Position, ...] | None = None
    """Everything already held; an empty list says that nothing is, null that the caller does not say."""


class OrderBook(Input, frozen=True, kw_only=True):
    """Resting orders as (price, quantity in base coins), best first: bids falling, asks rising."""

    bids: tuple[tuple[Amount, Amount], ...] = ()
    """Price in quote currency per coin and quantity in base coins, the highest price first."""
    asks: tuple[tuple[Amount, Amount], ...] = ()
    """Price in quote currency per coin and quantity in base coins, the lowest price first."""


class LiquidationCluster(Input, frozen=True, kw_only=True):
    """A price at which the caller expects others' liquidations, with their notional in quote currency."""

    price: Amount
    """In quote currency per coin."""
    notional: Amount
    """In quote currency."""


class Market(Input, frozen=True, kw_only=True):
    """The market as the caller sees it. `atr` is in quote currency per coin.

    `funding_rate` is per `funding_interval_hours`; without that, per funding interval of the venue (in a comparison,
    whose venues differ, per 8 hours).

    `borrow_rate` is the interest per hour on what a spot-margin trade borrows (cash for a long, coins for a short).
    """

    mark_price: Amount | None = None
    """In quote currency per coin."""
    index_price: Amount | None = None
    """In quote currency per coin."""
    funding_rate: Amount | None = None
    """Fraction of the position's value per interval; positive is paid by longs."""
    funding_interval_hours: Amount | None = None
    """Hours that `funding_rate` is for; without it the venue's interval, in a comparison 8."""
    borrow_rate: Amount | None = None
    """Interest per hour as a fraction, on what a spot-margin trade borrows."""
    atr: Amount | None = None
    """Average true range, in quote currency per coin."""
    daily_range: Amount | None = None
    """Range of the prices of a day, in quote currency per coin."""
    open_interest: Amount | None = None
    """Of all who hold the contract, in its settlement currency: some margins grow with it."""
    regime: Regime | None = None
    """State of the market as the caller judges it."""
    regime_confirmed: bool | None = None
    """Whether, after a cascade of liquidations, the turn is confirmed."""
    order_book: OrderBook | None = None
    """What rests at the venue now."""
    previous_order_book: OrderBook | None = None
    """What rested there before: walls that have vanished since are looked for."""
    liquidation_clusters: tuple[LiquidationCluster, ...] | None = None
    """Prices at which others' liquidations are expected; an empty list says that none are."""


class ProposedTrade(Input, frozen=True, kw_only=True):
    """One trade to clear. At most one of `notional` (quote currency) and `quantity` (base coins) is given."""

    venue: str
    """Id of the venue."""
    instrument: str
    """Symbol, native (`BTCUSDT`) or unified (`BTC/USDT:USDT`)."""
    side: Side
    """Direction."""
    client: Client
    """Who trades."""
    product: Product | None = None
    """What is traded; without it, what the facts show under the symbol."""
    order_type: OrderType = OrderType.MARKET
    """A market order takes from the book; a limit order is taken to rest in it, unless the book given shows that its
    price crosses or, without a book, its price lies beyond the mark price."""
    notional: Amount | None = None
    """Value of the trade, in quote currency (of an inverse contract: its USD). At most one of it and `quantity`."""
    quantity: Amount | None = None
    """Size in base coins, also of an inverse contract: there `notional` states the size in USD."""
    entry_price: Amount | None = None
    """In quote currency per coin; without it the mark price stands for it. A limit order that waits for the
    market is valued at its own price, where it opens; a market order, and a limit order beyond the mark price, at
    today's mark. What is stated of a market order is an estimate: it is entered at the worst for it of that, the mark
    price and the best price in the order book, and its size counts against limits and as exposure at whichever makes it
    the largest."""
    leverage: Amount | None = None
    """Times; 5 is a margin of a fifth of the value."""
    margin_mode: MarginMode | None = None
    """Margin of its own, or shared with the account; without it isolated is reckoned, or cross where the facts name
    that alone for what is traded."""
    added_margin: Amount | None = None
    """Posted beyond the initial margin, in the settlement currency; no more than the account's equity."""
    stop_price: Amount | None = None
    """In quote currency per coin."""
    take_profit_price: Amount | None = None
    """In quote currency per coin."""
    holding_hours: Amount | None = None
    """How long the position is to be held, in hours: funding and interest are reckoned over it."""
    intent: Intent = Intent.SPECULATIVE
    """Why the trade is made. A hedge is spared the rules on speculation as far as `account.positions` tell what it
    offsets."""
    reduce_only: bool = False
    """Whether the order may only reduce a position."""
    adding_reason: str | None = None
    """Why a losing position is added to, where the policy wants a reason."""
    intermediary: str | None = None
    """Id of the broker or FCM that carries the order to the venue; naming the venue itself is naming none."""
    conditions_met: tuple[str, ...] = ()
    """Ids of conditions that the caller vouches for, as a finding's `question` names them; `not:` before an id
    denies it."""
    account: Account | None = None
    """What backs the trade."""
    market: Market | None = None
    """The market as the caller sees it."""


DENIAL = "not:"
"""`conditions_met` names a condition that holds by its id, and one that does not by its id after this."""


def denial_of(condition: str) -> str:
    """Return what `conditions_met` names to say that a condition does not hold."""
    return f"{DENIAL}{condition}"


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
