"""Which margin modes a venue is known to offer for a kind of contract."""

from __future__ import annotations

from data.facts.fact import Fact
from data.facts.vocabulary import ContractType, MarginMode, Product
from rules.case import Case
from rules.knowledge import Knowledge
from rules.terms.leverage_caps import is_near


def named_for(case: Case, mode: MarginMode) -> Fact | None:
    """Return what names this mode for the instrument of a trade; null where nothing does (see `named`)."""
    trade, terms = case.trade, case.terms
    known = terms.liquidation
    if known is not None and known.margin_mode is mode:
        return known
    if terms.product is None:
        return None
    symbol = trade.instrument if terms.instrument is None else terms.instrument.symbol
    return named(
        mode, trade.venue, terms.product, terms.contract_type, symbol, case.knowledge, residence=trade.client.residence
    )


def named(
    mode: MarginMode,
    venue: str,
    product: Product,
    contract_type: ContractType | None,
    symbol: str,
    knowledge: Knowledge,
    *,
    residence: str | None = None,
) -> Fact | None:
    """Return what names this mode: a liquidation policy, margin model or leverage cap; null where nothing does.

    What is for any mode says how margin is reckoned, not that the venue offers both. With a residence, caps of other
    places name nothing.
    """
    policy = knowledge.liquidation(venue, product, mode, contract_type)
    if policy is not None and policy.margin_mode is mode:
        return policy
    model = None if contract_type is None else knowledge.margin_model(venue, product, contract_type, mode)
    if model is not None and mode in model.margin_modes:
        return model
    caps = knowledge.leverage_caps(venue, product, symbol, mode)
    near = (one for one in caps if residence is None or is_near(one, residence, knowledge))
    return next((one for one in near if one.margin_mode is mode), None)
