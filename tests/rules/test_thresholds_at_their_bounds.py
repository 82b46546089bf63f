"""Every threshold a policy may set: at its bounds the rules answer, and what meets it exactly is kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from itertools import islice
from typing import Any

import pytest
from msgspec import structs

from rules.check import CATALOGUE
from rules.decision import Conclusion, Finding, Outcome
from rules.engine import decide
from rules.policies.thresholds import THRESHOLDS, Threshold
from tests.rules.case_files import ReadableCase, read_cases
from tests.rules.world import changed, knowledge_of, on, policy_of, trade_of

DAY = date(2026, 11, 21)
BOOK = {"bids": [["61990", "1"], ["61000", "3"]], "asks": [["62010", "0.05"], ["62400", "3"]]}
LONG: dict[str, Any] = {
    "venue": "binance",
    "instrument": "BTCUSDT",
    "side": "long",
    "notional": "20000",
    "entry_price": "62000",
    "stop_price": "61000",
    "take_profit_price": "63000",
    "leverage": "5",
    "margin_mode": "isolated",
    "holding_hours": "60",
    "client": {"residence": "AE-AZ", "client_class": "professional"},
    "account": {"equity": "10000", "currency": "USDT", "free_collateral": "5000", "positions": []},
    "market": {
        "mark_price": "62000",
        "index_price": "62100",
        "atr": "1500",
        "daily_range": "2000",
        "regime": "trending",
        "funding_rate": "0.0005",
        "order_book": BOOK,
    },
}
HELD = {"venue": "binance", "instrument": "BTCUSDT", "side": "short", "quantity": "1", "entry_price": "60000"}
TRADES = {
    "long": LONG,
    "short inverse": {
        **LONG,
        "venue": "bybit",
        "instrument": "BTCUSD",
        "side": "short",
        "stop_price": "63000",
        "take_profit_price": "60000",
    },
    "cross, beside a short": {
        **LONG,
        "margin_mode": "cross",
        "intent": "hedge",
        "account": {**LONG["account"], "positions": [HELD]},
    },
    "spot margin": {
        **LONG,
        "venue": "kraken",
        "instrument": "XBTUSDT",
        "market": {**LONG["market"], "borrow_rate": "0.0001"},
    },
}
JUST_ABOVE = Decimal("0.000001")


REGIMES = ("ranging", "trending", "high_volatility", "post_liquidation")


def amounts_of(conclusion: Conclusion) -> Iterator[tuple[str, Decimal]]:
    """Yield the largest leverage or size that each remedy names, by the rule it is of."""
    for finding in conclusion.findings:
        remedy = finding.remedy
        for one in () if remedy is None else (remedy, *remedy.alternatives):
            if one.field in ("leverage", "notional", "quantity") and one.largest_passing is not None:
                yield finding.rule, one.largest_passing


@pytest.mark.parametrize("fields", TRADES.values(), ids=TRADES.keys())
@pytest.mark.parametrize("threshold", THRESHOLDS.values(), ids=THRESHOLDS.keys())
def test_rules_answer_at_any_threshold_and_offer_something(threshold: Threshold, fields: dict[str, Any]):
    values = [threshold.lowest, threshold.highest]
    if threshold.unit not in ("days", "positions"):
        values.append(threshold.lowest + JUST_ABOVE)
    for regime in REGIMES if threshold.name.startswith("max_leverage") else REGIMES[:1]:
        trade = trade_of({**fields, "market": {**fields["market"], "regime": regime}})
        for value in values:
            policy = changed(policy_of("standard"), {threshold.name: str(value)})
            conclusion = decide(trade, on(DAY), policy)[1]
            assert conclusion.coverage.evaluated
            assert [rule for rule, amount in amounts_of(conclusion) if amount <= 0] == []


SAY_WHAT_IS_LOOKED_AT = {"shock_move", "depth_band", "wall_multiple", "thin_multiple", "vanished_share"}
WHOLE_NUMBERS = {"stale_after_days", "refuse_after_days", "max_open_positions"}
IN_MONEY = {"max_venue_share", "min_free_collateral"}
MET = [
    (rule.id, name)
    for rule in CATALOGUE.values()
    for name in rule.parameters
    if name in {*THRESHOLDS} - SAY_WHAT_IS_LOOKED_AT - WHOLE_NUMBERS - IN_MONEY
    if name != "max_hedge_excess" or rule.id == "risk.hedge_offsets"  # others ask whether it is a hedge
]
ANOTHER = Decimal("0.000123")
HAIR = Decimal("1e-9")


@pytest.mark.parametrize(("rule", "threshold"), MET)
def test_what_meets_a_threshold_exactly_is_kept_and_what_misses_it_by_a_hair_is_not(rule: str, threshold: str):
    tried = 0
    for case in islice(about(rule, threshold), 3):
        before = finding_of(case, rule)
        seen, limit = before.observed, before.limit
        assert isinstance(seen, Decimal)
        assert isinstance(limit, Decimal)
        stricter = seen - abs(seen) * HAIR if seen > limit else seen + abs(seen) * HAIR
        assert finding_of(case, rule, {threshold: seen}).outcome is Outcome.PASS, case.name
        assert finding_of(case, rule, {threshold: stricter}).outcome is Outcome.FAIL, case.name
        tried += 1
    assert tried, "no readable case misses it"


def about(rule: str, threshold: str) -> Iterator[ReadableCase]:
    """Yield the readable cases that fail a rule by a number which they hold against the threshold."""
    for case in CASES:
        if rule in (*(case.expect.fails or ()), *case.expect.fail_some):
            found = finding_of(case, rule, {threshold: ANOTHER})
            if found.limit == ANOTHER and found.observed is not None:
                yield case


CASES = tuple(read_cases())


def finding_of(case: ReadableCase, rule: str, thresholds: Mapping[str, Decimal] | None = None) -> Finding:
    policy = structs.replace(policy_of(case.policy, case.thresholds), **(thresholds or {}))
    findings = decide(trade_of(case.trade), knowledge_of(case.as_of, case.facts), policy)[1].findings
    return next(one for one in findings if one.rule == rule)
