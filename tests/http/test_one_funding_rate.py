"""One funding rate means the same at venues whose intervals differ."""

from __future__ import annotations

from decimal import Decimal

import httpx

BODY = {
    "base": "BTC",
    "product": "perpetual",
    "side": "long",
    "notional": "31000",
    "entry_price": "62000",
    "leverage": "3",
    "holding_hours": "72",
    "client": {"residence": "AE-AZ", "client_class": "professional"},
    "market": {"mark_price": "62000", "funding_rate": "0.0001"},
}


def funding(client: httpx.Client, body: object) -> dict[str, Decimal]:
    reply = client.post("/v1/comparisons", json=body)
    assert reply.status_code == 200, reply.text
    costs = {row["venue"]: row["figures"]["funding_cost"] for row in reply.json()["data"]}
    return {venue: Decimal(cost) for venue, cost in costs.items() if cost is not None}


def test_an_hourly_venue_costs_what_an_eight_hourly_one_does(client: httpx.Client) -> None:
    costs = funding(client, BODY)
    assert costs["binance"] == Decimal("27.9")
    assert costs["hyperliquid"] == costs["binance"]


def test_a_rate_stated_per_hour_costs_eight_times_as_much(client: httpx.Client) -> None:
    stated = {**BODY, "market": {**BODY["market"], "funding_interval_hours": "1"}}  # type: ignore[dict-item]
    assert funding(client, stated)["binance"] == Decimal("223.2")
