"""What backs the cross positions at the trade's venue, by what the account states of itself."""

from __future__ import annotations

from decimal import Decimal

from rules.figures.positions import Positions
from rules.trade import Account

_ZERO = Decimal(0)

EQUITY_STANDS = "no wallet balance is given; the account's equity is taken to back its cross positions"
ABOVE_EQUITY = (
    "account.wallet_balance, with the profit of cross positions, is more than the account's equity leaves for them, "
    "which is taken"
)


def cross_equity(account: Account, held: Positions) -> Decimal | None:
    """Return the equity behind the cross positions at the trade's venue before it opens, profit included, in the
    account's currency; null where that is left open.

    It is the wallet balance and the profit of the cross positions, or, where no wallet balance is given and all
    positions are at the venue, the account's equity less that of isolated ones. Where both are stated the lesser
    counts: no part of an account has more equity than the whole.
    """
    wallet, profit = account.wallet_balance, held.cross_profit
    if wallet is None:
        return left_of_equity(account, held) if held.cross_only_here and held.isolated_equity is not None else None
    if profit is None:
        return None
    most = left_of_equity(account, held)
    return wallet + profit if most is None else min(wallet + profit, most)


def assumed_of_wallet(account: Account, held: Positions) -> str | None:
    """Return what is to be said of equity that stands for a wallet balance; null where the wallet balance counts."""
    wallet, profit = account.wallet_balance, held.cross_profit
    if wallet is None:
        return EQUITY_STANDS
    most = left_of_equity(account, held)
    return ABOVE_EQUITY if profit is not None and most is not None and wallet + profit > most else None


def left_of_equity(account: Account, held: Positions) -> Decimal | None:
    """Return the account's equity less that of isolated positions, at the venue and elsewhere, as far as that is known:
    the equity behind the cross positions is no more. Null where no equity is given.
    """
    if account.equity is None:
        return None
    return account.equity - (held.isolated_equity or _ZERO) - held.isolated_elsewhere
