"""What a long body may cost: a bad one little more than reading it, and none the others' answers."""

from __future__ import annotations

import asyncio
import json
import sys
import threading
from types import FrameType
from typing import Any

import pytest

from api.aside import LONG
from api.contracts import DecisionRequest
from api.decoding import MAX_ERRORS, decode_body
from api.problems import ProblemError
from tests.serving import DECISION, Service

POSITION = {"venue": "binance", "instrument": "BTCUSDT", "side": "long", "quantity": "1", "entry_price": "62000"}
HELD = {"equity": "50000", "positions": [{**POSITION, "quantity": str(number)} for number in range(1, 600)]}
LONG_DECISION = {**DECISION, "account": HELD}


@pytest.mark.parametrize(
    ("bad", "most"),
    [
        ({"account": {"positions": [{}] * 60_000}}, 150_000),
        ({"account": {"positions": [{"unknown": 1}] * 50_000}}, 125_000),
        ({"market": {"liquidation_clusters": [{}] * 60_000}}, 150_000),
        ({"side": "up", "market": {"order_book": {"bids": [["1", "1"]] * 45_000}}}, 350_000),
    ],
    ids=["empty positions", "unknown fields", "empty clusters", "one bad field beside many good levels"],
)
def test_a_bad_body_is_not_explained_without_end(bad: dict[str, Any], most: int) -> None:
    """Work is told by calls of functions: two to read each object, and those of looking at 5,000 items."""
    body = json.dumps({**DECISION, **bad}).encode()
    calls = 0

    def count(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event == "call"

    sys.setprofile(count)
    try:
        with pytest.raises(ProblemError) as refused:
            decode_body(body, DecisionRequest, lambda _: [])
    finally:
        sys.setprofile(None)
    assert calls < most
    assert 0 < len(refused.value.errors) <= MAX_ERRORS


@pytest.mark.parametrize("many", ["[]", "{}", "1", "1.5", '"x"', '{"a":{"b":[1]}}'])
def test_a_body_of_more_values_than_any_right_one_is_too_large(client: Any, many: str) -> None:
    text = json.dumps({**DECISION, "market": {"mark_price": "1"}})[:-1]
    room = 4_000_000 // (len(many) + 1)
    reply = client.post(
        "/v1/decisions?record=false",
        content=f'{text}, "unknown": [{",".join([many] * room)}]}}',
        headers={"Content-Type": "application/json"},
    )
    assert (reply.status_code, reply.headers["content-type"]) == (413, "application/problem+json")
    assert client.get("/health/live").status_code == 200


def test_a_list_with_too_many_items_is_told_beside_what_else_is_bad(client: Any) -> None:
    positions = [{**POSITION, "quantity": str(number)} for number in range(1, 6_001)]
    body = {**DECISION, "side": "up", "account": {"equity": "50000", "positions": positions}}
    reply = client.post("/v1/decisions?record=false", json=body)
    assert reply.status_code == 422
    assert {error["pointer"] for error in reply.json()["errors"]} == {"/side", "/account/positions"}


@pytest.mark.parametrize("path", ["/v1/decisions?record=false", "/v1/decisions/batch?record=false"])
async def test_others_are_answered_while_a_long_trade_is_decided(
    service: Service, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    client = await service.client()
    begun, go_on = threading.Event(), threading.Event()
    decider = service.services.decider
    decide, decide_all = decider.decide, decider.decide_all

    def waiting(work: Any) -> Any:
        def waits(*asked: Any) -> Any:
            begun.set()
            assert go_on.wait(60)
            return work(*asked)

        return waits

    monkeypatch.setattr(decider, "decide", waiting(decide))
    monkeypatch.setattr(decider, "decide_all", waiting(decide_all))
    body: Any = LONG_DECISION
    if "batch" in path:
        body = [LONG_DECISION]
    assert len(json.dumps(LONG_DECISION)) > LONG
    asked = asyncio.create_task(client.post(path, json=body))
    assert await asyncio.to_thread(begun.wait, 60)
    assert (await client.get("/health/live")).status_code == 200
    assert not asked.done()
    go_on.set()
    reply = await asked
    assert reply.status_code == 200
    assert "verdict" in json.loads(reply.content)
