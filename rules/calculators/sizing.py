"""The largest position whose loss at the stop stays within a share of equity."""

from __future__ import annotations

from decimal import Decimal, localcontext

from data.facts.amounts import ARITHMETIC
from data.facts.vocabulary import ContractType, Side
from rules.calculators.answers import SizeCap, SizingAnswer
from rules.calculators.checks import MAX_LEVERAGE
from rules.calculators.contract import amount_problems, contract_of
from rules.calculators.inputs import SizingInput
from rules.calculators.refusal import Problem, refuse_if_any
from rules.knowledge import Knowledge
from rules.margin.ladder import size_limit, size_limit_at_leverage
from rules.margin.position import LadderUnit, ladder_unit_of
from rules.sizing import Sizing, size_for_risk, stop_for_risk

_ZERO = Decimal(0)
_ONE = Decimal(1)

FORMULA = (
    "notional = equity * risk fraction / loss per coin at the stop * entry price; "
    "loss per coin = distance to the stop with slippage + fees of both sides"
)
LINEAR_ALONE = "the loss is reckoned as a linear contract's; an inverse one loses more on the way down"
NO_STOP_NEEDED = "even a price of zero loses less than the risk; no stop is needed"
NO_SIZE = "must be given, or notional, quantity or leverage, to ask for the stop of that size"
NOT_BOTH = "asks for the stop of a size; leave {other} out"
FEES_ALONE = "the fees of this size alone lose more than the risk, whatever the stop"
NO_FEES = "no fee rate is given; the loss at the stop is without fees"


def position_size(asked: SizingInput, knowledge: Knowledge) -> SizingAnswer:
    """Return the largest position within the risk, and the bounds of leverage and ladder on it; or for a size its stop.

    Raises:
        InputRefusedError: names every field that cannot be reckoned with.
    """
    problems = list(_problems(asked))
    contract = contract_of(asked.venue, asked.instrument, None, None, knowledge, problems)
    refuse_if_any(problems)
    with localcontext(ARITHMETIC):
        caps, sources = _caps(asked, knowledge)
        fee_rate, slippage = asked.fee_rate or _ZERO, asked.slippage or _ZERO
        stop = asked.stop_price
        if stop is None:
            found, stop = _with_stop(asked, caps)
        else:
            sized = size_for_risk(
                asked.side,
                asked.equity,
                asked.risk_fraction,
                asked.entry_price,
                stop,
                fee_rate=fee_rate,
                slippage=slippage,
                caps=caps,
            )
            assert sized is not None  # noqa: S101 - the stop was checked
            found = sized
        notes = [] if asked.fee_rate is not None else [NO_FEES]
        if contract.contract_type is ContractType.INVERSE:
            notes.append(LINEAR_ALONE)
        if stop is None:
            notes.append(NO_STOP_NEEDED)
        return SizingAnswer(
            release=knowledge.release,
            as_of=knowledge.as_of,
            sources=sources,
            approximations=tuple(notes),
            notional=found.notional,
            quantity=found.quantity,
            loss_at_stop=found.loss_at_stop,
            risk_fraction=found.loss_at_stop / asked.equity,
            initial_margin=None if asked.leverage is None else found.notional / asked.leverage,
            leverage_needed=found.leverage_needed,
            stop_price=stop,
            stop_distance=None if stop is None else abs(asked.entry_price - stop) / asked.entry_price,
            caps=tuple(SizeCap(name=name, notional=cap, binds=name in found.bound_by) for name, cap in caps),
            formula=FORMULA,
        )


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
                ("leverage", asked.leverage),
            ),
        )
    )
    if not 0 < asked.risk_fraction <= _ONE:
        problems.append(("/risk_fraction", "must be a fraction above 0 and at most 1 (0.01 is one percent)"))
    for name, rate in (("fee_rate", asked.fee_rate), ("slippage", asked.slippage)):
        if rate is not None and not 0 <= rate < _ONE:
            problems.append((f"/{name}", "must be a fraction from 0 up to, not including, 1"))
    if asked.leverage is not None and asked.leverage > MAX_LEVERAGE:
        problems.append(("/leverage", f"must be at most {MAX_LEVERAGE}"))
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


def _with_stop(asked: SizingInput, caps: tuple[tuple[str, Decimal], ...]) -> tuple[Sizing, Decimal | None]:
    """Return the size asked about and the stop at which it has lost the risk: the inverse of a size for a stop.

    Without a size it is all equity at the leverage given.
    """
    at, notional = "/leverage", asked.equity * (asked.leverage or _ONE)
    if asked.notional is not None:
        at, notional = "/notional", asked.notional
    elif asked.quantity is not None:
        at, notional = "/quantity", asked.quantity * asked.entry_price
    problems: list[Problem] = [
        (at, f"must be a notional of at most {cap:f}, the bound of the {name}") for name, cap in caps if notional > cap
    ]
    fee_rate, slippage = asked.fee_rate or _ZERO, asked.slippage or _ZERO
    quantity = notional / asked.entry_price
    loss = asked.equity * asked.risk_fraction
    stop = stop_for_risk(asked.side, asked.entry_price, loss / quantity, fee_rate=fee_rate, slippage=slippage)
    if stop is None:
        loss = quantity * asked.entry_price * (_ONE + fee_rate)
    elif stop >= asked.entry_price if asked.side is Side.LONG else stop <= asked.entry_price:
        problems.append(("/risk_fraction", FEES_ALONE))
    refuse_if_any(problems)
    sizing = Sizing(notional=notional, quantity=quantity, loss_at_stop=loss, leverage_needed=notional / asked.equity)
    return sizing, stop


def _caps(asked: SizingInput, knowledge: Knowledge) -> tuple[tuple[tuple[str, Decimal], ...], tuple[str, ...]]:
    """Return named bounds on the notional: what equity at the leverage buys, and where the ladder ends."""
    caps: list[tuple[str, Decimal]] = []
    if asked.leverage is not None:
        caps.append(("leverage", asked.equity * asked.leverage))
    if asked.venue is None or asked.instrument is None:
        return tuple(caps), ()
    instrument = knowledge.instrument(asked.venue, asked.instrument)
    ladder = knowledge.ladder(
        asked.venue,
        instrument.symbol if instrument is not None else asked.instrument,
        client_class=None,
        residence="",
        side=asked.side,
    )
    if ladder is None:
        return tuple(caps), ()
    limit = size_limit(ladder.tiers)
    if asked.leverage is not None:
        limit = size_limit_at_leverage(ladder.tiers, asked.leverage)[1]
    if not ladder.complete and limit == size_limit(ladder.tiers):
        limit = None  # the recording ends there, not the venue's ladder
    if limit is not None and ladder.contract_type is ContractType.LINEAR:
        size = instrument.contract_size if instrument is not None else None
        worth = {
            LadderUnit.VALUE: _ONE,
            LadderUnit.SIZE: asked.entry_price,
            LadderUnit.CONTRACTS: None if size is None else size * asked.entry_price,
        }[ladder_unit_of(ladder, instrument)]
        caps.extend([] if worth is None else [("ladder", limit * worth)])
    return tuple(caps), (ladder.source,)
