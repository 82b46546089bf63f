"""Trading fees: by tier and order type, and per contract; the charge for a liquidation.

A positive fee is paid, a negative one is a rebate.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from decimal import Decimal
from enum import StrEnum

from msgspec import Struct

from data.facts.amounts import plain
from data.facts.venues import ALL_IN, COMMISSION, ITEMISED, TAXES_ON_FEES, Fee, FeeExtra, LiquidationPolicy

LIQUIDATION = "liquidation"
"""Kind of a charge on what is liquidated."""


_ZERO = Decimal(0)
_ONE = Decimal(1)
_HUNDRED = Decimal(100)


class Liquidity(StrEnum):
    """Whether an order rests in the book or takes from it."""

    MAKER = "maker"
    TAKER = "taker"


# An enum's member is looked up through its metaclass, far slower than a name: it is read several times a trade.
_MAKER = Liquidity.MAKER
_TAKER = Liquidity.TAKER


class ContractCharge(Struct, frozen=True, kw_only=True):
    """One charge per contract and side, in dollars: no row in other money is accepted, nor a contract beside it that
    settles in any.
    """

    kind: str
    amount: Decimal
    source: str


def fees_at(schedule: Sequence[Fee], volume_30d_usd: Decimal | None) -> tuple[Fee | None, Fee | None]:
    """Return the rows of a fee schedule that a 30-day volume alone earns, for a maker and for a taker: mostly one row.

    Without a volume it is the row that asks for none. A row that also asks for a holding is not assumed to be earned;
    of rows with equal thresholds the dearest is taken, so that a cost is never understated. What is dearest for a maker
    may not be for a taker.
    """
    maker: Fee | None = None
    taker: Fee | None = None
    highest = _ZERO
    volume = volume_30d_usd if volume_30d_usd is not None else _ZERO
    for fee in schedule:
        threshold = fee.min_volume_30d_usd or _ZERO
        if threshold > volume or fee.holding_required:
            continue
        if maker is None or taker is None or threshold > highest:
            maker = taker = fee
            highest = threshold
        elif threshold == highest:
            making, taking = fee.maker or _ZERO, fee.taker or _ZERO
            if (making, taking) > (maker.maker or _ZERO, maker.taker or _ZERO):
                maker = fee
            if (taking, making) > (taker.taker or _ZERO, taker.maker or _ZERO):
                taker = fee
    return maker, taker


def fee_at(schedule: Sequence[Fee], volume_30d_usd: Decimal | None, liquidity: Liquidity = _TAKER) -> Fee | None:
    """Return the row of a fee schedule that a 30-day volume alone earns for an order of that liquidity."""
    return fees_at(schedule, volume_30d_usd)[liquidity is _TAKER]


def unearned_note(schedule: Sequence[Fee], volume_30d_usd: Decimal | None, fee: Fee | None) -> str | None:
    """Return what of a stated 30-day volume `fee`, the row of the schedule that it earns, leaves out; null for nothing.

    The schedule may have cheaper rows that ask for more than the volume, or none at all that asks for a volume.
    """
    if not volume_30d_usd or fee is None or (fee.maker is None and fee.taker is None):
        return None
    for row in schedule:
        if row.holding_required and (row.min_volume_30d_usd or _ZERO) <= volume_30d_usd and _is_cheaper(row, fee):
            return UNEARNED
    return None if any(row.min_volume_30d_usd for row in schedule) else NO_TIERS


def _is_cheaper(one: Fee, other: Fee) -> bool:
    pairs = ((one.maker, other.maker), (one.taker, other.taker))
    return any(mine is not None and theirs is not None and mine < theirs for mine, theirs in pairs)


UNEARNED = (
    "a lower fee tier that asks for more than the 30-day volume given (a holding, a limit on the share sent through "
    "the API, or a volume otherwise measured) is not taken as earned"
)
ONLY_THE_EXCHANGE = (
    "the fees per contract are those of the exchange and of clearing alone: what a broker takes is not counted"
)
OF_THE_FIRM = "what {firm} takes for carrying the order is not on file for this contract and is not counted"
NO_TIERS = "no fee tier by volume is on file here: the 30-day volume given does not change the fee"


def fee_rate(fee: Fee | None, liquidity: Liquidity) -> Decimal | None:
    """Return the maker or taker rate of a schedule row, a fraction of the traded value; null when it gives none."""
    if fee is None:
        return None
    return fee.maker if liquidity is _MAKER else fee.taker


def trading_fee(value: Decimal, rate: Decimal) -> Decimal:
    """Return `value * rate`, in the currency of `value`."""
    return value * rate


def contract_charges(extras: Sequence[FeeExtra]) -> tuple[ContractCharge, ...]:
    """Return the charges that one side of one contract bears.

    Itemised charges win over a stated sum of the same charges. Where a venue prints several amounts of one kind (market
    makers pay less, say) the dearest counts, so that a cost is never understated.
    """
    dearest: dict[str, ContractCharge] = {}
    for extra in extras:
        if extra.amount is None or not _is_per_contract(extra):
            continue
        known = dearest.get(extra.kind)
        if known is None or extra.amount > known.amount:
            dearest[extra.kind] = ContractCharge(kind=extra.kind, amount=extra.amount, source=extra.source)
    items = tuple(dearest[kind] for kind in ITEMISED if kind in dearest)
    total = dearest.get(ALL_IN)
    if total is None:
        return items
    return items if sum(item.amount for item in items) >= total.amount else (total,)


def _is_per_contract(extra: FeeExtra) -> bool:
    """Say whether a charge is what one side of any contract bears: that of index contracts, say, is none of these."""
    if extra.kind not in ITEMISED and extra.kind != ALL_IN:
        return False
    return extra.per.startswith("contract") or "contract per side" in extra.per


def without_commission(rate: Decimal | None, charges: Sequence[ContractCharge]) -> bool:
    """Say whether a fee is that of exchange and clearing alone: charges per contract, without a rate of value."""
    if not charges or rate is not None:
        return False
    return all(charge.kind not in (COMMISSION, ALL_IN) for charge in charges)


def contract_fee(contracts: Decimal, charges: Sequence[ContractCharge]) -> Decimal:
    """Return what one side of `contracts` contracts bears: exchange, clearing and NFA fees and the commission."""
    return contracts * sum((charge.amount for charge in charges), Decimal(0))


def taxes_on_fees(extras: Sequence[FeeExtra], places: Collection[str]) -> tuple[FeeExtra, ...]:
    """Return the taxes that residents of a place, by any of its codes in `places`, bear on their fees."""
    return tuple(one for one in extras if one.kind in TAXES_ON_FEES and one.residence in places)


def taxed(fee: Decimal | None, taxes: Sequence[FeeExtra]) -> Decimal | None:
    """Return a fee, or a rate of it, with the taxes on it; on a rebate there is none."""
    if fee is None or fee <= 0:
        return fee
    return fee * sum((one.rate or _ZERO for one in taxes), _ONE)


def taxes_counted(taxes: Sequence[FeeExtra]) -> tuple[str, ...]:
    """Return what is to be said of taxes on fees: whether the account of a client bears one, only the client knows."""
    return tuple(
        f"a {one.kind.replace('_', ' ')} of {plain((one.rate or _ZERO) * _HUNDRED)}% is counted, as on every {one.per}"
        for one in taxes
    )


def liquidation_rate(
    policy: LiquidationPolicy | None, extras: Sequence[FeeExtra], symbol: str | None
) -> Decimal | None:
    """Return what a venue takes of the value liquidated: its policy's rate, else the one stated for the instrument.

    A charge that names no instrument may be reckoned on something else (a share of the maintenance margin, say).
    """
    if policy is not None and policy.liquidation_fee is not None:
        return policy.liquidation_fee
    stated = liquidation_charge(extras, symbol)
    return None if stated is None else stated.rate


def liquidation_charge(extras: Sequence[FeeExtra], symbol: str | None) -> FeeExtra | None:
    """Return the charge for a liquidation that a venue states for an instrument."""
    if symbol is None:
        return None
    for one in extras:
        if one.kind == LIQUIDATION and one.instrument == symbol:
            return one
    return None


def extras_read(extras: Sequence[FeeExtra], symbol: str) -> tuple[FeeExtra, ...]:
    """Return the charges that the cost of a trade in an instrument may be reckoned from; discounts, say, are not."""
    return tuple(
        one
        for one in extras
        if (one.amount is not None and _is_per_contract(one)) or (one.kind == LIQUIDATION and one.instrument == symbol)
    )
