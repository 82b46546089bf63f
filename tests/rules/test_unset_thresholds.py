"""A rule whose threshold the policy leaves out says nothing, even where the policy requires what the rule needs."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from msgspec import structs

from rules.check import CATALOGUE, Rule
from rules.checks import load_catalogue
from rules.decision import Finding
from rules.engine import decide
from rules.policies.policy import Policy
from tests.rules.test_comparison import TRADE as COMPARED
from tests.rules.world import built_in, on, trade_of

load_catalogue()
DEFAULTS = structs.replace(built_in("law_only"), families=())
TRADE: dict[str, Any] = {
    **COMPARED,
    "venue": "bybit",
    "instrument": "BTCUSDT",
    "margin_mode": "cross",
    "account": {**COMPARED["account"], "equity": "12000", "wallet_balance": "12500"},
    "market": {
        **COMPARED["market"],
        "index_price": "62000",
        "daily_range": "2500",
        "previous_order_book": COMPARED["market"]["order_book"],
    },
}
CAN_BE_UNSET = [
    rule
    for rule in CATALOGUE.values()
    if rule.parameters and not any(getattr(DEFAULTS, name) for name in rule.parameters)
]


LOAN = {"venue": "kraken", "instrument": "BTC/USD", "product": "spot_margin"}


def findings_under(policy: Policy, rule: str, **changes: str) -> list[str]:
    _, conclusion = decide(trade_of({**TRADE, **changes}), on(date(2026, 11, 21)), policy)
    return [finding.outcome for finding in conclusion.findings if finding.rule == rule]


@pytest.mark.parametrize("rule", CAN_BE_UNSET, ids=lambda rule: rule.id)
def test_a_rule_without_its_numbers_says_nothing(rule: Rule) -> None:
    alone = structs.replace(DEFAULTS, families=(rule.family,), requires=(rule.id,))
    assert findings_under(alone, rule.id) == []
    assert findings_under(alone, rule.id, **LOAN) == []


def test_the_same_rules_speak_where_the_standard_policy_has_their_numbers() -> None:
    silent = {rule.id for rule in CAN_BE_UNSET if not findings_under(built_in("standard"), rule.id)}
    # Nothing is borrowed, there was no cascade, and it is no hedge; venues may close at once.
    assert silent == {
        "cost.borrow_on_margin",
        "risk.regime_confirmed",
        "risk.hedge_offsets",
        "liquidation.stepwise",
    }
    assert findings_under(built_in("standard"), "cost.borrow_on_margin", **LOAN)


def test_of_a_rule_that_is_off_only_an_input_that_the_policy_requires_is_missed() -> None:
    policy = structs.replace(DEFAULTS, families=("risk",), max_leverage=Decimal(3), requires=("account.equity",))

    def findings_with(account: dict[str, Any] | None) -> dict[str, Finding]:
        trade = trade_of({**TRADE, "leverage": "5", "account": account})
        _, conclusion = decide(trade, on(date(2026, 11, 21)), policy)
        return {finding.rule: finding for finding in conclusion.findings}

    without = findings_with(None)["risk.aggregate_leverage"]
    assert (without.outcome, without.reason) == ("unknown", "unknown")
    assert without.message == "The policy requires account.equity, which the request does not give."
    given = findings_with({"equity": "50000", "currency": "USD"})
    assert given["risk.leverage"].outcome == "fail"
    assert given.keys().isdisjoint({"risk.aggregate_leverage", "risk.shock_loss", "risk.margin_per_trade"})
    assert "unknown" not in {finding.outcome for finding in given.values()}
