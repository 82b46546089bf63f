"""What the margin formulas read of one position, and what they answer.

Sizes: `size` is positive, in coins for a linear contract, in quote units for an inverse one (contracts times their
face value), in settlement coin per quote unit for a quanto (contracts times the multiplier). Money is in the settlement
currency: quote for linear, base coin for inverse.
"""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum

from msgspec import Struct

from data.facts.venues import Instrument, Ladder, MarginTier
from data.facts.vocabulary import ContractType, MarginMode, Side


class LadderUnit(StrEnum):
    """What the floors and caps of a ladder count."""

    VALUE = "value"
    """Position value in settlement currency: it moves with the price."""
    SIZE = "size"
    """`size` itself: coins of a linear, quote units of an inverse contract."""
    CONTRACTS = "contracts"


class SizeUnit(StrEnum):
    """How a size is given."""

    BASE = "base"
    QUOTE = "quote"
    CONTRACTS = "contracts"


class LiquidationState(StrEnum):
    """Whether a liquidation price exists. `never` is full collateralisation, `already` a requirement unmet now."""

    PRICE = "price"
    NEVER = "never"
    ALREADY = "already"


class PositionTerms(Struct, frozen=True, kw_only=True, gc=False):
    """Terms of the contract and the client, as far as they are known. Rates are fractions of value."""

    contract_type: ContractType = ContractType.LINEAR
    symbol: str | None = None
    base: str | None = None
    settle: str | None = None
    contract_size: Decimal | None = None
    """What one contract counts: coins, of an inverse contract quote units."""
    tiers: tuple[MarginTier, ...] = ()
    """The rungs of the ladder, lowest first."""
    ladder_unit: LadderUnit = LadderUnit.VALUE
    """What their floors and caps count."""
    maintenance_margin_rate: Decimal | None = None
    """Stands in place of the ladder."""
    maintenance_amount: Decimal | None = None
    """What is taken off maintenance at that rate, in settlement currency."""
    initial_margin_rate: Decimal | None = None
    max_leverage: Decimal | None = None
    taker_fee_rate: Decimal | None = None
    maker_fee_rate: Decimal | None = None
    funding_rate: Decimal | None = None
    """Of the next interval, positive when longs pay."""
    liquidation_fee_rate: Decimal | None = None
    tick_size: Decimal | None = None
    """The venue's price step, in quote currency per coin."""
    base_rate: Decimal | None = None
    """Initial rate of a margin that grows with size, at no size."""
    maintenance_base_rate: Decimal | None = None
    """The maintenance one, where it differs."""
    rate_per_coin: Decimal | None = None
    """What each coin adds to those."""
    adjustment_factor: Decimal | None = None
    """Maintenance margin over initial margin, where the venue tells it so."""
    open_interest: Decimal | None = None
    """The whole market's, in settlement currency."""
    takeover_at_bankruptcy: bool = False
    """The venue takes a liquidated position over whole."""


class Whole(Struct, frozen=True, kw_only=True):
    """The one position that a venue keeps of several on one side of an instrument: sizes and entry values added."""

    size: Decimal
    entry_value: Decimal


class HeldPosition(Struct, frozen=True, kw_only=True, gc=False):
    """One position to reckon. Prices are in quote currency per coin, money is in the settlement currency."""

    side: Side
    size: Decimal
    """In coins; of an inverse contract in quote units."""
    entry_price: Decimal
    terms: PositionTerms
    mark_price: Decimal | None = None
    leverage: Decimal | None = None
    margin_mode: MarginMode | None = None
    collateral: Decimal | None = None
    """Margin posted to an isolated position, added margin included."""
    added_margin: Decimal | None = None
    """Margin posted beyond the initial one; where `collateral` is given, that contains it."""
    wallet_balance: Decimal | None = None
    """What backs a cross position, unrealised profit excluded."""
    close_fee_reserve: Decimal | None = None
    """The fee for closing as the venue shows it, in place of one reckoned from the taker rate."""
    is_open: bool = False
    """It is held, not about to be opened."""
    whole: Whole | None = None
    """What the venue keeps it in as one position: its rates are by that size, and it bears its part of them."""

    @property
    def present_price(self) -> Decimal:
        """The mark price; the entry price where none is given."""
        return self.entry_price if self.mark_price is None else self.mark_price


class JointRung(Struct, frozen=True, kw_only=True):
    """Values per unit of size, above `floor` up to `cap`, at which positions in one instrument require `rate` times
    such a value less `deduction`.
    """

    floor: Decimal
    cap: Decimal | None
    rate: Decimal
    deduction: Decimal


class Joint(Struct, frozen=True, kw_only=True):
    """Positions in one instrument, which one price moves: what they gain and require together, per unit of size.

    The value per unit of size is the price of a linear contract and one over it of an inverse one. What a venue holds
    at the mark price as it solves moves here as it does once the price is there.
    """

    gain: Decimal
    """How much profit grows with that value."""
    both_sides: bool
    """Whether longs and shorts are among them."""
    rungs: tuple[JointRung, ...]
    """What is required, as far as it moves; lowest first."""
    slope: Decimal
    """What each unit of value adds to the rate of a rung, where rates grow with value."""
    closing: Decimal
    """The fee of closing all, as a rate."""
    fee_at_bankruptcy: Decimal
    """The part of that which is required at the bankruptcy price."""
    end: Decimal | None
    """The value above which a ladder has no rung: its last stands in. Null where none ends."""

    @property
    def rate(self) -> Decimal:
        """The rate of the lowest rung: of used margin, which has no other."""
        return self.rungs[0].rate


class Rest(Struct, frozen=True, kw_only=True, gc=False):
    """What the other positions of a cross account bring: their unrealised profit and what they require.

    `joint` is set where some are in the same instrument, and holds this position too; those in another stand still.
    `unknown`: one of them has a requirement that is not known, and `requirement` is without it.
    """

    unrealized_pnl: Decimal
    requirement: Decimal
    joint: Joint | None = None
    unknown: bool = False


class PositionFigures(Struct, frozen=True, kw_only=True, gc=False):
    """Figures of one position; null where something they need is missing, and `approximations` says what.

    From `tier` on they are details, which no decision reads.
    """

    notional: Decimal
    """Value at the mark price, without one at the entry price, in settlement currency."""
    position_value: Decimal
    """Value at the entry price, or at the mark price where the venue calls that the position's value; in settlement
    currency."""
    unrealized_pnl: Decimal | None = None
    """Profit at the mark price, negative for a loss, fees aside, in settlement currency; null without a mark price and
    for a loan."""
    initial_margin: Decimal | None = None
    """As the venue reports it, at the mark price where it values it so and with the fee its figure contains; by a
    margin level the used margin. In settlement currency; null where neither a leverage nor a rate is known."""
    maintenance_margin: Decimal | None = None
    """What the position must keep as margin, as the venue reports it; by a margin level the used margin at the level
    of the forced close. In settlement currency; null where it is not known."""
    equity: Decimal | None = None
    """What backs the position, unrealised profit included, in settlement currency: of a cross position the equity of
    the account. Null where what backs it is not known."""
    margin_ratio: Decimal | None = None
    """What is required (maintenance margin, with the fee to close where the venue counts it) over equity, or equity
    over that, the way up the venue prints it; of a cross position both are the account's. By a margin level, equity
    over used margin. Null where one of them is not known or the divisor is zero or less."""
    bankruptcy_price: Decimal | None = None
    """Where the loss, at some venues with the fee to close, has used up what backs the position, in quote currency per
    coin: where no price does that, what the venue prints in its place, or null. Null too where what backs it is not
    known."""
    liquidation: LiquidationState | None = None
    """Whether `liquidation_price` exists: `price`, `never` (no price liquidates the position) or `already` (what is
    required is not met now); null where it is not known, where more of the same instrument is held on the other side,
    and where only a move in favour of a hedge liquidates the account."""
    liquidation_price: Decimal | None = None
    """Where the venue begins to close the position, in quote currency per coin, on the tick where the venue rounds;
    null unless `liquidation` is `price`."""
    margin_call_price: Decimal | None = None
    """Where the venue calls for more margin before it liquidates, in quote currency per coin; null where it does not or
    has called already, or no price is known."""
    distance_to_liquidation: Decimal | None = None
    """From the mark price (the entry price without one) to the liquidation price, as a fraction of the first; of a
    hedge to the nearer price that `approximations` names, if a move in its favour liquidates the account too. Null
    without a liquidation price."""
    distance_in_price: Decimal | None = None
    """The same in quote currency per coin."""
    max_leverage: Decimal | None = None
    """The highest leverage at this size, in times, by the margin tier, the margin model or the terms given; null where
    none of them tells it."""
    approximations: tuple[str, ...] = ()
    """What makes the figures less than exact and which inputs have no part in them, in words; empty where there is
    neither."""
    # Details from here on.
    tier: int | None = None
    """Number of the margin tier that holds the position; where tiers count value, the value that maintenance margin is
    charged on. Null without a ladder and beyond its last tier."""
    tier_at_liquidation: int | None = None
    """Number of the margin tier that holds the position at its liquidation price; null without a ladder or such a
    price."""
    margin: Decimal | None = None
    """What backs the position before its own profit, in settlement currency: the margin posted to an isolated one, the
    wallet and the profit of the other positions behind a cross one. Null where it is not known."""
    assigned_margin: Decimal | None = None
    """What the venue shows as the position's own margin, with the fee its figure contains, in settlement currency; null
    where it is not known, and for a cross position unless the venue shows its balance less the fee to close (never in
    an account listed by `positions`)."""
    fee_to_close: Decimal | None = None
    """Fee of closing where the margin posted (of a cross position, margin at `leverage`) is used up: the
    `close_fee_reserve` given, else by the taker rate. In settlement currency; null where neither is known."""
    unreachable_price: bool = False
    """Whether no price liquidates the position and `liquidation_price` is what the venue prints to say so."""
    printed_price: Decimal | None = None
    """Price at or below zero that some venues print where nothing liquidates the position, in quote currency per coin;
    null elsewhere."""
    remaining_after_liquidation: Decimal | None = None
    """What is left of what backs the position when it is closed at its liquidation price, less the fee of that where a
    rate is known, in settlement currency; zero where the venue takes the position over. Null without such a price."""
    liquidation_price_per_margin: Decimal | None = None
    """How far one more unit of settlement currency as margin moves the liquidation price, in quote currency per coin:
    down (negative) for a long, up for a short. Null without such a price, where a jump of the ladder holds it, and
    where the rate grows with value."""
    max_value_at_leverage: Decimal | None = None
    """The largest position value that may have the `leverage` given, at the present price, in settlement currency; zero
    where none may, null without a leverage or where no bound is known."""


# An enum's member is looked up through its metaclass, far slower than a name: these are read several times a trade.
_BY_CONTRACTS = LadderUnit.CONTRACTS
_BY_SIZE = LadderUnit.SIZE
_BY_VALUE = LadderUnit.VALUE
_INVERSE = ContractType.INVERSE
_LONG = Side.LONG
_QUANTO = ContractType.QUANTO

_COUNTED_IN_QUOTE = frozenset({"USD", "USDT", "USDC", "EUR"})


def ladder_unit_of(ladder: Ladder, instrument: Instrument | None) -> LadderUnit:
    """Return what a ladder's floors and caps count for its kind of contract."""
    if ladder.unit == "contracts":
        return _BY_CONTRACTS
    inverse = ladder.contract_type is _INVERSE
    if instrument is not None and ladder.unit == instrument.base != instrument.settle:
        return _BY_SIZE
    if ladder.unit in (ladder.settle, None if instrument is None else instrument.settle):
        return _BY_VALUE
    if inverse:
        return _BY_SIZE if ladder.unit in _COUNTED_IN_QUOTE else _BY_VALUE
    return _BY_VALUE


def size_in(
    amount: Decimal,
    unit: SizeUnit,
    contract_type: ContractType,
    contract_size: Decimal | None,
    price: Decimal | None,
) -> Decimal | None:
    """Return an amount as the formulas count sizes; null when the contract size or a price is needed and absent.

    A quanto contract has neither coins nor quote units behind it: it is counted in contracts alone.
    """
    if unit is SizeUnit.CONTRACTS:
        return None if contract_size is None else amount * contract_size
    if contract_type is _QUANTO:
        return None
    if (unit is SizeUnit.QUOTE) is (contract_type is _INVERSE):
        return amount
    if price is None or price <= 0:
        return None
    return amount * price if contract_type is _INVERSE else amount / price


def value_of(size: Decimal, price: Decimal, contract_type: ContractType) -> Decimal:
    """Return a position's value: `Q*P` linear or quanto, `Q/P` in coin for an inverse contract."""
    return size / price if contract_type is _INVERSE else size * price


def price_of(size: Decimal, value: Decimal, contract_type: ContractType) -> Decimal:
    """Return the price at which a position has a value: the inverse of `value_of`."""
    return size / value if contract_type is _INVERSE else value / size


def direction_of(side: Side, contract_type: ContractType) -> int:
    """Return +1 when the position gains as its value rises, -1 when it loses.

    A linear long and an inverse short gain with their value; the coin value of an inverse position falls as its price
    rises. Every formula of this package is written once, in values, with this sign.
    """
    return 1 if (side is _LONG) is not (contract_type is _INVERSE) else -1
