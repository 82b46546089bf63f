"""What a trade can lose in a jump over its stop."""

from __future__ import annotations

from decimal import Decimal

from data.facts.vocabulary import ContractType, MarginMode, Product, Side
from rules.case import Case
from rules.check import Result, check
from rules.checks.not_known import (
    loss_unknown,
    margin_at_least,
    of_an_option,
    without_leverage,
)
from rules.checks.outcomes import but_for_rounding, failed, passed, percent
from rules.checks.risk.hedging import speculative_share
from rules.checks.trying import size_that_fits
from rules.decision import Effect, Family, Remedy
from rules.figures.jump import left_of_price, lost_share
from rules.figures.margins import isolated_backing
from rules.figures.money import Conversion
from rules.figures.order_margin import margin_to_open
from rules.inputs import given
from rules.margin.rounding import EDGE
from rules.remedies.less_margin import size_factor_for_margin
from rules.remedies.nearest_change import size_times

_INVERSE = ContractType.INVERSE
_ISOLATED = MarginMode.ISOLATED
_LONG = Side.LONG
_OPTION = Product.OPTION
_QUANTO = ContractType.QUANTO
_SAME_MONEY = Conversion.SAME

_ZERO = Decimal(0)
_ONE = Decimal(1)
_OFFSET = passed("What the trade hedges gains what a jump costs it.", flags=("hedge_exempt",))


@check(
    "risk.shock_loss",
    family=Family.RISK,
    effect=Effect.REVIEW,
    title="A jump over the stop costs no more than the policy's share of equity",
    needs=("account.equity",),
    parameters=("shock_move", "max_shock_loss"),
    basis=(
        "the policy; an isolated position loses no more than its margin and what backs the position it adds to",
        "what is hedged gains what the hedge loses",
    ),
    spares_reducing=True,
)
def shock_loss(case: Case) -> Result:
    """Compare the loss in an adverse move of the policy's size with its share of equity.

    Of a hedge what exceeds the hedged exposure counts; where what is held is not known, the whole must be bearable for
    the rule to pass. A bought option loses its premium at most; what a written one loses its premium does not tell.
    """
    move, most = given(case.policy.shock_move), given(case.policy.max_shock_loss)
    if case.terms.product is _OPTION and case.trade.side is _LONG:
        return _premium_lost(case, most)
    worth, equity = case.exposed, given(given(case.trade.account).equity)
    if worth is None or equity <= 0 or case.terms.contract_type is _QUANTO:
        return of_an_option(case) or loss_unknown(case)
    told = speculative_share(case)
    share = _ONE if isinstance(told, Result) else told
    if not share:
        return _OFFSET
    loss, bound = worth * lost_share(case.trade.side, case.exposure, move), _bound(case)
    seen = share * (loss if bound is None else min(loss, bound)) / equity
    if seen <= most or but_for_rounding(seen, most):
        return (None if but_for_rounding(share * loss, most * equity) else margin_at_least(case)) or passed(
            "A jump over the stop is bearable.", seen, most, "fraction of equity"
        )
    if isinstance(told, Result):
        return told
    beyond = "" if share == _ONE else ", beyond what the hedge offsets"
    return failed(
        f"A move of {percent(move)} over the stop loses {percent(seen, most)} of equity{beyond}.",
        seen,
        most,
        "fraction of equity",
        remedy=_bearable(case, most * equity, loss, bound, share),
    )


def _premium_lost(case: Case, most: Decimal) -> Result:
    """Compare the premium of a bought option with the policy's share of equity."""
    premium, rate = case.figures.notional, case.exposure.settle_rate
    equity = given(given(case.trade.account).equity)
    if premium is None or rate is None or equity <= 0:
        return loss_unknown(case)
    seen = premium * rate / equity
    if seen <= most or but_for_rounding(seen, most):
        return passed("A bought option loses its premium at most.", seen, most, "fraction of equity")
    hedged = speculative_share(case)
    if isinstance(hedged, Result):
        return hedged
    return failed(
        f"The option's premium is {percent(seen, most)} of equity.",
        seen,
        most,
        "fraction of equity",
        remedy=size_times(case, most / seen * EDGE),
    )


def _bound(case: Case) -> Decimal | None:
    """Return what an isolated position can lose at most, in the account's currency; null where nothing bounds it, or
    what does is not known.
    """
    settle, fixed = _margin_rate(case), _backing_besides(case)
    margin = margin_to_open(case) if case.trade.margin_mode is _ISOLATED else None
    return None if margin is None or settle is None or fixed is None else (margin + fixed) * settle


def _backing_besides(case: Case) -> Decimal | None:
    """Return what is lost with the trade's own margin, whatever its size: margin added by hand, and what backs the
    position that it adds to. In settlement currency; null where that is not known.
    """
    added, positions = case.trade.added_margin or _ZERO, case.exposure.positions
    if positions is None or not positions.same_size:
        return added
    joined = isolated_backing(case.trade, case.terms, case.exposure)
    return None if joined is None else added + joined


def _margin_rate(case: Case) -> Decimal | None:
    """Return what one unit of margin is in the account's currency, before the policy's move or after it, whichever is
    more: where on the way the margin is used up is not reckoned.
    """
    rate = case.exposure.settle_rate
    if rate is None or case.exposure.settle_conversion is _SAME_MONEY:
        return rate
    left = left_of_price(case.trade.side, given(case.policy.shock_move))
    return rate * max(left, _ONE) if case.terms.contract_type is _INVERSE else rate / min(left, _ONE)


def _bearable(case: Case, most: Decimal, loss: Decimal, bound: Decimal | None, share: Decimal) -> Remedy | None:
    """Return the larger of the sizes whose move and whose margin lose `most`; margin added by hand does not shrink, nor
    what backs the position it adds to, nor what is hedged.

    `share` of the present size is speculation.
    """
    hedged = _ONE - share
    by_move = size_times(case, (hedged + most / loss) * EDGE)
    fixed = (_backing_besides(case) or _ZERO) * (_margin_rate(case) or _ZERO)
    if bound is None or bound <= fixed or most <= fixed or without_leverage(case):
        return by_move

    def taken(changed: Case) -> Decimal | None:
        lost, part = _bound(changed), speculative_share(changed)
        return None if lost is None or isinstance(part, Result) or margin_at_least(changed) else lost * part / most

    by_margin = size_that_fits(case, size_factor_for_margin(case, hedged + (most - fixed) / (bound - fixed)), taken)
    if by_move is None or by_margin is None:
        return by_move or by_margin
    return max(by_move, by_margin, key=lambda remedy: remedy.largest_passing or _ZERO)
