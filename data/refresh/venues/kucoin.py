"""KuCoin Futures: `/api/v1/contracts/active` and `/api/v1/contracts/risk-limit/{symbol}`.

The risk limits are those of isolated margin in the classic account, in the settlement currency's value of the position
(quote currency for linear contracts, contracts' coin for inverse ones, which are left out). A negative multiplier marks
an inverse contract worth that many units of the quote currency.
Shapes: https://www.kucoin.com/docs-new/rest/futures-trading/market-data/get-all-symbols and
https://www.kucoin.com/docs-new/rest/futures-trading/positions/get-isolated-margin-risk-limit.
"""

from __future__ import annotations

from decimal import Decimal

from msgspec import Struct

from data.facts.amounts import ARITHMETIC
from data.facts.venues import FundingTerms, Instrument, Ladder
from data.facts.vocabulary import ContractType, Product
from data.refresh.base_fees import offer_base_fees
from data.refresh.building import Rung, check_brackets, funding_terms, instrument, ladder
from data.refresh.candidates import Candidate, Family, day_of
from data.refresh.decoding import Bare
from data.refresh.envelope import listed_in
from data.refresh.errors import ShapeError
from data.refresh.reading import Reader, Reading

CONTRACTS = "/api/v1/contracts/active"
RISK_LIMIT = "/api/v1/contracts/risk-limit"
BASE_TIER = "LV0"
_SUCCESS = "200000"

_PERPETUAL = "FFWCSX"
_MILLISECONDS_PER_HOUR = Decimal(3_600_000)


class _Contract(Struct, frozen=True, rename="camel"):
    symbol: str
    type: str
    status: str
    base_currency: str
    quote_currency: str
    settle_currency: str
    multiplier: Bare
    is_inverse: bool
    lot_size: Bare
    tick_size: Bare
    maker_fee_rate: Bare
    taker_fee_rate: Bare
    expire_date: int | None = None
    funding_rate_granularity: Bare | None = None
    funding_rate_cap: Bare | None = None
    funding_rate_floor: Bare | None = None


class _Limit(Struct, frozen=True, rename="camel"):
    symbol: str
    level: int
    max_risk_limit: Bare
    min_risk_limit: Bare
    max_leverage: Bare
    initial_margin: Bare
    maintain_margin: Bare


def _instrument(reading: Reading, one: _Contract) -> Instrument:
    if one.is_inverse != (one.multiplier < 0):
        raise ShapeError(f"{one.symbol}: isInverse and the sign of multiplier disagree", reading.url(CONTRACTS))
    perpetual = one.type == _PERPETUAL
    return instrument(
        reading.venue,
        one.symbol,
        Product.PERPETUAL if perpetual else Product.FUTURE,
        base=one.base_currency,
        quote=one.quote_currency,
        settle=one.settle_currency,
        contract_type=ContractType.INVERSE if one.is_inverse else ContractType.LINEAR,
        contract_size=abs(one.multiplier),
        contract_size_unit=one.quote_currency if one.is_inverse else one.base_currency,
        tick_size=one.tick_size,
        min_size=one.lot_size,
        expiry=day_of(one.expire_date) if one.expire_date and not perpetual else None,
    )


def _ladder(reading: Reading, one: Instrument, limits: list[_Limit]) -> Ladder:
    ordered = sorted(limits, key=lambda limit: limit.level)
    url = reading.url(RISK_LIMIT)
    check_brackets(one.symbol, ((limit.min_risk_limit, limit.max_risk_limit) for limit in ordered), url)
    return ladder(
        one,
        [
            Rung(
                cap=limit.max_risk_limit,
                initial_margin_rate=limit.initial_margin,
                maintenance_margin_rate=limit.maintain_margin,
                max_leverage=limit.max_leverage,
            )
            for limit in ordered
        ],
        unit=one.quote,
        url=url,
    )


def _funding(reading: Reading, one: _Contract) -> FundingTerms | None:
    if one.type != _PERPETUAL or one.funding_rate_granularity is None:
        return None
    return funding_terms(
        reading.venue,
        one.symbol,
        ARITHMETIC.divide(one.funding_rate_granularity, _MILLISECONDS_PER_HOUR),
        cap=one.funding_rate_cap,
        floor=one.funding_rate_floor,
    )


async def read(reading: Reading) -> None:
    """Read contracts, funding terms, the base fee tier and the risk limits of linear contracts."""
    listed = listed_in(await reading.fetch(CONTRACTS), _Contract, success=_SUCCESS)
    contracts = [one for one in listed if one.status == "Open"]
    reading.tell(CONTRACTS, 1, 1)
    if not contracts:
        raise ShapeError("no contract is listed", reading.url(CONTRACTS))
    instruments = [_instrument(reading, one) for one in contracts]
    linear = [one for one in instruments if one.contract_type is ContractType.LINEAR]
    ladders: list[Ladder] = []
    for number, one in enumerate(linear, 1):
        response = await reading.fetch(RISK_LIMIT, path=f"{RISK_LIMIT}/{one.symbol}")
        ladders.append(_ladder(reading, one, listed_in(response, _Limit, success=_SUCCESS)))
        reading.tell(RISK_LIMIT, number, len(linear))
    reading.offer(Family.INSTRUMENTS, instruments, CONTRACTS)
    reading.offer(Family.FUNDING_TERMS, [row for one in contracts if (row := _funding(reading, one))], CONTRACTS)
    if ladders:
        reading.offer(Family.LADDERS, ladders, RISK_LIMIT, covers=_is_linear)
    rates = {(one.maker_fee_rate, one.taker_fee_rate) for one in contracts if one.type == _PERPETUAL}
    offer_base_fees(reading, rates, BASE_TIER, CONTRACTS)


def _is_linear(fact: Candidate) -> bool:
    return isinstance(fact, Ladder) and fact.contract_type is ContractType.LINEAR


READER = Reader(
    venue="kucoin",
    base_url="https://api-futures.kucoin.com",
    hosts=frozenset({"api-futures.kucoin.com"}),
    symbols=r"[A-Z0-9]+M[A-Z]?[0-9]{0,2}",
    read=read,
)
