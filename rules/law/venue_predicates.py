"""Predicates about the venue itself: which it is, where it sits, whom it reaches."""

from __future__ import annotations

from msgspec import structs

from data.facts.law import VenueReach
from data.facts.vocabulary import VenueKind
from rules.condition_ids import other_company_id, turning_id
from rules.law.observation import Observation
from rules.law.places import Codes, within
from rules.law.reach import Reach, solicits
from rules.law.standing import company_for
from rules.law.truth import Truth, agrees, truth_of
from rules.law.view import View
from rules.trade import denial_of


def at_venue(venues: tuple[str, ...], view: View) -> Truth:
    """Say whether the venue is one of these."""
    return truth_of(view.standing.id in venues)


def see_venue(venues: tuple[str, ...], view: View) -> Observation:
    """Describe the venue."""
    return Observation(f"the venue is {view.standing.name}", observed=view.standing.id, limit=", ".join(venues))


def of_venue_kind(kinds: tuple[VenueKind, ...], view: View) -> Truth:
    """Say whether the venue is of one of these kinds."""
    return truth_of(view.standing.kind in kinds)


def see_venue_kind(kinds: tuple[VenueKind, ...], view: View) -> Observation:
    """Describe the venue's kind."""
    kind = view.standing.kind.value
    return Observation(f"{view.standing.name} is a {kind}", kind, ", ".join(one.value for one in kinds))


def seated_in(codes: Codes, view: View) -> Truth:
    """Say whether the venue is established in one of these places."""
    home = view.standing.home
    return Truth.UNKNOWN if home is None else within(home, codes)


def see_seat(codes: Codes, view: View) -> Observation:
    """Describe where the venue is established."""
    return _see_home(", ".join(sorted(codes.names)), view)


def _see_home(limit: str, view: View) -> Observation:
    home = view.standing.home
    if home is None:
        return Observation(f"no source names where {view.standing.name} is established", limit=limit)
    return Observation(f"{view.standing.name} is established in {home.code}", home.code, limit)


def serves_from_seat(view: View) -> Truth:
    """Say whether the company at the venue's seat is the one that serves the client.

    Where another company of the group is registered for the client's residence, only the caller can tell.
    """
    standing, residence = view.standing, view.residence
    if company_for(standing, residence) is None:
        return Truth.YES
    answer = other_company_id(standing.id, residence.code)
    if answer in view.asked.conditions_met:
        return Truth.NO
    return Truth.YES if denial_of(answer) in view.asked.conditions_met else Truth.UNKNOWN


def see_serving(view: View) -> Observation:
    """Say that it is not known which company of the venue's group serves the client, and ask."""
    standing, residence = view.standing, view.residence
    seat = standing.home.code if standing.home is not None else "its seat"
    return Observation(
        f"{standing.name} is established in {seat} and its group is registered in"
        f" {company_for(standing, residence)} too, so which company serves the client is not known",
        seat,
        ask=f"Does another company of {standing.name}'s group than that in {seat} serve clients in {residence.code}?",
        condition=other_company_id(standing.id, residence.code),
    )


def in_zone(zones: tuple[str, ...], country: str, view: View) -> Truth:
    """Say whether the venue sits in one of these zones of a country."""
    standing = view.standing
    if standing.zone is not None:
        return truth_of(standing.zone in zones)
    if standing.home is None or standing.home.country == country:
        return Truth.UNKNOWN
    return Truth.NO


def see_zone(zones: tuple[str, ...], view: View) -> Observation:
    """Describe the zone the venue sits in."""
    zone = view.standing.zone
    says = f"{view.standing.name} sits in {zone}" if zone else f"no source names a zone for {view.standing.name}"
    return Observation(says, zone, ", ".join(zones))


def reaches(reach: VenueReach, codes: Codes, view: View) -> Truth:
    """Say whether the venue turns to those who live in one of the codes, so that a law with such a reach covers it.

    What nothing on file shows, the caller may say.
    """
    evidence = _evidence(reach, codes, view)
    if evidence.truth is not Truth.UNKNOWN:
        return evidence.truth
    answer = turning_id(view.standing.id, view.residence.code)
    if answer in view.asked.conditions_met:
        return Truth.YES
    return Truth.NO if denial_of(answer) in view.asked.conditions_met else Truth.UNKNOWN


def see_reach(reach: VenueReach, codes: Codes, view: View) -> Observation:
    """Describe what shows that the law reaches the venue, or ask; what is only taken to be so is told as such."""
    standing, place = view.standing, view.residence.code
    evidence, answer = _evidence(reach, codes, view), turning_id(view.standing.id, view.residence.code)
    if evidence.truth is not Truth.UNKNOWN:
        taken = "; that it turns to residents there is taken from that alone" if evidence.presumed else ""
        return Observation(f"{evidence.why}{taken}", source=evidence.source, flag=evidence.flag)
    if answer in view.asked.conditions_met:
        return Observation(f"the caller says that {standing.name} turns to residents of {place}")
    if denial_of(answer) in view.asked.conditions_met:
        return Observation(f"the caller says that {standing.name} does not turn to residents of {place}")
    unsaid = ", which does not show that it turns to residents there" if evidence.presumed else ""
    return Observation(
        f"{evidence.why}{unsaid}",
        source=evidence.source,
        flag=evidence.flag,
        ask=f"Does {standing.name} turn to residents of {place}, by marketing or by terms that name the place?",
        condition=answer,
    )


def _evidence(reach: VenueReach, codes: Codes, view: View) -> Reach:
    """Return what shows that the venue turns to residents; for a law on marketing a presumption does not suffice."""
    evidence = solicits(view.standing, view.residence, codes, view.asked.product)
    if evidence.presumed and reach is VenueReach.MARKETS:
        return structs.replace(evidence, truth=Truth.UNKNOWN)
    return evidence


def has_nexus(codes: Codes, assumed: bool, view: View) -> Truth:
    """Say whether the venue is a person of one of these places.

    A registration there of some company of the group does not say which company serves the client.
    """
    if assumed:
        return Truth.YES
    home = view.standing.home
    if home is None:
        return Truth.UNKNOWN
    truth = within(home, codes)
    if truth is Truth.NO and not codes.names.isdisjoint(view.standing.registered_in):
        return Truth.UNKNOWN
    return truth


def see_nexus(codes: Codes, assumed: bool, view: View) -> Observation:
    """Describe the venue's link to the places."""
    names = ", ".join(sorted(codes.names))
    if assumed:
        return Observation(f"a link of {view.standing.name} to {names} is assumed", flag="assumed")
    seen = _see_home(names, view)
    if view.standing.home is None or has_nexus(codes, assumed, view) is not Truth.UNKNOWN:
        return seen
    says = f"{seen.says} and its group is registered in {names} too, so which company serves the client is not known"
    return structs.replace(seen, says=says)


def multilateral_is(wanted: bool, view: View) -> Truth:
    """Compare whether many buyers and sellers meet on the venue. Of a broker that is not known."""
    kind = view.standing.kind
    return Truth.UNKNOWN if kind is VenueKind.BROKER else truth_of(wanted)


def see_multilateral(view: View) -> Observation:
    """Describe whether the venue is multilateral."""
    kind = view.standing.kind.value
    says = f"{view.standing.name} is a {kind}"
    return Observation(
        f"{says}, a multilateral market" if kind != "broker" else f"{says}, its market is not known", kind
    )


def foreign_is(wanted: bool, country: str, view: View) -> Truth:
    """Compare whether the venue is a board of trade outside the rule's country."""
    home = view.standing.home
    return Truth.UNKNOWN if home is None else agrees(truth_of(home.country != country), wanted)


def see_foreign(country: str, view: View) -> Observation:
    """Describe whether the venue sits abroad."""
    return _see_home(country, view)
