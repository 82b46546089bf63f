"""The page about the calculators names each one, and no field that none of them has."""

from __future__ import annotations

import re
from pathlib import Path

from api.examples_calculators import CALCULATOR_REQUESTS
from rules.calculators import account_inputs, answers, inputs

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "calculators.md").read_text()
WORDS = {"price", "never", "already", "tests/vectors", "POST /v1/calculators/<name>"}


def test_the_page_has_a_row_for_every_calculator_and_no_other() -> None:
    rows = re.findall(r"^\| `([a-z-]+)` \|", PAGE.partition("## ")[0], re.M)
    assert sorted(rows) == sorted([*CALCULATOR_REQUESTS, "client-class"])


def test_every_field_the_page_names_is_one() -> None:
    fields = {
        name
        for module in (inputs, account_inputs, answers)
        for struct in vars(module).values()
        for name in getattr(struct, "__struct_fields__", ())
    }
    fields |= {"steps", "share"}
    named = set(re.findall(r"`([^`]+)`", PAGE)) - WORDS - set(CALCULATOR_REQUESTS) - {"client-class"}
    assert named - fields == set()
