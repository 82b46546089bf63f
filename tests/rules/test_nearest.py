"""A remedy is the nearest change that passes: a little less of it, and the rule still fails."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from data.facts.amounts import plain
from rules.decision import Family, Outcome, Remedy
from rules.remedies.price_steps import step_at
from rules.validation import problems_of
from tests.rules.proposals import against_what_is_held, proposals
from tests.rules.test_remedies import AWKWARD, DAY, LAW, POLICIES, concluded, each, made, outcomes
from tests.rules.world import on, trade_of

SETTINGS = settings(
    max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow], database=None
)

NO_NEAREST = {"risk.stop_present": "any stop passes; the remedy is the farthest that the policy's loss allows"}
"""Rules whose remedy is not the nearest change, each with what it is instead."""

SIZE_TOLERANCE = Decimal("1.001")
LEVERAGE_TOLERANCE = Decimal("1.002")
PRICE_TOLERANCE = Decimal("0.00001")
"""Of the way from the entry, where that is more than two ticks."""
_CENT = Decimal("0.01")
STEPS = {"notional": _CENT, "quantity": Decimal("0.00000001"), "leverage": _CENT, "holding_hours": _CENT}
"""What the values of a field are told in; a price is told in the ticks of its instrument, else in five digits."""


def less_cautious(remedy: Remedy, fields: dict[str, Any]) -> Decimal | None:
    """Return a value beyond the nearest that a remedy tells, by the tolerance; null where it tells a word."""
    field, largest, smallest = remedy.field, remedy.largest_passing, remedy.smallest_passing
    nearest, sign = (largest, 1) if largest is not None else (smallest, -1)
    if nearest is None:
        return None
    present = fields.get(field)
    if largest is not None and smallest is not None and present is not None and Decimal(present) < smallest:
        nearest, sign = smallest, -1
    step = STEPS.get(field)
    if step is None:
        instrument = on(DAY).instrument(fields["venue"], fields["instrument"])
        way = abs(Decimal(fields["entry_price"]) - nearest)
        return nearest + sign * max(2 * step_at(nearest, instrument.tick_size), way * PRICE_TOLERANCE)
    tolerance = LEVERAGE_TOLERANCE if field == "leverage" else SIZE_TOLERANCE
    beyond = nearest * tolerance + step if sign > 0 else nearest / tolerance - step
    beyond = (beyond / step).to_integral_value() * step
    if present is not None and (Decimal(present) - beyond) * sign <= 0:
        return None  # the present value is as near, and it fails
    return beyond if beyond > 0 else None


def assert_nearest(fields: dict[str, Any], policy: str) -> None:
    for finding in concluded(fields, policy).findings:
        if finding.outcome is not Outcome.FAIL or finding.remedy is None or finding.family in (*LAW, Family.ADL):
            continue
        if finding.rule in NO_NEAREST:
            continue
        for remedy in each(finding.remedy):
            value = less_cautious(remedy, fields)
            if value is None:
                continue
            bolder = made(fields, Remedy(field=remedy.field, largest_passing=value))
            if not problems_of(trade_of(bolder)):
                after = outcomes(concluded(bolder, policy)).get(finding.rule)
                assert after is not Outcome.PASS, (finding.rule, policy, remedy, plain(value))


@SETTINGS
@given(st.one_of(proposals(), against_what_is_held()), st.sampled_from(POLICIES))
def test_a_remedy_is_the_nearest_change_that_passes(fields: dict[str, Any], policy: str):
    assume(not problems_of(trade_of(fields)))
    assert_nearest(fields, policy)


CUT_OFF = "margin of a few dollars, cut off at the eighth place of a coin"
"""There one unit of that place is more than the tolerance."""


@pytest.mark.parametrize("name", sorted(AWKWARD.keys() - {CUT_OFF}))
@pytest.mark.parametrize("policy", POLICIES)
def test_a_remedy_is_the_nearest_in_an_awkward_trade(name: str, policy: str):
    assert_nearest(AWKWARD[name], policy)
