"""How much margin moves a liquidation price how far: the remedies of the distance rules.

`x` is margin over position value, `d` the distance from entry to liquidation, both fractions of entry. Under a linear
contract `d = x - r` when maintenance counts entry value, and `1 - s d = (1 - s x) / (1 - s r)` when it counts mark
value; under an inverse one `1 - s d = (1 + s r) / (1 + s x)`. With one point (x, d) known, the x that a wanted d needs
follows without knowing r.
"""

from __future__ import annotations

from decimal import Decimal

from data.facts.vocabulary import ContractType, MarginMode, Side
from rules.case import Case
from rules.decision import Remedy
from rules.remedies import ROOM, leverage_at_most, size_times
from rules.sizes import entry_price_of

_CROSS = MarginMode.CROSS
_INVERSE = ContractType.INVERSE
_LONG = Side.LONG

_ONE = Decimal(1)
_ZERO = Decimal(0)


def reference_price(case: Case) -> Decimal | None:
    """Return the price from which distances are measured: the mark price, else the entry price."""
    market = case.trade.market
    if market is not None and market.mark_price is not None:
        return market.mark_price
    return case.trade.entry_price


def distance_in_price(case: Case) -> Decimal | None:
    """Return the distance to the liquidation price in quote currency per coin."""
    share, reference = case.figures.distance_to_liquidation, reference_price(case)
    return None if share is None or reference is None else share * reference


def more_distance(case: Case, wanted: Decimal) -> Remedy | None:
    """Return the change that puts liquidation `wanted` (quote currency per coin) away from the reference price.

    Less leverage where the trade posts its own margin; less size in a cross account, whose margin no leverage changes.
    """
    trade, price = case.trade, case.figures.liquidation_price
    entry, reference = entry_price_of(trade), reference_price(case)
    if price is None or entry is None or reference is None:
        return None
    instrument = case.terms.instrument
    tick = _ZERO if instrument is None or instrument.tick_size is None else instrument.tick_size
    if trade.side is _LONG:
        distance, target = (entry - price) / entry, (entry - reference + wanted + tick) / entry
    else:
        distance, target = (price - entry) / entry, (reference + wanted + tick - entry) / entry
    cross, leverage = trade.margin_mode is _CROSS, trade.leverage
    if cross:
        share = _least_share(case, distance)
    elif leverage:
        share = _ONE / leverage + _added(case)
    else:
        return None
    needed = _share_needed(case, share, distance, target)
    if needed is None or needed <= 0 or share <= 0:
        return None
    if cross:
        return size_times(case, share / needed * ROOM)
    posted = needed - _added(case)
    return leverage_at_most(ROOM / posted) if posted > 0 else None


def _share_needed(case: Case, share: Decimal, distance: Decimal, wanted: Decimal) -> Decimal | None:
    """Return the margin share at which the distance is `wanted`, given that `share` has `distance`.

    Of the two linear forms the one that asks for more is taken, so that the remedy passes under either. Null when no
    margin does it.
    """
    long = case.trade.side is _LONG
    if case.terms.contract_type is _INVERSE:
        if long:
            return (_ONE - distance) * (_ONE + share) / (_ONE - wanted) - _ONE if wanted < _ONE else None
        return _ONE - (_ONE + distance) * (_ONE - share) / (_ONE + wanted)
    on_entry = share + wanted - distance
    if long:
        on_mark = _ONE - (_ONE - wanted) * (_ONE - share) / (_ONE - distance) if distance < _ONE else on_entry
    else:
        on_mark = (_ONE + wanted) * (_ONE + share) / (_ONE + distance) - _ONE
    return max(on_entry, on_mark)


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
    figures = case.figures
    value = figures.quantity if case.terms.contract_type is _INVERSE else figures.notional
    return added / value if value else _ZERO
