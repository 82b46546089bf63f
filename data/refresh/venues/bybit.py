"""Bybit: `/v5/market/instruments-info` and `/v5/market/risk-limit`, linear and inverse.

The risk limit is in the settlement value of the position: quote currency for linear contracts, base coin for inverse.
Shapes: https://bybit-exchange.github.io/docs/v5/market/instrument and …/risk-limit (pages by `nextPageCursor`).
"""

from __future__ import annotations

from decimal import Decimal
from itertools import groupby
from typing import Generic, TypeVar

from msgspec import Struct, field

from data.facts.venues import FundingTerms, Instrument, Ladder
from data.facts.vocabulary import ContractType, Product
from data.refresh.building import Rung, funding_terms, instrument, ladder
from data.refresh.candidates import Family, day_of
from data.refresh.decoding import Blank, Loose, Quoted, decode
from data.refresh.errors import ShapeError, VenueSaysError
from data.refresh.reading import Pages, Reader, Reading

T = TypeVar("T")

INSTRUMENTS = "/v5/market/instruments-info"
RISK_LIMIT = "/v5/market/risk-limit"
_CATEGORIES = {"linear": ContractType.LINEAR, "inverse": ContractType.INVERSE}


class _Status(Struct, frozen=True, rename="camel"):
    ret_code: int
    ret_msg: str


class _Listing(Struct, Generic[T], frozen=True, rename="camel"):
    rows: list[T] = field(name="list")
    next_page_cursor: str | None = None


class _Answer(Struct, Generic[T], frozen=True):
    result: _Listing[T]


class _PriceFilter(Struct, frozen=True, rename="camel"):
    tick_size: Quoted


class _LotSizeFilter(Struct, frozen=True, rename="camel"):
    min_order_qty: Quoted


class _Contract(Struct, frozen=True, rename="camel"):
    symbol: str
    contract_type: str
    status: str
    base_coin: str
    quote_coin: str
    settle_coin: str
    delivery_time: Quoted
    price_filter: _PriceFilter
    lot_size_filter: _LotSizeFilter
    funding_interval: int
    """Minutes."""
    upper_funding_rate: Blank | None = None
    lower_funding_rate: Blank | None = None


class _RiskLimit(Struct, frozen=True, rename="camel"):
    symbol: str
    risk_limit_value: Quoted
    maintenance_margin: Loose
    initial_margin: Loose
    max_leverage: Quoted
    mm_deduction: Blank | None = None


async def _pages(reading: Reading, endpoint: str, category: str, kind: type[T], limit: int | None) -> list[T]:
    found: list[T] = []
    pages = Pages(reading.url(endpoint))
    cursor = ""
    number = 0
    while True:
        pages.turn(cursor)
        query: dict[str, str | int] = {"category": category}
        if limit:
            query["limit"] = limit
        if cursor:
            query["cursor"] = cursor
        response = await reading.fetch(endpoint, query)
        status = decode(response, _Status)
        if status.ret_code != 0:
            raise VenueSaysError(f"error {status.ret_code}: {status.ret_msg[:200]}", response.retrieved.url)
        listing = decode(response, _Answer[kind]).result  # type: ignore[valid-type]
        found += listing.rows
        number += 1
        cursor = listing.next_page_cursor or ""
        reading.tell(f"{endpoint} {category}", number, None if cursor else number)
        if not cursor:
            return found


def _instrument(venue: str, one: _Contract, kind: ContractType) -> Instrument:
    delivery = int(one.delivery_time)
    perpetual = one.contract_type.endswith("Perpetual")
    return instrument(
        venue,
        one.symbol,
        Product.PERPETUAL if perpetual else Product.FUTURE,
        base=one.base_coin,
        quote=one.quote_coin,
        settle=one.settle_coin,
        contract_type=kind,
        contract_size=Decimal(1),
        contract_size_unit=one.base_coin if kind is ContractType.LINEAR else one.quote_coin,
        tick_size=one.price_filter.tick_size,
        min_size=one.lot_size_filter.min_order_qty,
        expiry=day_of(delivery) if delivery and not perpetual else None,
    )


def _funding(venue: str, one: _Contract) -> FundingTerms:
    return funding_terms(
        venue,
        one.symbol,
        Decimal(one.funding_interval) / 60,
        cap=one.upper_funding_rate.value if one.upper_funding_rate else None,
        floor=one.lower_funding_rate.value if one.lower_funding_rate else None,
    )


def _ladder(reading: Reading, one: Instrument, limits: list[_RiskLimit]) -> Ladder:
    rungs = [
        Rung(
            cap=limit.risk_limit_value,
            initial_margin_rate=limit.initial_margin,
            maintenance_margin_rate=limit.maintenance_margin,
            maintenance_amount=(limit.mm_deduction.value or Decimal(0)) if limit.mm_deduction else None,
            max_leverage=limit.max_leverage,
        )
        for limit in limits
    ]
    return ladder(one, rungs, unit=one.settles_in, url=reading.url(RISK_LIMIT))


async def read(reading: Reading) -> None:
    """Read instruments, funding terms and risk-limit ladders."""
    instruments: dict[str, Instrument] = {}
    funding: list[FundingTerms] = []
    ladders: list[Ladder] = []
    for category, kind in _CATEGORIES.items():
        for contract in await _pages(reading, INSTRUMENTS, category, _Contract, 1000):
            if contract.status not in ("Trading", "PreLaunch"):
                continue
            known = _instrument(reading.venue, contract, kind)
            instruments[known.symbol] = known
            if known.product is Product.PERPETUAL:
                funding.append(_funding(reading.venue, contract))
    for category in _CATEGORIES:
        limits = await _pages(reading, RISK_LIMIT, category, _RiskLimit, None)
        for symbol, rows in groupby(sorted(limits, key=lambda one: one.symbol), key=lambda one: one.symbol):
            if symbol in instruments:
                ladders.append(_ladder(reading, instruments[symbol], list(rows)))
    if not instruments:
        raise ShapeError("no instrument is listed", reading.url(INSTRUMENTS))
    reading.offer(Family.INSTRUMENTS, instruments.values(), INSTRUMENTS)
    reading.offer(Family.FUNDING_TERMS, funding, INSTRUMENTS)
    reading.offer(Family.LADDERS, ladders, RISK_LIMIT)


READER = Reader(
    venue="bybit",
    base_url="https://api.bybit.com",
    hosts=frozenset({"api.bybit.com"}),
    symbols=r"[A-Z0-9]+(-[0-9]{2}[A-Z]{3}[0-9]{2})?",
    read=read,
)
