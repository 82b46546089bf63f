"""A cross account: positions that share one balance, each with the price at which the account would be closed.

The price of one position is solved with those in other instruments held still at their mark prices, and with those in
its own moving with it; what they earn and require counts. Where others are of the same underlying, where the account
ends when they move along is said beside it. Those on one side of an instrument are one position to the venue. Isolated
positions share nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal, localcontext

from msgspec import Struct
from msgspec.structs import replace

from data.facts.amounts import ARITHMETIC, sum_of_known
from data.facts.margin_models import LiabilityMargin, MarginLevel, MarginModel, MarginRatioForm, RequirementModel
from data.facts.vocabulary import ContractType, MarginMode, Side
from rules.margin.figures import position_figures, requirement_figures
from rules.margin.joint_ladder import Member, joint_of
from rules.margin.margins import Valuation, valuation_of
from rules.margin.one_underlying import MOVING, brings, told_still
from rules.margin.position import (
    HeldPosition,
    Joint,
    LiquidationState,
    PositionFigures,
    Rest,
    Whole,
    value_of,
)

_ZERO = Decimal(0)
_OPEN = (LiquidationState.PRICE, LiquidationState.NEVER)

ONE_SIDE = (
    "positions on one side of an instrument are one position to the venue: each bears its part of what their joint "
    "size requires"
)
BOTH_SIDES = (
    "both sides of an instrument are charged, each by its own size at the price reached, as in hedge mode: a venue "
    "that nets them requires less, one that adds them up to one size more"
)
REST_UNKNOWN = "the requirement of another position is not known: where the account is liquidated is not known either"
LOANS = "loans add no profit to the equity of the account: what the coins borrowed were used for is not known"
BY_THEMSELVES = "isolated positions stand by themselves; they are in no total of the account"


Brought = tuple[Valuation | None, Decimal, Decimal | None]
"""A position valued, what it has gained and what it requires: null where that is not known."""


class AccountTotals(Struct, frozen=True, kw_only=True):
    """Totals of a cross account, in its settlement currency; isolated positions count in none of them."""

    wallet_balance: Decimal
    """Balance without unrealised profit: as given, or what the `equity` or `cash_balance` given comes to."""
    equity: Decimal
    """The balance with the unrealised profit of all cross positions."""
    unrealized_pnl: Decimal
    """Unrealised profit of all cross positions, negative for a loss; one without a mark price adds nothing."""
    notional: Decimal
    """Value of all cross positions, each at its mark price, without one at its entry price."""
    initial_margin: Decimal | None
    """Sum of the positions' initial margins; null where one is not known."""
    maintenance_margin: Decimal | None
    """Sum of the positions' maintenance margins; null where one is not known."""
    available: Decimal | None
    """What equity leaves beside initial margin, negative when it falls short; null where initial margin is not
    known."""
    margin_ratio: Decimal | None
    """What is required (maintenance margin, with the fee to close where the venue counts it) over equity, or equity
    over that, the way up the venue prints it. By a margin level, equity over used margin. Null where what is required
    is not known or the divisor is zero or less."""
    effective_leverage: Decimal | None
    """All notional over equity, in times; null where no equity is left."""


class AccountFigures(Struct, frozen=True, kw_only=True):
    """Totals of a cross account and the figures of each position, in their order."""

    totals: AccountTotals
    positions: tuple[PositionFigures, ...]
    approximations: tuple[str, ...] = ()


def account_figures(positions: Sequence[tuple[MarginModel, HeldPosition]], wallet_balance: Decimal) -> AccountFigures:
    """Return the figures of an account whose positions all settle in one currency.

    `wallet_balance` is the balance without unrealised profit; it stands in place of what the positions say.
    """
    with localcontext(ARITHMETIC):
        return _account(positions, wallet_balance)


def rest_of(
    others: Sequence[tuple[MarginModel, HeldPosition]], beside: tuple[MarginModel, HeldPosition] | None = None
) -> tuple[Rest, tuple[str, ...]]:
    """Return what other positions bring to the account that `beside` is in, and what had to be left out or simplified.

    Those in the instrument of `beside` are valued at its price and move with it; isolated ones bring nothing.
    """
    with localcontext(ARITHMETIC):
        pnl = required = _ZERO
        words: list[str] = []
        together: list[Member] = []
        for model, other in others:
            if other.margin_mode is MarginMode.ISOLATED:
                continue
            moves = beside is not None and _in_one_instrument(beside[1], other)
            if beside is not None and moves:
                other = replace(other, mark_price=beside[1].present_price)
            held = valuation_of(model, other)
            earned, needs = brings(model, other, held)
            pnl += earned
            if needs is None:
                words.append(REST_UNKNOWN)
            else:
                required += needs
            if moves and isinstance(model, MOVING):
                together.append((model, other, held))
        joint = None
        if together and beside is not None:
            model, own = beside
            members = [(model, own, valuation_of(model, own)), *together]
            joint = joint_of(members)
            words.extend(_of_sides(members))
        rest = Rest(unrealized_pnl=pnl, requirement=required, joint=joint, unknown=REST_UNKNOWN in words)
        return rest, tuple(dict.fromkeys(words))


def _of_sides(members: Sequence[Member]) -> tuple[str, ...]:
    """Return what figures assume of positions in one instrument whose rates depend on their size: one that is stated
    does not.
    """
    sized = [one for model, one, _ in members if isinstance(model, RequirementModel)]
    if all(one.terms.maintenance_margin_rate is not None for one in sized):
        return ()
    words = (ONE_SIDE,) if any(one.whole is not None for one in sized) else ()
    return (*words, BOTH_SIDES) if len({one.side for one in sized}) > 1 else words


def _in_one_instrument(left: HeldPosition, right: HeldPosition) -> bool:
    one, other = left.terms, right.terms
    return one.symbol is not None and one.symbol == other.symbol and one.contract_type is other.contract_type


def with_one_mark(positions: Sequence[HeldPosition]) -> list[HeldPosition]:
    """Return the positions, those without a mark price with the one that another in their instrument has."""
    marks = {one.terms.symbol: one.mark_price for one in positions if one.terms.symbol and one.mark_price is not None}
    return [
        one
        if one.mark_price is not None or one.terms.symbol not in marks
        else replace(one, mark_price=marks[one.terms.symbol])
        for one in positions
    ]


def in_wholes(positions: Sequence[tuple[MarginModel, HeldPosition]]) -> list[HeldPosition]:
    """Return the positions, the cross ones each with the whole that a venue keeps of those on its side of an
    instrument, where that is more than itself.
    """
    sides: dict[tuple[str, ContractType, Side], list[int]] = {}
    for number, (model, one) in enumerate(positions):
        symbol = one.terms.symbol
        if symbol is not None and one.margin_mode is MarginMode.CROSS and isinstance(model, RequirementModel):
            sides.setdefault((symbol, one.terms.contract_type, one.side), []).append(number)
    found = [one for _, one in positions]
    for (_, kind, _), numbers in sides.items():
        if len(numbers) > 1:
            parts = [found[number] for number in numbers]
            whole = Whole(
                size=sum((one.size for one in parts), _ZERO),
                entry_value=sum((value_of(one.size, one.entry_price, kind) for one in parts), _ZERO),
            )
            for number in numbers:
                found[number] = replace(found[number], whole=whole)
    return found


def _account(positions: Sequence[tuple[MarginModel, HeldPosition]], wallet_balance: Decimal) -> AccountFigures:
    marked = with_one_mark([position for _, position in positions])
    models = [model for model, _ in positions]
    in_wallet = [(model, _in_wallet(one, wallet_balance)) for model, one in zip(models, marked, strict=True)]
    placed = list(zip(models, in_wholes(in_wallet), strict=True))
    shared = [number for number, (_, position) in enumerate(placed) if position.margin_mode is MarginMode.CROSS]
    valued = {number: _brought(*placed[number]) for number in shared}
    pnl = sum((earned for _, earned, _ in valued.values()), _ZERO)
    required = sum((needs for _, _, needs in valued.values() if needs is not None), _ZERO)
    words = [BY_THEMSELVES] if len(shared) < len(placed) else []
    if any(needs is None for _, _, needs in valued.values()):
        words.append(REST_UNKNOWN)
    if any(isinstance(placed[number][0], LiabilityMargin) for number in shared):
        words.append(LOANS)
    several = _held_more_than_once([placed[number][1] for number in shared])
    joints = {symbol: _joint_of(symbol, placed, valued) for symbol in several}

    still = told_still([placed[number] for number in shared], wallet_balance)
    found: list[PositionFigures] = []
    for number, (model, position) in enumerate(placed):
        if number not in valued:
            found.append(position_figures(model, position))
            continue
        valuation, earned, needs = valued[number]
        joint, symbol = None, position.terms.symbol
        if symbol in several:
            joint, more = joints[symbol]
            words.extend(more)
        if symbol in several and joint is None:
            rest, more = rest_of([placed[other] for other in shared if other != number], (model, position))
            words.extend(more)
        else:
            rest = Rest(
                unrealized_pnl=pnl - earned,
                requirement=required - (needs or _ZERO),
                joint=joint,
                unknown=any(other[2] is None for at, other in valued.items() if at != number),
            )
        if valuation is not None and isinstance(model, RequirementModel):
            figures = requirement_figures(model, position, valuation, rest)
        else:
            figures = position_figures(model, position, rest)
        if symbol in still and figures.liquidation in _OPEN:
            figures = replace(figures, approximations=(*figures.approximations, still[symbol]))
        found.append(figures)

    judged_by = [placed[number][0] for number in shared or range(len(placed))]
    ratio = None if REST_UNKNOWN in words else _ratio(judged_by, wallet_balance + pnl, required)
    totals = _totals([found[number] for number in shared], wallet_balance, pnl, ratio)
    return AccountFigures(totals=totals, positions=tuple(found), approximations=tuple(dict.fromkeys(words)))


def _brought(model: MarginModel, position: HeldPosition) -> Brought:
    held = valuation_of(model, position)
    return held, *brings(model, position, held)


def _totals(
    shared: Sequence[PositionFigures], wallet_balance: Decimal, pnl: Decimal, ratio: Decimal | None
) -> AccountTotals:
    """Return the totals of the cross positions, whose unrealised profit is `pnl`."""
    equity = wallet_balance + pnl
    initial = sum_of_known(figures.initial_margin for figures in shared)
    notional = sum((figures.notional for figures in shared), _ZERO)
    return AccountTotals(
        wallet_balance=wallet_balance,
        equity=equity,
        unrealized_pnl=pnl,
        notional=notional,
        initial_margin=initial,
        maintenance_margin=sum_of_known(figures.maintenance_margin for figures in shared),
        available=None if initial is None else equity - initial,
        margin_ratio=ratio,
        effective_leverage=notional / equity if equity > 0 else None,
    )


def _held_more_than_once(positions: Sequence[HeldPosition]) -> frozenset[str | None]:
    counts = Counter(position.terms.symbol for position in positions)
    return frozenset(symbol for symbol, count in counts.items() if symbol is not None and count > 1)


def _joint_of(
    symbol: str | None,
    placed: Sequence[tuple[MarginModel, HeldPosition]],
    valued: Mapping[int, Brought],
) -> tuple[Joint | None, tuple[str, ...]]:
    """Return all positions in one instrument as one, and what that assumes.

    Null where they do not move as one: they state different mark prices or kinds of contract, or one is a loan.
    """
    members: list[Member] = []
    for number, (held, _, _) in valued.items():
        model, position = placed[number]
        if position.terms.symbol != symbol:
            continue
        first = members[0][1] if members else position
        if not isinstance(model, MOVING) or position.mark_price is None:
            return None, ()
        if position.mark_price != first.mark_price or position.terms.contract_type is not first.terms.contract_type:
            return None, ()
        members.append((model, position, held))
    return joint_of(members), _of_sides(members)


def _in_wallet(position: HeldPosition, wallet_balance: Decimal) -> HeldPosition:
    if position.margin_mode is MarginMode.ISOLATED:
        return position
    if position.margin_mode is MarginMode.CROSS and position.wallet_balance == wallet_balance:
        return position
    return replace(position, margin_mode=MarginMode.CROSS, wallet_balance=wallet_balance)


def _ratio(models: Sequence[MarginModel], equity: Decimal, required: Decimal) -> Decimal | None:
    """Return the ratio of the account, the way up that the venue prints it for positions rather than for loans."""
    first = models[0] if models else None
    model = next((one for one in models if isinstance(one, RequirementModel)), first)
    upright = model is None or model.margin_ratio_form is MarginRatioForm.REQUIREMENT_OVER_EQUITY
    if isinstance(model, MarginLevel) or not upright:
        return None if required == 0 else equity / required
    return None if equity <= 0 else required / equity


def open_sizes(signed_position: Decimal, buy_orders: Decimal, sell_orders: Decimal) -> tuple[Decimal, Decimal]:
    """Return the open size of each side with its orders, of which the larger needs margin.

    `max(0, orders + signed position)` for buys, minus the signed position for sells. Source: Paradex documentation.
    """
    return max(_ZERO, buy_orders + signed_position), max(_ZERO, sell_orders - signed_position)
