"""Each remedy does what it promises: made, the rule passes; all together, everything that failed does."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from datetime import date
from decimal import Decimal, localcontext
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

import rules.remedies.combined as remedies
from data.facts.amounts import ARITHMETIC, plain
from rules.decision import Conclusion, Effect, Family, Finding, Outcome, Remedy, VenueInstrument, Verdict
from rules.engine import decide
from rules.figures.of_trades import with_exits
from rules.preparing import case_of
from rules.remedies.combined import combined
from rules.validation import problems_of
from tests.rules.proposals import against_what_is_held, proposals
from tests.rules.world import on, policy_of, trade_of

DAY = date(2026, 11, 21)
LAW = (Family.JURISDICTION, Family.ACCESS)
POLICIES = ("conservative", "standard", "professional")
SETTINGS = settings(
    max_examples=120, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow], database=None
)


def concluded(fields: dict[str, Any], policy: str) -> Conclusion:
    return decide(trade_of(fields), on(DAY), policy_of(policy))[1]


def outcomes(conclusion: Conclusion) -> dict[str, Outcome]:
    return {finding.rule: finding.outcome for finding in conclusion.findings}


def each(remedy: Remedy) -> Iterator[Remedy]:
    yield remedy
    yield from remedy.alternatives


def made(fields: dict[str, Any], remedy: Remedy) -> dict[str, Any]:
    """Return the trade with the change that a remedy names, at its nearest value."""
    changed = copy.deepcopy(fields)
    *path, name = remedy.field.split(".")
    target = changed
    for part in path:
        target = target[part]
    largest, smallest = remedy.largest_passing, remedy.smallest_passing
    nearest = largest if largest is not None else smallest
    if largest is not None and smallest is not None and Decimal(target[name]) < smallest:
        nearest = smallest
    if nearest is not None:
        for size in {"notional", "quantity"} & {name}:
            target.pop("notional" if size == "quantity" else "quantity", None)
        target[name] = plain(nearest)
    elif remedy.value is not None:
        target[name] = True if remedy.value == "true" else remedy.value
    elif remedy.values:
        target[name] = remedy.values[0]
    else:
        target[name] = "as stated"
    return changed


def failing(conclusion: Conclusion) -> set[str]:
    return {
        finding.rule
        for finding in conclusion.findings
        if finding.outcome is Outcome.FAIL and finding.family not in LAW and finding.effect is not Effect.WARN
    }


def denying(conclusion: Conclusion) -> set[str]:
    """Return the rules that deny a trade, beside the law."""
    return {
        finding.rule
        for finding in conclusion.findings
        if finding.outcome is Outcome.FAIL and finding.family not in LAW and finding.effect is Effect.DENY
    }


def elsewhere(conclusion: Conclusion) -> set[str]:
    """Return the rules that another venue alone remedies, which has another instrument: see test_venues_that_pass."""
    return {one.rule for one in conclusion.findings if one.remedy is not None and one.remedy.field == "venue"}


DENIES_NOTHING_ELSE = ("reduce_only", "intent", "order_type", "adding_reason", "market.regime_confirmed")
"""Fields whose change has no rule deny that did not. Numbers and the margin mode suit the one rule that asks for them:
less leverage takes more collateral, a farther stop loses more; only the decision's remedies, made together, suit all.
"""


@SETTINGS
@given(st.one_of(proposals(), against_what_is_held()))
def test_a_remedy_passes_its_rule_and_no_other_denies_for_it(fields: dict[str, Any]):
    assume(not problems_of(trade_of(fields)))
    for policy in POLICIES:
        before = concluded(fields, policy)
        for finding in before.findings:
            if finding.outcome is not Outcome.FAIL or finding.remedy is None or finding.family in LAW:
                continue
            for remedy in each(finding.remedy):
                if remedy.field == "venue":
                    continue  # another venue has another instrument: see test_venues_that_pass
                changed = concluded(made(fields, remedy), policy)
                after = outcomes(changed).get(finding.rule)
                assert after in (Outcome.PASS, None), (finding.rule, policy, remedy)
                if remedy.field in DENIES_NOTHING_ELSE:
                    assert denying(changed) <= denying(before), (finding.rule, policy, remedy)


def test_the_remedy_for_standing_against_ones_own_position_is_one_the_venue_takes():
    held = {"venue": "binance", "instrument": "BTCUSDT", "side": "long", "quantity": "0.01", "entry_price": "62000"}
    account = {"equity": "2000000", "positions": [held]}
    for quantity, offered in (("0.01", True), ("0.161", False)):
        fields = proposal("binance", "BTCUSDT", "short", "4", account=account)
        del fields["notional"]
        fields["quantity"] = quantity
        found = {one.rule: one for one in concluded(fields, "standard").findings}["risk.own_opposite"]
        assert (found.outcome, found.remedy is not None) == (Outcome.FAIL, offered)
        if found.remedy is not None:
            assert "risk.reduce_only_reduces" not in denying(concluded(made(fields, found.remedy), "standard"))


@st.composite
def within_reach(draw: st.DrawFn) -> dict[str, Any]:
    """Return a trade that no law stands against, and no distance of mark from index."""
    fields = copy.deepcopy(draw(proposals()))
    fields["client"] = {"residence": "AE-AZ", "client_class": "professional"}
    fields["market"]["index_price"] = fields["market"]["mark_price"]
    if draw(st.booleans()):
        fields["account"]["positions"] = []
    if draw(st.booleans()):
        fields["account"]["free_collateral"] = fields["account"]["equity"]
    if draw(st.booleans()):
        del fields["market"]["order_book"]
    return fields


@SETTINGS
@given(st.one_of(proposals(), within_reach(), against_what_is_held()))
def test_the_combined_remedy_passes_everything_that_failed_and_fails_nothing_else(fields: dict[str, Any]):
    assume(not problems_of(trade_of(fields)))
    for policy in POLICIES:
        before = concluded(fields, policy)
        changed = fields
        for remedy in before.remedies:
            if remedy.field != "venue":
                changed = made(changed, remedy)
        if changed is not fields:
            assert not problems_of(trade_of(changed)), before.remedies
            after = concluded(changed, policy)
            assert not (failing(before) - elsewhere(before)) & failing(after), (policy, before.remedies)
            assert not failing(after) - failing(before), (policy, before.remedies)
            if all(remedy.field != "venue" for remedy in before.remedies):
                assert after.verdict is not Verdict.DENY, (policy, before.remedies)
                assert not standing(after) - open_rules(before), (policy, before.remedies)


def standing(conclusion: Conclusion) -> set[str]:
    """Return the rules that deny or hold a trade, law included."""
    return {
        finding.rule
        for finding in conclusion.findings
        if finding.outcome in (Outcome.FAIL, Outcome.UNKNOWN) and finding.effect is not Effect.WARN
    }


def open_rules(conclusion: Conclusion) -> set[str]:
    """Return the rules that say nothing: what they need is not known, or not stated."""
    silent = (Outcome.UNKNOWN, Outcome.SKIPPED)
    return {finding.rule for finding in conclusion.findings if finding.outcome in silent}


def proposal(venue: str, instrument: str, side: str, leverage: str, **fields: Any) -> dict[str, Any]:
    price = Decimal(fields.pop("price", "62000"))
    stop = fields.pop("stop", None)
    losing = -1 if side == "long" else 1
    return {
        "venue": venue,
        "instrument": instrument,
        "side": side,
        "leverage": leverage,
        "notional": "20000",
        "entry_price": str(price),
        "stop_price": f"{price * (1 + losing * Decimal(stop or '0.01')):.1f}",
        "margin_mode": "isolated",
        "client": {"residence": "AE", "client_class": "professional"},
        "conditions_met": ["not:binance_account_younger_than_60_days"],
        "account": {"equity": "2000000", "wallet_balance": "3000", "positions": []},
        "market": {"mark_price": str(price), "atr": f"{price / 25:.1f}", "daily_range": f"{price / 15:.1f}"},
        **fields,
    }


AWKWARD = {
    "a short that crosses into the second tier": proposal(
        "binance", "BTCUSDT", "short", "100", notional="295000", stop="0.3"
    ),
    "ranges wider than the price": proposal(
        "bybit", "BTCUSD", "long", "20", market={"mark_price": "62000", "atr": "40000"}
    ),
    "a short whose value grows into a higher tier": proposal(
        "binance", "ETHUSDT", "short", "100", price="3024.1", notional="1022397", stop="0.3"
    ),
    "margin that the size's tier raises": proposal("kucoin", "XBTUSDTM", "long", "75", notional="683000", stop="0.02"),
    "maintenance on entry value, inverse": proposal("bybit", "BTCUSD", "short", "25", stop="0.06"),
    "maintenance on entry value, inverse long": proposal("bybit", "BTCUSD", "long", "40", stop="0.05"),
    "a stop no inverse long's margin reaches": proposal("bybit", "BTCUSD", "long", "10", stop="0.97"),
    "a rate that grows with size": proposal("deribit", "BTC-PERPETUAL", "long", "30", notional="60000000", stop="0.02"),
    "a rate that grows with size, short": proposal("deribit", "BTC-PERPETUAL", "short", "30", stop="0.04"),
    "a market order that pays the more the larger it is": proposal(
        "bybit",
        "BTCUSD",
        "long",
        "50",
        price="61547.4",
        notional="167600",
        margin_mode="cross",
        account={"equity": "1000", "currency": "USD", "positions": []},
        market={
            "mark_price": "61547.4",
            "order_book": {
                "bids": [["61535.1", "0.5"], ["61522.8", "0.5"]],
                "asks": [["61559.7", "0.5"], ["61572.0", "0.5"]],
            },
        },
    ),
    "cross margin": proposal("binance", "BTCUSDT", "long", "20", margin_mode="cross", notional="90000", stop="0.05"),
    "cross margin, short": proposal("binance", "BTCUSDT", "short", "20", margin_mode="cross", notional="90000"),
    "cross margin, inverse long": proposal(
        "bybit",
        "BTCUSD",
        "long",
        "20",
        margin_mode="cross",
        notional="90000",
        account={"equity": "2", "currency": "BTC", "wallet_balance": "0.05", "positions": []},
    ),
    "cross margin, inverse short": proposal(
        "bybit",
        "BTCUSD",
        "short",
        "20",
        margin_mode="cross",
        notional="90000",
        account={"equity": "2", "currency": "BTC", "wallet_balance": "0.05", "positions": []},
    ),
    "margin added by hand": proposal("binance", "BTCUSDT", "long", "100", added_margin="100", stop="0.05"),
    "margin of a few dollars, cut off at the eighth place of a coin": proposal(
        "binance", "BTCUSD_PERP", "long", "50", price="60492.3", notional="0.91831"
    ),
    "margin added by hand to a short that pays for its liquidation": proposal(
        "dydx", "BTC-USD", "short", "20", notional="1000", added_margin="1494", stop="0.03"
    ),
    "what is held tells the mark price that the market does not": proposal(
        "kraken_futures",
        "PI_XBTUSD",
        "short",
        "5",
        price="61021.6",
        notional="1692.5",
        stop="0.42",
        market={},
        account={
            "equity": "200000",
            "positions": [
                {
                    "venue": "kraken_futures",
                    "instrument": "PI_XBTUSD",
                    "side": "short",
                    "quantity": "3000",
                    "entry_price": "66989.8",
                    "mark_price": "57351.5",
                    "margin_mode": "isolated",
                    "leverage": "2",
                }
            ],
        },
    ),
    "margin added by hand, inverse": proposal("bybit", "BTCUSD", "short", "90", added_margin="0.001", stop="0.05"),
    "liquidated as it opens": proposal("binance", "BTCUSDT", "long", "150", market={"mark_price": "61600"}),
    "liquidated as it opens, inverse": proposal("bybit", "BTCUSD", "long", "100", market={"mark_price": "61400"}),
    "a mark below the first tick": proposal(
        "binance", "BTCUSDT", "long", "5", order_type="limit", market={"mark_price": "0.004"}
    ),
    "a mark of a few thousand millionths": proposal(
        "binance", "BTCUSDT", "long", "5", order_type="market", market={"mark_price": "0.000000005393"}
    ),
    "a fee counted as maintenance, where the tier grants less than is asked for": proposal(
        "kucoin", "NTRNUSDTM", "long", "75", price="10.938", notional="316.02", market={"mark_price": "8.7504"}
    ),
    "a client of no stated class": proposal(
        "okx", "BTC-USD-SWAP", "long", "1000", margin_mode="cross", client={"residence": "AE"}
    ),
    "beyond the last tier": proposal("kucoin", "XBTUSDTM", "long", "33", notional="466000000"),
    "a venue that divides the value at mark": proposal(
        "dydx", "BTC-USD", "short", "40", market={"mark_price": "61000", "atr": "1500"}
    ),
}


@pytest.mark.parametrize("name", AWKWARD)
@pytest.mark.parametrize("policy", POLICIES)
def test_a_remedy_passes_its_rule_in_an_awkward_trade(name: str, policy: str):
    fields = AWKWARD[name]
    for finding in concluded(fields, policy).findings:
        if finding.outcome is Outcome.FAIL and finding.remedy is not None and finding.family not in LAW:
            for remedy in each(finding.remedy):
                if remedy.field != "venue":
                    after = outcomes(concluded(made(fields, remedy), policy)).get(finding.rule)
                    assert after in (Outcome.PASS, None), (finding.rule, remedy)


def test_a_size_is_left_as_it_is_where_the_nearer_stop_loses_little_enough():
    fields = proposal("binance", "BTCUSDT", "long", "9", notional="300000", stop="0.3", market={"mark_price": "62000"})
    fields |= {"client": {"residence": "AE-AZ", "client_class": "professional"}}
    before = concluded(fields, "standard")
    assert {"liquidation.stop_before_liquidation", "risk.loss_at_stop"} <= failing(before)
    assert [remedy.field for remedy in before.remedies] == ["stop_price"]
    assert not failing(concluded(made(fields, before.remedies[0]), "standard"))


def test_the_price_of_an_order_that_is_only_to_reduce_is_left_as_it_is():
    held = {"venue": "binance", "instrument": "BTCUSDT", "side": "long", "quantity": "5", "entry_price": "62000"}
    account = {"equity": "50000", "positions": [{**held, "mark_price": "62000"}]}
    fields = proposal("binance", "BTCUSDT", "short", "5", notional="300000", account=account)
    fields |= {"client": {"residence": "AE-AZ", "client_class": "professional"}, "entry_price": "60000"}
    before = concluded(fields, "standard")
    assert {"limits.price_near_mark", "risk.aggregate_leverage"} <= failing(before)
    assert before.remedies == (Remedy(field="reduce_only", value="true"),)


def failed(number: int, remedy: Remedy | None) -> Finding:
    """Return the finding of a made-up rule that failed."""
    return Finding(
        rule=f"risk.made_up_{number}",
        family=Family.RISK,
        outcome=Outcome.FAIL,
        effect=Effect.DENY,
        message="no",
        sources=(),
        remedy=remedy,
    )


def joined(fields: dict[str, Any], *asked: Remedy | None, policy: str = "standard") -> tuple[Remedy, ...]:
    """Return the combined remedy of made-up rules that failed beside what really stands against a trade."""
    with localcontext(ARITHMETIC):
        case = case_of(trade_of(fields), on(DAY), policy_of(policy))
        _, decided = decide(case.trade, case.knowledge, case.policy)
        found = (*decided.findings, *(failed(number, remedy) for number, remedy in enumerate(asked)))
        return combined(found, case)


SOUND = proposal(
    "binance",
    "BTCUSDT",
    "long",
    "4",
    client={"residence": "AE-AZ", "client_class": "professional"},
    stop="0.02",
    market={"mark_price": "62000"},
)
"""A trade that no rule of the standard policy denies."""


def test_remedies_of_one_field_are_joined_to_what_suits_all():
    both = joined(
        SOUND,
        Remedy(field="leverage", largest_passing=Decimal(3)),
        Remedy(field="leverage", largest_passing=Decimal(2)),
    )
    assert both == (Remedy(field="leverage", largest_passing=Decimal(2)),)
    venues = joined(
        SOUND, Remedy(field="venue", values=("bybit", "okx")), Remedy(field="venue", values=("okx", "kucoin"))
    )
    listed = VenueInstrument(venue="okx", instrument="BTC-USDT-SWAP")
    assert venues == (Remedy(field="venue", values=("okx",), instruments=(listed,)),)
    smaller = Remedy(field="notional", largest_passing=Decimal(1000))
    either = Remedy(field="leverage", smallest_passing=Decimal(3), alternatives=(smaller,))
    low = Remedy(field="leverage", largest_passing=Decimal(2))
    assert joined(SOUND, low, either) == (low, smaller)
    assert joined(SOUND) == ()


def test_remedies_that_cannot_be_joined_are_none():
    low, high = (
        Remedy(field="stop_price", largest_passing=Decimal(1)),
        Remedy(field="stop_price", smallest_passing=Decimal(2)),
    )
    assert joined(SOUND, low, high) == ()
    assert joined(SOUND, low, None) == ()
    assert joined(SOUND, Remedy(field="intent", value="hedge"), Remedy(field="intent", value="speculative")) == ()
    assert joined(SOUND, Remedy(field="venue", values=("a", "b")), Remedy(field="venue", values=("c",))) == ()


def test_what_only_reduces_is_not_moved():
    reducing, moving = Remedy(field="reduce_only", value="true"), Remedy(field="venue", values=("bybit",))
    assert joined(SOUND, reducing, moving) == ()


@pytest.mark.parametrize("asked", [{"leverage": "125"}, {"leverage": "50", "margin_mode": "cross"}])
def test_a_stop_that_suits_the_lower_leverage_is_left_where_it_is(asked: dict[str, Any]):
    fields = {
        "venue": "binance",
        "instrument": "BTCUSDT",
        "side": "long",
        "notional": "20000",
        "entry_price": "62000",
        "stop_price": "60000",
        "margin_mode": "isolated",
        "client": {"residence": "AE", "client_class": "retail"},
        "market": {"atr": "1500", "mark_price": "62000"},
        "account": {"equity": "50000", "free_collateral": "50000", "currency": "USD"},
        **asked,
    }
    conclusion = concluded(fields, "standard")
    assert "leverage" in {remedy.field for remedy in conclusion.remedies}
    assert "stop_price" not in {remedy.field for remedy in conclusion.remedies}
    for remedy in conclusion.remedies:
        fields = made(fields, remedy)
    after = concluded(fields, "standard")
    assert not failing(after)
    assert outcomes(after)["risk.stop_distance_in_atr"] is Outcome.PASS


def test_a_bounded_number_of_looks_is_taken(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(
        remedies, "_MAY_BE_NEEDLESS", ()
    )  # a made-up rule is not asked again: its stop would seem needless
    far_stop = Remedy(field="stop_price", largest_passing=Decimal(55000))
    wide = {**SOUND, "notional": "600000", "account": {**SOUND["account"], "equity": "2000000"}}
    assert len(joined(wide, far_stop)) == 2
    monkeypatch.setattr(remedies, "ROUNDS", 1)
    assert joined(wide, far_stop) == ()


def test_a_size_that_law_limits_in_coins_is_told_as_the_request_states_it():
    told = joined(SOUND, Remedy(field="quantity", largest_passing=Decimal("0.1")))
    assert told == (Remedy(field="notional", largest_passing=Decimal(6200)),)


def test_a_change_that_makes_another_rule_fail_is_made_with_the_remedy_of_that_one(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(
        remedies, "_MAY_BE_NEEDLESS", ()
    )  # a made-up rule is not asked again: its stop would seem needless
    near_stop = Remedy(field="stop_price", largest_passing=Decimal("61999.9"))
    assert joined(SOUND, near_stop) == (near_stop,)
    far_stop = Remedy(field="stop_price", largest_passing=Decimal(55000))
    wide = {**SOUND, "notional": "600000", "account": {**SOUND["account"], "equity": "2000000"}}
    stop, size = joined(wide, far_stop)
    assert stop == far_stop
    assert size.field == "notional"
    assert size.largest_passing is not None
    assert size.largest_passing < 600000
    assert not failing(concluded(made(made(wide, stop), size), "standard"))


def test_nothing_is_claimed_where_a_change_brings_out_a_fail_without_remedy():
    mark_far_off = {**SOUND, "market": {"mark_price": "62000", "index_price": "70000"}}
    to_cross = Remedy(field="margin_mode", values=("cross",))
    assert joined(mark_far_off, to_cross) == ()


def test_a_change_that_another_rule_takes_back_is_none():
    assert joined(SOUND, Remedy(field="margin_mode", values=("cross",))) == ()


def test_a_change_in_a_table_that_the_request_does_not_give_is_none():
    without = {name: value for name, value in SOUND.items() if name != "market"}
    assert joined(without, Remedy(field="market.regime_confirmed", value="true")) == ()
    stated = joined(SOUND, Remedy(field="market.regime_confirmed", value="true"))
    assert [remedy.field for remedy in stated] == ["market.regime_confirmed"]


def test_a_lower_leverage_shrinks_the_size_only_where_its_margin_has_no_room():
    lower = Remedy(field="leverage", largest_passing=Decimal(2))
    assert joined(SOUND, lower) == (lower,)
    tight = {**SOUND, "account": {**SOUND["account"], "equity": "20000", "free_collateral": "8000"}}
    told = joined(tight, lower, policy="professional")
    assert [remedy.field for remedy in told] == ["leverage", "notional"]
    changed = tight
    for remedy in told:
        changed = made(changed, remedy)
    assert not failing(concluded(changed, "professional"))


def test_a_remedy_stays_within_what_a_request_may_say():
    fields = {
        "venue": "binance",
        "instrument": "BTCUSDT",
        "side": "long",
        "notional": "41600",
        "entry_price": "62000",
        "stop_price": "60500",
        "leverage": "125",
        "margin_mode": "isolated",
        "client": {"residence": "AE"},
        "account": {"equity": "50000", "positions": []},
    }
    conclusion = concluded(fields, "standard")
    assert conclusion.remedies
    for remedy in conclusion.remedies:
        assert not problems_of(trade_of(made(fields, remedy)))


def test_venues_that_pass():
    fields = {
        "venue": "hyperliquid",
        "instrument": "BTC",
        "side": "long",
        "notional": "1000",
        "entry_price": "62000",
        "leverage": "2",
        "margin_mode": "cross",
        "client": {"residence": "AE"},
    }
    found = {finding.rule: finding for finding in concluded(fields, "conservative").findings}
    remedy = found["adl.insurance_fund"].remedy
    assert remedy is not None
    assert remedy.values
    listings = {
        one.venue: one.symbol for one in on(DAY).listings("BTC", on(DAY).instrument("hyperliquid", "BTC").product)
    }
    for venue in remedy.values:
        there = {**fields, "venue": venue, "instrument": listings[venue]}
        assert outcomes(concluded(there, "conservative"))["adl.insurance_fund"] is Outcome.PASS, venue


def test_nothing_is_offered_where_one_failed_rule_has_no_remedy():
    fields = {
        "venue": "binance",
        "instrument": "BTCUSDT",
        "side": "long",
        "notional": "30000",
        "entry_price": "62000",
        "stop_price": "61000",
        "leverage": "20",
        "margin_mode": "isolated",
        "client": {"residence": "AE"},
        "market": {"mark_price": "62000", "index_price": "70000"},
    }
    conclusion = concluded(fields, "standard")
    assert "risk.mark_near_index" in failing(conclusion)
    assert conclusion.remedies == ()


def test_an_order_that_reduces_is_not_sent_to_another_venue():
    held = {"venue": "bybit", "instrument": "BTCUSDT", "side": "short", "quantity": "0.1", "entry_price": "62000"}
    fields = {
        "venue": "bybit",
        "instrument": "BTCUSDT",
        "side": "long",
        "reduce_only": True,
        "notional": "10000",
        "entry_price": "62000",
        "client": {"residence": "DE", "client_class": "retail"},
        "account": {"positions": [held]},
    }
    _, conclusion = decide(trade_of(fields), on(DAY), policy_of("standard"))
    found = {finding.rule: finding.remedy for finding in conclusion.findings if finding.outcome is Outcome.FAIL}
    assert found["risk.reduce_only_reduces"] == Remedy(field="notional", largest_passing=Decimal(6200))
    assert any(remedy is not None and remedy.field == "venue" for remedy in found.values())
    assert conclusion.remedies == ()


@SETTINGS
@given(proposals(), st.decimals("0.9", "1.1", places=3), st.decimals("0.8", "1.2", places=3))
def test_figures_with_other_exits_are_those_of_the_trade_with_them(
    fields: dict[str, Any], stop: Decimal, target: Decimal
) -> None:
    price = Decimal(fields["entry_price"])
    moved = {**fields, "stop_price": plain(price * stop), "take_profit_price": plain(price * target)}
    policy = policy_of("standard")
    with localcontext(ARITHMETIC):
        before, after = (case_of(trade_of(one), on(DAY), policy) for one in (fields, moved))
        assert with_exits(before.figures, after.trade, after.terms, after.exposure) == after.figures


def test_a_stop_is_offered_where_no_liquidation_price_is_known_to_compare_it_with():
    fields = {
        "venue": "kucoin",
        "instrument": "XBTUSDTM",
        "side": "long",
        "notional": "20000",
        "entry_price": "62000",
        "leverage": "3",
        "margin_mode": "cross",
        "intent": "speculative",
        "client": {"residence": "AE-AZ", "client_class": "professional"},
        "account": {"equity": "2000000"},
        "market": {"mark_price": "62000"},
    }
    conclusion = decide(trade_of(fields), on(DAY), policy_of("standard", {"isolated_for_speculation": False}))[1]
    told = outcomes(conclusion)
    assert told["liquidation.not_at_entry"] is Outcome.UNKNOWN
    assert told["liquidation.stop_before_liquidation"] is Outcome.SKIPPED
    assert failing(conclusion) == {"risk.stop_present"}
    assert [remedy.field for remedy in conclusion.remedies] == ["stop_price"]


def at_binance(residence: str, client_class: str = "retail", **changes: Any) -> Conclusion:
    """Return what law and terms alone say of a perpetual on BTC at Binance."""
    client = {"residence": residence, "client_class": client_class}
    return concluded(proposal("binance", "BTCUSDT", "long", "5", client=client, **changes), "law_only")


def test_a_change_of_venue_names_venues_that_take_the_client_and_the_instrument_there():
    (moved,) = at_binance("US-FL").remedies
    assert moved.field == "venue"
    assert "bitnomial" in moved.values
    assert {one.venue: one.instrument for one in moved.instruments}["bitnomial"] == "PBUC"
    for one in moved.instruments:
        there = proposal(
            one.venue, one.instrument, "long", "1", client={"residence": "US-FL", "client_class": "retail"}
        )
        assert concluded(there, "law_only").verdict is not Verdict.DENY, one


def test_a_venue_that_refuses_the_client_is_no_change_that_passes():
    at_kucoin = proposal("kucoin", "XBTUSDTM", "long", "5", client={"residence": "AE-DU", "client_class": "retail"})
    conclusion = concluded(at_kucoin, "law_only")
    licence = next(one for one in conclusion.findings if one.rule == "ae.vara_etd_licence")
    assert licence.outcome is Outcome.FAIL
    assert conclusion.verdict is Verdict.DENY
    named = {venue for one in conclusion.remedies if one.field == "venue" for venue in one.values}
    assert "deribit" not in named  # it is licensed in Dubai and gives its retail clients spot alone


def test_where_the_venue_must_change_what_law_asks_anywhere_is_told_with_it():
    assert {one.field for one in at_binance("LI").remedies} == {"venue", "leverage"}
