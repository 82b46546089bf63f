"""Whether the totals of an account agree, and which of them have no part in its answer."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from data.facts.margin_models import RiskRateForm
from rules.calculators.account_inputs import AccountInput, CollateralInput
from rules.calculators.agreement import agree, compare, given_of, shown, slack_of_money, unread
from rules.calculators.refusal import Problem

_ZERO = Decimal(0)
_ONE = Decimal(1)
_PROFITS = ("unrealized_pnl", "unsettled_pnl")

DIFFERS = (
    "does not agree with {parts}, by which it is {amount}; give what the venue shows at one moment, or equity alone"
)
AGREES = "equity is used; the sum of {parts} agrees with it and is left aside"
NOT_COMPARED = "equity is used; the sum of {parts} is left aside, for without unrealized_pnl it tells no equity"
NO_PROFIT = "no unrealized_pnl is given: equity is reckoned without profit or loss"
FROM_MARGIN_BALANCE = "no equity is given: margin_balance stands for it"
NOT_A_PART = "must be at most equity, {amount}: it is the part of equity that counts for margin; leave one of them out"
BY_FACTOR = "initial_margin times adjustment_factor"
FACTOR_AGREES = f"maintenance_margin is used; {BY_FACTOR} agrees with it"
DEBT_COUNTS_WHOLE = "a debt in an asset counts whole; its weight or haircut is left aside"


def posted_value(assets: Sequence[CollateralInput]) -> Decimal | None:
    """Return what posted assets count for, each one's value times its weight (one less its haircut); null for none."""
    if not assets:
        return None
    total = _ZERO
    for asset in assets:
        value = value_of(asset)
        weight = asset.weight if asset.weight is not None else _ONE - (asset.haircut or _ZERO)
        # A debt in a coin counts whole: a weight below one would shrink it.
        total += value * weight if value > 0 else value
    return total


def value_of(asset: CollateralInput) -> Decimal:
    """Return the value of one asset: as given, else its amount at its price."""
    return asset.value if asset.value is not None else (asset.amount or _ZERO) * (asset.price or _ZERO)


def sum_of_parts(asked: AccountInput) -> Decimal | None:
    """Return what wallet, collateral and profits add up to; null where neither wallet nor collateral is given."""
    posted = posted_value(asked.collateral)
    if asked.wallet_balance is None and posted is None:
        return None
    parts = (asked.wallet_balance, posted, asked.unrealized_pnl, asked.unsettled_pnl)
    return sum((part for part in parts if part is not None), _ZERO)


def compare_totals(asked: AccountInput, form: RiskRateForm | None, problems: list[Problem], notes: list[str]) -> None:
    """Note which totals agree and which have no part in the answer, and a problem for each that contradicts another."""
    _compare_equity(asked, problems, notes)
    if form is not None and asked.initial_margin is not None and asked.adjustment_factor is not None:
        by_factor = asked.initial_margin * asked.adjustment_factor
        slack = slack_of_money(asked.maintenance_margin) if asked.maintenance_margin is not None else _ZERO
        agreed: list[str] = []
        compare((BY_FACTOR, by_factor), ("maintenance_margin", asked.maintenance_margin), problems, agreed, slack)
        if agreed:
            notes.append(FACTOR_AGREES)
    if any(one.weight is not None or one.haircut is not None for one in asked.collateral if value_of(one) < 0):
        notes.append(DEBT_COUNTS_WHOLE)
    notes.extend(unread(_unread(asked, form)))


def _compare_equity(asked: AccountInput, problems: list[Problem], notes: list[str]) -> None:
    total, equity = sum_of_parts(asked), asked.equity
    names = given_of(asked, ("wallet_balance",)) + (("collateral",) if asked.collateral else ())
    if total is None:
        if equity is None and asked.margin_balance is not None:
            notes.append(FROM_MARGIN_BALANCE)
    elif equity is None:
        if asked.unrealized_pnl is None:
            notes.append(NO_PROFIT)
    else:
        told = names + given_of(asked, _PROFITS)
        parts = " and ".join(told)
        amounts = [getattr(asked, name) for name in told if name != "collateral"]
        slack = sum((slack_of_money(one) for one in (equity, *amounts)), _ZERO)
        if agree(equity, total, slack):
            notes.append(AGREES.format(parts=parts))
        elif asked.unrealized_pnl is None:
            notes.append(NOT_COMPARED.format(parts=parts))
        else:
            problems.append(("/equity", DIFFERS.format(parts=parts, amount=shown(total))))
    known = equity if equity is not None or asked.unrealized_pnl is None else total
    margin = asked.margin_balance
    if known is None or margin is None:
        return
    if margin > known and not agree(known, margin, slack_of_money(known) + slack_of_money(margin)):
        problems.append(("/margin_balance", NOT_A_PART.format(amount=shown(known))))


def _unread(asked: AccountInput, form: RiskRateForm | None) -> tuple[str, ...]:
    """Return the totals given that no figure of the answer is reckoned from."""
    by_rate, initial = asked.risk_rate is not None, asked.initial_margin is not None
    names: tuple[str, ...] = ("unrealized_pnl", "unsettled_pnl", "debts", "notional") if by_rate else ()
    if not by_rate and asked.equity is not None and not initial and sum_of_parts(asked) is None:
        names += _PROFITS
    if by_rate or not initial:
        names += ("order_margin",)
    over_used = form is RiskRateForm.EQUITY_OVER_USED_LESS_FACTOR
    if form is None or not (initial or (by_rate and over_used)):
        names += ("adjustment_factor",)
    return given_of(asked, names)
