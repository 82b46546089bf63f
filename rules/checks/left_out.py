"""What of the request is missing where a figure has no value: the unknowns that a field of it would settle.

What is said where none of this is missing, and a fact is, stands in `rules.checks.not_known` and beside each rule.
"""

from __future__ import annotations

from data.facts.amounts import plain
from data.facts.margin_models import LiabilityMargin, MarginLevel
from data.facts.vocabulary import MarginMode
from rules.case import Case
from rules.check import Result
from rules.checks.outcomes import unknown
from rules.figures.margins import settle_currency
from rules.figures.money import same_money
from rules.margin.beside_held import MARGIN_UNKNOWN

_CROSS = MarginMode.CROSS

UNPRICED = unknown("The entry price is not known.", "At what price would it be entered?", field="entry_price")
UNSIZED = unknown("The size of the order is not known.", "What is the notional or quantity?", field="notional")
UNSTATED_WALLET = unknown(
    "The request gives neither account.wallet_balance nor account.equity: what backs the cross account is not known.",
    "What is the wallet balance at this venue, or the account's equity?",
    field="account.wallet_balance",
)
NO_MARK = unknown(
    "What backs the cross account is not known: a cross position at this venue has no mark price, so that its profit is"
    " not known beside the wallet balance.",
    "What are the mark prices of the cross positions at this venue?",
    field="account.positions",
)
NO_BALANCE = unknown(
    "What backs the cross account at this venue is not known: positions lie at other venues too.",
    "What is the wallet balance at this venue?",
    field="account.wallet_balance",
)
ISOLATED_UNKNOWN = unknown(
    "What backs the cross account is not known: an isolated position at this venue tells neither its collateral nor its"
    " leverage, or no mark price.",
    "What is the wallet balance behind the cross positions at this venue?",
    field="account.wallet_balance",
)
_UNSTATED_MARGIN = unknown(
    "Where the position is liquidated is not known: more of the instrument is held on this side, and its margin is not"
    " known.",
    "What is the collateral or the leverage of the position held in this instrument?",
    field="account.positions",
)
NO_PRODUCT = unknown(
    "What is traded is not known: the instrument is not on file and the request names no product.",
    "What is the product?",
    field="product",
)
NO_LEVERAGE = unknown(
    "The margin that backs the position is not known: the request gives no leverage.",
    "At what leverage is it opened?",
    field="leverage",
)
_NO_POSITIONS = unknown(
    "What backs the cross account is not known: the request does not say what is held.",
    "What is held at this venue?",
    field="account.positions",
)


def left_out_of_size(case: Case) -> Result | None:
    """Return the unknown of a trade that states no size, or no price that it is worth; null where it states both."""
    trade = case.trade
    if trade.notional is None and trade.quantity is None:
        return UNSIZED
    return UNPRICED if case.figures.entry_price is None else None


def left_out(case: Case) -> Result | None:
    """Return the unknown of what every figure hangs on and the request does not give: what is traded, how much of it,
    at what price. Null where it gives all three.
    """
    return NO_PRODUCT if case.terms.product is None else left_out_of_size(case)


def left_out_of_margin(case: Case) -> Result | None:
    """Return the unknown of what initial margin hangs on and the request does not give; null where it gives all."""
    return left_out(case) or (NO_LEVERAGE if _lacks_leverage(case) else None)


def left_out_of_liquidation(case: Case) -> Result | None:
    """Return the unknown of what a liquidation price hangs on and the request does not give; null where it gives all:
    what backs an isolated position is its margin, a cross one, or any by a margin level, the account.
    """
    missing = left_out(case)
    if missing is not None or case.terms.margin_model is None:
        return missing
    of_account = isinstance(case.terms.margin_model, MarginLevel)
    cross = case.trade.margin_mode is _CROSS
    if _lacks_leverage(case) and (of_account or not cross):
        return NO_LEVERAGE
    if of_account or cross:
        return _left_out_of_account(case)
    return _UNSTATED_MARGIN if MARGIN_UNKNOWN in case.figures.approximations else None


def _lacks_leverage(case: Case) -> bool:
    model = case.terms.margin_model
    return case.trade.leverage is None and model is not None and not isinstance(model, LiabilityMargin)


def _left_out_of_account(case: Case) -> Result | None:
    """Return the unknown of what backs a cross position; null where the account tells it."""
    account, held = case.trade.account, case.exposure.positions
    if account is None or (account.wallet_balance is None and account.equity is None):
        return UNSTATED_WALLET
    settle = settle_currency(case.terms)
    if not same_money(settle, account.currency):
        return unknown(
            f"What backs the cross position is not known: the account is given in {account.currency}, and the position"
            f" settles in {settle}.",
            f"What are the account's figures in {settle}?",
            field="account.currency",
        )
    if held is None:
        return _NO_POSITIONS
    if held.unvalued:
        return unvalued_positions(held.unvalued)
    if held.cross_profit is None:
        return NO_MARK
    if account.wallet_balance is not None:
        return None
    if not held.cross_only_here:
        return NO_BALANCE
    return ISOLATED_UNKNOWN if held.isolated_equity is None else None


def unvalued_positions(names: tuple[str, ...]) -> Result:
    """Return the unknown of positions held that nobody can value, by name."""
    listed = ", ".join(names)
    one = len(names) == 1
    return unknown(
        f"{'This position' if one else 'These positions'} cannot be valued: {listed}.",
        f"What {'is the position' if one else 'are the positions'} {listed} worth in the account's currency?",
        field="account.positions",
    )


def without_equity(case: Case) -> Result | None:
    """Return the unknown of an account whose equity is not above zero, of which nothing is a share; null elsewhere."""
    account = case.trade.account
    if account is None or account.equity is None or account.equity > 0:
        return None
    return unknown(
        f"The account's equity is {plain(account.equity)} {account.currency}: nothing is a share of it.",
        "What is the account's equity?",
        field="account.equity",
    )
