"""What the trade does to the rest of a cross account: whether what is held there survives it."""

from __future__ import annotations

from decimal import Decimal

from data.facts.vocabulary import MarginMode
from rules.case import Case
from rules.check import MARGINED, NOT_APPLICABLE, Result, check
from rules.checks.inputs import given
from rules.checks.outcomes import failed, passed, percent, unknown
from rules.checks.risk.leverage import unconverted
from rules.checks.trying import size_that_fits
from rules.decision import Effect, Family, Remedy
from rules.nearest_change import ROOM

_CROSS = MarginMode.CROSS

_ONE = Decimal(1)
_NO_BALANCE = unknown(
    "What backs the cross account at this venue is not known: positions lie at other venues too.",
    "What is the wallet balance at this venue?",
    field="account.wallet_balance",
)
_ISOLATED_UNKNOWN = unknown(
    "What backs the cross account is not known: an isolated position at this venue tells neither its collateral nor its"
    " leverage, or no mark price.",
    "What is the wallet balance behind the cross positions at this venue?",
    field="account.wallet_balance",
)
_NO_MAINTENANCE = unknown(
    "The maintenance margin of the cross account cannot be computed.",
    "What maintenance margin do the positions at this venue need?",
)


@check(
    "liquidation.existing_positions",
    family=Family.LIQUIDATION,
    effect=Effect.DENY,
    title="The trade does not get positions of a cross account liquidated",
    needs=("account.equity", "account.positions", "margin_mode"),
    basis=("cross margin: every position answers for every other",),
    spares_reducing=True,
    products=MARGINED,
)
def existing_positions(case: Case) -> Result:
    """Compare maintenance of the cross positions, this trade included, with the equity behind them."""
    early = _not_shared(case)
    if early is not None:
        return early
    ratio = _ratio(case)
    if isinstance(ratio, Result):
        return ratio
    seen, held = ratio
    if seen < _ONE:
        return passed("The cross account stays above maintenance.", seen, _ONE, "fraction of equity")
    return failed(
        f"With this trade, maintenance is {percent(seen, _ONE)} of the equity behind the cross account.",
        seen,
        _ONE,
        "fraction of equity",
        remedy=_within(case, seen, held, _ONE),
    )


@check(
    "liquidation.existing_margin_call",
    family=Family.LIQUIDATION,
    effect=Effect.REVIEW,
    title="Maintenance margin of a cross account stays within the policy's share of its equity",
    needs=("account.equity", "account.positions", "margin_mode"),
    parameters=("max_account_margin_ratio",),
    basis=("the policy",),
    spares_reducing=True,
    products=MARGINED,
)
def existing_margin_call(case: Case) -> Result:
    """Compare maintenance of the cross positions, this trade included, with the policy's share of equity."""
    most = case.policy.max_account_margin_ratio
    if most is None:
        return NOT_APPLICABLE
    early = _not_shared(case)
    if early is not None:
        return early
    ratio = _ratio(case)
    if isinstance(ratio, Result):
        return ratio
    seen, held = ratio
    if seen <= most:
        return passed("The cross account keeps its distance from a margin call.", seen, most, "fraction of equity")
    return failed(
        f"With this trade, maintenance is {percent(seen, most)} of the equity behind the cross account.",
        seen,
        most,
        "fraction of equity",
        remedy=_within(case, seen, held, most),
    )


def _not_shared(case: Case) -> Result | None:
    return None if case.trade.margin_mode is _CROSS else NOT_APPLICABLE


def _ratio(case: Case) -> tuple[Decimal, Decimal] | Result:
    """Return maintenance over equity of the cross account with the trade in it, and without."""
    positions, rate = case.exposure.positions, case.exposure.settle_rate
    own = case.figures.maintenance_margin
    account = given(case.trade.account)
    if positions is None or positions.cross_maintenance is None or rate is None or own is None:
        return unconverted(case) or _NO_MAINTENANCE
    equity = given(account.equity)
    if account.wallet_balance is not None and positions.cross_profit is not None:
        equity = account.wallet_balance + positions.cross_profit
    elif not positions.cross_only_here:
        return _NO_BALANCE
    elif positions.isolated_equity is None:
        return _ISOLATED_UNKNOWN
    else:
        equity -= positions.isolated_equity
    if equity <= 0:
        return failed("Nothing backs the cross account.", equity, _ONE, "fraction of equity")
    held = positions.cross_maintenance
    return (held + own * rate) / equity, held / equity


def _within(case: Case, seen: Decimal, held: Decimal, most: Decimal) -> Remedy | None:
    """Return the size whose maintenance fits: in proportion, or more where a smaller size has lower rates."""
    room, own = most - held, seen - held
    if room <= 0 or own <= 0:
        return None

    def share(changed: Case) -> Decimal | None:
        ratio = _ratio(changed)
        return None if isinstance(ratio, Result) else (ratio[0] - held) / room

    return size_that_fits(case, room / own * ROOM, share)
