"""Positions in several instruments of one underlying: valued afresh at the ends told, the account has what it needs."""

from __future__ import annotations

from decimal import Decimal, localcontext

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from data.facts.amounts import ARITHMETIC
from data.facts.margin_models import (
    CloseFee,
    CloseFeeBasis,
    InterestAccrual,
    LadderKind,
    MarginLevel,
    RequirementModel,
    ValueBasis,
)
from data.facts.vocabulary import ContractType
from rules.margin.account import account_figures
from rules.margin.one_underlying import Ends, ends_together, told_still
from rules.margin.position import HeldPosition, LadderUnit
from tests.margin.building import FACT, INVERSE, half_of_initial, held, rungs, tiered
from tests.margin.test_hedged_properties import ladder

D = Decimal
LINEAR = ContractType.LINEAR
HAIR = D("1e-9")

FEE = {"close_fee": CloseFee.TAKER}
models = st.sampled_from(
    [
        tiered(),
        tiered(ladder=LadderKind.STEP),
        tiered(maintenance_basis=ValueBasis.ENTRY),
        tiered(**FEE),
        tiered(**FEE, maintenance_basis=ValueBasis.FROZEN_MARK, close_fee_basis=CloseFeeBasis.FROZEN_MARK),
        half_of_initial(),
    ]
)
legs = st.lists(
    st.tuples(
        st.sampled_from(["X", "Y", "Z"]),
        st.sampled_from(["long", "short"]),
        st.decimals("1", "20000", places=1),
        st.decimals("85", "115", places=1),
    ),
    min_size=2,
    max_size=4,
)
MARKS = {"X": D(100), "Y": D("0.104"), "Z": D("97.5")}
"""Today's; one counts thousands, as some venues do."""


def stands(model: RequirementModel, positions: list[HeldPosition], wallet: Decimal, move: Decimal) -> bool:
    """Say whether an account has more than it requires once every mark price has moved to `move` times its own."""
    moved = [replace(one, mark_price=(one.mark_price or D(0)) * move) for one in positions]
    totals = account_figures([(model, one) for one in moved], wallet).totals
    return totals.margin_ratio is not None and totals.margin_ratio < 1


@settings(deadline=None)
@given(
    models,
    st.lists(st.integers(1000, 10**6), min_size=1, max_size=4),
    st.lists(st.decimals("0.001", "0.1", places=4), min_size=4, max_size=4),
    st.sampled_from([LINEAR, INVERSE]),
    st.sampled_from([LadderUnit.VALUE, LadderUnit.SIZE]),
    legs,
    st.decimals("1.01", "12", places=2),
)
def test_an_account_valued_afresh_stands_before_the_ends_told_and_not_behind_them(
    model: RequirementModel,
    spans: list[int],
    steps: list[Decimal],
    kind: ContractType,
    unit: LadderUnit,
    stated: list[tuple[str, str, Decimal, Decimal]],
    covered: Decimal,
) -> None:
    tiers = ladder(spans, steps, kind)
    seen: set[tuple[str, str]] = set()
    positions = []
    for symbol, side, size, entry in stated:
        if (symbol, side) not in seen:
            seen.add((symbol, side))
            mark = MARKS[symbol]
            positions.append(
                held(side, size=size * 100 / mark if kind is LINEAR else size, entry=entry * mark / 100, mark=mark,
                     cross=True, leverage=None, symbol=symbol, base="C", tiers=tiers, contract_type=kind,
                     ladder_unit=unit, taker_fee_rate=D("0.0006"))
            )  # fmt: skip
    now = account_figures([(model, one) for one in positions], D(0)).totals
    assume(now.maintenance_margin is not None)
    assert now.maintenance_margin is not None
    short = now.maintenance_margin - now.unrealized_pnl
    assume(short > 0)
    wallet = round(short * covered * D("1.2"), 8)
    assume(stands(model, positions, wallet, D(1)))
    with localcontext(ARITHMETIC):
        ends = ends_together([(model, one) for one in positions], equity=wallet, required=D(0))
    assert ends is not None
    assert not ends.already
    first = positions[0].mark_price or D(0)
    for end, away in ((ends.lower, -1), (ends.upper, 1)):
        if end is None:
            assert stands(model, positions, wallet, D("0.01") if away < 0 else D(100))
        else:
            assert stands(model, positions, wallet, end / first * (1 - away * HAIR))
            assert not stands(model, positions, wallet, end / first * (1 + away * HAIR))


@pytest.mark.parametrize("bears", [False, True])
@pytest.mark.parametrize(("kind", "wallet"), [(LINEAR, "30"), (INVERSE, "0.003")])
def test_a_fee_at_the_bankruptcy_price_counts_as_in_one_instrument(
    kind: ContractType, wallet: str, bears: bool
) -> None:
    model = tiered(**FEE, close_fee_basis=CloseFeeBasis.BANKRUPTCY, bankruptcy_bears_fee=bears)
    tiers = rungs(("0", None, "0.01", "50"))
    pair = [
        held(size=size, cross=True, mark="100", symbol="X", tiers=tiers, contract_type=kind, taker_fee_rate=D("0.001"))
        for size in ("1", "0.5")
    ]
    alone = account_figures([(model, one) for one in pair], D(wallet)).positions[0].liquidation_price
    with localcontext(ARITHMETIC):
        ends = ends_together([(model, one) for one in pair], equity=D(wallet), required=D(0))
    assert ends is not None
    assert ends.lower is not None
    assert alone is not None
    assert abs(ends.lower - alone) < D("1e-30")


def test_what_is_said_beside_a_price_names_the_others_and_where_the_account_ends_with_them() -> None:
    tiers = rungs(("0", None, "0.01", "50"))
    long = held(size="1", cross=True, mark="100", symbol="X", base="C", tiers=tiers)
    other = held(size="9", cross=True, mark="100", symbol="Y", base="C", tiers=tiers)
    elsewhere = held(size="1", cross=True, mark="100", symbol="E", base="D", tiers=tiers)
    told = told_still([(tiered(), one) for one in (long, other, elsewhere)], D(109))
    # 109 - 1 of what stands still + 10 (P - 100) = 0.01 * 10 P
    assert set(told) == {"X", "Y"}
    assert told["X"].startswith("positions in Y, of the same underlying, are held still, as the venue does")
    assert told["X"].endswith("the account is liquidated at 90.1010101")
    more = held(size="2", entry="90", cross=True, mark="100", symbol="F", base="E", tiers=tiers)
    beside = told_still([(tiered(), one) for one in (long, other, elsewhere, more)], D(91))
    assert beside["X"] == told["X"]
    assert not told_still([(tiered(), one) for one in (long, elsewhere)], D(109))
    inverse = held(size="9", cross=True, mark="100", symbol="Y", base="C", tiers=tiers, contract_type=INVERSE)
    assert not told_still([(tiered(), one) for one in (long, inverse)], D(109))
    ended = told_still([(tiered(), one) for one in (long, other)], D(10))
    assert ended["X"].endswith("where they have moved along, the account is liquidated already")


def test_positions_judged_by_a_level_end_where_equity_is_that_share_of_what_they_use() -> None:
    level = MarginLevel(
        **FACT,
        call_level=None,
        close_level=D("0.4"),
        short_used_margin_floats=True,
        interest_accrual=InterestAccrual.OPENING_AND_ROLLOVER,
    )
    pair = [(level, held(size="1", mark="100", leverage="5", symbol=one, base="C")) for one in "XY"]
    # 20 + 2 (P - 100) is 0.4 of 40
    assert ends_together(pair, equity=D(20), required=D(0)) == Ends(lower=D(98), upper=None)
    assert ends_together(pair, equity=D(16), required=D(0)) == Ends(already=True)


def test_an_account_without_what_its_positions_require_has_ended_already() -> None:
    tiers = rungs(("0", None, "0.01", "50"))
    pair = [(tiered(), held(size="1", cross=True, mark="100", symbol=one, base="C", tiers=tiers)) for one in "XY"]
    assert ends_together(pair, equity=D(2), required=D(0)) == Ends(already=True)
    unknown = (tiered(), held(size="1", cross=True, mark="100", symbol="Z", base="C"))
    assert ends_together([*pair, unknown], equity=D(50), required=D(0)) is None
    even = [pair[0], (tiered(), replace(pair[1][1], side=held("short").side))]
    ends = ends_together(even, equity=D(4), required=D(0))
    # equity stays 4; 0.01 * 2 P is that at 200
    assert ends == Ends(lower=None, upper=D(200))
