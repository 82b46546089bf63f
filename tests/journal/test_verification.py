"""Whoever alters the journal behind its back is found out, and the first break is named."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from sqlalchemy import Connection, delete, insert, select, text, update

from data.journal.chain import digest_of, header_of, sha256
from data.journal.journal import Journal, open_journal
from data.journal.queries import Head
from data.journal.rows import entry_of
from data.journal.schema import entries, head, named, policy_documents, policy_versions
from data.journal.verification import parse_anchor
from tests.journal.entries import keep_policy, named_of, new_entry


async def ten_entries(journal: Journal) -> None:
    await keep_policy(journal)
    await asyncio.gather(*(journal.record(new_entry(f"dec_{number}")) for number in range(1, 11)))


def tamper(journal: Journal, change: Callable[[Connection], Any]) -> None:
    """Do what somebody with the rights of the database's owner could do."""
    with journal.database.write() as connection:
        for table in ("journal_entries", "policy_documents", "policy_versions", "journal_named"):
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


def append_to_answer(connection: Connection) -> None:
    packed = connection.execute(select(entries.c.answer).where(entries.c.seq == 4)).scalar_one()
    set_column(4, answer=packed + b"more")(connection)


def rewrite_with_own_digest(connection: Connection) -> None:
    """Alter an entry and give it a digest that fits: the next entry still names the old one."""
    entry = entry_of(connection.execute(select(entries).where(entries.c.seq == 4)).one())
    forged = replace(entry, verdict="allow")
    connection.execute(
        update(entries).where(entries.c.seq == 4).values(verdict="allow", digest=digest_of(header_of(forged)))
    )


def slip_in(seq: int) -> Callable[[Connection], Any]:
    def change(connection: Connection) -> None:
        row = connection.execute(select(entries).where(entries.c.seq == 3)).one()
        connection.execute(insert(entries).values({**row._mapping, "seq": seq, "decision_id": "forged"}))

    return change


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
        # A filter on the rule would no longer find it.
        (set_column(4, failed_rules="us.retail_derivatives_on_dcm"), 4, "dec_4", "header was altered"),
        (append_to_answer, 4, "dec_4", "answer was altered"),
        (slip_in(0), 0, None, "before the first"),
        (slip_in(-3), -3, None, "before the first"),
        (lambda c: c.execute(delete(head)), 10, None, "head row is missing"),
        (lambda c: c.execute(delete(policy_documents)), 1, "dec_1", "no longer stored"),
        (lambda c: c.execute(delete(named).where(named.c.kind == "release")), 1, "dec_1", "release facts-1 is no"),
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


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ("request = replace(request, 'US', 'DE')", "request was altered"),
        ("answer = '{}'", "answer was altered"),
        ("answer = 5", "answer was altered"),
        ("venue = CAST(x'ff41' AS TEXT)", "cannot be read"),
        ("verdict = x'75e9f2'", "header was altered"),  # which JSON writes as "deny"
        ("key_id = x''", "header was altered"),
    ],
)
async def test_what_sqlite_takes_for_a_body_or_a_text_is_no_way_out(tmp_path: Path, change: str, reason: str) -> None:
    journal = await open_journal(f"sqlite:///{tmp_path}/journal.sqlite")
    await ten_entries(journal)
    tamper(journal, lambda c: c.execute(text(f"UPDATE journal_entries SET {change} WHERE seq = 4")))
    verification = await journal.verify()
    assert verification.entries == 3
    assert verification.first_break is not None
    assert verification.first_break.seq == 4
    assert reason in verification.first_break.reason
    await journal.close()


@pytest.mark.parametrize("change", ["seq = 'ten'", "seq = 10.5", "digest = CAST(digest AS BLOB)"])
async def test_a_head_row_that_nobody_wrote_is_a_break(tmp_path: Path, change: str) -> None:
    journal = await open_journal(f"sqlite:///{tmp_path}/journal.sqlite")
    await ten_entries(journal)
    tamper(journal, lambda c: c.execute(text(f"UPDATE journal_head SET {change}")))
    verification = await journal.verify()
    assert (verification.entries, verification.whole) == (10, False)
    assert verification.first_break is not None
    assert "head row is missing or cannot be read" in verification.first_break.reason
    await journal.close()


def _document_of(number: int) -> bytes:
    return b'{"name":"desk","max_leverage":"%d"}' % number


def delete_versions(*numbers: int) -> Callable[[Connection], Any]:
    return lambda c: c.execute(delete(policy_versions).where(policy_versions.c.version.in_(numbers)))


def point_version(number: int, *, to: int) -> Callable[[Connection], Any]:
    repointed = update(policy_versions).where(policy_versions.c.version == number)
    return lambda c: c.execute(repointed.values(digest=sha256(_document_of(to))))


def set_document(number: int, document: bytes) -> Callable[[Connection], Any]:
    of_it = policy_documents.c.digest == sha256(_document_of(number))
    return lambda c: c.execute(update(policy_documents).where(of_it).values(document=document))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (delete_versions(1), "desk has no version 1"),
        (delete_versions(2), "desk has no version 2"),
        (delete_versions(3), f"desk has no version {sha256(_document_of(3))}, under which it was decided"),
        (delete_versions(1, 2, 3), f"desk has no version {sha256(_document_of(3))}, under which it was decided"),
        (point_version(3, to=1), f"desk has no version {sha256(_document_of(3))}, under which it was decided"),
        (
            lambda c: c.execute(delete(policy_documents).where(policy_documents.c.digest == sha256(_document_of(2)))),
            "version 2 of policy desk is no longer stored",
        ),
        (set_document(2, b'{"name":"desk","max_leverage":"200"}'), "was altered"),
    ],
)
async def test_a_version_of_a_policy_that_was_taken_out_is_missed(
    journal: Journal, change: Callable[[Connection], Any], reason: str
) -> None:
    await ten_entries(journal)
    for number in (1, 2, 3):
        document = _document_of(number)
        await journal.put_policy("desk", sha256(document), document, "")
    decided = {"policy_name": "desk", "policy_digest": sha256(_document_of(3))}
    await journal.record(new_entry("dec_11", request=b'{"policy":"desk"}', **decided))
    given = b'{"policy":{"name":"desk","max_leverage":"9"}}'
    await journal.keep_policy(sha256(_document_of(9)), _document_of(9))
    await journal.record(new_entry("dec_12", request=given, policy_name="desk", policy_digest=sha256(_document_of(9))))
    built_in = frozenset({"standard"})
    verification = await journal.verify(built_in=built_in)
    assert verification.whole, verification.first_break
    tamper(journal, change)
    found = (await journal.verify(built_in=built_in)).first_break
    assert found is not None
    assert reason in found.reason


async def test_an_answer_given_again_notes_nothing(journal: Journal) -> None:
    """What only a repeated request names is noted with the first entry that names it, else that one looks broken."""
    await ten_entries(journal)
    other = b'{"name":"other"}'
    changes: dict[str, Any] = {"policy_digest": sha256(other), "release": "facts-2"}
    await journal.keep_policy(sha256(other), other)
    await journal.record(new_entry("dec_11", idempotency_key="key"))
    assert (await journal.record(new_entry("dec_12", idempotency_key="key", **changes))).replayed
    await journal.record(new_entry("dec_13", **changes))
    assert sha256(other) in await named_of(journal, "policy")
    verification = await journal.verify()
    assert verification.whole, verification.first_break


async def test_an_anchor_of_the_empty_journal_holds(journal: Journal) -> None:
    anchor = await journal.head()
    assert (await journal.verify((anchor,))).whole
    await ten_entries(journal)
    assert (await journal.verify((anchor,))).whole
    assert not (await journal.verify((Head(seq=0, digest=sha256(b"")),))).whole


async def test_of_two_anchors_for_one_place_both_must_hold(journal: Journal) -> None:
    await ten_entries(journal)
    anchor = await journal.head()
    for anchors in ((anchor, Head(seq=10, digest=sha256(b""))), (Head(seq=10, digest=sha256(b"")), anchor)):
        found = (await journal.verify(anchors)).first_break
        assert found is not None
        assert "anchor" in found.reason


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
