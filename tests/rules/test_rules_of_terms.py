"""Rules whose passes are kept read nothing of a trade but what they are kept by."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import structs

from rules.case import Case
from rules.check import CATALOGUE, Rule
from rules.decision import Figures, Outcome
from rules.engine import decide
from rules.figures.exposure import Exposure
from rules.policies import plan
from rules.policies.plan import missing_inputs, plan_of, schedule_of, scope_of
from rules.preparing import case_of
from tests.rules.case_files import ReadableCase, read_cases
from tests.rules.proposals import proposals
from tests.rules.world import facts, knowledge_of, on, policy_of, trade_of

OF_TERMS = tuple(rule for rule in CATALOGUE.values() if rule.of_terms)
CASES = tuple(read_cases(("limits", "liquidation", "adl", "policy")))
KEPT_BY = (
    "venue",
    "instrument",
    "product",
    "side",
    "client",
    "margin_mode",
    "order_type",
    "reduce_only",
    "intermediary",
    "conditions_met",
)
DAYS = (date(2026, 11, 21), date(2026, 3, 1))


def blinded(case: Case) -> Case:
    """Return a case without what a kept pass may not hang on."""
    trade = type(case.trade)(**{name: getattr(case.trade, name) for name in KEPT_BY})
    terms = structs.replace(case.terms, tier=None, size_in_ladder_unit=None, fee=None, maker_fee=None)
    return structs.replace(case, trade=trade, terms=terms, figures=Figures(), exposure=Exposure(), opening_mark=None)


def asked_of(case: Case) -> list[Rule]:
    """Return such rules as are evaluated in a case."""
    own = plan_of(case.policy)
    schedule = schedule_of(own, missing_inputs(own, case.trade), scope_of(case))
    return [rule for rule, settled in schedule if rule.of_terms and settled is None]


def assert_blind(case: Case) -> None:
    unseen = blinded(case)
    for rule in asked_of(case):
        found = rule.evaluate(case)
        if found.outcome is Outcome.PASS:
            assert rule.evaluate(unseen) == found, rule.id


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_pass_of_a_readable_case_hangs_on_its_terms_alone(case: ReadableCase) -> None:
    knowledge = knowledge_of(case.as_of, case.facts)
    assert_blind(case_of(trade_of(case.trade), knowledge, policy_of(case.policy, case.thresholds)))


@settings(
    max_examples=100, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow], database=None
)
@given(proposals(), st.sampled_from(DAYS))
def test_a_pass_of_any_trade_hangs_on_its_terms_alone(fields: dict[str, Any], day: date) -> None:
    assert_blind(case_of(trade_of(fields), on(day), policy_of("standard")))


@pytest.mark.parametrize("rule", OF_TERMS, ids=lambda rule: rule.id)
def test_each_such_rule_is_seen_to_pass(rule: Rule) -> None:
    def passes(case: ReadableCase) -> bool:
        knowledge = knowledge_of(case.as_of, case.facts)
        known = case_of(trade_of(case.trade), knowledge, policy_of(case.policy, case.thresholds))
        return rule in asked_of(known) and rule.evaluate(known).outcome is Outcome.PASS

    assert any(passes(case) for case in CASES)


SHAPES: dict[str, dict[str, Any]] = {
    "client": {"client": {"residence": "DE", "client_class": "professional"}},
    "nationality": {"client": {"residence": "AE-AZ", "client_class": "professional", "nationality": "US"}},
    "venue": {"venue": "okx", "instrument": "BTC-USDT-SWAP"},
    "instrument": {"instrument": "ETHUSDT"},
    "no product": {"product": None},
    "product": {"product": "future"},
    "margin mode": {"margin_mode": "cross"},
    "side": {"side": "short", "stop_price": "63000", "take_profit_price": "58000"},
    "intermediary": {"intermediary": "coinbase_fcm"},
    "condition": {"conditions_met": ["not:binance.lists.perpetual"]},
    "reducing": {"reduce_only": True},
    "resting": {"order_type": "limit", "entry_price": "61000"},
    "amounts": {"notional": "900000", "leverage": "50"},
}
"""What may differ between two trades, one change at a time."""

TRADE = {
    "venue": "binance",
    "instrument": "BTCUSDT",
    "product": "perpetual",
    "side": "long",
    "notional": "31000",
    "entry_price": "62000",
    "leverage": "5",
    "margin_mode": "isolated",
    "stop_price": "60500",
    "take_profit_price": "66000",
    "client": {"residence": "AE-AZ", "client_class": "professional"},
    "account": {"equity": "50000", "currency": "USD"},
    "market": {"mark_price": "62000"},
}


@pytest.mark.parametrize("name", SHAPES)
def test_what_is_kept_of_one_trade_is_not_told_of_another(name: str) -> None:
    asked = {**TRADE, **SHAPES[name]}
    alone = decide(trade_of(asked), facts()._on(DAYS[0]), policy_of("standard"))
    shared = facts()._on(DAYS[0])
    for other in (TRADE, *({**TRADE, **change} for change in SHAPES.values())):
        decide(trade_of(other), shared, policy_of("standard"))
    assert decide(trade_of(asked), shared, policy_of("standard")) == alone


@pytest.mark.parametrize("most_plans", [1, 256])
def test_what_is_kept_under_one_policy_is_not_told_under_another(
    monkeypatch: pytest.MonkeyPatch, most_plans: int
) -> None:
    monkeypatch.setattr(plan, "_MAX_PLANS", most_plans)
    changes: tuple[dict[str, Any], ...] = (
        {},
        {"stale_after_days": 1, "refuse_after_days": 2},
        {"adl_accepted": False},
        {"requires": ["product"]},
    )
    asked = trade_of({**TRADE, "product": None})
    alone = [decide(asked, facts()._on(DAYS[0]), policy_of("standard", one)) for one in changes]
    shared = facts()._on(DAYS[0])
    for _ in range(3):  # policies given whole: each time another object, perhaps where the one before lay
        assert [decide(asked, shared, policy_of("standard", one)) for one in changes] == alone
    assert len({concluded.findings for _, concluded in alone}) == len(changes)
