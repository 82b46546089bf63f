"""Rows into Structs: exact numbers, partial dates, nested and tagged Structs, and all that is wrong at once."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Literal

import pytest
from msgspec import Struct

from data.curation.decode import decode
from data.curation.documents import Document
from data.curation.problems import Problems
from data.facts.amounts import Amount
from data.facts.dates import Precision
from data.facts.vocabulary import Product


class Flat(Struct, frozen=True, kw_only=True, tag_field="kind", tag="flat"):
    amount: Decimal


class Sloped(Struct, frozen=True, kw_only=True, tag_field="kind", tag="sloped"):
    start: Amount
    step: Amount


class Shape(Struct, frozen=True, kw_only=True):
    name: str
    effect: Flat | Sloped
    products: tuple[Product, ...] = ()
    force: Literal["statute", "order"] = "statute"
    since: date | None = None
    since_precision: Precision = Precision.DAY
    limits: tuple[Flat, ...] = ()
    rank: int = 0
    note: str | None


def read(text: str) -> tuple[Shape | None, list[str]]:
    problems = Problems()
    (row,) = Document("a/b.toml", text, problems).rows("shape")
    return decode(row, Shape), [str(problem) for problem in problems.found]


def test_row_becomes_a_struct() -> None:
    shape, problems = read(
        """
        [[shape]]
        name = "one"
        effect = { kind = "sloped", start = "0.10", step = "0.005" }
        products = ["spot", "perpetual"]
        force = "order"
        since = "2024-05"
        limits = [{ kind = "flat", amount = "1" }]
        rank = 3
        """
    )
    assert problems == []
    assert shape == Shape(
        name="one",
        effect=Sloped(start=Decimal("0.10"), step=Decimal("0.005")),
        products=(Product.SPOT, Product.PERPETUAL),
        force="order",
        since=date(2024, 5, 1),
        since_precision=Precision.MONTH,
        limits=(Flat(amount=Decimal(1)),),
        rank=3,
        note=None,
    )


def test_digits_are_kept() -> None:
    shape, _ = read('[[shape]]\nname = "x"\neffect = { kind = "flat", amount = "0.123456789012345678" }')
    assert shape is not None
    assert shape.effect == Flat(amount=Decimal("0.123456789012345678"))


def test_every_wrong_key_of_a_row_is_told_with_its_path() -> None:
    shape, problems = read(
        """
        [[shape]]
        nam = "one"
        effect = { kind = "sloped", start = 0.1, step = "NaN", stop = "1" }
        products = ["spot", "swap"]
        force = "custom"
        since = "2024-5"
        limits = [{ kind = "flat", amount = 1 }]
        rank = "3"
        """
    )
    assert shape is None
    told = "\n".join(problems)
    for piece in (
        "unknown key 'nam'",
        "missing 'name'",
        "effect.start: must be a quoted decimal",
        "effect.step: must be a plain decimal number",
        "unknown key 'effect.stop'",
        "products[2]: 'swap' is none of",
        "force: must be one of order, statute",
        "since: '2024-5' is not a date",
        "limits[1].amount: must be a quoted decimal",
        "rank: must be a whole number",
    ):
        assert piece in told
    assert len(problems) == 10


@pytest.mark.parametrize("tag", ['kind = "round", ', ""])
def test_unknown_or_missing_tag_is_refused(tag: str) -> None:
    _, problems = read(f'[[shape]]\nname = "x"\neffect = {{ {tag}amount = "1" }}')
    assert problems == ["a/b.toml:1: shape row 1: effect.kind: must be one of flat, sloped"]


def test_fields_that_go_with_a_date_cannot_be_given() -> None:
    _, problems = read('[[shape]]\nname = "x"\neffect = { kind = "flat", amount = "1" }\nsince_precision = "year"')
    assert problems == ["a/b.toml:1: shape row 1: unknown key 'since_precision'"]
