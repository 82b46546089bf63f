"""Whether the account has anything to risk."""

from __future__ import annotations

from decimal import Decimal

from rules.case import Case
from rules.check import Result, check
from rules.checks.outcomes import failed, passed
from rules.decision import Effect, Family
from rules.inputs import given
from rules.remedies.nearest_change import reducing

_ZERO = Decimal(0)


@check(
    "risk.equity_positive",
    family=Family.RISK,
    effect=Effect.DENY,
    title="The account has equity",
    needs=("account.equity",),
    basis=("nothing can be risked that is not there",),
    venue_free=True,
    spares_reducing=True,
)
def equity_positive(case: Case) -> Result:
    """Compare equity with zero."""
    account = given(case.trade.account)
    equity = given(account.equity)
    if equity > 0:
        return passed("There is equity.", equity, _ZERO, account.currency)
    return failed("The account has no equity.", equity, _ZERO, account.currency, remedy=reducing(case))
