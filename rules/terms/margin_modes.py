"""Which margin modes a venue is known to offer for a kind of contract."""

from __future__ import annotations

from data.facts.fact import Fact
from data.facts.vocabulary import MarginMode
from rules.case import Case
from rules.terms.leverage_caps import is_near


def named_for(case: Case, mode: MarginMode) -> Fact | None:
    """Return what names this mode for the instrument of a trade: a liquidation policy, margin model or leverage cap for
    the client's place; null where nothing does.

    What is for any mode says how margin is reckoned, not that the venue offers both.
    """
    trade, terms, knowledge = case.trade, case.terms, case.knowledge
    known, product, kind = terms.liquidation, terms.product, terms.contract_type
    if known is not None and known.margin_mode is mode:
        return known
    if product is None:
        return None
    policy = knowledge.liquidation(trade.venue, product, mode, kind)
    if policy is not None and policy.margin_mode is mode:
        return policy
    model = None if kind is None else knowledge.margin_model(trade.venue, product, kind, mode)
    if model is not None and mode in model.margin_modes:
        return model
    symbol = trade.instrument if terms.instrument is None else terms.instrument.symbol
    caps = knowledge.leverage_caps(trade.venue, product, symbol, mode)
    near = (one for one in caps if is_near(one, trade.client.residence, knowledge))
    return next((one for one in near if one.margin_mode is mode), None)
