"""What the documents show works."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest

from tests.conftest import ROOT

ANSWERS = (ROOT / "docs" / "answers.md").read_text()
LOOP = re.search(r"```python\n(.*?)```", ANSWERS, re.DOTALL)

TRADE: dict[str, Any] = {
    "venue": "okx",
    "instrument": "BTC-USDT-SWAP",
    "side": "long",
    "notional": "1000000",
    "entry_price": "62000",
    "leverage": "125",
    "margin_mode": "isolated",
    "stop_price": "60500",
    "client": {"residence": "AE-DU", "client_class": "professional"},
    "account": {"equity": "50000", "positions": []},
    "as_of": "2026-11-21",
}


@pytest.fixture(scope="module")
def loop() -> dict[str, Any]:
    """The functions of the client that the document shows."""
    assert LOOP is not None
    found: dict[str, Any] = {}
    exec(LOOP[1], found)  # noqa: S102 - text of ours
    return found


def against(decision: dict[str, Any], outcome: str) -> list[dict[str, Any]]:
    return [one for one in decision["findings"] if one["outcome"] == outcome and one["effect"] != "warn"]


def test_the_client_shown_makes_the_trade_pass(client: httpx.Client, loop: dict[str, Any]) -> None:
    first = client.post("/v1/decisions?record=false", json=TRADE).json()
    assert first["verdict"] == "deny"
    assert len(first["remedies"]) > 1
    last = loop["cleared"](client, TRADE)
    assert against(last, "fail") == []
    questions = [one["question"] for one in against(last, "unknown")]
    vouched = [one["id"] for one in questions if one["id"] is not None]
    assert vouched
    again = loop["cleared"](client, {**TRADE, "conditions_met": vouched})
    assert all(one["question"]["id"] is None for one in against(again, "unknown"))
    assert again["verdict"] == ("review" if against(again, "unknown") else "allow")


def test_a_single_change_of_the_combined_one_is_not_enough(client: httpx.Client, loop: dict[str, Any]) -> None:
    first = client.post("/v1/decisions?record=false", json=TRADE).json()
    assert len(first["remedies"]) > 1
    for remedy in first["remedies"]:
        alone = client.post("/v1/decisions?record=false", json=loop["changed"](TRADE, [remedy])).json()
        assert against(alone, "fail")


def test_what_a_program_may_not_change_is_left_to_a_person(client: httpx.Client, loop: dict[str, Any]) -> None:
    client_of_dubai = {"residence": "AE-DU", "client_class": "professional"}
    trade = {**TRADE, "venue": "bybit", "instrument": "BTCUSDT", "client": client_of_dubai}
    decision = loop["cleared"](client, trade)
    assert decision["verdict"] == "deny"
    assert {one["field"] for one in decision["remedies"]} - loop["MAY_CHANGE"]
    assert decision["trade"]["leverage"] == "125"


def test_a_change_of_venue_names_the_instrument_there(loop: dict[str, Any]) -> None:
    remedies = [
        {"field": "venue", "values": ["bitnomial"], "instruments": [{"venue": "bitnomial", "instrument": "PBUC"}]},
        {"field": "account.equity", "smallest_passing": "10"},
    ]
    changed = loop["changed"]({**TRADE, "account": None}, remedies)
    assert (changed["venue"], changed["instrument"]) == ("bitnomial", "PBUC")
    assert changed["account"] == {"equity": "10"}


def test_the_calculator_shown_answers(client: httpx.Client) -> None:
    shown = re.search(
        r"(/v1/calculators/[a-z-]+) .* -d '(\{.*?\})'", (ROOT / "docs" / "calculators.md").read_text(), re.DOTALL
    )
    assert shown is not None
    answer = client.post(shown[1], content=shown[2], headers={"Content-Type": "application/json"}).json()
    assert answer["liquidation"] == "price"
