"""The vocabulary of conditions: each field of `Condition`, bound to what evaluates and describes it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from msgspec import Struct

from data.facts.dates import render_partial_date
from data.facts.law import (
    Allow,
    Answer,
    Condition,
    LawEffect,
    LawQuestion,
    LawRule,
    RegistrationCategory,
    RequireDisclosure,
    Role,
    VenueReach,
)
from rules.condition_ids import in_force_id
from rules.law import client_predicates as client
from rules.law import licence_predicates as licence
from rules.law import registration_predicates as registration
from rules.law import trade_predicates as trade
from rules.law import venue_predicates as venue
from rules.law.observation import Observation
from rules.law.places import EVERYWHERE, Codes, codes_of
from rules.law.truth import Truth, negated
from rules.law.view import View
from rules.trade import denial_of


class Test(Struct, frozen=True, kw_only=True, eq=False):
    """One bound predicate. Where a `reaching` one is false the rule does not concern the trade and leaves no finding;
    where another is false the rule was looked at and does not bite."""

    name: str
    reaching: bool
    truth: Callable[[View], Truth]
    see: Callable[[View], Observation]
    question: LawQuestion | None = None
    about_seat: bool = False
    """True when only where the venue is established is asked."""
    is_answerable: bool = False
    """True when the caller answers it in `conditions_met`, as it does a question."""
    about_person: bool = False
    """True when an attribute of the client that onboarding settles is asked."""
    is_demanded: bool = False
    """True for a question whose yes the rule demands before the order; a no then stands against the trade."""

    @property
    def is_fixed(self) -> bool:
        """Say whether the venue and the product alone decide, whoever the client is."""
        return self.name in _FIXED


_FIXED = frozenset(
    {
        "venue",
        "venue_kind",
        "venue_home",
        "venue_zone",
        "venue_nexus",
        "venue_multilateral",
        "venue_has_registration",
        "venue_lacks_registration",
        "foreign_board_of_trade",
        "financed",
    }
)


_PLAIN: dict[str, tuple[bool, Callable[[Any, View], Truth], Callable[..., Observation]]] = {
    "client_class": (True, client.of_class, client.see_class),
    "client_class_not": (True, client.not_of_class, client.see_class),
    "underlying_kind": (True, trade.of_kind, trade.see_kind),
    "asset_class": (True, trade.is_asset_class, trade.see_asset_class),
    "asset_class_not": (True, trade.is_not_asset_class, trade.see_asset_class),
    "underlying": (True, trade.on_underlying, trade.see_underlying),
    "underlying_not": (True, trade.not_on_underlying, trade.see_underlying),
    "deals_in": (True, trade.deals_in, trade.see_dealt_in),
    "quote": (True, trade.quoted_in, trade.see_quote),
    "quote_not": (True, trade.not_quoted_in, trade.see_quote),
    "collateral": (True, trade.with_collateral, trade.see_collateral),
    "venue": (True, venue.at_venue, venue.see_venue),
    "venue_kind": (True, venue.of_venue_kind, venue.see_venue_kind),
    "venue_multilateral": (True, venue.multilateral_is, venue.see_multilateral),
    "financed": (True, trade.financed_is, trade.see_financed),
    "has_expiry": (True, trade.expiry_is, trade.see_expiry),
    "natural_person": (True, client.natural_person_is, client.see_natural_person),
    "ecp": (False, client.ecp_is, client.see_ecp),
    "eligible_commercial_entity": (False, client.commercial_entity_is, client.see_commercial_entity),
    "on_sanctions_list": (False, client.on_list_is, client.see_list),
    "access_mode": (False, trade.reached_by, trade.see_access),
    "hedging": (False, trade.hedging_is, trade.see_hedging),
    "reduce_only": (False, trade.reduce_only_is, trade.see_reduce_only),
    "intermediary": (False, trade.carried_by, trade.see_carrier),
}
"""Fields whose wanted value is all that the predicate needs: whether it reaches, what evaluates, what describes.

What describes a yes or no takes the view alone.
"""

_REGISTRATIONS: dict[
    str, tuple[bool, Callable[[tuple[RegistrationCategory, ...], View], Truth], Callable[[Any, View], Observation]]
] = {
    "venue_has_registration": (True, registration.venue_holds, registration.see_holdings),
    "venue_lacks_registration": (False, registration.venue_lacks, registration.see_holdings),
    "venue_is_licensed": (True, licence.is_licensed, licence.see_licence),
    "venue_is_not_licensed": (False, licence.is_not_licensed, licence.see_licence),
    "intermediary_has_registration": (False, registration.firm_holds, registration.see_firm),
    "party_has_registration": (True, registration.party_holds, registration.see_party),
}

_ELSEWHERE = (
    "residence",
    "residence_not",
    "ties",
    "country_suffices",
    "nationality",
    "venue_home",
    "venue_zone",
    "venue_reach",
    "venue_nexus",
    "nexus_assumed",
    "foreign_board_of_trade",
)
"""Fields that `tests_of` binds one by one; together with the two tables they are every field of `Condition`."""


def tests_of(rule: LawRule, categories: Mapping[str, RegistrationCategory]) -> tuple[Test, ...]:
    """Return the bound predicates of a rule: those that decide whether it concerns the trade first.

    Where the client is comes first of all and is not among them: the index selects rules by it.
    """
    tests = [*_place_tests(rule), *_plain_tests(rule.when), *_registration_tests(rule.when, categories)]
    tests.sort(key=lambda test: not test.reaching)
    demands = _demands_its_conditions(rule.effect)
    return (*tests, *(_question_test(question, demands) for question in rule.questions))


def _demands_its_conditions(effect: LawEffect) -> bool:
    """Say whether a rule holds the trade until its conditions are met, so that one denied stands against the trade."""
    match effect:
        case Allow(must_hold=True) | RequireDisclosure(holds_trade=True):
            return True
    return False


def _plain_tests(when: Condition) -> Iterator[Test]:
    for name, (reaching, truth, see) in _PLAIN.items():
        wanted = getattr(when, name)
        if wanted is not None and wanted != ():
            yield Test(
                name=name,
                reaching=reaching,
                truth=partial(truth, wanted),
                see=see if isinstance(wanted, bool) else partial(see, wanted),
                about_person=name == "on_sanctions_list",
            )


def _registration_tests(when: Condition, categories: Mapping[str, RegistrationCategory]) -> Iterator[Test]:
    for name, (reaching, truth, see) in _REGISTRATIONS.items():
        wanted = tuple(categories[one] for one in getattr(when, name))
        if wanted:
            yield Test(name=name, reaching=reaching, truth=partial(truth, wanted), see=partial(see, wanted))


def _place_tests(rule: LawRule) -> Iterator[Test]:
    when = rule.when
    country = rule.jurisdiction.partition("-")[0]
    if when.residence_not:
        codes = codes_of(when.residence_not)
        yield _reaching(
            "residence_not", partial(client.not_in, codes, when.ties), partial(client.see_not_in, codes, when.ties)
        )
    if when.nationality:
        yield _nationality(codes_of(when.nationality))
    if when.venue_home:
        codes = codes_of(when.venue_home)
        yield _reaching("venue_home", partial(venue.seated_in, codes), partial(venue.see_seat, codes), seat=True)
    if when.venue_zone:
        zones = when.venue_zone
        yield _reaching(
            "venue_zone",
            partial(venue.in_zone, zones, country),
            partial(venue.see_zone, zones),
            seat=True,
        )
    if EVERYWHERE in when.residence and (when.venue_home or when.venue_zone):
        yield Test(
            name="serves_from_seat",
            reaching=True,
            truth=venue.serves_from_seat,
            see=venue.see_serving,
            is_answerable=True,
        )
    if when.venue_reach is not VenueReach.SERVES:
        codes, reach = codes_of(when.residence), when.venue_reach
        yield Test(
            name="venue_reach",
            reaching=False,
            truth=partial(venue.reaches, reach, codes),
            see=partial(venue.see_reach, reach, codes),
        )
    if when.venue_nexus:
        codes, assumed = codes_of(when.venue_nexus), when.nexus_assumed
        yield _reaching(
            "venue_nexus",
            partial(venue.has_nexus, codes, assumed),
            partial(venue.see_nexus, codes, assumed),
            seat=True,
        )
    if when.foreign_board_of_trade is not None:
        wanted = when.foreign_board_of_trade
        yield _reaching(
            "foreign_board_of_trade",
            partial(venue.foreign_is, wanted, country),
            partial(venue.see_foreign, country),
        )


def start_of(rule: LawRule) -> Test:
    """Return whether a rule has begun, on a day on which its sources leave that open."""
    return Test(
        name="in_force",
        reaching=False,
        truth=partial(_begun, rule),
        see=partial(_see_start, rule),
        is_answerable=True,
    )


def _begun(rule: LawRule, view: View) -> Truth:
    condition = in_force_id(rule)
    if condition in view.asked.conditions_met:
        return Truth.YES
    return Truth.NO if denial_of(condition) in view.asked.conditions_met else Truth.UNKNOWN


def _see_start(rule: LawRule, view: View) -> Observation:
    truth, condition = _begun(rule, view), in_force_id(rule)
    if truth is not Truth.UNKNOWN:
        return Observation(f"the caller {'vouches for' if truth is Truth.YES else 'denies'} {condition}")
    if rule.valid_from is None:
        start = rule.certain_from.isoformat()
        says = f"it is known from {start} on, and since when it holds is not on file"
    else:
        start = render_partial_date(rule.valid_from, rule.valid_from_precision)
        says = f"it started in {start}, and on which day is not on file"
    return Observation(
        says,
        limit=start,
        ask=f"Was this rule in force on {view.standing.day.isoformat()}?",
        condition=condition,
    )


def _reaching(
    name: str, truth: Callable[[View], Truth], see: Callable[[View], Observation], *, seat: bool = False
) -> Test:
    return Test(name=name, reaching=True, truth=truth, see=see, about_seat=seat)


def _nationality(codes: Codes) -> Test:
    return Test(
        name="nationality",
        reaching=True,
        truth=partial(client.of_nationality, codes),
        see=partial(client.see_nationality, codes),
        about_person=True,
    )


def _question_test(question: LawQuestion, demands: bool) -> Test:
    return Test(
        name=f"question.{question.id}",
        reaching=False,
        truth=partial(_answer, question),
        see=partial(_see_answer, question),
        question=question,
        is_demanded=demands and question.role is Role.CONDITION,
    )


def _answer(question: LawQuestion, view: View) -> Truth:
    """Say whether a question leaves the rule standing: a condition that is met, or an exemption that is not."""
    asked = view.asked
    if denial_of(question.id) in asked.conditions_met:
        said = Truth.NO
    elif (
        question.id in asked.conditions_met
        or view.standing.id in question.known_at
        or (asked.base is not None and asked.base in question.known_for)
    ):
        said = Truth.YES
    else:
        said = _ASSUMED[_assumed(question, view)]
    return said if question.role is Role.CONDITION else negated(said)


def _assumed(question: LawQuestion, view: View) -> Answer:
    return Answer.UNKNOWN if view.standing.id in question.open_at else question.assume


_ASSUMED = {Answer.YES: Truth.YES, Answer.NO: Truth.NO, Answer.UNKNOWN: Truth.UNKNOWN}


def _see_answer(question: LawQuestion, view: View) -> Observation:
    asked = view.asked
    if denial_of(question.id) in asked.conditions_met:
        return Observation(f"the caller denies {question.id}", observed=question.id)
    if question.id in asked.conditions_met:
        return Observation(f"the caller vouches for {question.id}", observed=question.id)
    if view.standing.id in question.known_at:
        return Observation(f"the sources show {question.id} for {view.standing.name}", observed=question.id)
    if asked.base is not None and asked.base in question.known_for:
        return Observation(f"the sources show {question.id} for {asked.base}", observed=question.id)
    assumed = _assumed(question, view)
    if assumed is Answer.UNKNOWN:
        return Observation(f"it is not known: {question.ask}")
    return Observation(f"taken {'to be' if assumed is Answer.YES else 'not to be'} so: {question.ask}")
