"""MEXC perpetuals: `/api/v1/contract/detail`.

A contract's tiers are listed (`riskLimitMode` CUSTOM) or follow from a base and increments (INCREASE): level n ends at
riskBaseVol + (n - 1) x riskIncrVol with maintenance rate maintenanceMarginRate + (n - 1) x riskIncrMmr and initial rate
initialMarginRate + (n - 1) x riskIncrImr, up to riskLevelLimit. Volumes are contracts, or settlement currency where
`riskLimitType` is BY_VALUE. Fees differ by group and channel and are left alone.
Shape: https://www.mexc.com/api-docs/futures/market-endpoints (get contract info).
"""

from __future__ import annotations

from msgspec import Struct

from data.facts.venues import Instrument, Ladder
from data.facts.vocabulary import ContractType, Product
from data.refresh.building import Rung, instrument, ladder, leverage_of
from data.refresh.candidates import Family
from data.refresh.decoding import Bare, decode
from data.refresh.errors import ShapeError, VenueSaysError
from data.refresh.reading import Reader, Reading

DETAIL = "/api/v1/contract/detail"
_LISTED = 0
_UNITS = {"BY_VOLUME": "contracts", "BY_VALUE": None}
_MOST_LEVELS = 200


class _Level(Struct, frozen=True, rename="camel"):
    level: int
    max_vol: Bare
    mmr: Bare
    imr: Bare
    max_leverage: Bare


class _Contract(Struct, frozen=True, rename="camel"):
    symbol: str
    state: int
    base_coin: str
    quote_coin: str
    settle_coin: str
    contract_size: Bare
    price_unit: Bare
    min_vol: Bare
    initial_margin_rate: Bare
    maintenance_margin_rate: Bare
    risk_base_vol: Bare
    risk_incr_vol: Bare
    risk_incr_mmr: Bare
    risk_incr_imr: Bare
    risk_level_limit: int
    risk_limit_type: str
    risk_limit_mode: str | None = None
    risk_limit_custom: list[_Level] | None = None


class _Status(Struct, frozen=True):
    success: bool
    code: int


class _Answer(Struct, frozen=True):
    data: list[_Contract]


def _rungs(one: _Contract, url: str) -> list[Rung]:
    if one.risk_limit_mode == "CUSTOM":
        if not one.risk_limit_custom:
            raise ShapeError(f"{one.symbol}: riskLimitMode is CUSTOM, and riskLimitCustom lists no level", url)
        return [
            Rung(
                cap=level.max_vol,
                initial_margin_rate=level.imr,
                maintenance_margin_rate=level.mmr,
                max_leverage=level.max_leverage,
            )
            for level in one.risk_limit_custom
        ]
    if one.risk_limit_mode != "INCREASE":
        raise ShapeError(f"{one.symbol}: riskLimitMode {one.risk_limit_mode!r} is new", url)
    if one.risk_level_limit > _MOST_LEVELS:
        raise ShapeError(f"{one.symbol}: riskLevelLimit {one.risk_level_limit} is no number of levels", url)
    rungs: list[Rung] = []
    for step in range(max(1, one.risk_level_limit)):
        initial = one.initial_margin_rate + step * one.risk_incr_imr
        rungs.append(
            Rung(
                cap=one.risk_base_vol + step * one.risk_incr_vol,
                initial_margin_rate=initial,
                maintenance_margin_rate=one.maintenance_margin_rate + step * one.risk_incr_mmr,
                max_leverage=leverage_of(initial),
            )
        )
    return rungs


def _contract_type(one: _Contract) -> ContractType:
    return ContractType.INVERSE if one.settle_coin == one.base_coin else ContractType.LINEAR


def _instrument(reading: Reading, one: _Contract) -> Instrument:
    contract_type = _contract_type(one)
    return instrument(
        reading.venue,
        one.symbol,
        Product.PERPETUAL,
        base=one.base_coin,
        quote=one.quote_coin,
        settle=one.settle_coin,
        contract_type=contract_type,
        contract_size=one.contract_size,
        contract_size_unit=one.quote_coin if contract_type is ContractType.INVERSE else one.base_coin,
        tick_size=one.price_unit,
        min_size=one.min_vol,
    )


def _ladder(reading: Reading, one: _Contract, known: Instrument) -> Ladder:
    url = reading.url(DETAIL)
    if one.risk_limit_type not in _UNITS:
        raise ShapeError(f"{one.symbol}: riskLimitType {one.risk_limit_type!r} is new", url)
    return ladder(known, _rungs(one, url), unit=_UNITS[one.risk_limit_type] or one.settle_coin, url=url)


async def read(reading: Reading) -> None:
    """Read the contracts and their risk limits."""
    response = await reading.fetch(DETAIL)
    status = decode(response, _Status)
    if not status.success:
        raise VenueSaysError(f"error {status.code}", response.retrieved.url)
    listed = [one for one in decode(response, _Answer).data if one.state == _LISTED]
    reading.tell(DETAIL, 1, 1)
    if not listed:
        raise ShapeError("no contract is listed", reading.url(DETAIL))
    instruments = [_instrument(reading, one) for one in listed]
    reading.offer(Family.INSTRUMENTS, instruments, DETAIL)
    ladders = [_ladder(reading, one, known) for one, known in zip(listed, instruments, strict=True)]
    reading.offer(Family.LADDERS, ladders, DETAIL)


READER = Reader(
    venue="mexc",
    base_url="https://contract.mexc.com",
    hosts=frozenset({"contract.mexc.com"}),
    symbols=r"[A-Z0-9]+_[A-Z0-9]+",
    read=read,
)
