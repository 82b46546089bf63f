"""Policies: every number documented, every bound checked, and one digest for what says the same."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
import pytest
from msgspec import structs

from data.facts.law import LawBook
from rules.check import CATALOGUE
from rules.checks import load_catalogue
from rules.decision import Family
from rules.policies.plan import plan_of
from rules.policies.policy import Policy, canonical, digest
from rules.policies.thresholds import SWITCHES, THRESHOLDS, needed_inputs, problems_of_policy
from tests.rules.world import POLICIES, built_in, changed, decode_hook, facts

load_catalogue()
NAMES = tuple(sorted(path.stem for path in POLICIES.glob("*.toml")))
UNDOCUMENTED = {"name", "title", "families", "requires", "basis"}


def policy(**fields: Any) -> Policy:
    return msgspec.convert({"name": "ours", **fields}, Policy, dec_hook=decode_hook)


def law() -> LawBook:
    return facts().law_book


def pointers(**fields: Any) -> list[str]:
    return [pointer for pointer, _ in problems_of_policy(policy(**fields), law())]


def test_there_are_four_built_in_policies():
    assert NAMES == ("conservative", "law_only", "professional", "standard")


@pytest.mark.parametrize("name", NAMES)
def test_a_built_in_policy_is_sound_and_says_where_each_number_comes_from(name: str):
    built = built_in(name)
    assert built.name == name
    assert problems_of_policy(built, law()) == ()
    for threshold in THRESHOLDS:
        assert (getattr(built, threshold) is None) or built.basis.get(threshold), threshold
    for switch in SWITCHES:
        if getattr(built, switch) != structs.fields(Policy)[_index(switch)].default:
            assert built.basis.get(switch), switch


def _index(name: str) -> int:
    return Policy.__struct_fields__.index(name)


@pytest.mark.parametrize("name", NAMES)
def test_a_source_named_in_a_basis_exists(name: str):
    for words in built_in(name).basis.values():
        for word in words.replace("(", " ").replace(")", " ").replace(",", " ").replace(":", " ").split():
            head, dot, tail = word.partition(".")
            if dot and tail and head.isidentifier() and not head[0].isdigit():
                assert word in facts().sources, word


def test_every_field_of_a_policy_is_documented_and_read_by_some_rule():
    documented = set(THRESHOLDS) | set(SWITCHES)
    assert documented == set(Policy.__struct_fields__) - UNDOCUMENTED
    read = {name for rule in CATALOGUE.values() for name in rule.parameters}
    assert read == documented


def test_the_policies_grow_looser_from_conservative_to_professional():
    order = [built_in(name) for name in ("conservative", "standard", "professional")]
    for name in ("max_loss_per_trade", "max_leverage", "max_aggregate_leverage", "max_slippage", "max_venue_share"):
        values = [getattr(one, name) for one in order]
        assert values == sorted(values), name
    for name in ("min_liquidation_distance", "min_stop_room", "min_free_collateral"):
        values = [getattr(one, name) for one in order]
        assert values == sorted(values, reverse=True), name


def test_law_only_judges_law_access_and_limits_alone():
    assert built_in("law_only").families == (Family.JURISDICTION, Family.ACCESS, Family.LIMITS)


def test_equal_policies_have_one_digest_however_their_numbers_are_written():
    one, other = policy(max_leverage="5"), policy(max_leverage="5.00")
    assert digest(one) == digest(other)
    assert digest(one).startswith("sha256:")
    assert digest(one) != digest(policy(max_leverage="6"))
    assert digest(one) != digest(policy(max_leverage="5", basis={"max_leverage": "the board"}))


def test_the_canonical_form_reads_back_as_the_same_policy():
    for name in NAMES:
        built = built_in(name)
        again = msgspec.json.decode(canonical(built), type=Policy, dec_hook=decode_hook)
        assert canonical(again) == canonical(built)


def test_thresholds_out_of_range_are_named_all_at_once():
    assert pointers(max_loss_per_trade="1.1", min_stop_room="-0.1", depth_band="0", wall_multiple="0.5") == [
        "/min_stop_room",
        "/max_loss_per_trade",
        "/depth_band",
        "/wall_multiple",
    ]
    assert pointers(max_open_positions=0, stale_after_days=0) == ["/stale_after_days", "/max_open_positions"]


@pytest.mark.parametrize("threshold", THRESHOLDS.values(), ids=lambda one: one.name)
def test_the_bounds_themselves_are_allowed(threshold: Any):
    for value in (threshold.lowest, threshold.highest):
        fields: dict[str, Any] = {
            threshold.name: int(value) if threshold.name.endswith(("_days", "_positions")) else value
        }
        if threshold.name in ("shock_move", "max_shock_loss"):
            fields = {"shock_move": Decimal("0.1"), "max_shock_loss": Decimal("0.1"), **fields}
        fields |= _GOES_WITH.get(threshold.name, {})
        assert problems_of_policy(changed(policy(), {k: str(v) for k, v in fields.items()}), law()) == ()


_GOES_WITH = {
    "vanished_share": {"wall_multiple": "5"},
    "max_depth_taken": {"depth_band": "0.01"},
    "max_adverse_imbalance": {"depth_band": "0.01"},
}


def test_names_families_and_requirements_are_checked():
    assert pointers(name="Ours") == ["/name"]
    assert pointers(title="x" * 201) == ["/title"]
    assert pointers(families=[]) == ["/families"]
    assert pointers(families=["risk", "risk"]) == ["/families"]
    assert pointers(families=["risk", "jurisdiction", "limits"]) == ["/families"]
    assert pointers(requires=["stop_price", "risk.loss_at_stop", "weather"]) == ["/requires/2"]
    assert pointers(requires=["stop_price"] * 201) == ["/requires"]
    assert pointers(basis={"max_leverage": "x", "weather": "y", "families": "z"}) == ["/basis/weather"]


def test_what_only_families_that_are_off_ask_for_cannot_be_required():
    off = {"families": ["jurisdiction", "access", "limits"]}
    required = ["stop_price", "risk.stop_present", "account.equity", "leverage", "limits.leverage_cap"]
    assert pointers(requires=required, **off) == ["/requires/0", "/requires/1", "/requires/2"]
    assert pointers(requires=required) == []
    told = dict(problems_of_policy(policy(requires=required, **off), law()))
    assert told["/requires/1"] == "is a rule of risk alone, which families leaves out"
    what = "is an input of rules of liquidation, risk, cost, depth alone, which families leaves out"
    assert told["/requires/0"] == what
    stored = plan_of(policy(requires=required, **off))  # one that was stored before goes on as it did
    assert {step.rule.family for step in stored.steps} == {"access", "limits"}


def test_thresholds_that_go_together_are_checked_together():
    assert pointers(stale_after_days=10, refuse_after_days=9) == ["/refuse_after_days"]
    assert pointers(stale_after_days=10, refuse_after_days=10) == []
    assert pointers(shock_move="0.1") == ["/max_shock_loss"]
    assert pointers(vanished_share="0.5") == ["/vanished_share"]
    assert pointers(max_depth_taken="0.5", max_adverse_imbalance="0.5") == [
        "/max_depth_taken",
        "/max_adverse_imbalance",
    ]
    assert pointers(vanished_share="0.5", wall_multiple="5", max_depth_taken="0.5", depth_band="0.01") == []
    assert pointers(wall_multiple="5", depth_band="0.01") == []


def test_a_policy_may_require_every_input_that_some_rule_needs():
    assert {"account.equity", "stop_price", "market.order_book", "leverage"} <= needed_inputs()
    assert pointers(requires=sorted(needed_inputs())) == []


def test_a_policy_may_require_what_law_asks_of_the_client_and_any_rule_of_law():
    asked = ["client.on_sanctions_list", "client.nationality", "client.client_class", "client.institution", "quantity"]
    assert set(asked) <= needed_inputs()
    rules = ["us.ofac_blocked_persons", "jurisdiction.coverage", "jurisdiction.venue_establishment"]
    assert pointers(requires=[*asked, *rules, "us.no_such_rule"]) == [f"/requires/{len(asked) + len(rules)}"]


def test_a_rule_that_the_policy_sets_no_number_for_misses_no_input():
    bare = policy(families=["risk"], max_loss_per_trade="0.01")
    ids = {step.rule.id for step in plan_of(bare).steps}
    assert {"risk.loss_at_stop", "risk.stop_side"} <= ids
    assert ids.isdisjoint({"risk.shock_loss", "risk.aggregate_leverage", "risk.isolated_margin", "risk.stop_present"})
    required = policy(families=["risk"], requires=["account.positions", "risk.shock_loss"])
    assert {"risk.shock_loss", "risk.aggregate_leverage"} <= {step.rule.id for step in plan_of(required).steps}
    assert plan_of(bare) is plan_of(bare) is not plan_of(required)
