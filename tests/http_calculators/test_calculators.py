"""The calculators over HTTP: terms of the release and of the request, views of one arithmetic, problems in words."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import httpx
import pytest

from api.examples_calculators import CALCULATOR_REQUESTS

D = Decimal
LONG: dict[str, Any] = CALCULATOR_REQUESTS["position"]["an isolated long under the release's ladder"]
EXPLICIT: dict[str, Any] = {
    "side": "long",
    "entry_price": "100",
    "size": "10",
    "leverage": "10",
    "terms": {"contract_type": "linear", "maintenance_margin_rate": "0.005"},
}


def ask(client: httpx.Client, calculator: str, body: Any) -> dict[str, Any]:
    reply = client.post(f"/v1/calculators/{calculator}", json=body)
    assert reply.status_code == 200, reply.text
    assert reply.headers["preclear-release"] == reply.json()["release"]
    answer: dict[str, Any] = reply.json()
    return answer


def refused(client: httpx.Client, calculator: str, body: Any) -> dict[str, str]:
    reply = client.post(f"/v1/calculators/{calculator}", json=body)
    assert reply.status_code == 422, reply.text
    assert reply.headers["content-type"] == "application/problem+json"
    return {error["pointer"]: error["detail"] for error in reply.json()["errors"]}


EXAMPLES = [(name, title) for name, bodies in CALCULATOR_REQUESTS.items() for title in bodies]


@pytest.mark.parametrize(("name", "title"), EXAMPLES)
def test_every_documented_example_is_answered(client: httpx.Client, name: str, title: str) -> None:
    answer = ask(client, name, CALCULATOR_REQUESTS[name][title])
    assert answer["as_of"]


def test_terms_come_from_the_release_and_are_named_with_their_sources(client: httpx.Client) -> None:
    answer = ask(client, "position", LONG)
    assert answer["terms_from"] == "release"
    assert answer["model"] == "Binance USD-M balance"
    assert answer["formula"].startswith("P solves m + s*Q*(P - E) = Q*P*r - d")
    assert answer["tier"] == answer["tier_terms"]["tier"] == 1
    assert answer["currency"] == "USDT"
    assert "binance.margin.usdm_liquidation_faq" in answer["sources"]
    assert any(source != answer["sources"][0] for source in answer["sources"])
    rate, amount = (D(answer["tier_terms"][name]) for name in ("maintenance_margin_rate", "maintenance_amount"))
    assert D(answer["maintenance_margin"]) == D("0.5") * 62010 * rate - amount
    assert answer["approximations"] == []


def test_a_given_term_replaces_the_releases(client: httpx.Client) -> None:
    answer = ask(client, "position", {**LONG, "terms": {"maintenance_margin_rate": "0.05"}})
    assert answer["terms_from"] == "request"
    assert answer["tier"] is None
    assert D(answer["maintenance_margin"]) == D("0.5") * 62010 * D("0.05")


def test_a_fee_in_place_of_the_releases_leaves_its_ladder(client: httpx.Client) -> None:
    swap = {**LONG, "venue": "okx", "instrument": "BTC-USDT-SWAP", "size_unit": "base"}
    release, dearer = (
        ask(client, "liquidation-price", body) for body in (swap, {**swap, "terms": {"taker_fee_rate": "0.01"}})
    )
    assert release["tier"] == dearer["tier"]
    assert D(dearer["liquidation_price"]) > D(release["liquidation_price"])


def test_the_ladder_of_an_earlier_day_is_used_when_asked_for(client: httpx.Client) -> None:
    today = ask(client, "margin", {**LONG, "size": "100"})
    then = ask(client, "margin", {**LONG, "size": "100", "as_of": "2023-06-01"})
    assert then["as_of"] == "2023-06-01"
    assert today["tier_terms"] != then["tier_terms"]


def test_the_views_say_what_the_whole_says(client: httpx.Client) -> None:
    whole = ask(client, "position", LONG)
    for calculator in ("margin", "liquidation-price"):
        view = ask(client, calculator, LONG)
        assert {name: whole[name] for name in view} == view


def test_a_venue_without_facts_is_reckoned_from_explicit_terms(client: httpx.Client) -> None:
    answer = ask(client, "position", {**EXPLICIT, "venue": "nowhere", "instrument": "XYZ"})
    assert "the generic one is used" in " ".join(answer["approximations"])
    assert D(answer["liquidation_price"]) == round(D(90) / D("0.995"), 18)
    listed = ask(client, "position", {**EXPLICIT, "venue": "delta"})
    assert listed["model"] == "Delta entry value"
    assert listed["liquidation_price"] == "90.5"


def test_an_instrument_that_is_not_listed_is_reckoned_from_explicit_terms(client: httpx.Client) -> None:
    answer = ask(client, "position", {**EXPLICIT, "venue": "mexc", "instrument": "NEW_USDT"})
    assert "does not list this instrument" in answer["approximations"][0]


def test_a_notional_basis_may_be_chosen(client: httpx.Client) -> None:
    terms = {**EXPLICIT["terms"], "notional_basis": "entry"}
    assert ask(client, "position", {**EXPLICIT, "terms": terms})["liquidation_price"] == "90.5"
    terms["notional_basis"] = "mark"
    assert ask(client, "position", {**EXPLICIT, "venue": "mexc", "terms": terms})["liquidation_price"] != "90.5"


def test_a_ladder_may_be_given_whole(client: httpx.Client) -> None:
    ladder = [
        {"floor": "0", "cap": "500", "maintenance_margin_rate": "0.01", "max_leverage": "50"},
        {"floor": "500", "initial_margin_rate": "0.1", "maintenance_margin_rate": "0.05"},
    ]
    answer = ask(client, "position", {**EXPLICIT, "terms": {"ladder": ladder}})
    assert answer["tier"] == 2
    assert answer["tier_terms"]["maintenance_amount"] == "20"
    assert answer["maintenance_margin"] == "30"
    assert answer["max_leverage"] == "10"


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


@pytest.mark.parametrize(
    ("change", "pointer", "words"),
    [
        ({"leverage": "200"}, "/leverage", "must be at most"),
        ({"leverage": "5000"}, "/leverage", "must be at most 1000"),
        ({"size": "1000000"}, "/size", "where the ladder ends"),
        ({"size": "0"}, "/size", "greater than zero"),
        ({"size": None}, "/size", "coins (base), contracts or quote"),
        ({"collateral": "0"}, "/collateral", "greater than zero"),
        ({"collateral": "-5"}, "/collateral", "greater than zero"),
        ({"size_unit": "lots"}, "/size_unit", "base, quote, contracts"),
        ({"terms": {"contract_type": "inverse"}}, "/terms/contract_type", "lists BTCUSDT as linear"),
        ({"venue": "nowhere"}, "/venue", "/v1/venues"),
        ({"instrument": "NOPEUSDT"}, "/instrument", "/v1/instruments"),
        ({"entry_price": None, "mark_price": None}, "/entry_price", "or mark_price in its place"),
        ({"terms": {"maintenance_margin_rate": "1.5"}}, "/terms/maintenance_margin_rate", "between 0 and 1"),
        ({"terms": {"taker_fee_rate": "5"}}, "/terms/taker_fee_rate", "between -1 and 1"),
        ({"terms": {"tick_size": "0"}}, "/terms/tick_size", "greater than zero"),
        ({"terms": {"max_leverage": "5"}}, "/leverage", "the max_leverage given"),
        ({"terms": {"ladder": []}}, "/terms/ladder", "1 to 500 rungs"),
        ({"positions": []}, "/positions", "at least one"),
        ({"levrage": "5"}, "/levrage", "Unknown field"),
    ],
)
def test_bad_input_is_told_what_would_be_accepted(
    client: httpx.Client, change: dict[str, Any], pointer: str, words: str
) -> None:
    errors = refused(client, "position", {**LONG, **change})
    assert words in errors[pointer], errors


def test_a_ladder_with_holes_is_refused_rung_by_rung(client: httpx.Client) -> None:
    ladder = [
        {"floor": "-1", "cap": "500", "maintenance_margin_rate": "0.01", "max_leverage": "0"},
        {"floor": "600", "cap": "550", "initial_margin_rate": "2"},
    ]
    errors = refused(client, "position", {**EXPLICIT, "terms": {"ladder": ladder}})
    assert set(errors) == {
        "/terms/ladder/0/floor",
        "/terms/ladder/0/max_leverage",
        "/terms/ladder/1/cap",
        "/terms/ladder/1/floor",
        "/terms/ladder/1/maintenance_margin_rate",
        "/terms/ladder/1/initial_margin_rate",
    }


def test_contracts_need_their_size(client: httpx.Client) -> None:
    errors = refused(client, "position", {**EXPLICIT, "size_unit": "contracts"})
    assert "terms.contract_size" in errors["/size_unit"]
    assert refused(client, "fees", {"price": "1", "size": "1", "size_unit": "contracts", "terms": {"fee_rate": "0"}})


def test_an_account_names_each_bad_leg(client: httpx.Client) -> None:
    errors = refused(client, "position", {"venue": "binance", "leverage": "5", "positions": [{"size": "1"}]})
    assert set(errors) == {"/wallet_balance", "/leverage", "/positions/0/entry_price"}
    one = refused(
        client,
        "margin",
        {
            "venue": "binance",
            "wallet_balance": "5",
            "positions": [{"instrument": "BTCUSDT", "size": "1", "entry_price": "1"}],
        },
    )
    assert set(one) == {"/positions"}
    many = refused(client, "position", {**EXPLICIT, "other_positions": [EXPLICIT] * 201})
    assert set(many) == {"/other_positions"}


def test_leverage_above_the_rung_says_up_to_what_size_it_is_granted(client: httpx.Client) -> None:
    errors = refused(client, "position", {**LONG, "size": "100", "leverage": "100"})
    assert "is granted up to" in errors["/leverage"]


def test_a_size_may_be_given_in_any_unit(client: httpx.Client) -> None:
    swap = {**LONG, "venue": "okx", "instrument": "BTC-USDT-SWAP"}
    by_coin, by_contract, by_quote = (
        ask(client, "position", {**swap, "size": size, "size_unit": unit})
        for size, unit in (("0.5", "base"), ("50", "contracts"), ("31000", "quote"))
    )
    assert by_coin == by_contract == by_quote


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


def test_fees_follow_the_schedule_by_volume_and_liquidity(client: httpx.Client) -> None:
    body = {"venue": "binance", "instrument": "BTCUSDT", "price": "62000", "size": "1", "size_unit": "base"}
    taker, maker = (ask(client, "fees", {**body, "liquidity": liquidity}) for liquidity in ("taker", "maker"))
    assert D(maker["fee"]) < D(taker["fee"]) == 62000 * D(taker["fee_rate"])
    assert taker["tier"]
    assert taker["currency"] == "USDT"
    busy = ask(client, "fees", {**body, "volume_30d_usd": "1000000000"})
    assert D(busy["fee_rate"]) <= D(taker["fee_rate"])


def test_fees_per_contract_add_exchange_clearing_nfa_and_commission(client: httpx.Client) -> None:
    body = {
        "venue": "kraken_derivatives_us",
        "product": "perpetual",
        "price": "1000",
        "size": "20",
        "size_unit": "contracts",
        "terms": {"contract_size": "0.01"},
    }
    assert ask(client, "fees", body)["contract_fee"] == "3"
    bare = ask(client, "fees", {**body, "size_unit": "base", "terms": {}})
    assert "per contract" in bare["approximations"][0]


def test_a_spot_purchase_pays_in_the_coin_received(client: httpx.Client) -> None:
    body = {"product": "spot", "price": "102.8", "size": "0.01", "terms": {"fee_rate": "0.00025"}}
    assert ask(client, "fees", {**body, "side": "buy"})["fee"] == "0.0000025"
    assert ask(client, "fees", {**body, "side": "sell"})["fee"] == "0.000257"


def test_without_a_rate_there_is_no_fee(client: httpx.Client) -> None:
    assert "/terms/fee_rate" in refused(client, "fees", {"price": "1", "size": "1"})
    assert "/terms/taker_fee_rate" in refused(client, "break-even", {"side": "long", "entry_price": "1"})
    assert "/terms" in refused(client, "borrow-interest", {"principal": "1", "hours": "1"})
    assert "/terms" in refused(client, "borrow-interest", {"venue": "kucoin", "principal": "1", "hours": "1"})


def test_break_even_counts_both_fees_and_funding(client: httpx.Client) -> None:
    body = {"side": "long", "entry_price": "100", "terms": {"fee_rate": "0.001"}}
    assert D(ask(client, "break-even", body)["break_even_price"]) == round(D("100.1") / D("0.999"), 18)
    maker = ask(
        client,
        "break-even",
        {**body, "entry_liquidity": "maker", "terms": {"maker_fee_rate": "0", "taker_fee_rate": "0.001"}},
    )
    assert maker["entry_fee_rate"] == "0"
    held = {
        "venue": "binance",
        "instrument": "BTCUSDT",
        "funding_rate": "0.0001",
        "hours": "24",
        "size": "2",
        "size_unit": "base",
    }
    funded = ask(client, "break-even", {**body, **held})
    assert funded["funding"] == "-0.06"
    assert D(funded["break_even_price"]) == round((D("100.1") + D("0.03")) / D("0.999"), 18)
    assert ask(client, "break-even", {**body, **held, "size": None})["funding"] is None
    assert "/hours" in refused(client, "break-even", {**body, "funding_rate": "0.1"})
    assert set(refused(client, "break-even", {**body, "funding_rate": "0.1", "hours": "5"})) == {"/funding_rate"}
    assert set(refused(client, "break-even", {**body, "funding_rate": "2", "hours": "-5"})) == {
        "/hours",
        "/funding_rate",
    }


def test_what_a_position_says_of_margin_does_not_move_its_break_even(client: httpx.Client) -> None:
    body = {"venue": "binance", "instrument": "BTCUSDT", "side": "long", "entry_price": "60000", "size": "1"}
    margin = {"margin_mode": "isolated", "leverage": "5", "mark_price": "61000", "added_margin": "10"}
    plain = ask(client, "break-even", body)["break_even_price"]
    assert ask(client, "break-even", {**body, **margin})["break_even_price"] == plain
    assert set(refused(client, "break-even", {**body, "leverage": "0"})) == {"/leverage"}


def test_break_even_with_charges_per_contract(client: httpx.Client) -> None:
    body = {
        "venue": "kraken_derivatives_us",
        "product": "perpetual",
        "side": "long",
        "entry_price": "1000",
        "terms": {"fee_rate": "0", "contract_size": "0.01"},
    }
    priced = ask(client, "break-even", {**body, "size": "20", "size_unit": "contracts"})
    assert priced["break_even_price"] == "1030"
    assert "per contract" in ask(client, "break-even", body)["approximations"][0]


@pytest.mark.parametrize(
    ("body", "interest"),
    [
        ({"venue": "binance", "principal": "60", "hours": "0.2", "terms": {"daily_rate": "0.00025"}}, "0.000625"),
        ({"venue": "kraken", "asset": "BTC", "principal": "10", "hours": "9"}, "0.004"),
        ({"venue": "kraken", "asset": "ETH", "principal": "10", "hours": "4"}, "0.004"),
        ({"venue": "kraken", "principal": "10", "hours": "2", "terms": {"hourly_rate": "0.001"}}, "0.02"),
        ({"principal": "60", "hours": "25", "terms": {"rollover_fee_rate": "0.00025"}}, "0.12"),
        ({"venue": "okx", "principal": "1000000", "hours": "1"}, "4.0833333333"),
        ({"venue": "cryptocom", "asset": "ETH", "principal": "24", "hours": "1"}, "0.0006"),
        ({"venue": "kucoin", "principal": "10", "hours": "2", "terms": {"hourly_rate": "0.000004692"}}, "0.00009385"),
    ],
)
def test_interest_follows_the_venues_rule_and_its_rates_on_file(
    client: httpx.Client, body: dict[str, Any], interest: str
) -> None:
    assert ask(client, "borrow-interest", body)["interest"] == interest


def test_interest_refuses_what_it_cannot_reckon(client: httpx.Client) -> None:
    assert {"/hours", "/principal"} == set(refused(client, "borrow-interest", {"principal": "-1", "hours": "0"}))
    assert "/venue" in refused(client, "borrow-interest", {"venue": "nowhere", "principal": "1", "hours": "1"})


def test_the_bounds_of_a_size_are_named(client: httpx.Client) -> None:
    body = CALCULATOR_REQUESTS["position-size"]["one percent of equity at risk"]
    free = ask(client, "position-size", body)
    assert D(free["loss_at_stop"]) <= 500
    assert [cap["name"] for cap in free["caps"]] == ["leverage", "ladder"]
    bound = ask(client, "position-size", {**body, "risk_fraction": "0.5", "leverage": "2"})
    assert [cap["name"] for cap in bound["caps"] if cap["binds"]] == ["leverage"]
    assert D(bound["notional"]) == 100000
    assert D(bound["initial_margin"]) == 50000
    contracts = ask(client, "position-size", {**body, "venue": "okx", "instrument": "BTC-USDT-SWAP"})
    assert D(contracts["caps"][1]["notional"]) % D("0.01") == 0
    bare = ask(
        client,
        "position-size",
        {name: body[name] for name in ("equity", "risk_fraction", "entry_price", "stop_price", "side")},
    )
    assert (bare["caps"], bare["initial_margin"]) == ([], None)
    assert "without fees" in bare["approximations"][0]


def test_where_the_recording_of_a_ladder_stops_is_no_bound(client: httpx.Client) -> None:
    body = CALCULATOR_REQUESTS["position-size"]["one percent of equity at risk"]
    short_of_the_end = {**body, "venue": "bybit", "instrument": "BTCUSDT", "leverage": "1"}
    assert [cap["name"] for cap in ask(client, "position-size", short_of_the_end)["caps"]] == ["leverage"]
    within = ask(client, "position-size", {**short_of_the_end, "leverage": "100"})
    assert [(cap["name"], cap["notional"]) for cap in within["caps"] if cap["name"] == "ladder"] == [
        ("ladder", "800000")
    ]


def test_a_size_needs_a_stop_that_is_a_loss(client: httpx.Client) -> None:
    body = CALCULATOR_REQUESTS["position-size"]["one percent of equity at risk"]
    errors = refused(
        client, "position-size", {**body, "side": "short", "risk_fraction": "0", "fee_rate": "1", "leverage": "2000"}
    )
    assert set(errors) == {"/stop_price", "/risk_fraction", "/fee_rate", "/leverage"}


def test_a_place_in_the_queue(client: httpx.Client) -> None:
    answer = ask(client, "adl-score", CALCULATOR_REQUESTS["adl-score"]["a winner among others"])
    # 10% return on 33,000 of value behind 3,000 of margin and 3,000 of profit
    assert D(answer["score"]) == D("0.1") * 33000 / 6000
    assert (answer["rank"], answer["lights"], answer["exists"]) == (2, 4, True)


@pytest.mark.parametrize(
    ("venue", "instrument", "ranking", "scored"),
    [
        ("bitget", "BTCUSDT", "return_and_maintenance", True),
        ("hyperliquid", "BTC", "price_and_leverage", True),
        ("dydx", "BTC-USD", "random", False),
        ("kraken_futures", "PF_XBTUSD", "unknown", False),
    ],
)
def test_each_venue_ranks_by_its_own_formula_or_none(
    client: httpx.Client, venue: str, instrument: str, ranking: str, scored: bool
) -> None:
    body = {
        "venue": venue,
        "instrument": instrument,
        "side": "short",
        "margin_mode": "isolated",
        "entry_price": "60000",
        "mark_price": "58000",
        "size": "0.5",
        "size_unit": "base",
        "leverage": "5",
        "terms": {"maintenance_margin_rate": "0.01"},
    }
    answer = ask(client, "adl-score", body)
    assert answer["ranking"] == ranking
    assert (answer["score"] is not None) is scored
    assert (answer["rank"], answer["lights"]) == (None, None)


def test_a_queue_needs_profit_and_margin(client: httpx.Client) -> None:
    body = {**LONG, "mark_price": None}
    assert "/mark_price" in refused(client, "adl-score", body)
    assert "/positions" in refused(
        client,
        "adl-score",
        {"mark_price": "1", "wallet_balance": "1", "positions": [{"size": "1", "entry_price": "1"}]},
    )
    unbacked = ask(client, "adl-score", {**LONG, "venue": "bybit", "leverage": None})
    assert unbacked["score"] is None
    assert "effective leverage" in " ".join(unbacked["approximations"])


def test_a_book_that_is_too_shallow_says_so(client: httpx.Client) -> None:
    book = CALCULATOR_REQUESTS["order-book"]["buying through the asks"]
    assert ask(client, "order-book", book)["approximations"] == []
    deep = ask(client, "order-book", {**book, "quantity": "100"})
    assert D(deep["unfilled"]) > 0
    assert "whole quantity" in deep["approximations"][0]
    bare = ask(client, "order-book", {"bids": [["1", "1"]], "asks": []})
    assert (bare["average_price"], bare["imbalance"]) == (None, "1")


def test_a_book_out_of_order_is_refused(client: httpx.Client) -> None:
    errors = refused(
        client,
        "order-book",
        {"bids": [["1", "1"], ["2", "0"]], "asks": [["1", "1"], ["0.5", "1"]], "quantity": "-1", "price_band": "2"},
    )
    assert set(errors) == {"/bids/1/0", "/bids/1/1", "/asks/1/0", "/bids/0/0", "/quantity", "/price_band", "/side"}
    assert "/bids" in refused(client, "order-book", {"bids": [], "asks": []})
    assert "/asks" in refused(client, "order-book", {"bids": [], "asks": [["1", "1"]] * 5001})


def test_numbers_keep_all_their_digits(client: httpx.Client) -> None:
    answer = client.post(
        "/v1/calculators/position",
        content=b'{"entry_price":0.123456789012345678,"size":1,"leverage":10,"terms":{"maintenance_margin_rate":0.01}}',
        headers={"content-type": "application/json"},
    ).json()
    assert answer["position_value"] == "0.123456789012345678"
    assert "reckoned as a long" in answer["approximations"][0]


def test_an_unknown_release_is_not_found(client: httpx.Client) -> None:
    assert client.post("/v1/calculators/position", json={**EXPLICIT, "release": "rel_nothing"}).status_code == 404
    assert client.post("/v1/calculators/position?x=1", json=EXPLICIT).status_code == 422


def test_where_a_recorded_ladder_stops_early_nothing_is_refused_or_made_up(client: httpx.Client) -> None:
    swap = {**LONG, "venue": "bybit", "size": "1000", "size_unit": "base"}
    answer = ask(client, "position", swap)
    assert answer["maintenance_margin"] is None
    assert answer["liquidation"] is None
    assert "stops below the venue's last rung" in " ".join(answer["approximations"])


def test_an_explicit_ladder_may_count_coins_or_contracts(client: httpx.Client) -> None:
    ladder = [
        {"floor": "0", "cap": "5", "maintenance_margin_rate": "0.01"},
        {"floor": "5", "cap": "20", "maintenance_margin_rate": "0.05"},
    ]
    coins = ask(client, "position", {**EXPLICIT, "terms": {"ladder": ladder, "ladder_unit": "size"}})
    assert (coins["tier"], coins["tier_terms"]["maintenance_amount"]) == (2, "0.2")
    terms = {"ladder": ladder, "ladder_unit": "contracts", "contract_size": "2.5"}
    contracts = ask(client, "position", {**EXPLICIT, "size_unit": "base", "terms": terms})
    assert contracts["tier"] == 1
    too_many = refused(
        client, "position", {**EXPLICIT, "size": "21", "terms": {"ladder": ladder, "ladder_unit": "size"}}
    )
    assert "20 of size" in too_many["/size"]
    unknown = ask(client, "position", {**EXPLICIT, "terms": {"ladder": ladder, "ladder_unit": "contracts"}})
    assert "contract size is needed" in " ".join(unknown["approximations"])


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
        {"side": "short", "size": "1", "entry_price": "50", "terms": {"maintenance_margin_rate": "0.01"}},
    ]
    by_cash = ask(client, "position", {"cash_balance": "-850", "positions": legs})
    by_equity = ask(client, "position", {"equity": "80", "positions": legs})
    assert by_cash["account"] == by_equity["account"]
    assert by_cash["account"]["wallet_balance"] == "100"


def test_what_stands_in_for_a_figure_may_itself_be_of_no_use(client: httpx.Client) -> None:
    cross = {**EXPLICIT, "margin_mode": "cross", "terms": {"contract_type": "linear"}}
    assert ask(client, "position", {**cross, "margin_ratio": "0.1"})["margin"] is None
    lost = ask(client, "position", {**EXPLICIT, "unrealized_pnl": "-2000"})
    assert lost["mark_price"] is None
    assert "/bankruptcy_price" in refused(client, "position", {**EXPLICIT, "bankruptcy_price": "0"})
    loan = {**EXPLICIT, "venue": "binance", "product": "spot_margin", "margin_ratio": "0.1", "terms": {}}
    assert ask(client, "position", loan)["maintenance_margin"] is None


def test_a_margin_call_at_the_venues_ratio_when_equity_is_over_requirement(client: httpx.Client) -> None:
    swap = {**EXPLICIT, "venue": "okx", "margin_mode": "cross", "mark_price": "100", "margin_ratio": "20"}
    answer = ask(client, "position", {**swap, "terms": {**EXPLICIT["terms"], "taker_fee_rate": "0.0005"}})
    assert answer["equity"] == "110"
    called = D(answer["margin_call_price"])
    assert abs((110 + 10 * (called - 100)) - 3 * 10 * called * D("0.0055")) < D("1e-12")


def test_a_product_that_no_model_covers_is_refused(client: httpx.Client) -> None:
    assert "no margin model covers" in refused(client, "position", {**EXPLICIT, "product": "prediction"})["/product"]


def test_every_bad_leg_is_named_at_once(client: httpx.Client) -> None:
    good = {"side": "long", "size": "1", "entry_price": "1", "mark_price": "1"}
    bad = [{**good, "instrument": "NOPE"}, {**good, "size_unit": "contracts", "terms": {}}]
    assert set(refused(client, "position", {**EXPLICIT, "venue": "binance", "other_positions": bad})) == {
        "/other_positions/0/instrument",
        "/other_positions/1/size_unit",
    }
    assert set(refused(client, "position", {"venue": "binance", "wallet_balance": "1", "positions": bad})) == {
        "/positions/0/instrument",
        "/positions/1/size_unit",
    }


def test_the_mark_price_stands_for_a_missing_entry(client: httpx.Client) -> None:
    answer = ask(client, "position", {**EXPLICIT, "entry_price": None, "mark_price": "100"})
    assert answer["position_value"] == "1000"
    assert "no entry price" in answer["approximations"][0]


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


def test_funding_without_a_named_venue_is_not_rounded(client: httpx.Client) -> None:
    body = {"side": "long", "position_value": "0.0012377", "funding_rate": "0.00375", "interval_hours": "8"}
    assert ask(client, "funding", body)["funding"] == "-0.000004641375"
    rounded = ask(client, "funding", {**body, "venue": "kucoin", "terms": {"contract_type": "inverse"}})
    assert rounded["funding"] == "-0.00000465"


@pytest.mark.parametrize(
    ("venue", "asset", "accepted"), [("gemini", None, False), ("bybit", "BTC", True), ("cryptocom", "DOGE", False)]
)
def test_a_rate_on_file_must_be_by_the_hour_or_the_day(
    client: httpx.Client, venue: str, asset: str | None, accepted: bool
) -> None:
    reply = client.post(
        "/v1/calculators/borrow-interest", json={"venue": venue, "asset": asset, "principal": "1000", "hours": "3"}
    )
    assert (reply.status_code == 200) is accepted, reply.text


def test_a_venue_without_an_accrual_rule_charges_hours_begun_and_says_so(client: httpx.Client) -> None:
    body = {"venue": "mexc", "principal": "10", "hours": "1.5", "terms": {"hourly_rate": "0.001"}}
    answer = ask(client, "borrow-interest", body)
    assert answer["interest"] == "0.02"
    assert "every hour begun" in answer["approximations"][0]


def test_a_size_on_an_inverse_contract_says_that_it_is_reckoned_as_linear(client: httpx.Client) -> None:
    body = {
        "equity": "1000",
        "risk_fraction": "0.01",
        "entry_price": "100",
        "stop_price": "110",
        "side": "short",
        "fee_rate": "0",
        "venue": "bybit",
        "instrument": "BTCUSD",
    }
    answer = ask(client, "position-size", body)
    assert "linear contract" in answer["approximations"][0]
    assert answer["caps"] == []
    hyper = ask(client, "position-size", {**body, "venue": "hyperliquid", "instrument": "BTC"})
    assert hyper["caps"] == []
    assert ask(client, "position-size", {**body, "venue": "deribit", "instrument": "BTC-PERPETUAL"})["sources"] == []


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


def test_the_session_and_side_of_a_performance_bond_are_named(client: httpx.Client) -> None:
    body = {
        "venue": "coinbase_derivatives",
        "instrument": "BIP-20DEC30-CDE",
        "entry_price": "62000",
        "size": "1",
        "size_unit": "base",
    }
    long, short = (ask(client, "margin", {**body, "side": side}) for side in ("long", "short"))
    assert D(long["initial_margin"]) < D(short["initial_margin"])
    whole = ask(client, "position", {**body, "side": "short"})
    assert whole["session"] == "overnight"
    assert whole["tier_source"].startswith("coinbase_derivatives.")
    assert "tightest of the sessions" in " ".join(whole["approximations"])
    assert "no maintenance rate" in " ".join(whole["approximations"])


def test_facts_that_are_extrapolated_or_doubtful_are_said_to_be(client: httpx.Client) -> None:
    early = ask(client, "margin", {**LONG, "venue": "okx", "instrument": "BTC-USDT-SWAP", "as_of": "2019-01-01"})
    assert "extrapolated" in " ".join(early["approximations"])
    doubtful = ask(client, "margin", {**EXPLICIT, "venue": "kucoin", "margin_mode": "cross"})
    assert "low confidence" in " ".join(doubtful["approximations"])


def test_a_client_class_picks_its_ladder(client: httpx.Client) -> None:
    body = {
        "venue": "kraken_futures",
        "instrument": "PF_AAVEUSD",
        "entry_price": "200",
        "size": "0.1",
        "size_unit": "base",
        "side": "long",
    }
    anyone, european = (
        ask(client, "position", {**body, "residence": place, "client_class": "retail"}) for place in ("AE", "DE")
    )
    assert anyone["schedule"] is None
    assert european["schedule"] == "EEA"
    assert D(european["max_leverage"]) < D(anyone["max_leverage"])


def test_amounts_beyond_reason_are_answered_or_refused_never_a_failure(client: httpx.Client) -> None:
    huge = "9" * 20
    terms = {"maintenance_margin_rate": "0.01", "contract_size": huge, "tick_size": "0.000000000000000001"}
    position = {**EXPLICIT, "venue": "binance", "size": huge, "entry_price": huge, "leverage": "3", "terms": terms}
    assert ask(client, "position", position)["liquidation"] == "price"
    loan = {"venue": "kucoin", "principal": "1", "hours": "80000", "terms": {"hourly_rate": "0.5"}}
    assert "fewer" in refused(client, "borrow-interest", loan)["/hours"]
    flat = {**EXPLICIT, "venue": "deribit", "terms": {"base_rate": "0"}}
    assert ask(client, "position", flat)["max_leverage"] is None
