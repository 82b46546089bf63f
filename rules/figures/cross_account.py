"""What the cross positions at the trade's venue have gained and require together."""

from __future__ import annotations

from decimal import Decimal

from msgspec import Struct, structs

from data.facts.margin_models import MarginLevel, MarginModel, RequirementModel
from data.facts.venues import Instrument
from data.facts.vocabulary import ContractType, Side
from rules.figures.held_terms import HeldTerms, as_one, held_terms_of, requirement_of
from rules.figures.held_values import counts_in, held_profit
from rules.knowledge import Knowledge
from rules.margin.position import PositionTerms
from rules.trade import Position, ProposedTrade

_INVERSE = ContractType.INVERSE

_ZERO = Decimal(0)


class _HeldSide(Struct):
    """Rows of one instrument on one side, with what they are worth and have gained; lives as long as the sum."""

    instrument: Instrument
    rows: list[Position]
    notional: Decimal = _ZERO
    profit: Decimal = _ZERO


class Alongside(Struct, frozen=True, kw_only=True):
    """A cross position in another instrument of the trade's underlying, in the account's currency."""

    model: MarginModel
    terms: PositionTerms
    row: Position
    profit: Decimal
    maintenance: Decimal
    """What it requires, at the level of the forced close by a margin level."""


class CrossAccount:
    """Adds cross positions up, in the account's currency; lives for one call."""

    def __init__(self, trade: ProposedTrade, knowledge: Knowledge, settle: str | None, coin: str | None) -> None:
        self.trade, self.knowledge, self.settle, self.coin = trade, knowledge, settle, coin
        self.one_wallet = True
        """All settle in the trade's currency, or in an account that stands whole."""
        self.profit: Decimal | None = _ZERO
        """What they have gained; null once that of one is not known."""
        self.maintenance: Decimal | None = _ZERO
        """What they require; null once that of one is not known."""
        self.same_profit = self.same_maintenance = _ZERO
        """Of both, what is of the trade's own instrument."""
        self.surplus = _ZERO
        """What those in other currencies have gained beyond what they require, currency by currency."""
        self.surplus_alongside = _ZERO
        """The part of that in currencies of positions `alongside`."""
        self.alongside: list[Alongside] = []
        """Those in other instruments of the trade's underlying, the `coin`."""
        self._sides: dict[tuple[str, Side], _HeldSide] = {}

    def add(self, position: Position, instrument: Instrument, notional: Decimal) -> None:
        """Add a position worth `notional`."""
        key = (instrument.symbol, position.side)
        held = self._sides.get(key)
        if held is None:
            held = self._sides[key] = _HeldSide(instrument, [])
        held.rows.append(position)
        held.notional += notional
        profit = held_profit(position, instrument, notional)
        if profit is None or self.profit is None:
            self.profit = None
        else:
            self.profit += profit
            held.profit += profit
            self.same_profit += profit if instrument.symbol == self.trade.instrument else _ZERO

    def add_up_maintenance(self) -> None:
        """Add up what the positions require: rows of one instrument on one side are one position at the venue."""
        trade = self.trade
        volume = None if trade.account is None else trade.account.volume_30d_usd
        elsewhere: dict[str, Decimal] = {}
        moving: set[str] = set()
        for held in self._sides.values():
            instrument = held.instrument
            whole = as_one(held.rows, inverse=instrument.contract_type is _INVERSE)
            known = held_terms_of(whole, instrument, trade.client, volume, self.knowledge)
            maintenance = self._required(whole, instrument, held.notional, known)
            if maintenance is None or self.maintenance is None:
                self.maintenance = None
                return
            self.maintenance += maintenance
            settle = instrument.settles_in
            if instrument.symbol == trade.instrument:
                self.same_maintenance += maintenance
            elif known.model is not None and self.knowledge.coin(instrument.base).name == self.coin:
                moving.add(settle)
                if whole.instrument != instrument.symbol:
                    whole = structs.replace(whole, instrument=instrument.symbol)
                self.alongside.append(
                    Alongside(
                        model=known.model, terms=known.terms, row=whole, profit=held.profit, maintenance=maintenance
                    )
                )
            if settle != self.settle and not isinstance(known.model, MarginLevel):
                self.one_wallet = False
                elsewhere[settle] = elsewhere.get(settle, _ZERO) + held.profit - maintenance
        if not elsewhere:
            return
        self.surplus = sum((left for left in elsewhere.values() if left > 0), _ZERO)
        self.surplus_alongside = sum((left for one, left in elsewhere.items() if left > 0 and one in moving), _ZERO)

    def _required(
        self, position: Position, instrument: Instrument, notional: Decimal, known: HeldTerms
    ) -> Decimal | None:
        """Return what the venue's model requires of a position worth `notional`, in the same currency; null when no
        model or no rate tells.
        """
        ladder = known.ladder
        if ladder is not None and not counts_in(ladder.unit, instrument, self.knowledge):
            return None
        if isinstance(known.model, MarginLevel):
            return _at_close_level(known.model, position, notional)
        if not isinstance(known.model, RequirementModel):
            return None
        found = requirement_of(position, known.model, known.terms)
        if found is None:
            return None
        required, value = found
        return required if value == notional else required * notional / value


def _at_close_level(model: MarginLevel, position: Position, notional: Decimal) -> Decimal | None:
    """Return the used margin of a position at the level of the forced close: its cost over its leverage, of a short
    whose used margin floats its value; null where it states no leverage.
    """
    if not position.leverage:
        return None
    if position.mark_price is not None and not (model.short_used_margin_floats and position.side is Side.SHORT):
        notional = notional * position.entry_price / position.mark_price
    return notional / position.leverage * model.close_level
