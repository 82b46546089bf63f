"""Where a position's terms come from: the release, on the day asked about, or the request."""

from __future__ import annotations

import httpx

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
