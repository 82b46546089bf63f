"""Kraken Futures: `/derivatives/api/v3/instruments` and `/derivatives/api/v3/feeschedules`.

Since 22 June 2026 the fee schedules no longer tell the fees that are charged (a private endpoint does), so every change
of a fee is shown and wants a look.

A margin level starts at a number of contracts (inverse) or of quote-currency units (multi-collateral); it ends where
the next one starts. Retail clients have levels of their own where the listing gives them. Fees are in percent by 30-day
volume in USD; the general schedule is the one most perpetuals refer to. `contractValueTradePrecision` is the number of
decimal places of an order's size.
Shapes: https://docs.kraken.com/api/docs/futures-api/trading/get-instruments and …/get-fee-schedules-v3; the end of the
fee schedules: https://docs.kraken.com/api-reference/fee-schedules/get-fee-schedules.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from decimal import Decimal

from msgspec import Struct

from data.facts.venues import Fee, FundingTerms, Instrument, Ladder
from data.facts.vocabulary import ClientClass, ContractType, Product
from data.refresh.building import Rung, fee, funding_terms, instrument, ladder, leverage_of
from data.refresh.candidates import Candidate, Family
from data.refresh.decoding import Bare
from data.refresh.errors import ShapeError, VenueSaysError
from data.refresh.reading import Reader, Reading

INSTRUMENTS = "/derivatives/api/v3/instruments"
FEES = "/derivatives/api/v3/feeschedules"
_PERCENT = Decimal("0.01")
_NOT_CHARGED = "Kraken says that since 2026-06-22 this endpoint no longer tells the fees it charges"

_KINDS = {
    "PF": (Product.PERPETUAL, ContractType.LINEAR),
    "FF": (Product.FUTURE, ContractType.LINEAR),
    "PI": (Product.PERPETUAL, ContractType.INVERSE),
    "FI": (Product.FUTURE, ContractType.INVERSE),
}


class _Level(Struct, frozen=True, rename="camel"):
    initial_margin: Bare
    maintenance_margin: Bare
    contracts: Bare | None = None
    num_non_contract_units: Bare | None = None


class _Contract(Struct, frozen=True, rename="camel"):
    symbol: str
    type: str
    tradeable: bool
    base: str | None = None
    quote: str | None = None
    tick_size: Bare | None = None
    contract_size: Bare | None = None
    contract_value_trade_precision: int | None = None
    margin_levels: list[_Level] | None = None
    retail_margin_levels: list[_Level] | None = None
    max_relative_funding_rate: Bare | None = None
    last_trading_time: str | None = None
    fee_schedule_uid: str | None = None


class _Instruments(Struct, frozen=True):
    result: str
    instruments: list[_Contract] | None = None
    error: str | None = None


class _FeeTier(Struct, frozen=True, rename="camel"):
    maker_fee: Bare
    taker_fee: Bare
    usd_volume: Bare


class _FeeSchedule(Struct, frozen=True):
    uid: str
    name: str
    tiers: list[_FeeTier]


class _FeeSchedules(Struct, frozen=True, rename="camel"):
    result: str
    fee_schedules: list[_FeeSchedule] | None = None
    error: str | None = None


def _instrument(reading: Reading, one: _Contract, product: Product, kind: ContractType) -> Instrument:
    if one.base is None or one.quote is None or one.tick_size is None or one.contract_value_trade_precision is None:
        raise ShapeError(f"{one.symbol} lacks its coins, tick size or trade precision", reading.url(INSTRUMENTS))
    expiry = None
    if product is Product.FUTURE and one.last_trading_time:
        expiry = datetime.fromisoformat(one.last_trading_time).date()
    return instrument(
        reading.venue,
        one.symbol,
        product,
        base=one.base,
        quote=one.quote,
        settle=one.base if kind is ContractType.INVERSE else one.quote,
        contract_type=kind,
        contract_size=one.contract_size,
        contract_size_unit=one.quote if kind is ContractType.INVERSE else one.base,
        tick_size=one.tick_size,
        min_size=Decimal(1).scaleb(-one.contract_value_trade_precision),
        expiry=expiry,
    )


def _ladder(reading: Reading, one: Instrument, levels: list[_Level], client_class: ClientClass) -> Ladder:
    url = reading.url(INSTRUMENTS)
    inverse = one.contract_type is ContractType.INVERSE
    starts: list[tuple[Decimal, _Level]] = []
    for level in levels:
        start = level.contracts if inverse else level.num_non_contract_units
        if start is None:
            raise ShapeError(f"{one.symbol}: a margin level does not say where it starts", url)
        starts.append((start, level))
    starts.sort(key=lambda pair: pair[0])
    if not starts or starts[0][0] != 0:
        raise ShapeError(f"{one.symbol}: no margin level starts at zero", url)
    caps = [start for start, _ in starts[1:]] + [None]
    rungs = [
        Rung(
            cap=cap,
            initial_margin_rate=level.initial_margin,
            maintenance_margin_rate=level.maintenance_margin,
            max_leverage=leverage_of(level.initial_margin),
        )
        for cap, (_, level) in zip(caps, starts, strict=True)
    ]
    return ladder(
        one,
        rungs,
        unit="contracts" if inverse else one.quote,
        url=url,
        client_class=client_class,
    )


async def _fees(reading: Reading, uid: str) -> list[Fee]:
    answer = await reading.get(FEES, _FeeSchedules)
    if answer.result != "success" or answer.fee_schedules is None:
        raise VenueSaysError(f"answers {answer.result}: {answer.error or 'no schedules'}", reading.url(FEES))
    schedule = next((one for one in answer.fee_schedules if one.uid == uid), None)
    if schedule is None:
        raise ShapeError(f"the schedule {uid} that instruments refer to is not listed", reading.url(FEES))
    reading.remark(f"fees are those of the schedule {schedule.name!r}")
    tiers = sorted(schedule.tiers, key=lambda tier: tier.usd_volume)
    return [
        fee(reading.venue, product, str(number), tier.maker_fee * _PERCENT, tier.taker_fee * _PERCENT, tier.usd_volume)
        for product in (Product.PERPETUAL, Product.FUTURE)
        for number, tier in enumerate(tiers, 1)
    ]


async def read(reading: Reading) -> None:
    """Read instruments, margin levels, funding limits and the general fee schedule."""
    answer = await reading.get(INSTRUMENTS, _Instruments)
    if answer.result != "success" or answer.instruments is None:
        raise VenueSaysError(f"answers {answer.result}: {answer.error or 'no list'}", reading.url(INSTRUMENTS))
    instruments: list[Instrument] = []
    ladders: list[Ladder] = []
    funding: list[FundingTerms] = []
    schedules: Counter[str] = Counter()
    for contract in answer.instruments:
        kind = _KINDS.get(contract.symbol[:2])
        if not contract.tradeable or kind is None:
            continue
        known = _instrument(reading, contract, *kind)
        instruments.append(known)
        if not contract.margin_levels:
            raise ShapeError(f"{known.symbol} has no marginLevels", reading.url(INSTRUMENTS))
        ladders.append(_ladder(reading, known, contract.margin_levels, ClientClass.ANY))
        if contract.retail_margin_levels and contract.retail_margin_levels != contract.margin_levels:
            ladders.append(_ladder(reading, known, contract.retail_margin_levels, ClientClass.RETAIL))
        limit = contract.max_relative_funding_rate
        if known.product is Product.PERPETUAL and limit is not None:
            funding.append(funding_terms(reading.venue, known.symbol, Decimal(1), cap=limit, floor=-limit))
        if known.product is Product.PERPETUAL and contract.fee_schedule_uid:
            schedules[contract.fee_schedule_uid] += 1
    if not instruments:
        raise ShapeError("no instrument is listed", reading.url(INSTRUMENTS))
    reading.offer(Family.INSTRUMENTS, instruments, INSTRUMENTS)
    reading.offer(Family.LADDERS, ladders, INSTRUMENTS)
    reading.offer(Family.FUNDING_TERMS, funding, INSTRUMENTS)
    if schedules:
        rows = await _fees(reading, schedules.most_common(1)[0][0])
        reading.offer(Family.FEES, rows, FEES, covers=_is_derivative_fee, doubt=_NOT_CHARGED)


def _is_derivative_fee(fact: Candidate) -> bool:
    return isinstance(fact, Fee) and fact.product in (Product.PERPETUAL, Product.FUTURE)


READER = Reader(
    venue="kraken_futures",
    base_url="https://futures.kraken.com",
    hosts=frozenset({"futures.kraken.com"}),
    symbols=r"(PF|PI)_[A-Za-z0-9]+|(FF|FI)_[A-Za-z0-9]+_[0-9]{6}",
    read=read,
)
