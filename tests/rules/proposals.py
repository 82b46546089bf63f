"""Trades as a generator proposes them: sane input, often unwise, over venues of every margin model."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

INSTRUMENTS = (
    ("binance", "BTCUSDT", "62000"),
    ("binance", "ETHUSDT", "3000"),
    ("binance", "BTCUSD_PERP", "62000"),
    ("binance", "0GUSDT", "3.2"),
    ("bybit", "BTCUSDT", "62000"),
    ("bybit", "BTCUSD", "62000"),
    ("okx", "BTC-USDT-SWAP", "62000"),
    ("okx", "BTC-USD-SWAP", "62000"),
    ("kucoin", "XBTUSDTM", "62000"),
    ("bitget", "BTCUSDT", "62000"),
    ("mexc", "BTC_USDT", "62000"),
    ("hyperliquid", "BTC", "62000"),
    ("dydx", "BTC-USD", "62000"),
    ("deribit", "BTC-PERPETUAL", "62000"),
    ("phemex", "BTCUSDT", "62000"),
    ("kraken_futures", "PF_XBTUSD", "62000"),
    ("kalshi", "KXBTCPERP", "62000"),
)
LEVERAGES = ("1", "2", "3", "5", "7", "10", "15", "20", "25", "33", "50", "75", "100", "125")


def _share(low: str, high: str, places: int = 4) -> st.SearchStrategy[Decimal]:
    return st.decimals(low, high, places=places, allow_nan=False, allow_infinity=False)


@st.composite
def proposals(draw: st.DrawFn) -> dict[str, Any]:
    """Return the fields of a trade that no validation refuses."""
    venue, instrument, around = draw(st.sampled_from(INSTRUMENTS))
    price = Decimal(around) * draw(_share("0.98", "1.02"))
    long = draw(st.booleans())
    losing = -1 if long else 1
    notional = draw(st.sampled_from((500, 5_000, 50_000, 500_000, 5_000_000, 500_000_000))) * draw(_share("0.2", "1"))
    trade: dict[str, Any] = {
        "venue": venue,
        "instrument": instrument,
        "side": "long" if long else "short",
        "entry_price": _text(price),
        "order_type": draw(st.sampled_from(("market", "limit"))),
        "margin_mode": draw(st.sampled_from(("isolated", "cross"))),
        "leverage": draw(st.sampled_from(LEVERAGES)),
        "holding_hours": draw(st.sampled_from(("1", "8", "24", "72", "500"))),
        "intent": draw(st.sampled_from(("speculative", "speculative", "hedge"))),
        "client": {"residence": "AE", "client_class": "professional"},
        "conditions_met": ["not:binance_account_younger_than_60_days"],
    }
    if draw(st.booleans()):
        trade["notional"] = _text(notional, 2)
    else:
        trade["quantity"] = _text(notional / price, 6)
    if draw(st.integers(0, 9)) > 1:
        trade["stop_price"] = _text(price * (1 + losing * draw(_share("-0.02", "0.3"))))
    if draw(st.booleans()):
        trade["take_profit_price"] = _text(price * (1 - losing * draw(_share("-0.01", "0.2"))))
    equity = draw(st.sampled_from((1_000, 50_000, 2_000_000)))
    trade["account"] = {
        "equity": str(equity),
        "currency": draw(st.sampled_from(("USD", "USDT"))),
        "free_collateral": _text(equity * draw(_share("0.05", "1")), 2),
        "positions": draw(st.lists(st.one_of(_positions(), _positions(venue, instrument)), max_size=3)),
    }
    trade["market"] = draw(_markets(price))
    return trade


@st.composite
def against_what_is_held(draw: st.DrawFn) -> dict[str, Any]:
    """Return a trade beside positions in its own instrument on either side, one of them of about its own size."""
    fields = draw(proposals())
    price = Decimal(fields["entry_price"])
    coins = Decimal(fields["quantity"]) if "quantity" in fields else Decimal(fields["notional"]) / price
    rows = draw(st.lists(_positions(fields["venue"], fields["instrument"]), min_size=1, max_size=2))
    size = coins * draw(st.sampled_from((Decimal("0.1"), Decimal("0.9"), Decimal("1.1"), Decimal(5))))
    other = "short" if fields["side"] == "long" else "long"
    rows[0] |= {"side": draw(st.sampled_from((other, fields["side"]))), "quantity": _text(size, 6)}
    fields["account"]["positions"] = rows
    return fields


@st.composite
def _positions(draw: st.DrawFn, *of: str) -> dict[str, Any]:
    venue, instrument, around = draw(st.sampled_from([one for one in INSTRUMENTS if of in ((), one[:2])]))
    price = Decimal(around)
    held = {
        "venue": venue,
        "instrument": instrument,
        "side": draw(st.sampled_from(("long", "short"))),
        "quantity": _text(draw(st.sampled_from((100, 10_000, 1_000_000))) * draw(_share("0.2", "1")) / price, 6),
        "entry_price": _text(price),
        "mark_price": _text(price * draw(_share("0.9", "1.1"))),
        "leverage": draw(st.sampled_from(("1", "3", "5", "20"))),
        "margin_mode": draw(st.sampled_from(("isolated", "cross"))),
    }
    if draw(st.integers(0, 3)) == 0:
        del held["mark_price"]
    return held


@st.composite
def _markets(draw: st.DrawFn, price: Decimal) -> dict[str, Any]:
    mark = price * draw(st.sampled_from((Decimal(1), Decimal(1), Decimal("0.98"), Decimal("1.03"))))
    gaps = draw(st.lists(_share("0.0002", "0.004"), min_size=2, max_size=6))
    sizes = draw(st.lists(_share("0.05", "3", 3), min_size=6, max_size=6))
    coins = 620_000 / price
    reach = [sum(gaps[: index + 1], Decimal(0)) for index in range(len(gaps))]
    levels = list(zip(reach, sizes, strict=False))
    return {
        "mark_price": _text(mark),
        "index_price": _text(mark * draw(_share("0.985", "1.015"))),
        "funding_rate": str(draw(_share("-0.002", "0.002", 6))),
        "atr": _text(price * draw(_share("0.005", "0.05"))),
        "daily_range": _text(price * draw(_share("0.01", "0.08"))),
        "regime": draw(st.sampled_from(("ranging", "trending", "high_volatility", "post_liquidation"))),
        "regime_confirmed": draw(st.booleans()),
        "order_book": {
            "bids": [[_text(price * (1 - far)), _text(size * coins, 4)] for far, size in levels],
            "asks": [[_text(price * (1 + far)), _text(size * coins, 4)] for far, size in levels],
        },
        "liquidation_clusters": [
            {"price": _text(price * (1 + draw(_share("-0.1", "0.1")))), "notional": "5000000"}
            for _ in range(draw(st.integers(0, 2)))
        ],
    }


def _text(value: Decimal, places: int | None = None) -> str:
    if places is None:
        places = 1 if value > 100 else 4
    return f"{value:.{places}f}"
