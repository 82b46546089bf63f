"""Positions in several instruments of one underlying: where their account ends if one move takes all prices along.

A venue tells the price at which a position is liquidated with other instruments held still. Those of one underlying do
not stand still: a move of it changes each price by the same share, near enough, and all of them count.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal

from msgspec import Struct
from msgspec.structs import replace

from data.facts.amounts import plain
from data.facts.margin_models import MarginLevel, MarginModel, MoneyRounding, RequirementModel
from data.facts.vocabulary import ContractType, Side
from rules.margin.figures import position_figures
from rules.margin.joint_ladder import Member, index_at, joint_of, required_at
from rules.margin.margins import Valuation, valuation_of
from rules.margin.position import HeldPosition, price_of, value_of
from rules.margin.rounding import round_money
from rules.margin.solve import joint_value

_ZERO = Decimal(0)
_ONE = Decimal(1)
_PLACES = 8

HELD_STILL = "positions in {names}, of the same underlying, are held still, as the venue does"
MOVING = (RequirementModel, MarginLevel)
"""Models whose requirement and profit follow a price; that of a loan is settled by the debts of the account."""


class Ends(Struct, frozen=True, kw_only=True):
    """Prices of one instrument at which a move of the underlying liquidates the account; null where none does."""

    already: bool = False
    """What is required is not met now: then there are no prices."""
    lower: Decimal | None = None
    upper: Decimal | None = None

    def against(self, side: Side) -> Decimal | None:
        """Return the one that a position on a side loses on the way to."""
        return self.lower if side is Side.LONG else self.upper


def brings(model: MarginModel, position: HeldPosition, held: Valuation | None) -> tuple[Decimal, Decimal | None]:
    """Return what a position has gained and what it requires (used margin, by a margin level); null if not known."""
    if held is not None:
        return held.pnl, held.requirement()
    figures = position_figures(model, position)
    needs = figures.initial_margin if isinstance(model, MarginLevel) else figures.maintenance_margin
    return figures.unrealized_pnl or _ZERO, needs


def move_alike(left: tuple[MarginModel, HeldPosition], right: tuple[MarginModel, HeldPosition]) -> bool:
    """Say whether two positions can be put on one price: profit of both follows it, or its reciprocal, and both are
    judged by a requirement, or by a margin level.
    """
    alike = left[1].terms.contract_type is right[1].terms.contract_type
    return alike and any(isinstance(left[0], kind) and isinstance(right[0], kind) for kind in MOVING)


def ends_together(
    positions: Sequence[tuple[MarginModel, HeldPosition]], *, equity: Decimal, required: Decimal
) -> Ends | None:
    """Return where an account ends whose positions in one underlying are these, in prices of the first's instrument;
    null where what one of them requires is not known.

    `equity` and `required` are those of the account without them: its wallet and what stands still.
    """
    model, first = positions[0]
    kind, price = first.terms.contract_type, first.present_price
    members: list[Member] = []
    for own_model, position in positions:
        held = valuation_of(own_model, position)
        earned, needs = brings(own_model, position, held)
        if needs is None:
            return None
        equity, required = equity + earned, required + needs
        value = value_of(position.size, position.present_price, kind)
        # The size of which the first's price is worth as much: it gains as much with every share of the price.
        members.append((own_model, replace(position, size=value / value_of(_ONE, price, kind)), held))
    scale = model.close_level if isinstance(model, MarginLevel) else _ONE
    if equity <= required * scale:
        return Ends(already=True)
    joint, unit = joint_of(members), value_of(_ONE, price, kind)
    fixed = required - required_at(joint, unit)
    if joint.fee_at_bankruptcy and joint.gain:
        bears = isinstance(model, RequirementModel) and model.bankruptcy_bears_fee
        bankrupt = (joint.gain * unit - equity) / (joint.gain - (joint.closing if bears else _ZERO))
        fixed += joint.fee_at_bankruptcy * (max(bankrupt, _ZERO) - unit)
    base, index = joint.gain * unit - equity + fixed * scale, index_at(joint, unit)
    down, up = (
        joint_value(joint, index, gain=joint.gain, base=base, scale=scale, down=falls).value for falls in (True, False)
    )
    prices = [None if value is None else price_of(_ONE, value, kind) for value in (down, up)]
    lower, upper = prices if unit == price else reversed(prices)
    return Ends(lower=lower, upper=upper)


def held_still(names: Iterable[str], ends: Ends | None) -> str:
    """Return what to say of a price for which instruments of these names stand still, and of the ends if not."""
    words = HELD_STILL.format(names=" and ".join(sorted(names)))
    if ends is None:
        return words
    if ends.already:
        return f"{words}: where they have moved along, the account is liquidated already"
    prices = [_shown(price) for price in (ends.lower, ends.upper) if price is not None]
    if not prices:
        return f"{words}: where they move along, no price liquidates the account"
    return f"{words}: where they move along, the account is liquidated at {' or '.join(prices)}"


def told_still(positions: Sequence[tuple[MarginModel, HeldPosition]], wallet_balance: Decimal) -> dict[str, str]:
    """Return what to say of the prices of cross positions, by instrument, beside others of the same underlying.

    `positions` are all of an account; those without an underlying or an instrument stand by themselves.
    """
    groups: defaultdict[tuple[str, ContractType], list[tuple[MarginModel, HeldPosition]]] = defaultdict(list)
    for model, one in positions:
        terms = one.terms
        if terms.symbol is not None and terms.base is not None and isinstance(model, MOVING):
            groups[terms.base, terms.contract_type].append((model, one))
    told: dict[str, str] = {}
    for moving in groups.values():
        names = {one.terms.symbol for _, one in moving if one.terms.symbol is not None}
        if len(names) < 2 or not all(move_alike(moving[0], one) for one in moving):
            continue
        equity, required = wallet_balance, _ZERO
        for model, one in positions:
            if not any(one is other for _, other in moving):
                held = valuation_of(model, one)
                earned, needs = brings(model, one, held)
                equity, required = equity + earned, required + (needs or _ZERO)
        for name in names:
            first = [one for one in moving if one[1].terms.symbol == name]
            first.extend(one for one in moving if one[1].terms.symbol != name)
            told[name] = held_still(names - {name}, ends_together(first, equity=equity, required=required))
    return told


def _shown(price: Decimal) -> str:
    return plain(round_money(price, _PLACES, MoneyRounding.HALF_UP))
