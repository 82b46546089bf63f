"""The summary of a decision names what decided it, and tells how much else stands open."""

from __future__ import annotations

from datetime import date

import pytest
from msgspec import structs

from rules.check import CATALOGUE
from rules.decision import Effect, Outcome
from rules.engine import decide
from rules.policies.inputs_in_words import question_for
from tests.rules.world import built_in, on, trade_of

DAY = date(2026, 11, 21)
FIELDS = {
    "venue": "binance",
    "instrument": "BTCUSDT",
    "side": "long",
    "notional": "20000",
    "entry_price": "62000",
    "leverage": "100",
    "margin_mode": "isolated",
    "client": {"residence": "BR", "client_class": "retail"},
}


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"instrument": "NOTHING-LIKE-IT"},
        {"instrument": "NOTHING-LIKE-IT", "leverage": "2"},
        {"leverage": "2"},
        {"leverage": "2", "stop_price": "61000"},
    ],
)
def test_a_verdict_is_told_by_what_decided_it(changes: dict[str, str]) -> None:
    _, conclusion = decide(trade_of({**FIELDS, **changes}), on(DAY), built_in("standard"))
    failed = [f for f in conclusion.findings if f.outcome is Outcome.FAIL and f.effect is not Effect.WARN]
    unknown = [f for f in conclusion.findings if f.outcome is Outcome.UNKNOWN and f.effect is not Effect.WARN]
    denying = [f for f in failed if f.effect is Effect.DENY]
    told = (denying or failed or unknown)[0]
    assert told.message in conclusion.summary
    assert conclusion.summary.startswith("Denied: " if denying else "For review")
    if failed:
        assert (f"{len(failed) - 1} more rule" in conclusion.summary) is (len(failed) > 1)
        open_ones = f"{len(unknown)} rule{' is' if len(unknown) == 1 else 's are'} not known to pass."
        assert (open_ones in conclusion.summary) is bool(unknown)


def test_a_denial_is_not_laid_on_a_rule_that_asks_for_a_review() -> None:
    trade = trade_of({**FIELDS, "instrument": "NOTHING-LIKE-IT"})
    _, conclusion = decide(trade, on(DAY), built_in("standard"))
    assert conclusion.verdict.value == "deny"
    assert conclusion.summary.startswith("Denied: The policy allows 10x. 1 more rule denies or holds it; ")


def test_a_question_about_what_is_traded_says_what_to_answer() -> None:
    fields = {**FIELDS, "venue": "hyperliquid", "instrument": "kNEIRO"}
    _, named = decide(trade_of(fields), on(DAY), built_in("law_only"))
    asks = {f.question.ask for f in named.findings if f.question is not None}
    what = "What is kNEIRO: crypto or an index of coins or stablecoin or fiat or metal or energy or equity or index?"
    [asked] = [f.question for f in named.findings if f.question is not None and f.question.ask.startswith(what)][:1]
    assert asked.ask.endswith("kNEIRO_is_equity, kNEIRO_is_index.")
    assert asked.id == "kNEIRO_is_crypto"
    denied = {**fields, "conditions_met": ["not:kNEIRO_is_crypto"]}
    _, again = decide(trade_of(denied), on(DAY), built_in("law_only"))
    asked = [
        f.question for f in again.findings if f.question is not None and f.question.ask.startswith("What is kNEIRO")
    ]
    assert asked
    for one in asked:
        assert "kNEIRO_is_crypto" not in (one.id, *one.ask.replace(".", ",").split(", "))
    fields = {**FIELDS, "venue": "kraken", "instrument": "NOTHING-LIKE-IT", "product": "spot_margin"}
    _, unlisted = decide(trade_of(fields), on(DAY), built_in("law_only"))
    asked = {(f.question.ask, f.question.field) for f in unlisted.findings if f.question is not None}
    assert ("Which underlying does the instrument have?", "instrument") in asked
    assert not any("is not known?" in ask for ask in (*asks, *(ask for ask, _ in asked)))


def test_a_question_about_several_inputs_is_asked_in_the_plural() -> None:
    needs = ("market.mark_price", "market.index_price")
    policy = structs.replace(built_in("standard"), requires=needs)
    _, conclusion = decide(trade_of(FIELDS), on(DAY), policy)
    asks = {f.question.ask for f in conclusion.findings if f.question is not None}
    assert "What are the mark price and the index price?" in asks
    assert "What is the mark price?" in asks


def test_every_input_that_a_rule_needs_is_asked_for_in_words() -> None:
    for need in {need for rule in CATALOGUE.values() for need in rule.needs}:
        asked = question_for((need,))
        assert not {"_", "."} & set(asked)


def test_leverage_is_counted_in_one_unit() -> None:
    _, conclusion = decide(trade_of({**FIELDS, "leverage": "5"}), on(DAY), built_in("standard"))
    units = {f.rule: f.unit for f in conclusion.findings}
    assert {units[rule] for rule in ("risk.leverage", "limits.leverage_in_tier", "limits.leverage_cap")} <= {"x", None}
    assert units["risk.leverage"] == "x"


def test_one_is_told_in_the_singular() -> None:
    fields = {**FIELDS, "venue": "cme", "instrument": "BTC", "client": {"residence": "US", "client_class": "ecp"}}
    _, conclusion = decide(trade_of(fields), on(DAY), built_in("standard"))
    (smallest,) = (f.message for f in conclusion.findings if f.rule == "limits.minimum_size")
    assert smallest == "The venue's smallest order is 1 contract."


def test_caps_that_differ_are_told_with_their_sessions() -> None:
    fields = {**FIELDS, "venue": "coinbase_derivatives", "instrument": "BIP-20DEC30-CDE", "leverage": "5"}
    del fields["margin_mode"]
    client = {"residence": "US-TX", "client_class": "retail"}
    _, conclusion = decide(trade_of({**fields, "client": client}), on(DAY), built_in("law_only"))
    (cap,) = (f for f in conclusion.findings if f.rule == "limits.leverage_cap")
    assert cap.message == "One of the venue's caps is 4.07x overnight, another 9.99x intraday."
    assert cap.question is not None
    assert cap.question.ask.startswith("Does the cap of 4.07x overnight apply (")
    assert cap.question.ask.endswith(")?")


def test_classes_of_clients_are_listed_as_they_are_spoken() -> None:
    fields = {**FIELDS, "venue": "kalshi", "instrument": "KXBTCPERP", "leverage": "2"}
    client = {"residence": "US-TX", "client_class": "retail"}
    _, conclusion = decide(trade_of({**fields, "client": client}), on(DAY), built_in("law_only"))
    (terms,) = (f.message for f in conclusion.findings if f.rule == "access.terms")
    assert "take retail, professional, ecp and institutional clients in US on a condition" in terms
