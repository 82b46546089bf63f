"""The page about the calculators names each one, and no field that none of them has."""

from __future__ import annotations

import re
from pathlib import Path

from api.examples_calculators import CALCULATOR_REQUESTS
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
WORDS = {"price", "never", "already", "tests/vectors", "POST /v1/calculators/<name>"}


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
    named = set(re.findall(r"`([^`]+)`", PAGE)) - WORDS - set(CALCULATOR_REQUESTS) - {"client-class"}
    assert named - fields == set()
