"""Which margin modes a venue is known to offer for a kind of contract."""

from __future__ import annotations

from typing import TYPE_CHECKING

from data.facts.fact import Fact
from data.facts.vocabulary import ContractType, MarginMode, Product
from rules.check import MARGINED
from rules.knowledge import Knowledge
from rules.terms.leverage_caps import is_near

if TYPE_CHECKING:
    from rules.case import Case


def named_for(case: Case, mode: MarginMode) -> Fact | None:
    """Return what names this mode for the instrument of a trade: a liquidation policy, margin model or leverage cap for
    the client's place; null where nothing does.

    What is for any mode says how margin is reckoned, not that the venue offers both.
    """
    trade, terms = case.trade, case.terms
    known = terms.liquidation
    if known is not None and known.margin_mode is mode:
        return known
    if terms.product is None:
        return None
    symbol = trade.instrument if terms.instrument is None else terms.instrument.symbol
    residence = trade.client.residence
    return what_names(mode, trade.venue, terms.product, terms.contract_type, symbol, residence, case.knowledge)


def is_cross_alone(
    venue: str, product: Product, kind: ContractType | None, symbol: str, residence: str | None, knowledge: Knowledge
) -> bool:
    """Say whether the facts name cross for a product at a venue, and isolated margin not."""
    asked = (venue, product, kind, symbol, residence, knowledge)
    if product not in MARGINED or what_names(MarginMode.CROSS, *asked) is None:
        return False
    return what_names(MarginMode.ISOLATED, *asked) is None


def what_names(
    mode: MarginMode,
    venue: str,
    product: Product,
    kind: ContractType | None,
    symbol: str | None,
    residence: str | None,
    knowledge: Knowledge,
) -> Fact | None:
    """Return what names this mode for a product at a venue, as `named_for`; without a residence a cap for any place."""
    policy = knowledge.liquidation(venue, product, mode, kind)
    if policy is not None and policy.margin_mode is mode:
        return policy
    model = None if kind is None else knowledge.margin_model(venue, product, kind, mode)
    if model is not None and mode in model.margin_modes:
        return model
    if symbol is None:
        return None
    caps = knowledge.leverage_caps(venue, product, symbol, mode)
    near = (one for one in caps if residence is None or is_near(one, residence, knowledge))
    return next((one for one in near if one.margin_mode is mode), None)
