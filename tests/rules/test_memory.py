"""What rules remember of a day is bounded, and equal questions get equal answers."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec
import pytest

from data import memory
from data.memory import Budget
from rules.comparison.answer import Comparison
from rules.comparison.asked import ComparedTrade
from rules.comparison.choosing import Choices
from rules.comparison.compare import compare
from rules.decision import Conclusion
from rules.engine import decide
from rules.figures import held_terms
from rules.law.index import law_index
from rules.policies import plan
from rules.policies.settled import _Kept
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
    for one in (Remembered, lookup._Lookups):
        monkeypatch.setattr(one, "most", 2)
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
    for one in (Choices, held_terms._Lookups):
        monkeypatch.setattr(one, "most", 1)
    facts().on.cache_clear()
    again = [concluded("AE", **one) for one in accounts], [compared(base) for base in ("BTC", "ETH", "SOL")]
    assert again == plenty
    assert all(one.figures.liquidation is not None for one in again[0])


def test_all_days_share_one_budget_and_the_day_that_learned_nothing_for_the_longest_starts_afresh(
    monkeypatch: pytest.MonkeyPatch,
):
    budget = Budget(20)
    monkeypatch.setattr(memory, "BUDGET", budget)
    days = [Remembered[int](facts().on(date(2026, 6, 1 + day))) for day in range(5)]
    for question in range(10):
        for day in days:
            day.answer(question, lambda: 1)
            assert sum(map(len, days)) <= 20
    assert len(days[-1]) > 0
    for question in range(3):
        days[2].keep(("more", question), 1)
        days[0].keep(("more", question), 1)
    for question in range(20):
        days[4].keep(("most", question), 1)
    assert [len(day) for day in days[:4]] == [0, 0, 0, 0]


def test_long_questions_take_more_of_the_budget(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(memory, "BUDGET", Budget(100))
    kept = Remembered[int](facts().on(DAY))
    for number in range(50):
        kept.keep((number, ("c" * 128,) * 100), 1)
        assert len(kept) <= 10


def test_long_answers_take_more_of_the_budget(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(memory, "BUDGET", Budget(100))
    facts().on.cache_clear()
    kept = facts().on(DAY).derive(_Kept)
    for number in range(200):
        kept.keep(number, ())
        assert len(kept) <= 50


def test_nothing_is_an_answer_too_and_is_found_once():
    kept = Remembered[None](facts().on(DAY))
    asked = []
    for _ in range(3):
        assert kept.answer("?", lambda: asked.append(1)) is None
    assert asked == [1]


def test_places_that_callers_invent_are_forgotten(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(Remembered, "most", 5)
    facts().on.cache_clear()
    index = law_index(facts().on(DAY))
    for number in range(100, 150):
        assert index.place(f"AD-{number}").code == f"AD-{number}"
    assert len(index._places) <= 5
    facts().on.cache_clear()


def test_decisions_over_many_days_within_a_small_budget_are_the_same(monkeypatch: pytest.MonkeyPatch):
    days = [date(2026, 6, 1 + day) for day in range(4)]
    trades = [
        trade_of({"venue": venue, "instrument": name, "side": "long", "leverage": "5", "client": {"residence": place}})
        for venue, name in (("binance", "BTCUSDT"), ("okx", "BTC-USDT-SWAP"))
        for place in ("AE", "US-NY")
    ]

    def answers() -> list[Any]:
        facts().on.cache_clear()
        return [decide(one, facts().on(day), policy_of("law_only")) for one in trades for day in days]

    plenty = answers()
    monkeypatch.setattr(memory, "BUDGET", Budget(7))
    assert answers() == plenty
    facts().on.cache_clear()
