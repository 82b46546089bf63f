"""The formula of a model in words and symbols, built from its parameters so that it says what is computed.

Symbols: s +1 long, -1 short; Q size (coins; quote units for inverse); E entry, P liquidation price, M mark; L leverage;
r, d maintenance rate and amount of the rung that holds the position at P; f taker fee, lf liquidation fee, fr next
funding rate (for the side that pays it); m margin behind the position.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

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
from data.facts.venues import MarginTier
from data.facts.vocabulary import ContractType, MarginMode
from rules.margin.margins import Valuation
from rules.margin.position import HeldPosition
from rules.margin.rates import constant_of, is_marginal, maintenance_rate_of

_ROUNDED = {
    PriceRounding.TOWARD_ENTRY: "; rounded to the tick, up for a long, down for a short",
    PriceRounding.AWAY_FROM_ENTRY: "; rounded to the tick, down for a long, up for a short",
    PriceRounding.NONE: "",
}

_OF_THE_RUNG = "r of the rung that holds the position, on the whole of it"
_OF_THE_RUNG_AT_P = "r, d of the rung that holds the position at P"
_OF_THE_SLICES = "r the average over the position, each slice of it at the rate of its own rung"
_NOT_KNOWN = " (r is not known here)"


def formula_of(
    model: MarginModel,
    contract_type: ContractType,
    margin_mode: MarginMode | None,
    held: HeldPosition | None = None,
) -> str:
    """Return the model's formula for a kind of contract and a margin mode.

    Of a position, with the rate that it is reckoned with: terms may state it in place of the model's own.
    """
    if isinstance(model, MarginLevel):
        call = "" if model.call_level is None else f", call at {model.call_level}"
        floats = "; a short's used margin is Q/L coins, worth Q*P/L" if model.short_used_margin_floats else ""
        return f"level = equity / used margin, used margin = Q*E/L{floats}; closed at level {model.close_level}{call}"
    if isinstance(model, LiabilityMargin):
        borrowed = "margin = sum over borrowed coins of each slice of the liability at its own rate"
        return "; ".join((borrowed, *closing_words(model, "net equity")))
    if isinstance(model, RequirementModel):
        rate = _of_the_model(model) if held is None else _of_the_position(model, held)
        inverse, cross = contract_type is ContractType.INVERSE, margin_mode is MarginMode.CROSS
        return _requirement(model, rate, inverse=inverse, cross=cross)
    return model.title


def closing_words(model: LiabilityMargin, basis: str) -> Iterator[str]:
    """Yield when the venue closes the account: by the maintenance margin, by the debts, or by these without that.

    `basis` is what the venue holds against the maintenance margin.
    """
    by_debts = (("assets / debts", model.close_asset_level), ("debts / assets", model.close_debt_ratio))
    known = [f"{what} are at {level}" for what, level in by_debts if level is not None]
    if model.close_level is not None or not known:
        yield f"closed when {basis} / maintenance margin is at {model.close_level or 'an unpublished level'}"
    for one in known:
        yield f"closed when {one}" if model.close_level is None else f"without maintenance margin, when {one}"


def _requirement(model: RequirementModel, rate: _Rate, *, inverse: bool, cross: bool) -> str:
    value = {True: ("Q/E", "Q/M", "Q/P"), False: ("Q*E", "Q*M", "Q*P")}[inverse]
    at_entry, at_mark, at_price = value
    basis = {ValueBasis.ENTRY: at_entry, ValueBasis.MARK: at_price, ValueBasis.FROZEN_MARK: at_mark}[
        model.maintenance_basis
    ]
    profit = "s*Q*(1/E - 1/P)" if inverse else "s*Q*(P - E)"
    required = [f"{basis}*r{' - d' if rate.deducts else ''}"]
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
    nearer = ""
    if model.maintenance_basis is ValueBasis.FROZEN_MARK:
        nearer = f", or with {at_price} in place of {at_mark} if that is nearer"
    return f"P solves m + {profit} = {' + '.join(required)}{nearer}; {rate.words}; {margin}{rounded}"


class _Rate(Struct, frozen=True):
    """What r is, in words, and whether d is taken off."""

    words: str
    deducts: bool = False


def _of_the_model(model: RequirementModel) -> _Rate:
    """Return the rate as a model has it, whatever a contract's terms say."""
    return _Rate(_rate(model), is_marginal(model) and not _averages(model))


def _of_the_position(model: RequirementModel, held: HeldPosition) -> _Rate:
    """Return the rate that a position is reckoned with: as stated, of a rung, or by the model's own formula."""
    rates = Valuation(model, held).rates
    if rates.maintenance is None:
        own = _of_the_model(model)
        return _Rate(own.words + _NOT_KNOWN, own.deducts)
    if isinstance(model, ConstantLadderMargin) and constant_of(model, held.terms) is not None:
        return _Rate(_rate(model))
    if rates.tier is not None:
        return _of_the_rung(model, rates.tier, deducts=rates.marginal)
    if _is_stated(model, held):
        return _Rate("r, d as stated", True) if held.terms.maintenance_amount else _Rate("r as stated")
    if isinstance(model, HalfOfInitialMargin):
        return _Rate(f"r = {model.share} / highest leverage as stated")
    return _Rate(_rate(model))


def _is_stated(model: RequirementModel, held: HeldPosition) -> bool:
    """Say whether the rate is one that the terms state; a model's own number goes before it (see `rates_of`)."""
    terms = held.terms
    if isinstance(model, SlopeMargin) and terms.base_rate is not None:
        return False
    if isinstance(model, AdjustmentFactorMargin) and terms.adjustment_factor is not None and held.leverage:
        return False
    return terms.maintenance_margin_rate is not None


def _of_the_rung(model: RequirementModel, tier: MarginTier, *, deducts: bool) -> _Rate:
    """Return the rate of the rung that holds a position, in the model's own words where it is as those say."""
    if isinstance(model, HalfOfInitialMargin) and maintenance_rate_of(model, tier) == model.share / tier.max_leverage:
        return _Rate(_rate(model), deducts)
    if isinstance(model, (OpenInterestMargin, PerformanceBond)) or _averages(model):
        return _Rate(_rate(model))
    if deducts:
        return _Rate(_OF_THE_RUNG_AT_P, True)
    return _Rate(_OF_THE_SLICES if is_marginal(model) else _OF_THE_RUNG)


def _averages(model: RequirementModel) -> bool:
    """Say whether the slices are told as one average rate: they count what does not move with the price."""
    return isinstance(model, TieredMargin) and model.initial_ladder is LadderKind.MARGINAL


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
    if _averages(model):
        return f"{_OF_THE_SLICES}, as the initial rate is"
    if isinstance(model, TieredMargin) and model.ladder is LadderKind.STEP:
        return _OF_THE_RUNG
    return _OF_THE_RUNG_AT_P
