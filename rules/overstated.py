"""What a request says to back a trade though it cannot be there: parts of an account that are more than the whole.

Equity is what was paid in and what positions have gained or lost since. A part that was paid in can exceed it by what
they have lost, and by no more. Prices of different instants make small differences: refused is what no price explains,
and what lies below that is judged with the lesser of the two (`rules.figures.cross_equity`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from data.facts.amounts import plain
from data.facts.venues import Instrument
from data.facts.vocabulary import ContractType, MarginMode, Product, Side
from rules.figures.money import same_money
from rules.knowledge import Knowledge
from rules.trade import Account, Position, ProposedTrade
from rules.validation import Problem

_ZERO = Decimal(0)


def overstated_backing(trade: ProposedTrade, knowledge: Knowledge, settle: str | None = None) -> tuple[Problem, ...]:
    """Return the amounts that back a trade and exceed what the account can have, as (JSON pointer, detail).

    `settle` is the settlement currency of a trade whose instrument is not on file.
    """
    account = trade.account
    if account is None or account.equity is None:
        return ()
    return (*_added(trade, account.equity, knowledge, settle), *_paid_in(trade, account, account.equity, knowledge))


def _added(trade: ProposedTrade, equity: Decimal, knowledge: Knowledge, settle: str | None) -> Iterator[Problem]:
    """Yield the margin added to an isolated position where the whole account has less."""
    added, account = trade.added_margin, trade.account
    if added is None or added <= equity or account is None or trade.margin_mode is MarginMode.CROSS:
        return
    listed = knowledge.instrument(trade.venue, trade.instrument)
    if listed is not None:
        settle = listed.settles_in
    if same_money(settle, account.currency):
        yield "/added_margin", f"must not exceed /account/equity ({plain(equity)}): it is posted out of it"


def _paid_in(trade: ProposedTrade, account: Account, equity: Decimal, knowledge: Knowledge) -> Iterator[Problem]:
    """Yield wallet balance and collateral of positions that exceed equity by more than can have been lost."""
    held = account.positions
    if not held:  # validation refuses a wallet balance above the equity where nothing is held
        return
    stated = [("/account/wallet_balance", account.wallet_balance)]
    stated += [(f"/account/positions/{index}/collateral", one.collateral) for index, one in enumerate(held)]
    above = [(pointer, amount) for pointer, amount in stated if amount is not None and amount > equity]
    worth = _most_lost(trade, account, held, knowledge) if above else None
    if worth is None:
        return
    for pointer, amount in above:
        if amount > equity + worth:
            yield (
                pointer,
                f"must not exceed /account/equity ({plain(equity)}) by more than what is held is worth "
                f"({plain(worth)}): no more of it can be lost",
            )


def _most_lost(
    trade: ProposedTrade, account: Account, held: Sequence[Position], knowledge: Knowledge
) -> Decimal | None:
    """Return the most that positions can have lost, in the account's currency. Null where a price or a conversion is
    missing, or a loss has no such bound.
    """
    market = None if trade.market is None else trade.market.mark_price
    most = _ZERO
    for one in held:
        listed = knowledge.instrument(one.venue, one.instrument)
        if listed is None or listed.product is Product.OPTION:
            return None
        own = one.venue == trade.venue and trade.instrument in (listed.symbol, one.instrument)
        marks = [mark for mark in (one.mark_price, market if own else None) if mark is not None]
        lost = _most_lost_of(one, listed, account.currency, marks)
        if lost is None:
            return None
        most += lost
    return most


def _most_lost_of(one: Position, listed: Instrument, currency: str, marks: Sequence[Decimal]) -> Decimal | None:
    """Return what a position is worth at the price, of entry and mark, at which that is the most: it has lost no more.

    An inverse one is worth the more coins the lower the price. Towards the side on which the mark price would make the
    loss ever larger, it must be given.
    """
    long, prices = one.side is Side.LONG, (one.entry_price, *marks)
    if listed.contract_type in (None, ContractType.LINEAR):
        bounded = bool(marks) or long
        return one.quantity * max(prices) if bounded and same_money(listed.quote, currency) else None
    if listed.contract_type is not ContractType.INVERSE or listed.contract_size is None:
        return None
    worth = one.quantity * listed.contract_size
    if same_money(listed.settle or listed.base, currency):
        return worth / min(prices) if marks or not long else None
    if same_money(listed.quote, currency):
        return worth * max(prices) / one.entry_price if marks or long else None
    return None
