"""A change of venue passes what law and the venue's terms refused: at each venue named neither refuses the trade."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import combinations
from typing import Any

import pytest

from data.facts.law import LeverageCap, PositionLimit
from data.facts.venues import Instrument
from rules.decision import Effect, Family, Finding, Outcome, Verdict
from rules.engine import decide
from tests.law.test_cases import RULES as LAW_RULES
from tests.rules.world import facts, on, policy_of, trade_of

DAY = date(2026, 11, 21)
PLACES = (
    "US-NY",
    "US-TX",
    "BR",
    "DE",
    "GB",
    "AE",
    "AE-AZ",
    "SG",
    "JP",
    "KR",
    "CA-ON",
    "IN",
    "CH",
    "AU",
    "TR",
    "HK",
    "CN",
)
OPTIONAL: dict[str, Any] = {
    "entry_price": "60000",
    "stop_price": "59000",
    "take_profit_price": "66000",
    "quantity": "0.1",
    "notional": "6000",
    "leverage": "3",
    "margin_mode": "isolated",
    "added_margin": "10",
    "holding_hours": "24",
    "product": "future",
    "order_type": "limit",
    "intent": "hedge",
    "reduce_only": True,
    "adding_reason": "averaging",
    "intermediary": "kraken_derivatives_us",
    "account": {"equity": "50000", "free_collateral": "20000", "wallet_balance": "50000", "positions": []},
    "market": {
        "mark_price": "60100",
        "index_price": "60000",
        "funding_rate": "0.0001",
        "atr": "900",
        "order_book": {"bids": [["59990", "5"]], "asks": [["60010", "5"]]},
    },
}


def expiring() -> list[Instrument]:
    return [one for rows in facts().instruments.values() for one in rows if one.expiry is not None]


@pytest.mark.parametrize("instrument", expiring(), ids=lambda one: f"{one.venue} {one.symbol}")
def test_an_expired_contract_is_denied_whatever_else_is_stated(instrument: Instrument) -> None:
    assert instrument.expiry is not None
    stated = [dict([one]) for one in OPTIONAL.items()] + [dict(pair) for pair in combinations(OPTIONAL.items(), 2)]
    stated += [{}, {name: value for name, value in OPTIONAL.items() if name != "notional"}]
    for days in (0, 1, 400):
        knowledge = on(instrument.expiry + timedelta(days=days))
        for fields in stated:
            if "notional" in fields and "quantity" in fields:
                continue
            if days == 0 and fields.get("reduce_only"):
                continue  # whether it has settled by then is asked
            trade = {
                "venue": instrument.venue,
                "instrument": instrument.symbol,
                "side": "long",
                "client": {"residence": "AE-AZ"},
                **fields,
            }
            _, found = decide(trade_of(trade), knowledge, policy_of("standard"))
            assert found.verdict is Verdict.DENY, trade
            denying = {one.rule for one in found.findings if one.outcome is Outcome.FAIL and one.effect is Effect.DENY}
            assert "limits.instrument_listed" in denying, trade


def _trades() -> Iterator[dict[str, Any]]:
    """Yield trades in one instrument of each venue, product and kind of contract, by clients of many places."""
    chosen: dict[object, Instrument] = {}
    for rows in facts().instruments.values():
        for one in rows:
            if one.base in ("BTC", "XBT") and (one.expiry is None or one.expiry > DAY):
                chosen.setdefault((one.venue, one.product, one.contract_type), one)
    for one in chosen.values():
        for place in PLACES:
            for client_class in ("retail", "professional"):
                yield {
                    "venue": one.venue,
                    "instrument": one.symbol,
                    "side": "long",
                    "notional": "6000",
                    "entry_price": "60000",
                    "client": {"residence": place, "client_class": client_class},
                }


def _refusing(findings: tuple[Finding, ...]) -> set[str]:
    """Return the rules of law and access that deny or hold a trade, limits on amounts aside."""
    return {
        one.rule
        for one in findings
        if one.family in (Family.JURISDICTION, Family.ACCESS)
        and one.outcome is Outcome.FAIL
        and one.effect is not Effect.WARN
        and not (one.rule in LAW_RULES and isinstance(LAW_RULES[one.rule].effect, LeverageCap | PositionLimit))
    }


@pytest.mark.parametrize("intermediary", [None, "kraken_derivatives_us"])
def test_neither_law_nor_terms_refuse_the_trade_at_a_venue_named(intermediary: str | None) -> None:
    knowledge, policy, looked_at = on(DAY), policy_of("law_only"), 0
    seen: set[object] = set()
    for fields in _trades():
        asked = {**fields, "intermediary": intermediary} if intermediary else fields
        _, found = decide(trade_of(asked), knowledge, policy)
        for remedy in found.remedies:
            for moved in remedy.instruments if remedy.field == "venue" else ():
                key = (moved.venue, moved.instrument, *asked["client"].values())
                if key in seen:
                    continue
                seen.add(key)
                there = {**asked, "venue": moved.venue, "instrument": moved.instrument}
                _, again = decide(trade_of(there), knowledge, policy)
                assert not _refusing(again.findings), (asked, moved)
                open_there = {one.rule for one in again.findings if one.outcome is Outcome.UNKNOWN}
                assert not _refusing(found.findings) & open_there, (asked, moved)
                looked_at += 1
    assert looked_at > 50


@pytest.mark.parametrize(("venue", "place"), [("bybit", "JP"), ("bybit", "NG"), ("bybit", "BR"), ("bybit", "HK")])
def test_a_venue_where_what_fails_here_is_open_is_not_named(venue: str, place: str) -> None:
    fields = {
        "venue": venue,
        "instrument": "BTCUSDT",
        "side": "long",
        "notional": "6000",
        "entry_price": "60000",
        "leverage": "2",
        "client": {"residence": place, "client_class": "retail"},
    }
    _, found = decide(trade_of(fields), on(DAY), policy_of("law_only"))
    assert found.verdict is Verdict.DENY
    assert found.remedies == ()


def test_through_a_firm_that_refuses_the_client_no_other_venue_is_reached() -> None:
    fields = {
        "venue": "binance",
        "instrument": "BTCUSDT",
        "side": "long",
        "notional": "6000",
        "entry_price": "60000",
        "client": {"residence": "US-TX", "client_class": "retail"},
    }
    _, direct = decide(trade_of(fields), on(DAY), policy_of("law_only"))
    assert {remedy.field for remedy in direct.remedies} == {"venue"}
    _, through = decide(trade_of({**fields, "intermediary": "bybit"}), on(DAY), policy_of("law_only"))
    outcomes = {one.rule: one.outcome for one in through.findings}
    assert outcomes["access.intermediary"] is Outcome.FAIL
    assert through.remedies == ()


def test_no_instrument_is_named_at_another_venue_where_that_of_the_trade_is_not_known() -> None:
    fields = {
        "venue": "coinbase_international",
        "instrument": "NOSUCH",
        "product": "perpetual",
        "side": "long",
        "notional": "6000",
        "client": {"residence": "UY", "client_class": "professional"},
    }
    _, found = decide(trade_of(fields), on(DAY), policy_of("law_only"))
    [remedy] = found.remedies
    assert (remedy.field, remedy.values, remedy.instruments) == ("venue", ("deribit",), ())


def test_a_venue_that_holds_the_licence_and_is_not_known_to_list_the_coin_is_not_named() -> None:
    fields = {
        "venue": "hyperliquid",
        "side": "long",
        "notional": "6000",
        "client": {"residence": "DE", "client_class": "retail"},
    }
    for instrument, price, named in (("FARTCOIN", "0.4", ()), ("BTC", "60000", ("kraken_futures", "okx", "robinhood"))):
        asked = {**fields, "instrument": instrument, "entry_price": price}
        _, found = decide(trade_of(asked), on(DAY), policy_of("law_only"))
        law = next(one for one in found.findings if one.rule == "eu.mifid_licence_for_derivatives")
        assert law.remedy is not None
        assert law.remedy.values == ("kraken_futures", "okx", "robinhood")
        assert tuple(moved.venue for one in found.remedies for moved in one.instruments) == named
        assert bool(found.remedies) is bool(named)


def test_a_way_to_the_venue_that_is_left_is_no_part_of_a_change_of_venue() -> None:
    fields = {
        "venue": "deribit",
        "instrument": "BTC-PERPETUAL",
        "side": "long",
        "notional": "5000",
        "entry_price": "62000",
        "leverage": "2",
        "client": {"residence": "US-TX", "client_class": "ecp"},
    }
    _, found = decide(trade_of(fields), on(DAY), policy_of("law_only"))
    terms = next(one for one in found.findings if one.rule == "access.terms")
    assert terms.remedy is not None
    assert terms.remedy.field == "intermediary"
    (moved,) = found.remedies
    assert moved.field == "venue"
    verdicts = {
        one.venue: decide(
            trade_of({**fields, "venue": one.venue, "instrument": one.instrument}), on(DAY), policy_of("law_only")
        )[1].verdict
        for one in moved.instruments
    }
    assert verdicts["bitnomial"] is Verdict.ALLOW
    assert Verdict.DENY not in verdicts.values()
