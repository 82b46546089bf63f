"""A comparison asks some rules once for all venues: whatever is held where, they say the same at each."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rules.comparison.answer import Comparison
from rules.comparison.asked import ComparedTrade
from rules.comparison.compare import compare
from rules.decision import Finding, Outcome, Verdict
from rules.engine import decide
from rules.policies.plan import missing_inputs, plan_of, schedule_of, scope_of
from rules.policies.policy import Policy
from rules.preparing import cases_of
from tests.rules.proposals import proposals
from tests.rules.world import decode_hook, on, policy_of, trade_of

DAY = date(2026, 11, 21)
SETTINGS = settings(
    max_examples=100, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow], database=None
)
COMPARED = {
    "binance": "BTCUSDT",
    "bybit": "BTCUSDT",
    "hyperliquid": "BTC",
    "kraken_futures": "PF_XBTUSD",
    "okx": "BTC-USDT-SWAP",
}
"""An instrument at each venue compared; some of them are held, each with a mark price of its own."""


@st.composite
def trades(draw: st.DrawFn) -> dict[str, Any]:
    """Return a trade in bitcoin that names no venue, mostly with positions to tell the mark price, not the market."""
    fields = draw(proposals().filter(lambda one: "BTC" in one["instrument"]))
    del fields["venue"], fields["instrument"]
    held = draw(st.lists(st.sampled_from(sorted(COMPARED)), unique=True, max_size=4))
    fields["account"]["positions"] = [draw(_held(venue, float(fields["entry_price"]))) for venue in held]
    if draw(st.integers(0, 3)):
        del fields["market"]["mark_price"]
    fields["market"]["funding_interval_hours"] = "8"
    return fields


@st.composite
def _held(draw: st.DrawFn, venue: str, price: float) -> dict[str, Any]:
    row = {
        "venue": venue,
        "instrument": COMPARED[venue],
        "side": draw(st.sampled_from(("long", "short"))),
        "quantity": draw(st.sampled_from(("0.1", "2"))),
        "entry_price": f"{price:.1f}",
        "leverage": "5",
        "margin_mode": draw(st.sampled_from(("isolated", "cross"))),
    }
    if draw(st.integers(0, 3)):
        row["mark_price"] = f"{price * draw(st.floats(0.9, 1.1)):.1f}"
    return row


def compared(fields: dict[str, Any], policy: Policy) -> Comparison:
    asked = {**fields, "base": "BTC", "product": "perpetual", "venues": list(COMPARED)}
    return compare(msgspec.convert(asked, ComparedTrade, dec_hook=decode_hook), on(DAY), policy)


@SETTINGS
@given(trades(), st.sampled_from(("conservative", "standard", "professional")))
def test_what_is_asked_once_for_all_venues_is_the_same_at_each(fields: dict[str, Any], policy: str) -> None:
    asked = [trade_of({**fields, "venue": venue, "instrument": name}) for venue, name in COMPARED.items()]
    cases = cases_of([(trade, on(DAY), policy_of(policy)) for trade in asked])
    plan = plan_of(policy_of(policy))
    revalued = any(case.exposure.positions is not None and case.exposure.positions.revalued for case in cases)
    for rule, settled in (
        () if revalued else schedule_of(plan, missing_inputs(plan, cases[0].trade), scope_of(cases[0]))
    ):
        if rule.venue_free and settled is None:
            first, *others = (rule.evaluate(case) for case in cases)
            for other in others:
                assert other.outcome is first.outcome, rule.id
                assert other == first or first.outcome is not Outcome.UNKNOWN, rule.id


@SETTINGS
@given(trades(), st.sampled_from(("conservative", "standard", "professional")))
def test_a_row_says_what_a_decision_there_says_whatever_is_held_where(fields: dict[str, Any], policy: str) -> None:
    rows = compared(fields, policy_of(policy)).rows
    assert len(rows) == len(COMPARED)
    for row in rows:
        there = {**fields, "venue": row.venue, "instrument": row.instrument}
        _, decided = decide(trade_of(there), on(DAY), policy_of(policy))
        assert row.verdict is decided.verdict, row.venue
        assert row.figures == decided.figures
        assert _loud(row.findings) == _loud(decided.findings), row.venue


def _loud(findings: tuple[Finding, ...]) -> list[Finding]:
    loud = [one for one in findings if one.outcome not in (Outcome.PASS, Outcome.SKIPPED)]
    return sorted(loud, key=lambda one: one.rule)


def test_a_stop_that_the_mark_of_what_is_held_has_passed_is_denied_there_whichever_venue_comes_first() -> None:
    fields = {
        "side": "long",
        "notional": "6200",
        "entry_price": "62000",
        "leverage": "2",
        "margin_mode": "isolated",
        "stop_price": "61500",
        "client": {"residence": "SC", "client_class": "institutional"},
        "account": {
            "equity": "500000",
            "free_collateral": "400000",
            "positions": [
                {
                    "venue": "okx",
                    "instrument": "BTC-USDT-SWAP",
                    "side": "long",
                    "quantity": "0.1",
                    "entry_price": "60500",
                    "mark_price": "61000",
                    "leverage": "5",
                    "margin_mode": "isolated",
                }
            ],
        },
    }
    rows = {row.venue: row for row in compared(fields, policy_of("standard")).rows}
    failed = {venue for venue, row in rows.items() if any(_is_stop_side(one) for one in row.findings)}
    assert failed == {"okx"}
    assert rows["okx"].verdict is Verdict.DENY


def _is_stop_side(finding: Finding) -> bool:
    return finding.rule == "risk.stop_side" and finding.outcome is Outcome.FAIL
