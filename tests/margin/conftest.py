"""The tests reckon their expectations with as many digits as the rules do."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import localcontext

import pytest

from data.facts.amounts import ARITHMETIC


@pytest.fixture(scope="package", autouse=True)
def fifty_digits() -> Iterator[None]:
    with localcontext(ARITHMETIC):
        yield
