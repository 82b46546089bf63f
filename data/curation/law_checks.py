"""What no single field of a rule shows to be wrong: names that must exist, words that must agree."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from data.curation.documents import Row
from data.facts.iso_3166 import is_place
from data.facts.law import (
    Allow,
    LawRule,
    LeverageCap,
    Prohibit,
    RegistrationCategory,
    RequireClientClass,
    RequireDisclosure,
    RequireRegistration,
)
from data.facts.venues import Registration

EVERYWHERE = "*"

Uses = Mapping[str, Sequence[frozenset[str]]]
"""By category, the products for which each venue that holds it uses it; an empty set is all of them."""


def check_law(
    rules: Sequence[tuple[Row, LawRule]],
    categories: Sequence[RegistrationCategory],
    venues: frozenset[str],
    groups: frozenset[str],
) -> None:
    """Report what is wrong between rules, and between rules and the lists they name."""
    known = {category.id for category in categories}
    by_id: dict[str, Row] = {}
    asked: dict[str, str] = {}
    for row, rule in rules:
        if rule.id in by_id:
            row.problem(f"rule id {rule.id!r} stands twice")
        by_id[rule.id] = row
        _check_places(row, rule, groups)
        _check_effect(row, rule)
        for category in _categories_of(rule):
            if category not in known:
                row.problem(f"{category!r} is not in registrations.toml")
        for question in rule.questions:
            if asked.setdefault(question.id, question.ask) != question.ask:
                row.problem(f"question {question.id!r} asks something else in another rule")
            _check_venues(row, "known_at", question.known_at, venues)
            _check_venues(row, "open_at", question.open_at, venues)
    for row, rule in rules:
        for name in rule.exception_to:
            if name not in by_id:
                row.problem(f"exception_to: there is no rule {name!r}")


def _check_venues(row: Row, key: str, named: Iterable[str], venues: frozenset[str]) -> None:
    for venue in named:
        if venue not in venues:
            row.problem(f"{key}: {venue!r} has no venue file")


def _check_places(row: Row, rule: LawRule, groups: frozenset[str]) -> None:
    when = rule.when
    if not when.residence:
        row.problem('when.residence: name whom the rule reaches, "*" for all')
    for code in (*when.residence, *when.residence_not, *when.venue_home, *when.venue_nexus):
        if code != EVERYWHERE and code not in groups and not is_place(code):
            row.problem(f"{code!r} is no ISO 3166 code and no group")
    if not rule.id.islower() or "_" not in rule.id:
        row.problem("id must be lower case, its first word the jurisdiction or family")


def _check_effect(row: Row, rule: LawRule) -> None:
    if rule.exception_to and not isinstance(rule.effect, Allow):
        row.problem("only a rule with effect allow excepts others")
    match rule.effect:
        case RequireRegistration(any_of=()) | RequireClientClass(any_of=()):
            row.problem("effect.any_of names nothing")
        case LeverageCap(max=limit) if limit is not None and limit < 1:
            row.problem("effect.max must be at least 1")
        case LeverageCap(max=limit, observed=observed) if limit is not None and observed is not None:
            row.problem("effect.observed is for a cap whose number was not read")
        case Prohibit(gate=(), needs_permission=products) if products:
            row.problem("effect.needs_permission needs a gate")
        case Prohibit(needs_permission=products) if set(products) - set(rule.products):
            row.problem("effect.needs_permission names products that the rule does not cover")
        case RequireDisclosure(duties=(), forbids=()):
            row.problem("effect names neither duties nor what it forbids")
    if rule.announced and rule.valid_from and rule.announced > rule.valid_from:
        row.problem("announced after valid_from")


def _categories_of(rule: LawRule) -> Iterable[str]:
    when = rule.when
    yield from when.venue_has_registration
    yield from when.venue_lacks_registration
    yield from when.intermediary_has_registration
    yield from when.party_has_registration
    yield from when.venue_is_licensed
    yield from when.venue_is_not_licensed
    match rule.effect:
        case RequireRegistration(any_of=any_of, insufficient=insufficient):
            yield from any_of
            yield from insufficient
        case Prohibit(gate=gate):
            yield from gate


def check_uses(
    rules: Iterable[tuple[Row, LawRule]],
    categories: Sequence[RegistrationCategory],
    registrations: Iterable[Registration],
) -> None:
    """Report rules that turn on a registration for products for which no venue that holds it uses it.

    Asked of a venue with such a product, it is never held: the rule can never hold, or spares nobody.
    """
    uses = _uses(categories, registrations)
    for row, rule in rules:
        held = [used for name in rule.when.venue_has_registration for used in uses.get(name, ())]
        if held and not _any_use(held, rule):
            row.problem(
                f"when.venue_has_registration: no venue holds one for {_products(rule)}, so the rule can never hold;"
                " when.venue_is_licensed asks what the company holds, whatever it uses it for"
            )
        for name in rule.when.venue_lacks_registration:
            if uses.get(name) and not _any_use(uses[name], rule):
                row.problem(
                    f"when.venue_lacks_registration: no venue holds {name} for {_products(rule)}, so none is left out;"
                    " when.venue_is_not_licensed asks what the company holds, whatever it uses it for"
                )


def _uses(categories: Sequence[RegistrationCategory], registrations: Iterable[Registration]) -> Uses:
    known = {category.id: category for category in categories}
    found: dict[str, list[frozenset[str]]] = {}
    for registration in registrations:
        if registration.active:
            for name in _brought_by(registration.category, known):
                found.setdefault(name, []).append(frozenset(product.value for product in registration.products))
    return found


def _brought_by(
    category: str, known: Mapping[str, RegistrationCategory], seen: frozenset[str] = frozenset()
) -> Iterator[str]:
    """Yield a category and everything that a holder of it may hold too."""
    if category in known and category not in seen:
        yield category
        for other in (*known[category].implies, *known[category].may_include):
            yield from _brought_by(other, known, seen | {category})


def _any_use(uses: Iterable[frozenset[str]], rule: LawRule) -> bool:
    products = {product.value for product in rule.products}
    return any(not used or used & products for used in uses)


def _products(rule: LawRule) -> str:
    return " or ".join(product.value for product in rule.products)
