"""Whom a venue's terms turn to: the residents of a place, those it serves by name, and those it turns away."""

from __future__ import annotations

from datetime import date

from msgspec import Struct, structs

from data.facts.iso_3166 import names_of
from data.facts.law import LawProduct
from data.facts.venues import Access
from data.facts.vocabulary import AccessKind, ClientClass
from rules.condition_ids import SERVICE_IN_DOUBT
from rules.law.places import Codes, Place, within
from rules.law.standing import Standing, covers
from rules.law.truth import Truth
from rules.spoken import spoken
from rules.terms.near_facts import tells_of


class Reach(Struct, frozen=True):
    """Whether a venue turns to the residents of a place, and what shows it."""

    truth: Truth
    why: str
    source: str | None = None
    flag: str | None = None
    """`extrapolated` where it is the terms of a later day that show it."""
    presumed: bool = False
    """True where all that shows it is that the terms exclude other places and not this one."""


def solicits(standing: Standing, place: Place, codes: Codes, product: LawProduct) -> Reach:
    """Say whether a venue turns to residents of the places a rule covers with a product, and what shows it.

    Terms show it where they tell of the day: they name the place as served, or take clients from wherever they do not
    refuse. A refusal of this very product casts doubt: then the terms refuse the client themselves. One that does not
    tell of the day does so only where nothing else shows it: either it held then too, or the place was like any other.
    """
    if standing.home is not None and within(standing.home, codes) is Truth.YES:
        return Reach(Truth.YES, f"{standing.name} has its seat there")
    if not codes.names.isdisjoint(standing.registered_in):
        return Reach(Truth.YES, f"{standing.name} is registered there")
    if not codes.names.isdisjoint(standing.acted_against_in):
        return Reach(Truth.YES, f"a regulator there has acted against {standing.name}")
    told = f"{spoken(product)} on the day"
    refused = everywhere = named = None
    for row in standing.terms:
        if row.access is AccessKind.PROHIBITED:
            if row.jurisdiction in place.covered_by and covers(row, product):
                refused = refused or row
            elif row.jurisdiction == "*" and covers(row, product):
                everywhere = everywhere or row
        elif (
            row.jurisdiction in place.covered_by
            and row.condition_id != SERVICE_IN_DOUBT
            and tells_of(row, standing.day)
            and (named is None or row.certain_from < named.certain_from)
        ):
            named = row
    if named is not None:
        return _shown_by(named, f"the terms of {standing.name} name the place as served", standing.day)
    elsewhere = standing.open_to_others.get(product)
    if refused is not None and (elsewhere is None or tells_of(refused, standing.day)):
        return Reach(Truth.UNKNOWN, f"the terms of {standing.name} refuse the place {told}", refused.source)
    if everywhere is not None and (elsewhere is None or tells_of(everywhere, standing.day)):
        why = f"the terms of {standing.name} refuse every place not named {told}"
        return Reach(Truth.UNKNOWN, why, everywhere.source)
    if elsewhere is not None:
        why = f"the terms of {standing.name} exclude other places, and not this one for {told}"
        return structs.replace(_shown_by(elsewhere, why, standing.day), presumed=True)
    return Reach(Truth.UNKNOWN, f"nothing on file shows whether {standing.name} turns to residents there")


def _shown_by(row: Access, why: str, day: date) -> Reach:
    """Return what a row of the terms shows; of a day before it is certain, with the day from which it is."""
    if not row.extrapolated_on(day):
        return Reach(Truth.YES, why, row.source)
    return Reach(Truth.YES, f"{why}, as they stood on {row.certain_from.isoformat()}", row.source, "extrapolated")


def serves_by_name(standing: Standing, place: Place, product: LawProduct) -> Access | None:
    """Return the row in which a venue's terms name the place as served with this product, if any.

    A row without a date counts on earlier days too, as long as the venue may have been there: all it does is to cast
    doubt.
    """
    for row in standing.terms:
        if (
            row.jurisdiction in place.covered_by
            and row.access is not AccessKind.PROHIBITED
            and row.condition_id != SERVICE_IN_DOUBT
            and (tells_of(row, standing.day) or (standing.is_there and row.valid_from is None))
            and covers(row, product)
        ):
            return row
    return None


def turns_away(standing: Standing, place: Place, product: LawProduct, client_class: ClientClass | None) -> bool:
    """Say whether a venue's terms refuse a client this product on the day, or offer it to the place from a later day.

    The narrowest place that speaks of the client's class decides, by each of the codes it goes by, and where the class
    is not stated all of its rows must refuse. Terms that are silent turn nobody away.
    """
    said = [row for row in standing.terms if covers(row, product) and tells_of(row, standing.day)]
    for here in (*((name,) for name in names_of(place.code)), place.covered_by):
        heard = [row for row in said if row.jurisdiction in here and row.speaks_of(client_class)]
        named = [row for row in heard if client_class in row.client_classes] or heard
        if named:
            refusals = [row.access is AccessKind.PROHIBITED for row in named]
            return all(refusals) if client_class is None else any(refusals)
    return any(
        row.jurisdiction in place.covered_by and row.access is not AccessKind.PROHIBITED and covers(row, product)
        for row in standing.terms_to_come
    )
