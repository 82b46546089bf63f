"""What sizes count: coins, or units of an underlying that is no coin. Five shares are not five coins."""

from __future__ import annotations

from data.facts.law import UnderlyingKind
from rules.case import Case
from rules.knowledge import Knowledge

_COINS = (UnderlyingKind.CRYPTO, UnderlyingKind.CRYPTO_INDEX, UnderlyingKind.STABLECOIN)


def unit_of(case: Case) -> str:
    """Return what one of the trade's underlying is called; where its kind is not known it is taken for a coin."""
    instrument = case.terms.instrument
    return "coins" if instrument is None or instrument.base not in case.knowledge.derive(_no_coins) else "units"


def _no_coins(knowledge: Knowledge) -> frozenset[str]:
    return frozenset(one.base for one in knowledge.law_book().underlyings if one.kind not in _COINS)
