"""Rules made up for one test each, before the venues on file."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Any

from msgspec import structs

from data.facts.corpus import Corpus
from data.facts.law import AppliesTo, Condition, LawEffect, LawProduct, LawRule, Prohibit
from data.facts.venues import Access
from data.facts.vocabulary import AccessKind, ClientClass, Product
from data.release_facts import ReleaseFacts
from data.snapshot import Snapshot
from rules.decision import Finding
from rules.law.findings import findings_for
from rules.law.index import law_index
from rules.law.inputs import LawInput, LawSize
from tests.law.world import release_facts

DAY = date(2026, 11, 1)
SOURCE = "us.cea_2"
LONG_AGO = date(2015, 1, 1)


@cache
def without_margin() -> Corpus:
    """Return the facts that law reads: no instruments, no ladders."""
    return structs.replace(release_facts().corpus, instruments=(), ladders=(), fees=(), law=(), margin_models=())


def rule(id: str = "us_made_up", *, effect: LawEffect | None = None, **fields: Any) -> LawRule:  # noqa: A002
    """Return a rule; by default it prohibits perpetuals to residents of the United States."""
    when = fields.pop("when", Condition(residence=("US",)))
    return LawRule(
        **{
            "key": id,
            "source": SOURCE,
            "certain_from": date(2020, 1, 1),
            "valid_from": date(2020, 1, 1),
            "id": id,
            "jurisdiction": "US",
            "title": f"The rule {id}",
            "regulator": "CFTC",
            "citation": "made up",
            "applies_to": AppliesTo.VENUE,
            "products": tuple(LawProduct),
            "effect": effect or Prohibit(),
            "when": when,
            **fields,
        }
    )


def row(jurisdiction: str, access: AccessKind, *classes: ClientClass, **fields: Any) -> Access:
    """Return a row of the terms of Bybit on perpetuals, in force for long."""
    return Access(
        **{
            "key": f"{jurisdiction}|{access}|{classes}",
            "source": "bybit.made_up",
            "valid_from": LONG_AGO,
            "certain_from": LONG_AGO,
            "venue": "bybit",
            "jurisdiction": jurisdiction,
            "products": (Product.PERPETUAL,),
            "client_classes": classes or (ClientClass.ANY,),
            "access": access,
            "condition": "a condition" if access is AccessKind.CONDITIONAL else None,
            "condition_id": "bybit_condition" if access is AccessKind.CONDITIONAL else None,
            **fields,
        }
    )


def knowledge_of(*rules: LawRule, day: date = DAY, **families: Any) -> Snapshot:
    """Return facts whose law is these rules alone."""
    return ReleaseFacts("rel_made_up", structs.replace(without_margin(), law=rules, **families)).on(day)


def asked(**fields: Any) -> LawInput:
    """Return an input; by default a retail client in Florida and a bitcoin perpetual."""
    return LawInput(
        **{
            "residence": "US-FL",
            "product": LawProduct.PERPETUAL,
            "base": "BTC",
            "client_class": ClientClass.RETAIL,
            **fields,
        }
    )


def found(
    knowledge: Snapshot, question: LawInput, venue: str = "bybit", size: LawSize | None = None
) -> dict[str, Finding]:
    """Return the findings of law by rule."""
    index = law_index(knowledge)
    findings = findings_for(question, index.standings[venue], index, size or LawSize())
    return {finding.rule: finding for finding in findings}
