"""The fee of one fill, by explicit rate or by the venue's schedule."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal, localcontext

from data.facts.amounts import ARITHMETIC
from data.facts.iso_3166 import is_place
from data.facts.margin_models import MarginModel
from data.facts.venues import Fee
from data.facts.vocabulary import Product
from rules.calculators.agreement import compare, given_of, unread, unread_terms
from rules.calculators.checks import client_problems, leverage_problems
from rules.calculators.contract import Contract, amount_problems, contract_of
from rules.calculators.cost_answers import FeesAnswer
from rules.calculators.cost_inputs import FeeSide, FeesInput
from rules.calculators.refusal import Problem, refuse_if_any
from rules.costs.fees import Liquidity, contract_fee, fee_at, fee_rate, taxed, unearned_note
from rules.knowledge import Knowledge
from rules.margin.position import value_of
from rules.margin.rounding import round_money
from rules.terms.charges import Charged, charged

_ZERO = Decimal(0)
_BUYS = (FeeSide.BUY, FeeSide.LONG)

CHARGES_ADDED = "what the venue charges per contract is added to the rate given"
NO_CONTRACTS = "the venue also charges per contract; without the contract size that is left out"

OF_THE_UNDERLYING = (
    "an option's rate is of its underlying's price, up to a share of the premium: give the underlying's price for the "
    "most that is charged; of the premium it is too little"
)


def fees(asked: FeesInput, knowledge: Knowledge) -> FeesAnswer:
    """Return the fee of one fill: positive is paid, negative a rebate.

    A spot purchase pays in the coin received, `size * rate`; everything else pays on the traded value.

    Raises:
        InputRefusedError: names every field that cannot be reckoned with.
    """
    amounts = (("price", asked.price), ("exit_price", asked.exit_price), ("size", asked.size))
    problems = [*amount_problems(asked.terms, amounts), *leverage_problems(asked.leverage)]
    problems.extend(client_problems(asked.volume_30d_usd, asked.residence))
    contract = contract_of(
        asked.venue, asked.instrument, asked.product, asked.terms, knowledge, problems, asked.size_unit
    )
    rate, row = _rate(asked, contract, knowledge)
    told = _told_twice(asked, contract, problems)
    beside = beside_the_rate(asked.venue, contract, rate, asked.residence if _is_read(rate, row) else None, knowledge)
    if rate is None and not beside.charges:
        problems.append(("/terms/fee_rate", no_rate(asked.residence)))
    with localcontext(ARITHMETIC):
        size = contract.size(asked.size, asked.size_unit, asked.price, problems)
        refuse_if_any(problems)
        assert size is not None  # noqa: S101 - otherwise there was a problem
        value = value_of(size, asked.price, contract.contract_type)
        bought = contract.product is Product.SPOT and asked.side in _BUYS
        model = contract.model(asked.venue, knowledge)
        rate, paid_on = taxed(rate, beside.taxes), size if bought else value
        exact = paid_on * (rate or _ZERO)
        fee, exit_fee = _printed(exact, model), None
        if asked.exit_price is not None:
            left = value_of(size, asked.exit_price, contract.contract_type)
            exit_fee = _printed(left * (rate or _ZERO), model)
        notes = [*contract.notes, *told, *([] if row is None else _unearned(asked, contract, row, knowledge))]
        notes.extend(beside.notes)
        if row is not None and contract.product is Product.OPTION:
            notes.append(OF_THE_UNDERLYING)
        sources = [*([] if row is None else [row.source]), *(tax.source for tax in beside.taxes)]
        per_contract = _contract_fee(contract, size, beside, notes, beside_given_rate=rate is not None and row is None)
        if per_contract is not None:
            exact += per_contract
            fee += per_contract
            exit_fee = None if exit_fee is None else exit_fee + per_contract
            sources.extend(charge.source for charge in beside.charges)
        return FeesAnswer(
            release=knowledge.release,
            as_of=knowledge.as_of,
            sources=tuple(dict.fromkeys(sources)),
            approximations=tuple(notes),
            fee=fee,
            exit_fee=exit_fee,
            round_trip_fee=None if exit_fee is None else (fee * asked.price if bought else fee) + exit_fee,
            fee_rate=rate,
            notional=value,
            currency=_currency(contract, bought=bought),
            tier=None if row is None else row.tier,
            contract_fee=per_contract,
            fee_on_margin=None if asked.leverage is None else exact * asked.leverage / paid_on,
        )


def _contract_fee(
    contract: Contract, size: Decimal, beside: Charged, notes: list[str], *, beside_given_rate: bool
) -> Decimal | None:
    """Return what the venue charges per contract comes to for a size, taxes included; null where it charges none, or
    (which is noted) the contract size is not known.
    """
    if not beside.charges:
        return None
    if contract.contract_size is None:
        notes.append(NO_CONTRACTS)
        return None
    if beside_given_rate:
        notes.append(CHARGES_ADDED)
    return taxed(contract_fee(size / contract.contract_size, beside.charges), beside.taxes) or _ZERO


def _is_read(rate: Decimal | None, row: Fee | None) -> bool:
    """Say whether what is charged is read, and not stated."""
    return row is not None or rate is None


def beside_the_rate(
    venue: str | None, contract: Contract, rate: Decimal | None, residence: str | None, knowledge: Knowledge
) -> Charged:
    """Return what a venue charges beside a rate of value: per contract, and the taxes on fees of a residence."""
    if venue is None:
        return Charged()
    symbol = "" if contract.instrument is None else contract.instrument.symbol
    extras = knowledge.fee_extras(venue, contract.product)
    return charged(extras, rate, symbol, contract.product, residence or "", knowledge)


def no_rate(residence: str | None) -> str:
    """Return what is said where no schedule tells a rate; some are for the clients of a few places alone."""
    clients = f" for clients in {residence}" if residence is not None and is_place(residence) else ""
    return f"must be given: no schedule on file{clients} has a rate for this venue, product and liquidity"


def _told_twice(asked: FeesInput, contract: Contract, problems: list[Problem]) -> list[str]:
    """Return what is to be said of rates that agree or are not read; note a problem for one that contradicts."""
    notes: list[str] = []
    terms, specific = contract.terms, f"{asked.liquidity}_fee_rate"
    stated = getattr(terms, specific)
    compare(("terms.fee_rate", terms.fee_rate), (f"terms.{specific}", stated), problems, notes)
    names = unread_terms(terms, ("fee_rate", specific))
    if terms.fee_rate is not None or stated is not None:
        names += given_of(asked, ("volume_30d_usd", "residence"))
    return [*notes, *unread(names)]


def _printed(fee: Decimal, model: MarginModel | None) -> Decimal:
    return fee if model is None else round_money(fee, model.fee_places, model.fee_rounding)


def _rate(asked: FeesInput, contract: Contract, knowledge: Knowledge) -> tuple[Decimal | None, Fee | None]:
    """Return the rate, and the row of the venue's schedule that it is from; explicit terms go before that."""
    terms = contract.terms
    stated = terms.maker_fee_rate if asked.liquidity is Liquidity.MAKER else terms.taker_fee_rate
    rate = terms.fee_rate if terms.fee_rate is not None else stated
    if rate is not None or asked.venue is None:
        return rate, None
    row = fee_at(_schedule(asked, contract, knowledge), asked.volume_30d_usd, asked.liquidity)
    rate = fee_rate(row, asked.liquidity)
    return (None, None) if rate is None else (rate, row)


def _schedule(asked: FeesInput, contract: Contract, knowledge: Knowledge) -> Sequence[Fee]:
    return knowledge.fees(asked.venue or "", contract.product, contract.contract_type, asked.residence or "")


def _unearned(asked: FeesInput, contract: Contract, row: Fee, knowledge: Knowledge) -> list[str]:
    note = unearned_note(_schedule(asked, contract, knowledge), asked.volume_30d_usd, row)
    return [] if note is None else [note]


def _currency(contract: Contract, *, bought: bool) -> str | None:
    instrument = contract.instrument
    if instrument is None:
        return None
    return instrument.base if bought else instrument.settles_in
