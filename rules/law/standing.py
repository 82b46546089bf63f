"""A venue before the law on one day: what it holds, and where it is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from msgspec import Struct, structs

from data.facts.iso_3166 import names_of
from data.facts.law import LawProduct, RegistrationCategory
from data.facts.venues import Access, Registration, Venue
from data.facts.vocabulary import CLIENT_CLASSES, AccessKind, ClientClass, VenueKind
from rules.condition_ids import SERVICE_IN_DOUBT
from rules.knowledge import Knowledge
from rules.law.places import Place, place_of
from rules.law.truth import Truth
from rules.terms.near_facts import tells_of


class Holding(Struct, frozen=True, kw_only=True):
    """One category a venue's group holds or may hold, through which registration.

    Without a registration it is the caller who vouches for it.
    """

    category: str
    certain: bool
    market: bool
    """True for the category of a market that lists contracts."""
    registration: Registration | None
    products: frozenset[LawProduct]
    """Products it is used for; empty when the source does not limit it."""

    def is_for(self, product: LawProduct) -> bool:
        """Say whether it is used for a product."""
        return not self.products or product in self.products


class Vouch(Struct, frozen=True, kw_only=True):
    """A requirement the caller vouches for: the venue holds one of its categories, and which is not said."""

    law: str
    """The id of the rule that asks for them."""
    any_of: tuple[str, ...]
    """The categories it may be."""
    brings: tuple[frozenset[str], ...]
    """What holding each of them means, in the same order: itself and what it implies."""
    may_be: frozenset[str]
    """Everything that one of them is, implies or may include."""


class Standing(Struct, frozen=True, kw_only=True, eq=False):
    """A venue before the law on one day."""

    id: str
    name: str
    """As a sentence tells it."""
    day: date
    kind: VenueKind
    home: Place | None
    zone: str | None
    products: frozenset[LawProduct]
    holdings: Mapping[str, tuple[Holding, ...]]
    registered_in: frozenset[str]
    """Jurisdictions of its active registrations, with the countries and groups that cover them."""
    companies_in: frozenset[str]
    """Where its group is registered away from its seat: countries, and groups whose members one company serves.

    Empty where no source names the seat.
    """
    acted_against_in: frozenset[str]
    """Jurisdictions whose regulators have acted against it on or before the day, for certain."""
    terms: tuple[Access, ...]
    """Every row of its terms that holds on the day."""
    terms_to_come: tuple[Access, ...] = ()
    """Every row of its terms that starts later."""
    open_to_others: Mapping[LawProduct, Access] = {}
    """By product, the row of its terms on the day that shows it to take clients wherever it does not refuse them."""
    served_from: tuple[Access, ...] = ()
    """Rows of its terms on the day that name the company which serves the clients, and so its seat."""
    is_there: bool = False
    """Whether it may have been there on the day: its first status had begun, or no day is known of it."""
    permitting_nothing: frozenset[str] = frozenset()
    """Categories of its registrations that permit nothing: a first step, an application, a firm not yet its own."""
    reached: Mapping[LawProduct, frozenset[str]] = {}
    """By product, the categories of the markets whose contracts an account here reaches, those they may hold too."""
    vouches: tuple[Vouch, ...] = ()
    """What the caller vouches for beside what is on file."""
    listed: Mapping[str, bool] = {}
    """By category of market that a broker or an account leads to: what the caller says of its listing a contract."""
    told: bool = False
    """Whether the caller says of a category that may be held whether it is."""

    def holds(self, category: str, product: LawProduct) -> Truth:
        """Say whether the group holds a category that it uses for this product."""
        found = Truth.NO
        for holding in self.holdings.get(category, ()):
            if holding.is_for(product):
                if holding.certain:
                    return Truth.YES
                found = Truth.UNKNOWN
        return found

    def is_market_for(self, product: LawProduct) -> bool:
        """Say whether the group lists the product as a market: the accounts are then carried by firms."""
        return any(
            holding.market and holding.is_for(product) for holdings in self.holdings.values() for holding in holdings
        )

    def registration_of(self, category: str) -> Registration | None:
        """Return the registration that carries a category, the certain one first."""
        for holding in self.holdings.get(category, ()):
            return holding.registration
        return None

    def may_hold_by(self, category: str, product: LawProduct) -> Registration | None:
        """Return the registration by which a category may be held for a product, where none is certain to bring it."""
        holdings = self.holdings.get(category, ())
        return next((one.registration for one in holdings if not one.certain and one.is_for(product)), None)

    def vouched_among(self, categories: frozenset[str]) -> Vouch | None:
        """Return what the caller vouches for that is one of these categories, whichever it is."""
        for vouch in self.vouches:
            if vouch.any_of and not any(categories.isdisjoint(brought) for brought in vouch.brings):
                return vouch
        return None

    def possibly_vouched(self, category: str) -> Vouch | None:
        """Return what the caller vouches for that may be this category."""
        if not any(holding.registration is None for holding in self.holdings.get(category, ())):
            return None
        return next((vouch for vouch in self.vouches if category in vouch.may_be), None)

    def is_vouched(self, law: str) -> bool:
        """Say whether the caller vouches for what this rule asks of the venue."""
        return any(vouch.law == law for vouch in self.vouches)


def standing_of(venue: Venue, knowledge: Knowledge, categories: Mapping[str, RegistrationCategory]) -> Standing:
    """Return the standing of a venue on the day of the knowledge."""
    registrations = knowledge.registrations(venue.id)
    active = [one for one in registrations if one.active]
    terms = tuple(knowledge.terms(venue.id))
    seated = venue.has_its_seat_on(knowledge.as_of)
    home = place_of(venue.home_jurisdiction, knowledge.groups_of) if seated and venue.home_jurisdiction else None
    return Standing(
        id=venue.id,
        name=venue.brand,
        day=knowledge.as_of,
        kind=venue.kind,
        home=home,
        zone=venue.zone if seated else None,
        products=frozenset(LawProduct(product.value) for product in venue.products),
        holdings=_holdings(active, categories, knowledge.as_of),
        registered_in=_covering((one.jurisdiction for one in active), knowledge),
        companies_in=_companies(active, home, venue, knowledge),
        acted_against_in=_covering(_acting(knowledge, venue.id, knowledge.as_of), knowledge),
        terms=terms,
        terms_to_come=tuple(knowledge.terms_to_come(venue.id)),
        served_from=tuple(row for row in terms if row.served_from is not None),
        open_to_others=_open_to_others(terms, knowledge.as_of, venue.status[0].valid_from),
        is_there=venue.status[0].valid_from is None or venue.status[0].valid_from <= knowledge.as_of,
        permitting_nothing=frozenset(one.category for one in registrations if not one.active),
    )


def with_reached(standing: Standing, standings: Mapping[str, Standing]) -> Standing:
    """Return a standing with what the markets hold, or may, that its terms lead to: on a condition, through other
    venues.
    """
    reached: dict[LawProduct, set[str]] = {}
    for row in standing.terms:
        if row.access is AccessKind.PROHIBITED:
            continue
        for market in (standings[one] for one in row.open_through if one in standings):
            for product in (LawProduct(one.value) for one in row.products):
                reached.setdefault(product, set()).update(
                    name for name in market.holdings if market.holds(name, product) is not Truth.NO
                )
    if not reached:
        return standing
    return structs.replace(standing, reached={product: frozenset(names) for product, names in reached.items()})


def _holdings(
    active: Iterable[Registration], categories: Mapping[str, RegistrationCategory], day: date
) -> Mapping[str, tuple[Holding, ...]]:
    """Return what active registrations bring. Before the day from which one is certain it may be held."""
    found: dict[str, list[Holding]] = {}
    for registration in active:
        products = frozenset(LawProduct(product.value) for product in registration.products)
        begun = not registration.extrapolated_on(day)
        for category, certain in reached_from(registration.category, categories, begun):
            known = categories.get(category)
            found.setdefault(category, []).append(
                Holding(
                    category=category,
                    certain=certain,
                    market=known is not None and known.market,
                    registration=registration,
                    products=products,
                )
            )
    return {name: certain_first(rows) for name, rows in found.items()}


def reached_from(
    category: str,
    categories: Mapping[str, RegistrationCategory],
    certain: bool = True,
    seen: frozenset[str] = frozenset(),
) -> Iterator[tuple[str, bool]]:
    """Yield what a holder of a category is taken to hold, and whether that is certain: itself, then what it brings."""
    known = categories.get(category)
    if category in seen or (known is not None and not known.available):
        return
    yield category, certain
    for implied in known.implies if known else ():
        yield from reached_from(implied, categories, certain, seen | {category})
    for possible in known.may_include if known else ():
        yield from reached_from(possible, categories, False, seen | {category})


def certain_first(holdings: Iterable[Holding]) -> tuple[Holding, ...]:
    """Return holdings of one category with those that are certain before the others."""
    return tuple(sorted(holdings, key=lambda one: not one.certain))


def _acting(knowledge: Knowledge, venue: str, day: date) -> Iterable[str]:
    """Yield where regulators have acted by the day for certain: an act of unknown date counts from its source's day."""
    for action in knowledge.enforcement_actions(venue):
        acted = not action.extrapolated_on(day) if action.date is None else action.date <= day
        if action.kind != "dismissal" and acted:
            yield action.jurisdiction


def _covering(jurisdictions: Iterable[str], knowledge: Knowledge) -> frozenset[str]:
    """Return the jurisdictions with everything that covers them: countries, groups, the EEA for the EU."""
    found: set[str] = set()
    for code in jurisdictions:
        found |= place_of(code, knowledge.groups_of).covered_by
        if code == "EU":
            found.add("EEA")
    return frozenset(found)


_PASSPORTING = frozenset({"EEA", "EU"})
"""Groups within which a company that is registered in one member may serve the residents of all."""


_FIRST_NAMED = re.compile(r" \(|, | / |; ")
"""What ends the name of the first company in the words on a venue's operator."""


def _companies(
    active: Iterable[Registration], home: Place | None, venue: Venue, knowledge: Knowledge
) -> frozenset[str]:
    """Return where other companies of the group are registered; some registers take the operator itself from abroad."""
    if home is None:
        return frozenset()
    itself = {_FIRST_NAMED.split(name, 1)[0] for name in (venue.name, venue.operator or "")}
    away = {one.jurisdiction for one in active if one.jurisdiction not in home.covered_by and one.entity not in itself}
    countries = frozenset(place_of(code, knowledge.groups_of).country for code in away) - {home.country}
    return countries | (_covering(away, knowledge) & _PASSPORTING)


def company_for(standing: Standing, place: Place) -> str | None:
    """Return where a company of the venue's group away from its seat is registered that may serve a place, if any is.

    That is the country itself, or a group of countries whose members one company serves: whether it does is not said.
    """
    found = standing.companies_in & {place.country, *(place.covered_by & _PASSPORTING)}
    return place.country if place.country in found else max(found, default=None)


def _open_to_others(terms: Iterable[Access], day: date, since: date | None) -> Mapping[LawProduct, Access]:
    """Return by product the row that shows terms to be open to places they do not name.

    Such terms say so, or name several countries that they refuse. Parts of a country that they serve do not count: a
    venue that serves one country alone may leave out some of its states, and turns to nobody abroad. Undated rows show
    how a venue goes about it for as long as it has operated, `since` where that is known.
    """
    told = [
        row
        for row in terms
        if row.condition_id != SERVICE_IN_DOUBT
        and (tells_of(row, day) or (row.valid_from is None and (since is None or since <= day)))
    ]
    by_product: dict[str, list[Access]] = {}
    for row in told:
        for one in row.products:
            by_product.setdefault(one.value, []).append(row)
    found: dict[LawProduct, Access] = {}
    for product, rows in by_product.items():
        served = [row for row in rows if row.access is not AccessKind.PROHIBITED]
        at_home = {names_of(row.jurisdiction)[-1] for row in served}
        open_ = [row for row in served if row.jurisdiction == "*"]
        refused = {
            country: row
            for row in rows
            if row.access is AccessKind.PROHIBITED
            and row.jurisdiction != "*"
            and (country := names_of(row.jurisdiction)[-1]) not in at_home
        }
        if open_ or len(refused) >= _SEVERAL:
            found[LawProduct(product)] = open_[0] if open_ else next(iter(refused.values()))
    return found


_SEVERAL = 2
"""Fewest countries refused by name that make a list of exclusions."""


def seat_for(standing: Standing, place: Place, product: LawProduct, client_class: ClientClass | None) -> str | None:
    """Return where the company sits that a venue's terms name for a client; null where they name none or several.

    What they say of every place not named counts where they do not speak of the product and the place by name.
    """
    by_name = any(row.jurisdiction in place.covered_by and covers(row, product) for row in standing.terms)
    seats = {
        row.served_from
        for row in standing.served_from
        if (row.jurisdiction in place.covered_by if by_name else row.jurisdiction == "*")
        and row.access is not AccessKind.PROHIBITED
        and covers(row, product)
        and (row.speaks_of(client_class) if client_class is not None else _speaks_of_all(row))
        and not row.extrapolated_on(standing.day)
    }
    return seats.pop() if len(seats) == 1 else None


def seated(standing: Standing, seat: Place) -> Standing:
    """Return a venue as its company at one seat stands, where that company serves the client and no other does."""
    return structs.replace(standing, home=seat, zone=None, registered_in=seat.covered_by, companies_in=frozenset())


def _speaks_of_all(row: Access) -> bool:
    """Say whether a row of terms is for clients of every class."""
    return ClientClass.ANY in row.client_classes or CLIENT_CLASSES.issubset(row.client_classes)


def covers(row: Access, product: LawProduct) -> bool:
    """Say whether a row of terms is about a product."""
    return any(one.value == product.value for one in row.products)
