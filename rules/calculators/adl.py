"""A position's place in the deleveraging queue, by the venue's formula where it publishes one."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal, localcontext

from data.facts.amounts import ARITHMETIC
from data.facts.margin_models import AdlRanking
from data.facts.vocabulary import Side
from rules.adl.score import Standing, adl_score, lights_of, rank_of
from rules.calculators.agreement import given_of, unread
from rules.calculators.checks import position_problems
from rules.calculators.holding import prepared, refuse_with_the_rest
from rules.calculators.inputs import AdlInput
from rules.calculators.position_answers import AdlAnswer
from rules.knowledge import Knowledge
from rules.margin.figures import position_figures
from rules.margin.margins import requirement_over_equity
from rules.margin.position import PositionFigures, Rest, value_of

BESIDE_SCORE = ("atr", "buy_orders", "sell_orders", "fill_price", "partial_liquidation")
NO_MARK = "must be given: the queue is ranked by unrealised profit"
NO_MARGIN = "the margin behind the position is not known, so {sought} is not either"
NOTHING_LEFT = "the loss has used up the margin behind the position, so that {sought} is not defined"
NO_MAINTENANCE = "the maintenance margin of the position is not known, so {sought} is not either"
NO_REST = "what another position of the account requires is not known, so {sought} is not either"
NO_REQUIREMENT = "no maintenance margin is required, so that there is no maintenance rate to rank by"

RULES = {
    AdlRanking.UNKNOWN: "the venue deleverages winners, by a formula that no page read gives in full",
    AdlRanking.PROFIT_AND_LEVERAGE: "return * effective leverage in profit, return / effective leverage in loss; "
    "return = unrealised profit / entry value, effective leverage = mark value / margin with profit",
    AdlRanking.RETURN_AND_MAINTENANCE: "return * account maintenance rate in profit, return / that rate in loss",
    AdlRanking.PRICE_AND_LEVERAGE: "mark price / entry price (inverted for a short) * position value / account value",
    AdlRanking.RETURN: "return = unrealised profit / entry value",
    AdlRanking.RANDOM: "no ranking: offsetting positions are chosen at random",
    AdlRanking.NONE_SOCIALISED: "no deleveraging: a shortfall is shared among winners",
    AdlRanking.NONE_CONTRACT_EXTINGUISHMENT: "no deleveraging by rank: clearing may extinguish contracts last of all",
    AdlRanking.NONE: "no deleveraging: a shortfall stays with the debtor or the clearing house's waterfall",
}
_NOT_RANKED = (
    AdlRanking.UNKNOWN,
    AdlRanking.RANDOM,
    AdlRanking.NONE_SOCIALISED,
    AdlRanking.NONE_CONTRACT_EXTINGUISHMENT,
    AdlRanking.NONE,
)


def adl_score_of(asked: AdlInput, knowledge: Knowledge) -> AdlAnswer:
    """Return the score of a position and its place among `other_scores`.

    Raises:
        InputRefusedError: names every field that cannot be reckoned with.
    """
    problems = list(position_problems(asked))
    if asked.positions is not None:
        problems.append(("/positions", "ask about one position here"))
    if asked.mark_price is None and asked.unrealized_pnl is None:
        problems.append(("/mark_price", NO_MARK))
    with localcontext(ARITHMETIC):
        refuse_with_the_rest(asked, knowledge, problems)
        resolved, held, notes, rest = prepared(asked, knowledge)
        ranking = resolved.model.adl_ranking
        figures = position_figures(resolved.model, held, rest)
        mark = held.present_price
        price_ratio = mark / held.entry_price if held.side is Side.LONG else held.entry_price / mark
        score = adl_score(
            ranking,
            Standing(
                entry_value=value_of(held.size, held.entry_price, held.terms.contract_type),
                mark_value=figures.notional,
                unrealized_pnl=figures.unrealized_pnl or Decimal(0),
                margin=figures.equity,
                maintenance_rate=requirement_over_equity(resolved.model, figures.margin_ratio),
                price_ratio=price_ratio,
            ),
        )
    if score is None and ranking not in _NOT_RANKED:
        notes.extend(_lacking(ranking, figures, rest))
    notes.extend(unread(given_of(asked, BESIDE_SCORE)))
    policy = None if asked.venue is None else knowledge.adl(asked.venue, resolved.product)
    ranked = score is not None and bool(asked.other_scores)
    sources = [*resolved.sources, *((policy.source,) if policy is not None else ())]
    return AdlAnswer(
        release=knowledge.release,
        as_of=knowledge.as_of,
        sources=tuple(dict.fromkeys(sources)),
        approximations=tuple(dict.fromkeys((*notes, *figures.approximations))),
        score=score,
        ranking=ranking,
        rule=RULES[ranking],
        exists=None if policy is None else policy.exists,
        rank=rank_of(score, asked.other_scores) if ranked and score is not None else None,
        lights=lights_of(score, asked.other_scores) if ranked and score is not None else None,
        counterparty_price=None if policy is None else policy.counterparty_price,
    )


def _lacking(ranking: AdlRanking, figures: PositionFigures, rest: Rest) -> Iterator[str]:
    """Yield what a ranking reads of a position and does not find."""
    by_maintenance = ranking is AdlRanking.RETURN_AND_MAINTENANCE
    sought = "the maintenance rate of the account" if by_maintenance else "its effective leverage"
    if figures.equity is None:
        yield NO_MARGIN.format(sought=sought)
    elif figures.equity <= 0:
        yield NOTHING_LEFT.format(sought=sought)
    if not by_maintenance:
        return
    if figures.maintenance_margin is None:
        yield NO_MAINTENANCE.format(sought=sought)
    elif rest.unknown:
        yield NO_REST.format(sought=sought)
    elif figures.equity is not None and figures.equity > 0:
        yield NO_REQUIREMENT
