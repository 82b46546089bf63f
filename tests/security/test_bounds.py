"""What a request may cost: headers, target, body, nesting and time; and what every answer carries."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from api.app import framed
from tests.serving import DECISION, Service, StartService

HARDENING = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "x-frame-options": "DENY",
    "cross-origin-resource-policy": "same-origin",
}


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/health/live", 200),
        ("GET", "/", 200),
        ("GET", "/nowhere", 404),
        ("DELETE", "/v1/decisions", 405),
        ("POST", "/v1/decisions", 415),
        ("GET", "/v1/decisions?unknown=1", 422),
    ],
)
async def test_every_answer_is_hardened_and_named(service: Service, method: str, path: str, status: int) -> None:
    client = await service.client()
    reply = await client.request(method, path)
    assert reply.status_code == status
    assert {name: reply.headers[name] for name in HARDENING} == HARDENING
    assert "content-security-policy" in reply.headers
    assert len(reply.headers.get_list("content-security-policy")) == 1
    assert len(reply.headers["x-request-id"]) == 24
    if status >= 400:
        assert reply.json()["instance"] == reply.headers["x-request-id"]


async def test_a_callers_request_id_is_kept_when_it_is_a_word(service: Service) -> None:
    client = await service.client()
    kept = await client.get("/nowhere", headers={"X-Request-Id": "trace-0123.abc"})
    assert kept.headers["x-request-id"] == kept.json()["instance"] == "trace-0123.abc"
    for unfit in ("short", "a" * 65, "with blank in it", '{"x":"0123456789"}'):
        reply = await client.get("/nowhere", headers={"X-Request-Id": unfit})
        assert reply.headers["x-request-id"] != unfit


@pytest.mark.parametrize(
    "headers",
    [{f"X-Filler-{number}": "x" for number in range(101)}, {"X-Large": "x" * 16_400}],
    ids=["many", "large"],
)
async def test_too_many_header_bytes_are_refused(service: Service, headers: dict[str, str]) -> None:
    client = await service.client()
    reply = await client.get("/health/live", headers=headers)
    assert reply.status_code == 431
    assert reply.json()["type"].endswith("/headers-too-large")
    assert reply.headers["connection"] == "close"


async def test_a_target_without_end_is_refused(service: Service) -> None:
    client = await service.client()
    assert (await client.get("/v1/" + "x" * 9_000)).status_code == 400
    assert (await client.get("/v1/venues?venue=" + "x" * 9_000)).status_code == 400


async def test_a_body_beyond_the_limit_is_refused_whether_or_not_it_says_so(service: Service) -> None:
    client = await service.client()
    large = json.dumps({**DECISION, "venue": "x" * 4_200_000}).encode()
    told = await client.post("/v1/decisions", content=large, headers={"Content-Type": "application/json"})
    assert told.status_code == 413

    async def pieces() -> Any:
        for start in range(0, len(large), 65_536):
            yield large[start : start + 65_536]

    untold = await client.post("/v1/decisions", content=pieces(), headers={"Content-Type": "application/json"})
    assert untold.status_code == 413


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 30_000,
        b'{"client":' * 5_000,
        b'{"account":{"positions":' + b"[" * 30_000,
        b'{"market":{"order_book":{"bids":' + b"[" * 10_000 + b"]" * 10_000 + b"}}}",
    ],
)
async def test_nesting_without_end_is_a_bad_request(service: Service, body: bytes) -> None:
    client = await service.client()
    reply = await client.post("/v1/decisions", content=body, headers={"Content-Type": "application/json"})
    assert reply.status_code in (400, 422)


async def test_a_body_that_does_not_arrive_is_given_up(start: StartService) -> None:
    service = await start(request_timeout=0.1)
    status, body = await _ask_slowly(service, [b'{"venue":'], "/v1/decisions", b"application/json")
    assert status == 408
    assert json.loads(body)["type"].endswith("/request-timeout")


async def test_a_body_that_drips_is_given_up(start: StartService) -> None:
    service = await start(request_timeout=0.2)
    status, _ = await _ask_slowly(service, [b" "] * 100, "/v1/decisions", b"application/json", pause=0.02)
    assert status == 408


async def test_a_stream_may_take_longer_than_one_request(start: StartService) -> None:
    service = await start(request_timeout=1.5)
    line = json.dumps(DECISION).encode() + b"\n"
    status, body = await _ask_slowly(
        service, [line] * 10, "/v1/decisions/batch", b"application/x-ndjson", pause=0.2, ending=True
    )
    assert status == 200
    assert len(body.splitlines()) == 10


@pytest.mark.parametrize("path", ["/v1/decisions", "/v1/decisions/batch"])
async def test_a_client_that_goes_away_is_no_failure_of_ours(
    service: Service, path: str, caplog: pytest.LogCaptureFixture
) -> None:
    content_type = b"application/x-ndjson" if path.endswith("batch") else b"application/json"
    status, _ = await _ask_slowly(service, [b'{"venue":'], path, content_type, leaving=True)
    assert status == (200 if path.endswith("batch") else 400)
    metrics = (await (await service.client()).get("/metrics")).text
    assert 'status="500"' not in metrics
    assert caplog.records == []


async def test_slow_bodies_do_not_hold_up_others(start: StartService) -> None:
    service = await start(request_timeout=60)
    slow = [
        asyncio.ensure_future(_ask_slowly(service, [b"{"], "/v1/decisions", b"application/json")) for _ in range(200)
    ]
    await asyncio.sleep(0)
    client = await service.client()
    replies = await asyncio.gather(*(client.post("/v1/decisions?record=false", json=DECISION) for _ in range(20)))
    assert {reply.status_code for reply in replies} == {200}
    assert not any(each.done() for each in slow)
    for each in slow:
        each.cancel()
    await asyncio.gather(*slow, return_exceptions=True)


async def _ask_slowly(
    service: Service,
    pieces: list[bytes],
    path: str,
    content_type: bytes,
    *,
    pause: float = 0.0,
    ending: bool = False,
    leaving: bool = False,
) -> tuple[int, bytes]:
    """Send a body in pieces and then nothing more, unless it is `ending` or `leaving`; return status and body."""
    remaining = iter(pieces)
    received: list[Any] = []
    answered = asyncio.Event()

    async def receive() -> dict[str, Any]:
        await asyncio.sleep(pause)
        piece = next(remaining, None)
        if piece is None and ending:
            return {"type": "http.request", "body": b"", "more_body": False}
        if piece is None:
            if not leaving:
                await answered.wait()
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": piece, "more_body": True}

    async def send(message: Any) -> None:
        received.append(message)
        if message["type"] == "http.response.body" and not message.get("more_body"):
            answered.set()

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"record=false",
        "root_path": "",
        "headers": [(b"host", b"localhost"), (b"content-type", content_type), (b"transfer-encoding", b"chunked")],
        "client": ("127.0.0.1", 50_000),
        "server": ("127.0.0.1", 80),
        "state": {},
    }
    await framed(service.app)(scope, receive, send)  # type: ignore[arg-type]
    body = b"".join(message.get("body", b"") for message in received[1:])
    return received[0]["status"], body
