"""The price at which a position has earned back what it cost."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal, localcontext

from msgspec import Struct

from data.facts.amounts import ARITHMETIC
from data.facts.venues import Fee, FundingTerms
from data.facts.vocabulary import Product
from rules.calculators.agreement import compare, given_of, unread, unread_terms
from rules.calculators.checks import client_problems, leverage_problems, not_negative
from rules.calculators.contract import Contract, amount_problems, contract_of
from rules.calculators.cost_answers import BreakEvenAnswer
from rules.calculators.cost_inputs import BreakEvenInput
from rules.calculators.fees import CHARGES_ADDED, beside_the_rate, no_rate
from rules.calculators.funding import CLIPPED, NO_FUNDING, PART_INTERVAL
from rules.calculators.funding_rate import unbounded
from rules.calculators.refusal import Problem, refuse_if_any
from rules.costs.break_even import break_even_price, even_at_every_price, opening_break_even
from rules.costs.fees import Liquidity, contract_fee, fee_at, fee_rate, taxed, unearned_note
from rules.costs.funding import funding_over, rate_in_force
from rules.knowledge import Knowledge
from rules.margin.position import value_of
from rules.spoken import spoken
from rules.terms.charges import Charged
from rules.validation import MAX_HOLDING_HOURS

_ZERO = Decimal(0)
_ONE = Decimal(1)
_TWO = Decimal(2)

FORMULA = (
    "linear: long (E*(1 + f_open) + c)/(1 - f_close), short (E*(1 - f_open) - c)/(1 + f_close); "
    "spot: long E/((1 - f_open)*(1 - f_close)), for the opening fee is paid in the coin bought; "
    "inverse: long (1 + f_close)/((1 - f_open)/E - c), short (1 - f_close)/((1 + f_open)/E + c); "
    "c are the other costs per unit of size"
)
NO_SIZE = "the venue also charges per contract; without the contract size that is left out"
CHARGED_ALONE = "no rate of value is known for a {liquidity} fill: it pays the venue's charges per contract alone"
ONLY_PER_CONTRACT = "must be given: the venue charges per contract"
NO_INTEREST = "interest on what is borrowed is left out: it hangs on the rate and on the time"
OF_MARGIN = ("margin_mode", "leverage", "collateral", "added_margin", "wallet_balance")
AT_EVERY_PRICE = "there is no break-even price: what is received makes up for every loss, at every price"
AT_NO_PRICE = "there is no break-even price: at no price does the position make up for its costs"
NO_INTERVAL = "must be left out: the venue's funding interval is not on file"


class _Fees(Struct, frozen=True, kw_only=True):
    """What both fills pay: rates of value, with the taxes on them, and what is charged beside them."""

    opening: Decimal
    closing: Decimal
    beside: Charged
    sources: tuple[str, ...] = ()
    told: tuple[str, ...] = ()
    """What is to be said of sides that pay by the contract, or by a rate that is given."""
    unearned: tuple[str, ...] = ()


def break_even(asked: BreakEvenInput, knowledge: Knowledge) -> BreakEvenAnswer:
    """Return the break-even price, both fees, funding and charges per contract included.

    Raises:
        InputRefusedError: names every field that cannot be reckoned with.
    """
    problems = [*amount_problems(asked.terms, _amounts(asked)), *leverage_problems(asked.leverage)]
    problems.extend(not_negative((("/added_margin", asked.added_margin),)))
    problems.extend(client_problems(asked.volume_30d_usd, asked.residence))
    problems.extend(_funding_problems(asked))
    contract = contract_of(
        asked.venue, asked.instrument, asked.product, asked.terms, knowledge, problems, asked.size_unit
    )
    told = _told_twice(asked, contract, problems)
    paid = _funding_terms(asked, contract, knowledge, problems)
    with localcontext(ARITHMETIC):
        fees = _fees(asked, contract, knowledge, problems)
        size = _ONE
        if asked.size is not None and asked.entry_price > 0:
            size = contract.size(asked.size, asked.size_unit, asked.entry_price, problems) or _ONE
        refuse_if_any(problems)
        assert fees is not None  # noqa: S101 - refused otherwise
        return _answer(asked, contract, knowledge, fees, paid, size, told)


def _answer(
    asked: BreakEvenInput,
    contract: Contract,
    knowledge: Knowledge,
    fees: _Fees,
    paid: FundingTerms | None,
    size: Decimal,
    told: Sequence[str],
) -> BreakEvenAnswer:
    """Return the prices at which `size` has earned back both fees and the funding `paid`."""
    funding, of_funding = (None, ()) if paid is None else _funding(asked, contract, size, paid)
    both_sides, by_contract = _per_contract(asked, contract, size, fees.beside)
    kind, in_coin = contract.contract_type, contract.product is Product.SPOT
    price = break_even_price(
        asked.side,
        asked.entry_price,
        entry_fee_rate=fees.opening,
        exit_fee_rate=fees.closing,
        contract_type=kind,
        costs_per_unit=(both_sides - (funding or _ZERO)) / size,
        fee_in_coin=in_coin,
    )
    opening = opening_break_even(asked.side, asked.entry_price, fees.opening, kind, fee_in_coin=in_coin)
    charges = fees.beside.charges if both_sides else ()
    sources = (*fees.sources, *(() if paid is None else (paid.source,)), *(charge.source for charge in charges))
    of_price = () if price is not None else (AT_EVERY_PRICE if even_at_every_price(asked.side, kind) else AT_NO_PRICE,)
    of_loan = (NO_INTEREST,) if contract.product is Product.SPOT_MARGIN else ()
    return BreakEvenAnswer(
        release=knowledge.release,
        as_of=knowledge.as_of,
        sources=tuple(dict.fromkeys(sources)),
        approximations=(
            *contract.notes,
            *told,
            *fees.told,
            *by_contract,
            *fees.beside.notes,
            *fees.unearned,
            *of_loan,
            *of_funding,
            *of_price,
        ),
        break_even_price=price,
        opening_break_even_price=opening,
        entry_fee_rate=fees.opening,
        exit_fee_rate=fees.closing,
        funding=funding if asked.size is not None else None,
        formula=FORMULA,
    )


def _fees(asked: BreakEvenInput, contract: Contract, knowledge: Knowledge, problems: list[Problem]) -> _Fees | None:
    """Return what both fills pay; null, and a problem, where one has neither a rate nor charges per contract."""
    schedule: Sequence[Fee] = ()
    if asked.venue is not None:
        schedule = knowledge.fees(asked.venue, contract.product, contract.contract_type, asked.residence or "")
    liquidities = (asked.entry_liquidity, asked.exit_liquidity)
    rows = [fee_at(schedule, asked.volume_30d_usd, one) for one in liquidities]
    rates = [_rate(contract, row, one) for row, one in zip(rows, liquidities, strict=True)]
    read = _reads_schedule(asked, contract)
    rate = rates[0] if rates[1] is None else rates[1]
    beside = beside_the_rate(asked.venue, contract, rate, asked.residence if read else None, knowledge)
    unearned = unearned_note(schedule, asked.volume_30d_usd, rows[0]) if read else None
    lacking = dict.fromkeys(one for one, rate in zip(liquidities, rates, strict=True) if rate is None)
    told: tuple[str, ...] = ()
    if lacking and (not beside.charges or asked.size is None or contract.contract_size is None):
        if beside.charges and asked.size is None:
            problems.append(("/size", ONLY_PER_CONTRACT))
        else:
            problems.extend((f"/terms/{liquidity}_fee_rate", no_rate(asked.residence)) for liquidity in lacking)
        return None
    if lacking and len(lacking) < len(set(liquidities)):
        told = tuple(CHARGED_ALONE.format(liquidity=liquidity) for liquidity in lacking)
    elif not lacking and beside.charges and _stated_any(asked, contract):
        told = (CHARGES_ADDED,)
    opening, closing = (_taxed(contract, rate, one, beside) for one, rate in zip(liquidities, rates, strict=True))
    used = [row for row, rate in zip(rows, rates, strict=True) if read and row is not None and rate is not None]
    return _Fees(
        opening=opening,
        closing=closing,
        beside=beside,
        sources=(*(row.source for row in used), *(tax.source for tax in beside.taxes)),
        told=told,
        unearned=() if unearned is None else (unearned,),
    )


def _taxed(contract: Contract, rate: Decimal | None, liquidity: Liquidity, beside: Charged) -> Decimal:
    """Return a rate with the taxes on it; one that is given is what is paid, and where there is none nothing is."""
    if rate is None or _stated(contract, liquidity) is not None:
        return rate or _ZERO
    return taxed(rate, beside.taxes) or _ZERO


def _amounts(asked: BreakEvenInput) -> tuple[tuple[str, Decimal | None], ...]:
    names = ("entry_price", "size", "mark_price", "collateral", "wallet_balance")
    return tuple((name, getattr(asked, name)) for name in names)


def _funding_problems(asked: BreakEvenInput) -> list[Problem]:
    problems: list[Problem] = []
    if (asked.funding_rate is None) is not (asked.hours is None):
        problems.append(("/hours", "funding_rate and hours belong together"))
    if asked.hours is not None and not 0 <= asked.hours <= MAX_HOLDING_HOURS:
        problems.append(("/hours", f"must be between 0 and {MAX_HOLDING_HOURS} (ten years)"))
    if asked.funding_rate is not None and not -_ONE < asked.funding_rate < _ONE:
        problems.append(("/funding_rate", "must be a fraction between -1 and 1"))
    return problems


def _rate(contract: Contract, row: Fee | None, liquidity: Liquidity) -> Decimal | None:
    stated = _stated(contract, liquidity)
    return stated if stated is not None else fee_rate(row, liquidity)


def _stated(contract: Contract, liquidity: Liquidity) -> Decimal | None:
    """Return the rate that explicit terms give."""
    terms = contract.terms
    stated = terms.maker_fee_rate if liquidity is Liquidity.MAKER else terms.taker_fee_rate
    return terms.fee_rate if stated is None else stated


def _reads_schedule(asked: BreakEvenInput, contract: Contract) -> bool:
    return any(_stated(contract, one) is None for one in (asked.entry_liquidity, asked.exit_liquidity))


def _stated_any(asked: BreakEvenInput, contract: Contract) -> bool:
    return any(_stated(contract, one) is not None for one in (asked.entry_liquidity, asked.exit_liquidity))


def _told_twice(asked: BreakEvenInput, contract: Contract, problems: list[Problem]) -> list[str]:
    """Return what is to be said of inputs that agree or are not read; note a problem for one that contradicts."""
    notes: list[str] = []
    terms = contract.terms
    liquidities = dict.fromkeys((asked.entry_liquidity, asked.exit_liquidity))
    specific = [f"{liquidity}_fee_rate" for liquidity in liquidities]
    for name in specific:
        compare((f"terms.{name}", getattr(terms, name)), ("terms.fee_rate", terms.fee_rate), problems, notes)
    rates = ("funding_rate", asked.funding_rate), ("terms.funding_rate", terms.funding_rate)
    compare(*rates, problems, notes)
    read = [*specific, "fee_rate", *(() if asked.funding_rate is None else ("funding_rate",))]
    beside: tuple[str, ...] = OF_MARGIN
    if asked.funding_rate is None:
        beside += ("mark_price",)
    if asked.size is None:
        beside += ("size_unit",)
    if not _reads_schedule(asked, contract):
        beside += ("volume_30d_usd", "residence")
    return [*notes, *unread(given_of(asked, beside) + unread_terms(terms, read))]


def _funding_terms(
    asked: BreakEvenInput, contract: Contract, knowledge: Knowledge, problems: list[Problem]
) -> FundingTerms | None:
    """Return the venue's terms by which funding is paid; null where none is asked, and (a problem noted) for none."""
    if asked.funding_rate is None or asked.hours is None:
        return None
    terms = None
    if contract.instrument is not None and contract.instrument.product is not Product.PERPETUAL:
        problems.append(("/funding_rate", NO_FUNDING.format(product=spoken(contract.instrument.product))))
        return None
    if asked.venue is not None and contract.instrument is not None:
        terms = knowledge.funding(asked.venue, contract.instrument.symbol)
    known = terms is not None and terms.interval_hours is not None
    if not known and not {at for at, _ in problems} & {"/venue", "/instrument"}:
        problems.append(("/funding_rate", NO_INTERVAL))
    return terms if known else None


def _funding(
    asked: BreakEvenInput, contract: Contract, size: Decimal, terms: FundingTerms
) -> tuple[Decimal, tuple[str, ...]]:
    """Return the funding received over the holding time, on the value at mark, else at entry; and what to say of it."""
    stated, hours, interval = asked.funding_rate or _ZERO, asked.hours or _ZERO, terms.interval_hours or _ZERO
    rate = rate_in_force(stated, terms)
    mark = asked.entry_price if asked.mark_price is None else asked.mark_price
    value = value_of(size, mark, contract.contract_type)
    clipped = (CLIPPED,) if rate != stated else ()
    in_part = (PART_INTERVAL,) if interval and hours % interval else ()
    return funding_over(asked.side, value, rate, hours, interval), (*clipped, *in_part, *unbounded(terms))


def _per_contract(
    asked: BreakEvenInput, contract: Contract, size: Decimal, beside: Charged
) -> tuple[Decimal, tuple[str, ...]]:
    """Return the charges per contract of both sides, and what is to be said where their number is not known."""
    if not beside.charges:
        return _ZERO, ()
    if contract.contract_size is None:
        return _ZERO, (NO_SIZE,)
    one_side = contract_fee(size / contract.contract_size, beside.charges)
    return _TWO * (taxed(one_side, beside.taxes) or _ZERO), ()
