"""Cross accounts: what the other positions earn and require counts in each position's price."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from msgspec import structs

from data.facts.margin_models import (
    CloseFee,
    CloseFeeBasis,
    ConstantLadder,
    ConstantLadderMargin,
    InterestAccrual,
    LiabilityMargin,
    MarginLevel,
    MarginModel,
    MarginRatioForm,
    SlopeMargin,
    UnitRate,
    UnitRateMargin,
    ValueBasis,
)
from rules.margin.account import (
    BOTH_SIDES,
    BY_THEMSELVES,
    ONE_SIDE,
    REST_UNKNOWN,
    account_figures,
    in_wholes,
    open_sizes,
    rest_of,
)
from rules.margin.figures import position_figures
from rules.margin.joint_ladder import EVEN, OUTGROWN, OUTWEIGHED
from rules.margin.position import HeldPosition, LiquidationState, Rest
from tests.margin import building
from tests.margin.building import FACT, INVERSE, tiered

D = Decimal


def held(*side: str, **given: Any) -> HeldPosition:
    """A position that shares the account's balance unless said otherwise."""
    return building.held(*side, **{"cross": True, **given})


MODEL = tiered(initial_basis=ValueBasis.MARK)
WALLET = D("1535443.01")


def eth(**given: Any) -> HeldPosition:
    return held(
        size="3683.979",
        entry="1456.84",
        mark="1335.18",
        leverage=None,
        symbol="ETHUSDT",
        maintenance_margin_rate="0.10",
        maintenance_amount="135365",
        **given,
    )


def btc(**given: Any) -> HeldPosition:
    return held(
        size="109.488",
        entry="32481.98",
        mark="31967.27",
        leverage=None,
        symbol="BTCUSDT",
        maintenance_margin_rate="0.025",
        maintenance_amount="16300",
        **given,
    )


def test_the_published_account_of_two_positions() -> None:
    # Binance FAQ: 1153.26 and 26316.89
    found = account_figures([(MODEL, eth()), (MODEL, btc())], WALLET)
    prices = [one.liquidation_price for one in found.positions]
    assert [round(price, 2) for price in prices if price is not None] == [D("1153.26"), D("26316.89")]


def test_at_a_positions_liquidation_price_the_whole_account_has_only_what_it_requires() -> None:
    found = account_figures([(MODEL, eth()), (MODEL, btc())], WALLET)
    price = found.positions[0].liquidation_price
    assert price is not None
    there = account_figures([(MODEL, eth_at(price)), (MODEL, btc())], WALLET).totals
    assert there.maintenance_margin is not None
    assert abs(there.equity - there.maintenance_margin) < D("1e-40") * there.equity
    assert there.margin_ratio is not None
    assert abs(there.margin_ratio - 1) < D("1e-40")


def eth_at(price: Decimal) -> HeldPosition:
    return held(
        size="3683.979",
        entry="1456.84",
        mark=price,
        leverage=None,
        symbol="ETHUSDT",
        maintenance_margin_rate="0.10",
        maintenance_amount="135365",
    )


def test_totals_add_up() -> None:
    positions = [
        (MODEL, held(size="2", mark="110", leverage="5", maintenance_margin_rate="0.01")),
        (MODEL, held("short", size="1", mark="110", leverage="10", maintenance_margin_rate="0.02")),
    ]
    totals = account_figures(positions, D(100)).totals
    assert totals.unrealized_pnl == 20 - 10
    assert totals.equity == 110
    assert totals.notional == 330
    assert totals.initial_margin == 44 + 11
    assert totals.maintenance_margin == D("2.2") + D("2.2")
    assert totals.available == 55
    assert totals.effective_leverage == 3


def test_a_position_alone_in_its_account_is_the_same_as_in_cross_mode() -> None:
    alone = account_figures([(MODEL, btc())], WALLET).positions[0]
    assert alone == account_figures([(MODEL, btc(cross=True, wallet=WALLET))], WALLET).positions[0]


def test_an_account_may_be_beyond_liquidation_or_without_equity() -> None:
    found = account_figures([(MODEL, eth()), (MODEL, btc())], D(400000))
    assert {one.liquidation for one in found.positions} == {LiquidationState.ALREADY}
    assert found.totals.margin_ratio is None
    assert found.totals.effective_leverage is None
    assert account_figures([], D(1)).totals.margin_ratio == 0


def test_a_ratio_of_equity_over_requirement_needs_a_requirement() -> None:
    model = tiered(margin_ratio_form=MarginRatioForm.EQUITY_OVER_REQUIREMENT)
    free = held(leverage="5", maintenance_margin_rate="0")
    assert account_figures([(model, free)], D(50)).totals.margin_ratio is None
    bound = held(leverage="5", maintenance_margin_rate="0.01")
    assert account_figures([(model, bound)], D(50)).totals.margin_ratio == 50


def test_what_is_not_known_of_one_position_leaves_the_totals_open() -> None:
    found = account_figures([(MODEL, btc()), (MODEL, held(leverage=None))], WALLET)
    assert REST_UNKNOWN in found.approximations
    assert (found.totals.initial_margin, found.totals.maintenance_margin, found.totals.available) == (None, None, None)
    assert rest_of([(MODEL, held(leverage=None))])[1] == (REST_UNKNOWN,)
    known = found.positions[0]
    assert known.bankruptcy_price is not None
    assert (known.liquidation, known.liquidation_price, known.margin_ratio) == (None, None, None)


def test_the_rest_of_an_account_earns_and_requires() -> None:
    rest, words = rest_of([(MODEL, held(mark="110", maintenance_margin_rate="0.01")), (MODEL, btc())])
    assert rest.unrealized_pnl == 10 + D("109.488") * (D("31967.27") - D("32481.98"))
    assert rest.requirement == D("1.1") + D("109.488") * D("31967.27") * D("0.025") - 16300
    assert words == ()


def test_what_others_require_counts_against_the_equity_there_is_now() -> None:
    # 10 back a position that requires 5 and others that require 6
    own = held(cross=True, wallet="10", maintenance_margin_rate="0.05")
    for requirement, state in (("4.9", LiquidationState.PRICE), ("6", LiquidationState.ALREADY)):
        rest = Rest(unrealized_pnl=D(0), requirement=D(requirement))
        assert position_figures(MODEL, own, rest).liquidation is state


def leg(side: str, size: str, entry: str, mark: str | None = None, **given: Any) -> HeldPosition:
    given = {"leverage": None, "symbol": "BTCUSDT", "maintenance_margin_rate": "0.01", **given}
    return held(side, size=size, entry=entry, mark=mark, **given)


def price_of_first(positions: list[HeldPosition], wallet: str) -> Decimal:
    price = account_figures([(MODEL, one) for one in positions], D(wallet)).positions[0].liquidation_price
    assert price is not None
    return price


def equity_over_requirement(positions: list[HeldPosition], wallet: str, price: Decimal) -> Decimal:
    """Return what is left above maintenance when every position stands at one price, at a rate of 0.01."""
    equity = D(wallet)
    for one in positions:
        moved = price - one.entry_price if one.side.value == "long" else one.entry_price - price
        equity += one.size * moved - one.size * price * D("0.01")
    return equity


def test_positions_in_one_instrument_move_together() -> None:
    for positions in (
        [leg("long", "1", "60000", "60000"), leg("long", "2", "50000", "60000")],
        [leg("long", "1", "30000", "30000"), leg("short", "0.4", "31000", "30000")],
        [leg("short", "3", "30000", "30000"), leg("long", "1", "20000", "30000"), leg("short", "1", "29000", "30000")],
    ):
        price = price_of_first(positions, "5000")
        assert abs(equity_over_requirement(positions, "5000", price)) < D("1e-30")


def test_two_positions_on_one_side_are_liquidated_where_their_sum_is() -> None:
    apart = [leg("long", "1", "60000", "60000"), leg("long", "3", "40000", "60000")]
    both = [leg("long", "4", "45000", "60000")]
    assert abs(price_of_first(apart, "9000") - price_of_first(both, "9000")) < D("1e-30")


def test_a_fee_held_at_the_present_mark_price_is_that_of_the_sum_too() -> None:
    model = tiered(close_fee=CloseFee.TAKER, close_fee_basis=CloseFeeBasis.FROZEN_MARK)

    def price(*rows: tuple[str, str]) -> Decimal:
        terms = {"mark": "95", "leverage": None, "symbol": "X", "maintenance_margin_rate": "0.01"}
        account = [(model, held(size=size, entry=entry, taker_fee_rate="0.001", **terms)) for size, entry in rows]
        found = account_figures(account, D(80)).positions[0].liquidation_price
        assert found is not None
        return found

    assert abs(price(("1", "100"), ("3", "90")) - price(("4", "92.5"))) < D("1e-30")


@pytest.mark.parametrize(
    "model",
    [
        UnitRateMargin(
            **FACT,
            maintenance_share=D("0.5"),
            rates=(UnitRate(instrument="X", product_leverage=D(50), unit_margin_rate=D("0.005")),),
        ),
        ConstantLadderMargin(
            **FACT,
            constants=(ConstantLadder(instrument="X", leverage_constant=D(125), size_constant=D(50), limit=D("0.3")),),
        ),
    ],
    ids=["a rate per coin", "constants"],
)
def test_parts_of_one_position_require_together_what_the_whole_requires(model: MarginModel) -> None:
    def required(*sizes: str) -> Decimal | None:
        account = [(model, held(size=size, symbol="X", leverage=None)) for size in sizes]
        return account_figures(account, D(1000)).totals.maintenance_margin

    whole = required("20")
    assert whole is not None
    assert required("5", "15") == whole
    alone = [required(size) for size in ("5", "15")]
    assert sum(one for one in alone if one is not None) < whole


@pytest.mark.parametrize(
    ("model", "given"),
    [
        (tiered(), {"tiers": building.LADDER}),
        (
            SlopeMargin(**FACT, slopes=(), maintenance_basis=ValueBasis.MARK),
            {"base_rate": "0.02", "maintenance_base_rate": "0.01", "rate_per_coin": "0.00001"},
        ),
    ],
    ids=["printed amounts", "a rate per coin that is stated"],
)
def test_parts_of_one_position_require_together_what_its_stated_terms_ask_of_the_whole(
    model: MarginModel, given: dict[str, Any]
) -> None:
    def required(*sizes: str) -> Decimal:
        account = [(model, held(size=size, symbol="X", leverage=None, **given)) for size in sizes]
        found = account_figures(account, D(100000)).totals.maintenance_margin
        assert found is not None
        return found

    assert abs(required("600", "1400") - required("2000")) < D("1e-40")
    assert required("600") + required("1400") < required("2000")


def test_positions_on_one_side_are_said_to_be_one_and_not_to_be_on_both() -> None:
    one_side = [(MODEL, held(size=size, mark="100", symbol="X", tiers=building.LADDER)) for size in ("5", "15")]
    assert account_figures(one_side, D(1000)).approximations == (ONE_SIDE,)


def test_constants_of_a_linear_contract_say_nothing_of_an_inverse_one() -> None:
    constant = ConstantLadder(instrument="X", leverage_constant=D(125), size_constant=D(30), limit=D("0.3"))
    model = ConstantLadderMargin(**FACT, constants=(constant,))
    assert position_figures(model, held(symbol="X", leverage=None, wallet="10")).maintenance_margin is not None
    inverse = position_figures(model, held(symbol="X", leverage=None, wallet="10", contract_type=INVERSE))
    assert inverse.maintenance_margin is None


def test_the_price_of_both_legs_of_a_hedge_is_one_where_one_outweighs_the_other() -> None:
    found = account_figures([(MODEL, leg("long", "2", "60000")), (MODEL, leg("short", "1", "60000"))], D(9000))
    long, short = found.positions
    assert long.liquidation is LiquidationState.PRICE
    assert long.bankruptcy_price == 51000
    assert (short.liquidation, short.liquidation_price) == (None, None)
    assert OUTWEIGHED in short.approximations
    unrated = held("short", size="1", entry="60000", symbol="BTCUSDT", maintenance_margin_rate=None)
    _, left_open = account_figures([(MODEL, leg("long", "2", "60000")), (MODEL, unrated)], D(9000)).positions
    assert (left_open.liquidation, OUTWEIGHED in left_open.approximations) == (None, True)
    even = account_figures([(MODEL, leg("long", "1", "60000")), (MODEL, leg("short", "1", "60000"))], D(9000))
    assert {one.liquidation for one in even.positions} == {None}
    assert all(EVEN in one.approximations for one in even.positions)
    # maintenance of both grows with the price, and nothing is earned: 9,000 are used up some way above
    assert all(
        any(words.startswith(OUTGROWN.partition("{")[0]) for words in one.approximations) for one in even.positions
    )


def test_inverse_positions_in_one_instrument_move_together() -> None:
    inverse = {"contract_type": INVERSE}
    apart = [leg("long", "30000", "60000", "60000", **inverse), leg("long", "10000", "40000", "60000", **inverse)]
    coins = D(30000) / 60000 + D(10000) / 40000
    both = [leg("long", "40000", str(D(40000) / coins), "60000", **inverse)]
    assert abs(price_of_first(apart, "0.1") - price_of_first(both, "0.1")) < D("1e-20")


@pytest.mark.parametrize("inverse", [False, True])
@pytest.mark.parametrize("other_mark", ["101", "97"])
def test_many_in_one_instrument_end_where_each_does_beside_the_rest(inverse: bool, other_mark: str) -> None:
    contract = {"contract_type": INVERSE} if inverse else {}
    marks = ("101", "101", "101", other_mark)
    account = [
        (MODEL, held(side, size=size, entry=entry, mark=mark, symbol="X", tiers=building.LADDER, **contract))
        for side, size, entry, mark in zip(
            ("long", "short", "long", "long"),
            ("900", "200", "70", "30"),
            ("100", "90", "110", "95"),
            marks,
            strict=True,
        )
    ]
    wallet = D("3") if inverse else D("9000")
    found = account_figures(account, wallet)
    assert BOTH_SIDES in found.approximations
    parts = [(model, one) for (model, _), one in zip(account, in_wholes(account), strict=True)]
    for number, (model, position) in enumerate(parts):
        rest, _ = rest_of([one for at, one in enumerate(parts) if at != number], (model, position))
        alone = position_figures(model, structs.replace(position, wallet_balance=wallet), rest)
        together = found.positions[number]
        assert together.liquidation is alone.liquidation
        assert (together.liquidation_price is None) is (alone.liquidation_price is None) is (number == 1)
        if together.liquidation_price is not None and alone.liquidation_price is not None:
            assert abs(together.liquidation_price - alone.liquidation_price) < D("1e-40")


def test_a_position_without_a_mark_price_has_that_of_its_instrument() -> None:
    marked = [leg("long", "1", "60000", "58000"), leg("short", "0.5", "61000", "58000")]
    partly = [leg("long", "1", "60000"), leg("short", "0.5", "61000", "58000")]
    assert price_of_first(marked, "9000") == price_of_first(partly, "9000")


def test_beside_a_position_without_a_mark_price_its_instrument_is_valued_at_its_entry() -> None:
    rest, _ = rest_of([(MODEL, held(entry="100", symbol="X"))], (MODEL, held(entry="90", symbol="X")))
    assert rest.unrealized_pnl == -10


def test_isolated_positions_are_in_no_total_and_share_nothing() -> None:
    isolated = leg("long", "10", "2000", "1500", symbol="ETHUSDT", leverage="2", cross=False)
    found = account_figures([(MODEL, leg("long", "1", "60000")), (MODEL, isolated)], D(9000))
    alone = account_figures([(MODEL, leg("long", "1", "60000"))], D(9000))
    assert found.totals == alone.totals
    assert found.positions[0] == alone.positions[0]
    assert found.positions[1].margin == 10_000
    assert BY_THEMSELVES in found.approximations
    assert rest_of([(MODEL, isolated)])[0].unrealized_pnl == 0


def test_spot_margin_positions_share_one_level() -> None:
    model = MarginLevel(
        **FACT,
        call_level=D("0.8"),
        close_level=D("0.4"),
        short_used_margin_floats=True,
        interest_accrual=InterestAccrual.OPENING_AND_ROLLOVER,
    )
    positions: list[tuple[MarginModel, HeldPosition]] = [
        (model, held(size="1", entry="100", mark="110", leverage="5")),
        (model, held("short", size="1", entry="50", leverage="5")),
    ]
    found = account_figures(positions, D(60))
    assert found.totals.initial_margin == 30
    assert found.totals.margin_ratio == found.positions[0].margin_ratio == D(70) / 30
    price = found.positions[0].liquidation_price
    assert price is not None
    # equity at the price is 0.4 of both used margins
    assert abs(60 + price - 100 - D("0.4") * 30) < D("1e-40")


def test_a_level_that_no_price_moves_is_never_reached() -> None:
    # 12 long and 10 short at 2x: equity gains 2 with each unit of price, and 0.4 of used margin 0.4 * 10 / 2
    model = MarginLevel(
        **FACT,
        call_level=D("0.8"),
        close_level=D("0.4"),
        short_used_margin_floats=True,
        interest_accrual=InterestAccrual.OPENING_AND_ROLLOVER,
    )
    both: list[tuple[MarginModel, HeldPosition]] = [
        (model, held(size="12", entry="100", mark="100", leverage="5", symbol="X")),
        (model, held("short", size="10", entry="100", mark="100", leverage="2", symbol="X")),
    ]
    long = account_figures(both, D(1000)).positions[0]
    assert (long.liquidation, long.liquidation_price) == (LiquidationState.NEVER, None)
    assert OUTGROWN.partition("{price}")[2] not in " ".join(long.approximations)


def test_loans_add_up() -> None:
    model = LiabilityMargin(**FACT, close_level=D(1), interest_accrual=InterestAccrual.STARTED_HOURS)
    found = account_figures([(model, held(leverage=None))], D(60))
    assert found.totals.maintenance_margin is None
    assert found.totals.margin_ratio is None
    assert REST_UNKNOWN in found.approximations


def test_a_position_offsets_the_orders_against_it() -> None:
    # Paradex: short 1, buying 3, selling 2
    assert open_sizes(D(-1), D(3), D(2)) == (2, 3)
    assert open_sizes(D(4), D(0), D(3)) == (4, 0)
    assert open_sizes(D(-5), D(2), D(0)) == (0, 5)


def test_two_positions_in_one_instrument_move_together_and_a_third_beside_them_stays() -> None:
    more = held(size="9.488", entry="30000", mark="31967.27", leverage=None, symbol="BTCUSDT", **BTC_RATE)
    found = account_figures([(MODEL, btc()), (MODEL, eth()), (MODEL, more)], WALLET)
    first, _, third = (one.liquidation_price for one in found.positions)
    assert first is not None
    assert third is not None
    assert abs(first - third) < D("1e-30")


BTC_RATE = {"maintenance_margin_rate": "0.025", "maintenance_amount": "0"}


def test_where_another_requirement_is_not_known_a_spot_position_has_a_bankruptcy_price_alone() -> None:
    model = MarginLevel(
        **FACT,
        call_level=D("0.8"),
        close_level=D("0.4"),
        short_used_margin_floats=True,
        interest_accrual=InterestAccrual.OPENING_AND_ROLLOVER,
    )
    found = account_figures(
        [(model, held(size="1", entry="100", leverage="5")), (MODEL, held(size="1", entry="50"))], D(60)
    )
    spot = found.positions[0]
    assert spot.bankruptcy_price == 40
    assert (spot.liquidation, spot.liquidation_price, spot.margin_ratio) == (None, None, None)
    assert REST_UNKNOWN in found.approximations
