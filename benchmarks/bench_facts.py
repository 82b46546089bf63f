"""Throughput of warm fact lists and of 304s, as a share of a static route's with a body of equal size.

    python benchmarks/bench_facts.py

Both routes stand in the same server with the same layers around them. Requests are pipelined over a few connections, so
that the server is what is measured.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx
import uvicorn
from litestar import Request, Response, get

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

CONNECTIONS = 8
DEPTH = 16
SECONDS = 2.0
ROUNDS = 3
LISTS = (
    "/v1/venues?limit=10",
    "/v1/fees?venue=binance&limit=20",
    "/v1/margin-tiers?venue=binance&instrument=BTCUSDT",
    "/v1/margin-tiers?venue=binance&limit=200",
    "/v1/sources?limit=500",
)


def serve(port: int) -> None:
    """Serve the application with one route more, which answers with as many bytes as it is asked for."""
    from api.app import create_app, framed
    from api.openapi.promises import promise
    from api.settings import read_settings
    from api.telemetry.log import configure_logging

    settings = read_settings()
    configure_logging(settings.log_format, "warning")
    bodies: dict[str, bytes] = {}

    @get("/static", operation_id="static", summary="static", opt=promise(scope="read"))
    async def static(request: Request) -> Response[bytes]:  # type: ignore[type-arg]
        size = request.query_params["size"]
        return Response(bodies.setdefault(size, b"x" * int(size)), media_type="application/json")

    app = create_app(settings)
    app.register(static)
    uvicorn.run(framed(app), port=port, log_level="warning", access_log=False)


async def throughput(port: int, path: str, headers: str, expected: int) -> float:
    """Return answers per second; every answer must have the `expected` number of bytes, headers included."""
    request = f"GET {path} HTTP/1.1\r\nHost: b\r\n{headers}\r\n".encode() * DEPTH
    deadline = time.perf_counter() + SECONDS
    answered = 0

    async def one_connection() -> None:
        nonlocal answered
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**22)
        while time.perf_counter() < deadline:
            writer.write(request)
            await reader.readexactly(expected * DEPTH)
            answered += DEPTH
        writer.close()

    start = time.perf_counter()
    await asyncio.gather(*(one_connection() for _ in range(CONNECTIONS)))
    return answered / (time.perf_counter() - start)


async def answer_size(port: int, path: str, headers: str) -> int:
    """Return the size of one answer on the wire."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**22)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: b\r\nConnection: close\r\n{headers}\r\n".encode())
    size = len(await reader.read())
    writer.close()
    return size - len("connection: close\r\n")


async def measure(port: int) -> None:
    """Print the ratios."""
    print(f"{'list':55} {'bytes':>8} {'static/s':>9} {'list/s':>9} {'ratio':>6} {'304/s':>9} {'ratio':>6}")
    for path in LISTS:
        async with httpx.AsyncClient(timeout=30) as client:
            warm = await client.get(f"http://127.0.0.1:{port}{path}")
        assert warm.status_code == 200, warm.text
        unchanged = f"If-None-Match: {warm.headers['etag']}\r\n"
        asked = [(f"/static?size={len(warm.content)}", ""), (path, ""), (path, unchanged)]
        best = [0.0, 0.0, 0.0]
        for _ in range(ROUNDS):
            for number, (target, headers) in enumerate(asked):
                size = await answer_size(port, target, headers)
                best[number] = max(best[number], await throughput(port, target, headers, size))
        static, listed, same = best
        print(
            f"{path:55} {len(warm.content):8} {static:9.0f} {listed:9.0f} {listed / static:6.0%} "
            f"{same:9.0f} {same / static:6.0%}"
        )
    print("targets: warm lists at least 60% of the static route, 304s at least 80%")


def main() -> None:
    """Serve in a process of its own, and measure."""
    from tests.conftest import free_port

    port = free_port()
    with tempfile.TemporaryDirectory() as var:
        releases = os.environ.get("PRECLEAR_RELEASES", str(ROOT / "var" / "releases"))
        environment = {**os.environ, "PRECLEAR_VAR": var, "PRECLEAR_RELEASES": releases}
        server = subprocess.Popen([sys.executable, __file__, "serve", str(port)], cwd=ROOT, env=environment)
        try:
            for _ in range(200):
                try:
                    httpx.get(f"http://127.0.0.1:{port}/health/live", timeout=1)
                    break
                except httpx.TransportError:
                    time.sleep(0.1)
            asyncio.run(measure(port))
        finally:
            server.terminate()
            server.wait()


if __name__ == "__main__":
    if sys.argv[1:2] == ["serve"]:
        serve(int(sys.argv[2]))
    else:
        main()
