"""Hedges on every kind of ladder end where an exact scan says, at a price, never, or by a move in their favour."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, localcontext
from fractions import Fraction

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from data.facts.amounts import ARITHMETIC
from data.facts.margin_models import (
    CloseFee,
    CloseFeeBasis,
    LadderKind,
    MarginRatioForm,
    RequirementModel,
    SlopeMargin,
    ValueBasis,
)
from data.facts.venues import MarginTier
from data.facts.vocabulary import ContractType, Side
from rules.margin.account import AccountFigures, account_figures
from rules.margin.joint_ladder import EVEN, OUTGROWN, OUTWEIGHED
from rules.margin.position import HeldPosition, LiquidationState, price_of, value_of
from tests.margin.building import FACT, INVERSE, LINEAR, half_of_initial, held, rungs, tiered
from tests.margin.oracle import ONE, Oracle

D, F = Decimal, Fraction
CLOSE = F(1, 10**30)

FEE = {"close_fee": CloseFee.TAKER}
models = st.sampled_from(
    [
        tiered(initial_basis=ValueBasis.MARK),
        tiered(ladder=LadderKind.STEP),
        tiered(maintenance_basis=ValueBasis.ENTRY),
        tiered(**FEE),
        tiered(**FEE, ladder=LadderKind.STEP),
        tiered(**FEE, close_fee_basis=CloseFeeBasis.FROZEN_MARK),
        tiered(**FEE, close_fee_basis=CloseFeeBasis.BANKRUPTCY, bankruptcy_bears_fee=True),
        tiered(margin_call_ratio=D("0.8")),
        tiered(margin_call_ratio=D(3), margin_ratio_form=MarginRatioForm.EQUITY_OVER_REQUIREMENT),
        half_of_initial(),
    ]
)
widths = st.lists(st.integers(1000, 10**6), min_size=1, max_size=6)
increments = st.lists(st.decimals("0.001", "0.1", places=4), min_size=6, max_size=6)
kinds = st.sampled_from([LINEAR, INVERSE])
legs = st.lists(
    st.tuples(
        st.sampled_from(["long", "short"]),
        st.decimals("1", "20000", places=1),
        st.decimals("85", "115", places=1),
    ),
    min_size=2,
    max_size=4,
)


def ladder(spans: list[int], steps: list[Decimal], kind: ContractType) -> tuple[MarginTier, ...]:
    """A ladder whose last rung is open; an inverse contract's counts coins, of which a position is a hundredth."""
    floor, rate, rows = D(0), D("0.002"), []
    for width, step in zip(spans, steps, strict=False):
        cap = floor + (D(width) / 10000 if kind is INVERSE else width)
        rows.append((str(floor), str(cap), str(rate), str(1 / (2 * rate))))
        floor, rate = cap, rate + step
    rows.append((str(floor), None, str(rate), str(1 / (2 * rate))))  # type: ignore[arg-type]
    return rungs(*rows)


def one_of_a_side(positions: list[HeldPosition]) -> list[HeldPosition]:
    """The positions as a venue keeps them: on each side one, of all sizes at their average entry price."""
    kept = []
    with localcontext(ARITHMETIC):
        for side in Side:
            rows = [one for one in positions if one.side is side]
            if rows:
                kind = rows[0].terms.contract_type
                size = sum((one.size for one in rows), D(0))
                value = sum((value_of(one.size, one.entry_price, kind) for one in rows), D(0))
                kept.append(replace(rows[0], size=size, entry_price=price_of(size, value, kind)))
    return kept


def agree(told: Decimal | None, true: Fraction | None) -> bool:
    if told is None or true is None:
        return told is true
    return abs(F(told) - true) <= CLOSE * true


@settings(deadline=None)
@given(
    models,
    widths,
    increments,
    kinds,
    legs,
    st.decimals("1.01", "12", places=2),
    st.sampled_from([D("0"), D("0.0006"), D("0.002")]),
)
def test_a_hedge_is_liquidated_where_an_exact_scan_of_both_ladders_says(
    model: RequirementModel,
    spans: list[int],
    steps: list[Decimal],
    kind: ContractType,
    stated: list[tuple[str, Decimal, Decimal]],
    covered: Decimal,
    fee: Decimal,
) -> None:
    tiers = ladder(spans, steps, kind)
    positions = [
        held(side, size=size, entry=entry, mark="100", cross=True, leverage=None, symbol="X", tiers=tiers,
             contract_type=kind, taker_fee_rate=fee)
        for side, size, entry in stated
    ]  # fmt: skip
    kept = one_of_a_side(positions)
    probe = Oracle(model, kept, D(0), D(100))
    needed = probe.required(probe.now, probe.now) - probe.equity(probe.now)
    assume(needed > 0)
    wallet = D(round(needed * 10**6)) / 10**6 * covered
    oracle = Oracle(model, kept, wallet, D(100))
    assume(oracle.left(oracle.now, oracle.now, ONE) > 0)
    found = account_figures([(model, one) for one in positions], wallet)
    both_sides = len({one.side for one in positions}) > 1
    for one, told in zip(positions, found.positions, strict=True):
        g = oracle.sign(one)
        if g * oracle.net <= 0:
            assert told.liquidation is None
            assert (OUTWEIGHED if oracle.net else EVEN) in told.approximations
            continue
        against = oracle.end(down=oracle.net > 0, scale=ONE)
        other = oracle.end(down=False, scale=ONE) if oracle.net > 0 and both_sides else None
        prices = [None if x is None else oracle.price(x) for x in (against, other)]
        if other is not None:
            assert any(words.startswith(OUTGROWN.partition("{")[0]) for words in told.approximations)
        if other is not None and against is None:
            assert (told.liquidation, told.liquidation_price) == (None, None)
        elif against is None:
            assert told.liquidation is LiquidationState.NEVER
        else:
            assert told.liquidation is LiquidationState.PRICE
            assert agree(told.liquidation_price, prices[0])
            nearest = min(abs(price - 100) for price in prices if price is not None)
            assert agree(told.distance_in_price, nearest)
            _called_where_the_oracle_says(model, oracle, told.margin_call_price)


def _called_where_the_oracle_says(model: RequirementModel, oracle: Oracle, told: Decimal | None) -> None:
    if model.margin_call_ratio is None:
        assert told is None
        return
    ratio: Callable[[Fraction], Fraction] = (
        (lambda one: one)
        if model.margin_ratio_form is MarginRatioForm.EQUITY_OVER_REQUIREMENT
        else (lambda one: 1 / one)
    )
    scale = ratio(F(model.margin_call_ratio))
    if oracle.left(oracle.now, oracle.now, scale) <= 0:
        assert told is None
        return
    called = oracle.end(down=oracle.net > 0, scale=scale)
    assert agree(told, None if called is None else oracle.price(called))


@pytest.mark.parametrize(("sizes", "wallet"), [(("1000000", "400000"), "3"), (("400000", "1000000"), "2")])
@pytest.mark.parametrize("per_coin", ["0.00005", "0"])
def test_a_hedge_whose_rates_rise_with_its_coins_ends_where_it_has_what_it_requires(
    sizes: tuple[str, str], wallet: str, per_coin: str
) -> None:
    """At the price told, valued afresh, the account has exactly what it requires."""
    model = SlopeMargin(**{**FACT, "initial_basis": ValueBasis.MARK, "maintenance_basis": ValueBasis.MARK}, slopes=())

    def at(mark: str) -> AccountFigures:
        rates = {"base_rate": "0.02", "maintenance_base_rate": "0.01", "rate_per_coin": per_coin}
        sides = zip(("long", "short"), sizes, strict=True)
        return account_figures(
            [
                (model, held(side, size=size, entry="50000", mark=mark, cross=True, leverage=None, symbol="X",
                             contract_type=INVERSE, **rates))
                for side, size in sides
            ],
            D(wallet),
        )  # fmt: skip

    ends = [one.liquidation_price for one in at("50000").positions if one.liquidation is LiquidationState.PRICE]
    assert len(ends) == 1
    assert ends[0] is not None
    ratio = at(str(ends[0])).totals.margin_ratio
    assert ratio is not None
    assert abs(ratio - 1) < D("1e-20")
