"""Figures of a trade beside a position held in its instrument are told for what they are."""

from __future__ import annotations

from datetime import date
from typing import Any

from rules.decision import Finding
from rules.engine import decide
from tests.rules.world import built_in, on, trade_of

TRADE: dict[str, Any] = {
    "venue": "binance",
    "instrument": "BTCUSDT",
    "side": "long",
    "notional": "31000",
    "entry_price": "62000",
    "leverage": "5",
    "margin_mode": "isolated",
    "client": {"residence": "AE", "client_class": "retail"},
}
HELD = {name: TRADE[name] for name in ("venue", "instrument", "side", "leverage", "margin_mode")}


def finding(rule: str, **fields: Any) -> Finding:
    _, conclusion = decide(trade_of({**TRADE, **fields}), on(date(2026, 11, 21)), built_in("standard"))
    return next(one for one in conclusion.findings if one.rule == rule)


def test_margins_of_the_trade_alone_are_not_told_of_the_position_it_adds_to() -> None:
    position = {**HELD, "quantity": "1", "entry_price": "60000"}
    alone = finding("liquidation.not_at_entry")
    beside = finding(
        "liquidation.not_at_entry", account={"equity": "50000", "currency": "USD", "positions": [position]}
    )
    assert (alone.outcome, beside.outcome) == ("pass", "pass")
    assert alone.observed is not None
    assert (beside.observed, beside.limit) == (None, None)
