"""Two inputs that say the same thing: whether they agree, and how one that has no part in an answer is told of.

An input is never dropped silently. One that contradicts another is refused, naming both; one that says nothing more
than another, or that the answer does not depend on, is left aside and said to be.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Context, Decimal

from data.facts.amounts import plain
from rules.calculators.inputs import TermsInput
from rules.calculators.refusal import Problem

_ZERO = Decimal(0)
_HALF = Decimal("0.5")
_OF_MONEY = Decimal("0.005")
_SHORT = Context(prec=8)
CLOSE_ENOUGH = Decimal("0.001")
"""Share of an amount by which two ways of telling it may differ beside the digits they were printed with."""

UNREAD = "left aside, for this answer does not depend on it: {names}"
AGREES = "{used} is used; {other} agrees with it and is left aside"
DIFFERS = "does not agree with {used}, by which it is {amount}; give one of them"
NAME_ALONE = "no venue is given: the instrument is a name alone, and nothing on file is read"

_DESCRIBES_THE_CONTRACT = frozenset({"contract_type", "contract_size", "ladder_unit"})


def agree(used: Decimal, other: Decimal, slack: Decimal = _ZERO) -> bool:
    """Say whether two ways of telling an amount agree within `slack` and a thousandth of it."""
    return abs(used - other) <= slack + CLOSE_ENOUGH * abs(used)


def compare(
    used: tuple[str, Decimal | None],
    other: tuple[str, Decimal | None],
    problems: list[Problem],
    notes: list[str],
    slack: Decimal = _ZERO,
) -> None:
    """Note that an input agrees with the one that is used, or a problem; nothing where one of them is not given.

    Both are names by their path (`terms.fee_rate`) with an amount.
    """
    (name, amount), (beside, told) = used, other
    if amount is None or told is None:
        return
    if agree(amount, told, slack):
        notes.append(AGREES.format(used=name, other=beside))
    else:
        problems.append((pointer_to(beside), DIFFERS.format(used=name, amount=shown(amount))))


def pointer_to(name: str) -> str:
    """Return the JSON pointer of a field named by its path."""
    return "/" + name.replace(".", "/")


def unread(names: Sequence[str]) -> tuple[str, ...]:
    """Return what is to be said of inputs that were given and have no part in the answer."""
    return (UNREAD.format(names=", ".join(names)),) if names else ()


def given_of(asked: object, names: Sequence[str], at: str = "") -> tuple[str, ...]:
    """Return which fields are given, by their paths."""
    return tuple(f"{at}{name}" for name in names if getattr(asked, name) is not None)


def unread_terms(terms: TermsInput | None, read: Sequence[str]) -> tuple[str, ...]:
    """Return the explicit terms that are given and not among those read; what describes the contract always is."""
    if terms is None:
        return ()
    kept = _DESCRIBES_THE_CONTRACT.union(read)
    return given_of(terms, [name for name in TermsInput.__struct_fields__ if name not in kept], "terms.")


def slack_of_money(money: Decimal) -> Decimal:
    """Return how far an amount of money may be off by the digits it is printed with."""
    return min(half_unit(money), abs(money) * _OF_MONEY)


def half_unit(amount: Decimal) -> Decimal:
    """Return half a unit of the last digit an amount is printed with, of a whole number 0.5."""
    exponent = amount.as_tuple().exponent
    assert isinstance(exponent, int)  # noqa: S101 - amounts are finite
    return _HALF.scaleb(min(0, exponent))


def shown(amount: Decimal) -> str:
    """Return an amount for a sentence, in eight digits."""
    return plain(_SHORT.plus(amount))
