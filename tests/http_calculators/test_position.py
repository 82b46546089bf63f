"""Positions and cross accounts: what may stand for what, units of size, and one balance for many."""

from __future__ import annotations

import httpx

from tests.http_calculators.asking import EXPLICIT, LONG, D, ask, refused


def test_what_a_venue_shows_stands_in_for_the_wallet(client: httpx.Client) -> None:
    cross = {**EXPLICIT, "margin_mode": "cross", "mark_price": "98"}
    ratio = ask(client, "position", {**cross, "margin_ratio": "0.05"})
    assert D(ratio["equity"]) == D("4.9") / D("0.05")
    wallet = ask(client, "position", {**cross, "wallet_balance": "118"})
    assert wallet["equity"] == ask(client, "position", {**cross, "equity": "98"})["equity"] == "98"
    by_bankruptcy = ask(client, "position", {**cross, "bankruptcy_price": "88.2"})
    assert by_bankruptcy["liquidation_price"] == wallet["liquidation_price"]
    marked = ask(client, "position", {**cross, "mark_price": None, "unrealized_pnl": "-20", "wallet_balance": "118"})
    assert marked["mark_price"] == "98"


def test_a_cash_leg_stands_in_for_the_margin(client: httpx.Client) -> None:
    isolated = ask(client, "position", {**EXPLICIT, "leverage": None, "cash_balance": "-900"})
    assert isolated["margin"] == "100"
    legs = [
        {
            "side": "long",
            "size": "10",
            "entry_price": "100",
            "mark_price": "98",
            "terms": {"maintenance_margin_rate": "0.01"},
        },
        {
            "side": "short",
            "size": "1",
            "entry_price": "50",
            "mark_price": "50",
            "terms": {"maintenance_margin_rate": "0.01"},
        },
    ]
    by_cash = ask(client, "position", {"cash_balance": "-850", "positions": legs})
    by_equity = ask(client, "position", {"equity": "80", "positions": legs})
    assert by_cash["account"] == by_equity["account"]
    assert by_cash["account"]["wallet_balance"] == "100"


def test_what_stands_in_for_a_figure_may_itself_be_of_no_use(client: httpx.Client) -> None:
    cross = {**EXPLICIT, "margin_mode": "cross", "terms": {"contract_type": "linear"}}
    assert ask(client, "position", {**cross, "margin_ratio": "0.1"})["margin"] is None
    assert "/bankruptcy_price" in refused(client, "position", {**EXPLICIT, "bankruptcy_price": "0"})
    loan = {**EXPLICIT, "venue": "binance", "product": "spot_margin", "margin_ratio": "0.1", "terms": {}}
    assert ask(client, "position", loan)["maintenance_margin"] is None


def test_the_mark_price_stands_for_a_missing_entry(client: httpx.Client) -> None:
    answer = ask(client, "position", {**EXPLICIT, "entry_price": None, "mark_price": "100"})
    assert answer["position_value"] == "1000"
    assert "no entry price" in answer["approximations"][0]


def test_other_positions_share_the_wallet(client: httpx.Client) -> None:
    cross = {**EXPLICIT, "margin_mode": "cross", "mark_price": "98", "wallet_balance": "118"}
    other = {
        "side": "short",
        "size": "1",
        "entry_price": "50",
        "mark_price": "40",
        "terms": {"maintenance_margin_rate": "0.1"},
    }
    alone, together = (ask(client, "position", body) for body in (cross, {**cross, "other_positions": [other]}))
    assert together["other_requirement"] == "4"
    assert D(together["equity"]) == D(alone["equity"]) + 10
    assert D(together["liquidation_price"]) < D(alone["liquidation_price"])


def test_an_account_is_answered_position_by_position(client: httpx.Client) -> None:
    legs = [
        {
            "instrument": "ETHUSDT",
            "side": "long",
            "size": "3683.979",
            "size_unit": "base",
            "entry_price": "1456.84",
            "mark_price": "1335.18",
            "terms": {"maintenance_margin_rate": "0.10", "maintenance_amount": "135365"},
        },
        {
            "instrument": "BTCUSDT",
            "side": "long",
            "size": "109.488",
            "size_unit": "base",
            "entry_price": "32481.98",
            "mark_price": "31967.27",
            "terms": {"maintenance_margin_rate": "0.025", "maintenance_amount": "16300"},
        },
    ]
    answer = ask(client, "position", {"venue": "binance", "wallet_balance": "1535443.01", "positions": legs})
    prices = [round(D(one["liquidation_price"]), 2) for one in answer["positions"]]
    assert prices == [D("1153.26"), D("26316.89")]
    assert D(answer["account"]["maintenance_margin"]) == sum(
        D(one["maintenance_margin"]) for one in answer["positions"]
    )


def test_a_margin_call_at_the_venues_ratio_when_equity_is_over_requirement(client: httpx.Client) -> None:
    swap = {**EXPLICIT, "venue": "okx", "margin_mode": "cross", "mark_price": "100", "margin_ratio": "20"}
    answer = ask(client, "position", {**swap, "terms": {**EXPLICIT["terms"], "taker_fee_rate": "0.0005"}})
    assert answer["equity"] == "110"
    called = D(answer["margin_call_price"])
    assert abs((110 + 10 * (called - 100)) - 3 * 10 * called * D("0.0055")) < D("1e-12")


def test_a_size_may_be_given_in_any_unit(client: httpx.Client) -> None:
    swap = {**LONG, "venue": "okx", "instrument": "BTC-USDT-SWAP"}
    by_coin, by_contract, by_quote = (
        ask(client, "position", {**swap, "size": size, "size_unit": unit})
        for size, unit in (("0.5", "base"), ("50", "contracts"), ("31000", "quote"))
    )
    assert by_coin == by_contract == by_quote


def test_a_contract_size_makes_sizes_count_contracts(client: httpx.Client) -> None:
    fee = {"price": "100", "size": "10", "terms": {"fee_rate": "0.001", "contract_size": "0.5"}}
    assert ask(client, "fees", fee)["fee"] == "0.5"
    inverse = {**fee, "exit_price": "50", "terms": {"fee_rate": "0.001", "contract_type": "inverse"}}
    assert ask(client, "fees", inverse)["fee"] == "0.0001"
    assert ask(client, "fees", inverse)["round_trip_fee"] == "0.0003"
    per_contract = ask(
        client,
        "fees",
        {**fee, "venue": "kraken_derivatives_us", "exit_price": "100", "terms": {"contract_size": "0.5"}},
    )
    assert (per_contract["fee"], per_contract["exit_fee"]) == ("1.5", "1.5")
    bare = ask(client, "position", {**EXPLICIT, "terms": {"maintenance_margin_rate": "0", "contract_size": "2"}})
    assert bare["position_value"] == "2000"


def test_a_quanto_contract_is_counted_in_contracts(client: httpx.Client) -> None:
    terms = {"contract_type": "quanto", "contract_size": "0.000001", "maintenance_margin_rate": "0.01"}
    quanto = {"side": "long", "entry_price": "3000", "mark_price": "3300", "size": "1000", "leverage": "10"}
    answer = ask(client, "position", {**quanto, "terms": terms})
    # 1,000 contracts worth 0.000001 coin a dollar: a rise of 300 earns 0.3 coin
    assert answer["unrealized_pnl"] == "0.3"
    assert answer["initial_margin"] == "0.3"
    assert D(answer["liquidation_price"]) == round(D(2700) / D("0.99"), 18)
    assert "/size_unit" in refused(client, "position", {**quanto, "size_unit": "base", "terms": terms})
    del terms["contract_size"]
    assert "/size_unit" in refused(client, "position", {**quanto, "terms": terms})


def test_average_true_ranges_are_not_told_of_a_position_that_is_never_liquidated(client: httpx.Client) -> None:
    body = {**EXPLICIT, "atr": "5", "leverage": "1", "terms": {"contract_type": "linear"}}
    paid_in_full = ask(client, "position", {**body, "terms": {**body["terms"], "maintenance_margin_rate": "0"}})
    assert paid_in_full["distance_to_liquidation_atr"] is None
    assert "left aside, for this answer does not depend on it: atr" in paid_in_full["approximations"]
    nearer = ask(client, "position", {**EXPLICIT, "atr": "5"})
    assert nearer["distance_to_liquidation_atr"] is not None
    assert not any("atr" in note for note in nearer["approximations"])
