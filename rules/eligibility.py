"""Which venues a client may use for a product: law and the venues' own terms, one row per venue asked."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import localcontext

from msgspec import Struct

from data.facts.amounts import ARITHMETIC
from data.facts.venues import Venue
from rules.check import CATALOGUE, NOT_APPLICABLE, Result
from rules.checks.access.rows import Applicant
from rules.checks.access.terms import terms_for
from rules.checks.access.venue import offers, open_on
from rules.checks.access.way import way_through
from rules.decision import Finding, Verdict, verdict_of
from rules.knowledge import Knowledge
from rules.law.findings import law_findings_of_shape
from rules.policies.plan import finding_of
from rules.terms.extrapolation import extrapolated_among, flag_extrapolated
from rules.trade import TradeShape


class EligibilityRow(Struct, frozen=True, kw_only=True):
    """One venue's answer, from the jurisdiction and access families alone."""

    venue: str
    verdict: Verdict
    """`deny`: a rule that denies fails. Else `review`: one that asks for a look fails, or one that could deny or ask
    for a look is unknown. Else `allow`."""
    findings: tuple[Finding, ...]
    """Every rule of law and of the venue's own terms that applies, passes too."""


def eligibility(shape: TradeShape, knowledge: Knowledge, venues: Iterable[str] | None = None) -> list[EligibilityRow]:
    """Return a row for every venue that could be asked, listed for the product or not, by id.

    `venues` narrows the answer; an id that the release lacks is left out.
    """
    with localcontext(ARITHMETIC):
        if venues is None:
            asked: Iterable[Venue] = knowledge.venues()
        else:
            asked = [venue for name in venues if (venue := knowledge.venue(name)) is not None]
        return [_row(shape, venue, knowledge) for venue in asked]


def _row(shape: TradeShape, venue: Venue, knowledge: Knowledge) -> EligibilityRow:
    applicant = Applicant(
        client=shape.client,
        product=shape.product,
        reduce_only=shape.reduce_only,
        intermediary=shape.intermediary,
        conditions_met=shape.conditions_met,
    )
    findings = [
        *law_findings_of_shape(shape, venue.id, knowledge),
        _told("access.venue_open", open_on(venue, knowledge, reduce_only=shape.reduce_only)),
        _told("access.product_offered", offers(venue, shape.product, shape.conditions_met)),
        _told("access.terms", terms_for(applicant, venue, knowledge)),
    ]
    way = way_through(applicant, venue, knowledge)
    if way is not NOT_APPLICABLE:
        findings.append(_told("access.intermediary", way))
    extrapolated = extrapolated_among({}, venue, knowledge)
    if extrapolated is not None:
        flag_extrapolated(findings, extrapolated)
    return EligibilityRow(venue=venue.id, verdict=verdict_of(findings), findings=tuple(findings))


def _told(rule: str, result: Result) -> Finding:
    return finding_of(CATALOGUE[rule], result)
