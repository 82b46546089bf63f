"""What the position-size calculator takes."""

from __future__ import annotations

from datetime import date

from data.facts.amounts import Amount
from data.facts.vocabulary import ClientClass, Side
from rules.trade import Input


class SizingInput(Input, frozen=True, kw_only=True):
    """A stop and a share of equity whose position size is asked; without `stop_price`, a size whose stop is asked."""

    equity: Amount
    """What the account is worth, in `currency`."""
    currency: str | None = None
    """What equity is in: the instrument's quote currency (also without it), for which any dollar coin stands where that
    is one, or its base coin. Only with `venue` and `instrument`."""
    risk_fraction: Amount
    """Share of equity that may be lost at the stop, a fraction above 0, at most 1."""
    entry_price: Amount
    """In quote currency per coin."""
    side: Side
    """Direction: the stop lies below the entry price of a long, above that of a short."""
    stop_price: Amount | None = None
    """In quote currency per coin. Without it the stop is asked: where `notional`, or `quantity`, or else all equity at
    `leverage`, has lost the share."""
    notional: Amount | None = None
    """Value of the position whose stop is asked, in quote currency; not beside a stop price or `quantity`."""
    quantity: Amount | None = None
    """Size of the position whose stop is asked, in base coins; not beside a stop price or `notional`."""
    leverage: Amount | None = None
    """Times: the notional is at most equity times that; without it no leverage bounds the size. At most what the
    venue's ladder and its caps grant; of an option, whose margin no model tells, it must be left out."""
    fee_rate: Amount | None = None
    """Fee of one fill, a fraction of its value, at entry and at the stop; without it losses are without fees."""
    slippage: Amount | None = None
    """Fraction by which the stop is filled at a worse price; without it none."""
    venue: str | None = None
    """Id of the venue: with `instrument`, its ladder bounds the size; without it none does."""
    instrument: str | None = None
    """Symbol, native (`BTCUSDT`) or unified (`BTC/USDT:USDT`), at the venue; without it all amounts are in quote
    currency."""
    client_class: ClientClass | None = None
    """Regulatory class of the client: chooses among a venue's ladders and caps on leverage; without it the tightest
    ladder that may apply, and the caps for every class."""
    residence: str | None = None
    """Where the client resides, ISO 3166-1 alpha-2 or ISO 3166-2: chooses among a venue's ladders and caps on leverage;
    without it the general ones."""
    as_of: date | None = None
    """Day whose facts are read, YYYY-MM-DD; without it today in UTC."""
    release: str = "latest"
    """Id of the release to read, or `latest`."""
