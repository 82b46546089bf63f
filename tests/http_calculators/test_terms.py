"""Where a position's terms come from: the release, on the day asked about, or the request."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.http_calculators.asking import EXPLICIT, LONG, D, ask, refused


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


@pytest.mark.parametrize(
    ("venue", "instrument", "terms", "said"),
    [
        ("htx", "BTC-USDT", {"maintenance_margin_rate": "0.01"}, "r as stated"),
        ("htx", "BTC-USDT", {"adjustment_factor": "0.1"}, "r = adjustment factor / L"),
        ("hyperliquid", "BTC", {"maintenance_margin_rate": "0.01"}, "r as stated"),
        ("hyperliquid", "BTC", {"max_leverage": "20"}, "r = 0.5 / highest leverage as stated"),
        ("hyperliquid", "BTC", None, "r = 0.5 / highest leverage of the rung"),
        ("binance", "BTCUSDT", {"maintenance_margin_rate": "0.01", "maintenance_amount": "9"}, "r, d as stated"),
        ("kucoin", "XBTUSDTM", None, "r = 1/(2*leverage constant) * (1 + Q/size constant), at most the limit"),
        (
            "kucoin",
            "ETHUSDTM",
            None,
            "r = 1/(2*leverage constant) * (1 + Q/size constant), at most the limit (r is not known here)",
        ),
        (
            "kucoin",
            "ETHUSDTM",
            {"ladder": [{"floor": "0", "maintenance_margin_rate": "0.01"}]},
            "r of the rung that holds the position, on the whole of it",
        ),
    ],
)
def test_the_formula_says_which_rate_was_used(
    client: httpx.Client, venue: str, instrument: str, terms: dict[str, Any] | None, said: str
) -> None:
    mode = {"margin_mode": "cross", "wallet_balance": "20000"} if venue == "kucoin" else {"margin_mode": "isolated"}
    held = {"side": "long", "entry_price": "3000", "size": "1", "size_unit": "base", "leverage": "5", "terms": terms}
    answer = ask(client, "position", {**held, **mode, "venue": venue, "instrument": instrument})
    assert f"; {said}; m = " in answer["formula"]


def test_the_liquidation_policy_is_a_source_where_it_says_what_is_left(client: httpx.Client) -> None:
    body = {**LONG, "venue": "phemex", "size_unit": "base", "margin_mode": "isolated"}
    answer = ask(client, "position", body)
    assert answer["remaining_after_liquidation"] == "0"
    assert answer["sources"].count("phemex.bankruptcy") == 1
    stated = ask(client, "position", {**body, "terms": {"maintenance_margin_rate": "0.01"}})
    assert stated["remaining_after_liquidation"] != "0"
    assert "phemex.bankruptcy" not in stated["sources"]


def test_where_a_liquidation_fee_is_given_that_on_file_is_no_source(client: httpx.Client) -> None:
    body = {"venue": "binance", "instrument": "ARKUSDT", "side": "long", "size": "1", "entry_price": "1"}
    body |= {"leverage": "5", "as_of": "2026-11-21"}
    given = ask(client, "position", {**body, "terms": {"liquidation_fee_rate": "0.01"}})["sources"]
    assert set(ask(client, "position", body)["sources"]) - set(given) == {"binance.rec_fapi_2026_10_05"}


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
    whole = ask(client, "position", {**EXPLICIT, "venue": "okx", "terms": {"ladder": ladder}})
    assert (whole["maintenance_margin"], whole["tier_terms"]["maintenance_amount"]) == ("50", None)


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


def test_where_a_recorded_ladder_stops_early_nothing_is_refused_or_made_up(client: httpx.Client) -> None:
    swap = {**LONG, "venue": "bybit", "size": "1000", "size_unit": "base"}
    answer = ask(client, "position", swap)
    assert answer["maintenance_margin"] is None
    assert answer["liquidation"] is None
    assert "stops below the venue's last rung" in " ".join(answer["approximations"])


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


def test_tiers_that_are_for_clients_of_other_places_are_not_used_and_said_not_to_be(client: httpx.Client) -> None:
    contract = {"venue": "kraken_futures", "instrument": "PF_XBTUSD", "size_unit": "base"}
    told = "the margin tiers on file for this instrument are not those of clients in DE"
    here, elsewhere = (ask(client, "position", {**LONG, **contract, "residence": one}) for one in ("DE", "BR"))
    assert (here["tier"], here["liquidation_price"]) == (None, None)
    assert told in here["approximations"]
    assert elsewhere["tier"] == 1
    assert not any("tiers on file" in one for one in elsewhere["approximations"])


_COIN_MARGINED = {
    "venue": "kraken_futures",
    "instrument": "PI_XBTUSD",
    "side": "long",
    "margin_mode": "cross",
    "entry_price": "10000",
    "mark_price": "10000",
    "size": "1000000",
    "size_unit": "quote",
    "wallet_balance": "10",
}


def test_each_slice_is_asked_for_the_rates_of_its_own_rung_where_the_schedule_is_progressive(
    client: httpx.Client,
) -> None:
    """Kraken's own case: 1,000,000 contracts, "2% for the first 500,000 contracts", then 4."""
    inverse = ask(client, "position", {**_COIN_MARGINED, "client_class": "professional"})
    assert (inverse["initial_margin"], inverse["maintenance_margin"]) == ("3", "1.5")
    # the slices are fixed in contracts: 1.5 percent of the value wherever the price goes
    assert round(D(inverse["liquidation_price"]), 10) == round(D(1015000) / 110, 10)
    linear = {
        **_COIN_MARGINED,
        "instrument": "PF_XBTUSD",
        "margin_mode": "isolated",
        "entry_price": "60000",
        "mark_price": "60000",
        "size": "20",
        "size_unit": "base",
        "wallet_balance": None,
        "collateral": "45000",
    }
    answer = ask(client, "position", linear)
    assert (answer["initial_margin"], answer["maintenance_margin"]) == ("14000", "7000")
    assert answer["liquidation_price"] == "58100"
    told = refused(client, "position", {**linear, "collateral": None, "leverage": "90"})
    assert (
        told["/leverage"] == "must be at most 85.71428571 at this size (rung 2); 90 is granted up to 1125000 of value"
    )
    sized = {"equity": "100000", "risk_fraction": "0.9", "entry_price": "60000", "stop_price": "59990", "side": "long"}
    caps = ask(
        client,
        "position-size",
        {**sized, "leverage": "90", "venue": "kraken_futures", "instrument": "PF_XBTUSD"},
    )["caps"]
    assert {cap["name"]: cap["notional"] for cap in caps}["ladder"] == "1125000"


def test_tiers_of_one_class_of_clients_are_named_where_no_class_is_given(client: httpx.Client) -> None:
    small = {**_COIN_MARGINED, "entry_price": "8000", "mark_price": "8000", "size": "1000", "wallet_balance": "0.01"}
    without = ask(client, "position", small)
    assert without["client_class"] == "retail"
    assert without["approximations"] == [
        "the margin tiers of retail clients are used, the tightest that may apply: client_class is not given"
    ]
    professional = ask(client, "position", {**small, "client_class": "professional"})
    assert professional["approximations"] == []
    # Kraken's own example: 0.0025 and 0.00125 BTC, liquidated at 7,481
    assert (professional["initial_margin"], professional["maintenance_margin"]) == ("0.0025", "0.00125")
    assert D(professional["liquidation_price"]) // 1 == 7481


_AT_BITGET = {
    "venue": "bitget",
    "side": "long",
    "margin_mode": "isolated",
    "entry_price": "110000",
    "mark_price": "110000",
    "size": "3",
    "size_unit": "base",
    "leverage": "10",
    "terms": {
        "contract_type": "linear",
        "taker_fee_rate": "0.0006",
        "ladder": [
            {"floor": "0", "cap": "200000", "maintenance_margin_rate": "0.004"},
            {"floor": "200000", "cap": "1000000", "maintenance_margin_rate": "0.005"},
        ],
    },
}


def test_bitget_charges_maintenance_tier_by_tier_since_november_2025(client: httpx.Client) -> None:
    """Bitget's example: 1,848 became 1,648 with the fee of 0.06 percent on 330,000, which is 198."""
    before = ask(client, "position", {**_AT_BITGET, "as_of": "2025-11-09"})
    after = ask(client, "position", _AT_BITGET)
    assert (before["maintenance_margin"], after["maintenance_margin"]) == ("1650", "1450")
    assert round(D(before["liquidation_price"]), 2) == D("99557.52")
    assert round(D(after["liquidation_price"]), 2) == D("99490.48")
    cross = ask(client, "position", {**_AT_BITGET, "margin_mode": "cross", "wallet_balance": "33000"})
    assert round(D(cross["liquidation_price"]), 2) == D("99549.33")
    assert any("opened before keeps the rate of its last rung" in one for one in after["approximations"])


def test_bitget_reckons_initial_margin_at_the_mark_price_since_september_2025(client: httpx.Client) -> None:
    risen = {**_AT_BITGET, "entry_price": "100000", "size": "1"}
    then, now = (ask(client, "position", {**risen, "as_of": day}) for day in ("2025-09-28", "2025-09-29"))
    assert (then["initial_margin"], now["initial_margin"]) == ("10000", "11000")
    # what an isolated position posted stays what its entry asked for
    assert then["liquidation_price"] == now["liquidation_price"]


def test_bitgets_ladder_of_its_bitcoin_perpetual_has_twelve_rungs(client: httpx.Client) -> None:
    listed = {**_AT_BITGET, "instrument": "BTCUSDT", "terms": {}}
    answer = ask(client, "position", listed)
    assert (answer["maintenance_margin"], answer["tier"], answer["max_leverage"]) == ("1450", 2, "100")
    assert answer["tier_source"] == "bitget.api_fixture_2026_09_25"
    assert "/size" in refused(client, "position", {**listed, "size": "12000", "leverage": "1"})
    earlier = ask(client, "margin", {**listed, "size": "1", "as_of": "2025-09-25"})
    assert earlier["max_leverage"] == "125"


def test_markets_of_a_governed_venue_have_the_margins_that_its_indexer_told(client: httpx.Client) -> None:
    told = {"BTC-USD": ("0.02", "0.012"), "ETH-USD": ("0.02", "0.012"), "SOL-USD": ("0.05", "0.03")}
    for instrument, rates in told.items():
        asked = {"venue": "dydx", "instrument": instrument, "side": "long", "size": "1", "mark_price": "100"}
        found = ask(client, "margin", asked)
        assert tuple(D(found[name]) / 100 for name in ("initial_margin", "maintenance_margin")) == tuple(map(D, rates))


def test_a_listed_instrument_without_a_ladder_is_known_in_kind_and_unknown_in_margin(client: httpx.Client) -> None:
    asked = {"venue": "phemex", "instrument": "ETHUSDT", "side": "long", "size": "2", "entry_price": "3000"}
    found = ask(client, "position", asked)
    assert (found["currency"], found["position_value"], found["maintenance_margin"]) == ("USDT", "6000", None)


def test_a_formula_tells_of_a_tick_only_where_one_rounds_the_price(client: httpx.Client) -> None:
    asked = {"venue": "bybit", "instrument": "BTCUSDT", "side": "long", "size": "1", "entry_price": "60000"}
    ticked = ask(client, "liquidation-price", {**asked, "leverage": "10"})
    assert "rounded to the tick" in ticked["formula"]
    inverse = {**asked, "instrument": "BTCUSD", "size": "10000", "size_unit": "quote", "leverage": "10"}
    without = ask(client, "liquidation-price", inverse)
    assert "rounded to the tick" not in without["formula"]
    assert len(without["liquidation_price"]) > 12


def test_a_margin_mode_that_no_fact_names_is_told(client: httpx.Client) -> None:
    leg = {"venue": "deribit", "instrument": "BTC_USDC-PERPETUAL", "side": "long", "entry_price": "60000"}
    told = "that the venue offers isolated margin for this contract is not on file"
    position = {**leg, "size": "0.1", "size_unit": "base", "leverage": "5", "wallet_balance": "10000"}
    assert told in ask(client, "position", {**position, "margin_mode": "isolated"})["approximations"]
    assert told not in ask(client, "position", {**position, "margin_mode": "cross"})["approximations"]


def test_a_rung_may_tell_leverage_alone(client: httpx.Client) -> None:
    body = {**EXPLICIT, "terms": {"contract_type": "linear", "ladder": [{"floor": "0", "max_leverage": "20"}]}}
    found = ask(client, "position", body)
    assert (found["initial_margin"], found["maintenance_margin"]) == ("100", None)
    assert "the maintenance margin rate is not known" in found["approximations"]


@pytest.mark.parametrize(
    ("venue", "terms", "read"),
    [
        ("hyperliquid", {"initial_margin_rate": "0.1"}, True),
        ("hyperliquid", {"initial_margin_rate": "0.1", "max_leverage": "20"}, False),
    ],
)
def test_a_rate_of_initial_margin_is_left_aside_only_where_the_leverage_allowed_stands_before_it(
    client: httpx.Client, venue: str, terms: dict[str, str], read: bool
) -> None:
    body = {**EXPLICIT, "venue": venue, "leverage": "5", "terms": {"contract_type": "linear", **terms}}
    said = any("terms.initial_margin_rate" in note for note in ask(client, "position", body)["approximations"])
    assert said is not read


def test_of_a_loan_no_term_but_its_ladder_is_read(client: httpx.Client) -> None:
    body = {"venue": "binance", "product": "spot_margin", "side": "long", "entry_price": "100", "size": "1"}
    terms = {"contract_type": "spot", "tick_size": "0.1", "taker_fee_rate": "0.001"}
    told = ask(client, "position", {**body, "terms": terms})["approximations"]
    assert "left aside, for this answer does not depend on it: terms.taker_fee_rate, terms.tick_size" in told


@pytest.mark.parametrize(
    ("venue", "terms", "aside"),
    [
        # an adjustment factor over the leverage goes before any rate of margin
        ("htx", {"adjustment_factor": "0.1", "initial_margin_rate": "0.5"}, "terms.initial_margin_rate"),
        ("htx", {"adjustment_factor": "0.1", "maintenance_margin_rate": "0.01"}, "terms.maintenance_margin_rate"),
        ("htx", {"maintenance_margin_rate": "0.01"}, None),
        # a margin that grows with the size has no rungs
        ("deribit", {"ladder": [{"floor": "0", "maintenance_margin_rate": "0.01"}]}, "terms.ladder"),
        ("deribit", {"base_rate": "0.04", "maintenance_base_rate": "0.02"}, None),
    ],
)
def test_terms_that_the_form_of_a_venues_margin_does_not_read_are_told_of(
    client: httpx.Client, venue: str, terms: dict[str, Any], aside: str | None
) -> None:
    body = {**EXPLICIT, "venue": venue, "mark_price": "100", "margin_mode": "isolated"}
    if venue == "deribit":
        del body["margin_mode"]
    told = ask(client, "position", {**body, "terms": {"contract_type": "linear", **terms}})["approximations"]
    assert [note.rpartition(": ")[2] for note in told if "terms." in note] == ([] if aside is None else [aside])


def test_what_backs_a_position_says_nothing_of_a_loan(client: httpx.Client) -> None:
    body = {"venue": "binance", "product": "spot_margin", "side": "long", "entry_price": "100", "size": "1"}
    told = ask(client, "position", {**body, "leverage": "5", "terms": {"contract_type": "spot"}})["approximations"]
    assert "left aside, for this answer does not depend on it: leverage" in told


def test_the_end_of_a_ladder_in_contracts_binds_contracts(client: httpx.Client) -> None:
    ladder = [{"floor": "0", "cap": "50", "maintenance_margin_rate": "0.01"}]
    terms = {"contract_type": "linear", "ladder_unit": "contracts", "contract_size": "0.1", "ladder": ladder}
    body = {**EXPLICIT, "terms": terms, "leverage": "5", "size_unit": "base"}
    assert ask(client, "position", {**body, "size": "5"})["tier"] == 1
    words = refused(client, "position", {**body, "size": "5.1"})["/size"]
    assert words == "must be at most 50 contracts, where the ladder ends; this is 51"


def test_a_position_bears_the_fees_of_the_place_where_the_client_lives(client: httpx.Client) -> None:
    body = {"venue": "okx", "instrument": "BTC-USDT-SWAP", "side": "long", "size": "1", "size_unit": "base"}
    body |= {"entry_price": "60000", "mark_price": "60000", "leverage": "5", "margin_mode": "isolated"}
    assert ask(client, "position", body)["net_unrealized_pnl"] == "-30"
    assert ask(client, "position", {**body, "residence": "AE"})["net_unrealized_pnl"] == "-150"


def test_where_nobody_has_tiers_none_are_said_to_be_those_of_others(client: httpx.Client) -> None:
    body = {"venue": "okx", "instrument": "BTC-USD-SWAP", "side": "long", "size": "1", "entry_price": "60000"}
    told = ask(client, "position", {**body, "residence": "DE"})["approximations"]
    assert "the maintenance margin rate is not known" in told
    assert not any("not those of clients" in note for note in told)


def test_the_generic_model_needs_no_listing(client: httpx.Client) -> None:
    body = {"venue": "generic", "instrument": "XYZ", "side": "long", "entry_price": "100", "size": "10"}
    found = ask(client, "position", {**body, "leverage": "5"})
    assert (found["model"], found["bankruptcy_price"]) == ("Generic maintenance on mark value", "80")
