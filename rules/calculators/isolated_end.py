"""Whether a position of its own margin is liquidated before the stop that its size is reckoned by."""

from __future__ import annotations

from decimal import Decimal

from data.facts.margin_models import MarginLevel
from data.facts.venues import Instrument
from data.facts.vocabulary import ContractType, MarginMode, Side
from rules.calculators.agreement import shown
from rules.calculators.sizing_inputs import SizingInput
from rules.costs.fees import fee_at
from rules.knowledge import Knowledge
from rules.margin.figures import essential_figures
from rules.margin.position import HeldPosition, PositionFigures
from rules.terms.margin_modes import is_cross_alone
from rules.terms.position_terms import position_terms_of

_ONE = Decimal(1)

ENDS_BEFORE = (
    "isolated at this leverage, the position is {how}, before the stop: the size suits the stop only with less "
    "leverage or with more margin behind it"
)
_LIQUIDATED = "liquidated at {price}"
_LOST = "without any margin left at {price}"


def ends_before(
    asked: SizingInput, instrument: Instrument | None, quantity: Decimal, stop: Decimal | None, knowledge: Knowledge
) -> str | None:
    """Return what is to be said of a position of `quantity` coins that, isolated, ends before `stop` or at it; null
    where it does not, where no leverage or stop tells, and where the venue is known for cross margin alone.

    By the venue's margin model. Where that does not tell, the price at which the margin is lost stands in its place.
    """
    leverage, entry, words = asked.leverage, asked.entry_price, _LIQUIDATED
    if leverage is None or stop is None:
        return None
    found = None if instrument is None else _isolated(asked, instrument, quantity, leverage, knowledge)
    if instrument is not None and found is None:
        return None
    if found is not None and found.liquidation is not None:
        price = entry if found.liquidation == "already" else found.liquidation_price
    else:
        inverse = instrument is not None and instrument.contract_type is ContractType.INVERSE
        price, words = _margin_lost_at(asked.side, entry, leverage, inverse=inverse), _LOST
    if price is None or (price < stop if asked.side is Side.LONG else price > stop):
        return None
    return ENDS_BEFORE.format(how=words.format(price=shown(price)))


def _margin_lost_at(side: Side, entry: Decimal, leverage: Decimal, *, inverse: bool) -> Decimal | None:
    """Return the price at which a position has lost its value over its leverage; null where none does."""
    move = (_ONE if (side is Side.LONG) is inverse else -_ONE) / leverage
    if move <= -_ONE:
        return None
    return entry / (_ONE + move) if inverse else entry * (_ONE + move)


def _isolated(
    asked: SizingInput, instrument: Instrument, quantity: Decimal, leverage: Decimal, knowledge: Knowledge
) -> PositionFigures | None:
    """Return the figures of the position as an isolated one, without a liquidation price where no model of one is on
    file; null where the venue has no isolated positions.
    """
    venue, symbol, product, kind = instrument.venue, instrument.symbol, instrument.product, instrument.contract_type
    mode = MarginMode.ISOLATED
    model = knowledge.margin_model(venue, product, kind, mode)
    if isinstance(model, MarginLevel) or is_cross_alone(venue, product, kind, symbol, asked.residence, knowledge):
        return None
    notional = quantity * asked.entry_price
    if model is None:
        return PositionFigures(notional=notional, position_value=notional)
    ladder = knowledge.ladder(
        venue, symbol, client_class=asked.client_class, residence=asked.residence or "", side=asked.side
    )
    fee = fee_at(knowledge.fees(venue, product, kind, asked.residence or ""), None)
    policy = knowledge.liquidation(venue, product, mode, kind)
    position = HeldPosition(
        side=asked.side,
        size=notional if kind is ContractType.INVERSE else quantity,
        entry_price=asked.entry_price,
        terms=position_terms_of(symbol, kind, instrument, ladder, fee, policy, knowledge.fee_extras(venue, product)),
        mark_price=asked.entry_price,
        leverage=leverage,
        margin_mode=mode,
    )
    return essential_figures(model, position)
