"""Funding over HTTP: intervals, bounds, rounding."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from api.examples_calculators import CALCULATOR_REQUESTS
from tests.http_calculators.asking import ask, refused


def test_a_part_interval_of_funding_counts_whole_and_says_so(client: httpx.Client) -> None:
    body = {**CALCULATOR_REQUESTS["funding"]["three days of a positive rate"], "hours": "73"}
    answer = ask(client, "funding", body)
    assert (answer["intervals"], answer["funding"]) == ("10", "-31")
    assert "part interval" in answer["approximations"][0]
    exact = ask(client, "funding", {**body, "hours": "72"})
    assert (exact["funding"], exact["rate_annualised"], exact["approximations"]) == ("-27.9", "0.1095", [])


def test_a_rate_beyond_the_venues_cap_is_clipped_and_said_so(client: httpx.Client) -> None:
    body = {
        "venue": "bybit",
        "instrument": "BTCUSDT",
        "side": "short",
        "position_value": "1000",
        "funding_rate": "0.05",
    }
    answer = ask(client, "funding", body)
    assert answer["funding_rate"] == answer["cap"] == "0.00375"
    assert answer["funding"] == "3.75"
    assert "clipped" in answer["approximations"][0]


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"position_value": None}, "/position_value"),
        ({"hours": "-1"}, "/hours"),
        ({"hours": "5"}, "/interval_hours"),
        ({"funding_rate": "2"}, "/funding_rate"),
        ({"position_value": "-4"}, "/position_value"),
    ],
)
def test_funding_refuses_what_it_cannot_reckon(client: httpx.Client, change: dict[str, Any], pointer: str) -> None:
    body = {"side": "long", "position_value": "1000", "funding_rate": "0.0001", **change}
    assert pointer in refused(client, "funding", body)
    assert "/mark_price" in refused(
        client, "funding", {"side": "long", "funding_rate": "0.1", "size": "1", "mark_price": "0"}
    )


def test_funding_without_a_named_venue_is_not_rounded(client: httpx.Client) -> None:
    body = {"side": "long", "position_value": "0.0012377", "funding_rate": "0.00375", "interval_hours": "8"}
    assert ask(client, "funding", body)["funding"] == "-0.000004641375"
    rounded = ask(client, "funding", {**body, "venue": "kucoin", "terms": {"contract_type": "inverse"}})
    assert rounded["funding"] == "-0.00000465"
