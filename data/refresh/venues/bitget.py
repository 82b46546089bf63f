"""Bitget: `/api/v2/mix/market/contracts` and `/api/v2/mix/market/query-position-lever`.

Tiers are read for USDT- and USDC-margined contracts, in units of their margin coin; those of coin-margined contracts do
not say what they count. Sizes are in the base coin.
Shapes: https://www.bitget.com/api-doc/contract/market/Get-All-Symbols-Contracts and
https://www.bitget.com/api-doc/contract/position/Get-Query-Position-Lever.
"""

from __future__ import annotations

from decimal import Decimal

from msgspec import Struct

from data.facts.venues import FundingTerms, Instrument, Ladder
from data.facts.vocabulary import ContractType, Product
from data.refresh.base_fees import offer_base_fees
from data.refresh.building import Rung, check_brackets, funding_terms, instrument, ladder
from data.refresh.candidates import Candidate, Family, day_of
from data.refresh.decoding import Blank, Quoted
from data.refresh.envelope import listed_in
from data.refresh.errors import ShapeError
from data.refresh.reading import Reader, Reading

CONTRACTS = "/api/v2/mix/market/contracts"
TIERS = "/api/v2/mix/market/query-position-lever"
BASE_TIER = "VIP 0"
_SUCCESS = "00000"
_COIN_FUTURES = "COIN-FUTURES"
_MARGIN_COINS = {"USDT-FUTURES": "USDT", "USDC-FUTURES": "USDC", _COIN_FUTURES: None}


class _Contract(Struct, frozen=True, rename="camel"):
    symbol: str
    base_coin: str
    quote_coin: str
    symbol_type: str
    symbol_status: str
    maker_fee_rate: Quoted
    taker_fee_rate: Quoted
    min_trade_num: Quoted
    price_end_step: Quoted
    price_place: Quoted
    delivery_time: Blank
    fund_interval: Blank


class _Tier(Struct, frozen=True, rename="camel"):
    symbol: str
    level: Quoted
    start_unit: Quoted
    end_unit: Quoted
    leverage: Quoted
    keep_margin_rate: Quoted


def _instrument(reading: Reading, one: _Contract, margin_coin: str | None) -> Instrument:
    perpetual = one.symbol_type == "perpetual"
    delivery = one.delivery_time.value
    return instrument(
        reading.venue,
        one.symbol,
        Product.PERPETUAL if perpetual else Product.FUTURE,
        base=one.base_coin,
        quote=one.quote_coin,
        settle=margin_coin or one.base_coin,
        contract_type=ContractType.LINEAR if margin_coin else ContractType.INVERSE,
        contract_size=Decimal(1),
        contract_size_unit=one.base_coin,
        tick_size=one.price_end_step.scaleb(-int(one.price_place)),
        min_size=one.min_trade_num,
        expiry=day_of(int(delivery)) if delivery and not perpetual else None,
    )


def _ladder(reading: Reading, one: Instrument, tiers: list[_Tier]) -> Ladder:
    ordered = sorted(tiers, key=lambda tier: tier.level)
    url = reading.url(TIERS)
    check_brackets(one.symbol, ((tier.start_unit, tier.end_unit) for tier in ordered), url)
    return ladder(
        one,
        [
            Rung(cap=tier.end_unit, maintenance_margin_rate=tier.keep_margin_rate, max_leverage=tier.leverage)
            for tier in ordered
        ],
        unit=one.settles_in,
        url=url,
    )


async def read(reading: Reading) -> None:
    """Read contracts, funding intervals, the base fee tier and position tiers."""
    instruments: list[Instrument] = []
    funding: list[FundingTerms] = []
    tiered: list[tuple[str, Instrument]] = []
    rates: set[tuple[Decimal, Decimal]] = set()
    for number, (product_type, margin_coin) in enumerate(_MARGIN_COINS.items(), 1):
        response = await reading.fetch(CONTRACTS, {"productType": product_type})
        for contract in listed_in(response, _Contract, success=_SUCCESS):
            if contract.symbol_status != "normal":
                continue
            known = _instrument(reading, contract, margin_coin)
            instruments.append(known)
            if margin_coin:
                tiered.append((product_type, known))
            if known.product is Product.PERPETUAL:
                rates.add((contract.maker_fee_rate, contract.taker_fee_rate))
                if contract.fund_interval.value:
                    funding.append(funding_terms(reading.venue, known.symbol, contract.fund_interval.value))
        reading.tell(CONTRACTS, number, len(_MARGIN_COINS))
    if not instruments:
        raise ShapeError("no contract is listed", reading.url(CONTRACTS))
    ladders: list[Ladder] = []
    for number, (product_type, known) in enumerate(tiered, 1):
        response = await reading.fetch(TIERS, {"symbol": known.symbol, "productType": product_type})
        ladders.append(_ladder(reading, known, listed_in(response, _Tier, success=_SUCCESS)))
        reading.tell(TIERS, number, len(tiered))
    reading.offer(Family.INSTRUMENTS, instruments, CONTRACTS, covers=_is_contract)
    reading.offer(Family.FUNDING_TERMS, funding, CONTRACTS)
    if ladders:
        reading.offer(Family.LADDERS, ladders, TIERS, covers=_is_contract)
    offer_base_fees(reading, rates, BASE_TIER, CONTRACTS)


def _is_contract(fact: Candidate) -> bool:
    if isinstance(fact, Ladder) and fact.contract_type is not ContractType.LINEAR:
        return False
    return isinstance(fact, Instrument | Ladder) and fact.product in (Product.PERPETUAL, Product.FUTURE)


READER = Reader(
    venue="bitget",
    base_url="https://api.bitget.com",
    hosts=frozenset({"api.bitget.com"}),
    symbols=r"[A-Z0-9]+",
    read=read,
)
