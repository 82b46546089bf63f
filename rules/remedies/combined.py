"""The one change that passes all that failed together: found rule by rule, made, and looked at again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from decimal import ROUND_DOWN, Decimal
from functools import lru_cache

from msgspec import structs

from data.facts.amounts import plain
from data.facts.vocabulary import MarginMode, Product
from rules.case import Case
from rules.check import Rule
from rules.decision import Effect, Family, Finding, Outcome, Remedy
from rules.figures.jump import lost_share
from rules.figures.of_trades import with_exits
from rules.inputs import given
from rules.law.findings import law_findings
from rules.policies.plan import Plan, Scope, finding_of, missing_inputs, plan_of, schedule_of, scope_of
from rules.preparing import case_of
from rules.remedies.elsewhere import at_venues_that_take_it, every_other_venue
from rules.remedies.nearest_change import size_field
from rules.trade import Intent, OrderType, ProposedTrade

_ONE = Decimal(1)
_CENT = Decimal("0.01")
_FAIL, _PASS, _UNKNOWN, _WARN = Outcome.FAIL, Outcome.PASS, Outcome.UNKNOWN, Effect.WARN

_AGAINST = (_FAIL, _UNKNOWN)
_OPEN = (_UNKNOWN, Outcome.SKIPPED)
"""Outcomes of rules that have said nothing yet: that they still do not know is no worse than it was."""

Remedies = dict[str, Remedy]
"""One remedy a field, by the field's path in the request."""

MARGIN_RULES = frozenset(
    {
        "risk.margin_available",
        "risk.margin_per_trade",
        "risk.free_collateral",
        "risk.venue_concentration",
        "risk.shock_loss",
    }
)
"""Rules on the margin posted: a lower leverage at the same size can fail them."""

_WHAT_STAYS_FREE = "risk.free_collateral"

ACCOUNT_RULES = frozenset({"liquidation.existing_positions", "liquidation.existing_margin_call"})
"""Rules on what backs a cross account: an isolated trade posts more of it at a lower leverage."""

_WHOEVER_TRADES = frozenset({Family.JURISDICTION, Family.ACCESS})
"""Families that judge the client and the product at a venue, not the size of the trade."""

HIDING_RULES = frozenset({"depth.fillable", "limits.size_in_ladder", "liquidation.not_at_entry"})
"""Rules whose fail leaves figures without a value, so that others have nothing to compare until it is remedied."""

_FIGURED = frozenset({Family.LIQUIDATION, Family.RISK, Family.COST, Family.DEPTH})
"""Families that compare figures: an unknown of theirs may hang on the size."""

ROUNDS = 4
"""How often the changed trade is looked at again before nothing is claimed."""

_REFRAMING = ("instrument", "product", "reduce_only", "order_type", "margin_mode", "entry_price")
"""Fields on which the other figures hang: they are changed first, and the rest is found for the trade so changed."""

_SIZES = ("notional", "quantity")
_EXITS = ("stop_price", "take_profit_price")
_MAY_BE_NEEDLESS = (*_EXITS, "order_type", "margin_mode", "entry_price", *_SIZES)
"""Fields whose change may be needless beside the other changes, in the order in which they are put back."""
_SHRINKING = frozenset({*_SIZES, "leverage"})

_READ_BY_NEED = frozenset({"stop_price", "take_profit_price", "adding_reason", "market.regime_confirmed"})
"""Fields that only those rules read which name them in their needs, and those that ask for them; of the figures only
those of the exits hang on them."""


def combined(findings: Sequence[Finding], case: Case) -> tuple[Remedy, ...]:
    """Return one change per field that, made together, passes every rule that denied or held the trade.

    The changes are made and the trade is judged again; a rule that fails only then is remedied too, a bounded number of
    times. Empty when some failed rule has no remedy, or when no such change was found: then none is known to pass.
    Where the venue must change, see `_elsewhere`.
    """
    failed = [finding for finding in findings if finding.outcome is _FAIL and finding.effect is not _WARN]
    if not failed:
        return ()
    if any(_wants_another_venue(finding) for finding in failed):
        return _elsewhere(failed, case)
    remedies = _merged({}, failed, case)
    if not remedies:
        return ()
    fields = _fields_to_look_at(remedies, findings, case)
    if fields is not None and not fields:
        return tuple(remedies.values())
    return _verified(remedies, findings, fields, case)


def _wants_another_venue(finding: Finding) -> bool:
    """Say whether a rule that failed asks for another venue: it says so, or law or terms refuse and name no change."""
    if finding.remedy is not None:
        return finding.remedy.field == "venue"
    return finding.family in _WHOEVER_TRADES


def _elsewhere(failed: Sequence[Finding], case: Case) -> tuple[Remedy, ...]:
    """Return the venues at which law and their terms pass what they refuse here, and what law asks of it anywhere.

    Limits, margins and costs are another venue's there: a decision on the trade there tells what they ask for. Empty
    where some failed rule has no remedy, or has the trade only reduce: what is to be reduced is held here.
    """
    remedies: Remedies = {}
    reduces = case.trade.reduce_only
    for finding in failed:
        moves = finding.family in _WHOEVER_TRADES or _wants_another_venue(finding)
        remedy = finding.remedy
        if moves and (remedy is None or remedy.field == "intermediary"):  # a way to the venue that is left
            remedy = every_other_venue(case)
        if remedy is None or (moves and not _merge(remedies, remedy, case)):
            return ()
        reduces = reduces or remedy.field == "reduce_only"
    refusals = frozenset(finding.rule for finding in failed if finding.family in _WHOEVER_TRADES)
    moved = None if reduces else at_venues_that_take_it(remedies["venue"], case, refusals)
    return () if moved is None else tuple({**remedies, "venue": moved}.values())


def _merged(known: Remedies, failed: Iterable[Finding], case: Case) -> Remedies | None:
    """Return `known` with the remedies of failed rules added; null when one has none here that suits the others."""
    remedies = dict(known)
    for finding in failed:
        if finding.remedy is None or not _merge(remedies, finding.remedy, case):
            return None
    return None if "venue" in remedies else remedies


def _fields_to_look_at(remedies: Remedies, findings: Sequence[Finding], case: Case) -> frozenset[str] | None:
    """Return the changed fields whose rules must be asked again; null when every rule must be.

    A trade that is only made smaller or less leveraged passes every rule it passed before, as long as its margin has
    room: rates never fall as size grows. Only a rule that had nothing to compare may fail then.
    """
    asked = frozenset(name for name, remedy in remedies.items() if not _shrinks(name, remedy, case.trade))
    if not asked <= _READ_BY_NEED:
        return None
    if len(asked) == len(remedies):
        return asked
    lowered, growth, kept = "leverage" in remedies, _margin_growth(remedies, case), _size_kept(remedies, case)
    isolated = case.trade.margin_mode is not MarginMode.CROSS
    for finding in findings:
        outcome = finding.outcome
        if outcome is not _PASS and finding.rule in HIDING_RULES:
            return None
        if outcome is _UNKNOWN and finding.family in _FIGURED and finding.effect is not _WARN:
            return None
        if lowered and finding.rule in MARGIN_RULES and not _has_room(finding, growth, kept, case):
            return None
        if lowered and isolated and outcome is _PASS and finding.rule in ACCOUNT_RULES:
            return None
    return asked


def _shrinks(name: str, remedy: Remedy, trade: ProposedTrade) -> bool:
    """Say whether a change only makes the trade smaller or less leveraged."""
    if name not in _SHRINKING:
        return False
    present: Decimal | None = getattr(trade, name)
    return present is not None and remedy.largest_passing is not None and remedy.largest_passing <= present


def _margin_growth(remedies: Remedies, case: Case) -> Decimal:
    """Return how many times as much margin less leverage posts on the same size, at most.

    Where the margin tier grants less than was asked for, the margin is already that of the tier.
    """
    lowered, leverage, granted = remedies.get("leverage"), case.trade.leverage, case.figures.max_leverage_in_tier
    if lowered is None or not lowered.largest_passing or not leverage:
        return _ONE
    return (leverage if granted is None else min(leverage, granted)) / lowered.largest_passing


def _size_kept(remedies: Remedies, case: Case) -> Decimal:
    """Return what part of the size is left."""
    for name, size in (("notional", case.figures.notional), ("quantity", case.figures.quantity)):
        smaller = remedies.get(name)
        if smaller is not None and smaller.largest_passing is not None and size:
            return smaller.largest_passing / size
    return _ONE


_FEES_IN_MARGIN = Decimal("0.999")
"""Some venues count a fee as margin, which grows a little beyond proportion as leverage falls."""


def _has_room(finding: Finding, growth: Decimal, kept: Decimal, case: Case) -> bool:
    """Say whether a margin rule passes when `kept` of the size is left and margin on it has grown so many times."""
    observed, limit = finding.observed, finding.limit
    if not isinstance(observed, Decimal) or not isinstance(limit, Decimal):
        return False
    if finding.rule == _WHAT_STAYS_FREE:  # it tells what stays, and its reserve: what goes is told by both
        free = given(given(case.trade.account).free_collateral)
        observed, limit = free - observed, free - limit
    grown = growth * kept
    if grown < _ONE and _is_backed_besides(case):
        grown = _ONE
    if observed * grown <= limit * _FEES_IN_MARGIN:
        return True
    if finding.rule != "risk.shock_loss":
        return False
    worth = case.exposed
    if worth is None:
        return observed * kept <= limit  # of a bought option, which loses its premium whatever margin is posted
    # A jump loses no more than its share of the position's value, whatever margin is posted.
    lost = worth * kept * lost_share(case.trade.side, case.exposure, given(case.policy.shock_move))
    return lost <= limit * given(given(case.trade.account).equity)


def _is_backed_besides(case: Case) -> bool:
    """Say whether margin is counted with the trade's that does not shrink with it: added by hand, or held already."""
    positions = case.exposure.positions
    return bool(case.trade.added_margin) or (positions is not None and bool(positions.same_size))


def _verified(
    remedies: Remedies, findings: Sequence[Finding], fields: frozenset[str] | None, case: Case
) -> tuple[Remedy, ...]:
    """Return the remedies once the trade they make passes, with what it took besides; empty when it never does.

    `fields` are those whose rules are asked, null asks all.
    """
    promised = frozenset(one.rule for one in findings if one.outcome is _FAIL and one.effect is not _WARN)
    excused = frozenset(one.rule for one in findings if one.outcome in _OPEN)
    chosen, settled = _first_of(remedies, frozenset())
    for _ in range(ROUNDS):
        changed = changed_by(chosen.values(), case.trade)
        if changed is None:
            return ()
        if fields is not None and fields <= _READ_BY_NEED and chosen.keys() <= _READ_BY_NEED:
            figures = with_exits(case.figures, changed, case.terms, case.exposure)
            again = structs.replace(case, trade=changed, figures=figures)
        else:
            again = case_of(changed, case.knowledge, case.policy)
        left = [one for one in _standing_against(again, promised, fields) if _is_new(one, excused)]
        if not left:
            needed = _without_needless(chosen, promised, excused, case)
            return tuple(_as_made(remedy, case.trade) for remedy in needed.values())
        more = _merged(chosen, left, again)
        if more is None or more == chosen or any(more[name] != chosen[name] for name in settled):
            return ()
        chosen, settled = _first_of(more, settled)
        fields = None
    return ()


def _without_needless(chosen: Remedies, promised: Set[str], excused: Set[str], case: Case) -> Remedies:
    """Return the changes without those that the other changes make needless.

    An exit that suits another leverage or size is left where the client has it, and so is a size of which a nearer stop
    loses little enough, or the price of an order that is only to reduce, unless the trade fails with it as it was.
    """
    for name in _MAY_BE_NEEDLESS:
        rest = {other: remedy for other, remedy in chosen.items() if other != name}
        if name not in chosen or not rest or (name in _EXITS and getattr(case.trade, name) is None):
            continue
        if name in _SIZES and rest.keys() <= _SHRINKING:
            continue  # less leverage makes no size fit that did not
        changed = changed_by(rest.values(), case.trade)
        again = None if changed is None else case_of(changed, case.knowledge, case.policy)
        if again is not None and not any(_is_new(one, excused) for one in _standing_against(again, promised, None)):
            chosen = rest
    return chosen


def _is_new(finding: Finding, excused: Set[str]) -> bool:
    """Say whether what stands against a trade does so by a change: what was open before may stay so."""
    return finding.rule not in excused or finding.outcome is _FAIL


def _first_of(remedies: Remedies, settled: frozenset[str]) -> tuple[Remedies, frozenset[str]]:
    """Return the changes to make now, and the fields on which the rest hangs.

    A change of such a field is made without those found before it, which were found for another trade.
    """
    reframing = frozenset(name for name in _REFRAMING if name in remedies)
    if reframing <= settled:
        return remedies, settled
    return {name: remedies[name] for name in _REFRAMING if name in reframing}, reframing


def _standing_against(case: Case, promised: Set[str], fields: frozenset[str] | None) -> Iterator[Finding]:
    """Yield what denies or holds a trade, fails and unknowns.

    Rules are asked that need one of `fields` or were promised to pass, law and all others too when it is null.
    """
    if fields is None:
        for finding in law_findings(case):
            if finding.effect is not _WARN and finding.outcome in _AGAINST:
                yield finding
    plan = plan_of(case.policy)
    for rule in _weighty_rules(plan, missing_inputs(plan, case.trade), scope_of(case)):
        if fields is None or rule.id in promised or not fields.isdisjoint(rule.needs):
            result = rule.evaluate(case)
            if result.outcome is not _PASS and result.outcome in _AGAINST:
                yield finding_of(rule, result)


@lru_cache(maxsize=1024)
def _weighty_rules(plan: Plan, missing: int, scope: Scope) -> tuple[Rule, ...]:
    """Return the rules of a plan that can deny or hold such a trade without these inputs."""
    schedule = schedule_of(plan, missing, scope)
    return tuple(rule for rule, settled in schedule if settled is None and rule.effect is not _WARN)


_WORDS: dict[str, Callable[[str], object]] = {
    "margin_mode": MarginMode,
    "order_type": OrderType,
    "intent": Intent,
    "product": Product,
    "entry_price": Decimal,
}
"""What a field makes of the text of a remedy."""


def changed_by(remedies: Iterable[Remedy], trade: ProposedTrade) -> ProposedTrade | None:
    """Return the trade with each change made at its nearest value.

    Null when a change has no place in a trade: a table that the request does not give.
    """
    for remedy in remedies:
        *path, name = remedy.field.split(".")
        value = _nearest(remedy, trade, name)
        if not path:
            if name in _SIZES:  # a size is stated once
                trade = structs.replace(trade, **{**dict.fromkeys(_SIZES), name: value})
            else:
                trade = structs.replace(trade, **{name: value})
            continue
        table = getattr(trade, path[0])
        if table is None or len(path) > 1:
            return None
        trade = structs.replace(trade, **{path[0]: structs.replace(table, **{name: value})})
    return trade


def _nearest(remedy: Remedy, trade: ProposedTrade, name: str) -> object:
    """Return the value nearest to the present one that a remedy allows."""
    smallest, largest = remedy.smallest_passing, remedy.largest_passing
    if smallest is not None and largest is not None:
        present = getattr(trade, name, None)
        return smallest if isinstance(present, Decimal) and present < smallest else largest
    if smallest is not None or largest is not None:
        return largest if smallest is None else smallest
    word = remedy.value if remedy.value is not None else remedy.values[0] if remedy.values else _STATED
    if word == "true":
        return True
    kind = _WORDS.get(name)
    return word if kind is None else kind(word)


def _as_made(remedy: Remedy, trade: ProposedTrade) -> Remedy:
    """Return a change as it was looked at: of a range only the value that was taken."""
    if remedy.smallest_passing is None or remedy.largest_passing is None:
        return remedy
    taken = _nearest(remedy, trade, remedy.field)
    return Remedy(field=remedy.field, value=plain(taken) if isinstance(taken, Decimal) else None)


_STATED = "stated"
"""Stands for the text of a field that is to be stated, whatever it says."""


def _merge(remedies: Remedies, remedy: Remedy, case: Case) -> bool:
    """Add a remedy to those of the other rules; false when no value of any of its fields suits all."""
    for alternative in (remedy, *remedy.alternatives):
        candidate = _in_stated_size(alternative, case)
        known = remedies.get(candidate.field)
        both = candidate if known is None or known is candidate else _both(known, candidate)
        if both is not None:
            remedies[candidate.field] = _alone(both)
            return True
    return False


def _in_stated_size(remedy: Remedy, case: Case) -> Remedy:
    """Return a remedy of the size in the field the request states it in: law limits a quantity, whatever was stated."""
    if remedy.field != "quantity" or remedy.largest_passing is None or size_field(case) == "quantity":
        return remedy
    notional, quantity = given(case.figures.notional), given(case.figures.quantity)  # law counted the quantity
    limit = (remedy.largest_passing * (notional / quantity)).quantize(_CENT, rounding=ROUND_DOWN)
    return Remedy(field="notional", largest_passing=limit)


def _both(left: Remedy, right: Remedy) -> Remedy | None:
    """Return what satisfies two remedies of one field; null when nothing does."""
    largest = _least(left.largest_passing, right.largest_passing)
    smallest = _greatest(left.smallest_passing, right.smallest_passing)
    if largest is not None and smallest is not None and smallest > largest:
        return None
    if left.value is not None and right.value is not None and left.value != right.value:
        return None
    values = left.values or right.values
    if left.values and right.values and left.values != right.values:
        allowed = frozenset(right.values)
        values = tuple([value for value in left.values if value in allowed])
        if not values:
            return None
    return Remedy(
        field=left.field,
        largest_passing=largest,
        smallest_passing=smallest,
        value=left.value if left.value is not None else right.value,
        values=values,
    )


def _alone(remedy: Remedy) -> Remedy:
    return structs.replace(remedy, alternatives=()) if remedy.alternatives else remedy


def _least(left: Decimal | None, right: Decimal | None) -> Decimal | None:
    return right if left is None else left if right is None else min(left, right)


def _greatest(left: Decimal | None, right: Decimal | None) -> Decimal | None:
    return right if left is None else left if right is None else max(left, right)
