"""Figures that want something neither the facts nor the caller give are null, never a guess."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from msgspec import structs

from data.facts.vocabulary import Product, Side
from rules.calculators.refusal import InputRefusedError
from rules.calculators.sizing import QUANTO, position_size
from rules.calculators.sizing_inputs import SizingInput
from rules.decision import Conclusion, Figures, Verdict
from rules.engine import decide
from rules.figures.sizes import Size, in_ladder_unit, notional_of, size_in_units
from rules.law.findings import law_findings_of_shape
from rules.trade import Client, TradeShape
from tests.rules.world import Altered, on, policy_of, trade_of

DAY = date(2026, 11, 21)
BORROWING = {
    "venue": "kraken",
    "instrument": "XBTUSDT",
    "product": "spot_margin",
    "margin_mode": "cross",
    "market": {"mark_price": "62000", "borrow_rate": "0.0001"},
}
PER_CONTRACT = {"venue": "coinbase_derivatives", "instrument": "BIP-20DEC30-CDE"}


def concluded(changes: dict[str, Any], facts: dict[str, Any] | None = None) -> Conclusion:
    trade = {
        "venue": "bybit",
        "instrument": "BTCUSDT",
        "side": "long",
        "notional": "31000",
        "entry_price": "62000",
        "leverage": "5",
        "margin_mode": "isolated",
        "holding_hours": "24",
        "client": {"residence": "AE", "client_class": "professional"},
        **changes,
    }
    return decide(trade_of(trade), Altered(on(DAY), facts or {}), policy_of("standard"))[1]


def figures(changes: dict[str, Any], facts: dict[str, Any] | None = None) -> Figures:
    return concluded(changes, facts).figures


def test_a_short_on_borrowed_coins_borrows_all_it_sells_and_a_long_what_its_margin_does_not_pay() -> None:
    elsewhere = {**BORROWING, "venue": "okx", "instrument": "BTC/USDT", "margin_mode": "isolated"}
    short = figures({**elsewhere, "side": "short"}).borrow_cost
    long = figures(elsewhere).borrow_cost
    assert short is not None
    assert long is not None
    assert long * 5 == short * 4


def test_a_venue_that_lends_the_whole_cost_charges_a_long_as_much_as_a_short() -> None:
    long = figures(BORROWING).borrow_cost
    assert long is not None
    assert (
        long
        == figures({**BORROWING, "leverage": "2"}).borrow_cost
        == figures({**BORROWING, "side": "short"}).borrow_cost
    )


def test_a_long_on_borrowed_money_without_leverage_borrows_nobody_knows_how_much() -> None:
    assert figures({**BORROWING, "leverage": None}).borrow_cost is None


def test_interest_without_a_model_is_charged_for_every_hour_begun() -> None:
    found = figures({**BORROWING, "side": "short", "holding_hours": "1.5"}, {"margin_model": "none"}).borrow_cost
    assert found == Decimal(31000) * Decimal("0.0001") * 2


def test_what_the_hours_alone_do_not_tell_of_interest_is_said_beside_the_cost() -> None:
    coins = {"instrument": {"product": "spot_margin", "contract_type": "spot"}}
    loan = {**BORROWING, "venue": "binance", "instrument": "BTCUSDT"}
    found = figures({**loan, "side": "short", "holding_hours": "0.5"}, coins)
    assert found.borrow_cost == Decimal(31000) * Decimal("0.0001")
    assert any("up to one hour more" in one for one in found.cost_notes)
    assert not any("one hour more" in one for one in figures({**loan, "leverage": "1"}, coins).cost_notes)


def test_a_charge_per_contract_of_nobody_knows_how_many_contracts_is_not_known() -> None:
    known = figures(PER_CONTRACT)
    assert known.entry_fee is not None
    assert known.entry_fee > 0
    unknown = figures(PER_CONTRACT, {"instrument": {"contract_size": "off"}})
    assert unknown.entry_fee is None
    assert unknown.total_cost is None


def test_a_quanto_contract_has_no_break_even() -> None:
    priced = {"market": {"mark_price": "62000", "funding_rate": "0.0001"}}
    assert figures(priced).break_even_price is not None
    quanto = figures({**priced, "stop_price": "60500"}, {"instrument": {"contract_type": "quanto"}})
    assert quanto.break_even_price is None
    assert quanto.loss_at_stop is None
    unheld = figures({**priced, "holding_hours": None}, {"instrument": {"contract_type": "quanto"}})
    assert unheld.break_even_price is None


def test_the_fee_of_a_liquidation_wants_a_price() -> None:
    fee = {"liquidation": {"liquidation_fee": "0.005"}}
    assert figures({}, fee).liquidation_fee is not None
    assert figures({"leverage": None}, fee).liquidation_fee is None
    inverse = figures({"instrument": "BTCUSD"}, fee)
    assert inverse.liquidation_price is not None
    assert inverse.liquidation_fee is not None
    assert abs(inverse.liquidation_fee - Decimal(31000) / inverse.liquidation_price * Decimal("0.005")) < Decimal(
        "1e-9"
    )


def test_a_policy_of_isolated_margin_alone_is_not_told_to_a_trade_that_states_no_mode() -> None:
    def told(facts: dict[str, Any], margin_mode: str | None) -> str:
        asked = {"market": {"mark_price": "62000"}, "margin_mode": margin_mode}
        return next(one.message for one in concluded(asked, facts).findings if one.rule == "liquidation.trigger_price")

    assert "margin mode" in told({"liquidation_of_mode": "isolated"}, None)
    for mode, other in (("isolated", "cross"), ("cross", "isolated")):
        assert "margin mode" not in told({"liquidation_of_mode": mode}, other)
    assert "margin mode" not in told({"liquidation": "none"}, None)


def test_a_unified_symbol_is_understood_as_the_venues_own() -> None:
    asked = trade_of({"venue": "bybit", "instrument": "BTC/USDT:USDT", "side": "long", "client": {"residence": "AE"}})
    understood, _ = decide(asked, on(DAY), policy_of("law_only"))
    assert (understood.instrument, understood.product) == ("BTCUSDT", Product.PERPETUAL)


def test_where_a_venue_is_known_for_cross_alone_a_trade_without_a_mode_is_decided_as_a_cross_one() -> None:
    asked = {
        "venue": "bitnomial",
        "instrument": "PBUC",
        "side": "long",
        "client": {"residence": "US-TX", "client_class": "professional"},
        "quantity": "0.5",
        "entry_price": "62000",
        "leverage": "3",
        "account": {"equity": "100000", "wallet_balance": "4000", "currency": "USD", "positions": []},
    }
    cross, unsaid = (
        decide(trade_of({**asked, **mode}), on(DAY), policy_of("standard")) for mode in ({"margin_mode": "cross"}, {})
    )
    assert unsaid[0] == cross[0]
    assert unsaid[1].verdict is cross[1].verdict is Verdict.DENY
    assert unsaid[1].figures.liquidation == cross[1].figures.liquidation == "already"
    assert any("known to offer cross margin alone" in note for note in unsaid[1].figures.approximations)
    elsewhere = decide(trade_of({**asked, "venue": "bybit", "instrument": "BTCUSDT"}), on(DAY), policy_of("standard"))
    assert elsewhere[0].margin_mode is None


def test_a_ladder_in_base_coins_is_read_in_base_coins() -> None:
    snapshot = on(DAY)
    instrument = snapshot.instrument("bybit", "BTCUSDT")
    ladder = snapshot.ladder("bybit", "BTCUSDT", client_class=None, residence="AE", side=Side.LONG)
    assert ladder is not None
    size = Size(price=Decimal(62000), notional=Decimal(31000), quantity=Decimal("0.5"), contracts=Decimal(7))
    for unit, counted in (("BTC", size.quantity), ("USDT", size.notional), ("contracts", size.contracts)):
        assert in_ladder_unit(size, structs.replace(ladder, unit=unit), instrument) == counted
    strange = structs.replace(ladder, unit="lots")
    assert in_ladder_unit(size, strange, None) == size.notional
    assert in_ladder_unit(size, strange, instrument) == size.notional


def test_what_a_ladder_counts_is_turned_back_into_a_notional() -> None:
    snapshot, price = on(DAY), Decimal(62000)
    for venue, symbol, units in (
        ("okx", "BTC-USDT-SWAP", ("BTC", "USDT", "contracts", "lots")),
        ("bybit", "BTCUSD", ("BTC", "USD", "lots")),
        ("kraken_futures", "PI_XBTUSD", ("BTC", "USD", "contracts", "lots")),
    ):
        instrument = snapshot.instrument(venue, symbol)
        ladder = snapshot.ladder(venue, symbol, client_class=None, residence="AE", side=Side.LONG)
        assert ladder is not None
        size = size_in_units(Decimal(31000), None, price, instrument)
        for unit in units:
            in_unit = structs.replace(ladder, unit=unit)
            counted = in_ladder_unit(size, in_unit, instrument)
            assert counted is not None
            back = notional_of(counted, price, in_unit, instrument)
            assert back is not None
            assert abs(back - 31000) < Decimal("1e-30"), (symbol, unit)
        assert notional_of(Decimal(7), price, structs.replace(ladder, unit="contracts"), None) is None


def test_a_quanto_contract_is_not_sized() -> None:
    asked = SizingInput(
        equity=Decimal(10000),
        risk_fraction=Decimal("0.01"),
        entry_price=Decimal(62000),
        stop_price=Decimal(61000),
        side=Side.LONG,
        venue="bybit",
        instrument="BTCUSDT",
        leverage=Decimal(5),
    )
    quanto = {"contract_type": "quanto"}
    with pytest.raises(InputRefusedError) as refused:
        position_size(asked, Altered(on(DAY), {"instrument": quanto, "ladder": quanto}))
    assert refused.value.problems == (("/instrument", QUANTO),)


def test_law_has_nothing_to_judge_at_a_venue_that_is_not_on_file() -> None:
    shape = TradeShape(base="BTC", product=Product.PERPETUAL, client=Client(residence="AE"))
    (finding,) = law_findings_of_shape(shape, "nobodys", on(DAY))
    assert finding.outcome == "unknown"
