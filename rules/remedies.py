"""The nearest change that passes: for one rule, and for all that failed together."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_DOWN, Decimal

from rules.case import Case
from rules.decision import Effect, Finding, Outcome, Remedy

_ZERO = Decimal(0)
_ONE = Decimal(1)
_CENT = Decimal("0.01")
_COIN_STEP = Decimal("0.00000001")

ROOM = Decimal("0.999999")
"""A remedy found by dividing stops this much short of the limit, so that no rounding on the way back exceeds it."""


def size_field(case: Case) -> str:
    """Return the field in which the request states its size."""
    return "quantity" if case.trade.quantity is not None else "notional"


def size_times(case: Case, factor: Decimal) -> Remedy | None:
    """Return the remedy "at most `factor` times the size", in the field the request uses; null when nothing is left.

    Hundredths of the quote currency, or eight places of the base coin, rounded down.
    """
    size = case.trade.quantity if case.trade.quantity is not None else case.figures.notional
    if size is None or factor <= 0:
        return None
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
    more margin, so the size shrinks with it where a margin rule would fail for that.
    """
    remedies: dict[str, Remedy] = {}
    findings = tuple(findings)
    for finding in findings:
        if finding.outcome is not Outcome.FAIL or finding.effect is Effect.WARN:
            continue
        if finding.remedy is None:
            return ()
        if not _merge(remedies, finding.remedy):
            return ()
    _make_room_for_margin(remedies, findings, case)
    return tuple(remedies.values())


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


def _make_room_for_margin(remedies: dict[str, Remedy], findings: tuple[Finding, ...], case: Case) -> None:
    lowered = remedies.get("leverage")
    leverage = case.trade.leverage
    if lowered is None or lowered.largest_passing is None or not leverage or lowered.largest_passing >= leverage:
        return
    growth = leverage / lowered.largest_passing
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
    remedy = size_times(case, factor * ROOM)
    if remedy is not None:
        _merge(remedies, remedy)


def _least(left: Decimal | None, right: Decimal | None) -> Decimal | None:
    return right if left is None else left if right is None else min(left, right)


def _greatest(left: Decimal | None, right: Decimal | None) -> Decimal | None:
    return right if left is None else left if right is None else max(left, right)
