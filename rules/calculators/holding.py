"""One position of a request, ready for the formulas: sizes converted, ladders checked, its margin worked out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import ROUND_DOWN, Decimal
from typing import TypeVar

from msgspec.structs import replace

from data.facts.amounts import plain
from data.facts.margin_models import MarginModel, MoneyRounding, ReportedFee, RequirementModel, ValuePrice
from data.facts.vocabulary import MarginMode, Side
from rules.calculators.backing import with_backing, with_mark, without_account_wallet
from rules.calculators.checks import MAX_LEGS
from rules.calculators.inputs import LegInput, PositionInput
from rules.calculators.one_account import apart, taken_for_granted
from rules.calculators.refusal import Problem, refuse_if_any
from rules.calculators.resolve import NO_CONTRACT_SIZE, Client, Resolved, resolve
from rules.calculators.unread import left_aside, left_aside_beside, rates_told_twice
from rules.knowledge import Knowledge
from rules.margin.account import in_wholes, rest_of, with_one_mark
from rules.margin.figures import NOTHING_ELSE
from rules.margin.ladder import initial_ladder_of, leverage_at, rung_at, size_limit, size_limit_at_leverage
from rules.margin.margins import Valuation, assigned_margin, posted_margin
from rules.margin.one_underlying import told_still
from rules.margin.position import HeldPosition, LadderUnit, Rest, size_in, value_of
from rules.margin.rates import counted_in_ladder
from rules.margin.rounding import round_money

_ZERO = Decimal(0)
_ONE = Decimal(1)
_TWO = Decimal(2)
_AS_RECKONED = Decimal("0.001")
"""The part of a fee reserve by which a venue's figure may differ from the one reckoned, beyond the digits it prints."""
_PLACES = Decimal("0.00000001")
_COUNTED = {LadderUnit.VALUE: "of value", LadderUnit.SIZE: "of size", LadderUnit.CONTRACTS: "contracts"}

_OF_A_LEG = frozenset(LegInput.__struct_fields__)

NO_SIDE = "no side is given; the position is reckoned as a long"
SHARED = "no margin mode is given; other positions share the wallet, so it is reckoned as a cross account"
NOT_SHARED = "an isolated position shares nothing: the other positions are left out"
RESERVE_LEFT_OUT = (
    "the collateral given is the margin that the venue shows, a fee reserve of {reserve} included: the reserve bears "
    "no loss and is left out"
)
FEE_NOT_ADDED = (
    "the collateral given is the margin that the venue assigns, a fee to close of {reserve} included: it is not "
    "added again"
)
BEARS_LOSSES = (
    "the collateral given is taken for the margin that bears losses: where it is the figure that the venue shows, its "
    "fee reserve must be left out, else the liquidation price is nearer than told"
)
LARGER_BRACKET = "must be at most {asked}, what the rate asks of this size: the amount is of a larger bracket"
NO_ENTRY = "no entry price is given; the mark price stands for it"


def prepared(asked: PositionInput, knowledge: Knowledge) -> tuple[Resolved, HeldPosition, list[str], Rest]:
    """Return one position ready for the formulas: its model and terms, its amounts, notes, and the account's rest.

    Raises:
        InputRefusedError: names every field that cannot be reckoned with.
    """
    problems: list[Problem] = []
    notes = []
    if _is_shared(asked):
        asked = in_the_account(asked)
        notes.append(SHARED)
    resolved = resolve(asked.venue, asked, knowledge, client_of(asked), problems)
    held = None if resolved is None else held_position(asked, resolved, problems, "")
    beside_it = held_in_account(asked, asked.other_positions, "/other_positions", knowledge, problems)
    others = [(one.model, other) for _, one, other in beside_it]
    if resolved is None or held is None or len(others) < len(asked.other_positions):
        refuse_if_any(problems)
    assert resolved is not None  # noqa: S101 - otherwise there were problems
    assert held is not None  # noqa: S101
    held, aside = without_account_wallet(asked, resolved.model, held)
    held, shown = without_shown_reserve(resolved.model, held)
    notes = [*resolved.notes, *notes, *aside, *shown, *left_aside(asked, resolved, held, asked)]
    if asked.side is None:
        notes.append(NO_SIDE)
    if asked.entry_price is None:
        notes.append(NO_ENTRY)
    held, rest = with_mark(asked, resolved.model, held, problems), NOTHING_ELSE
    beside: list[tuple[MarginModel, HeldPosition]] = []
    if others and held.margin_mode is MarginMode.CROSS:
        placed = [("", held), *((f"/other_positions/{index}", other) for index, (_, other) in enumerate(others))]
        contradictions = list(apart(placed))
        problems.extend(contradictions)
        notes.extend(taken_for_granted(placed))
        models = [resolved.model, *(model for model, _ in others)]
        marked = with_one_mark([held, *(other for _, other in others)])
        held, *joined = in_wholes(list(zip(models, marked, strict=True)))
        beside = [(model, other) for (model, _), other in zip(others, joined, strict=True)]
        rest, words = rest_of(beside, (resolved.model, held))
        notes.extend(words)
        for index, (leg, (model, _)) in enumerate(zip(asked.other_positions, others, strict=True)):
            notes.extend(left_aside_beside(leg, model, f"other_positions.{index}"))
        if contradictions:  # what the account has cannot be compared with what is said to back it
            refuse_if_any(problems)
    elif others:
        notes.append(NOT_SHARED)
    held = with_backing(asked, resolved.model, held, rest, problems, notes)
    refuse_if_any(problems)
    if rest is not NOTHING_ELSE and held.wallet_balance is not None:
        cross = [(model, other) for model, other in beside if other.margin_mode is not MarginMode.ISOLATED]
        still = told_still([(resolved.model, held), *cross], held.wallet_balance)
        notes.extend(words for name, words in still.items() if name == held.terms.symbol)
    return resolved, held, notes, rest


def refuse_with_the_rest(asked: PositionInput, knowledge: Knowledge, problems: list[Problem]) -> None:
    """Raise what was found wrong with the amounts of a request, and what else is wrong with its positions.

    A position whose own amounts are sound is held against its ladder too.

    Raises:
        InputRefusedError: there is at least one problem.
    """
    if not problems:
        return
    client = client_of(asked)
    legs: list[tuple[str, LegInput]] = [("", asked)] if asked.positions is None else []
    lists = (("/positions", asked.positions or ()), ("/other_positions", asked.other_positions))
    legs.extend((f"{at}/{index}", leg) for at, several in lists for index, leg in enumerate(several[:MAX_LEGS]))
    unsound = [at for at, _ in problems]
    for at, leg in legs:
        resolved = resolve(asked.venue, leg, knowledge, client, problems, at)
        if at:
            sound = not any(pointer.startswith(f"{at}/") for pointer in unsound)
        else:
            sound = not any(pointer.lstrip("/").partition("/")[0] in _OF_A_LEG for pointer in unsound)
        if resolved is not None and sound:
            held_position(leg, resolved, problems, at)
    refuse_if_any(problems)


def _is_shared(asked: PositionInput) -> bool:
    """Say whether a position that states no margin mode shares a wallet with others."""
    stated = asked.margin_mode is not None or asked.collateral is not None or asked.cash_balance is not None
    return bool(asked.other_positions) and asked.wallet_balance is not None and not stated


L = TypeVar("L", bound=LegInput)


def in_the_account(leg: L) -> L:
    """Return a position of an account as the venue takes it: cross, unless it says otherwise."""
    return leg if leg.margin_mode is not None else replace(leg, margin_mode=MarginMode.CROSS)


def client_of(asked: PositionInput) -> Client:
    """Return who asks, as far as ladders and fees depend on it."""
    return Client(
        client_class=asked.client_class,
        residence=asked.residence,
        volume_30d_usd=asked.volume_30d_usd,
        open_interest=asked.open_interest,
    )


def held_in_account(
    asked: PositionInput, legs: Sequence[LegInput], at: str, knowledge: Knowledge, problems: list[Problem]
) -> Iterator[tuple[LegInput, Resolved, HeldPosition]]:
    """Yield positions of the account asked about as the formulas read them, and note what is wrong with those that are
    left out; `at` points to the list of them.
    """
    client = client_of(asked)
    for index, leg in enumerate(map(in_the_account, legs)):
        resolved = resolve(asked.venue, leg, knowledge, client, problems, f"{at}/{index}")
        held = None if resolved is None else held_position(leg, resolved, problems, f"{at}/{index}")
        if resolved is not None and held is not None:
            yield leg, resolved, held


def held_position(leg: LegInput, resolved: Resolved, problems: list[Problem], at: str) -> HeldPosition | None:
    """Return a leg as the formulas read it; null (and problems noted) when it is beyond its ladder."""
    terms = resolved.terms
    entry = leg.entry_price if leg.entry_price is not None else leg.mark_price
    assert entry is not None  # noqa: S101 - checked before
    assert leg.size is not None  # noqa: S101
    entry, mark = leg.settled(entry), leg.settled(_value_price(leg, resolved.model))
    size = size_in(leg.size, resolved.size_unit, terms.contract_type, terms.contract_size, entry)
    if size is None:
        problems.append((f"{at}/size_unit", NO_CONTRACT_SIZE))
        return None
    held = HeldPosition(
        side=leg.side or Side.LONG,
        size=size,
        entry_price=entry,
        terms=terms,
        mark_price=mark,
        leverage=leg.leverage,
        margin_mode=leg.margin_mode,
        collateral=leg.collateral,
        added_margin=leg.added_margin,
        wallet_balance=leg.wallet_balance,
        close_fee_reserve=leg.close_fee_reserve,
        is_open=True,
    )
    problems.extend(beyond_ladder(leg, resolved, held, at))
    rates_told_twice(leg, resolved, held, problems, at)
    _amount_within_rate(resolved.model, held, problems, at)
    return held


def _amount_within_rate(model: MarginModel, held: HeldPosition, problems: list[Problem], at: str) -> None:
    """Note a problem where explicit terms take more off maintenance margin than their rate asks for."""
    rate, amount = held.terms.maintenance_margin_rate, held.terms.maintenance_amount
    if rate is None or not amount or not isinstance(model, RequirementModel):
        return
    asked = Valuation(model, held).maintenance_value(model) * rate
    if asked < amount:
        problems.append((f"{at}/terms/maintenance_amount", LARGER_BRACKET.format(asked=plain(asked))))


def without_shown_reserve(model: MarginModel, held: HeldPosition) -> tuple[HeldPosition, tuple[str, ...]]:
    """Return a position whose collateral bears losses, and what is to be said of the collateral given.

    Some venues show an isolated position's margin with a fee reserve in it, which bears no loss. Collateral that is
    margin at the leverage and that reserve is such a figure, and the margin at the leverage is reckoned with instead.
    """
    given = held.collateral
    if given is None or not isinstance(model, RequirementModel) or model.assigned_fee is ReportedFee.NONE:
        return held, ()
    if held.margin_mode is MarginMode.CROSS or held.wallet_balance is not None:
        return held, ()
    bare = replace(held, collateral=None)
    valued = Valuation(model, bare)
    posted = posted_margin(model, bare, valued)
    shown = assigned_margin(model, bare, valued, posted)
    if posted is not None and shown is not None and shown > posted:
        reserve = shown - posted
        rounded = max(_TWO * _last_place(given), reserve * _AS_RECKONED)
        if rounded * _TWO >= reserve:
            rounded = _ZERO  # too few digits to tell one figure from the other, but for one that is met exactly
        if abs(given - shown) <= rounded:
            words = FEE_NOT_ADDED if model.posted_margin_bears_fee else RESERVE_LEFT_OUT
            return bare, (words.format(reserve=plain(round_money(reserve, 8, MoneyRounding.HALF_UP))),)
        if abs(given - posted) <= rounded:
            return held, ()
    return held, () if model.posted_margin_bears_fee else (BEARS_LOSSES,)


def _last_place(amount: Decimal) -> Decimal:
    """Return one unit of the last place to which an amount is written."""
    exponent = amount.as_tuple().exponent
    return _ONE.scaleb(min(exponent, 0)) if isinstance(exponent, int) else _ONE


def _value_price(leg: LegInput, model: MarginModel) -> Decimal | None:
    """Return the price that values a position now: mark, or the lower of mark and index where the venue takes it."""
    if model.value_price is ValuePrice.LOWER_OF_MARK_AND_INDEX and leg.index_price is not None:
        return leg.index_price if leg.mark_price is None else min(leg.mark_price, leg.index_price)
    return leg.mark_price


def beyond_ladder(leg: LegInput, resolved: Resolved, held: HeldPosition, at: str) -> list[Problem]:
    """Return what the ladder (or an explicit `max_leverage`) does not grant, with what it does."""
    terms, leverage = resolved.terms, leg.leverage
    if terms.max_leverage is not None and leverage is not None and leverage > terms.max_leverage:
        return [(f"{at}/leverage", f"must be at most {terms.max_leverage}, the max_leverage given")]
    if not terms.tiers:
        return []
    counted = counted_in_ladder(held, value_of(held.size, held.entry_price, terms.contract_type))
    if counted is None:
        return []
    unit = _COUNTED[terms.ladder_unit]
    limit = size_limit(terms.tiers)
    tier = rung_at(terms.tiers, counted)
    if tier is None:
        complete = resolved.ladder is None or resolved.ladder.complete
        if limit is not None and counted > limit and complete:
            return [(f"{at}/size", f"must be at most {limit:f} {unit}, where the ladder ends; this is {counted:f}")]
        return []
    initial = initial_ladder_of(resolved.model)
    highest = leverage_at(terms.tiers, counted, initial)
    if leverage is not None and highest is not None and leverage > highest:
        granted, cap = size_limit_at_leverage(terms.tiers, leverage, initial)
        more = f"; {leverage:f} is granted up to {_cut(cap):f} {unit}" if granted and cap is not None else ""
        return [(f"{at}/leverage", f"must be at most {_cut(highest):f} at this size (rung {tier.tier}){more}")]
    return []


def _cut(bound: Decimal) -> Decimal:
    """Return a bound for a sentence: cut off at eight decimals, so that the one printed holds too."""
    return min(bound, bound.quantize(_PLACES, rounding=ROUND_DOWN)) if bound % _PLACES else bound
