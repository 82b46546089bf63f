"""What must hold of every position, whatever its numbers."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import assume, given
from hypothesis import strategies as st

from data.facts.margin_models import CloseFee, LadderKind, TieredMargin
from data.facts.vocabulary import ContractType, Side
from rules.margin.figures import position_figures
from rules.margin.position import HeldPosition, LiquidationState, PositionFigures, PositionTerms
from rules.margin.rates import rates_of
from rules.margin.solve import requirement_at
from tests.margin.building import INVERSE, LINEAR, VALUE, held, on_entry, rungs, tiered

D = Decimal
CLOSE = D("1e-30")
"""Fifty digits are computed with; sums of a few of them agree to more than thirty."""

prices = st.decimals("0.01", "100000", places=2, allow_nan=False)
sizes = st.decimals("0.001", "1000", places=3, allow_nan=False)
leverages = st.integers(2, 60)
rates = st.decimals("0.001", "0.012", places=4, allow_nan=False)
sides = st.sampled_from(["long", "short"])
kinds = st.sampled_from([LINEAR, INVERSE])
models = st.sampled_from([tiered(), on_entry(), tiered(close_fee=CloseFee.TAKER)])
widths = st.lists(st.integers(100, 10**6), min_size=2, max_size=6)
steps_of_rate = st.lists(st.decimals("0.001", "0.02", places=4, allow_nan=False), min_size=6, max_size=6)


def near(one: Decimal, other: Decimal, scale: Decimal) -> bool:
    return abs(one - other) <= CLOSE * max(D(1), abs(scale))


def ladder(spans: list[int], increments: list[Decimal]) -> PositionTerms:
    floor, rate, rows = 0, D("0.002"), []
    for width, step in zip(spans, increments, strict=False):
        rows.append((str(floor), str(floor + width), str(rate), "100"))
        floor, rate = floor + width, rate + step
    last = (rows[-1][0], None, rows[-1][2], rows[-1][3])
    return PositionTerms(tiers=rungs(*rows[:-1], last, amounts=True), ladder_unit=VALUE)


def figures(model: TieredMargin, position: HeldPosition) -> PositionFigures:
    return position_figures(model, position)


def equity_at(position: HeldPosition, margin: Decimal, price: Decimal) -> Decimal:
    s = 1 if position.side is Side.LONG else -1
    if position.terms.contract_type is ContractType.INVERSE:
        return margin + s * position.size * (1 / position.entry_price - 1 / price)
    return margin + s * position.size * (price - position.entry_price)


@given(models, prices, sizes, leverages, rates, kinds)
def test_a_long_is_liquidated_below_its_entry_and_a_short_above(
    model: TieredMargin, entry: Decimal, size: Decimal, leverage: int, rate: Decimal, kind: ContractType
) -> None:
    assume(D(1) / leverage > rate * 2)
    for side in ("long", "short"):
        position = held(
            side,
            size=size,
            entry=entry,
            leverage=str(leverage),
            contract_type=kind,
            maintenance_margin_rate=rate,
            taker_fee_rate=D("0.0005"),
        )
        found = figures(model, position)
        assert found.liquidation is LiquidationState.PRICE
        assert found.liquidation_price is not None
        assert (found.liquidation_price < entry) is (side == "long")
        assert found.distance_in_price is not None
        assert found.distance_in_price > 0


@given(models, prices, sizes, st.integers(2, 40), rates, kinds, sides)
def test_more_leverage_brings_the_liquidation_price_nearer(
    model: TieredMargin, entry: Decimal, size: Decimal, leverage: int, rate: Decimal, kind: ContractType, side: str
) -> None:
    assume(D(1) / (leverage + 1) > rate * 2)
    near_, far = (
        figures(
            model,
            held(side, size=size, entry=entry, leverage=str(chosen), contract_type=kind, maintenance_margin_rate=rate),
        ).distance_in_price
        for chosen in (leverage + 1, leverage)
    )
    assert near_ is not None
    assert far is not None
    assert near_ < far


@given(models, prices, sizes, leverages, rates, kinds, sides)
def test_equity_at_the_liquidation_price_is_what_is_required_there(
    model: TieredMargin, entry: Decimal, size: Decimal, leverage: int, rate: Decimal, kind: ContractType, side: str
) -> None:
    assume(D(1) / leverage > rate * 2)
    position = held(
        side,
        size=size,
        entry=entry,
        leverage=str(leverage),
        contract_type=kind,
        maintenance_margin_rate=rate,
        taker_fee_rate=D("0.0005"),
    )
    found = figures(model, position)
    assert found.liquidation_price is not None
    assert found.margin is not None
    there = size / found.liquidation_price if kind is INVERSE else size * found.liquidation_price
    value = found.position_value if model.maintenance_basis == "entry" else there
    fee = there * D("0.0005") if model.close_fee is CloseFee.TAKER else D(0)
    equity = equity_at(position, found.margin, found.liquidation_price)
    assert near(equity, value * rate + fee, scale=found.position_value)


@given(prices, sizes, leverages, widths, steps_of_rate, sides, kinds)
def test_the_rung_that_counts_is_the_one_at_the_liquidation_price(
    entry: Decimal,
    size: Decimal,
    leverage: int,
    spans: list[int],
    increments: list[Decimal],
    side: str,
    kind: ContractType,
) -> None:
    given_terms = ladder(spans, increments)
    fields = {name: getattr(given_terms, name) for name in given_terms.__struct_fields__}
    position = held(
        side, size=size, entry=entry, leverage=str(leverage), terms=PositionTerms(**{**fields, "contract_type": kind})
    )
    model = tiered()
    found = figures(model, position)
    assume(found.liquidation is LiquidationState.PRICE)
    assert found.liquidation_price is not None
    assert found.margin is not None
    there = size / found.liquidation_price if kind is INVERSE else size * found.liquidation_price
    rates = rates_of(model, position, found.position_value, there)
    equity = equity_at(position, found.margin, found.liquidation_price)
    assert near(equity, requirement_at(there, rates, D(0)), scale=found.position_value)
    holding = [tier for tier in given_terms.tiers if tier.tier == found.tier_at_liquidation]
    assert holding[0].floor <= there * (1 + CLOSE)
    assert holding[0].cap is None or there <= holding[0].cap * (1 + CLOSE)


@given(widths, steps_of_rate)
def test_marginal_maintenance_has_no_jump_at_a_boundary(spans: list[int], increments: list[Decimal]) -> None:
    given_terms = ladder(spans, increments)
    for tier in given_terms.tiers[1:]:
        below, above = (
            figures(tiered(), held(size=size, entry="1", terms=given_terms)).maintenance_margin
            for size in (tier.floor, tier.floor + D("1e-12"))
        )
        assert below is not None
        assert above is not None
        assert 0 <= above - below <= D("1e-12")


@given(widths, steps_of_rate)
def test_step_maintenance_jumps_at_a_boundary_by_the_whole_position(
    spans: list[int], increments: list[Decimal]
) -> None:
    given_terms = ladder(spans, increments)
    model = tiered(ladder=LadderKind.STEP)
    for lower, upper in zip(given_terms.tiers, given_terms.tiers[1:], strict=False):
        at, beyond = (
            figures(model, held(size=size, entry="1", terms=given_terms)).maintenance_margin
            for size in (upper.floor, upper.floor + D("1e-12"))
        )
        assert at is not None
        assert beyond is not None
        assert lower.maintenance_margin_rate is not None
        assert upper.maintenance_margin_rate is not None
        jump = upper.floor * (upper.maintenance_margin_rate - lower.maintenance_margin_rate)
        assert abs(beyond - at - jump) <= D("1e-12")


@given(models, prices, sizes, leverages, rates, kinds, sides)
def test_bankruptcy_lies_beyond_liquidation(
    model: TieredMargin, entry: Decimal, size: Decimal, leverage: int, rate: Decimal, kind: ContractType, side: str
) -> None:
    assume(D(1) / leverage > rate * 2)
    found = figures(
        model,
        held(
            side,
            size=size,
            entry=entry,
            leverage=str(leverage),
            contract_type=kind,
            maintenance_margin_rate=rate,
            taker_fee_rate=D("0.0005"),
        ),
    )
    assert found.liquidation_price is not None
    assert found.bankruptcy_price is not None
    if side == "long":
        assert found.bankruptcy_price < found.liquidation_price
    else:
        assert found.bankruptcy_price > found.liquidation_price


@given(models, prices, sizes, leverages, rates, sides)
def test_an_inverse_position_is_the_linear_one_of_the_other_side_at_the_reciprocal_price(
    model: TieredMargin, entry: Decimal, size: Decimal, leverage: int, rate: Decimal, side: str
) -> None:
    assume(D(1) / leverage > rate * 2)
    other = "short" if side == "long" else "long"
    inverse = figures(
        model,
        held(
            side,
            size=size,
            entry=entry,
            leverage=str(leverage),
            contract_type=INVERSE,
            maintenance_margin_rate=rate,
            taker_fee_rate=D("0.0005"),
        ),
    )
    linear = figures(
        model,
        held(
            other,
            size=size,
            entry=1 / entry,
            leverage=str(leverage),
            maintenance_margin_rate=rate,
            taker_fee_rate=D("0.0005"),
        ),
    )
    assert inverse.liquidation_price is not None
    assert linear.liquidation_price is not None
    assert abs(inverse.liquidation_price * linear.liquidation_price - 1) < D("1e-24")
    assert inverse.maintenance_margin is not None
    assert linear.maintenance_margin is not None
    assert abs(inverse.maintenance_margin - linear.maintenance_margin) <= D("1e-24") * linear.position_value


@given(models, prices, st.decimals("0.001", "10", places=3, allow_nan=False), leverages, rates, sides, kinds)
def test_within_a_rung_prices_do_not_depend_on_size_and_money_grows_with_it(
    model: TieredMargin, entry: Decimal, size: Decimal, leverage: int, rate: Decimal, side: str, kind: ContractType
) -> None:
    assume(D(1) / leverage > rate * 2)
    small, large = (
        figures(
            model,
            held(
                side, size=chosen, entry=entry, leverage=str(leverage), contract_type=kind, maintenance_margin_rate=rate
            ),
        )
        for chosen in (size, size * 7)
    )
    assert small.liquidation_price is not None
    assert large.liquidation_price is not None
    assert near(small.liquidation_price, large.liquidation_price, scale=entry)
    assert small.maintenance_margin is not None
    assert large.maintenance_margin is not None
    assert near(small.maintenance_margin * 7, large.maintenance_margin, scale=large.position_value)


@given(prices, sizes, st.integers(2, 40), rates, sides, st.decimals("0.01", "100", places=2, allow_nan=False), kinds)
def test_one_more_unit_of_margin_moves_the_price_as_far_as_said(
    entry: Decimal, size: Decimal, leverage: int, rate: Decimal, side: str, added: Decimal, kind: ContractType
) -> None:
    assume(D(1) / leverage > rate * 2)
    tiny = D("1e-12") * (size / entry if kind is INVERSE else size * entry)
    without, with_ = (
        figures(
            tiered(),
            held(
                side,
                size=size,
                entry=entry,
                leverage=str(leverage),
                contract_type=kind,
                maintenance_margin_rate=rate,
                added=extra,
            ),
        )
        for extra in (D(0), tiny)
    )
    assert without.liquidation_price is not None
    assert with_.liquidation_price is not None
    assert without.liquidation_price_per_margin is not None
    moved = (with_.liquidation_price - without.liquidation_price) / tiny
    assert abs(moved - without.liquidation_price_per_margin) <= abs(without.liquidation_price_per_margin) * D("1e-6")
