"""Puts judged cases in order, and tells each as a row."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from operator import itemgetter
from typing import NamedTuple

from msgspec import structs

from rules.case import Case
from rules.comparison.answer import AdlBrief, ComparisonRow, LiquidationBrief
from rules.comparison.judging import Judged
from rules.decision import Finding, Outcome, Verdict
from rules.figures.costs import missing_costs

# An enum's member is looked up through its metaclass, far slower than a name: these are read several times a trade.
_FAIL, _UNKNOWN, _SKIPPED = Outcome.FAIL, Outcome.UNKNOWN, Outcome.SKIPPED

_ZERO = Decimal(0)
_ORDER = {Verdict.ALLOW: 0, Verdict.REVIEW: 1, Verdict.DENY: 2}


def ranked(judged: Iterable[Judged], *, skips: bool) -> tuple[ComparisonRow, ...]:
    """Return a row for each case, in order: verdict, then whether the venue takes so small an order, then cost (not
    known last), then distance to liquidation, then name.
    """
    placed = [(_place(one), one) for one in judged]
    placed.sort(key=_of_place)
    rows: list[ComparisonRow] = []
    before: _Place | None = None
    for rank, (place, one) in enumerate(placed, start=1):
        rows.append(_row(one, rank, None if before is None else _tie_break(before, place, one), skips=skips))
        before = place
    return tuple(rows)


class _Place(NamedTuple):
    """What rows are ordered by, each before the next."""

    standing: tuple[int, bool, bool, Decimal]
    """The verdict, whether the order is too small for the venue, whether the cost is not known, and the cost."""
    liquidation: tuple[bool, bool, Decimal]
    """Whether the distance to liquidation is not known, whether there is one, and it, negated: what is never liquidated
    is farther than any, and the farthest is first."""
    name: tuple[str, str]
    """Venue and instrument."""


_of_place = itemgetter(0)


def _place(judged: Judged) -> _Place:
    trade, figures, cost = judged.case.trade, judged.case.figures, judged.cost
    distance, never = figures.distance_to_liquidation, figures.liquidation == "never"
    return _Place(
        standing=(
            _ORDER[judged.verdict],
            _too_small(judged.findings),
            cost is None,
            _ZERO if cost is None else cost,
        ),
        liquidation=(
            distance is None and not never,
            not never,
            _ZERO if distance is None or never else -distance,
        ),
        name=(trade.venue, trade.instrument),
    )


def _too_small(findings: list[Finding]) -> bool:
    """Say whether the order is below the venue's minimum, so that it cannot be placed there as it is."""
    for finding in findings:
        if finding.rule == "limits.minimum_size":
            return finding.outcome is _FAIL
    return False


def _tie_break(first: _Place, second: _Place, judged: Judged) -> str | None:
    """Return why a case stands after another of the same verdict and cost; null when it is no tie."""
    if first.standing != second.standing:
        return None
    same = "the same verdict, and cost not known either" if judged.cost is None else "the same verdict and cost"
    if first.liquidation != second.liquidation:
        return f"{same}; {first.name[0]} is farther from liquidation, or its distance is known"
    figures = judged.case.figures
    known = figures.distance_to_liquidation is not None or figures.liquidation == "never"
    distance = "the same distance to liquidation" if known else "no distance to liquidation known of either"
    return f"{same}, {distance}; in the order of names"


def _row(judged: Judged, rank: int, tie_break: str | None, *, skips: bool) -> ComparisonRow:
    case, cost = judged.case, judged.cost
    terms, trade = case.terms, case.trade
    liquidation, adl = terms.liquidation, terms.adl
    return ComparisonRow(
        venue=trade.venue,
        instrument=trade.instrument,
        rank=rank,
        verdict=judged.verdict,
        complete=not skips and not any(one.outcome is _UNKNOWN or one.outcome is _SKIPPED for one in judged.findings),
        cost=cost,
        costs_not_known=() if cost is not None else _missing_costs(case),
        tie_break=tie_break,
        figures=case.figures,
        findings=tuple(judged.findings),
        liquidation=None
        if liquidation is None
        else LiquidationBrief(
            trigger_price=liquidation.trigger_price,
            method=liquidation.method,
            liquidation_fee=liquidation.liquidation_fee,
            insurance_fund=liquidation.insurance_fund,
            source=liquidation.source,
        ),
        adl=None
        if adl is None
        else AdlBrief(exists=adl.exists, counterparty_price=adl.counterparty_price, source=adl.source),
        other_instruments=judged.others,
    )


def _missing_costs(case: Case) -> tuple[str, ...]:
    figures = case.figures
    if case.terms.broker_left_out:
        figures = structs.replace(figures, entry_fee=None, exit_fee=_ZERO if case.trade.reduce_only else None)
    return missing_costs(figures, case.trade, case.terms, case.opening_mark) or ("total_cost",)
