"""What a registration permits, and what law lets through by it: neither may contradict the other."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from data.facts.law import Allow, LawProduct, RegistrationCategory
from data.facts.vocabulary import ClientClass, Product
from rules.decision import Finding, Outcome
from rules.law.compiled import CompiledRule
from rules.law.findings import law_findings_of_shape
from rules.law.index import LawIndex, law_index
from rules.law.standing import Standing
from rules.law.truth import Truth
from rules.trade import Client, TradeShape
from tests.rules.world import on

DAY = date(2026, 11, 21)
CLASSES = tuple(one for one in ClientClass if one is not ClientClass.ANY)


def gates_of(index: LawIndex) -> dict[str, tuple[CompiledRule, tuple[RegistrationCategory, ...]]]:
    """Return the rules that a registration meets, or that permit where one is held, each with its categories."""
    found = {}
    for rule in index.rules:
        gate = rule.gate
        if isinstance(rule.law.effect, Allow):
            when = rule.law.when
            gate = tuple(index.categories[one] for one in (*when.venue_has_registration, *when.party_has_registration))
        if gate:
            found[rule.rule] = rule, gate
    return found


def permits(category: RegistrationCategory, product: LawProduct, client_class: ClientClass) -> bool:
    """Say whether a category lets its holder offer a product to a class; one without products says nothing of them."""
    classes = category.client_classes
    return (not category.permits or product in category.permits) and (
        ClientClass.ANY in classes or client_class in classes
    )


def met_by(
    finding: Finding,
    rule: CompiledRule,
    gate: tuple[RegistrationCategory, ...],
    standing: Standing,
    product: LawProduct,
) -> list[RegistrationCategory]:
    """Return the categories through which a venue passes a rule; none where it passes for another reason."""
    held = [one for one in gate if standing.holds(one.id, product) is Truth.YES]
    permitted = isinstance(rule.law.effect, Allow) or finding.observed in {one.id for one in held}
    return held if finding.outcome is Outcome.PASS and permitted else []


def passes() -> Iterator[tuple[str, str, Product, str, ClientClass, list[RegistrationCategory]]]:
    """Yield every pass by registration: of each venue, product that it lists, residence with law on file, and class."""
    snapshot = on(DAY)
    index = law_index(snapshot)
    gates = gates_of(index)
    covered = {code for one in snapshot.law_book().jurisdictions for code in one.residences}
    residences = sorted({code for code in covered if len(code.partition("-")[0]) == 2 and code != "EU"} | {"DE", "NO"})
    for venue in snapshot.venues():
        standing = index.standings[venue.id]
        for product in venue.products:
            for residence in residences:
                for client_class in CLASSES:
                    client = Client(residence=residence, client_class=client_class)
                    shape = TradeShape(client=client, product=product, base="BTC", quote="USD")
                    for finding in law_findings_of_shape(shape, venue.id, snapshot):
                        if finding.rule in gates:
                            rule, gate = gates[finding.rule]
                            held = met_by(finding, rule, gate, standing, LawProduct(product.value))
                            if held:
                                yield finding.rule, venue.id, product, residence, client_class, held


def test_no_registration_lets_through_a_product_or_a_class_that_it_does_not_permit() -> None:
    seen, contradictions = set(), []
    for rule, venue, product, residence, client_class, held in passes():
        seen.add(rule)
        if not any(permits(one, LawProduct(product.value), client_class) for one in held):
            contradictions.append((rule, venue, product.value, residence, client_class.value, [one.id for one in held]))
    assert len(seen) > 20  # passes are found at all
    assert contradictions == []
