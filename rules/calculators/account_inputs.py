"""What the account calculator takes: an account's totals, as a venue shows them."""

from __future__ import annotations

from datetime import date

from data.facts.amounts import Amount
from data.facts.margin_models import AccountKind
from data.facts.vocabulary import ContractType, MarginMode, Product
from rules.trade import Input


class CollateralInput(Input, frozen=True, kw_only=True):
    """One asset posted: its `value`, or `amount` and `price`; with `weight`, `haircut` or neither."""

    asset: str | None = None
    """Name of the asset, for the reader; no figure depends on it."""
    value: Amount | None = None
    """What it is worth, in the account's currency, negative for a debt; without it `amount` times `price`."""
    amount: Amount | None = None
    """How much of it there is, in its own units, negative for a debt: goes with `price`, in place of `value`."""
    price: Amount | None = None
    """What one unit of it is worth, in the account's currency: goes with `amount`, in place of `value`."""
    weight: Amount | None = None
    """The part of its value that counts, a fraction such as 0.9; without it and `haircut` all does. A debt always
    counts whole."""
    haircut: Amount | None = None
    """The part of its value that does not count, a fraction such as 0.1, in place of `weight`."""


class AccountInput(Input, frozen=True, kw_only=True):
    """Totals of one account, all in one currency; none is derived from positions."""

    venue: str | None = None
    """Id of the venue; without it the generic margin model is used."""
    product: Product | None = None
    """What the account trades, by which the margin model is chosen; without it perpetuals."""
    contract_type: ContractType | None = None
    """How profit is reckoned, by which the margin model is chosen; without it linear, of spot margin spot."""
    margin_mode: MarginMode | None = None
    """Whether the totals are of an isolated position or shared by all, by which the margin model and the risk rate are
    chosen; without it cross."""
    account: AccountKind = AccountKind.STANDARD
    """standard, or portfolio, whose margins come from scenarios of the whole: what the venue divides its rates by may
    differ."""
    wallet_balance: Amount | None = None
    """Balance, unrealised profit and the assets of `collateral` excluded, in the account's currency."""
    unrealized_pnl: Amount | None = None
    """Profit of open positions, negative for a loss, in the account's currency; without it equity is reckoned without
    any. A profit cannot be withdrawn: beside `equity` or `margin_balance` it is needed to tell what can."""
    unsettled_pnl: Amount | None = None
    """Profit realised and not yet settled, negative for a loss, in the account's currency; without it none. A profit
    cannot be withdrawn."""
    collateral: tuple[CollateralInput, ...] = ()
    """Assets posted beside the wallet balance."""
    equity: Amount | None = None
    """All that backs the account, profit included, in its currency. Without it the sum of `wallet_balance`,
    `collateral`, `unrealized_pnl` and `unsettled_pnl`, which must agree with it where `unrealized_pnl` is given; else
    `margin_balance`."""
    margin_balance: Amount | None = None
    """The part of equity that counts for margin, in the account's currency, where the venue shows one; without it all
    of equity."""
    initial_margin: Amount | None = None
    """What positions occupy, in the account's currency; without it nothing is told to be available."""
    maintenance_margin: Amount | None = None
    """What positions must keep as margin, in the account's currency; without it `initial_margin` times
    `adjustment_factor` where the venue reckons a risk rate."""
    order_margin: Amount | None = None
    """What open orders reserve beside initial margin, in the account's currency; without it nothing."""
    debts: Amount | None = None
    """What is owed, interest included, in the account's currency; without it no asset level or debt ratio is told."""
    notional: Amount | None = None
    """Value of all positions, in the account's currency; without it no effective leverage is told."""
    adjustment_factor: Amount | None = None
    """Maintenance margin over initial margin, as HTX publishes it; without it the risk rate of an isolated position
    there is not told."""
    risk_rate: Amount | None = None
    """The venue's risk rate (HTX), which may stand in place of equity, the balances and collateral."""
    as_of: date | None = None
    """Day whose facts are read, YYYY-MM-DD; without it today in UTC."""
    release: str = "latest"
    """Id of the release to read, or `latest`."""
