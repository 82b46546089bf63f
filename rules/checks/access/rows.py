"""Which rows of a venue's terms speak to one applicant: the narrowest place that they name, then the client's class."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import Struct

from data.facts.iso_3166 import names_of
from data.facts.venues import Access, Venue
from data.facts.vocabulary import CLIENT_CLASSES, AccessKind, ClientClass, Product
from rules.checks.access.words import EVERYWHERE
from rules.condition_ids import SERVICE_IN_DOUBT
from rules.knowledge import Knowledge
from rules.terms.near_facts import tells_of
from rules.terms.provenance import SECONDARY, of_secondary_sources
from rules.trade import Client


class Applicant(Struct, frozen=True, kw_only=True):
    """Who asks a venue for what."""

    client: Client
    product: Product
    reduce_only: bool = False
    intermediary: str | None = None
    conditions_met: tuple[str, ...] = ()


class Reading(Struct, frozen=True, kw_only=True):
    """The rows of the terms that speak to a client."""

    rows: tuple[Access, ...]
    """Those of the narrowest place that speaks of the client's class, of them the ones that name it."""
    passed_over: tuple[Access, ...] = ()
    """Those of a narrower place, which name other classes alone."""


def reading_of(place: str, applicant: Applicant, venue: Venue, knowledge: Knowledge) -> Reading:
    """Return the rows that speak to an applicant in a place."""
    return _narrowest(_rows_near(place, applicant, venue, knowledge), applicant.client.client_class)


def _rows_near(place: str, applicant: Applicant, venue: Venue, knowledge: Knowledge) -> list[Access]:
    return [
        row
        for row in knowledge.access(venue.id, place)
        if applicant.product in row.products
        and tells_of(row, knowledge.as_of)
        and not _exempts(row, applicant, knowledge)
    ]


def _exempts(row: Access, applicant: Applicant, knowledge: Knowledge) -> bool:
    """Say whether a refusal leaves out the nationals and residents of a place that is the client's."""
    if not row.exempt:
        return False
    client = applicant.client
    return any(
        not knowledge.groups_of(place).union(names_of(place)).isdisjoint(row.exempt)
        for place in (client.residence, client.nationality)
        if place is not None
    )


def _narrowest(rows: Sequence[Access], client_class: ClientClass | None) -> Reading:
    """Return the rows that win, and those of narrower places that name other classes of client alone.

    `rows` come the narrowest place first.
    """
    passed_over: list[Access] = []
    for place in dict.fromkeys(row.jurisdiction for row in rows):
        here = [row for row in rows if row.jurisdiction == place]
        if client_class is None:
            return Reading(rows=tuple(_reached_by_some_class(here)))
        named = [row for row in here if client_class in row.client_classes]
        found = named or [row for row in here if ClientClass.ANY in row.client_classes]
        if found:
            return Reading(rows=tuple(found), passed_over=tuple(passed_over))
        passed_over.extend(here)
    return Reading(rows=(), passed_over=tuple(passed_over))


def _reached_by_some_class(rows: Sequence[Access]) -> Sequence[Access]:
    """Return the rows of one place that speak to some class: where others name each, those for everybody reach none."""
    named = [row for row in rows if ClientClass.ANY not in row.client_classes]
    return named if {one for row in named for one in row.client_classes} >= CLIENT_CLASSES else rows


def refuses_some_classes_alone(rows: Sequence[Access], applicant: Applicant) -> bool:
    """Say whether rows of one place refuse classes of client by name, and leave others out."""
    named = {one for row in rows for one in row.client_classes}
    return (
        ClientClass.ANY not in named
        and not named.issuperset(CLIENT_CLASSES)
        and any(row.access is AccessKind.PROHIBITED and binds(row, applicant) for row in rows)
    )


def takes_some_classes_alone(rows: Sequence[Access]) -> bool:
    """Say whether rows of one place that permit name classes of client, and leave others out."""
    named = {one for row in rows for one in row.client_classes}
    permit = all(row.access is not AccessKind.PROHIBITED for row in rows)
    return permit and ClientClass.ANY not in named and not named.issuperset(CLIENT_CLASSES)


def binds(row: Access, applicant: Applicant) -> bool:
    """Say whether a refusal binds the order: some leave open what only reduces a position."""
    return not (row.open_to_reduce and applicant.reduce_only)


def refused_later(
    place: str, permitting: str, applicant: Applicant, venue: Venue, knowledge: Knowledge
) -> list[Access]:
    """Return refusals that are known of later days alone, as near as the place whose rows permit."""
    client_class = applicant.client.client_class
    refused: list[Access] = []
    reached = False
    for row in knowledge.access(venue.id, place):
        if row.jurisdiction == permitting:
            reached = True
        elif reached:
            break
        if (
            row.access is AccessKind.PROHIBITED
            and applicant.product in row.products
            and not tells_of(row, knowledge.as_of)
            and binds(row, applicant)
            and not _exempts(row, applicant, knowledge)
            and row.speaks_of(client_class)
        ):
            refused.append(row)
    return refused


def stricter_in_parts(place: str, applicant: Applicant, venue: Venue, knowledge: Knowledge) -> list[Access]:
    """Return rows on parts of a country that refuse, or ask more, whatever the rows on the country say."""
    return [
        row
        for row in knowledge.terms(venue.id)
        if row.jurisdiction != place
        and names_of(row.jurisdiction)[-1] == place
        and row.access is not AccessKind.ALLOWED
        and binds(row, applicant)
        and (row.open_to_reduce or row.condition_id is None or row.condition_id not in applicant.conditions_met)
        and applicant.product in row.products
        and row.speaks_of(applicant.client.client_class)
    ]


def refusing_nationals(nationality: str, applicant: Applicant, venue: Venue, knowledge: Knowledge) -> list[Access]:
    """Return the refusals that name a client's country of nationality."""
    rows = reading_of(nationality, applicant, venue, knowledge).rows
    return [
        row
        for row in rows
        if row.access is AccessKind.PROHIBITED and row.jurisdiction != EVERYWHERE and binds(row, applicant)
    ]


def refusing_citizens(applicant: Applicant, venue: Venue, knowledge: Knowledge) -> list[Access]:
    """Return the refusals of a country that reach its citizens wherever they live, those of the residence left out."""
    home = names_of(applicant.client.residence)
    return [
        row
        for row in knowledge.terms(venue.id)
        if row.nationals
        and row.access is AccessKind.PROHIBITED
        and row.jurisdiction not in home
        and applicant.product in row.products
        and binds(row, applicant)
        and row.speaks_of(applicant.client.client_class)
    ]


class Served(Struct, frozen=True, kw_only=True):
    """Where a venue's terms offer a product to a class of client."""

    offered: tuple[str, ...]
    on_condition: tuple[str, ...]
    """Where a condition has to be met first, and nothing is offered without."""


def places_served(applicant: Applicant, venue: Venue, knowledge: Knowledge) -> Served:
    """Return the places in which a venue's terms offer a product to the client's class, rows that only record a doubt
    left out.
    """
    rows = [
        row
        for row in knowledge.terms(venue.id)
        if applicant.product in row.products
        and row.condition_id != SERVICE_IN_DOUBT
        and row.speaks_of(applicant.client.client_class)
    ]
    offered = {row.jurisdiction for row in rows if row.access is AccessKind.ALLOWED}
    conditional = {row.jurisdiction for row in rows if row.access is AccessKind.CONDITIONAL}
    return Served(offered=tuple(sorted(offered)), on_condition=tuple(sorted(conditional - offered)))


def sources_of(rows: Iterable[Access]) -> tuple[str, ...]:
    """Return the ids of the rows' sources, each once."""
    return tuple(dict.fromkeys(row.source for row in rows))


def flags_of(rows: Sequence[Access], knowledge: Knowledge) -> tuple[str, ...]:
    """Return what a finding that rests on these rows is flagged with."""
    found = []
    if any(row.extrapolated_on(knowledge.as_of) for row in rows):
        found.append("extrapolated")
    if any(row.low_confidence for row in rows):
        found.append("low_confidence")
    if any(of_secondary_sources(row, knowledge) for row in rows):
        found.append(SECONDARY)
    return tuple(found)
