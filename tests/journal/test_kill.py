"""SIGKILL at random moments under load: every acknowledged decision is there afterwards, and the chain is whole."""

from __future__ import annotations

import asyncio
import random
import subprocess

from data.journal.journal import open_journal
from tests.journal.entries import keep_policy
from tests.journal.processes import acknowledged, start_recorder


async def test_killed_recorders_lose_nothing_they_promised(address: str) -> None:
    moments = random.Random(20261121)
    promised: dict[str, str] = {}
    for turn in range(4):
        recorders = [start_recorder(address, f"r{turn}{number}", clients=6) for number in range(2)]
        lines: list[list[str]] = []
        for recorder in recorders:
            assert recorder.stdout is not None
            lines.append([])
            while not (lines[-1] and lines[-1][-1].startswith("ack")):
                lines[-1].append(recorder.stdout.readline())
        for recorder in recorders:
            await asyncio.sleep(moments.uniform(0.02, 0.4))
            recorder.kill()
        for recorder, seen in zip(recorders, lines, strict=True):
            output, _ = recorder.communicate(timeout=60)
            assert recorder.returncode == -9
            promised.update(acknowledged([*seen, *output.splitlines()]))
    journal = await open_journal(address)
    await keep_policy(journal)
    verification = await journal.verify()
    assert verification.whole, verification.first_break
    assert len(promised) >= 8
    assert verification.entries >= len(promised)
    for decision_id, digest in promised.items():
        entry = await journal.get(decision_id)
        assert entry is not None, decision_id
        assert entry.digest == digest
    await journal.close()


async def test_a_stopped_writer_holds_up_the_others_only_so_long(address: str) -> None:
    """A recorder that hangs (not dies) while it may hold the lock: the others go on once it is killed."""
    recorder = start_recorder(address, "hung", clients=2)
    assert recorder.stdout is not None
    recorder.stdout.readline()
    recorder.send_signal(19)  # SIGSTOP
    other = start_recorder(address, "other", clients=1)
    assert other.stdout is not None
    recorder.kill()
    subprocess.Popen.wait(recorder, timeout=60)
    recorder.stdout.close()
    words = ""
    while not words.startswith("ack"):
        words = other.stdout.readline()
    other.kill()
    other.communicate(timeout=60)
    journal = await open_journal(address)
    await keep_policy(journal)
    assert (await journal.verify()).whole
    await journal.close()
