"""Numbers as venues write them, and curated text that is patched line by line."""

from __future__ import annotations

import tomllib
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.facts.amounts import plain
from data.refresh.curated_text import CsvText, TomlText
from data.refresh.decoding import exact


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("0E-20", "0"),
        ("500000.00000000000000000000", "500000"),
        ("1e-10", "0.0000000001"),
        ("2.0E-4", "0.0002"),
        ("-0", "0"),
        ("12345678901234567890.123456789012345678", "12345678901234567890.123456789012345678"),
    ],
)
def test_a_number_keeps_every_digit(written: str, value: str) -> None:
    assert plain(exact(written)) == value


@pytest.mark.parametrize("written", ["", " 1", "1_000", "NaN", "Infinity", "0x10", "1,5", "1" * 41])
def test_what_is_no_number_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="is not a plain number"):
        exact(written)


@pytest.mark.parametrize("written", ["1e99", "0.1234567890123456789", "1" * 21])
def test_a_number_beyond_the_bounds_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="digits"):
        exact(written)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=18, min_value=-(10**19), max_value=10**19))
def test_any_amount_comes_back_from_exponent_notation(number: Decimal) -> None:
    assert exact(f"{number:E}") == number


TEXT = """# head

[[fee]]  # the first
tier = "1"
maker = "0.001"   # a remark

# between
[[fee]]
tier = "2"
notes = [
  "a",
  "b",
]

[[gap]]
family = "fees"
"""


def test_a_value_is_put_in_its_place_or_at_the_end_of_its_row() -> None:
    text = TomlText(TEXT)
    text.set("fee", 1, "maker", "0.002")
    text.set("fee", 2, "valid_to", "2026-11-21")
    read = tomllib.loads(str(text))
    assert read["fee"] == [
        {"tier": "1", "maker": "0.002"},
        {"tier": "2", "notes": ["a", "b"], "valid_to": "2026-11-21"},
    ]
    assert "# between" in str(text)
    assert str(text).startswith("# head\n\n[[fee]]  # the first\n")


def test_a_row_is_added_after_the_last_of_its_table_or_at_the_end() -> None:
    text = TomlText(TEXT)
    text.append("fee", {"tier": 'a "quoted" \\ tier', "low": True, "absent": None, "words": ["é"]})
    text.append("new", {"a": "1"})
    read = tomllib.loads(str(text))
    assert read["fee"][2] == {"tier": 'a "quoted" \\ tier', "low": True, "words": ["é"]}
    assert read["new"] == [{"a": "1"}]
    assert str(text).index("quoted") < str(text).index("[[gap]]")


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_any_text_comes_back_from_a_row_and_survives_a_second_patch(words: str) -> None:
    text = TomlText("")
    text.append("row", {"value": words})
    again = TomlText(str(text))
    again.append("row", {"value": "2"})
    assert tomllib.loads(str(again)) == {"row": [{"value": words}, {"value": "2"}]}


def test_csv_lines_that_do_not_change_keep_their_bytes() -> None:
    source = 'a,b\n"x",1\ny,"2,5"\n'
    text = CsvText(source, ("a", "b"))
    assert str(text) == source
    assert text.find(("a",), {"a": "y"}) == [2]
    text.set(2, "b", "3")
    text.append({"a": None, "b": "4,5"})
    assert str(text) == 'a,b\n"x",1\ny,3\n,"4,5"\n'
    assert text.take([1]) == [{"a": "x", "b": "1"}]
    assert str(text) == 'a,b\ny,3\n,"4,5"\n'
