"""What the trade does to the rest of a cross account: whether what is held there survives it."""

from __future__ import annotations

from decimal import Decimal

from msgspec import Struct, structs

from data.facts.margin_models import RequirementModel
from data.facts.vocabulary import ContractType, MarginMode
from rules.case import Case
from rules.check import MARGINED, NOT_APPLICABLE, Result, check
from rules.checks.left_out import (
    ISOLATED_UNKNOWN,
    NO_BALANCE,
    NO_MARK,
    UNSTATED_WALLET,
    left_out_of_liquidation,
    unvalued_positions,
)
from rules.checks.liquidation.geometry import price_move_until_open
from rules.checks.not_known import margin_at_least, margin_unknown, unconverted, without_leverage
from rules.checks.outcomes import failed, passed, percent, short, unknown
from rules.checks.trying import size_that_fits, size_within
from rules.decision import Effect, Family, Outcome, Remedy
from rules.figures.alongside import as_it_opens
from rules.figures.cross_equity import (
    ABOVE_EQUITY,
    EQUITY_STANDS,
    assumed_of_wallet,
    cross_equity,
    left_of_equity,
)
from rules.figures.exposure import exposure_of
from rules.figures.margins import settle_currency
from rules.figures.of_trades import filled_size
from rules.figures.order_margin import loss_at_mark, margin_posted, values_at_entry_and_mark
from rules.figures.positions import Positions
from rules.figures.sizes import mark_price_of
from rules.inputs import given
from rules.margin.margins import close_fee_rate
from rules.margin.position import direction_of
from rules.remedies.nearest_change import ROOM
from rules.trade import OrderType, Position

_CROSS = MarginMode.CROSS
_INVERSE = ContractType.INVERSE
_ISOLATED = MarginMode.ISOLATED
_LIMIT = OrderType.LIMIT

_ZERO = Decimal(0)
_ONE = Decimal(1)
_UNMOVED = (_ZERO, _ZERO)
_LEFT_OUT = structs.replace(UNSTATED_WALLET, outcome=Outcome.SKIPPED, reason=None)
_IN_WORDS = {
    EQUITY_STANDS: "No wallet balance is given: the account's equity is taken to back it.",
    ABOVE_EQUITY: "The wallet balance is more than the account's equity leaves: that is taken to back it.",
}
_NO_MAINTENANCE = unknown(
    "The maintenance margin of the cross account cannot be computed.",
    "What maintenance margin do the positions at this venue need?",
)


@check(
    "liquidation.existing_positions",
    family=Family.LIQUIDATION,
    effect=Effect.DENY,
    title="The trade does not get positions of a cross account liquidated",
    needs=("account.positions", "margin_mode"),
    basis=(
        "cross margin: every position answers for every other, and the wallet balance (else equity, never more) backs "
        "them all",
    ),
    spares_reducing=True,
    products=MARGINED,
)
def existing_positions(case: Case) -> Result:
    """Compare maintenance of the cross positions, this trade included, with the equity behind them.

    An isolated trade takes its margin out of that equity. What is held of the instrument is valued at the mark price as
    the trade opens, which a limit order waits for, other instruments of its underlying moved by the same share; other
    positions at theirs of today.
    """
    strain = _strain_on(case, "liquidation.existing_positions")
    if isinstance(strain, Result):
        return strain
    if strain.left <= 0 or strain.ratio >= _ONE:
        return _overstrained(case, strain, _ONE)
    return _sustained(case, strain, _ONE, "The cross account stays above maintenance.")


@check(
    "liquidation.existing_margin_call",
    family=Family.LIQUIDATION,
    effect=Effect.REVIEW,
    title="Maintenance margin of a cross account stays within the policy's share of its equity",
    needs=("account.positions", "margin_mode"),
    parameters=("max_account_margin_ratio",),
    basis=("the policy",),
    spares_reducing=True,
    products=MARGINED,
)
def existing_margin_call(case: Case) -> Result:
    """Compare maintenance of the cross positions, this trade included, with the policy's share of equity.

    An isolated trade takes its margin out of that equity.
    """
    most = given(case.policy.max_account_margin_ratio)
    strain = _strain_on(case, "liquidation.existing_margin_call")
    if isinstance(strain, Result):
        return strain
    if strain.left <= 0 or strain.ratio > most:
        return _overstrained(case, strain, most)
    return _sustained(case, strain, most, "The cross account keeps its distance from a margin call.")


class _Strain(Struct, frozen=True, kw_only=True):
    """What the trade does to the cross account, in the account's currency."""

    held: Decimal
    """Maintenance of what is held, with the fee to close where the venue counts it."""
    own: Decimal
    """The same that the trade adds: none of an isolated one."""
    equity: Decimal
    """What backs the account before the trade."""
    drawn: Decimal
    """What the trade takes out of that: what it has lost at the mark price, the margin posted of an isolated one. An
    entry price better than the mark is no fill yet: a gain over it backs nothing."""
    unless: Result | None = None
    """What is not known of the equity, where it is only known to be no more; null where it is known. That more is
    required than what it is at most, is known all the same."""

    @property
    def left(self) -> Decimal:
        """What backs the account with the trade in it."""
        return self.equity - self.drawn

    @property
    def ratio(self) -> Decimal:
        """Maintenance over what backs the account; of nothing there is none."""
        return (self.held + self.own) / self.left


def _strain_on(case: Case, rule: str) -> _Strain | Result:
    """Return what the trade does to the cross account that a rule looks at, or what the rule says without that."""
    return _untouched(case) or _unstated(case, rule) or _strain(case)


def _untouched(case: Case) -> Result | None:
    """Return that the rule says nothing where no cross account is concerned: an isolated trade that is paid out of a
    wallet behind no cross position.
    """
    if case.trade.margin_mode is _CROSS:
        return None
    positions = case.exposure.positions
    return None if positions is not None and positions.cross_here else NOT_APPLICABLE


def _unstated(case: Case, rule: str) -> Result | None:
    """Return what is said of an account that states neither its wallet balance nor its equity, of which one is enough.

    Like any input that is left out it is unknown where the policy requires one of them, or the rule.
    """
    account = given(case.trade.account)
    if account.wallet_balance is not None or account.equity is not None:
        return None
    wanted = {rule, "account.wallet_balance", "account.equity"}
    return _LEFT_OUT if wanted.isdisjoint(case.policy.requires) else UNSTATED_WALLET


def _strain(case: Case) -> _Strain | Result:
    """Return what the trade does to the cross account, or the unknown of what that hangs on."""
    positions, rate = case.exposure.positions, case.exposure.settle_rate
    own, cross = case.figures.maintenance_margin, case.trade.margin_mode is _CROSS
    account = given(case.trade.account)
    if positions is None or positions.cross_maintenance is None or rate is None or (own is None and cross):
        return left_out_of_liquidation(case) or unconverted(case) or _held_unvalued(positions) or _NO_MAINTENANCE
    equity, unless = cross_equity(account, positions), None
    if equity is None:
        unless = ISOLATED_UNKNOWN if positions.cross_only_here else NO_BALANCE
        unless = unless if account.wallet_balance is None else NO_MARK
        equity = left_of_equity(account, positions)
        if equity is None:
            return unless
    moved = _moved(case, positions)
    if moved is None:
        return _NO_MAINTENANCE
    held, equity = positions.cross_maintenance + moved[0], equity + moved[1] - positions.other_surplus
    if own is not None and cross:
        own += _fee_to_close(case)
        drawn = max(_loss_as_filled(case), _ZERO) * rate
        return _Strain(held=held, own=own * rate, equity=equity, drawn=drawn, unless=unless)
    posted = margin_posted(case)
    if posted is None:
        return without_leverage(case) or margin_unknown(case)
    return _Strain(held=held, own=_ZERO, equity=equity, drawn=posted, unless=unless)


def _loss_as_filled(case: Case) -> Decimal:
    """Return what the trade has lost once it is filled, against the mark price as it opens, in settlement currency."""
    whole = filled_size(case.figures, case.trade, case.terms)
    if case.opening_mark is None or whole.price == case.figures.entry_price:
        return loss_at_mark(case)
    value = given(whole.notional)
    if case.terms.contract_type is _INVERSE:
        value /= given(whole.price)
    marked = values_at_entry_and_mark(case)[1]
    return direction_of(case.trade.side, given(case.terms.contract_type)) * (value - marked)


def _fee_to_close(case: Case) -> Decimal:
    """Return the fee of closing the trade at the mark price as it opens where the venue requires it like maintenance,
    in settlement currency; nothing where its rate is not known, as in the liquidation price.
    """
    model = case.terms.margin_model
    rate = close_fee_rate(model, case.terms.as_position) if isinstance(model, RequirementModel) else None
    return values_at_entry_and_mark(case)[1] * rate if rate else _ZERO


def _held_unvalued(positions: Positions | None) -> Result | None:
    return unvalued_positions(positions.unvalued) if positions is not None and positions.unvalued else None


def _moved(case: Case, positions: Positions) -> tuple[Decimal, Decimal] | None:
    """Return what the cross positions in the trade's underlying need more, and have gained, by the time that a limit
    order fills, at the mark price then, in the account's currency; null where it cannot be told.

    Only a loss counts: what the market must first come to gains nothing today, when the account must stand too.
    """
    trade, instrument, then = case.trade, case.terms.instrument, case.opening_mark
    if trade.order_type is not _LIMIT or then is None or instrument is None:
        return _UNMOVED
    today = mark_price_of(trade, positions.same_instrument)
    cross = tuple(one for one in positions.same_instrument if one.margin_mode is not _ISOLATED)
    move = price_move_until_open(case)
    along = () if move is None or move == _ONE else as_it_opens(positions, move)
    if not along and (not cross or all((one.mark_price or today) == then for one in cross)):
        return _UNMOVED
    now = _totals(
        case,
        (
            *(one if one.mark_price is not None else structs.replace(one, mark_price=today) for one in cross),
            *as_it_opens(positions, _ONE),
        ),
    )
    by_then = _totals(case, (*(structs.replace(one, mark_price=then) for one in cross), *along))
    gained = given(by_then.cross_profit) - given(now.cross_profit)  # all of them have a mark price
    if gained >= 0:
        return _UNMOVED
    required, today_s = by_then.cross_maintenance, positions.same_maintenance
    today_s += sum((one.maintenance for one in positions.alongside), _ZERO)
    return None if required is None else (required - today_s, gained)


def _totals(case: Case, held: tuple[Position, ...]) -> Positions:
    """Return the totals over some positions alone, each at its own mark price and not at that of today."""
    market = None if case.trade.market is None else structs.replace(case.trade.market, mark_price=None)
    account = structs.replace(given(case.trade.account), positions=held)
    trade = structs.replace(case.trade, account=account, market=market)
    terms = case.terms
    exposure = exposure_of(trade, case.knowledge, terms.instrument, case.figures.entry_price, settle_currency(terms))
    return given(exposure.positions)


def _sustained(case: Case, strain: _Strain, most: Decimal, message: str) -> Result:
    """Return a pass, or the unknown of an equity that may be less, or of an isolated trade whose margin may be more."""
    if strain.unless is not None:
        return strain.unless
    seen = strain.ratio
    least = None if case.trade.margin_mode is _CROSS else margin_at_least(case)
    positions = given(case.exposure.positions)
    assumed = assumed_of_wallet(given(case.trade.account), positions)
    if least is not None or (assumed is None and not positions.without_mode):
        return least or passed(message, seen, most, "fraction of equity")
    told = message if assumed is None else f"{message} {_IN_WORDS[assumed]}"
    if positions.without_mode:
        told = f"{told} Held without a margin mode, and taken for cross: {', '.join(positions.without_mode)}."
    return passed(told, seen, most, "fraction of equity", (), ("assumed",))


def _overstrained(case: Case, strain: _Strain, most: Decimal) -> Result:
    """Return the fail of an account of which nothing is left, or of which more than the share `most` is required."""
    return _unbacked(case, strain, most) if strain.left <= 0 else _exceeding(case, strain, most)


def _unbacked(case: Case, strain: _Strain, most: Decimal) -> Result:
    currency = given(case.trade.account).currency
    at_most = "" if strain.unless is None else "at most "
    return failed(
        f"Nothing backs the cross account once the trade is open: {at_most}{short(strain.left)} {currency}."
        f"{_of_wallet(case)}",
        strain.left,
        _ZERO,
        currency,
        remedy=_within(case, strain, most),
    )


def _exceeding(case: Case, strain: _Strain, most: Decimal) -> Result:
    share = percent(strain.ratio, most)
    return failed(
        f"With this trade, maintenance is {share} of the equity behind the cross account.{_of_wallet(case)}"
        if strain.unless is None
        else f"With this trade, maintenance is at least {share} of the equity that may be behind the cross account.",
        strain.ratio,
        most,
        "fraction of equity",
        remedy=_within(case, strain, most),
    )


def _of_wallet(case: Case) -> str:
    """Return what is said of a fail in which less counts than the wallet balance that the account states."""
    assumed = assumed_of_wallet(given(case.trade.account), given(case.exposure.positions))
    return f" {_IN_WORDS[assumed]}" if assumed is ABOVE_EQUITY else ""


def _within(case: Case, strain: _Strain, most: Decimal) -> Remedy | None:
    """Return the size that leaves maintenance within `most` of what backs the account; null where none does.

    In proportion, or more where a smaller size has lower rates: `own + most loss <= most equity - held`.
    """
    if strain.unless is not None:
        return None  # no size is known to leave enough
    if case.trade.margin_mode is not _CROSS:
        return size_within(case, strain.drawn, strain.equity - strain.held / most, margin_posted) if most else None
    room, own = most * strain.equity - strain.held, strain.own + most * strain.drawn
    if room <= 0 or own <= 0:
        return None

    def share(changed: Case) -> Decimal | None:
        after = _strain(changed)
        return None if isinstance(after, Result) else (after.own + most * after.drawn) / room

    return size_that_fits(case, room / own * ROOM, share)
