"""What the account already holds, in the account's currency, beside the trade under judgement."""

from __future__ import annotations

from decimal import Decimal

from msgspec import Struct

from data.facts.margin_models import RequirementModel
from data.facts.venues import Instrument
from data.facts.vocabulary import UNMARGINED, ContractType, MarginMode, Product, Side
from rules.figures.held_terms import as_one, held_terms_of, requirement_of
from rules.figures.money import Conversion, rate_between, same_money
from rules.knowledge import Knowledge
from rules.trade import Account, Position, ProposedTrade

# An enum's member is looked up through its metaclass, far slower than a name: these are read several times a trade.
_INVERSE = ContractType.INVERSE
_ISOLATED = MarginMode.ISOLATED
_LONG = Side.LONG
_OPTION = Product.OPTION
_QUANTO = ContractType.QUANTO

_ZERO = Decimal(0)
_ONE = Decimal(1)


class Exposure(Struct, frozen=True, kw_only=True):
    """Money is in the account's currency, exposure is signed (long positive), and the trade itself is in none of it.

    `quote_rate` and `settle_rate` turn the trade's quote and settlement currency into the account's, and the conversion
    beside each says whether they move with the price; null when its price does not tell, those of the quote currency
    also of an option, whose value is not its exposure. `positions` is null when the request does not say what is held.
    """

    quote_rate: Decimal | None = None
    settle_rate: Decimal | None = None
    quote_conversion: Conversion | None = None
    settle_conversion: Conversion | None = None
    positions: Positions | None = None


class Positions(Struct, frozen=True, kw_only=True):
    """Totals over the positions held. Totals are null when `unvalued` names a position that cannot be counted."""

    count: int
    unvalued: tuple[str, ...] = ()
    gross: Decimal | None = None
    net: Decimal | None = None
    underlying_net: Decimal | None = None
    """Net exposure to the trade's underlying, on all venues."""
    hedgeable: Decimal | None = None
    """Net exposure to the trade's underlying where it runs against the trade, else zero: what is left to hedge."""
    venue_margin: Decimal | None = None
    """Margin posted at the trade's venue; null when a position there tells neither leverage nor collateral."""
    cross_maintenance: Decimal | None = None
    """Maintenance margin of the cross positions at the trade's venue; null when a ladder is not known."""
    cross_profit: Decimal | None = None
    """Unrealised profit of those positions; null when one has no mark price."""
    isolated_equity: Decimal | None = _ZERO
    """Margin and unrealised profit of the isolated positions at the trade's venue, none below zero: this part of the
    account's equity backs no cross position. Null when one tells neither leverage nor collateral, or no mark price."""
    cross_only_here: bool = True
    """Every position is at the trade's venue, so that the account's equity is what backs them."""
    cross_here: bool = False
    """Some position at the trade's venue is margined as cross: all are that are not isolated."""
    one_wallet: bool = True
    """Every cross position at the venue settles in the trade's currency."""
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


def exposure_of(
    trade: ProposedTrade,
    knowledge: Knowledge,
    instrument: Instrument | None,
    price: Decimal | None,
    settle: str | None,
    elsewhere: dict[HoldingsKey, Positions] | None = None,
) -> Exposure:
    """Return what the account holds beside `trade`; all null without an account.

    `elsewhere` remembers, for trades that are judged together, what accounts hold at no venue of a trade's.
    """
    account = trade.account
    if account is None:
        return Exposure()
    base = instrument.base if instrument is not None else None
    quote = instrument.quote if instrument is not None else None
    option = instrument is not None and instrument.product is _OPTION
    of_quote = None if option else rate_between(quote, account.currency, base, quote, price)
    of_settle = rate_between(settle or quote, account.currency, base, quote, price)
    return Exposure(
        quote_rate=None if of_quote is None else of_quote.per_unit,
        settle_rate=None if of_settle is None else of_settle.per_unit,
        quote_conversion=None if of_quote is None else of_quote.conversion,
        settle_conversion=None if of_settle is None else of_settle.conversion,
        positions=None
        if account.positions is None
        else _totals(trade, account, account.positions, knowledge, base, settle, option, elsewhere),
    )


HoldingsKey = tuple[int, Knowledge, str | None, Side, bool]
"""An account, by its identity, and all that its totals hang on where it holds nothing at the trade's venue."""


def _totals(
    trade: ProposedTrade,
    account: Account,
    held: tuple[Position, ...],
    knowledge: Knowledge,
    base: str | None,
    settle: str | None,
    option: bool,
    elsewhere: dict[HoldingsKey, Positions] | None,
) -> Positions:
    if not held:
        return _NOTHING_HELD
    key = None
    if elsewhere is not None and all(position.venue != trade.venue for position in held):
        key = id(account), knowledge, base, trade.side, option
        known = elsewhere.get(key)
        if known is not None:
            return known
    sums = _Sums(trade, account.currency, knowledge, base, settle, option)
    for position in held:
        sums.add(position)
    found = sums.positions(len(held))
    if elsewhere is not None and key is not None:
        elsewhere[key] = found
    return found


_NOTHING_HELD = Positions(
    count=0,
    gross=_ZERO,
    net=_ZERO,
    underlying_net=_ZERO,
    hedgeable=_ZERO,
    venue_margin=_ZERO,
    cross_maintenance=_ZERO,
    cross_profit=_ZERO,
)


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
        self.trade, self.currency, self.knowledge, self.settle = trade, currency, knowledge, settle
        self.option = option
        self.coin = None if base is None else knowledge.coin(base).name
        self.volume = None if trade.account is None else trade.account.volume_30d_usd
        self.one_wallet = True
        self.gross = self.net = self.underlying_net = _ZERO
        self.same_size = self.opposite_size = _ZERO
        self.same_instrument: list[Position] = []
        self.same_maintenance = self.same_profit = _ZERO
        self.venue_margin: Decimal | None = _ZERO
        self.cross_maintenance: Decimal | None = _ZERO
        self.cross_profit: Decimal | None = _ZERO
        self.isolated_equity: Decimal | None = _ZERO
        self.here_only = True
        self.cross_here = False
        self.cross_rows: dict[tuple[str, Side], tuple[Instrument, list[Position], list[Decimal]]] = {}
        self.unvalued: list[str] = []
        self.losing: list[str] = []
        self.unmarked: list[str] = []

    def add(self, position: Position) -> None:
        trade = self.trade
        here = position.venue == trade.venue
        self.here_only = self.here_only and here
        instrument = self.knowledge.instrument(position.venue, position.instrument)
        if here and position.margin_mode is not _ISOLATED:
            self.cross_here = self.cross_here or instrument is None or instrument.product not in UNMARGINED
        notional = None if instrument is None else _notional(position, instrument, self.currency)
        with_trade = position.side is trade.side
        ours = instrument is not None and self.knowledge.coin(instrument.base).name == self.coin
        if ours and (with_trade or self.option) and instrument is not None and instrument.product is not _OPTION:
            self._note_loss(position)  # a premium tells no direction: a put gains as its underlying falls
        if ours and here and instrument is not None and instrument.symbol == trade.instrument:
            self.same_instrument.append(position)
            if with_trade:
                self.same_size += position.quantity
            else:
                self.opposite_size += position.quantity
        if instrument is None or notional is None:
            self.unvalued.append(f"{position.venue} {position.instrument}")
            return
        signed = notional if position.side is _LONG else -notional
        self.gross += notional
        self.net += signed
        if ours:
            self.underlying_net += signed
        if here:
            self._add_margin(position, instrument, notional)
            if position.margin_mode is _ISOLATED:
                self._add_isolated(position, instrument, notional)
            else:
                self._add_cross(position, instrument, notional)

    def _note_loss(self, position: Position) -> None:
        mark = position.mark_price
        name = f"{position.venue} {position.instrument}"
        if mark is None:
            self.unmarked.append(name)
        elif mark < position.entry_price if position.side is _LONG else mark > position.entry_price:
            self.losing.append(name)

    def _add_margin(self, position: Position, instrument: Instrument, notional: Decimal) -> None:
        posted = _posted(position, instrument, notional)
        self.venue_margin = None if posted is None or self.venue_margin is None else self.venue_margin + posted

    def _add_isolated(self, position: Position, instrument: Instrument, notional: Decimal) -> None:
        posted, profit = _posted(position, instrument, notional), _profit(position, instrument, notional)
        if posted is None or profit is None or self.isolated_equity is None:
            self.isolated_equity = None
        else:
            self.isolated_equity += max(posted + profit, _ZERO)

    def _add_cross(self, position: Position, instrument: Instrument, notional: Decimal) -> None:
        self.one_wallet = self.one_wallet and same_money(instrument.settle or instrument.quote, self.settle)
        key = (instrument.symbol, position.side)
        rows = self.cross_rows.get(key)
        if rows is None:
            self.cross_rows[key] = (instrument, [position], [notional])
        else:
            rows[1].append(position)
            rows[2].append(notional)
        profit = _profit(position, instrument, notional)
        if profit is None or self.cross_profit is None:
            self.cross_profit = None
        else:
            self.cross_profit += profit
            self.same_profit += profit if instrument.symbol == self.trade.instrument else _ZERO

    def _add_maintenance(self) -> None:
        """Add up what cross positions require: rows of one instrument on one side are one position at the venue."""
        for instrument, rows, notionals in self.cross_rows.values():
            maintenance = self._maintenance(as_one(rows, instrument), instrument, sum(notionals, _ZERO))
            if maintenance is None or self.cross_maintenance is None:
                self.cross_maintenance = None
                return
            self.cross_maintenance += maintenance
            self.same_maintenance += maintenance if instrument.symbol == self.trade.instrument else _ZERO

    def _maintenance(self, position: Position, instrument: Instrument, notional: Decimal) -> Decimal | None:
        """Return what the venue's model requires of a position worth `notional`, in the same currency; null when no
        model or no rate tells.
        """
        known = held_terms_of(position, instrument, self.trade.client, self.volume, self.knowledge)
        ladder = known.ladder
        if ladder is not None and not _counts_in(ladder.unit, instrument, self.knowledge):
            return None
        if not isinstance(known.model, RequirementModel):
            return None
        found = requirement_of(position, known.model, known.terms)
        if found is None:
            return None
        required, value = found
        return required if value == notional else required * notional / value

    def positions(self, count: int) -> Positions:
        known = not self.unvalued
        if known:
            self._add_maintenance()
        against = -self.underlying_net if self.trade.side is _LONG else self.underlying_net
        return Positions(
            count=count,
            unvalued=tuple(self.unvalued),
            gross=self.gross if known else None,
            net=self.net if known else None,
            underlying_net=self.underlying_net if known and self.coin is not None else None,
            hedgeable=max(against, _ZERO) if known and self.coin is not None else None,
            venue_margin=self.venue_margin if known else None,
            cross_maintenance=self.cross_maintenance if known else None,
            cross_profit=self.cross_profit if known else None,
            isolated_equity=self.isolated_equity if known else None,
            cross_only_here=self.here_only,
            cross_here=self.cross_here,
            one_wallet=self.one_wallet,
            same_size=self.same_size,
            opposite_size=self.opposite_size,
            same_instrument=tuple(self.same_instrument),
            same_maintenance=self.same_maintenance,
            same_profit=self.same_profit,
            losing=tuple(self.losing),
            unmarked=tuple(self.unmarked),
        )


def _notional(position: Position, instrument: Instrument, currency: str) -> Decimal | None:
    """Return a position's value in `currency`, at mark or else at entry."""
    price = position.mark_price if position.mark_price is not None else position.entry_price
    if instrument.contract_type is _QUANTO or instrument.product is _OPTION:
        return None  # what an option is exposed to, and on which side, its price does not tell
    if instrument.contract_type is _INVERSE:
        if instrument.contract_size is None:
            return None
        value = position.quantity * instrument.contract_size
    else:
        value = position.quantity * price
    if same_money(instrument.quote, currency):
        return value
    rate = rate_between(instrument.quote, currency, instrument.base, instrument.quote, price)
    return None if rate is None else value * rate.per_unit


def _posted(position: Position, instrument: Instrument, notional: Decimal) -> Decimal | None:
    """Return the margin of a position worth `notional` at mark, in its currency; null when neither collateral nor
    leverage is given.

    What an isolated one has posted is its value at entry over its leverage: `mark / entry` times as much of an inverse
    contract, whose margin is in coins.
    """
    if position.collateral is not None:
        return position.collateral
    if not position.leverage:
        return None
    mark, entry = position.mark_price, position.entry_price
    if mark is None or mark == entry or position.margin_mode is not _ISOLATED:
        return notional / position.leverage
    over, under = (mark, entry) if instrument.contract_type is _INVERSE else (entry, mark)
    return notional * over / under / position.leverage


def _profit(position: Position, instrument: Instrument, notional: Decimal) -> Decimal | None:
    """Return the unrealised profit of a position worth `notional` at mark, in its currency; null without a mark price.

    A linear position gains the move over mark; an inverse one, whose value in dollars stays, the move over entry.
    """
    mark, entry = position.mark_price, position.entry_price
    if mark is None:
        return None
    moved = (mark - entry) / (entry if instrument.contract_type is _INVERSE else mark)
    return notional * (moved if position.side is _LONG else -moved)


def _counts_in(unit: str, instrument: Instrument, knowledge: Knowledge) -> bool:
    """Say whether a position in an instrument can be counted in the unit of its ladder."""
    inverse = instrument.contract_type is _INVERSE
    if unit == "contracts":
        return inverse or bool(instrument.contract_size)
    if unit == instrument.base or knowledge.coin(unit) == knowledge.coin(instrument.base):
        return not inverse or bool(instrument.contract_size)
    return same_money(unit, instrument.quote)
