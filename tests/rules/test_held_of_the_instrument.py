"""What a decision says where more of its instrument is held and no one formula joins the two."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from data.facts.vocabulary import ContractType, Side
from rules.case import Case
from rules.decision import Figures
from rules.engine import decide
from rules.figures.held_terms import as_kept
from rules.margin.beside_held import BY_ITSELF, MARGIN_UNKNOWN
from rules.preparing import case_of
from rules.trade import Position
from tests.rules.world import built_in, on, trade_of

DAY = date(2026, 11, 21)


def proposal(held: dict[str, Any], **trade: Any) -> dict[str, Any]:
    shared = {"venue": trade["venue"], "instrument": trade["instrument"]}
    return {
        "side": "long",
        "client": {"residence": "AE"},
        "account": {"equity": "50000", "currency": "USD", "positions": [{**shared, **held}]},
        **trade,
    }


def figures(held: dict[str, Any], **trade: Any) -> Figures:
    return decide(trade_of(proposal(held, **trade)), on(DAY), built_in("standard"))[1].figures


def case(held: dict[str, Any], **trade: Any) -> Case:
    return case_of(trade_of(proposal(held, **trade)), on(DAY), built_in("standard"))


def test_spot_positions_on_borrowed_money_move_together_in_one_pair():
    held = {"side": "long", "quantity": "1", "entry_price": "62000", "leverage": "2", "mark_price": "62000"}
    trade = {"venue": "kraken", "instrument": "BTC/USD", "quantity": "1", "entry_price": "62000", "leverage": "2"}
    together = figures({**held, "margin_mode": "cross"}, **trade)
    assert BY_ITSELF not in together.approximations
    # 50000 + 2 (P - 62000) = 0.4 * 62000
    assert (together.bankruptcy_price, together.liquidation_price) == (37000, 49400)
    unknown = figures({**held, "margin_mode": "cross", "leverage": None}, **trade)
    assert (unknown.liquidation, unknown.liquidation_price) == (None, None)


def test_inverse_positions_are_counted_in_contracts():
    held = {"side": "long", "quantity": "6000", "entry_price": "60000", "leverage": "2", "margin_mode": "isolated"}
    trade = {
        "venue": "kraken_futures",
        "instrument": "PI_XBTUSD",
        "notional": "6000",
        "entry_price": "60000",
        "leverage": "2",
        "margin_mode": "isolated",
    }
    joined, alone = figures(held, **trade), figures({**held, "side": "short"}, **trade)
    assert joined.liquidation_price is not None
    assert alone.liquidation_price is not None
    # Equal sizes at one price and leverage end where each would.
    assert abs(joined.liquidation_price - alone.liquidation_price) < Decimal("1e-20")
    assert BY_ITSELF not in joined.approximations


def test_limits_count_coins_sold_at_the_mark_price_that_a_position_tells_whatever_else_is_known_of_the_market():
    held = {"side": "short", "quantity": "0.1", "entry_price": "60000", "mark_price": "61000", "leverage": "5"}
    trade = {"venue": "binance", "instrument": "BTCUSDT", "side": "short", "quantity": "2", "entry_price": "60000"}
    book = {"bids": [["60500", "5"]], "asks": [["60510", "5"]]}
    for market in (None, {"funding_rate": "0.0001"}, {"order_book": book}):
        counted = case({**held, "margin_mode": "isolated"}, **trade, market=market).terms.counted
        assert counted.notional == 2 * 61000


def test_margin_of_what_is_held_is_turned_from_the_account_s_currency():
    held = {
        "side": "long",
        "quantity": "0.5",
        "entry_price": "62000",
        "mark_price": "62000",
        "leverage": "10",
        "margin_mode": "isolated",
    }
    trade = {
        "venue": "binance",
        "instrument": "BTCUSDT",
        "notional": "31000",
        "entry_price": "62000",
        "leverage": "10",
        "margin_mode": "isolated",
    }

    def with_margin(currency: str, collateral: str) -> Figures:
        shared = {"venue": "binance", "instrument": "BTCUSDT"}
        positions = [{**shared, **held, "collateral": collateral}]
        return figures(held, **trade, account={"equity": "50000", "currency": currency, "positions": positions})

    dollars, coins, euros = with_margin("USD", "3100"), with_margin("BTC", "0.05"), with_margin("EUR", "3100")
    assert dollars.liquidation_price is not None
    assert coins.liquidation_price is not None
    assert abs(dollars.liquidation_price - coins.liquidation_price) < Decimal("1e-20")
    assert MARGIN_UNKNOWN in euros.approximations  # in dollars
    assert euros.liquidation is None


JUMP = Decimal("0.10")
"""The move that the standard policy has a trade bear."""
LISTED = (
    ("binance", "BTCUSDT", "USD"),
    ("kraken_futures", "PI_XBTUSD", "USD"),
    ("kraken_futures", "PI_XBTUSD", "BTC"),
    ("bybit", "BTCUSDT", "BTC"),
    ("dydx", "BTC-USD", "USD"),
)


@st.composite
def added_to(draw: st.DrawFn) -> dict[str, Any]:
    """Return an isolated trade at the mark price that adds to an isolated position of its instrument."""
    venue, instrument, currency = draw(st.sampled_from(LISTED))
    coins = draw(st.decimals("0.01", "5", places=3, allow_nan=False, allow_infinity=False))
    inverse = on(DAY).instrument(venue, instrument).contract_type is ContractType.INVERSE  # type: ignore[union-attr]
    held: dict[str, Any] = {
        "venue": venue,
        "instrument": instrument,
        "side": draw(st.sampled_from(("long", "short"))),
        "quantity": str(int(coins * 60000)) if inverse else str(coins),
        "entry_price": draw(st.sampled_from(("40000", "58000", "60000", "63000", "80000"))),
        "mark_price": "60000",
        "margin_mode": "isolated",
    }
    if draw(st.booleans()):
        worth = coins * 60000 * draw(st.sampled_from((Decimal("0.02"), Decimal("0.1"), Decimal(1))))
        held["collateral"] = str(worth if currency == "USD" else (worth / 60000).quantize(Decimal("0.000001")))
    else:
        held["leverage"] = draw(st.sampled_from(("1", "5", "20")))
    return {
        "venue": venue,
        "instrument": instrument,
        "side": held["side"],
        "notional": draw(st.sampled_from(("1000", "60000", "240000"))),
        "entry_price": "60000",
        "leverage": draw(st.sampled_from(("2", "10", "20", "40"))),
        "margin_mode": "isolated",
        "client": {"residence": "AE", "client_class": "professional"},
        "market": {"mark_price": "60000"},
        "account": {"equity": "1000000" if currency == "USD" else "20", "currency": currency, "positions": [held]},
    }


@settings(max_examples=150, deadline=None, derandomize=True, database=None)
@given(added_to())
def test_a_jump_that_liquidates_nothing_costs_the_trade_the_whole_move(fields: dict[str, Any]) -> None:
    conclusion = decide(trade_of(fields), on(DAY), built_in("standard"))[1]
    after = Decimal(60000) * (1 - JUMP if fields["side"] == "long" else 1 + JUMP)
    end = conclusion.figures.liquidation_price
    assert conclusion.figures.liquidation is not None
    if conclusion.figures.liquidation == "already" or (end and (end >= after) is (fields["side"] == "long")):
        return  # it is liquidated on the way
    lost = Decimal(fields["notional"]) * JUMP
    if fields["account"]["currency"] == "BTC":
        lost /= after
    shock = next(one for one in conclusion.findings if one.rule == "risk.shock_loss")
    assert isinstance(shock.observed, Decimal)
    assert abs(shock.observed * Decimal(fields["account"]["equity"]) - lost) <= lost * Decimal("1e-20")


@st.composite
def told_in_parts(draw: st.DrawFn) -> tuple[dict[str, Any], list[dict[str, Any]], list[dict[str, Any]]]:
    """Return a trade, a position held of its instrument, and the same position in several rows."""
    venue, instrument, price, settle, inverse = draw(
        st.sampled_from(
            (
                ("binance", "SOLUSDT", "150", "USDT", False),
                ("bybit", "BTCUSD", "60000", "BTC", True),
                ("cryptocom", "BTCUSD-PERP", "60000", "USD", False),
                ("hyperliquid", "BTC", "60000", "USDC", False),
                ("okx", "BTC-USDT-SWAP", "60000", "USDT", False),
            )
        )
    )
    value, mode = draw(st.sampled_from((60_000, 6_000_000, 60_000_000))), draw(st.sampled_from(("cross", "isolated")))
    row = {
        "venue": venue,
        "instrument": instrument,
        "side": draw(st.sampled_from(("long", "short"))),
        "entry_price": price,
        "leverage": draw(st.sampled_from(("2", "20"))),
        "margin_mode": mode,
    }
    if draw(st.booleans()):
        row["mark_price"] = price
    size = value if inverse else Decimal(value) / Decimal(price)
    parts = draw(st.sampled_from((2, 5, 20)))
    equity = Decimal(draw(st.sampled_from(("0.05", "0.5", "2")))) * value / (Decimal(price) if inverse else 1)
    trade = {
        "venue": venue,
        "instrument": instrument,
        "side": draw(st.sampled_from(("long", "short"))),
        "notional": str(value * draw(st.sampled_from((1, 3)))),
        "entry_price": price,
        "leverage": "10",
        "margin_mode": mode,
        "client": {"residence": "AE", "client_class": "professional"},
        "account": {"equity": str(equity), "currency": settle},
    }
    return trade, [{**row, "quantity": str(size)}], [{**row, "quantity": str(Decimal(size) / parts)}] * parts


@settings(max_examples=150, deadline=None, derandomize=True, database=None)
@given(told_in_parts())
def test_a_position_told_in_several_rows_is_one_position(
    told: tuple[dict[str, Any], list[dict[str, Any]], list[dict[str, Any]]],
) -> None:
    trade, *held = told
    whole, parts = (
        decide(
            trade_of({**trade, "account": {**trade["account"], "positions": rows}}), on(DAY), built_in("professional")
        )[1]
        for rows in held
    )
    for name in ("liquidation_price", "bankruptcy_price", "margin_ratio", "maintenance_margin", "initial_margin"):
        one, several = getattr(whole.figures, name), getattr(parts.figures, name)
        assert (one is None) is (several is None), name
        assert one is None or abs(one - several) <= abs(one) * Decimal("1e-20"), name
    assert whole.verdict is parts.verdict
    assert {one.rule: one.outcome for one in whole.findings} == {one.rule: one.outcome for one in parts.findings}


def test_rows_without_a_margin_mode_are_one_position_in_a_cross_account_alone() -> None:
    rows = [
        Position(
            venue="binance",
            instrument="BTCUSDT",
            side=Side.LONG,
            quantity=Decimal(1),
            entry_price=Decimal(62000),
            leverage=Decimal(leverage),
        )
        for leverage in (5, 10)
    ]
    (whole,) = as_kept(rows, inverse=False, cross=True)
    assert (whole.quantity, whole.leverage) == (2, 5)
    assert as_kept(rows, inverse=False, cross=False) == rows
