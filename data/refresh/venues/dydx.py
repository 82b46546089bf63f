"""dYdX: the indexer's `/v4/perpetualMarkets`.

The initial margin fraction grows with open interest above the market's lower cap, so what it allows below that cap is
the highest leverage; the ladder of the liquidity tier stays in the curated text.
Shape: https://docs.dydx.xyz/indexer-client/http (get perpetual markets).
"""

from __future__ import annotations

from decimal import Decimal

from msgspec import Struct

from data.facts.venues import Instrument, LeverageCap
from data.facts.vocabulary import ContractType, MarginMode, Product
from data.refresh.building import instrument, leverage_cap, leverage_of
from data.refresh.candidates import Family
from data.refresh.decoding import Quoted
from data.refresh.errors import ShapeError
from data.refresh.reading import Reader, Reading

MARKETS = "/v4/perpetualMarkets"
QUOTE, SETTLE = "USD", "USDC"
_MODES = {"CROSS": MarginMode.CROSS, "ISOLATED": MarginMode.ISOLATED}


class _Market(Struct, frozen=True, rename="camel"):
    ticker: str
    status: str
    initial_margin_fraction: Quoted
    maintenance_margin_fraction: Quoted
    tick_size: Quoted
    step_size: Quoted
    market_type: str


class _Markets(Struct, frozen=True):
    markets: dict[str, _Market]


async def read(reading: Reading) -> None:
    """Read the markets and the leverage their base margin allows."""
    answer = await reading.get(MARKETS, _Markets)
    url = reading.url(MARKETS)
    instruments: list[Instrument] = []
    caps: list[LeverageCap] = []
    for market in answer.markets.values():
        if market.status != "ACTIVE":
            continue
        mode = _MODES.get(market.market_type)
        pair, dash, quote = market.ticker.rpartition("-")
        if mode is None or not dash or quote != QUOTE:
            raise ShapeError(f"{market.ticker}: a market of type {market.market_type!r} is new", url)
        if not 0 < market.maintenance_margin_fraction <= market.initial_margin_fraction:
            raise ShapeError(f"{market.ticker}: the margin fractions are out of order", url)
        base = pair.partition(",")[0]
        instruments.append(
            instrument(
                reading.venue,
                market.ticker,
                Product.PERPETUAL,
                base=base,
                quote=QUOTE,
                settle=SETTLE,
                contract_type=ContractType.LINEAR,
                contract_size=Decimal(1),
                contract_size_unit=base,
                tick_size=market.tick_size,
                min_size=market.step_size,
                size_step=market.step_size,
            )
        )
        highest = leverage_of(market.initial_margin_fraction)
        if highest >= 1:
            caps.append(leverage_cap(reading.venue, market.ticker, Product.PERPETUAL, highest, mode))
    if not instruments:
        raise ShapeError("no market is listed", url)
    reading.offer(Family.INSTRUMENTS, instruments, MARKETS)
    reading.offer(Family.LEVERAGE_CAPS, caps, MARKETS)


READER = Reader(
    venue="dydx",
    base_url="https://indexer.dydx.trade",
    hosts=frozenset({"indexer.dydx.trade"}),
    symbols=r"[A-Za-z0-9,_]+-USD",
    read=read,
)
