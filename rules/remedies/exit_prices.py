"""The nearest stop or target that passes a rule, on the tick and on its side of the market."""

from __future__ import annotations

from decimal import Decimal

from data.facts.vocabulary import ContractType, Side
from rules.case import Case
from rules.decision import Remedy
from rules.figures.money import Conversion
from rules.figures.of_trades import filled_size
from rules.figures.opening import nearest_to_stop
from rules.inputs import given
from rules.remedies.nearest_change import ROOM
from rules.remedies.price_steps import LARGEST_PRICE, SMALLEST_STEP, next_step, step_at, to_step

_INVERSE = ContractType.INVERSE
_LONG = Side.LONG
_SAME_MONEY = Conversion.SAME

_ONE = Decimal(1)
_STOP, _TARGET = "stop_price", "take_profit_price"


def _or_beyond(field: str, price: Decimal, *, up: bool) -> Remedy | None:
    """Return the remedy "this price or any higher", or lower unless `up`; null where no price is left."""
    if price <= 0:
        return None
    return Remedy(field=field, smallest_passing=price) if up else Remedy(field=field, largest_passing=price)


def stop_beyond(case: Case, opens: Decimal) -> Remedy | None:
    """Return the first stop on the losing side of the price at which the order opens."""
    above = case.trade.side is not _LONG
    return _or_beyond(_STOP, next_step(opens, step_at(opens, case.terms.tick_size), up=above), up=above)


def stop_within(case: Case, entry: Decimal, distance: Decimal) -> Remedy | None:
    """Return the stop at most `distance` (quote currency per coin) from the entry; null where it would not lie on the
    losing side.
    """
    tick, opens = case.terms.tick_size, given(nearest_to_stop(case.trade, case.opening_mark))
    long = case.trade.side is _LONG
    for step in (tick,) if tick else (None, SMALLEST_STEP):  # five digits may be too few to lie between
        exact = max(entry - distance, tick or SMALLEST_STEP) if long else min(entry + distance, LARGEST_PRICE)
        nearest = to_step(exact, step, up=long)
        if nearest < opens if long else nearest > opens:
            return _or_beyond(_STOP, nearest, up=long)
    return None


def stop_at_least_off(case: Case, opens: Decimal, distance: Decimal) -> Remedy | None:
    """Return the nearest stop at least `distance` (quote currency per coin) from the price at which the order opens;
    null where none can be stated.
    """
    long = case.trade.side is _LONG
    farther = to_step(opens - distance if long else opens + distance, case.terms.tick_size, up=not long)
    return _or_beyond(_STOP, farther, up=not long) if farther <= LARGEST_PRICE else None


def stop_before(case: Case, price: Decimal, room: Decimal) -> Remedy | None:
    """Return the stop that is reached before `price` with `room` between them; null when that is no longer a stop."""
    long, opens = case.trade.side is _LONG, nearest_to_stop(case.trade, case.opening_mark)
    tick, exact = case.terms.tick_size, price + room if long else price - room
    for step in (tick,) if tick else (step_at(exact, None), SMALLEST_STEP):
        nearest = to_step(exact, step, up=long)
        if nearest <= price if long else nearest >= price:
            nearest += step if long else -step
        if opens is None or (nearest < opens if long else nearest > opens):
            return _or_beyond(_STOP, nearest, up=long)
    return None


def loss_bounding_stop(case: Case) -> Remedy | None:
    """Return the farthest stop that the policy's loss per trade allows; any on the losing side where that is less than
    a tick, or size, equity or limit is missing. Null without an entry price.
    """
    most, account = case.policy.max_loss_per_trade, case.trade.account
    size = filled_size(case.figures, case.trade, case.terms)
    entry, rate, long = size.price, case.exposure.settle_rate, case.trade.side is _LONG
    opens = nearest_to_stop(case.trade, case.opening_mark)
    if entry is None or opens is None:
        return None
    if most is None or account is None or not account.equity or not size.notional or not size.quantity or not rate:
        return stop_beyond(case, opens)
    loss = most * account.equity * ROOM
    if not _in_reciprocal(case):
        return stop_within(case, entry, loss / size.quantity) or stop_beyond(case, opens)
    reciprocal = _ONE / entry + (loss if long else -loss) / size.notional
    if reciprocal <= 0:
        return stop_beyond(case, opens)  # not even an endless rise loses so much
    return stop_within(case, entry, abs(entry - _ONE / reciprocal)) or stop_beyond(case, opens)


def stop_losing(case: Case, entry: Decimal, factor: Decimal) -> Remedy | None:
    """Return the stop that loses at most `factor` of what the trade's own loses; null where none does."""
    stop = given(case.trade.stop_price)
    if _in_reciprocal(case):
        return stop_within(case, entry, abs(entry - _ONE / (_ONE / entry + (_ONE / stop - _ONE / entry) * factor)))
    return stop_within(case, entry, abs(entry - stop) * factor)


def _in_reciprocal(case: Case) -> bool:
    """Say whether the loss in the account's currency is linear in the reciprocal of the stop, not in the stop itself.

    An inverse contract's loss in coins is, and so is a linear one's in an account that is kept in those coins. In
    dollars both lose the move over the entry price.
    """
    return (case.terms.contract_type is _INVERSE) is (case.exposure.settle_conversion is _SAME_MONEY)


def target_beyond(case: Case, opens: Decimal) -> Remedy | None:
    """Return the first target on the winning side of the price at which the order opens."""
    above = case.trade.side is _LONG
    return _or_beyond(_TARGET, next_step(opens, step_at(opens, case.terms.tick_size), up=above), up=above)


def target_gaining(case: Case, entry: Decimal, ratio: Decimal) -> Remedy | None:
    """Return the nearest target that gains `ratio` times what the stop loses; null where none does.

    In an inverse contract that is `1/T = 1/E - ratio (1/S - 1/E)`: on the way up the gain in coins has a bound.
    """
    stop, above = given(case.trade.stop_price), case.trade.side is _LONG
    if case.terms.contract_type is _INVERSE:
        left = stop + ratio * (stop - entry)
        if left <= 0:
            return None
        target = entry * stop / left
    else:
        target = entry + ratio * (entry - stop)
    if not 0 < target <= LARGEST_PRICE:
        return None
    return _or_beyond(_TARGET, to_step(target, case.terms.tick_size, up=above), up=above)
