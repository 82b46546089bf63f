"""How rules are declared."""

from __future__ import annotations

import pytest

from rules.check import CATALOGUE, NOT_APPLICABLE, Result, check
from rules.checks import load_catalogue
from rules.checks.outcomes import apart, percent, short, times
from rules.decision import Effect, Family, Outcome
from rules.inputs import given
from rules.remedies.price_steps import to_step
from rules.trade import ProposedTrade
from tests.rules.world import number

load_catalogue()


def test_an_id_is_taken_once_and_starts_with_its_family():
    def nothing(case: object) -> Result:
        return NOT_APPLICABLE

    with pytest.raises(ValueError, match="declared twice"):
        check("risk.leverage", family=Family.RISK, effect=Effect.DENY, title="Again", basis=())(nothing)
    with pytest.raises(ValueError, match="does not start with its family"):
        check("risk.weather", family=Family.COST, effect=Effect.DENY, title="Rain", basis=())(nothing)
    assert "risk.weather" not in CATALOGUE


@pytest.mark.parametrize("rule", CATALOGUE.values(), ids=lambda rule: rule.id)
def test_a_rule_says_what_it_is(rule):
    assert rule.title
    assert not rule.title.endswith(".")
    assert rule.basis
    assert rule.evaluate.__doc__
    for need in rule.needs:
        kind: object = ProposedTrade
        for name in need.split("."):
            fields = kind.__struct_fields__
            assert name in fields, need
            kind = {"client": _of("Client"), "account": _of("Account"), "market": _of("Market")}.get(name, kind)


def _of(name: str) -> type:
    import rules.trade

    return getattr(rules.trade, name)


def test_nothing_to_say_leaves_no_finding():
    assert NOT_APPLICABLE.outcome is Outcome.NOT_APPLICABLE


def test_what_a_declaration_does_not_name_is_a_mistake():
    assert given(0) == 0
    with pytest.raises(RuntimeError, match="what its declaration does not name"):
        given(None)


def test_numbers_in_sentences():
    assert percent(number("0.0201")) == "2.01%"
    assert percent(number("0.00000001")) == "0.000001%"
    assert percent(number("0")) == "0%"
    assert times(number("5.00")) == "5x"
    assert times(number("1.0000014"), number("1")) == "1.000001x"
    assert percent(number("0.020000001"), number("0.02")) == "2.0000001%"
    assert percent(number("0.025"), number("0.02")) == "2.5%"
    assert apart(number("1.9996"), number("2"), 2) == "1.9996"
    assert apart(number("2.00"), number("2"), 2) == "2"
    assert short(number("62000.10000000001")) == "62000.1"
    assert short(number("100"), 0) == "100"


def test_prices_are_rounded_to_the_step_in_the_direction_asked():
    assert to_step(number("62000.04"), number("0.1"), up=True) == number("62000.1")
    assert to_step(number("62000.04"), number("0.1"), up=False) == number("62000.0")
    assert to_step(number("1.000000001"), None, up=True) == number("1.0001")  # five digits, where no tick is on file
    assert to_step(number("62013.04"), None, up=False) == number("62013")
