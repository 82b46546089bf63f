from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from data.facts.margin_models import LadderKind
from data.facts.venues import MarginTier
from rules.margin.figures import position_figures
from rules.margin.ladder import (
    deductions,
    highest_leverage_rate,
    initial_rate_by_slices,
    leverage_at,
    rung_at,
    size_limit,
    size_limit_at_leverage,
)
from tests.margin.building import half_of_initial, held

D = Decimal


def tier(
    number: int, floor: str | Decimal, cap: str | Decimal | None, rate: str | Decimal | None, leverage: str
) -> MarginTier:
    return MarginTier(
        tier=number,
        floor=D(floor),
        cap=None if cap is None else D(cap),
        initial_margin_rate=1 / D(leverage),
        maintenance_margin_rate=None if rate is None else D(rate),
        maintenance_amount=None,
        max_leverage=D(leverage),
    )


LADDER = (
    tier(1, "0", "100", "0.01", "50"),
    tier(2, "100", "500", "0.02", "25"),
    tier(3, "500", "1000", "0.05", "10"),
)
OPEN = (*LADDER[:2], tier(3, "500", None, "0.05", "10"))

steps = st.lists(st.integers(1, 10**6), min_size=1, max_size=12)
sizes = st.decimals(0, 2 * 10**6, places=4, allow_nan=False)


def ladder_of(widths: list[int]) -> tuple[MarginTier, ...]:
    floor, rungs = 0, []
    for number, width in enumerate(widths, 1):
        rungs.append(tier(number, D(floor), D(floor + width), D(number) / 100, str(100 // number)))
        floor += width
    return tuple(rungs)


def number_at(tiers: tuple[MarginTier, ...], size: str) -> int | None:
    rung = rung_at(tiers, D(size))
    return None if rung is None else rung.tier


def test_a_cap_belongs_to_its_own_rung_and_a_floor_to_the_rung_below() -> None:
    assert [number_at(LADDER, size) for size in ("100", "100.0001", "500", "500.0001")] == [1, 2, 2, 3]


def test_the_first_rung_holds_zero() -> None:
    assert number_at(LADDER, "0") == 1


def test_no_rung_holds_a_size_beyond_the_last_cap_or_below_zero() -> None:
    assert number_at(LADDER, "1000.01") is None
    assert number_at(LADDER, "-1") is None
    assert rung_at((), D(1)) is None


def test_an_open_last_rung_holds_everything_above_its_floor() -> None:
    assert number_at(OPEN, "1000000000000") == 3
    assert size_limit(OPEN) is None
    assert size_limit(LADDER) == 1000
    assert size_limit(()) is None


def test_a_gap_between_rungs_holds_nothing() -> None:
    gapped = (tier(1, "0", "100", "0.01", "50"), tier(2, "200", "300", "0.02", "25"))
    assert number_at(gapped, "150") is None
    assert number_at(gapped, "200") is None
    assert number_at(gapped, "201") == 2


def test_the_largest_size_at_a_leverage_is_the_cap_of_the_last_rung_that_grants_it() -> None:
    assert size_limit_at_leverage(LADDER, D(25)) == (True, D(500))
    assert size_limit_at_leverage(LADDER, D(50)) == (True, D(100))
    assert size_limit_at_leverage(LADDER, D(51)) == (False, D(0))
    assert size_limit_at_leverage(OPEN, D(3)) == (True, None)


def test_deductions_are_those_that_make_maintenance_continuous() -> None:
    assert deductions(LADDER) == (D(0), D(1), D(16))


def test_a_rung_that_prints_its_amount_is_taken_at_its_word() -> None:
    printed = (
        *LADDER[:1],
        MarginTier(
            tier=2,
            floor=D(100),
            cap=D(500),
            initial_margin_rate=None,
            maintenance_margin_rate=D("0.02"),
            maintenance_amount=D("1.5"),
            max_leverage=D(25),
        ),
        LADDER[2],
    )
    assert deductions(printed) == (D(0), D("1.5"), D("16.5"))


def test_a_rung_without_a_rate_leaves_the_deductions_from_there_on_unknown() -> None:
    holed = (LADDER[0], tier(2, "100", "500", None, "25"), LADDER[2])
    assert deductions(holed) == (D(0), None, None)


@given(steps, sizes)
def test_exactly_the_rung_that_holds_a_size_is_returned(widths: list[int], size: Decimal) -> None:
    tiers = ladder_of(widths)
    holding = [rung for rung in tiers if rung.cap is not None and rung.floor < size <= rung.cap]
    if size == 0:
        holding = [tiers[0]]
    assert rung_at(tiers, size) == (holding[0] if holding else None)


@given(steps, sizes, sizes)
def test_a_larger_size_is_never_on_a_lower_rung(widths: list[int], one: Decimal, other: Decimal) -> None:
    tiers = ladder_of(widths)
    low, high = rung_at(tiers, min(one, other)), rung_at(tiers, max(one, other))
    assert high is None or (low is not None and low.tier <= high.tier)


@given(steps)
def test_maintenance_with_deductions_is_continuous_at_every_boundary(widths: list[int]) -> None:
    tiers = ladder_of(widths)
    amounts = deductions(tiers)
    for lower, upper, below, above in zip(tiers, tiers[1:], amounts, amounts[1:], strict=False):
        edge = upper.floor
        assert lower.maintenance_margin_rate is not None
        assert upper.maintenance_margin_rate is not None
        assert below is not None
        assert above is not None
        assert edge * lower.maintenance_margin_rate - below == edge * upper.maintenance_margin_rate - above


def test_slices_at_their_own_initial_rates_are_asked_for_together() -> None:
    assert initial_rate_by_slices(LADDER, D("100")) == D("0.02")
    assert initial_rate_by_slices(LADDER, D("200")) == D("0.03")
    unstated = structs.replace(tier(1, "0", None, "0.01", "40"), initial_margin_rate=None)
    assert initial_rate_by_slices((unstated,), D("200")) == D("0.025")
    assert leverage_at(LADDER, D("200"), LadderKind.STEP) == 25
    assert leverage_at(LADDER, D("500"), LadderKind.MARGINAL) == 500 / D("18")
    assert leverage_at(LADDER, D("1001"), LadderKind.MARGINAL) is None


@given(steps, sizes)
def test_the_largest_size_at_a_leverage_by_slices_is_asked_for_just_that(widths: list[int], size: D) -> None:
    tiers = ladder_of(widths)
    leverage = leverage_at(tiers, size, LadderKind.MARGINAL)
    if leverage is None:
        return
    granted, limit = size_limit_at_leverage(tiers, leverage, LadderKind.MARGINAL)
    assert granted
    assert limit is not None
    assert limit >= size * (1 - D("1e-20"))
    most = leverage_at(tiers, limit, LadderKind.MARGINAL)
    assert most is not None
    assert most >= leverage * (1 - D("1e-20"))


def test_no_size_has_more_leverage_than_the_first_rung_grants() -> None:
    assert size_limit_at_leverage(LADDER, D("51"), LadderKind.MARGINAL) == (False, 0)
    assert size_limit_at_leverage(OPEN, D("10"), LadderKind.MARGINAL) == (True, None)
    assert size_limit_at_leverage(LADDER, D("25"), LadderKind.MARGINAL) == (True, 500 + D(50) / D("1.5"))


def test_a_rate_printed_as_one_over_a_whole_leverage_is_that() -> None:
    fifteenth = D(1) / 15
    assert highest_leverage_rate(D("0.066667"), D(15)) == fifteenth
    assert highest_leverage_rate(D("0.066666"), D(15)) == fifteenth
    # too few digits, another rate, a leverage that is itself one over the rate, or none
    assert highest_leverage_rate(D("0.067"), D(15)) == D("0.067")
    assert highest_leverage_rate(D("0.066669"), D(15)) == D("0.066669")
    assert highest_leverage_rate(D("0.06667"), D("14.9993")) == D("0.06667")
    assert highest_leverage_rate(D("0.02"), None) == D("0.02")


def test_a_position_at_the_highest_leverage_posts_its_value_over_it() -> None:
    rung = MarginTier(
        tier=1,
        floor=D(0),
        cap=None,
        initial_margin_rate=D("0.066667"),
        maintenance_margin_rate=D("0.033333"),
        maintenance_amount=D(0),
        max_leverage=D(15),
    )
    found = position_figures(half_of_initial(), held(size="40000", entry="3000", leverage="15", tiers=(rung,)))
    assert (found.initial_margin, found.margin, found.bankruptcy_price) == (8_000_000, 8_000_000, 2800)
    assert found.maintenance_margin == D(120_000_000) * (D("0.5") / 15)
    # a rate of its own stays
    stated = structs.replace(rung, maintenance_margin_rate=D("0.03"))
    kept = position_figures(half_of_initial(), held(size="40000", entry="3000", leverage="15", tiers=(stated,)))
    assert kept.maintenance_margin == 3_600_000
