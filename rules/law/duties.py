"""Duties of the venue towards the client: protections, disclosures, checks before trading."""

from __future__ import annotations

from decimal import Decimal

from data.facts.amounts import plain
from data.facts.law import Answer, RequireDisclosure, RequireMarginCloseout, RequireNegativeBalanceProtection
from rules.condition_ids import met_id
from rules.decision import Finding, Question
from rules.law.exceptions import Exceptions, lifted
from rules.law.holding import Held
from rules.law.reports import left_open, not_concerned, passed, skipped, undecided, vouched_for
from rules.law.truth import Truth
from rules.law.view import View
from rules.law.wording import question_of, seen_of

_HUNDRED = Decimal(100)


def protect(
    held: Held,
    effect: RequireMarginCloseout | RequireNegativeBalanceProtection,
    exceptions: Exceptions,
    view: View,
) -> Finding:
    """Return the finding of a protection the venue owes. The venue facts do not say who gets it: it is asked."""
    if held.truth is Truth.NO:
        return not_concerned(held, view)
    excepted = lifted(held, exceptions, view)
    if excepted is not None:
        return excepted
    asked = met_id(held.selected.rule.law)
    if asked in view.asked.conditions_met:
        return vouched_for(held)
    if held.truth is Truth.UNKNOWN:
        return undecided(held, view)
    told = f"what {view.standing.name} does for this client is not on file"
    return left_open(held, told, Question(ask=_protection(effect, view), id=asked))


def _protection(effect: RequireMarginCloseout | RequireNegativeBalanceProtection, view: View) -> str:
    name = view.standing.name
    if isinstance(effect, RequireMarginCloseout):
        basis = effect.basis or "required margin"
        level = (
            f"when equity falls to {plain(effect.ratio * _HUNDRED)}% of the {basis}"
            if effect.ratio is not None
            else "in time"
        )
        also = " and limit losses to the account" if effect.negative_balance_protection else ""
        return f"Does {name} close out this client's positions {level}{also}?"
    also = " and does it close out positions in time" if effect.closeout_required else ""
    return f"Does {name} limit this client's losses to the {effect.limit.replace('_', ' ')}{also}?"


def disclose(held: Held, effect: RequireDisclosure, view: View) -> Finding | None:
    """Return the finding of a duty to tell, check or refrain; null where the duty does not arise."""
    if held.truth is Truth.NO:
        return None
    named = "; ".join((*effect.duties, *(f"no {one[0].lower()}{one[1:]}" for one in effect.forbids)))
    asked = met_id(held.selected.rule.law)
    if asked in view.asked.conditions_met:
        return passed(held, f"the caller vouches for it: {named}")
    if effect.informs and held.truth is Truth.UNKNOWN:
        return passed(held, f"{seen_of(held, view).says}; where it applies it asks for: {named}")
    if held.truth is Truth.UNKNOWN:
        if held.decided_by is not None and held.decided_by.question is not None:
            return left_open(held, named, question_of(held, view))
        return skipped(held, f"{seen_of(held, view).says}; it would ask for: {named}", question=question_of(held, view))
    if effect.informs or _is_answered(held):
        return passed(held, named)
    return left_open(held, named, Question(ask=f"Is this observed: {named}?", id=asked))


def _is_answered(held: Held) -> bool:
    """Say whether a duty that holds rests on an answer given: questions that are assumed confirm nothing."""
    return any(one.assume is Answer.UNKNOWN for one in held.selected.rule.law.questions)
