"""The committed facts with the venues of the cases added, seen on the day of a case."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path

from msgspec import structs

from data.facts.venues import Access, Registration, StatusPeriod, Venue
from data.facts.vocabulary import AccessKind, ClientClass, Product, VenueKind, VenueState
from data.release_facts import ReleaseFacts
from data.snapshot import Snapshot
from tests.law.case_files import CaseVenue, read_venues
from tests.rules.world import facts

CURATED = Path(__file__).resolve().parents[2] / "data" / "curated"
SOURCE = "cases.venues"
LONG_AGO = date(2009, 1, 3)


@cache
def release_facts() -> ReleaseFacts:
    """Return all facts, read once."""
    corpus = facts().corpus
    added = read_venues()
    return ReleaseFacts(
        "rel_cases",
        structs.replace(
            corpus,
            venues=(*corpus.venues, *map(_venue, added)),
            registrations=(*corpus.registrations, *(row for one in added for row in _registrations(one))),
            access=(*corpus.access, *map(_terms, added)),
        ),
    )


def knowledge_on(day: date) -> Snapshot:
    """Return the facts as they stood on a day."""
    return release_facts().on(day)


def _venue(one: CaseVenue) -> Venue:
    return Venue(
        id=one.id,
        name=one.described_as,
        operator=None,
        parent=None,
        home_jurisdiction=one.home,
        zone=one.zone,
        website=None,
        kind=VenueKind(one.kind),
        status=(StatusPeriod(state=VenueState.OPERATING),),
        products=tuple(Product),
    )


def _registrations(one: CaseVenue) -> Iterator[Registration]:
    for category in one.registrations:
        yield Registration(
            key=f"{one.id}|{category}",
            source=SOURCE,
            valid_from=LONG_AGO,
            certain_from=LONG_AGO,
            venue=one.id,
            regulator="the one that grants it",
            jurisdiction=one.home,
            category=category,
            described_as=one.described_as,
            entity=one.described_as,
            active=True,
        )


def _terms(one: CaseVenue) -> Access:
    return Access(
        key=f"{one.id}|*",
        source=SOURCE,
        valid_from=LONG_AGO,
        certain_from=LONG_AGO,
        venue=one.id,
        jurisdiction="*",
        products=tuple(Product),
        client_classes=(ClientClass.ANY,),
        access=AccessKind.ALLOWED,
    )
