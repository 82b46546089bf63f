"""Every fail that a change of the trade could turn into a pass says which; the tables say of the others why not.

Of law, whose cases are many, `tests/law/test_cases.py` says so as it decides them.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

import pytest
from msgspec import structs

from data.facts.venues import AdlPolicy, Instrument, LiquidationPolicy
from data.facts.vocabulary import ClientClass, Product, TriggerPrice
from data.snapshot import Snapshot
from rules.check import CATALOGUE
from rules.decision import Conclusion, Family, Finding, Outcome, Remedy
from rules.eligibility import eligibility
from rules.engine import decide
from rules.remembered import Remembered
from rules.trade import Client, TradeShape
from tests.rules.test_cases import CASES, concluded
from tests.rules.world import facts, on, policy_of, trade_of

DAY = date(2026, 11, 21)

WITHOUT_REMEDY = {
    "access.intermediary": "another firm, or none, is the caller's to find: no fact says which would take the client",
    "access.product_offered": "fails only where the caller says that the venue does not offer it",
    "cost.funding_annualised": "the funding rate is the market's; only waiting or the other side changes it",
    "cost.funding_rate_in_bounds": "the rate is the caller's observation, which the venue's bounds contradict",
    "depth.cluster_cushion": "what rests before the cluster is the market's",
    "depth.imbalance": "which way the book leans is the market's",
    "depth.spread": "the spread is the market's",
    "depth.thin_before_liquidation": "where nothing rests is the market's",
    "depth.vanished_walls": "what others withdraw is theirs",
    "liquidation.model_exact": "how far our arithmetic follows the venue's does not hang on the trade",
}
"""Rules whose fail no change of the trade turns into a pass, each with the reason."""

NOT_ALWAYS = {
    "access.terms": "no venue on file lists the underlying and takes the client",
    "access.venue_open": "no open venue on file lists the underlying",
    "adl.accepted": "no venue that lists the underlying is known to deleverage nobody",
    "adl.score_at_target": "the venue's ranking does not know leverage, and no other is known to deleverage nobody",
    "cost.borrow_on_margin": "even unleveraged the interest is too much",
    "cost.break_even_before_target": "costs exceed what a fall to zero gains",
    "cost.fees_on_margin": "even unleveraged the fees are too much",
    "cost.funding_on_margin": "even unleveraged, and for one interval, funding is too much",
    "cost.liquidation_fee": "a cross position's margin, or the fee itself, leaves no leverage",
    "cost.share_of_stop_loss": "the stop would lie below zero",
    "cost.share_of_target": "the target would lie below zero",
    "cost.slippage_on_margin": "even unleveraged slippage is too much",
    "cost.total_on_margin": "even unleveraged, and held briefly, costs are too much",
    "depth.cluster_before_stop": "the cluster lies within a tick of the entry",
    "depth.wall_before_target": "the wall lies within a tick of the entry, or no entry is given",
    "limits.facts_fresh": "no venue's facts are fresher",
    "limits.held_before_expiry": "the contract expires on the day",
    "limits.instrument_listed": "nothing of the kind is listed beyond the day",
    "limits.leverage_cap": "the venue grants less than one",
    "limits.leverage_in_tier": "no tier grants the leverage",
    "limits.position_in_tier": "what is held already fills the tiers that grant the leverage",
    "limits.size_step": "the size is less than one step",
    "limits.triggers_on_tick": "stop and target are both off the tick, and no one field mends both",
    "liquidation.distance": "no margin that the venue takes is enough",
    "liquidation.distance_in_atr": "no margin that the venue takes is enough",
    "liquidation.distance_in_daily_ranges": "no margin that the venue takes is enough",
    "liquidation.existing_margin_call": "what is held alone exceeds the share",
    "liquidation.existing_positions": "what is held alone exhausts the equity",
    "liquidation.maintenance_share": "the maintenance rate alone exceeds the share",
    "liquidation.not_at_entry": "what is held leaves a cross account nothing, or no leverage covers maintenance",
    "liquidation.stepwise": "no venue that lists the underlying closes in parts",
    "liquidation.stop_before_liquidation": "liquidation lies at the entry, whatever the leverage",
    "liquidation.stop_before_margin_call": "the margin call lies at the entry",
    "liquidation.stop_room": "liquidation lies at the entry, whatever the leverage",
    "liquidation.trigger_price": "no venue that lists the underlying goes by another price",
    "risk.aggregate_leverage": "what is held alone exceeds the multiple, and the trade reduces none of it",
    "risk.directional_leverage": "what is held alone exceeds the multiple, and the trade reduces none of it",
    "risk.equity_positive": "an account without equity can only be funded, or reduce what it holds",
    "risk.free_collateral": "nothing is free above the reserve, or entry fee or leverage is not known",
    "risk.hedge_offsets": "nothing is held to hedge, and speculation needs a stop",
    "risk.isolated_margin": "the venue is not known to offer isolated margin for the product",
    "risk.margin_available": "nothing is free, or entry fee or leverage is not known",
    "risk.margin_per_trade": "no leverage is given, so that no size is known to pass",
    "risk.mark_near_index": "the distance of mark from index is the market's, and the trade reduces nothing held",
    "risk.open_positions": "the trade reduces none of them",
    "risk.own_opposite": "the trade is larger than what it stands against, and no one field has it reduce that alone",
    "risk.reduce_only_reduces": "nothing is held to reduce",
    "risk.reward_to_risk": "the target would lie below zero, or no rise gains an inverse long so much",
    "risk.stop_distance_in_atr": "the stop would lie below zero",
    "risk.stop_present": "without an entry price no stop can be named",
    "risk.underlying_leverage": "what is held alone exceeds the multiple, and the trade reduces none of it",
    "risk.venue_concentration": "what is posted at the venue alone exceeds the share",
}
"""Rules whose fail mostly has a remedy, each with what there is where it has none."""


def told(findings: Iterable[Finding]) -> tuple[set[str], set[str]]:
    """Return the rules that failed with a remedy, and those that failed without."""
    failed = [finding for finding in findings if finding.outcome is Outcome.FAIL and finding.rule in CATALOGUE]
    return (
        {finding.rule for finding in failed if finding.remedy is not None},
        {finding.rule for finding in failed if finding.remedy is None},
    )


@cache
def in_cases() -> tuple[set[str], set[str]]:
    return told(finding for case in CASES for finding in concluded(case.name).findings)


def test_a_rule_has_a_remedy_or_a_reason_for_none():
    offered, lacking = in_cases()
    elsewhere = {"access.terms", "adl.accepted", "limits.facts_fresh", "liquidation.trigger_price"}  # further down
    assert set(CATALOGUE) - offered - elsewhere == set(WITHOUT_REMEDY)
    assert lacking <= set(WITHOUT_REMEDY) | set(NOT_ALWAYS)
    assert not set(WITHOUT_REMEDY) & set(NOT_ALWAYS)
    assert set(NOT_ALWAYS) <= set(CATALOGUE)


class OneVenueAltered(Snapshot):
    """A snapshot in which the facts of one venue differ, and no other's."""

    def __init__(
        self,
        venue: str,
        *,
        age: int | None = None,
        trigger: TriggerPrice | None = None,
        deleverages: bool | None = None,
    ) -> None:
        super().__init__(facts(), DAY)
        self._venue, self._age, self._trigger, self._deleverages = venue, age, trigger, deleverages

    def age_days(self, venue: str, family: str) -> int | None:
        return self._age if self._age is not None and venue == self._venue else super().age_days(venue, family)

    def liquidation(self, venue: str, *asked: Any) -> LiquidationPolicy | None:
        policy = super().liquidation(venue, *asked)
        if policy is None or self._trigger is None or venue != self._venue:
            return policy
        return structs.replace(policy, trigger_price=self._trigger)

    def adl(self, venue: str, product: Product) -> AdlPolicy | None:
        policy = super().adl(venue, product)
        if policy is None or self._deleverages is None or venue != self._venue:
            return policy
        return structs.replace(policy, exists=self._deleverages)


def remedy_of(rule: str, fields: dict[str, Any], knowledge: Snapshot, policy: str = "standard") -> Remedy:
    found = {finding.rule: finding for finding in judged(fields, knowledge, policy).findings}
    assert found[rule].outcome is Outcome.FAIL, found[rule]
    remedy = found[rule].remedy
    assert remedy is not None
    return remedy


def judged(fields: dict[str, Any], knowledge: Snapshot, policy: str = "standard") -> Conclusion:
    return decide(trade_of(fields), knowledge, policy_of(policy))[1]


def listing(venue: str, base: str, like: Instrument) -> str:
    return next(one.symbol for one in on(DAY).listings(base, like.product) if one.venue == venue)


def trade(**fields: Any) -> dict[str, Any]:
    return {
        "venue": "binance",
        "instrument": "BTCUSDT",
        "side": "long",
        "notional": "20000",
        "entry_price": "62000",
        "stop_price": "61000",
        "leverage": "2",
        "margin_mode": "isolated",
        "client": {"residence": "AE", "client_class": "retail"},
        **fields,
    }


def passes_at(venue: str, rule: str, fields: dict[str, Any], knowledge: Snapshot, policy: str = "standard") -> bool:
    here = on(DAY).instrument(fields["venue"], fields["instrument"])
    assert here is not None
    there = {**fields, "venue": venue, "instrument": listing(venue, here.base, here)}
    outcomes = {finding.rule: finding.outcome for finding in judged(there, knowledge, policy).findings}
    return outcomes[rule] is Outcome.PASS


@pytest.mark.parametrize(
    ("rule", "fields", "knowledge"),
    [
        ("access.terms", trade(client={"residence": "US-TX", "client_class": "retail"}), on(DAY)),
        ("limits.facts_fresh", trade(), OneVenueAltered("binance", age=1000)),
        ("liquidation.trigger_price", trade(), OneVenueAltered("binance", trigger=TriggerPrice.LAST)),
    ],
)
def test_every_venue_that_is_named_passes_the_rule(rule: str, fields: dict[str, Any], knowledge: Snapshot):
    remedy = remedy_of(rule, fields, knowledge)
    assert remedy.field == "venue"
    assert remedy.values
    assert fields["venue"] not in remedy.values
    for venue in remedy.values:
        assert passes_at(venue, rule, fields, knowledge), venue


def test_no_venue_is_named_that_deleverages_or_shares_a_shortfall_or_may():
    knowledge = OneVenueAltered("bybit", deleverages=False)
    remedy = remedy_of("adl.accepted", trade(), knowledge, "conservative")
    assert remedy == Remedy(field="venue", values=("bybit",))
    assert passes_at("bybit", "adl.accepted", trade(), knowledge, "conservative")


def test_clients_that_are_equal_are_told_the_same_venues():
    texan = trade(client={"residence": "US-TX", "client_class": "retail"})
    first, second = (remedy_of("access.terms", texan, on(DAY)) for _ in range(2))
    assert first == second
    ether = remedy_of("access.terms", {**texan, "instrument": "ETHUSDT", "entry_price": "3000"}, on(DAY))
    assert ether.field == "venue"


def test_venues_that_take_a_client_are_remembered_for_a_bounded_number_of_clients(monkeypatch: pytest.MonkeyPatch):
    places = ("US-TX", "US-CA", "US-WA", "US-FL")
    day, other = facts().on(date(2026, 11, 20)), facts().on(date(2026, 11, 19))
    asked = [trade(client={"residence": place, "client_class": "retail"}) for place in places]
    before = [remedy_of("access.terms", fields, day) for fields in asked]
    monkeypatch.setattr(Remembered, "most", 2)
    for _ in range(2):
        for fields, told in zip(asked, before, strict=True):
            assert remedy_of("access.terms", fields, other) == told


def test_a_stop_is_named_wherever_the_entry_is():
    unsized = trade(stop_price=None, notional=None)
    assert remedy_of("risk.stop_present", unsized, on(DAY)) == Remedy(
        field="stop_price", largest_passing=Decimal("61999.9")
    )
    unpriced = {**unsized, "entry_price": None}
    found = {finding.rule: finding for finding in judged(unpriced, on(DAY)).findings}
    assert (found["risk.stop_present"].outcome, found["risk.stop_present"].remedy) == (Outcome.FAIL, None)


def test_no_target_is_named_without_an_entry_and_no_price_below_the_smallest_step():
    book = {"bids": [["1", "1"]], "asks": [["2", "1"], ["3", "1"], ["4", "100"]]}
    unpriced = trade(entry_price=None, take_profit_price="5", stop_price=None, market={"order_book": book})
    found = {finding.rule: finding for finding in judged(unpriced, on(DAY)).findings}
    wall = found["depth.wall_before_target"]
    assert (wall.outcome, wall.remedy) == (Outcome.FAIL, None)
    least = {"bids": [], "asks": [["0.00000001", "1"]]}
    crossing = trade(order_type="limit", entry_price="0.1", stop_price="0.05", market={"order_book": least})
    taken = {finding.rule: finding for finding in judged(crossing, on(DAY)).findings}["depth.limit_rests"]
    assert (taken.outcome, taken.remedy) == (Outcome.FAIL, None)


def test_what_is_not_listed_has_no_other_venue():
    texan = trade(client={"residence": "US-TX", "client_class": "retail"}, instrument="NOTHING", product="perpetual")
    found = {finding.rule: finding for finding in judged(texan, on(DAY)).findings}
    assert found["access.terms"].outcome is Outcome.FAIL
    assert found["access.terms"].remedy is None


def test_a_venue_that_is_closing_gives_way_to_open_ones_that_list_the_underlying():
    closing = date(2026, 9, 1)
    fields = trade(venue="bitmex", instrument="XBTUSDT")
    remedy = remedy_of("access.venue_open", fields, on(closing))
    assert remedy.field == "venue"
    assert "binance" in remedy.values
    assert "bitmex" not in remedy.values
    gone = {finding.rule: finding for finding in judged(fields, on(DAY)).findings}["access.venue_open"]
    assert (gone.outcome, gone.remedy) == (Outcome.FAIL, None)


def test_a_contract_that_has_expired_gives_way_to_the_next():
    expired = trade(venue="binance", instrument="BTCUSDT_260925")
    remedy = remedy_of("limits.instrument_listed", expired, on(date(2026, 9, 25)))
    assert remedy.field == "instrument"
    for symbol in remedy.values:
        later = on(DAY).instrument("binance", symbol)
        assert later is not None
        assert later.expiry is not None
        assert later.expiry > date(2026, 9, 25)


@pytest.mark.parametrize("product", [Product.PERPETUAL, Product.FUTURE, Product.SPOT_MARGIN])
@pytest.mark.parametrize(
    "day", [date(2021, 6, 1), date(2023, 6, 1), date(2025, 6, 15), date(2025, 9, 1), date(2026, 6, 15), DAY]
)
def test_law_offers_no_venue_at_which_the_same_rule_denies(day: date, product: Product):
    client = Client(residence="US-TX", client_class=ClientClass.RETAIL)
    rows = eligibility(TradeShape(base="BTC", product=product, client=client), on(day))
    denying = {row.venue: {one.rule for one in row.findings if one.outcome is Outcome.FAIL} for row in rows}
    offered = {
        (one.rule, venue)
        for row in rows
        for one in row.findings
        if one.family is Family.JURISDICTION and one.remedy is not None and one.remedy.field == "venue"
        for venue in one.remedy.values
    }
    assert {(rule, venue) for rule, venue in offered if rule in denying[venue]} == set()
    assert offered or product is not Product.FUTURE
