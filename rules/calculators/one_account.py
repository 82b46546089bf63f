"""What cross positions of one account must have in common: money that adds up, and one mark price per instrument."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from data.facts.amounts import plain
from data.facts.vocabulary import ContractType, MarginMode
from rules.calculators.refusal import Problem
from rules.figures.money import same_money
from rules.margin.position import HeldPosition

OTHER_MONEY = (
    "settles in another currency ({this}) than the position beside it ({other}): figures of an account are in one; ask "
    "about each currency by itself"
)
OTHER_MARK = "does not agree with {other}, by which the mark price of {symbol} is {mark}; an instrument has one"
ONE_MONEY = "what some positions settle in is not known: it is taken to be one currency for the whole account"
ONE_WALLET = (
    "positions that settle in {currencies} are reckoned to share one wallet: where an account keeps one for each "
    "currency, what is gained in one backs nothing in another"
)
APART = "positions without an instrument are taken to be in different ones: none moves with another"

Placed = tuple[str, HeldPosition]
"""A position, and the pointer to it in the request."""


def apart(placed: Sequence[Placed]) -> Iterator[Problem]:
    """Yield a problem for each cross position whose money cannot be added to that of one before it, or that has
    another mark price than one before it in the same instrument.
    """
    kinds: dict[tuple[str | None, bool], HeldPosition] = {}
    marks: dict[tuple[str, ContractType], Placed] = {}
    for at, held in placed:
        if held.margin_mode is not MarginMode.CROSS:
            continue
        other = next((one for one in kinds.values() if not _settle_alike(one, held)), None)
        if other is not None:
            this, that = (one.terms.settle or one.terms.contract_type.value for one in (held, other))
            yield f"{at}/instrument", OTHER_MONEY.format(this=this, other=that)
        kinds.setdefault((held.terms.settle, held.terms.contract_type is ContractType.INVERSE), held)
        if held.terms.symbol is None or held.mark_price is None:
            continue
        where, first = marks.setdefault((held.terms.symbol, held.terms.contract_type), (at, held))
        if first.mark_price is not None and first.mark_price != held.mark_price:
            words = {"other": f"{where}/mark_price", "symbol": held.terms.symbol, "mark": plain(first.mark_price)}
            yield f"{at}/mark_price", OTHER_MARK.format(**words)


def taken_for_granted(placed: Sequence[Placed]) -> list[str]:
    """Return what is assumed of cross positions of which too little is known."""
    shared = [held for _, held in placed if held.margin_mode is MarginMode.CROSS]
    if len(shared) <= 1:
        return []
    words = []
    currencies = {held.terms.settle for held in shared if held.terms.settle is not None}
    if any(held.terms.settle is None for held in shared):
        words.append(ONE_MONEY)
    if len(currencies) > 1:
        words.append(ONE_WALLET.format(currencies=" and ".join(sorted(currencies))))
    if any(held.terms.symbol is None for held in shared):
        words.append(APART)
    return words


def _settle_alike(one: HeldPosition, other: HeldPosition) -> bool:
    """Say whether two positions may settle in one currency; where one's is not known, an inverse and another do not."""
    if one.terms.settle is None or other.terms.settle is None:
        return (one.terms.contract_type is ContractType.INVERSE) is (other.terms.contract_type is ContractType.INVERSE)
    return same_money(one.terms.settle, other.terms.settle)
