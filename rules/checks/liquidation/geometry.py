"""How much margin moves a liquidation price how far: the remedies of the distance rules.

`x` is margin over position value, `d` the distance from entry to liquidation, both fractions of entry. Under a linear
contract `d = x - r` when maintenance counts entry value, and `1 - s d = (1 - s x) / (1 - s r)` when it counts mark
value; under an inverse one `1 / (1 - s d) = 1 + s (x - r)` or `1 - s d = (1 + s r) / (1 + s x)`. With one point (x, d)
known, the x that a wanted d needs follows without knowing r.
"""

from __future__ import annotations

from decimal import Decimal

from data.facts.margin_models import SlopeMargin
from data.facts.vocabulary import ContractType, MarginMode, Side
from rules.case import Case
from rules.checks.inputs import given
from rules.checks.liquidation.trying import by_trying, holds_more
from rules.decision import Remedy
from rules.margin.ladder import rung_at
from rules.nearest_change import ROOM, least_value, leverage_at_most, size_times
from rules.sizes import entry_price_of, mark_price_of

_CROSS = MarginMode.CROSS
_INVERSE = ContractType.INVERSE
_LONG = Side.LONG

_ONE = Decimal(1)
_ZERO = Decimal(0)


def reference_price(case: Case) -> Decimal | None:
    """Return the price from which distances are measured: the mark price, else the entry price."""
    positions = case.exposure.positions
    mark = mark_price_of(case.trade, () if positions is None else positions.same_instrument)
    return mark if mark is not None else case.trade.entry_price


def distance_in_price(case: Case) -> Decimal | None:
    """Return the distance to the liquidation price in quote currency per coin."""
    share, reference = case.figures.distance_to_liquidation, reference_price(case)
    return None if share is None or reference is None else share * reference


def more_distance(case: Case, wanted: Decimal) -> Remedy | None:
    """Return the change that puts liquidation `wanted` (quote currency per coin) away from the reference price.

    Less leverage where the trade posts its own margin; less size in a cross account, whose margin no leverage changes.
    """
    if holds_more(case):
        return by_trying(case, lambda changed: _is_away(changed, wanted))
    trade, price = case.trade, given(case.figures.liquidation_price)
    entry, reference = given(entry_price_of(trade)), given(reference_price(case))
    cross = trade.margin_mode is _CROSS
    instrument = case.terms.instrument
    tick = _ZERO if instrument is None or instrument.tick_size is None else instrument.tick_size
    if trade.side is _LONG:
        distance, target = (entry - price) / entry, (entry - reference + wanted + tick) / entry
    else:
        distance, target = (price - entry) / entry, (reference + wanted + tick - entry) / entry
    share = _least_share(case, distance) if cross else _posted(case) + _added(case)
    needed = _share_needed(case, share, distance, target)
    if needed is None or needed <= 0 or share <= 0:
        return None
    if trade.side is not _LONG:
        needed = max(needed, _share_in_higher_tier(case, entry, entry * (_ONE + target)))
    if cross:
        return size_times(case, share / needed * ROOM)
    if isinstance(case.terms.margin_model, SlopeMargin):
        needed = max(needed, _share_under_slope(case, entry, price, target, share))
    posted = needed - _added(case)
    return leverage_at_most(_posted_on(case) / posted * ROOM) if posted > 0 else None


def _is_away(case: Case, wanted: Decimal) -> bool:
    distance = distance_in_price(case)
    return case.figures.liquidation == "never" or (distance is not None and distance >= wanted)


def _posted(case: Case) -> Decimal:
    """Return initial margin over position value: what leverage says, or more where the margin tier asks for more."""
    leverage, granted = given(case.trade.leverage), case.figures.max_leverage
    share = _ONE / (leverage if granted is None else min(leverage, granted))
    return max(share, (case.figures.initial_margin or _ZERO) / _value(case))


def _posted_on(case: Case) -> Decimal:
    """Return the value that leverage divides, over the value at entry: some venues take the mark price for it."""
    return least_value(case) / _value(case)


def _value(case: Case) -> Decimal:
    """Return the position's value at entry, in settlement currency."""
    return given(case.figures.quantity if case.terms.contract_type is _INVERSE else case.figures.notional)


def _share_under_slope(case: Case, entry: Decimal, price: Decimal, target: Decimal, share: Decimal) -> Decimal:
    """Return a margin share that suffices where the maintenance rate itself grows with the coins a position is worth.

    What is left of the margin at the present liquidation price is maintenance there; an inverse long's grows at most
    with the square of its value in coin.
    """
    if case.terms.contract_type is not _INVERSE or case.trade.side is not _LONG or target >= _ONE:
        return _ZERO
    wanted = entry * (_ONE - target)
    maintenance = share - (entry / price - _ONE)
    return entry / wanted - _ONE + maintenance * (price / wanted) ** 2


def _share_needed(case: Case, share: Decimal, distance: Decimal, wanted: Decimal) -> Decimal | None:
    """Return the margin share at which the distance is `wanted`, given that `share` has `distance`.

    Of the two forms the one that asks for more is taken, so that the remedy passes under either. Null when no
    margin does it.
    """
    long = case.trade.side is _LONG
    if case.terms.contract_type is _INVERSE:
        if long:
            if wanted >= _ONE:
                return None
            on_mark = (_ONE - distance) * (_ONE + share) / (_ONE - wanted) - _ONE
            return max(on_mark, share + _ONE / (_ONE - wanted) - _ONE / (_ONE - distance))
        on_mark = _ONE - (_ONE + distance) * (_ONE - share) / (_ONE + wanted)
        return max(on_mark, share + _ONE / (_ONE + distance) - _ONE / (_ONE + wanted))
    on_entry = share + wanted - distance
    if long:
        on_mark = _ONE - (_ONE - wanted) * (_ONE - share) / (_ONE - distance) if distance < _ONE else on_entry
    else:
        farther = (_ONE + wanted) / (_ONE + distance)
        on_mark = farther * (_ONE + share) - _ONE + _deducted(case) * (farther - _ONE)
    return max(on_entry, on_mark)


def _deducted(case: Case) -> Decimal:
    """Return what the margin tier deducts from maintenance at liquidation, over the value at entry: it stays the same
    as the value grows.
    """
    ladder = case.terms.ladder
    if ladder is None:
        return _ZERO
    rung = rung_at(ladder.tiers, given(case.figures.quantity) * given(case.figures.liquidation_price))
    return _ZERO if rung is None or rung.maintenance_amount is None else rung.maintenance_amount / _value(case)


def _share_in_higher_tier(case: Case, entry: Decimal, price: Decimal) -> Decimal:
    """Return the margin share that a linear short needs at `price` where its value has grown into a higher tier.

    Loss, maintenance of that tier and the fee to close, over the value at entry; zero where the tier stays the same.
    """
    ladder, quantity, fee = case.terms.ladder, given(case.figures.quantity), case.terms.fee
    if ladder is None or ladder.contract_type is _INVERSE:
        return _ZERO
    value = quantity * price
    rung = rung_at(ladder.tiers, value)
    if rung is None or rung is rung_at(ladder.tiers, quantity * given(case.figures.liquidation_price)):
        return _ZERO
    maintenance = value * (rung.maintenance_margin_rate or _ZERO) - (rung.maintenance_amount or _ZERO)
    to_close = _ZERO if fee is None else value * (fee.taker or _ZERO)
    return (quantity * (price - entry) + maintenance + to_close) / _value(case)


def _least_share(case: Case, distance: Decimal) -> Decimal:
    """Return the margin share that has this distance without any maintenance: the true one is not less."""
    if case.terms.contract_type is not _INVERSE:
        return distance
    return distance / (_ONE - distance) if case.trade.side is _LONG else distance / (_ONE + distance)


def _added(case: Case) -> Decimal:
    """Return the margin added by hand over position value, both in settlement currency."""
    added = case.trade.added_margin
    if not added:
        return _ZERO
    return added / _value(case)
