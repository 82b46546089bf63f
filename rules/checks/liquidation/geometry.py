"""How far away a liquidation price is, what is said where there is none, and how much margin keeps it farther away."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from msgspec import Struct

from data.facts.margin_models import MarginLevel, RequirementModel
from data.facts.vocabulary import ContractType, MarginMode, Side
from rules.case import Case
from rules.checks.outcomes import but_for_rounding, passed
from rules.checks.trying import by_trying, holds_more, margin_in_proportion
from rules.decision import Remedy
from rules.figures.alongside import ends_of_account
from rules.figures.cross_equity import cross_equity
from rules.figures.margins import cross_account, position_terms
from rules.figures.of_trades import filled_size
from rules.figures.sizes import added_margin_of, mark_price_of
from rules.inputs import given
from rules.margin.figures import NOTHING_ELSE
from rules.margin.margins import Valuation, backing, posted_margin
from rules.margin.needed import leverage_that_posts, margin_needed
from rules.margin.one_underlying import Ends
from rules.margin.position import HeldPosition, LiquidationState
from rules.remedies.nearest_change import ROOM, leverage_at_most, size_times

_ALREADY = LiquidationState.ALREADY
_CROSS = MarginMode.CROSS
_INVERSE = ContractType.INVERSE
_LONG = Side.LONG
_NEVER = LiquidationState.NEVER

_ONE = Decimal(1)

NEVER_LIQUIDATED = passed("No price liquidates it.", "never")
NEVER_BY_ITS_LOSS = passed("No move against it liquidates it.", "never")
LIQUIDATED_AT_ONCE = "The position is liquidated as it opens."
ACCOUNT_AT_ONCE = (
    "The account is liquidated as it opens: by then what is held of the same underlying in other instruments has moved "
    "too."
)


class End(Struct, frozen=True, gc=False):
    """Where the position really ends: its liquidation price, or where the account does before it, once what is held of
    the same underlying in other instruments, which that price holds still, has moved along.
    """

    state: LiquidationState | None
    price: Decimal | None
    """On the way on which the trade loses."""
    distance: Decimal | None
    """From the reference price to the nearest end on either way, as a fraction of the first."""
    of_account: bool = False
    """Whether it is the account that ends first."""


def end_of(case: Case) -> End:
    """Return where the position, or before it the account, ends."""
    figures, positions = case.figures, case.exposure.positions
    state, price, distance = figures.liquidation, figures.liquidation_price, figures.distance_to_liquidation
    if positions is None or not positions.alongside or state is None or state is _ALREADY:
        return End(state, price, distance)
    ends = _ends_together(case)
    if ends is None:
        return End(state, price, distance)
    if ends.already:
        return End(_ALREADY, None, None, True)
    reference, against = given(reference_price(case)), ends.against(case.trade.side)
    nearer = against is not None and (price is None or abs(against - reference) < abs(price - reference))
    if nearer:
        state, price = LiquidationState.PRICE, against
    for end in (ends.lower, ends.upper):
        share = None if end is None else abs(end - reference) / reference
        if share is not None and (distance is None or share < distance):
            distance = share
    return End(state, price, distance, nearer)


def at_once(end: End) -> str:
    """Return what to say of a position that is liquidated as it opens."""
    return ACCOUNT_AT_ONCE if end.of_account else LIQUIDATED_AT_ONCE


def _ends_together(case: Case) -> Ends | None:
    """Return where the account ends when what it holds of the underlying moves along; worked out once a case."""
    kept = case.__dict__
    if _ENDS not in kept:
        kept[_ENDS] = _find_ends(case)
    found: Ends | None = kept[_ENDS]
    return found


_ENDS = "ends of the account"


def _find_ends(case: Case) -> Ends | None:
    account, model = cross_account(case.trade, case.terms, case.exposure), case.terms.margin_model
    if account is None or model is None or not (case.trade.margin_mode is _CROSS or isinstance(model, MarginLevel)):
        return None
    equity, required = account
    move = price_move_until_open(case)
    return ends_of_account(
        model,
        _position(case),
        given(case.exposure.positions),
        equity=equity,
        required=required,
        move=_ONE if move is None else move,
    )


def price_move_until_open(case: Case) -> Decimal | None:
    """Return the mark price as the trade opens over today's; null where one of them is not known."""
    then, today = case.opening_mark, mark_price_of(case.trade, case.exposure.same_instrument)
    return then / today if then is not None and today else None


def reference_price(case: Case) -> Decimal | None:
    """Return the price from which distances are measured: the mark price as the trade opens, else the entry price."""
    mark = case.opening_mark
    return mark if mark is not None else case.figures.entry_price


def distance_in_price(case: Case) -> Decimal | None:
    """Return the distance to the liquidation price in quote currency per coin."""
    share, reference = end_of(case).distance, reference_price(case)
    return None if share is None or reference is None else share * reference


def more_distance(case: Case, wanted: Decimal) -> Remedy | None:
    """Return the change that puts liquidation `wanted` (quote currency per coin) away from the reference price.

    Less leverage where the trade posts its own margin; less size in a cross account, whose margin no leverage changes.
    """

    def is_away(changed: Case) -> bool:
        end = end_of(changed)
        if end.distance is None:
            return end.state is _NEVER
        distance = end.distance * given(reference_price(changed))
        return distance >= wanted or but_for_rounding(wanted, distance)

    reference = given(reference_price(case))
    return kept_until(case, reference - wanted if case.trade.side is _LONG else reference + wanted, is_away)


def kept_until(case: Case, price: Decimal, suffices: Callable[[Case], bool]) -> Remedy | None:
    """Return the highest leverage, or in a cross account the largest size, that nothing liquidates before `price`.

    `suffices` says so of a changed case, where a formula does not tell: more of the instrument is held, the margin
    model is not one of a requirement, or smaller sizes of a cross account have other rates.
    """
    model = case.terms.margin_model
    if holds_more(case) or _holds_alongside(case) or not isinstance(model, RequirementModel):
        return by_trying(case, suffices)
    position = _position(case)
    needed = margin_needed(model, position, price)
    if needed is None or needed <= 0:
        return None
    if case.trade.margin_mode is not _CROSS:
        leverage = leverage_that_posts(model, position, needed)
        return None if leverage is None else leverage_at_most(leverage * ROOM)
    factor = _free_equity(case) / needed * ROOM
    if factor <= 0 or _one_rate_until(case, price):
        return size_times(case, factor) if factor > 0 else None
    return by_trying(case, suffices, start=factor)


def _holds_alongside(case: Case) -> bool:
    """Say whether a cross trade stands beside other instruments of its underlying."""
    positions = case.exposure.positions
    return case.trade.margin_mode is _CROSS and positions is not None and bool(positions.alongside)


def _one_rate_until(case: Case, price: Decimal) -> bool:
    """Say whether a linear trade and every smaller one have the same rates, and fill at one price, from its entry to
    `price`.
    """
    entry, quantity = given(case.figures.entry_price), given(case.figures.quantity)
    ladder, value = case.terms.ladder, quantity * max(price, entry)
    if case.terms.contract_type is _INVERSE or not margin_in_proportion(case):
        return False
    cap = None if ladder is None or not ladder.tiers else ladder.tiers[0].cap
    return cap is None or value <= cap


def _position(case: Case) -> HeldPosition:
    """Return the trade as the margin formulas read it, by itself and at the price it is filled at."""
    trade, figures = case.trade, case.figures
    return HeldPosition(
        side=trade.side,
        size=given(figures.notional if case.terms.contract_type is _INVERSE else figures.quantity),
        entry_price=given(filled_size(figures, trade, case.terms).price),
        terms=position_terms(trade, case.terms),
        mark_price=case.opening_mark,
        leverage=trade.leverage,
        margin_mode=trade.margin_mode,
        added_margin=added_margin_of(trade),
    )


def backing_and_requirement(case: Case) -> tuple[Decimal, Decimal] | None:
    """Return what backs a trade as it opens, and what must, in settlement currency: of a cross one what the account has
    left for it. Null where more of the instrument is held, which is liquidated with it, or by a margin level.

    Of a trade that is liquidated as it opens the first may be the larger one: the venue may reserve more than these two
    count, and the price that it prints on a tick may be reached before the exact one.
    """
    model = case.terms.margin_model
    if holds_more(case) or not isinstance(model, RequirementModel):
        return None
    position = _position(case)
    valued = Valuation(model, position)
    if case.trade.margin_mode is _CROSS:
        margin: Decimal | None = _free_equity(case)
    else:
        margin = backing(model, position, valued, posted_margin(model, position, valued), NOTHING_ELSE)
    required = valued.requirement()
    return None if margin is None or required is None else (margin + valued.pnl, required)


def _free_equity(case: Case) -> Decimal:
    """Return what backs a cross trade beyond the maintenance of what the account holds, in settlement currency.

    A cross position's end is known only where all of it is known.
    """
    account, held = given(case.trade.account), given(case.exposure.positions)
    left = given(cross_equity(account, held)) - held.other_surplus - given(held.cross_maintenance)
    return left / given(case.exposure.settle_rate)
