"""Funding of a perpetual over a holding period."""

from __future__ import annotations

from decimal import Decimal, localcontext

from data.facts.amounts import ARITHMETIC, plain
from data.facts.venues import FundingTerms
from data.facts.vocabulary import Product
from rules.calculators.agreement import (
    AGREES,
    DIFFERS,
    agree,
    compare,
    given_of,
    half_unit,
    shown,
    slack_of_money,
    unread,
    unread_terms,
)
from rules.calculators.contract import Contract, amount_problems, contract_of
from rules.calculators.cost_answers import FundingAnswer
from rules.calculators.cost_inputs import FundingInput
from rules.calculators.funding_rate import NO_INTEREST_RATE, rate_of, rate_problems, unbounded, without_interest
from rules.calculators.refusal import Problem, refuse_if_any
from rules.costs.funding import annualised, funding_payment, intervals_counted
from rules.knowledge import Knowledge
from rules.margin.position import value_of
from rules.margin.rounding import round_money
from rules.spoken import spoken
from rules.validation import MAX_HOLDING_HOURS

_ONE = Decimal(1)
_OF_A_VALUE = Decimal("0.01")
SECONDS_PER_HOUR = Decimal(3600)

FORMULA = "funding = -s * position value * rate * intervals, s +1 long, -1 short; {rate}, within floor and cap"
PART_INTERVAL = (
    "a part interval counts whole where it is paid, and not at all where it is received: whether a funding stamp falls "
    "into it depends on the hour of opening"
)
CLIPPED = "the rate given lies beyond the venue's cap or floor and is clipped to it"
OWN_INTERVAL = "intervals are counted as given, of {given} hours: the venue settles every {own}"
PREMIUM_CLIPPED = "the rate of the premium given lies beyond the venue's cap or floor and is clipped to it"
NO_FUNDING = "no funding rate is paid on {product}, on perpetuals alone"
NO_INTERVAL = "must be given: the venue's funding interval is not on file"


def funding(asked: FundingInput, knowledge: Knowledge) -> FundingAnswer:
    """Return the funding of a holding period at an unchanged rate: positive is received by the holder.

    Cap and floor bind only for a named instrument, whose they are.

    Raises:
        InputRefusedError: names every field that cannot be reckoned with.
    """
    problems = list(_problems(asked))
    contract = contract_of(asked.venue, asked.instrument, None, asked.terms, knowledge, problems, asked.size_unit)
    terms = None
    if asked.venue is not None and contract.instrument is not None:
        terms = knowledge.funding(asked.venue, contract.instrument.symbol)
    interval = asked.interval_hours
    if interval is None and terms is not None:
        interval = terms.interval_hours
    if contract.instrument is not None and contract.instrument.product is not Product.PERPETUAL:
        problems.append(("/instrument", NO_FUNDING.format(product=spoken(contract.instrument.product))))
    elif (asked.hours is not None or asked.seconds is not None) and interval is None:
        problems.append(("/interval_hours", NO_INTERVAL))
    told: list[str] = []
    with localcontext(ARITHMETIC):
        value = _value(asked, contract, problems, told)
        rates = ("funding_rate", asked.funding_rate), ("terms.funding_rate", contract.terms.funding_rate)
        compare(*rates, problems, told)
        refuse_if_any(problems)
        assert value is not None  # noqa: S101 - otherwise there was a problem
        return _answer(asked, knowledge, contract, terms, interval, value, told)


def _problems(asked: FundingInput) -> list[Problem]:
    amounts = (
        ("size", asked.size),
        ("mark_price", asked.mark_price),
        ("position_value", asked.position_value),
        ("seconds", asked.seconds),
    )
    problems = [*amount_problems(asked.terms, amounts), *rate_problems(asked)]
    if asked.interval_hours is not None and asked.interval_hours < 0:
        problems.append(("/interval_hours", "must not be negative; 0 is continuous accrual"))
    if asked.seconds is not None and asked.hours is not None:
        problems.append(("/seconds", "stands in place of hours; leave one of them out"))
    if asked.seconds is not None and asked.seconds > MAX_HOLDING_HOURS * SECONDS_PER_HOUR:
        problems.append(("/seconds", f"must be at most {MAX_HOLDING_HOURS * SECONDS_PER_HOUR} (ten years)"))
    if asked.hours is not None and not 0 <= asked.hours <= MAX_HOLDING_HOURS:
        problems.append(("/hours", f"must be between 0 and {MAX_HOLDING_HOURS} (ten years)"))
    if asked.position_value is None and (asked.size is None or asked.mark_price is None):
        problems.append(("/position_value", "must be given, or size and mark_price in its place"))
    return problems


def _value(asked: FundingInput, contract: Contract, problems: list[Problem], told: list[str]) -> Decimal | None:
    """Return the position's value: as given, else of its size at mark; where both tell it they must agree."""
    given, size, mark = asked.position_value, asked.size, asked.mark_price
    if size is None or mark is None:
        told.extend(unread(given_of(asked, ("size", "size_unit"))))
        return given
    if mark <= 0 or size <= 0 or (given is not None and given <= 0):
        return given
    # A value stands by itself: a size that cannot be counted beside it is told of, and no reason to refuse it.
    found = contract.size(size, asked.size_unit, mark, problems if given is None else [])
    value = None if found is None else value_of(found, mark, contract.contract_type)
    if given is None or value is None:
        if given is not None:
            told.extend(unread(given_of(asked, ("size", "size_unit"))))
        return value if given is None else given
    slack = slack_of_money(given) + value * (half_unit(mark) / mark + half_unit(size) / size)
    if agree(value, given, min(slack, value * _OF_A_VALUE)):
        told.append(AGREES.format(used="position_value", other="size at mark_price"))
    else:
        problems.append(("/position_value", DIFFERS.format(used="size at mark_price", amount=shown(value))))
    return given


def _answer(
    asked: FundingInput,
    knowledge: Knowledge,
    contract: Contract,
    terms: FundingTerms | None,
    interval: Decimal | None,
    value: Decimal,
    told: list[str],
) -> FundingAnswer:
    model = contract.model(asked.venue, knowledge)
    read = [] if asked.funding_rate is None else ["funding_rate"]
    if model is not None and model.funding_cap_multiplier is not None:
        read.extend(("initial_margin_rate", "maintenance_margin_rate"))
    told = [*told, *unread(unread_terms(contract.terms, read))]
    found = rate_of(asked, contract, model, terms, interval)
    # A value alone is paid upon alike, whatever the kind of contract.
    kind_matters = asked.venue is not None or asked.mark_price is not None
    clipped = CLIPPED if asked.premium is None else PREMIUM_CLIPPED
    notes = [*(contract.notes if kind_matters else ()), *told, *((clipped,) if found.clipped else ())]
    payment = funding_payment(asked.side, value, found.rate)
    if model is not None:
        payment = round_money(payment, model.funding_places, model.funding_rounding)
    intervals = _ONE
    hours = asked.hours if asked.seconds is None else asked.seconds / SECONDS_PER_HOUR
    if hours is not None and interval is not None:
        intervals = intervals_counted(payment, hours, interval)
        if interval > 0 and hours % interval:
            notes.append(PART_INTERVAL)
        own = None if terms is None else terms.interval_hours
        if own is not None and interval is not None and own != interval:
            notes.append(OWN_INTERVAL.format(given=plain(interval), own=plain(own)))
    if without_interest(asked, terms):
        notes.append(NO_INTEREST_RATE)
    if asked.venue is not None and asked.cap is None and found.cap_8h is None:
        notes.extend(unbounded(terms))
    per_unit = None
    if asked.mark_price is not None:
        per_unit = value_of(_ONE, asked.mark_price, contract.contract_type) * found.rate * intervals
    sources = [terms.source] if terms is not None else []
    if model is not None and found.cap_8h is not None:
        sources.append(model.source)
    return FundingAnswer(
        release=knowledge.release,
        as_of=knowledge.as_of,
        sources=tuple(sources),
        approximations=tuple(notes),
        funding=payment * intervals,
        intervals=intervals,
        funding_rate=found.rate,
        position_value=value,
        interval_hours=interval,
        rate_annualised=None if interval is None else annualised(found.rate, interval),
        cap=found.cap,
        floor=found.floor,
        cap_8h=found.cap_8h,
        funding_per_unit=per_unit,
        formula=FORMULA.format(rate=found.words),
    )
