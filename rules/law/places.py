"""Places: a code covers its subdivisions, a group its members on the day."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from msgspec import Struct

from data.facts.iso_3166 import names_of
from rules.law.truth import Truth

EVERYWHERE = "*"


class Place(Struct, frozen=True, kw_only=True):
    """One ISO 3166 code on one day: itself, its country and the groups the country belongs to."""

    code: str
    country: str
    covered_by: frozenset[str]

    @property
    def is_whole_country(self) -> bool:
        """Say whether the code names no subdivision."""
        return self.code == self.country


class Codes(Struct, frozen=True, kw_only=True):
    """The codes a rule names, ready to be compared with places."""

    names: frozenset[str]
    countries_divided: frozenset[str]
    """Countries of which the rule names a subdivision only."""
    everywhere: bool


def place_of(code: str, groups_of: Callable[[str], frozenset[str]]) -> Place:
    """Return the place with this code."""
    names = names_of(code)
    return Place(code=names[0], country=names[-1], covered_by=groups_of(code).union(names))


def codes_of(names: Iterable[str]) -> Codes:
    """Return the codes of a rule."""
    listed = frozenset(names)
    return Codes(
        names=listed,
        countries_divided=frozenset(names_of(name)[-1] for name in listed if names_of(name) != (name,)),
        everywhere=EVERYWHERE in listed,
    )


def within(place: Place, codes: Codes) -> Truth:
    """Say whether a place lies in one of the codes.

    A place known only by its country is unknown to a rule that names one of the country's subdivisions.
    """
    if codes.everywhere or not codes.names.isdisjoint(place.covered_by):
        return Truth.YES
    if place.is_whole_country and place.country in codes.countries_divided:
        return Truth.UNKNOWN
    return Truth.NO
