"""Example requests: shown in the documentation, sent by the tests."""

from __future__ import annotations

from typing import Any

_LONG_BTC: dict[str, Any] = {
    "venue": "binance",
    "instrument": "BTCUSDT",
    "side": "long",
    "notional": "31000",
    "entry_price": "62000",
    "leverage": "5",
    "margin_mode": "isolated",
    "stop_price": "60500",
}

DECISION_REQUESTS: dict[str, Any] = {
    "a retail client in New York": {**_LONG_BTC, "client": {"residence": "US-NY", "client_class": "retail"}},
    "a client in Abu Dhabi, with account and market": {
        **_LONG_BTC,
        "order_type": "market",
        "take_profit_price": "66000",
        "holding_hours": "72",
        "client": {"residence": "AE-AZ", "client_class": "professional"},
        "account": {"equity": "50000", "currency": "USD", "volume_30d_usd": "0"},
        "market": {"mark_price": "62010", "funding_rate": "0.0001", "atr": "1500", "regime": "trending"},
        "policy": "standard",
    },
    "more leverage than the size allows": {
        **_LONG_BTC,
        "notional": "1000000",
        "leverage": "125",
        "client": {"residence": "AE-AZ", "client_class": "professional"},
        "policy": "law_only",
    },
}
