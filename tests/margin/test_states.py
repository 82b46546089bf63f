"""Whether a liquidation price exists, what venues print when none does, and what is said when something is missing."""

from __future__ import annotations

from decimal import Decimal

import pytest
from msgspec.structs import replace

from data.facts.margin_models import (
    CloseFee,
    CloseFeeBasis,
    LadderKind,
    MarginRatioForm,
    PriceRounding,
    ReportedFee,
    ValueBasis,
)
from data.facts.vocabulary import ContractType
from rules.margin.figures import NO_MARK, position_figures
from rules.margin.margins import (
    NO_FUNDING_RATE,
    NO_LIQUIDATION_FEE,
    NO_MARGIN,
    NO_TAKER_FEE,
    NO_WALLET,
    requirement_over_equity,
)
from rules.margin.position import LiquidationState
from rules.margin.rates import BEYOND_LADDER, NO_RATE
from rules.margin.solve import BEYOND_LAST_RUNG
from tests.margin.building import CONTRACTS, INVERSE, LADDER, LINEAR, SIZE, held, on_entry, rungs, tiered

D = Decimal


def test_a_fully_collateralised_long_is_never_liquidated() -> None:
    found = position_figures(tiered(), held(leverage="1", maintenance_margin_rate="0.005"))
    assert (found.liquidation, found.liquidation_price) == (LiquidationState.NEVER, None)
    assert found.bankruptcy_price is None
    assert found.distance_to_liquidation is None


def test_a_fully_collateralised_inverse_short_is_never_liquidated() -> None:
    found = position_figures(tiered(), held("short", leverage="1", contract_type=INVERSE, maintenance_margin_rate="0"))
    assert found.liquidation is LiquidationState.NEVER


def test_a_position_whose_margin_is_below_its_requirement_is_already_liquidated() -> None:
    found = position_figures(tiered(), held(leverage="50", mark="98.4", maintenance_margin_rate="0.005"))
    assert (found.liquidation, found.liquidation_price) == (LiquidationState.ALREADY, None)
    assert found.bankruptcy_price == D(98)


def test_a_venue_may_print_one_tick_for_a_price_that_no_fall_reaches() -> None:
    model = tiered(lowest_price_is_tick=True)
    found = position_figures(model, held(leverage="1", maintenance_margin_rate="0.005", tick_size="0.01"))
    assert found.liquidation is LiquidationState.PRICE
    assert (found.liquidation_price, found.unreachable_price) == (D("0.01"), True)
    assert found.remaining_after_liquidation is None


def test_a_venue_may_print_its_highest_price_for_one_that_no_rise_reaches() -> None:
    model = on_entry(highest_price=D(1000000))
    near_one = held(
        "short",
        size="20",
        entry="7508.22",
        leverage="1",
        contract_type=INVERSE,
        added="0.00000012",
        maintenance_margin_rate="0.005",
    )
    found = position_figures(model, near_one)
    assert (found.liquidation_price, found.unreachable_price) == (D(1000000), True)
    never = position_figures(
        tiered(highest_price=D(1000000)),
        held("short", leverage="1", contract_type=INVERSE, maintenance_margin_rate="0"),
    )
    assert never.unreachable_price


def test_a_step_ladder_liquidates_a_short_at_the_floor_where_its_requirement_jumps() -> None:
    tiers = rungs(("0", "1000", "0.01", "50"), ("1000", "2000", "0.09", "10"))
    found = position_figures(tiered(ladder=LadderKind.STEP), held("short", size="9", leverage="10", tiers=tiers))
    # 900 of value on 90 of margin: at 1000 the equity would be -10 + 0, the rate of the first rung takes it at 980.19
    assert found.tier_at_liquidation == 1
    richer = position_figures(
        tiered(ladder=LadderKind.STEP), held("short", size="9", leverage="10", added="100", tiers=tiers)
    )
    # at a value of 1000 equity is 90, just below 9% of it: the jump closes what 1% would have carried on
    assert richer.tier_at_liquidation == 2
    assert richer.liquidation_price == D(1000) / 9


def test_a_long_falls_into_the_lower_rungs_one_after_the_other() -> None:
    found = position_figures(tiered(), held(size="6000", leverage="2", tiers=LADDER))
    assert (found.tier, found.tier_at_liquidation) == (3, 3)
    # 600,000 of value and 540,000 of margin: value = (600000 - 540000 - 1300)/(1 - 0.01) is on the rung below, and on
    # the rung below that: (600000 - 540000 - 50)/(1 - 0.005) = 60251.256...
    deep = position_figures(tiered(), held(size="6000", collateral="540000", tiers=LADDER))
    assert deep.tier_at_liquidation == 2
    assert deep.liquidation_price is not None
    assert abs(deep.liquidation_price * 6000 - D(59950) / D("0.995")) < D("1e-40")
    deepest = position_figures(tiered(), held(size="6000", collateral="599990", tiers=LADDER))
    assert deepest.tier_at_liquidation == 1
    assert position_figures(tiered(), held(size="6000", collateral="600001", tiers=LADDER)).liquidation == "never"


def test_a_gap_in_printed_amounts_is_closed_at_the_boundary() -> None:
    uneven = rungs(("0", "1000", "0.01", "50"), ("1000", "2000", "0.05", "10"))
    tiers = tuple(
        type(tier)(**{**{name: getattr(tier, name) for name in tier.__struct_fields__}, "maintenance_amount": amount})
        for tier, amount in zip(uneven, (D(0), D(45)), strict=True)
    )
    # the printed amount is five too large: both rungs' roots fall outside their rung, so the boundary is the answer
    found = position_figures(tiered(), held(size="15", collateral="508", tiers=tiers))
    assert found.liquidation_price is not None
    assert abs(found.liquidation_price * 15 - 1000) < D("1e-40")
    assert found.tier_at_liquidation == 1


def test_a_price_beyond_the_last_rung_says_that_the_last_rate_was_used() -> None:
    tiers = rungs(("0", "1000", "0.01", "50"), ("1000", "1100", "0.02", "10"))
    found = position_figures(tiered(), held("short", size="9", leverage="2", tiers=tiers))
    assert found.tier_at_liquidation == 2
    assert BEYOND_LAST_RUNG in found.approximations


def test_a_rate_of_one_or_more_is_never_met_by_a_falling_value() -> None:
    tiers = rungs(("0", "1000", "0.01", "50"), ("1000", None, "1", "1"))
    found = position_figures(tiered(ladder=LadderKind.STEP), held(size="20", collateral="5000", tiers=tiers))
    assert found.liquidation is LiquidationState.NEVER
    fixed = position_figures(tiered(), held(collateral="500", maintenance_margin_rate="1"))
    assert fixed.liquidation is LiquidationState.NEVER


@pytest.mark.parametrize(
    ("unit", "size", "tier"), [(SIZE, "100", 1), (SIZE, "60000", 2), (CONTRACTS, "600", 2), (CONTRACTS, "100", 1)]
)
def test_ladders_may_count_coins_or_contracts(unit: object, size: str, tier: int) -> None:
    found = position_figures(
        tiered(ladder=LadderKind.STEP),
        held(size=size, entry="1", tiers=LADDER, ladder_unit=unit, contract_size=D("0.01")),
    )
    assert found.tier == tier
    assert found.max_value_at_leverage == (D(1000000) if unit is SIZE else D(10000))


def test_contracts_cannot_be_counted_without_their_size() -> None:
    found = position_figures(tiered(), held(tiers=LADDER, ladder_unit=CONTRACTS))
    assert found.maintenance_margin is None
    assert found.max_value_at_leverage is None
    assert "contract size" in found.approximations[0]


def test_beyond_the_ladder_no_rate_is_made_up() -> None:
    found = position_figures(tiered(), held(size="20000", tiers=LADDER))
    assert found.maintenance_margin is None
    assert found.liquidation is None
    assert found.bankruptcy_price == D(90)
    assert BEYOND_LADDER in found.approximations


def test_no_leverage_grants_a_size_of_nothing() -> None:
    assert position_figures(tiered(), held(leverage="130", tiers=LADDER)).max_value_at_leverage == 0
    assert position_figures(tiered(), held(leverage=None, tiers=LADDER)).max_value_at_leverage is None
    assert position_figures(tiered(), held(leverage="60", tiers=LADDER)).max_value_at_leverage == D(250000)


def test_initial_margin_is_at_least_the_rungs() -> None:
    assert position_figures(tiered(), held(size="6000", leverage="100", tiers=LADDER)).initial_margin == D(12000)
    assert position_figures(tiered(), held(size="6000", leverage=None, tiers=LADDER)).initial_margin == D(12000)
    assert position_figures(
        tiered(), held(leverage=None, max_leverage="20", maintenance_margin_rate="0.01")
    ).initial_margin == D(5)
    assert position_figures(tiered(), held(leverage=None)).initial_margin is None


def test_a_leverage_beside_a_maintenance_rate_that_is_stated_is_not_held_against_an_initial_rate() -> None:
    stated = held(leverage="20", initial_margin_rate="0.1", maintenance_margin_rate="0.01")
    assert position_figures(tiered(), stated).initial_margin == D(5)
    assert position_figures(tiered(), held(leverage="20", initial_margin_rate="0.1")).initial_margin == D(10)


@pytest.mark.parametrize(
    ("model", "given", "words"),
    [
        (tiered(), {"leverage": None, "maintenance_margin_rate": "0.005"}, NO_MARGIN),
        (tiered(), {"cross": True, "maintenance_margin_rate": "0.005"}, NO_WALLET),
        (tiered(), {}, NO_RATE),
        (tiered(close_fee=CloseFee.TAKER), {"maintenance_margin_rate": "0.005"}, NO_TAKER_FEE),
        (tiered(close_fee=CloseFee.LIQUIDATION), {"maintenance_margin_rate": "0.005"}, NO_LIQUIDATION_FEE),
        (on_entry(funding_reserve=True), {"maintenance_margin_rate": "0.005"}, NO_FUNDING_RATE),
        (tiered(initial_basis=ValueBasis.MARK), {"maintenance_margin_rate": "0.005"}, NO_MARK),
        (tiered(initial_basis=ValueBasis.ENTRY), {"maintenance_margin_rate": "0.005"}, NO_MARK),
        (tiered(caveats=("always so",)), {"maintenance_margin_rate": "0.005"}, "always so"),
    ],
)
def test_what_is_left_out_is_said(model: object, given: dict[str, object], words: str) -> None:
    assert words in position_figures(model, held(**given)).approximations  # type: ignore[arg-type]


def test_no_mark_price_is_missed_where_all_is_reckoned_at_the_entry_price() -> None:
    known = {"maintenance_margin_rate": "0.005"}
    assert position_figures(on_entry(initial_basis=ValueBasis.ENTRY), held(**known)).approximations == ()
    crossed = held(cross=True, wallet="20", **known)
    assert position_figures(on_entry(initial_basis=ValueBasis.ENTRY), crossed).approximations == (NO_MARK,)


def test_a_fixed_liquidation_fee_stands_in_for_one_that_is_not_given() -> None:
    model = tiered(close_fee=CloseFee.LIQUIDATION, close_fee_rate=D("0.0006"))
    fixed = position_figures(model, held(maintenance_margin_rate="0.004"))
    given = position_figures(model, held(maintenance_margin_rate="0.004", liquidation_fee_rate="0.001"))
    assert fixed.liquidation_price == D(90) / (1 - D("0.0046"))
    assert given.liquidation_price == D(90) / (1 - D("0.005"))


def test_a_fee_held_at_the_present_mark_price_alone_ends_a_position_at_the_nearer_of_it_and_what_it_grows_to() -> None:
    model = tiered(close_fee=CloseFee.TAKER, close_fee_basis=CloseFeeBasis.FROZEN_MARK)
    known = {"maintenance_margin_rate": "0.005", "taker_fee_rate": "0.001", "mark": "100"}
    # 10 + (P - 100) = 0.005 P + 0.1, which is nearer than with 0.001 P
    assert position_figures(model, held(**known)).liquidation_price == D("90.1") / D("0.995")
    # 10 + (100 - P) = 0.005 P + 0.001 P, which is nearer than with 0.1
    assert position_figures(model, held("short", **known)).liquidation_price == 110 / D("1.006")


def test_the_margin_ratio_stands_the_way_the_venue_prints_it() -> None:
    position = held(mark="101", maintenance_margin_rate="0.005")
    over_equity = position_figures(tiered(), position).margin_ratio
    over_requirement = position_figures(
        tiered(margin_ratio_form=MarginRatioForm.EQUITY_OVER_REQUIREMENT), position
    ).margin_ratio
    assert over_equity == D("0.505") / 11
    assert over_requirement == 11 / D("0.505")
    assert requirement_over_equity(tiered(), over_equity) == over_equity
    upright = requirement_over_equity(
        tiered(margin_ratio_form=MarginRatioForm.EQUITY_OVER_REQUIREMENT), over_requirement
    )
    assert upright is not None
    assert round(upright, 40) == round(D("0.505") / 11, 40)
    broke = held(mark="80", maintenance_margin_rate="0.005")
    assert position_figures(tiered(), broke).margin_ratio is None
    free = held(maintenance_margin_rate="0")
    assert (
        position_figures(tiered(margin_ratio_form=MarginRatioForm.EQUITY_OVER_REQUIREMENT), free).margin_ratio is None
    )


@pytest.mark.parametrize(
    ("form", "ratio"),
    [(MarginRatioForm.REQUIREMENT_OVER_EQUITY, "0.8"), (MarginRatioForm.EQUITY_OVER_REQUIREMENT, "1.25")],
)
def test_the_margin_call_comes_at_the_ratio_the_venue_names(form: MarginRatioForm, ratio: str) -> None:
    model = tiered(margin_ratio_form=form, margin_call_ratio=D(ratio))
    called = position_figures(model, held(mark="100", maintenance_margin_rate="0.01")).margin_call_price
    assert called is not None
    there = position_figures(model, held(mark=called, maintenance_margin_rate="0.01"))
    assert there.margin_ratio is not None
    assert abs(there.margin_ratio - D(ratio)) < D("1e-40")


def test_a_margin_call_that_never_comes_is_null() -> None:
    model = tiered(margin_call_ratio=D("0.8"), lowest_price_is_tick=True)
    assert position_figures(model, held(leverage="1", maintenance_margin_rate="0.01")).margin_call_price is None
    tiers = rungs(("0", "1000", "0.01", "50"), ("1000", None, "0.9", "1"))
    steep = position_figures(
        tiered(ladder=LadderKind.STEP, margin_call_ratio=D("0.8")), held(size="11", collateral="1095", tiers=tiers)
    )
    assert steep.liquidation is LiquidationState.PRICE
    assert steep.margin_call_price is None


def test_what_is_left_after_liquidation() -> None:
    rate = {"maintenance_margin_rate": "0.01"}
    whole = position_figures(tiered(), held(**rate))  # type: ignore[arg-type]
    assert whole.liquidation_price is not None
    assert whole.remaining_after_liquidation is not None
    assert abs(whole.remaining_after_liquidation - whole.liquidation_price * D("0.01")) < D("1e-40")
    charged = position_figures(tiered(), held(liquidation_fee_rate="0.004", **rate))  # type: ignore[arg-type]
    assert charged.remaining_after_liquidation is not None
    assert abs(charged.remaining_after_liquidation - whole.liquidation_price * D("0.006")) < D("1e-40")
    taken = position_figures(tiered(), held(takeover_at_bankruptcy=True, **rate))  # type: ignore[arg-type]
    eaten = position_figures(tiered(), held(liquidation_fee_rate="0.02", **rate))  # type: ignore[arg-type]
    assert taken.remaining_after_liquidation == eaten.remaining_after_liquidation == 0


def test_the_margin_shown_with_a_position_contains_its_fee_reserve() -> None:
    rate = {"maintenance_margin_rate": "0.005", "taker_fee_rate": "0.001"}
    plain = position_figures(on_entry(), held(**rate))  # type: ignore[arg-type]
    both = position_figures(on_entry(assigned_fee=ReportedFee.ON_VALUE_AND_MARGIN), held(**rate))  # type: ignore
    at_end = position_figures(on_entry(assigned_fee=ReportedFee.AT_BANKRUPTCY), held(**rate))  # type: ignore
    posted = position_figures(
        on_entry(assigned_fee=ReportedFee.AT_BANKRUPTCY),
        held(leverage=None, collateral="20", **rate),  # type: ignore
    )
    assert plain.assigned_margin == D(10)
    assert both.assigned_margin == D(10) + D("0.11")
    assert at_end.assigned_margin == D(10) + D("0.09")
    assert posted.assigned_margin == D(20) + D("0.08")
    assert position_figures(on_entry(), held(cross=True, wallet="50", **rate)).assigned_margin is None  # type: ignore


def test_the_fee_of_opening_is_in_the_margin_of_a_position_that_is_open() -> None:
    model = on_entry(initial_reported_fee=ReportedFee.OPENING, assigned_fee=ReportedFee.OPENING)
    order = held(maintenance_margin_rate="0.005", taker_fee_rate="0.001")
    asked, position = position_figures(model, order), position_figures(model, replace(order, is_open=True))
    assert (asked.initial_margin, asked.assigned_margin) == (D(10), D(10))
    assert (position.initial_margin, position.assigned_margin) == (D("10.1"), D("10.1"))
    assert asked.liquidation_price == position.liquidation_price
    bare = replace(held(maintenance_margin_rate="0.005"), is_open=True)
    assert position_figures(model, bare).initial_margin == D(10)


def test_margin_added_is_what_a_deposit_left_of_itself() -> None:
    model = on_entry(maintenance_reported_fee=ReportedFee.ON_VALUE_AND_DEPOSIT)
    rate = {"maintenance_margin_rate": "0.005", "taker_fee_rate": "0.001"}
    added = position_figures(model, held(added="9.99", **rate))  # type: ignore[arg-type]
    assert added.maintenance_margin == D("0.5") + D(100 + 10 + 10) * D("0.001")
    given = position_figures(model, held(collateral="19.99", added="9.99", **rate))  # type: ignore[arg-type]
    assert given.maintenance_margin == D("0.5") + D("119.99") * D("0.001")


def test_a_reported_fee_needs_what_it_is_reckoned_on() -> None:
    model = on_entry(maintenance_reported_fee=ReportedFee.ON_VALUE_AND_MARGIN)
    bare = position_figures(model, held(leverage=None, maintenance_margin_rate="0.01", taker_fee_rate="0.001"))
    assert bare.maintenance_margin == D(1)
    model = on_entry(maintenance_reported_fee=ReportedFee.AT_BANKRUPTCY)
    bare = position_figures(model, held(leverage=None, maintenance_margin_rate="0.01", taker_fee_rate="0.001"))
    assert bare.maintenance_margin == D(1)


def test_nothing_is_left_to_pay_a_fee_on_when_margin_exceeds_the_value() -> None:
    found = position_figures(tiered(), held(collateral="150", maintenance_margin_rate="0.01", taker_fee_rate="0.001"))
    assert found.fee_to_close == 0


def test_an_isolated_wallet_stands_for_the_margin_posted() -> None:
    found = position_figures(tiered(), held(leverage=None, wallet="10", added="2", maintenance_margin_rate="0"))
    assert found.margin == D(12)
    assert found.liquidation_price == D(88)
    assert position_figures(tiered(), held(wallet="10", maintenance_margin_rate="0")).margin == D(10)


def test_values_may_be_rounded_before_they_are_subtracted() -> None:
    # KuCoin inverse: cost up, mark value down, at eight decimals
    model = on_entry(value_places=8)
    found = position_figures(
        model,
        held(
            "short",
            size="20",
            entry="7508.22",
            mark="7947.83",
            leverage="1",
            contract_type=INVERSE,
            maintenance_margin_rate="0.005",
        ),
    )
    assert found.unrealized_pnl == D("0.00251641") - D("0.00266375")
    unmarked = position_figures(
        model,
        held("short", size="20", entry="7508.22", leverage="2", contract_type=INVERSE, maintenance_margin_rate="0.005"),
    )
    assert unmarked.notional == D("0.00266375")


def test_money_is_cut_at_the_venues_decimals() -> None:
    found = position_figures(
        tiered(money_places=8), held(size="0.01", entry="44525.0", mark="45464.1735922", maintenance_margin_rate="0.01")
    )
    assert (found.notional, found.unrealized_pnl) == (D("454.64173592"), D("9.39173592"))


def test_one_more_unit_of_margin_moves_the_price_by_the_rate_of_the_rung_at_that_price() -> None:
    prices = []
    for collateral in ("540000", "540001"):
        found = position_figures(tiered(), held(size="6000", collateral=collateral, tiers=LADDER))
        assert (found.tier, found.tier_at_liquidation) == (3, 2)
        assert found.liquidation_price is not None
        prices.append(found.liquidation_price)
    assert found.liquidation_price_per_margin is not None
    assert abs(prices[1] - prices[0] - found.liquidation_price_per_margin) < D("1e-40")
    assert abs(found.liquidation_price_per_margin + 1 / (D("0.995") * 6000)) < D("1e-40")


def test_margin_does_not_move_a_price_that_a_jump_of_the_ladder_holds() -> None:
    tiers = rungs(("0", "1000", "0.01", "50"), ("1000", "2000", "0.09", "10"))
    model = tiered(ladder=LadderKind.STEP)
    for added in ("90", "100"):
        found = position_figures(model, held("short", size="9", leverage="10", added=added, tiers=tiers))
        assert found.liquidation_price == D(1000) / 9
        assert found.liquidation_price_per_margin is None
    free = position_figures(model, held("short", size="9", leverage="10", tiers=tiers))
    assert free.liquidation_price_per_margin == 1 / (D("1.01") * 9)


def test_a_negative_price_is_printed_for_linear_longs_alone() -> None:
    model = tiered(maintenance_basis=ValueBasis.FROZEN_MARK, prints_negative_prices=True)
    free = held(size="10", collateral="2000", maintenance_margin_rate="0.005")
    assert position_figures(model, free).printed_price == D("-99.5")
    inverse = held("short", size="10", collateral="2000", contract_type=INVERSE, maintenance_margin_rate="0.005")
    found = position_figures(model, inverse)
    assert (found.liquidation, found.printed_price) == (LiquidationState.NEVER, None)
    assert position_figures(tiered(prints_negative_prices=True), free).printed_price == -1000 / (D("0.995") * 10)


def test_a_negative_price_is_where_equity_is_what_is_required_and_the_fee_of_closing() -> None:
    model = tiered(prints_negative_prices=True, close_fee=CloseFee.TAKER)
    free = held(collateral="150", maintenance_margin_rate="0.01", taker_fee_rate="0.001")
    # 150 + (P - 100) = 0.01 P + 0.001 P
    assert position_figures(model, free).printed_price == D(-50) / D("0.989")
    one_rung = held(collateral="150", tiers=rungs(("0", "500", "0.01", "50")), taker_fee_rate="0.001")
    assert position_figures(model, one_rung).printed_price == D(-50) / D("0.989")


def test_the_next_funding_that_is_held_back_is_maintenance_margin_of_the_side_that_pays_it() -> None:
    model = on_entry(funding_reserve=True)
    for side, required in (("long", D("0.6")), ("short", D("0.5"))):
        found = position_figures(model, held(side, mark="100", maintenance_margin_rate="0.005", funding_rate="0.001"))
        assert (found.maintenance_margin, found.margin_ratio) == (required, required / 10)


def test_the_rung_of_a_requirement_on_the_entry_value_is_that_at_liquidation_too() -> None:
    assert position_figures(on_entry(), held(size="600", tiers=LADDER)).tier_at_liquidation == 2


def test_margin_is_the_value_divided_by_the_leverage_to_the_last_digit() -> None:
    model = tiered(money_places=8)
    for side in ("long", "short"):
        found = position_figures(model, held(side, size="300", leverage="3", maintenance_margin_rate="0.004"))
        assert (found.initial_margin, found.margin) == (D(10000), D(10000))


def test_a_rung_that_takes_all_that_is_earned_is_left_for_the_one_below() -> None:
    tiers = rungs(("0", "1000", "0.1", "10"), ("1000", None, "1", "1"))
    found = position_figures(tiered(), held(size="12", collateral="900", tiers=tiers))
    # v - 300 = 0.1 v
    assert found.liquidation is LiquidationState.PRICE
    assert found.liquidation_price is not None
    assert abs(found.liquidation_price * 12 - D(300) / D("0.9")) < D("1e-40")
    alone = rungs(("0", None, "1", "1"))
    assert position_figures(tiered(), held(size="12", collateral="1201", tiers=alone)).liquidation == "never"


def test_a_printed_price_behind_the_mark_price_is_a_liquidation_already() -> None:
    model = tiered(liquidation_rounding=PriceRounding.TOWARD_ENTRY, maintenance_basis=ValueBasis.ENTRY)
    terms = {"maintenance_margin_rate": "0.0111", "tick_size": "0.5"}
    for side, passed, ahead in (("long", "91.2", "91.6"), ("short", "108.7", "108.4")):
        already = position_figures(model, held(side, size="10", mark=passed, **terms))
        assert (already.liquidation, already.liquidation_price) == (LiquidationState.ALREADY, None)
        assert position_figures(model, held(side, size="10", mark=ahead, **terms)).liquidation == "price"


def test_a_margin_call_that_is_passed_has_no_price() -> None:
    tiers = rungs(("0", "10000", "0.05", "20"), ("10000", None, "0.06", "16"))
    model = tiered(margin_call_ratio=D(3), margin_ratio_form=MarginRatioForm.EQUITY_OVER_REQUIREMENT)
    called = position_figures(model, held(size="100", collateral="700", mark="100", tiers=tiers))
    assert (called.liquidation, called.margin_call_price) == (LiquidationState.PRICE, None)
    sound = position_figures(model, held(size="100", collateral="7000", mark="100", tiers=tiers))
    assert sound.margin_call_price is not None


@pytest.mark.parametrize("side", ["long", "short"])
@pytest.mark.parametrize("kind", [LINEAR, INVERSE])
@pytest.mark.parametrize(("name", "basis"), [("collateral", CloseFeeBasis.PRICE), ("wallet", CloseFeeBasis.BANKRUPTCY)])
def test_what_margin_moves_counts_the_fee_that_moves_with_it(
    side: str, kind: ContractType, name: str, basis: CloseFeeBasis
) -> None:
    model = tiered(
        close_fee=CloseFee.TAKER, close_fee_basis=basis, posted_margin_bears_fee=True, bankruptcy_bears_fee=True
    )
    size, margin, step = ("5", D(100), D("1e-9")) if kind is LINEAR else ("500", D(1), D("1e-9"))
    fee = {"taker_fee_rate": "0.002", "maintenance_margin_rate": "0.01", "contract_type": kind}
    one, more = (
        position_figures(model, held(side, size=size, mark="100", cross=name == "wallet", **{name: amount}, **fee))
        for amount in (margin, margin + step)
    )
    assert one.liquidation_price is not None
    assert more.liquidation_price is not None
    assert one.liquidation_price_per_margin is not None
    moved = (more.liquidation_price - one.liquidation_price) / step
    assert abs(moved / one.liquidation_price_per_margin - 1) < D("1e-6")
