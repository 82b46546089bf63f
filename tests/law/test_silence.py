"""Law that was read for coins and not for the kind at hand: nobody's word makes up for what was not read."""

from __future__ import annotations

from typing import Any

from data.facts.law import Allow, Condition, InForce, LawProduct, LawRule, UnderlyingKind, VenueReach
from data.facts.vocabulary import ClientClass
from rules.condition_ids import permission_id, turning_id
from rules.decision import Finding, Reason
from rules.trade import denial_of
from tests.law.made_up import asked, found, knowledge_of, rule

CRYPTO, EQUITY, STABLECOIN = UnderlyingKind.CRYPTO, UnderlyingKind.EQUITY, UnderlyingKind.STABLECOIN
PERMITTED = permission_id("US-FL", LawProduct.PERPETUAL, "bybit", "equity")
NOT_TURNED_TO = denial_of(turning_id("bybit", "US-FL"))
UNREAD = "of those on shares nothing was read"


def of(kind: UnderlyingKind, id: str = "us_coins", **condition: Any) -> LawRule:  # noqa: A002
    """Return a prohibition of the place for underlyings of one kind."""
    return rule(id, when=Condition(**{"residence": ("US",), "underlying_kind": (kind,), **condition}))


def of_the_seat(*, effect: Allow | None = None, **condition: Any) -> LawRule:
    """Return a rule of the Seychelles, where Bybit sits, on coins and for all clients."""
    when = Condition(residence=("*",), underlying_kind=(CRYPTO,), **condition)
    return rule("sc_coins", jurisdiction="SC", effect=effect, when=when)


def coverage(*rules: LawRule, met: tuple[str, ...] = (), base: str = "TSLA", **fields: Any) -> Finding:
    return found(knowledge_of(*rules), asked(base=base, conditions_met=met, **fields))["jurisdiction.coverage"]


def can_be_vouched_for(finding: Finding) -> bool:
    return finding.question is not None and finding.question.id is not None


def test_where_law_was_read_for_coins_alone_nobody_vouches_for_shares() -> None:
    for met in ((), (PERMITTED,)):
        open_ = coverage(of(CRYPTO), met=met)
        assert (open_.outcome, open_.reason) == ("unknown", Reason.UNKNOWN)
        assert UNREAD in open_.message
        assert not can_be_vouched_for(open_)
    denied = coverage(of(CRYPTO), met=(denial_of(PERMITTED),))
    assert (denied.outcome, denied.reason) == ("fail", Reason.PROHIBITED)


def test_what_is_on_no_file_at_all_the_caller_vouches_for() -> None:
    assert coverage().question.id == PERMITTED  # type: ignore[union-attr]
    assert coverage(met=(PERMITTED,)).outcome == "pass"


def test_law_on_shares_leaves_nothing_out_that_was_meant_of_coins() -> None:
    assert can_be_vouched_for(coverage(of(EQUITY, "us_shares"), base="BTC"))


def test_law_on_stablecoins_says_nothing_of_what_is_no_coin() -> None:
    assert coverage(of(STABLECOIN)).question.id == PERMITTED  # type: ignore[union-attr]


def test_law_that_is_announced_leaves_nothing_out_yet() -> None:
    announced = rule("us_coins", when=of(CRYPTO).when, in_force=InForce.ANNOUNCED)
    assert can_be_vouched_for(coverage(announced))


def test_a_permission_of_what_is_no_coin_names_its_kind() -> None:
    asked_for = coverage().question
    assert asked_for is not None
    assert "trade perpetuals on shares at Bybit" in asked_for.ask


def test_a_rule_that_something_else_keeps_from_the_trade_leaves_nothing_out() -> None:
    for_others = of(CRYPTO, client_class=(ClientClass.ECP,))
    assert can_be_vouched_for(coverage(for_others))
    assert UNREAD in coverage(for_others, client_class=ClientClass.ECP).message


def test_how_far_the_law_reaches_is_known_only_where_law_on_the_kind_was_read() -> None:
    soliciting = {"venue_reach": VenueReach.SOLICITS}
    of_coins, of_shares = of(CRYPTO, **soliciting), of(EQUITY, "us_shares", **soliciting)
    unread = coverage(of_coins, met=(NOT_TURNED_TO, PERMITTED))
    assert (unread.outcome, UNREAD in unread.message) == ("unknown", True)
    both = coverage(of_coins, of_shares, met=(NOT_TURNED_TO,))
    assert (both.outcome, both.reason) == ("unknown", Reason.NOT_PERMITTED)
    assert coverage(of_coins, of_shares, met=(NOT_TURNED_TO, PERMITTED)).outcome == "pass"


def test_the_law_of_the_venue_s_seat_may_leave_the_kind_out_too() -> None:
    seat = of_the_seat(venue_home=("SC",))
    assert "perpetuals where Bybit sits or may sit (sc.coins) speak of other" in coverage(seat).message
    assert not can_be_vouched_for(coverage(seat, met=(PERMITTED,)))
    assert "perpetuals for clients in US-FL speak of other" in coverage(seat, of(CRYPTO)).message
    assert can_be_vouched_for(coverage(of_the_seat(venue_home=("AE",))))


def test_what_the_seat_permits_or_says_of_one_venue_leaves_no_kind_out() -> None:
    assert can_be_vouched_for(coverage(of_the_seat(venue_home=("SC",), effect=Allow())))
    assert can_be_vouched_for(coverage(of_the_seat(venue=("bybit",))))
