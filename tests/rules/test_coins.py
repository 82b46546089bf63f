"""Which coin a base is: other codes and multiples of one are on file as that, and a name alone tells nothing."""

from datetime import date

import pytest

from data.curation.symbols import MULTIPLES
from data.facts.coins import Coin
from data.facts.law import UnderlyingKind
from data.facts.vocabulary import Product
from rules.law.index import law_index
from tests.rules.world import facts, on

DAY = date(2026, 11, 21)
OTHER_COINS = {"1000CAT", "1000000BOB", "kNEIRO"}
"""Bases whose names look like a multiple of a base on file, and of which nothing read says that they are one."""


@pytest.mark.parametrize(
    ("base", "coin"),
    [
        ("XBT", Coin("BTC")),
        ("1000PEPE", Coin("PEPE", 1000)),
        ("kPEPE", Coin("PEPE", 1000)),
        ("100000SHIB", Coin("SHIB", 100_000)),
        ("100BONK", Coin("BONK", 100)),
        ("PEPE", Coin("PEPE")),
        ("1INCH", Coin("1INCH")),
        ("KAS", Coin("KAS")),
        ("KPEPE", Coin("KPEPE")),
        ("1000CAT", Coin("1000CAT")),
    ],
)
def test_a_base_is_so_many_of_a_coin(base: str, coin: Coin) -> None:
    assert on(DAY).coin(base) == coin


def test_every_base_that_reads_as_a_multiple_of_one_on_file_is_known_to_be_or_not_to_be() -> None:
    snapshot = on(DAY)
    bases = {one.base for one in snapshot.ever_listed()}
    coins = bases | {snapshot.coin(base).name for base in bases}
    unread = {
        base
        for base in bases
        if (match := MULTIPLES.fullmatch(base)) and match["coin"] in coins and snapshot.coin(base) == Coin(base)
    }
    assert unread == OTHER_COINS


def test_what_is_named_as_a_multiple_says_so_in_its_digits() -> None:
    for one in facts().corpus.coin_names:
        count = one.base.removesuffix(one.coin)
        assert one.coins == 1 or one.coins == (1000 if count == "k" else int(count)), one


def test_listings_are_those_whose_prices_mean_the_same() -> None:
    def listed(base: str) -> set[tuple[str, str]]:
        return {(one.venue, one.base) for one in on(DAY).listings(base, Product.PERPETUAL)}

    thousands = {("binance", "1000PEPE"), ("hyperliquid", "kPEPE")}
    assert listed("1000PEPE") == listed("kPEPE") == thousands
    assert {base for _, base in listed("PEPE")} == {"PEPE"}
    assert listed("XBT") == listed("BTC")
    others = on(DAY).listings_in_other_units("PEPE", Product.PERPETUAL)
    assert {(one.venue, one.base) for one in others} == thousands
    assert on(DAY).listings_in_other_units("BTC", Product.PERPETUAL) == ()


def test_a_coin_is_of_the_kind_of_what_counts_several_of_it() -> None:
    assets = law_index(on(DAY)).assets
    assert assets.kind_of("FLOKI") is assets.kind_of("1000CAT") is UnderlyingKind.CRYPTO
    assert assets.kind_of("CAT") is None
