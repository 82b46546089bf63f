"""Phemex hedged perpetuals: `/public/products` (`perpProductsV2` with `leverageMargins`, else `riskLimitsV2`).

A product's `leverageMargin` is the index of its tiers; a tier's `notionalValueRv` is the highest notional it holds, in
the settlement currency. Coin-settled products of the older API are left to the curated text.
Shapes: https://github.com/phemex/phemex-api-docs (Public-Hedged-Perpetual-API, New Risk Limit Configuration).
"""

from __future__ import annotations

from decimal import Decimal

from msgspec import Struct

from data.facts.amounts import ARITHMETIC
from data.facts.venues import FundingTerms, Instrument, Ladder
from data.facts.vocabulary import ContractType, Product
from data.refresh.building import Rung, funding_terms, instrument, ladder, leverage_of
from data.refresh.candidates import Candidate, Family
from data.refresh.decoding import Bare, Quoted, decode
from data.refresh.errors import ShapeError, VenueSaysError
from data.refresh.reading import Reader, Reading

PRODUCTS = "/public/products"
_STABLE = ("USDT", "USDC")
_SECONDS_PER_HOUR = Decimal(3600)


class _Product(Struct, frozen=True, rename="camel"):
    symbol: str
    status: str
    base_currency: str
    quote_currency: str
    settle_currency: str
    tick_size: Quoted
    qty_step_size: Quoted
    funding_interval: int
    """Seconds."""
    leverage_margin: int | None = None


class _MarginItem(Struct, frozen=True, rename="camel"):
    notional_value_rv: Bare
    max_leverage: Bare
    maintenance_margin_rate_rr: Quoted
    maintenance_amount_rv: Quoted


class _LeverageMargin(Struct, frozen=True):
    index_id: int
    items: list[_MarginItem]


class _RiskLimit(Struct, frozen=True, rename="camel"):
    limit: Bare
    initial_margin_rr: Quoted
    maintenance_margin_rr: Quoted


class _RiskLimits(Struct, frozen=True, rename="camel"):
    symbol: str
    risk_limits: list[_RiskLimit]


class _Data(Struct, frozen=True, rename="camel"):
    perp_products_v2: list[_Product]
    leverage_margins: list[_LeverageMargin]
    risk_limits_v2: list[_RiskLimits]


class _Status(Struct, frozen=True):
    code: int
    msg: str


class _Answer(Struct, frozen=True):
    data: _Data


def _rungs(one: _Product, data: _Data, url: str) -> list[Rung] | None:
    """Return a product's rungs, newer configuration first; null when it has neither.

    Raises:
        ShapeError: the newer configuration that it names is not listed.
    """
    for margin in data.leverage_margins:
        if margin.index_id == one.leverage_margin:
            return [
                Rung(
                    cap=item.notional_value_rv,
                    max_leverage=item.max_leverage,
                    maintenance_margin_rate=item.maintenance_margin_rate_rr,
                    maintenance_amount=item.maintenance_amount_rv,
                )
                for item in margin.items
            ]
    if one.leverage_margin is not None:
        raise ShapeError(f"{one.symbol}: leverageMargin {one.leverage_margin} is not listed", url)
    for limits in data.risk_limits_v2:
        if limits.symbol == one.symbol:
            return [
                Rung(
                    cap=limit.limit,
                    max_leverage=leverage_of(limit.initial_margin_rr),
                    initial_margin_rate=limit.initial_margin_rr,
                    maintenance_margin_rate=limit.maintenance_margin_rr,
                )
                for limit in limits.risk_limits
            ]
    return None


def _instrument(reading: Reading, one: _Product) -> Instrument:
    return instrument(
        reading.venue,
        one.symbol,
        Product.PERPETUAL,
        base=one.base_currency,
        quote=one.quote_currency,
        settle=one.settle_currency,
        contract_type=ContractType.LINEAR,
        contract_size=Decimal(1),
        contract_size_unit=one.base_currency,
        tick_size=one.tick_size,
        min_size=one.qty_step_size,
    )


def _funding(reading: Reading, one: _Product) -> FundingTerms:
    hours = ARITHMETIC.divide(Decimal(one.funding_interval), _SECONDS_PER_HOUR)
    return funding_terms(reading.venue, one.symbol, hours)


async def read(reading: Reading) -> None:
    """Read products, funding intervals and tiers."""
    response = await reading.fetch(PRODUCTS)
    status = decode(response, _Status)
    if status.code != 0:
        raise VenueSaysError(f"error {status.code}: {status.msg[:200]}", response.retrieved.url)
    data = decode(response, _Answer).data
    reading.tell(PRODUCTS, 1, 1)
    listed = [one for one in data.perp_products_v2 if one.status == "Listed" and one.settle_currency in _STABLE]
    if not listed:
        raise ShapeError("no product is listed", reading.url(PRODUCTS))
    instruments = [_instrument(reading, one) for one in listed]
    ladders: list[Ladder] = []
    for one, known in zip(listed, instruments, strict=True):
        rungs = _rungs(one, data, reading.url(PRODUCTS))
        if rungs is None:
            reading.remark(f"{one.symbol} has no tiers in the listing")
        else:
            ladders.append(ladder(known, rungs, unit=one.settle_currency, url=reading.url(PRODUCTS)))
    reading.offer(Family.INSTRUMENTS, instruments, PRODUCTS, covers=_is_stable)
    reading.offer(Family.FUNDING_TERMS, [_funding(reading, one) for one in listed], PRODUCTS)
    reading.offer(Family.LADDERS, ladders, PRODUCTS, covers=_is_stable)


def _is_stable(fact: Candidate) -> bool:
    return isinstance(fact, Instrument | Ladder) and fact.settle in _STABLE and fact.product is Product.PERPETUAL


READER = Reader(
    venue="phemex",
    base_url="https://api.phemex.com",
    hosts=frozenset({"api.phemex.com"}),
    symbols=r"[A-Z0-9]+(USDT|USDC)",
    read=read,
)
