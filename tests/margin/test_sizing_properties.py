"""Sizes and their inverses agree: leverage and size on a ladder, stop and size within a risk."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from data.facts.vocabulary import Side
from rules.calculators.size_from_risk import loss_per_coin, size_for_risk, stop_for_risk
from rules.margin.figures import position_figures
from rules.margin.ladder import rung_at, size_limit_at_leverage
from rules.margin.position import PositionTerms
from tests.margin.building import VALUE, held, rungs, tiered

D = Decimal
TINY = D("1e-12")
CLOSE = D("1e-40")

prices = st.decimals("0.01", "100000", places=2, allow_nan=False)
sides = st.sampled_from(Side)
fees = st.decimals("0", "0.01", places=4, allow_nan=False)
widths = st.lists(st.integers(100, 10**6), min_size=1, max_size=6)
falls = st.lists(st.integers(1, 30), min_size=6, max_size=6)


def ladder(spans: list[int], steps: list[int], *, last_open: bool) -> PositionTerms:
    floor, leverage, rows = 0, 200, []
    for width, step in zip(spans, steps, strict=False):
        rows.append((str(floor), str(floor + width), "0.001", str(leverage)))
        floor, leverage = floor + width, leverage - step
    if last_open:
        rows[-1] = (rows[-1][0], None, *rows[-1][2:])  # type: ignore[assignment]
    return PositionTerms(tiers=rungs(*rows), ladder_unit=VALUE)


@given(widths, falls, st.booleans(), st.integers(1, 220))
def test_the_largest_size_at_a_leverage_has_it_and_a_little_more_has_not(
    spans: list[int], steps: list[int], last_open: bool, leverage: int
) -> None:
    tiers = ladder(spans, steps, last_open=last_open).tiers
    granted, limit = size_limit_at_leverage(tiers, D(leverage))
    if not granted:
        assert tiers[0].max_leverage < leverage
    elif limit is None:
        assert tiers[-1].max_leverage >= leverage
    else:
        at, beyond = rung_at(tiers, limit), rung_at(tiers, limit + TINY)
        assert at is not None
        assert at.max_leverage >= leverage
        assert beyond is None or beyond.max_leverage < leverage


@given(widths, falls, st.decimals("1", "5000000", places=2, allow_nan=False))
def test_the_highest_leverage_of_a_size_is_granted_at_least_up_to_it(
    spans: list[int], steps: list[int], size: Decimal
) -> None:
    terms = ladder(spans, steps, last_open=True)
    found = position_figures(tiered(), held(size=size, entry="1", leverage=None, terms=terms))
    assert found.max_leverage is not None
    at_it = position_figures(tiered(), held(size=size, entry="1", leverage=found.max_leverage, terms=terms))
    assert at_it.max_value_at_leverage is None or at_it.max_value_at_leverage >= size
    above = position_figures(tiered(), held(size=size, entry="1", leverage=found.max_leverage + 1, terms=terms))
    assert above.max_value_at_leverage is not None
    assert above.max_value_at_leverage < size


@given(sides, prices, st.decimals("0.001", "0.5", places=3, allow_nan=False), fees, fees, st.booleans())
def test_a_size_for_a_stop_loses_the_risk_there_and_its_stop_is_that_stop(
    side: Side, entry: Decimal, away: Decimal, fee: Decimal, slippage: Decimal, in_coin: bool
) -> None:
    stop = entry * (1 - away if side is Side.LONG else 1 + away)
    equity, risk = D(10000), D("0.01")
    costs: dict[str, Any] = {"fee_rate": fee, "slippage": slippage, "in_coin": in_coin}
    sized = size_for_risk(side, equity, risk, entry, stop, **costs)
    assert sized is not None
    lost = loss_per_coin(side, entry, stop, **costs)
    assert lost is not None
    assert abs(sized.quantity * lost / equity - risk) < CLOSE
    back = stop_for_risk(side, entry, equity * risk / sized.quantity, **costs)
    assert back is not None
    assert abs(back - stop) < CLOSE * entry


@given(sides, prices, st.decimals("0.001", "0.9", places=3, allow_nan=False), fees, fees)
def test_the_stop_of_a_loss_loses_it(
    side: Side, entry: Decimal, share: Decimal, fee: Decimal, slippage: Decimal
) -> None:
    stop = stop_for_risk(side, entry, entry * share, fee_rate=fee, slippage=slippage)
    assert stop is not None
    lost = loss_per_coin(side, entry, stop, fee, slippage)
    # no stop is a loss of `share` when fees and slippage alone cost more than that
    assume(lost is not None)
    assert lost is not None
    assert abs(lost - entry * share) < CLOSE * entry


@pytest.mark.parametrize("fee", ["0", "0.001"])
def test_a_long_cannot_lose_more_than_it_costs(fee: str) -> None:
    whole = D(100) * (1 + D(fee))
    assert stop_for_risk(Side.LONG, D(100), whole, fee_rate=D(fee), slippage=D(0)) is None
    assert stop_for_risk(Side.LONG, D(100), whole - 1, fee_rate=D(fee), slippage=D(0)) is not None
    assert stop_for_risk(Side.SHORT, D(100), whole, fee_rate=D(fee), slippage=D(0)) is not None
