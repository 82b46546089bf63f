"""Looks up, once, every fact that bears on one trade."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from data.facts.venues import Fee, Instrument
from data.facts.vocabulary import Product
from rules.case import Terms
from rules.knowledge import Knowledge
from rules.margin.ladder import rung_at
from rules.sizes import Size, in_ladder_unit, size_of
from rules.trade import ProposedTrade

_ZERO = Decimal(0)
_UNMARGINED = (Product.SPOT, Product.PREDICTION)


def terms_of(trade: ProposedTrade, knowledge: Knowledge) -> tuple[Terms, Size]:
    """Return the facts that bear on a trade, and its size in every unit.

    The product is the instrument's when the venue lists it, else the one the trade names.
    """
    venue = knowledge.venue(trade.venue)
    instrument = knowledge.instrument(trade.venue, trade.instrument) if venue is not None else None
    product = instrument.product if instrument is not None else trade.product
    size = size_of(trade, instrument)
    if venue is None:
        return _nothing_known(product), size
    if product is None:
        return _nothing_known(None, venue=venue), size
    return _terms(trade, knowledge, instrument, product, size), size


def _nothing_known(product: Product | None, **known: object) -> Terms:
    empty: dict[str, object] = dict.fromkeys(Terms.__struct_fields__)
    empty.update(leverage_caps=(), fee_extras=(), product=product)
    return Terms(**{**empty, **known})  # type: ignore[arg-type]


def _terms(
    trade: ProposedTrade, knowledge: Knowledge, instrument: Instrument | None, product: Product, size: Size
) -> Terms:
    venue = trade.venue
    symbol = instrument.symbol if instrument is not None else trade.instrument
    contract_type = instrument.contract_type if instrument is not None else None
    ladder = None
    if product not in _UNMARGINED:
        ladder = knowledge.ladder(
            venue,
            symbol,
            client_class=trade.client.client_class,
            residence=trade.client.residence,
            side=trade.side,
        )
        if contract_type is None and ladder is not None:
            contract_type = ladder.contract_type
    counted = in_ladder_unit(size, ladder, instrument) if ladder is not None else None
    volume = trade.account.volume_30d_usd if trade.account is not None else None
    return Terms(
        venue=knowledge.venue(venue),
        instrument=instrument,
        product=product,
        contract_type=contract_type,
        ladder=ladder,
        tier=rung_at(ladder.tiers, counted) if ladder is not None and counted is not None else None,
        size_in_ladder_unit=counted,
        leverage_caps=tuple(knowledge.leverage_caps(venue, product, symbol, trade.margin_mode)),
        fee=fee_at(knowledge.fees(venue, product), volume),
        fee_extras=tuple(knowledge.fee_extras(venue, product)),
        funding=knowledge.funding(venue, symbol) if product is Product.PERPETUAL else None,
        liquidation=knowledge.liquidation(venue, product, trade.margin_mode, contract_type),
        adl=knowledge.adl(venue, product),
        margin_model=(
            knowledge.margin_model(venue, product, contract_type, trade.margin_mode)
            if contract_type is not None
            else None
        ),
    )


def fee_at(schedule: Sequence[Fee], volume_30d_usd: Decimal | None) -> Fee | None:
    """Return the row of a venue's general schedule that a 30-day volume alone earns.

    Without a volume it is the row that asks for none. A row that also asks for a holding is not assumed to be earned;
    of rows with equal thresholds the dearest is taken, so that a cost is never understated.
    """
    chosen: Fee | None = None
    volume = volume_30d_usd if volume_30d_usd is not None else _ZERO
    for fee in schedule:
        threshold = fee.min_volume_30d_usd or _ZERO
        if threshold > volume or fee.schedule is not None or fee.holding_required:
            continue
        rank = (threshold, fee.taker if fee.taker is not None else _ZERO)
        if chosen is None or rank > (
            chosen.min_volume_30d_usd or _ZERO,
            chosen.taker if chosen.taker is not None else _ZERO,
        ):
            chosen = fee
    return chosen
