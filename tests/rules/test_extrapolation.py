"""What rests on facts of a later day says so, and nothing else does."""

from __future__ import annotations

from datetime import date

import pytest
from msgspec import structs

from data.facts.dates import Precision
from data.facts.venues import StatusPeriod, Venue
from data.facts.vocabulary import Product, VenueState
from data.release_facts import ReleaseFacts
from rules.check import CATALOGUE
from rules.checks import load_catalogue
from rules.decision import Effect, Family, Finding, Outcome
from rules.eligibility import eligibility
from rules.terms.extrapolation import FLAG, RESTS_ON, Extrapolated, Subject, extrapolated_among, flag_extrapolated
from rules.trade import Client, TradeShape
from tests.release.sample import PAGE, corpus, instrument, said
from tests.rules.world import on

FACTS = ReleaseFacts("rel_sample", corpus())
EARLY, LATE = date(2026, 8, 31), date(2026, 9, 1)
"""The days before and from which on the page of the sample is certain."""


def north(**changes: object) -> Venue:
    return structs.replace(FACTS.venues["north"], **changes)


def in_2023() -> StatusPeriod:
    """Return a state that began in some month of 2023."""
    return StatusPeriod(
        state=VenueState.OPERATING, valid_from=date(2023, 1, 1), valid_from_precision=Precision.YEAR, source=PAGE
    )


def finding(rule: str, outcome: Outcome = Outcome.PASS, *sources: str, flags: tuple[str, ...] = ()) -> Finding:
    family = Family(rule.partition(".")[0]) if rule in RESTS_ON else Family.JURISDICTION
    return Finding(rule, family, outcome, Effect.DENY, "", sources, flags=flags)


def flagged(*findings: Finding, sources: tuple[str, ...] = (), rules: tuple[str, ...] = ()) -> list[bool]:
    some = list(findings)
    flag_extrapolated(some, Extrapolated(sources=frozenset(sources), rules=frozenset(rules)))
    return [FLAG in one.flags for one in some]


def test_a_fact_is_extrapolated_up_to_the_day_it_is_certain_from() -> None:
    undated = {Subject.FEES: (None, instrument("BTCUSDT"))}
    found = extrapolated_among(undated, north(), FACTS.on(EARLY))
    assert found is not None
    assert found.sources == {PAGE}
    assert "cost.fees_on_margin" in found.rules
    assert "liquidation.distance" not in found.rules
    assert extrapolated_among(undated, north(), FACTS.on(date(2026, 11, 21))) is None


def test_a_dated_fact_is_not() -> None:
    dated = {Subject.FEES: (instrument("BTCUSDT", **said("", valid_from=date(2020, 1, 1))),)}
    state = StatusPeriod(state=VenueState.OPERATING, valid_from=date(2019, 1, 1), source=PAGE)
    assert extrapolated_among(dated, north(status=(state,)), FACTS.on(EARLY)) is None


@pytest.mark.parametrize(
    ("status", "day", "told"),
    [
        (StatusPeriod(state=VenueState.OPERATING, source=PAGE), EARLY, True),
        (StatusPeriod(state=VenueState.OPERATING, source=PAGE), LATE, False),
        (StatusPeriod(state=VenueState.OPERATING, valid_from=LATE, source=PAGE), EARLY, True),
        (StatusPeriod(state=VenueState.OPERATING, valid_from=EARLY, source=PAGE), EARLY, False),
        (StatusPeriod(state=VenueState.OPERATING), EARLY, False),
        (in_2023(), date(2023, 12, 30), True),
        (in_2023(), date(2023, 12, 31), False),
        (StatusPeriod(state=VenueState.OPERATING, source="north.news"), date(2025, 3, 30), True),
        (StatusPeriod(state=VenueState.OPERATING, source="north.news"), date(2025, 3, 31), False),
    ],
)
def test_the_state_of_a_venue_is_known_from_its_start_or_its_source_on(
    status: StatusPeriod, day: date, told: bool
) -> None:
    found = extrapolated_among({}, north(status=(status,), id="nobody"), FACTS.on(day))
    assert (found is not None and "access.product_offered" in found.rules) is told


def test_findings_that_name_the_source_are_flagged_once() -> None:
    assert flagged(finding("us.one", Outcome.FAIL, "a", "b"), finding("us.two", Outcome.PASS, "c"), sources=("b",)) == [
        True,
        False,
    ]
    some = [finding("us.one", Outcome.FAIL, "b", flags=("low_confidence", FLAG))]
    flag_extrapolated(some, Extrapolated(sources=frozenset("b"), rules=frozenset()))
    assert some[0].flags == ("low_confidence", FLAG)


def test_a_figure_that_could_not_be_computed_rests_on_nothing() -> None:
    rule = "liquidation.distance"
    outcomes = (Outcome.PASS, Outcome.FAIL, Outcome.UNKNOWN, Outcome.SKIPPED)
    assert flagged(*(finding(rule, one) for one in outcomes), rules=(rule,)) == [True, True, False, False]


def test_coverage_rests_on_the_law_it_names() -> None:
    early = finding("ae.rule", Outcome.FAIL, "ae.text", flags=(FLAG,))
    unread = finding("ae.other", Outcome.SKIPPED, "ae.page", flags=(FLAG,))
    coverage = finding("jurisdiction.coverage", Outcome.PASS, "ae.text")
    assert flagged(early, unread, coverage)[2] is True
    assert flagged(early, unread, structs.replace(coverage, sources=("ae.page",)))[2] is False


def test_every_rule_of_the_table_exists() -> None:
    load_catalogue()
    assert set(RESTS_ON) <= set(CATALOGUE)


def test_eligibility_says_it_too() -> None:
    shape = TradeShape(base="BTC", product=Product.PERPETUAL, client=Client(residence="AE"))

    def open_there(day: date) -> Finding:
        (row,) = eligibility(shape, on(day), ("binance",))
        return next(one for one in row.findings if one.rule == "access.venue_open")

    assert open_there(date(2026, 1, 1)).flags == (FLAG,)
    assert open_there(date(2026, 11, 21)).flags == ()
