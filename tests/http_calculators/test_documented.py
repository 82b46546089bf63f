"""The page about the calculators names each one, and no field that none of them has."""

from __future__ import annotations

import re
from pathlib import Path

import httpx

from api.openapi.examples_calculators import CALCULATOR_REQUESTS
from rules.calculators import (
    account_answers,
    account_inputs,
    answers,
    cost_answers,
    cost_inputs,
    inputs,
    order_book_answers,
    order_book_inputs,
    position_answers,
    sizing_answers,
    sizing_inputs,
)
from tests.http_calculators.asking import ask

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "calculators.md").read_text()
FIELDS_IN = (
    inputs,
    account_inputs,
    cost_inputs,
    order_book_inputs,
    sizing_inputs,
    answers,
    account_answers,
    cost_answers,
    order_book_answers,
    position_answers,
    sizing_answers,
)
WORDS = {"price", "never", "already", "base", "quote", "contracts", "tests/vectors", "POST /v1/calculators/<name>"}


def test_the_page_has_a_row_for_every_calculator_and_no_other() -> None:
    rows = re.findall(r"^\| `([a-z-]+)` \|", PAGE.partition("## ")[0], re.M)
    assert sorted(rows) == sorted([*CALCULATOR_REQUESTS, "client-class"])


def test_every_field_the_page_names_is_one() -> None:
    fields = {
        name
        for module in FIELDS_IN
        for struct in vars(module).values()
        for name in getattr(struct, "__struct_fields__", ())
    }
    fields |= {"steps", "share"}
    prose = re.sub(r"```.*?```", "", PAGE, flags=re.DOTALL)
    named = set(re.findall(r"`([^`]+)`", prose)) - WORDS - set(CALCULATOR_REQUESTS) - {"client-class"}
    assert named - fields == set()


def test_the_instrument_named_for_a_funding_rate_without_a_bound_has_none(client: httpx.Client) -> None:
    ((instrument, venue),) = re.findall(r"where none is on file \(as for (\S+) of (\S+)\)", PAGE)
    asked = {"venue": venue.lower(), "instrument": instrument, "side": "long", "position_value": "1000"}
    answer = ask(client, "funding", {**asked, "funding_rate": "0.5"})
    assert (answer["cap"], answer["floor"], answer["funding_rate"]) == (None, None, "0.5")
    assert "neither cap nor floor of the funding rate is on file" in " ".join(answer["approximations"])
