"""Whether the law on file says anything of a residence and a product. No rule is never a yes."""

from __future__ import annotations

from collections.abc import Iterable

from data.facts.law import (
    Allow,
    RequireClientClass,
    RequireRegistration,
)
from rules.condition_ids import IS_COMMODITY, permission_id
from rules.decision import Effect, Family, Finding, Outcome, Question, Reason
from rules.law.compiled import CompiledRule
from rules.law.holding import Held
from rules.law.places import within
from rules.law.silence import DECIDING, is_of_the_residence
from rules.law.truth import Truth
from rules.law.view import View
from rules.law.wording import question_of, seen_of
from rules.spoken import spoken, spoken_kind
from rules.trade import denial_of

COVERAGE = "jurisdiction.coverage"
ESTABLISHMENT = "jurisdiction.venue_establishment"

TITLES = {
    COVERAGE: "Law on file decides this product for clients of this residence",
    ESTABLISHMENT: "The seat of the venue is known where the law of its seat matters",
}
"""Titles of the rules about law as a whole; those of law itself stand in the facts."""


def coverage_of(reports: Iterable[tuple[Held, Finding]], view: View, silent: tuple[CompiledRule, ...] = ()) -> Finding:
    """Return whether any rule of the client's own place decides the product, and whether anything permits it.

    `silent` are rules of the place or of the venue's seat that decide the product for underlyings of other kinds alone.

    The law of where the client stands may forbid the trade, and so may that of a state which bars trade with the
    residence. What either permits says nothing of the law of the residence.
    """
    asked = view.asked
    reported = [
        (held, finding)
        for held, finding in reports
        if held.selected.rule.bites
        and not held.selected.rule.for_everyone
        and finding.family is Family.JURISDICTION
        and isinstance(held.selected.rule.law.effect, DECIDING)
        and finding.outcome is not Outcome.SKIPPED
    ]
    what = spoken(asked.product)
    whose = f"{what} for clients in {asked.residence}"
    if any(finding.outcome is Outcome.FAIL for _, finding in reported):
        return _covered(f"Law on file settles whether clients in {asked.residence} may trade {what}.", reported)
    decided = [(held, finding) for held, finding in reported if is_of_the_residence(held.selected.rule, view)]
    if any(finding.outcome is Outcome.UNKNOWN and finding.effect is not Effect.WARN for _, finding in decided):
        return _covered(f"Law on file speaks of {whose}, and a rule of it is open.", decided)
    in_part = [(held, finding) for held, finding in decided if _permits(held, finding)]
    permits = [(held, finding) for held, finding in in_part if _is_surely_of_the_residence(held, view)]
    if in_part and not permits:
        part = f"the law of a part of {asked.residence}"
        told = f"Only {part} permits {whose}, and where in it the client lives is not given."
        return _uncovered(told, Reason.UNKNOWN, view, in_part[0][1].sources, field="client.residence")
    doubtful = [(held, finding) for held, finding in permits if _is_duty(held) and "low_confidence" in finding.flags]
    if any("low_confidence" not in finding.flags for _, finding in permits) and not doubtful:
        return _covered(f"Law on file permits {whose}.", permits)
    if permits:
        held, finding = (doubtful or permits)[0]
        told = f"Only a row of low confidence permits {whose}."
        if "low_confidence" not in held.selected.rule.flags:
            told = f"The registration of {view.standing.name} that permits {whose} is of low confidence."
        return _uncovered(told, Reason.UNKNOWN, view, finding.sources, "low_confidence")
    open_permission = next((finding for held, finding in decided if finding.outcome is Outcome.UNKNOWN), None)
    if open_permission is not None:
        told = f"What would permit {whose} is open: {open_permission.message}"
        return _finding(
            Outcome.UNKNOWN,
            told,
            open_permission.sources,
            reason=Reason.NOT_PERMITTED,
            question=open_permission.question,
        )
    doubted = next((pair for pair in decided if _hangs_on_the_client(pair[0])), None)
    if doubted is not None:
        held, finding = doubted
        told = f"Whether {held.selected.rule.rule}, which would permit {whose}, applies: {seen_of(held, view).says}."
        return _finding(
            Outcome.UNKNOWN,
            told,
            finding.sources,
            reason=Reason.NOT_PERMITTED,
            question=question_of(held, view),
        )
    if silent:
        return _unread(
            whose, view, silent, is_read=any(held.selected.rule.law.when.underlying_kind for held, _ in decided)
        )
    if decided:
        told = (
            f"The rules on file for {whose} do not reach {view.standing.name}, and nothing we know permits the trade."
        )
        return _uncovered(told, Reason.NOT_PERMITTED, view, decided[0][1].sources)
    return _uncovered(
        f"No rule on file says whether clients in {asked.residence} may trade {what}.", Reason.UNKNOWN, view, ()
    )


def _is_surely_of_the_residence(held: Held, view: View) -> bool:
    """Say whether a rule reaches the client wherever in its country it lives: another part's rule permits nothing."""
    rule = held.selected.rule
    inside, outside = within(view.residence, rule.residence), within(view.residence, rule.left_out)
    return inside is Truth.YES and outside is Truth.NO


def _is_duty(held: Held) -> bool:
    """Say whether a rule asks the venue for a registration: no other pass makes up for one that is doubtful."""
    return isinstance(held.selected.rule.law.effect, RequireRegistration)


def _permits(held: Held, finding: Finding) -> bool:
    """Say whether a pass is a ground to trade: a prohibition that merely is not met is none."""
    if finding.outcome is not Outcome.PASS:
        return False
    effect = held.selected.rule.law.effect
    if isinstance(effect, Allow | RequireClientClass):
        return True
    if isinstance(effect, RequireRegistration) and not effect.is_ground:
        return False
    return held.truth is not Truth.NO and not _hangs_on_the_client(held)


def _hangs_on_the_client(held: Held) -> bool:
    """Say whether it is open if a rule is about such a client: what one class may is no permission of another."""
    return any(test.name in _ABOUT_THE_CLIENT for test in held.unknowns)


_ABOUT_THE_CLIENT = frozenset(
    {"client_class", "client_class_not", "ecp", "eligible_commercial_entity", "natural_person"}
)


def _covered(message: str, decided: list[tuple[Held, Finding]]) -> Finding:
    sources = tuple(dict.fromkeys(held.selected.rule.sources[0] for held, _ in decided))[:3]
    return _finding(Outcome.PASS, message, sources)


def _unread(whose: str, view: View, silent: tuple[CompiledRule, ...], *, is_read: bool) -> Finding:
    """Return that law on file decides the product for other kinds of underlying alone: there is more law than was read,
    so that nobody's word makes up for it. Where some of the kind at hand was read, it does not reach the venue.
    """
    asked = view.asked
    kind = view.assets.kind_of(asked.base)
    what = "underlyings of its kind" if kind is None else spoken_kind(kind)
    sources = tuple(dict.fromkeys(rule.sources[0] for rule in silent))[:3]
    if denial_of(_permission(view)) in asked.conditions_met:
        return _uncovered("", Reason.PROHIBITED, view, sources)
    product, place = spoken(asked.product), asked.residence
    if all(rule.for_everyone for rule in silent):
        names = ", ".join(rule.rule for rule in silent)
        whose = f"{product} where {view.standing.name} sits or may sit ({names})"
        place = f"the place where {view.standing.name} sits"
    told = f"The rules on file for {whose} speak of other underlyings; of those on {what} nothing was read."
    if is_read and not all(rule.for_everyone for rule in silent):
        told = (
            f"The rules on file for {whose} that speak of {what} do not reach {view.standing.name}; "
            f"others speak of other underlyings, and what else there is on {what} was not read."
        )
    return _finding(
        Outcome.UNKNOWN,
        told,
        sources,
        reason=Reason.UNKNOWN,
        question=Question(ask=f"Which law of {place} is about {product} on {what}?"),
    )


def _uncovered(
    message: str, reason: Reason, view: View, sources: tuple[str, ...], *flags: str, field: str | None = None
) -> Finding:
    """Return that nothing on file permits the trade: which the caller may vouch for or deny, or settle in a `field`."""
    asked = view.asked
    vouched, what = _permission(view), _traded(view)
    place, venue = asked.residence, view.standing.name
    if vouched in asked.conditions_met:
        told = f"The caller vouches that the law of {place} lets the client trade {what} at {venue}"
        return _finding(Outcome.PASS, f"{told}; nothing on file says so.", sources, flags=flags)
    if denial_of(vouched) in asked.conditions_met:
        told = f"The caller says that the law of {place} does not let the client trade {what} at {venue}"
        return _finding(
            Outcome.FAIL,
            f"{told}; nothing on file says so.",
            sources,
            effect=Effect.DENY,
            reason=Reason.PROHIBITED,
            flags=flags,
        )
    question = Question(
        ask=f"May a client in {place} trade {what} at {venue} under the law of the place?", id=vouched, field=field
    )
    return _finding(Outcome.UNKNOWN, message, sources, reason=reason, question=question, flags=flags)


def _permission(view: View) -> str:
    """Return what vouches that the law of the residence permits the trade."""
    asked = view.asked
    apart = view.assets.apart_from_coins(asked.base)
    return permission_id(asked.residence, asked.product, view.standing.id, apart)


def _traded(view: View) -> str:
    """Return what a permission speaks of: the product, and what it is on where that is no coin."""
    asked = view.asked
    if view.assets.apart_from_coins(asked.base) is None:
        return "this"
    kind = view.assets.kind_of(asked.base)
    return f"{spoken(asked.product)} on {asked.base if kind is None else spoken_kind(kind)}"


def _finding(
    outcome: Outcome,
    message: str,
    sources: tuple[str, ...],
    *,
    effect: Effect = Effect.REVIEW,
    reason: Reason | None = None,
    question: Question | None = None,
    flags: tuple[str, ...] = (),
) -> Finding:
    return Finding(
        rule=COVERAGE,
        family=Family.JURISDICTION,
        outcome=outcome,
        effect=effect,
        message=message,
        reason=reason,
        question=question,
        sources=sources,
        flags=flags,
    )


def establishment_of(open_: list[Held], view: View) -> Finding:
    """Return one finding for all rules of a seat that are open because it is not known which company serves the client.

    It weighs what the gravest of them does.
    """
    standing = view.standing
    names = ", ".join(held.selected.rule.rule for held in open_)
    if standing.home is None:
        told = f"No source names where {standing.name} is established"
        ask = f"Where is the company established that runs {standing.name}?"
    else:
        told = f"{standing.name} is established in {standing.home.code} and has companies elsewhere"
        ask = f"Where is the company established that serves the client at {standing.name}?"
    warns = all(held.selected.rule.effect is Effect.WARN for held in open_)
    return Finding(
        rule=ESTABLISHMENT,
        family=Family.JURISDICTION,
        outcome=Outcome.UNKNOWN,
        effect=Effect.WARN if warns else Effect.REVIEW,
        message=f"{told}, so the rules that bind a venue by its seat are open: {names}.",
        reason=Reason.UNKNOWN,
        question=Question(ask=ask),
        sources=tuple(dict.fromkeys(held.selected.rule.sources[0] for held in open_)),
    )


def unclassified(rule: str, sources: tuple[str, ...], view: View, *, denied: bool) -> Finding:
    """Return the finding of an underlying that the list of digital commodities does not name.

    It fails, and asks for a look, where the caller denies that it is a commodity.
    """
    base = view.asked.base or "the underlying"
    if denied:
        return Finding(
            rule=rule,
            family=Family.JURISDICTION,
            outcome=Outcome.FAIL,
            effect=Effect.REVIEW,
            message=f"{base} is not among the named digital commodities, and the caller says that it is no commodity.",
            reason=Reason.NOT_PERMITTED,
            observed=view.asked.base,
            sources=sources,
        )
    return Finding(
        rule=rule,
        family=Family.JURISDICTION,
        outcome=Outcome.UNKNOWN,
        effect=Effect.REVIEW,
        message=f"{base} is not among the named digital commodities: its class under United States law is open.",
        reason=Reason.UNKNOWN,
        question=Question(ask=f"Is {base} a commodity and no security?", id=IS_COMMODITY),
        observed=view.asked.base,
        sources=sources,
    )
