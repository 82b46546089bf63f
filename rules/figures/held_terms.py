"""What a venue requires of a cross position that is already held, by its own margin model: as of the trade itself."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from msgspec import Struct, structs

from data.facts.margin_models import MarginModel, RequirementModel
from data.facts.venues import Instrument, Ladder
from data.facts.vocabulary import MarginMode
from rules.costs.fees import fee_at
from rules.figures.legs import cross_position
from rules.knowledge import Knowledge
from rules.margin.margins import NO_LIQUIDATION_FEE, NO_TAKER_FEE, Valuation
from rules.margin.position import PositionTerms, value_of
from rules.remembered import Remembered
from rules.terms.position_terms import position_terms_of
from rules.trade import Client, Position

_ZERO = Decimal(0)
_FEES_LEFT_OUT = frozenset({NO_TAKER_FEE, NO_LIQUIDATION_FEE})


class HeldTerms(Struct, frozen=True, kw_only=True):
    """Model, ladder and terms of a cross position in one instrument; the two are null where none is on file."""

    model: MarginModel | None
    ladder: Ladder | None
    terms: PositionTerms


class _Lookups(Remembered[HeldTerms]):
    """What was looked up, by instrument, side and client."""

    most = 8192

    def of(self, position: Position, instrument: Instrument, client: Client, volume: Decimal | None) -> HeldTerms:
        key = (position.venue, instrument.symbol, position.side, client.client_class, client.residence, volume)
        known = self.get(key)
        if known is None:
            known = self.keep(key, _look_up(self.knowledge, position, instrument, client, volume))
        return known


def held_terms_of(
    position: Position, instrument: Instrument, client: Client, volume_30d_usd: Decimal | None, knowledge: Knowledge
) -> HeldTerms:
    """Return the terms of a position as a cross position of `client`."""
    return knowledge.derive(_Lookups).of(position, instrument, client, volume_30d_usd)


def requirement_of(position: Position, model: RequirementModel, terms: PositionTerms) -> tuple[Decimal, Decimal] | None:
    """Return what must be kept for a position, fees that count as maintenance included, and its value at mark.

    Both are in the settlement currency. Null when its rate or such a fee is not known. What some venues reserve for the
    next funding payment is not in it: no request states that of a position.
    """
    held = cross_position(position, terms)
    valued = Valuation(model, held)
    required = valued.requirement()
    if required is None or not _FEES_LEFT_OUT.isdisjoint(valued.missing):
        return None
    return required, value_of(held.size, held.present_price, terms.contract_type)


def as_one(rows: Sequence[Position], *, inverse: bool) -> Position:
    """Return rows of one instrument on one side as one: their sizes at the prices at which their values add up.

    A row is valued at its mark price or else at its entry price. Of several leverages the lowest counts: with it no
    rate is lower.
    """
    first = rows[0]
    if len(rows) == 1:
        return first
    mark = None
    if any(row.mark_price is not None for row in rows):
        mark = _average(
            rows, [row.entry_price if row.mark_price is None else row.mark_price for row in rows], inverse=inverse
        )
    return structs.replace(
        first,
        quantity=sum((row.quantity for row in rows), _ZERO),
        entry_price=_average(rows, [row.entry_price for row in rows], inverse=inverse),
        mark_price=mark,
        leverage=min((row.leverage for row in rows if row.leverage is not None), default=None),
    )


def as_kept(rows: Sequence[Position], *, inverse: bool, cross: bool) -> list[Position]:
    """Return rows of one instrument as its venue keeps them: those on one side in one margin mode are one position.

    `cross` says that a row without a margin mode is a cross position. Isolated rows are one where they state the same
    leverage and no margin: what others have posted is told row by row, and adds up.
    """
    if len(rows) < 2:
        return list(rows)
    kept: dict[tuple[object, ...], list[Position]] = {}
    for number, row in enumerate(rows):
        key: tuple[object, ...] = (row.side,)
        if row.margin_mode is not MarginMode.CROSS and not (cross and row.margin_mode is None):
            key = (row.side, row.margin_mode, row.leverage, None if row.collateral is None else number)
        kept.setdefault(key, []).append(row)
    return [as_one(alike, inverse=inverse) for alike in kept.values()]


def _average(rows: Sequence[Position], prices: Sequence[Decimal], *, inverse: bool) -> Decimal:
    first = prices[0]
    if all(price == first for price in prices):
        return first
    size = sum((row.quantity for row in rows), _ZERO)
    priced = zip(rows, prices, strict=True)
    if inverse:
        return size / sum((row.quantity / price for row, price in priced), _ZERO)
    return sum((row.quantity * price for row, price in priced), _ZERO) / size


def _look_up(
    knowledge: Knowledge, position: Position, instrument: Instrument, client: Client, volume: Decimal | None
) -> HeldTerms:
    venue, product, kind = position.venue, instrument.product, instrument.contract_type
    ladder = knowledge.ladder(
        venue,
        instrument.symbol,
        client_class=client.client_class,
        residence=client.residence,
        side=position.side,
    )
    fee = fee_at(knowledge.fees(venue, product, kind, client.residence), volume)
    policy = knowledge.liquidation(venue, product, MarginMode.CROSS, kind)
    extras = knowledge.fee_extras(venue, product)
    return HeldTerms(
        model=knowledge.margin_model(venue, product, kind, MarginMode.CROSS),
        ladder=ladder,
        terms=position_terms_of(instrument.symbol, kind, instrument, ladder, fee, policy, extras),
    )
