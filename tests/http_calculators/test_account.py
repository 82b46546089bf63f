"""Accounts by their totals: what is added up, what is divided by what, and where an account stands."""

from __future__ import annotations

from datetime import date
from typing import Any

import httpx
import pytest

from data.facts.vocabulary import Product
from rules.calculators.account import account
from rules.calculators.account_answers import AccountState
from rules.calculators.account_inputs import AccountInput
from tests.http_calculators.asking import D, ask, refused
from tests.rules.world import knowledge_of, on

TOTALS: dict[str, Any] = {"equity": "1000", "initial_margin": "400", "maintenance_margin": "100"}
KRAKEN: dict[str, Any] = {"venue": "kraken", "product": "spot_margin", "initial_margin": "1000"}


def test_parts_add_up_to_equity(client: httpx.Client) -> None:
    found = ask(
        client,
        "account",
        {
            "wallet_balance": "500",
            "unrealized_pnl": "-40",
            "unsettled_pnl": "15",
            "collateral": [
                {"asset": "BTC", "amount": "0.01", "price": "60000", "weight": "0.95"},
                {"asset": "ETH", "value": "200", "haircut": "0.1"},
                {"asset": "SOL", "value": "-100", "weight": "0.9"},
            ],
        },
    )
    # a debt of 100 counts whole: only what is owned is worth less as collateral
    assert found["collateral_value"] == "650"
    assert found["equity"] == found["margin_balance"] == "1125"
    assert found["initial_margin_rate"] is None
    assert found["state"] is None


def test_rates_levels_and_what_is_free(client: httpx.Client) -> None:
    asked = {**TOTALS, "order_margin": "50", "unrealized_pnl": "30", "notional": "4000"}
    found = ask(client, "account", asked)
    assert found["initial_margin_rate"] == "0.4"
    assert found["maintenance_margin_rate"] == found["margin_ratio"] == "0.1"
    assert found["margin_level"] == "2.5"
    assert found["available"] == "550"
    assert found["withdrawable"] == "520"
    assert found["liquidation_buffer"] == "900"
    assert found["effective_leverage"] == "4"
    assert found["state"] == "sound"
    assert found["approximations"] == []
    assert "available = equity - initial margin - order margin" in found["formula"]
    for loss in ("unrealized_pnl", "unsettled_pnl"):
        lost = ask(client, "account", {**asked, "unrealized_pnl": "0", loss: "-30"})
        assert lost["withdrawable"] == lost["available"] == "550"  # equity is less the loss: it frees nothing


def test_what_can_be_withdrawn_is_not_told_of_equity_with_unknown_profit(client: httpx.Client) -> None:
    asked = {"equity": "1000", "initial_margin": "100"}
    for given in (asked, {**asked, "unsettled_pnl": "5"}, {"margin_balance": "1000", "initial_margin": "100"}):
        found = ask(client, "account", given)
        assert (found["available"], found["withdrawable"]) == ("900", None)
        assert "no unrealized_pnl is given" in " ".join(found["approximations"])
    assert ask(client, "account", {**asked, "unrealized_pnl": "900"})["withdrawable"] == "0"
    assert ask(client, "account", {**asked, "unsettled_pnl": "900"})["withdrawable"] == "0"
    # a wallet as large as equity leaves no room for a profit
    assert ask(client, "account", {**asked, "wallet_balance": "1000"})["withdrawable"] == "900"
    assert ask(client, "account", {"wallet_balance": "1000", "initial_margin": "100"})["withdrawable"] == "900"


def test_what_falls_short_is_negative_and_nothing_can_be_withdrawn(client: httpx.Client) -> None:
    found = ask(client, "account", {**TOTALS, "equity": "90"})
    assert found["available"] == "-310"
    assert found["withdrawable"] == "0"
    assert found["liquidation_buffer"] == "-10"
    assert found["state"] == "liquidation"


def test_an_account_without_equity_has_no_rates(client: httpx.Client) -> None:
    found = ask(client, "account", {**TOTALS, "equity": "-5", "notional": "100"})
    assert found["margin_ratio"] is found["initial_margin_rate"] is found["effective_leverage"] is None
    assert found["state"] == "liquidation"


def test_bybit_divides_by_margin_balance_or_by_equity_and_cuts_at_four_decimals(client: httpx.Client) -> None:
    asked = {**TOTALS, "venue": "bybit", "equity": "3000", "margin_balance": "2700"}
    unified = ask(client, "account", asked)
    portfolio = ask(client, "account", {**asked, "account": "portfolio"})
    assert unified["initial_margin_rate"] == "0.1481"
    assert unified["available"] == "2300"
    assert portfolio["initial_margin_rate"] == "0.1333"
    assert portfolio["available"] == "2600"
    assert "taken as they are" in portfolio["approximations"][0]
    assert "bybit.margin.portfolio_margin_docs" in unified["sources"]


def test_an_account_is_judged_by_what_its_venue_divides_by(client: httpx.Client) -> None:
    asked = {"venue": "bybit", "equity": "200", "margin_balance": "100", "maintenance_margin": "150"}
    unified = ask(client, "account", {**asked, "initial_margin": "160"})
    assert (unified["state"], unified["liquidation_buffer"]) == ("liquidation", "-50")
    assert unified["margin_ratio"] == unified["maintenance_margin_rate"] == "1.5"
    assert unified["margin_level"] == "0.625"
    assert "liquidation when margin balance falls to maintenance margin" in unified["formula"]
    portfolio = ask(client, "account", {**asked, "account": "portfolio"})
    assert (portfolio["state"], portfolio["liquidation_buffer"], portfolio["margin_ratio"]) == ("sound", "50", "0.75")
    assert "liquidation when equity falls to maintenance margin" in portfolio["formula"]
    loans = {"venue": "binance", "product": "spot_margin", "debts": "1000", "equity": "250", "margin_balance": "90"}
    assert ask(client, "account", loans)["liquidation_buffer"] == "150"


def test_a_venue_whose_rates_are_not_on_file_is_said_to_be(client: httpx.Client) -> None:
    assert "reckoned with its equity" in ask(client, "account", {**TOTALS, "venue": "gate"})["approximations"][0]
    asked = {"venue": "gate", "margin_balance": "800", "initial_margin": "200"}
    found = ask(client, "account", asked)
    assert "reckoned with its margin balance" in found["approximations"][0]
    assert found["equity"] == "800"
    assert found["initial_margin_rate"] == "0.25"


@pytest.mark.parametrize(
    ("equity", "state", "buffer"), [("900", "sound", "500"), ("800", "margin_call", "400"), ("400", "liquidation", "0")]
)
def test_a_margin_level_is_called_at_80_and_closed_at_40_percent(
    client: httpx.Client, equity: str, state: str, buffer: str
) -> None:
    found = ask(client, "account", {**KRAKEN, "equity": equity})
    assert D(found["margin_level"]) == D(equity) / 1000
    assert found["state"] == state
    assert found["liquidation_buffer"] == buffer
    assert "closed at margin level 0.4, call at 0.8" in found["formula"]


def test_without_used_margin_a_level_says_nothing(client: httpx.Client) -> None:
    found = ask(client, "account", {"venue": "kraken", "product": "spot_margin", "equity": "900"})
    assert found["margin_level"] is found["state"] is found["liquidation_buffer"] is None


def test_loans_are_closed_at_the_level_the_venue_names(client: httpx.Client) -> None:
    bybit = {"venue": "bybit", "product": "spot_margin", "maintenance_margin": "100"}
    assert ask(client, "account", {**bybit, "equity": "100"})["state"] == "liquidation"
    assert ask(client, "account", {**bybit, "equity": "101"})["state"] == "sound"
    assert ask(client, "account", {**bybit, "equity": "101", "maintenance_margin": None})["state"] is None
    unknown = ask(client, "account", {**bybit, "venue": "kucoin", "equity": "1"})
    assert unknown["state"] is None
    assert "closed when debts / assets are at 0.97" in unknown["formula"]
    assert "maintenance margin is at" not in unknown["formula"]


def test_the_classic_mode_is_the_only_one_since_binance_ended_the_pro_mode(client: httpx.Client) -> None:
    """Its change log names the end on 2026-04-13; since then assets over debts of 1.1 alone close an account."""
    loan = {"venue": "binance", "product": "spot_margin", "equity": "110", "debts": "1000", "maintenance_margin": "100"}
    classic = ask(client, "account", loan)
    assert "closed when assets / debts are at 1.1" in classic["formula"]
    assert (
        classic["model"] == ask(client, "account", {**loan, "as_of": "2026-04-13"})["model"] == "Binance cross margin"
    )
    assert ask(client, "account", {**loan, "equity": "100"})["state"] == "liquidation"
    before = ask(client, "account", {**loan, "as_of": "2026-04-12"})
    assert before["model"] == "Binance cross margin pro"
    assert "closed when equity / maintenance margin is at 1; without" in before["formula"]


def test_debts_are_called_and_closed_at_their_own_levels(client: httpx.Client) -> None:
    binance = {"venue": "binance", "product": "spot_margin", "debts": "1000"}
    found = ask(client, "account", {**binance, "equity": "250"})
    assert (found["asset_level"], found["debt_ratio"]) == ("1.25", "0.8")
    assert (found["state"], found["liquidation_buffer"]) == ("sound", "150")
    assert ask(client, "account", {**binance, "equity": "100"})["state"] == "liquidation"
    kucoin = {**binance, "venue": "kucoin", "debts": "950"}
    assert ask(client, "account", {**kucoin, "equity": "51"})["state"] == "sound"
    assert ask(client, "account", {**kucoin, "equity": "50"})["state"] == "margin_call"
    assert ask(client, "account", {**kucoin, "equity": "29"})["state"] == "liquidation"
    assert "debts / assets are at 0.97" in ask(client, "account", {**kucoin, "equity": "29"})["formula"]
    assert ask(client, "account", {**kucoin, "venue": "bybit", "equity": "1"})["state"] is None
    nothing_owed = ask(client, "account", {**binance, "debts": "0", "equity": "5"})
    assert (nothing_owed["asset_level"], nothing_owed["debt_ratio"]) == (None, "0")
    assert ask(client, "account", {**binance, "equity": "-1000"})["debt_ratio"] is None
    assert ask(client, "account", {**binance, "debts": "0.9", "equity": "-0.4"})["debt_ratio"] == "1.8"


def test_a_ratio_stands_the_way_the_venue_prints_it_and_warns_there(client: httpx.Client) -> None:
    found = ask(client, "account", {**TOTALS, "venue": "okx"})
    assert found["margin_ratio"] == "10"
    assert found["state"] == "sound"
    assert ask(client, "account", {**TOTALS, "venue": "okx", "equity": "200"})["state"] == "margin_call"
    assert ask(client, "account", {**TOTALS, "venue": "okx", "maintenance_margin": "0"})["margin_ratio"] is None
    binance = {**TOTALS, "venue": "binance"}
    assert ask(client, "account", {**binance, "equity": "126"})["state"] == "sound"
    assert ask(client, "account", {**binance, "equity": "125"})["state"] == "margin_call"
    assert ask(client, "account", {**binance, "equity": "100"})["state"] == "liquidation"


def test_htx_restates_its_ratio_as_a_risk_rate(client: httpx.Client) -> None:
    """An adjustment factor of 0.1 on 400 of occupied margin requires 40."""
    asked = {"venue": "htx", "equity": "1000", "initial_margin": "400", "adjustment_factor": "0.1"}
    cross = ask(client, "account", asked)
    assert cross["maintenance_margin"] == "40"
    assert cross["margin_ratio"] == "0.04"
    assert cross["risk_rate"] == "24"
    isolated = ask(client, "account", {**asked, "margin_mode": "isolated"})
    assert isolated["risk_rate"] == "2.4"
    assert "liquidation at 0" in isolated["formula"]
    nothing = ask(client, "account", {"venue": "htx", "equity": "1000", "margin_mode": "isolated"})
    assert nothing["risk_rate"] is None


def test_a_risk_rate_stands_in_for_the_totals(client: httpx.Client) -> None:
    cross = ask(client, "account", {"venue": "htx", "risk_rate": "24"})
    assert (cross["margin_ratio"], cross["state"]) == ("0.04", "sound")
    assert ask(client, "account", {"venue": "htx", "risk_rate": "0"})["state"] == "liquidation"
    assert ask(client, "account", {"venue": "htx", "risk_rate": "-1"})["margin_ratio"] is None
    assert ask(client, "account", {"venue": "htx", "risk_rate": "0.25"})["margin_ratio"] == "0.8"
    isolated = {"venue": "htx", "margin_mode": "isolated", "risk_rate": "2.4"}
    found = ask(client, "account", {**isolated, "adjustment_factor": "0.1"})
    assert (found["margin_level"], found["margin_ratio"]) == ("2.5", "0.04")
    assert ask(client, "account", isolated)["margin_level"] is None
    beyond = ask(client, "account", {**isolated, "risk_rate": "-1", "adjustment_factor": "0.1"})
    assert beyond["margin_ratio"] is None


@pytest.mark.parametrize(
    "asked",
    [
        {"margin_mode": "isolated", "risk_rate": "-0.1"},
        {"margin_mode": "isolated", "risk_rate": "-0.5", "adjustment_factor": "0.2"},
        {"margin_mode": "isolated", "equity": "5", "initial_margin": "100", "adjustment_factor": "0.1"},
        {"risk_rate": "-1.2"},
        {"equity": "-10", "maintenance_margin": "50"},
        {"equity": "-10", "maintenance_margin": "0"},
        {"equity": "-10"},
    ],
)
def test_a_risk_rate_or_equity_below_zero_is_a_liquidation(client: httpx.Client, asked: dict[str, str]) -> None:
    assert ask(client, "account", {"venue": "htx", **asked})["state"] == "liquidation"


def test_a_risk_rate_is_told_of_equity_below_zero(client: httpx.Client) -> None:
    below = {"venue": "htx", "equity": "-10", "maintenance_margin": "50"}
    assert ask(client, "account", below)["risk_rate"] == "-1.2"
    assert ask(client, "account", {"venue": "htx", "margin_mode": "isolated", "risk_rate": "0.1"})["state"] == "sound"


@pytest.mark.parametrize(
    ("asked", "pointer", "words"),
    [
        ({}, "/equity", "or wallet_balance or collateral"),
        ({**TOTALS, "initial_margin": "-1"}, "/initial_margin", "must not be negative"),
        ({**TOTALS, "adjustment_factor": "0"}, "/adjustment_factor", "greater than zero"),
        ({"venue": "nowhere", "equity": "1"}, "/venue", "/v1/venues"),
        ({"product": "option", "equity": "1"}, "/product", "no margin model covers"),
        ({"venue": "htx", "equity": "1", "risk_rate": "1"}, "/risk_rate", "in place of the totals"),
        ({"venue": "okx", "risk_rate": "1"}, "/risk_rate", "no form of a risk rate"),
        ({"collateral": [{"asset": "BTC"}]}, "/collateral/0/value", "or amount and price"),
        ({"collateral": [{"value": "1", "price": "1"}]}, "/collateral/0/value", "leave one of them out"),
        ({"collateral": [{"amount": "1", "price": "0"}]}, "/collateral/0/price", "greater than zero"),
        ({"collateral": [{"value": "1", "weight": "1", "haircut": "0"}]}, "/collateral/0/haircut", "one less weight"),
        ({"collateral": [{"value": "1", "weight": "2"}]}, "/collateral/0/weight", "between 0 and 1"),
        ({"collateral": [{"value": "1"}] * 201}, "/collateral", "at most 200"),
    ],
)
def test_an_account_that_cannot_be_reckoned_is_refused(
    client: httpx.Client, asked: dict[str, Any], pointer: str, words: str
) -> None:
    assert words in refused(client, "account", asked)[pointer]


@pytest.mark.parametrize(("venue", "said"), [("okx", True), ("bitget", True), ("binance", False)])
def test_a_fee_to_close_that_totals_do_not_tell_is_said(client: httpx.Client, venue: str, said: bool) -> None:
    body = {"venue": venue, "equity": "1000", "initial_margin": "200", "maintenance_margin": "20"}
    for totals, ratio in ((body, True), ({**body, "maintenance_margin": None}, False)):
        words = " ".join(ask(client, "account", totals)["approximations"])
        assert ("adds the fee to close" in words) is (said and ratio)


def test_debts_tell_where_a_venue_closes_that_names_no_level_of_maintenance(client: httpx.Client) -> None:
    asked = {"venue": "kucoin", "product": "spot_margin", "equity": "10", "debts": "990"}
    bare = ask(client, "account", asked)
    beside = ask(client, "account", {**asked, "maintenance_margin": "5"})
    for name in ("state", "liquidation_buffer", "debt_ratio"):
        assert beside[name] == bare[name]
    assert beside["state"] == "liquidation"


def test_a_ratio_over_what_is_required_is_told_of_an_account_without_equity(client: httpx.Client) -> None:
    for equity in ("-50", "0", "100"):
        found = ask(client, "account", {"venue": "okx", "equity": equity, "maintenance_margin": "4.25"})
        assert round(D(found["margin_ratio"]), 12) == round(D(equity) / D("4.25"), 12)


def test_maintenance_margin_given_is_used_beside_the_factor_that_agrees_with_it(client: httpx.Client) -> None:
    asked = {"venue": "htx", "equity": "1000", "initial_margin": "400", "adjustment_factor": "0.1"}
    found = ask(client, "account", {**asked, "maintenance_margin": "40.03"})
    assert (found["maintenance_margin"], found["liquidation_buffer"]) == ("40.03", "959.97")
    assert (
        "maintenance_margin is used; initial_margin times adjustment_factor agrees with it" in found["approximations"]
    )


def test_a_factor_that_the_venue_does_not_know_says_nothing_of_the_maintenance_margin(client: httpx.Client) -> None:
    found = ask(client, "account", {**TOTALS, "venue": "okx", "adjustment_factor": "0.1"})
    assert found["maintenance_margin"] == "100"
    assert "left aside, for this answer does not depend on it: adjustment_factor" in found["approximations"]
    untold = ask(client, "account", {**TOTALS, "venue": "okx", "adjustment_factor": "0.1", "maintenance_margin": None})
    assert untold["maintenance_margin"] is None


def test_an_account_that_holds_nothing_is_a_liquidation_without_rates(client: httpx.Client) -> None:
    found = ask(client, "account", {**TOTALS, "venue": "binance", "equity": "0"})
    assert found["margin_ratio"] is found["maintenance_margin_rate"] is None
    assert (found["margin_level"], found["state"]) == ("0", "liquidation")


def test_a_margin_level_without_a_level_of_call_is_never_called() -> None:
    """Kraken's form, were its call level not on file."""
    known = knowledge_of(date(2026, 11, 21), {"margin_model": {"call_level": "off"}})
    asked = AccountInput(venue="kraken", product=Product.SPOT_MARGIN, equity=D(500), initial_margin=D(1000))
    assert account(asked, known).state is AccountState.SOUND
    assert account(asked, on(date(2026, 11, 21))).state is AccountState.MARGIN_CALL


def test_less_than_one_unit_of_equity_is_no_liquidation(client: httpx.Client) -> None:
    assert ask(client, "account", {**TOTALS, "equity": "0.5", "maintenance_margin": "0.1"})["state"] == "sound"


def test_a_balance_for_margin_is_held_to_the_equity_that_is_known(client: httpx.Client) -> None:
    known = {"equity": "1200", "unrealized_pnl": "10"}
    assert set(refused(client, "account", {**known, "margin_balance": "5000"})) == {"/margin_balance"}
    assert ask(client, "account", {**known, "margin_balance": "1200"})["margin_balance"] == "1200"
    # of a wallet without its profit no equity is known
    assert ask(client, "account", {"wallet_balance": "900", "margin_balance": "5000"})["margin_balance"] == "5000"


def test_a_factor_that_a_risk_rate_is_reckoned_with_is_not_said_to_be_left_aside(client: httpx.Client) -> None:
    asked = {"venue": "htx", "equity": "1000", "initial_margin": "400", "adjustment_factor": "0.1"}
    for mode in ("cross", "isolated"):
        told = ask(client, "account", {**asked, "margin_mode": mode})["approximations"]
        assert not any("adjustment_factor" in note for note in told)
    of_rate = {"venue": "htx", "risk_rate": "2.4", "adjustment_factor": "0.1"}
    assert not any(
        "left aside" in note
        for note in ask(client, "account", {**of_rate, "margin_mode": "isolated"})["approximations"]
    )
    assert any("adjustment_factor" in note for note in ask(client, "account", of_rate)["approximations"])
