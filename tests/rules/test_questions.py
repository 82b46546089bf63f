"""What an open finding asks for settles it: whatever a request leaves out, the questions lead to what it lacks."""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from functools import cache, lru_cache
from itertools import combinations
from typing import Any

import msgspec
import pytest

from rules.decision import Finding, Outcome, Question
from rules.engine import decide
from rules.policies.thresholds import needed_inputs
from tests.rules.world import on, policy_of, trade_of

DAY = date(2026, 11, 21)
OPEN = (Outcome.UNKNOWN, Outcome.SKIPPED)
Request = dict[str, Any]

LEFT_OUT = (
    "intermediary",
    "product",
    "notional",
    "entry_price",
    "leverage",
    "margin_mode",
    "stop_price",
    "take_profit_price",
    "holding_hours",
    "client.client_class",
    "client.nationality",
    "account",
    "account.equity",
    "account.free_collateral",
    "account.wallet_balance",
    "account.positions",
    "market",
    "market.mark_price",
    "market.index_price",
    "market.funding_rate",
    "market.borrow_rate",
    "market.atr",
    "market.daily_range",
    "market.regime",
    "market.regime_confirmed",
    "market.order_book",
    "market.previous_order_book",
    "market.liquidation_clusters",
)
"""Fields that a request may leave out."""

HANGS_ON_THE_MODE = {"cost.liquidation_fee"}
"""Without a margin mode figures are an isolated position's, and so is what is missing of the venue's facts."""


def whole(venue: str, instrument: str, price: str = "62000", **more: Any) -> Request:
    """Return a request that tells all that a trade of half a coin can; a name with "__" in it is a field of a table."""
    at = Decimal(price)
    book = {
        "bids": [[f"{at * (1 - Decimal(far) / 100):f}", "100"] for far in (*range(1, 100, 7), 99)],
        "asks": [[f"{at * (1 + Decimal(far) / 100):f}", "100"] for far in range(1, 200, 9)],
    }
    request: Request = {
        "venue": venue,
        "instrument": instrument,
        "product": "perpetual",
        "side": "long",
        "intermediary": "coinbase_financial_markets",
        "notional": f"{at / 2:f}",
        "entry_price": price,
        "leverage": "2",
        "margin_mode": "cross",
        "stop_price": f"{at * Decimal('0.9'):f}",
        "take_profit_price": f"{at * Decimal('1.1'):f}",
        "holding_hours": "24",
        "client": {"residence": "AE", "client_class": "retail", "nationality": "AE"},
        "account": {
            "equity": "20000",
            "currency": "USDT",
            "free_collateral": "10000",
            "wallet_balance": "5000",
            "positions": [],
        },
        "market": {
            "mark_price": price,
            "index_price": price,
            "funding_rate": "0.0001",
            "borrow_rate": "0.00001",
            "atr": f"{at / 50:.4f}",
            "daily_range": f"{at / 30:.4f}",
            "regime": "trending",
            "regime_confirmed": True,
            "order_book": book,
            "previous_order_book": book,
            "liquidation_clusters": [],
        },
    }
    for path, value in more.items():
        *tables, name = path.split("__")
        table = request
        for one in tables:
            table = table[one]
        table[name] = value
    return request


def held(venue: str, instrument: str, side: str, mode: str, price: str = "3000") -> Request:
    return {
        "venue": venue,
        "instrument": instrument,
        "side": side,
        "quantity": "0.5",
        "entry_price": price,
        "mark_price": price,
        "leverage": "5",
        "margin_mode": mode,
        "collateral": "600",
    }


COINS = {
    "account__currency": "BTC",
    "account__equity": "1",
    "account__wallet_balance": "0.2",
    "account__free_collateral": "0.5",
}
US = {"client__residence": "US-TX", "account__currency": "USD"}
WHOLE: Mapping[str, Request] = {
    "cross": whole("binance", "BTCUSDT"),
    "short": whole("binance", "BTCUSDT", side="short", stop_price="68200", take_profit_price="55800"),
    "isolated": whole("binance", "BTCUSDT", margin_mode="isolated"),
    "isolated beside cross": whole(
        "binance",
        "BTCUSDT",
        margin_mode="isolated",
        account__positions=[held("binance", "ETHUSDT", "long", "cross")],
    ),
    "cross beside all kinds": whole(
        "binance",
        "BTCUSDT",
        account__positions=[
            held("binance", "ETHUSDT", "long", "isolated"),
            held("bybit", "ETHUSDT", "short", "cross"),
            held("binance", "BTCUSDT", "long", "cross", "62000"),
        ],
    ),
    "only reduces": whole(
        "binance",
        "BTCUSDT",
        reduce_only=True,
        account__positions=[held("binance", "BTCUSDT", "short", "cross", "62000")],
    ),
    "inverse": whole("okx", "BTC-USD-SWAP", **COINS),
    "rates that grow with size": whole("deribit", "BTC-PERPETUAL", **COINS),
    "open interest": whole("dydx", "BTC-USD", account__currency="USDC"),
    "half of initial margin": whole("hyperliquid", "BTC", account__currency="USDC", margin_mode="isolated"),
    "margin level": whole("kraken", "XBTUSDT", product="spot_margin"),
    "performance bond": whole("bitnomial", "PBUC", **US),
    "future": whole("cme", "BTC", product="future", **US),
    "spot": whole("binance_us", "BTCUSDT", product="spot", leverage="1", **US),
    "loan that is not on file": whole("okx", "BTC/USDT", product="spot_margin", margin_mode="isolated"),
    "instrument that is not on file": whole("binance", "NOSUCHUSDT", market__funding_interval_hours="8"),
    "law that asks": whole("kraken_futures", "PF_XBTUSD", client__residence="GB", client__client_class="professional"),
    "terms that ask": whole("bybit", "BTCUSDT", client__residence="KR"),
}


@cache
def policies() -> tuple[Any, ...]:
    """Return every threshold set and nothing required, and the everyday policy."""
    return policy_of("conservative", {"requires": []}), policy_of("standard")


def judged(request: Request, policy: Any) -> Mapping[str, Finding]:
    return _judged(msgspec.json.encode(request, order="deterministic"), policy)


@lru_cache(maxsize=4096)
def _judged(request: bytes, policy: Any) -> Mapping[str, Finding]:
    """Decide a request once: its open findings mostly ask for the same."""
    _, conclusion = decide(trade_of(msgspec.json.decode(request)), on(DAY), policy)
    return {finding.rule: finding for finding in conclusion.findings}


def value_at(request: Request, path: str) -> Any:
    for name in path.split("."):
        if not isinstance(request, dict) or name not in request:
            return None
        request = request[name]
    return request


def without(request: Request, paths: tuple[str, ...]) -> Request:
    request = copy.deepcopy(request)
    for path in paths:
        *tables, name = path.split(".")
        table = request
        for one in tables:
            table = table.get(one, {})
        table.pop(name, None)
        if path in ("marks", "margins"):
            for position in request.get("account", {}).get("positions", ()):
                for fact in ("mark_price",) if path == "marks" else ("leverage", "collateral"):
                    position.pop(fact, None)
    return request


def with_value(request: Request, path: str, value: Any, currency: str) -> Request:
    request = copy.deepcopy(request)
    *tables, name = path.split(".")
    table = request
    for one in tables:
        table = table.setdefault(one, {"currency": currency} if one == "account" else {})
    table[name] = copy.deepcopy(value)
    return request


def answered(request: Request, complete: Request, question: Question) -> Request | None:
    """Return the request with the question answered as the complete one answers it; null where that tells no more."""
    if question.field == "quantity" and "quantity" not in request:
        coins = Decimal(complete["notional"]) / Decimal(complete["entry_price"])
        return with_value(without(request, ("notional",)), "quantity", f"{coins:f}", "")
    if question.field is not None:
        told = value_at(complete, question.field)
        if told is not None and value_at(request, question.field) != told:
            return with_value(request, question.field, told, complete["account"]["currency"])
    if question.id is not None and question.id not in request.get("conditions_met", ()):
        return {**request, "conditions_met": [*request.get("conditions_met", ()), question.id]}
    return None


def incomplete(name: str) -> Iterator[tuple[str, ...]]:
    """Yield what to leave out of a request: nothing, each field, pairs of what figures hang on, and a few at random."""
    there = [path for path in LEFT_OUT if value_at(WHOLE[name], path) is not None] + ["marks", "margins"]
    yield ()
    for path in there:
        yield (path,)
    figured = {"notional", "leverage", "account.wallet_balance", "account.equity", "account.positions"} & {*there}
    yield from combinations(sorted(figured), 2)
    chosen = random.Random(name)
    for _ in range(3):
        yield tuple(chosen.sample(there, chosen.randint(3, 8)))


@pytest.mark.parametrize("name", WHOLE)
def test_the_questions_of_an_incomplete_request_lead_to_what_it_lacks(name: str) -> None:
    """A question is answered as long as the complete request tells more; where it does not, the complete request is
    asked the same, for it is a fact that is not on file.
    """
    complete = WHOLE[name]
    for policy in policies():
        for missing in incomplete(name):
            request = without(complete, missing)
            for rule, finding in judged(request, policy).items():
                if rule not in HANGS_ON_THE_MODE or "margin_mode" not in missing:
                    follow(finding, request, complete, policy, (rule, missing))


def follow(finding: Finding, request: Request, complete: Request, policy: Any, about: object) -> None:
    """Answer what an open finding asks, again and again, until it is settled or nothing is left to be told."""
    while finding.outcome in OPEN:
        question = finding.question
        assert question is not None, about
        more = answered(request, complete, question)
        if more is None:
            everything = {**complete, "conditions_met": request.get("conditions_met", [])}
            same = judged(everything, policy).get(finding.rule)
            assert same is not None, (about, finding.message, question)
            assert same.outcome in OPEN, (about, finding.message, question)
            assert same.question is not None, about
            assert (same.question.field, same.question.id) == (question.field, question.id), (about, finding.message)
            return
        request = more
        now = judged(request, policy).get(finding.rule)
        if now is None:
            return
        assert (now.message, now.question) != (finding.message, finding.question), (about, finding.message, question)
        finding = now


def test_a_cross_trade_leaves_review_by_what_its_questions_name() -> None:
    """A router that sends what questions name needs no person for a trade that lacks nothing else."""
    complete = without(WHOLE["cross"], ("intermediary",))
    request = without(complete, ("account", "market", "holding_hours", "take_profit_price", "leverage", "entry_price"))
    policy = policy_of("standard", {"isolated_for_speculation": False, "families": ["limits", "liquidation", "access"]})
    asked: list[str] = []
    for _ in range(9):
        weighty = [
            finding.question.field
            for finding in judged(request, policy).values()
            if finding.outcome is Outcome.UNKNOWN and finding.family == "liquidation" and finding.question is not None
        ]
        if not weighty:
            break
        field = weighty[0]
        assert field is not None
        asked.append(field)
        request = with_value(request, field, value_at(complete, field), "USDT")
    else:
        pytest.fail(f"still asked after {asked}")
    assert asked == ["entry_price", "account.wallet_balance", "account.positions"]


@pytest.mark.parametrize("name", WHOLE)
def test_a_policy_may_require_what_the_question_of_a_skipped_finding_names(name: str) -> None:
    """What is skipped for want of a field is unknown under a policy that requires the field."""
    for missing in (*((one,) for one in LEFT_OUT), LEFT_OUT):
        request = without(WHOLE[name], missing)
        named = {
            finding.rule: finding.question.field
            for finding in judged(request, policy_of("standard")).values()
            if finding.outcome is Outcome.SKIPPED and finding.question is not None and finding.question.field
        }
        assert set(named.values()) <= needed_inputs(), (missing, named)
        required = judged(request, policy_of("standard", {"requires": sorted(set(named.values()))}))
        for rule, field in named.items():
            assert required[rule].outcome is Outcome.UNKNOWN, (rule, field, missing)
