"""Prohibitions: outright, or behind a gate of registrations that a permission must open as well."""

from __future__ import annotations

from data.facts.law import Prohibit
from rules.decision import Finding, Question, Reason, Remedy
from rules.law.client_predicates import see_link
from rules.law.exceptions import Exceptions, lifted
from rules.law.holding import Held
from rules.law.index import LawIndex
from rules.law.observation import Observation, source_of
from rules.law.registration_predicates import holds_any, see_holdings
from rules.law.reports import failed, left_open, not_about, passed, undecided
from rules.law.truth import Truth
from rules.law.view import View
from rules.law.wording import reach_of, seen_of
from rules.spoken import spoken


def prohibit(held: Held, effect: Prohibit, exceptions: Exceptions, view: View, index: LawIndex) -> Finding:
    """Return the finding of a prohibition."""
    if held.truth is Truth.NO:
        seen = seen_of(held, view)
        told = not_about(seen.says)
        return passed(held, told, observed=seen.observed, limit=seen.limit, also=source_of(seen))
    if effect.gate:
        return _gated(held, effect, exceptions, view, index)
    excepted = lifted(held, exceptions, view)
    if excepted is not None:
        return excepted
    if held.truth is Truth.UNKNOWN:
        return undecided(held, view)
    rule = held.selected.rule
    linked, reach = see_link(rule.residence, rule.law.when.ties, view), reach_of(held, view)
    return failed(
        held,
        _what_bites(held, linked, view),
        reason=Reason.PROHIBITED,
        observed=linked.observed,
        also=source_of(reach),
        flag=reach.flag if reach is not None else None,
    )


def _gated(held: Held, effect: Prohibit, exceptions: Exceptions, view: View, index: LawIndex) -> Finding:
    rule = held.selected.rule
    product = view.asked.product
    opened, _ = holds_any(rule.gate, view.standing, product)
    seen = see_holdings(rule.gate, view)
    needs_permission = product in effect.needs_permission
    if opened is Truth.YES and not needs_permission:
        return passed(held, seen.says, observed=seen.observed, limit=seen.limit, also=source_of(seen))
    excepted = lifted(held, exceptions, view)
    if excepted is not None:
        return excepted
    if held.truth is Truth.UNKNOWN:
        return undecided(held, view)
    names, each = (joint.join(one.id for one in rule.gate) for joint in (", ", " or "))
    if opened is Truth.UNKNOWN and needs_permission:
        # Whichever market lists the contract, none could on this day: the answer to the question would change nothing.
        return failed(
            held,
            f"{seen.says}; no rule on file permits {spoken(product)} at any {each} on this day",
            reason=Reason.NOT_PERMITTED,
            observed=seen.observed,
            limit=names,
            also=source_of(seen),
        )
    if opened is Truth.UNKNOWN:
        question = Question(ask=seen.ask or f"Which {each} lists the contract?", id=seen.condition)
        return left_open(held, seen.says, question, limit=names)
    if opened is Truth.YES:
        return failed(
            held,
            f"{seen.says}, which this rule asks for; no rule on file permits {spoken(product)} there on this day",
            reason=Reason.NOT_PERMITTED,
            observed=seen.observed,
            limit=names,
            also=source_of(seen),
        )
    others = index.holders_of(rule.gate, view)
    if needs_permission:
        others = tuple(venue for venue in others if index.may_permit(rule, venue, view))
    return failed(
        held,
        seen.says,
        reason=Reason.PROHIBITED,
        observed=seen.observed,
        limit=names,
        remedy=Remedy(field="venue", values=others) if others else None,
    )


def _what_bites(held: Held, linked: Observation, view: View) -> str:
    """Describe what made a prohibition hold: what links the client to the place, then its own predicates."""
    tests = held.selected.rule.tests
    told = [test.see(view).says for test in tests if not test.reaching or test.name.startswith(("venue", "party"))]
    return "; ".join([linked.says, *told])
