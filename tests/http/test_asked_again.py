"""An equal question gets an equal answer, whether it is decided anew or remembered."""

from __future__ import annotations

from datetime import date
from typing import Any

import httpx
import pytest

from api.remembering import DecisionMemory, Question, Told
from rules.decision import Conclusion, Coverage, Figures, Verdict

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


def _told(size: int) -> Told:
    conclusion = Conclusion(
        verdict=Verdict.ALLOW,
        summary="",
        figures=Figures(),
        findings=(),
        coverage=Coverage(evaluated=0, unknown=0, skipped=0),
        complete=True,
    )
    return Told(body=b"x" * size, digest="", conclusion=conclusion)


def _question(number: int) -> Question:
    return Question(b"%d" % number, "rel", date(2026, 1, 1), "sha256:0", False)


def test_memory_is_bounded_and_what_was_asked_of_late_stays() -> None:
    memory = DecisionMemory(capacity=1_000)
    for number in range(5):
        memory.keep(_question(number), _told(199))
    assert memory.size == 1_000
    assert memory.get(_question(0)) is not None
    memory.keep(_question(5), _told(199))
    assert memory.size == 1_000
    assert memory.get(_question(1)) is None
    assert all(memory.get(_question(number)) is not None for number in (0, 2, 3, 4, 5))
    memory.keep(_question(0), _told(150))
    assert memory.size == 1_000
    memory.keep(_question(9), _told(5_000))
    assert memory.size == 0
