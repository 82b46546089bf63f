"""Whoever alters the journal behind its back is found out, and the first break is named."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace
from sqlalchemy import Connection, delete, insert, select, text, update

from data.journal import Head, Journal, parse_anchor
from data.journal.appending import entry_of
from data.journal.chain import digest_of, header_of, sha256
from data.journal.schema import entries, head, named, policy_documents
from tests.journal.entries import POLICY, new_entry


async def ten_entries(journal: Journal) -> None:
    await journal.keep_policy(sha256(POLICY), POLICY)
    await asyncio.gather(*(journal.record(new_entry(f"dec_{number}")) for number in range(1, 11)))


def tamper(journal: Journal, change: Callable[[Connection], Any]) -> None:
    """Do what somebody with the rights of the database's owner could do."""
    with journal.database.write() as connection:
        for table in ("journal_entries", "policy_documents", "journal_named"):
            if connection.dialect.name == "sqlite":
                for verb in ("update", "delete"):
                    connection.execute(text(f"DROP TRIGGER IF EXISTS {table}_no_{verb}"))
            else:
                connection.execute(text(f"DROP TRIGGER IF EXISTS {table}_append_only ON {table}"))
        change(connection)


def set_column(seq: int, **values: object) -> Callable[[Connection], Any]:
    return lambda connection: connection.execute(update(entries).where(entries.c.seq == seq).values(**values))


def delete_from(seq: int, *, to: int) -> Callable[[Connection], Any]:
    return lambda connection: connection.execute(delete(entries).where(entries.c.seq.between(seq, to)))


def cut_tail_with_head(connection: Connection) -> None:
    """Cut off the newest three and set the head row back: the chain alone cannot show this."""
    delete_from(8, to=10)(connection)
    last = connection.execute(select(entries.c.digest).where(entries.c.seq == 7)).scalar_one()
    connection.execute(update(head).values(seq=7, digest=last))


def rewrite_with_own_digest(connection: Connection) -> None:
    """Alter an entry and give it a digest that fits: the next entry still names the old one."""
    entry = entry_of(connection.execute(select(entries).where(entries.c.seq == 4)).one())
    forged = replace(entry, verdict="allow")
    connection.execute(
        update(entries).where(entries.c.seq == 4).values(verdict="allow", digest=digest_of(header_of(forged)))
    )


def insert_after_head(connection: Connection) -> None:
    last = connection.execute(select(entries).where(entries.c.seq == 10)).one()
    connection.execute(insert(entries).values({**last._mapping, "seq": 11, "decision_id": "dec_11"}))


async def test_a_whole_chain_verifies(journal: Journal) -> None:
    await ten_entries(journal)
    anchor = await journal.head()
    await journal.record(new_entry("dec_11"))
    verification = await journal.verify((anchor,))
    assert verification.whole
    assert (verification.entries, verification.head) == (11, await journal.head())
    assert parse_anchor(str(anchor)) == anchor


async def test_an_empty_journal_is_whole(journal: Journal) -> None:
    verification = await journal.verify()
    assert verification.whole
    assert verification.entries == 0


@pytest.mark.parametrize(
    ("change", "seq", "decision_id", "reason"),
    [
        (set_column(4, answer=b"{}"), 4, "dec_4", "answer was altered"),
        (set_column(4, request=b"{}"), 4, "dec_4", "request was altered"),
        (set_column(4, verdict="allow"), 4, "dec_4", "header was altered"),
        (set_column(1, residence=None), 1, "dec_1", "header was altered"),
        (set_column(4, answer=b"{}", answer_sha256=sha256(b"{}")), 4, "dec_4", "header was altered"),
        (set_column(4, failed_rules=""), 4, "dec_4", "header was altered"),
        (rewrite_with_own_digest, 5, "dec_5", "the digest before it"),
        (delete_from(1, to=1), 1, None, "entry 1 is missing; 2 follows"),
        (delete_from(4, to=6), 4, None, "entry 4 is missing; 7 follows"),
        (delete_from(9, to=10), 9, None, "after 8 are missing"),
        (delete_from(1, to=10), 1, None, "after 0 are missing"),
        (lambda c: c.execute(update(head).values(digest=sha256(b""))), 10, None, "head row"),
        (insert_after_head, 11, "dec_11", "after the head row"),
        (lambda c: c.execute(delete(named).where(named.c.kind == "policy")), 1, "dec_1", "no longer noted"),
        (lambda c: c.execute(update(policy_documents).values(document=b"{}")), 10, None, "policy sha256:"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
async def test_the_first_break_is_named(
    journal: Journal, change: Callable[[Connection], Any], seq: int, decision_id: str | None, reason: str
) -> None:
    await ten_entries(journal)
    tamper(journal, change)
    found = (await journal.verify()).first_break
    assert found is not None
    assert (found.seq, found.decision_id) == (seq, decision_id)
    assert reason in found.reason


async def test_a_cut_tail_needs_an_anchor_to_be_seen(journal: Journal) -> None:
    await ten_entries(journal)
    anchor = await journal.head()
    tamper(journal, cut_tail_with_head)
    assert (await journal.verify()).whole
    found = (await journal.verify((anchor,))).first_break
    assert found is not None
    assert found.seq == 10
    assert "the chain ends at 7, but an anchor names 10" in found.reason


async def test_a_rewritten_end_contradicts_its_anchor(journal: Journal) -> None:
    await ten_entries(journal)
    anchor = await journal.head()
    tamper(journal, cut_tail_with_head)
    await asyncio.gather(*(journal.record(new_entry(f"forged_{number}")) for number in range(3)))
    found = (await journal.verify((anchor,))).first_break
    assert found is not None
    assert (found.seq, found.decision_id) == (10, "forged_2")
    assert "anchor" in found.reason


@pytest.mark.parametrize("anchor", ["", "x:sha256:" + "0" * 64, "3:sha256:00", "3"])
def test_a_badly_written_anchor_is_refused(anchor: str) -> None:
    with pytest.raises(ValueError, match="is not an anchor"):
        parse_anchor(anchor)


def test_an_anchor_is_read_as_it_is_written() -> None:
    kept = Head(seq=12, digest=sha256(b"x"))
    assert parse_anchor(f"{kept}") == kept
