"""Auto-deleveraging: whether the venue may close a winning position, and how near the front of the queue it stands."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from data.facts.margin_models import AdlRanking, ReportedFee, RequirementModel
from data.facts.venues import LiquidationPolicy
from data.facts.vocabulary import ContractType, MarginMode, Product, Side
from rules.adl.score import Standing, adl_score
from rules.case import Case
from rules.check import NOT_APPLICABLE, Result, check
from rules.checks.left_out import left_out
from rules.checks.outcomes import apart, failed, passed, unknown
from rules.checks.trying import holds_more, leverage_that_fits
from rules.decision import Effect, Family, Remedy
from rules.figures.margins import cross_account
from rules.figures.order_margin import margined_value
from rules.figures.sizes import added_margin_of
from rules.inputs import given
from rules.remedies.nearest_change import ROOM, either, leverage_at_most, venues_where

_CROSS = MarginMode.CROSS
_ISOLATED = MarginMode.ISOLATED
_INVERSE = ContractType.INVERSE
_LINEAR = ContractType.LINEAR
_LONG = Side.LONG
_RETURN = AdlRanking.RETURN
_SOCIALISED = AdlRanking.NONE_SOCIALISED
_UNKNOWN = AdlRanking.UNKNOWN

_ZERO = Decimal(0)
_DERIVATIVES = frozenset({Product.PERPETUAL, Product.FUTURE})
_NO_POLICY = unknown(
    "Whether the venue may close a winning position is not known.", "Does the venue deleverage winners?"
)
_ACCEPTED_UNKNOWN = passed(
    "Whether the venue may close a winning position is not known; the policy accepts that it may."
)
_SHARED = "The venue closes no winning positions: a shortfall is shared among winners."
_UNTOLD = "Nothing read tells of deleveraging winners at this venue, and nothing rules it out."
_NO_RANKING = unknown("The venue's ranking for deleveraging is not known.", "How does the venue rank winners?")
_NO_SCORE = unknown(
    "The score at the target cannot be computed from what is known.",
    "What score would the position have at its target?",
)
_INVERSE_SCORE = unknown(
    "The score at the target is reckoned of linear contracts alone: the value of an inverse one in coins falls as its"
    " price rises.",
    "What score would the position have at its target?",
)
_NO_EQUITY = "What backs the cross position at its target, the equity of the account, is not known."
_NO_POSITIONS = unknown(_NO_EQUITY, "What is held at the venue, and at what mark prices?", field="account.positions")
_NO_WALLET = unknown(
    _NO_EQUITY, "What is the wallet balance behind the cross positions at this venue?", field="account.wallet_balance"
)
_CROSS_BESIDE_HELD = unknown(
    "The score of a cross position beside more of the same instrument is not computed.",
    "What score would the whole position have at the target?",
)


@check(
    "adl.accepted",
    family=Family.ADL,
    effect=Effect.WARN,
    title="The venue cannot close a winning position, or the policy accepts that it may",
    parameters=("adl_accepted",),
    asked_by=(),
    basis=("the venue's deleveraging policy",),
    of_terms=True,
    products=_DERIVATIVES,
)
def accepted(case: Case) -> Result:
    """Ask whether the venue deleverages winners, and tell at what price, or who bears a shortfall instead.

    That nothing read tells of it, where what would rule it out was not read (`low_confidence`), is not known.
    """
    policy, model = case.terms.adl, case.terms.margin_model
    if model is not None and model.adl_ranking is _SOCIALISED:
        of_model = policy is None or policy.exists
        told_by = (model.source, *model.also_sources) if of_model else (given(policy).source,)
        return passed(_SHARED, "no", None, None, told_by)
    if policy is None:
        return _ACCEPTED_UNKNOWN if case.policy.adl_accepted else _NO_POLICY
    sources = (policy.source,)
    if not policy.exists:
        if not policy.low_confidence:
            return passed("The venue does not deleverage winners.", "no", None, None, sources)
        if case.policy.adl_accepted:
            return passed(f"{_UNTOLD} The policy accepts that it may.", None, None, None, sources)
        return unknown(_UNTOLD, "Does the venue deleverage winners?", sources=sources)
    told = f"The venue may close a winning position; price: {policy.counterparty_price}."
    if case.policy.adl_accepted:
        return passed(told, "yes", None, None, sources)
    return failed(told, "yes", "no", sources=sources, remedy=venues_where(case, _never_deleverages(case)))


def _never_deleverages(case: Case) -> Callable[[str], bool]:
    """Return what says of a venue that it is known to deleverage no winners, nor to share a shortfall among them."""
    product, kind, mode = case.terms.product, case.terms.contract_type, case.trade.margin_mode

    def holds(venue: str) -> bool:
        policy = None if product is None else case.knowledge.adl(venue, product)
        if policy is None or policy.exists or policy.low_confidence or product is None:
            return False
        model = None if kind is None else case.knowledge.margin_model(venue, product, kind, mode)
        return model is None or model.adl_ranking is not _SOCIALISED

    return holds


@check(
    "adl.score_at_target",
    family=Family.ADL,
    effect=Effect.WARN,
    title="At its target the position does not stand too near the front of the deleveraging queue",
    needs=("take_profit_price", "leverage"),
    parameters=("max_adl_score",),
    basis=("the venue's published ranking",),
    spares_reducing=True,
    products=_DERIVATIVES,
)
def score_at_target(case: Case) -> Result:
    """Compare the score the venue would give the position at its target with the policy's."""
    most = given(case.policy.max_adl_score)
    policy, model = case.terms.adl, case.terms.margin_model
    if (policy is not None and not policy.exists) or (model is not None and model.adl_ranking is _SOCIALISED):
        return NOT_APPLICABLE
    standing = _standing(case)
    seen = None if standing is None else adl_score(given(case.terms.margin_model).adl_ranking, standing)
    if standing is None or seen is None:
        return _why_not_scored(case)
    sources = (given(model if policy is None else policy).source,)
    if seen <= most:
        return passed("The score at the target is within the policy.", seen, most, "score", sources)
    return failed(
        f"At its target the position scores {apart(seen, most, 2)}.",
        seen,
        most,
        "score",
        sources=sources,
        remedy=either(
            _less_leverage(case, standing, seen, most),
            venues_where(case, _never_deleverages(case)),
        ),
    )


def _why_not_scored(case: Case) -> Result:
    model, kind = case.terms.margin_model, case.terms.contract_type
    if model is None or model.adl_ranking not in _RANKED:
        return _NO_RANKING
    if kind is _INVERSE:
        return _INVERSE_SCORE
    if case.trade.margin_mode is _CROSS and kind is _LINEAR and model.adl_ranking is not _RETURN:
        if holds_more(case):
            return _CROSS_BESIDE_HELD
        if cross_account(case.trade, case.terms, case.exposure) is None:
            return _without_equity(case)
    return left_out(case) or _NO_SCORE


def _without_equity(case: Case) -> Result:
    held = case.exposure.positions
    if held is None or held.cross_profit is None:
        return _NO_POSITIONS
    return _NO_SCORE if held.cross_maintenance is None else _NO_WALLET


def _less_leverage(case: Case, standing: Standing, seen: Decimal, most: Decimal) -> Remedy | None:
    """Return the highest leverage of a score that is accepted, where the score falls with what backs the position.

    What must back it tells the leverage, unless the venue counts a fee in the margin: then it is found by trying. A
    cross position is backed by the account, whatever its leverage.
    """
    model = case.terms.margin_model
    if (
        case.trade.margin_mode is _CROSS
        or most <= 0
        or not isinstance(model, RequirementModel)
        or model.adl_ranking not in _LEVERAGED
    ):
        return None
    if model.initial_reported_fee is not ReportedFee.NONE or standing.margin is None:
        return leverage_that_fits(case, lambda changed: _share_of_score(changed, most))
    needed = standing.margin * seen / most - standing.unrealized_pnl - (added_margin_of(case.trade) or _ZERO)
    return leverage_at_most(margined_value(model, case) / needed * ROOM) if needed > 0 else None


def _share_of_score(case: Case, most: Decimal) -> Decimal | None:
    standing = _standing(case)
    seen = None if standing is None else adl_score(given(case.terms.margin_model).adl_ranking, standing)
    return None if seen is None else seen / most


_LEVERAGED = (AdlRanking.PROFIT_AND_LEVERAGE, AdlRanking.PRICE_AND_LEVERAGE)
_RANKED = (*_LEVERAGED, AdlRanking.RETURN_AND_MAINTENANCE, _RETURN)


def _standing(case: Case) -> Standing | None:
    """Return how a linear position stands at its target; null where that, or the venue's ranking, is not known.

    An isolated one is backed by its margin, a cross one by the equity of the account. More of the instrument, held in
    the same account, would gain or lose on the way to the target too: a cross one is not scored beside it. Where the
    venue ranks by return alone neither counts.
    """
    model, figures, entry = case.terms.margin_model, case.figures, case.figures.entry_price
    value, margin, maintenance = figures.notional, figures.initial_margin, figures.maintenance_margin
    if model is None or model.adl_ranking is _UNKNOWN or case.terms.contract_type is not _LINEAR:
        return None
    if case.trade.margin_mode is _CROSS and model.adl_ranking is not _RETURN:
        account = None if holds_more(case) else cross_account(case.trade, case.terms, case.exposure)
        if account is None:
            return None
        margin, others = account
        maintenance = None if maintenance is None else maintenance + others
    if not entry or value is None or margin is None:
        return None
    target = given(case.trade.take_profit_price)
    long = case.trade.side is _LONG
    profit = value * ((target - entry) if long else (entry - target)) / entry
    backing = margin + (added_margin_of(case.trade) or _ZERO) + profit
    if backing <= 0:
        return None
    return Standing(
        entry_value=value,
        mark_value=value * target / entry,
        unrealized_pnl=profit,
        margin=backing,
        maintenance_rate=None if maintenance is None else maintenance / backing,
        price_ratio=target / entry if long else entry / target,
    )


@check(
    "adl.insurance_fund",
    family=Family.ADL,
    effect=Effect.WARN,
    title="An insurance fund stands before deleveraging",
    parameters=("insurance_fund_wanted",),
    basis=("the venue's liquidation policy",),
    of_terms=True,
    products=_DERIVATIVES,
)
def insurance_fund(case: Case) -> Result:
    """Ask whether the venue keeps an insurance fund."""
    policy = case.terms.liquidation or _of_either_mode(case)
    if policy is None or policy.insurance_fund is None:
        return unknown("Whether the venue keeps an insurance fund is not known.", "Does the venue keep one?")
    if policy.insurance_fund:
        return passed("The venue keeps an insurance fund.", "yes", None, None, (policy.source,))
    return failed(
        "The venue keeps no insurance fund.",
        "no",
        "yes",
        sources=(policy.source,),
        remedy=venues_where(case, _keeps_a_fund(case)),
    )


def _of_either_mode(case: Case) -> LiquidationPolicy | None:
    """Return a liquidation policy where the trade states no margin mode and those of both modes agree on the fund."""
    trade, terms, find = case.trade, case.terms, case.knowledge.liquidation
    if trade.margin_mode is not None or terms.product is None:
        return None
    isolated, cross = (find(trade.venue, terms.product, mode, terms.contract_type) for mode in (_ISOLATED, _CROSS))
    if isolated is None or cross is None or isolated.insurance_fund is not cross.insurance_fund:
        return None
    return isolated


def _keeps_a_fund(case: Case) -> Callable[[str], bool]:
    product, mode = case.terms.product, case.trade.margin_mode

    def holds(venue: str) -> bool:
        policy = None if product is None else case.knowledge.liquidation(venue, product, mode)
        return policy is not None and policy.insurance_fund is True

    return holds
