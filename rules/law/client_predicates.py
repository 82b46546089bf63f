"""Predicates about the client: where it is, its class, its attributes."""

from __future__ import annotations

from data.facts.law import Tie
from data.facts.vocabulary import ClientClass
from rules.law.observation import Observation
from rules.law.places import Codes, Place, within
from rules.law.truth import Truth, agrees, negated, truth_of
from rules.law.view import View


def tied_to(codes: Codes, ties: tuple[Tie, ...], view: View) -> Truth:
    """Say whether any of the ties links the client to one of the codes."""
    found = Truth.NO
    for tie in ties:
        place = _tied_place(tie, view)
        truth = within(place, codes) if place is not None else Truth.UNKNOWN
        if truth is Truth.YES or codes.everywhere:
            return Truth.YES
        if truth is Truth.UNKNOWN:
            found = truth
    return found


def _tied_place(tie: Tie, view: View) -> Place | None:
    if tie is Tie.RESIDENCE:
        return view.residence
    return view.location if tie is Tie.LOCATION else view.nationality


def see_ties(codes: Codes, ties: tuple[Tie, ...], view: View) -> Observation:
    """Describe why it is not known whether a tie links the client to the codes: a part of a country, or nationality."""
    names = ", ".join(sorted(codes.names))
    for tie in ties:
        place = _tied_place(tie, view)
        if place is not None and within(place, codes) is Truth.UNKNOWN:
            return Observation(
                f"the {tie.value} is given as {place.code} without a subdivision, and the rule covers {names}",
                observed=place.code,
                limit=names,
                field=f"client.{tie.value}",
            )
    return Observation("the client's nationality is not given", limit=names, field="client.nationality")


def see_link(codes: Codes, ties: tuple[Tie, ...], view: View) -> Observation:
    """Describe the tie that links the client to the codes; its residence where none of the others does."""
    names = ", ".join(sorted(codes.names))
    for tie in ties:
        place = _tied_place(tie, view)
        if place is not None and within(place, codes) is Truth.YES:
            given = tie if place is not view.residence else Tie.RESIDENCE
            return Observation(f"the client {_LINKED[given]} {place.code}", observed=place.code, limit=names)
    residence = view.asked.residence
    return Observation(f"the client {_LINKED[Tie.RESIDENCE]} {residence}", observed=residence, limit=names)


_LINKED = {Tie.RESIDENCE: "resides in", Tie.LOCATION: "is located in", Tie.NATIONALITY: "is a national of"}
"""What ties a client to a place, in words. Without a location of its own a client is where it resides."""


def not_in(codes: Codes, ties: tuple[Tie, ...], view: View) -> Truth:
    """Say whether the residence, and the location where that ties too, lies outside the codes."""
    found = negated(within(view.residence, codes))
    if found is not Truth.NO and Tie.LOCATION in ties:
        there = within(view.location, codes)
        if there is not Truth.NO:
            return negated(there)
    return found


def see_not_in(codes: Codes, ties: tuple[Tie, ...], view: View) -> Observation:
    """Describe where the client is against the codes that a rule leaves out."""
    names = ", ".join(sorted(codes.names))
    place = view.asked.residence
    if Tie.LOCATION in ties and view.asked.location is not None:
        place = f"{place} and is in {view.asked.location}"
    return Observation(
        f"the rule leaves out {names} and the client resides in {place}", place, names, field="client.residence"
    )


def of_nationality(codes: Codes, view: View) -> Truth:
    """Say whether the client is a national of one of the codes."""
    return Truth.UNKNOWN if view.nationality is None else within(view.nationality, codes)


def see_nationality(codes: Codes, view: View) -> Observation:
    """Describe the client's nationality."""
    stated = view.asked.nationality
    says = f"the client is a national of {stated}" if stated else "the client's nationality is not given"
    return Observation(says, stated, ", ".join(sorted(codes.names)), field="client.nationality")


def of_class(classes: tuple[ClientClass, ...], view: View) -> Truth:
    """Say whether the client's stated class is one of these."""
    stated = view.asked.client_class
    return Truth.UNKNOWN if stated is None else truth_of(stated in classes)


def not_of_class(classes: tuple[ClientClass, ...], view: View) -> Truth:
    """Say whether the client's stated class is none of these."""
    return negated(of_class(classes, view))


def see_class(classes: tuple[ClientClass, ...], view: View) -> Observation:
    """Describe the client's class."""
    stated = view.asked.client_class
    says = f"the client is {stated.value}" if stated else "the client's class is not given"
    return Observation(
        says,
        observed=stated.value if stated else None,
        limit=", ".join(one.value for one in classes),
        field="client.client_class",
    )


def is_ecp(view: View) -> Truth:
    """Say whether the client is an eligible contract participant.

    A client stated as retail or professional is not one: the label professional passes no test of the statute. An
    institution may be one.
    """
    stated = view.asked.client_class
    if stated is ClientClass.ECP:
        return Truth.YES
    return Truth.NO if stated in (ClientClass.RETAIL, ClientClass.PROFESSIONAL) else Truth.UNKNOWN


def ecp_is(wanted: bool, view: View) -> Truth:
    """Compare the client's status as eligible contract participant."""
    return agrees(is_ecp(view), wanted)


def see_ecp(view: View) -> Observation:
    """Describe the client's status as eligible contract participant."""
    stated = view.asked.client_class
    truth = is_ecp(view)
    if truth is Truth.UNKNOWN:
        label = (
            f"the label {stated.value} does not say" if stated else "the client's class is not given, so nothing says"
        )
        says = f"{label} whether the client is an eligible contract participant"
    else:
        says = f"the client is {'' if truth is Truth.YES else 'not '}an eligible contract participant"
    return Observation(says, observed=stated.value if stated else None, limit="ecp", field="client.client_class")


def commercial_entity_is(wanted: bool, view: View) -> Truth:
    """Compare the client's status as eligible commercial entity, a subset of eligible contract participants.

    Who is stated as retail or professional is none, whatever else is stated.
    """
    stated = False if is_ecp(view) is Truth.NO else view.asked.eligible_commercial_entity
    return agrees(truth_of(stated), wanted)


def see_commercial_entity(view: View) -> Observation:
    """Describe the client's status as eligible commercial entity."""
    stated = False if is_ecp(view) is Truth.NO else view.asked.eligible_commercial_entity
    says = "whether the client is an eligible commercial entity is not given"
    if stated is not None:
        says = f"the client is {'' if stated else 'not '}an eligible commercial entity"
    return Observation(says, field="client.eligible_commercial_entity")


def on_list_is(wanted: bool, view: View) -> Truth:
    """Compare whether the client stands on a sanctions list."""
    return agrees(truth_of(view.asked.on_sanctions_list), wanted)


def see_list(view: View) -> Observation:
    """Describe whether the client stands on a sanctions list."""
    stated = view.asked.on_sanctions_list
    if stated is None:
        return Observation("whether the client is on a sanctions list is not given", field="client.on_sanctions_list")
    return Observation(f"the client is {'' if stated else 'not '}on a sanctions list", observed=str(stated).lower())


def natural_person_is(wanted: bool, view: View) -> Truth:
    """Compare whether the client is a natural person. A retail client is taken for one unless it says institution."""
    institution = view.asked.institution
    if institution is None:
        if view.asked.client_class is ClientClass.RETAIL:
            institution = False
        elif view.asked.client_class is ClientClass.INSTITUTIONAL:
            institution = True
    return agrees(negated(truth_of(institution)), wanted)


def see_natural_person(view: View) -> Observation:
    """Describe whether the client is a natural person."""
    truth = natural_person_is(True, view)
    if truth is Truth.UNKNOWN:
        return Observation("whether the client is a natural person is not given", field="client.institution")
    return Observation(f"the client is {'a natural person' if truth is Truth.YES else 'an institution'}")
