"""Where an account ends with other instruments of the trade's underlying in it, as decisions reckon it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from msgspec.structs import replace

from data.facts.vocabulary import MarginMode, Side
from rules.engine import decide
from rules.figures.alongside import ends_of_account
from rules.figures.cross_account import Alongside
from rules.figures.positions import NOTHING_HELD, Positions
from rules.margin.one_underlying import Ends
from rules.trade import Position
from tests.margin.building import INVERSE, held, rungs, tiered
from tests.rules.test_held_of_the_instrument import DAY
from tests.rules.world import on, policy_of, trade_of

D = Decimal
MODEL = tiered()
TIERS = rungs(("0", None, "0.01", "50"))
OWN = held(size="6000", entry="60000", mark="60000", cross=True, symbol="PERP", base="BTC", contract_type=INVERSE,
           tiers=TIERS, contract_size="1")  # fmt: skip


def row(instrument: str, quantity: str, **fields: Any) -> Position:
    return Position(
        venue="example",
        instrument=instrument,
        side=Side.LONG,
        quantity=D(quantity),
        entry_price=D(60000),
        mark_price=D(60000),
        margin_mode=MarginMode.CROSS,
        **fields,
    )


def holding(*same: Position) -> Positions:
    """1,500 contracts of 100 dollars of an inverse future, worth 2.5 coins, beside what is held of the instrument."""
    future = Alongside(
        model=MODEL,
        terms=replace(OWN.terms, symbol="FUTURE", contract_size=D(100)),
        row=row("FUTURE", "1500"),
        profit=D(0),
        maintenance=D("0.025"),
    )
    return replace(NOTHING_HELD, same_instrument=same, alongside=(future,))


def ends(positions: Positions, required: str = "0.025", *, own: Any = OWN, move: str = "1") -> Ends | None:
    return ends_of_account(MODEL, own, positions, equity=D(1), required=D(required), move=D(move))


def test_inverse_contracts_of_one_coin_end_where_together_they_have_what_they_require() -> None:
    # 1 + 156,000 (1 / 60,000 - 1 / P) = 1% of 156,000 / P
    found = ends(holding())
    assert found is not None
    assert round(found.lower or D(0), 4) == D("43766.6667")
    assert found.upper is None


def test_what_is_held_of_the_instrument_itself_moves_too_and_isolated_rows_do_not() -> None:
    same = replace(holding(row("PERP", "6000")), same_maintenance=D("0.001"))
    found = ends(same, "0.026")
    assert found is not None
    # 1 + 162,000 (1 / 60,000 - 1 / P) = 1% of 162,000 / P
    assert round(found.lower or D(0), 4) == D("44221.6216")
    # 6,000 (1 / 50,000 - 1 / 60,000) of the equity is what the same has gained
    bought = replace(holding(replace(row("PERP", "6000"), entry_price=D(50000))), same_maintenance=D("0.001"))
    gained = ends(replace(bought, same_profit=D("0.02")), "0.026")
    assert gained is not None
    assert round(gained.lower or D(0), 4) == D("44221.6216")
    isolated = holding(replace(row("PERP", "6000"), margin_mode=MarginMode.ISOLATED))
    assert ends(isolated) == ends(holding())


def test_what_is_held_of_the_instrument_on_the_other_side_moves_against_the_trade_and_requires_its_own() -> None:
    short = replace(row("PERP", "3000"), side=Side.SHORT)
    found = ends(replace(holding(short), same_maintenance=D("0.0005")), "0.0255")
    assert found is not None
    # 1 + (6,000 + 150,000 - 3,000) (1 / 60,000 - 1 / P) = 1% of (6,000 + 150,000 + 3,000) / P
    assert round(found.lower or D(0), 4) == D("43546.4789")
    assert found.upper is None


def test_what_the_others_have_gained_since_their_entry_is_in_the_equity_once() -> None:
    # 150,000 (1 / 50,000 - 1 / 60,000) is half a coin
    (future,) = holding().alongside
    gained = replace(future, row=replace(future.row, entry_price=D(50000)), profit=D("0.5"))
    found = ends(replace(NOTHING_HELD, alongside=(gained,)))
    assert found is not None
    assert round(found.lower or D(0), 4) == D("43766.6667")


def test_nothing_is_told_where_nothing_moves_along_or_a_size_is_not_known() -> None:
    assert ends(replace(NOTHING_HELD)) is None
    linear = held(size="1", entry="60000", mark="60000", cross=True, symbol="LINEAR", base="BTC", tiers=TIERS)
    assert ends(holding(), own=linear) is None
    unsized = replace(OWN, terms=replace(OWN.terms, contract_size=None))
    assert ends(holding(row("PERP", "6000")), own=unsized) is None


def test_by_the_time_the_trade_opens_the_others_have_moved_by_the_same_share() -> None:
    waiting = replace(OWN, entry_price=D(45000), mark_price=D(45000))
    found = ends(holding(), own=waiting, move="0.75")
    assert found is not None
    # 1 + 150,000 / 60,000 + 6,000 / 45,000 = 157,560 / P
    assert round(found.lower or D(0), 4) == D("43365.1376")
    assert ends(holding(), own=replace(waiting, mark_price=None), move="0.7") == Ends(already=True)


def test_what_moves_along_backs_the_account_with_all_that_it_leaves() -> None:
    # 1.3 + 156,000 (1 / 60,000 - 1 / P) = 1% of 156,000 / P
    found = ends(replace(holding(), surplus_alongside=D("0.3")))
    assert found is not None
    assert round(found.lower or D(0), 4) == D("40400")


def test_a_share_of_the_price_is_one_of_the_present_price_not_of_the_entry() -> None:
    # the future is at 60,000 P / 58,000 when the trade, worth 58,000 today, is at P:
    # 1 + 6,000 (1 / 60,000 - 1 / P) + 150,000 / 60,000 - 145,000 / P = 1% of 151,000 / P
    found = ends(holding(), own=replace(OWN, mark_price=D(58000)))
    assert found is not None
    assert round(found.lower or D(0), 4) == D("42363.8889")


def test_the_size_offered_leaves_the_account_standing_until_the_stop() -> None:
    other = {"venue": "binance", "instrument": "BTCUSDC", "side": "long", "quantity": "6.3", "entry_price": "60000",
             "mark_price": "60000", "leverage": "10", "margin_mode": "cross"}  # fmt: skip
    trade = {
        "venue": "binance",
        "instrument": "BTCUSDT",
        "side": "long",
        "quantity": "1",
        "entry_price": "60000",
        "stop_price": "45000",
        "leverage": "3",
        "margin_mode": "cross",
        "client": {"residence": "CH", "client_class": "professional"},
        "market": {"mark_price": "60000"},
        "account": {"currency": "USDT", "wallet_balance": "100000", "equity": "100000", "positions": [other]},
    }

    def judged(**changed: Any) -> Any:
        _, conclusion = decide(trade_of({**trade, **changed}), on(DAY), policy_of("professional"))
        return next(one for one in conclusion.findings if one.rule == "liquidation.stop_before_liquidation")

    refused = judged()
    assert refused.outcome == "fail"
    assert refused.remedy is not None
    offers = (refused.remedy, *refused.remedy.alternatives)
    offered = next(one for one in offers if one.field == "quantity")
    assert judged(quantity=str(offered.largest_passing)).outcome == "pass"
    assert judged(quantity=str(offered.largest_passing * D("1.01"))).outcome == "fail"


def test_what_is_held_under_two_names_is_told_under_the_native_one_and_once() -> None:
    future = {"venue": "binance", "side": "short", "quantity": "3", "entry_price": "60000", "mark_price": "60000"}
    fields: dict[str, Any] = {
        "venue": "binance",
        "instrument": "BTCUSDT",
        "side": "long",
        "quantity": "1",
        "entry_price": "60000",
        "leverage": "5",
        "margin_mode": "cross",
        "intent": "hedge",
        "holding_hours": "9000",
        "client": {"residence": "AE", "client_class": "professional"},
        "market": {"mark_price": "60000"},
    }

    def told(*names: str) -> str:
        rows = [{**future, "instrument": name, "margin_mode": "cross", "leverage": "5"} for name in names]
        account = {"equity": "90000", "wallet_balance": "90000", "currency": "USDT", "positions": rows}
        _, found = decide(trade_of({**fields, "account": account}), on(DAY), policy_of("standard"))
        return " ".join((*found.figures.approximations, *(one.message for one in found.findings)))

    native, unified = "BTCUSDT_261225", "BTC/USDT:USDT-261225"
    assert told(unified, native) == told(native, native)
    assert "held still" in told(native, native)
    assert f"may expire before it ends: binance {native}." in told(native, native)
