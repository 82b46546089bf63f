"""What a decision costs over HTTP beside echoes of the same size, in the same server, in the same run.

The echo answers with bytes it holds ready. The JSON echo reads the request and writes an answer as a decision does, and
decides nothing: what lies between it and a decision is deciding, the digest and the record.

    python benchmarks/bench_decisions.py [--seconds 8] [--connections 16] [--journal ADDRESS]

Once with the same trade each time, once with trades that differ in size: their figures have more digits.
Targets: 50% of the echo's throughput without recording and 35% with it; at 70% load a p99 below five times the echo's.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.load import Measured, pace, prepared, saturate

ROOT = Path(__file__).resolve().parents[1]
SIZES = 4_000
BYTES, JSON = "echo", "JSON echo"
ROUND = 0.4
"""Seconds that one kind of request is asked at a time."""
DECISION = {
    "venue": "binance",
    "instrument": "BTCUSDT",
    "product": "perpetual",
    "side": "long",
    "order_type": "market",
    "notional": "31000",
    "entry_price": "62000",
    "leverage": "5",
    "margin_mode": "isolated",
    "stop_price": "60500",
    "take_profit_price": "66000",
    "holding_hours": "72",
    "client": {"residence": "US-NY", "client_class": "retail"},
    "account": {"equity": "50000", "currency": "USD", "volume_30d_usd": "0"},
    "market": {"mark_price": "62010", "funding_rate": "0.0001", "atr": "1500", "regime": "trending"},
}


def start(folder: Path, journal: str | None, answer: bytes = b"") -> tuple[subprocess.Popen[bytes], str]:
    """Start a server with the echo route and wait until it is ready."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    echoed = folder / "answer.json"
    echoed.write_bytes(answer)
    environment = {
        **os.environ,
        "PRECLEAR_JOURNAL": journal or f"sqlite:///{folder}/journal.sqlite",
        "PRECLEAR_LOG_FORMAT": "json",
        "ECHO_ANSWER": str(echoed),
    }
    command = [sys.executable, "-m", "uvicorn", "benchmarks.echo_app:app", "--port", str(port), "--no-access-log"]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
    url = f"http://127.0.0.1:{port}"
    for _ in range(300):
        try:
            urllib.request.urlopen(f"{url}/health/ready", timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return server, url
    raise SystemExit((folder / "log").read_text())


def together(rounds: Sequence[Measured]) -> Measured:
    """Return rounds of equal length as one."""
    return Measured(
        sum(one.throughput for one in rounds) / len(rounds),
        sorted(latency for one in rounds for latency in one.latencies),
        sum(one.failures for one in rounds),
    )


def line(name: str, measured: Measured, shares: Mapping[str, float]) -> str:
    of_echoes = "  ".join(f"{share:>6.1%} of {echo}" for echo, share in shares.items())
    return (
        f"{name:<26} {measured.throughput:>8.0f}/s  {of_echoes}   "
        f"p50 {measured.percentile(0.5) * 1e3:6.2f} ms  p99 {measured.percentile(0.99) * 1e3:7.2f} ms"
        + (f"  {measured.failures} FAILED" if measured.failures else "")
    )


def processor_seconds(pid: int) -> float:
    """Return the processor time that a process and those it started have used: unlike throughput it does not depend on
    who else runs here.
    """
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    started = [
        child for task in Path(f"/proc/{pid}/task").iterdir() for child in (task / "children").read_text().split()
    ]
    own = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return own + sum(processor_seconds(int(child)) for child in started)


async def measure(pid: int, url: str, body: bytes, seconds: float, connections: int) -> None:
    differing = [json.dumps({**DECISION, "notional": str(20_000 + number)}).encode() for number in range(SIZES)]
    same = [body]
    requests = {
        name: [prepared("POST", f"{url}{path}", one) for one in bodies]
        for name, path, bodies in (
            (BYTES, "/echo", same),
            (JSON, "/echo/json", same),
            ("same trade, not recorded", "/v1/decisions?record=false", same),
            ("same trade, recorded", "/v1/decisions", same),
            ("differing, not recorded", "/v1/decisions?record=false", differing),
            ("differing, recorded", "/v1/decisions", differing),
        )
    }
    for request in requests.values():
        await saturate(url, request, connections=connections, seconds=0.5)
    rounds: dict[str, list[Measured]] = {name: [] for name in requests}
    used = dict.fromkeys(requests, 0.0)
    # In turns, many times over: what else runs here, and how fast the machine is now, is the same for all of them.
    for _ in range(max(2, round(seconds / ROUND))):
        for name, request in requests.items():
            before = processor_seconds(pid)
            rounds[name].append(await saturate(url, request, connections=connections, seconds=ROUND))
            used[name] += processor_seconds(pid) - before
    full = {name: together(measured) for name, measured in rounds.items()}
    print(f"as fast as it goes, {connections} connections")
    for name, measured in full.items():
        shares = {
            of: statistics.median(
                one.throughput / echo.throughput for one, echo in zip(rounds[name], rounds[of], strict=True)
            )
            for of in (BYTES, JSON)
        }
        cost = used[name] / len(measured.latencies)
        print(" ", line(name, measured, shares), f"  {cost * 1e6:5.0f} us of processor time each")
    print("at 70% of that")
    paced: dict[str, Measured] = {}
    for name, request in requests.items():
        rate = 0.7 * full[name].throughput
        paced[name] = await pace(url, request, connections=connections * 4, seconds=seconds, rate=rate)
        times = {of: paced[name].percentile(0.99) / paced[of].percentile(0.99) for of in (BYTES, JSON) if of in paced}
        shares = {of: paced[name].throughput / paced[of].throughput for of in times}
        print(" ", line(name, paced[name], shares), "  p99", *(f"{times[of]:.1f} x {of}" for of in times))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--journal")
    options = parser.parse_args()
    body = json.dumps(DECISION).encode()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        server, url = start(folder, options.journal)
        asked = urllib.request.Request(f"{url}/v1/decisions", body, {"Content-Type": "application/json"})
        with urllib.request.urlopen(asked) as reply:
            answer = reply.read()
        server.terminate()
        server.wait()
        server, url = start(folder, options.journal, answer)
        print(f"request {len(body)} bytes, answer {len(answer)} bytes")
        try:
            asyncio.run(measure(server.pid, url, body, options.seconds, options.connections))
        finally:
            server.terminate()
            server.wait()


if __name__ == "__main__":
    main()
