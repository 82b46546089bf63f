"""Numbers in answers: the same plain text whenever they are equal, however many zeros they came with."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.encoding import encode
from data.facts.amounts import ARITHMETIC, MAX_INTEGER_DIGITS, AmountError, parse_given, plain

NUMBERS = st.decimals(allow_nan=False, allow_infinity=False, min_value=Decimal("-1e30"), max_value=Decimal("1e30"))


@given(st.lists(st.tuples(NUMBERS, st.integers(0, 6)), min_size=1))
def test_equal_numbers_have_one_text(numbers: list[tuple[Decimal, int]]) -> None:
    longer = [Decimal(f"{number:f}" + "." * ("." not in f"{number:f}") + "0" * zeros) for number, zeros in numbers]
    for some in ([number for number, _ in numbers], longer):
        assert json.loads(encode(some)) == [plain(number) for number, _ in numbers]


@given(st.integers(0, 10**20 - 1), st.text("0123456789", min_size=1, max_size=40))
def test_a_number_of_a_request_is_the_one_that_is_written_down_of_it(whole: int, fraction: str) -> None:
    written = f"{whole}.{fraction}"
    text = plain(Decimal(written))
    if (text == "0" and Decimal(written)) or len(text.partition(".")[0]) > MAX_INTEGER_DIGITS:
        with pytest.raises(AmountError):
            parse_given(written)
        return
    assert plain(parse_given(written)) == text
    assert parse_given(text) == parse_given(written)


@pytest.mark.parametrize(
    "value",
    [
        *(1.5, None, True, "1_0", "1" * 21, "0." + "1" * 41, ".5", "1." + "2" * 19 + "\n", "9" * 20 + "." + "9" * 20),
        *("1e", "e5", "1e5\n", "1e20", "1E-19", "1e400", "1e-999999999", "NaNe1", "Infinitye1"),
    ],
)
def test_what_is_no_number_of_a_request_is_refused(value: object) -> None:
    with pytest.raises(AmountError):
        parse_given(value)


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("abc", "must be a plain decimal number of at most 20 integer and 40 fraction digits"),
        ("0." + "0" * 24 + "1", "must not be zero once rounded to 18 fraction digits"),
        ("9" * 20 + "." + "9" * 20, "must have at most 20 integer digits once rounded to 18 fraction digits"),
    ],
)
def test_a_refused_number_is_told_the_bound_that_it_breaks(value: str, told: str) -> None:
    with pytest.raises(AmountError, match=f"^{told}"):
        parse_given(value)


@given(st.decimals(min_value=-(10**20) + 1, max_value=10**20 - 1, places=18, allow_nan=False, allow_infinity=False))
def test_a_number_may_be_sent_as_a_decimal_type_prints_it(number: Decimal) -> None:
    assert parse_given(str(ARITHMETIC.normalize(number))) == parse_given(f"{number:.18f}")
