"""Deribit: `public/get_instruments`, futures and perpetuals of every currency.

Margin grows with the size of the position by formula, not by tier: what the listing gives is the highest leverage.
Shape: https://docs.deribit.com/api-reference/market-data/public-get_instruments.
"""

from __future__ import annotations

from datetime import date

from msgspec import Struct

from data.facts.venues import Instrument, LeverageCap
from data.facts.vocabulary import ContractType, Product
from data.refresh.building import instrument, leverage_cap
from data.refresh.candidates import Candidate, Family, day_of
from data.refresh.decoding import Bare, decode
from data.refresh.errors import ShapeError, VenueSaysError
from data.refresh.reading import Reader, Reading

INSTRUMENTS = "/api/v2/public/get_instruments"
_CONTRACT_TYPES = {"reversed": ContractType.INVERSE, "linear": ContractType.LINEAR}


class _Contract(Struct, frozen=True):
    kind: str
    instrument_name: str
    instrument_type: str
    is_active: bool
    base_currency: str
    quote_currency: str
    settlement_currency: str
    settlement_period: str
    expiration_timestamp: int
    tick_size: Bare
    contract_size: Bare
    min_trade_amount: Bare
    max_leverage: Bare


class _Failure(Struct, frozen=True):
    code: int
    message: str


class _Status(Struct, frozen=True):
    error: _Failure | None = None


class _Answer(Struct, frozen=True):
    result: list[_Contract]


async def read(reading: Reading) -> None:
    """Read futures, perpetuals and the leverage they offer."""
    response = await reading.fetch(INSTRUMENTS, {"currency": "any", "kind": "future", "expired": "false"})
    status = decode(response, _Status)
    if status.error:
        raise VenueSaysError(f"error {status.error.code}: {status.error.message[:200]}", response.retrieved.url)
    contracts = [one for one in decode(response, _Answer).result if one.is_active and one.kind == "future"]
    reading.tell(INSTRUMENTS, 1, 1)
    if not contracts:
        raise ShapeError("no instrument is listed", reading.url(INSTRUMENTS))
    instruments: list[Instrument] = []
    caps: list[LeverageCap] = []
    for one in contracts:
        contract_type = _CONTRACT_TYPES.get(one.instrument_type)
        if contract_type is None:
            raise ShapeError(
                f"{one.instrument_name}: instrument_type {one.instrument_type!r} is new", reading.url(INSTRUMENTS)
            )
        perpetual = one.settlement_period == "perpetual"
        product = Product.PERPETUAL if perpetual else Product.FUTURE
        expiry: date | None = None if perpetual else day_of(one.expiration_timestamp)
        instruments.append(
            instrument(
                reading.venue,
                one.instrument_name,
                product,
                base=one.base_currency,
                quote=one.quote_currency,
                settle=one.settlement_currency,
                contract_type=contract_type,
                contract_size=one.contract_size,
                contract_size_unit=one.quote_currency if contract_type is ContractType.INVERSE else one.base_currency,
                tick_size=one.tick_size,
                # Told as amounts are, in USD or in coins. A contract of no size is refused as such.
                min_size=one.min_trade_amount / one.contract_size if one.contract_size else None,
                expiry=expiry,
            )
        )
        caps.append(leverage_cap(reading.venue, one.instrument_name, product, one.max_leverage))
    reading.offer(Family.INSTRUMENTS, instruments, INSTRUMENTS, covers=_is_future)
    reading.offer(Family.LEVERAGE_CAPS, caps, INSTRUMENTS, covers=_is_future)


def _is_future(fact: Candidate) -> bool:
    return isinstance(fact, Instrument | LeverageCap) and fact.product in (Product.PERPETUAL, Product.FUTURE)


READER = Reader(
    venue="deribit",
    base_url="https://www.deribit.com",
    hosts=frozenset({"www.deribit.com"}),
    symbols=r"[A-Z0-9_]+-(PERPETUAL|[0-9]{1,2}[A-Z]{3}[0-9]{2})",
    read=read,
)
