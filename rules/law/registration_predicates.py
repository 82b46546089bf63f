"""Predicates about registrations: which the venue, its group or the firm in between holds."""

from __future__ import annotations

from collections.abc import Iterable

from data.facts.law import LawProduct, RegistrationCategory
from data.facts.vocabulary import VenueKind
from rules.condition_ids import holding_id, listed_id
from rules.law.observation import Observation
from rules.law.standing import Standing
from rules.law.truth import Truth, negated, truth_of
from rules.law.view import View
from rules.spoken import any_of, spoken


def holds_any(
    wanted: tuple[RegistrationCategory, ...], standing: Standing, product: LawProduct
) -> tuple[Truth, RegistrationCategory | None]:
    """Say whether a venue's group holds one of the categories for a product, and which.

    The registration of a market is that of the market which lists the contract: a broker that may carry orders there,
    or an account that reaches such a market, leaves it unknown. Where the caller vouches for one of several categories,
    all of which are wanted, that is a yes.
    """
    found: tuple[Truth, RegistrationCategory | None] = (Truth.NO, None)
    for category in wanted:
        truth = standing.holds(category.id, product)
        if truth is Truth.YES:
            return truth, category
        if truth is Truth.NO and leads_to(standing, category, product):
            truth = truth_of(standing.listed.get(category.id))
        if truth is Truth.YES:
            return truth, category
        if truth is not Truth.NO:
            found = (Truth.UNKNOWN, category)
    if standing.vouches and standing.vouched_among(frozenset(category.id for category in wanted)) is not None:
        return Truth.YES, found[1]
    return found


def leads_to(standing: Standing, category: RegistrationCategory, product: LawProduct) -> bool:
    """Say whether a venue that is no such market itself may carry orders to one, or its accounts may reach one."""
    if not category.market:
        return False
    if standing.kind is VenueKind.BROKER and any(
        standing.holds(through, product) is not Truth.NO for through in category.reached_through
    ):
        return True
    return category.id in standing.reached.get(product, ())


def venue_holds(wanted: tuple[RegistrationCategory, ...], view: View) -> Truth:
    """Say whether the venue holds one of the categories."""
    return holds_any(wanted, view.standing, view.asked.product)[0]


def venue_lacks(wanted: tuple[RegistrationCategory, ...], view: View) -> Truth:
    """Say whether the venue holds none of the categories."""
    return negated(venue_holds(wanted, view))


def see_holdings(wanted: tuple[RegistrationCategory, ...], view: View) -> Observation:
    """Describe what the venue holds of the categories."""
    truth, category = holds_any(wanted, view.standing, view.asked.product)
    names = ", ".join(one.id for one in wanted)
    name = view.standing.name
    if category is None:
        return _see_none(wanted, view)
    if view.standing.vouches:
        vouched = _see_vouched(wanted, truth, category, view)
        if vouched is not None:
            return vouched
    registration = view.standing.registration_of(category.id)
    source = registration.source if registration is not None else None
    if truth is Truth.YES and category.id in view.standing.listed and registration is None:
        return Observation(f"the caller vouches that a {category.id} lists the contract", category.id, names)
    if truth is Truth.YES:
        doubtful = registration is not None and registration.low_confidence
        if registration is None and view.standing.told:
            return Observation(f"the caller vouches that {name} holds {category.id}", category.id, names)
        return Observation(
            f"{name} holds {category.id} ({category.name})",
            category.id,
            names,
            source=source,
            flag="low_confidence" if doubtful else None,
        )
    leads = view.standing.holds(category.id, view.asked.product) is Truth.NO
    if leads and category.market and view.standing.kind is VenueKind.BROKER:
        says = f"{name} is a broker, and whether the contract is listed by a {category.id} is not known"
        return Observation(says, limit=names, ask=_LISTED.format(category.id), condition=listed_id(category))
    if leads and category.id in view.standing.reached.get(view.asked.product, ()):
        says = f"an account at {name} may reach contracts of a {category.id}, and whether this is one is not known"
        return Observation(says, limit=names, ask=_LISTED.format(category.id), condition=listed_id(category))
    return _see_possible(category, names, view)


_LISTED = "Is the contract listed by a {}?"


def _see_possible(category: RegistrationCategory, names: str, view: View) -> Observation:
    """Describe a category that the venue may hold: by a registration that may include it, or of unknown start."""
    standing = view.standing
    by = standing.may_hold_by(category.id, view.asked.product)
    says, ask = f"whether {standing.name} holds {category.id} is not known", f"Does {standing.name} hold {category.id}?"
    if by is None:
        return Observation(says, limit=names, ask=ask)
    answer, day = holding_id(standing.id, category.id), standing.day.isoformat()
    if not by.extrapolated_on(standing.day):
        return Observation(says, limit=names, source=by.source, ask=ask, condition=answer)
    held = "did" if by.category == category.id else f"held {category.id}"
    return Observation(
        f"that {standing.name} holds {by.category} is known from {by.certain_from.isoformat()} on, and whether it"
        f" {held} on {day} is not",
        limit=names,
        source=by.source,
        ask=f"Did {standing.name} hold {category.id} on {day}?",
        condition=answer,
    )


def _see_none(wanted: tuple[RegistrationCategory, ...], view: View) -> Observation:
    """Describe a venue that holds none of the categories for the product, though perhaps one for other products."""
    standing, names = view.standing, ", ".join(one.id for one in wanted)
    for category in wanted:
        for holding in standing.holdings.get(category.id, ()):
            if holding.certain:
                alone = " and ".join(sorted(spoken(one) for one in holding.products))
                source = holding.registration.source if holding.registration is not None else None
                return Observation(
                    f"{standing.name} holds {category.id} for {alone} alone", "none", names, source=source
                )
    return Observation(f"{standing.name} is not known to hold {any_of(_ids(wanted))}", "none", names)


def _see_vouched(
    wanted: tuple[RegistrationCategory, ...], truth: Truth, category: RegistrationCategory, view: View
) -> Observation | None:
    """Describe a holding that the caller vouches for; null where what is on file decides."""
    standing, names = view.standing, ", ".join(one.id for one in wanted)
    if truth is Truth.YES:
        on_file = standing.registration_of(category.id) is not None
        if on_file and standing.holds(category.id, view.asked.product) is Truth.YES:
            return None
        among = standing.vouched_among(frozenset(one.id for one in wanted))
        held = " or ".join(among.any_of) if among is not None else category.id
        return Observation(f"the caller vouches that {standing.name} holds {held}", category.id, names)
    for one in wanted:
        possible = standing.possibly_vouched(one.id)
        if possible is not None:
            listed, answer = ", ".join(possible.any_of), holding_id(standing.id, one.id)
            return Observation(
                f"the caller vouches that {standing.name} holds one of {listed}, and not which"
                if len(possible.any_of) > 1
                else f"the caller vouches that {standing.name} holds {listed}, which may include {one.id}",
                limit=names,
                ask=f"Which does {standing.name} hold: {listed}? Name it in conditions_met, as in {answer}."
                if len(possible.any_of) > 1
                else f"Does {standing.name} hold {one.id}?",
                condition=answer,
            )
    return None


def firm_holds(wanted: tuple[RegistrationCategory, ...], view: View) -> Truth:
    """Say whether the firm that carries the account holds one of the categories.

    Without a named firm the venue carries it; on a market that lists contracts some firm that is not named, or unseen
    an affiliate that holds the category or may.
    """
    firm, product = view.asked.intermediary, view.asked.product
    if firm is None:
        held, _ = holds_any(wanted, view.standing, product)
        if held is not Truth.NO:
            return held
        unseen = view.standing.is_market_for(product) or any(
            holds_any(wanted, one, product)[0] is not Truth.NO for one in view.affiliates
        )
        return Truth.UNKNOWN if unseen else Truth.NO
    if firm in view.standings:
        standing = view.standing if firm == view.standing.id else view.standings[firm]
        return holds_any(wanted, standing, product)[0]
    held_by_firm = view.firms.get(firm)
    if held_by_firm is None:
        return Truth.UNKNOWN
    certain = [held_by_firm[one.id] for one in wanted if one.id in held_by_firm]
    return Truth.UNKNOWN if certain and not any(certain) else truth_of(bool(certain))


def see_firm(wanted: tuple[RegistrationCategory, ...], view: View) -> Observation:
    """Describe what the firm that carries the order holds."""
    firm = view.asked.intermediary
    names, wished = ", ".join(_ids(wanted)), any_of(_ids(wanted))
    truth = firm_holds(wanted, view)
    if firm is None:
        name = view.standing.name
        if truth is Truth.YES:
            held, source = _held_by(view.standing, wanted, view)
            return Observation(f"the group of {name} holds {held}", limit=names, source=source)
        if truth is Truth.NO:
            says = f"no firm is named that carries the account, and {name} is not known to hold {wished}"
            return Observation(says, limit=names)
        if venue_holds(wanted, view) is Truth.UNKNOWN:
            return see_holdings(wanted, view)
        return Observation("the firm that carries the account is not given", limit=names, field="intermediary")
    if truth is Truth.UNKNOWN and firm not in view.firms and firm not in view.standings:
        return Observation(f"what {view.firm_name(firm)} holds is not on file", firm, names, field="intermediary")
    if truth is Truth.UNKNOWN:
        name = view.firm_name(firm)
        ask = f"Did {name} hold {wished} on {view.standing.day.isoformat()}?"
        return Observation(f"whether {name} held {wished} on this day is not certain", firm, names, ask=ask)
    if truth is not Truth.YES:
        return Observation(f"{view.firm_name(firm)} is not known to hold {wished}", firm, names)
    if firm in view.standings:
        held, source = _held_by(view.standing if firm == view.standing.id else view.standings[firm], wanted, view)
    else:
        held, source = " and ".join(one for one in _ids(wanted) if view.firms[firm].get(one)), None
    return Observation(f"{view.firm_name(firm)} holds {held}", firm, names, source=source)


def party_holds(wanted: tuple[RegistrationCategory, ...], view: View) -> Truth:
    """Say whether the venue holds one of the categories, or the firm that carries the account there."""
    at_venue_itself = venue_holds(wanted, view)
    if at_venue_itself is Truth.YES:
        return at_venue_itself
    by_firm = firm_holds(wanted, view)
    return at_venue_itself if by_firm is Truth.NO else by_firm


def see_party(wanted: tuple[RegistrationCategory, ...], view: View) -> Observation:
    """Describe which of the venue and the firm that carries the order holds one of the categories."""
    at_venue_itself = venue_holds(wanted, view)
    if at_venue_itself is Truth.YES or firm_holds(wanted, view) is Truth.NO:
        return see_holdings(wanted, view)
    return see_firm(wanted, view)


def _held_by(standing: Standing, wanted: tuple[RegistrationCategory, ...], view: View) -> tuple[str, str | None]:
    """Return which of the categories a venue's group holds, and the source of the registration that shows it.

    Where the caller vouches for one of several, that is one of these.
    """
    _, category = holds_any(wanted, standing, view.asked.product)
    vouch = standing.vouched_among(frozenset(_ids(wanted))) if standing.vouches else None
    on_file = category is not None and standing.holds(category.id, view.asked.product) is Truth.YES
    if vouch is not None and not on_file:
        return " or ".join(vouch.any_of), None
    assert category is not None  # noqa: S101 - asked only where one is held
    registration = standing.registration_of(category.id)
    return category.id, registration.source if registration is not None else None


def _ids(categories: Iterable[RegistrationCategory]) -> list[str]:
    return [one.id for one in categories]
