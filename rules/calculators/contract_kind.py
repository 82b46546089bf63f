"""The kind of a contract that neither an instrument on file nor an explicit term tells.

An inverse contract taken for a linear one is valued in the wrong money and ends at the wrong price. So one is taken for
linear only where nothing speaks against it, and said to be; where something does, the request must tell.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from msgspec import Struct

from data.facts.vocabulary import ContractType, Product
from rules.calculators.refusal import Problem
from rules.knowledge import Knowledge
from rules.margin.position import SizeUnit

TAKEN_FOR_LINEAR = (
    "taken for a linear contract: neither an instrument on file nor terms.contract_type tells what kind it is"
)
ENDED = "{venue} does not list {symbol} on the day asked about; it was listed as {kind}, which is taken"
MUST_BE_TOLD = "must be given: {why}"
LIKE_OTHERS = "{venue} is not known to list {symbol}, and its contracts with such names are {kinds}"
IN_DOLLARS = (
    "{symbol} is not on file and names dollars, no stablecoin: many such contracts settle in the coin (inverse)"
)
IN_THE_COIN = "{symbol} is not on file, and by its name it settles in {settle}"
LISTS_INVERSE = "{symbol} is not on file, names no stablecoin, and {venue} has inverse contracts"
IN_QUOTE = "{symbol} is not on file, and a size in quote units is how inverse contracts are counted"

_SPOT = (Product.SPOT, Product.SPOT_MARGIN)
_STABLECOIN = re.compile(r"USD[TC]|FDUSD").search
_UNIFIED = re.compile(r"[^/:]+/(?P<quote>[^/:]+):(?P<settle>[^/:-]+)(?:-.*)?").fullmatch
_DIGITS = re.compile(r"[0-9]")
# Coins that venues write in their symbols otherwise than the facts name them.
_WRITTEN = {"BTC": ("BTC", "XBT")}


class _Form(Struct, frozen=True, kw_only=True):
    """What surrounds the base in the symbols of a venue, digits written as 0, and the kinds of contract so named."""

    before: str
    after: str
    kinds: frozenset[ContractType]

    def names(self, symbol: str) -> bool:
        """Say whether a symbol has this form, with a base of its own."""
        longer = len(symbol) > len(self.before) + len(self.after)
        return longer and symbol.startswith(self.before) and symbol.endswith(self.after)


class _Names(Struct, frozen=True, kw_only=True):
    """Kinds of contract by the names that a venue's instruments have, listed on any day."""

    by_name: Mapping[str, frozenset[ContractType]]
    forms: tuple[_Form, ...]
    """The most telling form first."""


def kind_of(
    venue: str | None,
    symbol: str | None,
    product: Product,
    unit: SizeUnit | None,
    knowledge: Knowledge,
    problems: list[Problem],
    notes: list[str],
    at: str = "",
) -> ContractType:
    """Return the kind that a contract is reckoned as, and note that it is assumed; note a problem where it may not be.

    A contract that the venue listed on another day has the kind it had then.
    """
    if product in _SPOT:
        return ContractType.SPOT if product is Product.SPOT_MARGIN else ContractType.LINEAR
    names = None if venue is None else knowledge.derive(_names).get(venue)
    if names is not None and symbol is not None:
        kinds = names.by_name.get(symbol, frozenset())
        if len(kinds) == 1:
            (kind,) = kinds
            notes.append(ENDED.format(venue=venue, symbol=symbol, kind=kind))
            return kind
    why = None if symbol is None else _against_linear(venue, symbol, product, unit, knowledge, names)
    if why is None:
        notes.append(TAKEN_FOR_LINEAR)
    else:
        problems.append((f"{at}/terms/contract_type", MUST_BE_TOLD.format(why=why)))
    return ContractType.LINEAR


def _against_linear(
    venue: str | None,
    symbol: str,
    product: Product,
    unit: SizeUnit | None,
    knowledge: Knowledge,
    names: _Names | None,
) -> str | None:
    """Return why a contract may not be taken for a linear one; null where nothing speaks against it."""
    shown = repr(symbol[:64])
    plain = _DIGITS.sub("0", symbol)
    form = None if names is None else next((one for one in names.forms if one.names(plain)), None)
    if form is not None:
        if form.kinds == {ContractType.LINEAR}:
            return None
        return LIKE_OTHERS.format(venue=venue, symbol=shown, kinds=" or ".join(sorted(form.kinds)))
    unified = _UNIFIED(symbol)
    if unified is not None:  # such a name ends with the money the contract settles in
        settle = unified["settle"]
        linear = settle == unified["quote"] or "USD" in settle
        return None if linear else IN_THE_COIN.format(symbol=shown, settle=settle)
    name = symbol.upper()
    if _STABLECOIN(name) is not None or _all_linear(venue, product, knowledge):
        return None
    if unit is SizeUnit.QUOTE:
        return IN_QUOTE.format(symbol=shown)
    if "USD" in name and (names is not None or unit is not SizeUnit.BASE):
        return IN_DOLLARS.format(symbol=shown)
    if names is not None and any(ContractType.INVERSE in one.kinds for one in names.forms):
        return LISTS_INVERSE.format(symbol=shown, venue=venue)
    return None


def _all_linear(venue: str | None, product: Product, knowledge: Knowledge) -> bool:
    """Say whether the margin models on file for a venue are of linear contracts alone."""
    if venue is None:
        return False
    linear, inverse = (
        knowledge.margin_model(venue, product, kind, None) for kind in (ContractType.LINEAR, ContractType.INVERSE)
    )
    return linear is not None and inverse is None


def _names(knowledge: Knowledge) -> Mapping[str, _Names]:
    """Return how the contracts of each venue are named, and what kinds they are."""
    by_name: dict[str, dict[str, set[ContractType]]] = {}
    forms: dict[str, dict[tuple[str, str], set[ContractType]]] = {}
    for one in knowledge.ever_listed():
        if one.contract_type is ContractType.SPOT or one.product in _SPOT:
            continue
        for name in (one.symbol, one.unified):
            if name is not None:
                by_name.setdefault(one.venue, {}).setdefault(name, set()).add(one.contract_type)
        for base in _WRITTEN.get(one.base, (one.base,)):
            before, found, after = one.symbol.partition(base)
            if found:
                form = (_DIGITS.sub("0", before), _DIGITS.sub("0", after))
                forms.setdefault(one.venue, {}).setdefault(form, set()).add(one.contract_type)
    return {
        venue: _Names(
            by_name={name: frozenset(kinds) for name, kinds in named.items()},
            forms=tuple(
                _Form(before=before, after=after, kinds=frozenset(kinds))
                for (before, after), kinds in sorted(
                    forms.get(venue, {}).items(), key=lambda item: (-len(item[0][0]) - len(item[0][1]), item[0])
                )
            ),
        )
        for venue, named in by_name.items()
    }
