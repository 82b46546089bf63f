"""Lists and filters."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event

from data.journal.entry import Filters, instant
from data.journal.journal import Journal, open_journal
from tests.journal.entries import new_entry, whole

MOMENTS = [f"2026-11-{day:02}T12:00:00.000000Z" for day in range(1, 13)]


@pytest.fixture
async def filled(journal: Journal) -> Journal:
    """Twelve decisions, one a day; even ones denied on Binance, odd ones allowed on Bybit, each third from AE."""
    for number, moment in enumerate(MOMENTS):
        await journal.record(
            new_entry(
                f"dec_{number}",
                verdict="allow" if number % 2 else "deny",
                venue="bybit" if number % 2 else "binance",
                residence="AE" if number % 3 == 0 else None,
                key_id="k1" if number < 6 else "k2",
                failed_rules=() if number % 2 else ("risk.loss_at_stop", f"us.rule_{number}"),
                decided_at=moment,
                release="facts-2" if number > 9 else "facts-1",
            )
        )
    return journal


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (Filters(), list(range(11, -1, -1))),
        (Filters(verdict=("deny",)), [10, 8, 6, 4, 2, 0]),
        (Filters(verdict=("deny", "allow"), venue=("bybit",)), [11, 9, 7, 5, 3, 1]),
        (Filters(residence=("AE",)), [9, 6, 3, 0]),
        (Filters(key_id=("k1",), verdict=("deny",)), [4, 2, 0]),
        (Filters(rule=("us.rule_4", "us.rule_10")), [10, 4]),
        (Filters(rule=("us.rule_1",)), []),
        (Filters(rule=("us_rule_4",)), []),
        (Filters(rule=("%",)), []),
        (Filters(rule=("risk.loss_at_stop us.rule_4",)), [4]),
        (Filters(since=MOMENTS[3], until=MOMENTS[5]), [4, 3]),
        (Filters(since=instant(datetime(300, 1, 1, tzinfo=UTC))), list(range(11, -1, -1))),
        (Filters(until=instant(datetime(300, 1, 1, tzinfo=UTC))), []),
        (Filters(release=("facts-2",)), [11, 10]),
        (Filters(venue=("kraken",)), []),
        # PostgreSQL refuses a NUL, and SQLite ends a pattern at it.
        (Filters(venue=("\0", "bybit\0")), []),
        (Filters(rule=("\0",)), []),
        (Filters(rule=("us.rule_4\0", "us.rule_10")), [10]),
    ],
)
async def test_filters_find_what_they_say(filled: Journal, filters: Filters, expected: list[int]) -> None:
    page = await filled.find(filters)
    assert [entry.decision_id for entry in page.entries] == [f"dec_{number}" for number in expected]
    assert page.next_before is None
    assert await filled.count(filters) == len(expected)
    walked = [summary.decision_id async for chunk in filled.walk(filters, whole) for summary in chunk]
    assert walked == [f"dec_{number}" for number in reversed(expected)]


async def test_pages_join_without_gap_or_overlap_while_entries_arrive(filled: Journal) -> None:
    seen: list[str] = []
    before: int | None = None
    for turn in range(20):
        page = await filled.find(Filters(verdict=("deny",)), before=before, limit=2)
        seen += [entry.decision_id for entry in page.entries]
        await filled.record(new_entry(f"dec_late_{turn}"))
        before = page.next_before
        if before is None:
            break
    assert seen == ["dec_10", "dec_8", "dec_6", "dec_4", "dec_2", "dec_0"]


async def test_a_page_states_the_failed_rules(filled: Journal) -> None:
    newest_deny = (await filled.find(Filters(verdict=("deny",)), limit=1)).entries[0]
    assert newest_deny.failed_rules == ("risk.loss_at_stop", "us.rule_10")
    assert newest_deny.residence is None


async def test_a_walk_ends_where_the_journal_ended_when_it_began(filled: Journal) -> None:
    walked = 0
    async for chunk in filled.walk(Filters(), whole):
        walked += len(chunk)
        await asyncio.gather(*(filled.record(new_entry(f"dec_during_{walked}_{n}")) for n in range(5)))
    assert walked == 12


async def test_sqlite_looks_for_entries_in_an_index_alone_in_journals_of_earlier_versions_too(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path}/journal.sqlite"
    made = await open_journal(address)
    await made.record(new_entry("dec_1"))
    await made.close()
    with closing(sqlite3.connect(tmp_path / "journal.sqlite")) as file:
        file.execute("DROP INDEX journal_entries_filters")  # earlier versions made none
    filters = Filters(venue=("kraken",), residence=("AE",), rule=("us.rule_1",), key_id=("k1",))
    asked: list[tuple[str, Any]] = []

    def hear(_connection: Any, _cursor: Any, statement: str, values: Any, *_more: Any) -> None:
        if "FROM journal_entries" in statement:
            asked.append((statement, values))

    opened = await open_journal(address)
    event.listen(Engine, "before_cursor_execute", hear)
    try:
        assert (await opened.find(filters)).entries == ()
        assert [rows async for rows in opened.walk(filters, str)] == []
        assert await opened.count(filters) == 0
    finally:
        event.remove(Engine, "before_cursor_execute", hear)
        await opened.close()
    with closing(sqlite3.connect(tmp_path / "journal.sqlite")) as file:
        for statement, values in asked:
            plan = [step for *_, step in file.execute(f"EXPLAIN QUERY PLAN {statement}", values)]
            assert any("USING COVERING INDEX journal_entries_filters" in step for step in plan), (statement, plan)
            assert "SCAN journal_entries" not in plan
    assert len(asked) == 3
