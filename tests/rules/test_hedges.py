"""What is said to hedge is spared no rule for what it does not offset."""

from __future__ import annotations

import copy
from datetime import date
from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from data.facts.vocabulary import Side
from rules.decision import Conclusion, Effect, Outcome, Verdict
from rules.engine import decide
from rules.validation import problems_of
from tests.rules.proposals import against_what_is_held, proposals
from tests.rules.world import on, policy_of, trade_of

DAY = date(2026, 11, 21)
POLICIES = ("conservative", "standard", "professional")
SETTINGS = settings(
    max_examples=80, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow], database=None
)
STRICTNESS = {Verdict.ALLOW: 0, Verdict.REVIEW: 1, Verdict.DENY: 2}
SPARED = {"risk.stop_present", "risk.shock_loss", "risk.isolated_margin"}
"""Rules that a hedge is spared as far as it offsets what is held."""


def concluded(fields: dict[str, Any], policy: str) -> Conclusion:
    return decide(trade_of(fields), on(DAY), policy_of(policy))[1]


def stands(conclusion: Conclusion) -> set[str]:
    """Return the rules that fail or do not know."""
    against = (Outcome.FAIL, Outcome.UNKNOWN)
    return {one.rule for one in conclusion.findings if one.outcome in against and one.effect is not Effect.WARN}


@SETTINGS
@given(proposals(), st.sampled_from((None, [], [{"venue": "okx", "instrument": "NOSUCH"}])))
def test_a_hedge_of_nothing_known_is_judged_no_more_leniently_than_speculation(fields: dict[str, Any], held: Any):
    positions = held and [{**one, "side": "long", "quantity": "1", "entry_price": "100"} for one in held]
    fields["account"]["positions"] = positions
    if positions is None:
        del fields["account"]["positions"]
    assume(not problems_of(trade_of(fields)))
    for policy in POLICIES:
        hedge, speculation = (concluded({**fields, "intent": one}, policy) for one in ("hedge", "speculative"))
        assert STRICTNESS[hedge.verdict] >= STRICTNESS[speculation.verdict], policy
        assert stands(hedge) >= stands(speculation), policy


@SETTINGS
@given(against_what_is_held())
def test_a_hedge_is_spared_only_where_something_is_held_against_it(fields: dict[str, Any]):
    assume(not problems_of(trade_of(fields)))
    for policy in POLICIES:
        hedge, speculation = (concluded({**fields, "intent": one}, policy) for one in ("hedge", "speculative"))
        spared = stands(speculation) - stands(hedge)
        assert spared <= SPARED, policy
        if all(one["side"] == fields["side"] for one in fields["account"]["positions"]):
            assert not spared, policy


def test_what_a_hedge_exceeds_what_it_hedges_by_costs_as_much_in_a_jump_as_that_much_speculation():
    held = {"venue": "bybit", "instrument": "BTCUSDT", "side": "short", "quantity": "1", "entry_price": "62000"}
    account = {"equity": "10000", "positions": [{**held, "mark_price": "62000"}]}
    base = {
        "venue": "binance",
        "instrument": "BTCUSDT",
        "side": Side.LONG.value,
        "entry_price": "62000",
        "margin_mode": "cross",
        "leverage": "5",
        "client": {"residence": "AE"},
        "account": account,
    }
    for beyond in ("100", "9000", "11000", "500000"):
        hedge = {**copy.deepcopy(base), "notional": str(62000 + int(beyond)), "intent": "hedge"}
        alone = {**copy.deepcopy(base), "notional": beyond}
        seen = []
        for fields in (hedge, alone):
            found = {one.rule: one for one in concluded(fields, "standard").findings}["risk.shock_loss"]
            seen.append((found.outcome, found.observed and round(found.observed, 20)))
        assert seen[0] == seen[1]
