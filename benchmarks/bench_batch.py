"""What a trade costs in a batch beside single calls one after another, by the same client over one connection.

    python benchmarks/bench_batch.py [--lines 3000]

Target: at least 8 times the throughput of single calls.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import httpx

from benchmarks.bench_decisions import DECISION, start

SINGLE = 300
ROUNDS = 7
RESIDENCES = ("US-NY", "AE", "DE", "SG")


def trades(count: int) -> list[bytes]:
    """Return so many trades that differ in size, leverage and residence."""
    return [
        json.dumps(
            {
                **DECISION,
                "notional": str(20_000 + 7 * number),
                "leverage": str(2 + number % 9),
                "client": {"residence": RESIDENCES[number % 4], "client_class": "retail"},
            }
        ).encode()
        for number in range(count)
    ]


def single_calls(client: httpx.Client, record: str, count: int) -> float:
    """Return how many trades a second are answered one after another."""
    started = time.perf_counter()
    for body in trades(count):
        reply = client.post(
            f"/v1/decisions?record={record}", content=body, headers={"Content-Type": "application/json"}
        )
        assert reply.status_code == 200, reply.text
    return count / (time.perf_counter() - started)


def one_batch(client: httpx.Client, record: str, count: int) -> float:
    """Return how many trades a second are answered in one stream."""
    lines = b"\n".join(trades(count))
    started = time.perf_counter()
    answered = 0
    with client.stream(
        "POST",
        f"/v1/decisions/batch?record={record}",
        content=lines,
        headers={"Content-Type": "application/x-ndjson"},
    ) as reply:
        for piece in reply.iter_raw():
            answered += piece.count(b"\n")
    assert answered == count
    return count / (time.perf_counter() - started)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=3_000)
    lines = parser.parse_args().lines
    with tempfile.TemporaryDirectory() as name:
        server, url = start(Path(name), None)
        try:
            with httpx.Client(base_url=url, timeout=120) as client:
                for record in ("false", "true"):
                    single_calls(client, record, 50)
                    one_batch(client, record, 200)
                    # In turns: what else runs here, and how fast the machine is now, is the same for both.
                    turns = [
                        (single_calls(client, record, SINGLE), one_batch(client, record, lines)) for _ in range(ROUNDS)
                    ]
                    single, batch = (statistics.median(rates) for rates in zip(*turns, strict=True))
                    times = statistics.median(batch / single for single, batch in turns)
                    print(f"record={record}: single {single:.0f}/s, batch {batch:.0f}/s, {times:.1f} times")
        finally:
            server.terminate()
            server.wait()


if __name__ == "__main__":
    main()
