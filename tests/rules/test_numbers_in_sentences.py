"""Numbers in sentences tell something: no size is rounded to nothing, and one of a thing is told in the singular."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from rules.checks.outcomes import percent, short
from rules.decision import Finding
from rules.engine import decide
from rules.validation import contradicting_marks, problems_of
from tests.rules.world import on, policy_of, trade_of

DAY = date(2026, 11, 21)
HELD = {"venue": "binance", "instrument": "BTCUSD_PERP", "side": "long", "quantity": "1", "entry_price": "62000"}


@pytest.mark.parametrize(
    ("value", "places", "told"),
    [
        ("0.00166", 2, "0.0017"),
        ("0.0312", 2, "0.031"),
        ("12.3456", 2, "12.35"),
        ("0", 2, "0"),
        ("0.000009821047", None, "0.000009821047"),
        ("0.0000000012345678", None, "0.000000001234568"),
        ("61838.123456789", None, "61838.12345679"),
        ("0.00001", None, "0.00001"),
    ],
)
def test_a_small_number_keeps_its_first_digits(value: str, places: int | None, told: str) -> None:
    assert short(Decimal(value), places) == told


def test_a_small_share_is_not_told_as_none() -> None:
    assert percent(Decimal("0.000000123456")) == "0.000012%"


def found(rule: str, **fields: Any) -> Finding:
    trade = {
        "venue": "binance",
        "instrument": "BTCUSD_PERP",
        "side": "short",
        "leverage": "2",
        "margin_mode": "isolated",
        "entry_price": "62000",
        "notional": "200",
        "client": {"residence": "AE-AZ", "client_class": "professional"},
        **fields,
    }
    conclusion = decide(trade_of(trade), on(DAY), policy_of("standard"))[1]
    return next(finding for finding in conclusion.findings if finding.rule == rule)


def test_one_contract_is_told_in_the_singular() -> None:
    account = {"equity": "1", "currency": "BTC", "positions": [{**HELD, "mark_price": "62000"}]}
    opposite = found("risk.own_opposite", account=account)
    assert opposite.message == "1 contract of this instrument is held on the other side."
    reducing = found("risk.reduce_only_reduces", account=account, reduce_only=True)
    assert reducing.message == "Only 1 contract is held to reduce."


def test_several_losing_positions_are_told_in_the_plural() -> None:
    held = [{**HELD, "side": "short", "instrument": name, "quantity": "0.1"} for name in ("BTCUSDT", "BTCUSDC")]
    unmarked = found("risk.adding_to_loser", account={"equity": "100000", "positions": held})
    assert unmarked.message == "Whether binance BTCUSDT, binance BTCUSDC are losing is not known."
    assert unmarked.question is not None
    assert unmarked.question.ask == "What are the mark prices of binance BTCUSDT, binance BTCUSDC?"
    marked = [{**one, "mark_price": "70000"} for one in held]
    losing = found("risk.adding_to_loser", account={"equity": "100000", "positions": marked})
    assert losing.message.startswith("The trade adds to losing positions (binance BTCUSDT, binance BTCUSDC) and")


def test_equity_and_what_is_left_to_hedge_are_told_in_their_currency() -> None:
    account = {"equity": "2", "currency": "BTC", "positions": []}
    assert found("risk.equity_positive", account=account).unit == "BTC"
    assert found("risk.hedge_offsets", account=account, intent="hedge").unit == "BTC"


def test_a_refusal_tells_a_small_amount_in_plain_notation() -> None:
    account = {"equity": "0.00000010", "currency": "BTC", "free_collateral": "0.0000002"}
    marks = [{**HELD, "mark_price": price} for price in ("0.0000001", "0.0000002")]
    trade = {
        "venue": "binance",
        "instrument": "BTCUSD_PERP",
        "side": "long",
        "client": {"residence": "AE"},
        "account": account,
    }
    [(_, told)] = problems_of(trade_of(trade))
    assert told == "must not exceed /account/equity (0.0000001): it is a part of it"
    [(_, told)] = contradicting_marks(trade_of({**trade, "account": {"positions": marks}}), on(DAY))
    assert told.endswith("mark_price it is 0.0000001")


def test_leverage_that_a_formula_grants_is_told_with_its_source() -> None:
    for leverage, told in (("60", "At this size the venue grants at most"), ("2", "Within what the venue's margin")):
        fields = {"venue": "deribit", "instrument": "BTC-PERPETUAL", "margin_mode": "cross", "leverage": leverage}
        granted = found("limits.leverage_in_tier", **fields)
        assert granted.message.startswith(told)
        assert [source.partition(".")[0] for source in granted.sources] == ["deribit"]


def test_a_source_is_named_once() -> None:
    fields = {"venue": "kraken_derivatives_us", "instrument": "PBUC", "margin_mode": "cross", "holding_hours": "72"}
    market = {"mark_price": "62000", "funding_rate": "0.0001"}
    total = found("cost.total_on_margin", **fields, market=market)
    assert total.sources
    assert len(set(total.sources)) == len(total.sources)


def test_that_nothing_read_tells_of_deleveraging_rests_on_what_was_read() -> None:
    untold = found("adl.accepted", venue="kalshi", instrument="KXBTCPERP")
    assert untold.message.startswith("Nothing read tells")
    assert untold.sources
