"""Each predicate is true, false or unknown, and says what it saw."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from msgspec import structs

from data.facts.law import (
    AccessMode,
    Answer,
    AssetClass,
    Condition,
    LawProduct,
    LawQuestion,
    Role,
    Tie,
    UnderlyingKind,
    VenueReach,
)
from data.facts.venues import Access
from data.facts.vocabulary import AccessKind, ClientClass, Product, VenueKind
from rules.condition_ids import SERVICE_IN_DOUBT, kind_id
from rules.decision import Finding
from rules.law import predicates
from rules.law.index import law_index
from rules.law.reach import turns_away
from rules.law.standing import Holding
from rules.law.truth import Truth
from rules.trade import denial_of
from tests.law.made_up import DAY, asked, found, knowledge_of, row, rule

US = ("US",)

TRUTHS: dict[str, tuple[dict[str, Any], dict[str, Any], str, str | None]] = {
    # what the condition asks; what is given; the venue; what becomes of a prohibition (null: it leaves no finding)
    "a state is the country": ({}, {"residence": "US-NY"}, "bybit", "fail"),
    "another country is not": ({}, {"residence": "CA-ON"}, "bybit", None),
    "a country may be the state": ({"residence": ("US-NY",)}, {"residence": "US"}, "bybit", "unknown"),
    "another state is not": ({"residence": ("US-NY",)}, {"residence": "US-FL"}, "bybit", None),
    "everywhere is here": ({"residence": ("*",)}, {"residence": "PY"}, "bybit", "fail"),
    "a member is the group": ({"residence": ("EEA",)}, {"residence": "NO"}, "bybit", "fail"),
    "a neighbour is not the group": ({"residence": ("EU",)}, {"residence": "NO"}, "bybit", None),
    "a location ties": (
        {"ties": (Tie.RESIDENCE, Tie.LOCATION)},
        {"residence": "MX", "location": "US-TX"},
        "bybit",
        "fail",
    ),
    "a location does not tie by itself": ({}, {"residence": "MX", "location": "US-TX"}, "bybit", None),
    "a nationality ties": (
        {"ties": (Tie.RESIDENCE, Tie.NATIONALITY)},
        {"residence": "MX", "nationality": "US"},
        "bybit",
        "fail",
    ),
    "a nationality that is not given": (
        {"ties": (Tie.RESIDENCE, Tie.NATIONALITY)},
        {"residence": "MX"},
        "bybit",
        "unknown",
    ),
    "everywhere needs no nationality": (
        {"residence": ("*",), "ties": (Tie.NATIONALITY,)},
        {"residence": "MX"},
        "bybit",
        "fail",
    ),
    "left out by residence": ({"residence_not": ("US-ME",)}, {"residence": "US-ME"}, "bybit", None),
    "not left out": ({"residence_not": ("US-ME",)}, {"residence": "US-FL"}, "bybit", "fail"),
    "perhaps left out": ({"residence_not": ("US-ME",)}, {"residence": "US"}, "bybit", "unknown"),
    "left out by location": (
        {"residence_not": ("US-ME",), "ties": (Tie.RESIDENCE, Tie.LOCATION)},
        {"residence": "US-FL", "location": "US-ME"},
        "bybit",
        None,
    ),
    "left out by residence, wherever in the country it is": (
        {"residence_not": ("US-ME",), "ties": (Tie.RESIDENCE, Tie.LOCATION)},
        {"residence": "US-ME", "location": "US"},
        "bybit",
        None,
    ),
    "perhaps left out by location": (
        {"residence_not": ("US-ME",), "ties": (Tie.RESIDENCE, Tie.LOCATION)},
        {"residence": "US-FL", "location": "US"},
        "bybit",
        "unknown",
    ),
    "a national": ({"nationality": ("RU",)}, {"nationality": "RU"}, "bybit", "fail"),
    "no national": ({"nationality": ("RU",)}, {"nationality": "US"}, "bybit", None),
    "nationality unknown": ({"nationality": ("RU",)}, {}, "bybit", "unknown"),
    "of the class": ({"client_class": (ClientClass.RETAIL,)}, {}, "bybit", "fail"),
    "of another class": ({"client_class": (ClientClass.ECP,)}, {}, "bybit", None),
    "class unknown": ({"client_class": (ClientClass.RETAIL,)}, {"client_class": None}, "bybit", "unknown"),
    "not of the class": ({"client_class_not": (ClientClass.ECP,)}, {}, "bybit", "fail"),
    "of the class that is left out": ({"client_class_not": (ClientClass.RETAIL,)}, {}, "bybit", None),
    "retail is no ECP": ({"ecp": False}, {}, "bybit", "fail"),
    "the label professional is none": ({"ecp": True}, {"client_class": ClientClass.PROFESSIONAL}, "bybit", "pass"),
    "an ECP is one": ({"ecp": True}, {"client_class": ClientClass.ECP}, "bybit", "fail"),
    "an institution may be one": ({"ecp": True}, {"client_class": ClientClass.INSTITUTIONAL}, "bybit", "unknown"),
    "nobody said what the client is": ({"ecp": True}, {"client_class": None}, "bybit", "unknown"),
    "a commercial entity": (
        {"eligible_commercial_entity": True},
        {"eligible_commercial_entity": True, "client_class": ClientClass.INSTITUTIONAL},
        "bybit",
        "fail",
    ),
    "retail is no commercial entity, whatever is stated": (
        {"eligible_commercial_entity": True},
        {"eligible_commercial_entity": True},
        "bybit",
        "pass",
    ),
    "retail is no commercial entity": ({"eligible_commercial_entity": True}, {}, "bybit", "pass"),
    "an ECP may be a commercial entity": (
        {"eligible_commercial_entity": True},
        {"client_class": ClientClass.ECP},
        "bybit",
        "unknown",
    ),
    "on the list": ({"on_sanctions_list": True}, {"on_sanctions_list": True}, "bybit", "fail"),
    "not on the list": ({"on_sanctions_list": True}, {"on_sanctions_list": False}, "bybit", "pass"),
    "the list was not looked at": ({"on_sanctions_list": True}, {}, "bybit", "unknown"),
    "retail is a person": ({"natural_person": True}, {}, "bybit", "fail"),
    "an institution is none": ({"natural_person": True}, {"institution": True}, "bybit", None),
    "institutional is none": ({"natural_person": True}, {"client_class": ClientClass.INSTITUTIONAL}, "bybit", None),
    "a professional may be one": (
        {"natural_person": True},
        {"client_class": ClientClass.PROFESSIONAL},
        "bybit",
        "unknown",
    ),
    "the underlying": ({"underlying": ("BTC",)}, {}, "bybit", "fail"),
    "another underlying": ({"underlying": ("ETH",)}, {}, "bybit", None),
    "no underlying known": ({"underlying": ("BTC",)}, {"base": None}, "bybit", "unknown"),
    "not the underlying": ({"underlying_not": ("ETH",)}, {}, "bybit", "fail"),
    "crypto": ({"underlying_kind": (UnderlyingKind.CRYPTO,)}, {}, "bybit", "fail"),
    "an index of coins is crypto": ({"underlying_kind": (UnderlyingKind.CRYPTO,)}, {"base": "BTCDOM"}, "bybit", "fail"),
    "an index of coins is itself": (
        {"underlying_kind": (UnderlyingKind.CRYPTO_INDEX,)},
        {"base": "BTCDOM"},
        "bybit",
        "fail",
    ),
    "an index of coins is no index of shares": (
        {"underlying_kind": (UnderlyingKind.INDEX,)},
        {"base": "BTCDOM"},
        "bybit",
        None,
    ),
    "an index of shares is no crypto": (
        {"underlying_kind": (UnderlyingKind.CRYPTO,)},
        {"base": "US500"},
        "bybit",
        None,
    ),
    "a coin is no index": ({"underlying_kind": (UnderlyingKind.CRYPTO_INDEX,)}, {}, "bybit", None),
    "it deals in the underlying": ({"deals_in": ("USDT",)}, {"base": "USDT"}, "bybit", "fail"),
    "it deals in the quote currency": ({"deals_in": ("USDT",)}, {"quote": "USDT"}, "bybit", "fail"),
    "it deals in neither": ({"deals_in": ("USDT",)}, {"quote": "EUR"}, "bybit", None),
    "what is not stated it does not deal in": ({"deals_in": ("USDT",)}, {}, "bybit", None),
    "nobody knows what it deals in": ({"deals_in": ("USDT",)}, {"base": None}, "bybit", "unknown"),
    "gold": ({"underlying_kind": (UnderlyingKind.CRYPTO,)}, {"base": "XAU"}, "bybit", None),
    "nobody knows what it is": ({"underlying_kind": (UnderlyingKind.CRYPTO,)}, {"base": "WHAT"}, "bybit", "unknown"),
    "a share is a security": ({"asset_class": AssetClass.SECURITY}, {"base": "TSLA"}, "bybit", "fail"),
    "a share is no commodity": ({"asset_class": AssetClass.COMMODITY}, {"base": "TSLA"}, "bybit", None),
    "of no settled class": ({"asset_class": AssetClass.COMMODITY}, {"base": "PEPE"}, "bybit", "unknown"),
    "nothing traded": ({"asset_class": AssetClass.COMMODITY}, {"base": None}, "bybit", "unknown"),
    "a commodity, as the caller says": (
        {"asset_class": AssetClass.COMMODITY},
        {"base": "PEPE", "conditions_met": ("us_underlying_is_a_commodity",)},
        "bybit",
        "fail",
    ),
    "no commodity, as the caller says": (
        {"asset_class": AssetClass.COMMODITY},
        {"base": "PEPE", "conditions_met": ("not:us_underlying_is_a_commodity",)},
        "bybit",
        None,
    ),
    "so no security, as the caller says": (
        {"asset_class": AssetClass.SECURITY},
        {"base": "PEPE", "conditions_met": ("us_underlying_is_a_commodity",)},
        "bybit",
        None,
    ),
    "a security, as the caller says": (
        {"asset_class": AssetClass.SECURITY},
        {"base": "PEPE", "conditions_met": ("not:us_underlying_is_a_commodity",)},
        "bybit",
        "fail",
    ),
    "of no settled class is no security": ({"asset_class_not": AssetClass.SECURITY}, {"base": "PEPE"}, "bybit", "fail"),
    "a share is one": ({"asset_class_not": AssetClass.SECURITY}, {"base": "TSLA"}, "bybit", None),
    "quoted so": ({"quote": ("EUR",)}, {"quote": "EUR"}, "bybit", "fail"),
    "quoted otherwise": ({"quote": ("EUR",)}, {"quote": "USD"}, "bybit", None),
    "quote unknown": ({"quote": ("EUR",)}, {}, "bybit", "unknown"),
    "not quoted so": ({"quote_not": ("VND",)}, {"quote": "USD"}, "bybit", "fail"),
    "backed so": ({"collateral": ("BTC",)}, {"settle": "BTC"}, "bybit", "fail"),
    "backed by a stablecoin": ({"collateral": ("PAYMENT_STABLECOIN",)}, {"settle": "USDC"}, "bybit", "fail"),
    "backed otherwise": ({"collateral": ("PAYMENT_STABLECOIN",)}, {"settle": "ETH"}, "bybit", None),
    "backed by a stablecoin that is not named": ({"collateral": ("BTC",)}, {"settle": "USDC"}, "bybit", None),
    "backing unknown": ({"collateral": ("BTC",)}, {}, "bybit", "unknown"),
    "a future expires": ({"has_expiry": True}, {"product": LawProduct.FUTURE}, "bybit", "fail"),
    "a perpetual does not": ({"has_expiry": True}, {}, "bybit", None),
    "a dated perpetual does": ({"has_expiry": True}, {"expiry": date(2030, 12, 20)}, "bybit", "fail"),
    "margined spot is financed": ({"financed": True}, {"product": LawProduct.SPOT_MARGIN}, "bybit", "fail"),
    "a perpetual is not": ({"financed": True}, {}, "bybit", None),
    "the venue": ({"venue": ("bybit",)}, {}, "bybit", "fail"),
    "another venue": ({"venue": ("kraken",)}, {}, "bybit", None),
    "the kind": ({"venue_kind": (VenueKind.CEX,)}, {}, "bybit", "fail"),
    "another kind": ({"venue_kind": (VenueKind.DEX,)}, {}, "bybit", None),
    "established there": ({"venue_home": ("SC",)}, {}, "bybit", "fail"),
    "established elsewhere": ({"venue_home": ("BM",)}, {}, "bybit", None),
    "established nobody knows where": ({"venue_home": ("BM",)}, {}, "hyperliquid", "unknown"),
    "in the zone": ({"venue_zone": ("ADGM",)}, {}, "binance", "fail"),
    "in another zone": ({"venue_zone": ("DIFC",)}, {}, "binance", None),
    "in no zone of this country": ({"venue_zone": ("DIFC",)}, {}, "kraken_futures", None),
    "in the zone, and another company may serve": (
        {"residence": ("*",), "venue_zone": ("ADGM",)},
        {"residence": "BH"},
        "binance",
        "unknown",
    ),
    "in the zone, from which all are served": (
        {"residence": ("*",), "venue_zone": ("ADGM",)},
        {"residence": "PY"},
        "binance",
        "fail",
    ),
    "zone unknown": ({"venue_zone": ("DIFC",)}, {}, "hyperliquid", "unknown"),
    "a person of the place": ({"venue_nexus": ("GB",)}, {}, "kraken_futures", "fail"),
    "no person of the place": ({"venue_nexus": ("JP",)}, {}, "kraken_futures", None),
    "perhaps, by a company of the group": ({"venue_nexus": ("EEA",)}, {}, "okx", "unknown"),
    "a nexus that is assumed": ({"venue_nexus": ("US",), "nexus_assumed": True}, {}, "hyperliquid", "fail"),
    "nexus unknown": ({"venue_nexus": ("JP",)}, {}, "hyperliquid", "unknown"),
    "many meet there": ({"venue_multilateral": True}, {}, "bybit", "fail"),
    "many do not": ({"venue_multilateral": False}, {}, "bybit", None),
    "at a broker nobody knows": ({"venue_multilateral": True}, {}, "mudrex", "unknown"),
    "abroad": ({"foreign_board_of_trade": True}, {}, "bybit", "fail"),
    "at home": ({"foreign_board_of_trade": True}, {}, "kalshi", None),
    "abroad or not": ({"foreign_board_of_trade": True}, {}, "hyperliquid", "unknown"),
    "it holds it": ({"venue_has_registration": ("DCM",)}, {}, "kalshi", "fail"),
    "it does not": ({"venue_has_registration": ("DCM",)}, {}, "bybit", None),
    "it may hold it": ({"venue_has_registration": ("VARA_EXCHANGE_ETD",)}, {}, "okx", "unknown"),
    "a broker may carry the order there": ({"venue_has_registration": ("DCM",)}, {}, "robinhood", "unknown"),
    "a broker without a registration may not": ({"venue_has_registration": ("DCM",)}, {}, "mudrex", None),
    "it lacks it": ({"venue_lacks_registration": ("DCM",)}, {}, "bybit", "fail"),
    "it lacks nothing": ({"venue_lacks_registration": ("DCM",)}, {}, "kalshi", "pass"),
    "not for this product": (
        {"venue_has_registration": ("DCM",)},
        {"product": LawProduct.PERPETUAL},
        "gemini",
        None,
    ),
    "held for this product": (
        {"venue_has_registration": ("DCM",)},
        {"product": LawProduct.PREDICTION},
        "gemini",
        "fail",
    ),
    "licensed for this product": ({"venue_is_licensed": ("DCM",)}, {}, "kalshi", "fail"),
    "licensed for another product": ({"venue_is_licensed": ("DCM",)}, {"product": LawProduct.SPOT}, "kalshi", "fail"),
    "not licensed at all": ({"venue_is_licensed": ("DCM",)}, {}, "bybit", None),
    "licensed by a company away from the seat": (
        {"residence": ("SG",), "venue_is_licensed": ("PSA_MPI",)},
        {"residence": "SG"},
        "okx",
        "unknown",
    ),
    "licensed by the company that serves": (
        {"residence": ("SG",), "venue_is_licensed": ("PSA_MPI",)},
        {"residence": "SG", "conditions_met": ("okx_serves_SG_by_another_company",)},
        "okx",
        "fail",
    ),
    "licensed by a company that does not serve": (
        {"residence": ("SG",), "venue_is_licensed": ("PSA_MPI",)},
        {"residence": "SG", "conditions_met": ("not:okx_serves_SG_by_another_company",)},
        "okx",
        None,
    ),
    "unlicensed": ({"venue_is_not_licensed": ("DCM",)}, {}, "bybit", "fail"),
    "not unlicensed": ({"venue_is_not_licensed": ("DCM",)}, {"product": LawProduct.SPOT}, "kalshi", "pass"),
    "unlicensed or not": (
        {"residence": ("SG",), "venue_is_not_licensed": ("PSA_MPI",)},
        {"residence": "SG"},
        "okx",
        "unknown",
    ),
    "carried by the firm": (
        {"intermediary": ("coinbase_financial_markets",)},
        {"intermediary": "coinbase_financial_markets"},
        "deribit",
        "fail",
    ),
    "carried by another": (
        {"intermediary": ("coinbase_financial_markets",)},
        {"intermediary": "somebody"},
        "deribit",
        "pass",
    ),
    "carried by nobody": ({"intermediary": ("coinbase_financial_markets",)}, {}, "deribit", "pass"),
    "carried by an affiliate unseen": ({"intermediary": ("kraken_derivatives_us",)}, {}, "kraken", "unknown"),
    "carried by itself": ({"intermediary": ("kraken_derivatives_us",)}, {}, "kraken_derivatives_us", "fail"),
    "the firm holds it": (
        {"intermediary_has_registration": ("FCM",)},
        {"intermediary": "coinbase_financial_markets"},
        "deribit",
        "fail",
    ),
    "a venue in between holds it": (
        {"intermediary_has_registration": ("FCM",)},
        {"intermediary": "robinhood"},
        "cme",
        "fail",
    ),
    "the firm does not": (
        {"intermediary_has_registration": ("PART_30_10_EXEMPT",)},
        {"intermediary": "coinbase_financial_markets"},
        "deribit",
        "pass",
    ),
    "nobody knows what the firm holds": (
        {"intermediary_has_registration": ("FCM",)},
        {"intermediary": "somebody"},
        "deribit",
        "unknown",
    ),
    "the market's own group carries it": ({"intermediary_has_registration": ("FCM",)}, {}, "kalshi", "fail"),
    "some firm carries it": ({"intermediary_has_registration": ("FCM",)}, {}, "cme", "unknown"),
    "the platform carries it": ({"intermediary_has_registration": ("FCM",)}, {}, "bybit", "pass"),
    "the venue is a party that holds it": ({"party_has_registration": ("DCM",)}, {}, "kalshi", "fail"),
    "no party holds it": ({"party_has_registration": ("DCM",)}, {}, "bybit", None),
    "what the venue may hold stays open where the firm does not": (
        {"party_has_registration": ("DCM",)},
        {"intermediary": "coinbase_financial_markets"},
        "robinhood",
        "unknown",
    ),
    "straight": ({"access_mode": AccessMode.DIRECT}, {}, "bybit", "fail"),
    "through a firm": (
        {"access_mode": AccessMode.DIRECT},
        {"intermediary": "coinbase_financial_markets"},
        "bybit",
        "pass",
    ),
    "through a venue": ({"access_mode": AccessMode.DIRECT}, {"intermediary": "robinhood"}, "bybit", "pass"),
    "through itself": ({"access_mode": AccessMode.DIRECT}, {"intermediary": "bybit"}, "bybit", "fail"),
    "through somebody not on file": (
        {"access_mode": AccessMode.DIRECT},
        {"intermediary": "somebody"},
        "bybit",
        "unknown",
    ),
    "a broker is a firm": ({"access_mode": AccessMode.DIRECT}, {}, "robinhood", "pass"),
    "in between": (
        {"access_mode": AccessMode.INTERMEDIATED},
        {"intermediary": "coinbase_financial_markets"},
        "bybit",
        "fail",
    ),
    "between or not": (
        {"access_mode": AccessMode.INTERMEDIATED},
        {"intermediary": "somebody"},
        "bybit",
        "unknown",
    ),
    "by the web page or not": ({"access_mode": AccessMode.INTERFACE}, {}, "hyperliquid", "unknown"),
    "not by the web page": (
        {"access_mode": AccessMode.INTERFACE},
        {"intermediary": "coinbase_financial_markets"},
        "hyperliquid",
        "pass",
    ),
    "a hedge": ({"hedging": True}, {"hedging": True}, "bybit", "fail"),
    "no hedge": ({"hedging": True}, {}, "bybit", "pass"),
    "it opens": ({"reduce_only": False}, {}, "bybit", "fail"),
    "it reduces": ({"reduce_only": False}, {"reduce_only": True}, "bybit", "pass"),
}


@pytest.mark.parametrize(("when", "given", "venue", "outcome"), TRUTHS.values(), ids=TRUTHS.keys())
def test_predicate(when: dict[str, Any], given: dict[str, Any], venue: str, outcome: str | None) -> None:
    condition = Condition(**{"residence": US, **when})
    finding = found(knowledge_of(rule(when=condition)), asked(**given), venue).get("us.made_up")
    if outcome is None:
        assert finding is None
    else:
        assert finding is not None
        assert finding.outcome == outcome, finding.message
        assert "The rule us_made_up" in finding.message
        assert (finding.question is not None) is (outcome == "unknown")


WHAT_IS_SEEN: tuple[tuple[dict[str, Any], dict[str, Any], str, str], ...] = (
    ({"underlying_kind": (UnderlyingKind.CRYPTO,)}, {"base": "XAU"}, "bybit", "XAU is metal"),
    ({"underlying_kind": (UnderlyingKind.CRYPTO,)}, {"base": None}, "bybit", "the underlying is not known"),
    ({"asset_class": AssetClass.SECURITY}, {"base": "TSLA"}, "bybit", "TSLA is treated as a security"),
    (
        {"asset_class": AssetClass.COMMODITY},
        {"base": "PEPE", "conditions_met": ("us_underlying_is_a_commodity",)},
        "bybit",
        "the caller says that PEPE is a commodity",
    ),
    (
        {"asset_class": AssetClass.COMMODITY},
        {"base": "PEPE", "conditions_met": ("not:us_underlying_is_a_commodity",)},
        "bybit",
        "the caller says that PEPE is no commodity",
    ),
    ({"has_expiry": True}, {"product": LawProduct.FUTURE}, "bybit", "the contract has an expiry"),
    ({"has_expiry": False}, {}, "bybit", "the contract has no expiry"),
    ({"financed": True}, {"product": LawProduct.SPOT_MARGIN}, "bybit", "the product is spot_margin"),
    ({"natural_person": True}, {}, "bybit", "the client is a natural person"),
    ({"natural_person": True}, {"institution": True}, "bybit", "the client is an institution"),
    ({"foreign_board_of_trade": True}, {}, "bybit", "Bybit is established in SC"),
    ({"foreign_board_of_trade": True}, {}, "hyperliquid", "no source names where Hyperliquid is established"),
    (
        {"residence_not": ("US-ME",), "ties": (Tie.RESIDENCE, Tie.LOCATION)},
        {"location": "US-ME"},
        "bybit",
        "the rule leaves out US-ME and the client resides in US-FL and is in US-ME",
    ),
)


@pytest.mark.parametrize(("when", "given", "venue", "says"), WHAT_IS_SEEN)
def test_what_a_predicate_saw(when: dict[str, Any], given: dict[str, Any], venue: str, says: str) -> None:
    law = rule(when=Condition(**{"residence": US, **when}))
    index = law_index(knowledge_of(law))
    (test,) = predicates.tests_of(law, index.categories)
    assert test.see(index.view(asked(**given), index.standings[venue])).says == says


def test_an_underlying_of_which_every_kind_is_denied_is_asked_about_without_one() -> None:
    denied = tuple(denial_of(kind_id("WHAT", one)) for one in UnderlyingKind)
    law = rule(when=Condition(residence=US, underlying_kind=(UnderlyingKind.CRYPTO,)))
    finding = found(knowledge_of(law), asked(base="WHAT", conditions_met=denied))["us.made_up"]
    assert finding.outcome == "unknown"
    assert finding.question is not None
    assert (finding.question.ask, finding.question.id) == ("What is WHAT?", None)


def reached(venue: str, residence: str, *jurisdictions: str) -> str:
    """Return what becomes of a prohibition that reaches venues which turn to the residents."""
    when = Condition(residence=jurisdictions or (residence,), venue_reach=VenueReach.SOLICITS)
    finding = found(knowledge_of(rule(when=when)), asked(residence=residence), venue).get("us.made_up")
    return finding.outcome.value if finding else "none"


def test_a_venue_turns_to_residents_by_seat_licence_action_or_terms() -> None:
    assert reached("mudrex", "IN") == "fail"
    assert reached("okx", "AU") == "fail"
    assert reached("bybit", "BR") == "fail"
    assert reached("gemini", "PE") == "fail"
    assert reached("binance", "JP") == "fail"


def test_a_venue_turns_away_whom_its_terms_refuse_or_take_from_a_later_day() -> None:
    retail, ecp, prohibited, allowed = ClientClass.RETAIL, ClientClass.ECP, AccessKind.PROHIBITED, AccessKind.ALLOWED

    def is_turned_away(*rows: Access, client_class: ClientClass | None = retail) -> bool:
        index = law_index(knowledge_of(access=rows))
        return turns_away(index.standings["bybit"], index.place("US-FL"), LawProduct.PERPETUAL, client_class)

    assert not is_turned_away()
    refused = row("US", prohibited, retail)
    assert is_turned_away(refused, row("US", AccessKind.CONDITIONAL, retail))
    assert not is_turned_away(refused, client_class=ecp)
    assert not is_turned_away(refused, row("US", allowed, ecp), client_class=None)
    assert is_turned_away(refused, row("US", prohibited, ecp), client_class=None)
    soon = {"valid_from": DAY + timedelta(days=1), "certain_from": DAY + timedelta(days=1)}
    assert is_turned_away(row("US", allowed, **soon))
    assert not is_turned_away(row("US", prohibited, **soon))
    assert not is_turned_away(row("US", allowed, products=(Product.SPOT,), **soon))
    assert not is_turned_away(row("GB", allowed, **soon))


def test_the_seat_that_terms_name_for_some_classes_is_not_that_of_a_client_whose_class_is_not_given() -> None:
    law = rule(when=Condition(residence=("*",), venue_home=("AT",)))
    every = tuple(one for one in ClientClass if one is not ClientClass.ANY)

    def is_bound(client_class: ClientClass | None, *classes: ClientClass) -> bool:
        terms = row("*", AccessKind.ALLOWED, *classes, served_from="AT")
        question = asked(residence="PY", client_class=client_class)
        return "us.made_up" in found(knowledge_of(law, access=(terms,)), question)

    assert is_bound(ClientClass.RETAIL, ClientClass.RETAIL)
    assert not is_bound(ClientClass.ECP, ClientClass.RETAIL)
    assert not is_bound(None, ClientClass.RETAIL)
    assert is_bound(None)
    assert is_bound(None, *every)


def test_a_venue_that_refuses_a_place_or_says_nothing_leaves_it_open() -> None:
    assert reached("okx", "JP") == "unknown"
    assert reached("mudrex", "JP") == "unknown"


def test_only_a_refusal_of_the_product_that_tells_of_the_day_leaves_the_reach_open() -> None:
    law = rule(when=Condition(residence=("JP",), venue_reach=VenueReach.SOLICITS))

    def outcome_with(*rows: Access) -> str:
        return found(knowledge_of(law, access=rows), asked(residence="JP"))["us.made_up"].outcome

    elsewhere = (row("GB", AccessKind.PROHIBITED), row("CA", AccessKind.PROHIBITED))
    late = {"valid_from": None, "certain_from": DAY + timedelta(days=367)}
    assert outcome_with(*elsewhere, row("JP", AccessKind.PROHIBITED)) == "unknown"
    assert outcome_with(*elsewhere, row("JP", AccessKind.PROHIBITED, products=(Product.PREDICTION,))) == "fail"
    assert outcome_with(*elsewhere, row("JP", AccessKind.PROHIBITED, **late)) == "fail"
    assert outcome_with(row("JP", AccessKind.PROHIBITED, **late)) == "unknown"
    assert outcome_with(*elsewhere, row("*", AccessKind.PROHIBITED)) == "unknown"
    assert outcome_with(*elsewhere, row("*", AccessKind.PROHIBITED, products=(Product.PREDICTION,))) == "fail"
    assert outcome_with(*elsewhere, row("*", AccessKind.PROHIBITED, **late)) == "fail"
    assert outcome_with(row("JP", AccessKind.ALLOWED, products=(Product.SPOT,))) == "fail"
    assert outcome_with(row("JP", AccessKind.CONDITIONAL, condition_id=SERVICE_IN_DOUBT)) == "unknown"
    assert outcome_with(row("JP", AccessKind.ALLOWED, **late)) == "unknown"


def test_a_reach_that_later_terms_show_is_told_with_their_day_and_flagged() -> None:
    law = rule(when=Condition(residence=("JP",), venue_reach=VenueReach.SOLICITS))

    def finding_with(*rows: Access) -> Finding:
        return found(knowledge_of(law, access=rows), asked(residence="JP"))["us.made_up"]

    now = row("JP", AccessKind.ALLOWED, ClientClass.ECP)
    later = row("JP", AccessKind.ALLOWED, valid_from=None, certain_from=DAY + timedelta(days=30), source="bybit.later")
    for rows in ((now, later), (later, now)):
        assert finding_with(*rows).flags == ()
        assert finding_with(*rows).sources == ("us.cea_2", "bybit.made_up")
    told = finding_with(later)
    assert (told.outcome, told.flags, told.sources) == ("fail", ("extrapolated",), ("us.cea_2", "bybit.later"))
    assert "name the place as served, as they stood on 2026-12-01" in told.message


def test_terms_turn_to_a_place_that_they_do_not_name_by_a_list_of_refusals_or_by_saying_so() -> None:
    law = rule(when=Condition(residence=("JP",), venue_reach=VenueReach.SOLICITS))

    def outcome_with(*rows: Access) -> str:
        return found(knowledge_of(law, access=rows), asked(residence="JP"))["us.made_up"].outcome

    refused = (row("GB", AccessKind.PROHIBITED), row("CA", AccessKind.PROHIBITED))
    spot = {"products": (Product.SPOT,)}
    assert outcome_with(*refused) == "fail"
    assert outcome_with(refused[0]) == "unknown"
    assert outcome_with(*(row(one.jurisdiction, AccessKind.PROHIBITED, **spot) for one in refused)) == "unknown"
    assert outcome_with(row("*", AccessKind.CONDITIONAL)) == "fail"
    assert outcome_with(*refused, row("*", AccessKind.PROHIBITED)) == "unknown"
    states = (row("US-NY", AccessKind.PROHIBITED), row("GU", AccessKind.PROHIBITED), row("CA", AccessKind.PROHIBITED))
    assert outcome_with(row("US", AccessKind.ALLOWED), *states) == "unknown"


def test_terms_that_do_not_exclude_a_place_are_told_as_a_presumption_and_are_no_marketing() -> None:
    def finding_with(reach: VenueReach, *conditions: str) -> Finding:
        law = rule(when=Condition(residence=("JP",), venue_reach=reach))
        rows = (row("GB", AccessKind.PROHIBITED), row("CA", AccessKind.PROHIBITED))
        given = asked(residence="JP", conditions_met=conditions)
        return found(knowledge_of(law, access=rows), given)["us.made_up"]

    taken = finding_with(VenueReach.SOLICITS)
    assert (taken.outcome, "that it turns to residents there is taken from that alone" in taken.message) == (
        "fail",
        True,
    )
    open_ = finding_with(VenueReach.MARKETS)
    assert (open_.outcome, open_.question and open_.question.id) == ("unknown", "bybit_turns_to_JP")
    assert "which does not show that it turns to residents there" in open_.message
    assert finding_with(VenueReach.MARKETS, "bybit_turns_to_JP").outcome == "fail"
    assert finding_with(VenueReach.MARKETS, "not:bybit_turns_to_JP").outcome == "pass"


def test_terms_that_name_a_place_show_marketing() -> None:
    law = rule(when=Condition(residence=("JP",), venue_reach=VenueReach.MARKETS))
    assert (
        found(knowledge_of(law, access=(row("JP", AccessKind.ALLOWED),)), asked(residence="JP"))["us.made_up"].outcome
        == "fail"
    )


def test_a_rule_of_a_subdivision_may_stand_for_the_country() -> None:
    when = Condition(residence=("AE-DU",), country_suffices=True)
    finding = found(knowledge_of(rule(when=when)), asked(residence="AE"))["us.made_up"]
    assert (finding.outcome, finding.effect) == ("fail", "deny")
    assert "subdivision_assumed" in finding.flags


def test_hong_kong_written_as_a_part_of_china_has_its_own_law() -> None:
    rules = (rule("cn_ban", when=Condition(residence=("CN",))), rule("hk_ban", when=Condition(residence=("HK",))))
    assert set(found(knowledge_of(*rules), asked(residence="CN-HK"))) == {"hk.ban", "jurisdiction.coverage"}


@pytest.mark.parametrize("residence", ["GU", "US-GU"])
def test_a_territory_of_the_united_states_is_under_their_law_by_either_code(residence: str) -> None:
    rules = (rule("us_ban", when=Condition(residence=("US",))), rule("part", when=Condition(residence=("US-NY",))))
    assert "us.ban" in found(knowledge_of(*rules), asked(residence=residence))
    assert "us.part" not in found(knowledge_of(*rules), asked(residence=residence))


def test_membership_of_a_group_is_read_on_the_day() -> None:
    when = Condition(residence=("EU",))
    law = rule(when=when, valid_from=None)
    question = structs.replace(asked(), residence="GB")
    assert "us.made_up" in found(knowledge_of(law, day=date(2020, 12, 31)), question)
    assert "us.made_up" not in found(knowledge_of(law, day=date(2021, 1, 1)), question)


@pytest.mark.parametrize(
    ("known", "given", "outcome", "told"),
    [
        ({}, {}, "fail", "The rule us_made_up"),
        ({}, {"conditions_met": ("small_bank",)}, "pass", "the caller vouches for small_bank"),
        ({"known_at": ("bybit",)}, {}, "pass", "the sources show small_bank for Bybit"),
        ({"known_at": ("kraken",)}, {}, "fail", "The rule us_made_up"),
        ({"open_at": ("bybit",)}, {}, "unknown", "it is not known: Is the firm a small bank?"),
        ({"open_at": ("kraken",)}, {}, "fail", "The rule us_made_up"),
        ({"known_for": ("BTC",)}, {}, "pass", "the sources show small_bank for BTC"),
        ({"known_for": ("BTC",)}, {"base": None}, "fail", "The rule us_made_up"),
        ({"assume": Answer.YES}, {}, "pass", "taken to be so: Is the firm a small bank?"),
        ({"assume": Answer.UNKNOWN}, {}, "unknown", "it is not known: Is the firm a small bank?"),
    ],
)
def test_an_exemption_is_known_by_venue_by_coin_by_the_caller_or_assumed(
    known: dict[str, Any], given: dict[str, Any], outcome: str, told: str
) -> None:
    question = LawQuestion(
        **{"id": "small_bank", "ask": "Is the firm a small bank?", "role": Role.EXEMPTS, "assume": Answer.NO, **known}
    )
    finding = found(knowledge_of(rule(questions=(question,))), asked(**given))["us.made_up"]
    assert finding.outcome == outcome
    assert told in finding.message


def test_answers_stay_the_same_when_more_was_asked_than_is_remembered() -> None:
    knowledge = knowledge_of(rule(when=Condition(residence=("US-NY",))))
    first = found(knowledge, asked(residence="US-NY"))
    states = [f"US-{one}{two}" for one in "ABCDEFGHIJKLMNOPQRSTUVWXYZ" for two in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"]
    for nationality in ("DE", "FR", "IT", "ES", "AT", "BE", "NL"):
        for state in states:
            found(knowledge, asked(residence=state, nationality=nationality))
    assert found(knowledge, asked(residence="US-NY")) == first


@pytest.mark.parametrize(
    ("given", "says", "observed"),
    [
        ({"residence": "US-NY"}, "the client resides in US-NY", "US-NY"),
        ({"residence": "MX", "location": "US-TX"}, "the client is located in US-TX", "US-TX"),
        ({"residence": "MX", "nationality": "US"}, "the client is a national of US", "US"),
        ({"residence": "US-NY", "nationality": "US", "location": "US-TX"}, "the client resides in US-NY", "US-NY"),
    ],
)
def test_a_prohibition_names_what_ties_the_client_to_the_place(given: dict[str, Any], says: str, observed: str) -> None:
    law = rule(when=Condition(residence=US, ties=(Tie.RESIDENCE, Tie.LOCATION, Tie.NATIONALITY)))
    finding = found(knowledge_of(law), asked(**given))["us.made_up"]
    assert says in finding.message
    assert finding.observed == observed


def test_a_client_without_a_location_is_where_it_resides() -> None:
    law = rule(when=Condition(residence=US, ties=(Tie.LOCATION,)))
    assert "the client resides in US-FL" in found(knowledge_of(law), asked())["us.made_up"].message


def test_a_place_without_its_part_is_named_as_it_was_given() -> None:
    law = rule(when=Condition(residence=("US-NY",), ties=(Tie.RESIDENCE, Tie.LOCATION)))
    finding = found(knowledge_of(law), asked(residence="MX", location="US"))["us.made_up"]
    assert "the location is given as US without a subdivision" in finding.message
    assert finding.question is not None
    assert finding.question.field == "client.location"


def holding(category: str, *products: LawProduct, market: bool = False) -> Holding:
    """Return a category that a venue's group may hold."""
    return Holding(category=category, certain=False, market=market, registration=None, products=frozenset(products))


def test_what_may_be_held_for_other_products_is_not_known_to_be_held() -> None:
    law = rule(when=Condition(residence=US, venue_has_registration=("HK_SFC_VATP",)))
    index = law_index(knowledge_of(law))
    (test,) = predicates.tests_of(law, index.categories)
    perhaps = holding("HK_SFC_VATP", LawProduct.FUTURE)
    bybit = structs.replace(index.standings["bybit"], holdings={"HK_SFC_VATP": (perhaps,)})
    assert test.see(index.view(asked(), bybit)).says == "Bybit is not known to hold HK_SFC_VATP"


def test_what_may_be_held_for_other_products_leaves_a_licence_open() -> None:
    law = rule(when=Condition(residence=US, venue_is_licensed=("HK_SFC_VATP",)))
    index = law_index(knowledge_of(law))
    (test,) = predicates.tests_of(law, index.categories)
    perhaps = structs.replace(
        index.standings["bybit"],
        holdings={"HK_SFC_VATP": (holding("HK_SFC_VATP", LawProduct.FUTURE),)},
        registered_in=frozenset({"HK"}),
        companies_in=frozenset(),
    )
    view = index.view(asked(), perhaps)
    assert test.truth(view) is Truth.UNKNOWN
    assert test.see(view).says == "whether Bybit holds HK_SFC_VATP is not known"


def test_a_broker_that_may_itself_be_the_market_is_not_asked_who_lists_the_contract() -> None:
    law = rule(when=Condition(residence=US, venue_has_registration=("DCM",)))
    index = law_index(knowledge_of(law))
    (test,) = predicates.tests_of(law, index.categories)
    broker = next(one for one in index.standings.values() if one.kind is VenueKind.BROKER)
    perhaps = structs.replace(broker, holdings={"DCM": (holding("DCM", market=True),)})
    seen = test.see(index.view(asked(), perhaps))
    assert (seen.says, seen.condition) == (f"whether {broker.name} holds DCM is not known", None)
