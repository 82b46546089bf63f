"""The law of one release on one day, indexed by place and product: what a trade's evaluation starts from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from msgspec import Struct

from data.facts.law import (
    AssetClass,
    Classify,
    InForce,
    LawBook,
    LawProduct,
    LawRule,
    Prohibit,
    RegistrationCategory,
    RequireRegistration,
)
from rules.knowledge import Knowledge
from rules.law.client_predicates import tied_to
from rules.law.compiled import (
    CompiledRule,
    effect_of,
    family_of,
    flags_of,
    may_not_permit_yet_on,
    specificity_of,
    starts_inexactly_on,
)
from rules.law.inputs import LawInput
from rules.law.places import EVERYWHERE, Codes, Place, codes_of, place_of
from rules.law.predicates import Test, start_of, tests_of
from rules.law.reach import turns_away
from rules.law.standing import Standing, reached_from, seat_for, seated, standing_of, with_reached
from rules.law.truth import Truth
from rules.law.view import Assets, View
from rules.remembered import Remembered
from rules.terms.provenance import SECONDARY, of_secondary_sources


class Selected(Struct, frozen=True, eq=False):
    """A rule whose place and product fit, or may fit, a client."""

    rule: CompiledRule
    place: Truth
    """Yes, or unknown where the client is known by country only."""
    assumed: bool
    """True when a rule of a subdivision is applied to the whole country."""


class Prepared(Struct, frozen=True, eq=False):
    """A rule before one venue and product: what these alone decide is decided."""

    tests: tuple[Test, ...]
    """Predicates that are left."""
    unknowns: tuple[Test, ...]
    denied: Test | None
    """A predicate that is false and makes the rule not bite."""


class LawIndex:
    """The law of one day. Rules are selected by residence, location, nationality and product."""

    def __init__(self, knowledge: Knowledge) -> None:
        book = knowledge.law_book()
        self.day = knowledge.as_of
        self.categories = {category.id: category for category in book.categories}
        self.jurisdictions = {one.id: one for one in book.jurisdictions}
        tests = knowledge.derive_of_law(_bound_tests)
        self.rules = tuple(
            sorted(
                (self._compiled(law, tests[place], knowledge) for place, law in _shown(book, self.day)),
                key=lambda one: one.rule,
            )
        )
        self.assets = _assets(book, knowledge)
        self.firms = _firms(book, self.day, self.categories)
        self.firm_names = {firm.id: firm.name for firm in book.firms}
        standings = {venue.id: standing_of(venue, knowledge, self.categories) for venue in knowledge.venues()}
        self.standings = {name: with_reached(standing, standings) for name, standing in standings.items()}
        self.affiliates = _affiliates(knowledge, self.standings)
        self.answers: Remembered[Any] = Remembered(knowledge)
        """What was concluded before for equal inputs; kept by `rules.law.findings`."""
        self._knowledge = knowledge
        self._by_product: dict[LawProduct, tuple[CompiledRule, ...]] = {
            product: tuple(rule for rule in self.rules if product in rule.law.products) for product in LawProduct
        }
        self._places: Remembered[Place] = Remembered(knowledge)
        self._prepared: dict[tuple[str, str | None, LawProduct], Mapping[str, Prepared]] = {}
        self._holders: Remembered[tuple[str, ...]] = Remembered(knowledge)
        self._selections: Remembered[tuple[Selected, ...]] = Remembered(knowledge)

    def _compiled(self, law: LawRule, tests: tuple[Test, ...], knowledge: Knowledge) -> CompiledRule:
        file = self.jurisdictions.get(law.jurisdiction)
        members = (code for code in file.residences if code != EVERYWHERE) if file is not None else ()
        return _compile(law, tests, self.categories, codes_of((law.jurisdiction, *members)), knowledge)

    def view(self, asked: LawInput, standing: Standing) -> View:
        """Return what predicates see of a client before a venue, and which company of its group serves the client."""
        residence, assets = self.place(asked.residence), self.assets
        if asked.conditions_met and asked.base is not None and asked.base not in assets.kinds:
            assets = assets.as_told(asked.base, asked.conditions_met)
        if standing.served_from:
            seat = seat_for(standing, residence, asked.product, asked.client_class)
            if seat is not None:
                standing = seated(standing, self.place(seat))
        return View(
            asked=asked,
            residence=residence,
            location=self.place(asked.location or asked.residence),
            nationality=self.place(asked.nationality) if asked.nationality else None,
            standing=standing,
            affiliates=self.affiliates[standing.id],
            firms=self.firms,
            firm_names=self.firm_names,
            standings=self.standings,
            assets=assets,
        )

    def place(self, code: str) -> Place:
        """Return the place with this code on the day."""
        place = self._places.get(code)
        if place is None:
            place = self._places.keep(code, place_of(code, self._knowledge.groups_of))
        return place

    def select(self, view: View) -> tuple[Selected, ...]:
        """Return the rules whose product and place fit, or may fit, in the order of their names."""
        asked = view.asked
        key = (asked.residence, asked.location, asked.nationality, asked.product)
        selected = self._selections.get(key)
        if selected is None:
            selected = self._selections.keep(key, tuple(self._fitting(view)))
        return selected

    def prepare(self, view: View) -> Mapping[str, Prepared]:
        """Return the rules that may concern a venue and a product, by name, whoever the client is.

        They are remembered for what is on file alone; what a caller vouches for is prepared anew.
        """
        if view.standing.vouches or view.standing.listed or view.standing.told:
            return self._prepare_all(view)
        home = view.standing.home
        key = (view.standing.id, home.code if home is not None else None, view.asked.product)
        prepared = self._prepared.get(key)
        if prepared is None:
            prepared = self._prepared[key] = self._prepare_all(view)
        return prepared

    def _prepare_all(self, view: View) -> Mapping[str, Prepared]:
        return {
            rule.rule: ready
            for rule in self._by_product[view.asked.product]
            if (ready := prepared_of(rule, view)) is not None
        }

    def holders_of(self, categories: tuple[RegistrationCategory, ...], view: View) -> tuple[str, ...]:
        """Return the venues that hold one of the categories and list the product, by id.

        Those whose own terms are known to turn the client away on the day are left out.
        """
        asked = view.asked
        product, client_class = asked.product, asked.client_class
        key = (product, asked.residence, client_class, *(category.id for category in categories))
        holders = self._holders.get(key)
        if holders is None:
            found = (
                standing.id
                for standing in self.standings.values()
                if product in standing.products
                and any(standing.holds(category.id, product) is Truth.YES for category in categories)
                and not turns_away(standing, view.residence, product, client_class)
            )
            holders = self._holders.keep(key, tuple(found))
        return holders

    def may_permit(self, rule: CompiledRule, venue: str, view: View) -> bool:
        """Say whether a permission that excepts `rule` may hold for the client at another venue on the day."""
        there = self.view(view.asked, self.standings[venue])
        return any(
            one.bites
            and rule.law.id in one.law.exception_to
            and (ready := prepared_of(one, there)) is not None
            and ready.denied is None
            for one in self._by_product[view.asked.product]
        )

    def _fitting(self, view: View) -> Iterable[Selected]:
        for rule in self._by_product[view.asked.product]:
            when = rule.law.when
            place = tied_to(rule.residence, when.ties, view)
            if place is Truth.NO:
                continue
            assumed = place is Truth.UNKNOWN and when.country_suffices
            yield Selected(rule, Truth.YES if assumed else place, assumed)


def prepared_of(rule: CompiledRule, view: View) -> Prepared | None:
    """Return a rule with what the venue and the product alone decide; null when it does not concern them."""
    left: list[Test] = []
    unknowns: list[Test] = []
    denied: Test | None = None
    for test in rule.tests:
        truth = test.truth(view) if test.is_fixed else None
        if truth is None:
            left.append(test)
        elif truth is Truth.UNKNOWN:
            unknowns.append(test)
        elif truth is Truth.NO:
            if test.reaching:
                return None
            denied = denied or test
    return Prepared(tuple(left), tuple(unknowns), denied)


def law_index(knowledge: Knowledge) -> LawIndex:
    """Return the index of a day's law, built once per snapshot."""
    return knowledge.derive(LawIndex)


def _bound_tests(book: LawBook) -> tuple[tuple[Test, ...], ...]:
    """Return the predicates of every rule of a book, in its order: they do not hang on the day."""
    categories = {category.id: category for category in book.categories}
    return tuple(tests_of(law, categories) for law in book.rules)


def _shown(book: LawBook, day: date) -> Iterable[tuple[int, LawRule]]:
    """Yield the rules that hold on a day, and those that were announced by then and may yet hold; each with its place.

    What was announced on a day no source gives is shown on every day.
    """
    for place, law in enumerate(book.rules):
        if law.holds_on(day):
            if law.in_force is not InForce.ANNOUNCED or law.announced is None or law.announced <= day:
                yield place, law
        elif law.announced is not None and law.valid_from is not None and law.announced <= day < law.valid_from:
            yield place, law


def _compile(
    law: LawRule,
    tests: tuple[Test, ...],
    categories: Mapping[str, RegistrationCategory],
    authority: Codes,
    knowledge: Knowledge,
) -> CompiledRule:
    day = knowledge.as_of
    announced = law.in_force is InForce.ANNOUNCED or not law.holds_on(day)
    gate: tuple[str, ...] = ()
    if isinstance(law.effect, Prohibit):
        gate = law.effect.gate
    elif isinstance(law.effect, RequireRegistration):
        gate = law.effect.any_of
    flags = flags_of(law, day)
    specificity = specificity_of(law, tests)
    if starts_inexactly_on(law, day) or may_not_permit_yet_on(law, day):
        tests = (*tests, start_of(law))
    if of_secondary_sources(law, knowledge):
        flags = (*flags, SECONDARY)
    return CompiledRule(
        law=law,
        rule=law.rule,
        family=family_of(law),
        effect=effect_of(law),
        residence=codes_of(law.when.residence),
        left_out=codes_of(law.when.residence_not),
        authority=authority,
        tests=tests,
        bites=not announced and law.in_force is InForce.IN_FORCE,
        gate=tuple(categories[one] for one in gate),
        flags=("announced", *flags) if announced else flags,
        sources=(law.source,),
        specificity=specificity,
        for_everyone=EVERYWHERE in law.when.residence,
    )


def _assets(book: LawBook, knowledge: Knowledge) -> Assets:
    """Return what underlyings are on a day; a coin is what a base is that counts several of it."""
    kinds = {knowledge.coin(one.base).name: one.kind for one in book.underlyings}
    kinds.update((one.base, one.kind) for one in book.underlyings)
    classes: dict[str, AssetClass] = {}
    for law in book.rules:
        if isinstance(law.effect, Classify) and law.in_force is InForce.IN_FORCE and law.holds_on(knowledge.as_of):
            of_the_kinds = tuple(base for base, kind in kinds.items() if kind in law.when.underlying_kind)
            classes.update(dict.fromkeys(law.when.underlying or of_the_kinds, law.effect.asset_class))
    return Assets(kinds=kinds, classes=classes)


def _firms(
    book: LawBook, day: date, categories: Mapping[str, RegistrationCategory]
) -> Mapping[str, Mapping[str, bool]]:
    """Return what each firm holds on a day, and whether that is certain: since when it does may not be known."""
    found: dict[str, dict[str, bool]] = {}
    for firm in book.firms:
        if firm.holds_on(day):
            held = found.setdefault(firm.id, {})
            for category, certain in reached_from(firm.category, categories, not firm.extrapolated_on(day)):
                held[category] = certain or held.get(category, False)
    return found


def _affiliates(knowledge: Knowledge, standings: Mapping[str, Standing]) -> Mapping[str, tuple[Standing, ...]]:
    venues = knowledge.venues()
    return {
        venue.id: tuple(
            standings[other.id]
            for other in venues
            if venue.parent is not None and other.parent == venue.parent and other.id != venue.id
        )
        for venue in venues
    }
