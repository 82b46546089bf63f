"""Sentences of findings about law: what decided, what was seen, and the citation."""

from __future__ import annotations

from rules.decision import Question
from rules.law.client_predicates import see_ties
from rules.law.compiled import CompiledRule
from rules.law.holding import Held
from rules.law.observation import Observation
from rules.law.predicates import Test
from rules.law.view import View


def sentence(rule: CompiledRule, *clauses: str) -> str:
    """Return the message of a finding: the rule's title, what was seen, and where it is written."""
    seen = "; ".join(clause for clause in clauses if clause)
    told = f"{rule.law.title}: {seen}" if seen else rule.law.title
    return f"{told} ({rule.law.citation})."


def question_of(held: Held, view: View) -> Question:
    """Return what would settle a rule that is open."""
    if held.decided_by is None:
        return _question_of_place(held, view)
    return question_about(held.decided_by, view)


def question_about(test: Test, view: View) -> Question:
    """Return the question behind one unknown predicate."""
    if test.question is not None:
        return Question(ask=test.question.ask, id=test.question.id)
    seen = test.see(view)
    asks = _ASKS.get(test.name)
    return Question(
        ask=seen.ask or asks or f"What is the case, since {seen.says}?", field=seen.field, id=seen.condition
    )


def _question_of_place(held: Held, view: View) -> Question:
    rule = held.selected.rule
    seen = see_ties(rule.residence, rule.law.when.ties, view)
    asks = "What is the client's nationality?" if seen.field == "client.nationality" else _ASKS["residence"]
    return Question(ask=asks, field=seen.field)


def screening_of(held: Held, view: View) -> tuple[Observation, Question]:
    """Describe the attribute of the client that a screening rule lacks, and ask for it."""
    for test in held.unknowns:
        if test.about_person:
            return test.see(view), question_about(test, view)
    rule = held.selected.rule
    return see_ties(rule.residence, rule.law.when.ties, view), _question_of_place(held, view)


def seen_of(held: Held, view: View) -> Observation:
    """Describe what decided a rule or leaves it open."""
    seen = held.observe(view)
    if seen is not None:
        return seen
    rule = held.selected.rule
    return see_ties(rule.residence, rule.law.when.ties, view)


def reach_of(held: Held, view: View) -> Observation | None:
    """Describe what shows that a venue turns to the residents, where a rule reaches those alone who do."""
    for test in held.selected.rule.tests:
        if test.name == "venue_reach":
            return test.see(view)
    return None


_ASKS = {
    "residence": "In which state, province or emirate does the client reside?",
    "client_class": "Which class of client is this?",
    "client_class_not": "Which class of client is this?",
    "ecp": "Is the client an eligible contract participant?",
    "eligible_commercial_entity": "Is the client an eligible commercial entity?",
    "natural_person": "Is the client a natural person or an institution?",
    "on_sanctions_list": "Is the client on a sanctions list?",
    "nationality": "What is the client's nationality?",
    "intermediary": "Which firm carries the order?",
    "intermediary_has_registration": "Which registered firm carries the account?",
    "party_has_registration": "Which registered firm carries the account?",
    "venue_has_registration": "Which registered market lists the contract?",
    "venue_lacks_registration": "Which registered market lists the contract?",
    "quote": "In which currency is the contract quoted?",
    "quote_not": "In which currency is the contract quoted?",
    "collateral": "What backs the order?",
    "venue_multilateral": "Do many buyers and sellers meet on the venue?",
    "venue_reach": "Does the venue turn to residents of that place?",
    "asset_class": "Is the underlying a commodity or a security?",
    "access_mode": "How does the order reach the venue: straight, by its web interface, or carried by which firm?",
    "venue_home": "Where is the venue established?",
    "venue_zone": "In which zone is the venue established?",
    "venue_nexus": "Where is the company established that serves the client?",
    "foreign_board_of_trade": "Where is the venue established?",
}
