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
from rules.policies.plan import Kind, finding_of, missing_inputs, plan_of, schedule_of, scope_of
from rules.policies.policy import Policy
from rules.policies.settled import settled_of
from rules.preparing import case_of, cases_of
from rules.remedies.combined import combined
from rules.terms.doubt import flag_doubted
from rules.terms.extrapolation import flag_extrapolated
from rules.trade import ProposedTrade

load_catalogue()

# An enum's member is looked up through its metaclass, fifteen times as slow as a name: these are read per finding.
_PASS, _UNKNOWN, _SKIPPED = Outcome.PASS, Outcome.UNKNOWN, Outcome.SKIPPED
_DENY, _WARN = Effect.DENY, Effect.WARN
_ALLOW, _DENIED = Verdict.ALLOW, Verdict.DENY


def decide(trade: ProposedTrade, knowledge: Knowledge, policy: Policy) -> tuple[ProposedTrade, Conclusion]:
    """Return the trade as understood (native symbol, product, margin mode) and what the rules say of it."""
    with localcontext(ARITHMETIC):
        case = case_of(trade, knowledge, policy)
        findings = law_findings(case)
        _add_findings(_kind_of(case), case, findings)
        return case.trade, _concluded(case, findings)


def decide_all(
    asked: Sequence[tuple[ProposedTrade, Knowledge, Policy]],
) -> list[tuple[ProposedTrade, Conclusion]]:
    """Return what `decide` returns for each trade and policy.

    Rule by rule, not trade by trade: the same code on the next trade runs half again as fast as other code.
    """
    if len(asked) == 1:
        return [decide(*asked[0])]
    with localcontext(ARITHMETIC):
        cases = cases_of(asked)
        found = [law_findings(case) for case in cases]
        alike: dict[Kind, list[int]] = {}
        for place, case in enumerate(cases):
            alike.setdefault(_kind_of(case), []).append(place)
        for kind, places in alike.items():
            _add_findings_of_each(kind, [cases[place] for place in places], [found[place] for place in places])
        return [(case.trade, _concluded(case, findings)) for case, findings in zip(cases, found, strict=True)]


def _kind_of(case: Case) -> Kind:
    plan = plan_of(case.policy)
    return plan, missing_inputs(plan, case.trade), scope_of(case)


def _add_findings(kind: Kind, case: Case, findings: list[Finding]) -> None:
    """Add to a case's findings what the rules of its schedule find in it."""
    for (rule, _), finding in zip(schedule_of(*kind), settled_of(kind, case), strict=True):
        if finding is None:
            result = rule.evaluate(case)
            if result is NOT_APPLICABLE:
                continue
            # What `finding_of` returns, without a call into Python for each.
            finding = Finding(
                rule.id,
                rule.family,
                result.outcome,
                rule.effect,
                result.message,
                result.sources,
                result.reason,
                result.observed,
                result.limit,
                result.unit,
                result.question,
                result.flags,
                result.remedy,
            )
        findings.append(finding)


def _add_findings_of_each(kind: Kind, cases: Sequence[Case], found: Sequence[list[Finding]]) -> None:
    """Add to the findings of cases of one kind what `_add_findings` adds to those of each."""
    rows = [(case, settled_of(kind, case), findings) for case, findings in zip(cases, found, strict=True)]
    for place, (rule, _) in enumerate(schedule_of(*kind)):
        evaluate = rule.evaluate
        for case, settled, findings in rows:
            finding = settled[place]
            if finding is None:
                result = evaluate(case)
                if result is NOT_APPLICABLE:
                    continue
                finding = finding_of(rule, result)
            findings.append(finding)


def _concluded(case: Case, findings: list[Finding]) -> Conclusion:
    """Return what findings add up to, those flagged that rest on doubtful terms."""
    if case.terms.extrapolated is not None:
        flag_extrapolated(findings, case.terms.extrapolated)
    if case.terms.doubted:
        flag_doubted(findings, case.terms.doubted)
    return conclude(case, tuple(findings))


def conclude(case: Case, findings: tuple[Finding, ...]) -> Conclusion:
    """Return the verdict that findings add up to, with the change that would pass."""
    failed: list[Finding] = []
    open_: list[Finding] = []
    unknown = skipped = 0
    for finding in [one for one in findings if one.outcome is not _PASS]:
        if finding.outcome is _SKIPPED:
            skipped += 1
        elif finding.outcome is _UNKNOWN:
            unknown += 1
            if finding.effect is not _WARN:
                open_.append(finding)
        elif finding.effect is not _WARN:
            failed.append(finding)
    verdict = verdict_of([*failed, *open_])
    return Conclusion(
        verdict=verdict,
        summary=_summary(verdict, failed, open_),
        figures=case.figures,
        facts=case.terms.facts,
        findings=findings,
        remedies=combined(findings, case) if failed else (),
        coverage=Coverage(evaluated=len(findings) - unknown - skipped, unknown=unknown, skipped=skipped),
        complete=not unknown and not skipped,
    )


def _summary(verdict: Verdict, failed: list[Finding], unknown: list[Finding]) -> str:
    """Return a verdict in words, with the first of the rules that denied or held the trade."""
    if verdict is _ALLOW:
        return "Nothing known stands against this trade."
    if failed:
        denied = verdict is _DENIED
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
