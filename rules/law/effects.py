"""From a rule that concerns a trade to its finding, by the rule's effect."""

from __future__ import annotations

from msgspec import structs

from data.facts.law import (
    Allow,
    Classify,
    InForce,
    LeverageCap,
    PositionLimit,
    Prohibit,
    RequireClientClass,
    RequireDisclosure,
    RequireMarginCloseout,
    RequireNegativeBalanceProtection,
    RequireRegistration,
)
from rules.condition_ids import met_id, safeguards_id
from rules.decision import Effect, Finding, Outcome, Question, Reason, Remedy
from rules.law.duties import disclose, protect
from rules.law.exceptions import Exceptions, lifting
from rules.law.holding import Held
from rules.law.index import LawIndex
from rules.law.inputs import LawSize
from rules.law.limits import cap_leverage, limit_position
from rules.law.predicates import Test
from rules.law.prohibitions import prohibit
from rules.law.reports import exemptions_assumed_away, failed, informs, left_open, passed, skipped
from rules.law.requirements import require_client_class, require_registration
from rules.law.truth import Truth
from rules.law.view import View
from rules.law.wording import question_of, screening_of, seen_of
from rules.trade import denial_of


def conclude(held: Held, exceptions: Exceptions, view: View, index: LawIndex, size: LawSize) -> Finding | None:
    """Return the finding of a rule that concerns the trade, exceptions resolved; null where nothing is to be said."""
    finding = _conclude(held, exceptions, view, index, size)
    return finding if finding is None or not view.asked.conditions_met else _with_denial(held, finding, view)


def _with_denial(held: Held, finding: Finding, view: View) -> Finding:
    """Return a finding where the caller says no to its question.

    What a rule demands and the caller denies is a fail, open where the rule itself may not apply; an exemption that the
    caller denies is not assumed away.
    """
    law, said = held.selected.rule.law, view.asked.conditions_met
    denied = finding.question.id if finding.question is not None else None
    answered = denied is not None and denial_of(denied) in said
    if answered and finding.outcome is Outcome.FAIL:
        left = next((one for one in exemptions_assumed_away(law) if denial_of(one.id) not in said), None)
        if left is not None:
            return structs.replace(finding, question=Question(ask=left.ask, id=left.id))
        flags = tuple(one for one in finding.flags if one != "assumed" or law.when.nexus_assumed)
        return structs.replace(finding, question=None, flags=flags)
    if not answered or finding.outcome is not Outcome.UNKNOWN or denied not in (met_id(law), safeguards_id(law)):
        return finding
    if held.truth is Truth.UNKNOWN:
        told = f"the caller denies {denied}; whether the rule applies: {seen_of(held, view).says}"
        return left_open(
            held, told, question_of(held, view), observed=finding.observed, limit=finding.limit, unit=finding.unit
        )
    offered = law.effect.observed if isinstance(law.effect, LeverageCap) else None
    refusal = failed(
        held,
        f"the caller denies {denied}",
        reason=Reason.NOT_PERMITTED if isinstance(law.effect, RequireRegistration) else Reason.PROHIBITED,
        observed=finding.observed,
        limit=finding.limit,
        unit=finding.unit,
        remedy=Remedy(field="leverage", largest_passing=offered) if offered is not None else None,
    )
    return _with_denial(held, refusal, view)


def _conclude(held: Held, exceptions: Exceptions, view: View, index: LawIndex, size: LawSize) -> Finding | None:
    rule = held.selected.rule
    if not rule.bites:
        return _not_in_force(held)
    if rule.law.screening and held.truth is Truth.UNKNOWN and _asks_the_person(held):
        seen, question = screening_of(held, view)
        return skipped(held, seen.says, question=question)
    if held.refused is not None:
        return _refused(held, held.refused, exceptions, view)
    match rule.law.effect:
        case Prohibit() as effect:
            return prohibit(held, effect, exceptions, view, index)
        case RequireRegistration() as effect:
            return require_registration(held, effect, exceptions, view, index)
        case RequireClientClass() as effect:
            return require_client_class(held, effect, exceptions, view)
        case LeverageCap() as effect:
            return cap_leverage(held, effect, exceptions, view, size)
        case PositionLimit() as effect:
            return limit_position(held, effect, exceptions, view, size)
        case RequireMarginCloseout() | RequireNegativeBalanceProtection() as effect:
            return protect(held, effect, exceptions, view)
        case RequireDisclosure() as effect:
            return disclose(held, effect, view)
        case Classify() as effect:
            told = f"{view.asked.base} is treated as a {effect.asset_class.value}"
            return passed(held, told, observed=view.asked.base) if held.truth is Truth.YES else None
        case Allow() as effect:  # pragma: no branch - there are no others
            return _permit(held, effect, exceptions, view)


def _refused(held: Held, refused: Test, rivals: Exceptions, view: View) -> Finding:
    """Report a rule that holds the trade until something is so, where the caller says that it is not.

    `rivals` are the other exceptions to the rules that a permission lifts: where one holds, this one is not needed.
    """
    says = refused.see(view).says
    other = lifting(rivals)
    if other is not None:
        return passed(held, f"{says}, and {other.selected.rule.rule} permits the trade")
    if held.truth is Truth.UNKNOWN:
        told = f"{says}; whether the rule applies: {seen_of(held, view).says}"
        return left_open(held, told, question_of(held, view), effect=Effect.REVIEW)
    permits = isinstance(held.selected.rule.law.effect, Allow)
    reason = Reason.NOT_PERMITTED if permits else Reason.PROHIBITED
    return structs.replace(failed(held, says, reason=reason), effect=Effect.REVIEW)


def _not_in_force(held: Held) -> Finding | None:
    """Show what was announced as passed, and what was not verified as unknown. Neither bites."""
    law = held.selected.rule.law
    if held.truth is Truth.NO:
        return None
    if "announced" in held.selected.rule.flags:
        begins = law.valid_from if law.in_force is InForce.IN_FORCE else None
        when = f"announced, in force from {begins.isoformat()}" if begins else "announced, not in force"
        return informs(held, Outcome.PASS, when)
    told = "whether it is in force was not verified; it is shown and not applied"
    return informs(held, Outcome.UNKNOWN, told, question=_IN_FORCE)


_IN_FORCE = Question(ask="Is the rule in force?")


def _asks_the_person(held: Held) -> bool:
    return held.selected.place is Truth.UNKNOWN or any(test.about_person for test in held.unknowns)


def _permit(held: Held, effect: Allow, rivals: Exceptions, view: View) -> Finding | None:
    """Report a permission that holds. One that is open is left to the rule it would lift, unless it must hold.

    `rivals` are the exceptions to the same rules.
    """
    if held.truth is Truth.NO:
        return None
    if held.truth is Truth.YES:
        return passed(held, "this permits the trade as far as it goes")
    told = f"this permits the trade if so: {seen_of(held, view).says}"
    if effect.must_hold:
        other = lifting(rivals)
        if other is not None:
            return passed(held, f"not needed, for {other.selected.rule.rule} permits the trade")
        return left_open(held, told, question_of(held, view), effect=Effect.REVIEW)
    if held.selected.rule.law.exception_to:
        return None
    if held.decided_by is not None and held.decided_by.question is not None:
        return left_open(held, told, question_of(held, view))
    return skipped(held, told, question=question_of(held, view))
