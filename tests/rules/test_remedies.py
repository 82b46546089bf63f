"""Each remedy does what it promises: made, the rule passes; all together, everything that failed does."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from datetime import date
from typing import Any

from hypothesis import HealthCheck, assume, given, settings

from data.facts.amounts import plain
from rules.decision import Conclusion, Effect, Family, Outcome, Remedy
from rules.engine import decide
from rules.validation import problems_of
from tests.rules.proposals import proposals
from tests.rules.world import on, policy_of, trade_of

DAY = date(2026, 11, 21)
LAW = (Family.JURISDICTION, Family.ACCESS)
POLICIES = ("conservative", "standard", "professional")
SETTINGS = settings(
    max_examples=120, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow], database=None
)


def concluded(fields: dict[str, Any], policy: str) -> Conclusion:
    return decide(trade_of(fields), on(DAY), policy_of(policy))[1]


def outcomes(conclusion: Conclusion) -> dict[str, Outcome]:
    return {finding.rule: finding.outcome for finding in conclusion.findings}


def each(remedy: Remedy) -> Iterator[Remedy]:
    yield remedy
    yield from remedy.alternatives


def made(fields: dict[str, Any], remedy: Remedy) -> dict[str, Any]:
    """Return the trade with the change that a remedy names, at its nearest value."""
    changed = copy.deepcopy(fields)
    *path, name = remedy.field.split(".")
    target = changed
    for part in path:
        target = target[part]
    nearest = remedy.largest_passing if remedy.largest_passing is not None else remedy.smallest_passing
    if nearest is not None:
        target[name] = plain(nearest)
    elif remedy.value is not None:
        target[name] = True if remedy.value == "true" else remedy.value
    elif remedy.values:
        target[name] = remedy.values[0]
    else:
        target[name] = "as stated"
    return changed


def failing(conclusion: Conclusion) -> set[str]:
    return {
        finding.rule
        for finding in conclusion.findings
        if finding.outcome is Outcome.FAIL and finding.family not in LAW and finding.effect is not Effect.WARN
    }


@SETTINGS
@given(proposals())
def test_a_remedy_passes_its_rule(fields: dict[str, Any]):
    assume(not problems_of(trade_of(fields)))
    for policy in POLICIES:
        for finding in concluded(fields, policy).findings:
            if finding.outcome is not Outcome.FAIL or finding.remedy is None or finding.family in LAW:
                continue
            for remedy in each(finding.remedy):
                if remedy.field == "venue":
                    continue  # another venue has another instrument: see test_venues_that_pass
                after = outcomes(concluded(made(fields, remedy), policy)).get(finding.rule)
                assert after in (Outcome.PASS, None), (finding.rule, policy, remedy)


@SETTINGS
@given(proposals())
def test_the_combined_remedy_passes_everything_that_failed(fields: dict[str, Any]):
    assume(not problems_of(trade_of(fields)))
    for policy in POLICIES:
        before = concluded(fields, policy)
        changed = fields
        for remedy in before.remedies:
            if remedy.field != "venue":
                changed = made(changed, remedy)
        if changed is not fields:
            still = failing(before) & failing(concluded(changed, policy))
            assert not still, (policy, before.remedies)


def test_a_remedy_stays_within_what_a_request_may_say():
    fields = {
        "venue": "binance",
        "instrument": "BTCUSDT",
        "side": "long",
        "notional": "41600",
        "entry_price": "62000",
        "stop_price": "60500",
        "leverage": "125",
        "margin_mode": "isolated",
        "client": {"residence": "AE"},
        "account": {"equity": "50000", "positions": []},
    }
    conclusion = concluded(fields, "standard")
    assert conclusion.remedies
    for remedy in conclusion.remedies:
        assert not problems_of(trade_of(made(fields, remedy)))


def test_venues_that_pass():
    fields = {
        "venue": "hyperliquid",
        "instrument": "BTC",
        "side": "long",
        "notional": "1000",
        "entry_price": "62000",
        "leverage": "2",
        "margin_mode": "cross",
        "client": {"residence": "AE"},
    }
    found = {finding.rule: finding for finding in concluded(fields, "conservative").findings}
    for rule in ("adl.accepted", "adl.insurance_fund"):
        remedy = found[rule].remedy
        assert remedy is not None
        assert remedy.values
        listings = {
            one.venue: one.symbol for one in on(DAY).listings("BTC", on(DAY).instrument("hyperliquid", "BTC").product)
        }
        for venue in remedy.values:
            there = {**fields, "venue": venue, "instrument": listings[venue]}
            assert outcomes(concluded(there, "conservative"))[rule] is Outcome.PASS, venue


def test_nothing_is_offered_where_one_failed_rule_has_no_remedy():
    fields = {
        "venue": "binance",
        "instrument": "BTCUSDT",
        "side": "long",
        "notional": "30000",
        "entry_price": "62000",
        "stop_price": "61000",
        "leverage": "20",
        "margin_mode": "isolated",
        "client": {"residence": "AE"},
        "market": {"mark_price": "62000", "index_price": "70000"},
    }
    conclusion = concluded(fields, "standard")
    assert "risk.mark_near_index" in failing(conclusion)
    assert conclusion.remedies == ()
