"""Crypto.com Exchange: `public/get-instruments` and `public/get-risk-parameters`.

Margin grows with the position by unit margin rate, not by tier: the risk parameters give the highest leverage per base
currency, and defaults where a currency has none.
Shapes: https://exchange-docs.crypto.com/exchange/v1/rest-ws/index.html.
"""

from __future__ import annotations

from decimal import Decimal

from msgspec import Struct

from data.facts.venues import Instrument, LeverageCap
from data.facts.vocabulary import ContractType, Product
from data.refresh.building import instrument, leverage_cap
from data.refresh.candidates import Candidate, Family, day_of
from data.refresh.decoding import Quoted, decode
from data.refresh.errors import ShapeError, VenueSaysError
from data.refresh.reading import Reader, Reading

INSTRUMENTS = "/exchange/v1/public/get-instruments"
RISK = "/exchange/v1/public/get-risk-parameters"
_PRODUCTS = {"PERPETUAL_SWAP": Product.PERPETUAL, "FUTURE": Product.FUTURE}


class _Status(Struct, frozen=True):
    code: int
    message: str | None = None


class _Instrument(Struct, frozen=True):
    symbol: str
    inst_type: str
    base_ccy: str
    quote_ccy: str
    price_tick_size: Quoted
    qty_tick_size: Quoted
    tradable: bool
    expiry_timestamp_ms: int


class _Instruments(Struct, frozen=True):
    data: list[_Instrument]


class _InstrumentsAnswer(Struct, frozen=True):
    result: _Instruments


class _Currency(Struct, frozen=True):
    instrument_name: str
    max_product_leverage_for_spot: Quoted | None = None
    max_product_leverage_for_perps: Quoted | None = None
    max_product_leverage_for_futures: Quoted | None = None


class _Risk(Struct, frozen=True):
    default_max_product_leverage_for_spot: Quoted
    default_max_product_leverage_for_perps: Quoted
    default_max_product_leverage_for_futures: Quoted
    base_currency_config: list[_Currency]


class _RiskAnswer(Struct, frozen=True):
    result: _Risk


async def _listed(reading: Reading) -> list[_Instrument]:
    response = await reading.fetch(INSTRUMENTS)
    status = decode(response, _Status)
    if status.code != 0:
        raise VenueSaysError(f"error {status.code}: {(status.message or '')[:200]}", response.retrieved.url)
    reading.tell(INSTRUMENTS, 1, 1)
    rows = decode(response, _InstrumentsAnswer).result.data
    return [one for one in rows if one.tradable and one.inst_type in _PRODUCTS]


async def _risk(reading: Reading) -> _Risk:
    response = await reading.fetch(RISK)
    status = decode(response, _Status)
    if status.code != 0:
        raise VenueSaysError(f"error {status.code}: {(status.message or '')[:200]}", response.retrieved.url)
    reading.tell(RISK, 1, 1)
    return decode(response, _RiskAnswer).result


def _caps(venue: str, risk: _Risk, instruments: list[Instrument]) -> list[LeverageCap]:
    """Return the defaults as caps of "*", then what is set for single currencies and their perpetuals."""
    caps = [
        leverage_cap(venue, "*", Product.PERPETUAL, risk.default_max_product_leverage_for_perps),
        leverage_cap(venue, "*", Product.FUTURE, risk.default_max_product_leverage_for_futures),
    ]
    currencies = {row.instrument_name: row for row in risk.base_currency_config}
    caps += [
        leverage_cap(venue, name, Product.SPOT_MARGIN, row.max_product_leverage_for_spot)
        for name, row in currencies.items()
        if row.max_product_leverage_for_spot is not None and row.max_product_leverage_for_spot > 1
    ]
    for one in instruments:
        row = currencies.get(one.base)
        if row and one.product is Product.PERPETUAL and row.max_product_leverage_for_perps is not None:
            caps.append(leverage_cap(venue, one.symbol, one.product, row.max_product_leverage_for_perps))
        if row and one.product is Product.FUTURE and row.max_product_leverage_for_futures is not None:
            caps.append(leverage_cap(venue, one.symbol, one.product, row.max_product_leverage_for_futures))
    return caps


async def read(reading: Reading) -> None:
    """Read derivatives and the leverage that the risk parameters allow."""
    listed = await _listed(reading)
    if not listed:
        raise ShapeError("no derivative is listed", reading.url(INSTRUMENTS))
    instruments = [
        instrument(
            reading.venue,
            one.symbol,
            _PRODUCTS[one.inst_type],
            base=one.base_ccy,
            quote=one.quote_ccy,
            settle=None,
            contract_type=ContractType.LINEAR,
            contract_size=Decimal(1),
            contract_size_unit=one.base_ccy,
            tick_size=one.price_tick_size,
            min_size=one.qty_tick_size,
            expiry=day_of(one.expiry_timestamp_ms) if one.expiry_timestamp_ms else None,
        )
        for one in listed
    ]
    risk = await _risk(reading)
    reading.offer(Family.INSTRUMENTS, instruments, INSTRUMENTS, covers=_is_derivative)
    reading.offer(Family.LEVERAGE_CAPS, _caps(reading.venue, risk, instruments), RISK, covers=_is_derivative)


def _is_derivative(fact: Candidate) -> bool:
    return isinstance(fact, Instrument | LeverageCap) and fact.product in (Product.PERPETUAL, Product.FUTURE)


READER = Reader(
    venue="cryptocom",
    base_url="https://api.crypto.com",
    hosts=frozenset({"api.crypto.com"}),
    symbols=r"[A-Z0-9]+-(PERP|[0-9]{6}([A-Z0-9]+)?)",
    read=read,
)
