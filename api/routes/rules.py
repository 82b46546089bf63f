"""The catalogue of rules: `GET /v1/rules`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct

from api.representations.list_pages import list_of
from api.routes import facts_filters as by
from api.routes.facts_listing import Asked, Listing
from data.facts.vocabulary import Product
from rules.check import CATALOGUE, Rule
from rules.checks import load_catalogue
from rules.decision import Effect, Family
from rules.knowledge import Knowledge
from rules.law.coverage import COVERAGE, ESTABLISHMENT, TITLES
from rules.law.index import law_index
from rules.law.needs import needs_of
from rules.policies.plan import FAMILY_ORDER
from rules.trade import OrderType

load_catalogue()


class RuleRow(Struct, frozen=True, kw_only=True):
    """A rule. Of law and venue terms the rows themselves say whom they concern."""

    id: str
    """What findings name it by."""
    family: Family
    """What the rule is about; findings are listed family by family."""
    effect: Effect
    """What a fail does to the verdict."""
    title: str
    """What passes, in a sentence."""
    needs: tuple[str, ...]
    """Fields of a request without which the rule is skipped, or unknown where the policy requires them; a rule of law
    may be unknown without one whatever the policy requires. A quantity is not missing where notional and price tell it,
    nor a product that the policy does not require where the instrument tells it. A rule on margin may also be skipped
    without a leverage, where its answer hangs on one."""
    parameters: tuple[str, ...]
    """Thresholds and switches of a policy that it reads."""
    sources: tuple[str, ...]
    """Ids of `/v1/sources` which the rule comes from."""
    basis: tuple[str, ...]
    """Where it comes from, in words."""
    jurisdiction: str | None
    """Whose law it is; null for a rule of the service."""
    spares_reducing: bool = False
    """Whether reduce-only orders are exempt."""
    products: tuple[Product, ...] = ()
    """Products that the rule is about; empty where it is about every one."""
    order_type: OrderType | None = None
    """Type of order that the rule is about; null where it is about both."""


def rule_rows(knowledge: Knowledge) -> list[RuleRow]:
    """Return the law of a release on its day and the rules beside it, family by family."""
    rows = [*_law(knowledge), *_ABOUT_LAW, *(_declared(rule, knowledge) for rule in CATALOGUE.values())]
    rows.sort(key=lambda row: FAMILY_ORDER[row.family])
    return rows


def _law(knowledge: Knowledge) -> Iterator[RuleRow]:
    for compiled in law_index(knowledge).rules:
        law = compiled.law
        yield RuleRow(
            id=compiled.rule,
            family=compiled.family,
            effect=compiled.effect,
            title=law.title,
            needs=needs_of(law),
            parameters=(),
            sources=compiled.sources,
            basis=(law.citation,) if law.citation else (),
            jurisdiction=law.jurisdiction,
        )


def _about_law(rule: str, basis: str) -> RuleRow:
    return RuleRow(
        id=rule,
        family=Family.JURISDICTION,
        effect=Effect.REVIEW,
        title=TITLES[rule],
        needs=("client.residence",),
        parameters=(),
        sources=(),
        basis=(basis,),
        jurisdiction=None,
    )


_ABOUT_LAW = (
    _about_law(
        COVERAGE,
        "no rule is never a yes: what nothing on file decides is not known",
    ),
    _about_law(
        ESTABLISHMENT,
        "a rule that binds venues of a place cannot be judged without the venue's place",
    ),
)


def _declared(rule: Rule, knowledge: Knowledge) -> RuleRow:
    sources = tuple(name for name in rule.basis if knowledge.source(name) is not None)
    return RuleRow(
        id=rule.id,
        family=rule.family,
        effect=rule.effect,
        title=rule.title,
        needs=rule.needs,
        parameters=rule.parameters,
        sources=sources,
        basis=tuple(words for words in rule.basis if words not in sources),
        jurisdiction=None,
        spares_reducing=rule.spares_reducing,
        products=() if rule.products is None else tuple(one for one in Product if one in rule.products),
        order_type=rule.order_type,
    )


def _chosen(asked: Asked) -> Sequence[Struct]:
    wanted = {name: values for name, values in asked.parameters.items() if isinstance(values, list)}
    rows = rule_rows(asked.reading.release.facts.on(asked.reading.as_of))
    return [row for row in rows if all(getattr(row, name) in values for name, values in wanted.items())]


RULES = Listing(
    path="/v1/rules",
    query="rules",
    operation_id="listRules",
    summary="Rules",
    description="Every rule that a decision may evaluate, the law of the day included: what it is about, what a fail "
    "does, which fields it needs, which thresholds of a policy it reads, and where it comes from.",
    row=RuleRow,
    page=list_of(RuleRow, "RuleList", "rules"),
    filters=(
        by.text("id", "Id of a rule, as findings name it.", example="risk.loss_at_stop"),
        by.one_of("family", Family, "Family of rules.", example="risk"),
        by.one_of("effect", Effect, "What a fail does to the verdict.", example="deny"),
    ),
    expandable=False,
    compute=_chosen,
    tag="rules",
)
