from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from data import queries
from data.build import build_release
from data.facts.fact import Fact
from data.facts.law import LawRule
from data.facts.law_vocabulary import InForce
from data.queries import read_query
from data.releases import ReleaseStore
from data.snapshot import Snapshot
from tests.release.sample import corpus

DAYS = st.dates(date(2005, 1, 1), date(2028, 1, 1))
FAMILIES = {
    "instruments": "instruments",
    "leverage_caps": "leverage_caps",
    "fees": "fees",
    "fee_extras": "fee_extras",
    "funding_terms": "funding_terms",
    "margin_rules": "margin_rules",
    "liquidation_policies": "liquidation_policies",
    "adl_policies": "adl_policies",
    "registrations": "registrations",
    "access": "access",
    "memberships": "memberships",
    "margin_models": "margin_models",
    "law": "law",
    "client_classes": "client_classes",
    "claims": "claims",
    "firms": "firms",
}
NAMES = sorted(path.stem for path in Path(queries.__file__).parent.glob("*.sql"))


def keys(store: ReleaseStore, query: str, day: date, **filters: object) -> list[str]:
    columns, rows = store.current().table(query, {"as_of": day, "after": -1, "limit": 1000, **filters})
    return [row[columns.index("key")] for row in rows]


@pytest.mark.parametrize("name", NAMES)
def test_every_query_says_first_what_it_answers(name: str) -> None:
    comment = [line for line in read_query(name).text.split("\n") if line.startswith("--")]
    assert read_query(name).text.startswith("-- ")
    assert "?" in " ".join(comment)


@pytest.mark.parametrize("name", NAMES)
def test_every_query_runs_with_nothing_asked(name: str, store: ReleaseStore) -> None:
    parameters = {"as_of": date(2026, 1, 1), "after": -1, "limit": 5}
    known = read_query(name).parameters
    store.current().rows(name, {key: value for key, value in parameters.items() if key in known})


def is_listed(row: Fact, snapshot: Snapshot) -> bool:
    """Say whether a row is listed on the day of a snapshot: law is from the day on which it was announced."""
    if not isinstance(row, LawRule):
        return snapshot.holds(row)
    announced = row.announced is not None and row.announced <= snapshot.as_of
    if snapshot.holds(row):
        return announced or row.announced is None or row.in_force is not InForce.ANNOUNCED
    return announced and row.valid_from is not None and snapshot.as_of < row.valid_from


@settings(deadline=None, max_examples=30)
@given(day=DAYS)
def test_lists_and_snapshots_agree_on_what_holds(store: ReleaseStore, day: date) -> None:
    snapshot = store.current().facts.on(day)
    for query, family in FAMILIES.items():
        expected = [row.key for row in getattr(corpus(), family) if is_listed(row, snapshot)]
        assert keys(store, query, day) == expected, query


@settings(deadline=None, max_examples=30)
@given(day=DAYS)
def test_the_tiers_listed_are_those_of_the_ladders_that_hold(store: ReleaseStore, day: date) -> None:
    snapshot = store.current().facts.on(day)
    columns, rows = store.current().table("margin_tiers", {"as_of": day, "after": -1, "limit": 1000})
    listed = [dict(zip(columns, row, strict=True)) for row in rows]
    expected = [
        (ladder.instrument, tier.tier, tier.floor, tier.max_leverage, ladder.extrapolated_on(day))
        for ladder in corpus().ladders
        if snapshot.holds(ladder)
        for tier in ladder.tiers
    ]
    assert [
        (row["instrument"], row["tier"], row["floor"], row["max_leverage"], row["extrapolated"]) for row in listed
    ] == expected


@settings(deadline=None, max_examples=25)
@given(size=st.integers(1, 7), day=DAYS)
def test_pages_of_any_size_add_up_to_the_list(store: ReleaseStore, size: int, day: date) -> None:
    release = store.current()
    whole = release.rows("margin_tiers", {"as_of": day, "after": -1, "limit": 1000})
    after, collected = -1, []
    while page := release.rows("margin_tiers", {"as_of": day, "after": after, "limit": size}):
        collected.extend(page)
        after = page[-1][-1]
    assert collected == whole


def test_native_and_unified_symbols_find_the_same_rows(store: ReleaseStore) -> None:
    day = date(2026, 1, 1)
    native = keys(store, "margin_tiers", day, venue=["north"], instrument=["BTCUSDT"])
    assert len(native) == 3
    assert keys(store, "margin_tiers", day, venue=["north"], instrument=["BTC/USDT:USDT"]) == native
    assert len(keys(store, "margin_tiers", day, instrument=["BTC/USDT:USDT"])) == 5


def test_several_values_of_a_filter_are_alternatives(store: ReleaseStore) -> None:
    day = date(2026, 1, 1)
    assert keys(store, "access", day, jurisdiction=["US", "*"]) == ["north|*", "north|US"]
    assert keys(store, "access", day, jurisdiction=[]) == []


def test_rows_for_everybody_answer_for_each(store: ReleaseStore) -> None:
    day = date(2024, 6, 1)
    assert len(keys(store, "leverage_caps", day, client_class=["professional"])) == 1
    assert len(keys(store, "leverage_caps", day, client_class=["retail"], jurisdiction=["GB", "*"])) == 2
    assert len(keys(store, "leverage_caps", day, instrument=["ETHUSDT"])) == 1


def test_a_venue_is_in_the_state_of_its_day(store: ReleaseStore) -> None:
    def state(day: date) -> list[tuple[str, str | None]]:
        columns, rows = store.current().table("venues", {"as_of": day, "after": -1, "limit": 9, "venue": ["south"]})
        return [(row[columns.index("status")], row[columns.index("successor")]) for row in rows]

    assert state(date(2009, 1, 2)) == []
    assert state(date(2010, 1, 1)) == [("operating", None)]
    assert state(date(2026, 5, 31)) == [("operating", None)]
    assert state(date(2026, 6, 1)) == [("migrated", "north")]


def test_actions_are_listed_from_the_day_they_were_announced(store: ReleaseStore) -> None:
    assert keys(store, "enforcement_actions", date(2023, 10, 31)) == []
    assert keys(store, "enforcement_actions", date(2023, 11, 1)) == ["north|2023"]


def test_an_unknown_start_is_not_carried_back_before_there_was_anything(store: ReleaseStore) -> None:
    assert keys(store, "adl_policies", date(2009, 1, 2)) == []
    assert keys(store, "adl_policies", date(2009, 1, 3)) == ["north|adl"]


def test_a_state_is_certain_from_the_last_day_its_source_may_mean(tmp_path: Path) -> None:
    north, south = corpus().venues
    told = structs.replace(north, status=(structs.replace(north.status[0], source="north.news"),))
    build_release(structs.replace(corpus(), venues=(told, south)), tmp_path)
    columns, rows = (
        ReleaseStore(tmp_path).current().table("venues", {"as_of": date(2025, 3, 30), "after": -1, "limit": 1})
    )
    row = dict(zip(columns, rows[0], strict=True))
    assert (row["certain_from"], row["extrapolated"]) == (date(2025, 3, 31), True)
