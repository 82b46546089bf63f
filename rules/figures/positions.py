"""Totals over the positions held: net exposure, what is of the trade's own instrument, and margin at its venue."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from msgspec import Struct, structs

from data.facts.venues import Instrument
from data.facts.vocabulary import UNMARGINED, ContractType, MarginMode, Product, Side
from rules.figures.cross_account import Alongside, CrossAccount
from rules.figures.directions import Directions
from rules.figures.held_values import held_margin, held_profit, held_value
from rules.knowledge import Knowledge
from rules.terms.margin_modes import is_cross_alone
from rules.trade import Intent, Position, ProposedTrade

# An enum's member is looked up through its metaclass, far slower than a name: these are read several times a trade.
_CROSS = MarginMode.CROSS
_INVERSE = ContractType.INVERSE
_HEDGE = Intent.HEDGE
_ISOLATED = MarginMode.ISOLATED
_LONG = Side.LONG
_OPTION = Product.OPTION

_ZERO = Decimal(0)
_HOURS = Decimal(24)


class Positions(Struct, frozen=True, kw_only=True, gc=False):
    """Totals over the positions held. Totals are null when `unvalued` names a position that cannot be counted."""

    count: int
    """How many there are: rows of one instrument and side are one."""
    unvalued: tuple[str, ...] = ()
    gross: Decimal | None = None
    valued: Decimal = _ZERO
    """Gross notional of the others where `unvalued` names some: the whole is no less."""
    net: Decimal | None = None
    """Net exposure to what moves with the trade's underlying: to all coins where it is one, else to it alone."""
    beside: Decimal | None = None
    """The size of net exposure to all else: to coins together, and to each other underlying by itself."""
    beside_once_expired: Decimal | None = None
    """The most that may be once contracts that may expire before the trade ends have expired."""
    underlying_net: Decimal | None = None
    """Net exposure to the trade's underlying, on all venues."""
    hedgeable: Decimal | None = None
    """Net exposure to the trade's underlying where it runs against the trade, else zero: what is left to hedge. A
    contract that may expire before the trade ends is not."""
    ending: tuple[str, ...] = ()
    """Positions in the trade's underlying that run against the trade and may expire before it ends."""
    ending_notional: Decimal = _ZERO
    """What those are worth."""
    all_ending: tuple[str, ...] = ()
    """Positions whose expiry may raise net exposure before the trade ends: those against it in what moves with its
    underlying, and those in all else."""
    all_ending_notional: Decimal = _ZERO
    """What those in what moves with its underlying are worth."""
    venue_margin: Decimal | None = None
    """Margin posted at the trade's venue; null when a position there tells neither leverage nor collateral."""
    cross_maintenance: Decimal | None = None
    """Maintenance margin of the cross positions at the trade's venue; null when a ladder is not known."""
    cross_profit: Decimal | None = None
    """Unrealised profit of those positions; null when one has no mark price."""
    isolated_equity: Decimal | None = _ZERO
    """Margin and unrealised profit of the isolated positions at the trade's venue, none below zero: this part of the
    account's equity backs no cross position. Null when one tells neither leverage nor collateral, or no mark price."""
    isolated_elsewhere: Decimal = _ZERO
    """The same of those at other venues, as far as it is known."""
    cross_only_here: bool = True
    """Every position is at the trade's venue, so that the account's equity is what backs them."""
    cross_here: bool = False
    """Some position at the trade's venue is margined as cross: all are that are not isolated."""
    one_wallet: bool = True
    """Every cross position at the venue settles in the trade's currency, or is of an account that stands whole."""
    other_surplus: Decimal = _ZERO
    """Of `cross_profit`, what positions that settle in other currencies have gained beyond what they require, currency
    by currency. It backs nothing else: whether wallets in several currencies answer for one another is not known."""
    surplus_alongside: Decimal = _ZERO
    """What of that is in currencies of the positions `alongside`."""
    alongside: tuple[Alongside, ...] = ()
    """Cross positions at the venue in other instruments of the trade's underlying, those on one side of one as one."""
    same_size: Decimal = _ZERO
    """Size already held in the same instrument on the same side, in coins (contracts when inverse)."""
    opposite_size: Decimal = _ZERO
    """Size held in the same instrument on the other side, in coins (contracts when inverse)."""
    same_instrument: tuple[Position, ...] = ()
    """Positions in the same instrument at the trade's venue."""
    same_maintenance: Decimal = _ZERO
    """What those among them that are cross add to `cross_maintenance`."""
    same_profit: Decimal = _ZERO
    """What those among them that are cross add to `cross_profit`."""
    losing: tuple[str, ...] = ()
    """Positions in the same underlying and direction that are under water; of an option, whose side is no direction,
    those in either."""
    unmarked: tuple[str, ...] = ()
    """Those without a mark price."""
    at_entry: tuple[str, ...] = ()
    """Positions that are valued at their entry price, for want of a mark price."""
    revalued: bool = False
    """Some position in the trade's own instrument is valued at `market.mark_price`, and states none or another."""
    contradicted: bool = False
    """One of them states another."""
    without_mode: tuple[str, ...] = ()
    """Instruments at the trade's venue of which something is held without a margin mode, though facts do not name cross
    for them alone."""
    overstated: bool = False
    """Some position in the trade's own instrument states more margin than the account's equity leaves for it; what it
    leaves counts."""


NOTHING_HELD = Positions(
    count=0,
    gross=_ZERO,
    net=_ZERO,
    beside=_ZERO,
    beside_once_expired=_ZERO,
    underlying_net=_ZERO,
    hedgeable=_ZERO,
    venue_margin=_ZERO,
    cross_maintenance=_ZERO,
    cross_profit=_ZERO,
)


def totals_of(
    held: tuple[Position, ...],
    trade: ProposedTrade,
    currency: str,
    knowledge: Knowledge,
    base: str | None,
    settle: str | None,
    *,
    option: bool,
) -> Positions:
    """Return the totals over `held`, in `currency`, beside a trade in the coin `base` that settles in `settle`."""
    sums = _Sums(trade, currency, knowledge, base, settle, option)
    for position in held:
        sums.add(position)
    return sums.positions()


class _Sums:
    """Adds positions up; lives for one call."""

    def __init__(
        self,
        trade: ProposedTrade,
        currency: str,
        knowledge: Knowledge,
        base: str | None,
        settle: str | None,
        option: bool,
    ) -> None:
        self.trade, self.currency, self.knowledge, self.option = trade, currency, knowledge, option
        self.coin = None if base is None else knowledge.coin(base).name
        self.gross = self.underlying_net = self.ending_notional = _ZERO
        self.directions = Directions(knowledge, self.coin, trade.side)
        self.kept: set[tuple[str, Side]] = set()
        self.unvalued: list[str] = []
        self.ending: list[str] = []
        self.losing: list[str] = []
        self.unmarked: list[str] = []
        self.at_entry: list[str] = []
        self.mark = None if trade.market is None else trade.market.mark_price
        self.without_mode: list[str] = []
        self.revalued = self.contradicted = self.overstated = False
        self.equity = None if trade.account is None else trade.account.equity
        self.same_instrument: list[Position] = []
        self.same_size = self.opposite_size = _ZERO
        self.here_only = True
        self.cross_here = False
        self.venue_margin: Decimal | None = _ZERO
        self.isolated_equity: Decimal | None = _ZERO
        self.isolated_elsewhere = _ZERO
        self.cross = CrossAccount(trade, knowledge, settle, self.coin)

    def add(self, position: Position) -> None:
        trade = self.trade
        here = position.venue == trade.venue
        self.here_only = self.here_only and here
        instrument = self.knowledge.instrument(position.venue, position.instrument)
        name = f"{position.venue} {position.instrument if instrument is None else instrument.symbol}"
        self.kept.add((name, position.side))
        if here and position.margin_mode is not _ISOLATED:
            self.cross_here = self.cross_here or instrument is None or instrument.product not in UNMARGINED
            if position.margin_mode is None and instrument is not None:
                self._note_mode(instrument)
        if here and instrument is not None and instrument.symbol == trade.instrument:
            position = self._at_market(position)
        notional = None if instrument is None else held_value(position, instrument, self.currency)
        with_trade = position.side is trade.side
        coin = None if instrument is None else self.knowledge.coin(instrument.base).name
        ours = coin is not None and coin == self.coin
        if ours and (with_trade or self.option) and instrument is not None and instrument.product is not _OPTION:
            self._note_loss(position, name)  # a premium tells no direction: a put gains as its underlying falls
        if ours and here and instrument is not None and instrument.symbol == trade.instrument:
            self.same_instrument.append(self._backed(position, instrument, notional))
            if with_trade:
                self.same_size += position.quantity
            else:
                self.opposite_size += position.quantity
        if instrument is None or coin is None or notional is None:
            self.unvalued.append(name)
            return
        ends_first = instrument.expiry is not None and self._may_end_first(instrument.expiry)
        if position.mark_price is None and instrument.contract_type is not _INVERSE:
            self.at_entry.append(name)
        self.gross += notional
        self.directions.add(coin, position.side, notional, name if ends_first else None)
        if ours:
            self.underlying_net += notional if position.side is _LONG else -notional
            if ends_first and not with_trade:
                self.ending_notional += notional
                self.ending.append(name)
        if here:
            self._add_margin(position, instrument, notional)
        elif position.margin_mode is _ISOLATED:
            posted = held_margin(position, instrument, notional)
            self.isolated_elsewhere += _own_equity(posted, position, instrument, notional) or _ZERO

    def _at_market(self, position: Position) -> Position:
        """Return a position in the trade's instrument at the mark price given of the market: there is one of both."""
        mark, stated = self.mark, position.mark_price
        if mark is None or stated == mark:
            return position
        self.revalued, self.contradicted = True, self.contradicted or stated is not None
        return structs.replace(position, mark_price=mark)

    def _backed(self, position: Position, instrument: Instrument, notional: Decimal | None) -> Position:
        """Return a position with no more margin than brings its equity, and that of the rows before it, to the
        account's. A cross one is backed by the wallet, whatever margin it states.
        """
        posted, equity = position.collateral, self.equity
        if posted is None or equity is None or position.margin_mode is _CROSS:
            return position
        profit = None if notional is None else held_profit(position, instrument, notional)
        most = max(equity if profit is None else equity - profit, _ZERO)
        if posted > most:
            self.overstated, posted = True, most
            position = structs.replace(position, collateral=most)
        self.equity = max(most - posted, _ZERO)
        return position

    def _may_end_first(self, expiry: date) -> bool:
        """Say whether a contract held may expire before the trade ends. That the trade's own may expire too is left
        aside: a hedge is judged alike wherever it is placed.
        """
        certain = max((expiry - self.knowledge.as_of).days - 1, 0) * _HOURS
        hours = self.trade.holding_hours
        if hours is None:  # a hedge that does not say how long it lasts may outlast any contract
            return self.trade.intent is _HEDGE or expiry <= self.knowledge.as_of
        return hours > certain

    def _note_mode(self, instrument: Instrument) -> None:
        """Note what is held without a margin mode where it may as well be isolated."""
        product, kind, residence = instrument.product, instrument.contract_type, self.trade.client.residence
        if product in UNMARGINED:
            return
        if not is_cross_alone(instrument.venue, product, kind, instrument.symbol, residence, self.knowledge):
            self.without_mode.append(instrument.symbol)

    def _note_loss(self, position: Position, name: str) -> None:
        mark = position.mark_price
        if mark is None:
            self.unmarked.append(name)
        elif mark < position.entry_price if position.side is _LONG else mark > position.entry_price:
            self.losing.append(name)

    def _add_margin(self, position: Position, instrument: Instrument, notional: Decimal) -> None:
        """Add what a position at the trade's venue has posted, and what it backs or takes of the account."""
        posted = held_margin(position, instrument, notional)
        self.venue_margin = None if posted is None or self.venue_margin is None else self.venue_margin + posted
        if position.margin_mode is not _ISOLATED:
            self.cross.add(position, instrument, notional)
            return
        own = _own_equity(posted, position, instrument, notional)
        self.isolated_equity = None if own is None or self.isolated_equity is None else self.isolated_equity + own

    def positions(self) -> Positions:
        known, cross, directions = not self.unvalued, self.cross, self.directions
        if known:
            cross.add_up_maintenance()
        against = -self.underlying_net if self.trade.side is _LONG else self.underlying_net
        # In parts: with more than fifteen keywords a call packs them in a dictionary first, which takes far longer.
        found = Positions(
            count=len(self.kept),
            gross=self.gross if known else None,
            net=directions.net if known else None,
            beside=directions.beside if known else None,
            beside_once_expired=directions.beside_once_expired if known else None,
            underlying_net=self.underlying_net if known and self.coin is not None else None,
            hedgeable=max(against - self.ending_notional, _ZERO) if known and self.coin is not None else None,
            venue_margin=self.venue_margin if known else None,
            cross_maintenance=cross.maintenance if known else None,
            cross_profit=cross.profit if known else None,
            isolated_equity=self.isolated_equity if known else None,
            cross_only_here=self.here_only,
            cross_here=self.cross_here,
            one_wallet=cross.one_wallet,
        )
        if self.unvalued or self.ending or directions.ending or self.losing or self.unmarked or self.at_entry:
            found = structs.replace(
                found,
                unvalued=_distinct(self.unvalued),
                valued=self.gross,
                ending=_distinct(self.ending),
                ending_notional=self.ending_notional,
                all_ending=_distinct(directions.ending),
                all_ending_notional=directions.ending_notional,
                losing=_distinct(self.losing),
                unmarked=_distinct(self.unmarked),
                at_entry=_distinct(self.at_entry),
            )
        return structs.replace(
            found,
            other_surplus=cross.surplus,
            surplus_alongside=cross.surplus_alongside,
            alongside=tuple(cross.alongside),
            same_size=self.same_size,
            opposite_size=self.opposite_size,
            same_instrument=tuple(self.same_instrument),
            same_maintenance=cross.same_maintenance,
            same_profit=cross.same_profit,
            isolated_elsewhere=self.isolated_elsewhere,
            revalued=self.revalued,
            contradicted=self.contradicted,
            overstated=self.overstated,
            without_mode=_distinct(self.without_mode),
        )


def _own_equity(
    posted: Decimal | None, position: Position, instrument: Instrument, notional: Decimal
) -> Decimal | None:
    """Return the margin and unrealised profit of an isolated position, none below zero; null where one is not known."""
    profit = held_profit(position, instrument, notional)
    return None if posted is None or profit is None else max(posted + profit, _ZERO)


def _distinct(names: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names)) if names else ()
