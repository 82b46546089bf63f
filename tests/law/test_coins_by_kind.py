"""Rules by kind of coin leave no gap: an index of coins is under each of them, and so is every stablecoin."""

from __future__ import annotations

from datetime import date

import pytest

from data.facts.law import UnderlyingKind
from data.facts.vocabulary import ClientClass, Product
from rules.decision import Outcome
from rules.eligibility import eligibility
from rules.trade import Client, TradeShape
from tests.law.world import knowledge_on, release_facts

DAY = date(2026, 11, 1)
BOOK = release_facts().law_book
PLACES = sorted({code for one in BOOK.jurisdictions for code in one.residences if len(code) == 2 and code != "EU"})
AUTHORISED_IN_THE_UNION = {"EURC", "USDC", "USDG"}


def failing(residence: str, base: str) -> set[str]:
    shape = TradeShape(
        base=base, product=Product.PERPETUAL, client=Client(residence=residence, client_class=ClientClass.RETAIL)
    )
    [row] = eligibility(shape, knowledge_on(DAY), ["binance"])
    return {finding.rule for finding in row.findings if finding.outcome is Outcome.FAIL}


@pytest.mark.parametrize("residence", [*PLACES, "DE", "NO"])
def test_what_fails_for_a_coin_fails_for_an_index_of_coins(residence: str) -> None:
    assert failing(residence, "BTC") <= failing(residence, "BTCDOM")


def test_an_index_of_coins_is_no_coin_of_its_constituents() -> None:
    knowledge = knowledge_on(DAY)
    assert {knowledge.coin(base).name for base in ("BTCDOM", "DEFI", "FOOTBALL")} == {"BTCDOM", "DEFI", "FOOTBALL"}


def test_the_law_of_the_union_speaks_of_every_stablecoin_on_file() -> None:
    named = {
        coin
        for law in BOOK.rules
        if law.id in ("eu_mica_unauthorised_stablecoin", "eu_mica_other_stablecoin")
        for coin in (*law.when.underlying, *law.when.deals_in)
    }
    stablecoins = {one.base for one in BOOK.underlyings if one.kind is UnderlyingKind.STABLECOIN}
    assert stablecoins - named == AUTHORISED_IN_THE_UNION


@pytest.mark.parametrize("place", ["eu", "no"])
def test_the_rows_on_stablecoins_name_the_same_ones(place: str) -> None:
    rules = {law.id: law.when for law in BOOK.rules}
    rule = f"{place}_mica_unauthorised_stablecoin"
    named = set(rules["eu_mica_unauthorised_stablecoin"].underlying)
    for part in (rule, f"{rule}_sale"):
        assert set(rules[part].underlying) == set(rules[f"{part}_quote"].quote) == named
