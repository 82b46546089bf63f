"""The dated Binance ladders of the curated history, asked back over HTTP from the release built of them."""

from __future__ import annotations

import csv
import random
from datetime import date, timedelta
from decimal import Decimal

import httpx

from tests.conftest import ROOT

HISTORY = ROOT / "data/curated/margin_tiers"
Ladder = list[tuple[int, Decimal, Decimal, Decimal]]


def test_any_recorded_ladder_is_answered_for_a_day_within_its_dates(client: httpx.Client) -> None:
    recorded: dict[tuple[str, str, str], Ladder] = {}
    with (HISTORY / "binance.history.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            recorded.setdefault((row["symbol"], row["valid_from"], row["valid_to"]), []).append(
                (
                    int(row["tier"]),
                    Decimal(row["floor"]),
                    Decimal(row["maintenance_margin_rate"]),
                    Decimal(row["max_leverage"]),
                )
            )
    assert len(recorded) > 2000
    for symbol, start, end in random.Random(11).sample(sorted(recorded), 60):
        first = date.fromisoformat(start)
        last = date.fromisoformat(end) if end else date(2026, 11, 1)
        for day in (first, first + (last - first) / 2, last - timedelta(days=1)):
            asked = {"venue": "binance", "instrument": symbol, "as_of": day.isoformat(), "limit": "1000"}
            rows = client.get("/v1/margin-tiers", params=asked).json()["data"]
            answered = sorted(
                (
                    row["tier"],
                    Decimal(row["floor"]),
                    Decimal(row["maintenance_margin_rate"]),
                    Decimal(row["max_leverage"]),
                )
                for row in rows
            )
            assert answered == sorted(recorded[symbol, start, end]), (symbol, day)
