"""What one decision costs in process, beside two general rule engines evaluating as many comparisons.

    python benchmarks/bench_engine.py [--rounds 7]

Targets: a full decision under 150 µs on a machine like CI's; decode + decide + encode at most 6 times decode + encode;
at least 3 times as fast as zen-engine and as cedarpy; a comparison of all venues under 10 decisions.

Both engines get their rules compiled beforehand and their input as Python objects, as ours does. They compare numbers
that are given; ours also looks the facts up and computes what it compares, in exact decimals, and says of each rule
what it found. Asked for what the checks alone compare, the decision table and the decimals are what does the same, and
the barer forms are printed beside them; for all that a decision compares on its way, law, tiers and figures included,
the barer forms stand alone.
"""

from __future__ import annotations

# ruff: noqa: E402 - the repository's root goes on the path before its packages are imported
import argparse
import dis
import json
import os
import sys
import timeit
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import cedarpy
import zen

from api.contracts import DecisionRequest
from api.decoding import decode_body
from api.encoding import encode
from api.policies import built_in
from data.curation.load import load_corpus
from data.release_facts import ReleaseFacts
from rules.comparison.asked import ComparedTrade
from rules.comparison.compare import compare
from rules.engine import decide
from rules.policies.plan import plan_of
from rules.policies.policy import Policy

DAY = date(2026, 11, 21)
TRADE: dict[str, Any] = {
    "side": "long",
    "order_type": "market",
    "notional": "31000",
    "entry_price": "62000",
    "leverage": "5",
    "margin_mode": "isolated",
    "stop_price": "60500",
    "take_profit_price": "66000",
    "holding_hours": "72",
    "intent": "speculative",
    "client": {"residence": "AE-AZ", "client_class": "professional"},
    "account": {
        "equity": "50000",
        "currency": "USD",
        "volume_30d_usd": "0",
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
        "index_price": "62000",
        "funding_rate": "0.0001",
        "atr": "1500",
        "daily_range": "2000",
        "regime": "trending",
        "order_book": {"bids": [["61990", "12.5"], ["61980", "9"]], "asks": [["62010", "3.1"], ["62020", "9"]]},
        "liquidation_clusters": [{"price": "60140", "notional": "200000000"}],
    },
}


def microseconds(call: Callable[[], object], rounds: int) -> float:
    """Return the best time of one call, over several rounds long enough to measure."""
    timer = timeit.Timer(call)
    number, _ = timer.autorange()
    number = max(1, number // 4)
    return min(timer.repeat(repeat=rounds, number=number)) / number * 1e6


def comparisons_in(call: Callable[[], object], folder: str) -> int:
    """Return how many comparisons one call evaluates in a folder: `<`, `==`, `in` and `is` executed in its modules.

    Branches on null are not counted. In rules/checks they are those of the checks; in rules/ also those of law, margin
    tiers and figures, and those between facts and the client. What rules declare is compared once per kind of trade:
    see `declared_by`.
    """
    counted = 0
    offsets: dict[Any, frozenset[int]] = {}

    def compares_at(code: Any) -> frozenset[int]:
        found = offsets.get(code)
        if found is None:
            ours = code.co_filename.startswith(str(ROOT / folder) + os.sep)
            found = frozenset(one.offset for one in dis.get_instructions(code) if ours and one.opname in COMPARING)
            offsets[code] = found
        return found

    def executed(code: Any, offset: int) -> None:
        nonlocal counted
        counted += offset in compares_at(code)

    def at_call(frame: Any, event: str, argument: object) -> Any:
        frame.f_trace_opcodes = bool(compares_at(frame.f_code))
        return at_opcode if frame.f_trace_opcodes else None

    def at_opcode(frame: Any, event: str, argument: object) -> Any:
        if event == "opcode":
            executed(frame.f_code, frame.f_lasti)
        return at_opcode

    if sys.version_info < (3, 12):
        sys.settrace(at_call)
        try:
            call()
        finally:
            sys.settrace(None)
        return counted
    # From 3.12 on, opcodes are traced in a part of the frames only.
    watching = sys.monitoring
    watching.use_tool_id(watching.PROFILER_ID, "comparisons")
    watching.register_callback(watching.PROFILER_ID, watching.events.INSTRUCTION, executed)
    watching.set_events(watching.PROFILER_ID, watching.events.INSTRUCTION)
    try:
        call()
    finally:
        watching.set_events(watching.PROFILER_ID, 0)
        watching.free_tool_id(watching.PROFILER_ID)
    return counted


COMPARING = frozenset({"COMPARE_OP", "CONTAINS_OP", "IS_OP"})
FOLDERS = ("rules/checks", "rules")


def zen_graph(content: dict[str, Any], kind: str) -> zen.ZenDecision:
    graph = {
        "nodes": [
            {"id": "in", "name": "in", "type": "inputNode", "content": {}},
            {"id": "rules", "name": "rules", "type": kind, "content": content},
            {"id": "out", "name": "out", "type": "outputNode", "content": {}},
        ],
        "edges": [
            {"id": "1", "sourceId": "in", "targetId": "rules", "type": "edge"},
            {"id": "2", "sourceId": "rules", "targetId": "out", "type": "edge"},
        ],
    }
    return zen.ZenEngine().create_decision(json.dumps(graph))


def declared_by(policy: Policy) -> int:
    """Return how many comparisons the rules of a policy declare: of products, and of types of order.

    Ours makes them once per kind of trade and remembers which rules are left; an engine makes them for every trade.
    """
    rules = [step.rule for step in plan_of(policy).steps]
    return sum((rule.products is not None) + (rule.order_type is not None) for rule in rules)


def zen_table(comparisons: int) -> Callable[[], object]:
    """Return an evaluation by zen-engine of a decision table that says of each rule what it found."""
    columns = [f"observed_{index}" for index in range(comparisons)]
    table = {
        "hitPolicy": "collect",
        "inputs": [{"id": column, "name": column, "field": column} for column in columns],
        "outputs": [{"id": name, "name": name, "field": name} for name in ("rule", "outcome")],
        "rules": [
            {
                "_id": f"row_{row}",
                **{column: f"<= {row + 1}" if index == row else "" for index, column in enumerate(columns)},
                "rule": f'"rule_{row}"',
                "outcome": '"pass"',
            }
            for row in range(comparisons)
        ],
    }
    decision = zen_graph(table, "decisionTableNode")
    given = {column: index + 0.5 for index, column in enumerate(columns)}
    assert len(decision.evaluate(given)["result"]) == comparisons
    return lambda: decision.evaluate(given)


def zen_expressions(comparisons: int) -> Callable[[], object]:
    """Return an evaluation by zen-engine of bare comparisons that say yes or no."""
    expressions = [
        {"id": f"e{index}", "key": f"passes_{index}", "value": f"observed_{index} <= {index + 1}"}
        for index in range(comparisons)
    ]
    decision = zen_graph({"expressions": expressions}, "expressionNode")
    given = {f"observed_{index}": index + 0.5 for index in range(comparisons)}
    answer = decision.evaluate(given)["result"]
    assert len(answer) == comparisons
    assert all(answer.values())
    return lambda: decision.evaluate(given)


def cedar(comparisons: int, *, decimals: bool) -> Callable[[], object]:
    """Return an evaluation by Cedar of policies that forbid what exceeds a limit: exact decimals, or whole numbers."""

    def forbid(index: int) -> str:
        seen = f"context.observed_{index}"
        test = f'{seen}.greaterThan(decimal("{index + 1}.0"))' if decimals else f"{seen} > {index + 1}"
        return f"forbid(principal, action, resource) when {{ {test} }};"

    def observed(index: int) -> object:
        return {"__extn": {"fn": "decimal", "arg": f"{index}.5"}} if decimals else index

    text = "\n".join(["permit(principal, action, resource);", *(forbid(index) for index in range(comparisons))])
    policies, entities = cedarpy.PolicySet.from_str(text), cedarpy.Entities.from_json_str("[]")
    request = {
        "principal": 'Client::"one"',
        "action": 'Action::"trade"',
        "resource": 'Venue::"one"',
        "context": {f"observed_{index}": observed(index) for index in range(comparisons)},
    }
    assert cedarpy.is_authorized(request, policies, entities).allowed
    return lambda: cedarpy.is_authorized(request, policies, entities)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    rounds = parser.parse_args().rounds

    knowledge = ReleaseFacts("bench", load_corpus(ROOT / "data" / "curated")).on(DAY)
    policy = built_in()["standard"].policy
    body = json.dumps({**TRADE, "venue": "binance", "instrument": "BTCUSDT"}).encode()
    trade = decode_body(body, DecisionRequest)
    _, conclusion = decide(trade, knowledge, policy)
    asked = json.dumps({**TRADE, "base": "BTC", "product": "perpetual"}).encode()
    compared = decode_body(asked, ComparedTrade)
    venues = len(compare(compared, knowledge, policy).rows)

    decision = microseconds(lambda: decide(trade, knowledge, policy), rounds)
    coding = microseconds(lambda: encode(decide_nothing(decode_body(body, DecisionRequest), conclusion)), rounds)
    whole = microseconds(lambda: encode(decide(decode_body(body, DecisionRequest), knowledge, policy)), rounds)
    comparison = microseconds(lambda: compare(compared, knowledge, policy), rounds)
    served = microseconds(lambda: encode(compare(decode_body(asked, ComparedTrade), knowledge, policy)), rounds)
    findings = len(conclusion.findings)
    checked, executed = (comparisons_in(lambda: decide(trade, knowledge, policy), one) for one in FOLDERS)
    remembered = declared_by(policy)
    comparisons, all_of_them = checked + remembered, executed + remembered
    print(f"comparisons: {checked} executed by checks, {executed} in all, {remembered} declared and remembered")
    print(f"one decision, {findings} findings, verdict {conclusion.verdict}: {decision:.0f} µs")
    print(f"decode + decide + encode: {whole:.0f} µs, {whole / coding:.2f} times decode + encode ({coding:.0f} µs)")
    for name, number, other in (
        ("zen-engine, decision table", comparisons, zen_table(comparisons)),
        ("zen-engine, bare yes or no", comparisons, zen_expressions(comparisons)),
        ("zen-engine, bare yes or no", all_of_them, zen_expressions(all_of_them)),
        ("cedarpy, exact decimals", comparisons, cedar(comparisons, decimals=True)),
        ("cedarpy, whole numbers", comparisons, cedar(comparisons, decimals=False)),
        ("cedarpy, whole numbers", all_of_them, cedar(all_of_them, decimals=False)),
    ):
        taken = microseconds(other, rounds)
        print(f"{name}, {number} comparisons: {taken:.0f} µs, {taken / decision:.2f} times a decision")
    print(f"{venues} venues compared: {comparison:.0f} µs, {comparison / decision:.1f} decisions")
    print(f"{venues} venues, decode + compare + encode: {served:.0f} µs, {served / whole:.1f} decisions as served")


def decide_nothing(trade: DecisionRequest, conclusion: object) -> tuple[DecisionRequest, object]:
    """Return what `decide` does, without deciding."""
    return trade, conclusion


if __name__ == "__main__":
    main()
