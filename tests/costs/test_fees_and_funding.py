"""Fees, funding, interest and the break-even price, against what venues print."""

from __future__ import annotations

from datetime import date
from decimal import Decimal, localcontext
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.facts.amounts import ARITHMETIC
from data.facts.margin_models import InterestAccrual
from data.facts.venues import Fee, FeeExtra, FundingTerms
from data.facts.vocabulary import ContractType, Product, Side
from rules.costs.borrow import hourly_rate_of, interest_over
from rules.costs.break_even import break_even_price, opening_break_even
from rules.costs.fees import Liquidity, contract_charges, contract_fee, fee_at, fee_rate, fees_at, trading_fee
from rules.costs.funding import (
    annualised,
    cap_from_margin_fractions,
    clamped_premium,
    clip_rate,
    damped_premium,
    funding_over,
    funding_payment,
    intervals_held,
    per_interval,
    rate_in_force,
)

D = Decimal
LONG, SHORT = Side.LONG, Side.SHORT
money = st.decimals("1", "100000", places=2, allow_nan=False)
small = st.decimals("0", "0.002", places=5, allow_nan=False)


def extra(kind: str, amount: str | None, per: str = "contract per side", rate: str | None = None) -> FeeExtra:
    return FeeExtra(
        key=kind,
        source=f"venue.{kind}",
        certain_from=date(2026, 1, 1),
        venue="venue",
        product=Product.PERPETUAL,
        kind=kind,
        rate=None if rate is None else D(rate),
        amount=None if amount is None else D(amount),
        currency="USD",
        per=per,
    )


def test_the_rate_is_that_of_the_liquidity() -> None:
    row = Fee(
        key="k",
        source="s",
        certain_from=date(2026, 1, 1),
        venue="v",
        product=Product.PERPETUAL,
        tier="VIP 0",
        min_volume_30d_usd=None,
        min_holding=None,
        maker=D("-0.0001"),
        taker=D("0.0005"),
    )
    assert fee_rate(row, Liquidity.MAKER) == D("-0.0001")
    assert fee_rate(row, Liquidity.TAKER) == D("0.0005")
    assert fee_rate(None, Liquidity.TAKER) is None
    assert trading_fee(D(1000), D("-0.0001")) == D("-0.1")


def tier(name: str, volume: str, maker: str, taker: str, *, holding: bool = False) -> Fee:
    return Fee(
        key=name,
        source="s",
        certain_from=date(2026, 1, 1),
        venue="v",
        product=Product.PERPETUAL,
        tier=name,
        min_volume_30d_usd=D(volume),
        min_holding=None,
        maker=D(maker),
        taker=D(taker),
        holding_required=holding,
    )


def test_of_the_rows_that_a_volume_earns_the_dearest_for_the_liquidity_is_taken() -> None:
    schedule = [
        tier("first", "0", "0.0002", "0.0005"),
        tier("group 1", "1000", "-0.00002", "0.0002"),
        tier("group 2", "1000", "-0.00005", "0.00025"),
        tier("held", "1000", "0.001", "0.001", holding=True),
        tier("beyond", "2000", "0.001", "0.001"),
    ]

    def earned(volume: str, liquidity: Liquidity) -> str | None:
        row = fee_at(schedule, D(volume), liquidity)
        return None if row is None else row.tier

    assert earned("1000", Liquidity.MAKER) == "group 1"
    assert earned("1000", Liquidity.TAKER) == "group 2"
    assert earned("999", Liquidity.MAKER) == earned("999", Liquidity.TAKER) == "first"
    assert fee_at([], None) is None


def test_it_is_the_same_row_in_whatever_order_the_schedule_lists_them() -> None:
    rows = [
        tier("first", "0", "0.0009", "0.0009"),
        tier("dear to make", "1000", "0.0004", "0.0005"),
        tier("dear to take", "1000", "0.0002", "0.0006"),
    ]
    for schedule in permutations(rows):
        maker, taker = fees_at(schedule, D("1000"))
        assert maker is not None
        assert taker is not None
        assert (maker.tier, taker.tier) == ("dear to make", "dear to take")


def test_exchange_clearing_nfa_and_commission_add_up_per_contract() -> None:
    extras = [
        extra("commission", "0.03"),
        extra("exchange_and_clearing", "0.10"),
        extra("nfa", "0.02"),
        extra("all_in", "0.15"),
        extra("liquidation", "10", per="each liquidation"),
    ]
    charges = contract_charges(extras)
    assert [charge.kind for charge in charges] == ["commission", "exchange_and_clearing", "nfa"]
    assert contract_fee(D(20), charges) == D(3)


def test_a_stated_sum_counts_when_it_holds_more_than_the_items() -> None:
    charges = contract_charges([extra("nfa", "0.02"), extra("all_in", "0.15")])
    assert [charge.kind for charge in charges] == ["all_in"]


def test_of_two_charges_of_one_kind_the_dearest_counts() -> None:
    charges = contract_charges(
        [
            extra("exchange_and_clearing", "0.10"),
            extra("exchange_and_clearing", "0.07"),
            extra("settlement", "1"),
            extra("nfa", None, rate="0.1"),
        ]
    )
    assert [charge.amount for charge in charges] == [D("0.10")]


@pytest.mark.parametrize(
    ("side", "rate", "paid"), [(LONG, "0.0001", "-1"), (SHORT, "0.0001", "1"), (LONG, "-0.0001", "1")]
)
def test_longs_pay_a_positive_rate_to_shorts(side: Side, rate: str, paid: str) -> None:
    assert funding_payment(side, D(10000), D(rate)) == D(paid)


@pytest.mark.parametrize(
    ("hours", "interval", "count"),
    [("72", "8", "9"), ("1", "8", "1"), ("9", "8", "2"), ("0", "8", "0"), ("2.5", "1", "3"), ("12", "0", "1.5")],
)
def test_every_interval_begun_counts_and_continuous_accrual_counts_in_parts(
    hours: str, interval: str, count: str
) -> None:
    assert intervals_held(D(hours), D(interval)) == D(count)


def test_funding_adds_up_and_does_not_compound() -> None:
    assert funding_over(LONG, D(10000), D("0.0001"), D(72), D(8)) == D(-9)
    assert annualised(D("0.0001"), D(8)) == D("0.1095")
    assert annualised(D("0.0001"), D(0)) == D("0.1095")


def test_a_rate_is_clipped_to_what_the_venue_allows() -> None:
    assert clip_rate(D("0.01"), D("0.003"), D("-0.003")) == D("0.003")
    assert clip_rate(D("-0.01"), D("0.003"), D("-0.003")) == D("-0.003")
    assert clip_rate(D("0.002"), D("0.003"), D("-0.003")) == D("0.002")
    assert clip_rate(D("0.01"), None, None) == D("0.01")
    terms = FundingTerms(
        key="k",
        source="s",
        certain_from=date(2026, 1, 1),
        venue="v",
        product=Product.PERPETUAL,
        instrument="*",
        interval_hours=D(8),
        cap=D("0.003"),
        floor=None,
        interest_rate_8h=None,
        formula="f",
    )
    assert rate_in_force(D("0.01"), terms) == D("0.003")
    assert rate_in_force(D("0.01"), None) == D("0.01")


def test_how_venues_make_their_rate() -> None:
    assert cap_from_margin_fractions(D("0.05"), D("0.03"), D(6)) == D("0.12")
    assert damped_premium(D("0.0001"), D("0.00025")) == 0
    assert damped_premium(D("0.001"), D("0.00025")) == D("0.00075")
    assert damped_premium(D("-0.001"), D("0.00025")) == D("-0.00075")
    assert clamped_premium(D("0.0008"), D("0.0001"), D("0.0005")) == D("0.0003")
    assert clamped_premium(D("0.0002"), D("0.0001"), D("0.0005")) == D("0.0001")
    assert clamped_premium(D("-0.0008"), D("0.0001"), D("0.0005")) == D("-0.0003")


@pytest.mark.parametrize(
    ("hours", "interest", "accruals"),
    [("0", "0.000625", "1"), ("0.2", "0.000625", "1"), ("1", "0.000625", "1"), ("5", "0.003125", "5")],
)
def test_a_started_hour_counts_whole(hours: str, interest: str, accruals: str) -> None:
    found = interest_over(InterestAccrual.STARTED_HOURS, D(60), D(hours), hourly_rate=hourly_rate_of(D("0.00025")))
    assert found is not None
    assert round(found.interest, 25) == D(interest)
    assert found.accruals == D(accruals)


@pytest.mark.parametrize(
    ("rate", "hours", "interest"), [("0.0005", "0.2", "0.06"), ("0.00025", "25", "0.12"), ("0.0005", "4", "0.06")]
)
def test_an_opening_fee_and_one_rollover_for_every_four_hours_begun(rate: str, hours: str, interest: str) -> None:
    both = interest_over(
        InterestAccrual.OPENING_AND_ROLLOVER, D(60), D(hours), opening_rate=D(rate), rollover_rate=D(rate)
    )
    one = interest_over(InterestAccrual.OPENING_AND_ROLLOVER, D(60), D(hours), opening_rate=D(rate))
    other = interest_over(InterestAccrual.OPENING_AND_ROLLOVER, D(60), D(hours), rollover_rate=D(rate))
    assert both == one == other
    assert both is not None
    assert both.interest == D(interest)


def test_interest_on_interest_is_rounded_up_hour_by_hour() -> None:
    # KuCoin: 10 DOGE cost 0.00004692 in the first and 0.00004693 in the second hour
    found = interest_over(InterestAccrual.COMPOUNDING_HOURS, D(10), D(2), hourly_rate=D("0.000004692"), places=8)
    exact = interest_over(InterestAccrual.COMPOUNDING_HOURS, D(10), D(2), hourly_rate=D("0.000004692"))
    assert found is not None
    assert found.interest == D("0.00009385")
    assert exact is not None
    assert exact.interest == 10 * (D("1.000004692") ** 2 - 1)
    at_once = interest_over(InterestAccrual.COMPOUNDING_HOURS, D(10), D(0), hourly_rate=D("0.000004692"), places=8)
    assert at_once is not None
    assert at_once.interest == D("0.00004692")  # the first hour is charged as it begins


def test_without_its_rate_there_is_no_interest() -> None:
    assert interest_over(InterestAccrual.OPENING_AND_ROLLOVER, D(60), D(1)) is None
    assert interest_over(InterestAccrual.STARTED_HOURS, D(60), D(1)) is None


@given(
    money, small, small, st.sampled_from([LONG, SHORT]), st.sampled_from([ContractType.LINEAR, ContractType.INVERSE])
)
def test_at_the_break_even_price_profit_is_what_both_fees_cost(
    entry: Decimal, opening: Decimal, closing: Decimal, side: Side, kind: ContractType
) -> None:
    price = break_even_price(side, entry, entry_fee_rate=opening, exit_fee_rate=closing, contract_type=kind)
    assert price is not None
    s = 1 if side is LONG else -1
    if kind is ContractType.INVERSE:
        left = s * (1 / entry - 1 / price) - opening / entry - closing / price
        assert abs(left) < D("1e-24")
    else:
        assert abs(s * (price - entry) - opening * entry - closing * price) < D("1e-20")


def test_other_costs_move_the_break_even_price() -> None:
    free = {"entry_fee_rate": D(0), "exit_fee_rate": D(0)}
    assert break_even_price(LONG, D(100), costs_per_unit=D(2), **free) == 102
    assert break_even_price(SHORT, D(100), costs_per_unit=D(2), **free) == 98
    assert break_even_price(SHORT, D(100), costs_per_unit=D(100), **free) is None
    bought = break_even_price(
        LONG, D(100), entry_fee_rate=D("0.2"), exit_fee_rate=D("0.5"), costs_per_unit=D(2), fee_in_coin=True
    )
    assert bought == 102 / (D("0.8") * D("0.5"))
    inverse = {"contract_type": ContractType.INVERSE, **free}
    assert break_even_price(LONG, D(100), costs_per_unit=D("0.002"), **inverse) == 125  # type: ignore[arg-type]
    assert break_even_price(LONG, D(100), costs_per_unit=D("0.01"), **inverse) is None  # type: ignore[arg-type]
    assert break_even_price(SHORT, D(100), costs_per_unit=D("-0.01"), **inverse) is None  # type: ignore[arg-type]


def test_binance_prints_the_opening_fee_alone() -> None:
    assert opening_break_even(LONG, D(44525), D("0.0004")) == D("44542.81")
    assert opening_break_even(SHORT, D(100), D("0.001")) == D("99.9")


@pytest.mark.parametrize("places", [None, 8])
def test_interest_that_no_one_could_owe_is_not_reckoned(places: int | None) -> None:
    with localcontext(ARITHMETIC):
        rate = {"hourly_rate": D("0.5"), "places": places}
        assert interest_over(InterestAccrual.COMPOUNDING_HOURS, D(1), D(900), **rate) is None  # type: ignore[arg-type]


def test_a_rate_stated_for_other_hours_is_converted() -> None:
    rate = Decimal("0.0001")
    assert per_interval(rate, None, Decimal(1)) == rate
    assert per_interval(rate, Decimal(8), Decimal(8)) == rate
    assert per_interval(rate, Decimal(8), Decimal(1)) == Decimal("0.0000125")
    assert per_interval(rate, Decimal(1), Decimal(0)) == Decimal("0.0008")
