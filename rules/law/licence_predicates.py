"""Predicates about what the company that serves the client is licensed as, whatever it uses its licence for."""

from __future__ import annotations

from data.facts.law import RegistrationCategory
from rules.law.observation import Observation
from rules.law.registration_predicates import see_holdings, venue_holds
from rules.law.standing import company_for
from rules.law.truth import Truth, negated
from rules.law.venue_predicates import see_serving, serves_from_seat
from rules.law.view import View
from rules.spoken import any_of


def is_licensed(wanted: tuple[RegistrationCategory, ...], view: View) -> Truth:
    """Say whether the company that serves the client holds one of the categories, whatever it uses it for."""
    for_product = venue_holds(wanted, view)
    if for_product is not Truth.NO:
        return for_product
    used_elsewhere = [_by_licensee(category, view) for category in wanted]
    if Truth.YES in used_elsewhere:
        return Truth.YES
    return Truth.UNKNOWN if Truth.UNKNOWN in used_elsewhere else Truth.NO


def is_not_licensed(wanted: tuple[RegistrationCategory, ...], view: View) -> Truth:
    """Say whether the company that serves the client holds none of the categories, for whatever use."""
    return negated(is_licensed(wanted, view))


def _by_licensee(category: RegistrationCategory, view: View) -> Truth:
    """Say whether the company of the venue's group that holds a category, for other products, serves the client.

    It does where the venue itself holds it. Away from the venue's seat it is another company, and only the caller can
    tell which of the two serves the client.
    """
    standing, residence = view.standing, view.residence
    held = standing.holdings.get(category.id, ())
    if not held or category.jurisdiction not in standing.registered_in:
        return Truth.NO
    served_by_it = negated(serves_from_seat(view)) if company_for(standing, residence) is not None else Truth.YES
    certain = any(one.certain for one in held)
    return served_by_it if certain or served_by_it is Truth.NO else Truth.UNKNOWN


def see_licence(wanted: tuple[RegistrationCategory, ...], view: View) -> Observation:
    """Describe what the company that serves the client holds of the categories, and ask which company that is."""
    if venue_holds(wanted, view) is not Truth.NO or is_licensed(wanted, view) is not Truth.UNKNOWN:
        return see_holdings(wanted, view)
    if serves_from_seat(view) is Truth.UNKNOWN:
        return see_serving(view)
    names = ", ".join(one.id for one in wanted)
    told = f"whether {view.standing.name} holds {any_of(one.id for one in wanted)} is not known"
    return Observation(told, limit=names)
