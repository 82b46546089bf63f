"""What the calculators of costs take: fees, funding, interest, and the price that earns them back."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from data.facts.amounts import Amount
from data.facts.vocabulary import MarginMode, Product, Side
from rules.calculators.inputs import TermsInput
from rules.costs.fees import Liquidity
from rules.margin.position import SizeUnit
from rules.trade import Input


class FeeSide(StrEnum):
    """Direction of a trade whose fee is asked: `long` buys, `short` sells."""

    LONG = "long"
    SHORT = "short"
    BUY = "buy"
    SELL = "sell"


class FeesInput(Input, frozen=True, kw_only=True):
    """A fill whose fee is asked, and the fill that closes it."""

    price: Amount
    """Price of the fill, in quote currency per coin."""
    exit_price: Amount | None = None
    """Price of a closing fill of the same size, in quote currency per coin: its fee, at the same rate, is added.
    Without it only the fee of one fill is told."""
    size: Amount
    """How much is filled, in `size_unit`."""
    venue: str | None = None
    """Id of the venue, whose fee schedule is read; without it `terms` must state the rate."""
    instrument: str | None = None
    """Symbol, native (`BTCUSDT`) or unified (`BTC/USDT:USDT`); without it the contract is what `product` and `terms`
    say."""
    product: Product | None = None
    """What is traded; without it, what the facts show under the symbol, else a perpetual."""
    side: FeeSide | None = None
    """Direction: a spot purchase (buy or long) pays in the coin bought. All else pays alike, also without it."""
    liquidity: Liquidity = Liquidity.TAKER
    """Whether the order rests in the book (maker) or takes from it (taker)."""
    size_unit: SizeUnit | None = None
    """base (coins), contracts, or quote (an inverse contract's USD). Without it a size counts contracts when the
    contract size is known, else quote units for an inverse contract and coins for a linear one."""
    volume_30d_usd: Amount | None = None
    """Volume traded in 30 days, in US dollars: chooses the fee tier; without it the tier that asks for none."""
    residence: str | None = None
    """Where the client resides, ISO 3166-1 alpha-2 or ISO 3166-2: chooses the fee schedule, which is without it the
    general one."""
    leverage: Amount | None = None
    """Times: the fee is told as a part of the margin too; without it not."""
    terms: TermsInput | None = None
    """Terms in place of the release's: fee rate (`fee_rate` before that of the liquidity), kind and size of the
    contract."""
    as_of: date | None = None
    """Day whose facts are read, YYYY-MM-DD; without it today in UTC."""
    release: str = "latest"
    """Id of the release to read, or `latest`."""


class FundingInput(Input, frozen=True, kw_only=True):
    """A position whose funding is asked: its value, at a rate or from a premium, over a holding time."""

    side: Side
    """Direction: a long pays a positive rate, a short receives it."""
    funding_rate: Amount | None = None
    """Rate of one interval, a fraction of the position's value; positive is paid by longs. Without it `premium` must be
    given."""
    premium: Amount | None = None
    """Premium of one interval as the venue reckons it, a fraction: stands in place of `funding_rate`. Interest is added
    to it unless there is a `damper`."""
    interest_rate: Amount | None = None
    """Interest of one interval that is added to the premium, as a fraction; without it the venue's on file, else
    none."""
    clamp: Amount | None = None
    """Fraction within which interest less premium is held, up and down, before it is added to the premium; without it
    interest is added whole."""
    damper: Amount | None = None
    """Fraction up to which a premium makes no rate: the rate is the part beyond it. Not beside a `clamp`."""
    cap: Amount | None = None
    """Fraction that bounds the rate of one interval both ways; without it the venue's cap and floor on file do."""
    venue: str | None = None
    """Id of the venue; without it no interval, interest, bounds or rounding but those given here apply."""
    instrument: str | None = None
    """Symbol, native (`BTCUSDT`) or unified (`BTC/USDT:USDT`), whose interval, interest and bounds are read from the
    release; without it none are."""
    size: Amount | None = None
    """How much is held, in `size_unit`: with `mark_price` it tells the value."""
    size_unit: SizeUnit | None = None
    """base (coins), contracts, or quote (an inverse contract's USD). Without it a size counts contracts when the
    contract size is known, else quote units for an inverse contract and coins for a linear one."""
    mark_price: Amount | None = None
    """In quote currency per coin; without it `position_value` must be given, and funding per unit is not told."""
    position_value: Amount | None = None
    """Value that funding is paid on, in settlement currency; without it that of `size` at `mark_price`, with which it
    must agree."""
    hours: Amount | None = None
    """How long the position is held; without it and `seconds` one interval is reckoned."""
    seconds: Amount | None = None
    """How long the position is held, in place of `hours`."""
    interval_hours: Amount | None = None
    """Hours of one interval, 0 for continuous accrual of a rate quoted for eight hours; without it the venue's."""
    terms: TermsInput | None = None
    """Terms in place of the release's: kind and size of the contract; and both margin rates, where the venue derives a
    cap from them."""
    as_of: date | None = None
    """Day whose facts are read, YYYY-MM-DD; without it today in UTC."""
    release: str = "latest"
    """Id of the release to read, or `latest`."""


class BorrowInput(Input, frozen=True, kw_only=True):
    """A loan whose interest is asked."""

    principal: Amount
    """What is borrowed, in coins or cash of the asset."""
    hours: Amount
    """How long the loan is held."""
    venue: str | None = None
    """Id of the venue, whose way of accruing and rate on file apply; without it every hour begun is charged, at rates
    of `terms`."""
    asset: str | None = None
    """What is borrowed, such as `BNB`: chooses the rate on file; without it the venue's rate for all assets."""
    terms: TermsInput | None = None
    """Rates in place of the release's: those of opening and rollover go before the hourly one, that before the daily
    one. Rates that tell one price in two ways must agree."""
    as_of: date | None = None
    """Day whose facts are read, YYYY-MM-DD; without it today in UTC."""
    release: str = "latest"
    """Id of the release to read, or `latest`."""


class BreakEvenInput(Input, frozen=True, kw_only=True):
    """A position whose break-even price is asked.

    What `position` takes on margin may be given and does not move the price: fees and funding are on the value.
    """

    side: Side
    """Direction."""
    entry_price: Amount
    """In quote currency per coin."""
    venue: str | None = None
    """Id of the venue, whose fee schedule and charges are read; without it `terms` must state the fee rate."""
    instrument: str | None = None
    """Symbol, native (`BTCUSDT`) or unified (`BTC/USDT:USDT`); without it the contract is what `product` and `terms`
    say, and no funding is reckoned."""
    product: Product | None = None
    """What is traded; without it, what the facts show under the symbol, else a perpetual."""
    size: Amount | None = None
    """How much is held, in `size_unit`; without it charges per contract are left out, and funding moves the price but
    is not told."""
    size_unit: SizeUnit | None = None
    """base (coins), contracts, or quote (an inverse contract's USD). Without it a size counts contracts when the
    contract size is known, else quote units for an inverse contract and coins for a linear one."""
    margin_mode: MarginMode | None = None
    """Margin of its own, or shared with the account; the price does not depend on it."""
    mark_price: Amount | None = None
    """In quote currency per coin: funding is paid on the value at it, without it at the entry price."""
    leverage: Amount | None = None
    """Times; the price does not depend on it."""
    collateral: Amount | None = None
    """Margin posted to an isolated position; the price does not depend on it."""
    added_margin: Amount | None = None
    """Margin posted beyond the initial one; the price does not depend on it."""
    wallet_balance: Amount | None = None
    """Balance behind a cross position; the price does not depend on it."""
    entry_liquidity: Liquidity = Liquidity.TAKER
    """Whether the order that opens rests in the book (maker) or takes from it (taker)."""
    exit_liquidity: Liquidity = Liquidity.TAKER
    """Whether the order that closes rests in the book (maker) or takes from it (taker)."""
    funding_rate: Amount | None = None
    """Rate of one interval of the venue, a fraction of the position's value, taken to be the same over `hours`;
    positive is paid by longs. Without both, no funding is reckoned."""
    hours: Amount | None = None
    """How long the position is held: belongs to `funding_rate`."""
    volume_30d_usd: Amount | None = None
    """Volume traded in 30 days, in US dollars: chooses the fee tier; without it the tier that asks for none."""
    residence: str | None = None
    """Where the client resides, ISO 3166-1 alpha-2 or ISO 3166-2: chooses the fee schedule, which is without it the
    general one."""
    terms: TermsInput | None = None
    """Terms in place of the release's: fee rates (that of the liquidity before `fee_rate`), kind and size of the
    contract."""
    as_of: date | None = None
    """Day whose facts are read, YYYY-MM-DD; without it today in UTC."""
    release: str = "latest"
    """Id of the release to read, or `latest`."""
