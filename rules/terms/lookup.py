"""Looks up, once, every fact that bears on one trade."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from msgspec import Struct, structs

from data.facts.venues import Fee, FundingTerms, Instrument, Ladder, Venue
from data.facts.vocabulary import ContractType, MarginMode, Product
from rules.case import Terms
from rules.costs.fees import Liquidity, fee_rate, fees_at
from rules.figures.sizes import Size, counted_size, in_ladder_unit, size_of
from rules.knowledge import Knowledge
from rules.margin.ladder import rung_at
from rules.margin.position import PositionTerms
from rules.remembered import Remembered
from rules.terms.charges import charged
from rules.terms.doubt import doubted_among
from rules.terms.extrapolation import Subject, extrapolated_among
from rules.terms.facts_used import facts_used
from rules.terms.leverage_caps import NO_CAPS, caps_for
from rules.terms.margin_modes import is_cross_alone
from rules.terms.position_terms import position_terms_of
from rules.trade import ProposedTrade

_WITHOUT_LADDER = (Product.SPOT, Product.PREDICTION)
_SPOT = Product.SPOT
_SPOT_KIND = ContractType.SPOT


class _Known(Struct, frozen=True, kw_only=True):
    """What is the same for every trade of one kind of client in one instrument, whatever its size and price."""

    terms: Terms
    """Those of a client whose volume is not stated, without what hangs on the size."""
    schedule: Sequence[Fee]


class _Lookups(Remembered[_Known]):
    """What was looked up, by client, instrument, product and mode of margin."""

    most = 8192

    def known(
        self,
        trade: ProposedTrade,
        venue: Venue,
        instrument: Instrument | None,
        product: Product,
        namesake: Instrument | None,
    ) -> _Known:
        client = trade.client
        key = (
            trade.venue,
            trade.instrument,
            product,
            trade.margin_mode,
            trade.side,
            client.client_class,
            client.residence,
            trade.conditions_met,
            trade.intermediary,
        )
        known = self.get(key)
        if known is None:
            spot_pair = None if namesake is None else _spot_pair_like(namesake)
            known = self.keep(key, _look_up(trade, self.knowledge, venue, instrument, product, spot_pair))
        return known


def terms_of(trade: ProposedTrade, knowledge: Knowledge) -> tuple[Terms, Size]:
    """Return the facts that bear on a trade, and its size in every unit.

    The product is the instrument's when the venue lists it, else the one the trade names. A trade that says spot is a
    spot trade: what the facts show under its name as another product is not what it names.
    """
    venue = knowledge.venue(trade.venue)
    instrument = knowledge.instrument(trade.venue, trade.instrument) if venue is not None else None
    namesake = None
    if trade.product is _SPOT and instrument is not None and instrument.product is not _SPOT:
        namesake, instrument = instrument, None
    product = instrument.product if instrument is not None else trade.product
    market = trade.market
    mark_held = _mark_held(trade, instrument, knowledge) if market is None or market.mark_price is None else None
    size = size_of(trade, instrument, mark_held)
    if venue is None:
        return _nothing_known(product, size), size
    if product is None:
        return _nothing_known(None, size, venue=venue), size
    known = knowledge.derive(_Lookups).known(trade, venue, instrument, product, namesake)
    return _terms(trade, known, size, mark_held), size


def _mark_held(trade: ProposedTrade, instrument: Instrument | None, knowledge: Knowledge) -> Decimal | None:
    """Return the mark price that a position held in the instrument tells; null where none does."""
    account = trade.account
    if account is None or not account.positions or instrument is None:
        return None
    for row in account.positions:
        if row.mark_price is None or row.venue != trade.venue:
            continue
        listed = knowledge.instrument(row.venue, row.instrument)
        if listed is not None and listed.symbol == instrument.symbol:
            return row.mark_price
    return None


def _spot_pair_like(namesake: Instrument) -> Instrument:
    """Return the spot pair of the same name: its coins and currency, and nothing else that the facts do not tell."""
    return structs.replace(
        namesake,
        product=_SPOT,
        contract_type=ContractType.SPOT,
        settle=None,
        contract_size=None,
        contract_size_unit=None,
        tick_size=None,
        min_size=None,
        max_size=None,
        expiry=None,
        derived=True,
    )


def _nothing_known(product: Product | None, size: Size, **known: object) -> Terms:
    empty: dict[str, object] = dict.fromkeys(Terms.__struct_fields__)
    empty.update(
        leverage_caps=(),
        caps=NO_CAPS,
        fee_extras=(),
        charges=(),
        facts=(),
        fee_taxes=(),
        fee_notes=(),
        broker_left_out=False,
        product=product,
    )
    empty.update(as_position=PositionTerms(), doubted=frozenset(), cross_alone=False, counted=size)
    return Terms(**{**empty, **known})  # type: ignore[arg-type]


def _terms(trade: ProposedTrade, known: _Known, size: Size, mark_held: Decimal | None) -> Terms:
    terms = known.terms
    ladder = terms.ladder
    largest = counted_size(trade, size, terms.instrument, mark_held)
    counted = in_ladder_unit(largest, ladder, terms.instrument) if ladder is not None else None
    # A copy with a few fields changed takes a tenth of the time that a new one takes.
    terms = structs.replace(
        terms,
        tier=rung_at(ladder.tiers, counted) if ladder is not None and counted is not None else None,
        counted=largest,
        size_in_ladder_unit=counted,
    )
    volume = trade.account.volume_30d_usd if trade.account is not None else None
    return _at_volume(terms, known.schedule, volume) if volume else terms


def _at_volume(terms: Terms, schedule: Sequence[Fee], volume: Decimal) -> Terms:
    """Return terms with the fee that a 30-day volume, in US dollars, earns."""
    maker, fee = fees_at(schedule, volume)
    if fee is None or maker is None or (fee is terms.fee and maker is terms.maker_fee):
        return terms
    charged = facts_used(_each_once(fee, maker))
    kind = charged[0].kind
    place = next((at for at, one in enumerate(terms.facts) if one.kind == kind), len(terms.facts))
    return structs.replace(
        terms,
        fee=fee,
        maker_fee=maker,
        as_position=structs.replace(terms.as_position, taker_fee_rate=fee.taker, maker_fee_rate=maker.maker),
        facts=(*terms.facts[:place], *charged, *(one for one in terms.facts[place:] if one.kind != kind)),
    )


def _each_once(fee: Fee | None, maker: Fee | None) -> tuple[Fee | None, ...]:
    return (fee,) if maker is fee else (fee, maker)


def _look_up(
    trade: ProposedTrade,
    knowledge: Knowledge,
    venue: Venue,
    instrument: Instrument | None,
    product: Product,
    spot_pair: Instrument | None,
) -> _Known:
    client, mode = trade.client, trade.margin_mode
    symbol = instrument.symbol if instrument is not None else trade.instrument
    ladder = _ladder_of(trade, symbol, product, venue, knowledge)
    contract_type = _kind_of(product, instrument, ladder)
    cross_alone = mode is None and is_cross_alone(venue.id, product, contract_type, symbol, client.residence, knowledge)
    if cross_alone:
        mode = MarginMode.CROSS
    schedule = knowledge.fees(venue.id, product, contract_type, client.residence)
    maker_fee, fee = fees_at(schedule, None)
    extras = tuple(knowledge.fee_extras(venue.id, product))
    firm = None if trade.intermediary == venue.id else trade.intermediary
    beside = charged(extras, fee_rate(fee, Liquidity.TAKER), symbol, product, client.residence, knowledge, firm=firm)
    caps = tuple(knowledge.leverage_caps(venue.id, product, symbol, mode))
    funding = _funding_of(symbol, product, venue, knowledge)
    liquidation = knowledge.liquidation(venue.id, product, mode, contract_type)
    adl = knowledge.adl(venue.id, product)
    model = None if contract_type is None else knowledge.margin_model(venue.id, product, contract_type, mode)
    terms = Terms(
        venue=venue,
        instrument=instrument,
        spot_pair=spot_pair,
        product=product,
        contract_type=contract_type,
        cross_alone=cross_alone,
        ladder=ladder,
        tier=None,
        counted=Size(),
        size_in_ladder_unit=None,
        leverage_caps=caps,
        caps=caps_for(caps, client.residence, client.client_class, trade.conditions_met, knowledge),
        fee=fee,
        maker_fee=maker_fee,
        fee_extras=extras,
        charges=beside.charges,
        fee_taxes=beside.taxes,
        fee_notes=beside.notes,
        broker_left_out=beside.broker_left_out,
        funding=funding,
        liquidation=liquidation,
        adl=adl,
        margin_model=model,
        as_position=position_terms_of(symbol, contract_type, instrument, ladder, fee, liquidation, extras),
        extrapolated=extrapolated_among(
            {
                Subject.LISTING: (instrument, *caps, adl),
                Subject.FEES: (*schedule, *extras, *beside.rows),
                Subject.FUNDING: (funding,),
                Subject.MARGIN: (ladder, model, liquidation),
            },
            venue,
            knowledge,
        ),
        doubted=doubted_among(
            {Subject.FEES: (*schedule, *beside.rows), Subject.FUNDING: (funding,)},
        ),
        facts=facts_used(
            (
                instrument,
                ladder,
                model,
                *caps,
                *_each_once(fee, maker_fee),
                *beside.rows,
                funding,
                liquidation,
                adl,
            )
        ),
    )
    return _Known(terms=terms, schedule=schedule)


def _ladder_of(
    trade: ProposedTrade, symbol: str, product: Product, venue: Venue, knowledge: Knowledge
) -> Ladder | None:
    if product in _WITHOUT_LADDER:
        return None
    client = trade.client
    return knowledge.ladder(
        venue.id, symbol, client_class=client.client_class, residence=client.residence, side=trade.side
    )


def _kind_of(product: Product, instrument: Instrument | None, ladder: Ladder | None) -> ContractType | None:
    """Return how profit is reckoned: as the listing tells, else the margin tiers; null where neither does."""
    if instrument is not None:
        return instrument.contract_type
    if product is _SPOT:
        return _SPOT_KIND
    return None if ladder is None else ladder.contract_type


def _funding_of(symbol: str, product: Product, venue: Venue, knowledge: Knowledge) -> FundingTerms | None:
    """Return the terms of funding; of an unlisted symbol the facts tell those of perpetuals, whatever is traded."""
    funding = knowledge.funding(venue.id, symbol)
    return funding if funding is not None and funding.product is product else None
