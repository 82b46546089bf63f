"""What no calculator can reckon with: amounts out of range, books out of order, ladders with holes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from data.facts.iso_3166 import is_place
from data.facts.vocabulary import MarginMode
from rules.calculators.inputs import LegInput, PartialLiquidationInput, PositionInput, TermsInput, TierInput
from rules.calculators.refusal import Problem
from rules.validation import MAX_LEVERAGE, NEGATIVE, NOT_POSITIVE, level_problems

MAX_LEGS = 200
MAX_TIERS = 500
SMALLEST_STEP = Decimal("0.01")
_ONE = Decimal(1)

OF_ONE_POSITION = (
    "instrument",
    "product",
    "side",
    "entry_price",
    "mark_price",
    "index_price",
    "settlement_price",
    "size",
    "size_unit",
    "leverage",
    "collateral",
    "close_fee_reserve",
    "terms",
)
FRACTIONS = ("maintenance_margin_rate", "initial_margin_rate", "base_rate", "maintenance_base_rate")
"""Explicit terms that lie between 0 and 1."""
SIGNED_FRACTIONS = (
    "taker_fee_rate",
    "maker_fee_rate",
    "fee_rate",
    "funding_rate",
)
"""Explicit terms that lie between -1 and 1, and are neither: a rebate is a fee below 0."""
CHARGES = (
    "liquidation_fee_rate",
    "hourly_rate",
    "daily_rate",
    "opening_fee_rate",
    "rollover_fee_rate",
    "rate_per_coin",
)
"""Explicit terms that lie between 0 and 1, and are not 1."""
ADDED_TO_ONE = "is of an isolated position; what is added to an account is in its wallet_balance"
ONE_WALLET = "does not agree with wallet_balance beside the positions: an account has one; give it there"
CHARGE = "must be a fraction from 0 up to, not including, 1"
PLACE = "must be an ISO 3166 code, such as AE or US-NY"


def positive(pairs: Sequence[tuple[str, Decimal | None]]) -> Iterator[Problem]:
    """Yield a problem for every amount that is given and not above zero."""
    for pointer, value in pairs:
        if value is not None and value <= 0:
            yield pointer, NOT_POSITIVE


def not_negative(pairs: Sequence[tuple[str, Decimal | None]]) -> Iterator[Problem]:
    """Yield a problem for every amount that is given and below zero."""
    for pointer, value in pairs:
        if value is not None and value < 0:
            yield pointer, NEGATIVE


def leverage_problems(leverage: Decimal | None, at: str = "/leverage") -> Iterator[Problem]:
    """Yield what is wrong with a leverage that is given."""
    yield from positive(((at, leverage),))
    if leverage is not None and leverage > MAX_LEVERAGE:
        yield at, f"must be at most {MAX_LEVERAGE}"


def client_problems(volume_30d_usd: Decimal | None, residence: str | None) -> Iterator[Problem]:
    """Yield what is wrong with what a request says of the client."""
    yield from not_negative((("/volume_30d_usd", volume_30d_usd),))
    if residence is not None and not is_place(residence):
        yield "/residence", PLACE


def leg_problems(leg: LegInput, at: str) -> Iterator[Problem]:
    """Yield what is wrong with one position's own amounts."""
    yield from positive(
        (
            (f"{at}/entry_price", leg.entry_price),
            (f"{at}/mark_price", leg.mark_price),
            (f"{at}/index_price", leg.index_price),
            (f"{at}/settlement_price", leg.settlement_price),
            (f"{at}/size", leg.size),
            (f"{at}/collateral", leg.collateral),
            (f"{at}/wallet_balance", leg.wallet_balance),
        )
    )
    yield from not_negative(
        ((f"{at}/added_margin", leg.added_margin), (f"{at}/close_fee_reserve", leg.close_fee_reserve))
    )
    yield from leverage_problems(leg.leverage, f"{at}/leverage")
    if leg.size is None:
        yield f"{at}/size", "must be given: a number above zero in coins (base), contracts or quote units"
    if leg.entry_price is None and leg.mark_price is None:
        yield f"{at}/entry_price", "must be given, or mark_price in its place"
    if leg.terms is not None:
        yield from terms_problems(leg.terms, f"{at}/terms")


def position_problems(asked: PositionInput) -> Iterator[Problem]:
    """Yield what is wrong with a request about one position or one account."""
    yield from client_problems(asked.volume_30d_usd, asked.residence)
    yield from not_negative((("/open_interest", asked.open_interest),))
    yield from positive((("/atr", asked.atr),))
    if asked.positions is not None:
        if not asked.positions:
            yield "/positions", "must hold at least one position"
        if asked.wallet_balance is None and asked.equity is None and asked.cash_balance is None:
            yield "/wallet_balance", "must be given for a cross account, or equity or cash_balance in its place"
        yield from positive((("/wallet_balance", asked.wallet_balance), ("/equity", asked.equity)))
        for name in OF_ONE_POSITION:
            if getattr(asked, name) is not None:
                yield f"/{name}", "belongs into one of positions when positions is given"
        if asked.margin_mode is MarginMode.ISOLATED:
            yield "/margin_mode", "belongs into one of positions when positions is given: the account itself is cross"
        for name in ("added_margin", "margin_ratio", "bankruptcy_price", "unrealized_pnl"):
            if getattr(asked, name) is not None:
                yield f"/{name}", "is of one position, and says nothing of an account; leave it out"
        if asked.other_positions:
            yield "/other_positions", "belong into positions when positions is given"
        for name in ("buy_orders", "sell_orders", "fill_price"):
            if getattr(asked, name) is not None:
                yield f"/{name}", "is asked about one position; leave positions out"
        yield from _legs(asked.positions, "/positions")
        yield from _wallet_problems(asked, asked.positions, "/positions")
    else:
        yield from leg_problems(asked, "")
        yield from positive((("/equity", asked.equity), ("/margin_ratio", asked.margin_ratio)))
        if asked.bankruptcy_price is not None and asked.bankruptcy_price <= 0:
            yield "/bankruptcy_price", NOT_POSITIVE
        yield from positive((("/fill_price", asked.fill_price),))
        for name in ("buy_orders", "sell_orders"):
            size = getattr(asked, name)
            if size is not None and size < 0:
                yield f"/{name}", "must not be negative: it is the size of the open orders on that side"
        if asked.margin_mode is not MarginMode.ISOLATED:
            yield from _wallet_problems(asked, asked.other_positions, "/other_positions")
    if asked.partial_liquidation is not None:
        yield from _partial_problems(asked.partial_liquidation)
    yield from _legs(asked.other_positions, "/other_positions")


def _wallet_problems(asked: PositionInput, legs: Sequence[LegInput], at: str) -> Iterator[Problem]:
    """Yield what positions of an account state that is the account's: they share one wallet."""
    for index, leg in enumerate(legs[:MAX_LEGS]):
        if leg.margin_mode is MarginMode.ISOLATED:
            continue
        if leg.added_margin is not None:
            yield f"{at}/{index}/added_margin", ADDED_TO_ONE
        if leg.wallet_balance is not None and leg.wallet_balance != asked.wallet_balance:
            yield f"{at}/{index}/wallet_balance", ONE_WALLET


def _partial_problems(partial: PartialLiquidationInput) -> Iterator[Problem]:
    at = "/partial_liquidation"
    if partial.share_step is not None and not SMALLEST_STEP <= partial.share_step <= _ONE:
        yield f"{at}/share_step", f"must be a fraction between {SMALLEST_STEP} and 1 (0.2 closes fifths)"
    if partial.target_margin_ratio is not None and not 0 < partial.target_margin_ratio <= _ONE:
        yield f"{at}/target_margin_ratio", "must be a fraction above 0 and at most 1: maintenance over equity"
    if partial.penalty_share is not None and not 0 <= partial.penalty_share <= _ONE:
        yield f"{at}/penalty_share", "must be a fraction between 0 and 1 of the maintenance margin closed"


def _legs(legs: Sequence[LegInput], at: str) -> Iterator[Problem]:
    if len(legs) > MAX_LEGS:
        yield at, f"must hold at most {MAX_LEGS} positions"
        return
    for index, leg in enumerate(legs):
        yield from leg_problems(leg, f"{at}/{index}")


def terms_problems(terms: TermsInput, at: str) -> Iterator[Problem]:
    """Yield what is wrong with explicit terms."""
    yield from positive(
        (
            (f"{at}/contract_size", terms.contract_size),
            (f"{at}/max_leverage", terms.max_leverage),
            (f"{at}/tick_size", terms.tick_size),
            (f"{at}/adjustment_factor", terms.adjustment_factor),
        )
    )
    yield from not_negative(((f"{at}/maintenance_amount", terms.maintenance_amount),))
    for name in FRACTIONS:
        rate = getattr(terms, name)
        if rate is not None and not 0 <= rate <= _ONE:
            yield f"{at}/{name}", "must be a fraction between 0 and 1 (0.005 is half a percent)"
    for name in SIGNED_FRACTIONS:
        rate = getattr(terms, name)
        if rate is not None and not -_ONE < rate < _ONE:
            yield f"{at}/{name}", "must be a fraction between -1 and 1 (0.0005 is five basis points)"
    for name in CHARGES:
        rate = getattr(terms, name)
        if rate is not None and not 0 <= rate < _ONE:
            yield f"{at}/{name}", CHARGE
    if terms.ladder is not None:
        yield from ladder_problems(terms.ladder, f"{at}/ladder")


def ladder_problems(ladder: Sequence[TierInput], at: str) -> Iterator[Problem]:
    """Yield what is wrong with a ladder: rungs must follow on each other from the lowest up."""
    if not 0 < len(ladder) <= MAX_TIERS:
        yield at, f"must hold 1 to {MAX_TIERS} rungs"
        return
    before: TierInput | None = None
    for index, rung in enumerate(ladder):
        here = f"{at}/{index}"
        yield from not_negative(
            ((f"{here}/floor", rung.floor), (f"{here}/maintenance_amount", rung.maintenance_amount))
        )
        if rung.tier is not None and rung.tier < 0:
            yield f"{here}/tier", NEGATIVE
        if rung.cap is not None and rung.cap <= rung.floor:
            yield f"{here}/cap", "must be above floor"
        if before is not None and (before.cap is None or before.cap != rung.floor):
            yield f"{here}/floor", "must equal the cap of the rung below"
        if rung.maintenance_margin_rate is None and rung.max_leverage is None:
            yield f"{here}/maintenance_margin_rate", "must be given, or max_leverage in its place"
        yield from positive(((f"{here}/max_leverage", rung.max_leverage),))
        for name in ("maintenance_margin_rate", "initial_margin_rate"):
            rate = getattr(rung, name)
            if rate is not None and not 0 <= rate <= _ONE:
                yield f"{here}/{name}", "must be a fraction between 0 and 1"
        before = rung


def book_problems(
    bids: Sequence[tuple[Decimal, Decimal]], asks: Sequence[tuple[Decimal, Decimal]], at: str = ""
) -> Iterator[Problem]:
    """Yield what is wrong with a book: levels from the best on, amounts above zero, the best bid below the best ask."""
    yield from level_problems(bids, asks, at)
    if bids and asks and bids[0][0] >= asks[0][0]:
        yield f"{at}/bids/0/0", "the best bid must be below the best ask"
    if not bids and not asks:
        yield f"{at}/bids", "bids or asks must hold a level"
