"""What is wrong with a proposed trade as input, every field named at once. The API turns it into a 422.

A trade that is merely unwise (a stop on the wrong side, a size beyond the ladder) is well-formed: rules answer it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

from data.facts.amounts import plain
from data.facts.iso_3166 import is_country, is_place
from rules.inputs import given
from rules.knowledge import Knowledge
from rules.terms.spelling import HINT, symbol_on_file
from rules.trade import DENIAL, Account, Client, Market, OrderBook, Position, ProposedTrade

Problem = tuple[str, str]
"""JSON pointer into the request, and what is wrong there."""

MAX_POSITIONS = 1000
MAX_LEVELS = 5000
MAX_CLUSTERS = 1000
MAX_CONDITIONS = 100
MAX_VENUES = 200
"""Venues that a comparison names."""
MAX_LEVERAGE = Decimal(1000)
MAX_FUNDING_HOURS = Decimal(8_760)
MAX_HOLDING_HOURS = Decimal(87_600)
_ONE = Decimal(1)

is_id = re.compile(r"[a-z0-9_]{1,64}").fullmatch
is_condition_id = re.compile(r"[A-Za-z0-9_.:-]{1,128}").fullmatch
_SYMBOL = re.compile(r"[^\s\x00-\x1f\x7f](?:[^\x00-\x1f\x7f]{0,62}[^\s\x00-\x1f\x7f])?").fullmatch
_CURRENCY = re.compile(r"[A-Za-z0-9]{1,12}").fullmatch

NOT_POSITIVE = "must be greater than zero"
NEGATIVE = "must not be negative"
_PLACE = "must be an ISO 3166-1 alpha-2 or ISO 3166-2 code, such as AE or US-NY"


def problems_of(trade: ProposedTrade) -> tuple[Problem, ...]:
    """Return every field of `trade` that no trade could have, as (JSON pointer, detail); empty when there is none."""
    return tuple(_problems(trade))


def no_venue(name: str) -> str:
    """Say that no venue has an id, and where the ids of venues are found."""
    return f"no venue with the id {name[:80]!r} is known; /v1/venues lists them"


def unknown_names(trade: ProposedTrade, knowledge: Knowledge) -> tuple[Problem, ...]:
    """Return the names that the release does not have: the venue, and positions whose instrument is not listed.

    The instrument of the trade itself is not among them: a venue may list more than the release knows, and the
    decision answers that with an unknown.
    """
    found: list[Problem] = []
    if knowledge.venue(trade.venue) is None and is_id(trade.venue):
        found.append(("/venue", no_venue(trade.venue)))
    if trade.account is not None and trade.account.positions:
        for index, held in enumerate(trade.account.positions):
            if not is_id(held.venue):
                continue
            if knowledge.venue(held.venue) is None:
                found.append((f"/account/positions/{index}/venue", no_venue(held.venue)))
            elif knowledge.instrument(held.venue, held.instrument) is None:
                at = f"/account/positions/{index}/instrument"
                found.append((at, unlisted(held.venue, held.instrument, knowledge)))
    return tuple(found)


def contradicting_marks(trade: ProposedTrade, knowledge: Knowledge) -> tuple[Problem, ...]:
    """Return the positions that state another mark price than one before them in the same instrument, which has one
    mark price at its venue, under whichever of its names it is held.
    """
    if trade.account is None or not trade.account.positions:
        return ()
    found: list[Problem] = []
    marks: dict[tuple[str, str], tuple[int, Decimal]] = {}
    for index, held in enumerate(trade.account.positions):
        if held.mark_price is None:
            continue
        listed = knowledge.instrument(held.venue, held.instrument)
        name = held.instrument if listed is None else listed.symbol
        first, mark = marks.setdefault((held.venue, name), (index, held.mark_price))
        if held.mark_price != mark:
            stated = f"by /account/positions/{first}/mark_price it is {plain(mark)}"
            detail = f"{name} at {held.venue} has one mark price: {stated}"
            found.append((f"/account/positions/{index}/mark_price", detail))
    return tuple(found)


def misspelt_instrument(trade: ProposedTrade, knowledge: Knowledge) -> tuple[Problem, ...]:
    """Return the trade's instrument where the venue lists one whose name differs in capitals alone."""
    if symbol_on_file(trade.venue, trade.instrument, knowledge) is None:
        return ()
    return (("/instrument", unlisted(trade.venue, trade.instrument, knowledge)),)


def unlisted(venue: str, symbol: str, knowledge: Knowledge) -> str:
    """Say that an instrument is not on file, and which one is whose name differs in capitals alone."""
    told = f"{venue} is not known to list {symbol[:64]!r}"
    other = symbol_on_file(venue, symbol, knowledge)
    return told if other is None else f"{told}: {HINT.format(name=other)}"


def _problems(trade: ProposedTrade) -> Iterator[Problem]:
    if not is_id(trade.venue):
        yield "/venue", "must be a venue id: lower-case letters, digits and underscores"
    if _SYMBOL(trade.instrument) is None:
        yield "/instrument", "must be 1 to 64 printable characters"
    if trade.intermediary is not None and not is_id(trade.intermediary):
        yield "/intermediary", "must be an id: lower-case letters, digits and underscores"
    yield from _client_problems(trade.client)
    if trade.notional is not None and trade.quantity is not None:
        yield "/quantity", "give either notional or quantity, not both"
    for pointer, value in (
        ("/notional", trade.notional),
        ("/quantity", trade.quantity),
        ("/entry_price", trade.entry_price),
        ("/leverage", trade.leverage),
        ("/stop_price", trade.stop_price),
        ("/take_profit_price", trade.take_profit_price),
    ):
        if value is not None and value <= 0:
            yield pointer, NOT_POSITIVE
    if trade.leverage is not None and trade.leverage > MAX_LEVERAGE:
        yield "/leverage", f"must be at most {MAX_LEVERAGE}"
    if trade.added_margin is not None and trade.added_margin < 0:
        yield "/added_margin", NEGATIVE
    if trade.holding_hours is not None and not 0 <= trade.holding_hours <= MAX_HOLDING_HOURS:
        yield "/holding_hours", f"must be between 0 and {MAX_HOLDING_HOURS} (ten years)"
    if trade.conditions_met:
        yield from _condition_problems(trade.conditions_met)
    if trade.account is not None:
        yield from _account_problems(trade.account)
    if trade.market is not None:
        yield from _market_problems(trade.market)


def _client_problems(client: Client) -> Iterator[Problem]:
    if not is_place(client.residence):
        yield "/client/residence", _PLACE
    if client.location is not None and not is_place(client.location):
        yield "/client/location", _PLACE
    if client.nationality is not None and not is_country(client.nationality):
        yield "/client/nationality", "must be an ISO 3166-1 alpha-2 code, such as AE"


def _condition_problems(conditions: tuple[str, ...]) -> Iterator[Problem]:
    if len(conditions) > MAX_CONDITIONS:
        yield "/conditions_met", f"must name at most {MAX_CONDITIONS} conditions"
        return
    for index, condition in enumerate(conditions):
        if not is_condition_id(condition):
            yield f"/conditions_met/{index}", "must be a condition's id, as a finding's question names it"
        elif condition.startswith(DENIAL) and condition.removeprefix(DENIAL) in conditions:
            named = condition.removeprefix(DENIAL)
            yield f"/conditions_met/{index}", f"the same condition is vouched for and denied: {named}"
        elif condition.startswith(DENIAL + DENIAL):
            named = condition.removeprefix(DENIAL + DENIAL)
            yield f"/conditions_met/{index}", f"what is denied twice is vouched for: name {named} itself"


def _account_problems(account: Account) -> Iterator[Problem]:
    if _CURRENCY(account.currency) is None:
        yield "/account/currency", "must be a currency or coin code, such as USD"
    if account.equity is not None and account.equity < 0:
        yield "/account/equity", NEGATIVE
    if _exceeds(account.free_collateral, account.equity):
        yield "/account/free_collateral", f"must not exceed {_equity_of(account)}: it is a part of it"
    if account.positions == () and _exceeds(account.wallet_balance, account.equity):
        detail = f"must not exceed {_equity_of(account)}, as /account/positions says that nothing is held"
        yield "/account/wallet_balance", detail
    if account.volume_30d_usd is not None and account.volume_30d_usd < 0:
        yield "/account/volume_30d_usd", NEGATIVE
    positions = account.positions
    if positions is not None:
        if len(positions) > MAX_POSITIONS:
            yield "/account/positions", f"must hold at most {MAX_POSITIONS} positions"
            return
        for index, held in enumerate(positions):
            yield from _position_problems(f"/account/positions/{index}", held)


def _equity_of(account: Account) -> str:
    return f"/account/equity ({plain(given(account.equity))})"


def _exceeds(part: Decimal | None, whole: Decimal | None) -> bool:
    return part is not None and whole is not None and part > whole


def _position_problems(at: str, held: Position) -> Iterator[Problem]:
    if not is_id(held.venue):
        yield f"{at}/venue", "must be a venue id: lower-case letters, digits and underscores"
    if _SYMBOL(held.instrument) is None:
        yield f"{at}/instrument", "must be 1 to 64 printable characters"
    if held.quantity <= 0:
        yield f"{at}/quantity", NOT_POSITIVE
    if held.entry_price <= 0:
        yield f"{at}/entry_price", NOT_POSITIVE
    if held.mark_price is not None and held.mark_price <= 0:
        yield f"{at}/mark_price", NOT_POSITIVE
    if held.leverage is not None and not 0 < held.leverage <= MAX_LEVERAGE:
        yield f"{at}/leverage", f"must be greater than zero and at most {MAX_LEVERAGE}"
    if held.collateral is not None and held.collateral < 0:
        yield f"{at}/collateral", NEGATIVE


def _market_problems(market: Market) -> Iterator[Problem]:
    for pointer, value in (
        ("/market/mark_price", market.mark_price),
        ("/market/index_price", market.index_price),
        ("/market/atr", market.atr),
        ("/market/daily_range", market.daily_range),
    ):
        if value is not None and value <= 0:
            yield pointer, NOT_POSITIVE
    if market.open_interest is not None and market.open_interest < 0:
        yield "/market/open_interest", NEGATIVE
    if market.funding_rate is not None and not -_ONE < market.funding_rate < _ONE:
        yield "/market/funding_rate", "must be a fraction between -1 and 1 (0.0001 is one basis point)"
    hours = market.funding_interval_hours
    if hours is not None and not 0 < hours <= MAX_FUNDING_HOURS:
        yield "/market/funding_interval_hours", f"must be above zero and at most {MAX_FUNDING_HOURS} hours"
    if market.borrow_rate is not None and not 0 <= market.borrow_rate < _ONE:
        yield "/market/borrow_rate", "must be a fraction per hour, at least 0 and below 1"
    if market.order_book is not None:
        yield from _book_problems("/market/order_book", market.order_book)
    if market.previous_order_book is not None:
        yield from _book_problems("/market/previous_order_book", market.previous_order_book)
    clusters = market.liquidation_clusters
    if clusters is not None:
        if len(clusters) > MAX_CLUSTERS:
            yield "/market/liquidation_clusters", f"must hold at most {MAX_CLUSTERS} clusters"
            return
        for index, cluster in enumerate(clusters):
            if cluster.price <= 0:
                yield f"/market/liquidation_clusters/{index}/price", NOT_POSITIVE
            if cluster.notional <= 0:
                yield f"/market/liquidation_clusters/{index}/notional", NOT_POSITIVE


def level_problems(
    bids: Sequence[tuple[Decimal, Decimal]], asks: Sequence[tuple[Decimal, Decimal]], at: str
) -> Iterator[Problem]:
    """Yield what is wrong with either side of a book: too many levels, amounts not above zero, prices out of order."""
    for side, levels, order in (("bids", bids, "fall"), ("asks", asks, "rise")):
        if len(levels) > MAX_LEVELS:
            yield f"{at}/{side}", f"must hold at most {MAX_LEVELS} levels"
            continue
        before: Decimal | None = None
        for index, (price, quantity) in enumerate(levels):
            if price <= 0:
                yield f"{at}/{side}/{index}/0", NOT_POSITIVE
            if quantity <= 0:
                yield f"{at}/{side}/{index}/1", NOT_POSITIVE
            if before is not None and (price >= before if side == "bids" else price <= before):
                yield f"{at}/{side}/{index}/0", f"prices of {side} must {order} from the best on"
            before = price


def _book_problems(at: str, book: OrderBook) -> Iterator[Problem]:
    yield from level_problems(book.bids, book.asks, at)
    if book.bids and book.asks and book.bids[0][0] >= book.asks[0][0]:
        yield at, f"the best bid ({plain(book.bids[0][0])}) must be below the best ask ({plain(book.asks[0][0])})"
