"""Conditions that a caller vouches for are told apart from those that nothing asks about."""

from __future__ import annotations

from datetime import date

from data.facts.vocabulary import ClientClass, Product
from rules.conditions import unasked_at_venues, unasked_conditions
from rules.eligibility import eligibility
from rules.engine import decide
from rules.trade import Client, TradeShape
from tests.rules.world import built_in, on, trade_of

DAY = date(2026, 11, 21)
FIELDS = {
    "venue": "okx",
    "instrument": "BTC-USDT-SWAP",
    "side": "long",
    "client": {"residence": "DE", "client_class": "retail"},
}


def unasked(*conditions: str, **changes: object) -> tuple[str, ...]:
    trade = trade_of({**FIELDS, **changes, "conditions_met": conditions})
    understood, conclusion = decide(trade, on(DAY), built_in("law_only"))
    return unasked_conditions(understood, conclusion.findings, on(DAY))


def test_who_vouches_for_nothing_hears_nothing() -> None:
    assert unasked() == ()


def test_rules_with_a_finding_terms_and_caps_ask() -> None:
    assert unasked("eu_perp_cfd_closeout_met", "okx_x_perp_after_appropriateness_test") == ()
    assert unasked("not:binance_account_younger_than_60_days", venue="binance", instrument="BTCUSDT") == ()


def test_what_is_denied_is_asked_about_as_what_is_vouched_for() -> None:
    assert unasked("not:eu_perp_cfd_closeout_met", "not:okx_holds_dcm", "not:law_of_DE_permits_perpetual_at_okx") == ()
    assert unasked("okx_serves_DE_by_another_company", "not:okx_serves_DE_by_another_company") == ()
    assert unasked("not:z_unknown", "okx_serves_FR_by_another_company") == (
        "not:z_unknown",
        "okx_serves_FR_by_another_company",
    )


def test_whether_a_venue_turns_to_residents_is_asked_of_their_own_place() -> None:
    assert unasked("okx_turns_to_DE", "not:okx_turns_to_DE", "okx_turns_to_FR") == ("okx_turns_to_FR",)


def test_an_exception_to_a_rule_with_a_finding_asks() -> None:
    fields = {"venue": "deribit", "instrument": "BTC-PERPETUAL", "client": {"residence": "US", "client_class": "ecp"}}
    assert unasked("us_fbot_member_or_via_intermediary", **fields) == ()


def test_the_class_of_an_underlying_is_asked_about_under_the_law_of_the_united_states() -> None:
    american = {"residence": "PR", "client_class": "retail"}
    assert unasked("us_underlying_is_a_commodity", client=american) == ()
    assert unasked("not:us_underlying_is_a_commodity", client=american) == ()
    assert unasked("us_underlying_is_a_commodity") == ("us_underlying_is_a_commodity",)


def test_others_are_named_once_in_the_order_given() -> None:
    given = ("z_unknown", "ae_vara_etd_licence_met", "eu_perp_cfd_nbp_met", "z_unknown")
    assert unasked(*given) == ("z_unknown", "ae_vara_etd_licence_met")


def test_a_name_on_no_list_is_asked_for_nothing_where_the_product_is_not_known() -> None:
    assert unasked("z_unknown", instrument="NOTHING-LIKE-IT") == ("z_unknown",)


def test_ways_nationals_and_holdings_of_the_venue_are_asked_about_where_they_matter() -> None:
    client = {"residence": "DE", "client_class": "retail", "nationality": "CU"}
    fields = {"client": client, "intermediary": "coinbase_financial_markets"}
    assert unasked("okx_takes_nationals_of_CU", "okx_through_coinbase_financial_markets", **fields) == ()
    assert unasked("okx_holds_dcm", **fields) == ()
    others = ("okx_takes_nationals_of_RU", "bybit_holds_dcm", "okx_through_somebody")
    assert unasked(*others, **fields) == others


def test_that_an_order_only_reduces_is_told_by_the_trade_and_not_vouched_for() -> None:
    """Binance let Australian clients close alone for a week of April 2023."""
    client = {"residence": "AU", "client_class": "retail"}
    trade = trade_of(
        {
            **FIELDS,
            "venue": "binance",
            "instrument": "BTCUSDT",
            "client": client,
            "conditions_met": ["order_only_reduces"],
        }
    )
    knowledge = on(date(2023, 4, 15))
    understood, conclusion = decide(trade, knowledge, built_in("law_only"))
    assert unasked_conditions(understood, conclusion.findings, knowledge) == ("order_only_reduces",)


def test_whether_a_contract_still_trades_is_asked_about_on_the_day_it_expires() -> None:
    expiring = {**FIELDS, "venue": "binance", "instrument": "BTCUSDT_261225", "reduce_only": True}
    trade = trade_of({**expiring, "conditions_met": ["binance_BTCUSDT_261225_still_trades"]})

    def left_on(day: date) -> tuple[str, ...]:
        knowledge = on(day)
        understood, conclusion = decide(trade, knowledge, built_in("law_only"))
        return unasked_conditions(understood, conclusion.findings, knowledge)

    assert left_on(date(2026, 12, 25)) == ()
    assert left_on(date(2026, 12, 24)) == ("binance_BTCUSDT_261225_still_trades",)


def test_conditions_of_the_terms_are_asked_about_whether_vouched_for_or_denied() -> None:
    client = {"residence": "DE", "client_class": "retail", "nationality": "CU", "location": "FR"}
    fields = {"client": client, "intermediary": "bybit"}
    named = (
        "okx_x_perp_after_appropriateness_test",
        "okx_takes_nationals_of_CU",
        "bybit_takes_nationals_of_CU",
        "okx_takes_clients_who_stay_in_FR",
        "okx_offers_perpetual",
        "okx_offers_perpetual_to_retail_clients_in_DE",
        "okx_through_bybit",
    )
    assert unasked(*named, **fields) == ()
    assert unasked(*(f"not:{one}" for one in named), **fields) == ()


def test_a_condition_whose_denial_silences_its_rule_was_asked_about() -> None:
    fields = {
        "client": {"residence": "NZ", "client_class": "professional"},
        "venue": "binance",
        "instrument": "BTCUSDT",
    }
    assert unasked("not:nz_offer_made_to_wholesale_only", "not:gb_not_in_substance_a_derivative", **fields) == (
        "not:gb_not_in_substance_a_derivative",
    )


def test_a_rule_for_every_client_of_another_venue_asks_nothing_here() -> None:
    """A licence of Bermuda binds the company there that serves clients of Kraken."""
    served, client = "bm_served_by_payward_digital_solutions", {"residence": "SG", "client_class": "retail"}
    assert unasked(served, client=client) == (served,)
    assert unasked(served, client=client, venue="kraken_futures", instrument="PF_XBTUSD") == ()


def test_where_many_venues_are_asked_a_condition_of_one_of_them_is_asked_about() -> None:
    shape = TradeShape(
        base="BTC",
        product=Product.PERPETUAL,
        client=Client(residence="DE", client_class=ClientClass.RETAIL),
        conditions_met=(
            "not:okx_x_perp_after_appropriateness_test",
            "z_unknown",
            "law_of_DE_permits_perpetual_at_dydx",
        ),
    )
    rows = eligibility(shape, on(DAY))
    assert unasked_at_venues(shape, rows, on(DAY)) == ("z_unknown",)
    assert unasked_at_venues(shape, rows[:0], on(DAY)) == shape.conditions_met


def test_a_permission_of_law_names_what_is_no_coin() -> None:
    share = {"venue": "binance", "instrument": "AAPLUSDT"}
    assert unasked("law_of_DE_permits_perpetual_on_equity_at_binance", **share) == ()
    assert unasked("law_of_DE_permits_perpetual_at_binance", **share) == ("law_of_DE_permits_perpetual_at_binance",)


def test_what_an_underlying_is_is_asked_where_no_facts_say_so() -> None:
    unknown = {"venue": "hyperliquid", "instrument": "kNEIRO"}
    assert unasked("kNEIRO_is_crypto", "AAPL_is_metal", **unknown) == ("AAPL_is_metal",)
    assert unasked("not:kNEIRO_is_metal", **unknown) == ("not:kNEIRO_is_metal",)  # what it is stays open
    assert unasked("BTC_is_crypto", venue="binance", instrument="BTCUSDT") == ("BTC_is_crypto",)
    said = ("kNEIRO_is_metal", "law_of_DE_permits_perpetual_on_metal_at_hyperliquid")
    assert unasked(*said, **unknown) == ()


def test_venues_after_the_one_that_asks_bring_back_no_condition() -> None:
    shape = TradeShape(
        base="BTC",
        product=Product.PERPETUAL,
        client=Client(residence="DE", client_class=ClientClass.RETAIL),
        conditions_met=("law_of_DE_permits_perpetual_at_dydx",),
    )
    alone = eligibility(shape, on(DAY), ["dydx"])
    others = eligibility(shape, on(DAY), ["binance", "okx"])
    assert unasked_at_venues(shape, [*alone, *others], on(DAY)) == ()
    assert unasked_at_venues(shape, others, on(DAY)) == shape.conditions_met


def test_a_condition_of_the_firm_in_between_is_asked_about():
    fields = {
        "venue": "bitnomial",
        "instrument": "PBUC",
        "side": "long",
        "notional": "1000",
        "entry_price": "62000",
        "client": {"residence": "US-FL", "client_class": "retail"},
        "intermediary": "kraken_derivatives_us",
        "conditions_met": ["kraken_us_perpetual_account", "kraken_us_typo"],
    }
    knowledge, trade = on(date(2026, 11, 21)), trade_of(fields)
    understood, conclusion = decide(trade, knowledge, built_in("law_only"))
    assert unasked_conditions(understood, conclusion.findings, knowledge) == ("kraken_us_typo",)
