from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from data.changes import Change, ChangeKind, View, changes_between
from data.facts.corpus import Corpus
from data.facts.law import InForce
from data.facts.venues import Venue
from tests.release.sample import corpus, fee, ladder, rung


def changes(before: Corpus, after: Corpus) -> list[Change]:
    return changes_between(View(release="a", corpus=before), View(release="b", corpus=after))


def on_days(earlier: date, later: date) -> list[Change]:
    return changes_between(
        View(release="a", corpus=corpus(), day=earlier), View(release="a", corpus=corpus(), day=later)
    )


def test_equal_releases_have_no_changes() -> None:
    assert changes(corpus(), corpus()) == []


def test_a_changed_row_is_told_with_both_values_and_its_source() -> None:
    dearer = structs.replace(corpus(), fees=(*corpus().fees[1:], fee("VIP 1", "1000000", "0.0006")))
    (change,) = changes(corpus(), dearer)
    assert (change.kind, change.fact, change.subject, change.fields) == (
        ChangeKind.CHANGED,
        "fees",
        "north",
        ("taker",),
    )
    assert change.before is not None
    assert change.after is not None
    assert (change.before.taker, change.after.taker) == (Decimal("0.0004"), Decimal("0.0006"))  # type: ignore[attr-defined]
    assert change.source == "north.page"


def test_added_and_removed_rows_are_told_one_by_one() -> None:
    fewer = structs.replace(corpus(), fees=corpus().fees[1:])
    assert [(one.kind, one.key) for one in changes(corpus(), fewer)] == [(ChangeKind.REMOVED, "north|perpetual|VIP 1")]
    assert [(one.kind, one.key) for one in changes(fewer, corpus())] == [(ChangeKind.ADDED, "north|perpetual|VIP 1")]


def test_a_row_that_ends_meets_itself_and_its_successor_is_new() -> None:
    day = date(2026, 11, 1)
    old = corpus().ladders[1]
    successor = ladder("BTCUSDT", rung(1, "0", None, "0.01", "20"), valid_from=day, observed=True)
    updated = (
        corpus().ladders[0],
        structs.replace(old, valid_to=day),
        structs.replace(successor, key=old.key),
        *corpus().ladders[2:],
    )
    ended, new = changes(corpus(), structs.replace(corpus(), ladders=updated))
    assert (ended.kind, ended.fields) == (ChangeKind.CHANGED, ("valid_to",))
    assert (new.kind, new.fact) == (ChangeKind.ADDED, "margin_tiers")


def test_between_two_days_a_ladder_changes_into_its_successor() -> None:
    (change,) = on_days(date(2025, 1, 31), date(2025, 2, 1))
    assert (change.kind, change.fact) == (ChangeKind.CHANGED, "margin_tiers")
    assert "tiers" in change.fields
    assert on_days(date(2025, 2, 1), date(2025, 2, 2)) == []


def test_between_two_days_a_migrated_venue_shows() -> None:
    (change,) = on_days(date(2026, 5, 31), date(2026, 6, 1))
    assert (change.fact, change.key, change.fields) == ("venues", "south", ("status",))


def test_law_without_dates_shows_from_the_day_on_which_it_was_announced() -> None:
    law = corpus().law[0]
    announced = structs.replace(
        law, valid_from=None, valid_to=None, in_force=InForce.ANNOUNCED, announced=date(2026, 6, 30)
    )
    known = structs.replace(corpus(), law=(announced, *corpus().law[1:]))

    def between(earlier: date, later: date) -> list[Change]:
        views = (View(release="a", corpus=known, day=day) for day in (earlier, later))
        return [one for one in changes_between(*views) if one.key == law.key]

    assert between(date(2008, 12, 31), date(2009, 1, 3)) == []
    (change,) = between(date(2026, 6, 29), date(2026, 6, 30))
    assert change.kind is ChangeKind.ADDED


@given(st.dates(date(2019, 1, 1), date(2027, 1, 1)), st.dates(date(2019, 1, 1), date(2027, 1, 1)))
def test_reading_changes_backwards_swaps_before_and_after(one: date, other: date) -> None:
    forward, backward = on_days(one, other), on_days(other, one)
    assert [(change.fact, change.key, change.before, change.after) for change in forward] == [
        (change.fact, change.key, change.after, change.before) for change in backward
    ]


def test_when_a_ladder_was_last_seen_is_no_change() -> None:
    (first, *others) = corpus().ladders
    seen = structs.replace(first, last_seen=date(2026, 11, 20))
    assert changes(corpus(), structs.replace(corpus(), ladders=(seen, *others))) == []
    looser = structs.replace(seen, complete=not seen.complete)
    (change,) = changes(corpus(), structs.replace(corpus(), ladders=(looser, *others)))
    assert change.fields == ("complete",)
    assert change.after == looser


def test_between_two_days_an_action_of_a_regulator_is_added_on_its_date() -> None:
    (action,) = corpus().enforcement_actions
    undated = structs.replace(action, valid_from=None, certain_from=date(2023, 12, 5))
    for row, day in ((undated, date(2023, 11, 1)), (structs.replace(undated, date=None), date(2023, 12, 5))):
        facts = structs.replace(corpus(), enforcement_actions=(row,))
        found = changes_between(
            View(release="a", corpus=facts, day=day - timedelta(days=1)), View(release="a", corpus=facts, day=day)
        )
        assert [(one.kind, one.fact) for one in found] == [(ChangeKind.ADDED, "enforcement_actions")]


def test_between_two_days_a_seat_that_becomes_known_shows() -> None:
    north, south = corpus().venues
    seated = structs.replace(north, home_jurisdiction="AE-AZ", zone="ADGM", home_from=date(2026, 1, 5))
    facts = structs.replace(corpus(), venues=(seated, south))
    (change,) = changes_between(
        View(release="a", corpus=facts, day=date(2026, 1, 4)), View(release="a", corpus=facts, day=date(2026, 1, 5))
    )
    assert (change.key, change.fields) == ("north", ("home_jurisdiction", "zone"))
    assert isinstance(change.before, Venue)
    assert (change.before.home_jurisdiction, change.before.zone, change.before.status) == (None, None, north.status)


def test_nothing_of_unknown_start_is_there_before_there_was_anything() -> None:
    added = on_days(date(2009, 1, 2), date(2009, 1, 3))
    assert {one.kind for one in added} == {ChangeKind.ADDED}
    assert {one.key for one in added} >= {"north", "south", "north|adl"}
    assert on_days(date(2005, 1, 1), date(2009, 1, 2)) == []
