"""Position sizes, order books and deleveraging queues."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.facts.margin_models import AdlRanking
from data.facts.vocabulary import Side
from rules.adl.score import Standing, adl_score, effective_leverage, lights_of, rank_of
from rules.calculators.size_from_risk import loss_per_coin, size_for_risk
from rules.depth.book import depth_taken, depth_within, fill, imbalance, mid_price, reached_in_few, thin_zones, walls

D = Decimal
LONG, SHORT = Side.LONG, Side.SHORT
FREE = {"fee_rate": D(0), "slippage": D(0)}
prices = st.decimals("1", "100000", places=2, allow_nan=False)
fractions = st.decimals("0.0005", "0.05", places=4, allow_nan=False)

BIDS = tuple((D(price), D(quantity)) for price, quantity in (("99", "1"), ("98", "2"), ("97", "20"), ("90", "1")))
ASKS = tuple((D(price), D(quantity)) for price, quantity in (("101", "1"), ("102", "2"), ("103", "3")))


@given(prices, fractions, fractions, fractions, fractions, st.sampled_from([LONG, SHORT]))
def test_the_size_for_a_risk_has_that_risk(
    entry: Decimal, distance: Decimal, risk: Decimal, fee: Decimal, slippage: Decimal, side: Side
) -> None:
    stop = entry * (1 - distance) if side is LONG else entry * (1 + distance)
    sizing = size_for_risk(side, D(50000), risk, entry, stop, fee_rate=fee, slippage=slippage)
    assert sizing is not None
    lost = loss_per_coin(side, entry, stop, fee, slippage)
    assert lost is not None
    assert abs(sizing.quantity * lost / 50000 - risk) < D("1e-20")
    assert abs(sizing.loss_at_stop - 50000 * risk) < D("1e-18")


def test_a_bound_that_binds_is_named() -> None:
    free = size_for_risk(LONG, D(50000), D("0.01"), D(62000), D(60500), **FREE)
    assert free is not None
    assert free.bound_by == ()
    assert round(free.notional, 2) == D("20666.67")
    bound = size_for_risk(
        LONG, D(50000), D("0.01"), D(62000), D(60500), caps=(("leverage", D(10000)), ("ladder", D(15000))), **FREE
    )
    assert bound is not None
    assert (bound.notional, bound.bound_by) == (D(10000), ("leverage",))
    assert bound.leverage_needed == D("0.2")


@pytest.mark.parametrize(("side", "stop"), [(LONG, "100"), (LONG, "101"), (SHORT, "100"), (SHORT, "99")])
def test_a_stop_that_is_no_loss_sizes_nothing(side: Side, stop: str) -> None:
    assert loss_per_coin(side, D(100), D(stop), **FREE) is None
    assert size_for_risk(side, D(1000), D("0.01"), D(100), D(stop), **FREE) is None


def test_no_equity_sizes_a_position_that_needs_no_leverage() -> None:
    nothing = size_for_risk(LONG, D(0), D("0.01"), D(100), D(99), **FREE)
    assert nothing is not None
    assert nothing.leverage_needed == 0


def test_a_market_order_walks_the_book() -> None:
    bought = fill(LONG, D(4), BIDS, ASKS)
    assert bought is not None
    assert bought.average_price == (D(101) + 2 * D(102) + D(103)) / 4
    assert (bought.worst_price, bought.filled, bought.unfilled) == (D(103), D(4), D(0))
    assert bought.slippage == (D(102) - 100) / 100
    assert depth_taken(LONG, D(4), BIDS, ASKS) == D(4) / 6
    sold = fill(SHORT, D(3), BIDS, ASKS)
    assert sold is not None
    assert sold.slippage == (100 - (D(99) + 2 * D(98)) / 3) / 100
    assert depth_taken(SHORT, D(3), BIDS, ASKS, D("0.02")) == 1


def test_a_shallow_book_leaves_a_rest() -> None:
    found = fill(LONG, D(10), BIDS, ASKS)
    assert found is not None
    assert (found.filled, found.unfilled) == (D(6), D(4))
    assert depth_taken(LONG, D(10), BIDS, ASKS, D("0.001")) is None
    assert depth_taken(LONG, D(1), (), ()) is depth_taken(LONG, D(1), (), (), D("0.01")) is None
    assert fill(LONG, D(1), BIDS, ()) is None
    assert fill(LONG, D(0), BIDS, ASKS) is None
    empty = fill(LONG, D(1), (), ((D(101), D(0)),))
    assert empty is not None
    assert (empty.average_price, empty.slippage) == (None, None)


def test_one_side_alone_has_its_best_price_in_the_middle() -> None:
    assert mid_price(BIDS, ASKS) == 100
    assert mid_price((), ASKS) == 101
    assert mid_price((), ()) is None


def test_imbalance_weighs_both_sides_within_the_band() -> None:
    assert imbalance(BIDS, ASKS) == (D(24) - 6) / 30
    assert imbalance(BIDS, ASKS, D("0.02")) == 0
    assert imbalance(BIDS, ASKS, D("0.001")) is None
    assert imbalance((), ()) is imbalance((), (), D("0.02")) is None
    assert depth_within(BIDS, D(100), None) == 24


def test_walls_and_thin_zones_stand_out_from_their_neighbours() -> None:
    (wall,) = walls("bids", BIDS)
    assert (wall.price, wall.quantity) == (D(97), D(20))
    assert wall.multiple == D(20) / D("1.5")
    (zone,) = thin_zones("bids", BIDS)
    assert (zone.from_price, zone.to_price) == (D(97), D(90))
    assert walls("asks", ASKS) == thin_zones("asks", ASKS) == walls("asks", ()) == thin_zones("asks", ()) == ()


def standing(pnl: str, **given: Decimal) -> Standing:
    return Standing(entry_value=D(1000), mark_value=D(1000) + D(pnl), unrealized_pnl=D(pnl), **given)


def test_winners_are_ranked_by_return_and_leverage_and_losers_the_other_way() -> None:
    ranking = AdlRanking.PROFIT_AND_LEVERAGE
    assert adl_score(ranking, standing("100", margin=D(220))) == D("0.1") * 5
    assert adl_score(ranking, standing("-100", margin=D(180))) == D("-0.1") / 5
    assert adl_score(ranking, standing("100")) is None
    assert adl_score(ranking, standing("100", margin=D(0))) is None
    assert effective_leverage(D(-500), D(100)) == 5


def test_other_published_rankings() -> None:
    assert adl_score(AdlRanking.RETURN_AND_MAINTENANCE, standing("100", maintenance_rate=D("0.5"))) == D("0.05")
    assert adl_score(AdlRanking.RETURN_AND_MAINTENANCE, standing("-100", maintenance_rate=D("0.5"))) == D("-0.2")
    assert adl_score(AdlRanking.RETURN_AND_MAINTENANCE, standing("100", maintenance_rate=D(0))) is None
    assert adl_score(AdlRanking.RETURN, standing("100")) == D("0.1")
    price = AdlRanking.PRICE_AND_LEVERAGE
    assert adl_score(price, standing("100", margin=D(220), price_ratio=D("1.1"))) == D("5.5")
    assert adl_score(price, standing("100", margin=D(-1), price_ratio=D("1.1"))) is None
    assert adl_score(price, standing("100")) is None


@pytest.mark.parametrize(
    "ranking",
    [
        AdlRanking.UNKNOWN,
        AdlRanking.RANDOM,
        AdlRanking.NONE,
        AdlRanking.NONE_SOCIALISED,
        AdlRanking.NONE_CONTRACT_EXTINGUISHMENT,
    ],
)
def test_where_there_is_no_published_ranking_there_is_no_score(ranking: AdlRanking) -> None:
    assert adl_score(ranking, standing("100", margin=D(220))) is None


def test_no_entry_value_has_no_return() -> None:
    assert adl_score(AdlRanking.RETURN, Standing(entry_value=D(0), mark_value=D(0), unrealized_pnl=D(0))) is None


def test_five_lights_are_the_first_to_be_closed() -> None:
    others = [D(number) for number in range(9)]
    assert lights_of(D(100), others) == 5
    assert lights_of(D(-1), others) == 1
    assert lights_of(D(4), others) == 3
    assert lights_of(D(4), ()) == 5
    assert rank_of(D(4), others) == 5
    # of equal scores ours is reckoned as the first to be closed, in both
    assert (rank_of(D(4), [D(4)] * 4), lights_of(D(4), [D(4)] * 4)) == (1, 5)
    assert rank_of(D(100), others) == 1


def test_a_book_told_in_few_levels_begins_at_the_same_price_and_fills_no_better() -> None:
    levels = tuple((D(100 + step), D(1)) for step in range(10))
    assert reached_in_few(levels, D("2.5"), 4) == levels[:3]
    assert reached_in_few(levels, D(9), 4) == ((100, 1), (102, 2), (104, 2), (106, 2), (108, 2))
    assert reached_in_few(levels, D(50), 9) == levels
    assert reached_in_few((), D(1), 9) == ()
