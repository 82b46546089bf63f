"""Changes that no venue means, and that a person should see before they are accepted."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from data.curation.load import load_corpus
from data.facts.venues import Fee, FundingTerms, Instrument, Ladder, LeverageCap
from data.facts.vocabulary import ContractType, Product
from data.refresh.building import Rung, fee, funding_terms, instrument, ladder, leverage_cap
from data.refresh.candidates import VenueReading
from data.refresh.differences import Change, Kind, compare
from data.refresh.suspicion import doubts_about

from .conftest import Read
from .venue_server import VenueServer

Caps = tuple[int | None, ...]
LEVERAGES = ("50", "25", "10")
RATES = ("0.01", "0.02", "0.05")


def tiers(caps: Caps, maintenance: tuple[str, ...] = RATES, leverages: tuple[str, ...] = LEVERAGES) -> Ladder:
    rungs = [
        Rung(
            cap=None if cap is None else Decimal(cap),
            max_leverage=Decimal(leverage),
            initial_margin_rate=1 / Decimal(leverage),
            maintenance_margin_rate=Decimal(rate),
        )
        for cap, leverage, rate in zip(caps, leverages, maintenance, strict=False)
    ]
    perpetual = instrument(
        "north",
        "BTC",
        Product.PERPETUAL,
        base="BTC",
        quote="USDT",
        settle="USDT",
        contract_type=ContractType.LINEAR,
    )
    return ladder(perpetual, rungs, unit="USDT", url="https://n.example")


def fees(maker: str, taker: str) -> Fee:
    return fee("north", Product.PERPETUAL, "0", Decimal(maker), Decimal(taker))


def funding(hours: str, cap: str, floor: str) -> FundingTerms:
    return funding_terms("north", "BTC", Decimal(hours), cap=Decimal(cap), floor=Decimal(floor))


def cap(leverage: str) -> LeverageCap:
    return leverage_cap("north", "BTC", Product.SPOT_MARGIN, Decimal(leverage))


def test_a_cap_that_more_than_doubles_wants_a_look() -> None:
    assert doubts_about(cap("5"), cap("10")) == ()
    assert doubts_about(cap("5"), cap("3")) == ()
    assert doubts_about(cap("5"), cap("11")) == ("max_leverage goes from 5x to 11x",)


def contract(**other: Any) -> Instrument:
    given: dict[str, Any] = {
        "base": "BTC",
        "contract_size_unit": "BTC",
        "tick_size": Decimal("0.1"),
        "min_size": Decimal(1),
        "size_step": Decimal(1),
        **other,
    }
    return instrument(
        "north",
        "BTC",
        Product.PERPETUAL,
        quote="USDT",
        settle="USDT",
        contract_type=ContractType.LINEAR,
        contract_size=Decimal("0.01"),
        **given,
    )


BOUNDED: Caps = (1_000_000, 5_000_000, 20_000_000)
OPEN: Caps = (1_000_000, 5_000_000, None)

LADDERS = {
    "a maintenance rate of nothing": (
        tiers(BOUNDED),
        tiers(BOUNDED, ("0", "0.02", "0.05")),
        "tier 1 maintenance_margin_rate: must be above zero, not 0",
    ),
    "less than half the maintenance margin at one size": (
        tiers(BOUNDED),
        tiers(BOUNDED, ("0.01", "0.02", "0.02")),
        "above 5000000 USDT the maintenance margin rate goes from 0.05 to 0.02",
    ),
    "caps in another unit": (
        tiers(BOUNDED),
        tiers(tuple(cap * 1000 for cap in BOUNDED if cap)),
        "above 5000000 USDT the leverage goes from 10x to 50x",
    ),
    "the one cap in another unit": (
        tiers((1_000_000,)),
        tiers((1_000_000_000,)),
        "50x goes up to 1000000000, before up to 1000000 USDT: another unit?",
    ),
    "caps below an open end in another unit, where leverage but halves": (
        tiers((1_000_000, None)),
        tiers((100_000_000, None)),
        "50x goes up to 100000000, before up to 1000000 USDT: another unit?",
    ),
    "the open last tier is missing": (
        tiers(OPEN),
        tiers((1_000_000, None)),
        "above 5000000 USDT the leverage goes from 10x to 25x",
    ),
    "the end is missing": (
        tiers(BOUNDED),
        tiers(OPEN),
        "10x goes without end, before up to 20000000 USDT: another unit?",
    ),
    "a ladder that ends far sooner": (
        tiers((1_000_000,)),
        tiers((1_000,)),
        "the end of the ladder goes from 1000000 to 1000, 20 times or more: another unit?",
    ),
}
ROWS = {
    "a rebate that turns into a fee": (fees("-0.0002", "0.0005"), fees("0.0002", "0.0005"), "maker goes from -0.0002"),
    "a taker that is paid": (fees("0.0002", "0.0005"), fees("0.0002", "-0.0005"), "taker is -0.0005"),
    "no fee where one was": (fees("0.0002", "0.0005"), fees("0.0002", "0"), "taker goes from 0.0005 to 0"),
    "no interval where one was": (
        funding("8", "0.003", "-0.003"),
        funding("0", "0.003", "-0.003"),
        "interval_hours goes from 8 to 0",
    ),
    "a cap below the floor": (
        funding("8", "0.003", "-0.003"),
        funding("8", "-0.003", "0.003"),
        "floor 0.003 is above cap -0.003",
    ),
    "a tick of nothing": (contract(), contract(tick_size=Decimal(0)), "tick_size: must be above zero, not 0"),
    "a tick far away": (contract(), contract(tick_size=Decimal(10**6)), "tick_size goes from 0.1 to 1000000"),
    "a negative least size": (contract(), contract(min_size=Decimal(-1)), "min_size: must be above zero, not -1"),
    "another coin": (contract(), contract(base="ETH"), "base changed from BTC to ETH"),
    "contracts counted in another coin": (
        contract(),
        contract(contract_size_unit="USDT"),
        "contract_size_unit changed from BTC to USDT",
    ),
}
NEW = {
    "a tick of nothing": (contract(tick_size=Decimal(0)), "tick_size: must be above zero, not 0"),
    "a ladder without maintenance margin": (tiers((1_000,), ("0",)), "tier 1 maintenance_margin_rate: must be above"),
    "funding without an interval": (funding("0", "0.003", "-0.003"), "is funding accrued continuously?"),
}


@pytest.mark.parametrize("name", [*LADDERS, *ROWS])
def test_a_change_that_wants_a_look(name: str) -> None:
    before, after, words = (LADDERS | ROWS)[name]
    doubts = doubts_about(before, after)
    assert any(doubt.startswith(words) for doubt in doubts), doubts


@pytest.mark.parametrize("name", NEW)
def test_a_new_row_that_wants_a_look(name: str) -> None:
    after, words = NEW[name]
    assert any(words in doubt for doubt in doubts_about(None, after))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (tiers(BOUNDED), tiers((2_000_000, 5_000_000, 30_000_000))),
        (tiers(BOUNDED), tiers(BOUNDED, ("0.005", "0.02", "0.05"))),
        (tiers(OPEN), tiers((2_000_000, 5_000_000, None))),
        (tiers(OPEN), tiers(BOUNDED)),
        (tiers((1_000_000,), leverages=("20",)), tiers((3_000_000,), leverages=("40",))),
        (fees("-0.0001", "0.0005"), fees("-0.0002", "0.0004")),
        (funding("8", "0.003", "-0.003"), funding("4", "0.02", "-0.02")),
        (contract(), contract(tick_size=Decimal("0.01"), min_size=Decimal(10))),
    ],
)
def test_an_ordinary_change_does_not(before: Any, after: Any) -> None:
    assert doubts_about(before, after) == ()


async def changes_after(read: Read, curated: Path, venue: str, before: VenueReading) -> dict[str, Change]:
    """Return the changes of a second reading against a first one, as family and subject."""
    rows = {str(family.family): family.facts for family in before.families}
    corpus = replace(load_corpus(curated), **rows)
    return {f"{one.family} {one.subject}": one for one in compare(await read(venue), corpus).changes}


def rename(answer: Any, name: str) -> None:
    """Give a key of JSON another name wherever it stands."""
    if isinstance(answer, dict):
        if name in answer:
            answer[f"{name}New"] = answer.pop(name)
        for value in answer.values():
            rename(value, name)
    elif isinstance(answer, list):
        for value in answer:
            rename(value, name)


@pytest.mark.parametrize(
    ("venue", "field", "row", "words"),
    [
        ("kraken_futures", "retailMarginLevels", "ladders PI_XBTUSD retail", "by the ladder for everybody"),
        ("kraken_futures", "retailMarginLevels", "ladders PI_XBTUSD retail", "no ladder for retail is listed any more"),
        ("kraken_futures", "maxRelativeFundingRate", "funding_terms PI_XBTUSD", "PI_XBTUSD is still listed"),
        (
            "coinbase_derivatives",
            "overnight_margin_rate",
            "ladders BIP-20DEC30-CDE overnight long",
            "no ladder for overnight long is listed any more",
        ),
        ("cryptocom", "max_product_leverage_for_perps", "leverage_caps BTCUSD-PERP perpetual", "is still listed"),
    ],
)
async def test_a_field_that_is_renamed_wants_a_look(
    server: VenueServer, read: Read, curated: Path, venue: str, field: str, row: str, words: str
) -> None:
    before = await read(venue)
    for one in server.answers(venue):
        rename(one["answer"], field)
    gone = (await changes_after(read, curated, venue, before))[row]
    assert gone.kind is Kind.GONE
    assert any(words in doubt for doubt in gone.doubts), gone.doubts


async def test_a_contract_that_ends_with_all_its_rows_does_not(server: VenueServer, read: Read, curated: Path) -> None:
    before = await read("kraken_futures")
    listed = server.answer("kraken_futures", "/derivatives/api/v3/instruments")["instruments"]
    listed[:] = [one for one in listed if one["symbol"] != "PF_PEPEUSD"]
    changes = await changes_after(read, curated, "kraken_futures", before)
    assert {name: one.doubts for name, one in changes.items() if "PEPE" in name} == {
        "instruments PF_PEPEUSD": (),
        "ladders PF_PEPEUSD": (),
        "funding_terms PF_PEPEUSD": (),
    }
