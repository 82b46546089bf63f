"""A change found by trying ends after a few trials, whatever is asked, and what is held is added up once."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from rules import preparing
from rules.checks import trying
from rules.decision import Outcome, Remedy
from rules.engine import decide
from rules.figures import costs
from tests.rules.test_remedies import DAY, concluded, proposal
from tests.rules.world import on, policy_of, trade_of

HELD = {
    "venue": "kucoin",
    "instrument": "XBTUSDTM",
    "side": "long",
    "quantity": "0.001",
    "entry_price": "62000",
    "mark_price": "62000",
    "leverage": "3",
    "margin_mode": "isolated",
}
MANY = 1000
"""Trials; no search needs a tenth of them."""


def account(free_collateral: str, held: int = 1) -> dict[str, Any]:
    return {"equity": "2000", "currency": "USDT", "free_collateral": free_collateral, "positions": [HELD] * held}


def counted(monkeypatch: pytest.MonkeyPatch, module: Any, name: str) -> list[None]:
    """Return a list that grows with each call of a function, which fails after too many."""
    calls: list[None] = []
    counted_one = getattr(module, name)

    def call(*arguments: Any) -> Any:
        calls.append(None)
        assert len(calls) < MANY
        return counted_one(*arguments)

    monkeypatch.setattr(module, name, call)
    return calls


def test_a_margin_that_falls_no_further_ends_the_search(monkeypatch: pytest.MonkeyPatch):
    """BitMEX rounds margin up to a millionth: no size has less, and none with its fee fits a millionth."""
    trials = counted(monkeypatch, trying, "resized")
    positions = [{**HELD, "venue": "bitmex", "instrument": "XBTUSDT"}]
    held = {"equity": "2000", "currency": "USDT", "free_collateral": "0.000001", "positions": positions}
    trade = trade_of(proposal("bitmex", "XBTUSDT", "long", "3", account=held))
    concluding = decide(trade, on(date(2026, 8, 1)), policy_of("standard"))[1]
    found = {one.rule: one for one in concluding.findings}["risk.margin_available"]
    assert found.outcome is Outcome.FAIL
    assert found.remedy is None
    assert trials


def test_what_is_held_is_added_up_once_for_all_sizes_tried(monkeypatch: pytest.MonkeyPatch):
    sums, trials = counted(monkeypatch, preparing, "exposure_of"), counted(monkeypatch, trying, "resized")
    trade = proposal("kucoin", "XBTUSDTM", "long", "50", stop="0.3", account=account("30"))
    concluded(trade, "standard")
    assert len(trials) > 10
    assert len(sums) <= 5  # the trade, and each time its remedies are made together


def test_nothing_is_tried_where_the_instrument_is_held_in_a_thousand_parts(monkeypatch: pytest.MonkeyPatch):
    trials = counted(monkeypatch, trying, "resized")
    trade = proposal("kucoin", "XBTUSDTM", "long", "50", stop="0.3", account=account("30", held=MANY))
    found = {one.rule: one for one in concluded(trade, "standard").findings}
    assert found["liquidation.stop_before_liquidation"].outcome is Outcome.FAIL
    assert not trials


def test_no_leverage_is_tried_where_the_instrument_is_held_in_a_thousand_parts(monkeypatch: pytest.MonkeyPatch):
    """Bybit counts the fee for closing with maintenance: the leverage is found by trying where few parts are held."""

    def told(parts: int) -> Remedy | None:
        positions = [{**HELD, "venue": "bybit", "instrument": "BTCUSDT"}] * parts
        held = {"equity": "2000", "currency": "USDT", "positions": positions}
        trade = proposal("bybit", "BTCUSDT", "long", "150", account=held)
        share = {one.rule: one for one in concluded(trade, "conservative").findings}["liquidation.maintenance_share"]
        assert share.outcome is Outcome.FAIL
        return share.remedy

    few = told(3)
    assert few is not None
    assert few.field == "leverage"
    trials = counted(monkeypatch, trying, "resized")
    assert told(MANY) is None
    assert not trials


def test_a_book_is_not_walked_for_each_size_tried(monkeypatch: pytest.MonkeyPatch):
    walked, fill = list[int](), costs.fill

    def counting(side: Any, quantity: Any, bids: list[Any], asks: list[Any]) -> Any:
        walked.append(len(bids) + len(asks))
        return fill(side, quantity, bids, asks)

    monkeypatch.setattr(costs, "fill", counting)
    trials = counted(monkeypatch, trying, "resized")
    market = {"mark_price": "62000", "order_book": {"bids": BIDS, "asks": ASKS}}
    trade = proposal("kucoin", "XBTUSDTM", "long", "50", stop="0.3", account=account("30"), market=market)
    concluded(trade, "standard")
    assert len(trials) > 10
    assert 0 < sum(levels > len(("bid", "ask")) for levels in walked) <= 5


BIDS, ASKS = [["61990", "9"], ["61980", "9"]], [["62010", "9"], ["62020", "9"]]


@pytest.mark.parametrize("side", ["long", "short"])
@pytest.mark.parametrize("leverage", ["9", "10.37", "40", "125"])
def test_the_leverage_at_which_a_fee_for_liquidation_fits_is_found_in_a_few_trials(
    side: str, leverage: str, monkeypatch: pytest.MonkeyPatch
):
    trials = counted(monkeypatch, trying, "resized")
    trade = proposal("binance", "BTCUSDT", side, leverage)
    fee = {one.rule: one for one in concluded(trade, "standard").findings}["cost.liquidation_fee"]
    assert fee.outcome is Outcome.FAIL
    assert fee.remedy is not None
    told = fee.remedy.largest_passing
    assert told is not None
    assert len(trials) <= 5
    for tried, outcome in ((told, Outcome.PASS), (told + trying._LEVERAGE_STEP, Outcome.FAIL)):
        again = concluded(proposal("binance", "BTCUSDT", side, str(tried)), "standard")
        assert next(one for one in again.findings if one.rule == "cost.liquidation_fee").outcome is outcome


def test_no_leverage_fits_where_no_fee_is_allowed():
    policy = policy_of("standard", {"max_liquidation_fee_on_margin": "0"})
    trade = trade_of(proposal("binance", "BTCUSDT", "short", "20"))
    found = decide(trade, on(DAY), policy)[1].findings
    fee = next(one for one in found if one.rule == "cost.liquidation_fee")
    assert (fee.outcome, fee.remedy) == (Outcome.FAIL, None)
