"""The formula in words follows the parameters that the numbers are computed with."""

from __future__ import annotations

from pathlib import Path

import pytest

from data.curation.documents import read_document
from data.curation.facts import read_sources
from data.curation.margin_models import read_margin_models
from data.curation.problems import Problems
from data.facts.margin_models import MODEL_KINDS, CloseFee, CloseFeeBasis, LadderKind, MarginModel, ValueBasis
from data.facts.vocabulary import ContractType, MarginMode
from rules.margin.formula import formula_of
from tests.margin.building import FACT, on_entry, tiered

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
