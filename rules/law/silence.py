"""Whether law on file decides a product for coins and says nothing of the kind of underlying at hand.

Where it does, the place has law for the product and part of it was not read: a share or gold is no less a matter of law
than a coin.
"""

from __future__ import annotations

from collections.abc import Mapping

from data.facts.law import Allow, Prohibit, RequireClientClass, RequireRegistration, UnderlyingKind
from rules.decision import Family
from rules.law.compiled import CompiledRule
from rules.law.index import LawIndex, Prepared
from rules.law.places import within
from rules.law.trade_predicates import of_kind
from rules.law.truth import Truth
from rules.law.view import View

_DECIDING = (Allow, Prohibit, RequireClientClass, RequireRegistration)
_COINS = frozenset({UnderlyingKind.CRYPTO, UnderlyingKind.CRYPTO_INDEX, UnderlyingKind.STABLECOIN})


def silent_on_the_kind(view: View, prepared: Mapping[str, Prepared], index: LawIndex) -> tuple[CompiledRule, ...]:
    """Return the rules of the client's place that would bear on the trade were its underlying of another kind.

    There are none for a coin: rules on currencies or shares leave nothing out that was meant of coins.
    """
    kind = view.assets.kind_of(view.asked.base)
    if kind is None or kind in _COINS:
        return ()
    rules = (selected.rule for selected in index.select(view))
    return tuple(rule for rule in rules if _is_silent(rule, prepared.get(rule.rule), view))


def _is_silent(rule: CompiledRule, prepared: Prepared | None, view: View) -> bool:
    kinds = rule.law.when.underlying_kind
    if not kinds or set(kinds) == {UnderlyingKind.STABLECOIN} or of_kind(kinds, view) is not Truth.NO:
        return False
    if not rule.bites or rule.for_everyone or rule.family is not Family.JURISDICTION:
        return False
    if not isinstance(rule.law.effect, _DECIDING) or prepared is None or prepared.denied is not None:
        return False
    if Truth.NO in (within(view.residence, rule.residence), within(view.residence, rule.authority)):
        return False
    rest = (test for test in prepared.tests if test.name != "underlying_kind" and test.question is None)
    return all(test.truth(view) is not Truth.NO for test in rest)
