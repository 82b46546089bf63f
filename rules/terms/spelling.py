"""Names that are on file in another capitalisation. They are told and never corrected: kPEPE is not PEPE."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from rules.knowledge import Knowledge
from rules.law.index import law_index

HINT = "names are case-sensitive, and {name} is on file"


def symbol_on_file(venue: str, symbol: str, knowledge: Knowledge) -> str | None:
    """Return the one symbol of a venue that is spelt like an unknown one but for capitals; null where there is none."""
    if knowledge.instrument(venue, symbol) is not None:
        return None
    return _only(knowledge.derive(_symbols).get((venue, symbol.casefold()), ()))


def coin_on_file(coin: str, knowledge: Knowledge) -> str | None:
    """Return the one coin or currency that is spelt like an unknown one but for capitals; null where there is none."""
    known = knowledge.derive(_coins).get(coin.casefold(), frozenset())
    return None if coin in known else _only(known)


def _only(names: Iterable[str]) -> str | None:
    found = list(names)
    return found[0] if len(found) == 1 else None


def _symbols(knowledge: Knowledge) -> Mapping[tuple[str, str], frozenset[str]]:
    """Return the symbols of every venue by their folded spelling."""
    found: dict[tuple[str, str], set[str]] = {}
    for venue in knowledge.venues():
        for symbol in knowledge.symbols(venue.id):
            found.setdefault((venue.id, symbol.casefold()), set()).add(symbol)
    return {name: frozenset(spelt) for name, spelt in found.items()}


def _coins(knowledge: Knowledge) -> Mapping[str, frozenset[str]]:
    """Return the coins and currencies of instruments and of law by their folded spelling."""
    assets = law_index(knowledge).assets
    found: dict[str, set[str]] = {}
    for coin in (*knowledge.coins(), *assets.kinds, *assets.classes):
        found.setdefault(coin.casefold(), set()).add(coin)
    return {name: frozenset(spelt) for name, spelt in found.items()}
