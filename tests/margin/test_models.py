"""Each family of margin model on its own: where its rate comes from, with the venues' published figures."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from msgspec.structs import replace

from data.facts.margin_models import (
    AdjustmentFactorMargin,
    BondRate,
    ConstantLadder,
    ConstantLadderMargin,
    InstrumentSlope,
    InterestAccrual,
    LadderKind,
    LiabilityMargin,
    LiquidityTier,
    MarginLevel,
    MarginModel,
    OpenInterestMargin,
    PerformanceBond,
    SlopeMargin,
    UnitRate,
    UnitRateMargin,
    ValueBasis,
    select_model,
)
from data.facts.vocabulary import ContractType, MarginMode, Product
from rules.margin.figures import position_figures
from rules.margin.liability import NO_RATES, ONE_LOAN, progressive_margin
from rules.margin.margin_level import NO_BALANCE, NO_LEVERAGE
from rules.margin.position import LiquidationState, PositionFigures, Rest
from rules.margin.rates import NO_MAINTENANCE_SHARE, NO_OPEN_INTEREST, NO_RATE, effective_initial_fraction
from tests.margin.building import FACT, INVERSE, half_of_initial, held, on_entry, rungs, terms, tiered

D = Decimal
MARK = {"initial_basis": ValueBasis.MARK, "maintenance_basis": ValueBasis.MARK}

DERIBIT = SlopeMargin(
    **FACT,
    **MARK,
    slopes=(
        InstrumentSlope(
            base="BTC",
            settle="USDC",
            initial_base_rate=D("0.02"),
            maintenance_base_rate=D("0.01"),
            rate_per_coin=D("0.00005"),
        ),
        InstrumentSlope(
            base="BTC",
            settle="BTC",
            initial_base_rate=D("0.02"),
            maintenance_base_rate=D("0.01"),
            rate_per_coin=D("0.00005"),
        ),
    ),
)


def test_kraken_futures_official_inverse_example() -> None:
    # 1,000 contracts at 8,000 with 0.01 BTC: liquidated at 7,481, bankrupt at 7,407
    found = position_figures(
        tiered(ladder=LadderKind.STEP),
        held(
            size="1000",
            entry="8000",
            leverage=None,
            collateral="0.01",
            contract_type=INVERSE,
            maintenance_margin_rate="0.01",
        ),
    )
    assert found.liquidation_price is not None
    assert found.bankruptcy_price is not None
    assert int(found.liquidation_price) == 7481
    assert int(found.bankruptcy_price) == 7407


def test_kucoins_short_example() -> None:
    # 5 contracts of 0.001 at 28,000 with 100x and 0.4%: 28,168
    found = position_figures(
        on_entry(), held("short", size="0.005", entry="28000", leverage="100", maintenance_margin_rate="0.004")
    )
    assert found.liquidation_price == D(28168)


def test_dydx_example() -> None:
    # e = 1000, s = -3, p = 3000, MMF = 5%: 3174.60
    model = OpenInterestMargin(**FACT, **MARK, liquidity_tiers=())
    found = position_figures(
        model,
        held(
            "short",
            size="3",
            entry="3000",
            mark="3000",
            leverage=None,
            cross=True,
            wallet="1000",
            maintenance_margin_rate="0.05",
        ),
    )
    assert found.liquidation_price is not None
    assert round(found.liquidation_price, 2) == D("3174.60")


@pytest.mark.parametrize(("coins", "rate"), [("25", "0.02125"), ("350", "0.0375")])
def test_deribits_rate_grows_with_each_coin_on_the_whole_position(coins: str, rate: str) -> None:
    found = position_figures(DERIBIT, held(size=coins, entry="100000", leverage=None, base="BTC", settle="USDC"))
    assert found.initial_margin == D(coins) * 100000 * D(rate)
    assert found.maintenance_margin == D(coins) * 100000 * (D(rate) - D("0.01"))
    assert found.max_leverage == 1 / D(rate)


def test_deribits_line_binds_a_leverage_that_asks_for_less() -> None:
    found = position_figures(DERIBIT, held(size="350", entry="100000", leverage="50", base="BTC", settle="USDC"))
    assert found.initial_margin == 350 * 100000 * D("0.0375")


@pytest.mark.parametrize("side", ["long", "short"])
def test_an_inverse_position_on_deribit_is_liquidated_where_its_quadratic_requirement_is_met(side: str) -> None:
    s = 1 if side == "long" else -1
    size, entry, wallet = D("6000000"), D("60000"), D("12")
    found = position_figures(
        DERIBIT,
        held(
            side,
            size=size,
            entry=entry,
            leverage=None,
            cross=True,
            wallet=wallet,
            contract_type=INVERSE,
            base="BTC",
            settle="BTC",
        ),
    )
    price = found.liquidation_price
    assert price is not None
    assert (price < entry) is (side == "long")
    coins = size / price
    equity = wallet + s * size * (1 / entry - 1 / price)
    assert abs(equity - coins * (D("0.01") + D("0.00005") * coins)) < D("1e-35")
    assert found.liquidation_price_per_margin is None


def test_an_inverse_position_on_deribit_may_be_beyond_liquidation() -> None:
    rich = held(
        "short",
        size="6000000",
        entry="60000",
        leverage=None,
        cross=True,
        wallet="5000",
        contract_type=INVERSE,
        base="BTC",
        settle="BTC",
    )
    assert position_figures(DERIBIT, rich).liquidation is LiquidationState.NEVER


def test_a_slope_of_zero_is_a_fixed_rate() -> None:
    flat = held(
        size="10000",
        entry="50000",
        leverage=None,
        collateral="0.05",
        contract_type=INVERSE,
        base_rate="0.10",
        maintenance_base_rate="0.05",
        rate_per_coin="0",
    )
    fixed = held(
        size="10000",
        entry="50000",
        leverage=None,
        collateral="0.05",
        contract_type=INVERSE,
        maintenance_margin_rate="0.05",
    )
    assert position_figures(DERIBIT, flat).liquidation_price == position_figures(tiered(), fixed).liquidation_price
    bare = held(size="10", entry="100", leverage=None, base_rate="0.1")
    assert position_figures(DERIBIT, bare).initial_margin == position_figures(DERIBIT, bare).maintenance_margin == 100


def test_a_short_backed_by_more_than_its_value_at_any_price_is_never_liquidated() -> None:
    steep = held(
        "short",
        size="100",
        entry="100",
        leverage=None,
        collateral="0.5",
        contract_type=INVERSE,
        base_rate="0.9",
        maintenance_base_rate="0.1",
        rate_per_coin="0.0001",
    )
    assert position_figures(DERIBIT, steep).liquidation in (LiquidationState.PRICE, LiquidationState.NEVER)
    deep = held(
        "short",
        size="100",
        entry="100",
        leverage=None,
        collateral="300",
        contract_type=INVERSE,
        base_rate="0.9",
        maintenance_base_rate="0.1",
        rate_per_coin="0.9",
    )
    assert position_figures(DERIBIT, deep).liquidation is LiquidationState.NEVER


def test_a_call_that_the_whole_requirement_is_past_has_no_price() -> None:
    warned = SlopeMargin(**FACT, **MARK, margin_call_ratio=D("0.01"), slopes=())
    near_end = held(
        "short",
        size="100",
        entry="100",
        leverage=None,
        collateral="0.2",
        contract_type=INVERSE,
        base_rate="0.9",
        maintenance_base_rate="0.01",
        rate_per_coin="0.05",
    )
    found = position_figures(warned, near_end)
    assert found.liquidation is LiquidationState.PRICE
    assert found.margin_call_price is None


def test_deribit_without_rates_for_the_coin_says_so() -> None:
    found = position_figures(DERIBIT, held(base="DOGE", settle="USDC"))
    assert found.maintenance_margin is None
    assert NO_RATE in found.approximations
    explicit = position_figures(DERIBIT, held(base="DOGE", settle="USDC", maintenance_margin_rate="0.02"))
    assert explicit.maintenance_margin == D(2)


@pytest.mark.parametrize(("coins", "rate"), [("12.102", "0.00416136"), ("0.001", "0.004000013333333333")])
def test_kucoins_constants_give_the_recorded_rates(coins: str, rate: str) -> None:
    model = ConstantLadderMargin(
        **FACT,
        **MARK,
        constants=(
            ConstantLadder(instrument="XBTUSDTM", leverage_constant=D(125), size_constant=D(300), limit=D("0.3")),
        ),
    )
    found = position_figures(model, held(size=coins, entry="1", symbol="XBTUSDTM", leverage="10"))
    assert found.maintenance_margin is not None
    assert abs(found.maintenance_margin / D(coins) - D(rate)) < D("1e-17")
    assert found.max_leverage == 125
    other = position_figures(model, held(size=coins, entry="1", symbol="ETHUSDTM", leverage="10"))
    assert NO_RATE in other.approximations
    huge = position_figures(model, held(size="1000000", entry="1", symbol="XBTUSDTM", leverage="10"))
    assert huge.maintenance_margin == D(300000)
    ladder = rungs(("0", "10", "0.004", "200"), ("10", None, "0.005", "50"))
    for size, most in (("10", 125), ("11", 50)):
        listed = position_figures(model, held(size=size, entry="1", symbol="XBTUSDTM", leverage="10", tiers=ladder))
        assert listed.max_leverage == most


CRYPTOCOM = UnitRateMargin(
    **FACT,
    **MARK,
    maintenance_share=None,
    rates=(UnitRate(instrument="BTCUSD-PERP", product_leverage=D(50), unit_margin_rate=D("0.005")),),
)


@pytest.mark.parametrize(
    ("coins", "leverage", "rate"), [("1", None, "0.02"), ("1", "10", "0.1"), ("20", "50", "0.1"), ("300", None, "1")]
)
def test_cryptocom_takes_the_largest_of_three_rates_and_at_most_everything(
    coins: str, leverage: str | None, rate: str
) -> None:
    found = position_figures(CRYPTOCOM, held(size=coins, entry="1", leverage=leverage, symbol="BTCUSD-PERP"))
    assert found.initial_margin == D(coins) * D(rate)
    assert found.max_leverage == min(D(50), 1 / min(D(1), max(D("0.02"), D("0.005") * D(coins))))
    assert found.maintenance_margin is None
    assert NO_MAINTENANCE_SHARE in found.approximations


def test_cryptocom_with_a_share_and_without_the_instrument() -> None:
    shared = UnitRateMargin(**FACT, **MARK, maintenance_share=D("0.5"), rates=CRYPTOCOM.rates)
    for leverage, maintenance in ((None, 1), ("10", 1), ("5", 2)):
        found = position_figures(shared, held(size="20", entry="1", leverage=leverage, symbol="BTCUSD-PERP"))
        assert found.maintenance_margin == D(maintenance)
    assert NO_RATE in position_figures(shared, held(symbol="DOGEUSD-PERP")).approximations


SMALL_CAP = LiquidityTier(
    name="Small-Cap",
    initial_margin_fraction=D("0.1"),
    maintenance_margin_fraction=D("0.05"),
    open_interest_lower_cap=D(20000000),
    open_interest_upper_cap=D(50000000),
)


@pytest.mark.parametrize(
    ("open_interest", "fraction"),
    [("1000000", "0.1"), ("20000000", "0.1"), ("35000000", "0.55"), ("50000000", "1"), ("90000000", "1")],
)
def test_dydx_initial_margin_grows_with_open_interest_and_maintenance_does_not(
    open_interest: str, fraction: str
) -> None:
    assert effective_initial_fraction(SMALL_CAP, D(open_interest)) == D(fraction)
    model = OpenInterestMargin(**FACT, **MARK, liquidity_tiers=(SMALL_CAP,))
    tiers = rungs(("0", None, "0.05", "10"))
    found = position_figures(model, held(leverage=None, tiers=tiers, open_interest=open_interest))
    assert found.initial_margin == 100 * D(fraction)
    assert found.maintenance_margin == D(5)


def test_a_dydx_tier_of_which_one_fraction_alone_is_the_markets_is_not_its_tier() -> None:
    other = replace(SMALL_CAP, maintenance_margin_fraction=D("0.06"))
    position = held(leverage=None, tiers=rungs(("0", None, "0.05", "10")), open_interest="50000000")
    assert position_figures(OpenInterestMargin(**FACT, **MARK, liquidity_tiers=(other,)), position).initial_margin == 10


def test_dydx_without_open_interest_says_so_and_without_caps_never_rises() -> None:
    model = OpenInterestMargin(**FACT, **MARK, liquidity_tiers=(SMALL_CAP,))
    tiers = rungs(("0", None, "0.05", "10"))
    assert NO_OPEN_INTEREST in position_figures(model, held(leverage=None, tiers=tiers)).approximations
    unknown = position_figures(model, held(leverage=None, tiers=rungs(("0", None, "0.03", "20"))))
    assert unknown.initial_margin == D(5)
    open_ended = LiquidityTier(
        name="Large-Cap",
        initial_margin_fraction=D("0.02"),
        maintenance_margin_fraction=D("0.012"),
        open_interest_lower_cap=None,
        open_interest_upper_cap=None,
    )
    assert effective_initial_fraction(open_ended, D(10) ** 12) == D("0.02")


def test_dydx_terms_that_two_tiers_share_say_which_was_taken() -> None:
    isolated = replace(
        SMALL_CAP, name="Isolated", open_interest_lower_cap=D(500000), open_interest_upper_cap=D(1000000)
    )
    model = OpenInterestMargin(**FACT, **MARK, liquidity_tiers=(SMALL_CAP, isolated))
    tiers = rungs(("0", None, "0.05", "10"))

    def said(open_interest: str, **more: str) -> str:
        position = held(leverage=None, tiers=tiers, open_interest=open_interest, **more)
        return " ".join(position_figures(model, position).approximations)

    assert "Small-Cap is taken, and not Isolated" in said("500001")
    assert "from an open interest of 500000 on" in said("500001")
    assert "Isolated" not in said("500000") + said("500001", symbol="SOL-USD")


def test_half_of_initial_reads_rungs_that_give_no_maintenance_rate() -> None:
    tiers = tuple(
        type(tier)(
            **{**{name: getattr(tier, name) for name in tier.__struct_fields__}, "maintenance_margin_rate": None}
        )
        for tier in rungs(("0", "150000000", "0", "40"), ("150000000", None, "0", "20"))
    )
    found = position_figures(half_of_initial(), held(size="200000000", entry="1", leverage="5", tiers=tiers))
    assert found.maintenance_margin == 200000000 * D("0.025") - 1875000
    assert NO_RATE in position_figures(half_of_initial(), held()).approximations
    assert position_figures(tiered(), held(tiers=tiers)).maintenance_margin is None


def test_an_adjustment_factor_is_divided_by_the_leverage() -> None:
    model = AdjustmentFactorMargin(**FACT, **MARK)
    found = position_figures(
        model,
        held(
            entry="47151.3",
            size="0.001",
            mark="47158.6",
            leverage="2",
            collateral="24.96572007",
            adjustment_factor="0.015",
        ),
    )
    assert found.liquidation_price is not None
    assert found.liquidation_price.quantize(D("1e-18")) == D("22353.229148614609571788")
    bare = tuple(
        type(tier)(
            **{**{name: getattr(tier, name) for name in tier.__struct_fields__}, "maintenance_margin_rate": None}
        )
        for tier in rungs(("0", None, "0", "40"))
    )
    assert NO_RATE in position_figures(model, held(tiers=bare)).approximations


def test_a_performance_bond_is_a_rate_or_unknown() -> None:
    model = PerformanceBond(
        **FACT, **MARK, bond_rates=(BondRate(base="BTC", initial_rate=D("0.2145"), maintenance_rate=D("0.165")),)
    )
    found = position_figures(model, held(leverage=None, base="BTC"))
    assert (found.initial_margin, found.maintenance_margin) == (D("21.45"), D("16.5"))
    assert NO_MAINTENANCE_SHARE in position_figures(model, held(base="ETH")).approximations
    explicit = position_figures(model, held(leverage=None, base="ETH", initial_margin_rate="0.25"))
    assert (explicit.initial_margin, explicit.max_leverage) == (D(25), D(4))


KRAKEN = MarginLevel(
    **{**FACT, "contract_types": (ContractType.SPOT,)},
    call_level=D("0.8"),
    close_level=D("0.4"),
    short_used_margin_floats=True,
    interest_accrual=InterestAccrual.OPENING_AND_ROLLOVER,
)


def test_krakens_long_is_called_and_closed_at_levels_of_fixed_used_margin() -> None:
    # collateral 10,000, used margin 9,000, opening cost 45,000, volume 1.5: called at 28,133.33
    found = position_figures(KRAKEN, held(size="1.5", entry="30000", leverage="5", wallet="10000"))
    assert found.initial_margin == D(9000)
    assert found.margin_call_price is not None
    assert round(found.margin_call_price, 2) == D("28133.33")
    assert found.liquidation_price == (D("0.4") * 9000 - 10000 + 45000) / D("1.5")
    assert found.bankruptcy_price == (D(45000) - 10000) / D("1.5")
    assert found.remaining_after_liquidation is not None
    assert round(found.remaining_after_liquidation, 30) == 3600


def test_a_margin_level_counts_what_is_added_and_what_the_rest_earns_and_uses() -> None:
    def found(wallet: str, **given: str) -> PositionFigures:
        position = held(size="1", entry="100", leverage="5", wallet=wallet, added="3", **given)
        return position_figures(KRAKEN, position, Rest(unrealized_pnl=D(2), requirement=D(4)))

    # 20 + 3 + 2 and a profit of 10 against 20 + 4 of used margin, which is closed at 9.6 and called at 19.2
    rich = found("20", mark="110")
    assert (rich.margin, rich.equity, rich.unrealized_pnl, rich.margin_ratio) == (25, 35, 10, D(35) / 24)
    assert (rich.bankruptcy_price, rich.liquidation_price, rich.margin_call_price) == (75, D("84.6"), D("94.2"))
    assert (rich.distance_in_price, rich.remaining_after_liquidation) == (D("25.4"), D("9.6"))
    # equity of 23 is less than what is used, and more than the call
    assert found("8", mark="110").margin_call_price == D("106.2")
    assert found("8").unrealized_pnl is None
    assert position_figures(KRAKEN, held(leverage="5", collateral="30")).equity == 30


@pytest.mark.parametrize("floats", [True, False])
def test_krakens_short_is_closed_where_the_level_is_reached(floats: bool) -> None:
    fields = {name: getattr(KRAKEN, name) for name in KRAKEN.__struct_fields__}
    model = MarginLevel(**{**fields, "short_used_margin_floats": floats})
    found = position_figures(model, held("short", size="0.2", entry="50000", leverage="5", wallet="5000"))
    price = found.liquidation_price
    assert price is not None
    used = D("0.2") * (price if floats else 50000) / 5
    assert abs((5000 + D("0.2") * (50000 - price)) / used - D("0.4")) < D("1e-40")
    assert found.distance_to_liquidation == (price - 50000) / 50000


def test_a_margin_level_below_the_close_is_already_there_and_a_free_account_never() -> None:
    broke = position_figures(KRAKEN, held(size="1", entry="100", mark="85", leverage="5", wallet="20"))
    assert (broke.liquidation, broke.liquidation_price) == (LiquidationState.ALREADY, None)
    free = position_figures(KRAKEN, held(size="1", entry="100", leverage="5", wallet="200"))
    assert free.liquidation is LiquidationState.NEVER


def test_a_margin_level_needs_balance_and_leverage() -> None:
    assert NO_BALANCE in position_figures(KRAKEN, held(leverage="5")).approximations
    assert NO_LEVERAGE in position_figures(KRAKEN, held(leverage=None, wallet="10")).approximations
    fields = {name: getattr(KRAKEN, name) for name in KRAKEN.__struct_fields__}
    silent = MarginLevel(**{**fields, "call_level": None})
    assert position_figures(silent, held(leverage="5", wallet="50")).margin_call_price is None


LOANS = LiabilityMargin(
    **{**FACT, "contract_types": (ContractType.SPOT,)},
    close_level=D(1),
    interest_accrual=InterestAccrual.STARTED_HOURS,
)


def test_a_loan_needs_margin_slice_by_slice() -> None:
    # Binance: 13 BTC at 30,000 need 50,000 at 11.12%, 50,000 at 14.29% and 290,000 at 20%
    tiers = tuple(
        type(tier)(**{**{name: getattr(tier, name) for name in tier.__struct_fields__}, "initial_margin_rate": D(rate)})
        for tier, rate in zip(
            rungs(("0", "50000", "0.05", "10"), ("50000", "100000", "0.07", "7"), ("100000", None, "0.08", "5")),
            ("0.1112", "0.1429", "0.20"),
            strict=True,
        )
    )
    found = position_figures(LOANS, held("short", size="13", entry="30000", terms=terms(tiers=tiers)))
    assert found.initial_margin == D(5560) + D(7145) + D(58000)
    assert found.maintenance_margin == D(2500) + D(3500) + D(23200)
    assert found.approximations == (ONE_LOAN,)
    small = position_figures(LOANS, held("short", size="1", entry="30000", mark="40000", terms=terms(tiers=tiers)))
    assert small.initial_margin == D(40000) * D("0.1112")


def test_a_loan_beyond_its_ladder_or_without_one_has_no_margin() -> None:
    assert NO_RATES in position_figures(LOANS, held()).approximations
    short = rungs(("0", "50", "0.05", "10"))
    assert progressive_margin(short, D(60), lambda tier: tier.maintenance_margin_rate) is None
    assert progressive_margin(short, D(40), lambda tier: None) is None


def test_the_model_nearest_to_the_margin_mode_is_chosen() -> None:
    isolated = tiered(title="isolated", margin_modes=(MarginMode.ISOLATED,))
    cross = tiered(title="cross", margin_modes=(MarginMode.CROSS,))
    anything = tiered(title="any", contract_types=(INVERSE,))
    models = (cross, isolated, anything)

    def title(kind: ContractType, mode: MarginMode | None) -> str | None:
        model = select_model(models, Product.PERPETUAL, kind, mode)
        return None if model is None else model.title

    linear = ContractType.LINEAR
    assert title(linear, MarginMode.CROSS) == "cross"
    assert title(linear, MarginMode.ISOLATED) == title(linear, None) == title(linear, MarginMode.ANY) == "isolated"
    assert title(INVERSE, MarginMode.CROSS) == "cross"
    assert select_model((anything,), Product.PERPETUAL, INVERSE, MarginMode.CROSS) is anything
    assert select_model((anything,), Product.PERPETUAL, INVERSE, None) is anything
    assert select_model((cross,), Product.PERPETUAL, linear, None) is cross
    assert select_model((cross,), Product.PERPETUAL, linear, MarginMode.ISOLATED) is None
    assert select_model(models, Product.OPTION, linear, None) is None


def test_a_model_of_an_unknown_kind_is_an_error() -> None:
    with pytest.raises(TypeError, match="no formulas for MarginModel"):
        position_figures(MarginModel(**FACT), held())


def test_facts_say_from_when_a_model_holds() -> None:
    model = tiered(valid_from=date(2025, 1, 1), margin_modes=(MarginMode.ANY,))
    assert not model.holds_on(date(2024, 12, 31))
    assert model.holds_on(date(2025, 1, 1))
