"""Kraken spot and spot margin: `/0/public/AssetPairs`.

Fees are in percent by 30-day volume in USD. The general schedule is the one most pairs share; pairs with one of their
own (stablecoins, currencies) are left to the curated text. The leverage offered is the highest of either side.
Shape: https://docs.kraken.com/api/docs/rest-api/get-tradable-asset-pairs.
"""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

from msgspec import Struct

from data.facts.venues import Fee, Instrument, LeverageCap
from data.facts.vocabulary import ContractType, Product
from data.refresh.building import common_code, fee, instrument, leverage_cap
from data.refresh.candidates import Candidate, Family
from data.refresh.decoding import Bare, Quoted, decode
from data.refresh.errors import ShapeError, VenueSaysError
from data.refresh.reading import Reader, Reading

PAIRS = "/0/public/AssetPairs"
_PERCENT = Decimal("0.01")

Schedule = tuple[tuple[Decimal, Decimal, Decimal], ...]
"""Rows of 30-day volume, maker rate and taker rate."""


class _Pair(Struct, frozen=True):
    altname: str
    wsname: str
    status: str
    leverage_buy: list[int]
    leverage_sell: list[int]
    fees: list[tuple[Bare, Bare]]
    fees_maker: list[tuple[Bare, Bare]]
    fee_volume_currency: str
    ordermin: Quoted
    tick_size: Quoted


class _Status(Struct, frozen=True):
    error: list[str]


class _Answer(Struct, frozen=True):
    result: dict[str, _Pair]


def _codes(pair: _Pair, url: str) -> tuple[str, str]:
    base, slash, quote = pair.wsname.partition("/")
    if not slash:
        raise ShapeError(f"{pair.altname}: wsname {pair.wsname!r} does not name two coins", url)
    return common_code(base), common_code(quote)


def _schedule(pair: _Pair, url: str) -> Schedule:
    makers = dict(pair.fees_maker)
    if len(makers) != len(pair.fees) or any(volume not in makers for volume, _ in pair.fees):
        raise ShapeError(f"{pair.altname}: maker and taker fees have different volume steps", url)
    return tuple((volume, makers[volume] * _PERCENT, taker * _PERCENT) for volume, taker in pair.fees)


def _highest_leverage(pair: _Pair) -> int:
    """Return the highest leverage of either side; 1 where there is no margin."""
    return max([*pair.leverage_buy, *pair.leverage_sell], default=1)


def _instrument(reading: Reading, pair: _Pair) -> Instrument:
    base, quote = _codes(pair, reading.url(PAIRS))
    return instrument(
        reading.venue,
        pair.altname,
        Product.SPOT_MARGIN if _highest_leverage(pair) > 1 else Product.SPOT,
        base=base,
        quote=quote,
        settle=quote,
        contract_type=ContractType.SPOT,
        contract_size=Decimal(1),
        contract_size_unit=base,
        tick_size=pair.tick_size,
        min_size=pair.ordermin,
    )


def _cap(reading: Reading, pair: _Pair) -> LeverageCap:
    base, quote = _codes(pair, reading.url(PAIRS))
    return leverage_cap(reading.venue, f"{base}/{quote}", Product.SPOT_MARGIN, Decimal(_highest_leverage(pair)))


async def read(reading: Reading) -> None:
    """Read pairs, the leverage they offer and the general fee schedule."""
    response = await reading.fetch(PAIRS)
    status = decode(response, _Status)
    if status.error:
        raise VenueSaysError(f"error {', '.join(status.error)[:200]}", response.retrieved.url)
    pairs = [pair for pair in decode(response, _Answer).result.values() if pair.status == "online"]
    reading.tell(PAIRS, 1, 1)
    url = reading.url(PAIRS)
    if not pairs:
        raise ShapeError("no pair is listed", url)
    reading.offer(Family.INSTRUMENTS, [_instrument(reading, pair) for pair in pairs], PAIRS, covers=_is_pair)
    caps = [_cap(reading, pair) for pair in pairs if _highest_leverage(pair) > 1]
    reading.offer(Family.LEVERAGE_CAPS, caps, PAIRS, covers=_is_pair_cap)
    schedules = Counter(_schedule(pair, url) for pair in pairs if pair.fee_volume_currency == "ZUSD")
    if schedules:
        general = schedules.most_common(1)[0][0]
        rows = [
            fee(reading.venue, product, str(number), maker, taker, volume)
            for product in (Product.SPOT, Product.SPOT_MARGIN)
            for number, (volume, maker, taker) in enumerate(general, 1)
        ]
        reading.offer(Family.FEES, rows, PAIRS, covers=_is_spot_fee)


def _is_pair(fact: Candidate) -> bool:
    return isinstance(fact, Instrument) and "/" not in fact.symbol


def _is_pair_cap(fact: Candidate) -> bool:
    return isinstance(fact, LeverageCap) and "/" in fact.instrument and fact.product is Product.SPOT_MARGIN


def _is_spot_fee(fact: Candidate) -> bool:
    return isinstance(fact, Fee) and fact.product in (Product.SPOT, Product.SPOT_MARGIN)


READER = Reader(
    venue="kraken",
    base_url="https://api.kraken.com",
    hosts=frozenset({"api.kraken.com"}),
    symbols=r"[A-Za-z0-9.]+(/[A-Za-z0-9.]+)?",
    read=read,
)
