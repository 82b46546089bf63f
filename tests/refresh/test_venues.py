"""Each venue's documented answers become the facts they state."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from data.facts.venues import Fee, FundingTerms, Instrument, Ladder, LeverageCap
from data.facts.vocabulary import ClientClass, ContractType, MarginMode, Product
from data.refresh.candidates import Family, VenueReading
from data.refresh.venues import READERS

from .conftest import DAY, Read

D = Decimal


def facts(reading: VenueReading, family: Family) -> tuple[Any, ...]:
    return next(one.facts for one in reading.families if one.family is family)


def instruments(reading: VenueReading) -> dict[str, Instrument]:
    return {one.symbol: one for one in facts(reading, Family.INSTRUMENTS)}


def ladders(reading: VenueReading) -> dict[str, Ladder]:
    return {one.instrument: one for one in facts(reading, Family.LADDERS) if one.client_class is ClientClass.ANY}


def rungs(ladder: Ladder) -> list[tuple[object, ...]]:
    return [
        (
            one.floor,
            one.cap,
            one.initial_margin_rate,
            one.maintenance_margin_rate,
            one.maintenance_amount,
            one.max_leverage,
        )
        for one in ladder.tiers
    ]


@pytest.mark.parametrize("venue", sorted(READERS))
async def test_every_venue_yields_candidates_with_their_source(read: Read, venue: str) -> None:
    reading = await read(venue)
    assert reading.venue == venue
    assert reading.observed == DAY
    assert Family.INSTRUMENTS in {one.family for one in reading.families}
    for family in reading.families:
        assert family.facts
        assert all(fact.venue == venue for fact in family.facts)
        assert len(family.citation.sha256) == 64
        assert family.citation.pages >= 1


@pytest.mark.parametrize("venue", sorted(READERS))
async def test_every_candidate_is_covered_by_its_own_listing(read: Read, venue: str) -> None:
    for family in (await read(venue)).families:
        named = [fact for fact in family.facts if getattr(fact, "instrument", "") != "*"]
        spot_currencies = venue == "cryptocom" and family.family is Family.LEVERAGE_CAPS
        uncovered = [fact for fact in named if not family.covers(fact)]
        assert not uncovered or (spot_currencies and all(one.product is Product.SPOT_MARGIN for one in uncovered))


async def test_bybit_reads_all_pages_of_both_categories(read: Read) -> None:
    reading = await read("bybit")
    listed = instruments(reading)
    assert set(listed) == {"BTCUSDT", "BIOUSDT", "BTC-26DEC25", "BTCUSD"}
    future = listed["BTC-26DEC25"]
    assert (future.product, future.expiry, future.settle) == (Product.FUTURE, date(2025, 12, 26), "USDC")
    assert listed["BTCUSD"].contract_type is ContractType.INVERSE
    assert listed["BTCUSD"].contract_size_unit == "USD"
    assert rungs(ladders(reading)["BTCUSDT"]) == [
        (0, D(2000000), D("0.01"), D("0.005"), 0, 100),
        (D(2000000), D(2600000), D("0.0111"), D("0.0056"), 1200, 90),
        (D(2600000), D(3200000), D("0.0125"), D("0.0063"), 3020, 80),
    ]
    assert ladders(reading)["BTCUSD"].unit == "BTC"
    terms = {one.instrument: one for one in facts(reading, Family.FUNDING_TERMS)}
    assert set(terms) == {"BTCUSDT", "BIOUSDT", "BTCUSD"}
    assert (terms["BTCUSDT"].interval_hours, terms["BTCUSDT"].cap, terms["BTCUSDT"].floor) == (
        8,
        D("0.00375"),
        D("-0.00375"),
    )


async def test_okx_counts_contracts_and_reads_five_families_a_request(read: Read) -> None:
    reading = await read("okx")
    listed = instruments(reading)
    assert (listed["BTC-USDT-SWAP"].contract_size, listed["BTC-USDT-SWAP"].contract_size_unit) == (D("0.01"), "BTC")
    assert (listed["BTC-USD-SWAP"].contract_size, listed["BTC-USD-SWAP"].contract_size_unit) == (100, "USD")
    assert listed["BTC-USD_UM-261030"].quote == "USD"
    assert listed["BTC-USD_UM-261030"].expiry == date(2026, 10, 30)
    swap = ladders(reading)["BTC-USDT-SWAP"]
    assert swap.unit == "contracts"
    assert [(one.floor, one.cap) for one in swap.tiers] == [(0, 1000), (1000, 5000)]


async def test_binance_reads_brackets_with_a_key_alone(read: Read) -> None:
    public = await read("binance")
    assert Family.LADDERS not in {one.family for one in public.families}
    assert "BINANCE_API_KEY" in public.remarks[0]
    signed = await read("binance", {"BINANCE_API_KEY": "k", "BINANCE_API_SECRET": "s"})
    assert rungs(ladders(signed)["BTCUSDT"]) == [
        (0, 10000, None, D("0.0065"), 0, 75),
        (10000, 50000, None, D("0.01"), 35, 50),
    ]
    assert "OLDUSDT" not in instruments(signed)
    assert instruments(signed)["BTCUSDT_261225"].product is Product.FUTURE


async def test_a_signature_never_reaches_the_record(read: Read) -> None:
    signed = await read("binance", {"BINANCE_API_KEY": "k", "BINANCE_API_SECRET": "s"})
    brackets = next(one for one in signed.families if one.family is Family.LADDERS)
    assert brackets.citation.url.endswith("/fapi/v1/leverageBracket")
    assert "signature" not in brackets.citation.url


async def test_kraken_fees_are_percent_and_the_general_schedule_is_the_common_one(read: Read) -> None:
    reading = await read("kraken")
    fees: list[Fee] = [one for one in facts(reading, Family.FEES) if one.product is Product.SPOT]
    assert [(one.min_volume_30d_usd, one.maker, one.taker) for one in fees] == [
        (0, D("0.0025"), D("0.004")),
        (10000, D("0.002"), D("0.0035")),
        (50000, D("0.0014"), D("0.0024")),
    ]
    caps: dict[str, LeverageCap] = {one.instrument: one for one in facts(reading, Family.LEVERAGE_CAPS)}
    assert caps["BTC/USD"].max_leverage == 20
    assert "1INCH/EUR" not in caps
    assert instruments(reading)["1INCHEUR"].product is Product.SPOT
    assert instruments(reading)["XBTUSDT"].base == "BTC"


async def test_kraken_futures_levels_end_where_the_next_starts(read: Read) -> None:
    reading = await read("kraken_futures")
    assert rungs(ladders(reading)["PF_XBTUSD"]) == [
        (0, 500000, D("0.02"), D("0.01"), None, 50),
        (500000, 2000000, D("0.04"), D("0.02"), None, 25),
        (2000000, None, D("0.1"), D("0.05"), None, 10),
    ]
    retail = [one for one in facts(reading, Family.LADDERS) if one.client_class is ClientClass.RETAIL]
    assert [(one.instrument, one.unit, one.tiers[0].max_leverage) for one in retail] == [("PI_XBTUSD", "contracts", 2)]
    assert instruments(reading)["PF_PEPEUSD"].min_size == 1000
    assert instruments(reading)["PF_PEPEUSD"].tick_size == D("0.0000000001")
    assert instruments(reading)["FI_XBTUSD_261225"].expiry == date(2026, 12, 25)
    fee = facts(reading, Family.FEES)[0]
    assert (fee.maker, fee.taker, fee.min_volume_30d_usd) == (D("0.0002"), D("0.0005"), 0)
    assert {(one.cap, one.floor) for one in facts(reading, Family.FUNDING_TERMS)} == {(D("0.0025"), D("-0.0025"))}


async def test_deribit_gives_leverage_caps(read: Read) -> None:
    reading = await read("deribit")
    assert instruments(reading)["BTC-27DEC24"].expiry == date(2024, 12, 27)
    assert instruments(reading)["BTC-PERPETUAL"].expiry is None
    linear = instruments(reading)["BTC_USDC-PERPETUAL"]
    assert (linear.contract_type, linear.min_size) == (ContractType.LINEAR, 10)
    assert instruments(reading)["BTC-PERPETUAL"].min_size == 1
    caps = {one.instrument: one.max_leverage for one in facts(reading, Family.LEVERAGE_CAPS)}
    assert caps == {"BTC-PERPETUAL": 50, "BTC-27DEC24": 50, "BTC_USDC-PERPETUAL": 50}


async def test_kucoin_reads_a_ladder_per_linear_contract(read: Read) -> None:
    reading = await read("kucoin")
    inverse = instruments(reading)["XBTUSDM"]
    assert (inverse.contract_type, inverse.contract_size, inverse.contract_size_unit) == (
        ContractType.INVERSE,
        1,
        "USD",
    )
    assert set(ladders(reading)) == {"XBTUSDTM"}
    assert [(one.tier, one.maker, one.taker) for one in facts(reading, Family.FEES)] == [
        ("LV0", D("0.0002"), D("0.0006"))
    ]
    assert facts(reading, Family.FUNDING_TERMS)[0].interval_hours == 8


async def test_gate_pages_by_market_until_an_empty_page(read: Read) -> None:
    reading = await read("gate")
    assert rungs(ladders(reading)["AI16Z_USDT"])[1] == (5000, 10000, D("0.016666"), D("0.008"), 10, 60)
    assert set(ladders(reading)) == {"AI16Z_USDT", "BTC_USDT"}
    terms: dict[str, FundingTerms] = {one.instrument: one for one in facts(reading, Family.FUNDING_TERMS)}
    assert (terms["AI16Z_USDT"].interval_hours, terms["AI16Z_USDT"].floor) == (4, D("-0.02"))


async def test_bitget_ticks_come_from_places_and_steps(read: Read) -> None:
    reading = await read("bitget")
    assert instruments(reading)["BTCUSDT"].tick_size == D("0.1")
    assert instruments(reading)["BTCUSD"].contract_type is ContractType.INVERSE
    assert rungs(ladders(reading)["BTCUSDT"]) == [
        (0, 50000, None, D("0.004"), None, 125),
        (50000, 200000, None, D("0.005"), None, 100),
    ]


async def test_hyperliquid_tables_become_continuous_ladders(read: Read) -> None:
    reading = await read("hyperliquid")
    assert rungs(ladders(reading)["BTC"]) == [
        (0, 150000000, D("0.025"), D("0.0125"), 0, 40),
        (150000000, None, D("0.05"), D("0.025"), 1875000, 20),
    ]
    assert rungs(ladders(reading)["ETH"])[1] == (
        100000000,
        None,
        D("0.066667"),
        D("0.033333"),
        D("1333333.33"),
        15,
    )
    assert rungs(ladders(reading)["ATOM"]) == [(0, None, D("0.2"), D("0.1"), 0, 5)]
    assert "GONE" not in instruments(reading)
    assert instruments(reading)["BTC"].min_size == D("0.00001")


async def test_dydx_margin_fractions_cap_the_leverage(read: Read) -> None:
    caps = {one.instrument: one for one in facts(await read("dydx"), Family.LEVERAGE_CAPS)}
    assert caps["BTC-USD"].max_leverage == 50
    assert (caps["FOO,raydium,abc-USD"].max_leverage, caps["FOO,raydium,abc-USD"].margin_mode) == (
        5,
        MarginMode.ISOLATED,
    )


async def test_phemex_prefers_the_newer_risk_configuration(read: Read) -> None:
    found = ladders(await read("phemex"))
    assert rungs(found["ETHUSDT"])[0] == (0, 50000, None, D("0.01"), 0, 20)
    assert rungs(found["BTCUSDT"])[1] == (2000000, 4000000, D("0.015"), D("0.0075"), None, D("66.66"))
    assert "CRVUSDT" not in found


async def test_cryptocom_defaults_stand_beside_what_currencies_override(read: Read) -> None:
    reading = await read("cryptocom")
    caps = {(one.instrument, one.product): one.max_leverage for one in facts(reading, Family.LEVERAGE_CAPS)}
    assert caps == {
        ("*", Product.PERPETUAL): 20,
        ("*", Product.FUTURE): 20,
        ("AAVE", Product.SPOT_MARGIN): 5,
        ("BTC", Product.SPOT_MARGIN): 16,
        ("BTCUSD-PERP", Product.PERPETUAL): 50,
    }
    assert "BTC_USDT" not in instruments(reading)


async def test_coinbase_margin_differs_by_session_and_side(read: Read) -> None:
    reading = await read("coinbase_derivatives")
    perpetual = instruments(reading)["BIP-20DEC30-CDE"]
    assert (perpetual.product, perpetual.expiry, perpetual.contract_size) == (Product.PERPETUAL, None, D("0.01"))
    found = {
        (one.instrument, one.session, one.side): one.tiers[0].max_leverage for one in facts(reading, Family.LADDERS)
    }
    assert found[("BIP-20DEC30-CDE", "intraday", "long")] == D("9.9981")
    assert found[("BIP-20DEC30-CDE", "overnight", "short")] == D("3.2639")
    assert ("BIT-24APR26-CDE", "overnight", "long") not in found


async def test_mexc_levels_are_listed_or_follow_from_increments(read: Read) -> None:
    found = ladders(await read("mexc"))
    assert rungs(found["BTC_USDT"]) == [
        (0, 50000, D("0.002"), D("0.001"), None, 500),
        (50000, 120000, D("0.005"), D("0.004"), None, 200),
    ]
    assert rungs(found["LTC_USDT"]) == [
        (0, 1600000, D("0.005"), D("0.004"), None, 200),
        (1600000, 3200000, D("0.009"), D("0.008"), None, D("111.11")),
        (3200000, 4800000, D("0.013"), D("0.012"), None, D("76.92")),
    ]
