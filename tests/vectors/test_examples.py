"""Published worked examples and recorded positions, reproduced through a running server.

`examples.jsonl` holds one request per line with the figures its source printed and how exactly it printed them;
`not_reproduced.toml` lists the rest, each with the reason.
"""

from __future__ import annotations

import json
import tomllib
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest

HERE = Path(__file__).parent
EXAMPLES: list[dict[str, Any]] = [json.loads(line) for line in (HERE / "examples.jsonl").read_text().splitlines()]
REST: list[dict[str, str]] = tomllib.loads((HERE / "not_reproduced.toml").read_text())["example"]

WRONG = "published figure"
NO_PLACE = "no place in the contract"

LAST_DIGIT = Decimal("1e-18")
"""The calculators print 18 decimals."""


def figure(answer: Any, path: str) -> Any:
    for part in path.split("."):
        answer = answer[int(part)] if isinstance(answer, list) else answer[part]
    return answer


@pytest.mark.parametrize("example", EXAMPLES, ids=[example["id"] for example in EXAMPLES])
def test_the_published_figures_come_out_within_their_rounding(client: httpx.Client, example: dict[str, Any]) -> None:
    reply = client.post(f"/v1/calculators/{example['calculator']}", json=example["request"])
    assert reply.status_code == 200, reply.text
    answer = reply.json()
    for path, published in example["expect"].items():
        found = figure(answer, path)
        if "tolerance" not in published:
            assert found == published["value"], path
        else:
            assert found is not None, f"{path} is null: {answer['approximations']}"
            off = abs(Decimal(found) - Decimal(published["value"]))
            assert off <= Decimal(published["tolerance"]) + LAST_DIGIT, f"{path}: {found}, not {published['value']}"


def test_no_example_stands_on_both_lists_or_twice() -> None:
    ids = [example["id"] for example in (*EXAMPLES, *REST)]
    assert len(ids) == len(set(ids))


def test_every_example_names_its_source() -> None:
    assert all(example["source"]["title"] and example["source"]["evidence"] for example in EXAMPLES)


def test_every_example_left_out_has_a_reason() -> None:
    assert all(example["why"] and example["kind"] in (WRONG, NO_PLACE) for example in REST)


def test_of_the_reproducible_examples_at_least_95_percent_are_reproduced() -> None:
    """Whatever is not wrong in its own source counts, whether a calculator answers it or not."""
    missed = [example for example in REST if example["kind"] != WRONG]
    assert len(EXAMPLES) / (len(EXAMPLES) + len(missed)) >= 0.95


def test_the_readme_counts_them() -> None:
    words = (HERE / "README.md").read_text()
    kinds = Counter(example["kind"] for example in REST)
    assert f"| reproduced through the calculators | {len(EXAMPLES)} |" in words
    assert f"| published figure | {kinds[WRONG]} |" in words
    assert f"| no place in the contract | {kinds[NO_PLACE]} |" in words
