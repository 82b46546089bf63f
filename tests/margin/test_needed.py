"""The margin that a liquidation price needs is the margin that has this price."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from data.facts.margin_models import (
    AdjustmentFactorMargin,
    CloseFee,
    CloseFeeBasis,
    LadderKind,
    PriceRounding,
    TieredMargin,
    ValueBasis,
)
from data.facts.vocabulary import ContractType
from rules.margin.figures import position_figures
from rules.margin.needed import leverage_that_posts, margin_needed
from rules.margin.position import LiquidationState
from tests.margin.building import FACT, INVERSE, LADDER, LINEAR, held, tiered

D = Decimal
CLOSE = D("1e-25")

TAKER: dict[str, Any] = {"close_fee": CloseFee.TAKER}
MODELS = {
    "on mark": tiered(),
    "on entry": tiered(maintenance_basis=ValueBasis.ENTRY),
    "on the mark of now": tiered(maintenance_basis=ValueBasis.FROZEN_MARK),
    "with a fee at the price": tiered(**TAKER),
    "with a fee at the mark of now": tiered(**TAKER, close_fee_basis=CloseFeeBasis.FROZEN_MARK),
    "with a fee at bankruptcy": tiered(**TAKER, close_fee_basis=CloseFeeBasis.BANKRUPTCY),
    "with a fee in bankruptcy": tiered(**TAKER, close_fee_basis=CloseFeeBasis.BANKRUPTCY, bankruptcy_bears_fee=True),
    "with a fee on top of the margin": tiered(**TAKER, posted_margin_bears_fee=True),
    "with funding held back": tiered(funding_reserve=True),
}


@pytest.mark.parametrize("name", MODELS)
@given(
    entry=st.decimals("1", "100000", places=2),
    size=st.decimals("0.001", "100", places=3),
    leverage=st.integers(2, 60),
    moved=st.decimals("0.998", "1.002", places=4),
    side=st.sampled_from(["long", "short"]),
    kind=st.sampled_from([LINEAR, INVERSE]),
    laddered=st.booleans(),
)
def test_the_margin_needed_for_a_liquidation_price_is_posted_by_the_leverage_that_has_it(
    name: str,
    entry: Decimal,
    size: Decimal,
    leverage: int,
    moved: Decimal,
    side: str,
    kind: ContractType,
    laddered: bool,
) -> None:
    rate: dict[str, Any] = {"tiers": LADDER} if laddered else {"maintenance_margin_rate": D("0.004")}
    position = held(
        side,
        size=size,
        entry=entry,
        mark=entry * moved,
        leverage=str(leverage),
        added="0.00001",
        contract_type=kind,
        taker_fee_rate=D("0.0005"),
        funding_rate=D("0.0001"),
        **rate,
    )
    found = position_figures(MODELS[name], position)
    assume(found.liquidation is LiquidationState.PRICE)
    assert found.liquidation_price is not None
    needed = margin_needed(MODELS[name], position, found.liquidation_price)
    assert needed is not None
    assert found.margin is not None
    assert abs(needed - found.margin) <= CLOSE * max(D(1), found.margin)
    posting = leverage_that_posts(MODELS[name], position, needed)
    if found.max_leverage is None or leverage <= found.max_leverage:
        assert posting is not None
        assert abs(posting - leverage) <= CLOSE * leverage * max(D(1), 1 / found.margin)


def test_no_price_at_all_needs_the_whole_value() -> None:
    long = held(maintenance_margin_rate="0.005")
    assert margin_needed(tiered(), long, D(-5)) == 100
    amount = held(maintenance_margin_rate="0.005", maintenance_amount="0.4")
    assert margin_needed(tiered(), amount, D(-5)) == 100
    assert leverage_that_posts(tiered(), long, D(100)) == 1
    assert leverage_that_posts(tiered(), held(added="100", maintenance_margin_rate="0.005"), D(100)) is None
    assert margin_needed(tiered(lowest_price_is_tick=True), long, D(0)) is None
    assert margin_needed(tiered(), held(contract_type=INVERSE, maintenance_margin_rate="0.005"), D(0)) is None


def test_margin_worth_the_whole_position_reserves_no_fee_for_closing_at_bankruptcy() -> None:
    bears = tiered(posted_margin_bears_fee=True)
    long = held(maintenance_margin_rate="0.005", taker_fee_rate="0.001")
    assert leverage_that_posts(bears, long, D(101)) == D(100) / 101
    part = leverage_that_posts(bears, long, D(50))
    assert part is not None
    assert part > 2  # of the 50, some are the fee


def test_the_present_price_is_survived_too() -> None:
    model, under_water = tiered(), held(mark="95", maintenance_margin_rate="0.01")
    assert margin_needed(model, under_water, D(97)) == margin_needed(model, under_water, D(95)) == D("5.95")
    short = held("short", mark="105", maintenance_margin_rate="0.01")
    assert margin_needed(model, short, D(103)) == margin_needed(model, short, D(105)) == D("6.05")


def test_a_price_that_the_venue_rounds_towards_the_entry_is_needed_a_tick_farther() -> None:
    model = tiered(liquidation_rounding=PriceRounding.TOWARD_ENTRY, maintenance_basis=ValueBasis.ENTRY)
    long = held(maintenance_margin_rate="0", tick_size="1")
    assert margin_needed(model, long, D("90.5")) == 10
    assert margin_needed(tiered(maintenance_basis=ValueBasis.ENTRY), long, D("90.5")) == D("9.5")


def test_at_a_jump_of_a_step_ladder_the_rung_there_counts_and_beyond_the_last_one_its_rate() -> None:
    steps = TieredMargin(**{**FACT, "ladder": LadderKind.STEP})
    short = held("short", size="400", tiers=LADDER)
    assert margin_needed(steps, short, D(125)) == 400 * 25 + 50000 * D("0.004")
    assert margin_needed(steps, short, D(126)) == 400 * 26 + 50400 * D("0.005")
    assert margin_needed(steps, short, D(3000)) == 400 * 2900 + 1200000 * D("0.01")


def test_a_rate_that_is_not_known_or_hangs_on_the_leverage_tells_nothing() -> None:
    assert margin_needed(tiered(), held(), D(90)) is None
    factor = AdjustmentFactorMargin(**FACT)
    assert margin_needed(factor, held(adjustment_factor="0.05", max_leverage="100"), D(90)) is None
