"""What a trade can lose: at its stop, in a jump over the stop, and against what it can gain."""

from __future__ import annotations

from decimal import Decimal

from data.facts.vocabulary import ContractType, MarginMode, Product, Side
from rules.case import Case
from rules.check import AT_THE_UNDERLYING, NOT_APPLICABLE, Result, check
from rules.checks.inputs import given
from rules.checks.outcomes import apart, but_for_rounding, failed, passed, percent, short, unknown
from rules.checks.risk.hedging import matching_size, speculative_share, unmatched_share
from rules.checks.risk.leverage import (
    margin_at_least,
    of_an_option,
    of_no_known_kind,
    unconverted,
    without_leverage,
)
from rules.checks.trying import size_that_fits
from rules.decision import Effect, Family, Remedy
from rules.figures.margins import isolated_backing
from rules.figures.money import Conversion
from rules.figures.opening import losing_end, winning_end
from rules.figures.sizes import entry_price_of
from rules.remedies.nearest_change import (
    EDGE,
    ROOM,
    either,
    margin_to_open,
    reducing,
    size_factor_for_margin,
    size_times,
)
from rules.remedies.price_steps import LARGEST_PRICE, SMALLEST_STEP, next_step, to_step
from rules.trade import Intent

_HEDGE = Intent.HEDGE
_INVERSE = ContractType.INVERSE
_ISOLATED = MarginMode.ISOLATED
_LONG = Side.LONG
_OPTION = Product.OPTION
_SAME_MONEY = Conversion.SAME

_ZERO = Decimal(0)
_ONE = Decimal(1)
_UNPRICED = unknown("The entry price is not known.", "At what price would it be entered?", field="entry_price")
_UNSIZED = unknown(
    "The loss cannot be computed: size or price is missing, or not convertible into the account's currency.",
    "What are size and entry price, in the account's currency?",
    field="notional",
)
_HAS_STOP = passed("The trade names its stop.")
_HEDGED = passed("A hedge is stopped by what it hedges.", flags=("hedge_exempt",))
_OFFSET = passed("What the trade hedges gains what a jump costs it.", flags=("hedge_exempt",))


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
    equity = given(given(case.trade.account).equity)
    if equity > 0:
        return passed("There is equity.", equity, _ZERO)
    return failed("The account has no equity.", equity, _ZERO, remedy=reducing(case))


@check(
    "risk.stop_present",
    family=Family.RISK,
    effect=Effect.REVIEW,
    title="A speculative trade names its stop; reduce-only is exempt, and a hedge as far as it offsets what is held",
    parameters=("stop_required", "max_hedge_excess"),
    basis=("the policy; what exceeds the hedged exposure is speculation",),
    venue_free=True,
    spares_reducing=True,
)
def stop_present(case: Case) -> Result:
    """Ask for a stop, of a hedge where it exceeds what it hedges by more than the policy lets it."""
    trade = case.trade
    if not case.policy.stop_required:
        return NOT_APPLICABLE
    if trade.stop_price is not None:
        return _HAS_STOP
    if trade.intent is not _HEDGE:
        return failed("The policy wants a stop and the trade names none.", remedy=_loss_bounding_stop(case))
    share = unmatched_share(case)
    if isinstance(share, Result):
        return share
    if not share:
        return _HEDGED
    if share == _ONE:
        return failed(
            "The policy wants a stop, the trade names none, and nothing held in this underlying is left to hedge.",
            remedy=_loss_bounding_stop(case),
        )
    return failed(
        f"The policy wants a stop, the trade names none, and {percent(share)} of it exceeds what it hedges.",
        remedy=either(matching_size(case), _loss_bounding_stop(case)),
    )


def _loss_bounding_stop(case: Case) -> Remedy | None:
    """Return the farthest stop that the policy's loss per trade allows; any on the losing side where that is less than
    a tick, or size, equity or limit is missing. Null without an entry price.
    """
    most, account, figures = case.policy.max_loss_per_trade, case.trade.account, case.figures
    entry, rate, long = entry_price_of(case.trade), case.exposure.settle_rate, case.trade.side is _LONG
    if entry is None:
        return None
    if (
        most is None
        or account is None
        or not account.equity
        or not figures.notional
        or not figures.quantity
        or not rate
    ):
        return _other_side(case, entry)
    loss = most * account.equity * ROOM
    if not _in_reciprocal(case):
        return _stop_within(case, entry, loss / figures.quantity) or _other_side(case, entry)
    reciprocal = _ONE / entry + (loss if long else -loss) / figures.notional
    if reciprocal <= 0:
        return _other_side(case, entry)  # not even an endless rise loses so much
    return _stop_within(case, entry, abs(entry - _ONE / reciprocal)) or _other_side(case, entry)


def _stop_within(case: Case, entry: Decimal, distance: Decimal) -> Remedy | None:
    """Return the stop at most `distance` (quote currency per coin) from the entry, on the tick; null where it would not
    lie on the losing side.
    """
    tick, opens = case.terms.tick_size, losing_end(case.trade.side, entry, case.opening_mark)
    if case.trade.side is _LONG:
        nearest = to_step(max(entry - distance, tick or SMALLEST_STEP), tick, up=True)
        return Remedy(field="stop_price", smallest_passing=nearest) if nearest < opens else None
    nearest = to_step(min(entry + distance, LARGEST_PRICE), tick, up=False)
    return Remedy(field="stop_price", largest_passing=nearest) if nearest > opens else None


@check(
    "risk.stop_side",
    family=Family.RISK,
    effect=Effect.DENY,
    title="The stop lies on the losing side of the entry, and of the mark as the order opens; reduce-only is exempt",
    needs=("stop_price",),
    basis=("a stop that the market has already reached would fill at once",),
    venue_free=True,
    spares_reducing=True,
)
def stop_side(case: Case) -> Result:
    """Compare the stop with the entry price, and with the mark price as the order opens: below both for a long, above
    both for a short.
    """
    entry, stop = entry_price_of(case.trade), given(case.trade.stop_price)
    if entry is None:
        return _UNPRICED
    side = case.trade.side
    long, opens = side is _LONG, losing_end(side, entry, case.opening_mark)
    if stop < opens if long else stop > opens:
        return passed("The stop is on the losing side.", stop, opens, "price")
    return failed(
        f"The stop at {short(stop)} is not {'below' if long else 'above'} {_named(opens, entry)}.",
        stop,
        opens,
        "price",
        remedy=_other_side(case, entry),
    )


def _named(opens: Decimal, entry: Decimal) -> str:
    """Return in words the price that a stop or target must lie beyond: the entry, or else the mark price."""
    if opens == entry:
        return f"the entry at {short(entry)}"
    return f"the mark price at {short(opens)}, at which the order opens: it would fill at once"


def _other_side(case: Case, entry: Decimal) -> Remedy | None:
    step, opens = case.terms.tick_size or SMALLEST_STEP, losing_end(case.trade.side, entry, case.opening_mark)
    if case.trade.side is _LONG:
        nearest = next_step(opens, step, up=False)
        return Remedy(field="stop_price", largest_passing=nearest) if nearest > 0 else None
    return Remedy(field="stop_price", smallest_passing=next_step(opens, step, up=True))


@check(
    "risk.loss_at_stop",
    family=Family.RISK,
    effect=Effect.DENY,
    title="The loss at the stop stays within the policy's share of equity",
    needs=("account.equity", "stop_price"),
    parameters=("max_loss_per_trade",),
    basis=("us.seed_000", "popular rule of 1% to 2% of equity; the loss depends on notional, not on leverage"),
    spares_reducing=True,
)
def loss_at_stop(case: Case) -> Result:
    """Compare the loss from price at the stop, a share of equity, with the policy's share."""
    most = case.policy.max_loss_per_trade
    if most is None:
        return NOT_APPLICABLE
    seen = case.figures.risk_fraction
    if seen is None:
        return unconverted(case) or of_no_known_kind(case) or _UNSIZED
    if seen <= most or but_for_rounding(seen, most):
        return passed("The loss at the stop is within the policy.", seen, most, "fraction of equity")
    entry, stop = entry_price_of(case.trade), given(case.trade.stop_price)
    nearer = None if entry is None else _stop_within(case, entry, _shrunk(case, entry, stop, most / seen * ROOM))
    return failed(
        f"The stop loses {percent(seen, most)} of equity.",
        seen,
        most,
        "fraction of equity",
        remedy=either(size_times(case, most / seen * EDGE), nearer),
    )


def _in_reciprocal(case: Case) -> bool:
    """Say whether the loss in the account's currency is linear in the reciprocal of the stop, not in the stop itself.

    An inverse contract's loss in coins is, and so is a linear one's in an account that is kept in those coins. In
    dollars both lose the move over the entry price.
    """
    return (case.terms.contract_type is _INVERSE) is (case.exposure.settle_conversion is _SAME_MONEY)


def _shrunk(case: Case, entry: Decimal, stop: Decimal, factor: Decimal) -> Decimal:
    """Return the distance at which `factor` of the loss is left."""
    if _in_reciprocal(case):
        return abs(entry - _ONE / (_ONE / entry + (_ONE / stop - _ONE / entry) * factor))
    return abs(entry - stop) * factor


@check(
    "risk.stop_distance_in_atr",
    family=Family.RISK,
    effect=Effect.WARN,
    title="The stop is at least the policy's number of average true ranges away",
    needs=("stop_price", "market.atr"),
    parameters=("min_stop_atr",),
    basis=("the policy; the average true range is the caller's",),
    venue_free=True,
    spares_reducing=True,
    products=AT_THE_UNDERLYING,
)
def stop_distance_in_atr(case: Case) -> Result:
    """Compare the distance of the stop from where the order opens, in average true ranges, with the policy's.

    That is from the entry price or the mark price then, whichever is nearer to the stop.
    """
    least = case.policy.min_stop_atr
    if least is None:
        return NOT_APPLICABLE
    entry, atr = entry_price_of(case.trade), given(given(case.trade.market).atr)
    if entry is None:
        return _UNPRICED
    stop = given(case.trade.stop_price)
    opens = losing_end(case.trade.side, entry, case.opening_mark)
    seen = (opens - stop if case.trade.side is _LONG else stop - opens) / atr
    if seen >= least:
        return passed("The stop is outside ordinary noise.", seen, least, "ATRs")
    tick = case.terms.tick_size
    long = case.trade.side is _LONG
    farther = to_step(opens - least * atr if long else opens + least * atr, tick, up=not long)
    remedy = Remedy(
        field="stop_price", largest_passing=farther if long else None, smallest_passing=None if long else farther
    )
    return failed(
        f"The stop is {apart(seen, least, 2)} average true ranges away.",
        seen,
        least,
        "ATRs",
        remedy=remedy if 0 < farther <= LARGEST_PRICE else None,
    )


@check(
    "risk.take_profit_side",
    family=Family.RISK,
    effect=Effect.REVIEW,
    title="The target lies on the winning side of the entry, and of the mark as the order opens; reduce-only is exempt",
    needs=("take_profit_price",),
    basis=("a target that the market has already reached would fill at once; behind the entry, at a loss",),
    venue_free=True,
    spares_reducing=True,
)
def take_profit_side(case: Case) -> Result:
    """Compare the target with the entry price, and with the mark price as the order opens: above both for a long, below
    both for a short.
    """
    entry, target = entry_price_of(case.trade), given(case.trade.take_profit_price)
    if entry is None:
        return _UNPRICED
    side = case.trade.side
    long, opens = side is _LONG, winning_end(side, entry, case.opening_mark)
    if target > opens if long else target < opens:
        return passed("The target is on the winning side.", target, opens, "price")
    return failed(
        f"The target at {short(target)} is not {'above' if long else 'below'} {_named(opens, entry)}.",
        target,
        opens,
        "price",
        remedy=_target_beyond(case, opens, long),
    )


def _target_beyond(case: Case, opens: Decimal, long: bool) -> Remedy | None:
    step = case.terms.tick_size or SMALLEST_STEP
    if long:
        return Remedy(field="take_profit_price", smallest_passing=next_step(opens, step, up=True))
    nearest = next_step(opens, step, up=False)
    return Remedy(field="take_profit_price", largest_passing=nearest) if nearest > 0 else None


@check(
    "risk.reward_to_risk",
    family=Family.RISK,
    effect=Effect.WARN,
    title="The gain at the target is at least the policy's multiple of the loss at the stop",
    needs=("stop_price", "take_profit_price"),
    parameters=("min_reward_to_risk",),
    basis=("the policy; both in the settlement currency",),
    spares_reducing=True,
)
def reward_to_risk(case: Case) -> Result:
    """Compare the gain at the target over the loss at the stop with the policy's ratio."""
    least = case.policy.min_reward_to_risk
    if least is None:
        return NOT_APPLICABLE
    entry, seen = entry_price_of(case.trade), case.figures.reward_to_risk
    if entry is None:
        return _UNPRICED
    if seen is None:
        return of_no_known_kind(case) or NOT_APPLICABLE  # the stop is no loss: risk.stop_side fails
    if seen >= least:
        return passed("The target is worth the risk.", seen, least, "ratio")
    return failed(
        f"The target gains {apart(seen, least, 2)} times what the stop loses.",
        seen,
        least,
        "ratio",
        remedy=_farther_target(case, entry, least),
    )


def _farther_target(case: Case, entry: Decimal, ratio: Decimal) -> Remedy | None:
    """Return the nearest target, on the tick, that gains `ratio` times what the stop loses; null where none does.

    In an inverse contract that is `1/T = 1/E - ratio (1/S - 1/E)`: on the way up the gain in coins has a bound.
    """
    stop = given(case.trade.stop_price)
    tick = case.terms.tick_size
    long = case.trade.side is _LONG
    if case.terms.contract_type is _INVERSE:
        left = stop + ratio * (stop - entry)
        if left <= 0:
            return None
        target = entry * stop / left
    else:
        target = entry + ratio * (entry - stop)
    if not 0 < target <= LARGEST_PRICE:
        return None
    target = to_step(target, tick, up=long)
    if long:
        return Remedy(field="take_profit_price", smallest_passing=target)
    return Remedy(field="take_profit_price", largest_passing=target) if target > 0 else None


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
    move, most = case.policy.shock_move, case.policy.max_shock_loss
    if move is None or most is None:
        return NOT_APPLICABLE
    if case.terms.product is _OPTION and case.trade.side is _LONG:
        return _premium_lost(case, most)
    notional, quote = case.figures.notional, case.exposure.quote_rate
    equity = given(given(case.trade.account).equity)
    if notional is None or quote is None or equity <= 0:
        return of_an_option(case) or unconverted(case) or of_no_known_kind(case) or _UNSIZED
    told = speculative_share(case)
    share = _ONE if isinstance(told, Result) else told
    if not share:
        return _OFFSET
    loss, bound = notional * quote * lost_share(case, move), _bound(case)
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
        return unconverted(case) or _UNSIZED
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


def lost_share(case: Case, move: Decimal) -> Decimal:
    """Return what an adverse move loses over the value at entry, in the account's currency at the price after it.

    In quote currency that is the move itself. An account that is kept in coins loses `m / (1 - m)` of them on the way
    down and `m / (1 + m)` on the way up, whichever of both the contract settles in.
    """
    return move if case.exposure.quote_conversion is _SAME_MONEY else move / _left_of_price(case, move)


def _left_of_price(case: Case, move: Decimal) -> Decimal:
    """Return the price after an adverse move over the price before it."""
    return max(_ONE - move if case.trade.side is _LONG else _ONE + move, _NEARLY_NOTHING)


_NEARLY_NOTHING = Decimal("0.000001")
"""Of the price, where the policy's move takes all of it: a long counted in coins loses without bound."""


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
    left = _left_of_price(case, given(case.policy.shock_move))
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
