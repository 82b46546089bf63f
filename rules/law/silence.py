"""Whether law on file decides a product for coins and says nothing of the kind of underlying at hand.

Where it does, the place has law for the product and part of it was not read: a share or gold is no less a matter of law
than a coin. So has the place where the venue sits.
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

DECIDING = (Allow, Prohibit, RequireClientClass, RequireRegistration)
"""Effects by which a rule says whether a product may be traded at all."""


def silent_on_the_kind(view: View, prepared: Mapping[str, Prepared], index: LawIndex) -> tuple[CompiledRule, ...]:
    """Return the rules that would bear on the trade were its underlying a coin: those of the client's place, and those
    of the place where the company sits that serves the client.

    There are none for a coin: rules on currencies or shares leave nothing out that was meant of coins. Nor are there
    any for what is of unknown kind, of which such rules ask.
    """
    if view.assets.kind_of(view.asked.base) is None or view.assets.is_coin(view.asked.base):
        return ()
    rules = [selected.rule for selected in index.select(view) if _decides(selected.rule)]
    is_read = any(_speaks_of_the_kind(rule, view) for rule in rules)
    return tuple(rule for rule in rules if _is_silent(rule, prepared.get(rule.rule), view, is_read=is_read))


def _decides(rule: CompiledRule) -> bool:
    return rule.bites and rule.family is Family.JURISDICTION and isinstance(rule.law.effect, DECIDING)


def _speaks_of_the_kind(rule: CompiledRule, view: View) -> bool:
    """Say whether a rule of the residence is about underlyings of the kind, whether or not it reaches the venue."""
    if rule.for_everyone or not is_of_the_residence(rule, view):
        return False
    return of_kind(rule.law.when.underlying_kind, view) is Truth.YES


def is_of_the_residence(rule: CompiledRule, view: View) -> bool:
    """Say whether a rule is law of the residence and reaches the client by it, not only by where it stands or whose
    national it is.
    """
    return Truth.NO not in (within(view.residence, rule.residence), within(view.residence, rule.authority))


def _is_silent(rule: CompiledRule, prepared: Prepared | None, view: View, *, is_read: bool) -> bool:
    """Say whether nothing but what the underlying is keeps a rule from bearing on the trade.

    Where no law of the kind was read, that a rule on coins does not reach a venue which does not turn to the place
    says nothing of how far that law reaches.
    """
    if prepared is None or prepared.denied is not None or set(rule.law.when.underlying_kind) == {_STABLECOIN}:
        return False
    if rule.for_everyone:
        if not rule.law.when.venue_home or isinstance(rule.law.effect, Allow):
            return False
    elif not is_of_the_residence(rule, view):
        return False
    about, rest = [], []
    for test in prepared.tests:
        if test.name in _ABOUT_THE_UNDERLYING:
            about.append(test.truth(view))
        elif test.question is None and (is_read or test.name != "venue_reach"):
            rest.append(test.truth(view))
    return Truth.NO in about and Truth.NO not in rest


_ABOUT_THE_UNDERLYING = frozenset({"underlying_kind", "asset_class_not"})
_STABLECOIN = UnderlyingKind.STABLECOIN
