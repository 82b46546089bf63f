"""How long trying a candidate policy on recorded decisions takes: `POST /v1/impact`, all processes included.

    python benchmarks/bench_impact.py [--decisions 20000]

Target: 100,000 decisions in under a minute on 2 cores.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from msgspec import convert
from msgspec.structs import replace

from api.contracts import DecisionRequest
from api.deciding import Decider, entry_of
from api.decoding import decode_hook
from api.identifiers import new_decision_id
from api.policies import built_in
from api.replays.impact import Impact, Progress
from api.replays.impact_run import run
from api.replays.impact_worker import Job
from api.settings import read_settings
from benchmarks.bench_decisions import DECISION
from data.journal.entry import Filters, NewEntry
from data.journal.journal import open_journal
from data.releases import ReleaseStore
from rules.policies.policy import canonical


def various(releases: ReleaseStore) -> list[NewEntry]:
    """Return decisions on several venues, residences and leverages."""
    decider, policy = Decider(releases), built_in()["standard"]
    entries = []
    for venue in ("binance", "bybit", "okx"):
        for residence in ("US-NY", "AE-AZ", "DE", "JP", "BR"):
            for leverage in ("2", "5", "20"):
                body = {**DECISION, "venue": venue, "instrument": "BTC/USDT:USDT", "leverage": leverage}
                body["client"] = {"residence": residence, "client_class": "retail"}
                request = convert(body, DecisionRequest, dec_hook=decode_hook)
                decided = decider.decide(decider.pin(request, policy))
                entries.append(entry_of(decided, key_id="", idempotency_key=None))
    return entries


async def fill(address: str, entries: list[NewEntry], count: int) -> None:
    journal = await open_journal(address, patience=60)
    for start in range(0, count, 1000):
        await asyncio.gather(
            *(
                journal.record(replace(entries[number % len(entries)], decision_id=new_decision_id()))
                for number in range(start, min(start + 1000, count))
            )
        )
    await journal.close()


async def measure(count: int) -> None:
    settings = read_settings()
    entries = various(ReleaseStore(settings.releases))
    with tempfile.TemporaryDirectory() as folder:
        address = f"sqlite:///{folder}/journal.sqlite"
        started = time.perf_counter()
        await fill(address, entries, count)
        took = time.perf_counter() - started
        print(f"recorded {count} decisions in {took:.1f} s ({count / took:.0f}/s)")
        job = Job(
            journal=address,
            releases=str(settings.releases),
            release=None,
            policy=canonical(built_in()["law_only"].policy).decode(),
            filters=Filters(),
            upto=count,
            part=0,
            parts=1,
        )
        started = time.perf_counter()
        last: Progress | Impact | None = None
        async for step in run(job, count):
            last = step
        took = time.perf_counter() - started
        assert isinstance(last, Impact)
        print(f"tried a policy on {last.evaluated} decisions in {took:.1f} s: {last.changed} verdicts change")
        print(f"100,000 decisions at this rate: {took / count * 100_000:.0f} s (target: under 60 s)")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--decisions", type=int, default=20_000)
    asyncio.run(measure(parser.parse_args().decisions))


if __name__ == "__main__":
    main()
