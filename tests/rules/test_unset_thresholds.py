"""A rule whose threshold the policy leaves out says nothing, even where the policy requires what the rule needs."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from msgspec import structs

from rules.check import CATALOGUE, Rule
from rules.checks import load_catalogue
from rules.engine import decide
from rules.policy import Policy
from tests.rules.world import built_in, on, trade_of

load_catalogue()
DEFAULTS = structs.replace(built_in("law_only"), families=())
TRADE: dict[str, Any] = {
    "venue": "bybit",
    "instrument": "BTCUSDT",
    "product": "perpetual",
    "side": "long",
    "notional": "31000",
    "entry_price": "62000",
    "stop_price": "60500",
    "take_profit_price": "66000",
    "leverage": "5",
    "margin_mode": "cross",
    "holding_hours": "72",
    "client": {"residence": "AE", "client_class": "professional"},
    "account": {
        "equity": "50000",
        "wallet_balance": "50000",
        "free_collateral": "30000",
        "positions": [
            {
                "venue": "bybit",
                "instrument": "ETHUSDT",
                "side": "long",
                "quantity": "10",
                "entry_price": "3000",
                "leverage": "5",
                "margin_mode": "cross",
            }
        ],
    },
    "market": {
        "mark_price": "62010",
        "index_price": "62000",
        "funding_rate": "0.0001",
        "atr": "1500",
        "daily_range": "2500",
        "regime": "trending",
        "order_book": {"bids": [["61990", "12.5"]], "asks": [["62010", "3.1"], ["62020", "9"]]},
        "previous_order_book": {"bids": [["61990", "12.5"]], "asks": [["62010", "3.1"], ["62020", "9"]]},
        "liquidation_clusters": [{"price": "60140", "notional": "200000000"}],
    },
}
CAN_BE_UNSET = [
    rule
    for rule in CATALOGUE.values()
    if rule.parameters and not any(getattr(DEFAULTS, name) for name in rule.parameters)
]


def findings_under(policy: Policy, rule: str) -> list[str]:
    _, conclusion = decide(trade_of(TRADE), on(date(2026, 11, 21)), policy)
    return [finding.outcome for finding in conclusion.findings if finding.rule == rule]


@pytest.mark.parametrize("rule", CAN_BE_UNSET, ids=lambda rule: rule.id)
def test_a_rule_without_its_numbers_says_nothing(rule: Rule) -> None:
    alone = structs.replace(DEFAULTS, families=(rule.family,), requires=(rule.id,))
    assert findings_under(alone, rule.id) == []


def test_the_same_rules_speak_where_the_standard_policy_has_their_numbers() -> None:
    silent = {rule.id for rule in CAN_BE_UNSET if not findings_under(built_in("standard"), rule.id)}
    # Nothing is borrowed, there was no cascade, and it is no hedge; venues may close at once.
    assert silent == {
        "cost.borrow_on_margin",
        "risk.regime_confirmed",
        "risk.hedge_offsets",
        "liquidation.stepwise",
    }
