"""What rules remember of a day is bounded, and equal questions get equal answers."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec
import pytest

from rules.comparison.answer import Comparison
from rules.comparison.asked import ComparedTrade
from rules.comparison.choosing import Choices
from rules.comparison.compare import compare
from rules.decision import Conclusion
from rules.engine import decide
from rules.figures import held_terms
from rules.policies import plan
from rules.remembered import Remembered
from rules.terms import lookup
from tests.rules.world import facts, policy_of, trade_of

DAY = date(2026, 6, 2)


def concluded(residence: str, **fields: Any) -> Conclusion:
    trade = {
        "venue": "binance",
        "instrument": "BTCUSDT",
        "side": "long",
        "notional": "31000",
        "entry_price": "62000",
        "leverage": "5",
        "client": {"residence": residence},
        **fields,
    }
    return decide(trade_of(trade), facts().on(DAY), policy_of("law_only"))[1]


def test_a_full_memory_starts_afresh_and_answers_the_same(monkeypatch: pytest.MonkeyPatch):
    asked = [{"residence": place} for place in ("AE", "US-NY", "DE", "SG")]
    asked += [{"residence": "US-FL", "intermediary": firm} for firm in ("robinhood", "acme", "kalshi")]
    plenty = [concluded(**one) for one in asked]
    for memory in (Remembered, lookup._Lookups):
        monkeypatch.setattr(memory, "most", 2)
    monkeypatch.setattr(plan, "_MAX_PLANS", 0)
    facts().on.cache_clear()
    assert [concluded(**one) for one in asked] == plenty
    assert [concluded(**one) for one in asked] == plenty
    assert [concluded(**one) for one in reversed(asked)] == plenty[::-1]


def test_what_differs_is_not_mixed_up():
    professional = {"client": {"residence": "AE", "client_class": "professional"}, "venue": "okx"}
    retail = {"client": {"residence": "AE", "client_class": "retail"}, "venue": "okx"}
    answers = [
        concluded("AE", instrument="BTC-USDT-SWAP", **who) for who in (professional, retail, professional, retail)
    ]
    assert answers[0] == answers[2]
    assert answers[1] == answers[3]
    assert answers[0] != answers[1]


def test_caps_of_one_product_are_not_those_of_another():
    """Of an instrument that no facts show, the product is what the request says."""
    day, client = date(2026, 11, 21), {"residence": "AE", "client_class": "professional"}
    asked = [
        trade_of(
            {"venue": "okx", "instrument": "ZZZ/USD", "side": "long", "product": one, "leverage": "7", "client": client}
        )
        for one in ("perpetual", "spot_margin")
    ]
    facts().on.cache_clear()
    answers = [decide(one, facts().on(day), policy_of("standard")) for one in asked]
    facts().on.cache_clear()
    assert [decide(one, facts().on(day), policy_of("standard")) for one in reversed(asked)] == answers[::-1]


def test_a_full_memory_of_what_is_held_or_compared_starts_afresh(monkeypatch: pytest.MonkeyPatch):
    def held(*instruments: str) -> dict[str, Any]:
        shared = {"venue": "binance", "side": "long", "quantity": "1", "entry_price": "3000", "mark_price": "3000"}
        positions = [{**shared, "instrument": one, "margin_mode": "cross", "leverage": "5"} for one in instruments]
        return {"margin_mode": "cross", "account": {"equity": "90000", "currency": "USDT", "positions": positions}}

    def compared(base: str) -> Comparison:
        asked = msgspec.convert(
            {"base": base, "product": "perpetual", "side": "long", "client": {"residence": "AE"}}, ComparedTrade
        )
        return compare(asked, facts().on(DAY), policy_of("law_only"))

    accounts = [held("ETHUSDT", "BCHUSDT"), held("LTCUSDT", "ETHUSDT"), held("ETHUSDT")]
    facts().on.cache_clear()
    plenty = [concluded("AE", **one) for one in accounts], [compared(base) for base in ("BTC", "ETH", "SOL")]
    for memory in (Choices, held_terms._Lookups):
        monkeypatch.setattr(memory, "most", 1)
    facts().on.cache_clear()
    again = [concluded("AE", **one) for one in accounts], [compared(base) for base in ("BTC", "ETH", "SOL")]
    assert again == plenty
    assert all(one.figures.liquidation is not None for one in again[0])
