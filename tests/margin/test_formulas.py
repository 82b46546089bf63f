"""The formula in words follows the parameters that the numbers are computed with."""

from __future__ import annotations

from pathlib import Path

import pytest

from data.curation.documents import read_document
from data.curation.facts import read_sources
from data.curation.margin_models import read_margin_models
from data.curation.problems import Problems
from data.facts.margin_models import (
    MODEL_KINDS,
    AdjustmentFactorMargin,
    CloseFee,
    CloseFeeBasis,
    ConstantLadderMargin,
    LadderKind,
    MarginModel,
    RequirementModel,
    SlopeMargin,
    ValueBasis,
)
from data.facts.vocabulary import ContractType, MarginMode
from rules.margin.formula import formula_of
from tests.margin.building import FACT, SIZE, half_of_initial, held, on_entry, rungs, tiered

CURATED = Path(__file__).resolve().parents[2] / "data" / "curated"


def curated_models() -> tuple[MarginModel, ...]:
    problems = Problems()
    sources = {}
    for path in sorted((CURATED / "venues").glob("*.toml")):
        document = read_document(CURATED, path, Problems())
        sources[document.scope] = read_sources(document)
    facts = read_margin_models(CURATED, sources, problems)
    assert problems.found == []
    return facts.models


MODELS = curated_models()
REQUIREMENTS = tuple(model for model in MODELS if isinstance(model, RequirementModel))


def test_linear_isolated_on_mark_value_with_a_fee() -> None:
    words = formula_of(tiered(close_fee=CloseFee.TAKER), ContractType.LINEAR, MarginMode.ISOLATED)
    assert "m + s*Q*(P - E) = Q*P*r - d + Q*P*f" in words
    assert "margin posted" in words


def test_inverse_cross_on_entry_value() -> None:
    model = on_entry(
        ladder=LadderKind.STEP,
        close_fee=CloseFee.LIQUIDATION,
        close_fee_basis=CloseFeeBasis.BANKRUPTCY,
        funding_reserve=True,
    )
    words = formula_of(model, ContractType.INVERSE, MarginMode.CROSS)
    assert "m + s*Q*(1/E - 1/P) = Q/E*r + value at the bankruptcy price*lf + Q/E*fr" in words
    assert "wallet balance" in words
    assert "on the whole of it" in words


def test_maintenance_held_at_todays_mark() -> None:
    words = formula_of(tiered(maintenance_basis=ValueBasis.FROZEN_MARK), ContractType.LINEAR, None)
    assert "= Q*M*r - d" in words


@pytest.mark.parametrize("model", REQUIREMENTS, ids=[model.key for model in REQUIREMENTS])
def test_a_rate_that_the_terms_state_is_told_of_every_model(model: RequirementModel) -> None:
    stated = held(maintenance_margin_rate="0.01")
    required, told, _ = formula_of(model, ContractType.LINEAR, MarginMode.ISOLATED, stated).partition("; r as stated; ")
    assert told
    assert " - d" not in required
    with_amount = held(maintenance_margin_rate="0.01", maintenance_amount="5")
    assert "*r - d" in formula_of(model, ContractType.LINEAR, MarginMode.ISOLATED, with_amount)


@pytest.mark.parametrize("model", REQUIREMENTS, ids=[model.key for model in REQUIREMENTS])
def test_a_rate_that_nothing_tells_is_said_to_be_unknown(model: RequirementModel) -> None:
    assert "(r is not known here)" in formula_of(model, ContractType.LINEAR, MarginMode.ISOLATED, held())


def test_a_rate_of_its_own_goes_before_one_that_the_terms_state() -> None:
    factor = AdjustmentFactorMargin(**FACT)
    both = held(adjustment_factor="0.1", maintenance_margin_rate="0.01")
    assert "r = adjustment factor / L;" in formula_of(factor, ContractType.LINEAR, None, both)
    unlevered = held(adjustment_factor="0.1", maintenance_margin_rate="0.01", leverage=None)
    assert "; r as stated;" in formula_of(factor, ContractType.LINEAR, None, unlevered)
    slope = SlopeMargin(**FACT, slopes=())
    based = held(base_rate="0.02", maintenance_margin_rate="0.01")
    assert "r = base rate + " in formula_of(slope, ContractType.LINEAR, None, based)


def test_a_rate_of_the_rung_is_told_where_the_model_has_none_of_its_own() -> None:
    on_a_rung = held(tiers=rungs(("0", "1000", "0.01", "20"), ("1000", None, "0.03", "10")))
    for model in (AdjustmentFactorMargin(**FACT), ConstantLadderMargin(**FACT, constants=())):
        words = formula_of(model, ContractType.LINEAR, MarginMode.CROSS, on_a_rung)
        assert "*r; r of the rung that holds the position, on the whole of it;" in words


def test_half_of_initial_is_told_where_the_rate_is_that() -> None:
    model = half_of_initial()
    for tiers, said in [
        (rungs(("0", None, "0.025", "20")), "*r - d; r = 0.5 / highest leverage of the rung;"),
        (rungs(("0", None, "0.01", "20")), "*r - d; r, d of the rung that holds the position at P;"),
    ]:
        assert said in formula_of(model, ContractType.LINEAR, None, held(tiers=tiers))
    assert "*r; r = 0.5 / highest leverage as stated;" in formula_of(
        model, ContractType.LINEAR, None, held(max_leverage="20")
    )


def test_slices_that_the_price_does_not_move_are_told_as_one_rate() -> None:
    counted_in_coins = held(tiers=rungs(("0", "5", "0.01", "20"), ("5", None, "0.03", "10")), ladder_unit=SIZE)
    words = formula_of(tiered(), ContractType.LINEAR, None, counted_in_coins)
    assert "*r; r the average over the position, each slice of it at the rate of its own rung;" in words


def test_a_model_without_formulas_answers_with_its_title() -> None:
    assert formula_of(MarginModel(**FACT), ContractType.LINEAR, None) == "Example"


@pytest.mark.parametrize("model", MODELS, ids=[model.key for model in MODELS])
def test_every_curated_model_has_a_formula_for_all_it_covers(model: MarginModel) -> None:
    for kind in model.contract_types:
        for mode in (*model.margin_modes, None):
            assert len(formula_of(model, kind, mode)) > 20


def test_every_kind_of_model_is_used_and_every_one_has_a_source() -> None:
    assert {type(model) for model in MODELS} == set(MODEL_KINDS)
    assert all(model.source and model.title for model in MODELS)


def test_every_venue_with_perpetuals_or_futures_has_a_model_for_them() -> None:
    named = {model.venue for model in MODELS}
    with_facts = {path.stem for path in (CURATED / "venues").glob("*.toml")}
    without = {"binance_us", "okx_us", "coinbase_advanced", "crypto_com_cdna"}
    assert with_facts - without <= named, "a spot-only venue belongs on the list above"
