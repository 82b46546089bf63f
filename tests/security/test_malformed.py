"""Malformed requests against the application itself: every one is answered, none with a 500.

Ten thousand others go to a real server in `tests/conformance`.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from typing import Any

import pytest

from api.app import framed
from tests.serving import DECISION, Service

COUNT = 2_000
_JUNK: tuple[Any, ...] = (
    None, True, False, 0, -1, 1e308, 10**40, "", " ", "\x00", "NaN", "Infinity", "1e999999999", "1_000", "-0", "٣",
    "a" * 300, "\ud83d", "US-NY' OR 1=1--", "../../etc/passwd", "{{7*7}}", [], [[]], {}, {"a": {}}, [None] * 50,
    "2026-02-30", "9999-12-31", "0000-00-00", "rel_000000000000", {"name": "x"}, ["1", "2"], [["1"]],
)  # fmt: skip
_PATHS = (
    "/v1/decisions", "/v1/decisions/batch", "/v1/impact", "/v1/comparisons", "/v1/decisions/{}/replay",
    "/v1/calculators/margin", "/v1/calculators/liquidation-price", "/v1/calculators/position-size",
)  # fmt: skip
_READS = (
    "/v1/decisions", "/v1/decisions/{}", "/v1/decisions/{}/entry", "/v1/venues", "/v1/venues/{}", "/v1/margin-tiers",
    "/v1/eligibility", "/v1/changes", "/v1/releases/{}", "/v1/law", "/v1/sources", "/metrics", "/{}",
)  # fmt: skip
_NAMES = (
    "venue", "instrument", "residence", "as_of", "release", "limit", "cursor", "since", "until", "notional", "format",
    "rule", "record", "expand", "product", "base", "from", "to", "unknown",
)  # fmt: skip
_VALUES = (b"", b"1", b"%00", b"%ff%fe", b"binance", b"-1", b"9" * 30, b"2026-99-99", b"%", b"a=b&")
_ACCEPTS = (b"text/html", b";;;", b"\xff", b"application/json;q=x", b"text/csv")
_WRITING = ("POST",) * 8 + ("PUT", "DELETE")
_READING = ("GET",) * 8 + ("HEAD", "FOO")
_TYPES = (b"application/json", b"application/x-ndjson", b"text/plain", b"application/json; charset=utf-16", b"", b"*/*")


def mutated(chance: random.Random, value: Any, depth: int = 0) -> Any:
    """Return a value with parts of it replaced, dropped, renamed or nested."""
    if depth > 4 or chance.random() < 0.12:
        return chance.choice(_JUNK)
    if isinstance(value, dict):
        out = {}
        for name, item in value.items():
            fate = chance.random()
            if fate < 0.1:
                continue
            out[chance.choice(_NAMES) if fate < 0.2 else name] = mutated(chance, item, depth + 1)
        return out
    if isinstance(value, list):
        return [mutated(chance, item, depth + 1) for item in value for _ in range(chance.choice((0, 1, 1, 2)))]
    return value


def body_of(chance: random.Random) -> bytes:
    trade = {
        **DECISION,
        "account": {"equity": "50000", "positions": [{"venue": "bybit", "instrument": "ETHUSDT", "quantity": "1"}]},
        "market": {"mark_price": "62010", "order_book": {"bids": [["61990", "12.5"]], "asks": [["62010", "3.1"]]}},
        "policy": "standard",
        "base": "BTC",
        "filter": {"venue": ["binance"]},
    }
    text = json.dumps(mutated(chance, trade)).encode("utf-8", "surrogatepass")
    fate = chance.random()
    if fate < 0.1:
        cut = chance.randrange(len(text) + 1)
        return text[:cut]
    if fate < 0.2:
        place = chance.randrange(len(text) + 1)
        return text[:place] + chance.randbytes(chance.randrange(1, 5)) + text[place:]
    if fate < 0.25:
        return chance.randbytes(chance.randrange(200))
    if fate < 0.3:
        return b'{"venue":"binance",' * 2 + b'"x":1}}'
    return text


def query_of(chance: random.Random) -> bytes:
    return b"&".join(
        chance.choice(_NAMES).encode() + b"=" + chance.choice(_VALUES) for _ in range(chance.choice((0, 0, 1, 2, 3)))
    )


@pytest.mark.parametrize("seed", [20261121])
async def test_malformed_requests_never_fail_the_service(service: Service, seed: int) -> None:
    chance = random.Random(seed)
    app: Any = framed(service.app)
    statuses: Counter[int] = Counter()
    for _ in range(COUNT):
        writes = chance.random() < 0.7
        path = chance.choice(_PATHS if writes else _READS).format(chance.choice(("dec_1", "%00", "x" * 200, "ü", "..")))
        method = chance.choice(_WRITING if writes else _READING)
        query = query_of(chance)
        body = body_of(chance) if writes else b""
        headers = [(b"host", b"localhost"), (b"content-type", chance.choice(_TYPES[:1] * 8 + _TYPES))]
        if chance.random() < 0.1:
            headers.append((b"idempotency-key", chance.choice((b"", b"\xff", b"k" * 300, b"k"))))
        if chance.random() < 0.05:
            headers.append((b"accept", chance.choice(_ACCEPTS)))
        status = await ask(app, method, path, query, headers, body)
        statuses[status] += 1
        assert status < 500 or status == 503, (method, path, query, headers, body)
    assert sum(statuses.values()) == COUNT
    assert statuses[422] > COUNT / 10
    assert statuses[400] > COUNT / 100


async def ask(app: Any, method: str, path: str, query: bytes, headers: list[tuple[bytes, bytes]], body: bytes) -> int:
    """Send one request as a server would, and return the status."""
    statuses: list[int] = []
    messages = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> dict[str, Any]:
        return messages.pop() if messages else {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "scheme": "http",
        "path": path, "raw_path": path.encode(), "query_string": query, "root_path": "", "headers": headers,
        "client": ("127.0.0.1", 50_000), "server": ("127.0.0.1", 80), "state": {},
    }  # fmt: skip
    await app(scope, receive, send)
    (status,) = statuses
    return status
