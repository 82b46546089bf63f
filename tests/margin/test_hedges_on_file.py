"""Hedges on the ladders on file end where an exact scan of both legs' ladders says, asked as an account or a trade."""

from __future__ import annotations

import random
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import msgspec
import pytest

from data.facts.margin_models import RequirementModel
from data.facts.vocabulary import ClientClass, MarginMode, Product, Side
from rules.calculators.inputs import PositionInput
from rules.calculators.position import position
from rules.calculators.position_answers import AccountAnswer
from rules.costs.fees import fee_at
from rules.decision import Outcome
from rules.engine import decide
from rules.margin.position import HeldPosition, LiquidationState
from rules.terms.position_terms import position_terms_of
from tests.margin.oracle import ONE, Oracle
from tests.rules.world import decode_hook, on, policy_of, trade_of

D, F = Decimal, Fraction
DAY = date(2026, 11, 21)
MARK = D(60000)
CLIENT: dict[str, Any] = {"residence": "CH", "client_class": ClientClass.PROFESSIONAL}
MARKETS = (
    ("binance", "BTCUSDT"),
    ("bybit", "BTCUSDT"),
    ("bitget", "BTCUSDT"),
    ("gate", "BTC_USDT"),
    ("gate", "BTC_USD"),
    ("hyperliquid", "BTC"),
    ("hyperliquid", "ETH"),
    ("phemex", "BTCUSDT"),
)


class Market:
    """One instrument on file, and accounts that hold both sides of it."""

    def __init__(self, venue: str, symbol: str) -> None:
        self.venue, self.symbol, self.facts = venue, symbol, on(DAY)
        instrument = self.facts.instrument(venue, symbol)
        assert instrument is not None
        assert instrument.contract_type is not None
        self.inverse = instrument.contract_type == "inverse"
        self.contract = instrument.contract_size or D(1)
        model = self.facts.margin_model(venue, Product.PERPETUAL, instrument.contract_type, MarginMode.CROSS)
        assert isinstance(model, RequirementModel)
        self.model: RequirementModel = model
        ladder = self.facts.ladder(venue, symbol, side=Side.LONG, **CLIENT)
        fee = fee_at(self.facts.fees(venue, Product.PERPETUAL, instrument.contract_type, "CH"), None)
        self.terms = position_terms_of(symbol, instrument.contract_type, instrument, ladder, fee, None, ())
        self.slack = F(self.terms.tick_size or 0) if model.liquidation_rounding != "none" else F(0)

    def held(self, side: str, size: Decimal, entry: Decimal) -> HeldPosition:
        return HeldPosition(
            side=Side(side),
            size=size,
            entry_price=entry,
            terms=self.terms,
            mark_price=MARK,
            leverage=D(5),
            margin_mode=MarginMode.CROSS,
        )

    def drawn(self, draw: random.Random) -> tuple[list[tuple[str, Decimal, Decimal]], Decimal, Oracle] | None:
        """Return two legs against each other (side, size, entry price), a wallet, and what the oracle makes of them;
        null where a ladder ends below a leg.
        """
        coins = D(draw.choice(("0.5", "1", "5", "20", "100", "300", "900")))
        larger = coins * MARK if self.inverse else coins
        smaller = larger * draw.choice((0, 30, 50, 80, 90, 95, 98)) / 100 or larger / 10
        sides = draw.choice((("long", "short"), ("short", "long")))
        entries = [MARK * draw.randint(92, 108) / 100 for _ in sides]
        legs = [
            (side, (size / self.contract).to_integral_value() * self.contract if self.inverse else size, entry)
            for side, size, entry in zip(sides, (larger, smaller), entries, strict=True)
        ]
        held = [self.held(*leg) for leg in legs]
        probe = Oracle(self.model, held, D(0), MARK)
        value = held[0].size * (1 / MARK if self.inverse else MARK)
        last = self.terms.tiers[-1].cap if self.terms.tiers else None
        if last is not None and value > last:
            return None
        needed = probe.required(probe.now, probe.now) - probe.equity(probe.now)
        wallet = round(D(needed.numerator) / needed.denominator * draw.randint(102, 300) / 100, 8)
        if wallet <= 0:
            return None
        oracle = Oracle(self.model, held, wallet, MARK)
        return (legs, wallet, oracle) if oracle.left(oracle.now, oracle.now, ONE) > 0 else None

    def account(self, legs: list[tuple[str, Decimal, Decimal]], wallet: Decimal) -> AccountAnswer:
        rows = [
            {
                "instrument": self.symbol,
                "side": side,
                "size": str(size),
                "size_unit": "quote" if self.inverse else "base",
                "entry_price": str(entry),
                "mark_price": str(MARK),
            }
            for side, size, entry in legs
        ]
        asked = {"venue": self.venue, "wallet_balance": str(wallet), "positions": rows, **CLIENT}
        answer = position(msgspec.convert(asked, PositionInput, dec_hook=decode_hook), self.facts)
        assert isinstance(answer, AccountAnswer)
        return answer

    def trade(self, legs: list[tuple[str, Decimal, Decimal]], wallet: Decimal, stop: Decimal | None) -> dict[str, Any]:
        (side, size, entry), (other, held, other_entry) = legs
        place = {"venue": self.venue, "instrument": self.symbol, "margin_mode": "cross", "leverage": "5"}
        account = {
            "currency": self.terms.settle,
            "wallet_balance": str(wallet),
            "positions": [
                {
                    **place,
                    "side": other,
                    "quantity": str(held / self.contract if self.inverse else held),
                    "entry_price": str(other_entry),
                    "mark_price": str(MARK),
                }
            ],
        }
        return {
            **place,
            "side": side,
            "notional" if self.inverse else "quantity": str(size),
            "entry_price": str(entry),
            "client": CLIENT,
            "market": {"mark_price": str(MARK)},
            "account": account,
            **({} if stop is None else {"stop_price": str(stop)}),
        }


def _prices(oracle: Oracle) -> tuple[Fraction | None, Fraction | None]:
    """Return where a move against the larger side ends the account, and where one in its favour does, on a rung."""
    against = oracle.end(down=oracle.net > 0, scale=ONE)
    other = oracle.end(down=False, scale=ONE) if oracle.net > 0 else None
    for one in oracle.positions:
        last = one.terms.tiers[-1].cap
        if other is not None and last is not None and other * F(one.size) > last:
            other = None
    return (None if against is None else oracle.price(against), None if other is None else oracle.price(other))


def _near(told: Decimal | None, true: Fraction, slack: Fraction) -> bool:
    # ladders print the amounts that join their rungs to a cent
    return told is not None and abs(F(told) - true) <= slack + true / 10**8


@pytest.mark.parametrize(("venue", "symbol"), MARKETS)
def test_both_legs_end_where_the_scan_of_their_ladders_says(venue: str, symbol: str) -> None:
    market, draw = Market(venue, symbol), random.Random(f"{venue} {symbol}")
    seen = 0
    for _ in range(60):
        drawn = market.drawn(draw)
        if drawn is None:
            continue
        legs, wallet, oracle = drawn
        seen += 1
        larger, smaller = market.account(legs, wallet).positions
        against, other = _prices(oracle)
        assert (smaller.liquidation, smaller.liquidation_price) == (None, None)
        if larger.unreachable_price:
            assert against is None or larger.liquidation_price in (market.model.highest_price, market.terms.tick_size)
        elif against is None:
            assert larger.liquidation is (None if other is not None else LiquidationState.NEVER), (legs, wallet)
        else:
            assert _near(larger.liquidation_price, against, market.slack), (legs, wallet, larger, float(against))
    assert seen > 5


@pytest.mark.parametrize(("venue", "symbol"), [one for one in MARKETS if one != ("gate", "BTC_USD")])
def test_no_stop_behind_the_true_end_of_a_hedge_passes(venue: str, symbol: str) -> None:
    market, draw = Market(venue, symbol), random.Random(f"{symbol} {venue}")
    judged = 0
    for _ in range(40):
        drawn = market.drawn(draw)
        if drawn is None:
            continue
        legs, wallet, oracle = drawn
        legs[0] = (legs[0][0], legs[0][1], MARK)
        oracle = Oracle(market.model, [market.held(*leg) for leg in legs], wallet, MARK)
        if oracle.left(oracle.now, oracle.now, ONE) <= 0:
            continue
        against, _ = _prices(oracle)
        if against is None:
            continue
        beyond = against * (F(98, 100) if legs[0][0] == "long" else F(102, 100))
        trade = market.trade(legs, wallet, round(D(beyond.numerator) / beyond.denominator, 1))
        _, conclusion = decide(trade_of(trade), market.facts, policy_of("standard"))
        told = conclusion.figures.liquidation_price
        assert _near(told, against, market.slack), (legs, wallet, told, float(against))
        assert conclusion.figures.distance_to_liquidation is not None
        stop = next(one for one in conclusion.findings if one.rule == "liquidation.stop_before_liquidation")
        assert stop.outcome is Outcome.FAIL, (legs, wallet, stop.message)
        judged += 1
    assert judged > 5
