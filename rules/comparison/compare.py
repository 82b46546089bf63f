"""Compares a trade: each row is what a decision on that venue would say, reckoned with shared work."""

from __future__ import annotations

from decimal import localcontext

from msgspec import structs

from data.facts.amounts import ARITHMETIC
from rules.comparison.answer import Comparison
from rules.comparison.asked import ComparedTrade
from rules.comparison.choosing import Choices, fits, not_listed
from rules.comparison.judging import findings_at_each, judged
from rules.comparison.ranking import ranked
from rules.costs.funding import QUOTED_HOURS
from rules.knowledge import Knowledge
from rules.policies.plan import plan_of
from rules.policies.policy import Policy
from rules.preparing import cases_of
from rules.trade import Market, ProposedTrade

SHARED = tuple(name for name in ProposedTrade.__struct_fields__ if name not in ("venue", "instrument"))
"""Fields of a trade that are the same on every venue."""


def compare(asked: ComparedTrade, knowledge: Knowledge, policy: Policy) -> Comparison:
    """Return the comparison, under the rules of `policy`."""
    with localcontext(ARITHMETIC):
        chosen = knowledge.derive(Choices).chosen(asked)
        trade = _trade_of(asked)
        cases = cases_of(
            [
                (structs.replace(trade, venue=instrument.venue, instrument=instrument.symbol), knowledge, policy)
                for instrument, _ in chosen
            ]
        )
        found_at_each, skipped = findings_at_each(cases, plan_of(policy))
        rows = [
            judged(case, found, others) for case, found, (_, others) in zip(cases, found_at_each, chosen, strict=True)
        ]
        return Comparison(
            rows=ranked(rows, skips=bool(skipped)),
            not_listed=not_listed(asked, knowledge, {instrument.venue for instrument, _ in chosen}),
            in_other_units=tuple(
                instrument
                for instrument in knowledge.listings_in_other_units(asked.base, asked.product)
                if fits(instrument, asked, knowledge)
            ),
            skipped=skipped,
            extrapolated=tuple(sorted({case.trade.venue for case in cases if case.terms.extrapolated is not None})),
            doubted=tuple(sorted({case.trade.venue for case in cases if case.terms.doubted})),
        )


def _trade_of(asked: ComparedTrade) -> ProposedTrade:
    """Return the trade that is compared, still without venue and instrument."""
    fields = {name: getattr(asked, name) for name in SHARED}
    fields["market"] = _one_funding_rate(asked.market)
    return ProposedTrade(venue="", instrument="", **fields)


def _one_funding_rate(market: Market | None) -> Market | None:
    """Return the market with its funding rate stated for so many hours, so that it means the same at every venue."""
    if market is None or market.funding_rate is None or market.funding_interval_hours is not None:
        return market
    return structs.replace(market, funding_interval_hours=QUOTED_HOURS)
