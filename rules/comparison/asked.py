"""What is compared: a trade without venue and instrument."""

from __future__ import annotations

from data.facts.amounts import Amount
from data.facts.vocabulary import ContractType, MarginMode, Product, Side
from rules.trade import Account, Client, Input, Intent, Market, OrderType


class ComparedTrade(Input, frozen=True, kw_only=True):
    """A trade without venue and instrument: what to compare, and the underlying and product to find it under.

    `quote` is the currency the trade is priced in; dollars of every kind count as one. `venues` narrows the comparison.
    Where a venue lists several contracts that fit, the row is for the linear one before the inverse, the dollar coin
    before others, the nearest expiry first; `every_instrument` asks for a row each.
    """

    base: str
    """The coin that is traded, such as BTC, or so many of it as contracts count as one, such as 1000PEPE: in its units
    prices and sizes are given."""
    product: Product
    """What is traded."""
    side: Side
    client: Client
    quote: str = "USD"
    """Currency that the trade is priced in; dollars of every kind count as one."""
    contract_type: ContractType | None = None
    """How profit is reckoned; without it every kind is compared."""
    settle: str | None = None
    """What the contract settles in; without it every currency is compared."""
    venues: tuple[str, ...] | None = None
    """Ids of the venues to compare; without them every one that lists what fits."""
    every_instrument: bool = False
    """Whether every contract that fits has a row, not only the first of each venue."""
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
    intermediary: str | None = None
    conditions_met: tuple[str, ...] = ()
    account: Account | None = None
    market: Market | None = None
