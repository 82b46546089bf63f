"""Leverage the venue grants: its flat caps, and the rung of its ladder that the size falls in."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from data.facts.margin_models import LadderKind
from data.facts.venues import Ladder, LeverageCap
from data.facts.vocabulary import ClientClass, Product
from rules.case import Case
from rules.check import LEVERAGED, NOT_APPLICABLE, Result, check
from rules.checks.left_out import NO_PRODUCT, left_out
from rules.checks.limits.size import unsized
from rules.checks.outcomes import but_for_rounding, failed, passed, short, times, unknown
from rules.decision import Effect, Family, Remedy
from rules.inputs import given
from rules.margin.ladder import initial_ladder_of, leverage_at, size_limit_at_leverage
from rules.margin.rounding import but_for_division
from rules.remedies.nearest_change import either, leverage_at_most, size_times
from rules.terms.leverage_caps import Span, lowest_of, max_leverage_of
from rules.terms.near_facts import tiers_of_others
from rules.trade import denial_of

_ANY = ClientClass.ANY
_SPOT_MARGIN = Product.SPOT_MARGIN

_NO_CAP = unknown("No leverage cap of the venue is known for this.", "How much leverage does the venue grant?")


@check(
    "limits.leverage_cap",
    family=Family.LIMITS,
    effect=Effect.DENY,
    title="Leverage stays within the venue's cap for the instrument, client and margin mode; reduce-only is exempt",
    needs=("leverage",),
    basis=("the venue's published leverage caps",),
    spares_reducing=True,
    products=LEVERAGED,
)
def leverage_cap(case: Case) -> Result:
    """Compare the leverage with the narrowest caps that concern instrument, client class and residence.

    Caps of the same scope that differ depend on something the facts state in words alone: below the lowest it passes,
    above the highest it fails, between them it is not known. Where the client's class is not stated and caps of some
    class decide otherwise, it is not known either.
    """
    terms = case.terms
    leverage = given(case.trade.leverage)
    found = terms.caps
    caps, conditional, by_class = found.binding, found.conditional, found.by_class
    if not caps:
        if by_class and (asked := _if_of_a_class(by_class, leverage)) is not None:
            return asked
        if terms.ladder is not None:
            return NOT_APPLICABLE
        return NO_PRODUCT if terms.product is None else _NO_CAP
    lowest = min(caps, key=lowest_of)[0]
    if leverage <= lowest.max_leverage:
        return (
            _if_of_a_class(by_class, leverage)
            or _unless_conditional(conditional, leverage)
            or passed("Within the venue's cap.", leverage, lowest.max_leverage, "x", (lowest.source,))
        )
    highest = min((most for _, most in caps), key=max_leverage_of)
    if leverage > highest.max_leverage:
        return failed(
            f"The venue grants at most {times(highest.max_leverage)}.",
            leverage,
            highest.max_leverage,
            "x",
            sources=(highest.source,),
            remedy=leverage_at_most(
                min((lowest, *conditional, *_lowest_of(by_class)), key=max_leverage_of).max_leverage
            ),
        )
    why = f" ({lowest.note.rstrip('.')})" if lowest.note else ""
    return unknown(
        f"One of the venue's caps is {_cap_of(lowest)}, another {_cap_of(highest)}.",
        f"Does the cap of {_cap_of(lowest)} apply{why}?",
        sources=(lowest.source, highest.source),
    )


def _if_of_a_class(by_class: Sequence[tuple[Span, ...]], leverage: Decimal) -> Result | None:
    """Return the unknown of a client of unstated class whom the venue may grant less; null when no class is."""
    for lowest in _lowest_of(by_class):
        if leverage > lowest.max_leverage:
            return unknown(
                f"The venue grants {lowest.client_class} clients at most {times(lowest.max_leverage)}.",
                "Of which class is the client?",
                field="client.client_class",
                sources=(lowest.source,),
            )
    return None


def _lowest_of(by_class: Sequence[tuple[Span, ...]]) -> tuple[LeverageCap, ...]:
    return tuple(min(spans, key=lowest_of)[0] for spans in by_class) if by_class else ()


def _cap_of(cap: LeverageCap) -> str:
    return times(cap.max_leverage) + (f" {cap.session}" if cap.session else "")


def _unless_conditional(caps: Sequence[LeverageCap], leverage: Decimal) -> Result | None:
    """Return the unknown of a lower cap whose condition nobody has confirmed or denied; null when there is none."""
    for cap in caps:
        if leverage > cap.max_leverage:
            return unknown(
                f"The venue grants at most {times(cap.max_leverage)} where {cap.condition}.",
                f"Confirm that this is not so: {cap.condition}.",
                condition=denial_of(str(cap.condition_id)),
                sources=(cap.source,),
            )
    return None


@check(
    "limits.leverage_in_tier",
    family=Family.LIMITS,
    effect=Effect.DENY,
    title="Leverage stays within what the venue's margin tier grants at this size; reduce-only is exempt",
    needs=("leverage",),
    basis=("the venue's margin tiers",),
    spares_reducing=True,
    products=LEVERAGED,
)
def leverage_in_tier(case: Case) -> Result:
    """Compare the leverage with the tier's; the remedy is the tier's, or the largest size that still has this one.

    Where the client's class is not stated and the ladder of some class grants the leverage, it is not known.
    """
    terms, leverage, most = case.terms, given(case.trade.leverage), case.figures.max_leverage_in_tier
    ladder = terms.ladder
    if most is None:
        if ladder is None and terms.product is _SPOT_MARGIN and terms.caps.binding:
            return NOT_APPLICABLE  # a flat cap stands in place of tiers: limits.leverage_cap
        if ladder is None:
            return left_out(case) or unknown(_no_tiers(case), "Which leverage does its margin tier grant?")
        if terms.size_in_ladder_unit is None:
            return unsized(case)
        return NOT_APPLICABLE if ladder.complete else _beyond_what_is_recorded(case, ladder, leverage)
    sources = (given(terms.margin_model if ladder is None else ladder).source,)
    if leverage <= most or but_for_rounding(leverage, most):
        told = "Within the margin tier." if ladder is not None else "Within what the venue's margin formula grants."
        return passed(told, leverage, most, "x", sources)
    asked = _if_of_a_class_granted_more(case, ladder, terms.size_in_ladder_unit, leverage)
    if asked is not None:
        return asked
    smaller = None if ladder is None else _size_at_leverage(case, ladder, leverage)
    return failed(
        f"At this size the venue grants at most {times(most, leverage)}.",
        leverage,
        most,
        "x",
        sources=sources,
        remedy=either(leverage_at_most(most), smaller),
    )


def _if_of_a_class_granted_more(
    case: Case, ladder: Ladder | None, size: Decimal | None, leverage: Decimal
) -> Result | None:
    """Return the unknown of a client of unstated class whom the venue may grant more; null when no class is."""
    trade = case.trade
    if ladder is None or size is None or trade.client.client_class is not None:
        return None
    for one in ClientClass:
        other = case.knowledge.ladder(
            trade.venue, trade.instrument, client_class=one, residence=trade.client.residence, side=trade.side
        )
        if other is None or other is ladder or other.unit != ladder.unit:
            continue
        most = leverage_at(other.tiers, size, initial_ladder_of(case.terms.margin_model))
        if most is not None and leverage <= most:
            of_class = "some" if other.client_class is _ANY else other.client_class
            return unknown(
                f"At this size the venue grants {of_class} clients {times(most)}, and others less.",
                "Of which class is the client?",
                field="client.client_class",
                sources=tuple(dict.fromkeys((other.source, ladder.source))),
            )
    return None


def _no_tiers(case: Case) -> str:
    trade = case.trade
    client = trade.client
    others = tiers_of_others(
        case.knowledge,
        trade.venue,
        trade.instrument,
        client_class=client.client_class,
        residence=client.residence,
        side=trade.side,
    )
    if others:
        return f"The margin tiers on file for this instrument are not those of clients in {client.residence}."
    return "No margin tiers of this instrument are known."


def _beyond_what_is_recorded(case: Case, ladder: Ladder, leverage: Decimal) -> Result:
    """Return what a ladder whose recording stops early says of a larger size: rungs above grant no more than its last.

    Beyond the end of a complete ladder there is no tier at all, and limits.size_in_ladder fails.
    """
    end, most = given(ladder.tiers[-1].cap), _most_at_the_end(ladder, initial_ladder_of(case.terms.margin_model))
    if leverage <= most or but_for_rounding(leverage, most):
        return unknown(
            f"The margin tiers on file stop at {short(end)} {ladder.unit}, below this size.",
            "Which leverage does its margin tier grant?",
            sources=(ladder.source,),
        )
    return failed(
        f"Already where the margin tiers on file stop the venue grants at most {times(most)}.",
        leverage,
        most,
        "x",
        sources=(ladder.source,),
        remedy=_size_at_leverage(case, ladder, leverage),
    )


def _most_at_the_end(ladder: Ladder, initial: LadderKind) -> Decimal:
    """Return the leverage at the last cap of a ladder, which no larger size exceeds."""
    return given(leverage_at(ladder.tiers, given(ladder.tiers[-1].cap), initial))


def _size_at_leverage(case: Case, ladder: Ladder, leverage: Decimal) -> Remedy | None:
    granted, limit = size_limit_at_leverage(ladder.tiers, leverage, initial_ladder_of(case.terms.margin_model))
    size = case.terms.size_in_ladder_unit
    return size_times(case, limit / size) if granted and limit is not None and size else None


@check(
    "limits.position_in_tier",
    family=Family.LIMITS,
    effect=Effect.DENY,
    title="With what is already held of it, the position still has this leverage",
    needs=("leverage", "account.positions"),
    basis=("the venue's margin tiers, which count the whole position",),
    spares_reducing=True,
    products=LEVERAGED,
)
def position_in_tier(case: Case) -> Result:
    """Compare the leverage with the tier of the position that this trade adds to."""
    positions, terms, leverage = case.exposure.positions, case.terms, given(case.trade.leverage)
    if positions is None or not positions.same_size:
        return NOT_APPLICABLE
    own = case.size_as_held
    ladder, size = terms.ladder, terms.size_in_ladder_unit
    if ladder is None or size is None or not own:
        return left_out(case) or unknown(
            "The tier of the whole position is not known.", "How large is the position afterwards?"
        )
    whole = but_for_division(size * (own + positions.same_size) / own)
    initial = initial_ladder_of(terms.margin_model)
    most = leverage_at(ladder.tiers, whole, initial)
    unit = ladder.unit
    if most is not None and (leverage <= most or but_for_rounding(leverage, most)):
        return passed("The tier of the whole position grants this leverage.", leverage, most, "x", (ladder.source,))
    if most is None and not ladder.complete:
        end = _most_at_the_end(ladder, initial)
        if leverage <= end or but_for_rounding(leverage, end):
            return unknown(
                f"With what is held the position counts {short(whole, 2)} {unit}, beyond the margin tiers on file.",
                "Which leverage does the venue grant the whole position?",
                sources=(ladder.source,),
            )
    asked = _if_of_a_class_granted_more(case, ladder, whole, leverage)
    if asked is not None:
        return asked
    granted, limit = size_limit_at_leverage(ladder.tiers, leverage, initial)
    room = None if limit is None or not granted else limit - size * positions.same_size / own
    return failed(
        f"With what is held the position counts {short(whole, 2)} {unit}, too large for {times(leverage)}.",
        leverage,
        most,
        "x",
        sources=(ladder.source,),
        remedy=either(
            None if most is None else leverage_at_most(most),
            None if room is None else size_times(case, room / size),
        ),
    )
