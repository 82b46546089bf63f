"""Every threshold a policy may set, at its bounds and just within: the rules answer, whatever they find."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from rules.decision import Conclusion
from rules.engine import decide
from rules.policies.thresholds import THRESHOLDS, Threshold
from tests.rules.world import changed, on, policy_of, trade_of

DAY = date(2026, 11, 21)
BOOK = {"bids": [["61990", "1"], ["61000", "3"]], "asks": [["62010", "0.05"], ["62400", "3"]]}
LONG: dict[str, Any] = {
    "venue": "binance",
    "instrument": "BTCUSDT",
    "side": "long",
    "notional": "20000",
    "entry_price": "62000",
    "stop_price": "61000",
    "take_profit_price": "63000",
    "leverage": "5",
    "margin_mode": "isolated",
    "holding_hours": "60",
    "client": {"residence": "AE-AZ", "client_class": "professional"},
    "account": {"equity": "10000", "currency": "USDT", "free_collateral": "5000", "positions": []},
    "market": {
        "mark_price": "62000",
        "index_price": "62100",
        "atr": "1500",
        "daily_range": "2000",
        "regime": "trending",
        "funding_rate": "0.0005",
        "order_book": BOOK,
    },
}
HELD = {"venue": "binance", "instrument": "BTCUSDT", "side": "short", "quantity": "1", "entry_price": "60000"}
TRADES = {
    "long": LONG,
    "short inverse": {
        **LONG,
        "venue": "bybit",
        "instrument": "BTCUSD",
        "side": "short",
        "stop_price": "63000",
        "take_profit_price": "60000",
    },
    "cross, beside a short": {
        **LONG,
        "margin_mode": "cross",
        "intent": "hedge",
        "account": {**LONG["account"], "positions": [HELD]},
    },
    "spot margin": {
        **LONG,
        "venue": "kraken",
        "instrument": "XBTUSDT",
        "market": {**LONG["market"], "borrow_rate": "0.0001"},
    },
}
JUST_ABOVE = Decimal("0.000001")


REGIMES = ("ranging", "trending", "high_volatility", "post_liquidation")


def amounts_of(conclusion: Conclusion) -> Iterator[tuple[str, Decimal]]:
    """Yield the largest leverage or size that each remedy names, by the rule it is of."""
    for finding in conclusion.findings:
        remedy = finding.remedy
        for one in () if remedy is None else (remedy, *remedy.alternatives):
            if one.field in ("leverage", "notional", "quantity") and one.largest_passing is not None:
                yield finding.rule, one.largest_passing


@pytest.mark.parametrize("fields", TRADES.values(), ids=TRADES.keys())
@pytest.mark.parametrize("threshold", THRESHOLDS.values(), ids=THRESHOLDS.keys())
def test_rules_answer_at_any_threshold_and_offer_something(threshold: Threshold, fields: dict[str, Any]):
    values = [threshold.lowest, threshold.highest]
    if threshold.unit not in ("days", "positions"):
        values.append(threshold.lowest + JUST_ABOVE)
    for regime in REGIMES if threshold.name.startswith("max_leverage") else REGIMES[:1]:
        trade = trade_of({**fields, "market": {**fields["market"], "regime": regime}})
        for value in values:
            policy = changed(policy_of("standard"), {threshold.name: str(value)})
            conclusion = decide(trade, on(DAY), policy)[1]
            assert conclusion.coverage.evaluated
            assert [rule for rule, amount in amounts_of(conclusion) if amount <= 0] == []
