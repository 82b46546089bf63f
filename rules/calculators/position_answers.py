"""What the calculators answer about positions: their margins, where they end, and their place in a queue.

Money is in the settlement currency (base coin for an inverse contract).
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from msgspec import Struct

from data.facts.margin_models import AdlRanking
from data.facts.venues import MarginTier
from data.facts.vocabulary import ClientClass
from rules.calculators.answers import Answer
from rules.margin.account import AccountTotals
from rules.margin.partial import PartialLiquidation
from rules.margin.position import LiquidationState, PositionFigures


class PositionAnswer(PositionFigures, frozen=True, kw_only=True):
    """Figures of one position; null where something they need is missing, and `approximations` says what."""

    release: str
    as_of: date
    model: str
    """Name of the margin model that was used."""
    formula: str
    terms_from: str
    """request | release | model: where the margin terms come from; by `model` the margin model alone knows them."""
    currency: str | None = None
    """What the contract settles in: money is in it. Null where neither an instrument on file nor the symbol's spelling
    tells."""
    tier_terms: MarginTier | None = None
    """The margin tier that holds the position, its maintenance amount worked out where the ladder leaves it open; null
    where `tier` is."""
    tier_source: str | None = None
    """Id of the source of the ladder, which `/v1/sources` tells in full; null where no ladder on file was read."""
    session: str | None = None
    """intraday | overnight, where the ladder on file that was read holds for one session; else null."""
    schedule: str | None = None
    """Name of the schedule that the ladder on file that was read is on, where the venue keeps it for a part of its
    clients or accounts; else null."""
    client_class: ClientClass | None = None
    """Class of clients that the ladder on file is for, `any` where it is for all; null where none was read."""
    distance_to_liquidation_atr: Decimal | None = None
    """From the mark price (the entry price without one) to the liquidation price, in multiples of the `atr` given; null
    without one of the two."""
    return_on_margin: Decimal | None = None
    """Unrealised profit over the margin at entry, which is the value at the entry price over the leverage, as a
    fraction; null without a mark price or a leverage."""
    entry_price: Decimal | None = None
    """The entry price reckoned with, in quote currency per coin: as given, or the mark price in its place; in
    settlement currency where a `settlement_price` is given."""
    mark_price: Decimal | None = None
    """The price that values the position now, in quote currency per coin: as given, what the `unrealized_pnl` given
    implies, or the index price where the venue takes the lower; in settlement currency where a `settlement_price` is
    given. Null where nothing given for this position tells it."""
    other_requirement: Decimal | None = None
    """What the `other_positions` that share the wallet require, in settlement currency; zero where none does. Null
    where that of one is not known, and in an account listed by `positions`."""
    net_unrealized_pnl: Decimal | None = None
    """Unrealised profit less the fee of opening at the taker rate, in settlement currency; null without a mark price or
    a taker rate."""
    available: Decimal | None = None
    """What equity leaves beside initial margin, negative when it falls short, in settlement currency; null where one of
    them is not known, other positions share the wallet, or an account is listed by `positions`."""
    liquidation_buffer: Decimal | None = None
    """What equity leaves beside all that is required to stay open, negative when it falls short, in settlement
    currency; null where one of them is not known, and in an account listed by `positions`."""
    risk_rate: Decimal | None = None
    """The venue's own number for the position's standing, at or below zero a liquidation; null where the venue has none
    on file, something it needs is missing, other positions share the wallet, or an account is listed by `positions`."""
    open_orders: OpenOrders | None = None
    """The sizes that the open orders given would lead to, and their margin; null where none are given, or neither a
    rate nor a leverage is known."""
    at_fill: FillOutcome | None = None
    """What a close at the `fill_price` given leaves; null without one, or where the margin is not known."""
    partial_liquidation: PartialLiquidation | None = None
    """What closing a share of the position leaves; null where it is not asked, a figure it needs is not known, or an
    account is listed by `positions`, which has its own."""
    sources: tuple[str, ...] = ()


class OpenOrders(Struct, frozen=True, kw_only=True):
    """Open orders beside a position, which it and the orders against it offset: only the larger side needs margin."""

    buy_open_size: Decimal
    """What would be held long should all orders to buy fill, zero at least: coins of a linear, quote units of an
    inverse contract, contracts times their size of a quanto."""
    sell_open_size: Decimal
    """What would be held short should all orders to sell fill, zero at least, counted in the same way."""
    initial_margin: Decimal
    """Initial margin of the larger of the two, at the rate of a position of that size and at the position's mark price
    (the entry price without one), in settlement currency."""


class FillOutcome(Struct, frozen=True, kw_only=True):
    """A liquidated position closed at a price, and what is left of the margin behind it."""

    price: Decimal
    """The `fill_price` given, in quote currency per coin."""
    realized_pnl: Decimal
    """Profit of the close against the entry price, negative for a loss, in settlement currency."""
    fee: Decimal | None
    """Fee of the close, at the liquidation fee rate, else the taker rate, in settlement currency; null where neither is
    known, and then nothing is taken off."""
    left: Decimal
    """What is left of the margin, zero at least, in settlement currency."""
    shortfall: Decimal
    """Loss beyond the margin, which an insurance fund pays where there is one, in settlement currency; zero where
    margin is left."""


class AccountAnswer(Answer, frozen=True, kw_only=True):
    """Figures of a cross account: totals, and each position."""

    account: AccountTotals
    """Totals of the cross positions."""
    positions: tuple[PositionAnswer, ...]
    """Figures of each position, in the order of the request."""
    partial_liquidation: PartialLiquidation | None = None
    """What closing the same share of every position leaves; null where it is not asked, or a figure it needs is not
    known."""


class MarginAnswer(Answer, frozen=True, kw_only=True):
    """Margins of one position; null where something they need is missing, and `approximations` says what."""

    model: str
    """Name of the margin model that was used."""
    formula: str
    notional: Decimal
    """Value at the mark price, without one at the entry price, in settlement currency."""
    position_value: Decimal
    """Value at the entry price, or at the mark price where the venue calls that the position's value; in settlement
    currency."""
    initial_margin: Decimal | None
    """As the venue reports it, at the mark price where it values it so and with the fee its figure contains; by a
    margin level the used margin. In settlement currency; null where neither a leverage nor a rate is known."""
    maintenance_margin: Decimal | None
    """What the position must keep as margin, as the venue reports it; by a margin level the used margin at the level of
    the forced close. In settlement currency; null where it is not known."""
    margin_ratio: Decimal | None
    """What is required (maintenance margin, with the fee to close where the venue counts it) over equity, or equity
    over that, the way up the venue prints it; of a cross position both are the account's. By a margin level, equity
    over used margin. Null where one of them is not known or the divisor is zero or less."""
    risk_rate: Decimal | None
    """The venue's own number for the position's standing, at or below zero a liquidation; null where the venue has none
    on file, something it needs is missing, or other positions share the wallet."""
    equity: Decimal | None
    """What backs the position, unrealised profit included, in settlement currency: of a cross position the equity of
    the account. Null where what backs it is not known."""
    available: Decimal | None
    """What equity leaves beside initial margin, negative when it falls short, in settlement currency; null where one of
    them is not known, or other positions share the wallet."""
    assigned_margin: Decimal | None
    """What the venue shows as the position's own margin, with the fee its figure contains, in settlement currency; null
    where it is not known, and for a cross position unless the venue shows its balance less the fee to close."""
    open_orders: OpenOrders | None
    """The sizes that the open orders given would lead to, and their margin; null where none are given, or neither a
    rate nor a leverage is known."""
    tier: int | None
    """Number of the margin tier that holds the position; where tiers count value, the value that maintenance margin is
    charged on. Null without a ladder and beyond its last tier."""
    tier_terms: MarginTier | None
    """The margin tier that holds the position, its maintenance amount worked out where the ladder leaves it open; null
    where `tier` is."""
    max_leverage: Decimal | None
    """The highest leverage at this size, in times, by the margin tier, the margin model or the terms given; null where
    none of them tells it."""
    max_value_at_leverage: Decimal | None
    """The largest position value that may have the `leverage` given, at the present price, in settlement currency; zero
    where none may, null without a leverage or where no bound is known."""


class LiquidationAnswer(Answer, frozen=True, kw_only=True):
    """Where one position ends; null where something a figure needs is missing, and `approximations` says what."""

    model: str
    """Name of the margin model that was used."""
    formula: str
    liquidation: LiquidationState | None
    """Whether `liquidation_price` exists: `price`, `never` (no price liquidates the position) or `already` (what is
    required is not met now); null where it is not known."""
    liquidation_price: Decimal | None
    """Where the venue begins to close the position, in quote currency per coin, on the tick where the venue rounds;
    null unless `liquidation` is `price`."""
    unreachable_price: bool
    """Whether no price liquidates the position and `liquidation_price` is what the venue prints to say so."""
    printed_price: Decimal | None
    """Price at or below zero that some venues print where nothing liquidates the position, in quote currency per coin;
    null elsewhere."""
    bankruptcy_price: Decimal | None
    """Where the loss, at some venues with the fee to close, has used up what backs the position, in quote currency per
    coin: where no price does that, what the venue prints in its place, or null. Null too where what backs it is not
    known."""
    margin_call_price: Decimal | None
    """Where the venue calls for more margin before it liquidates, in quote currency per coin; null where it does not,
    or no price is known."""
    distance_to_liquidation: Decimal | None
    """From the mark price (the entry price without one) to the liquidation price, as a fraction of the first; null
    without a liquidation price."""
    distance_in_price: Decimal | None
    """From the mark price (the entry price without one) to the liquidation price, in quote currency per coin; null
    without a liquidation price."""
    distance_to_liquidation_atr: Decimal | None
    """From the mark price (the entry price without one) to the liquidation price, in multiples of the `atr` given; null
    without one of the two."""
    liquidation_buffer: Decimal | None
    """What equity leaves beside all that is required to stay open, negative when it falls short, in settlement
    currency; null where one of them is not known."""
    remaining_after_liquidation: Decimal | None
    """What is left of what backs the position when it is closed at its liquidation price, less the fee of that where a
    rate is known, in settlement currency; zero where the venue takes the position over. Null without such a price."""
    at_fill: FillOutcome | None
    """What a close at the `fill_price` given leaves; null without one, or where the margin is not known."""
    partial_liquidation: PartialLiquidation | None
    """What closing a share of the position leaves; null where it is not asked, or a figure it needs is not known."""
    liquidation_price_per_margin: Decimal | None
    """How far one more unit of settlement currency as margin moves the liquidation price, in quote currency per coin:
    down (negative) for a long, up for a short. Null without such a price, where a jump of the ladder holds it, and
    where the rate grows with value."""
    tier: int | None
    """Number of the margin tier that holds the position; where tiers count value, the value that maintenance margin is
    charged on. Null without a ladder and beyond its last tier."""
    tier_at_liquidation: int | None
    """Number of the margin tier that holds the position at its liquidation price; null without a ladder or such a
    price."""


class AdlAnswer(Answer, frozen=True, kw_only=True):
    """A place in the deleveraging queue."""

    score: Decimal | None
    """What the venue ranks the position by, the highest closed first; null where the venue publishes no formula or
    deleverages nobody, or where something that the formula reads is not known, which `approximations` then names."""
    ranking: AdlRanking
    """The formula by which the venue ranks winners, or why it does not."""
    rule: str
    """The ranking in words, or what happens where there is none."""
    exists: bool | None
    """Whether the venue may close winning positions of the product; null where no policy of it is on file."""
    rank: int | None
    """Place among the `other_scores` given, 1 closed first, those of an equal score before this one; null without other
    scores or a score."""
    lights: int | None
    """In which fifth of the queue it stands, 1 to 5, with 5 the first to be closed; null without `other_scores` or a
    score."""
    counterparty_price: str | None
    """At what price positions are closed against each other, in words; null where no policy is on file."""
