"""What the account calculator takes: an account's totals, as a venue shows them."""

from __future__ import annotations

from datetime import date

from data.facts.amounts import Amount
from data.facts.margin_models import AccountKind
from data.facts.vocabulary import ContractType, MarginMode, Product
from rules.trade import Input


class CollateralInput(Input, frozen=True, kw_only=True):
    """One asset posted: its `value`, or `amount` and `price`, in the account's currency.

    `weight` is the part of it that counts (0.9), `haircut` the part that does not (0.1); give one of them or neither.
    """

    asset: str | None = None
    value: Amount | None = None
    amount: Amount | None = None
    price: Amount | None = None
    weight: Amount | None = None
    haircut: Amount | None = None


class AccountInput(Input, frozen=True, kw_only=True):
    """Totals of one account, all in one currency; none is derived from positions.

    `equity` is all that backs the account, profit included; without it, `wallet_balance`, `collateral`,
    `unrealized_pnl` and `unsettled_pnl` are added up, and beside it they must agree with it. `margin_balance` is the
    part of equity that counts for margin, where the venue shows one. `initial_margin` is what positions occupy,
    `order_margin` what open orders reserve beside it, `debts` what is owed with interest, `notional` the value of all
    positions. `adjustment_factor` is that of HTX, and `risk_rate` its risk rate, which may stand in place of the
    totals.
    """

    venue: str | None = None
    product: Product | None = None
    contract_type: ContractType | None = None
    margin_mode: MarginMode | None = None
    account: AccountKind = AccountKind.STANDARD
    wallet_balance: Amount | None = None
    unrealized_pnl: Amount | None = None
    unsettled_pnl: Amount | None = None
    collateral: tuple[CollateralInput, ...] = ()
    equity: Amount | None = None
    margin_balance: Amount | None = None
    initial_margin: Amount | None = None
    maintenance_margin: Amount | None = None
    order_margin: Amount | None = None
    debts: Amount | None = None
    notional: Amount | None = None
    adjustment_factor: Amount | None = None
    risk_rate: Amount | None = None
    as_of: date | None = None
    release: str = "latest"
