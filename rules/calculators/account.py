"""The standing of an account from its totals: margin rates, ratio, level, risk rate, and what is free."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal, localcontext

from msgspec import Struct

from data.facts.amounts import ARITHMETIC
from data.facts.margin_models import (
    AccountBasis,
    AccountKind,
    AccountRates,
    CloseFee,
    LiabilityMargin,
    MarginLevel,
    MarginModel,
    MarginRatioForm,
    MoneyRounding,
    RequirementModel,
    RiskRateForm,
)
from data.facts.vocabulary import ContractType, MarginMode, Product
from rules.calculators.account_answers import AccountStandingAnswer, AccountState
from rules.calculators.account_inputs import AccountInput, CollateralInput
from rules.calculators.account_totals import compare_totals, posted_value, sum_of_parts
from rules.calculators.checks import MAX_LEGS, not_negative, positive
from rules.calculators.refusal import Problem, refuse_if_any
from rules.calculators.resolve import find_instrument, model_for, no_model_for
from rules.knowledge import Knowledge
from rules.margin.formula import closing_words
from rules.margin.rounding import round_money

_ZERO = Decimal(0)
_ONE = Decimal(1)

NO_EQUITY = "must be given, or wallet_balance or collateral in its place"
NOT_BOTH = "stands in place of the totals; leave one of them out"
NO_RISK_RATE = "no form of a risk rate is on file for this venue and margin mode; give equity and margins"
FRACTION = "must be a fraction between 0 and 1"
NO_BASIS = "the venue's own way to reckon this account's rates is not on file; they are reckoned with its {basis}"
NO_WITHDRAWABLE = (
    "no unrealized_pnl is given: how much of what is available is profit, which cannot be withdrawn, is not known"
)
WITHOUT_FEE = "the venue adds the fee to close to maintenance; the ratio has it only where the maintenance given does"
MARGINS_OF_PORTFOLIO = (
    "margins of a portfolio account come from the venue's scenarios; those given are taken as they are"
)


class _Totals(Struct, frozen=True, kw_only=True):
    """Figures of the account in one currency; null where nothing given tells them.

    `basis` is the one of equity and margin balance by which the venue judges the account.
    """

    collateral: Decimal | None = None
    equity: Decimal | None = None
    margin_balance: Decimal | None = None
    basis: Decimal | None = None
    initial: Decimal | None = None
    maintenance: Decimal | None = None
    level: Decimal | None = None
    ratio: Decimal | None = None
    risk_rate: Decimal | None = None
    debts: Decimal | None = None

    def assets(self) -> Decimal | None:
        """Return what is held, debts not taken off."""
        return None if self.equity is None or self.debts is None else self.equity + self.debts


def account(asked: AccountInput, knowledge: Knowledge) -> AccountStandingAnswer:
    """Return margin rates, ratio, level and risk rate of an account from its totals, and what is free in it.

    Raises:
        InputRefusedError: names every field that cannot be reckoned with.
    """
    problems = list(_problems(asked))
    find_instrument(asked.venue, None, None, knowledge, problems, takes_terms=False)
    notes: list[str] = []
    product = asked.product or Product.PERPETUAL
    kind = asked.contract_type or (ContractType.SPOT if product is Product.SPOT_MARGIN else ContractType.LINEAR)
    mode = asked.margin_mode or MarginMode.CROSS
    model = model_for(asked.venue, product, kind, mode, knowledge, notes)
    if model is None:
        problems.append(("/product", no_model_for(product, kind)))
    elif asked.risk_rate is not None and _risk_form(model, mode) is None:
        problems.append(("/risk_rate", NO_RISK_RATE))
    compared: list[str] = []
    with localcontext(ARITHMETIC):
        if not any(at.startswith("/collateral") for at, _ in problems):
            form = None if model is None else _risk_form(model, mode)
            compare_totals(asked, form, problems, compared)
        refuse_if_any(problems)
        assert model is not None  # noqa: S101 - refused otherwise
        return _answer(asked, knowledge, model, mode, notes, compared)


def _problems(asked: AccountInput) -> Iterator[Problem]:
    parts = (asked.wallet_balance, asked.equity, asked.margin_balance)
    if asked.risk_rate is None and not asked.collateral and all(part is None for part in parts):
        yield "/equity", NO_EQUITY
    if asked.risk_rate is not None and (asked.collateral or any(part is not None for part in parts)):
        yield "/risk_rate", NOT_BOTH
    totals = ("initial_margin", "maintenance_margin", "order_margin", "debts", "notional")
    yield from not_negative([(f"/{name}", getattr(asked, name)) for name in totals])
    yield from positive((("/adjustment_factor", asked.adjustment_factor),))
    if len(asked.collateral) > MAX_LEGS:
        yield "/collateral", f"must hold at most {MAX_LEGS} assets"
        return
    for index, asset in enumerate(asked.collateral):
        yield from _asset_problems(asset, f"/collateral/{index}")


def _asset_problems(asset: CollateralInput, at: str) -> Iterator[Problem]:
    if asset.value is None and (asset.amount is None or asset.price is None):
        yield f"{at}/value", "must be given, or amount and price in its place"
    elif asset.value is not None and (asset.amount is not None or asset.price is not None):
        yield f"{at}/value", "stands in place of amount and price; leave one of them out"
    yield from positive(((f"{at}/price", asset.price),))
    if asset.weight is not None and asset.haircut is not None:
        yield f"{at}/haircut", "is one less weight; leave one of them out"
    for name in ("weight", "haircut"):
        share = getattr(asset, name)
        if share is not None and not 0 <= share <= _ONE:
            yield f"{at}/{name}", FRACTION


def _totals(asked: AccountInput, model: MarginModel, mode: MarginMode, judged_by: AccountBasis) -> _Totals:
    equity = asked.equity if asked.equity is not None else sum_of_parts(asked)
    if equity is None:
        equity = asked.margin_balance
    margin_balance = asked.margin_balance if asked.margin_balance is not None else equity
    basis = equity if judged_by is AccountBasis.EQUITY else margin_balance
    form = _risk_form(model, mode)
    initial, maintenance = asked.initial_margin, asked.maintenance_margin
    if maintenance is None and initial is not None and asked.adjustment_factor is not None and form is not None:
        maintenance = initial * asked.adjustment_factor
    level = ratio = None
    risk_rate = asked.risk_rate
    if basis is not None:
        level = basis / initial if initial else None
        if maintenance is not None and model.margin_ratio_form is MarginRatioForm.EQUITY_OVER_REQUIREMENT:
            ratio = basis / maintenance if maintenance else None
        elif maintenance is not None and basis > 0:
            ratio = maintenance / basis
        risk_rate = _risk_rate(form, level, basis / maintenance if maintenance else None, asked.adjustment_factor)
    elif risk_rate is not None and form is RiskRateForm.EQUITY_OVER_REQUIREMENT_LESS_ONE:
        ratio = _ONE / (risk_rate + _ONE) if risk_rate > -_ONE else None
    elif risk_rate is not None and asked.adjustment_factor is not None:
        level = risk_rate + asked.adjustment_factor
        ratio = asked.adjustment_factor / level if level > 0 else None
    return _Totals(
        collateral=posted_value(asked.collateral),
        equity=equity,
        margin_balance=margin_balance,
        basis=basis,
        initial=initial,
        maintenance=maintenance,
        level=level,
        ratio=ratio,
        risk_rate=risk_rate,
        debts=asked.debts,
    )


def _risk_form(model: MarginModel, mode: MarginMode) -> RiskRateForm | None:
    return model.isolated_risk_rate if mode is MarginMode.ISOLATED else model.cross_risk_rate


def _risk_rate(
    form: RiskRateForm | None, level: Decimal | None, covered: Decimal | None, factor: Decimal | None
) -> Decimal | None:
    """Return the venue's number, from what is held over used margin and (`covered`) over maintenance margin."""
    if form is RiskRateForm.EQUITY_OVER_USED_LESS_FACTOR:
        return None if level is None or factor is None else level - factor
    if form is RiskRateForm.EQUITY_OVER_REQUIREMENT_LESS_ONE:
        return None if covered is None else covered - _ONE
    return None


def _answer(
    asked: AccountInput,
    knowledge: Knowledge,
    model: MarginModel,
    mode: MarginMode,
    notes: list[str],
    compared: list[str],
) -> AccountStandingAnswer:
    """Return the answer; `notes` is what to say of the model, `compared` of the totals given."""
    own = next((one for one in model.account_rates if one.account is asked.account), None)
    judged_by = AccountBasis.EQUITY if asked.margin_balance is None else AccountBasis.MARGIN_BALANCE
    rates = own if own is not None else AccountRates(account=asked.account, basis=judged_by)
    totals = _totals(asked, model, mode, rates.basis)
    basis = totals.basis
    if own is None and asked.venue is not None and (totals.initial or totals.maintenance):
        notes.append(NO_BASIS.format(basis=_shown(rates.basis)))
    if asked.account is AccountKind.PORTFOLIO:
        notes.append(MARGINS_OF_PORTFOLIO)
    available, withdrawable = _free(asked, totals, notes)
    ratio = totals.ratio
    if ratio is not None and isinstance(model, RequirementModel) and model.close_fee is not CloseFee.NONE:
        notes.append(WITHOUT_FEE)
    assets = totals.assets()
    return AccountStandingAnswer(
        release=knowledge.release,
        as_of=knowledge.as_of,
        sources=(model.source, *model.also_sources),
        approximations=tuple(dict.fromkeys((*notes, *compared))),
        model=model.title,
        formula=_formula(rates, model, mode),
        equity=totals.equity,
        margin_balance=totals.margin_balance,
        collateral_value=totals.collateral,
        initial_margin=totals.initial,
        maintenance_margin=totals.maintenance,
        initial_margin_rate=_rate(totals.initial, basis, rates),
        maintenance_margin_rate=_rate(totals.maintenance, basis, rates),
        margin_ratio=ratio,
        margin_level=totals.level,
        risk_rate=totals.risk_rate,
        asset_level=assets / totals.debts if assets is not None and totals.debts else None,
        debt_ratio=totals.debts / assets if assets and assets > 0 and totals.debts is not None else None,
        available=available,
        withdrawable=withdrawable,
        liquidation_buffer=_buffer(totals, model),
        effective_leverage=_leverage(asked.notional, totals.equity),
        state=_state(totals, model),
    )


def _free(asked: AccountInput, totals: _Totals, notes: list[str]) -> tuple[Decimal | None, Decimal | None]:
    """Return what is free to open with, and what of it may be withdrawn: profit not realised or settled is not.

    What backs the account less initial and order margin. Null where the account or its margin is not known; `notes`
    says where what may be withdrawn is not.
    """
    basis = totals.basis
    if basis is None or totals.initial is None:
        return None, None
    available = basis - totals.initial - (asked.order_margin or _ZERO)
    open_profit = max(_ZERO, asked.unrealized_pnl or _ZERO) + max(_ZERO, asked.unsettled_pnl or _ZERO)
    withdrawable = max(_ZERO, available - open_profit)
    # What the parts add up to has no profit in it but theirs.
    if withdrawable and asked.unrealized_pnl is None and basis != sum_of_parts(asked):
        notes.append(NO_WITHDRAWABLE)
        return available, None
    return available, withdrawable


def _rate(margin: Decimal | None, basis: Decimal | None, rates: AccountRates) -> Decimal | None:
    if margin is None or basis is None or basis <= 0:
        return None
    return round_money(margin / basis, rates.places, MoneyRounding.DOWN)


def _leverage(notional: Decimal | None, equity: Decimal | None) -> Decimal | None:
    return None if notional is None or equity is None or equity <= 0 else notional / equity


def _judged(totals: _Totals, model: MarginModel) -> Decimal | None:
    """Return what the venue holds against its requirement: where that is of debts alone, all of equity."""
    return totals.equity if _closes_by_debts(totals, model) else totals.basis


def _closes_by_debts(totals: _Totals, model: MarginModel) -> bool:
    """Say whether debts alone tell where the venue closes: no maintenance is known, or no level of it."""
    if not isinstance(model, LiabilityMargin):
        return False
    return totals.maintenance is None or (model.close_level is None and totals.debts is not None)


def _close_requirement(totals: _Totals, model: MarginModel) -> Decimal | None:
    """Return what is held when the venue closes the account; null when it is not known."""
    if isinstance(model, MarginLevel):
        return None if totals.initial is None else totals.initial * model.close_level
    if isinstance(model, LiabilityMargin):
        if totals.maintenance is not None and not _closes_by_debts(totals, model):
            return None if model.close_level is None else totals.maintenance * model.close_level
        return _equity_at(totals.debts, model.close_asset_level, model.close_debt_ratio)
    return totals.maintenance


def _equity_at(debts: Decimal | None, asset_level: Decimal | None, debt_ratio: Decimal | None) -> Decimal | None:
    """Return the equity at which assets over debts, or debts over assets, stand at a level: assets less debts there."""
    if debts is None:
        return None
    if asset_level is not None:
        return debts * (asset_level - _ONE)
    return None if debt_ratio is None else debts / debt_ratio - debts


def _call_requirement(totals: _Totals, model: MarginModel) -> Decimal | None:
    if isinstance(model, MarginLevel):
        known = totals.initial is not None and model.call_level is not None
        return (totals.initial or _ZERO) * (model.call_level or _ONE) if known else None
    if isinstance(model, LiabilityMargin) and _closes_by_debts(totals, model):
        return _equity_at(totals.debts, None, model.call_debt_ratio)
    if totals.maintenance is None or not model.margin_call_ratio:
        return None
    if model.margin_ratio_form is MarginRatioForm.EQUITY_OVER_REQUIREMENT:
        return totals.maintenance * model.margin_call_ratio
    return totals.maintenance / model.margin_call_ratio


def _buffer(totals: _Totals, model: MarginModel) -> Decimal | None:
    judged, required = _judged(totals, model), _close_requirement(totals, model)
    return None if judged is None or required is None else judged - required


def _state(totals: _Totals, model: MarginModel) -> AccountState | None:
    """Return where an account stands between its call and its forced close; null when the close is not known.

    An account that holds less than nothing is beyond any close, known or not.
    """
    if totals.risk_rate is not None and totals.risk_rate <= 0:
        return AccountState.LIQUIDATION
    judged = _judged(totals, model)
    if judged is None:
        return None if totals.risk_rate is None else AccountState.SOUND
    if judged < 0:
        return AccountState.LIQUIDATION
    required = _close_requirement(totals, model)
    if required is None:
        return None
    if required > 0 and judged <= required:
        return AccountState.LIQUIDATION
    call = _call_requirement(totals, model)
    return AccountState.MARGIN_CALL if call is not None and judged <= call else AccountState.SOUND


def _shown(basis: AccountBasis) -> str:
    return basis.replace("_", " ")


def _formula(rates: AccountRates, model: MarginModel, mode: MarginMode) -> str:
    basis = _shown(rates.basis)
    cut = "" if rates.places is None else f", cut off at {rates.places} decimals"
    words = [
        "equity = wallet balance + collateral value * weight + unrealised + unsettled profit",
        f"margin rates = margin / {basis}{cut}",
        f"available = {basis} - initial margin - order margin",
        "withdrawable = available - profit not yet realised or settled",
    ]
    upright = model.margin_ratio_form is MarginRatioForm.REQUIREMENT_OVER_EQUITY
    words.append("margin ratio = " + (f"maintenance margin / {basis}" if upright else f"{basis} / maintenance margin"))
    words.append(f"margin level = {basis} / initial margin")
    form = _risk_form(model, mode)
    if form is RiskRateForm.EQUITY_OVER_USED_LESS_FACTOR:
        words.append(f"risk rate = {basis} / initial margin - adjustment factor, liquidation at 0")
    if form is RiskRateForm.EQUITY_OVER_REQUIREMENT_LESS_ONE:
        words.append(f"risk rate = {basis} / (initial margin * adjustment factor) - 1, liquidation at 0")
    if isinstance(model, MarginLevel):
        called = "" if model.call_level is None else f", call at {model.call_level}"
        words.append(f"closed at margin level {model.close_level}{called}")
    elif isinstance(model, LiabilityMargin):
        words += closing_words(model, basis)
    else:
        words.append(f"liquidation when {basis} falls to maintenance margin")
    return "; ".join(words)
