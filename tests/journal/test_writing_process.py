"""Entries are stored by a process of the service: what becomes of them when it ends, hangs or is of another version."""

from __future__ import annotations

import asyncio
import os
import signal

import pytest

from data.journal import journal as journal_module
from data.journal import writer
from data.journal.entry import Recorded
from data.journal.errors import JournalUnavailableError
from data.journal.journal import Journal, open_journal
from tests.journal.entries import keep_policy, new_entry
from tests.journal.processes import is_running, until


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever asks whether the journal can be written waits until the process has started, however busy the machine."""
    monkeypatch.setattr(journal_module, "READY_SECONDS", 60.0)


@pytest.fixture
async def started(journal: Journal) -> Journal:
    """A journal whose process is running."""
    await keep_policy(journal)
    await journal.record(new_entry("dec_first"))
    return journal


def process_of(journal: Journal) -> int:
    assert journal.writing_process is not None
    return journal.writing_process


async def test_a_killed_process_loses_nothing_promised_and_is_followed_by_another(started: Journal) -> None:
    promised: list[str] = ["dec_first"]
    open_ones: list[str] = []
    stopping = asyncio.Event()

    async def client(name: int) -> None:
        turn = 0
        while not stopping.is_set():
            turn += 1
            decision_id = f"dec_{name}_{turn}"
            try:
                await started.record(new_entry(decision_id))
            except JournalUnavailableError as error:
                (open_ones if error.perhaps_stored else []).append(decision_id)
            else:
                promised.append(decision_id)

    clients = [asyncio.ensure_future(client(name)) for name in range(8)]
    killed: set[int] = set()
    for turn in range(1, 4):
        await until(lambda enough=turn * 20: started.writing_process not in (None, *killed) and len(promised) >= enough)
        killed.add(process_of(started))
        os.kill(process_of(started), signal.SIGKILL)
    before = len(promised)
    await until(lambda: started.writing_process not in (None, *killed) and len(promised) >= before + 20)
    stopping.set()
    await asyncio.gather(*clients)
    assert len(killed) == 3
    assert process_of(started) not in killed
    assert await started.ready() is None
    verification = await started.verify()
    assert verification.whole, verification.first_break
    assert len(promised) <= verification.entries <= len(promised) + len(open_ones)
    for decision_id in promised:
        assert await started.get(decision_id) is not None, decision_id


async def test_one_that_was_killed_while_idle_is_replaced_unnoticed(started: Journal) -> None:
    process = process_of(started)
    os.kill(process, signal.SIGKILL)
    await until(lambda: not is_running(process))
    assert (await started.record(new_entry("dec_2"))).seq == 2
    assert process_of(started) != process


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["interrupt", "termination"])
async def test_signals_to_everybody_do_not_end_it(started: Journal, number: signal.Signals) -> None:
    process = process_of(started)
    os.kill(process, number)
    assert (await started.record(new_entry("dec_2"))).seq == 2
    assert process_of(started) == process


async def test_it_ends_with_the_journal(started: Journal) -> None:
    process = process_of(started)
    await started.close()
    assert started.writing_process is None
    assert not is_running(process)


async def test_one_that_hangs_is_killed_and_followed_by_another(
    started: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    process = process_of(started)
    os.kill(process, signal.SIGSTOP)
    with monkeypatch.context() as impatient:
        impatient.setattr(writer, "_SLOWEST_SECONDS", 0.2)
        with pytest.raises(JournalUnavailableError, match="TimeoutError") as refused:
            await started.record(new_entry("dec_2"))
    assert refused.value.perhaps_stored
    assert await started.ready() is None
    assert (await started.record(new_entry("dec_3"))).seq == 2
    assert not is_running(process)


async def test_one_of_another_version_stores_nothing(started: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    await started.close()
    with monkeypatch.context() as upgraded:
        upgraded.setattr(writer, "language", lambda: ("schema 2",))
        journal = await open_journal(started.database.address)
        with pytest.raises(JournalUnavailableError, match="restart") as refused:
            await journal.record(new_entry("dec_2"))
        assert not refused.value.perhaps_stored
        assert "restart" in str(await journal.ready()), "the store is up, and yet nothing could be stored"
    assert await journal.ready() is None
    assert (await journal.head()).seq == 1
    await journal.close()


async def test_an_entry_that_cannot_be_written_fails_alone(started: Journal) -> None:
    good, bad = new_entry("dec_2"), new_entry("dec_3", venue="\ud800")
    outcomes = await asyncio.gather(started.record(bad), started.record(good), return_exceptions=True)
    assert isinstance(outcomes[0], UnicodeEncodeError)
    assert isinstance(outcomes[1], Recorded)
    assert (await started.head()).seq == 2
