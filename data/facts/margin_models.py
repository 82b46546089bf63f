"""Typed margin models: which formula a venue uses, with the parameters its facts give.

One Struct per family of formulas, told apart by `model` in the curated file. A model says for which products, kinds of
contract and margin modes it holds; `select_model` finds the one that covers a position.

Their words stand in `margin_model_vocabulary`, what all share in `margin_model_base`, the models themselves in
`margin_models_of_positions` and `margin_models_of_loans`; all of them can be imported from here.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import get_args

from data.facts.margin_model_base import AccountRates, MarginModel, SymbolSettle
from data.facts.margin_model_vocabulary import (
    AccountBasis,
    AccountKind,
    AdlRanking,
    CloseFee,
    CloseFeeBasis,
    InterestAccrual,
    LadderKind,
    MarginRatioForm,
    MoneyRounding,
    PriceRounding,
    ReportedFee,
    RiskRateForm,
    ValueBasis,
    ValuePrice,
)
from data.facts.margin_models_of_loans import LiabilityMargin, MarginLevel
from data.facts.margin_models_of_positions import (
    AdjustmentFactorMargin,
    BondRate,
    ConstantLadder,
    ConstantLadderMargin,
    HalfOfInitialMargin,
    InstrumentSlope,
    LiquidityTier,
    OpenInterestMargin,
    PartialLiquidationTerms,
    PerformanceBond,
    RequirementModel,
    SlopeMargin,
    TieredMargin,
    UnitRate,
    UnitRateMargin,
)
from data.facts.vocabulary import ContractType, MarginMode, Product

__all__ = (
    "MODEL_KINDS",
    "AccountBasis",
    "AccountKind",
    "AccountRates",
    "AdjustmentFactorMargin",
    "AdlRanking",
    "AnyMarginModel",
    "BondRate",
    "CloseFee",
    "CloseFeeBasis",
    "ConstantLadder",
    "ConstantLadderMargin",
    "HalfOfInitialMargin",
    "InstrumentSlope",
    "InterestAccrual",
    "LadderKind",
    "LiabilityMargin",
    "LiquidityTier",
    "MarginLevel",
    "MarginModel",
    "MarginRatioForm",
    "MoneyRounding",
    "OpenInterestMargin",
    "PartialLiquidationTerms",
    "PerformanceBond",
    "PriceRounding",
    "ReportedFee",
    "RequirementModel",
    "RiskRateForm",
    "SlopeMargin",
    "SymbolSettle",
    "TieredMargin",
    "UnitRate",
    "UnitRateMargin",
    "ValueBasis",
    "ValuePrice",
    "select_model",
)

AnyMarginModel = (
    TieredMargin
    | HalfOfInitialMargin
    | AdjustmentFactorMargin
    | SlopeMargin
    | ConstantLadderMargin
    | UnitRateMargin
    | OpenInterestMargin
    | MarginLevel
    | LiabilityMargin
    | PerformanceBond
)
"""Every margin model, told apart by `model`."""

MODEL_KINDS: tuple[type[MarginModel], ...] = get_args(AnyMarginModel)


def select_model(
    models: Iterable[MarginModel], product: Product, contract_type: ContractType, margin_mode: MarginMode | None
) -> MarginModel | None:
    """Return the model of one venue that fits a position most closely; null when none holds for it.

    `models` are the venue's models that hold on the day asked about.
    """
    best: MarginModel | None = None
    closest = 3
    for model in models:
        distance = model.covers(product, contract_type, margin_mode)
        if distance is not None and distance < closest:
            best, closest = model, distance
    return best
