"""Everything about one position, or about a cross account of several."""

from __future__ import annotations

from decimal import Decimal, localcontext
from typing import TypeVar

import msgspec
from msgspec import Struct

from data.facts.amounts import ARITHMETIC
from data.facts.margin_models import LadderKind, MarginModel, PriceRounding, RequirementModel, TieredMargin
from data.facts.venues import MarginTier
from data.facts.vocabulary import MarginMode
from rules.calculators.agreement import given_of, unread
from rules.calculators.backing import wallet_as_margin, wallet_of, without_account_wallet
from rules.calculators.beside_margin import (
    WHOLE_ACCOUNT,
    at_fill,
    liquidation_buffer,
    net_unrealized_pnl,
    open_orders,
    partial,
    risk_rate,
)
from rules.calculators.checks import position_problems
from rules.calculators.holding import (
    held_in_account,
    prepared,
    refuse_with_the_rest,
    without_shown_reserve,
)
from rules.calculators.inputs import LegInput, PositionInput
from rules.calculators.one_account import apart, taken_for_granted
from rules.calculators.position_answers import AccountAnswer, LiquidationAnswer, MarginAnswer, PositionAnswer
from rules.calculators.refusal import Problem, refuse_if_any
from rules.calculators.resolve import Resolved
from rules.calculators.unread import left_aside
from rules.knowledge import Knowledge
from rules.margin.account import account_figures, with_one_mark
from rules.margin.figures import NOTHING_ELSE, position_figures
from rules.margin.formula import formula_of
from rules.margin.ladder import deductions
from rules.margin.position import HeldPosition, PositionFigures, Rest, value_of

_ZERO = Decimal(0)
ONE_ALONE = "belongs to /v1/calculators/position; ask about one position here"
BESIDE_MARGIN = ("atr", "fill_price", "partial_liquidation")
BESIDE_LIQUIDATION = ("buy_orders", "sell_orders")
V = TypeVar("V", MarginAnswer, LiquidationAnswer)


def position(asked: PositionInput, knowledge: Knowledge) -> PositionAnswer | AccountAnswer:
    """Return every figure of a position, or of an account when the request lists `positions`.

    Raises:
        InputRefusedError: names every field that cannot be reckoned with.
    """
    problems = list(position_problems(asked))
    with localcontext(ARITHMETIC):
        refuse_with_the_rest(asked, knowledge, problems)
        if asked.positions is not None:
            return _account(asked, asked.positions, knowledge)
        resolved, held, notes, rest = prepared(asked, knowledge)
        figures = position_figures(resolved.model, held, rest)
        found = _answer(asked, asked, knowledge, resolved, held, figures, notes, rest)
        return _with_beside(asked, resolved, held, rest, found, knowledge)


def margin(asked: PositionInput, knowledge: Knowledge) -> MarginAnswer:
    """Return the margins of one position.

    Raises:
        InputRefusedError: names every field that cannot be reckoned with.
    """
    return _view(asked, _single(asked, knowledge), MarginAnswer, BESIDE_MARGIN)


def liquidation_price(asked: PositionInput, knowledge: Knowledge) -> LiquidationAnswer:
    """Return where one position ends.

    Raises:
        InputRefusedError: names every field that cannot be reckoned with.
    """
    return _view(asked, _single(asked, knowledge), LiquidationAnswer, BESIDE_LIQUIDATION)


def _single(asked: PositionInput, knowledge: Knowledge) -> PositionAnswer:
    if asked.positions is not None:
        refuse_if_any([("/positions", ONE_ALONE), *position_problems(asked)])
    found = position(asked, knowledge)
    assert isinstance(found, PositionAnswer)  # noqa: S101 - there are no positions
    return found


def _view(asked: PositionInput, found: PositionAnswer, kind: type[V], beside: tuple[str, ...]) -> V:
    """Return the figures of one kind of answer; inputs `beside` it ask for figures that are not among them."""
    fields = {name: getattr(found, name) for name in kind.__struct_fields__}
    fields["approximations"] = (*found.approximations, *unread(given_of(asked, beside)))
    return kind(**fields)


def _with_beside(
    asked: PositionInput,
    resolved: Resolved,
    held: HeldPosition,
    rest: Rest,
    found: PositionAnswer,
    knowledge: Knowledge,
) -> PositionAnswer:
    """Add what a venue shows beside the margins of a position that stands by itself."""
    problems: list[Problem] = []
    notes: list[str] = []
    model, equity, initial = resolved.model, found.equity, found.initial_margin
    alone = rest is NOTHING_ELSE
    shown = found.assigned_margin
    less_fee = isinstance(model, RequirementModel) and model.cross_margin_less_fee
    if shown is None and less_fee and found.margin is not None and found.bankruptcy_price is not None:
        rate = held.terms.taker_fee_rate or _ZERO
        shown = found.margin - value_of(held.size, found.bankruptcy_price, held.terms.contract_type) * rate
    if not alone and asked.partial_liquidation is not None:
        problems.append(("/partial_liquidation", WHOLE_ACCOUNT))
    answer = msgspec.structs.replace(
        found,
        assigned_margin=shown,
        available=equity - initial if alone and equity is not None and initial is not None else None,
        liquidation_buffer=liquidation_buffer(model, held, found, rest),
        risk_rate=risk_rate(model, held, found) if alone else None,
        open_orders=open_orders(asked, resolved, held, knowledge, problems, notes),
        at_fill=at_fill(asked.settled(asked.fill_price), held, found, notes),
        partial_liquidation=partial(
            asked.partial_liquidation,
            [model],
            wallet_balance=found.margin,
            unrealized_pnl=found.unrealized_pnl,
            maintenance_margin=found.maintenance_margin,
            sizes=[held.size],
            problems=problems,
            notes=notes,
        ),
    )
    refuse_if_any(problems)
    if not notes:
        return answer
    return msgspec.structs.replace(answer, approximations=tuple(dict.fromkeys((*found.approximations, *notes))))


class _Leg(Struct, frozen=True, kw_only=True):
    """One position of an account, ready to be reckoned; `notes` is what to say of it besides its figures."""

    resolved: Resolved
    held: HeldPosition
    notes: tuple[str, ...]


def _legs(
    asked: PositionInput, legs: tuple[LegInput, ...], knowledge: Knowledge, problems: list[Problem]
) -> list[_Leg]:
    """Return each position of an account as its model reckons it, and note what is wrong in any."""
    ready: list[_Leg] = []
    for leg, resolved, stated in held_in_account(asked, legs, "/positions", knowledge, problems):
        held, aside = without_account_wallet(leg, resolved.model, stated)
        aside.extend(wallet_as_margin(held))
        held, said = without_shown_reserve(resolved.model, held)
        if held.margin_mode is MarginMode.CROSS:
            aside.extend(unread(given_of(leg, ("collateral",))))
        notes = (*aside, *said, *left_aside(leg, resolved, held, asked))
        ready.append(_Leg(resolved=resolved, held=held, notes=notes))
    return ready


def _account(asked: PositionInput, legs: tuple[LegInput, ...], knowledge: Knowledge) -> AccountAnswer:
    problems: list[Problem] = []
    ready = _legs(asked, legs, knowledge, problems)
    if len(ready) < len(legs):
        refuse_if_any(problems)
    pairs = [(one.resolved.model, one.held) for one in ready]
    placed = [(f"/positions/{index}", held) for index, (_, held) in enumerate(pairs)]
    contradictions = list(apart(placed))
    problems.extend(contradictions)
    if contradictions:
        refuse_if_any(problems)
    notes = taken_for_granted(placed)
    wallet = wallet_of(asked, legs, pairs, problems, notes)
    refuse_if_any(problems)
    figures = account_figures(pairs, wallet)
    closed = partial(
        asked.partial_liquidation,
        [model for model, _ in pairs],
        wallet_balance=wallet,
        unrealized_pnl=figures.totals.unrealized_pnl,
        maintenance_margin=figures.totals.maintenance_margin,
        sizes=[held.size for _, held in pairs if held.margin_mode is MarginMode.CROSS],
        problems=problems,
        notes=notes,
    )
    refuse_if_any(problems)
    marked = with_one_mark([held for _, held in pairs])
    answers = tuple(
        _answer(asked, leg, knowledge, one.resolved, held, found, [*one.resolved.notes, *one.notes])
        for leg, held, one, found in zip(legs, marked, ready, figures.positions, strict=True)
    )
    return AccountAnswer(
        release=knowledge.release,
        as_of=knowledge.as_of,
        sources=tuple(dict.fromkeys(source for one in answers for source in one.sources)),
        approximations=tuple(dict.fromkeys((*figures.approximations, *notes))),
        account=figures.totals,
        positions=answers,
        partial_liquidation=closed,
    )


def _as_printed(model: MarginModel, held: HeldPosition) -> MarginModel:
    """Return the model whose formula is told: without a tick no price is rounded to one."""
    if held.terms.tick_size is not None or not isinstance(model, RequirementModel):
        return model
    return msgspec.structs.replace(model, liquidation_rounding=PriceRounding.NONE)


def _answer(
    asked: PositionInput,
    leg: LegInput,
    knowledge: Knowledge,
    resolved: Resolved,
    held: HeldPosition,
    figures: PositionFigures,
    notes: list[str],
    rest: Rest | None = None,
) -> PositionAnswer:
    if figures.distance_in_price is None:
        notes = [*notes, *unread(given_of(asked, ("atr",)))]
    tier = _tier_terms(resolved, held, figures)
    fields = {name: getattr(figures, name) for name in PositionFigures.__struct_fields__}
    fields["approximations"] = tuple(dict.fromkeys((*notes, *figures.approximations)))
    distance, ladder = figures.distance_in_price, resolved.ladder
    atr = leg.settled(asked.atr)
    return PositionAnswer(
        **fields,
        release=knowledge.release,
        as_of=knowledge.as_of,
        model=resolved.model.title,
        formula=formula_of(_as_printed(resolved.model, held), held.terms.contract_type, held.margin_mode, held),
        terms_from="request" if resolved.stated_margin else "release" if held.terms.tiers else "model",
        currency=held.terms.settle,
        tier_terms=tier,
        tier_source=None if ladder is None else ladder.source,
        session=None if ladder is None else ladder.session,
        schedule=None if ladder is None else ladder.schedule,
        client_class=None if ladder is None else ladder.client_class,
        distance_to_liquidation_atr=None if distance is None or atr is None else distance / atr,
        return_on_margin=_return_on_margin(held, figures),
        entry_price=held.entry_price,
        mark_price=held.mark_price,
        net_unrealized_pnl=net_unrealized_pnl(held, figures),
        other_requirement=None if rest is None or rest.unknown else rest.requirement,
        sources=resolved.sources,
    )


def _return_on_margin(held: HeldPosition, figures: PositionFigures) -> Decimal | None:
    if figures.unrealized_pnl is None or held.leverage is None:
        return None
    return figures.unrealized_pnl * held.leverage / value_of(held.size, held.entry_price, held.terms.contract_type)


def _tier_terms(resolved: Resolved, held: HeldPosition, figures: PositionFigures) -> MarginTier | None:
    """Return the rung that holds the size, with its maintenance amount worked out where the ladder leaves it open."""
    tiers = held.terms.tiers
    for index, tier in enumerate(tiers):
        if tier.tier == figures.tier:
            marginal = isinstance(resolved.model, TieredMargin) and resolved.model.ladder is LadderKind.MARGINAL
            if tier.maintenance_amount is not None or not marginal:
                return tier
            return msgspec.structs.replace(tier, maintenance_amount=deductions(tiers)[index])
    return None
