"""Binance USD-margined futures: `/fapi/v1/exchangeInfo`, `/fapi/v1/fundingInfo`, and `/fapi/v1/leverageBracket`.

The brackets want a signature by the user's own key (`BINANCE_API_KEY`, `BINANCE_API_SECRET`); without one
they are left alone. Brackets are in quote notional; `cum` is the maintenance amount. `fundingInfo` lists only the
contracts whose cap, floor or interval differ from the general terms.
Shapes: https://developers.binance.com/docs/derivatives/usds-margined-futures (market data and account, REST).
"""

from __future__ import annotations

import hashlib
import hmac
import time
from decimal import Decimal
from urllib.parse import urlencode

from msgspec import Struct

from data.facts.venues import FundingTerms, Instrument, Ladder
from data.facts.vocabulary import ContractType, Product
from data.refresh.building import Rung, funding_terms, instrument, ladder
from data.refresh.candidates import Candidate, Family, day_of
from data.refresh.decoding import Bare, Loose, Quoted, decode
from data.refresh.errors import ShapeError, VenueSaysError
from data.refresh.reading import Reader, Reading

EXCHANGE_INFO = "/fapi/v1/exchangeInfo"
FUNDING_INFO = "/fapi/v1/fundingInfo"
BRACKETS = "/fapi/v1/leverageBracket"
KEY, SECRET = "BINANCE_API_KEY", "BINANCE_API_SECRET"

_DATED = ("CURRENT_QUARTER", "NEXT_QUARTER", "CURRENT_MONTH", "NEXT_MONTH")


class _Filter(Struct, frozen=True, rename="camel"):
    filter_type: str
    tick_size: Quoted | None = None
    min_qty: Quoted | None = None


class _Contract(Struct, frozen=True, rename="camel"):
    symbol: str
    contract_type: str
    delivery_date: int
    status: str
    base_asset: str
    quote_asset: str
    margin_asset: str
    filters: list[_Filter]


class _ExchangeInfo(Struct, frozen=True):
    symbols: list[_Contract]


class _Funding(Struct, frozen=True, rename="camel"):
    symbol: str
    adjusted_funding_rate_cap: Quoted
    adjusted_funding_rate_floor: Quoted
    funding_interval_hours: int


class _Bracket(Struct, frozen=True, rename="camel"):
    bracket: int
    initial_leverage: Bare
    notional_cap: Bare
    notional_floor: Bare
    maint_margin_ratio: Bare
    cum: Bare


class _Brackets(Struct, frozen=True, rename="camel"):
    symbol: str
    brackets: list[_Bracket]
    notional_coef: Loose | None = None


def _product(one: _Contract) -> Product | None:
    if one.contract_type.endswith("PERPETUAL"):
        return Product.PERPETUAL
    return Product.FUTURE if one.contract_type in _DATED else None


def _instrument(reading: Reading, one: _Contract, product: Product) -> Instrument:
    filters = {rule.filter_type: rule for rule in one.filters}
    price, lot = filters.get("PRICE_FILTER"), filters.get("LOT_SIZE")
    if price is None or price.tick_size is None or lot is None or lot.min_qty is None:
        raise ShapeError(f"{one.symbol} has no price or lot-size filter", reading.url(EXCHANGE_INFO))
    return instrument(
        reading.venue,
        one.symbol,
        product,
        base=one.base_asset,
        quote=one.quote_asset,
        settle=one.margin_asset,
        contract_type=ContractType.LINEAR,
        contract_size=Decimal(1),
        contract_size_unit=one.base_asset,
        tick_size=price.tick_size,
        min_size=lot.min_qty,
        expiry=day_of(one.delivery_date) if product is Product.FUTURE else None,
    )


def _ladder(reading: Reading, one: Instrument, given: _Brackets) -> Ladder:
    url = reading.url(BRACKETS)
    if given.notional_coef not in (None, 1):
        raise VenueSaysError(
            f"{one.symbol}: this account's brackets are {given.notional_coef} times the default ones", url
        )
    rungs = [
        Rung(
            cap=row.notional_cap,
            max_leverage=row.initial_leverage,
            maintenance_margin_rate=row.maint_margin_ratio,
            maintenance_amount=row.cum,
        )
        for row in given.brackets
    ]
    built = ladder(one, rungs, unit=one.quote, url=url)
    floors = sorted(row.notional_floor for row in given.brackets)
    if floors != [tier.floor for tier in built.tiers]:
        raise ShapeError(f"{one.symbol}: the floors of the brackets do not meet the caps below them", url)
    return built


async def _brackets(reading: Reading) -> list[_Brackets]:
    key, secret = reading.environment.get(KEY), reading.environment.get(SECRET)
    if not key or not secret:
        reading.remark(f"brackets not read: they want {KEY} and {SECRET} in the environment")
        return []
    query = {"recvWindow": 10_000, "timestamp": int(time.time() * 1000)}
    signature = hmac.new(secret.encode(), urlencode(query).encode(), hashlib.sha256).hexdigest()
    response = await reading.fetch(
        BRACKETS, query | {"signature": signature}, headers={"X-MBX-APIKEY": key}, signed=True
    )
    reading.tell(BRACKETS, 1, 1)
    return decode(response, list[_Brackets])


async def read(reading: Reading) -> None:
    """Read instruments, adjusted funding terms and, with a key, the brackets."""
    instruments: dict[str, Instrument] = {}
    for contract in (await reading.get(EXCHANGE_INFO, _ExchangeInfo)).symbols:
        product = _product(contract)
        if contract.status == "TRADING" and product:
            instruments[contract.symbol] = _instrument(reading, contract, product)
    if not instruments:
        raise ShapeError("no instrument is listed", reading.url(EXCHANGE_INFO))
    reading.offer(Family.INSTRUMENTS, instruments.values(), EXCHANGE_INFO, covers=_is_linear)
    funding = [
        funding_terms(
            reading.venue,
            row.symbol,
            Decimal(row.funding_interval_hours),
            cap=row.adjusted_funding_rate_cap,
            floor=row.adjusted_funding_rate_floor,
        )
        for row in await reading.get(FUNDING_INFO, list[_Funding])
        if row.symbol in instruments
    ]
    reading.offer(Family.FUNDING_TERMS, funding, FUNDING_INFO, covers=_is_linear)
    given = await _brackets(reading)
    if given:
        ladders = [_ladder(reading, instruments[row.symbol], row) for row in given if row.symbol in instruments]
        reading.offer(Family.LADDERS, ladders, BRACKETS, covers=_is_linear)


def _is_linear(fact: Candidate) -> bool:
    if isinstance(fact, FundingTerms):
        return not fact.instrument.endswith("_PERP")
    return isinstance(fact, Instrument | Ladder) and fact.contract_type is ContractType.LINEAR


READER = Reader(
    venue="binance",
    base_url="https://fapi.binance.com",
    hosts=frozenset({"fapi.binance.com"}),
    symbols=r"[^\s*:]+",
    read=read,
)
