"""Gate, USDT-settled perpetuals: `/api/v4/futures/usdt/contracts` and `/api/v4/futures/usdt/risk_limit_tiers`.

Contracts page by row, risk limits by market (`limit` and `offset` count markets, not rows). A risk limit is in USDT of
position value; `deduction` is the maintenance amount. The fee rates of the contract records are not the published tiers
and are left alone.
Shapes: https://www.gate.com/docs/developers/apiv4/en/#list-all-futures-contracts and …#query-risk-limit-tiers.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TypeVar

from msgspec import Struct

from data.facts.amounts import ARITHMETIC
from data.facts.venues import FundingTerms, Instrument, Ladder
from data.facts.vocabulary import ContractType, Product
from data.refresh.building import Rung, funding_terms, instrument, ladder
from data.refresh.candidates import Candidate, Family
from data.refresh.decoding import Loose, Quoted, decode
from data.refresh.errors import ShapeError
from data.refresh.reading import Pages, Reader, Reading

T = TypeVar("T")

CONTRACTS = "/api/v4/futures/usdt/contracts"
TIERS = "/api/v4/futures/usdt/risk_limit_tiers"
SETTLE = "USDT"
PAGE = 100
"""Contracts, or markets, a page: the smaller of the two endpoints' limits."""


class _Contract(Struct, frozen=True):
    name: str
    type: str
    quanto_multiplier: Quoted
    order_price_round: Quoted
    order_size_min: Loose
    funding_interval: int
    """Seconds."""
    in_delisting: bool
    funding_rate_limit: Quoted | None = None


class _Tier(Struct, frozen=True):
    contract: str
    tier: int
    risk_limit: Quoted
    initial_rate: Quoted
    maintenance_rate: Quoted
    leverage_max: Quoted
    deduction: Quoted | None = None


async def _pages(reading: Reading, endpoint: str, kind: type[T]) -> list[list[T]]:
    """Return all pages up to the first empty one."""
    guard = Pages(reading.url(endpoint))
    found: list[list[T]] = []
    while True:
        response = await reading.fetch(endpoint, {"limit": PAGE, "offset": PAGE * len(found)})
        rows = decode(response, list[kind])  # type: ignore[valid-type]
        reading.tell(endpoint, len(found) + 1, None if rows else len(found) + 1)
        if not rows:
            return found
        guard.turn(response.retrieved.sha256)
        found.append(rows)


def _instrument(reading: Reading, one: _Contract) -> Instrument:
    base, line, quote = one.name.rpartition("_")
    if not line or one.type != "direct":
        raise ShapeError(f"{one.name}: a contract of type {one.type!r} is new", reading.url(CONTRACTS))
    return instrument(
        reading.venue,
        one.name,
        Product.PERPETUAL,
        base=base,
        quote=quote,
        settle=SETTLE,
        contract_type=ContractType.LINEAR,
        contract_size=one.quanto_multiplier,
        contract_size_unit=base,
        tick_size=one.order_price_round,
        min_size=one.order_size_min,
    )


def _funding(reading: Reading, one: _Contract) -> FundingTerms:
    limit = one.funding_rate_limit
    return funding_terms(
        reading.venue,
        one.name,
        ARITHMETIC.divide(Decimal(one.funding_interval), Decimal(3600)),
        cap=limit,
        floor=None if limit is None else -limit,
    )


async def read(reading: Reading) -> None:
    """Read contracts, funding terms and risk limits."""
    listed = [one for page in await _pages(reading, CONTRACTS, _Contract) for one in page if not one.in_delisting]
    if not listed:
        raise ShapeError("no contract is listed", reading.url(CONTRACTS))
    instruments = {one.name: _instrument(reading, one) for one in listed}
    tiers: dict[str, list[_Tier]] = {}
    for page in await _pages(reading, TIERS, _Tier):
        for tier in page:
            tiers.setdefault(tier.contract, []).append(tier)
    ladders = [
        ladder(
            instruments[name],
            [
                Rung(
                    cap=tier.risk_limit,
                    initial_margin_rate=tier.initial_rate,
                    maintenance_margin_rate=tier.maintenance_rate,
                    maintenance_amount=tier.deduction,
                    max_leverage=tier.leverage_max,
                )
                for tier in rows
            ],
            unit=SETTLE,
            url=reading.url(TIERS),
        )
        for name, rows in tiers.items()
        if name in instruments
    ]
    reading.offer(Family.INSTRUMENTS, instruments.values(), CONTRACTS, covers=_in_usdt)
    reading.offer(Family.FUNDING_TERMS, [_funding(reading, one) for one in listed], CONTRACTS)
    reading.offer(Family.LADDERS, ladders, TIERS, covers=_in_usdt)


def _in_usdt(fact: Candidate) -> bool:
    return isinstance(fact, Instrument | Ladder) and fact.settle == SETTLE and fact.product is Product.PERPETUAL


READER = Reader(
    venue="gate",
    base_url="https://api.gateio.ws",
    hosts=frozenset({"api.gateio.ws"}),
    symbols=r"[A-Z0-9]+_USDT",
    read=read,
)
