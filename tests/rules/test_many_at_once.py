"""Trades decided together get what each would have got alone."""

from __future__ import annotations

from datetime import date
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rules.engine import decide, decide_all
from tests.rules.proposals import proposals
from tests.rules.world import on, policy_of, trade_of

DAYS = (date(2026, 11, 21), date(2026, 3, 1))
POLICIES = ("law_only", "conservative", "standard", "professional")
PARTS_LEFT_OUT = ("leverage", "market", "account", "holding_hours", "margin_mode")


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow], database=None)
@given(
    st.lists(
        st.tuples(
            proposals(), st.sets(st.sampled_from(PARTS_LEFT_OUT)), st.sampled_from(DAYS), st.sampled_from(POLICIES)
        ),
        max_size=12,
    )
)
def test_each_gets_what_it_would_get_alone(asked: list[tuple[dict[str, Any], set[str], date, str]]) -> None:
    questions = [
        (trade_of({name: value for name, value in fields.items() if name not in absent}), on(day), policy_of(policy))
        for fields, absent, day, policy in asked
    ]
    assert decide_all(questions) == [decide(*question) for question in questions]
