"""An equal question gets an equal answer, and another question another."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

TRADE: dict[str, Any] = {
    "venue": "kraken",
    "instrument": "BTC/USD",
    "side": "long",
    "notional": "1234.5",
    "client": {"residence": "DE", "client_class": "retail"},
}
UNLIKE: list[dict[str, Any]] = [
    {"notional": "1234.6"},
    {"side": "short"},
    {"policy": "law_only"},
    {"as_of": "2026-01-15"},
    {"as_of": "2199-01-15"},
    {"client": {"residence": "FR", "client_class": "retail"}},
]


def ask(http: httpx.Client, **changes: Any) -> dict[str, Any]:
    reply = http.post("/v1/decisions", json={**TRADE, **changes})
    assert reply.status_code == 200, reply.text
    answer: dict[str, Any] = reply.json()
    return answer


def test_asked_again_it_is_another_decision_that_says_the_same(client: httpx.Client) -> None:
    first, second = ask(client), ask(client, notional=1234.5)
    assert first["decision_id"] != second["decision_id"]
    assert first["decided_at"] < second["decided_at"]
    assert {**first, "decision_id": 0, "decided_at": 0} == {**second, "decision_id": 0, "decided_at": 0}
    for one in (first, second):
        assert client.get(f"/v1/decisions/{one['decision_id']}").json() == one
        replayed = client.post(f"/v1/decisions/{one['decision_id']}/replay", json={}).json()
        assert replayed["identical"], replayed["differences"]


@pytest.mark.parametrize("changes", UNLIKE, ids=lambda changes: next(iter(changes)))
def test_another_question_is_decided_for_itself(client: httpx.Client, changes: dict[str, Any]) -> None:
    plain = ask(client)
    other = ask(client, **changes)
    assert other["digest"] != plain["digest"]
    for name, value in changes.items():
        told = other["policy"]["name"] if name == "policy" else other["trade"][name]
        assert told == value if not isinstance(value, dict) else value.items() <= told.items()
