"""The order-book calculator and the depth rules of a decision find the same in one book."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.facts.vocabulary import Side
from rules.calculators.order_book import ENDS_EARLY, ENTRY_AT_MID, order_book
from rules.calculators.order_book_answers import OrderBookAnswer
from rules.calculators.order_book_inputs import OrderBookInput
from rules.calculators.refusal import InputRefusedError
from rules.decision import Conclusion, Finding, Outcome
from rules.engine import decide
from rules.policies.policy import Policy
from rules.trade import ProposedTrade
from tests.rules.proposals import proposals
from tests.rules.world import decode_hook, on, policy_of, trade_of

DAY = date(2026, 11, 21)
SETTINGS = settings(
    max_examples=120, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow], database=None
)
BOOK: dict[str, Any] = {
    "bids": [["61990", "5"], ["61980", "5"], ["61970", "5"], ["61960", "5"], ["59990", "5"]],
    "asks": [["62010", "5"], ["62020", "5"], ["62030", "30"], ["62040", "5"], ["62050", "5"]],
}


def asked(fields: dict[str, Any]) -> OrderBookAnswer:
    return order_book(msgspec.convert(fields, OrderBookInput, dec_hook=decode_hook), on(DAY))


def refused(fields: dict[str, Any]) -> set[str]:
    with pytest.raises(InputRefusedError) as caught:
        asked(fields)
    return {pointer for pointer, _ in caught.value.problems}


def as_calculated(trade: ProposedTrade, conclusion: Conclusion, policy: Policy) -> OrderBookAnswer:
    """Return what the calculator says of a decided trade, with the policy's multiples."""
    market, figures = trade.market, conclusion.figures
    assert market is not None
    assert market.order_book is not None
    entry = figures.entry_price
    assert entry is not None
    long = trade.side is Side.LONG

    def on_side(price: Decimal | None, *, below: bool) -> Decimal | None:
        return price if price is not None and (price < entry if below else price > entry) else None

    return order_book(
        OrderBookInput(
            bids=market.order_book.bids,
            asks=market.order_book.asks,
            side=trade.side,
            quantity=figures.quantity,
            entry_price=entry,
            stop_price=on_side(trade.stop_price, below=long),
            take_profit_price=on_side(trade.take_profit_price, below=not long),
            liquidation_price=on_side(figures.liquidation_price, below=long),
            liquidation_clusters=market.liquidation_clusters,
            previous_order_book=market.previous_order_book,
            wall_multiple=policy.wall_multiple,
            thin_multiple=policy.thin_multiple,
            vanished_share=policy.vanished_share,
        ),
        on(DAY),
    )


@st.composite
def with_an_earlier_book(draw: st.DrawFn) -> dict[str, Any]:
    """Return a trade whose market also had a book a moment before, some of its levels far larger."""
    fields = draw(proposals())
    book = fields["market"]["order_book"]
    fields["market"]["previous_order_book"] = {
        side: [
            [price, str(Decimal(quantity) * draw(st.sampled_from((1, 1, 1, 8, 40))))] for price, quantity in book[side]
        ]
        for side in ("bids", "asks")
    }
    return fields


@SETTINGS
@given(with_an_earlier_book(), st.sampled_from(("conservative", "standard", "professional")))
def test_the_calculator_finds_what_the_rules_find(fields: dict[str, Any], name: str):
    policy = policy_of(name, {"wall_multiple": "2", "thin_multiple": "2"})
    trade, conclusion = decide(trade_of(fields), on(DAY), policy)
    found = {finding.rule: finding for finding in conclusion.findings}
    answer = as_calculated(trade, conclusion, policy)

    def agrees(rule: str, seen: object) -> Finding | None:
        finding = found.get(rule)
        if finding is None or finding.outcome not in (Outcome.PASS, Outcome.FAIL) or seen is None:
            return None
        assert (finding.outcome is Outcome.FAIL) == bool(seen), (finding, seen)
        return finding if finding.outcome is Outcome.FAIL else None

    wall = agrees("depth.wall_before_target", answer.walls_before_target)
    if wall is not None:
        assert wall.observed == answer.walls_before_target[0].price
    thin = agrees("depth.thin_before_liquidation", answer.thin_zones_before_liquidation)
    if thin is not None:
        assert thin.observed == answer.thin_zones_before_liquidation[0].from_price
    vanished = agrees("depth.vanished_walls", answer.vanished_walls)
    if vanished is not None:
        assert vanished.observed == answer.vanished_walls[0].lost
    clusters = answer.clusters or ()
    if trade.stop_price is not None and all(one.before_stop is not None for one in clusters):
        before = agrees("depth.cluster_before_stop", [one for one in clusters if one.before_stop])
        if before is not None:
            assert before.observed in {one.price for one in clusters if one.before_stop}
    cushion = found.get("depth.cluster_cushion")
    losing = [one for one in clusters if one.adverse]
    if cushion is not None and cushion.observed is not None:
        nearest = min(losing, key=lambda one: abs(one.price - answer.mid_price))
        assert cushion.observed == nearest.resting_share
    if cushion is not None and cushion.outcome is Outcome.UNKNOWN and losing:
        assert ENDS_EARLY in answer.approximations


def test_what_rests_before_each_cluster_is_told_to_the_end_of_the_book():
    answer = asked(
        {
            **BOOK,
            "liquidation_clusters": [
                {"price": "61970", "notional": "1000000"},
                {"price": "62025", "notional": "1000000"},
                {"price": "50000", "notional": "1000000"},
            ],
        }
    )
    below, above, beyond = answer.clusters
    assert (below.side, below.resting_notional, below.book_reaches) == ("bids", Decimal(929700), True)
    assert below.resting_share == Decimal("0.9297")
    assert (above.side, above.resting_notional, above.book_reaches) == ("asks", Decimal(620150), True)
    assert (beyond.side, beyond.book_reaches) == ("bids", False)
    assert beyond.resting_notional == sum(Decimal(price) * Decimal(size) for price, size in BOOK["bids"])
    assert answer.approximations == (ENDS_EARLY,)
    assert {one.adverse for one in answer.clusters} == {one.before_stop for one in answer.clusters} == {None}


def test_without_an_entry_the_mid_price_stands_for_it_and_that_is_said():
    fields = {**BOOK, "side": "long", "stop_price": "60500"}
    answer = asked({**fields, "liquidation_clusters": [{"price": "60500", "notional": "1"}]})
    assert answer.entry_price == answer.mid_price == 62000
    assert answer.clusters[0].before_stop is True
    assert answer.approximations == (ENTRY_AT_MID,)
    short = {**BOOK, "side": "short", "stop_price": "63000"}
    (cluster,) = asked({**short, "liquidation_clusters": [{"price": "60500", "notional": "1"}]}).clusters
    assert (cluster.adverse, cluster.before_stop) == (False, False)


def test_a_book_without_one_side_is_measured_from_its_best_price_and_that_is_said():
    answer = asked({"bids": [], "asks": [["62010", "1"], ["62110", "1"]], "side": "long", "quantity": "2"})
    assert answer.mid_price == 62010
    assert any("one side of the book is empty" in note for note in answer.approximations)


def test_the_multiples_are_the_callers_and_stated():
    assert [wall.price for wall in asked(BOOK).walls] == [62030]
    strict = asked({**BOOK, "wall_multiple": "7", "thin_multiple": "300", "vanished_share": "0.9"})
    assert (strict.walls, strict.thin_zones) == ((), ())
    assert (strict.wall_multiple, strict.thin_multiple, strict.vanished_share) == (7, 300, Decimal("0.9"))
    standard = policy_of("standard")
    plain = asked(BOOK)
    assert (plain.wall_multiple, plain.thin_multiple) == (standard.wall_multiple, standard.thin_multiple)
    assert plain.vanished_share == standard.vanished_share


def test_a_wall_that_is_withdrawn_is_told_with_what_is_left_of_it():
    earlier = {**BOOK, "bids": [["61990", "5"], ["61980", "50"], ["61970", "5"], ["61960", "5"], ["59990", "5"]]}
    (gone,) = asked({**BOOK, "previous_order_book": earlier}).vanished_walls
    assert (gone.side, gone.price, gone.quantity, gone.left, gone.lost) == ("bids", 61980, 50, 5, Decimal("0.9"))
    assert asked({**BOOK, "previous_order_book": earlier, "vanished_share": "0.95"}).vanished_walls == ()
    assert asked(BOOK).vanished_walls is None
    traded = {"bids": [["61970", "5"], ["61960", "5"]], "asks": BOOK["asks"]}
    assert asked({**traded, "previous_order_book": earlier}).vanished_walls == ()
    assert asked({"bids": [], "asks": BOOK["asks"], "previous_order_book": earlier}).vanished_walls == ()


def test_walls_before_the_target_and_thin_zones_before_liquidation_need_these_prices():
    bare = asked(BOOK)
    assert (bare.walls_before_target, bare.thin_zones_before_liquidation, bare.clusters) == (None, None, None)
    fields = {**BOOK, "side": "long", "take_profit_price": "62030", "liquidation_price": "61960"}
    near = asked(fields)
    assert [(wall.side, wall.price) for wall in near.walls_before_target] == [("asks", 62030)]
    assert near.thin_zones_before_liquidation == ()
    far = asked({**fields, "take_profit_price": "62029", "liquidation_price": "61959"})
    assert far.walls_before_target == ()
    assert [(zone.side, zone.from_price) for zone in far.thin_zones_before_liquidation] == [("bids", 61960)]


def test_everything_wrong_is_named_at_once():
    assert refused(
        {
            **BOOK,
            "previous_order_book": {"bids": [["1", "1"], ["2", "1"]], "asks": [["0", "1"]]},
            "side": "long",
            "entry_price": "62000",
            "stop_price": "62500",
            "take_profit_price": "61000",
            "liquidation_price": "62000",
            "liquidation_clusters": [{"price": "0", "notional": "-1"}],
            "wall_multiple": "0",
            "thin_multiple": "100000",
            "vanished_share": "1.5",
            "price_band": "0",
        }
    ) == {
        "/previous_order_book/bids/1/0",
        "/previous_order_book/bids/0/0",
        "/previous_order_book/asks/0/0",
        "/stop_price",
        "/take_profit_price",
        "/liquidation_price",
        "/liquidation_clusters/0/price",
        "/liquidation_clusters/0/notional",
        "/wall_multiple",
        "/thin_multiple",
        "/vanished_share",
        "/price_band",
    }
    for field in ("stop_price", "take_profit_price", "liquidation_price"):
        assert refused({**BOOK, field: "60000"}) == {"/side"}
    assert refused({**BOOK, "quantity": "1"}) == {"/side"}
    assert refused({**BOOK, "side": "short", "stop_price": "61000"}) == {"/stop_price"}
    many = [{"price": "1", "notional": "1"}] * 1001
    assert refused({**BOOK, "liquidation_clusters": many}) == {"/liquidation_clusters"}
    assert refused({"bids": [], "asks": [], "side": "long", "stop_price": "1"}) == {"/bids"}
