"""The largest position whose loss at the stop stays within a share of equity."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal, localcontext

from msgspec import Struct, structs

from data.facts.amounts import ARITHMETIC
from data.facts.venues import Instrument
from data.facts.vocabulary import UNMARGINED, ContractType, Side
from rules.calculators.agreement import given_of
from rules.calculators.checks import CHARGE, client_problems, leverage_problems
from rules.calculators.contract import Contract, amount_problems, contract_of
from rules.calculators.flat_caps import CapsTold, caps_told
from rules.calculators.isolated_end import ends_before
from rules.calculators.refusal import Problem, refuse_if_any
from rules.calculators.resolve import LADDER_ENDS, SESSION, TIERS_OF_OTHERS, no_model_for
from rules.calculators.size_from_risk import (
    Sizing,
    fill_price,
    loss_per_coin,
    size_for_risk,
    stated_down,
    stated_up,
    stop_for_risk,
)
from rules.calculators.sizing_answers import SizeCap, SizingAnswer
from rules.calculators.sizing_inputs import SizingInput
from rules.figures.money import same_money
from rules.figures.sizes import notional_of
from rules.knowledge import Knowledge
from rules.margin.ladder import initial_ladder_of, size_limit, size_limit_at_leverage
from rules.terms.near_facts import tiers_of_others

_ZERO = Decimal(0)
_ONE = Decimal(1)

FORMULA = (
    "notional = equity * risk fraction / loss per coin at the stop * entry price; "
    "loss per coin = distance to the stop with slippage + fees of both sides; for equity in the coin, divided by the "
    "price of the fill"
)
IN_QUOTE = "equity is taken to be in {quote}; currency says when it is in {base}"
OTHER_MONEY = "must be {quote} or {base}: the prices of the trade turn no other into them"
NO_INSTRUMENT = "must be left out without venue and instrument: amounts are in the quote currency"
QUANTO = "is a quanto contract, which no size in coins or quote currency describes"
NO_STOP_NEEDED = "even a price of zero loses less than the risk; no stop is needed"
NO_STOP_ABOVE = "even the highest price loses less than the risk, counted in the coin; no stop is needed"
NO_SIZE = "must be given, or notional, quantity or leverage, to ask for the stop of that size"
NOT_BOTH = "asks for the stop of a size; leave {other} out"
NO_LEVERAGE = "must be left out: {why}"
NOT_GRANTED = "must be at most {highest:f}: the ladder grants more at no size"
FEES_ALONE = "the fees of this size alone lose more than the risk, whatever the stop"
NO_TIERS = "no margin tiers of this instrument are known: how large a position the venue takes is not told"
NO_MARKET = "no ladder bounds the size, for that needs venue and instrument; left aside: {names}"
NO_FEES = "no fee rate is given; the loss at the stop is without fees"


class _Money(Struct, frozen=True, kw_only=True):
    """Which money is the base coin; all other is in quote currency."""

    equity_in_coin: bool = False
    settles_in_coin: bool = False

    def settled(self, amount: Decimal, price: Decimal) -> Decimal:
        """Return an amount of the equity's currency in the settlement currency at a price."""
        if self.equity_in_coin is self.settles_in_coin:
            return amount
        return amount * price if self.equity_in_coin else amount / price


def position_size(asked: SizingInput, knowledge: Knowledge) -> SizingAnswer:
    """Return the largest position within the risk, and the bounds of leverage and ladder on it; or for a size its stop.

    Raises:
        InputRefusedError: names every field that cannot be reckoned with.
    """
    problems = list(_problems(asked))
    contract = contract_of(asked.venue, asked.instrument, None, None, knowledge, problems, takes_terms=False)
    instrument = contract.instrument
    if asked.leverage is not None and instrument is not None and instrument.product in UNMARGINED:
        why = no_model_for(instrument.product, instrument.contract_type)
        problems.append(("/leverage", NO_LEVERAGE.format(why=why)))
    money = _money(asked, contract, problems)
    with localcontext(ARITHMETIC):
        worth = asked.equity * asked.entry_price if money.equity_in_coin else asked.equity
        bounds = _bounds(asked, worth, instrument, knowledge, problems)
        of_caps = _told_by_caps(asked, instrument, knowledge, problems)
        refuse_if_any(problems)
        if asked.stop_price is None:
            found, stop = _with_stop(asked, worth, bounds.caps, money)
        else:
            found, stop = _with_size(asked, asked.stop_price, bounds.caps, money), asked.stop_price
        notes = (*bounds.notes, *of_caps.notes, *_notes(asked, contract, bounds, found, stop, knowledge))
        sources = tuple(dict.fromkeys((*bounds.sources, *of_caps.sources)))
        return _answer(asked, instrument, knowledge, money, bounds.caps, found, stop, notes, sources)


def _with_size(asked: SizingInput, stop: Decimal, caps: tuple[tuple[str, Decimal], ...], money: _Money) -> Sizing:
    """Return the largest size that an answer can state whose loss at the stop stays within the risk."""
    found = size_for_risk(
        asked.side,
        asked.equity,
        asked.risk_fraction,
        asked.entry_price,
        stop,
        fee_rate=asked.fee_rate or _ZERO,
        slippage=asked.slippage or _ZERO,
        caps=caps,
        in_coin=money.equity_in_coin,
    )
    assert found is not None  # noqa: S101 - the stop was checked
    notional = stated_down(found.notional)
    kept = notional / found.notional if found.notional else _ONE
    return structs.replace(
        found,
        notional=notional,
        quantity=stated_down(found.quantity),
        loss_at_stop=found.loss_at_stop * kept,
        leverage_needed=found.leverage_needed * kept,
    )


def _notes(
    asked: SizingInput, contract: Contract, bounds: _Bounds, found: Sizing, stop: Decimal | None, knowledge: Knowledge
) -> Iterator[str]:
    """Yield what is to be said of the size: what it leaves out, and what is taken for granted."""
    instrument = contract.instrument
    if asked.fee_rate is None:
        yield NO_FEES
    if bounds.recorded_to is not None and found.notional > bounds.recorded_to:
        yield LADDER_ENDS
    if contract.contract_type is ContractType.INVERSE and asked.currency is None and instrument is not None:
        yield IN_QUOTE.format(quote=instrument.quote, base=instrument.base)
    if stop is None:
        yield NO_STOP_NEEDED if asked.side is Side.LONG else NO_STOP_ABOVE
    ends = ends_before(asked, instrument, found.quantity, stop, knowledge)
    if ends is not None:
        yield ends


def _answer(
    asked: SizingInput,
    instrument: Instrument | None,
    knowledge: Knowledge,
    money: _Money,
    caps: tuple[tuple[str, Decimal], ...],
    found: Sizing,
    stop: Decimal | None,
    notes: tuple[str, ...],
    sources: tuple[str, ...],
) -> SizingAnswer:
    """Return the size and its stop with their loss and margin in the settlement currency."""
    margin = None if asked.leverage is None else found.notional / asked.leverage
    if margin is not None and money.settles_in_coin:
        margin /= asked.entry_price
    lost: Decimal | None = found.loss_at_stop
    if stop is not None:
        lost = money.settled(found.loss_at_stop, fill_price(asked.side, stop, asked.slippage or _ZERO))
    elif money.equity_in_coin is not money.settles_in_coin:
        lost = None
    return SizingAnswer(
        release=knowledge.release,
        as_of=knowledge.as_of,
        sources=sources,
        approximations=notes,
        notional=found.notional,
        quantity=found.quantity,
        loss_at_stop=lost,
        loss_of_equity=found.loss_at_stop,
        currency=None if instrument is None else instrument.settles_in,
        equity_currency=asked.currency if instrument is None or asked.currency is not None else instrument.quote,
        risk_fraction=found.loss_at_stop / asked.equity,
        initial_margin=margin,
        leverage_needed=found.leverage_needed,
        stop_price=stop,
        stop_distance=None if stop is None else abs(asked.entry_price - stop) / asked.entry_price,
        caps=tuple(SizeCap(name=name, notional=stated_down(cap), binds=name in found.bound_by) for name, cap in caps),
        formula=FORMULA,
    )


def _money(asked: SizingInput, contract: Contract, problems: list[Problem]) -> _Money:
    """Return which amounts are in the base coin; note a currency that the prices of the trade do not turn into it."""
    instrument = contract.instrument
    if contract.contract_type is ContractType.QUANTO:
        problems.append(("/instrument", QUANTO))
    if instrument is None:
        if asked.currency is not None and (asked.venue is None or asked.instrument is None):
            problems.append(("/currency", NO_INSTRUMENT))
        return _Money()
    in_coin = False
    if asked.currency is not None and not same_money(asked.currency, instrument.quote):
        in_coin = same_money(asked.currency, instrument.base)
        if not in_coin:
            problems.append(("/currency", OTHER_MONEY.format(quote=instrument.quote, base=instrument.base)))
    return _Money(equity_in_coin=in_coin, settles_in_coin=contract.contract_type is ContractType.INVERSE)


def _problems(asked: SizingInput) -> list[Problem]:
    problems = list(
        amount_problems(
            None,
            (
                ("equity", asked.equity),
                ("entry_price", asked.entry_price),
                ("stop_price", asked.stop_price),
                ("notional", asked.notional),
                ("quantity", asked.quantity),
            ),
        )
    )
    if not 0 < asked.risk_fraction <= _ONE:
        problems.append(("/risk_fraction", "must be a fraction above 0 and at most 1 (0.01 is one percent)"))
    for name, rate in (("fee_rate", asked.fee_rate), ("slippage", asked.slippage)):
        if rate is not None and not 0 <= rate < _ONE:
            problems.append((f"/{name}", CHARGE))
    problems.extend(client_problems(None, asked.residence))
    problems.extend(leverage_problems(asked.leverage))
    sizes = [name for name in ("notional", "quantity") if getattr(asked, name) is not None]
    if len(sizes) == 2:
        problems.append(("/quantity", NOT_BOTH.format(other="notional")))
    if asked.stop_price is None:
        if not sizes and asked.leverage is None:
            problems.append(("/stop_price", NO_SIZE))
        return problems
    problems.extend((f"/{name}", NOT_BOTH.format(other="stop_price")) for name in sizes)
    below = asked.stop_price < asked.entry_price
    if asked.stop_price == asked.entry_price or below is not (asked.side is Side.LONG):
        where = "below" if asked.side is Side.LONG else "above"
        problems.append(("/stop_price", f"must be {where} entry_price for a {asked.side}"))
    return problems


def _with_stop(
    asked: SizingInput, worth: Decimal, caps: tuple[tuple[str, Decimal], ...], money: _Money
) -> tuple[Sizing, Decimal | None]:
    """Return the size asked about and the stop at which it has lost the risk: the inverse of a size for a stop.

    The stop is the farthest that an answer can state at which no more is lost. Without a size it is all equity, `worth`
    that much quote currency, at the leverage given.
    """
    at, notional = "/leverage", stated_down(worth * (asked.leverage or _ONE))
    if asked.notional is not None:
        at, notional = "/notional", asked.notional
    elif asked.quantity is not None:
        at, notional = "/quantity", asked.quantity * asked.entry_price
    problems: list[Problem] = [
        (at, f"must be a notional of at most {cap:f}, the bound of the {name}") for name, cap in caps if notional > cap
    ]
    fee_rate, slippage = asked.fee_rate or _ZERO, asked.slippage or _ZERO
    quantity = notional / asked.entry_price
    loss, in_coin = asked.equity * asked.risk_fraction, money.equity_in_coin
    stop = stop_for_risk(
        asked.side,
        asked.entry_price,
        loss / quantity,
        fee_rate=fee_rate,
        slippage=slippage,
        in_coin=in_coin,
    )
    if stop is None:
        loss = quantity * (_ONE + fee_rate) * (_ONE if in_coin else asked.entry_price)
    else:
        stop = stated_up(stop) if asked.side is Side.LONG else stated_down(stop)
        per_coin = loss_per_coin(asked.side, asked.entry_price, stop, fee_rate, slippage, in_coin=in_coin)
        if per_coin is None:
            problems.append(("/risk_fraction", FEES_ALONE))
        else:
            loss = quantity * per_coin
    refuse_if_any(problems)
    sizing = Sizing(
        notional=notional, quantity=stated_down(quantity), loss_at_stop=loss, leverage_needed=notional / worth
    )
    return sizing, stop


class _Bounds(Struct, frozen=True, kw_only=True):
    """Named bounds on the notional, and what is to be said of them.

    `recorded_to` is the notional up to which a ladder is on file whose recording stops below the venue's last rung.
    """

    caps: tuple[tuple[str, Decimal], ...]
    notes: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    recorded_to: Decimal | None = None


def _bounds(
    asked: SizingInput, worth: Decimal, instrument: Instrument | None, knowledge: Knowledge, problems: list[Problem]
) -> _Bounds:
    """Return what bounds the notional: what equity (of `worth`) at the leverage buys, and where the ladder ends."""
    caps = () if asked.leverage is None else (("leverage", worth * asked.leverage),)
    if instrument is None:
        names = given_of(asked, ("venue", "instrument", "client_class", "residence"))
        return _Bounds(caps=caps, notes=(NO_MARKET.format(names=", ".join(names)),) if names else ())
    venue, symbol = instrument.venue, instrument.symbol
    ladder = knowledge.ladder(
        venue, symbol, client_class=asked.client_class, residence=asked.residence or "", side=asked.side
    )
    if ladder is None:
        return _Bounds(caps=caps, notes=(_why_no_tiers(asked, instrument, knowledge),))
    limit = size_limit(ladder.tiers)
    if asked.leverage is not None:
        model = knowledge.margin_model(venue, instrument.product, ladder.contract_type, None)
        granted, limit = size_limit_at_leverage(ladder.tiers, asked.leverage, initial_ladder_of(model))
        if not granted and all(at != "/leverage" for at, _ in problems):
            problems.append(("/leverage", NOT_GRANTED.format(highest=ladder.tiers[0].max_leverage)))
    end = None
    if limit is not None and ladder.contract_type in (ContractType.LINEAR, ContractType.INVERSE):
        end = notional_of(limit, asked.entry_price, ladder, instrument)
    cut_short = not ladder.complete and limit == size_limit(ladder.tiers)  # there the recording ends, not the ladder
    return _Bounds(
        caps=caps if end is None or cut_short else (*caps, ("ladder", end)),
        notes=() if ladder.session is None else (SESSION.format(session=ladder.session),),
        sources=(ladder.source,),
        recorded_to=end if cut_short else None,
    )


def _told_by_caps(
    asked: SizingInput, instrument: Instrument | None, knowledge: Knowledge, problems: list[Problem]
) -> CapsTold:
    """Return what the venue's flat caps say of the leverage; note a problem for one that they do not grant."""
    if instrument is None or asked.leverage is None:
        return CapsTold()
    told = caps_told(asked.leverage, instrument, asked.residence, asked.client_class, knowledge)
    if told.problem is not None and all(at != "/leverage" for at, _ in problems):
        problems.append(("/leverage", told.problem))
    return told


def _why_no_tiers(asked: SizingInput, instrument: Instrument, knowledge: Knowledge) -> str:
    others = tiers_of_others(
        knowledge,
        instrument.venue,
        instrument.symbol,
        client_class=asked.client_class,
        residence=asked.residence or "",
        side=asked.side,
    )
    return TIERS_OF_OTHERS.format(residence=asked.residence) if others else NO_TIERS
