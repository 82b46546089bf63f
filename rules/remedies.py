"""The nearest change that passes: for one rule, and for all that failed together."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import ROUND_DOWN, Decimal

from msgspec import structs

from data.facts.vocabulary import ContractType, MarginMode
from rules.case import Case
from rules.checks.inputs import given
from rules.decision import Effect, Finding, Outcome, Remedy

_ZERO = Decimal(0)
_ONE = Decimal(1)
_CENT = Decimal("0.01")
_COIN_STEP = Decimal("0.00000001")
_INVERSE = ContractType.INVERSE
_FAIL, _WARN = Outcome.FAIL, Effect.WARN

ROOM = Decimal("0.999999")
"""A remedy found by dividing stops this much short of the limit, so that no rounding on the way back exceeds it."""


def size_field(case: Case) -> str:
    """Return the field in which the request states its size."""
    return "quantity" if case.trade.quantity is not None else "notional"


def size_times(case: Case, factor: Decimal) -> Remedy | None:
    """Return the remedy "at most `factor` times the size", in the field the request uses; null when nothing is left.

    Hundredths of the quote currency, or eight places of the base coin, rounded down.
    """
    size = given(case.trade.quantity if case.trade.quantity is not None else case.figures.notional)
    step = _COIN_STEP if case.trade.quantity is not None else _CENT
    largest = (size * factor).quantize(step, rounding=ROUND_DOWN)
    return Remedy(field=size_field(case), largest_passing=largest) if largest > 0 else None


def notional_at_most(case: Case, notional: Decimal) -> Remedy | None:
    """Return the remedy "at most this notional" (quote currency), in the field the request states its size in."""
    current = case.figures.notional
    return size_times(case, notional / current) if current else None


def leverage_at_most(leverage: Decimal, floor: Decimal = _ONE) -> Remedy | None:
    """Return the remedy "at most this leverage", rounded down to hundredths; null below `floor`."""
    largest = leverage.quantize(_CENT, rounding=ROUND_DOWN)
    return Remedy(field="leverage", largest_passing=largest) if largest >= floor else None


def either(*remedies: Remedy | None) -> Remedy | None:
    """Return the first remedy there is, with the others as its alternatives."""
    given = [remedy for remedy in remedies if remedy is not None]
    if len(given) < 2:
        return given[0] if given else None
    first = given[0]
    return Remedy(
        field=first.field,
        largest_passing=first.largest_passing,
        smallest_passing=first.smallest_passing,
        value=first.value,
        values=first.values,
        alternatives=tuple(given[1:]),
    )


def least_value(case: Case) -> Decimal:
    """Return the position's value in settlement currency, at entry or at mark, whichever is less."""
    market, notional, quantity = case.trade.market, given(case.figures.notional), given(case.figures.quantity)
    mark = None if market is None else market.mark_price
    if case.terms.contract_type is _INVERSE:
        return quantity if mark is None else min(quantity, notional / mark)
    return notional if mark is None else min(notional, quantity * mark)


def effective_leverage(case: Case) -> Decimal:
    """Return the position's value over the margin it ties up, at most the leverage asked for.

    It is less where the size's margin tier grants less, or where a fee is part of the margin: a lower leverage only
    changes something below it.
    """
    return min(given(case.trade.leverage), least_value(case) / given(case.figures.initial_margin))


def less_leverage(case: Case, factor: Decimal) -> Remedy | None:
    """Return the remedy "at most `factor` times the leverage that the margin shows"."""
    return leverage_at_most(effective_leverage(case) * factor * ROOM)


def size_for_margin(case: Case, factor: Decimal) -> Remedy | None:
    """Return the remedy "at most `factor` times the margin", as a size.

    Beyond the last margin tier no rate is known: there the size is found at the last tier's rate, which no smaller size
    exceeds.
    """
    terms, leverage = case.terms, case.trade.leverage
    if terms.tier is None and terms.ladder is not None and terms.ladder.tiers and leverage:
        last = terms.ladder.tiers[-1].max_leverage
        if last < leverage:
            factor = factor * last / leverage
    return size_times(case, factor * ROOM)


def venues_where(case: Case, holds: Callable[[str], bool]) -> Remedy | None:
    """Return the venues that list the underlying as this product and for which `holds`, as a remedy; null for none."""
    instrument, product = case.terms.instrument, case.terms.product
    if instrument is None or product is None:
        return None
    listed = {one.venue for one in case.knowledge.listings(instrument.base, product)}
    fitting = tuple(sorted(venue for venue in listed if venue != case.trade.venue and holds(venue)))
    return Remedy(field="venue", values=fitting) if fitting else None


MARGIN_RULES = frozenset(
    {
        "risk.margin_available",
        "risk.margin_per_trade",
        "risk.free_collateral",
        "risk.venue_concentration",
        "risk.shock_loss",
    }
)
"""Rules whose observed value grows with the margin posted: a lower leverage at the same size can fail them."""


def combined(findings: Iterable[Finding], case: Case) -> tuple[Remedy, ...]:
    """Return one change per field that, made together, passes every rule that denied or held the trade.

    Empty when some failed rule has no remedy: then no change of these fields is known to pass. A lower leverage posts
    more margin, so the size shrinks with it where a margin rule would fail for that. What the venue's own limits and
    margins ask for is found at this venue, also where the venue must change.
    """
    return _combined(tuple(findings), case, frozenset()) or ()


_REFRAMING = ("entry_price", "margin_mode")
"""Fields on which the other figures hang: they are changed first, and the rest is found for the trade so changed."""


def _combined(findings: tuple[Finding, ...], case: Case, settled: frozenset[str]) -> tuple[Remedy, ...] | None:
    """Return the remedies; null when there are none for everything. `settled` fields may not be changed again."""
    remedies: dict[str, Remedy] = {}
    for finding in findings:
        if finding.outcome is not _FAIL or finding.effect is _WARN:
            continue
        if finding.remedy is None or not _merge(remedies, finding.remedy):
            return None
    if not settled.isdisjoint(remedies):
        return None
    if case.trade.reduce_only and "venue" in remedies:
        return None  # what is to be reduced is held here
    if len(remedies) > 1 and any(name in remedies for name in _REFRAMING):
        return _reframed(case, [remedies[name] for name in _REFRAMING if name in remedies])
    _make_room_for_margin(remedies, findings, case)
    return tuple(remedies.values())


def _reframed(case: Case, first: list[Remedy]) -> tuple[Remedy, ...] | None:
    # The engine asks this module for remedies; only this rare question goes the other way.
    from rules.engine import case_of, findings_of

    changes: dict[str, object] = {}
    for remedy in first:
        if remedy.field == "margin_mode":
            changes["margin_mode"] = MarginMode(remedy.values[0])
        else:
            nearest = remedy.largest_passing if remedy.largest_passing is not None else remedy.smallest_passing
            changes["entry_price"] = given(nearest)
    again = case_of(structs.replace(case.trade, **changes), case.knowledge, case.policy)
    rest = _combined(findings_of(again), again, frozenset(changes))
    return None if rest is None else (*first, *rest)


def _merge(remedies: dict[str, Remedy], remedy: Remedy) -> bool:
    """Add a remedy to those of the other rules; false when no value of any of its fields suits all."""
    for candidate in (remedy, *remedy.alternatives):
        known = remedies.get(candidate.field)
        both = candidate if known is None else _both(known, candidate)
        if both is not None:
            remedies[candidate.field] = _alone(both)
            return True
    return False


def _both(left: Remedy, right: Remedy) -> Remedy | None:
    """Return what satisfies two remedies of one field; null when nothing does."""
    largest = _least(left.largest_passing, right.largest_passing)
    smallest = _greatest(left.smallest_passing, right.smallest_passing)
    if largest is not None and smallest is not None and smallest > largest:
        return None
    if left.value is not None and right.value is not None and left.value != right.value:
        return None
    values = tuple(v for v in left.values if v in right.values) if left.values and right.values else ()
    if left.values and right.values and not values:
        return None
    return Remedy(
        field=left.field,
        largest_passing=largest,
        smallest_passing=smallest,
        value=left.value if left.value is not None else right.value,
        values=values or left.values or right.values,
    )


def _alone(remedy: Remedy) -> Remedy:
    if not remedy.alternatives:
        return remedy
    return Remedy(
        field=remedy.field,
        largest_passing=remedy.largest_passing,
        smallest_passing=remedy.smallest_passing,
        value=remedy.value,
        values=remedy.values,
    )


_FEES_IN_MARGIN = Decimal("0.999")
"""Some venues count a fee as margin, which grows a little beyond proportion as leverage falls."""


def _make_room_for_margin(remedies: dict[str, Remedy], findings: tuple[Finding, ...], case: Case) -> None:
    lowered = remedies.get("leverage")
    leverage = case.trade.leverage
    if lowered is None or lowered.largest_passing is None or not leverage or lowered.largest_passing >= leverage:
        return
    granted = case.figures.max_leverage
    growth = (leverage if granted is None else min(leverage, granted)) / lowered.largest_passing
    factor = _ONE
    for finding in findings:
        observed, limit = finding.observed, finding.limit
        if finding.rule in MARGIN_RULES and isinstance(observed, Decimal) and isinstance(limit, Decimal):
            if limit <= 0:
                return
            if observed > 0:
                factor = min(factor, limit / (observed * growth))
    if factor >= _ONE:
        return
    remedy = size_for_margin(case, factor * _FEES_IN_MARGIN)
    if remedy is not None:
        _merge(remedies, remedy)


def _least(left: Decimal | None, right: Decimal | None) -> Decimal | None:
    return right if left is None else left if right is None else min(left, right)


def _greatest(left: Decimal | None, right: Decimal | None) -> Decimal | None:
    return right if left is None else left if right is None else max(left, right)
