"""Coinbase: `/api/v3/brokerage/market/products`, futures for Coinbase Derivatives and spot for Coinbase Advanced.

A future's margin is a rate per session (intraday, overnight) and side, without tiers. A contract that funds is a
perpetual, though its record carries a far expiry.
Shape: https://docs.cdp.coinbase.com/api-reference/advanced-trade-api/rest-api/public/list-public-products.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from msgspec import Struct

from data.facts.venues import Instrument, Ladder
from data.facts.vocabulary import ContractType, Product
from data.refresh.building import Rung, instrument, ladder, leverage_of
from data.refresh.candidates import Candidate, Family
from data.refresh.decoding import Quoted, decode
from data.refresh.errors import ShapeError
from data.refresh.reading import Pages, Reader, Reading

PRODUCTS = "/api/v3/brokerage/market/products"
PAGE = 250
_HOST = "api.coinbase.com"


class _MarginRates(Struct, frozen=True):
    long_margin_rate: Quoted
    short_margin_rate: Quoted


class _FutureDetails(Struct, frozen=True):
    contract_size: Quoted
    contract_root_unit: str
    contract_expiry: str
    contract_expiry_type: str
    funding_interval: str | None = None
    intraday_margin_rate: _MarginRates | None = None
    overnight_margin_rate: _MarginRates | None = None


class _Product(Struct, frozen=True):
    product_id: str
    quote_currency_id: str
    base_currency_id: str
    base_min_size: Quoted
    price_increment: Quoted
    is_disabled: bool
    view_only: bool
    future_product_details: _FutureDetails | None = None


class _Products(Struct, frozen=True):
    products: list[_Product]


async def _products(reading: Reading, product_type: str) -> list[_Product]:
    """Return all products of a type; pages by offset until one is not full."""
    guard = Pages(reading.url(PRODUCTS))
    found: list[_Product] = []
    number = 0
    while True:
        query: dict[str, str | int] = {"product_type": product_type, "limit": PAGE, "offset": PAGE * number}
        response = await reading.fetch(PRODUCTS, query)
        rows = decode(response, _Products).products
        guard.turn(",".join(one.product_id for one in rows))
        found += rows
        number += 1
        last = len(rows) < PAGE
        reading.tell(PRODUCTS, number, number if last else None)
        if last:
            return [one for one in found if not one.is_disabled and not one.view_only]


def _ladders(reading: Reading, one: Instrument, details: _FutureDetails) -> list[Ladder]:
    sessions = {"intraday": details.intraday_margin_rate, "overnight": details.overnight_margin_rate}
    return [
        ladder(
            one,
            [Rung(cap=None, initial_margin_rate=rate, max_leverage=leverage_of(rate, places=4))],
            unit=one.quote,
            url=reading.url(PRODUCTS),
            session=session,
            side=side,
        )
        for session, rates in sessions.items()
        if rates
        for side, rate in (("long", rates.long_margin_rate), ("short", rates.short_margin_rate))
        if rate > 0
    ]


async def read_futures(reading: Reading) -> None:
    """Read the futures and their margin rates."""
    instruments: list[Instrument] = []
    ladders: list[Ladder] = []
    for one in await _products(reading, "FUTURE"):
        details = one.future_product_details
        if details is None:
            raise ShapeError(f"{one.product_id} has no future_product_details", reading.url(PRODUCTS))
        perpetual = details.contract_expiry_type == "PERPETUAL" or bool(details.funding_interval)
        expiry: date | None = None
        if details.contract_expiry and not perpetual:
            expiry = datetime.fromisoformat(details.contract_expiry).date()
        known = instrument(
            reading.venue,
            one.product_id,
            Product.PERPETUAL if perpetual else Product.FUTURE,
            base=details.contract_root_unit,
            quote=one.quote_currency_id,
            settle=one.quote_currency_id,
            contract_type=ContractType.LINEAR,
            contract_size=details.contract_size,
            contract_size_unit=details.contract_root_unit,
            tick_size=one.price_increment,
            min_size=one.base_min_size,
            expiry=expiry,
        )
        instruments.append(known)
        ladders += _ladders(reading, known, details)
    if not instruments:
        raise ShapeError("no product is listed", reading.url(PRODUCTS))
    reading.offer(Family.INSTRUMENTS, instruments, PRODUCTS)
    reading.offer(Family.LADDERS, ladders, PRODUCTS)


async def read_spot(reading: Reading) -> None:
    """Read the spot pairs."""
    instruments = [
        instrument(
            reading.venue,
            one.product_id,
            Product.SPOT,
            base=one.base_currency_id,
            quote=one.quote_currency_id,
            settle=one.quote_currency_id,
            contract_type=ContractType.SPOT,
            contract_size=Decimal(1),
            contract_size_unit=one.base_currency_id,
            tick_size=one.price_increment,
            min_size=one.base_min_size,
        )
        for one in await _products(reading, "SPOT")
    ]
    if not instruments:
        raise ShapeError("no product is listed", reading.url(PRODUCTS))
    reading.offer(Family.INSTRUMENTS, instruments, PRODUCTS, covers=_is_spot)


def _is_spot(fact: Candidate) -> bool:
    return isinstance(fact, Instrument) and fact.product is Product.SPOT


DERIVATIVES = Reader(
    venue="coinbase_derivatives",
    base_url=f"https://{_HOST}",
    hosts=frozenset({_HOST}),
    symbols=r"[A-Z0-9]+-[0-9]{1,2}[A-Z]{3}[0-9]{2}-CDE",
    read=read_futures,
)
ADVANCED = Reader(
    venue="coinbase_advanced",
    base_url=f"https://{_HOST}",
    hosts=frozenset({_HOST}),
    symbols=r"[A-Z0-9]+-[A-Z0-9]+",
    read=read_spot,
)
