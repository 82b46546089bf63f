"""A size for a stop, or a stop for a size, of which the calculator says that it loses the risk, passes that risk."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import msgspec
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from data.facts.amounts import plain
from rules.calculators.sizing import position_size
from rules.calculators.sizing_answers import SizingAnswer
from rules.calculators.sizing_inputs import SizingInput
from rules.decision import Finding, Outcome
from rules.engine import decide
from tests.rules.world import decode_hook, on, policy_of, trade_of

DAY = date(2026, 11, 21)
MARKETS = [
    ("bybit", "ETHUSDT", "USDT"),
    ("bybit", "ETHUSDT", "ETH"),
    ("bybit", "BTCUSD", "USD"),
    ("bybit", "BTCUSD", "BTC"),
]

markets = st.sampled_from(MARKETS)
sides = st.sampled_from(("long", "short"))
prices = st.decimals("0.5", "99999", places=2)
moves = st.decimals("0.0005", "0.4", places=6)
risks = st.decimals("0.0001", "0.2", places=4)
equities = st.decimals("10", "900000", places=2)


def sized(fields: dict[str, Any]) -> SizingAnswer:
    return position_size(msgspec.convert(fields, SizingInput, dec_hook=decode_hook), on(DAY))


def loss_judged(fields: dict[str, Any], size: dict[str, str], stop: Decimal) -> Finding:
    trade = {
        **{name: fields[name] for name in ("venue", "instrument", "side", "entry_price")},
        **size,
        "stop_price": plain(stop),
        "leverage": "1",
        "margin_mode": "isolated",
        "client": {"residence": "CH", "client_class": "retail"},
        "account": {"equity": fields["equity"], "currency": fields["currency"]},
    }
    policy = policy_of("standard", {"max_loss_per_trade": fields["risk_fraction"]})
    findings = decide(trade_of(trade), on(DAY), policy)[1].findings
    return next(one for one in findings if one.rule == "risk.loss_at_stop")


@settings(max_examples=150, derandomize=True, database=None)
@given(markets, sides, prices, moves, risks, equities)
def test_the_size_for_a_stop_loses_no_more_than_the_risk(
    market: tuple[str, str, str], side: str, price: Decimal, move: Decimal, risk: Decimal, equity: Decimal
) -> None:
    venue, instrument, currency = market
    stop = (price * (1 - move if side == "long" else 1 + move)).quantize(Decimal("0.0001"))
    assume(stop != price)
    fields = {"venue": venue, "instrument": instrument, "currency": currency, "side": side, "entry_price": str(price)}
    fields |= {"equity": str(equity), "risk_fraction": str(risk)}
    found = sized({**fields, "stop_price": str(stop)})
    assert found.loss_of_equity - equity * risk <= Decimal("1e-40")  # divisions are rounded in the fiftieth digit
    if not any(cap.binds for cap in found.caps):
        assert found.loss_of_equity >= equity * risk * (1 - Decimal("1e-9"))
    for name, amount in (("quantity", found.quantity), ("notional", found.notional)):
        assert amount == Decimal(plain(amount)), name
        judged = loss_judged(fields, {name: plain(amount)}, stop)
        assert judged.outcome is Outcome.PASS, (name, judged)


@settings(max_examples=150, derandomize=True, database=None)
@given(markets, sides, prices, risks, equities, st.decimals("10", "500000", places=2))
def test_the_stop_of_a_size_loses_no_more_than_the_risk(
    market: tuple[str, str, str], side: str, price: Decimal, risk: Decimal, equity: Decimal, notional: Decimal
) -> None:
    venue, instrument, currency = market
    fields = {"venue": venue, "instrument": instrument, "currency": currency, "side": side, "entry_price": str(price)}
    fields |= {"equity": str(equity), "risk_fraction": str(risk)}
    found = sized({**fields, "notional": str(notional)})
    stop = found.stop_price
    assume(stop is not None)
    assert stop is not None
    assert stop == Decimal(plain(stop))
    for name, amount in (("quantity", found.quantity), ("notional", found.notional)):
        judged = loss_judged(fields, {name: plain(amount)}, stop)
        assert judged.outcome is Outcome.PASS, (name, judged)
