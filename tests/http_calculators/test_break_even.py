"""The break-even price over HTTP."""

from __future__ import annotations

import httpx

from tests.http_calculators.asking import D, ask, refused


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


def test_funding_is_paid_on_the_value_at_the_mark_price(client: httpx.Client) -> None:
    held = {"venue": "binance", "instrument": "BTCUSDT", "side": "short", "size": "2", "size_unit": "base"}
    held = {**held, "mark_price": "60000", "funding_rate": "0.0003", "hours": "20"}
    funding = ask(client, "funding", held)["funding"]
    assert funding == "72"
    assert ask(client, "break-even", {**held, "entry_price": "61000"})["funding"] == funding
    assert ask(client, "break-even", {**held, "entry_price": "61000", "mark_price": None})["funding"] == "73.2"


def test_a_rate_beyond_the_cap_and_a_part_interval_are_told_as_by_the_funding_calculator(client: httpx.Client) -> None:
    held = {"venue": "binance", "instrument": "BTCUSDT", "side": "long", "size": "1", "size_unit": "base"}
    for rate, hours, said in [
        ("0.5", "72", ["clipped"]),
        ("-0.5", "70", ["clipped", "part interval"]),
        ("0.0001", "70", ["part interval"]),
        ("0.0001", "72", []),
    ]:
        paid = {**held, "mark_price": "60000", "funding_rate": rate, "hours": hours}
        found = ask(client, "break-even", {**paid, "entry_price": "60000"})
        told = [one for one in found["approximations"] if "clipped" in one or "part interval" in one]
        assert len(told) == len(said)
        assert all(words in one for words, one in zip(said, told, strict=True))
        by_itself = ask(client, "funding", paid)
        assert set(told) <= set(by_itself["approximations"])
        assert found["funding"] == by_itself["funding"]
    accrued = {**held, "venue": "dydx", "instrument": "BTC-USD", "entry_price": "60000", "funding_rate": "0.0001"}
    hourly = ask(client, "break-even", {**accrued, "hours": "2.5"})
    assert "part interval" in " ".join(hourly["approximations"])


def test_the_sources_of_a_break_even_are_those_of_what_it_rests_on(client: httpx.Client) -> None:
    named = {"venue": "binance", "instrument": "BTCUSDT", "side": "long"}
    body = {**named, "entry_price": "60000"}
    (schedule,) = ask(client, "break-even", body)["sources"]
    paid = {"funding_rate": "0.0001", "hours": "8"}
    of_funding = ask(client, "funding", {**named, **paid, "position_value": "60000"})["sources"]
    held = {**body, **paid}
    assert ask(client, "break-even", held)["sources"] == [schedule, *of_funding]
    assert ask(client, "break-even", {**held, "terms": {"fee_rate": "0.001"}})["sources"] == of_funding
    for terms, sources in [
        ({"fee_rate": "0.001"}, []),
        ({"taker_fee_rate": "0.001"}, []),
        ({"maker_fee_rate": "0.001"}, [schedule]),
    ]:
        assert ask(client, "break-even", {**body, "terms": terms})["sources"] == sources
    one_side = {**body, "entry_liquidity": "maker", "terms": {"taker_fee_rate": "0.001"}}
    assert ask(client, "break-even", one_side)["sources"] == [schedule]


def test_a_fee_tier_that_the_volume_alone_does_not_earn_is_told(client: httpx.Client) -> None:
    body = {"venue": "binance", "instrument": "BTCUSDT", "side": "long", "entry_price": "60000"}
    (note,) = ask(client, "break-even", {**body, "volume_30d_usd": "30000000"})["approximations"]
    assert "lower fee tier" in note
    assert ask(client, "break-even", body)["approximations"] == []
    stated = {**body, "volume_30d_usd": "30000000", "terms": {"fee_rate": "0.0004"}}
    (note,) = ask(client, "break-even", stated)["approximations"]
    assert note.endswith("volume_30d_usd")


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
    assert ask(client, "break-even", body)["break_even_price"] == "1030"
    unsized = ask(client, "break-even", {**body, "terms": {"fee_rate": "0"}})
    assert unsized["break_even_price"] == "1000"
    assert "without the contract size" in " ".join(unsized["approximations"])


def test_a_contract_that_pays_no_funding_has_none_in_its_break_even(client: httpx.Client) -> None:
    body = {"venue": "kraken_futures", "instrument": "FF_ETHUSD", "side": "long", "entry_price": "3000", "size": "1"}
    refusal = refused(client, "break-even", {**body, "funding_rate": "0.0001", "hours": "24"})
    assert set(refusal) == {"/funding_rate"}
    assert "future" in refusal["/funding_rate"]
    assert ask(client, "break-even", body)["funding"] is None


def test_what_is_wrong_with_rate_and_funding_is_told_at_once(client: httpx.Client) -> None:
    body = {"venue": "cme", "instrument": "BTC", "side": "long", "entry_price": "60000", "as_of": "2026-11-21"}
    held = {**body, "funding_rate": "0.0001", "hours": "8", "size": "1", "size_unit": "contracts"}
    assert set(refused(client, "break-even", held)) == {"/funding_rate", "/terms/taker_fee_rate"}
    unlisted = refused(client, "break-even", {**held, "instrument": "NOPE", "entry_price": "0"})
    assert "/funding_rate" not in unlisted
    assert {"/instrument", "/entry_price"} <= set(unlisted)
    nothing = {"side": "long", "entry_price": "0", "size": "5", "size_unit": "quote", "terms": {"fee_rate": "0.001"}}
    assert set(refused(client, "break-even", nothing)) == {"/entry_price"}


def test_no_funding_is_paid_on_a_pair_that_bears_a_perpetuals_name(client: httpx.Client) -> None:
    pair = {"venue": "binance", "instrument": "BTCUSDT", "product": "spot", "side": "long", "entry_price": "60000"}
    paid = {"funding_rate": "0.0001", "hours": "24"}
    assert (
        "no funding rate is paid on spot, on perpetuals alone"
        in refused(client, "break-even", {**pair, **paid})["/funding_rate"]
    )
    assert ask(client, "break-even", pair)["funding"] is None


def test_a_rate_that_is_stated_counts_where_the_other_side_pays_per_contract_alone(client: httpx.Client) -> None:
    asked = {
        "venue": "bitnomial",
        "instrument": "PBUC",
        "side": "long",
        "entry_price": "60000",
        "size": "1",
        "size_unit": "contracts",
        "exit_liquidity": "maker",
        "terms": {"taker_fee_rate": "0.001"},
    }
    found = ask(client, "break-even", asked)
    assert (found["entry_fee_rate"], found["exit_fee_rate"], found["break_even_price"]) == ("0.001", "0", "60084")
    assert any("maker fill" in words for words in found["approximations"])


def test_each_side_without_a_rate_is_named(client: httpx.Client) -> None:
    asked = {"side": "long", "entry_price": "60000", "exit_liquidity": "maker"}
    assert set(refused(client, "break-even", asked)) == {"/terms/taker_fee_rate", "/terms/maker_fee_rate"}
    one = {**asked, "terms": {"taker_fee_rate": "0.001"}}
    assert list(refused(client, "break-even", one)) == ["/terms/maker_fee_rate"]


def test_coins_that_paid_their_own_fee_must_earn_more(client: httpx.Client) -> None:
    spot = {"product": "spot", "side": "long", "entry_price": "60000", "terms": {"fee_rate": "0.012"}}
    found = ask(client, "break-even", spot)
    assert round(D(found["break_even_price"]), 10) == round(D(60000) / D("0.988") ** 2, 10)
    assert round(D(found["opening_break_even_price"]), 10) == round(D(60000) / D("0.988"), 10)


def test_the_opening_fee_of_an_inverse_contract_is_earned_back_in_coins(client: httpx.Client) -> None:
    for side, price in (("long", D(100) / D("0.99")), ("short", D(100) / D("1.01"))):
        asked = {"side": side, "entry_price": "100", "terms": {"fee_rate": "0.01", "contract_type": "inverse"}}
        found = ask(client, "break-even", asked)
        assert round(D(found["opening_break_even_price"]), 12) == round(price, 12)


def test_charges_per_contract_are_added_to_a_stated_rate_by_both_calculators(client: httpx.Client) -> None:
    contract = {"venue": "coinbase_derivatives", "instrument": "BIP-20DEC30-CDE", "side": "long", "size": "10"}
    for terms in ({"fee_rate": "0.0005"}, {"taker_fee_rate": "0.0005"}):
        fees = ask(client, "fees", {**contract, "price": "60000", "exit_price": "60000", "terms": terms})
        even = ask(client, "break-even", {**contract, "entry_price": "60000", "terms": terms})
        assert fees["round_trip_fee"] == "8"
        # 0.1 coin earns back its 8 dollars, and the fee on what the price rose
        assert round(D(even["break_even_price"]), 10) == round((D(60000) * D("1.0005") + 20) / D("0.9995"), 10)
        for found in (fees, even):
            assert any("per contract is added" in words for words in found["approximations"])


def test_a_loan_whose_interest_is_left_out_is_said_to_cost_more(client: httpx.Client) -> None:
    asked = {"venue": "kraken", "instrument": "XBTUSDT", "side": "long", "entry_price": "60000"}
    financed = ask(client, "break-even", {**asked, "product": "spot_margin"})
    assert any(words.startswith("interest on what is borrowed is left out") for words in financed["approximations"])
    paid = ask(client, "break-even", {**asked, "product": "spot"})
    assert not any("interest" in words for words in paid["approximations"])


def test_no_price_below_zero_is_a_break_even(client: httpx.Client) -> None:
    body = {
        "venue": "kraken_futures",
        "instrument": "PF_XBTUSD",
        "side": "long",
        "entry_price": "60000",
        "size": "1",
        "size_unit": "base",
        "funding_rate": "-0.004",
        "hours": "400",
    }
    found = ask(client, "break-even", body)
    assert found["break_even_price"] is None
    assert any("at every price" in one for one in found["approximations"])
    never = ask(client, "break-even", {**body, "side": "short"})
    assert never["break_even_price"] is None
    assert any("at no price" in one for one in never["approximations"])


def test_where_both_sides_pay_per_contract_alone_nothing_is_said_of_either(client: httpx.Client) -> None:
    body = {"venue": "kraken_derivatives_us", "product": "perpetual", "side": "long", "entry_price": "1000"}
    body |= {"size": "20", "size_unit": "contracts", "terms": {"contract_size": "0.01"}}
    for exit_liquidity in ("taker", "maker"):
        found = ask(client, "break-even", {**body, "exit_liquidity": exit_liquidity})
        assert found["break_even_price"] == "1030"
        assert not any("pays the venue's charges" in note for note in found["approximations"])


def test_a_funding_rate_told_twice_alike_is_told_of_once(client: httpx.Client) -> None:
    body = {"venue": "binance", "instrument": "BTCUSDT", "side": "long", "entry_price": "60000", "hours": "8"}
    found = ask(client, "break-even", {**body, "funding_rate": "0.0001", "terms": {"funding_rate": "0.0001"}})
    assert found["approximations"] == ["funding_rate is used; terms.funding_rate agrees with it and is left aside"]
