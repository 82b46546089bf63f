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


class PositionTerms(Struct, frozen=True, kw_only=True):
    """Terms of the contract and the client, as far as they are known.

    An explicit `maintenance_margin_rate` stands in place of the ladder. `base_rate` and `rate_per_coin` are those of a
    margin that grows with size; `maintenance_base_rate` the maintenance one where it differs. `open_interest` is the
    whole market's, in settlement currency. `takeover_at_bankruptcy`: the venue takes a liquidated position over whole.
    """

    contract_type: ContractType = ContractType.LINEAR
    symbol: str | None = None
    base: str | None = None
    settle: str | None = None
    contract_size: Decimal | None = None
    tiers: tuple[MarginTier, ...] = ()
    ladder_unit: LadderUnit = LadderUnit.VALUE
    maintenance_margin_rate: Decimal | None = None
    maintenance_amount: Decimal | None = None
    initial_margin_rate: Decimal | None = None
    max_leverage: Decimal | None = None
    taker_fee_rate: Decimal | None = None
    maker_fee_rate: Decimal | None = None
    funding_rate: Decimal | None = None
    liquidation_fee_rate: Decimal | None = None
    tick_size: Decimal | None = None
    base_rate: Decimal | None = None
    maintenance_base_rate: Decimal | None = None
    rate_per_coin: Decimal | None = None
    adjustment_factor: Decimal | None = None
    open_interest: Decimal | None = None
    takeover_at_bankruptcy: bool = False


class HeldPosition(Struct, frozen=True, kw_only=True):
    """One position to reckon. `collateral` is the margin posted to an isolated position, added margin included;
    `wallet_balance` what backs a cross position, unrealised profit excluded. `close_fee_reserve` is the fee for closing
    as the venue shows it, in place of one reckoned from the taker rate. `is_open`: it is held, not about to be opened.
    """

    side: Side
    size: Decimal
    entry_price: Decimal
    terms: PositionTerms
    mark_price: Decimal | None = None
    leverage: Decimal | None = None
    margin_mode: MarginMode | None = None
    collateral: Decimal | None = None
    added_margin: Decimal | None = None
    wallet_balance: Decimal | None = None
    close_fee_reserve: Decimal | None = None
    is_open: bool = False


class Rest(Struct, frozen=True, kw_only=True):
    """What the other positions of a cross account bring: their unrealised profit and what they require.

    `gain` and `need` are for those in the same instrument, which the same price moves: how much their profit and their
    requirement grow for each unit that this position's value grows. A position in another instrument stands still.
    `unknown`: one of them has a requirement that is not known, and `requirement` is without it.
    """

    unrealized_pnl: Decimal
    requirement: Decimal
    gain: Decimal = Decimal(0)
    need: Decimal = Decimal(0)
    unknown: bool = False


class PositionFigures(Struct, frozen=True, kw_only=True):
    """Figures of one position; null where something they need is missing, and `approximations` says what.

    `notional` is the value at mark (at entry without a mark price), `position_value` at entry (at mark where the venue
    calls that the position's value). `distance_to_liquidation` is a fraction of the mark price (of entry without one),
    `distance_in_price` the same in quote currency. `margin_ratio` stands the way the venue prints it. `max_leverage` is
    what the rung of the size grants.

    Details, which no decision reads: `margin` is what backs the position before its own profit, `assigned_margin` what
    the venue shows as an isolated position's margin, its fee reserve included. `remaining_after_liquidation` is what is
    left of the margin when the position is closed at its liquidation price; `liquidation_price_per_margin` how far one
    more unit of margin moves that price, null where a jump of the ladder holds it. `max_value_at_leverage` is the
    largest position value that has the chosen leverage (null: no bound known). `unreachable_price`: no price liquidates
    the position, and the venue prints `liquidation_price` to say so; `printed_price` is the negative one that some
    venues print there.
    """

    notional: Decimal
    position_value: Decimal
    unrealized_pnl: Decimal | None = None
    initial_margin: Decimal | None = None
    maintenance_margin: Decimal | None = None
    equity: Decimal | None = None
    margin_ratio: Decimal | None = None
    bankruptcy_price: Decimal | None = None
    liquidation: LiquidationState | None = None
    liquidation_price: Decimal | None = None
    margin_call_price: Decimal | None = None
    distance_to_liquidation: Decimal | None = None
    distance_in_price: Decimal | None = None
    max_leverage: Decimal | None = None
    approximations: tuple[str, ...] = ()
    # Details from here on.
    tier: int | None = None
    tier_at_liquidation: int | None = None
    margin: Decimal | None = None
    assigned_margin: Decimal | None = None
    fee_to_close: Decimal | None = None
    unreachable_price: bool = False
    printed_price: Decimal | None = None
    remaining_after_liquidation: Decimal | None = None
    liquidation_price_per_margin: Decimal | None = None
    max_value_at_leverage: Decimal | None = None


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
