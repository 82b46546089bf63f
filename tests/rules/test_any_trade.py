"""Whatever a request leaves out, every rule answers, and an answer that is missing is never a pass."""

from __future__ import annotations

import copy
from datetime import date
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from data.facts.amounts import plain
from rules.check import CATALOGUE, Rule
from rules.decision import Family, Outcome, Reason, Verdict, verdict_of
from rules.engine import decide
from rules.policies.plan import plan_of
from rules.policies.policy import Policy
from rules.trade import ProposedTrade
from rules.validation import problems_of
from tests.rules.proposals import proposals
from tests.rules.world import on, policy_of, trade_of

DAY = date(2026, 11, 21)
SETTINGS = settings(
    max_examples=150, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow], database=None
)
ENCODER = msgspec.json.Encoder(decimal_format=plain, enc_hook=plain)
NOTHING_SET = Policy(name="nothing_set", adl_accepted=True)
OPTIONAL = (
    "entry_price",
    "stop_price",
    "take_profit_price",
    "leverage",
    "margin_mode",
    "holding_hours",
    "notional",
    "quantity",
    "account",
    "market",
    "account.equity",
    "account.positions",
    "account.free_collateral",
    "market.mark_price",
    "market.atr",
    "market.funding_rate",
    "market.order_book",
    "market.regime",
    "market.liquidation_clusters",
)


MARGIN_RULES = {
    "liquidation.existing_margin_call",
    "liquidation.existing_positions",
    "risk.free_collateral",
    "risk.margin_available",
    "risk.margin_per_trade",
    "risk.shock_loss",
    "risk.venue_concentration",
}
"""Rules that are skipped without a leverage where what they find hangs on it; where it does not, they answer."""
ACCOUNT_RULES = {"liquidation.existing_margin_call", "liquidation.existing_positions"}
"""Rules that either a wallet balance or equity suffices for: without both they are skipped."""


@st.composite
def incomplete(draw: st.DrawFn) -> dict[str, Any]:
    """Return a trade without some of its optional fields."""
    fields = copy.deepcopy(draw(proposals()))
    for path in draw(st.lists(st.sampled_from(OPTIONAL), unique=True, max_size=10)):
        *parts, name = path.split(".")
        target = fields
        for part in parts:
            target = target.get(part, {})
        target.pop(name, None)
    if draw(st.integers(0, 4)) == 0:
        fields["reduce_only"] = True
    return fields


@SETTINGS
@given(incomplete())
def test_every_rule_answers(fields: dict[str, Any]):
    trade = trade_of(fields)
    assume(not problems_of(trade))
    for policy in (policy_of("conservative"), policy_of("professional"), NOTHING_SET):
        _, conclusion = decide(trade, on(DAY), policy)
        assert conclusion.verdict is verdict_of(conclusion.findings)
        assert len({finding.rule for finding in conclusion.findings}) == len(conclusion.findings)
        for finding in conclusion.findings:
            assert finding.message
            assert (finding.reason is None) or finding.outcome is not Outcome.PASS
            if finding.outcome in (Outcome.SKIPPED, Outcome.UNKNOWN):
                assert finding.question is not None, finding.rule
            if finding.outcome is Outcome.SKIPPED and finding.rule in CATALOGUE:
                assert finding.question is not None
                hangs_on = ["leverage"] if finding.rule in MARGIN_RULES else []
                hangs_on += ["account.wallet_balance"] if finding.rule in ACCOUNT_RULES else []
                assert finding.question.field in (*CATALOGUE[finding.rule].needs, *hangs_on)
            if finding.outcome is Outcome.UNKNOWN and finding.rule in CATALOGUE:
                assert finding.reason in (Reason.UNKNOWN, Reason.NOT_PERMITTED)
        assert ENCODER.encode(conclusion)


@SETTINGS
@given(incomplete())
def test_a_missing_input_skips_exactly_the_rules_that_need_it_and_are_about_the_trade(fields: dict[str, Any]):
    trade = trade_of(fields)
    assume(not problems_of(trade))
    understood, conclusion = decide(trade, on(DAY), policy_of("standard"))
    skipped = {finding.rule for finding in conclusion.findings if finding.outcome is Outcome.SKIPPED}
    lacking = {
        step.rule.id
        for step in plan_of(policy_of("standard")).steps
        if _lacks(understood, step.rule.needs) and _is_about(step.rule, understood)
    }
    declared = {rule for rule in skipped if rule in CATALOGUE}
    assert declared >= lacking
    account = trade.account
    unbacked = account is None or (account.wallet_balance is None and account.equity is None)
    may_be = (set() if trade.leverage is not None else MARGIN_RULES) | (ACCOUNT_RULES if unbacked else set())
    assert declared - lacking <= may_be


def _is_about(rule: Rule, trade: ProposedTrade) -> bool:
    if trade.reduce_only and rule.spares_reducing:
        return False
    of_product = rule.products is None or trade.product in rule.products
    return of_product and rule.order_type in (None, trade.order_type)


def _lacks(trade: object, needs: tuple[str, ...]) -> bool:
    for need in needs:
        value = trade
        for name in need.split("."):
            value = getattr(value, name)
            if value is None:
                return True
    return False


@pytest.mark.parametrize(
    ("venue", "instrument", "product"),
    [
        ("binance_us", "BTCUSDT", "spot"),
        ("deribit", "BTC-27NOV26-60000-C", "option"),
        ("cme", "BTC", "future"),
        ("kalshi", "KXBTC", "prediction"),
        ("kraken", "XBTUSDT", "spot_margin"),
        ("binance", "BTCUP", "leveraged_token"),
        ("gemini", "BTC-GUSD-PERP", "perpetual"),
    ],
)
@pytest.mark.parametrize("policy", ["conservative", "standard", "nothing_set"])
def test_every_product_is_judged(venue: str, instrument: str, product: str, policy: str):
    fields = {
        "venue": venue,
        "instrument": instrument,
        "product": product,
        "side": "long",
        "notional": "1000",
        "entry_price": "62000",
        "stop_price": "60500",
        "take_profit_price": "66000",
        "leverage": "1",
        "margin_mode": "isolated",
        "holding_hours": "24",
        "client": {"residence": "US-TX", "client_class": "retail"},
        "account": {"equity": "50000", "free_collateral": "50000", "positions": []},
        "market": {"mark_price": "62000", "atr": "1000", "daily_range": "2000", "funding_rate": "0.0001"},
    }
    chosen = NOTHING_SET if policy == "nothing_set" else policy_of(policy)
    _, conclusion = decide(trade_of(fields), on(DAY), chosen)
    assert conclusion.verdict in Verdict
    unmargined = product in ("spot", "option", "prediction", "leveraged_token")
    judged = {finding.rule for finding in conclusion.findings if finding.family is Family.LIQUIDATION}
    assert not judged if unmargined else judged


@pytest.mark.parametrize("policy", ["conservative", "standard", "professional"])
@pytest.mark.parametrize("leverage", ["1", "3", "150"])
@pytest.mark.parametrize("side", ["long", "short"])
@pytest.mark.parametrize(
    ("venue", "instrument"),
    [
        ("kraken_futures", "OF_XBTUSD"),
        ("deribit", "BTC_USDC-27NOV26-60000-C"),
        ("kalshi", "KXBTC"),
        ("kraken", "XBTUSDT"),
        ("binance", "BTCUSD_PERP"),
    ],
)
def test_a_size_beyond_the_account_is_judged_at_any_leverage(
    venue: str, instrument: str, side: str, leverage: str, policy: str
):
    fields = {
        "venue": venue,
        "instrument": instrument,
        "side": side,
        "quantity": "126",
        "leverage": leverage,
        "client": {"residence": "AE-AZ", "client_class": "ecp"},
        "account": {"equity": "426032", "currency": "USD"},
        "market": {"mark_price": "61457"},
    }
    _, conclusion = decide(trade_of(fields), on(DAY), policy_of(policy))
    assert conclusion.verdict in (Verdict.DENY, Verdict.REVIEW)


def test_a_policy_that_sets_nothing_asks_only_what_holds_for_any_firm():
    fields = {
        "venue": "binance",
        "instrument": "BTCUSDT",
        "side": "long",
        "notional": "31000",
        "entry_price": "62000",
        "leverage": "125",
        "client": {"residence": "AE"},
    }
    _, conclusion = decide(trade_of(fields), on(DAY), NOTHING_SET)
    named = {finding.rule for finding in conclusion.findings if finding.outcome is not Outcome.SKIPPED}
    with_thresholds = {rule.id for rule in CATALOGUE.values() if rule.parameters} - {"adl.accepted"}
    assert not named & with_thresholds
    assert "limits.leverage_in_tier" in named
