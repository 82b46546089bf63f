"""What an account holds beside a trade: valued, added up, and null where something cannot be valued."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from data.facts.vocabulary import Side
from rules.figures.directions import Directions
from rules.figures.exposure import Exposure, exposure_of
from rules.figures.held_terms import as_one
from rules.figures.money import Conversion, Rate, rate_between, same_money
from rules.trade import Position
from tests.rules.world import knowledge_of, on, trade_of

DAY = date(2026, 11, 21)


def held(**fields: Any) -> dict[str, Any]:
    return {
        "venue": "binance",
        "instrument": "BTCUSDT",
        "side": "long",
        "quantity": "1",
        "entry_price": "60000",
        "mark_price": "62000",
        **fields,
    }


def exposure(
    *positions: dict[str, Any],
    facts: dict[str, Any] | None = None,
    traded: tuple[str, str] = ("binance", "BTCUSDT"),
    **account: Any,
) -> Exposure:
    venue, instrument = traded
    trade = trade_of(
        {
            "venue": venue,
            "instrument": instrument,
            "side": "long",
            "client": {"residence": "AE"},
            "account": {"equity": "50000", "positions": list(positions), **account},
        }
    )
    return exposure_of(trade, knowledge_of(DAY, facts), on(DAY).instrument(venue, instrument), Decimal(62000), "USDT")


def totals(*positions: dict[str, Any], **account: Any) -> Any:
    found = exposure(*positions, **account).positions
    assert found is not None
    return found


def rows_of(*positions: dict[str, Any]) -> tuple[Position, ...]:
    trade = {"venue": "binance", "instrument": "BTCUSDT", "side": "long", "client": {"residence": "AE"}}
    account = trade_of({**trade, "account": {"positions": list(positions)}}).account
    assert account is not None
    assert account.positions is not None
    return account.positions


def test_no_account_says_nothing_and_no_positions_say_nothing_is_held():
    bare = trade_of({"venue": "binance", "instrument": "BTCUSDT", "side": "long", "client": {"residence": "AE"}})
    assert exposure_of(bare, on(DAY), None, None, None) == Exposure()
    assert totals().gross == 0
    assert totals().count == 0
    unstated = exposure(positions=None)
    assert unstated.positions is None
    assert unstated.quote_rate == 1


def test_longs_and_shorts_offset_in_net_and_add_up_in_gross():
    found = totals(held(), held(venue="bybit", side="short", quantity="0.5"))
    assert (found.gross, found.net, found.underlying_net) == (93000, 31000, 31000)
    assert found.hedgeable == 0  # long on balance already: another long hedges nothing
    assert totals(held(quantity="0.25"), held(venue="bybit", side="short")).hedgeable == 46500
    assert (found.same_size, found.opposite_size) == (1, 0)


def test_another_coin_counts_in_net_and_not_in_the_underlying():
    found = totals(held(instrument="ETHUSDT", quantity="10", entry_price="3000", mark_price="3100"))
    assert (found.net, found.underlying_net) == (31000, 0)


def test_without_a_mark_price_the_entry_price_values_a_position():
    assert totals(held(mark_price=None)).gross == 60000


def test_an_inverse_position_is_worth_its_contracts():
    assert totals(held(instrument="BTCUSD_PERP", quantity="300")).gross == 30000


@pytest.mark.parametrize(
    "facts",
    [{"instrument": "none"}, {"instrument": {"contract_type": "quanto"}}],
    ids=["unknown instrument", "quanto"],
)
def test_one_position_that_cannot_be_valued_leaves_no_total(facts: dict[str, Any]):
    found = exposure(held(), facts=facts).positions
    assert found is not None
    assert found.unvalued == ("binance BTCUSDT",)
    assert (found.gross, found.net, found.underlying_net, found.hedgeable, found.venue_margin) == (None,) * 5


def test_an_inverse_contract_of_unknown_size_cannot_be_valued():
    facts = {"instrument": {"contract_type": "inverse", "contract_size": "off"}}
    found = exposure(held(), facts=facts).positions
    assert found is not None
    assert found.unvalued == ("binance BTCUSDT",)


def test_positions_are_valued_in_the_account_currency():
    assert round(totals(held(), currency="BTC").gross, 12) == 1
    assert totals(held(), currency="EUR").unvalued == ("binance BTCUSDT",)


def test_margin_at_the_venue_is_collateral_or_notional_over_leverage():
    assert totals(held(leverage="10")).venue_margin == 6200
    assert totals(held(leverage="10", collateral="7000")).venue_margin == 7000
    assert totals(held()).venue_margin is None
    assert totals(held(venue="bybit")).venue_margin == 0
    assert totals(held(), held(leverage="10")).venue_margin is None


def test_cross_positions_bring_maintenance_and_profit():
    found = totals(held(leverage="10", margin_mode="cross"))
    assert found.cross_maintenance == Decimal(62000) * Decimal("0.004")
    assert found.cross_profit == 2000
    assert totals(held(side="short", leverage="10")).cross_profit == -2000
    assert totals(held(margin_mode="isolated")).cross_maintenance == 0
    assert totals(held(mark_price=None), held()).cross_profit is None


@pytest.mark.parametrize("currency", ["BTC", "USD"])
@pytest.mark.parametrize(
    ("side", "entry", "mark", "coins"),
    [
        ("short", "60000", "30000", "0.166667"),
        ("long", "60000", "30000", "-0.166667"),
        ("long", "30000", "60000", "0.166667"),
    ],
)
def test_an_inverse_position_gains_and_loses_in_coin(currency: str, side: str, entry: str, mark: str, coins: str):
    found = totals(
        held(instrument="BTCUSD_PERP", quantity="100", side=side, entry_price=entry, mark_price=mark), currency=currency
    )
    assert found.cross_profit is not None
    assert round(found.cross_profit / (1 if currency == "BTC" else Decimal(mark)), 6) == Decimal(coins)


def test_rows_of_one_instrument_and_side_are_margined_as_the_one_position_they_are():
    row = held(instrument="SOLUSDT", entry_price="150", mark_price="160", leverage="5")
    whole = totals({**row, "quantity": "100000"})
    assert whole.cross_maintenance == 568525
    assert totals(*[{**row, "quantity": "10000"}] * 10).cross_maintenance == 568525
    apart = ({**row, "quantity": "25000", "entry_price": "120"}, {**row, "quantity": "75000", "entry_price": "160"})
    found = totals(*apart)
    assert (found.cross_maintenance, found.cross_profit) == (568525, whole.cross_profit)
    both = totals({**row, "quantity": "50000"}, {**row, "quantity": "50000", "side": "short"})
    assert both.cross_maintenance == 2 * totals({**row, "quantity": "50000"}).cross_maintenance


def test_rows_with_other_mark_prices_are_worth_what_they_are_worth_together():
    row = held(quantity="20", leverage="5")
    marked, unmarked = {**row, "mark_price": "64000"}, {**row, "mark_price": None, "quantity": "5"}
    worth = held(quantity="25", mark_price="63200", leverage="5")
    assert totals(marked, unmarked).cross_maintenance == totals(worth).cross_maintenance
    rows = rows_of(
        held(instrument="BTCUSD_PERP", quantity="1000", entry_price="50000", mark_price="40000"),
        held(instrument="BTCUSD_PERP", quantity="1500", entry_price="50000", mark_price="60000", leverage="3"),
    )
    one = as_one(rows, inverse=True)
    assert (one.quantity, one.entry_price, one.mark_price, one.leverage) == (2500, 50000, 50000, 3)


def test_what_isolated_positions_hold_of_the_equity_is_told():
    isolated = {"margin_mode": "isolated", "leverage": "10"}
    assert totals(held()).isolated_equity == 0
    assert totals(held(**isolated)).isolated_equity == 6000 + 2000
    assert totals(held(**isolated, collateral="7000", side="short")).isolated_equity == 5000
    assert totals(held(**isolated, collateral="100", side="short")).isolated_equity == 0
    assert totals(held(**isolated, venue="bybit")).isolated_equity == 0
    assert totals(held(**isolated, mark_price=None)).isolated_equity is None
    assert totals(held(margin_mode="isolated"), held(**isolated)).isolated_equity is None


def test_an_isolated_position_has_posted_its_value_at_entry_over_its_leverage():
    isolated = {"margin_mode": "isolated", "leverage": "4"}
    assert totals(held(**isolated, mark_price="48000")).venue_margin == 15000
    assert totals(held(**isolated, mark_price=None)).venue_margin == 15000
    assert totals(held(leverage="4", margin_mode="cross", mark_price="48000")).venue_margin == 12000
    inverse = held(**isolated, instrument="BTCUSD_PERP", quantity="300", side="short", mark_price="30000")
    assert totals(inverse).venue_margin == 30000 / 60000 / 4 * 30000
    assert totals(inverse).isolated_equity == 3750 + 15000
    assert totals(inverse, currency="BTC").venue_margin == Decimal("0.125")


def test_maintenance_deducts_what_the_tier_deducts():
    found = totals(held(quantity="10", margin_mode="cross"))
    assert found.cross_maintenance == 620000 * Decimal("0.005") - 300


def test_a_tier_is_found_in_the_ladder_s_money_whatever_the_account_is_in():
    found = totals(held(quantity="10", margin_mode="cross"), currency="BTC")
    assert found.cross_maintenance is not None
    assert round(found.cross_maintenance * 62000, 8) == 620000 * Decimal("0.005") - 300


def test_what_a_position_is_worth_in_another_currency_does_not_matter_for_its_size():
    found = totals(held(side="short", quantity="2"), held(mark_price="59000"), held(mark_price=None), currency="EUR")
    assert found.gross is None
    assert (found.opposite_size, found.same_size) == (2, 2)
    assert (found.losing, found.unmarked) == (("binance BTCUSDT",), ("binance BTCUSDT",))


def test_an_option_cannot_be_valued():
    option = held(venue="kraken_futures", instrument="OF_XBTUSD", entry_price="500", mark_price="600")
    assert totals(option).unvalued == ("kraken_futures OF_XBTUSD",)


def test_what_states_no_margin_mode_is_named_where_it_may_be_isolated():
    assert totals(held(), held(instrument="ETHUSDT"), held()).without_mode == ("BTCUSDT", "ETHUSDT")
    assert totals(held(margin_mode="cross"), held(margin_mode="isolated")).without_mode == ()
    assert totals(held(venue="bybit")).without_mode == ()
    option = held(venue="deribit", instrument="BTC-27NOV26-60000-C")
    cross_alone = held(venue="deribit", instrument="BTC-PERPETUAL")
    found = exposure(option, cross_alone, traded=("deribit", "BTC-PERPETUAL")).positions
    assert found is not None
    assert found.without_mode == ()


def test_margin_stated_of_the_instrument_is_no_more_than_the_equity_leaves():
    """With 2,000 gained 48,000 are left of 50,000; a cross one is backed by the wallet, whatever it states."""
    rows = [{"collateral": "30000"}, {"collateral": "30000"}, {"margin_mode": "cross", "collateral": "90000"}]
    found = totals(*(held(**one) for one in rows))
    assert [one.collateral for one in found.same_instrument] == [30000, 16000, 90000]
    assert found.overstated
    less = totals(held(collateral="48000"))
    assert [one.collateral for one in less.same_instrument] == [48000]
    assert not less.overstated
    unmarked = totals(held(collateral="50001", mark_price=None))
    assert [one.collateral for one in unmarked.same_instrument] == [50000]


def test_maintenance_is_not_known_without_a_ladder_or_beyond_it():
    for facts in ({"ladder": "none"}, {"ladder": {"unit": "USDX"}}):
        found = exposure(held(), held(), facts=facts).positions
        assert found is not None
        assert found.cross_maintenance is None
    assert totals(held(quantity="100000")).cross_maintenance is None


def test_a_ladder_may_count_contracts_or_coins():
    elsewhere = totals(held(venue="okx", instrument="BTC-USDT-SWAP", margin_mode="cross"))
    assert elsewhere.cross_maintenance == 0
    for unit in ("contracts", "BTC"):
        found = exposure(held(), facts={"ladder": {"unit": unit}}).positions
        assert found is not None
        assert found.cross_maintenance == 62000 * Decimal("0.004")
        inverse = exposure(
            held(venue="bybit", instrument="BTCUSD", quantity="10"),
            traded=("bybit", "BTCUSD"),
            facts={"ladder": {"unit": unit}, "instrument": {"contract_size": "1"}},
        ).positions
        assert inverse is not None
        assert inverse.cross_maintenance is not None
        assert 0 < inverse.cross_maintenance < 1


def test_losing_and_unmarked_positions_in_the_same_direction_are_named():
    assert totals(held(entry_price="63000")).losing == ("binance BTCUSDT",)
    assert totals(held()).losing == ()
    assert totals(held(mark_price=None)).unmarked == ("binance BTCUSDT",)
    assert totals(held(side="short", entry_price="63000")).losing == ()


def test_whether_an_option_is_losing_is_not_told_by_its_premium():
    option = held(venue="kraken_futures", instrument="OF_XBTUSD", entry_price="2000", mark_price="1000")
    found = totals(option, {**option, "mark_price": None})
    assert (found.losing, found.unmarked) == ((), ())
    assert found.unvalued == ("kraken_futures OF_XBTUSD",)


def test_dollars_are_one_money_and_a_price_turns_coin_into_quote():
    assert same_money("USD", "usdt")
    assert not same_money("USD", "EUR")
    assert not same_money(None, "USD")
    price = Decimal(62000)
    assert rate_between("USDT", "USD", "BTC", "USDT", price) == Rate(Decimal(1), Conversion.SAME)
    assert rate_between("BTC", "USD", "BTC", "USDT", price) == Rate(price, Conversion.BASE_TO_QUOTE)
    assert rate_between("USDT", "BTC", "BTC", "USDT", price) == Rate(1 / price, Conversion.QUOTE_TO_BASE)
    assert rate_between("USDT", "EUR", "BTC", "USDT", price) is None
    assert rate_between("BTC", "EUR", "BTC", "USDT", price) is None
    assert rate_between("ETH", "USD", "BTC", "USDT", price) is None
    assert rate_between("EUR", "BTC", "BTC", "USDT", price) is None
    assert rate_between("USDT", "ETH", "BTC", "USDT", price) is None
    assert rate_between("BTC", "USD", "BTC", "USDT", None) is None
    assert rate_between("BTC", "USD", "BTC", "USDT", Decimal(0)) is None


@pytest.mark.parametrize(("side", "required"), [("long", 4800), ("short", 5280)])
def test_kraken_counts_a_long_at_what_it_cost_and_a_short_at_what_it_is_worth(side: str, required: int) -> None:
    """40% of the used margin at 5x, of 60,000 paid or of 66,000 owed."""
    pair = {"venue": "kraken", "instrument": "BTC/USD", "leverage": "5", "margin_mode": "cross"}
    found = totals(held(**pair, side=side, mark_price="66000"), traded=("kraken", "XBTUSDT"))
    assert found.cross_maintenance == required


def test_maintenance_is_open_where_the_fee_that_counts_as_it_is_not_known():
    name = ("gate", "AI16Z_USDT")
    position = held(venue=name[0], instrument=name[1], margin_mode="cross")

    def maintenance(day: date) -> Any:
        trade = {"venue": name[0], "instrument": name[1], "side": "long", "client": {"residence": "AE"}}
        asked = trade_of({**trade, "account": {"equity": "50000", "currency": "USDT", "positions": [position]}})
        positions = exposure_of(asked, on(day), on(day).instrument(*name), Decimal(62000), "USDT").positions
        assert positions is not None
        return positions.cross_maintenance

    assert maintenance(DAY) > 0
    assert maintenance(date(2024, 6, 1)) is None  # no fees of that day are on file


@pytest.mark.parametrize(("day", "ends"), [(date(2026, 9, 24), False), (date(2026, 9, 25), True)])
def test_a_contract_that_expires_on_the_day_may_end_before_a_trade_that_states_no_time(day: date, ends: bool) -> None:
    trade = trade_of(
        {
            "venue": "binance",
            "instrument": "BTCUSDT",
            "side": "long",
            "client": {"residence": "AE"},
            "account": {"equity": "50000", "positions": [held(instrument="BTCUSDT_260925", side="short")]},
        }
    )
    found = exposure_of(trade, on(day), on(day).instrument("binance", "BTCUSDT"), Decimal(62000), "USDT").positions
    assert found is not None
    assert found.ending == (("binance BTCUSDT_260925",) if ends else ())
    assert found.ending_notional == (62000 if ends else 0)


def test_contracts_in_what_is_no_coin_may_expire_on_either_side() -> None:
    """Net 10 long of gold now; 30 long once the short of 20 has expired, 20 short once the long of 30 has."""
    sums = Directions(on(date(2026, 11, 21)), "BTC", Side.LONG)
    sums.add("BTC", Side.LONG, Decimal(5), None)
    sums.add("XAU", Side.LONG, Decimal(30), "gold long")
    sums.add("XAU", Side.SHORT, Decimal(20), "gold short")
    assert (sums.net, sums.beside, sums.beside_once_expired) == (5, 10, 30)
    assert sums.ending == ["gold long", "gold short"]
    assert sums.ending_notional == 0
    sums = Directions(on(date(2026, 11, 21)), "BTC", Side.LONG)
    sums.add("XAU", Side.SHORT, Decimal(30), None)
    sums.add("XAU", Side.LONG, Decimal(20), "gold long")
    assert (sums.beside, sums.beside_once_expired) == (10, 30)
