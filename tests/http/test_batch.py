"""Many trades in one stream: in order, and answered as they come."""

from __future__ import annotations

import asyncio
import json
from typing import Any
from urllib.parse import urlsplit

import httpx

TRADE: dict[str, Any] = {
    "venue": "binance",
    "instrument": "BTCUSDT",
    "side": "long",
    "notional": "31000",
    "entry_price": "62000",
    "leverage": "5",
    "client": {"residence": "US-NY", "client_class": "retail"},
}
_HEAD = (
    "POST /v1/decisions/batch?record={record} HTTP/1.1\r\nHost: localhost\r\n"
    "Content-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n"
)


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


async def _answer_line(reader: asyncio.StreamReader) -> dict[str, Any]:
    """Read one chunk of the answer, which holds one line."""
    size = int(await reader.readline(), 16)
    data = await reader.readexactly(size)
    assert await reader.readline() == b"\r\n"
    (line,) = data.splitlines()
    answer: dict[str, Any] = json.loads(line)
    return answer


async def _one_after_another(url: str, record: str) -> list[dict[str, Any]]:
    """Send each trade only when the one before it has been answered."""
    address = urlsplit(url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port, limit=2**20)
    writer.write(_HEAD.format(record=record).encode())
    answers = []
    for leverage in ("2", "3", "five", "4"):
        writer.write(_chunk(json.dumps({**TRADE, "leverage": leverage}).encode() + b"\n"))
        await writer.drain()
        if not answers:
            while await reader.readline() != b"\r\n":
                pass
        answers.append(await asyncio.wait_for(_answer_line(reader), 60))
    writer.write(_chunk(b""))
    assert await asyncio.wait_for(reader.readline(), 60) == b"0\r\n"
    writer.close()
    return answers


async def test_a_client_that_waits_for_each_answer_gets_it(client: httpx.Client) -> None:
    for record in ("true", "false"):
        answers = await _one_after_another(str(client.base_url), record)
        assert [one.get("trade", {}).get("leverage") for one in answers] == ["2", "3", None, "4"]
        assert answers[2]["line"] == 3
        assert answers[2]["errors"][0]["pointer"] == "/leverage"


def test_a_batch_answers_what_single_calls_answer(client: httpx.Client) -> None:
    release = client.get("/v1/releases").headers["preclear-release"]
    trades = [
        {**TRADE, **named, "policy": policy, "side": side, "notional": notional}
        for named in ({}, {"release": release})
        for policy in ("law_only", "standard", "professional")
        for side in ("long", "short")
        for notional in ("500", "31000.5", "9000000")
    ]
    lines = b"\n".join(json.dumps(trade).encode() for trade in trades)
    reply = client.post(
        "/v1/decisions/batch?record=false", content=lines, headers={"Content-Type": "application/x-ndjson"}
    )
    batch = [json.loads(line)["digest"] for line in reply.text.splitlines()]
    single = [client.post("/v1/decisions?record=false", json=trade).json()["digest"] for trade in trades]
    assert batch == single
    assert len(set(batch)) == len(trades)


def test_a_body_that_is_no_array_is_refused_before_any_line(client: httpx.Client) -> None:
    headers = {"content-type": "application/json"}
    for body in (b"", b"{", b"[1,", json.dumps(TRADE).encode(), b"null", b'["\xff"', b"[" * 50_000):
        reply = client.post("/v1/decisions/batch?record=false", content=body, headers=headers)
        assert reply.status_code == 400, reply.text
        assert reply.headers["content-type"] == "application/problem+json"
        assert reply.json()["type"].endswith("/malformed-json")
    assert client.post("/v1/decisions/batch?record=false", json=[]).text == ""


def test_an_array_beyond_the_limit_is_too_large(client: httpx.Client) -> None:
    headers = {"content-type": "application/json"}
    reply = client.post("/v1/decisions/batch?record=false", content=b" " * 8_400_000, headers=headers)
    assert reply.status_code == 413


def test_a_bad_item_of_an_array_is_answered_in_its_place(client: httpx.Client) -> None:
    reply = client.post("/v1/decisions/batch?record=false", json=[7, TRADE])
    bad, good = (json.loads(line) for line in reply.text.splitlines())
    assert (bad["status"], bad["line"]) == (422, 1)
    assert good["verdict"] == "deny"


def test_blank_lines_are_counted_and_not_answered(client: httpx.Client) -> None:
    good, bad = json.dumps(TRADE), json.dumps({**TRADE, "side": "up"})
    body = f"\n{good}\n\n  \n{bad}\n{good}\n"
    reply = client.post(
        "/v1/decisions/batch?record=false", content=body, headers={"content-type": "application/x-ndjson"}
    )
    answers = [json.loads(line) for line in reply.text.splitlines()]
    assert [one.get("line") for one in answers] == [None, 5, None]
    assert [one.get("verdict") for one in answers] == ["deny", None, "deny"]
