"""Decides trades: each made a case (`rules.preparing`), its rules evaluated, the verdict told with what would pass."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import localcontext

from data.facts.amounts import ARITHMETIC
from rules.case import Case
from rules.check import NOT_APPLICABLE
from rules.checks import load_catalogue
from rules.decision import Conclusion, Coverage, Effect, Finding, Outcome, Verdict, verdict_of
from rules.knowledge import Knowledge
from rules.law.findings import law_findings
from rules.policies.plan import Plan, Schedule, Scope, finding_of, missing_inputs, plan_of, schedule_of, scope_of
from rules.policies.policy import Policy
from rules.preparing import cases_of
from rules.remedies.combined import combined
from rules.terms.doubt import flag_doubted
from rules.terms.extrapolation import flag_extrapolated
from rules.trade import ProposedTrade

load_catalogue()

# An enum's member is looked up through its metaclass, fifteen times as slow as a name: these are read per finding.
_PASS, _FAIL, _UNKNOWN, _SKIPPED = Outcome.PASS, Outcome.FAIL, Outcome.UNKNOWN, Outcome.SKIPPED
_DENY, _WARN = Effect.DENY, Effect.WARN
_ALLOW = Verdict.ALLOW


def decide(trade: ProposedTrade, knowledge: Knowledge, policy: Policy) -> tuple[ProposedTrade, Conclusion]:
    """Return the trade as understood (native symbol, product, margin mode) and what the rules say of it."""
    return decide_all([(trade, knowledge, policy)])[0]


def decide_all(
    asked: Sequence[tuple[ProposedTrade, Knowledge, Policy]],
) -> list[tuple[ProposedTrade, Conclusion]]:
    """Return what `decide` returns for each trade and policy.

    Rule by rule, not trade by trade: the same code on the next trade runs half again as fast as other code.
    """
    with localcontext(ARITHMETIC):
        cases = cases_of(asked)
        found = [law_findings(case) for case in cases]
        alike: dict[tuple[Plan, int, Scope], list[int]] = {}
        for place, case in enumerate(cases):
            plan = plan_of(case.policy)
            alike.setdefault((plan, missing_inputs(plan, case.trade), scope_of(case)), []).append(place)
        for (plan, missing, scope), places in alike.items():
            _add_findings(schedule_of(plan, missing, scope), [(cases[place], found[place]) for place in places])
        for case, findings in zip(cases, found, strict=True):
            if case.terms.extrapolated is not None:
                flag_extrapolated(findings, case.terms.extrapolated)
            if case.terms.doubted:
                flag_doubted(findings, case.terms.doubted)
        return [(case.trade, conclude(case, tuple(findings))) for case, findings in zip(cases, found, strict=True)]


def _add_findings(schedule: Schedule, some: Sequence[tuple[Case, list[Finding]]]) -> None:
    """Add to each case's findings what the rules of a schedule find in it."""
    for rule, settled in schedule:
        if settled is not None:
            for _, findings in some:
                findings.append(settled)
            continue
        evaluate = rule.evaluate
        for case, findings in some:
            result = evaluate(case)
            if result is not NOT_APPLICABLE:
                findings.append(finding_of(rule, result))


def conclude(case: Case, findings: tuple[Finding, ...]) -> Conclusion:
    """Return the verdict that findings add up to, with the change that would pass."""
    loud = [finding for finding in findings if finding.outcome is not _PASS]
    verdict = verdict_of(loud)
    unknown = skipped = 0
    for finding in loud:
        if finding.outcome is _UNKNOWN:
            unknown += 1
        elif finding.outcome is _SKIPPED:
            skipped += 1
    return Conclusion(
        verdict=verdict,
        summary=_summary(verdict, loud),
        figures=case.figures,
        facts=case.terms.facts,
        findings=findings,
        remedies=() if verdict is _ALLOW else combined(findings, case),
        coverage=Coverage(evaluated=len(findings) - unknown - skipped, unknown=unknown, skipped=skipped),
        complete=not unknown and not skipped,
    )


def _summary(verdict: Verdict, loud: list[Finding]) -> str:
    if verdict is _ALLOW:
        return "Nothing known stands against this trade."
    failed = [f for f in loud if f.outcome is _FAIL and f.effect is not _WARN]
    unknown = [f for f in loud if f.outcome is _UNKNOWN and f.effect is not _WARN]
    if failed:
        denied = verdict is Verdict.DENY
        # A denial is told by what denies: what merely asks for a review may stand before it.
        first = next((f for f in failed if f.effect is _DENY), failed[0]) if denied else failed[0]
        return f"{'Denied' if denied else 'For review'}: {first.message}{_rest(len(failed) - 1, len(unknown))}"
    more = len(unknown) - 1
    rest = f" {_not_known_to_pass(more, 'more ')}." if more else ""
    return f"For review, not known: {unknown[0].message}{rest}"


def _rest(failed: int, unknown: int) -> str:
    """Return the sentence on what else stands against a trade, after the one on what decided it."""
    told = []
    if failed:
        told.append(f"{failed} more {'rule denies or holds' if failed == 1 else 'rules deny or hold'} it")
    if unknown:
        told.append(_not_known_to_pass(unknown))
    return f" {'; '.join(told)}." if told else ""


def _not_known_to_pass(count: int, more: str = "") -> str:
    return f"{count} {more}{'rule is' if count == 1 else 'rules are'} not known to pass"
