"""The committed curated files: they load without a problem, no recording was lost, and the data is healthy."""

from __future__ import annotations

import csv
import re
from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest

from data.curation.ladder_checks import leverage_agrees, next_deduction
from data.curation.load import load_corpus
from data.facts.corpus import Corpus
from data.facts.dates import Precision, last_day
from data.facts.fact import Fact, Source
from data.facts.iso_3166 import COUNTRIES, SUBDIVISIONS, is_place
from data.facts.venues import Fee, Ladder
from data.facts.vocabulary import AccessKind, ClientClass, Evidence, Product, VenueState
from rules.costs.fees import contract_charges, fee_at, unearned_note
from rules.figures.money import same_money

CURATED = Path(__file__).resolve().parents[2] / "data" / "curated"
FAMILIES = (
    "instruments",
    "ladders",
    "leverage_caps",
    "fees",
    "fee_extras",
    "funding_terms",
    "margin_rules",
    "liquidation_policies",
    "adl_policies",
    "registrations",
    "access",
    "enforcement_actions",
    "memberships",
)


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    return load_corpus(CURATED)


def facts(corpus: Corpus) -> list[Fact]:
    return [fact for name in FAMILIES for fact in getattr(corpus, name)]


def ladders_on(corpus: Corpus, venue: str, symbol: str, day: date) -> list[Ladder]:
    return [
        one
        for one in corpus.ladders
        if one.venue == venue and one.instrument == symbol and one.usable and one.holds_on(day)
    ]


def test_conditions_of_the_same_clients_are_ways_in_of_which_one_suffices(corpus: Corpus) -> None:
    asked: dict[tuple[str, str, Product, ClientClass, date], set[str | None]] = {}
    for day in {one.valid_from for one in corpus.access if one.valid_from is not None}:
        for row in corpus.access:
            if row.access is AccessKind.CONDITIONAL and row.holds_on(day):
                for key in ((row.venue, row.jurisdiction, a, b, day) for a in row.products for b in row.client_classes):
                    asked.setdefault(key, set()).add(row.condition_id)
    several = {(venue, place, product) for (venue, place, product, *_), ids in asked.items() if len(ids) > 1}
    assert several == {("kraken", "US", Product.SPOT_MARGIN)}  # an account of its own, or one with the FCM, or an ECP's


def test_what_is_charged_by_the_contract_settles_in_dollars_as_the_charge_does(corpus: Corpus) -> None:
    charged = {(one.venue, one.product) for one in corpus.fee_extras if contract_charges([one])}
    settled = {one.settle or one.quote for one in corpus.instruments if (one.venue, one.product) in charged}
    assert charged
    assert all(same_money(money, "USD") for money in settled), settled


def test_what_two_files_tell_of_a_registration_or_an_action_is_one_row(corpus: Corpus) -> None:
    held = Counter(
        (one.venue, one.jurisdiction, one.category, one.valid_from) for one in corpus.registrations if one.active
    )
    acted = Counter(
        (one.venue, re.split(r"[ ,]", one.regulator)[0], one.date)
        for one in corpus.enforcement_actions
        if one.venue is not None
    )
    assert {key: number for key, number in (held + acted).items() if number > 1} == {}


def test_the_parts_of_a_country_are_on_file_where_law_or_terms_name_one(corpus: Corpus) -> None:
    named = {
        code
        for law in corpus.law
        for codes in (law.when.residence, law.when.residence_not, law.when.nationality)
        for code in codes
    }
    named.update(row.jurisdiction for row in (*corpus.access, *corpus.leverage_caps) if row.jurisdiction is not None)
    divided = {code.partition("-")[0] for code in named if "-" in code}
    assert {"BA", "IQ", "US"} <= divided <= set(SUBDIVISIONS)
    assert all(is_place(code) for code in named if "-" in code)


def test_every_venue_is_there(corpus: Corpus) -> None:
    assert len(corpus.venues) == 29
    assert {"binance", "kraken_derivatives_us", "crypto_com_cdna", "dydx"} <= {venue.id for venue in corpus.venues}


# Rows of each tier file: what was recorded, less what two recordings of the same day said twice.
TIER_ROWS = {
    "binance.csv": 7_276,
    "binance.history.csv": 16_540,
    "bitget.csv": 12 + 15 + 10 + 86 + 14,
    "bitget.history.csv": 12 + 14 + 10 + 73,
    "bitmex.csv": 70,
    "bitnomial.csv": 21,
    "bybit.csv": 54 + 675 - 35 - 3 + 5 - 35 + 5,
    "bybit.history.csv": 35 + 35,
    "coinbase_derivatives.csv": 8,
    "dydx.csv": 8 + 3,
    "gate.csv": 19 + 5 + 1 + 1,
    "gate.history.csv": 1,
    "hyperliquid.csv": 78 - 4 + 155,
    "kraken_futures.csv": 118 - 12 + 22 + 4,
    "kraken_futures.history.csv": 12,
    "kraken_futures.classes.csv": 35,
    "kucoin.csv": 80,
    "mexc.csv": 7 + 2 + 2,
    "okx.csv": 195 + 1_407 - 100 - 3,
    "okx.history.csv": 3,
    "phemex.csv": 173,
    "robinhood.csv": 2,
}


def test_every_recorded_tier_row_is_there() -> None:
    found = {}
    for path in (CURATED / "margin_tiers").iterdir():
        with path.open(newline="", encoding="utf-8") as file:
            found[path.name] = sum(1 for _ in csv.reader(file)) - 1
    assert found == TIER_ROWS


def test_recorded_ladders_come_back_tier_by_tier(corpus: Corpus) -> None:
    wanted: dict[tuple[str, str, str], list[tuple[int, Decimal, Decimal, Decimal]]] = {}
    with (Path(__file__).parent / "recorded_ladders.csv").open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            wanted.setdefault((row["symbol"], row["observed_from"], row["observed_to"]), []).append(
                (
                    int(row["tier"]),
                    Decimal(row["floor"]),
                    Decimal(row["maintenance_margin_rate"]),
                    Decimal(row["max_leverage"]),
                )
            )
    assert len(wanted) == 17
    for (symbol, start, end), rungs in wanted.items():
        first = date.fromisoformat(start)
        last = date.fromisoformat(end) if end else date(2026, 11, 1)
        for day in (first, first + (last - first) / 2, last - timedelta(days=1)):
            (ladder,) = ladders_on(corpus, "binance", symbol, day)
            assert [
                (one.tier, one.floor, one.maintenance_margin_rate, one.max_leverage) for one in ladder.tiers
            ] == rungs, (symbol, day)


def test_binance_has_at_most_one_ladder_a_symbol_and_day(corpus: Corpus) -> None:
    by_symbol: dict[str, list[Ladder]] = {}
    for ladder in corpus.ladders:
        if ladder.venue == "binance":
            by_symbol.setdefault(ladder.instrument, []).append(ladder)
    assert len(by_symbol) == 993
    for symbol, ladders in by_symbol.items():
        for lower, upper in pairwise(sorted(ladders, key=lambda one: one.valid_from or date.min)):
            assert lower.valid_to == upper.valid_from, symbol


def test_delisted_symbol_has_no_ladder_after_its_last_recording(corpus: Corpus) -> None:
    (before,) = ladders_on(corpus, "binance", "UNIBUSD", date(2024, 3, 30))
    assert before.observed
    assert ladders_on(corpus, "binance", "UNIBUSD", date(2024, 3, 31)) == []


def test_bracket_of_today_has_initial_margin_rates(corpus: Corpus) -> None:
    (ladder,) = ladders_on(corpus, "binance", "BTCUSDT", date(2026, 11, 1))
    first = ladder.tiers[0]
    assert (first.cap, first.max_leverage) == (Decimal(300_000), Decimal(150))
    assert first.initial_margin_rate is not None
    assert leverage_agrees(first.initial_margin_rate, first.max_leverage)
    (held,) = [one for one in ladder.tiers if one.floor < 1_000_000 <= (one.cap or 0)]
    assert held.max_leverage == 75


def test_newer_ladder_comes_before_the_fuller_older_one(corpus: Corpus) -> None:
    for symbol in ("BTCUSDT", "ETHUSDT"):
        (older,) = ladders_on(corpus, "bybit", symbol, date(2026, 9, 29))
        (newer,) = ladders_on(corpus, "bybit", symbol, date(2026, 9, 30))
        assert (len(older.tiers), older.complete) == (35, True)
        assert (len(newer.tiers), newer.complete) == (5, False)


def test_deductions_of_bybit_are_those_it_published(corpus: Corpus) -> None:
    """Recorded on 2026-10-01: none, 510 and 1,710 on the first three rungs of BTCUSDT."""
    (ladder,) = ladders_on(corpus, "bybit", "BTCUSDT", date(2026, 10, 1))
    assert [one.maintenance_amount for one in ladder.tiers[:3]] == [0, 510, 1710]
    for below, one in pairwise(ladder.tiers):
        assert below.cap is not None and below.maintenance_amount is not None  # noqa: PT018
        assert below.maintenance_margin_rate is not None and one.maintenance_margin_rate is not None  # noqa: PT018
        step = (one.maintenance_margin_rate - below.maintenance_margin_rate) * below.cap
        assert one.maintenance_amount == below.maintenance_amount + step


@pytest.mark.parametrize(
    ("symbol", "change", "before", "after"),
    [
        ("BTCUSDT", date(2025, 9, 26), (12, 200_000, "125", "0.004"), (12, 200_000, "150", "0.004")),
        ("ETHUSDT", date(2025, 9, 26), (14, 1_000_000, "100", "0.005"), (15, 200_000, "150", "0.004")),
        ("SOLUSDT", date(2025, 9, 12), (10, 20_000, "100", "0.005"), (10, 50_000, "100", "0.005")),
    ],
)
def test_announced_change_of_a_ladder_ends_the_one_before(
    corpus: Corpus, symbol: str, change: date, before: tuple[int, int, str, str], after: tuple[int, int, str, str]
) -> None:
    for day, wanted in ((change - timedelta(days=1), before), (change, after)):
        (ladder,) = ladders_on(corpus, "bitget", symbol, day)
        first = ladder.tiers[0]
        count, cap, leverage, rate = wanted
        assert (len(ladder.tiers), first.cap) == (count, Decimal(cap))
        assert (first.max_leverage, first.maintenance_margin_rate) == (Decimal(leverage), Decimal(rate))
        assert ladder.complete
        caps = [
            cap.max_leverage
            for cap in corpus.leverage_caps
            if (cap.venue, cap.product, cap.instrument) == ("bitget", Product.PERPETUAL, symbol) and cap.holds_on(day)
        ]
        assert caps == [first.max_leverage]


@pytest.mark.parametrize(
    ("venue", "symbol", "change", "before", "after"),
    [
        ("gate", "BTC_USDT", date(2026, 8, 9), (1, 1_000_000, "125", "0.004"), (5, 500_000, "200", "0.003")),
        ("kraken_futures", "PF_XBTUSD", date(2026, 9, 25), (6, 500_000, "50", "0.01"), (2, 1_000_000, "100", "0.005")),
        ("kraken_futures", "PF_DOGEUSD", date(2026, 9, 25), (6, 250_000, "50", "0.01"), (1, 2_000_000, "50", "0.01")),
    ],
)
def test_recorded_ladder_replaces_the_older_one_though_it_stops_early(
    corpus: Corpus,
    venue: str,
    symbol: str,
    change: date,
    before: tuple[int, int, str, str],
    after: tuple[int, int, str, str],
) -> None:
    for day, wanted in ((change - timedelta(days=1), before), (change, after)):
        (ladder,) = ladders_on(corpus, venue, symbol, day)
        first = ladder.tiers[0]
        count, cap, leverage, rate = wanted
        assert (len(ladder.tiers), first.cap) == (count, Decimal(cap))
        assert (first.max_leverage, first.maintenance_margin_rate) == (Decimal(leverage), Decimal(rate))
    assert not ladder.complete


@pytest.mark.parametrize(
    ("symbol", "count", "leverage", "last"),
    [
        ("BTCPERP", 14, "125", 1_000_000_000),
        ("TAGUSDT", 7, "20", 2_000_000),
        ("BANANAUSDT", 7, "20", 2_000_000),
        ("DASHUSDT", 9, "50", 5_000_000),
        ("1000SATSUSDT", 9, "25", 5_000_000),
    ],
)
def test_announced_ladders_of_smaller_contracts_are_whole(
    corpus: Corpus, symbol: str, count: int, leverage: str, last: int
) -> None:
    (ladder,) = ladders_on(corpus, "bitget", symbol, date(2026, 11, 1))
    assert ladder.complete
    assert (len(ladder.tiers), ladder.tiers[-1].cap) == (count, Decimal(last))
    assert (ladder.tiers[0].max_leverage, ladder.tiers[-1].max_leverage) == (Decimal(leverage), Decimal(1))


@pytest.mark.parametrize(
    ("symbol", "tiers", "leverage", "maintenance", "least"),
    [
        ("ETH", 2, "25", "0.02", "0.0001"),
        ("ZEC", 2, "10", "0.05", "0.01"),
        ("PAXG", 2, "10", "0.05", "0.001"),
        ("WIF", 1, "5", "0.1", "1"),
        ("POPCAT", 1, "3", "0.166667", "1"),
    ],
)
def test_every_listed_market_of_hyperliquid_has_a_ladder_and_a_least_size(
    corpus: Corpus, symbol: str, tiers: int, leverage: str, maintenance: str, least: str
) -> None:
    markets = {one.symbol: one for one in corpus.instruments if one.venue == "hyperliquid"}
    assert len(markets) == 189
    assert {one.instrument for one in corpus.ladders if one.venue == "hyperliquid"} == set(markets)
    assert "MKR" not in markets
    (ladder,) = ladders_on(corpus, "hyperliquid", symbol, date(2026, 11, 22))
    first = ladder.tiers[0]
    assert (len(ladder.tiers), first.max_leverage) == (tiers, Decimal(leverage))
    assert first.maintenance_margin_rate == Decimal(maintenance)
    assert markets[symbol].min_size == Decimal(least)


def test_threshold_of_an_average_daily_volume_is_thirty_days_of_it(corpus: Corpus) -> None:
    """Both venues print average daily volumes: 10,000 USD a day on average is 300,000 USD in thirty days."""
    tiers = [fee for fee in corpus.fees if fee.venue == "gemini" and fee.source == "gemini.gm_dfee"]
    assert [fee.min_volume_30d_usd for fee in tiers] == [
        Decimal(30 * daily) for daily in (0, 10_000, 50_000, 5_000_000, 10_000_000, 50_000_000, 100_000_000)
    ]
    earned = fee_at(tiers, Decimal(10_000_000))
    assert earned is not None
    assert earned.taker == Decimal("0.0005")
    bitmex = [fee for fee in corpus.fees if fee.venue == "bitmex" and (fee.tier or "").startswith("ADV>=")]
    assert bitmex
    assert all(fee.min_volume_30d_usd == 30 * Decimal((fee.tier or "")[5:]) for fee in bitmex)


@pytest.mark.parametrize(
    ("venue", "product", "volume", "earned", "taker"),
    [
        ("phemex", Product.PERPETUAL, 200_000_000, "VIP 0", "0.0006"),
        ("phemex", Product.SPOT, 8_000_000, "VIP 0", "0.001"),
        ("bitget", Product.PERPETUAL, 1_000_000_000, "VIP 5", "0.00032"),
        ("bybit", Product.PERPETUAL, 600_000_000, "VIP 5", "0.00032"),
    ],
)
def test_tier_with_a_limit_on_the_api_share_is_not_earned_by_volume_alone(
    corpus: Corpus, venue: str, product: Product, volume: int, earned: str, taker: str
) -> None:
    """Who asks here trades through the API; a tier that such a trader may not have is told, and never granted."""
    schedule = [fee for fee in corpus.fees if (fee.venue, fee.product) == (venue, product) and not fee.schedule]
    fee = fee_at(schedule, Decimal(volume))
    assert fee is not None
    assert (fee.tier, fee.taker) == (earned, Decimal(taker))
    assert "share sent through the API" in (unearned_note(schedule, Decimal(volume), fee) or "")


def test_interval_at_a_cap_is_told_beside_the_usual_one(corpus: Corpus) -> None:
    for venue in ("binance", "bybit", "kucoin", "okx"):
        terms = [
            row
            for row in corpus.funding_terms
            if (row.venue, row.instrument) == (venue, "*") and row.holds_on(date(2026, 11, 1))
        ]
        hours = {row.interval_hours for row in terms if row.variant is None}
        assert hours == {None}, venue
        assert [row.interval_hours for row in terms if "cap or floor" in (row.variant or "")] == [Decimal(1)], venue


@pytest.mark.parametrize(
    ("venue", "symbol", "day", "cap"),
    [
        ("gate", "BTC_USDT", date(2026, 11, 1), "0.003"),
        ("bitget", "BTCUSDT", date(2025, 9, 21), None),
        ("bitget", "SOLUSDT", date(2025, 9, 22), None),
    ],
)
def test_funding_of_a_contract_has_one_row_a_day(
    corpus: Corpus, venue: str, symbol: str, day: date, cap: str | None
) -> None:
    (terms,) = [
        row
        for row in corpus.funding_terms
        if (row.venue, row.instrument, row.variant) == (venue, symbol, None) and row.holds_on(day)
    ]
    assert (terms.interval_hours, terms.interest_rate_8h) == (Decimal(8), Decimal("0.0001"))
    bound = None if cap is None else Decimal(cap)
    assert (terms.cap, terms.floor) == (bound, None if bound is None else -bound)


def test_interval_of_one_contract_is_not_that_of_all(corpus: Corpus) -> None:
    """Venues whose contracts settle at different hours have a row for each one read, and none decides for the rest."""
    day = date(2026, 11, 21)
    rows = [row for row in corpus.funding_terms if row.variant is None and row.holds_on(day)]
    own: dict[str, set[Decimal | None]] = {}
    for row in rows:
        if row.instrument != "*":
            own.setdefault(row.venue, set()).add(row.interval_hours)
    for row in rows:
        if row.instrument == "*" and row.interval_hours is not None:
            assert own.get(row.venue, set()) <= {row.interval_hours}, row.venue


def test_interest_in_funding_is_of_eight_hours(corpus: Corpus) -> None:
    """A venue's daily rate (0.0003) in its place would be three times what is paid."""
    for row in corpus.funding_terms:
        if row.interest_rate_8h is not None and row.holds_on(date(2026, 11, 21)):
            assert row.interest_rate_8h <= Decimal("0.0001"), row.key


def test_whoever_earns_no_level_has_a_fee_on_each_day_that_a_schedule_holds(corpus: Corpus) -> None:
    """A schedule whose lowest level begins after the others has no fee for ordinary clients in between."""
    schedules: dict[tuple[str, Product, str | None], list[Fee]] = {}
    for fee in corpus.fees:
        if fee.schedule is None or fee.schedule == "EEA":
            schedules.setdefault((fee.venue, fee.product, fee.schedule), []).append(fee)
    holes = []
    for name, rows in schedules.items():
        days = {day for row in rows for day in (row.valid_from, row.valid_to) if day is not None}
        for day in days:
            held = [row for row in rows if row.holds_on(day) and not row.holding_required]
            if held and fee_at(held, None) is None:
                holes.append((name, day))
    assert holes == []


def test_ladder_ends_with_its_instrument(corpus: Corpus) -> None:
    ends = {(one.venue, one.symbol): one.valid_to for one in corpus.instruments}
    for ladder in corpus.ladders:
        end = ends.get((ladder.venue, ladder.instrument))
        assert end is None or ladder.valid_to is not None, ladder.key


def test_charge_that_leaves_out_clearing_is_shown_and_not_counted(corpus: Corpus) -> None:
    extras = [extra for extra in corpus.fee_extras if extra.venue == "cboe_futures"]
    assert {(extra.instrument, extra.amount) for extra in extras} == {
        (symbol, Decimal(amount)) for symbol in ("FBT", "FET") for amount in ("0.40", "0.35")
    }
    assert contract_charges(extras) == ()


def test_client_class_session_side_and_schedule_are_columns(corpus: Corpus) -> None:
    retail = [one for one in corpus.ladders if one.instrument == "PI_XBTUSD" and one.client_class is ClientClass.RETAIL]
    assert {one.tiers[0].max_leverage for one in retail if one.usable} == {Decimal(2)}
    sessions = {(one.session, one.side) for one in corpus.ladders if one.instrument == "BIP-20DEC30-CDE"}
    assert sessions == {(session, side) for session in ("intraday", "overnight") for side in ("long", "short")}
    assert {one.schedule for one in corpus.ladders if one.instrument == "XBTUSDTM"} == {None, "UTA"}
    assert not [one for one in corpus.ladders if ":" in one.instrument or "@" in one.instrument]


def test_margin_class_gives_a_symbol_its_ladder(corpus: Corpus) -> None:
    named = {(one.instrument, one.schedule): one for one in corpus.ladders if one.venue == "kraken_futures"}
    eea = named["PF_AAVEUSD", "EEA"]
    assert eea.tiers == named["*", "EEA_CLASS_B"].tiers
    assert named["PF_AAVEUSD", None].tiers == named["*", "CLASS_B"].tiers
    assert eea.also_sources == (named["*", "EEA_CLASS_B"].source,)


def test_trimmed_fixtures_never_decide(corpus: Corpus) -> None:
    unusable = Counter(one.venue for one in corpus.ladders if not one.usable)
    assert unusable == {"kraken_futures": 13, "mexc": 1, "bybit": 1}


def test_venue_that_closed_is_closed_from_its_own_date(corpus: Corpus) -> None:
    bitmex = next(venue for venue in corpus.venues if venue.id == "bitmex")
    assert bitmex.status_on(date(2026, 8, 25)).state is VenueState.OPERATING
    assert bitmex.status_on(date(2026, 8, 26)).state is VenueState.CLOSING
    assert bitmex.status_on(date(2026, 9, 23)).state is VenueState.CLOSED
    assert ladders_on(corpus, "bitmex", "XBTUSD", date(2026, 9, 22))
    assert not ladders_on(corpus, "bitmex", "XBTUSD", date(2026, 9, 23))


def test_venue_that_migrated_names_its_successor(corpus: Corpus) -> None:
    venue = next(one for one in corpus.venues if one.id == "coinbase_international")
    assert venue.status_on(date(2026, 9, 30)).state is VenueState.OPERATING
    assert venue.status_on(date(2026, 10, 1)).successor == "deribit"


def test_last_inclusive_day_of_a_source_is_the_day_before_valid_to(corpus: Corpus) -> None:
    retail = [
        row
        for row in corpus.access
        if row.venue == "kraken" and row.jurisdiction == "US" and row.client_classes == (ClientClass.RETAIL,)
    ]
    (banned,) = [row for row in retail if row.access is AccessKind.PROHIBITED]
    assert banned.holds_on(date(2026, 5, 5))
    assert not banned.holds_on(date(2026, 5, 6))


def test_schedules_of_a_month_meet_without_a_gap(corpus: Corpus) -> None:
    old = [fee for fee in corpus.fees if fee.venue == "deribit" and fee.tier == "BTC/ETH perpetual"]
    new = [fee for fee in corpus.fees if fee.venue == "deribit" and fee.tier == "Standard" and not fee.schedule]
    assert {fee.valid_to for fee in old} == {fee.valid_from for fee in new} == {date(2026, 9, 1)}


def test_membership_ends_the_day_after_the_last(corpus: Corpus) -> None:
    britain = [row for row in corpus.memberships if row.group == "EU" and row.member == "GB"]
    assert [(row.treated_as, row.holds_on(date(2020, 1, 31))) for row in britain] == [(False, True), (True, False)]
    assert [row.holds_on(date(2020, 12, 31)) for row in britain] == [False, True]
    assert not any(row.holds_on(date(2021, 1, 1)) for row in britain)


def test_enforcement_stands_apart_from_registrations(corpus: Corpus) -> None:
    kinds = Counter((action.venue, action.kind) for action in corpus.enforcement_actions)
    assert kinds["bitmex", "penalty"] == 2
    assert kinds["hyperliquid", "warning"] == 1
    assert not [row for row in corpus.registrations if row.category.upper().startswith("NONE")]


def test_cap_for_young_accounts_is_a_condition(corpus: Corpus) -> None:
    caps = [cap for cap in corpus.leverage_caps if cap.venue == "binance" and cap.instrument == "*"]
    young = [cap for cap in caps if cap.condition_id == "binance_account_younger_than_60_days"]
    assert [cap.max_leverage for cap in young] == [Decimal(20)]


# Health of the data, as the coverage tells it.


def test_every_row_names_a_source_that_exists(corpus: Corpus) -> None:
    known = {source.id for source in corpus.sources}
    assert len(known) == len(corpus.sources)
    for fact in facts(corpus):
        assert {fact.source, *fact.also_sources} <= known, fact.key
    for conflict in corpus.conflicts:
        assert {conflict.kept_source, conflict.other_source} <= known


def test_every_source_is_read_and_says_where(corpus: Corpus) -> None:
    for source in corpus.sources:
        assert source.url.strip() == source.url
        assert source.url
        assert source.published is None or source.published <= source.seen, source.id
        assert source.evidence in Evidence


@pytest.mark.parametrize(
    ("published", "precision", "certain"),
    [
        (None, Precision.DAY, date(2026, 11, 21)),
        (date(2026, 3, 5), Precision.DAY, date(2026, 3, 5)),
        (date(2026, 2, 1), Precision.MONTH, date(2026, 2, 28)),
        (date(2025, 1, 1), Precision.YEAR, date(2025, 12, 31)),
        (date(2026, 11, 1), Precision.MONTH, date(2026, 11, 21)),
        (date(2026, 1, 1), Precision.YEAR, date(2026, 11, 21)),
    ],
)
def test_a_source_is_certain_from_the_last_day_its_date_may_mean(
    published: date | None, precision: Precision, certain: date
) -> None:
    source = Source(
        id="x.page",
        title="A page",
        publisher="X",
        url="https://x.example",
        evidence=Evidence.PRIMARY,
        seen=date(2026, 11, 21),
        published=published,
        published_precision=precision,
    )
    assert source.certain_from == certain


def test_a_row_of_unknown_start_is_not_certain_before_its_source_is(corpus: Corpus) -> None:
    sources = {source.id: source for source in corpus.sources if source.published_precision is not Precision.DAY}
    undated = [one for one in facts(corpus) if one.valid_from is None and one.source in sources]
    early = {one.key for one in undated if one.certain_from < sources[one.source].certain_from}
    assert early == set()
    (india,) = (one for one in undated if one.key.startswith("mudrex|IN|"))
    assert india.certain_from == date(2026, 11, 21)


def test_dates_are_in_order(corpus: Corpus) -> None:
    for fact in facts(corpus):
        assert fact.valid_from is None or fact.valid_to is None or fact.valid_from < fact.valid_to, fact.key
        if fact.valid_from is not None:
            assert fact.certain_from == last_day(fact.valid_from, fact.valid_from_precision), fact.key


def test_no_subject_is_said_twice_for_a_day(corpus: Corpus) -> None:
    for name in FAMILIES:
        if name == "enforcement_actions":
            continue
        by_key: dict[str, list[Fact]] = {}
        for fact in getattr(corpus, name):
            by_key.setdefault(fact.key, []).append(fact)
        for key, group in by_key.items():
            ordered = sorted(group, key=lambda one: one.valid_from or date.min)
            for earlier, later in pairwise(ordered):
                assert earlier.valid_to is not None, (name, key)
                assert later.valid_from is not None, (name, key)
                assert earlier.valid_to <= later.valid_from, (name, key)


def test_ladders_are_contiguous_and_monotone(corpus: Corpus) -> None:
    for ladder in corpus.ladders:
        rungs = ladder.tiers
        assert [rung.tier for rung in rungs] == list(range(1, len(rungs) + 1)), ladder.key
        assert rungs[0].floor == 0, ladder.key
        for lower, upper in pairwise(rungs):
            assert lower.cap == upper.floor, ladder.key
            assert lower.max_leverage >= upper.max_leverage, ladder.key
            for what in ("initial_margin_rate", "maintenance_margin_rate"):
                before, after = getattr(lower, what), getattr(upper, what)
                assert before is None or after is None or before <= after, ladder.key
        if ladder.usable:
            assert ladder.complete or rungs[-1].cap is not None, ladder.key


def test_deductions_and_leverage_agree_but_for_listed_oddities(corpus: Corpus) -> None:
    odd = set()
    for ladder in corpus.ladders:
        for rung in ladder.tiers:
            if rung.initial_margin_rate is not None:
                assert leverage_agrees(rung.initial_margin_rate, rung.max_leverage), ladder.key
            if rung.cap == rung.floor:
                odd.add((ladder.venue, "empty_tier", ladder.instrument))
        for lower, upper in pairwise(ladder.tiers):
            expected = next_deduction(lower, upper)
            if upper.maintenance_amount is not None and expected != upper.maintenance_amount:
                odd.add((ladder.venue, "deduction", ladder.instrument))
    assert odd == {
        ("binance", "empty_tier", "BEAMXUSDT"),
        ("binance", "empty_tier", "DEXEUSDT"),
        ("hyperliquid", "deduction", "ETH"),
    }
    told = " ".join(gap.text for gap in corpus.gaps)
    assert all(f"{instrument}:" in told for _, _, instrument in odd)


def test_ladders_have_instruments_but_for_listed_oddities(corpus: Corpus) -> None:
    listed = {(one.venue, one.symbol) for one in corpus.instruments}
    missing = {
        (one.venue, one.instrument)
        for one in corpus.ladders
        if one.instrument != "*" and (one.venue, one.instrument) not in listed
    }
    assert {venue for venue, _ in missing} == {"bitnomial"}
    assert len(missing) == 9


def test_derived_instruments_invent_no_contract_terms(corpus: Corpus) -> None:
    derived = [one for one in corpus.instruments if one.derived]
    assert len(derived) > 1_000
    for one in derived:
        assert (one.contract_size, one.tick_size, one.min_size, one.max_size) == (None, None, None, None), one.key


@pytest.mark.parametrize(
    ("venue", "symbol", "unified", "base"),
    [
        ("binance", "BTCUSDT", "BTC/USDT:USDT", "BTC"),
        ("binance", "BTCUSDT_261225", "BTC/USDT:USDT-261225", "BTC"),
        ("binance", "1000PEPEUSDT", "1000PEPE/USDT:USDT", "1000PEPE"),
        ("binance", "BTCUSD1", "BTC/USD1:USD1", "BTC"),
        ("binance", "ETHBTC", "ETH/BTC:BTC", "ETH"),
        ("bitmex", "XBTUSD", "BTC/USD:BTC", "BTC"),
        ("bybit", "BTCPERP", "BTC/USDC:USDC", "BTC"),
        ("bybit", "BTCUSD", "BTC/USD:BTC", "BTC"),
        ("deribit", "BTC-PERPETUAL", "BTC/USD:BTC", "BTC"),
        ("gate", "AI16Z_USDT", "AI16Z/USDT:USDT", "AI16Z"),
        ("hyperliquid", "BTC", "BTC/USDC:USDC", "BTC"),
        ("kalshi", "KXBTCPERP", "BTC/USD:USD", "BTC"),
        ("kraken", "XBTUSDT", "BTC/USDT", "BTC"),
        ("kraken_futures", "PF_XBTUSD", "BTC/USD:USD", "BTC"),
        ("kraken_futures", "PI_XBTUSD", "BTC/USD:BTC", "BTC"),
        ("kucoin", "XBTUSDTM", "BTC/USDT:USDT", "BTC"),
        ("okx", "BTC-USDT-SWAP", "BTC/USDT:USDT", "BTC"),
        ("okx", "BTC-USD_UM-261030", "BTC/USD:USD-261030", "BTC"),
        ("phemex", "BNBUSD", "BNB/USD:USD", "BNB"),
        ("coinbase_derivatives", "BIP-20DEC30-CDE", "BTC/USD:USD", "BTC"),
        ("cme", "MBT", None, "BTC"),
    ],
)
def test_native_and_unified_symbols_meet(
    corpus: Corpus, venue: str, symbol: str, unified: str | None, base: str
) -> None:
    (instrument,) = [one for one in corpus.instruments if one.venue == venue and one.symbol == symbol]
    assert (instrument.unified, instrument.base) == (unified, base)


def test_contract_sizes_have_their_unit(corpus: Corpus) -> None:
    sizes = {(one.venue, one.symbol): (one.contract_size, one.contract_size_unit) for one in corpus.instruments}
    assert sizes["kucoin", "XBTUSDTM"] == (Decimal("0.001"), "BTC")
    assert sizes["bitmex", "XBTUSD"] == (Decimal(1), "USD")
    assert sizes["cme", "BTC"] == (Decimal(5), "BTC")


def test_places_are_codes(corpus: Corpus) -> None:
    groups = {row.group for row in corpus.memberships}
    for row in (*corpus.access, *corpus.leverage_caps, *corpus.registrations):
        country = row.jurisdiction.partition("-")[0]
        assert country in COUNTRIES or row.jurisdiction in groups | {"*"}, row.key


def test_conditions_can_be_vouched_for(corpus: Corpus) -> None:
    for row in corpus.access:
        if row.access is AccessKind.CONDITIONAL:
            assert row.condition_id, row.key


def test_general_row_comes_first(corpus: Corpus) -> None:
    seen: set[tuple[str, str]] = set()
    for policy in corpus.adl_policies:
        if policy.variant is not None and policy.venue not in ("kraken_futures", "hyperliquid"):
            assert (policy.venue, policy.product) in seen, policy.key
        seen.add((policy.venue, policy.product))


def test_products_say_what_a_venue_offers(corpus: Corpus) -> None:
    offers = {venue.id: set(venue.products) for venue in corpus.venues}
    assert offers["binance_us"] == {Product.SPOT}
    assert Product.PERPETUAL in offers["robinhood"]
    for instrument in corpus.instruments:
        assert instrument.product in offers[instrument.venue], instrument.key


def test_every_venue_says_what_is_missing_and_when_it_was_checked(corpus: Corpus) -> None:
    ids = {venue.id for venue in corpus.venues}
    assert {gap.subject for gap in corpus.gaps} >= ids
    checked = {(one.venue, one.family): one.last_verified for one in corpus.verifications}
    assert {venue for venue, _ in checked} == ids
    assert checked["binance", "margin_tiers"] == date(2026, 11, 21)
