"""Margins of one position: posted, initial and maintenance, as reported, and the ratio the venue watches."""

from __future__ import annotations

from decimal import Decimal

from data.facts.margin_models import (
    CloseFee,
    MarginModel,
    MarginRatioForm,
    MoneyRounding,
    ReportedFee,
    RequirementModel,
    ValueBasis,
)
from data.facts.vocabulary import ContractType, MarginMode, Side
from rules.margin.ladder import highest_leverage_rate, initial_ladder_of, size_limit_at_leverage
from rules.margin.position import HeldPosition, LadderUnit, PositionTerms, Rest, direction_of, value_of
from rules.margin.rates import Rates, rates_of
from rules.margin.rounding import round_money
from rules.margin.solve import requirement_at

# An enum's member is looked up through its metaclass, far slower than a name: these are read several times a trade.
_AT_ENTRY = ValueBasis.ENTRY
_BY_CONTRACTS = LadderUnit.CONTRACTS
_BY_VALUE = LadderUnit.VALUE
_CLOSE_FEE_NONE = CloseFee.NONE
_CLOSE_FEE_TAKER = CloseFee.TAKER
_CROSS = MarginMode.CROSS
_EQUITY_OVER_REQUIREMENT = MarginRatioForm.EQUITY_OVER_REQUIREMENT
_INVERSE = ContractType.INVERSE
_LONG = Side.LONG
_REPORTED_NONE = ReportedFee.NONE
_REPORTED_ON_VALUE_AND_DEPOSIT = ReportedFee.ON_VALUE_AND_DEPOSIT
_REPORTED_ON_VALUE_AND_MARGIN = ReportedFee.ON_VALUE_AND_MARGIN
_REPORTED_OPENING = ReportedFee.OPENING
_ROUND_DOWN = MoneyRounding.DOWN
_ROUND_UP = MoneyRounding.UP

_ZERO = Decimal(0)
_ONE = Decimal(1)

NO_MARGIN = "the margin that backs the position is not known: give collateral or leverage"
WITHOUT_FEE = (
    "the margin given, or told by what is given, is taken as the one without the fee to close, which the venue assigns "
    "on top of it"
)
NO_WALLET = "what backs a cross position is not known: give wallet_balance"
NO_TAKER_FEE = "the taker fee rate is not known; the fee to close is left out of the required margin"
NO_LIQUIDATION_FEE = "the liquidation fee rate is not known; it is left out of the required margin"
NO_FUNDING_RATE = "the next funding rate is not given; no funding is reserved"


class Valuation:
    """A position's values and rates before anything is solved: shared by single positions and accounts.

    `entry_value` and `value` (now) are in settlement currency; `g` is the sign of `direction_of`; `maintenance` is null
    when no rate is known; `missing` says what had to be left out.
    """

    __slots__ = ("close_fee", "entry_value", "g", "maintenance", "missing", "pnl", "rates", "reserve", "value")

    def __init__(self, model: RequirementModel, position: HeldPosition) -> None:
        kind, mark = position.terms.contract_type, position.mark_price
        self.missing: list[str] = []
        self.g = direction_of(position.side, kind)
        self.entry_value = value_of(position.size, position.entry_price, kind)
        self.value = self.entry_value if mark is None else value_of(position.size, mark, kind)
        places = model.value_places
        if places is not None:
            self.entry_value = round_money(self.entry_value, places, _ROUND_UP)
            self.value = self.entry_value if mark is None else round_money(self.value, places, _ROUND_DOWN)
        self.pnl = self.g * (self.value - self.entry_value)
        rates = self.rates = rates_of(model, position, self.entry_value, self.value)
        if rates.missing is not None:
            self.missing.append(rates.missing)
        if rates.approximation is not None:
            self.missing.append(rates.approximation)
        self.close_fee = self._close_fee_rate(model, position)
        self.reserve = self._funding_reserve(model, position)
        self.maintenance: Decimal | None = None
        if rates.maintenance is not None:
            self.maintenance = requirement_at(self.maintenance_value(model), rates, _ZERO) + self.reserve

    def maintenance_value(self, model: RequirementModel) -> Decimal:
        """Return the value that today's maintenance margin is charged on."""
        return self.entry_value if model.maintenance_basis is _AT_ENTRY else self.value

    def requirement(self) -> Decimal | None:
        """Return maintenance and the fee to close at the present price; null without a rate."""
        return None if self.maintenance is None else self.maintenance + self.value * self.close_fee

    def _close_fee_rate(self, model: RequirementModel, position: HeldPosition) -> Decimal:
        rate = close_fee_rate(model, position.terms)
        if rate is None:
            self.missing.append(NO_TAKER_FEE if model.close_fee is _CLOSE_FEE_TAKER else NO_LIQUIDATION_FEE)
            return _ZERO
        return rate

    def _funding_reserve(self, model: RequirementModel, position: HeldPosition) -> Decimal:
        """Return the next funding payment that the venue reserves, nothing for the side that receives it."""
        if not model.funding_reserve:
            return _ZERO
        rate = position.terms.funding_rate
        if rate is None:
            self.missing.append(NO_FUNDING_RATE)
            return _ZERO
        paid = rate if position.side is _LONG else -rate
        return self.entry_value * paid if paid > 0 else _ZERO


def valuation_of(model: MarginModel, position: HeldPosition) -> Valuation | None:
    """Return a position valued; null where its model has no requirement."""
    return Valuation(model, position) if isinstance(model, RequirementModel) else None


def close_fee_rate(model: RequirementModel, terms: PositionTerms) -> Decimal | None:
    """Return the rate of the fee to close that counts as required margin: zero where none does, null if not known."""
    if model.close_fee is _CLOSE_FEE_NONE:
        return _ZERO
    rate = terms.taker_fee_rate if model.close_fee is _CLOSE_FEE_TAKER else terms.liquidation_fee_rate
    return model.close_fee_rate if rate is None else rate


def leverage_reciprocal(model: RequirementModel, leverage: Decimal, settle: str | None) -> Decimal:
    """Return `1/L`, rounded up at the decimals the venue keeps for contracts settled in `settle`."""
    reciprocal = _ONE / leverage
    if model.leverage_reciprocal_places is None or settle != model.leverage_reciprocal_settle:
        return reciprocal
    return round_money(reciprocal, model.leverage_reciprocal_places, _ROUND_UP)


def initial_rate(model: RequirementModel, position: HeldPosition, rates: Rates) -> Decimal | None:
    """Return the initial margin of one unit of value.

    It is `1/L` and at least the rate of the rung, a rate that is one over the highest leverage, rounded, being taken
    for that; without a leverage the rung's rate, or one over its highest leverage.
    Explicit terms stand by themselves: a chosen leverage then is not held against `initial_margin_rate`.
    """
    if position.leverage is not None:
        chosen = leverage_reciprocal(model, position.leverage, position.terms.settle)
        if rates.initial is None or position.terms.maintenance_margin_rate is not None:
            return chosen
        if chosen >= rates.initial:
            return chosen
        return max(chosen, highest_leverage_rate(rates.initial, rates.max_leverage))
    if rates.initial is not None:
        return highest_leverage_rate(rates.initial, rates.max_leverage)
    return None if rates.max_leverage is None else _ONE / rates.max_leverage


def initial_margin_of(model: RequirementModel, position: HeldPosition, rates: Rates, value: Decimal) -> Decimal | None:
    """Return the initial margin of a value."""
    rate = initial_rate(model, position, rates)
    return None if rate is None else _share_of(value, rate, position.leverage)


def _share_of(value: Decimal, rate: Decimal, leverage: Decimal | None) -> Decimal:
    """Return the part of a value that is margin: divided by the leverage where the rate is that, 3 at 3x is 1."""
    return value / leverage if leverage is not None and rate == _ONE / leverage else rate * value


def posted_margin(
    model: RequirementModel, position: HeldPosition, held: Valuation, *, was_granted: bool = False
) -> Decimal | None:
    """Return the margin of an isolated position: what is given, else entry value over leverage and what was added.

    What was posted as it opened stays, whatever rung the mark price moves the value into. A leverage that the rung at
    entry does not grant is replaced by the one it does, unless it `was_granted` when the position opened.
    """
    if position.collateral is not None:
        return position.collateral
    added = position.added_margin
    if position.wallet_balance is not None and position.margin_mode is not _CROSS:
        return position.wallet_balance if added is None else position.wallet_balance + added
    if position.leverage is None:
        return None
    chosen = leverage_reciprocal(model, position.leverage, position.terms.settle)
    rate = chosen if was_granted else initial_rate(model, position, held.rates) or _ZERO
    if rate != chosen:
        rates = rates_of(model, position, held.entry_value, held.entry_value)
        rate = initial_rate(model, position, rates) or _ZERO
    margin = _share_of(held.entry_value, rate, position.leverage)
    return margin if added is None else margin + added


def backing(
    model: RequirementModel, position: HeldPosition, held: Valuation, posted: Decimal | None, rest: Rest
) -> Decimal | None:
    """Return what backs a position before its own profit; null (and said so) when it is not known.

    Isolated: the posted margin, with the fee to close on top where the venue assigns it to the position. Cross: the
    wallet and the unrealised profit of the rest.
    """
    if position.margin_mode is _CROSS:
        if position.wallet_balance is None:
            held.missing.append(NO_WALLET)
            return None
        return position.wallet_balance + (position.added_margin or _ZERO) + rest.unrealized_pnl
    if posted is None:
        held.missing.append(NO_MARGIN)
        return None
    if model.posted_margin_bears_fee:
        if position.collateral is not None:
            held.missing.append(WITHOUT_FEE)
        return posted + (fee_at_bankruptcy(position, held, posted) or _ZERO)
    return posted


def fee_at_bankruptcy(position: HeldPosition, held: Valuation, posted: Decimal | None) -> Decimal | None:
    """Return the fee of closing at the bankruptcy price, `(V - g * margin) * f` unless given; null when unknown."""
    if position.close_fee_reserve is not None:
        return position.close_fee_reserve
    rate = position.terms.taker_fee_rate
    if rate is None or posted is None:
        return None
    left = held.entry_value - held.g * posted
    return left * rate if left > 0 else _ZERO


def reported_margin(
    model: RequirementModel,
    reported: ReportedFee,
    margin: Decimal | None,
    position: HeldPosition,
    held: Valuation,
    posted: Decimal | None,
) -> Decimal | None:
    """Return a margin as the venue reports it: with the fee its figure contains, and in its decimals."""
    if margin is None:
        return None
    rate, reserve = position.terms.taker_fee_rate, position.close_fee_reserve
    if reported is _REPORTED_OPENING:
        if position.is_open and rate is not None:
            margin += held.entry_value * rate
        return round_money(margin, model.money_places, model.money_rounding)
    if reserve is not None and reported is not _REPORTED_NONE:
        return round_money(margin + reserve, model.money_places, model.money_rounding)
    if reported is _REPORTED_NONE or rate is None:
        return round_money(margin, model.money_places, model.money_rounding)
    if reported is _REPORTED_ON_VALUE_AND_DEPOSIT and posted is not None and position.collateral is None:
        posted += deposit_fee(position.added_margin, rate)
    if reported is _REPORTED_ON_VALUE_AND_MARGIN or reported is _REPORTED_ON_VALUE_AND_DEPOSIT:
        if posted is not None:
            kept = round_money(posted, model.money_places, model.money_rounding)
            margin += round_money((held.entry_value + kept) * rate, model.money_places, _ROUND_UP)
    elif position.collateral is not None:
        margin += fee_at_bankruptcy(position, held, posted) or _ZERO
    elif position.leverage is not None:
        margin += held.entry_value * (_ONE - held.g / position.leverage) * rate
    return round_money(margin, model.money_places, model.money_rounding)


def deposit_fee(added: Decimal | None, rate: Decimal) -> Decimal:
    """Return what a deposit lost to its fee where `added` is what is left of it: `A/(1 - f) - A`."""
    return _ZERO if added is None else added * rate / (_ONE - rate)


def assigned_margin(
    model: RequirementModel, position: HeldPosition, held: Valuation, posted: Decimal | None
) -> Decimal | None:
    """Return what the venue shows as the position's own margin: posted margin and the fee to close, if it adds that.

    Null for a cross position, which has none of its own.
    """
    if posted is None or position.margin_mode is _CROSS:
        return None
    return reported_margin(model, model.assigned_fee, posted, position, held, posted)


def margin_ratio(
    model: RequirementModel, held: Valuation, equity: Decimal | None, rest_requirement: Decimal
) -> Decimal | None:
    """Return the ratio the venue watches, the way up it prints it; null without equity to speak of."""
    required = held.requirement()
    if equity is None or required is None:
        return None
    required += rest_requirement
    if model.margin_ratio_form is _EQUITY_OVER_REQUIREMENT:
        return None if required == 0 else equity / required
    return None if equity <= 0 else required / equity


def requirement_over_equity(model: MarginModel, ratio: Decimal | None) -> Decimal | None:
    """Return a margin ratio as requirement over equity, whichever way up the venue prints it."""
    if ratio and model.margin_ratio_form is _EQUITY_OVER_REQUIREMENT:
        return _ONE / ratio
    return ratio


def max_value_at_leverage(model: RequirementModel, position: HeldPosition, value: Decimal) -> Decimal | None:
    """Return the largest position value that has the chosen leverage, at the present price; null when unbounded."""
    terms = position.terms
    if position.leverage is None or not terms.tiers:
        return None
    granted, limit = size_limit_at_leverage(terms.tiers, position.leverage, initial_ladder_of(model))
    if not granted:
        return _ZERO
    if limit is None or terms.ladder_unit is _BY_VALUE:
        return limit
    if terms.ladder_unit is _BY_CONTRACTS:
        if terms.contract_size is None:
            return None
        limit *= terms.contract_size
    return limit * value / position.size


def price_move_per_margin(position: HeldPosition, value: Decimal, slope: Decimal) -> Decimal:
    """Return how far one more unit of margin moves the price at which `value` is reached.

    `slope` is `g - rate`: a unit of margin moves the value by `-1/slope`, the price by that over size (linear) or, for
    `P = Q/v`, by `Q/(v^2 slope)`.
    """
    if position.terms.contract_type is _INVERSE:
        return position.size / (value * value * slope)
    return -_ONE / (slope * position.size)
