"""A position and what is already held of the same instrument: one side is one position, the other moves against it.

On one side the venue keeps one position, of both sizes at their average entry price. What is held on the other side is
counted as in hedge mode: its profit and its requirement move with the same price. Where the venue nets both sides
instead, it requires less; where it adds them up to one size, more.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from msgspec.structs import replace

from data.facts.margin_models import LadderKind, RequirementModel
from data.facts.vocabulary import MarginMode
from rules.margin.account import rest_of
from rules.margin.figures import essential_figures
from rules.margin.ladder import initial_ladder_of
from rules.margin.margins import Valuation, posted_margin
from rules.margin.position import HeldPosition, PositionFigures, Rest, price_of, value_of

_ZERO = Decimal(0)

BY_ITSELF = (
    "more of the same instrument is held in another margin mode or on the other side: the liquidation price is that of "
    "this trade by itself"
)
MARGIN_UNKNOWN = (
    "more of the same instrument is held on this side, and its margin is not known: where the one position of both is "
    "liquidated is not known either"
)
SIZE_UNKNOWN = (
    "more of the same instrument is held on this side, and the size of its contracts is not known: where the one "
    "position of both is liquidated is not known either"
)


def joined_figures(
    model: RequirementModel, own: HeldPosition, alone: PositionFigures, held: Sequence[HeldPosition], rest: Rest
) -> PositionFigures:
    """Return the essential figures of `own` where `held` is held of its instrument beside it.

    What ends a position (liquidation and all that hangs on it) is that of the whole; maintenance is what `own` adds;
    size, rung, profit and initial margin stay those of `alone`, save that where each slice has its own rate, initial
    margin is what the slices above those held ask for at the leverage of `own`. `rest` is what positions in other
    instruments bring. Without a mark price all is valued at the entry price of `own`: that is the price as it opens, an
    average with what is held is none.

    An isolated position does not end where its margin and that of what is held do not add up. What is held without a
    margin mode has that of `own`: a venue keeps one of an instrument.
    """
    if own.mark_price is None:
        own = replace(own, mark_price=own.entry_price)
        held = [replace(one, mark_price=own.entry_price) for one in held]
    posted: Decimal | None = None
    if own.margin_mode is MarginMode.CROSS:
        same = [one for one in held if one.margin_mode is not MarginMode.ISOLATED and one.side is own.side]
        against = [one for one in held if one.margin_mode is not MarginMode.ISOLATED and one.side is not own.side]
        whole = _whole(own, same, None)
        beside, words = rest_of([(model, _whole(against[0], against[1:], None))] if against else [], (model, whole))
        rest = Rest(
            unrealized_pnl=rest.unrealized_pnl + beside.unrealized_pnl,
            requirement=rest.requirement + beside.requirement,
            joint=beside.joint,
            unknown=rest.unknown or beside.unknown,
        )
    else:
        same = [one for one in held if one.margin_mode is not MarginMode.CROSS and one.side is own.side]
        against, words = [], ()
        margin, posted = posted_margin(model, own, Valuation(model, own)), _posted(model, same)
        whole = _whole(own, same, None if margin is None or posted is None else margin + posted)
    if len(same) + len(against) < len(held):
        words = (*words, BY_ITSELF)
    if not same and not against:
        return replace(alone, approximations=(*alone.approximations, *words))
    after = essential_figures(model, whole, rest)
    before = None
    if same:
        # At one leverage: at its own, what is held would be margined anew by the difference.
        as_held = replace(_whole(same[0], same[1:], None), leverage=own.leverage, collateral=posted)
        before = essential_figures(model, as_held)
    held_maintenance = _ZERO if before is None else before.maintenance_margin
    added, initial = _less(after.maintenance_margin, held_maintenance), alone.initial_margin
    if before is not None and initial is not None and initial_ladder_of(model) is LadderKind.MARGINAL:
        added_initial = _less(after.initial_margin, before.initial_margin)
        initial = None if added_initial is None else max(initial, added_initial)
    if same and posted is None and own.margin_mode is not MarginMode.CROSS:
        return left_open(replace(alone, initial_margin=initial, maintenance_margin=added), (*words, MARGIN_UNKNOWN))
    return replace(
        alone,
        initial_margin=initial,
        maintenance_margin=added,
        equity=after.equity,
        margin_ratio=after.margin_ratio,
        bankruptcy_price=after.bankruptcy_price,
        liquidation=after.liquidation,
        liquidation_price=after.liquidation_price,
        margin_call_price=after.margin_call_price,
        distance_to_liquidation=after.distance_to_liquidation,
        distance_in_price=after.distance_in_price,
        approximations=tuple(dict.fromkeys((*alone.approximations, *after.approximations, *words))),
    )


def as_sides(own: HeldPosition, held: Sequence[HeldPosition]) -> list[HeldPosition]:
    """Return a cross position and what is held of its instrument as the venue keeps them: one on each side."""
    same = [one for one in held if one.side is own.side]
    against = [one for one in held if one.side is not own.side]
    whole = _whole(own, same, None)
    return [whole, _whole(against[0], against[1:], None)] if against else [whole]


def left_open(alone: PositionFigures, words: Sequence[str]) -> PositionFigures:
    """Return the figures of a position without those that hang on what it is one with, and `words` on why."""
    return replace(
        alone,
        equity=None,
        margin_ratio=None,
        bankruptcy_price=None,
        liquidation=None,
        liquidation_price=None,
        margin_call_price=None,
        distance_to_liquidation=None,
        distance_in_price=None,
        approximations=tuple(dict.fromkeys((*alone.approximations, *words))),
    )


def _posted(model: RequirementModel, positions: Sequence[HeldPosition]) -> Decimal | None:
    """Return the margin of isolated positions that are held, together; null where that of one is not known."""
    total = _ZERO
    for one in positions:
        margin = posted_margin(model, one, Valuation(model, one), was_granted=True)
        if margin is None:
            return None
        total += margin
    return total


def _less(whole: Decimal | None, part: Decimal | None) -> Decimal | None:
    return None if whole is None or part is None else whole - part


def _whole(first: HeldPosition, more: Sequence[HeldPosition], collateral: Decimal | None) -> HeldPosition:
    """Return positions on one side as one: their sizes at the price at which their entry values add up."""
    if not more:
        return first
    kind = first.terms.contract_type
    size = first.size + sum((one.size for one in more), _ZERO)
    value = sum((value_of(one.size, one.entry_price, kind) for one in (first, *more)), _ZERO)
    return replace(
        first,
        size=size,
        entry_price=price_of(size, value, kind),
        collateral=collateral,
    )
