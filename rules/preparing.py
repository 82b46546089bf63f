"""Makes cases of trades: facts looked up, holdings added up, figures computed. The only place that orders that."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from msgspec import structs

from data.facts.vocabulary import MarginMode, Side
from rules.case import Case, Terms
from rules.costs.fees import unearned_note
from rules.decision import Figures
from rules.depth.book import reached_in_few
from rules.figures.exposure import Exposure, HoldingsKey, exposure_of
from rules.figures.margins import settle_currency
from rules.figures.of_trades import figures_of, figures_of_each
from rules.figures.opening import mark_as_it_opens
from rules.figures.positions import Positions
from rules.inputs import given
from rules.knowledge import Knowledge
from rules.policies.policy import Policy
from rules.terms.lookup import terms_of
from rules.trade import OrderBook, OrderType, ProposedTrade

_ZERO = Decimal(0)


def case_of(trade: ProposedTrade, knowledge: Knowledge, policy: Policy) -> Case:
    """Return a trade with the facts that bear on it and the figures computed from both."""
    terms, size = terms_of(trade, knowledge)
    understood = _as_understood(trade, terms)
    exposure = exposure_of(understood, knowledge, terms.instrument, size.price, settle_currency(terms))
    figures = figures_of(understood, terms, size, exposure)
    return _case(trade, understood, knowledge, policy, terms, exposure, figures)


def cases_of(asked: Sequence[tuple[ProposedTrade, Knowledge, Policy]]) -> list[Case]:
    """Return what `case_of` returns for each trade.

    Step by step for all of them: the same code on the next trade runs faster than other code.
    """
    looked_up = [terms_of(trade, knowledge) for trade, knowledge, _ in asked]
    understood = [_as_understood(trade, terms) for (trade, _, _), (terms, _) in zip(asked, looked_up, strict=True)]
    elsewhere: dict[HoldingsKey, Positions] = {}
    exposures = [
        exposure_of(trade, knowledge, terms.instrument, size.price, settle_currency(terms), elsewhere)
        for trade, (_, knowledge, _), (terms, size) in zip(understood, asked, looked_up, strict=True)
    ]
    figures = figures_of_each(
        [
            (trade, terms, size, exposure)
            for trade, (terms, size), exposure in zip(understood, looked_up, exposures, strict=True)
        ]
    )
    return [
        _case(requested, trade, knowledge, policy, terms, exposure, computed)
        for trade, (requested, knowledge, policy), (terms, _), exposure, computed in zip(
            understood, asked, looked_up, exposures, figures, strict=True
        )
    ]


def _case(
    requested: ProposedTrade,
    trade: ProposedTrade,
    knowledge: Knowledge,
    policy: Policy,
    terms: Terms,
    exposure: Exposure,
    figures: Figures,
) -> Case:
    """Return the case of a trade as understood, with what its volume did not earn noted."""
    volume = None if trade.account is None else trade.account.volume_30d_usd
    fee = terms.fee
    if volume and fee is not None:
        schedule = knowledge.fees(fee.venue, fee.product, terms.contract_type, trade.client.residence)
        note = unearned_note(schedule, volume, fee)
        if note is not None:
            figures = structs.replace(figures, cost_notes=(*figures.cost_notes, note))
    return Case(
        trade=trade,
        as_of=knowledge.as_of,
        terms=terms,
        figures=figures,
        policy=policy,
        knowledge=knowledge,
        exposure=exposure,
        names_product=requested.product is not None,
        opening_mark=mark_as_it_opens(trade, exposure.same_instrument),
    )


def resized(case: Case, field: str, value: Decimal) -> Case:
    """Return the case of a trade that differs in its size or leverage alone: what is held beside it stays.

    An account may hold a thousand positions, and a size is found by trying many, none larger than the case's own. For
    that the book is not walked beyond what that one reaches.
    """
    trade = structs.replace(case.trade, **{field: value})
    if trade.order_type is OrderType.MARKET and trade.market is not None and trade.market.order_book is not None:
        trade = structs.replace(trade, market=structs.replace(trade.market, order_book=_book_reached(case)))
    terms, size = terms_of(trade, case.knowledge)
    figures = figures_of(trade, terms, size, case.exposure)
    return structs.replace(case, trade=trade, terms=terms, figures=figures)


def _book_reached(case: Case) -> OrderBook:
    """Return the book given as far as a market order takes from it, in few levels; worked out once a case."""
    kept = case.__dict__
    if _BOOK not in kept:
        book, quantity = given(given(case.trade.market).order_book), case.figures.quantity or _ZERO
        long = case.trade.side is Side.LONG
        kept[_BOOK] = OrderBook(
            bids=book.bids[:1] if long else reached_in_few(book.bids, quantity, _MOST_LEVELS),
            asks=reached_in_few(book.asks, quantity, _MOST_LEVELS) if long else book.asks[:1],
        )
    found: OrderBook = kept[_BOOK]
    return found


_BOOK = "book for trying"
_MOST_LEVELS = 32


def held_for(case: Case, hours: Decimal) -> Case:
    """Return the case of a trade that differs in its holding time alone."""
    trade = structs.replace(case.trade, holding_hours=hours)
    terms, size = terms_of(trade, case.knowledge)
    return structs.replace(case, trade=trade, figures=figures_of(trade, terms, size, case.exposure))


def _as_understood(trade: ProposedTrade, terms: Terms) -> ProposedTrade:
    changes: dict[str, object] = {}
    if terms.instrument is not None and terms.instrument.symbol != trade.instrument:
        changes["instrument"] = terms.instrument.symbol
    if terms.product is not None and trade.product is None:
        changes["product"] = terms.product
    if terms.cross_alone:
        changes["margin_mode"] = MarginMode.CROSS
    return structs.replace(trade, **changes) if changes else trade
