"""Candidate facts from what venues write: one function per family, all with the same blanks left for acceptance."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import ROUND_DOWN, Decimal

from msgspec import Struct

from data.curation.symbols import unify
from data.facts.amounts import ARITHMETIC
from data.facts.venues import Fee, FundingTerms, Instrument, Ladder, LeverageCap, MarginTier
from data.facts.vocabulary import ClientClass, ContractType, MarginMode, Product
from data.refresh.errors import ShapeError

_ALIASES = {"XBT": "BTC", "XDG": "DOGE"}
FORMULA_UNREAD = "not given by the endpoint read"


class Rung(Struct, frozen=True, kw_only=True):
    """One rung as a venue gives it, without its floor. `cap` null means no upper bound."""

    cap: Decimal | None
    max_leverage: Decimal
    initial_margin_rate: Decimal | None = None
    maintenance_margin_rate: Decimal | None = None
    maintenance_amount: Decimal | None = None


def common_code(code: str) -> str:
    """Return a venue's code of a coin as the field writes it (XBT is BTC)."""
    return _ALIASES.get(code, code)


def leverage_of(initial_margin_rate: Decimal, places: int = 2) -> Decimal:
    """Return the leverage that an initial margin rate allows, cut (never rounded up) to `places` digits.

    Raises:
        ValueError: the rate is zero or below.
    """
    if initial_margin_rate <= 0:
        raise ValueError(f"an initial margin rate of {initial_margin_rate} allows no leverage")
    exact = ARITHMETIC.divide(Decimal(1), initial_margin_rate)
    return exact.quantize(Decimal(1).scaleb(-places), rounding=ROUND_DOWN, context=ARITHMETIC)


def instrument(
    venue: str,
    symbol: str,
    product: Product,
    *,
    base: str,
    quote: str,
    settle: str | None,
    contract_type: ContractType,
    contract_size: Decimal | None = None,
    contract_size_unit: str | None = None,
    tick_size: Decimal | None = None,
    min_size: Decimal | None = None,
    size_step: Decimal | None = None,
    expiry: date | None = None,
) -> Instrument:
    """Return a candidate instrument. Largest order sizes are left out: venues move them every fortnight."""
    base, quote = common_code(base), common_code(quote)
    settle = common_code(settle) if settle else None
    unit = common_code(contract_size_unit) if contract_size_unit else None
    return Instrument(
        key="",
        source="",
        certain_from=date.min,
        venue=venue,
        symbol=symbol,
        unified=unify(base, quote, settle, product, expiry),
        product=product,
        base=base,
        quote=quote,
        settle=settle,
        contract_type=contract_type,
        contract_size=contract_size,
        contract_size_unit=unit if contract_size is not None else None,
        tick_size=tick_size,
        min_size=min_size,
        max_size=None,
        size_step=size_step,
        expiry=expiry,
    )


def check_brackets(
    symbol: str, brackets: Iterable[tuple[Decimal, Decimal]], url: str, *, step: Decimal = Decimal(0)
) -> None:
    """See that the brackets of a ladder, lowest first, lie end to end: the first from nothing, each from the one below.

    A venue that counts in whole units begins a bracket up to one `step` above the end of the one below.

    Raises:
        ShapeError: there is a gap, or two overlap.
    """
    below = Decimal(0)
    for number, (start, end) in enumerate(brackets, 1):
        if not 0 <= start - below <= step:
            raise ShapeError(f"{symbol}: tier {number} starts at {start}, not {'after' if step else 'at'} {below}", url)
        below = end


def ladder(
    one: Instrument,
    rungs: Iterable[Rung],
    *,
    unit: str,
    url: str,
    client_class: ClientClass = ClientClass.ANY,
    session: str | None = None,
    side: str | None = None,
) -> Ladder:
    """Return a candidate ladder of an instrument, lowest rung first; each rung's floor is the cap below it.

    Raises:
        ShapeError: there is no rung, or caps repeat, or a rung below the highest has none.
    """
    return Ladder(
        key="",
        source="",
        certain_from=date.min,
        venue=one.venue,
        instrument=one.symbol,
        product=one.product,
        contract_type=one.contract_type,
        settle=one.settles_in,
        unit=unit,
        client_class=client_class,
        session=session,
        side=side,
        tiers=tuple(tiers_of(one.symbol, rungs, url)),
    )


def tiers_of(symbol: str, rungs: Iterable[Rung], url: str) -> Iterator[MarginTier]:
    """Yield the tiers of a ladder, lowest first, each with the cap below it for its floor.

    Raises:
        ShapeError: there is no rung, or caps repeat, or a rung below the highest has none.
    """
    ordered = sorted(rungs, key=lambda one: (one.cap is None, one.cap or Decimal(0)))
    if not ordered:
        raise ShapeError(f"no margin tier of {symbol}", url)
    floor: Decimal | None = Decimal(0)
    for number, rung in enumerate(ordered, 1):
        if floor is None or (rung.cap is not None and rung.cap <= floor):
            raise ShapeError(f"the margin tiers of {symbol} do not rise: tier {number} ends at {rung.cap}", url)
        yield MarginTier(
            tier=number,
            floor=floor,
            cap=rung.cap,
            initial_margin_rate=rung.initial_margin_rate,
            maintenance_margin_rate=rung.maintenance_margin_rate,
            maintenance_amount=rung.maintenance_amount,
            max_leverage=rung.max_leverage,
        )
        floor = rung.cap


def leverage_cap(
    venue: str, symbol: str, product: Product, max_leverage: Decimal, margin_mode: MarginMode = MarginMode.CROSS
) -> LeverageCap:
    """Return a candidate cap for all clients everywhere."""
    return LeverageCap(
        key="",
        source="",
        certain_from=date.min,
        venue=venue,
        product=product,
        instrument=symbol,
        margin_mode=margin_mode,
        client_class=ClientClass.ANY,
        jurisdiction="*",
        max_leverage=max_leverage,
    )


def fee(
    venue: str, product: Product, tier: str, maker: Decimal, taker: Decimal, min_volume: Decimal = Decimal(0)
) -> Fee:
    """Return a candidate row of the venue's general schedule."""
    return Fee(
        key="",
        source="",
        certain_from=date.min,
        venue=venue,
        product=product,
        tier=tier,
        min_volume_30d_usd=min_volume,
        min_holding=None,
        maker=maker,
        taker=taker,
    )


def funding_terms(
    venue: str,
    symbol: str,
    interval_hours: Decimal,
    *,
    cap: Decimal | None = None,
    floor: Decimal | None = None,
) -> FundingTerms:
    """Return candidate funding terms of a perpetual; the formula and the interest stay what we hold."""
    return FundingTerms(
        key="",
        source="",
        certain_from=date.min,
        venue=venue,
        product=Product.PERPETUAL,
        instrument=symbol,
        interval_hours=interval_hours,
        cap=cap,
        floor=floor,
        interest_rate_8h=None,
        formula=FORMULA_UNREAD,
    )
