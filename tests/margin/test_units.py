"""Sizes and ladders in every unit they come in."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from data.facts.venues import Instrument, Ladder
from data.facts.vocabulary import ContractType, Product
from rules.margin.position import LadderUnit, SizeUnit, ladder_unit_of, price_of, size_in, value_of

D = Decimal
LINEAR, INVERSE = ContractType.LINEAR, ContractType.INVERSE


def ladder(unit: str, settle: str, kind: ContractType) -> Ladder:
    return Ladder(
        key="k",
        source="s",
        certain_from=date(2026, 1, 1),
        venue="v",
        instrument="X",
        product=Product.PERPETUAL,
        contract_type=kind,
        settle=settle,
        unit=unit,
        tiers=(),
    )


def instrument(settle: str, kind: ContractType) -> Instrument:
    return Instrument(
        key="k",
        source="s",
        certain_from=date(2026, 1, 1),
        venue="v",
        symbol="X",
        unified=None,
        product=Product.PERPETUAL,
        base="BTC",
        quote="USD",
        settle=settle,
        contract_type=kind,
        contract_size=None,
        contract_size_unit=None,
        tick_size=None,
        min_size=None,
        max_size=None,
    )


@pytest.mark.parametrize(
    ("unit", "settle", "kind", "listed", "counts"),
    [
        ("contracts", "USDT", LINEAR, True, LadderUnit.CONTRACTS),
        ("USDT", "USDT", LINEAR, True, LadderUnit.VALUE),
        ("USD", "USDC", LINEAR, True, LadderUnit.VALUE),
        ("BTC", "USDT", LINEAR, True, LadderUnit.SIZE),
        ("BTC", "BTC", INVERSE, True, LadderUnit.VALUE),
        ("BTC", "BTC", INVERSE, False, LadderUnit.VALUE),
        ("XBT", "BTC", INVERSE, True, LadderUnit.VALUE),
        ("USD", "BTC", INVERSE, True, LadderUnit.SIZE),
    ],
)
def test_what_a_ladder_counts(unit: str, settle: str, kind: ContractType, listed: bool, counts: LadderUnit) -> None:
    assert ladder_unit_of(ladder(unit, settle, kind), instrument(settle, kind) if listed else None) is counts


@pytest.mark.parametrize(
    ("amount", "unit", "kind", "size"),
    [
        ("2", SizeUnit.BASE, LINEAR, "2"),
        ("200", SizeUnit.QUOTE, LINEAR, "2"),
        ("200", SizeUnit.QUOTE, INVERSE, "200"),
        ("2", SizeUnit.BASE, INVERSE, "200"),
        ("4", SizeUnit.CONTRACTS, LINEAR, "2"),
    ],
)
def test_a_size_in_the_formulas_unit(amount: str, unit: SizeUnit, kind: ContractType, size: str) -> None:
    assert size_in(D(amount), unit, kind, D("0.5"), D(100)) == D(size)


def test_a_size_that_cannot_be_converted_is_null() -> None:
    assert size_in(D(1), SizeUnit.CONTRACTS, LINEAR, None, D(100)) is None
    assert size_in(D(1), SizeUnit.BASE, INVERSE, None, None) is None
    assert size_in(D(1), SizeUnit.QUOTE, LINEAR, None, D(0)) is None


def test_price_and_value_are_each_others_inverse() -> None:
    for kind in (LINEAR, INVERSE, ContractType.QUANTO):
        assert price_of(D(5), value_of(D(5), D(40), kind), kind) == 40
