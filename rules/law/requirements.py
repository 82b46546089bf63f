"""Requirements of standing: a registration held, a class of client.

A venue that is not known to hold what a rule asks for is permitted by nothing we know; what a rule forbids outright, or
forbids unless a gate is open, is prohibited.
"""

from __future__ import annotations

from data.facts.law import Answer, RegistrationHolder, RequireClientClass, RequireRegistration
from data.facts.venues import Access
from rules.condition_ids import met_id
from rules.decision import Finding, Question, Reason, Remedy
from rules.law.compiled import CompiledRule
from rules.law.exceptions import Exceptions, lifted
from rules.law.holding import Held
from rules.law.index import LawIndex
from rules.law.observation import Observation, source_of
from rules.law.reach import serves_by_name
from rules.law.registration_predicates import firm_holds, holds_any, see_firm, see_holdings
from rules.law.reports import failed, left_open, not_concerned, passed, undecided, vouched_for
from rules.law.truth import Truth, truth_of
from rules.law.view import View
from rules.law.wording import question_of, reach_of, seen_of
from rules.spoken import any_of
from rules.terms.near_facts import tells_of


def require_registration(
    held: Held, effect: RequireRegistration, exceptions: Exceptions, view: View, index: LawIndex
) -> Finding:
    """Return the finding of a rule that asks for a registration."""
    if held.truth is Truth.NO:
        return not_concerned(held, view)
    wanted = held.selected.rule.gate
    names = ", ".join(effect.any_of)
    if view.standing.is_vouched(held.selected.rule.law.id):
        return vouched_for(held, limit=names)
    seen: Observation | None
    match effect.holder:
        case RegistrationHolder.VENUE:
            holds, _ = holds_any(wanted, view.standing, view.asked.product)
            seen = see_holdings(wanted, view)
        case RegistrationHolder.INTERMEDIARY:
            holds, seen = firm_holds(wanted, view), see_firm(wanted, view)
            if _is_firm_not_on_file(holds, view) and met_id(held.selected.rule.law) in view.asked.conditions_met:
                return vouched_for(held, limit=names)
        case _:
            vouched = met_id(held.selected.rule.law) in view.asked.conditions_met
            holds, seen = (truth_of(vouched or None), None)
    if holds is Truth.YES:
        if seen is None:
            return vouched_for(held, limit=names)
        return passed(held, seen.says, observed=seen.observed, limit=names, also=source_of(seen), flag=seen.flag)
    excepted = lifted(held, exceptions, view)
    if excepted is not None:
        return excepted
    if held.truth is Truth.UNKNOWN:
        return _open_reach(held, seen, view, names)
    if effect.holder is RegistrationHolder.VENUE:
        return _venue_without(held, effect, holds, view, index)
    if holds is Truth.NO:
        told = seen.says if seen else ""
        return failed(held, told, reason=Reason.NOT_PERMITTED, observed=view.asked.intermediary, limit=names)
    if seen is not None and _is_firm_not_on_file(holds, view):
        question = Question(
            ask=f"Does {view.firm_name(view.asked.intermediary or '')} hold {any_of(effect.any_of)}?",
            id=met_id(held.selected.rule.law),
            field="intermediary",
        )
        return left_open(held, seen.says, question, observed=view.asked.intermediary, limit=names)
    if seen is not None and seen.condition is not None:
        return left_open(held, seen.says, _of_the_venue_or_firm(seen, effect), limit=names)
    return left_open(held, *_ask_holder(held, effect), limit=names)


def _of_the_venue_or_firm(seen: Observation, effect: RequireRegistration) -> Question:
    """Ask whether the venue holds the category that it may hold, or which firm that does carries the account."""
    ask = f"{(seen.ask or '').removesuffix('?')}, or which firm with {any_of(effect.any_of)} carries the account?"
    return Question(ask=ask, id=seen.condition, field="intermediary")


def _open_reach(held: Held, seen: Observation | None, view: View, names: str) -> Finding:
    """Leave open whether a rule concerns the venue at all.

    Where nothing in a request says, and the caller may know of the registration itself, that is asked.
    """
    why, question = seen_of(held, view).says, question_of(held, view)
    is_answerable = question.id is not None or question.field is not None
    if not is_answerable and seen is not None and seen.ask is not None and seen.condition is not None:
        why, question = seen.says, Question(ask=seen.ask, id=seen.condition)
    return left_open(held, why, question, limit=names)


def _is_firm_not_on_file(holds: Truth, view: View) -> bool:
    return holds is Truth.UNKNOWN and view.asked.intermediary is not None


def _ask_holder(held: Held, effect: RequireRegistration) -> tuple[str, Question]:
    if effect.holder is RegistrationHolder.INTERMEDIARY:
        told = "the firm that carries the account is not given"
        return told, Question(ask=f"Which firm with {any_of(effect.any_of)} carries the account?", field="intermediary")
    what = "issuer" if effect.holder is RegistrationHolder.ISSUER else "contract"
    ask = f"Does the {what} have {any_of(effect.any_of)}?"
    return f"whether the {what} has {any_of(effect.any_of)} is not on file", Question(
        ask=ask, id=met_id(held.selected.rule.law)
    )


def asks_the_caller(rule: CompiledRule, effect: RequireRegistration, view: View) -> bool:
    """Say whether a rule that holds is left to the caller to vouch for: the venue is not known to lack the category."""
    holds, _ = holds_any(rule.gate, view.standing, view.asked.product)
    if holds is Truth.YES:
        return False
    return holds is Truth.UNKNOWN or effect.if_not_on_file is Answer.UNKNOWN or _served(rule, effect, view) is not None


def _served(rule: CompiledRule, effect: RequireRegistration, view: View) -> Access | None:
    """Return the row of the terms that names the place as served, which casts doubt on a registration not on file.

    It casts none where nobody can hold the category or no such venue can, or where the venue holds one that only looks
    like it.
    """
    if not effect.doubted_where_served or not _is_available(rule) or _look_alikes(effect, view):
        return None
    return serves_by_name(view.standing, view.residence, view.asked.product)


def _is_available(rule: CompiledRule) -> bool:
    return any(category.available for category in rule.gate)


def _look_alikes(effect: RequireRegistration, view: View) -> list[str]:
    standing = view.standing
    return [
        one
        for one in effect.insufficient
        if one in standing.permitting_nothing or standing.holds(one, view.asked.product) is Truth.YES
    ]


def _venue_without(held: Held, effect: RequireRegistration, holds: Truth, view: View, index: LawIndex) -> Finding:
    rule = held.selected.rule
    standing = view.standing
    seen = see_holdings(rule.gate, view)
    names = ", ".join(effect.any_of)
    look_alikes = _look_alikes(effect, view)
    told = seen.says + (f"; {', '.join(look_alikes)} does not count" if look_alikes else "")
    ask = f"Does {standing.name} hold {any_of(effect.any_of)}?"
    question = Question(ask=ask, id=met_id(rule.law))
    if holds is Truth.UNKNOWN or effect.if_not_on_file is Answer.UNKNOWN:
        return left_open(held, told, question, limit=names)
    served = _served(rule, effect, view)
    if served is not None:
        told = f"{told}, though its own terms serve the place by name"
        if not tells_of(served, standing.day):
            told = f"{told}, as they stood on {served.certain_from.isoformat()}"
        return left_open(held, told, question, limit=names, also=(served.source,))
    available, reach = _is_available(rule), reach_of(held, view)
    if not available:
        told = f"{standing.name} holds no such licence, and nobody can hold one yet"
    if reach is not None:
        told = f"{told}; {reach.says}"
    others = index.holders_of(rule.gate, view)
    return failed(
        held,
        told,
        reason=Reason.NOT_PERMITTED,
        observed=seen.observed,
        limit=names if available else None,
        also=source_of(reach),
        flag=reach.flag if reach is not None else None,
        remedy=Remedy(field="venue", values=others) if others else None,
    )


def require_client_class(held: Held, effect: RequireClientClass, exceptions: Exceptions, view: View) -> Finding:
    """Return the finding of a rule that is for some classes of clients alone."""
    stated = view.asked.client_class
    wanted = ", ".join(one.value for one in effect.any_of)
    if held.truth is Truth.NO:
        return not_concerned(held, view, limit=wanted)
    if stated is not None and stated in effect.any_of:
        return passed(held, f"the client is {stated.value}", observed=stated.value, limit=wanted)
    excepted = lifted(held, exceptions, view)
    if excepted is not None:
        return excepted
    if stated is None:
        question = Question(ask="Which class of client is this?", field="client.client_class")
        return left_open(held, "the client's class is not given", question, limit=wanted)
    if held.truth is Truth.UNKNOWN:
        return undecided(held, view, limit=wanted)
    reach = reach_of(held, view)
    return failed(
        held,
        f"the client is {stated.value} and has to be {wanted}" + (f"; {reach.says}" if reach is not None else ""),
        also=source_of(reach),
        flag=reach.flag if reach is not None else None,
        reason=Reason.PROHIBITED,
        observed=stated.value,
        limit=wanted,
    )
