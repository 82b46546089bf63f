"""Findings that no amount changes: kept for trades that are alike in all that the rules behind them read."""

from __future__ import annotations

from rules.case import Case
from rules.decision import Finding, Outcome
from rules.policies.plan import Kind, Schedule, finding_of, schedule_of
from rules.remembered import Remembered

_PASS = Outcome.PASS

Settled = tuple[Finding | None, ...]
"""The finding of each rule of a schedule that need not be evaluated; null for those that must."""


class _Kept(Remembered[Settled]):
    """What is settled, by kind of trade, client and instrument."""

    most = 1024
    weighs = 2  # 2.9 kB each, measured over clients and instruments


def settled_of(kind: Kind, case: Case) -> Settled:
    """Return which findings of the schedule for such a `kind` of trade stand before any rule is evaluated.

    Those of rules that lack inputs do, and the passes of rules `of_terms`. A fail or an unknown is found anew: the
    change that would pass may hang on all that the request says.
    """
    trade = case.trade
    plan, missing, scope = kind
    key = (
        plan.number,
        missing,
        scope,
        trade.client,
        trade.venue,
        trade.instrument,
        trade.product,
        trade.margin_mode,
        trade.side,
        trade.intermediary,
        trade.conditions_met,
        case.names_product,
    )
    kept = case.knowledge.derive(_Kept)
    known = kept.get(key)
    return kept.keep(key, _settle(schedule_of(*kind), case)) if known is None else known


def _settle(schedule: Schedule, case: Case) -> Settled:
    settled: list[Finding | None] = []
    for rule, finding in schedule:
        if finding is None and rule.of_terms:
            result = rule.evaluate(case)
            if result.outcome is _PASS:
                finding = finding_of(rule, result)
        settled.append(finding)
    return tuple(settled)
