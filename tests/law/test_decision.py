"""Law and venues' terms in a whole decision: what is read of a trade, its instrument and its account."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from rules.decision import Conclusion, Family, Finding, Verdict
from rules.engine import decide
from tests.rules.world import built_in, on, trade_of

DAY = date(2026, 11, 25)
FLORIDA = {"residence": "US-FL", "client_class": "retail", "on_sanctions_list": False}


def concluded(venue: str, instrument: str, day: date = DAY, **fields: Any) -> Conclusion:
    asked = {"side": "long", "client": FLORIDA, "quantity": "5", "entry_price": "50000", **fields}
    trade = trade_of({"venue": venue, "instrument": instrument, **asked})
    return decide(trade, on(day), built_in("standard"))[1]


def legal(conclusion: Conclusion) -> dict[str, Finding]:
    """Return what law and terms say, by rule."""
    families = (Family.JURISDICTION, Family.ACCESS)
    return {one.rule: one for one in conclusion.findings if one.family in families}


def test_a_listed_instrument_tells_its_product_and_underlying() -> None:
    conclusion = concluded("bybit", "BTCUSDT", leverage="5")
    found = legal(conclusion)
    assert conclusion.verdict is Verdict.DENY
    assert found["us.cea_2e_swaps_non_ecp"].outcome == "fail"
    assert "DCM" in found["us.cea_2e_swaps_non_ecp"].message
    assert found["us.named_digital_commodities"].message.endswith(
        "BTC is treated as a commodity (91 FR 13714 (Releases 33-11412 and 34-105020, joint "
        "interpretation with the CFTC))."
    )
    assert found["access.venue_open"].outcome == "pass"
    assert found["access.product_offered"].outcome == "pass"
    assert found["access.terms"].outcome == "fail"


def test_a_listed_instrument_tells_its_quote_currency_and_what_backs_it() -> None:
    """Markets in tokens without an authorised issuer are closed in the Union; a broker may take bitcoin as margin."""
    german = {"residence": "DE", "client_class": "retail"}
    for pair, outcome in (("BTCUSDT", "fail"), ("BTCUSDC", None)):
        finding = legal(concluded("binance", pair, product="spot", client=german)).get(
            "eu.mica_unauthorised_stablecoin_quote"
        )
        assert (finding and finding.outcome) == outcome
    through_a_broker = {"client": {**FLORIDA, "client_class": "ecp"}, "intermediary": "coinbase_financial_markets"}
    settled_in_bitcoin = legal(concluded("kraken_futures", "PI_XBTUSD", **through_a_broker))
    assert settled_in_bitcoin["us.fcm_digital_asset_margin"].outcome == "pass"
    assert "us.fcm_digital_asset_margin" not in legal(concluded("kraken_futures", "PF_XBTUSD", **through_a_broker))


def test_what_is_not_listed_is_judged_by_the_product_that_the_trade_names() -> None:
    found = legal(concluded("bybit", "NOTLISTEDUSDT", product="perpetual"))
    open_ = found["us.cea_2e_swaps_non_ecp"]
    assert open_.outcome == "unknown"
    assert "the underlying" in open_.message
    assert found["us.fbot_direct_access"].outcome == "fail"  # an exchange abroad may not, whatever it lists
    assert found["access.terms"].outcome == "fail"


def test_without_a_product_law_is_not_applied_and_the_trade_is_reviewed() -> None:
    conclusion = concluded("bybit", "NOTLISTEDUSDT")
    found = legal(conclusion)
    assert conclusion.verdict is Verdict.REVIEW
    assert {rule: one.outcome for rule, one in found.items()} == {
        "jurisdiction.coverage": "unknown",
        "access.venue_open": "pass",
        "access.product_offered": "unknown",
        "access.terms": "unknown",
    }
    question = found["jurisdiction.coverage"].question
    assert question is not None
    assert question.field == "product"


def test_a_venue_that_is_not_known_is_never_allowed() -> None:
    conclusion = concluded("mtgox", "BTCUSD", product="spot")
    found = legal(conclusion)
    assert conclusion.verdict is Verdict.REVIEW
    assert {one.outcome for one in found.values()} == {"unknown"}
    question = found["jurisdiction.coverage"].question
    assert question is not None
    assert question.field == "venue"


def test_a_venue_that_closed_names_its_successor() -> None:
    closed = next(
        venue for venue in on(DAY).venues() if any(period.successor and period.valid_from for period in venue.status)
    )
    period = next(period for period in closed.status if period.successor and period.valid_from)
    assert period.valid_from is not None
    finding = legal(concluded(closed.id, "BTC", period.valid_from, product="perpetual"))["access.venue_open"]
    assert finding.outcome == "fail"
    assert finding.remedy is not None
    assert finding.remedy.values == (period.successor,)


@pytest.mark.parametrize(
    ("held", "quantity", "outcome", "contracts"),
    [
        (None, "10000", "pass", 2000),
        (None, "10005", "fail", 2001),
        ([], "10000", "pass", 2000),
        ([("long", "5000")], "5000", "pass", 2000),
        ([("long", "5005")], "5000", "fail", 2001),
        ([("short", "5000")], "15000", "pass", 2000),
    ],
)
def test_the_spot_month_limit_counts_positions_held(
    held: list[tuple[str, str]] | None, quantity: str, outcome: str, contracts: int
) -> None:
    positions = (
        None
        if held is None
        else [
            {"venue": "cme", "instrument": "BTC", "side": side, "quantity": size, "entry_price": "50000"}
            for side, size in held
        ]
    )
    conclusion = concluded("cme", "BTC", quantity=quantity, account={"positions": positions})
    finding = legal(conclusion)["us.cme_bitcoin_spot_month_limit"]
    assert (finding.outcome, finding.observed) == (outcome, contracts)
    assert ("not given and not counted" in finding.message) is (held is None and outcome == "pass")


def test_the_cap_on_leverage_is_compared_with_the_trade() -> None:
    german = {"residence": "DE", "client_class": "retail", "on_sanctions_list": False}
    capped = {
        leverage: legal(concluded("bybit", "BTCUSDT", client=german, leverage=leverage)) for leverage in ("2", "2.01")
    }
    caps = {
        rule for rule, one in capped["2"].items() if one.unit == "x" and one.limit == 2 and one.family == "jurisdiction"
    }
    assert caps
    for rule in caps:
        assert capped["2"][rule].observed == 2
        assert capped["2.01"][rule].outcome != "pass"
