"""What backs a position, told in one of several ways: the way that is used, and whether the others agree with it.

A venue shows a margin, an equity, a ratio, a cash leg; each tells the same amount. Two that tell different amounts
cannot both be of one position at one moment, and to drop one silently moves the liquidation price.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from msgspec import Struct
from msgspec.structs import replace

from data.facts.margin_models import MarginLevel, MarginModel, MarginRatioForm, RequirementModel, ValuePrice
from data.facts.vocabulary import MarginMode
from rules.calculators.agreement import agree, half_unit, shown, slack_of_money
from rules.calculators.inputs import LegInput, PositionInput
from rules.calculators.refusal import Problem
from rules.margin.account import rest_of, with_one_mark
from rules.margin.margins import Valuation
from rules.margin.needed import margin_without_fee
from rules.margin.position import HeldPosition, Rest, direction_of, price_of, value_of

_ZERO = Decimal(0)
_OF_A_RATIO = Decimal("0.01")
_OF_A_RATIOS_DIGITS = Decimal("0.1")

DISAGREE = (
    "does not agree with {used}: by that {amount} backs the position before its profit, by this {other}; "
    "give one of them, or both as the venue shows them at one moment"
)
DISAGREE_PNL = "does not agree with mark_price, by which it is {amount}; give one of them"
BELOW_NOTHING = "is more than any mark price gives: the position's value would be nothing, or less"
LEFT_ASIDE = "{used} says what backs the position; {others} agrees with it and is left aside"
NOT_COMPARED = "{used} says what backs the position; {others} is left aside, for without a mark price it says nothing"
WALLET_ASIDE = "{used} says what backs the isolated position; wallet_balance is left aside"
COLLATERAL_ASIDE = (
    "collateral is the margin of an isolated position; this one is backed by the wallet, and it is left aside"
)
ADDED_WITHIN = "added_margin is taken to be within {used}"
_OWN = ("cash_balance", "collateral", "bankruptcy_price")
"""What tells the margin of a position of its own, the first of them before the others."""

_ALL_THAT_BACKS = frozenset({"cash_balance", "equity", "margin_ratio"})
"""What tells the margin with the fee to close, where the venue assigns that to a position as well."""

NO_MARK = "must be given: {used} tells what backs a position only where its unrealised profit is known"
NO_MARK_OF_ONE = NO_MARK.replace("must be given", "must be given, or unrealized_pnl in its place")
EQUITY_AT_ENTRY = (
    "no mark price is given: equity is taken to be that at the entry price, without any profit or loss; at another "
    "price the balance behind the position differs by that profit, and the liquidation price with it"
)
NO_RATIO_FORM = "margin_ratio is left aside: the ratio of this margin model does not tell what backs a position"
NO_REQUIREMENT = "margin_ratio is left aside: what is required of the position is not known"
WALLET_IS_MARGIN = (
    "neither collateral nor leverage is given: wallet_balance is taken for the isolated position's margin"
)
WALLET_FOR_MARGIN = "wallet_balance is taken for what backs the position; its margin at leverage is not used"
CASH_OF_ISOLATED = "is the cash leg of an isolated position; for that of a cross account list its positions"


class Told(Struct, frozen=True, kw_only=True):
    """One way in which a request tells what backs a position.

    `slack` is how far it may be off by the digits it is printed with. One that rests on an unrealised profit that
    nothing tells is not `sure`: it tells nothing, and is compared with nothing.
    """

    name: str
    amount: Decimal
    slack: Decimal = _ZERO
    sure: bool = True


def agreed(told: Sequence[Told], problems: list[Problem], notes: list[str]) -> Told | None:
    """Return the first way of telling; note those that agree with it, and a problem for each that does not."""
    if not told:
        return None
    used, *others = sorted(told, key=lambda one: not one.sure)
    for other in others:
        if not other.sure:
            notes.append(NOT_COMPARED.format(used=used.name, others=other.name))
        elif agree(used.amount, other.amount, used.slack + other.slack):
            notes.append(LEFT_ASIDE.format(used=used.name, others=other.name))
        else:
            amounts = {"amount": shown(used.amount), "other": shown(other.amount)}
            problems.append((f"/{other.name}", DISAGREE.format(used=used.name, **amounts)))
    return used


def with_backing(
    asked: PositionInput,
    model: MarginModel,
    held: HeldPosition,
    rest: Rest,
    problems: list[Problem],
    notes: list[str],
) -> HeldPosition:
    """Return the position with its margin worked out from what stands in its place; a problem is noted for each two
    inputs that tell different amounts.
    """
    # By a margin level an account stands whole, in whatever mode a position is said to be.
    cross = held.margin_mode is MarginMode.CROSS or (isinstance(model, MarginLevel) and held.wallet_balance is not None)
    told = _told_of_cross(asked, model, held, rest) if cross else _told_of_isolated(asked, model, held, rest)
    if asked.margin_ratio is not None and not isinstance(model, RequirementModel):
        notes.append(NO_RATIO_FORM)
    elif asked.margin_ratio is not None and all(one.name != "margin_ratio" for one in told):
        notes.append(NO_REQUIREMENT)
    if cross and asked.collateral is not None:
        notes.append(COLLATERAL_ASIDE)
    if cross and asked.cash_balance is not None:
        problems.append(("/cash_balance", CASH_OF_ISOLATED))
    used = agreed(told, problems, notes)
    if used is not None and not used.sure:
        # An example in terms of its own has no market that a mark price could be looked up in.
        if cross and used.name == "equity" and asked.instrument is None:
            notes.append(EQUITY_AT_ENTRY)
        else:
            problems.append(("/mark_price", NO_MARK_OF_ONE.format(used=used.name)))
    if used is None:
        return held
    own = "wallet_balance" if cross else "collateral"
    if used.name == "wallet_balance":
        notes.extend(() if cross or not isinstance(model, RequirementModel) else wallet_as_margin(held))
        return held
    if not cross and held.wallet_balance is not None and all(one.name != "wallet_balance" for one in told):
        notes.append(WALLET_ASIDE.format(used=used.name))
    if held.added_margin:
        notes.append(ADDED_WITHIN.format(used=used.name))
    return replace(held, **{own: used.amount}, added_margin=None)


def without_account_wallet(asked: LegInput, model: MarginModel, held: HeldPosition) -> tuple[HeldPosition, list[str]]:
    """Return a position whose wallet is what backs it, and what is to be said of a wallet beside its own margin.

    The wallet of an account says nothing of an isolated position whose margin something of its own tells, be it the
    leverage. Beside an equity at a mark price, which may be the account's as well, it stays: the two are compared.
    """
    cross = held.margin_mode is MarginMode.CROSS
    if held.wallet_balance is None or not isinstance(model, RequirementModel) or cross:
        return held, []
    at_mark = () if held.mark_price is None else ("equity", "margin_ratio")
    given = [name for name in (*_OWN, *at_mark) if getattr(asked, name, None) is not None]
    if not given and held.leverage is not None and held.margin_mode is MarginMode.ISOLATED:
        given = ["leverage"]
    if not given or given[0] in ("equity", "margin_ratio"):
        return held, []
    return replace(held, wallet_balance=None), [WALLET_ASIDE.format(used=given[0])]


def wallet_as_margin(held: HeldPosition) -> list[str]:
    """Return what is to be said of a wallet that is reckoned with as the margin of a position that is not cross."""
    if held.wallet_balance is None or held.collateral is not None or held.margin_mode is MarginMode.CROSS:
        return []
    if held.leverage is not None:
        return [WALLET_FOR_MARGIN]
    return [WALLET_IS_MARGIN] if held.margin_mode is MarginMode.ISOLATED else []


def wallet_of(
    asked: PositionInput,
    legs: Sequence[LegInput],
    pairs: Sequence[tuple[MarginModel, HeldPosition]],
    problems: list[Problem],
    notes: list[str],
) -> Decimal:
    """Return an account's balance without unrealised profit: as given, from equity, or from its signed cash."""
    marked = with_one_mark([held for _, held in pairs])
    pairs = [(model, held) for (model, _), held in zip(pairs, marked, strict=True)]
    cross = [(leg, held) for leg, (_, held) in zip(legs, pairs, strict=True) if held.margin_mode is MarginMode.CROSS]
    entry = sum((_slack_of_entry(leg, held) for leg, held in cross), _ZERO)
    marks = sum((_slack_of_mark(leg, held) for leg, held in cross), _ZERO)
    told = []
    if asked.wallet_balance is not None:
        told.append(
            Told(name="wallet_balance", amount=asked.wallet_balance, slack=slack_of_money(asked.wallet_balance))
        )
    if asked.equity is not None:
        amount = asked.equity - rest_of(pairs)[0].unrealized_pnl
        sure = all(held.mark_price is not None for _, held in cross)
        told.append(Told(name="equity", amount=amount, slack=slack_of_money(asked.equity) + entry + marks, sure=sure))
    if asked.cash_balance is not None:
        amount = asked.cash_balance + sum((_signed_entry_value(held) for _, held in cross), _ZERO)
        told.append(Told(name="cash_balance", amount=amount, slack=slack_of_money(asked.cash_balance) + entry))
    used = agreed(told, problems, notes)
    if used is not None and not used.sure:
        problems.extend(
            (f"/positions/{index}/mark_price", NO_MARK.format(used=used.name))
            for index, (_, held) in enumerate(pairs)
            if held.margin_mode is MarginMode.CROSS and held.mark_price is None
        )
    return _ZERO if used is None else used.amount


def with_mark(asked: PositionInput, model: MarginModel, held: HeldPosition, problems: list[Problem]) -> HeldPosition:
    """Return the position with the mark price that its unrealised profit tells, which must agree with one given."""
    pnl, kind = asked.unrealized_pnl, held.terms.contract_type
    if pnl is None:
        return held
    g = direction_of(held.side, kind)
    entry_value = value_of(held.size, held.entry_price, kind)
    if held.mark_price is None:
        value = entry_value + g * pnl
        if value <= 0:
            problems.append(("/unrealized_pnl", BELOW_NOTHING))
            return held
        return replace(held, mark_price=price_of(held.size, value, kind))
    own = g * (value_of(held.size, held.mark_price, kind) - entry_value)
    slack = half_unit(pnl) + _slack_of_entry(asked, held) + _slack_of_mark(asked, held)
    # By the lower of mark and index a venue may value the margin, and show the profit by the mark.
    by_index = asked.index_price is not None and model.value_price is ValuePrice.LOWER_OF_MARK_AND_INDEX
    if not by_index and not agree(pnl, own, slack):
        problems.append(("/unrealized_pnl", DISAGREE_PNL.format(amount=shown(own))))
    return held


def _told_of_isolated(asked: PositionInput, model: MarginModel, held: HeldPosition, rest: Rest) -> list[Told]:
    told = []
    if asked.cash_balance is not None:
        amount = asked.cash_balance + _signed_entry_value(held)
        slack = slack_of_money(asked.cash_balance) + _slack_of_entry(asked, held)
        told.append(Told(name="cash_balance", amount=amount, slack=slack))
    if held.collateral is not None:
        told.append(Told(name="collateral", amount=held.collateral, slack=slack_of_money(held.collateral)))
    told.extend(_told_by_figures(asked, model, held, rest, _ZERO))
    if isinstance(model, RequirementModel):
        told = [_without_fee(one, model, held) for one in told]
    # The wallet of the account says what backs the position only where nothing of the position's own does.
    beside = all(one.name == "equity" for one in told)
    if held.wallet_balance is not None and beside:
        told.insert(
            0, Told(name="wallet_balance", amount=held.wallet_balance, slack=slack_of_money(held.wallet_balance))
        )
    return told


def _without_fee(told: Told, model: RequirementModel, held: HeldPosition) -> Told:
    """Return what is told of all that backs an isolated position as the margin posted, which bears no fee."""
    if told.name not in _ALL_THAT_BACKS:
        return told
    return replace(told, amount=margin_without_fee(model, held, told.amount))


def _told_of_cross(asked: PositionInput, model: MarginModel, held: HeldPosition, rest: Rest) -> list[Told]:
    told = []
    if held.wallet_balance is not None:
        told.append(Told(name="wallet_balance", amount=held.wallet_balance, slack=slack_of_money(held.wallet_balance)))
    told.extend(_told_by_figures(asked, model, held, rest, rest.unrealized_pnl))
    return told


def _told_by_figures(
    asked: PositionInput, model: MarginModel, held: HeldPosition, rest: Rest, elsewhere: Decimal
) -> list[Told]:
    """Return what bankruptcy price, equity and margin ratio tell; `elsewhere` is the profit of the other positions."""
    told: list[Told] = []
    kind = held.terms.contract_type
    g = direction_of(held.side, kind)
    entry_value = value_of(held.size, held.entry_price, kind)
    marked = held.mark_price is not None
    value = entry_value if held.mark_price is None else value_of(held.size, held.mark_price, kind)
    pnl = g * (value - entry_value)
    prices = _slack_of_entry(asked, held) + _slack_of_mark(asked, held)
    if asked.bankruptcy_price is not None:
        price = asked.settled(asked.bankruptcy_price)
        there = value_of(held.size, price, kind)
        # It is printed on a tick, and by some venues with the fee of closing there.
        unit = asked.settled(2 * half_unit(asked.bankruptcy_price))
        step = max(unit, held.terms.tick_size or _ZERO) / price
        slack = there * (step + abs(held.terms.taker_fee_rate or _ZERO)) + _slack_of_entry(asked, held)
        amount = g * (entry_value - there) + _moved_to(there, value, model, held, rest) - elsewhere
        told.append(Told(name="bankruptcy_price", amount=amount, slack=slack))
    if asked.equity is not None:
        slack = slack_of_money(asked.equity) + prices
        told.append(Told(name="equity", amount=asked.equity - pnl - elsewhere, slack=slack, sure=marked))
    equity = _equity_of_ratio(asked, model, held, rest)
    if equity is not None and asked.margin_ratio is not None:
        digits = min(half_unit(asked.margin_ratio) / asked.margin_ratio, _OF_A_RATIOS_DIGITS)
        slack = abs(equity) * (digits + _OF_A_RATIO) + prices
        told.append(Told(name="margin_ratio", amount=equity - pnl - elsewhere, slack=slack, sure=marked))
    return told


def _moved_to(there: Decimal, value: Decimal, model: MarginModel, held: HeldPosition, rest: Rest) -> Decimal:
    """Return what must back a position until its value is `there`, its own loss aside: what the others in its
    instrument lose until then, and the fee to close where the venue's bankruptcy price leaves it.
    """
    joint, amount = rest.joint, _ZERO
    if joint is not None:
        g = direction_of(held.side, held.terms.contract_type)
        amount -= (joint.gain / held.size - g) * (there - value)
    if not isinstance(model, RequirementModel) or not model.bankruptcy_bears_fee:
        return amount
    if held.margin_mode is not MarginMode.CROSS and model.posted_margin_bears_fee:
        return amount  # that fee is on top of the margin posted
    fee = Valuation(model, held).close_fee if joint is None else joint.closing / held.size
    return amount + there * fee


def _equity_of_ratio(asked: PositionInput, model: MarginModel, held: HeldPosition, rest: Rest) -> Decimal | None:
    """Return the equity that the venue's margin ratio implies, `requirement` times it or over it."""
    ratio = asked.margin_ratio
    if ratio is None or rest.unknown or not isinstance(model, RequirementModel):
        return None
    required = Valuation(model, held).requirement()
    if required is None:
        return None
    required += rest.requirement
    return required * ratio if model.margin_ratio_form is MarginRatioForm.EQUITY_OVER_REQUIREMENT else required / ratio


def _signed_entry_value(held: HeldPosition) -> Decimal:
    kind = held.terms.contract_type
    return direction_of(held.side, kind) * value_of(held.size, held.entry_price, kind)


def _slack_of_entry(leg: LegInput, held: HeldPosition) -> Decimal:
    """Return how far a position's entry value may be off by the digits its price is printed with."""
    price = leg.entry_price if leg.entry_price is not None else leg.mark_price
    assert price is not None  # noqa: S101 - a position has one of them
    return value_of(held.size, held.entry_price, held.terms.contract_type) * half_unit(price) / price


def _slack_of_mark(leg: LegInput, held: HeldPosition) -> Decimal:
    if leg.mark_price is None or held.mark_price is None:
        return _ZERO
    return value_of(held.size, held.mark_price, held.terms.contract_type) * half_unit(leg.mark_price) / leg.mark_price
