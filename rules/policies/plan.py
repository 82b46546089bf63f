"""Which rules a policy runs, and what each of them needs: worked out once per policy, not once per trade."""

from __future__ import annotations

from functools import lru_cache
from itertools import count

from msgspec import Struct

from data.facts.vocabulary import Product
from rules.case import Case
from rules.check import CATALOGUE, Result, Rule
from rules.decision import Family, Finding, Outcome, Question, Reason
from rules.policies.inputs_in_words import question_for
from rules.policies.policy import Policy
from rules.trade import OrderType, ProposedTrade

FAMILY_ORDER: dict[Family, int] = {family: position for position, family in enumerate(Family)}


_MAX_PLANS = 256
_PLANS: dict[int, tuple[Policy, Plan]] = {}
_NUMBERS = count(1)


class Step(Struct, frozen=True, kw_only=True, eq=False):
    """One rule of a plan. `needs` has a bit for each input it cannot do without."""

    rule: Rule
    needs: int
    required: bool
    """The policy requires the rule itself: missing inputs make it unknown."""
    off: bool
    """The policy switches the rule off: it says nothing but that an input which the policy requires is missing."""


Table = tuple[str | None, int, tuple[tuple[str, int], ...]]
"""A table of the request (null: itself), the bits of all inputs in it, and each of them by its name there."""


class Plan(Struct, frozen=True, kw_only=True, eq=False):
    """The rules of a policy in the order of the findings, and the inputs they need, bit by bit."""

    number: int
    """Tells it from every other plan of the process."""
    steps: tuple[Step, ...]
    paths: tuple[str, ...]
    """The inputs, dotted, in the order of their bits."""
    tables: tuple[Table, ...]
    required_paths: int
    """Bits of the inputs whose absence the policy calls unknown."""


def plan_of(policy: Policy) -> Plan:
    """Return the plan of a policy, made the first time this very object is asked about."""
    known = _PLANS.get(id(policy))
    if known is not None and known[0] is policy:
        return known[1]
    if len(_PLANS) >= _MAX_PLANS:
        _PLANS.clear()
    plan = _make_plan(policy)
    _PLANS[id(policy)] = (policy, plan)
    return plan


def _make_plan(policy: Policy) -> Plan:
    chosen = sorted(
        (rule for rule in CATALOGUE.values() if rule.family in policy.families and not _is_silent(rule, policy)),
        key=lambda rule: FAMILY_ORDER[rule.family],
    )
    paths: dict[str, int] = {}
    for rule in chosen:
        for need in rule.needs:
            paths.setdefault(need, 1 << len(paths))
    return Plan(
        number=next(_NUMBERS),
        steps=tuple(
            Step(
                rule=rule,
                needs=sum(paths[need] for need in rule.needs),
                required=rule.id in policy.requires,
                off=_is_off(rule, policy),
            )
            for rule in chosen
        ),
        paths=tuple(paths),
        tables=_tables_of(paths),
        required_paths=sum(bit for path, bit in paths.items() if path in policy.requires),
    )


def _tables_of(paths: dict[str, int]) -> tuple[Table, ...]:
    tables: dict[str | None, list[tuple[str, int]]] = {}
    for path, bit in paths.items():
        table, _, name = path.rpartition(".")
        tables.setdefault(table or None, []).append((name, bit))
    return tuple((table, sum(bit for _, bit in inputs), tuple(inputs)) for table, inputs in tables.items())


def _is_off(rule: Rule, policy: Policy) -> bool:
    """Return whether the policy leaves out a number that the rule takes, or does not ask for what it is about: then
    nobody misses the inputs it would need.
    """
    if rule.asked_by is None:
        return any(_is_unset(name, policy) for name in rule.parameters)
    return bool(rule.asked_by) and all(_is_unset(name, policy) for name in rule.asked_by)


def _is_unset(name: str, policy: Policy) -> bool:
    value = getattr(policy, name)
    return value is None or value is False


def _is_silent(rule: Rule, policy: Policy) -> bool:
    """Return whether a rule is off and the policy requires neither it nor an input of it."""
    return _is_off(rule, policy) and {rule.id, *rule.needs}.isdisjoint(policy.requires)


def missing_inputs(plan: Plan, trade: ProposedTrade) -> int:
    """Return a bit for each input of the plan that the trade lacks."""
    missing = 0
    for table, bits, inputs in plan.tables:
        held = trade if table is None else getattr(trade, table)
        if held is None:
            missing |= bits
            continue
        for name, bit in inputs:
            if getattr(held, name) is None:
                missing |= bit
    return missing


Scope = tuple[bool, Product | None, OrderType]
"""Whether a trade only reduces, its product and its type of order: rules that are about others are not asked."""


def scope_of(case: Case) -> Scope:
    """Return what of a trade decides which rules are about it."""
    trade = case.trade
    return trade.reduce_only, case.terms.product, trade.order_type


def _is_about(rule: Rule, scope: Scope) -> bool:
    reduces, product, order_type = scope
    if reduces and rule.spares_reducing:
        return False
    return (rule.products is None or product in rule.products) and rule.order_type in (None, order_type)


Schedule = tuple[tuple[Rule, Finding | None], ...]
Kind = tuple[Plan, int, Scope]
"""What decides the schedule of a trade: its policy's plan, the inputs it lacks, and what it is."""


@lru_cache(maxsize=1024)
def schedule_of(plan: Plan, missing: int, scope: Scope) -> Schedule:
    """Return the rules of a plan that are about such a trade, with the finding of each that the `missing` inputs keep
    from running.
    """
    schedule: list[tuple[Rule, Finding | None]] = []
    for step in plan.steps:
        if not _is_about(step.rule, scope):
            continue
        lacking = step.needs & missing
        required = lacking if step.required else lacking & plan.required_paths
        if required:
            schedule.append((step.rule, _lacking(step.rule, _names(plan, required), required=True)))
        elif not step.off:
            settled = _lacking(step.rule, _names(plan, lacking), required=False) if lacking else None
            schedule.append((step.rule, settled))
    return tuple(schedule)


def _names(plan: Plan, paths: int) -> list[str]:
    return [path for position, path in enumerate(plan.paths) if paths >> position & 1]


def _lacking(rule: Rule, names: list[str], *, required: bool) -> Finding:
    """Return the finding of a rule that lacks inputs: unknown where the policy requires them, else skipped."""
    listed = " and ".join(names)
    return Finding(
        rule=rule.id,
        family=rule.family,
        outcome=Outcome.UNKNOWN if required else Outcome.SKIPPED,
        effect=rule.effect,
        message=f"The policy requires {listed}, which the request does not give."
        if required
        else f"Not evaluated: the request does not give {listed}.",
        sources=(),
        reason=Reason.UNKNOWN if required else None,
        question=Question(ask=question_for(names), field=names[0]),
    )


def finding_of(rule: Rule, result: Result) -> Finding:
    """Return a rule's result as a finding."""
    return Finding(
        rule.id,
        rule.family,
        result.outcome,
        rule.effect,
        result.message,
        result.sources,
        result.reason,
        result.observed,
        result.limit,
        result.unit,
        result.question,
        result.flags,
        result.remedy,
    )
