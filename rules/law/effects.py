"""From a rule that concerns a trade to its finding, by the rule's effect."""

from __future__ import annotations

from msgspec import structs

from data.facts.law import (
    Allow,
    Classify,
    LeverageCap,
    PositionLimit,
    Prohibit,
    RequireClientClass,
    RequireDisclosure,
    RequireMarginCloseout,
    RequireNegativeBalanceProtection,
    RequireRegistration,
)
from rules.decision import Effect, Finding, Outcome, Reason, Remedy
from rules.law.duties import disclose, protect
from rules.law.exceptions import Exceptions, lifting
from rules.law.holding import Held
from rules.law.index import LawIndex
from rules.law.inputs import Size
from rules.law.limits import cap_leverage, limit_position
from rules.law.prohibitions import prohibit
from rules.law.reports import failed, informs, left_open, passed, skipped
from rules.law.requirements import require_client_class, require_registration
from rules.law.truth import Truth
from rules.law.view import View
from rules.law.wording import question_of, screening_of, seen_of
from rules.trade import denial_of


def conclude(held: Held, exceptions: Exceptions, view: View, index: LawIndex, size: Size) -> Finding | None:
    """Return the finding of a rule that concerns the trade, exceptions resolved; null where nothing is to be said."""
    finding = _conclude(held, exceptions, view, index, size)
    law = held.selected.rule.law
    if finding is not None and finding.outcome is Outcome.UNKNOWN:
        denied = _denied(finding, view)
        if denied in (f"{law.id}_met", f"{law.id}_safeguards"):
            finding = _unmet(held, finding, denied)
    if finding is not None and finding.outcome is Outcome.FAIL and _denied(finding, view) is not None:
        # An exemption that the caller denies is not assumed away.
        flags = tuple(one for one in finding.flags if one != "assumed" or law.when.nexus_assumed)
        return structs.replace(finding, question=None, flags=flags)
    return finding


def _denied(finding: Finding, view: View) -> str | None:
    """Return what a finding asks about and the caller denies."""
    asked = None if finding.question is None else finding.question.id
    return asked if asked is not None and denial_of(asked) in view.asked.conditions_met else None


def _unmet(held: Held, finding: Finding, denied: str) -> Finding:
    """Return the fail of a rule whose demand, of which the finding asks, the caller denies."""
    law = held.selected.rule.law
    offered = law.effect.observed if isinstance(law.effect, LeverageCap) else None
    return failed(
        held,
        f"the caller denies {denied}",
        reason=Reason.NOT_PERMITTED if isinstance(law.effect, RequireRegistration) else Reason.PROHIBITED,
        observed=finding.observed,
        limit=finding.limit,
        unit=finding.unit,
        remedy=Remedy(field="leverage", largest_passing=offered) if offered is not None else None,
    )


def _conclude(held: Held, exceptions: Exceptions, view: View, index: LawIndex, size: Size) -> Finding | None:
    rule = held.selected.rule
    if not rule.bites:
        return _not_in_force(held)
    if rule.law.screening and held.truth is Truth.UNKNOWN and _asks_the_person(held):
        seen, question = screening_of(held, view)
        return skipped(held, seen.says, question=question)
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


def _not_in_force(held: Held) -> Finding | None:
    """Show what was announced as passed, and what was not verified as unknown. Neither bites."""
    law = held.selected.rule.law
    if held.truth is Truth.NO:
        return None
    if "announced" in held.selected.rule.flags:
        when = f"announced, in force from {law.valid_from.isoformat()}" if law.valid_from else "announced, not in force"
        return informs(held, Outcome.PASS, when)
    return informs(held, Outcome.UNKNOWN, "whether it is in force was not verified; it is shown and not applied")


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
