"""Rate limits as a caller sees them."""

from __future__ import annotations

import json
import re
import time

from tests.serving import DECISION, Service, StartService


async def test_a_key_may_send_its_limit_and_is_told_what_is_left(service: Service) -> None:
    client = await service.client(service.make_key("read", rate_limit=3))
    replies = [await client.get("/metrics") for _ in range(5)]
    assert [reply.status_code for reply in replies] == [200, 200, 200, 429, 429]
    assert [reply.headers["ratelimit-policy"] for reply in replies] == ['"default";q=3;w=60'] * 5
    left = [re.fullmatch(r'"default";r=(\d+);t=(\d+)', reply.headers["ratelimit"]) for reply in replies]
    assert [match and int(match[1]) for match in left] == [2, 1, 0, 0, 0]
    assert all(match and 0 < int(match[2]) <= 60 for match in left)
    refused = replies[-1]
    assert 1 <= int(refused.headers["retry-after"]) <= 20
    assert refused.json()["type"].endswith("/too-many-requests")
    assert "3 requests a minute" in refused.json()["detail"]


async def test_the_installation_sets_the_limit_of_keys_without_one(start: StartService) -> None:
    service = await start(rate_limit=2)
    plain = await service.client(service.make_key("read"))
    assert [(await plain.get("/metrics")).status_code for _ in range(3)] == [200, 200, 429]
    free = await service.client(service.make_key("read", rate_limit=0))
    replies = [await free.get("/metrics") for _ in range(5)]
    assert {reply.status_code for reply in replies} == {200}
    assert "ratelimit" not in replies[0].headers


async def test_one_key_does_not_use_up_another_ones_limit(service: Service) -> None:
    busy = await service.client(service.make_key("read", rate_limit=1))
    quiet = await service.client(service.make_key("read", rate_limit=1))
    assert [(await busy.get("/metrics")).status_code for _ in range(3)] == [200, 429, 429]
    assert (await quiet.get("/metrics")).status_code == 200


async def test_health_and_pages_are_not_limited(service: Service) -> None:
    client = await service.client(service.make_key("read", rate_limit=1))
    assert {(await client.get("/health/live")).status_code for _ in range(5)} == {200}


async def test_refused_requests_use_nothing_up(service: Service) -> None:
    client = await service.client(service.make_key("read", rate_limit=2))
    for _ in range(5):
        assert (await client.get("/v1/decisions")).status_code == 403
    assert (await client.get("/metrics")).status_code == 200


def lines_of(number: int) -> bytes:
    return b"".join(json.dumps({**DECISION, "leverage": str(2 + one % 5)}).encode() + b"\n" for one in range(number))


NDJSON = {"Content-Type": "application/x-ndjson"}


async def test_each_trade_of_a_batch_counts_as_a_request(service: Service) -> None:
    client = await service.client(service.make_key("decide", rate_limit=4))
    reply = await client.post("/v1/decisions/batch?record=false", content=lines_of(2), headers=NDJSON)
    assert reply.text.count("\n") == 2
    left = [await client.post("/v1/decisions?record=false", json=DECISION) for _ in range(3)]
    assert [one.status_code for one in left] == [200, 200, 429]


async def test_a_batch_goes_on_as_fast_as_the_limit_fills_again(service: Service) -> None:
    limit = 240
    client = await service.client(service.make_key("decide", rate_limit=limit))
    started = time.monotonic()
    reply = await client.post("/v1/decisions/batch?record=false", content=lines_of(limit + 8), headers=NDJSON)
    passed = time.monotonic() - started
    answers = [json.loads(line) for line in reply.text.splitlines()]
    assert [one["trade"]["leverage"] for one in answers] == [str(2 + one % 5) for one in range(limit + 8)]
    assert passed >= 8 / (limit / 60) - 0.3


async def test_a_batch_of_a_key_without_a_limit_is_not_counted(service: Service) -> None:
    client = await service.client(service.make_key("decide", rate_limit=0))
    reply = await client.post("/v1/decisions/batch?record=false", content=lines_of(100), headers=NDJSON)
    assert reply.text.count("\n") == 100
    assert "ratelimit" not in reply.headers


async def test_an_array_counts_as_lines_do(service: Service) -> None:
    client = await service.client(service.make_key("decide", rate_limit=3))
    reply = await client.post("/v1/decisions/batch?record=false", json=[DECISION] * 3)
    assert reply.text.count("\n") == 3
    assert (await client.post("/v1/decisions?record=false", json=DECISION)).status_code == 429
