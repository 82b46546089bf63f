"""Numbers in answers: the same plain text whenever they are equal, however often and in whatever order they come."""

from __future__ import annotations

import json
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from api.encoding import PlainTexts, encode
from data.facts.amounts import plain

NUMBERS = st.decimals(allow_nan=False, allow_infinity=False, min_value=Decimal("-1e30"), max_value=Decimal("1e30"))


@given(st.lists(st.tuples(NUMBERS, st.integers(0, 6)), min_size=1))
def test_equal_numbers_have_one_text(numbers: list[tuple[Decimal, int]]) -> None:
    longer = [Decimal(f"{number:f}" + "." * ("." not in f"{number:f}") + "0" * zeros) for number, zeros in numbers]
    for some in ([number for number, _ in numbers], longer):
        assert json.loads(encode(some)) == [plain(number) for number, _ in numbers]


def test_the_texts_kept_are_bounded_and_stay_right() -> None:
    texts = PlainTexts()
    for number in range(40_000):
        assert texts[Decimal(number) / 8] == plain(Decimal(number) / 8)
    assert 0 < len(texts) <= 16_384
