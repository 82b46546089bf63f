"""What a reading changes in what we hold: new, changed, gone, and what only a person should accept."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from data.curation.load import load_corpus
from data.refresh.candidates import Family, VenueReading
from data.refresh.differences import Change, Kind, VenueDifferences, compare

from .conftest import Read
from .venue_server import VenueServer

RISK = "/v5/market/risk-limit"
PAIRS = "/0/public/AssetPairs"


def by_subject(differences: VenueDifferences, family: Family) -> dict[str, Change]:
    return {change.subject: change for change in differences.of(family)}


async def compared(read: Read, curated: Path, venue: str) -> VenueDifferences:
    return compare(await read(venue), load_corpus(curated))


async def test_a_venue_that_says_what_we_hold_changes_nothing(read: Read, curated: Path) -> None:
    differences = await compared(read, curated, "kraken")
    assert differences.changes == ()
    assert differences.unchanged == {Family.INSTRUMENTS: 4, Family.LEVERAGE_CAPS: 3, Family.FEES: 6}


async def test_a_ladder_is_compared_tier_by_tier(read: Read, curated: Path) -> None:
    changes = by_subject(await compared(read, curated, "bybit"), Family.LADDERS)
    btc = changes["BTCUSDT"]
    assert btc.kind is Kind.CHANGED
    assert [(one.name, one.before, one.after) for one in btc.fields] == [("tier 3 cap", 3000000, 3200000)]
    assert btc.doubts == ()
    assert changes["BIOUSDT"].kind is Kind.NEW
    assert changes["RVNUSDT"].kind is Kind.GONE


async def test_what_the_endpoint_leaves_out_stays_as_we_hold_it(read: Read, curated: Path) -> None:
    changes = by_subject(await compared(read, curated, "bybit"), Family.FUNDING_TERMS)
    after: Any = changes["BTCUSDT"].after
    assert [(one.name, str(one.after)) for one in changes["BTCUSDT"].fields] == [
        ("cap", "0.00375"),
        ("floor", "-0.00375"),
    ]
    assert after.formula == "premium plus clamped interest, limited to the contract's own bounds"
    new: Any = changes["BIOUSDT"].after
    assert new.formula == "premium plus clamped interest"


async def test_an_instrument_read_from_its_ladder_becomes_a_listed_one(read: Read, curated: Path) -> None:
    changes = by_subject(await compared(read, curated, "bybit"), Family.INSTRUMENTS)
    assert "BTCUSDT" not in changes
    assert changes["RVNUSDT"].kind is Kind.GONE
    assert changes["BTCUSD"].kind is Kind.NEW


async def test_a_cap_that_the_general_row_gives_already_is_not_new(
    server: VenueServer, read: Read, curated: Path
) -> None:
    assert not (await compared(read, curated, "kraken")).of(Family.LEVERAGE_CAPS)
    server.answer("kraken", PAIRS)["result"]["USDTZUSD"]["leverage_buy"] = [2, 3, 4]
    changes = by_subject(await compared(read, curated, "kraken"), Family.LEVERAGE_CAPS)
    assert changes["USDT/USD spot_margin"].kind is Kind.NEW


async def test_fees_meet_by_volume_and_keep_their_tiers_name(server: VenueServer, read: Read, curated: Path) -> None:
    for pair in server.answer("kraken", PAIRS)["result"].values():
        if pair["fees"][0] == [0, 0.4]:
            pair["fees"][0] = [0, 0.38]
    changes = by_subject(await compared(read, curated, "kraken"), Family.FEES)
    assert set(changes) == {"spot Starter", "spot_margin 1"}
    assert [(one.name, str(one.after)) for one in changes["spot Starter"].fields] == [("taker", "0.0038")]
    assert changes["spot Starter"].doubts == ()


async def test_a_fraction_where_percent_stood_wants_a_look(server: VenueServer, read: Read, curated: Path) -> None:
    for pair in server.answer("kraken", PAIRS)["result"].values():
        pair["fees"] = [[volume, round(rate / 100, 6)] for volume, rate in pair["fees"]]
    changes = by_subject(await compared(read, curated, "kraken"), Family.FEES)
    assert len(changes) == 6
    assert all("a percentage against a fraction?" in change.doubts[0] for change in changes.values())


async def test_a_percent_where_a_fraction_stood_wants_a_look(server: VenueServer, read: Read, curated: Path) -> None:
    for query in ({"category": "linear"}, {"category": "linear", "cursor": "page2"}):
        for row in server.answer("bybit", RISK, **query)["result"]["list"]:
            row["maintenanceMargin"] = f"{float(row['maintenanceMargin']) * 100:g}"
            row["initialMargin"] = f"{float(row['initialMargin']) * 100:g}"
    changes = by_subject(await compared(read, curated, "bybit"), Family.LADDERS)
    held, unheld = changes["BTCUSDT"], changes["BIOUSDT"]
    assert any("goes from 0.005 to 0.5" in doubt for doubt in held.doubts)
    assert any("grants 5x at an initial margin rate of 20: a percentage?" in doubt for doubt in unheld.doubts)


async def test_a_ladder_that_loses_half_its_tiers_wants_a_look(server: VenueServer, read: Read, curated: Path) -> None:
    page = server.answer("bybit", RISK, category="linear")["result"]
    page["list"] = page["list"][:1]
    page["nextPageCursor"] = ""
    change = by_subject(await compared(read, curated, "bybit"), Family.LADDERS)["BTCUSDT"]
    assert change.doubts[0] == "the ladder loses half its tiers or more: 3 before, 1 after"


async def test_a_ladder_that_breaks_a_rule_wants_a_look(server: VenueServer, read: Read, curated: Path) -> None:
    server.answer("bybit", RISK, category="linear")["result"]["list"][1]["mmDeduction"] = "1300"
    change = by_subject(await compared(read, curated, "bybit"), Family.LADDERS)["BTCUSDT"]
    assert change.doubts == ("the ladder breaks the rule 'deduction' that curated ladders keep",)


async def test_a_listing_cut_short_wants_a_look(server: VenueServer, read: Read, curated: Path) -> None:
    result = server.answer("kraken", PAIRS)["result"]
    reading = await read("kraken")
    for name in list(result)[1:]:
        del result[name]
    shorter = compare(await read("kraken"), load_corpus(curated))
    assert [change.doubts for change in shorter.of(Family.INSTRUMENTS)] == [()] * 3
    more = duplicate(reading, 6)
    held = replace(load_corpus(curated), instruments=more)
    changes = compare(await read("kraken"), held).of(Family.INSTRUMENTS)
    assert len(changes) == 6
    assert changes[0].doubts == ("6 of 7 rows are gone at once: the listing may have been cut short",)


def duplicate(reading: VenueReading, times: int) -> tuple[Any, ...]:
    """Return the first instrument of a reading and as many like it under other symbols."""
    first = reading.families[0].facts[0]
    return (first, *(replace(first, symbol=f"OLD{number}USD") for number in range(times)))  # type: ignore[call-arg]


@pytest.mark.parametrize(
    ("symbol", "is_gone"),
    [("FF_XBTUSD_261225", True), ("FF_XBTUSD_<yymmdd>", False), ("CLASS_A", False), ("PF_XBTUSD (MTF)", False)],
)
async def test_rows_under_other_names_than_the_listings_are_never_gone(read: Read, symbol: str, is_gone: bool) -> None:
    reading = await read("kraken_futures")
    family = next(one for one in reading.families if one.family is Family.INSTRUMENTS)
    assert family.covers(replace(family.facts[0], symbol=symbol)) is is_gone  # type: ignore[call-arg]


async def test_only_rows_that_hold_today_are_compared(read: Read, curated: Path) -> None:
    corpus = load_corpus(curated)
    closed = tuple(
        replace(one, valid_to=date(2026, 1, 1)) if one.instrument == "RVNUSDT" else one for one in corpus.ladders
    )
    changes = compare(await read("bybit"), replace(corpus, ladders=closed)).of(Family.LADDERS)
    assert "RVNUSDT" not in {change.subject for change in changes}
