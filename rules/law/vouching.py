"""What a caller vouches for, seen by every rule: a requirement that is met means that the venue holds what it names.

Vouching for a requirement (`<rule>_met` in `conditions_met`) says that the venue holds one of the rule's categories.
The rules that bind the holders of such a category must see it too, or vouching would lift one rule and hide the others.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec import structs

from data.facts.law import RegistrationCategory, RegistrationHolder, RequireRegistration
from rules.condition_ids import holding_id, listed_id, met_id
from rules.law.compiled import CompiledRule
from rules.law.holding import hold
from rules.law.index import LawIndex, Selected, prepared_of
from rules.law.registration_predicates import leads_to
from rules.law.requirements import asks_the_caller
from rules.law.standing import Holding, Standing, Vouch, certain_first, reached_from
from rules.law.truth import Truth
from rules.law.view import View
from rules.trade import denial_of


def with_vouched(view: View, index: LawIndex) -> View:
    """Return the view with what the caller vouches for added to what the venue holds.

    A requirement counts only where it is left to the caller: where the file shows that the venue lacks the category,
    vouching changes nothing. One that is vouched for may bring up another, so this goes on until none is added.
    """
    named = set(view.asked.conditions_met)
    if not named:
        return view
    view = _with_told(_with_listing(view, index), index.categories)
    open_ = [one for one in index.select(view) if met_id(one.rule.law) in named and _is_of_the_venue(one.rule)]
    counted: list[CompiledRule] = []
    seen = view
    while fresh := [one for one in open_ if one.rule not in counted and _is_left_to_the_caller(one, seen)]:
        counted.extend(one.rule for one in fresh)
        seen = structs.replace(view, standing=_vouched(view, counted, index.categories))
    return seen


def _with_listing(view: View, index: LawIndex) -> View:
    """Return the view with what the caller says of the market that lists the contract, where the venue leads to one."""
    said, standing = view.asked.conditions_met, view.standing
    listed: dict[str, bool] = {}
    for category in index.categories.values():
        asked = listed_id(category)
        if (asked in said or denial_of(asked) in said) and leads_to(standing, category, view.asked.product):
            listed[category.id] = asked in said
    if not listed:
        return view
    return structs.replace(view, standing=structs.replace(standing, listed=listed))


def _with_told(view: View, categories: Mapping[str, RegistrationCategory]) -> View:
    """Return the view with what the caller says of categories that the venue may hold by what is on file.

    What is held brings what it implies, and what is denied is not held; where the file is certain nothing changes.
    """
    said, standing = view.asked.conditions_met, view.standing
    open_ = {name for name, rows in standing.holdings.items() if not all(row.certain for row in rows)}
    denied = {name for name in open_ if denial_of(holding_id(standing.id, name)) in said}
    held = {name for name in open_ if holding_id(standing.id, name) in said}
    if not held and not denied:
        return view
    brought = {name for one in held for name, sure in reached_from(one, categories) if sure}
    holdings = {
        name: certain_first(
            structs.replace(row, certain=True, registration=None) if not row.certain and name in brought else row
            for row in rows
            if row.certain or name not in denied
        )
        for name, rows in standing.holdings.items()
    }
    return structs.replace(view, standing=structs.replace(standing, holdings=holdings, told=True))


def _is_of_the_venue(rule: CompiledRule) -> bool:
    effect = rule.law.effect
    return rule.bites and isinstance(effect, RequireRegistration) and effect.holder is RegistrationHolder.VENUE


def _is_left_to_the_caller(selected: Selected, view: View) -> bool:
    effect, ready = selected.rule.law.effect, prepared_of(selected.rule, view)
    held = hold(selected, ready, view) if ready is not None else None
    return (
        held is not None
        and held.truth is Truth.YES
        and isinstance(effect, RequireRegistration)
        and asks_the_caller(selected.rule, effect, view)
    )


def _vouched(view: View, rules: Iterable[CompiledRule], categories: Mapping[str, RegistrationCategory]) -> Standing:
    """Return the standing with the categories of these requirements: certain where only one is left, else possible.

    What the caller denies that the venue holds is left out.
    """
    standing, said = view.standing, set(view.asked.conditions_met)
    holdings = {name: list(rows) for name, rows in standing.holdings.items()}
    vouches: list[Vouch] = []

    def denied(category: str) -> bool:
        return denial_of(holding_id(standing.id, category)) in said

    for rule in rules:
        reached = {
            one.id: {name: sure for name, sure in _reached(one.id, categories).items() if not denied(name)}
            for one in rule.gate
            if one.available and not denied(one.id)
        }
        if not reached:
            continue
        possible = {name for names in reached.values() for name in names}
        told = {name for name in possible if holding_id(standing.id, name) in said}
        left = tuple(one for one, names in reached.items() if not told.isdisjoint(names)) or tuple(reached)
        certain = told | (set(left) if len(left) == 1 else set())
        vouches.append(
            Vouch(
                law=rule.law.id,
                any_of=left,
                brings=tuple(frozenset(name for name, sure in reached[one].items() if sure) for one in left),
                may_be=frozenset(name for one in left for name in reached[one]),
            )
        )
        for one in sorted(certain.union(left)):
            for name, sure in reached_from(one, categories):
                if not denied(name):
                    row = _vouched_holding(categories[name], certain=sure and one in certain)
                    holdings.setdefault(name, []).append(row)
    return structs.replace(
        standing,
        holdings={name: certain_first(rows) for name, rows in holdings.items()},
        vouches=tuple(vouches),
    )


def _vouched_holding(category: RegistrationCategory, *, certain: bool) -> Holding:
    """Return a category that a venue holds, or may hold, for all products, by what the caller vouches for."""
    return Holding(
        category=category.id, certain=certain, market=category.market, registration=None, products=frozenset()
    )


def _reached(category: str, categories: Mapping[str, RegistrationCategory]) -> dict[str, bool]:
    """Return what a holder of a category may hold, and whether it is certain to."""
    found: dict[str, bool] = {}
    for name, sure in reached_from(category, categories):
        found[name] = sure or found.get(name, False)
    return found
