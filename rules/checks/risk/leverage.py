"""Leverage as the firm sees it: of one trade, in the present regime, and over everything held."""

from __future__ import annotations

from decimal import Decimal

from msgspec import structs

from data.facts.vocabulary import Side
from rules.case import Case
from rules.check import NOT_APPLICABLE, Result, check
from rules.checks.not_known import unvalued
from rules.checks.outcomes import but_for_rounding, failed, passed, times, unknown
from rules.decision import Effect, Family, Outcome, Question, Remedy
from rules.figures.positions import Positions
from rules.inputs import given
from rules.margin.rounding import EDGE
from rules.policies.policy import Policy
from rules.remedies.nearest_change import either, leverage_at_most, reducing, size_times
from rules.trade import Regime

_HIGH_VOLATILITY = Regime.HIGH_VOLATILITY
_LONG = Side.LONG
_POST_LIQUIDATION = Regime.POST_LIQUIDATION
_RANGING = Regime.RANGING
_TRENDING = Regime.TRENDING

_ZERO = Decimal(0)
_ONE = Decimal(1)
_TWO = Decimal(2)


@check(
    "risk.leverage",
    family=Family.RISK,
    effect=Effect.DENY,
    title="Leverage of the trade stays within the policy's ceiling",
    needs=("leverage",),
    parameters=("max_leverage",),
    basis=("the policy",),
    venue_free=True,
    spares_reducing=True,
)
def leverage(case: Case) -> Result:
    """Compare the leverage of the trade with the policy's ceiling."""
    most = given(case.policy.max_leverage)
    seen = given(case.trade.leverage)
    if seen <= most or but_for_rounding(seen, most):
        return passed("Within the policy's leverage.", seen, most, "x")
    return failed(f"The policy allows {times(most)}.", seen, most, "x", remedy=leverage_at_most(most, floor=_ZERO))


@check(
    "risk.regime_leverage",
    family=Family.RISK,
    effect=Effect.REVIEW,
    title="Leverage stays within the policy's ceiling for the present regime of the market",
    needs=("leverage", "market.regime"),
    parameters=(
        "max_leverage_ranging",
        "max_leverage_trending",
        "max_leverage_high_volatility",
        "max_leverage_post_liquidation",
    ),
    asked_by=(
        "max_leverage_ranging",
        "max_leverage_trending",
        "max_leverage_high_volatility",
        "max_leverage_post_liquidation",
    ),
    basis=("the policy; the regime is the caller's judgement",),
    venue_free=True,
    spares_reducing=True,
)
def regime_leverage(case: Case) -> Result:
    """Compare the leverage of the trade with the ceiling of the regime."""
    regime = given(given(case.trade.market).regime)
    most = _ceiling(case.policy, regime)
    if most is None:
        return NOT_APPLICABLE
    seen = given(case.trade.leverage)
    if seen <= most or but_for_rounding(seen, most):
        return passed("Within the regime's leverage.", seen, most, "x")
    return failed(
        f"The policy allows {times(most)} while the market is {_WORDS[regime]}.",
        seen,
        most,
        "x",
        remedy=leverage_at_most(most, floor=_ZERO),
    )


_WORDS = {
    _RANGING: "ranging",
    _TRENDING: "trending",
    _HIGH_VOLATILITY: "highly volatile",
    _POST_LIQUIDATION: "settling after a liquidation cascade",
}


def _ceiling(policy: Policy, regime: Regime) -> Decimal | None:
    if regime is _RANGING:
        return policy.max_leverage_ranging
    if regime is _TRENDING:
        return policy.max_leverage_trending
    if regime is _HIGH_VOLATILITY:
        return policy.max_leverage_high_volatility
    return policy.max_leverage_post_liquidation


@check(
    "risk.regime_confirmed",
    family=Family.RISK,
    effect=Effect.REVIEW,
    title="After a liquidation cascade a trade waits for confirmation",
    needs=("market.regime",),
    parameters=("post_liquidation_confirmed",),
    basis=("the policy; the confirmation is the caller's judgement",),
    venue_free=True,
    spares_reducing=True,
)
def regime_confirmed(case: Case) -> Result:
    """Ask, after a cascade, whether the turn is confirmed."""
    market = given(case.trade.market)
    if market.regime is not _POST_LIQUIDATION:
        return NOT_APPLICABLE
    if market.regime_confirmed is None:
        return unknown(
            "It is not said whether the turn after the cascade is confirmed.",
            "Is the turn after the liquidation cascade confirmed?",
            field="market.regime_confirmed",
        )
    if market.regime_confirmed:
        return passed("The turn is confirmed.")
    return failed(
        "The turn after the liquidation cascade is not confirmed.",
        remedy=Remedy(field="market.regime_confirmed", value="true"),
    )


@check(
    "risk.aggregate_leverage",
    family=Family.RISK,
    effect=Effect.DENY,
    title="All positions together, this trade included, stay within the policy's multiple of equity",
    needs=("account.equity", "account.positions"),
    parameters=("max_aggregate_leverage",),
    basis=("us.seed_000", "gross notional over equity: three 5x positions on a third of equity each are 5x, not 15x"),
    venue_free=True,
    spares_reducing=True,
)
def aggregate_leverage(case: Case) -> Result:
    """Compare gross notional over equity with the policy's multiple.

    An order against what is held of its instrument counts in full: an account may keep both sides. One that nets them
    states what only reduces.
    """
    most = given(case.policy.max_aggregate_leverage)
    seen, positions = case.figures.aggregate_leverage, case.exposure.positions
    if seen is None or positions is None or positions.gross is None:
        return _too_much_already(case, positions, most) or unvalued(case)
    if seen <= most or but_for_rounding(seen, most):
        return _within(positions, "All positions together are within the policy.", seen, most)
    equity = given(given(case.trade.account).equity)
    found = _too_much(
        case, f"All positions together are {times(seen, most)} equity.", seen, most, most * equity - positions.gross
    )
    netted = _netted(case, positions)
    return found if netted is None else _of_both_sides(case, found, netted / equity, most)


def _too_much_already(case: Case, positions: Positions | None, most: Decimal) -> Result | None:
    """Return the fail of an account that exceeds the multiple by what of it can be valued; null elsewhere."""
    notional, rate, equity = case.figures.notional, case.exposure.quote_rate, given(given(case.trade.account).equity)
    if positions is None or notional is None or rate is None or equity <= 0:
        return None
    seen = (positions.valued + notional * rate) / equity
    if seen <= most or but_for_rounding(seen, most):
        return None
    names = ", ".join(positions.unvalued)
    told = f"All positions that can be valued are {times(seen, most)} equity; these come on top: {names}."
    return failed(told, seen, most, "times equity", remedy=reducing(case))


def _netted(case: Case, positions: Positions) -> Decimal | None:
    """Return gross notional where the account nets the trade with what it holds of the instrument on the other side;
    null where nothing is held there.
    """
    size, value = case.size_as_held, given(case.exposed)
    if not positions.opposite_size or not size:
        return None
    return given(positions.gross) + value - _TWO * value * min(_ONE, positions.opposite_size / size)


def _of_both_sides(case: Case, found: Result, netted: Decimal, most: Decimal) -> Result:
    """Return a fail that counts both sides of one instrument, as an account that keeps both holds them.

    Whether the account keeps them no request says, but that the order only reduces.
    """
    only_reduces = reducing(case)
    remedy = found.remedy if found.remedy == only_reduces else either(only_reduces, found.remedy)
    found = structs.replace(
        found, message=f"{found.message[:-1]}, with both sides of the instrument kept.", remedy=remedy
    )
    if netted > most:
        return found
    return structs.replace(found, flags=("assumed",), question=_NETS)


@check(
    "risk.directional_leverage",
    family=Family.RISK,
    effect=Effect.REVIEW,
    title="Net exposure, all coins taken to move together, stays within the policy's multiple of equity",
    needs=("account.equity", "account.positions"),
    parameters=("max_directional_leverage",),
    basis=(
        "the policy; coins fall together, so correlated positions count as one; what is no coin is no hedge of coins",
    ),
    venue_free=True,
    spares_reducing=True,
)
def directional_leverage(case: Case) -> Result:
    """Compare the size of net exposure over equity with the policy's multiple, also once contracts against the trade
    have expired that may do so before it ends; a trade that lowers it passes.
    """
    most, positions, what = given(case.policy.max_directional_leverage), given(case.exposure.positions), _TO_THE_MARKET
    found = _net(case, positions.net, most, what, positions.beside)
    later = positions.beside_once_expired
    return _once_expired(
        case, found, positions.net, positions.all_ending, positions.all_ending_notional, most, what, later
    )


@check(
    "risk.underlying_leverage",
    family=Family.RISK,
    effect=Effect.REVIEW,
    title="Net exposure to one underlying stays within the policy's multiple of equity",
    needs=("account.equity", "account.positions"),
    parameters=("max_underlying_leverage",),
    basis=("the policy",),
    venue_free=True,
    spares_reducing=True,
)
def underlying_leverage(case: Case) -> Result:
    """Compare net exposure to the underlying over equity with the policy's, also once contracts against the trade have
    expired that may do so before it ends; a trade that lowers it passes.
    """
    most, positions = given(case.policy.max_underlying_leverage), given(case.exposure.positions)
    what = _TO_THE_UNDERLYING
    found = _net(case, positions.underlying_net, most, what)
    return _once_expired(case, found, positions.underlying_net, positions.ending, positions.ending_notional, most, what)


_TO_THE_MARKET = "Net exposure to the market"
_TO_THE_UNDERLYING = "Net exposure to this underlying"
_OF_NO_COIN = ", underlyings that are not known to move with its own counted by their size"


def _once_expired(
    case: Case,
    found: Result,
    held: Decimal | None,
    ending: tuple[str, ...],
    worth: Decimal,
    most: Decimal,
    what: str,
    beside: Decimal | None = _ZERO,
) -> Result:
    """Return what is found of net exposure; where that passes and positions against the trade may expire before it
    ends, what is found without them.
    """
    if not ending or held is None or found.outcome is not Outcome.PASS:
        return found
    later = _net(case, held + worth if case.trade.side is _LONG else held - worth, most, what, beside)
    if later.outcome is Outcome.PASS:
        return found
    expired = f"{', '.join(ending)} {'has' if len(ending) == 1 else 'have'} expired"
    told = f"Once {expired}, as may be before the trade ends: {later.message[0].lower()}{later.message[1:]}"
    return structs.replace(later, message=told)


def _net(case: Case, held: Decimal | None, most: Decimal, what: str, beside: Decimal | None = _ZERO) -> Result:
    """Compare net exposure with the policy's multiple: the trade beside what is `held` of what moves with it, and the
    size of exposure to all else.
    """
    worth, equity = case.exposed, given(given(case.trade.account).equity)
    if held is None or beside is None or worth is None or equity <= 0:
        return unvalued(case)
    towards = held if case.trade.side is _LONG else -held
    seen = (abs(towards + worth) + beside) / equity
    if seen <= most or but_for_rounding(seen, most):
        return _within(case.exposure.positions, "Net exposure is within the policy.", seen, most)
    before = (abs(held) + beside) / equity
    if seen <= before:
        flags = ("lowers_exposure",)
        return _within(case.exposure.positions, "The trade lowers net exposure.", seen, most, flags)
    # A trade that ends no further out than what is held passes as well.
    allowed = max(most, before) if towards < 0 else most
    told = f"{what} is {times(seen, most)} equity{_OF_NO_COIN if beside else ''}."
    return _too_much(case, told, seen, most, allowed * equity - beside - towards)


def _within(
    positions: Positions | None, message: str, seen: Decimal, most: Decimal, flags: tuple[str, ...] = ()
) -> Result:
    """Return a pass, which names the positions that are valued at their entry price."""
    if positions is None or not positions.at_entry:
        return passed(message, seen, most, "times equity", (), flags)
    told = f"{message} Without a mark price, valued at entry: {', '.join(positions.at_entry)}."
    return passed(told, seen, most, "times equity", (), (*flags, "assumed"))


def _too_much(case: Case, message: str, seen: Decimal, most: Decimal, room: Decimal) -> Result:
    """Return the fail, with the size that fits `room`, in the account's currency."""
    worth = case.exposed
    return failed(
        message,
        seen,
        most,
        "times equity",
        remedy=(size_times(case, room / worth * EDGE) if worth and room > 0 else None) or reducing(case),
    )


_NETS = Question(
    ask="Does the account net both sides of the instrument? Then the part of the order that reduces is reduce-only.",
    field="reduce_only",
)
