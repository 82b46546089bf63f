"""Conditions that a caller vouches for are told apart from those that nothing asks about."""

from __future__ import annotations

from datetime import date

from rules.conditions import unasked_conditions
from rules.engine import decide
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
    assert unasked("eu_perp_cfd_closeout_met", "okx_europe_appropriateness_test") == ()
    assert unasked("not:binance_account_younger_than_60_days", venue="binance", instrument="BTCUSDT") == ()


def test_what_is_denied_is_asked_about_as_what_is_vouched_for() -> None:
    assert unasked("not:eu_perp_cfd_closeout_met", "not:okx_holds_dcm", "not:law_of_DE_permits_perpetual_at_okx") == ()
    assert unasked("okx_serves_DE_by_another_company", "not:okx_serves_DE_by_another_company") == ()
    assert unasked("not:z_unknown", "okx_serves_FR_by_another_company") == (
        "not:z_unknown",
        "okx_serves_FR_by_another_company",
    )


def test_an_exception_to_a_rule_with_a_finding_asks() -> None:
    fields = {"venue": "deribit", "instrument": "BTC-PERPETUAL", "client": {"residence": "US", "client_class": "ecp"}}
    assert unasked("us_fbot_member_or_via_intermediary", **fields) == ()


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
