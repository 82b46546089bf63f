"""The catalogue names what a rule of law reads of a request: what the questions of its findings ask for."""

from __future__ import annotations

from datetime import date

import pytest

from data.facts.vocabulary import Product
from rules.decision import Outcome
from rules.law.findings import law_findings_of_shape
from rules.law.index import law_index
from rules.law.needs import LAW_INPUTS, needs_of
from rules.trade import Client, TradeShape
from tests.law.world import release_facts

DAY = date(2026, 11, 21)


@pytest.mark.parametrize(
    ("rule", "fields"),
    [
        ("us.ofac_blocked_persons", ("client.on_sanctions_list",)),
        ("us.ofac_cuba_nationals", ("client.nationality",)),
        ("sanctions.kp_nationals", ("client.nationality",)),
        ("eu.ru_wallet_ban", ("client.nationality",)),
        ("ae.vara_etd_retail_leverage", ("client.client_class", "leverage")),
        ("us.cme_bitcoin_spot_month_limit", ("quantity",)),
    ],
)
def test_a_rule_of_law_needs_what_its_predicates_and_its_limit_read(rule: str, fields: tuple[str, ...]):
    (law,) = (one.law for one in law_index(release_facts().on(DAY)).rules if one.rule == rule)
    assert needs_of(law) == ("client.residence", *fields)


@pytest.mark.parametrize("product", [Product.PERPETUAL, Product.FUTURE, Product.SPOT_MARGIN])
@pytest.mark.parametrize("venue", ["kraken", "cme", "bitnomial", "binance"])
def test_what_is_skipped_asks_for_a_field_that_the_rule_needs(venue: str, product: Product):
    knowledge = release_facts().on(DAY)
    needs = {one.rule: needs_of(one.law) for one in law_index(knowledge).rules}
    named = {place for law in knowledge.law_book().rules for place in law.when.residence}
    places = sorted(place for place in named if len(place) == 2 and place != "EU")
    skipped = 0
    for place in places:
        shape = TradeShape(client=Client(residence=place), product=product, base="BTC")
        for finding in law_findings_of_shape(shape, venue, knowledge):
            field = finding.question.field if finding.question is not None else None
            if finding.outcome is Outcome.SKIPPED and field is not None:
                assert field in needs[finding.rule], (finding.rule, field)
                skipped += 1
    assert skipped > len(places)


def test_every_need_of_law_is_a_field_that_a_policy_may_require():
    laws = release_facts().law_book.rules
    assert {field for law in laws for field in needs_of(law)} <= LAW_INPUTS
