"""The figures of one position under a venue's margin model.

`position_figures` is the entry, `essential_figures` the same for a decision, which reads a part of the figures: they
pick the formulas by the model's type and never by the venue.
"""

from __future__ import annotations

from decimal import Decimal, localcontext

from msgspec.structs import replace

from data.facts.amounts import ARITHMETIC
from data.facts.margin_models import (
    LiabilityMargin,
    MarginLevel,
    MarginModel,
    MoneyRounding,
    RequirementModel,
    ValueBasis,
)
from data.facts.vocabulary import MarginMode, Side
from rules.margin.liability import liability_figures
from rules.margin.liquidation import NOT_SOLVED, outcome_of
from rules.margin.margin_level import margin_level_figures
from rules.margin.margins import (
    Valuation,
    assigned_margin,
    backing,
    fee_at_bankruptcy,
    initial_margin_of,
    margin_ratio,
    max_value_at_leverage,
    posted_margin,
    reported_margin,
)
from rules.margin.position import HeldPosition, PositionFigures, Rest
from rules.margin.rounding import round_money

# An enum's member is looked up through its metaclass, far slower than a name: these are read several times a trade.
_AT_ENTRY = ValueBasis.ENTRY
_CROSS = MarginMode.CROSS
_LONG = Side.LONG

_ZERO = Decimal(0)
_DOWN = MoneyRounding.DOWN
NOTHING_ELSE = Rest(unrealized_pnl=_ZERO, requirement=_ZERO)

NO_MARK = "no mark price is given; the position is valued at its entry price"


def position_figures(model: MarginModel, position: HeldPosition, rest: Rest = NOTHING_ELSE) -> PositionFigures:
    """Return every figure of a position.

    `rest` is what the other positions of a cross account bring; an isolated position has none.

    Raises:
        TypeError: the model is of a kind that has no formulas here.
    """
    with localcontext(ARITHMETIC):
        if isinstance(model, RequirementModel):
            return requirement_figures(model, position, Valuation(model, position), rest)
        return essential_figures(model, position, rest)


def essential_figures(model: MarginModel, position: HeldPosition, rest: Rest = NOTHING_ELSE) -> PositionFigures:
    """Return what `position_figures` does, what `PositionFigures` calls details left out, in the arithmetic context of
    the caller.

    Raises:
        TypeError: the model is of a kind that has no formulas here.
    """
    if isinstance(model, RequirementModel):
        return requirement_figures(model, position, Valuation(model, position), rest, in_detail=False)
    if isinstance(model, MarginLevel):
        return margin_level_figures(model, position, rest)
    if isinstance(model, LiabilityMargin):
        return liability_figures(model, position)
    raise TypeError(f"no formulas for {type(model).__name__}")


def requirement_figures(
    model: RequirementModel, position: HeldPosition, held: Valuation, rest: Rest, *, in_detail: bool = True
) -> PositionFigures:
    """Return the figures of a position that is already valued, in the arithmetic context of the caller."""
    rates, places = held.rates, model.money_places
    if position.margin_mode is not _CROSS:
        rest = NOTHING_ELSE
    posted = posted_margin(model, position, held)
    margin = backing(model, position, held, posted, rest)
    outcome = NOT_SOLVED if margin is None else outcome_of(model, position, held, margin, rest, in_detail=in_detail)
    divided = held.entry_value if model.initial_basis is _AT_ENTRY else held.value
    initial = initial_margin_of(model, position, rates, divided)
    equity = None if margin is None else margin + held.pnl

    price, distance, share = outcome.price, None, None
    if price is not None:
        reference = position.present_price
        distance = reference - price if position.side is _LONG else price - reference
        if outcome.other_end is not None:
            distance = min(distance, abs(outcome.other_end - reference))
        share = distance / reference
    if position.mark_price is None and _needs_mark(model, position):
        held.missing.append(NO_MARK)
    held.missing.extend(outcome.approximations)
    # With more than fifteen keywords a call packs them in a dictionary first and takes five times as long.
    figures = PositionFigures(
        notional=round_money(held.value, places, _DOWN),
        position_value=round_money(
            held.entry_value if model.position_value_basis is _AT_ENTRY else held.value, places, _DOWN
        ),
        unrealized_pnl=None if position.mark_price is None else round_money(held.pnl, places, _DOWN),
        initial_margin=reported_margin(model, model.initial_reported_fee, initial, position, held, posted),
        maintenance_margin=reported_margin(
            model, model.maintenance_reported_fee, held.maintenance, position, held, posted
        ),
        equity=equity,
        margin_ratio=None if rest.unknown else margin_ratio(model, held, equity, rest.requirement),
        bankruptcy_price=outcome.bankruptcy_price,
        liquidation=outcome.state,
        liquidation_price=price,
        margin_call_price=outcome.call_price,
        distance_to_liquidation=share,
        distance_in_price=distance,
        max_leverage=rates.max_leverage,
        approximations=(*held.missing, *model.caveats),
    )
    if not in_detail:
        return figures
    return replace(
        figures,
        tier=None if rates.tier is None else rates.tier.tier,
        tier_at_liquidation=outcome.tier,
        margin=margin,
        assigned_margin=assigned_margin(model, position, held, posted),
        fee_to_close=fee_at_bankruptcy(position, held, posted),
        unreachable_price=outcome.unreachable,
        printed_price=outcome.printed,
        remaining_after_liquidation=outcome.remaining,
        liquidation_price_per_margin=outcome.per_margin,
        max_value_at_leverage=max_value_at_leverage(model, position, held.value),
    )


def _needs_mark(model: RequirementModel, position: HeldPosition) -> bool:
    return (
        model.initial_basis is not _AT_ENTRY
        or model.maintenance_basis is not _AT_ENTRY
        or position.margin_mode is _CROSS
    )
