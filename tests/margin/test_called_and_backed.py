"""Where a cross account is called and liquidated, and what more margin does for it, held against what it has there."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from data.facts.margin_models import (
    CloseFee,
    CloseFeeBasis,
    LadderKind,
    MarginRatioForm,
    RequirementModel,
    SlopeMargin,
    ValueBasis,
)
from data.facts.vocabulary import Side
from rules.margin.account import account_figures
from rules.margin.figures import position_figures
from rules.margin.position import HeldPosition, LiquidationState, PositionFigures, Rest
from rules.margin.solve import BEYOND_LAST_RUNG
from tests.margin.building import FACT, INVERSE, held, rungs, terms, tiered

D = Decimal
TAKER: dict[str, Any] = {"close_fee": CloseFee.TAKER}
TIERS = rungs(
    ("0", "200", "0.01", "50"), ("200", "330", "0.02", "25"), ("330", "450", "0.04", "12"), ("450", None, "0.08", "6"),
    amounts=True,
)  # fmt: skip
CLOSE = D("1e-30")
HAIR = D("1e-15")


def leg(side: str, size: str, symbol: str = "X", **given: Any) -> HeldPosition:
    laddered = {} if given.keys() & {"maintenance_margin_rate", "terms"} else {"tiers": TIERS}
    return held(
        side,
        size=size,
        mark="100",
        leverage=None,
        cross=True,
        symbol=symbol,
        taker_fee_rate="0.001",
        **laddered,
        **given,
    )


FROZEN: dict[str, Any] = {"maintenance_basis": ValueBasis.FROZEN_MARK}
STATED = {"maintenance_margin_rate": "0.05", "maintenance_amount": "1.5"}
ACCOUNTS = {
    "one of a stated rate and amount": [leg("long", "4", **STATED)],
    "one of a stated rate and amount, short": [leg("short", "4", **STATED)],
    "a long in the last rung but one": [leg("long", "4.2")],
    "a short that rises into the last rung": [leg("short", "4.2")],
    "a long beside another instrument": [leg("long", "4.2"), leg("short", "2", "Y")],
    "a hedged long": [leg("long", "4.2"), leg("short", "1.5")],
    "a hedged short beside another instrument": [leg("short", "4.2"), leg("long", "1.5"), leg("long", "2", "Y")],
    "two on one side": [leg("long", "2"), leg("long", "2.2")],
    "two of a stated rate": [leg("long", "4", **STATED), leg("short", "1", **STATED)],
}
"""What is in X comes first and is the larger side."""


def at(account: Sequence[HeldPosition], price: Decimal) -> list[HeldPosition]:
    return [replace(one, mark_price=price) if one.terms.symbol == "X" else one for one in account]


def first_of(model: RequirementModel, account: Sequence[HeldPosition], wallet: Decimal) -> PositionFigures:
    return account_figures([(model, one) for one in account], wallet).positions[0]


@pytest.mark.parametrize("name", ACCOUNTS)
@pytest.mark.parametrize(
    ("form", "ratio"),
    [(MarginRatioForm.REQUIREMENT_OVER_EQUITY, D("0.5")), (MarginRatioForm.EQUITY_OVER_REQUIREMENT, D(2))],
)
@pytest.mark.parametrize("fees", [{}, TAKER], ids=["without fees", "with the fee to close"])
@pytest.mark.parametrize("kind", [LadderKind.MARGINAL, LadderKind.STEP])
def test_an_account_comes_to_the_ratio_of_its_call_where_it_is_called_and_to_one_where_it_is_liquidated(
    kind: LadderKind, fees: dict[str, Any], form: MarginRatioForm, ratio: Decimal, name: str
) -> None:
    model = tiered(ladder=kind, margin_ratio_form=form, margin_call_ratio=ratio, **fees)
    account, wallet = ACCOUNTS[name], D(130)
    falls, upright = account[0].side is Side.LONG, form is MarginRatioForm.REQUIREMENT_OVER_EQUITY
    found = first_of(model, account, wallet)
    for price, level in ((found.liquidation_price, D(1)), (found.margin_call_price, ratio)):
        assert price is not None
        for further in (HAIR, -HAIR):
            there = at(account, price - further if falls else price + further)
            seen = account_figures([(model, one) for one in there], wallet).totals.margin_ratio
            assert seen is not None
            assert (seen > level if upright else seen < level) is (further > 0)


FEES = {
    "the fee at the price": TAKER,
    "the fee at bankruptcy": {**TAKER, "close_fee_basis": CloseFeeBasis.BANKRUPTCY},
    "the fee at bankruptcy, which bears it": {
        **TAKER, "close_fee_basis": CloseFeeBasis.BANKRUPTCY, "bankruptcy_bears_fee": True
    },
}  # fmt: skip


@pytest.mark.parametrize("name", ACCOUNTS)
@pytest.mark.parametrize("fees", FEES.values(), ids=FEES)
def test_a_wallet_larger_by_one_moves_the_price_of_an_account_as_far_as_said(fees: dict[str, Any], name: str) -> None:
    model, step = tiered(**fees), D("0.0001")
    before, after = (first_of(model, ACCOUNTS[name], D(130) + more) for more in (D(0), step))
    assert before.liquidation_price is not None
    assert after.liquidation_price is not None
    assert before.liquidation_price_per_margin is not None
    moved = (after.liquidation_price - before.liquidation_price) / step
    assert abs(moved - before.liquidation_price_per_margin) < CLOSE


@pytest.mark.parametrize("name", ACCOUNTS)
def test_what_is_left_after_liquidation_is_the_equity_there_less_the_fee_of_closing(name: str) -> None:
    model, account = tiered(**TAKER), ACCOUNTS[name]
    found = first_of(model, account, D(130))
    assert found.liquidation_price is not None
    assert found.remaining_after_liquidation is not None
    there = account_figures([(model, one) for one in at(account, found.liquidation_price)], D(130)).totals
    closing = account[0].size * found.liquidation_price * D("0.001")
    assert abs(found.remaining_after_liquidation - (there.equity - closing)) < CLOSE


def test_a_price_beyond_the_last_rung_of_either_side_says_so() -> None:
    capped = terms(tiers=rungs(("0", "420", "0.01", "50")), symbol="X")
    account = [leg("short", "4", terms=capped), leg("long", "1", terms=capped)]
    # 4 are worth 420 at 105: 10 + 3 (100 - P) is 0.05 P before that, and with 40 after
    for wallet, beyond in ((D(10), False), (D(40), True)):
        found = first_of(tiered(), account, wallet)
        assert found.liquidation_price == (wallet + 300) / D("3.05")
        assert (BEYOND_LAST_RUNG in found.approximations) is beyond


@pytest.mark.parametrize(("wallet", "beyond"), [(D(20), False), (D(40), True)])
def test_a_ladder_of_one_rung_ends_at_its_cap_too(wallet: Decimal, beyond: bool) -> None:
    capped = terms(tiers=rungs(("0", "420", "0.01", "50")))
    # 4 are worth 420 at 105: 20 + 4 (100 - P) is 0.04 P before that, and with 40 after
    found = position_figures(tiered(), held("short", size="4", cross=True, wallet=wallet, terms=capped))
    assert found.liquidation_price == (wallet + 400) / D("4.04")
    assert (BEYOND_LAST_RUNG in found.approximations) is beyond
    open_ended = terms(tiers=rungs(("0", None, "0.01", "50")))
    without_end = position_figures(tiered(), held("short", size="4", cross=True, wallet=wallet, terms=open_ended))
    assert without_end.liquidation_price == found.liquidation_price
    assert BEYOND_LAST_RUNG not in without_end.approximations


def test_both_sides_of_a_hedge_tell_one_price_at_which_what_they_require_has_outgrown_what_they_earn() -> None:
    rate = {"maintenance_margin_rate": "0.2"}
    account = [leg("long", "9", entry="97", **rate), leg("short", "7", entry="102", **rate)]
    found = account_figures([(tiered(**TAKER), one) for one in account], D(400))
    # 441 + 2 (P - 100) is 16 (0.2 + 0.001) P at 241 / 1.216
    for one in found.positions:
        assert any(words.startswith("a move to 198.19078947 liquidates") for words in one.approximations)


def test_a_hedge_is_as_far_from_its_end_as_the_nearer_of_two() -> None:
    steep = terms(tiers=rungs(("0", "400", "0.01", "50"), ("400", None, "0.9", "1"), amounts=True), symbol="X")
    account = [leg("long", "4", terms=steep), leg("short", "1", maintenance_margin_rate="0.01")]
    found = first_of(tiered(), account, D(15))
    # 10 more than is required: 3 less 0.05 of them go with each unit of a fall, 3.61 less 3 with each of a rise
    assert found.liquidation_price == 100 - 10 / D("2.95")
    assert found.distance_in_price == 100 - found.liquidation_price
    assert any(words.startswith("a move to 116.39344262 liquidates") for words in found.approximations)


def test_a_fee_at_the_bankruptcy_price_is_required_beside_what_others_require() -> None:
    own = held(cross=True, wallet="20", maintenance_margin_rate="0.01", taker_fee_rate="0.001")
    rest = Rest(unrealized_pnl=D(0), requirement=D(4))
    # bankrupt at 80: 20 + (P - 100) = 0.01 P + 0.08 + 4
    without = tiered(**FEES["the fee at bankruptcy"])
    assert position_figures(without, own, rest).liquidation_price == D("84.08") / D("0.99")
    # bankrupt at 80 / 0.999: 20 + (P - 100) = 0.01 P + 0.08 / 0.999 + 4
    bearing = position_figures(tiered(**FEES["the fee at bankruptcy, which bears it"]), own, rest).liquidation_price
    assert bearing is not None
    assert abs(bearing - (84 + D("0.08") / D("0.999")) / D("0.99")) < CLOSE


HEDGE = [leg("long", "4", maintenance_margin_rate="0.01"), leg("short", "1", maintenance_margin_rate="0.01")]
BANKRUPT = D(250) / 3  # 50 + 3 (P - 100) = 0
BANKRUPT_BY_FEES = D(250) / D("2.995")  # = 0.005 P


@pytest.mark.parametrize(
    ("parameters", "price"),
    [
        # 50 + 3 (P - 100) is 0.05 P of maintenance and the fee on 5, at 0.001, where it is reckoned
        (FEES["the fee at bankruptcy"], (250 + D("0.005") * BANKRUPT) / D("2.95")),
        (FEES["the fee at bankruptcy, which bears it"], (250 + D("0.005") * BANKRUPT_BY_FEES) / D("2.95")),
        # ... or 5 of maintenance, held at 100, which is the nearer
        ({**FROZEN, **TAKER}, D(255) / D("2.995")),
        ({**FROZEN, **FEES["the fee at bankruptcy"]}, (255 + D("0.005") * BANKRUPT) / 3),
        ({**FROZEN, **TAKER, "close_fee_basis": CloseFeeBasis.FROZEN_MARK}, D("255.5") / 3),
    ],
)
def test_a_hedge_ends_with_what_is_held_where_the_venue_reckons_it(parameters: dict[str, Any], price: Decimal) -> None:
    found = first_of(tiered(**parameters), HEDGE, D(50)).liquidation_price
    assert found is not None
    assert abs(found - price) < HAIR


def test_what_two_sides_and_another_instrument_require_together_is_held_against_the_wallet() -> None:
    # 25 for the two sides and 10 for the other
    rate = {"maintenance_margin_rate": "0.05"}
    account = [leg("long", "4", **rate), leg("short", "1", **rate), leg("long", "2", "Y", **rate)]
    assert first_of(tiered(), account, D(36)).liquidation is LiquidationState.PRICE
    for one in account_figures([(tiered(), one) for one in account], D(34)).positions:
        assert one.liquidation is LiquidationState.ALREADY


def test_the_fee_to_close_is_required_now() -> None:
    # 10 back a position that requires 5, and 2 or 6 for closing
    for fee, state in (("0.02", LiquidationState.PRICE), ("0.06", LiquidationState.ALREADY)):
        own = held(maintenance_margin_rate="0.05", taker_fee_rate=fee, mark="100")
        assert position_figures(tiered(**TAKER), own).liquidation is state


@pytest.mark.parametrize("sizes", [("6000",), ("6000", "1000")], ids=["one", "a hedge"])
@pytest.mark.parametrize("others", [(), ("2000",)], ids=["alone", "beside another instrument"])
@pytest.mark.parametrize("growing", [False, True], ids=["at a rate", "at a rate that grows"])
def test_an_inverse_account_is_called_where_its_coins_are_the_ratio(
    growing: bool, others: tuple[str, ...], sizes: tuple[str, ...]
) -> None:
    model: RequirementModel = tiered(margin_call_ratio=D("0.5"), **TAKER)
    coins: dict[str, Any] = {"contract_type": INVERSE, "maintenance_margin_rate": "0.01"}
    if growing:
        model = SlopeMargin(**FACT, slopes=(), maintenance_basis=ValueBasis.MARK, margin_call_ratio=D("0.5"), **TAKER)
        coins |= {"base_rate": "0.02", "maintenance_base_rate": "0.01", "rate_per_coin": "0.0005"}
    account = [leg(side, size, **coins) for side, size in zip(("long", "short"), sizes, strict=False)]
    account += [leg("long", size, "Y", **coins) for size in others]
    found = first_of(model, account, D(30))
    for price, level in ((found.liquidation_price, D(1)), (found.margin_call_price, D("0.5"))):
        assert price is not None
        totals = account_figures([(model, one) for one in at(account, price)], D(30)).totals
        assert totals.margin_ratio is not None
        assert abs(totals.margin_ratio - level) < CLOSE
