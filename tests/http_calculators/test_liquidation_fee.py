"""Liquidation prices of venues that count a liquidation fee as required margin, and from which day they do."""

from __future__ import annotations

import httpx
import pytest

from tests.http_calculators.asking import D, ask

KUCOIN = {
    "venue": "kucoin",
    "instrument": "XBTUSDTM",
    "margin_mode": "isolated",
    "entry_price": "60000",
    "size": "0.1",
    "leverage": "100",
}
MEXC = {
    "venue": "mexc",
    "instrument": "BTC_USDT",
    "side": "long",
    "margin_mode": "isolated",
    "entry_price": "60000",
    "size": "0.1",
    "leverage": "500",
}
NO_FEE = "the liquidation fee rate is not known; it is left out of the required margin"


@pytest.mark.parametrize(
    ("side", "day", "price"),
    [
        ("long", "2025-05-21", "59640"),
        ("long", "2025-05-22", "59675.9"),
        ("short", "2025-05-21", "60360"),
        ("short", "2025-05-22", "60323.8"),
    ],
)
def test_kucoin_counts_a_liquidation_fee_since_its_announcement(
    client: httpx.Client, side: str, day: str, price: str
) -> None:
    answer = ask(client, "position", {**KUCOIN, "side": side, "as_of": day})
    assert answer["liquidation_price"] == price
    assert any("since 2025-05-22" in one for one in answer["approximations"]) is (day == "2025-05-22")


def test_kucoin_is_never_told_far_from_its_own_formula(client: httpx.Client) -> None:
    for leverage in ("5", "20", "100", "125"):
        for side, sign in (("long", 1), ("short", -1)):
            answer = ask(client, "position", {**KUCOIN, "side": side, "leverage": leverage})
            announced = D(60000) * (1 - sign / D(leverage)) / (1 - sign * (D("0.004") + D("0.0006")))
            told = D(answer["liquidation_price"])
            assert abs(told - announced) <= abs(60000 - announced) * D("0.005") + 1


def test_kucoin_figures_of_stated_rates_say_that_the_fee_is_left_out(client: httpx.Client) -> None:
    terms = {"contract_type": "linear", "maintenance_margin_rate": "0.004"}
    asked = {**KUCOIN, "side": "long", "terms": terms}
    bare = ask(client, "position", asked)
    assert D(bare["liquidation_price"]) == 59640
    assert NO_FEE in bare["approximations"]
    stated = ask(client, "position", {**asked, "terms": {**terms, "liquidation_fee_rate": "0.0006"}})
    assert D("59675") < D(stated["liquidation_price"]) < D("59676")
    assert NO_FEE not in stated["approximations"]


def test_mexc_counts_the_liquidation_fee_of_the_contract(client: httpx.Client) -> None:
    answer = ask(client, "position", MEXC)
    assert D("59963.9") < D(answer["liquidation_price"]) < D(59964)
    assert "mexc.api_country" in answer["sources"]
    assert NO_FEE not in answer["approximations"]
    stated = {"contract_type": "linear", "maintenance_margin_rate": "0.001"}
    assert NO_FEE in ask(client, "position", {**MEXC, "terms": stated})["approximations"]


@pytest.mark.parametrize(
    ("day", "maintenance"), [("2025-06-01", "3000"), ("2025-08-19", "3000"), ("2025-08-20", "1895")]
)
def test_gate_charges_the_whole_position_at_its_level_before_it_charges_by_slices(
    client: httpx.Client, day: str, maintenance: str
) -> None:
    asked = {
        "venue": "gate",
        "instrument": "AI16Z_USDT",
        "side": "long",
        "margin_mode": "isolated",
        "entry_price": "1",
        "size": "100000",
        "leverage": "5",
        "as_of": day,
    }
    assert ask(client, "margin", asked)["maintenance_margin"] == maintenance
