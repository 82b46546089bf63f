"""What a decision says where more of its instrument is held and no one formula joins the two."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from rules.decision import Figures
from rules.engine import decide
from rules.margin.joined import BY_ITSELF
from tests.rules.world import built_in, on, trade_of

DAY = date(2026, 11, 21)


def figures(held: dict[str, Any], **trade: Any) -> Figures:
    shared = {"venue": trade["venue"], "instrument": trade["instrument"]}
    asked = {
        "side": "long",
        "client": {"residence": "AE"},
        "account": {"equity": "50000", "currency": "USD", "positions": [{**shared, **held}]},
        **trade,
    }
    return decide(trade_of(asked), on(DAY), built_in("standard"))[1].figures


def test_spot_positions_on_borrowed_money_are_reckoned_one_by_one_and_that_is_said():
    held = {"side": "long", "quantity": "0.1", "entry_price": "62000", "leverage": "2", "margin_mode": "isolated"}
    found = figures(held, venue="kraken", instrument="BTC/USD", quantity="0.1", entry_price="62000", leverage="2")
    assert BY_ITSELF in found.approximations


def test_inverse_positions_are_counted_in_contracts():
    held = {"side": "long", "quantity": "6000", "entry_price": "60000", "leverage": "5", "margin_mode": "isolated"}
    trade = {
        "venue": "kraken_futures",
        "instrument": "PI_XBTUSD",
        "notional": "6000",
        "entry_price": "60000",
        "leverage": "5",
    }
    joined, alone = figures(held, **trade), figures({**held, "side": "short"}, **trade)
    assert joined.liquidation_price is not None
    assert alone.liquidation_price is not None
    # Equal sizes at one price and leverage end where each would.
    assert abs(joined.liquidation_price - alone.liquidation_price) < Decimal("1e-20")
    assert BY_ITSELF not in joined.approximations


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
    assert BY_ITSELF in euros.approximations  # what the margin is in dollars is not known
