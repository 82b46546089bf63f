"""The rules of a jurisdiction in words."""

from __future__ import annotations

from rules.law.index import law_index
from rules.law.rules_in_words import rule_in_words, rules_in_words
from tests.law.made_up import DAY
from tests.law.world import knowledge_on

INDEX = law_index(knowledge_on(DAY))


def test_every_rule_of_the_day_is_told_under_one_jurisdiction() -> None:
    told = [rule.rule for name in INDEX.jurisdictions for rule in rules_in_words(INDEX, name)]
    assert sorted(told) == sorted(rule.rule for rule in INDEX.rules)
    assert rules_in_words(INDEX, "ZZ") == []
    assert [rule_in_words(INDEX, one.rule) for one in INDEX.rules if one.rule == told[0]] == [
        one for name in INDEX.jurisdictions for one in rules_in_words(INDEX, name) if one.rule == told[0]
    ]
    assert rule_in_words(INDEX, "us.no_such_rule") is None


def test_every_rule_says_what_it_does_when_and_by_which_text() -> None:
    for name in INDEX.jurisdictions:
        for rule in rules_in_words(INDEX, name):
            assert rule.does
            assert rule.citation
            assert rule.holds
            assert rule.source.partition(".")[0] == INDEX.jurisdictions[name].scope


def test_a_reader_sees_condition_effect_dates_and_venues() -> None:
    rules = {rule.rule: rule for rule in rules_in_words(INDEX, "US")}
    gate = rules["us.cea_4a_futures_on_dcm"]
    assert (
        gate.does == "prohibits the trade unless the venue holds DCM, and for future, perpetual a rule that permits it"
    )
    assert "foreign board of trade: no" in gate.asks
    assert gate.holds == "start not known, still in force"
    route = rules["us.cfm_deribit_route"]
    assert route.venues == ("deribit",)
    assert route.holds == "from 2026-05-29"
    assert "staff_level_only" in route.flags
    assert any("us_deep_active_continuous_spot" in asked for asked in route.asks)
    assert not rules["us.ctx_cam_advance_notice"].in_force


def test_dates_are_told_as_exactly_as_they_are_known() -> None:
    assert {rule.rule: rule for rule in rules_in_words(INDEX, "BH")}["bh.cra_licence"].holds == "from 2019-04"
    assert {rule.rule: rule for rule in rules_in_words(INDEX, "AU")}[
        "au.cfd_leverage"
    ].holds == "from 2021-03-29 until before 2027-05-24"


def test_a_rule_may_concern_a_venue_of_which_its_own_clients_are_served_from_another_seat() -> None:
    told = rule_in_words(INDEX, "us.cea_4a_futures_on_dcm")
    assert told is not None
    assert "gemini" in told.venues  # served from Singapore, but for residents of the United States
    assert "binance" not in told.venues
