"""A comparison says of each venue what a decision there says, the eligible and the cheapest first."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any

import msgspec
import pytest
from msgspec import structs

from data.facts.vocabulary import ContractType
from data.release_facts import ReleaseFacts
from rules.comparison.answer import Comparison, ComparisonRow
from rules.comparison.asked import ComparedTrade
from rules.comparison.compare import compare
from rules.decision import Outcome, Verdict
from rules.engine import decide
from rules.inputs import given
from rules.margin.rounding import but_for_division
from tests.rules.world import decode_hook, facts, on, policy_of, trade_of

DAY = date(2026, 11, 21)
TRADE: dict[str, Any] = {
    "product": "perpetual",
    "side": "long",
    "notional": "31000",
    "entry_price": "62000",
    "stop_price": "60500",
    "take_profit_price": "66000",
    "leverage": "5",
    "margin_mode": "isolated",
    "holding_hours": "72",
    "client": {"residence": "AE", "client_class": "retail"},
    "account": {
        "equity": "50000",
        "free_collateral": "30000",
        "positions": [
            {
                "venue": "bybit",
                "instrument": "ETHUSDT",
                "side": "long",
                "quantity": "10",
                "entry_price": "3000",
                "mark_price": "2950",
                "leverage": "5",
                "margin_mode": "cross",
            }
        ],
    },
    "market": {
        "mark_price": "62010",
        "funding_rate": "0.0001",
        "funding_interval_hours": "8",
        "atr": "1500",
        "regime": "trending",
        "order_book": {"bids": [["61990", "12.5"]], "asks": [["62010", "3.1"], ["62020", "9"]]},
        "liquidation_clusters": [{"price": "60140", "notional": "200000000"}],
    },
}
OKX_BTC = ("okx", "BTC")
RANK = {Verdict.ALLOW: 0, Verdict.REVIEW: 1, Verdict.DENY: 2}


def compared(changes: dict[str, Any] | None = None, policy: str = "standard", **asked: Any) -> Comparison:
    fields = {**TRADE, **(changes or {}), "base": "BTC", **asked}
    return compare(msgspec.convert(fields, ComparedTrade, dec_hook=decode_hook), on(DAY), policy_of(policy))


@pytest.mark.parametrize("policy", ["law_only", "conservative", "standard", "professional"])
@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"client": {"residence": "US-TX", "client_class": "retail"}},
        {"client": {"residence": "DE", "client_class": "professional"}, "margin_mode": "cross"},
        {"side": "short", "stop_price": "63500", "take_profit_price": "58000", "leverage": "40"},
        {"stop_price": "63500", "notional": "900000", "account": {"equity": "1000", "positions": []}},
        {"account": None, "market": None, "stop_price": None, "leverage": None},
        {"notional": None, "quantity": "0.5", "order_type": "limit", "entry_price": "62010.07"},
        {"margin_mode": None},
        {"margin_mode": None, "account": {"equity": "50000", "wallet_balance": "900", "positions": []}},
    ],
    ids=["plain", "american", "cross", "short", "reckless", "bare", "limit", "no mode", "no mode and a wallet"],
)
def test_each_row_says_what_a_decision_there_says(policy: str, changes: dict[str, Any]):
    answer = compared(changes, policy, every_instrument=True)
    assert len(answer.rows) > 20
    for row in answer.rows:
        fields = {**TRADE, **changes, "venue": row.venue, "instrument": row.instrument}
        _, decided = decide(trade_of(fields), on(DAY), policy_of(policy))
        assert row.verdict is decided.verdict, row.venue
        assert row.figures == decided.figures
        assert row.complete == decided.complete
        loud = [f for f in decided.findings if f.outcome not in (Outcome.PASS, Outcome.SKIPPED)]
        quiet = [f for f in row.findings if f.outcome is not Outcome.SKIPPED]
        assert sorted(quiet, key=lambda f: f.rule) == sorted(loud, key=lambda f: f.rule)


def test_a_row_is_complete_where_every_rule_has_its_answer():
    corpus = facts().corpus
    bounded = tuple(
        structs.replace(one, max_size=Decimal(10_000)) for one in corpus.instruments if (one.venue, one.base) == OKX_BTC
    )
    knowledge = ReleaseFacts("rel_bounded", structs.replace(corpus, instruments=bounded)).on(DAY)
    client = {"residence": "US-TX", "client_class": "retail", "nationality": "US", "on_sanctions_list": False}
    asked = {**TRADE, "base": "BTC", "quantity": "0.05", "notional": None, "order_type": "limit", "client": client}

    def row(**changes: Any) -> ComparisonRow:
        trade = msgspec.convert({**asked, **changes}, ComparedTrade, dec_hook=decode_hook)
        [found] = compare(trade, knowledge, policy_of("law_only")).rows
        return found

    assert row().complete
    assert not row(account=None).complete
    assert not row(client={**client, "on_sanctions_list": None}).complete


def test_the_eligible_come_first_then_the_cheapest_and_an_unknown_cost_is_never_the_cheapest():
    rows = compared().rows
    assert [row.rank for row in rows] == list(range(1, len(rows) + 1))
    assert {row.cost is None for row in rows} == {True, False}
    for before, after in pairwise(rows):
        assert RANK[before.verdict] <= RANK[after.verdict]
        if before.verdict is after.verdict:
            assert before.cost is not None or after.cost is None
            if before.cost is not None and after.cost is not None:
                assert before.cost <= after.cost


def test_a_cost_that_is_not_known_names_its_parts():
    rows = compared().rows
    assert {row.cost is None for row in rows} == {True, False}
    for row in rows:
        assert (row.cost is None) == bool(row.costs_not_known)


def test_fees_that_lack_what_a_broker_takes_are_no_cost_that_is_known():
    client = {"residence": "US-TX", "client_class": "retail"}
    rows = {row.venue: row for row in compared({"client": client}).rows}
    alone, carried = rows["bitnomial"], rows["kraken_derivatives_us"]
    assert alone.instrument == carried.instrument
    assert given(alone.figures.entry_fee) < given(carried.figures.entry_fee)
    assert (alone.cost, alone.costs_not_known) == (None, ("entry_fee", "exit_fee"))
    assert carried.cost is not None


def test_ties_are_explained_and_nothing_else_is():
    rows = compared().rows
    for before, after in pairwise(rows):
        tied = before.verdict is after.verdict and before.cost == after.cost
        assert (after.tie_break is not None) is tied, (before.venue, after.venue)
    assert any(row.tie_break for row in rows)
    assert rows[0].tie_break is None


def test_what_is_never_liquidated_is_farther_than_any_price():
    asked = {"leverage": "1", "stop_price": None, "holding_hours": "8", "market": {"funding_rate": "0"}}
    rows = {row.venue: row for row in compared(asked, venues=["kraken_futures", "dydx"]).rows}
    never, priced = rows["dydx"], rows["kraken_futures"]
    assert (never.verdict, never.cost) == (priced.verdict, priced.cost)
    assert (never.figures.liquidation, priced.figures.liquidation) == ("never", "price")
    assert (never.rank, priced.rank) == (1, 2)
    assert priced.tie_break is not None
    assert "dydx is farther from liquidation" in priced.tie_break


@pytest.mark.parametrize("side", ["long", "short"])
def test_of_the_same_verdict_and_cost_the_farthest_from_liquidation_is_first(side: str):
    rows = compared(
        {"side": side, "stop_price": None, "take_profit_price": None, "holding_hours": "8", "market": None}
    ).rows
    pairs = [
        (one.figures.distance_to_liquidation, other.figures.distance_to_liquidation)
        for one, other in pairwise(rows)
        if (one.verdict, one.cost) == (other.verdict, other.cost)
    ]
    known = [(one, other) for one, other in pairs if one is not None and other is not None]
    assert all(one >= other for one, other in known)
    assert any(one > other for one, other in known)


def test_funding_keeps_no_cost_from_being_known_where_no_holding_time_is_given():
    rows = compared({"holding_hours": None, "market": None}).rows
    unknown = [row for row in rows if row.cost is None]
    assert {row.costs_not_known for row in unknown} == {("entry_fee", "exit_fee")}
    held = compared({"market": None}).rows
    assert {row.costs_not_known for row in held} == {("funding_cost",), ("entry_fee", "exit_fee", "funding_cost")}


def test_slippage_keeps_a_cost_from_being_known_where_the_book_given_does_not_hold_the_size():
    thin = {"order_book": {"bids": [["61990", "12.5"]], "asks": [["62010", "0.1"]]}, "funding_rate": "0.0001"}
    for row in compared({"market": thin}).rows:
        assert row.cost is None
        assert "slippage_cost" in row.costs_not_known
    limit = {"order_type": "limit", "entry_price": "61000", "market": thin}
    assert not any("slippage_cost" in row.costs_not_known for row in compared(limit).rows)


def test_a_cost_in_coin_is_compared_in_the_quote_currency():
    (row,) = compared(venues=["binance"], contract_type="inverse").rows
    assert row.instrument == "BTCUSD_PERP"
    assert row.figures.currency == "BTC"
    assert row.figures.total_cost is not None
    assert row.cost is not None
    assert round(row.cost, 8) == round(row.figures.total_cost * 62010, 8)
    funding = Decimal("0.0009") * 31000 / 62010  # nine intervals, on the value at the mark price
    assert abs(row.figures.total_cost - (Decimal(36) / 62010 + funding)) < Decimal("1e-12")


@pytest.mark.parametrize("side", ["long", "short"])
@pytest.mark.parametrize("size", [{"notional": "31000"}, {"notional": None, "quantity": "0.5"}])
@pytest.mark.parametrize("estimate", ["60900", "62000", "63100"])
def test_a_cost_in_coin_is_like_that_of_a_linear_contract_whatever_price_is_stated(
    side: str, size: dict[str, Any], estimate: str
):
    asked = {"side": side, **size, "entry_price": estimate, "stop_price": None, "take_profit_price": None}
    asked |= {"holding_hours": None, "market": {"mark_price": "62010"}}
    linear, inverse = (
        compared(asked, venues=["binance"], contract_type=kind).rows[0] for kind in ("linear", "inverse")
    )
    assert linear.cost is not None
    assert but_for_division(linear.cost) == inverse.cost


def test_every_venue_is_either_compared_or_named_as_not_listing_it():
    answer = compared()
    named = {row.venue for row in answer.rows} | set(answer.not_listed)
    assert named == {venue.id for venue in on(DAY).venues()}
    assert not {row.venue for row in answer.rows} & set(answer.not_listed)


def test_a_comparison_can_be_narrowed():
    answer = compared(venues=["okx", "gemini"], settle="USDT")
    assert [row.instrument for row in answer.rows] == ["BTC-USDT-SWAP"]
    assert answer.not_listed == ("gemini",)
    rows = compared(contract_type="inverse", every_instrument=True).rows
    assert rows
    assert {on(DAY).instrument(row.venue, row.instrument).contract_type for row in rows} == {ContractType.INVERSE}


def test_contracts_that_are_quoted_in_another_currency_are_not_compared():
    answer = compared(quote="EUR", venues=["binance", "okx"])
    assert (answer.rows, answer.not_listed) == ((), ("binance", "okx"))


def test_what_counts_the_coin_in_thousands_is_told_of_the_venues_asked_about():
    def in_thousands(**asked: Any) -> set[str]:
        return {one.venue for one in compared(base="PEPE", **asked).in_other_units}

    assert in_thousands() == {"binance", "hyperliquid"}
    assert in_thousands(venues=["binance", "okx"]) == {"binance"}


def test_one_row_for_each_venue_names_the_instruments_it_was_chosen_over():
    (row,) = compared(venues=["binance"]).rows
    assert row.instrument == "BTCUSDT"
    assert "BTCUSD_PERP" in row.other_instruments


def test_nothing_lists_a_coin_that_nobody_knows():
    answer = compared(base="NOSUCHCOIN")
    assert answer.rows == ()
    assert len(answer.not_listed) == len(on(DAY).venues())


def test_expired_contracts_are_not_compared():
    rows = compared(product="future", holding_hours="24", every_instrument=True, venues=["binance"]).rows
    assert [row.instrument for row in rows] == ["BTCUSDT_261225", "BTCUSD_261225"]
    future = {**TRADE, "base": "BTC", "product": "future", "venues": ["binance"]}
    asked = msgspec.convert(future, ComparedTrade, dec_hook=decode_hook)
    before, there = (compare(asked, on(date(2026, 12, day)), policy_of("standard")) for day in (24, 25))
    assert (len(before.rows), before.not_listed) == (1, ())
    assert (there.rows, there.not_listed) == ((), ("binance",))


def test_rules_that_lack_their_inputs_are_named_once():
    answer = compared({"stop_price": None})
    assert "risk.loss_at_stop" in answer.skipped
    assert not any(finding.rule == "risk.loss_at_stop" for row in answer.rows for finding in row.findings)


@pytest.mark.parametrize(("isolated", "cross_alone"), [("bybit", "bitnomial"), ("binance", "deribit")])
def test_a_venue_of_cross_margin_alone_is_asked_what_elsewhere_lacks_the_mode(isolated: str, cross_alone: str):
    answer = compared({"margin_mode": None}, venues=[isolated, cross_alone])
    told = {row.venue: {one.rule: one.outcome for one in row.findings} for row in answer.rows}
    assert told[isolated]["risk.isolated_margin"] is Outcome.SKIPPED
    assert told[cross_alone]["risk.isolated_margin"] is Outcome.FAIL
    assert "risk.isolated_margin" not in answer.skipped
    assert "risk.mark_near_index" in answer.skipped


def test_a_rule_that_skips_when_it_is_asked_is_told_in_every_row():
    changes = {"entry_price": None, "market": {"order_book": TRADE["market"]["order_book"]}}
    for row in compared(changes).rows:
        told = {one.rule: one.outcome for one in row.findings}
        assert told["depth.entry_near_mid"] is Outcome.SKIPPED
        assert not row.complete


def test_what_is_extrapolated_to_an_early_day_is_flagged_and_its_venues_named():
    asked = msgspec.convert({**TRADE, "base": "BTC", "venues": ["binance", "okx"]}, ComparedTrade, dec_hook=decode_hook)
    early = compare(asked, on(date(2019, 1, 1)), policy_of("standard"))
    assert early.extrapolated == ("binance", "okx")
    everywhere = compare(structs.replace(asked, venues=None), on(date(2019, 1, 1)), policy_of("standard"))
    assert len(everywhere.extrapolated) > 5
    assert list(everywhere.extrapolated) == sorted(everywhere.extrapolated)
    assert all(any("extrapolated" in one.flags for one in row.findings) for row in early.rows)
    assert compare(asked, on(DAY), policy_of("standard")).extrapolated == ()


def test_a_funding_rate_without_its_hours_is_for_eight_at_every_venue():
    def funding(**market: str) -> list[Decimal | None]:
        return [row.figures.funding_cost for row in compared({"market": {"mark_price": "62010", **market}}).rows]

    assert funding(funding_rate="0.0001") == funding(funding_rate="0.0001", funding_interval_hours="8")
    assert funding(funding_rate="0.0001") != funding(funding_rate="0.0001", funding_interval_hours="4")


def test_an_order_below_the_smallest_contract_ranks_after_those_that_can_be_placed() -> None:
    client = {"residence": "US-TX", "client_class": "ecp"}
    asked = {"product": "perpetual", "side": "long", "notional": "60", "entry_price": "60000", "client": client}
    rows = compare(
        msgspec.convert({**asked, "base": "BTC"}, ComparedTrade, dec_hook=decode_hook), on(DAY), policy_of("standard")
    ).rows
    small = {
        row.venue
        for row in rows
        if any(one.rule == "limits.minimum_size" and one.outcome is Outcome.FAIL for one in row.findings)
    }
    kraken, kalshi = (next(row for row in rows if row.venue == name) for name in ("kraken_derivatives_us", "kalshi"))
    assert kraken.venue in small
    assert kalshi.venue not in small
    assert kraken.verdict is kalshi.verdict
    assert kraken.cost is not None
    assert kalshi.cost is not None
    assert kraken.cost < kalshi.cost
    assert kraken.rank > kalshi.rank


def test_what_only_reduces_is_ranked_by_its_one_fee() -> None:
    held = {**TRADE["account"]["positions"][0], "venue": "binance", "instrument": "BTCUSDT", "entry_price": "62000"}
    changes = {"side": "short", "reduce_only": True, "account": {**TRADE["account"], "positions": [held]}}
    row = next(one for one in compared(changes).rows if one.venue == "binance")
    assert row.cost == row.figures.total_cost
    assert row.figures.entry_fee is not None
    parts = row.figures.entry_fee + (row.figures.slippage_cost or 0)
    assert abs(row.figures.total_cost - parts) < Decimal("1e-20")
    assert row.figures.funding_cost == row.figures.exit_fee == row.figures.initial_margin == 0
