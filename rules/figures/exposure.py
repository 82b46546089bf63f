"""What the account already holds, in the account's currency, beside the trade under judgement."""

from __future__ import annotations

from decimal import Decimal

from msgspec import Struct

from data.facts.venues import Instrument
from data.facts.vocabulary import Product, Side
from rules.figures.money import Conversion, rate_between
from rules.figures.positions import NOTHING_HELD, Positions, totals_of
from rules.figures.sizes import Size
from rules.knowledge import Knowledge
from rules.trade import Account, Position, ProposedTrade

_OPTION = Product.OPTION
_SAME_MONEY = Conversion.SAME


class Exposure(Struct, frozen=True, kw_only=True, gc=False):
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

    @property
    def same_instrument(self) -> tuple[Position, ...]:
        """What is held of the trade's instrument at its venue; empty also where nobody says what is held."""
        return () if self.positions is None else self.positions.same_instrument


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


def worth_in_account(size: Size, exposure: Exposure) -> Decimal | None:
    """Return what a size is worth in the account's currency; null when its price does not tell."""
    rate = exposure.quote_rate
    if rate is None or size.notional is None:
        return None
    return size.notional * rate if exposure.quote_conversion is _SAME_MONEY else size.quantity


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
        return NOTHING_HELD
    key = None
    if elsewhere is not None and all(position.venue != trade.venue for position in held):
        key = id(account), knowledge, base, trade.side, option
        known = elsewhere.get(key)
        if known is not None:
            return known
    found = totals_of(held, trade, account.currency, knowledge, base, settle, option=option)
    if elsewhere is not None and key is not None:
        elsewhere[key] = found
    return found
