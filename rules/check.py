"""How a rule is declared, and what it says.

A rule is one pure function from a `Case` to a `Result`, declared where it is written. The declaration is the rule's
entry in the catalogue (`GET /v1/rules`), in the docs and in the OpenAPI examples.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING

from msgspec import Struct

from data.facts.vocabulary import UNLEVERAGED, UNMARGINED, Product
from rules.decision import Effect, Family, Outcome, Question, Reason, Remedy
from rules.trade import OrderType

if TYPE_CHECKING:
    from rules.case import Case


Products = frozenset[Product | None]
"""Products that a rule is about; null stands for one that is not known."""

LEVERAGED: Products = frozenset({*Product, None}) - UNLEVERAGED
"""All that is not paid in full."""
MARGINED: Products = LEVERAGED - UNMARGINED
"""All that a price of the underlying may liquidate."""
AT_THE_UNDERLYING: Products = frozenset({*Product, None}) - {Product.OPTION}
"""All whose own price is the underlying's, or near it; an option's is a premium."""


class Result(Struct, frozen=True, gc=False):
    """What a rule found; a pass unless `outcome` says otherwise. `sources` are ids of the facts it read."""

    message: str
    observed: Decimal | str | None = None
    limit: Decimal | str | None = None
    unit: str | None = None
    sources: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    outcome: Outcome = Outcome.PASS
    reason: Reason | None = None
    question: Question | None = None
    remedy: Remedy | None = None


NOT_APPLICABLE = Result("", outcome=Outcome.NOT_APPLICABLE)
"""Returned by a rule that has nothing to say about this trade; it leaves no finding."""


class Rule(Struct, frozen=True, kw_only=True):
    """A rule's entry in the catalogue, with the function that evaluates it."""

    id: str
    """Its family, a dot and a name of its own; never reused."""
    family: Family
    effect: Effect
    """What a fail does to the verdict."""
    title: str
    """What passes, in one sentence."""
    needs: tuple[str, ...]
    """Dotted paths of request fields (from `trade`) without which the rule is skipped, or unknown where the policy's
    `requires` lists the rule or the field. Rules on margin are also skipped without a leverage where it decides, those
    on what backs a cross account without a wallet balance or equity."""
    parameters: tuple[str, ...]
    """The policy thresholds it reads: a policy that leaves one of them out switches the rule off."""
    basis: tuple[str, ...]
    """Where the rule itself comes from: source ids or plain words."""
    evaluate: Callable[[Case], Result]
    asked_by: tuple[str, ...] | None = None
    """Where the rule does without some of its `parameters`, those of which one is enough to switch it on; empty where
    it is always on, null where it needs them all."""
    venue_free: bool = False
    """Whether it passes depends on trade and policy alone: a comparison of venues need not ask it at each."""
    of_terms: bool = False
    """Whether it passes depends on the facts on file for such a trade of such a client, whatever its amounts, prices
    and account are. `rules.policies.settled` keeps its passes."""
    spares_reducing: bool = False
    """Reduce-only orders are exempt: of them the rule is not asked, whatever they leave out and the policy requires."""
    products: Products | None = None
    """The products it is about; of others it is not asked. Null for all."""
    order_type: OrderType | None = None
    """The type of order it is about; of the other it is not asked. Null for both."""


CATALOGUE: dict[str, Rule] = {}
"""Every declared rule by id, in order of declaration."""


def check(
    id: str,  # noqa: A002 - the field's own name
    *,
    family: Family,
    effect: Effect,
    title: str,
    basis: tuple[str, ...],
    needs: tuple[str, ...] = (),
    parameters: tuple[str, ...] = (),
    asked_by: tuple[str, ...] | None = None,
    venue_free: bool = False,
    of_terms: bool = False,
    spares_reducing: bool = False,
    products: Products | None = None,
    order_type: OrderType | None = None,
) -> Callable[[Callable[[Case], Result]], Callable[[Case], Result]]:
    """Declare a rule.

    Raises:
        ValueError: the id is taken, or does not start with its family.
    """

    def declare(evaluate: Callable[[Case], Result]) -> Callable[[Case], Result]:
        if id in CATALOGUE:
            raise ValueError(f"rule {id} is declared twice")
        if not id.startswith(family + "."):
            raise ValueError(f"rule {id} does not start with its family, {family}")
        CATALOGUE[id] = Rule(
            id=id,
            family=family,
            effect=effect,
            title=title,
            needs=needs,
            parameters=parameters,
            basis=basis,
            evaluate=evaluate,
            asked_by=asked_by,
            venue_free=venue_free,
            of_terms=of_terms,
            spares_reducing=spares_reducing,
            products=products,
            order_type=order_type,
        )
        return evaluate

    return declare
