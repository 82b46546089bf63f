"""A trade beside what is held of its instrument: one side is one position, the other moves against it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from data.facts.margin_models import LadderKind, ValueBasis
from data.facts.vocabulary import Side
from rules.margin.beside_held import BY_ITSELF, MARGIN_UNKNOWN, joined_figures
from rules.margin.figures import NOTHING_ELSE, position_figures
from rules.margin.margins import Valuation
from rules.margin.position import HeldPosition, LiquidationState, PositionFigures, Rest
from tests.margin.building import INVERSE, LADDER, held, tiered

D = Decimal
MODEL = tiered(initial_basis=ValueBasis.MARK)
TERMS = {"symbol": "BTCUSDT", "tiers": LADDER}


def leg(side: str, size: str | Decimal, entry: str | Decimal, **given: Any) -> HeldPosition:
    return held(side, size=size, entry=entry, **{"cross": True, "mark": "100", **TERMS, **given})


def joined(own: HeldPosition, *more: HeldPosition, rest: Rest = NOTHING_ELSE) -> PositionFigures:
    return joined_figures(MODEL, own, position_figures(MODEL, own, rest), more, rest)


def left_at(price: Decimal, wallet: Decimal, *legs: HeldPosition) -> Decimal:
    """Return equity less maintenance with every leg at `price`, those on each side as one position."""
    left = wallet
    for side in Side:
        some = [one for one in legs if one.side is side]
        if not some:
            continue
        size = sum((one.size for one in some), D(0))
        entry = sum((one.size * one.entry_price for one in some), D(0)) / size
        there = Valuation(MODEL, leg(side.value, size, entry, mark=price))
        required = there.requirement()
        assert required is not None
        left += there.pnl - required
    return left


sizes = st.decimals(D("0.1"), D(300), places=2)
entries = st.decimals(D(60), D(140), places=2)


@given(sizes, entries, sizes, entries, st.sampled_from(("long", "short")), st.decimals(D(10), D(9000), places=0))
def test_at_the_price_the_whole_of_one_side_has_what_it_requires(
    size: Decimal, entry: Decimal, more: Decimal, earlier: Decimal, side: str, wallet: Decimal
) -> None:
    own, before = leg(side, size, entry, wallet=wallet), leg(side, more, earlier)
    found = joined(own, before)
    if found.liquidation is LiquidationState.PRICE and found.liquidation_price is not None:
        if not any("last rung" in words for words in found.approximations):
            assert abs(left_at(found.liquidation_price, wallet, own, before)) < D("1e-30")
    elif found.liquidation is LiquidationState.ALREADY:
        assert left_at(D(100), wallet, own, before) <= 0
    else:
        assert left_at(D("0.0001"), wallet, own, before) > 0


@given(sizes, entries, st.decimals(D("0.01"), D("0.9"), places=2), entries, st.sampled_from(("long", "short")))
def test_a_smaller_leg_on_the_other_side_moves_against_it(
    size: Decimal, entry: Decimal, share: Decimal, earlier: Decimal, side: str
) -> None:
    flat = {"tiers": (), "maintenance_margin_rate": "0.01"}
    other = "short" if side == "long" else "long"
    own = leg(side, size, entry, wallet=size * 50, **flat)
    against = leg(other, size * share, earlier, **flat)
    found = joined(own, against)
    if found.liquidation_price is not None:
        price = found.liquidation_price
        g = 1 if side == "long" else -1
        equity = size * 50 + g * size * (price - entry) - g * size * share * (price - earlier)
        assert abs(equity - D("0.01") * price * size * (1 + share)) < D("1e-30") * max(equity, D(1))


def test_what_others_earn_and_require_counts_beside_a_leg_on_the_other_side() -> None:
    rate = {"maintenance_margin_rate": D("0.01")}
    own, other = leg("long", "4", "100", wallet="50", **rate), leg("short", "1", "100", **rate)
    found = joined(own, other, rest=Rest(unrealized_pnl=D(7), requirement=D(3)))
    # 50 + 7 + 3 (P - 100) = 0.05 P + 3
    assert found.liquidation_price is not None
    assert abs(found.liquidation_price - D(246) / D("2.95")) < D("1e-40")
    assert BY_ITSELF not in found.approximations


def test_what_a_trade_adds_and_what_stays_its_own() -> None:
    own, before = leg("long", "2000", "100", wallet="90000"), leg("long", "1000", "90")
    found, alone = joined(own, before), position_figures(MODEL, own)
    whole, earlier = position_figures(MODEL, leg("long", "3000", D(290000) / 3000)), position_figures(MODEL, before)
    assert found.maintenance_margin is not None
    assert whole.maintenance_margin is not None
    assert earlier.maintenance_margin is not None
    assert alone.maintenance_margin is not None
    assert found.maintenance_margin == whole.maintenance_margin - earlier.maintenance_margin > alone.maintenance_margin
    assert (found.notional, found.initial_margin, found.tier) == (alone.notional, alone.initial_margin, alone.tier)


def test_in_a_ladder_of_slices_a_trade_takes_the_initial_margin_of_the_slices_that_it_adds() -> None:
    model = tiered(initial_ladder=LadderKind.MARGINAL)
    own, before = leg("long", "2000", "100", leverage="100"), leg("long", "1000", "100", leverage="100")
    found = joined_figures(model, own, position_figures(model, own), (before,), NOTHING_ELSE)
    alone, earlier = position_figures(model, own), position_figures(model, before)
    assert (alone.initial_margin, earlier.initial_margin) == (2000, 1000)
    # the slices of the whole ask for 50,000 / 125, 200,000 / 100 and 50,000 / 50, together 3,400
    assert found.initial_margin is not None
    assert round(found.initial_margin, 40) == 3400 - 1000


def test_an_isolated_position_takes_in_what_is_held_with_its_margin() -> None:
    own = leg("long", "1", "100", cross=False, leverage="10")
    before = leg("long", "1", "80", cross=False, leverage="4")
    whole = leg("long", "2", "90", cross=False, collateral="30")
    assert joined(own, before).liquidation_price == position_figures(MODEL, whole).liquidation_price
    posted = leg("long", "1", "80", cross=False, leverage=None, collateral="20")
    assert joined(own, posted).liquidation_price == position_figures(MODEL, whole).liquidation_price


def test_what_cannot_be_taken_in_is_said() -> None:
    own = leg("long", "1", "100", cross=False)
    alone = position_figures(MODEL, own)
    for other in (leg("short", "1", "80", cross=False), leg("long", "1", "80")):
        found = joined(own, other)
        assert found.liquidation_price == alone.liquidation_price
        assert BY_ITSELF in found.approximations
    cross = leg("long", "1", "100", wallet="50")
    assert BY_ITSELF in joined(cross, leg("long", "1", "80", cross=False)).approximations


def test_without_the_margin_of_what_is_held_nobody_knows_where_the_one_position_ends() -> None:
    own = leg("long", "2000", "100", cross=False)
    held = leg("long", "1000", "80", cross=False)
    found, known = joined(own, replace(held, leverage=None)), joined(own, held)
    assert MARGIN_UNKNOWN in found.approximations
    assert found.liquidation is None
    assert (found.liquidation_price, found.bankruptcy_price, found.equity, found.margin_ratio) == (None,) * 4
    assert (found.maintenance_margin, found.initial_margin) == (known.maintenance_margin, known.initial_margin)
    of_no_leverage = joined(replace(own, leverage=None), held)
    assert of_no_leverage.liquidation is None
    assert MARGIN_UNKNOWN not in of_no_leverage.approximations


def test_maintenance_that_is_not_known_stays_unknown() -> None:
    flat = {"tiers": ()}
    found = joined(leg("long", "1", "100", wallet="50", **flat), leg("long", "1", "80", **flat))
    assert (found.maintenance_margin, found.liquidation) == (None, None)


def test_inverse_legs_meet_where_their_coins_add_up() -> None:
    inverse = {"contract_type": INVERSE, "tiers": (), "maintenance_margin_rate": "0.01"}
    own, before = leg("long", "30000", "120", wallet="100", **inverse), leg("long", "10000", "80", **inverse)
    coins = D(30000) / 120 + D(10000) / 80
    whole = leg("long", "40000", D(40000) / coins, wallet="100", **inverse)
    price, expected = joined(own, before).liquidation_price, position_figures(MODEL, whole).liquidation_price
    assert price is not None
    assert expected is not None
    assert abs(price - expected) < D("1e-30")


def test_what_is_held_without_a_mode_has_that_of_the_trade() -> None:
    held = leg("long", "1", "80", cross=False, leverage="4")
    for own in (leg("long", "1", "100", cross=False), leg("long", "1", "100", wallet="50")):
        unsaid = replace(held, margin_mode=None)
        stated = replace(held, margin_mode=own.margin_mode)
        assert joined(own, unsaid) == joined(own, stated)
        assert BY_ITSELF not in joined(own, unsaid).approximations
