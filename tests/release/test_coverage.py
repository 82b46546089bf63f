from __future__ import annotations

from datetime import date
from decimal import Decimal

from data.coverage import VENUE_FAMILIES, coverage_of
from data.releases import ReleaseStore

TODAY = date(2026, 11, 21)


def test_every_venue_has_a_row_for_every_family(store: ReleaseStore) -> None:
    rows = coverage_of(store.current(), TODAY)
    for venue in ("north", "south"):
        assert {row.family for row in rows if row.subject == venue} >= set(VENUE_FAMILIES)


def test_rows_are_counted_whole_and_on_the_day(store: ReleaseStore) -> None:
    found = {(row.subject, row.family): row for row in coverage_of(store.current(), TODAY)}
    tiers = found["north", "margin_tiers"]
    assert (tiers.rows, tiers.rows_on_day) == (16, 14)
    assert (tiers.primary_share, tiers.oldest_source, tiers.newest_source) == (
        Decimal("1.0000"),
        date(2026, 9, 1),
        date(2026, 9, 1),
    )
    assert found["south", "fees"].rows == 0
    assert found["south", "fees"].primary_share is None


def test_a_secondary_source_lowers_the_share(store: ReleaseStore) -> None:
    found = {(row.subject, row.family): row for row in coverage_of(store.current(), TODAY)}
    assert found["north", "enforcement_actions"].primary_share == 0


def test_an_action_counts_from_the_day_it_was_announced(store: ReleaseStore) -> None:
    for day, rows in ((date(2023, 10, 31), 0), (date(2023, 11, 1), 1)):
        found = {(row.subject, row.family): row for row in coverage_of(store.current(), day)}
        assert found["north", "enforcement_actions"].rows_on_day == rows


def test_gaps_conflicts_and_checks_stand_where_they_belong(store: ReleaseStore) -> None:
    found = {(row.subject, row.family): row for row in coverage_of(store.current(), TODAY)}
    assert found["north", "funding_terms"].gaps == ("No cap is published for new listings.",)
    assert found["north", "fees"].gaps == ()
    assert (found["north", "fees"].conflicts, found["north", "access"].conflicts) == (2, 1)
    assert found["south", "fees"].conflicts == 0
    assert (found["north", "fees"].last_verified, found["north", "fees"].age_days) == (date(2026, 11, 1), 20)
    assert found["south", "fees"].age_days is None
