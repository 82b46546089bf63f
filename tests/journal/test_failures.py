"""A store that is down, full or locked: nothing is acknowledged, nothing is lost, and it recovers by itself."""

from __future__ import annotations

import asyncio
import fcntl
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from api.services import unavailable
from data.journal import journal as journal_module
from data.journal import turn
from data.journal.errors import JournalUnavailableError
from data.journal.journal import Journal, open_journal
from data.journal.queries import Head
from tests.journal.entries import keep_policy, new_entry
from tests.journal.postgres import PostgresServer
from tests.journal.processes import ROOT, until

FULL_DISK = """
import asyncio, os, resource, sys
from data.journal.errors import JournalUnavailableError
from data.journal.journal import open_journal
from tests.journal.entries import keep_policy, new_entry

def limit(journal, most):
    for process in (os.getpid(), journal.writing_process):
        resource.prlimit(process, resource.RLIMIT_FSIZE, most)

async def main(address):
    journal = await open_journal(address)
    await keep_policy(journal)
    await journal.record(new_entry("dec_before"))
    _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    limit(journal, (400_000, most))
    acknowledged = refused = 0
    for number in range(60):
        try:
            await journal.record(new_entry(f"dec_{number}", request=b'{"x":"' + b"y" * 20_000 + b'"}'))
            acknowledged += 1
        except JournalUnavailableError:
            refused += 1
    unready = await journal.ready()
    limit(journal, (most, most))
    ready = await journal.ready()
    await journal.record(new_entry("dec_after"))
    verification = await journal.verify()
    print(acknowledged, refused, verification.whole, verification.entries, unready is not None, ready)
    await journal.close()

asyncio.run(main(sys.argv[1]))
"""


def test_a_full_disk_refuses_and_recovers_without_restart(tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", FULL_DISK, f"sqlite:///{tmp_path}/journal.sqlite"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ended.returncode == 0, ended.stderr
    acknowledged, refused, whole, entries, unready, ready = ended.stdout.split()
    assert int(acknowledged) > 0
    assert int(refused) > 0
    assert whole == "True"
    assert int(entries) == int(acknowledged) + 2
    assert (unready, ready) == ("True", "None")


async def test_a_locked_file_refuses_and_recovers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = await open_journal(f"sqlite:///{tmp_path}/journal.sqlite")
    await keep_policy(journal)
    await journal.record(new_entry("dec_1"))
    with (tmp_path / "journal.sqlite.lock").open("r+b") as lock, monkeypatch.context() as impatient:
        fcntl.flock(lock, fcntl.LOCK_EX)
        impatient.setattr(turn, "LOCK_SECONDS", 0.2)
        with pytest.raises(JournalUnavailableError, match="another process has held"):
            await journal.record(new_entry("dec_2"))
        assert "another process" in str(await journal.ready())
        assert await journal.get("dec_1") is not None
    await journal.record(new_entry("dec_3"))
    assert (await journal.verify()).entries == 2
    await journal.close()


async def test_a_journal_that_another_holds_is_not_ready_before_anything_failed(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal_module, "READY_SECONDS", 60.0)
    journal = await open_journal(address)
    await keep_policy(journal)
    await journal.record(new_entry("dec_1"))
    assert await journal.ready() is None

    async def ask_and_ask_again() -> list[str | None]:
        return [await journal.ready() for _ in range(20)]

    for answers in await asyncio.gather(*(ask_and_ask_again() for _ in range(20))):
        assert answers == [None] * 20
    other = create_engine(address.replace("postgresql:", "postgresql+psycopg:"), isolation_level="AUTOCOMMIT")
    with other.connect() as connection:
        holding = "BEGIN EXCLUSIVE" if journal.database.kind == "sqlite" else "BEGIN"
        connection.exec_driver_sql(holding)
        if journal.database.kind == "postgresql":
            connection.exec_driver_sql("SELECT * FROM journal_head FOR UPDATE")
        with monkeypatch.context() as impatient:
            impatient.setattr(journal_module, "READY_SECONDS", 0.2)
            asked = [journal.ready() for _ in range(20)]
            assert await asyncio.gather(*asked) == ["it could not be written within 0.2 s"] * 20
        assert (await journal.head()).seq == 1, "those who read do not wait behind those who ask"
        connection.exec_driver_sql("ROLLBACK")
    assert await journal.ready() is None
    assert (await journal.record(new_entry("dec_2"))).seq == 2
    other.dispose()
    await journal.close()


async def test_a_commit_that_takes_too_long_is_not_said_to_have_failed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = await open_journal(f"sqlite:///{tmp_path}/journal.sqlite", patience=60.0)
    await journal.record(new_entry("dec_1"))
    process = journal.writing_process
    assert process is not None
    os.kill(process, signal.SIGSTOP)
    # Not before: the first entry waits for its process to start, however busy the machine is.
    monkeypatch.setattr(journal, "_patience", 0.5)
    with pytest.raises(JournalUnavailableError) as refused:
        await journal.record(new_entry("dec_2"))
    os.kill(process, signal.SIGCONT)
    assert refused.value.perhaps_stored
    detail = unavailable(refused.value).detail
    assert "is open" in detail
    assert "nothing was" not in detail
    await journal.close()
    assert (await opened_again(tmp_path)).seq == 2


async def opened_again(folder: Path) -> Head:
    journal = await open_journal(f"sqlite:///{folder}/journal.sqlite")
    head = await journal.head()
    await journal.close()
    return head


async def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    journal = await open_journal(f"sqlite:///{tmp_path}/file/journal.sqlite")
    with pytest.raises(JournalUnavailableError):
        await journal.record(new_entry("dec_1"))
    assert await journal.ready() is not None
    (tmp_path / "file").unlink()
    assert (await journal.record(new_entry("dec_2"))).seq == 1
    await journal.close()


async def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    (tmp_path / "journal.sqlite").write_text("no database " * 100)
    journal = await open_journal(f"sqlite:///{tmp_path}/journal.sqlite")
    with pytest.raises(JournalUnavailableError, match="not a database"):
        await journal.record(new_entry("dec_1"))
    await journal.close()


async def test_a_service_starts_while_its_database_is_down(
    own_postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal_module, "READY_SECONDS", 60.0)
    journal = await open_journal(own_postgres.url("postgres"))
    with pytest.raises(JournalUnavailableError):
        await journal.record(new_entry("dec_1"))
    assert await journal.ready() is not None
    own_postgres.start()
    assert await journal.ready() is None
    assert (await journal.record(new_entry("dec_2"))).seq == 1
    await journal.close()


@pytest.mark.parametrize("how", ["stop", "kill"])
async def test_a_database_that_goes_down_under_load_loses_nothing_promised(
    own_postgres: PostgresServer, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal_module, "READY_SECONDS", 60.0)
    own_postgres.start()
    journal = await open_journal(own_postgres.new_database())
    acknowledged: list[str] = []
    refused: list[str] = []
    stopping = asyncio.Event()

    async def client(name: int) -> None:
        for number in range(100_000):
            decision_id = f"dec_{name}_{number}"
            try:
                await journal.record(new_entry(decision_id))
            except JournalUnavailableError:
                refused.append(decision_id)
                await asyncio.sleep(0.02)
            else:
                acknowledged.append(decision_id)
            if stopping.is_set():
                return

    clients = [asyncio.ensure_future(client(name)) for name in range(8)]
    await until(lambda: len(acknowledged) >= 100)
    await asyncio.to_thread(getattr(own_postgres, how))
    await until(lambda: len(refused) > 0)
    assert await journal.ready() is not None
    await asyncio.to_thread(own_postgres.start)
    before = len(acknowledged)
    await until(lambda: len(acknowledged) >= before + 100)
    stopping.set()
    await asyncio.gather(*clients)
    assert await journal.ready() is None
    await check_nothing_lost(journal, acknowledged)
    await journal.close()


async def check_nothing_lost(journal: Journal, acknowledged: list[str]) -> None:
    await keep_policy(journal)
    verification = await journal.verify()
    assert verification.whole, verification.first_break
    assert len(acknowledged) <= verification.entries
    for decision_id in acknowledged:
        assert await journal.get(decision_id) is not None, decision_id


async def test_a_server_that_ends_idle_connections_goes_unnoticed(postgres: PostgresServer) -> None:
    address = postgres.new_database()
    journal = await open_journal(address)
    await keep_policy(journal)
    await journal.record(new_entry("dec_1"))
    other = create_engine(address.replace("postgresql:", "postgresql+psycopg:"), isolation_level="AUTOCOMMIT")
    with other.connect() as connection:
        ended = connection.exec_driver_sql(
            "SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        ).all()
    other.dispose()
    assert len(ended) >= 2, "the service's and that of its writing process"
    assert (await journal.record(new_entry("dec_2"))).seq == 2
    assert (await journal.verify()).whole
    await journal.close()


@pytest.mark.parametrize("replaced", [False, True], ids=["removed", "replaced by a copy of earlier"])
async def test_a_file_that_is_gone_takes_no_entries(tmp_path: Path, replaced: bool) -> None:
    file = tmp_path / "journal.sqlite"
    address = f"sqlite:///{file}"
    journal = await open_journal(address)
    await keep_policy(journal)
    await journal.record(new_entry("dec_1"))
    await journal.close()
    copy = file.read_bytes()

    journal = await open_journal(address)
    await journal.record(new_entry("dec_2"))
    for name in ("", "-wal", "-shm"):
        file.with_name(file.name + name).unlink()
    if replaced:
        file.write_bytes(copy)
    with pytest.raises(JournalUnavailableError, match="removed or replaced"):
        await journal.record(new_entry("dec_3"))
    assert "restart" in str(await journal.ready())
    await journal.close()

    journal = await open_journal(address)
    await keep_policy(journal)
    receipt = await journal.record(new_entry("dec_4"))
    assert receipt.seq == (2 if replaced else 1)
    assert (await journal.verify()).whole
    await journal.close()


@pytest.mark.parametrize(
    ("spoil", "mend"),
    [
        ("REVOKE INSERT ON journal_entries FROM its_writer", "GRANT INSERT ON journal_entries TO its_writer"),
        ("ALTER TABLE journal_entries RENAME TO elsewhere", "ALTER TABLE elsewhere RENAME TO journal_entries"),
    ],
    ids=["a right that was taken", "a table that is gone"],
)
async def test_what_a_database_does_not_let_the_service_do_is_unavailable(
    postgres: PostgresServer, spoil: str, mend: str
) -> None:
    url = postgres.new_database()
    opened = await open_journal(url)
    await opened.head()
    await opened.close()
    owner = create_engine(url.replace("postgresql:", "postgresql+psycopg:"), isolation_level="AUTOCOMMIT")
    with owner.connect() as connection:
        connection.exec_driver_sql("DROP ROLE IF EXISTS its_writer")
        connection.exec_driver_sql("CREATE ROLE its_writer LOGIN")
        connection.exec_driver_sql("GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA public TO its_writer")
        journal = await open_journal(url.replace("postgres@", "its_writer@"))
        await keep_policy(journal)
        await journal.record(new_entry("dec_1"))
        connection.exec_driver_sql(spoil)
        with pytest.raises(JournalUnavailableError):
            await journal.record(new_entry("dec_2"))
        assert "journal_entries" in str(await journal.ready())
        assert "journal_entries" in str(await journal.ready()), "what was told once is not forgotten"
        connection.exec_driver_sql(mend)
        assert await journal.ready() is None
        assert (await journal.record(new_entry("dec_3"))).seq == 2
        await journal.close()
        connection.exec_driver_sql("DROP OWNED BY its_writer")
    owner.dispose()
