"""The formula of a model in words and symbols, built from its parameters so that it says what is computed.

Symbols: s +1 long, -1 short; Q size (coins; quote units for inverse); E entry, P liquidation price, M mark; L leverage;
r, d maintenance rate and amount of the rung that holds the position at P; f taker fee, lf liquidation fee, fr next
funding rate (for the side that pays it); m margin behind the position.
"""

from __future__ import annotations

from data.facts.margin_models import (
    AdjustmentFactorMargin,
    CloseFee,
    CloseFeeBasis,
    ConstantLadderMargin,
    HalfOfInitialMargin,
    LadderKind,
    LiabilityMargin,
    MarginLevel,
    MarginModel,
    OpenInterestMargin,
    PerformanceBond,
    PriceRounding,
    RequirementModel,
    SlopeMargin,
    TieredMargin,
    UnitRateMargin,
    ValueBasis,
)
from data.facts.vocabulary import ContractType, MarginMode

_ROUNDED = {
    PriceRounding.TOWARD_ENTRY: "; rounded to the tick, up for a long, down for a short",
    PriceRounding.AWAY_FROM_ENTRY: "; rounded to the tick, down for a long, up for a short",
    PriceRounding.NONE: "",
}


def formula_of(model: MarginModel, contract_type: ContractType, margin_mode: MarginMode | None) -> str:
    """Return the model's formula for a kind of contract and a margin mode."""
    if isinstance(model, MarginLevel):
        call = "" if model.call_level is None else f", call at {model.call_level}"
        floats = "; a short's used margin is Q/L coins, worth Q*P/L" if model.short_used_margin_floats else ""
        return f"level = equity / used margin, used margin = Q*E/L{floats}; closed at level {model.close_level}{call}"
    if isinstance(model, LiabilityMargin):
        return (
            "margin = sum over borrowed coins of each slice of the liability at its own rate; "
            f"closed when net equity / maintenance margin is at or below {model.close_level or 'an unpublished level'}"
        )
    if isinstance(model, RequirementModel):
        return _requirement(model, inverse=contract_type is ContractType.INVERSE, cross=margin_mode is MarginMode.CROSS)
    return model.title


def _requirement(model: RequirementModel, *, inverse: bool, cross: bool) -> str:
    value = {True: ("Q/E", "Q/M", "Q/P"), False: ("Q*E", "Q*M", "Q*P")}[inverse]
    at_entry, at_mark, at_price = value
    basis = {ValueBasis.ENTRY: at_entry, ValueBasis.MARK: at_price, ValueBasis.FROZEN_MARK: at_mark}[
        model.maintenance_basis
    ]
    profit = "s*Q*(1/E - 1/P)" if inverse else "s*Q*(P - E)"
    required = [f"{basis}*r{_deduction(model)}"]
    if model.close_fee is not CloseFee.NONE:
        fee = "f" if model.close_fee is CloseFee.TAKER else "lf"
        fee_value = {
            CloseFeeBasis.PRICE: at_price,
            CloseFeeBasis.FROZEN_MARK: at_mark,
            CloseFeeBasis.BANKRUPTCY: "value at the bankruptcy price",
        }[model.close_fee_basis]
        required.append(f"{fee_value}*{fee}")
    if model.funding_reserve:
        required.append(f"{at_entry}*fr")
    if cross:
        margin = "m = wallet balance + unrealised profit of the other positions - what they require"
    else:
        initial = f"{at_entry}/L"
        margin = f"m = margin posted, {initial} + added margin unless given"
        if model.posted_margin_bears_fee:
            margin += ", and the fee to close at the bankruptcy price"
    rounded = _ROUNDED[model.liquidation_rounding]
    return f"P solves m + {profit} = {' + '.join(required)}; {_rate(model)}; {margin}{rounded}"


def _deduction(model: RequirementModel) -> str:
    marginal = isinstance(model, HalfOfInitialMargin) or (
        isinstance(model, TieredMargin) and model.ladder is LadderKind.MARGINAL and not _averages(model)
    )
    return " - d" if marginal else ""


def _averages(model: TieredMargin) -> bool:
    """Say whether the slices are told as one average rate: they count what does not move with the price."""
    return model.initial_ladder is LadderKind.MARGINAL


def _rate(model: RequirementModel) -> str:
    if isinstance(model, HalfOfInitialMargin):
        return f"r = {model.share} / highest leverage of the rung"
    if isinstance(model, AdjustmentFactorMargin):
        return "r = adjustment factor / L"
    if isinstance(model, SlopeMargin):
        return "r = base rate + rate per coin * size in coins, on the whole position"
    if isinstance(model, ConstantLadderMargin):
        return "r = 1/(2*leverage constant) * (1 + Q/size constant), at most the limit"
    if isinstance(model, UnitRateMargin):
        share = "unpublished share" if model.maintenance_share is None else str(model.maintenance_share)
        return f"r = {share} * min(1, max(1/L, 1/product leverage, unit margin rate * Q))"
    if isinstance(model, OpenInterestMargin):
        return "r = maintenance margin fraction of the market; the initial fraction grows with open interest"
    if isinstance(model, PerformanceBond):
        return "r = clearing maintenance requirement; the carrying broker may ask for more"
    if isinstance(model, TieredMargin) and _averages(model):
        return "r the average over the position, each slice of it at the rate of its own rung, as the initial rate is"
    if isinstance(model, TieredMargin) and model.ladder is LadderKind.STEP:
        return "r of the rung that holds the position, on the whole of it"
    return "r, d of the rung that holds the position at P"
