"""Cost against the margin: fees, slippage, funding and interest, each and together."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache

from data.facts.vocabulary import Product, Side
from rules.case import Case
from rules.check import LEVERAGED, Result, check
from rules.checks.cost.holding import held_shorter, share_of
from rules.checks.left_out import NO_LEVERAGE, UNSIZED, left_out, left_out_of_size
from rules.checks.not_known import NO_FEE, fee_unknown, margin_unknown
from rules.checks.outcomes import but_for_rounding, failed, passed, percent, unknown
from rules.checks.taking import takes_nothing
from rules.decision import Effect, Family, Figures, Remedy
from rules.figures.borrowing import lends_whole_cost
from rules.figures.costs import funding_interval_of, funding_rate_of, missing_costs
from rules.inputs import given
from rules.remedies.less_margin import less_leverage
from rules.remedies.nearest_change import ROOM, either, leverage_at_most
from rules.trade import OrderType

_LIMIT = OrderType.LIMIT
_LONG = Side.LONG
_PERPETUALS = frozenset({Product.PERPETUAL})
_LOANS = frozenset({Product.SPOT_MARGIN})

_ONE = Decimal(1)
_OF_MARGIN = "fraction of initial margin"
_NO_INTEREST = unknown(
    "The venue's interest on this loan is not known.",
    "What interest per hour does the venue charge now?",
    field="market.borrow_rate",
)
_NO_HOLDING = unknown(
    "For how long the loan bears interest is not known.",
    "For how many hours is the position to be held?",
    field="holding_hours",
)
_ONE_SIDED = unknown(
    "One side of the book is empty: slippage has no middle to be measured from.",
    "What rests on both sides of the book?",
    field="market.order_book",
)
_TOO_THIN = unknown(
    "The book given does not hold the size: what filling the rest of it costs is not known.",
    "What else rests in the book?",
    field="market.order_book",
)
_NO_FUNDING_RATE = unknown(
    "The position is held over a funding stamp and no funding rate is given.",
    "What is the funding rate per interval?",
    field="market.funding_rate",
)
_FINANCED = unknown(
    "What holding costs is not known: the venue finances this contract.", "What does the venue charge for holding it?"
)
_NO_FUNDING_TERMS = unknown("The venue's funding interval is not known.", "How often is funding paid?")
_NO_INTERVAL = unknown(
    "The venue's funding interval differs from contract to contract, and this one's is not on file.",
    "How many hours is the funding rate for?",
    field="market.funding_interval_hours",
)


def fee_sources(case: Case) -> tuple[str, ...]:
    """Return the sources of the trading fees: the schedule's, where there is none of the charges per contract."""
    terms = case.terms
    if terms.fee_taxes:
        return tuple(dict.fromkeys((*_untaxed_sources(case), *(one.source for one in terms.fee_taxes))))
    if terms.fee is not None and terms.maker_fee is terms.fee:
        return (terms.fee.source,)
    return _untaxed_sources(case)


def _untaxed_sources(case: Case) -> tuple[str, ...]:
    fee, maker = case.terms.fee, case.terms.maker_fee
    if fee is not None:
        if maker is None or maker.source == fee.source or case.trade.order_type is not _LIMIT:
            return (fee.source,)
        return fee.source, maker.source
    return tuple(dict.fromkeys(charge.source for charge in case.terms.charges))


def funding_sources(case: Case) -> tuple[str, ...]:
    """Return the source of the venue's funding terms."""
    terms = case.terms.funding
    return () if terms is None else (terms.source,)


def total_sources(case: Case) -> tuple[str, ...]:
    """Return the sources of all costs together: the fees', and the funding terms' where funding is among them."""
    funding = case.terms.funding
    if not case.figures.funding_cost or funding is None:
        return fee_sources(case)
    of_fees = fee_sources(case)
    return of_fees if funding.source in of_fees else (*of_fees, funding.source)


def share_of_margin(
    case: Case,
    cost: Decimal,
    most: Decimal,
    what: str,
    within: str,
    sources: tuple[str, ...] = (),
    *,
    less: Remedy | None = None,
    accruing: Callable[[Figures], Decimal | None] | None = None,
    with_remedy: bool = True,
) -> Result:
    """Compare a cost over initial margin with the policy's share; costs follow notional, so less leverage passes.

    `what` begins the sentence of a fail, `within` is that of a pass. A cost that grows as the trade is held is
    `accruing` of its figures: held for less, it passes too.
    """
    margin = case.figures.initial_margin
    if margin is None or margin <= 0:
        return margin_unknown(case)
    seen = cost / margin
    if seen <= most or but_for_rounding(seen, most):
        return passed(within, seen, most, _OF_MARGIN, sources)
    shorter = None
    if accruing is not None:
        shorter = held_shorter(case, lambda one: share_of(accruing(one.figures), one.figures.initial_margin, most))
    remedy = either(less or less_leverage(case, most / seen), shorter) if with_remedy else None
    return failed(
        f"{what} come to {percent(seen, most)} of the margin.", seen, most, _OF_MARGIN, sources=sources, remedy=remedy
    )


def total_unknown(case: Case) -> Result:
    """Return the unknown of costs of which some part has no value, by what is missing of it."""
    figures, trade, market = case.figures, case.trade, case.trade.market
    missing = left_out(case)
    if missing is not None or figures.entry_fee is None or figures.exit_fee is None:
        return missing or NO_FEE
    if missing_costs(figures, trade, case.terms, case.opening_mark) == ("slippage_cost",):
        return _no_slippage(case)
    if figures.borrow_cost is None and trade.holding_hours is None:
        return _NO_HOLDING
    if figures.borrow_cost is None:
        return _NO_INTEREST if market is None or market.borrow_rate is None else NO_LEVERAGE
    if case.terms.product not in _PERPETUALS:
        return _FINANCED
    if case.terms.funding is None:
        return _NO_FUNDING_TERMS
    return _NO_FUNDING_RATE if market is None or market.funding_rate is None else _NO_INTERVAL


@check(
    "cost.fees_on_margin",
    family=Family.COST,
    effect=Effect.REVIEW,
    title="Fees of entry and exit stay within the policy's share of the margin",
    needs=("leverage",),
    parameters=("max_fees_on_margin",),
    basis=("us.seed_000", "one side costs rate times leverage of the margin: 0.05% at 10x is 0.5%"),
    spares_reducing=True,
    products=LEVERAGED,
)
def fees_on_margin(case: Case) -> Result:
    """Compare entry and exit fee over initial margin with the policy's share."""
    most = given(case.policy.max_fees_on_margin)
    entry, leaving = case.figures.entry_fee, case.figures.exit_fee
    if entry is None or leaving is None:
        return fee_unknown(case)
    return share_of_margin(
        case, entry + leaving, most, "Fees", "Fees stay within the policy's share of the margin.", fee_sources(case)
    )


@check(
    "cost.slippage_on_margin",
    family=Family.COST,
    effect=Effect.REVIEW,
    title="Slippage of the entry stays within the policy's share of the margin",
    needs=("leverage", "market.order_book"),
    parameters=("max_slippage_on_margin",),
    basis=("the policy; the book is the caller's",),
    spares_reducing=True,
    products=LEVERAGED,
)
def slippage_on_margin(case: Case) -> Result:
    """Compare the cost of slippage over initial margin with the policy's share."""
    most = given(case.policy.max_slippage_on_margin)
    resting = takes_nothing(case)
    if resting is not None:
        return resting
    cost = case.figures.slippage_cost
    if cost is None:
        return _no_slippage(case)
    return share_of_margin(
        case, cost, most, "Slippage would", "Slippage would stay within the policy's share of the margin."
    )


def _no_slippage(case: Case) -> Result:
    """Return why what an order that takes loses to slippage is not known."""
    figures = case.figures
    if figures.quantity is None:
        return left_out_of_size(case) or UNSIZED
    if figures.average_fill_price is None:
        return _TOO_THIN
    return _ONE_SIDED if figures.slippage is None else margin_unknown(case)


@check(
    "cost.funding_on_margin",
    family=Family.COST,
    effect=Effect.REVIEW,
    title="Funding over the holding time is known and stays within the policy's share of the margin",
    needs=("holding_hours", "leverage"),
    parameters=("max_funding_on_margin",),
    basis=("the policy; the venue's funding interval",),
    spares_reducing=True,
    products=_PERPETUALS,
)
def funding_on_margin(case: Case) -> Result:
    """Compare funding over initial margin with the policy's share; over a stamp without a rate it is not known."""
    most = given(case.policy.max_funding_on_margin)
    cost, market, terms = case.figures.funding_cost, case.trade.market, case.terms.funding
    if cost is not None:
        return share_of_margin(
            case,
            cost,
            most,
            "Funding would",
            "Funding would stay within the policy's share of the margin.",
            funding_sources(case),
            accruing=lambda figures: figures.funding_cost,
        )
    if market is not None and market.funding_rate is not None:
        missing = left_out(case)
        if missing is not None or terms is None:
            return missing or _NO_FUNDING_TERMS
        return _NO_INTERVAL if funding_interval_of(case.trade, case.terms) is None else margin_unknown(case)
    hours, interval = given(case.trade.holding_hours), funding_interval_of(case.trade, case.terms)
    if interval is not None and hours < interval:
        return passed("Held for less than one funding interval.", hours, interval, "hours", funding_sources(case))
    return _NO_FUNDING_RATE if terms is None or interval is not None else _NO_INTERVAL


@check(
    "cost.funding_annualised",
    family=Family.COST,
    effect=Effect.WARN,
    title="The funding rate paid, as an annual one, stays within the policy's",
    needs=("market.funding_rate",),
    parameters=("max_funding_annualised",),
    basis=("us.seed_003", "simple annual rate: it adds up and does not compound"),
    spares_reducing=True,
    products=_PERPETUALS,
)
def funding_annualised(case: Case) -> Result:
    """Compare the annual rate the side pays with the policy's; a side that receives passes."""
    most = given(case.policy.max_funding_annualised)
    yearly = case.figures.funding_rate_annualised
    if yearly is None:
        return _NO_FUNDING_TERMS if case.terms.funding is None else _NO_INTERVAL
    seen = yearly if case.trade.side is _LONG else -yearly
    if seen <= most or but_for_rounding(seen, most):
        return passed("The funding rate is within the policy.", seen, most, "fraction a year", funding_sources(case))
    return failed(
        f"Funding costs {percent(seen, most)} of the position a year.",
        seen,
        most,
        "fraction a year",
        sources=funding_sources(case),
    )


@check(
    "cost.funding_rate_in_bounds",
    family=Family.COST,
    effect=Effect.WARN,
    title="The funding rate given lies within the venue's cap and floor",
    needs=("market.funding_rate",),
    basis=("the venue's funding terms",),
    products=_PERPETUALS,
)
def funding_rate_in_bounds(case: Case) -> Result:
    """Compare the funding rate with the venue's bounds for one interval."""
    terms, rate = case.terms.funding, given(funding_rate_of(case.trade, case.terms))
    if terms is None:
        return _NO_FUNDING_TERMS
    if terms.cap is not None and rate > terms.cap:
        return failed(
            "The rate given is above the venue's cap.", rate, terms.cap, "per interval", sources=(terms.source,)
        )
    if terms.floor is not None and rate < terms.floor:
        return failed(
            "The rate given is below the venue's floor.", rate, terms.floor, "per interval", sources=(terms.source,)
        )
    if terms.cap is None or terms.floor is None:
        return _NO_BOUNDS
    return passed("The rate is one the venue can charge.", rate, terms.cap, "per interval", (terms.source,))


_NO_BOUNDS = unknown(
    "The venue's cap or its floor of the funding rate is not known.",
    "Within which bounds does the venue keep it?",
)


@check(
    "cost.borrow_on_margin",
    family=Family.COST,
    effect=Effect.REVIEW,
    title="Interest over the holding time stays within the policy's share of the margin",
    needs=("holding_hours", "leverage"),
    parameters=("max_borrow_on_margin",),
    basis=("the policy; the venue's borrowing rates",),
    spares_reducing=True,
    products=_LOANS,
)
def borrow_on_margin(case: Case) -> Result:
    """Compare the interest of a spot margin loan over initial margin with the policy's share."""
    most = given(case.policy.max_borrow_on_margin)
    cost = case.figures.borrow_cost
    if cost is None:
        return left_out(case) or _NO_INTEREST
    return share_of_margin(
        case,
        cost,
        most,
        "Interest would",
        "Interest would stay within the policy's share of the margin.",
        less=_borrowing_less(case, cost, most),
        accruing=lambda figures: figures.borrow_cost,
    )


def _borrowing_less(case: Case, cost: Decimal, most: Decimal) -> Remedy | None:
    """Return the leverage at which costs fit that contain the interest of a long, which borrows `N (1 - 1 / L)`.

    With interest `i` on one unit and other costs `c`, `(c + i N (1 - 1 / L)) L / N = most` has `L = (most + i) N / (c +
    i N)`. Where the venue lends the whole cost, interest is the same at every leverage above 1. Null where nothing is
    borrowed so.
    """
    interest, leverage, notional = case.figures.borrow_cost, case.trade.leverage, case.figures.notional
    if not interest or not leverage or not notional or leverage <= _ONE or case.trade.side is not _LONG:
        return None
    if lends_whole_cost(case.terms.margin_model):
        fits = most * notional / cost * ROOM
        if fits > _ONE:
            return leverage_at_most(fits)
        return leverage_at_most(_ONE) if cost - interest <= most * notional else None
    rate = interest / (notional - notional / leverage)
    return leverage_at_most((most + rate) * notional / (cost - interest + rate * notional) * ROOM)


@check(
    "cost.total_on_margin",
    family=Family.COST,
    effect=Effect.REVIEW,
    title="All costs together stay within the policy's share of the margin",
    needs=("leverage",),
    parameters=("max_cost_on_margin",),
    basis=("the policy",),
    spares_reducing=True,
    products=LEVERAGED,
)
def total_on_margin(case: Case) -> Result:
    """Compare fees, slippage, funding and interest over initial margin with the policy's share."""
    most = given(case.policy.max_cost_on_margin)
    total = case.figures.total_cost
    if total is None:
        return total_unknown(case)
    less = _borrowing_less(case, total, most)
    return share_of_margin(
        case,
        total,
        most,
        "All costs",
        _STAY_WITHIN.format(costs=costs_counted(case)) if case.figures.cost_notes else _ALL_STAY_WITHIN,
        total_sources(case),
        less=less,
        accruing=lambda figures: figures.total_cost,
    )


_STAY_WITHIN = "{costs} stay within the policy's share of the margin."
_ALL = "All costs together"
_ALL_STAY_WITHIN = _STAY_WITHIN.format(costs=_ALL)
_NOT_COUNTED = " is not in the total"


def costs_counted(case: Case) -> str:
    """Return what the total is of: what its notes say is not in it is left out."""
    left = left_out_of_total(case.figures.cost_notes)
    return f"Costs {left}" if left else _ALL


@lru_cache(maxsize=256)
def left_out_of_total(notes: tuple[str, ...]) -> str:
    """Return what notes on costs say is not in their total, as "without …"; empty where all is in it."""
    left = [note.partition(_NOT_COUNTED)[0] for note in notes if _NOT_COUNTED in note]
    return f"without {' and '.join(left)}" if left else ""
