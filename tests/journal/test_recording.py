"""Recording: durable, chained, once per Idempotency-Key, by many at a time."""

from __future__ import annotations

import asyncio
from typing import Any

import psycopg
import pytest
from sqlalchemy import delete, update
from sqlalchemy.exc import DBAPIError

from data.journal.chain import GENESIS, digest_of, header_of, sha256
from data.journal.database import UnsupportedStoreError
from data.journal.entry import Filters, NewEntry
from data.journal.errors import IdempotencyConflictError, JournalUnavailableError, WritingError
from data.journal.journal import Journal, open_journal
from data.journal.schema import APPEND_ONLY, entries
from data.journal.writing.messages import Batch
from tests.journal.entries import keep_policy, named_of, new_entry, whole
from tests.journal.postgres import PostgresServer
from tests.journal.processes import finished, start_recorder


async def test_an_entry_comes_back_as_it_was_given(journal: Journal) -> None:
    new = new_entry("dec_1", key_id="k1", idempotency_key="once", failed_rules=("a.b", "c.d"), residence=None)
    receipt = await journal.record(new)
    entry = await journal.get("dec_1")
    assert entry is not None
    assert {name: getattr(entry, name) for name in new.__struct_fields__} == {
        name: getattr(new, name) for name in new.__struct_fields__
    }
    assert (entry.seq, entry.previous, entry.digest, entry.masked) == (1, GENESIS, receipt.digest, "")
    assert entry.request_sha256 == sha256(new.request)
    assert digest_of(header_of(entry)) == entry.digest
    assert entry.recorded_at >= entry.decided_at
    assert receipt.answer == new.answer
    assert not receipt.replayed


async def test_an_unknown_decision_is_absent(journal: Journal) -> None:
    assert await journal.get("dec_none") is None


async def test_entries_that_wait_together_share_a_commit(journal: Journal) -> None:
    batches: list[Batch] = []
    journal.on_batch = batches.append
    receipts = await asyncio.gather(*(journal.record(new_entry(f"dec_{i}")) for i in range(150)))
    assert sorted(receipt.seq for receipt in receipts) == list(range(1, 151))
    assert sum(batch.entries for batch in batches) == 150
    assert len(batches) < 50
    await keep_policy(journal)
    verification = await journal.verify()
    assert verification.whole
    assert verification.entries == 150


async def test_the_chain_goes_on_after_a_restart(address: str) -> None:
    for number in range(3):
        journal = await open_journal(address)
        await journal.record(new_entry(f"dec_{number}"))
        await journal.close()
    journal = await open_journal(address)
    await keep_policy(journal)
    assert (await journal.verify()).entries == 3
    assert (await journal.head()).seq == 3
    await journal.close()


async def test_several_processes_share_one_chain(address: str) -> None:
    recorders = [start_recorder(address, f"p{number}", clients=4, keys=20) for number in range(3)]
    acknowledged = [finished(recorder) for recorder in recorders]
    journal = await open_journal(address)
    await keep_policy(journal)
    verification = await journal.verify()
    assert verification.whole, verification.first_break
    # Every process used the same twenty keys with the same body: twenty entries, and everybody was given them.
    assert verification.entries == 20
    assert len({decision for lines in acknowledged for decision, _ in lines}) == 20
    assert all(len(lines) == 80 for lines in acknowledged)
    await journal.close()


async def test_the_same_key_and_body_get_the_stored_answer(journal: Journal) -> None:
    first = await journal.record(new_entry("dec_1", idempotency_key="k"))
    again = await journal.record(new_entry("dec_2", idempotency_key="k"))
    assert again.replayed
    assert (again.decision_id, again.answer, again.digest) == ("dec_1", first.answer, first.digest)
    assert await journal.get("dec_2") is None
    recalled = await journal.recall("", "k", new_entry("x").input_hash)
    assert recalled == again


async def test_the_same_key_at_the_same_time_is_recorded_once(journal: Journal) -> None:
    receipts = await asyncio.gather(
        *(journal.record(new_entry(f"dec_{number}", idempotency_key="k")) for number in range(20))
    )
    assert len({receipt.decision_id for receipt in receipts}) == 1
    assert [receipt.replayed for receipt in receipts].count(False) == 1
    assert len({receipt.answer for receipt in receipts}) == 1
    assert (await journal.head()).seq == 1


async def test_the_same_key_with_another_body_is_a_conflict(journal: Journal) -> None:
    await journal.record(new_entry("dec_1", idempotency_key="k"))
    other = new_entry("dec_2", idempotency_key="k", request=b'{"venue":"bybit"}')
    with pytest.raises(IdempotencyConflictError, match="dec_1") as conflict:
        await journal.record(other)
    assert conflict.value.decision_id == "dec_1"
    with pytest.raises(IdempotencyConflictError):
        await journal.recall("", "k", other.input_hash)
    assert (await journal.head()).seq == 1


async def test_a_conflict_within_one_batch_fails_the_later_entry_alone(journal: Journal) -> None:
    outcomes = await asyncio.gather(
        journal.record(new_entry("dec_1", idempotency_key="k")),
        journal.record(new_entry("dec_2", idempotency_key="k", request=b'{"venue":"bybit"}')),
        journal.record(new_entry("dec_3")),
        return_exceptions=True,
    )
    assert isinstance(outcomes[1], IdempotencyConflictError)
    assert await journal.get("dec_1") is not None
    assert await journal.get("dec_3") is not None


async def test_keys_of_different_callers_do_not_meet(journal: Journal) -> None:
    await journal.record(new_entry("dec_1", idempotency_key="k", key_id="alice"))
    receipt = await journal.record(new_entry("dec_2", idempotency_key="k", key_id="bob", request=b"{}"))
    assert not receipt.replayed
    assert await journal.recall("carol", "k", "sha256:0") is None


async def test_keys_of_one_family_share_theirs(journal: Journal) -> None:
    def entry(decision_id: str, key_id: str, **changes: Any) -> NewEntry:
        return new_entry(decision_id, key_id=key_id, idempotency_key="k", **changes)

    family = ("old", "new")
    first = await journal.record(entry("dec_1", "old"), key_family=family)
    again = await journal.record(entry("dec_2", "new"), key_family=family)
    assert (again.replayed, again.decision_id, again.answer) == (True, "dec_1", first.answer)
    with pytest.raises(IdempotencyConflictError):
        await journal.record(entry("dec_3", "new", input_hash="sha256:other"), key_family=family)
    assert not (await journal.record(entry("dec_4", "another"))).replayed
    waiting = [
        journal.record(new_entry(f"dec_{number}", key_id=key_id, idempotency_key="k2"), key_family=family)
        for number, key_id in enumerate(family * 5, 5)
    ]
    assert len({receipt.decision_id for receipt in await asyncio.gather(*waiting)}) == 1


async def test_a_decision_id_used_twice_fails_alone(journal: Journal) -> None:
    await journal.record(new_entry("dec_1"))
    outcomes = await asyncio.gather(
        *(journal.record(new_entry(name)) for name in ("dec_2", "dec_1", "dec_3")), return_exceptions=True
    )
    assert [isinstance(outcome, WritingError) for outcome in outcomes] == [False, True, False]
    await keep_policy(journal)
    assert (await journal.verify()).entries == 3


async def test_rows_cannot_be_changed_or_deleted(journal: Journal) -> None:
    await journal.record(new_entry("dec_1"))
    for statement in (update(entries).values(verdict="allow"), delete(entries)):
        with (
            pytest.raises((DBAPIError, JournalUnavailableError), match="append-only"),
            journal.database.write() as connection,
        ):
            connection.execute(statement)
    await keep_policy(journal)
    assert (await journal.verify()).whole


async def test_tables_cannot_be_emptied_not_even_those_of_an_earlier_program(postgres: PostgresServer) -> None:
    address = postgres.new_database()
    journal = await open_journal(address)
    await keep_policy(journal)
    await journal.record(new_entry("dec_1"))
    with psycopg.connect(address) as connection:
        for table in APPEND_ONLY:
            connection.execute(f"DROP TRIGGER {table.name}_no_truncate ON {table.name}".encode())
    await journal.close()
    journal = await open_journal(address)
    await journal.record(new_entry("dec_2"))
    with psycopg.connect(address, autocommit=True) as connection:
        for table in APPEND_ONLY:
            with pytest.raises(psycopg.errors.RaiseException, match=f"{table.name} is append-only"):
                connection.execute(f"TRUNCATE {table.name} CASCADE".encode())
    assert (await journal.verify()).entries == 2
    await journal.close()


async def test_a_role_that_does_not_own_the_tables_may_record(postgres: PostgresServer) -> None:
    address = postgres.new_database()
    await (await opened_once(address)).close()
    with psycopg.connect(address) as connection:
        connection.execute("DROP TRIGGER journal_entries_no_truncate ON journal_entries")
        connection.execute("CREATE ROLE recorder LOGIN")
        connection.execute("GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA public TO recorder")
    journal = await open_journal(address.replace("postgres@", "recorder@"))
    assert (await journal.record(new_entry("dec_1"))).seq == 1
    await journal.close()


async def opened_once(address: str) -> Journal:
    journal = await open_journal(address)
    await journal.head()
    return journal


async def test_what_entries_name_is_kept_note_of(journal: Journal) -> None:
    await journal.record(new_entry("dec_1", release="facts-1"))
    await journal.record(new_entry("dec_2", release="facts-2", policy_digest="sha256:p2"))
    await journal.record(new_entry("dec_3", release="facts-2"))
    assert await named_of(journal, "release") == {"facts-1", "facts-2"}
    assert await named_of(journal, "policy") == {new_entry("x").policy_digest, "sha256:p2"}


async def test_a_journal_that_is_closing_takes_nothing_more(address: str) -> None:
    journal = await open_journal(address)
    waiting = [asyncio.ensure_future(journal.record(new_entry(f"dec_{number}"))) for number in range(10)]
    await asyncio.sleep(0)
    await journal.close()
    assert [receipt.seq for receipt in await asyncio.gather(*waiting)] == list(range(1, 11))
    with pytest.raises(JournalUnavailableError, match="closing"):
        await journal.record(new_entry("dec_late"))


@pytest.mark.parametrize("address", ["sqlite://", "sqlite:///:memory:", "mysql://localhost/x"])
async def test_a_store_of_another_kind_is_refused(address: str) -> None:
    with pytest.raises(UnsupportedStoreError):
        await open_journal(address)


async def test_walks_see_every_entry_once_in_order(journal: Journal) -> None:
    await asyncio.gather(*(journal.record(new_entry(f"dec_{number}")) for number in range(1100)))
    walked = [summary.seq async for chunk in journal.walk(Filters(), whole) for summary in chunk]
    assert walked == list(range(1, 1101))
    chosen = [summary.seq async for chunk in journal.walk(Filters(verdict=("deny",)), whole) for summary in chunk]
    assert chosen == walked
