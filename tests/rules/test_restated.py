"""A liquidation price told, put back in as the mark price: before it the position stands, whatever venue it is at."""

from __future__ import annotations

import random
from collections import defaultdict
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from data.facts.venues import Instrument
from data.facts.vocabulary import ContractType, Product
from rules.decision import Figures, Outcome
from rules.engine import decide
from rules.margin.position import LiquidationState
from tests.rules.world import built_in, facts, on, trade_of

D = Decimal
DAY = date(2026, 11, 21)
CLIENT = {"residence": "CH", "client_class": "professional"}
MARK = {"BTC": D(60000), "XBT": D(60000), "ETH": D(3000)}
OVERSIZE = ("limits.leverage_in_tier", "limits.position_in_tier", "limits.size_in_ladder")
"""Where these fail, the venue would not open the trade: no price of it is put back in."""


def _instruments() -> dict[str, list[Instrument]]:
    found: defaultdict[str, list[Instrument]] = defaultdict(list)
    for venue, symbol in sorted(facts().instruments):
        one = on(DAY).instrument(venue, symbol)
        if one is None or one.symbol != symbol or one.base not in MARK or one.product is not Product.PERPETUAL:
            continue
        sized = one.contract_type is ContractType.LINEAR or (
            one.contract_type is ContractType.INVERSE and one.contract_size
        )
        if sized and len(found[venue]) < 3:
            found[venue].append(one)
    return found


INSTRUMENTS = _instruments()
WITHOUT_RATES = {"cboe_futures", "coinbase_derivatives", "cryptocom", "gemini", "kraken_derivatives_us", "robinhood"}
"""Venues whose maintenance rates are not on file: nothing is told there."""


def _drawn(draw: random.Random, one: Instrument) -> dict[str, Any]:
    mark, inverse = MARK[one.base], one.contract_type is ContractType.INVERSE
    value = D(10) ** D(str(round(draw.uniform(2, 7), 2)))
    mode, side = draw.choice(("isolated", "cross")), draw.choice(("long", "short"))
    leverage = str(draw.choice((2, 3, 5, 10)))
    rows = []
    for _ in range(draw.choice((0, 0, 1, 2))):
        held = value * D(draw.choice(("0.3", "0.9", "1")))
        other = "short" if side == "long" else "long"
        rows.append(
            {
                "venue": one.venue,
                "instrument": one.symbol,
                "side": side if mode == "isolated" or draw.random() < 0.6 else other,
                "quantity": f"{int(held / (one.contract_size or 1)) + 1}" if inverse else f"{held / mark:.5f}",
                "entry_price": f"{mark * D(draw.choice(('0.98', '1', '1.01'))):f}",
                "margin_mode": mode,
                "leverage": leverage,
            }
        )
    wallet = (value / mark if inverse else value) * D(draw.choice(("0.05", "0.2", "0.6")))
    return {
        "venue": one.venue,
        "instrument": one.symbol,
        "client": CLIENT,
        "side": side,
        "margin_mode": mode,
        "leverage": leverage,
        "entry_price": f"{mark:f}",
        **({"notional": f"{value:.2f}"} if inverse else {"quantity": f"{value / mark:.5f}"}),
        "account": {"currency": one.settle or one.quote, "wallet_balance": f"{wallet:.8f}", "positions": rows},
    }


def _figures(fields: dict[str, Any], mark: Decimal) -> Figures | None:
    """The figures at a mark price; null where the venue would not open the trade."""
    at = f"{mark:.10f}"
    account = fields["account"]
    account = {**account, "positions": [{**row, "mark_price": at} for row in account["positions"]]}
    trade = {**fields, "market": {"mark_price": at}, "account": account}
    _, conclusion = decide(trade_of(trade), on(DAY), built_in("standard"))
    if any(one.rule in OVERSIZE and one.outcome is Outcome.FAIL for one in conclusion.findings):
        return None
    return conclusion.figures


@pytest.mark.parametrize("venue", sorted(INSTRUMENTS.keys() - WITHOUT_RATES))
def test_a_hair_before_its_liquidation_price_no_position_is_told_to_be_liquidated_already(venue: str) -> None:
    draw, judged = random.Random(venue), 0
    for _ in range(60):
        one = draw.choice(INSTRUMENTS[venue])
        fields, mark = _drawn(draw, one), MARK[one.base]
        told = _figures(fields, mark)
        price = None if told is None else told.liquidation_price
        if price is None or not mark / 20 < price < mark * 20:
            continue
        hair = max(price * D("0.00001"), 2 * (one.tick_size or D(0)))
        before = _figures(fields, price + hair if fields["side"] == "long" else price - hair)
        assert before is None or before.liquidation is not LiquidationState.ALREADY, (fields, price)
        judged += before is not None
    assert judged > 3, judged
