"""Terms of cost of which a source leaves doubt, and the findings that rest on them.

What is doubtful among the facts of a trade is worked out where they are looked up, once for many trades.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec import structs

from data.facts.fact import Fact
from rules.decision import Finding, Outcome
from rules.terms.extrapolation import RESTS_ON, Subject

FLAG = "low_confidence"

_COSTS = frozenset({Subject.FEES, Subject.FUNDING})
_RULES = {
    subject: frozenset(rule for rule, read in RESTS_ON.items() if subject in read and _COSTS.issuperset(read))
    for subject in _COSTS
}
"""Rules that compare costs alone, by what they reckon them from."""

_COMPARED = (Outcome.PASS, Outcome.FAIL)
_NONE: frozenset[str] = frozenset()


def doubted_among(facts: Mapping[Subject, Iterable[Fact | None]]) -> frozenset[str]:
    """Return the rules that rest on a fact of low confidence."""
    found = _NONE
    for subject, some in facts.items():
        if any(one is not None and one.low_confidence for one in some):
            found |= _RULES[subject]
    return found


def flag_doubted(findings: list[Finding], rules: frozenset[str]) -> None:
    """Flag the findings of a list whose rule rests on a fact of low confidence and compares with it."""
    for place, finding in enumerate(findings):
        if finding.rule in rules and finding.outcome in _COMPARED and FLAG not in finding.flags:
            findings[place] = structs.replace(finding, flags=(*finding.flags, FLAG))
