"""How much of the account goes into one trade, one venue, and how much is left free."""

from __future__ import annotations

from decimal import Decimal

from data.facts.amounts import plain
from rules.case import Case
from rules.check import LEVERAGED, Result, check
from rules.checks.not_known import fee_unknown, margin_at_least, margin_uncounted, unvalued, without_leverage
from rules.checks.outcomes import but_for_rounding, failed, passed, percent, rounded_up, unknown
from rules.checks.trying import size_that_fits, size_within
from rules.decision import Effect, Family, Remedy
from rules.figures.order_margin import margin_posted, margin_to_open, order_outlay
from rules.inputs import given
from rules.remedies.less_margin import size_factor_for_margin
from rules.remedies.nearest_change import reducing


@check(
    "risk.margin_available",
    family=Family.RISK,
    effect=Effect.DENY,
    title="Free collateral covers the margin that opening takes, added margin and the entry fee",
    needs=("account.free_collateral",),
    basis=("an order that is not covered is refused",),
    spares_reducing=True,
    products=LEVERAGED,
)
def margin_available(case: Case) -> Result:
    """Compare the margin posted and the entry fee with the collateral that is free."""
    needed = order_outlay(case)
    if needed is None:
        return margin_uncounted(case)
    account = given(case.trade.account)
    free = given(account.free_collateral)
    if needed <= free or but_for_rounding(needed, free):
        return _covered(case, "Free collateral covers the trade.", needed, free)
    return failed(
        f"The trade needs {rounded_up(needed, account.currency)} {account.currency} of free collateral; "
        f"{plain(free)} {account.currency} is free.",
        needed,
        free,
        account.currency,
        remedy=_covered_size(case, needed, free) or reducing(case),
    )


@check(
    "risk.margin_per_trade",
    family=Family.RISK,
    effect=Effect.REVIEW,
    title="Initial margin of one trade stays within the policy's share of equity",
    needs=("account.equity",),
    parameters=("max_margin_per_trade",),
    basis=("the policy",),
    spares_reducing=True,
    products=LEVERAGED,
)
def margin_per_trade(case: Case) -> Result:
    """Compare the margin that opening takes over equity with the policy's share."""
    most = given(case.policy.max_margin_per_trade)
    margin, rate = margin_to_open(case), case.exposure.settle_rate
    equity = given(given(case.trade.account).equity)
    if margin is None or rate is None or equity <= 0:
        return margin_uncounted(case)
    seen = margin * rate / equity
    if seen <= most or but_for_rounding(seen, most):
        return margin_at_least(case) or passed("The margin is within the policy.", seen, most, "fraction of equity")
    return failed(
        f"The trade ties up {percent(seen, most)} of equity.",
        seen,
        most,
        "fraction of equity",
        remedy=None
        if without_leverage(case)
        else size_that_fits(
            case,
            size_factor_for_margin(case, most / seen),
            lambda changed: (
                None if margin_at_least(changed) else given(margin_to_open(changed)) * rate / (most * equity)
            ),
        ),
    )


@check(
    "risk.free_collateral",
    family=Family.RISK,
    effect=Effect.REVIEW,
    title="Once the trade is open, the policy's share of equity is still free",
    needs=("account.equity", "account.free_collateral"),
    parameters=("min_free_collateral",),
    basis=("the policy",),
    spares_reducing=True,
    products=LEVERAGED,
)
def free_collateral(case: Case) -> Result:
    """Compare the margin posted and the entry fee with free collateral above the policy's reserve."""
    least = given(case.policy.min_free_collateral)
    needed = order_outlay(case)
    if needed is None:
        return margin_uncounted(case)
    account = given(case.trade.account)
    free, reserve = given(account.free_collateral), least * given(account.equity)
    room = free - reserve
    if needed <= room or but_for_rounding(needed, room):
        return _covered(case, "A reserve stays free.", free - needed, reserve)
    return failed(
        f"Less than {percent(least)} of equity would stay free.",
        free - needed,
        reserve,
        account.currency,
        remedy=_covered_size(case, needed, room) or reducing(case),
    )


@check(
    "risk.venue_concentration",
    family=Family.RISK,
    effect=Effect.REVIEW,
    title="Margin posted at one venue stays within the policy's share of equity",
    needs=("account.equity", "account.positions"),
    parameters=("max_venue_share",),
    basis=("the policy",),
    spares_reducing=True,
    products=LEVERAGED,
)
def venue_concentration(case: Case) -> Result:
    """Compare the margin of this trade with the room that positions at the venue leave under the policy's share."""
    most = given(case.policy.max_venue_share)
    positions = case.exposure.positions
    account = given(case.trade.account)
    equity = given(account.equity)
    if positions is None or positions.unvalued:
        return unvalued(case)
    if positions.venue_margin is None:
        return unknown(
            "A position at this venue tells neither its leverage nor its collateral.",
            "What margin is posted at this venue?",
            field="account.positions",
        )
    needed, room = margin_posted(case), most * equity - positions.venue_margin
    if needed is None:
        return margin_uncounted(case)
    if needed <= room or but_for_rounding(needed, room):
        return margin_at_least(case) or passed(
            "The venue holds no more than the policy's share.", needed, room, account.currency
        )
    return failed(
        f"More than {percent(most)} of equity would be posted at this venue.",
        needed,
        room,
        account.currency,
        remedy=size_within(case, needed, room, margin_posted) or reducing(case),
    )


@check(
    "risk.open_positions",
    family=Family.RISK,
    effect=Effect.WARN,
    title="The number of open positions stays within the policy's",
    needs=("account.positions",),
    parameters=("max_open_positions",),
    basis=("the policy",),
    spares_reducing=True,
)
def open_positions(case: Case) -> Result:
    """Compare the number of positions, this trade included unless it adds to one, with the policy's."""
    most, positions = given(case.policy.max_open_positions), given(case.exposure.positions)
    count = positions.count if positions.same_size or positions.opposite_size else positions.count + 1
    if count <= most:
        return passed("The number of positions is within the policy.", str(count), str(most), "positions")
    return failed(f"There would be {count} open positions.", str(count), str(most), "positions", remedy=reducing(case))


def _covered(case: Case, message: str, seen: Decimal, limit: Decimal) -> Result:
    """Return a pass, or the unknown that a fee nobody knows leaves, or a margin that is only known to be no less."""
    if case.figures.entry_fee is None:
        return fee_unknown(case)
    return margin_at_least(case) or passed(message, seen, limit, given(case.trade.account).currency)


def _covered_size(case: Case, needed: Decimal, room: Decimal) -> Remedy | None:
    """Return the size that free collateral covers; null where no size is known to be, as the entry fee is not."""
    return None if case.figures.entry_fee is None else size_within(case, needed, room, order_outlay)
