"""Hyperliquid's first perpetual exchange: `POST /info` with `{"type": "meta"}`.

A margin table gives the highest leverage above each notional; a table id below 50 that is not listed is one tier with
that leverage. The initial margin rate is 1 / leverage and the maintenance rate half of the initial rate at the tier's
highest leverage, both written to six places; the maintenance amount makes the margin continuous and is written to two.
Shapes: https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/info-endpoint/perpetuals and
https://hyperliquid.gitbook.io/hyperliquid-docs/trading/margin-tiers.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from msgspec import Struct

from data.facts.amounts import ARITHMETIC
from data.facts.venues import Instrument, Ladder
from data.facts.vocabulary import ContractType, Product
from data.refresh.building import Rung, instrument, ladder
from data.refresh.candidates import Family
from data.refresh.decoding import Bare, Quoted, decode
from data.refresh.errors import ShapeError
from data.refresh.reading import Reader, Reading

INFO = "/info"
SETTLE = "USDC"
_SINGLE_TIER_BELOW = 50
_RATE = Decimal("0.000001")
_AMOUNT = Decimal("0.01")


class _MarginTier(Struct, frozen=True, rename="camel"):
    lower_bound: Quoted
    max_leverage: Bare


class _MarginTable(Struct, frozen=True, rename="camel"):
    margin_tiers: list[_MarginTier]


class _Asset(Struct, frozen=True, rename="camel"):
    name: str
    sz_decimals: int
    max_leverage: Bare
    margin_table_id: int
    is_delisted: bool | None = None


class _Meta(Struct, frozen=True, rename="camel"):
    universe: list[_Asset]
    margin_tables: list[tuple[int, _MarginTable]]


def _rungs(tiers: list[tuple[Decimal, Decimal]]) -> list[Rung]:
    """Return the rungs of tiers given as lower bound and highest leverage, lowest first."""
    rungs: list[Rung] = []
    amount, rate_below = Decimal(0), Decimal(0)
    bounds: list[Decimal | None] = [*(bound for bound, _ in tiers[1:]), None]
    for cap, (bound, leverage) in zip(bounds, tiers, strict=True):
        initial = ARITHMETIC.divide(Decimal(1), leverage)
        rate = ARITHMETIC.divide(initial, Decimal(2))
        if rungs:
            amount = ARITHMETIC.add(amount, ARITHMETIC.multiply(bound, ARITHMETIC.subtract(rate, rate_below)))
        rate_below = rate
        rungs.append(
            Rung(
                cap=cap,
                max_leverage=leverage,
                initial_margin_rate=initial.quantize(_RATE, ROUND_HALF_UP),
                maintenance_margin_rate=rate.quantize(_RATE, ROUND_HALF_UP),
                maintenance_amount=amount.quantize(_AMOUNT, ROUND_HALF_UP),
            )
        )
    return rungs


def _tiers(reading: Reading, one: _Asset, tables: dict[int, _MarginTable]) -> list[tuple[Decimal, Decimal]]:
    table = tables.get(one.margin_table_id)
    if table is not None:
        tiers = sorted((tier.lower_bound, tier.max_leverage) for tier in table.margin_tiers)
        if not tiers or tiers[0][0] != 0:
            raise ShapeError(f"margin table {one.margin_table_id} does not start at zero", reading.url(INFO))
        return [(Decimal(bound), Decimal(leverage)) for bound, leverage in tiers]
    if not 0 < one.margin_table_id < _SINGLE_TIER_BELOW:
        raise ShapeError(f"{one.name}: margin table {one.margin_table_id} is not listed", reading.url(INFO))
    return [(Decimal(0), Decimal(one.margin_table_id))]


async def read(reading: Reading) -> None:
    """Read the assets and their margin tables."""
    response = await reading.fetch(INFO, body=b'{"type":"meta"}', headers={"Content-Type": "application/json"})
    meta = decode(response, _Meta)
    reading.tell(INFO, 1, 1)
    assets = [one for one in meta.universe if not one.is_delisted]
    if not assets:
        raise ShapeError("no asset is listed", reading.url(INFO))
    tables = dict(meta.margin_tables)
    instruments: list[Instrument] = []
    ladders: list[Ladder] = []
    for one in assets:
        known = instrument(
            reading.venue,
            one.name,
            Product.PERPETUAL,
            base=one.name,
            quote=SETTLE,
            settle=SETTLE,
            contract_type=ContractType.LINEAR,
            contract_size=Decimal(1),
            contract_size_unit=one.name,
            min_size=Decimal(1).scaleb(-one.sz_decimals),
            size_step=Decimal(1).scaleb(-one.sz_decimals),
        )
        instruments.append(known)
        ladders.append(ladder(known, _rungs(_tiers(reading, one, tables)), unit=SETTLE, url=reading.url(INFO)))
    reading.offer(Family.INSTRUMENTS, instruments, INFO)
    reading.offer(Family.LADDERS, ladders, INFO)


READER = Reader(
    venue="hyperliquid",
    base_url="https://api.hyperliquid.xyz",
    hosts=frozenset({"api.hyperliquid.xyz"}),
    symbols=r"k?[A-Z0-9]+",
    read=read,
)
