"""Interest of a loan by the venue's accrual rule."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal, localcontext

from msgspec import Struct, structs

from data.facts.amounts import ARITHMETIC, plain
from data.facts.margin_models import InterestAccrual, LiabilityMargin, MarginLevel
from data.facts.venues import FeeExtra
from data.facts.vocabulary import ContractType, Product
from rules.calculators.agreement import compare, given_of, unread, unread_terms
from rules.calculators.contract import NO_TERMS, amount_problems
from rules.calculators.cost_answers import BorrowAnswer
from rules.calculators.cost_inputs import BorrowInput
from rules.calculators.refusal import Problem, refuse_if_any
from rules.calculators.resolve import find_instrument
from rules.costs.borrow import DEFAULT_BLOCK_HOURS, HOURS_PER_DAY, hourly_rate_of, interest_over
from rules.knowledge import Knowledge
from rules.margin.rounding import round_money
from rules.validation import MAX_HOLDING_HOURS

BORROW_INTEREST = "borrow_interest"
_ONE = Decimal(1)

NO_RATE = "no rate is on file: give terms.hourly_rate, daily_rate, or opening_fee_rate and rollover_fee_rate"
TOO_MUCH = "must be fewer at this rate: compounded so often it grows beyond thirty digits"
BY_BLOCKS = "the venue charges at opening and for every {block} hours begun: each time for {block} hours at this rate"
STANDS_IN = "no rate is given: the one on file stands in, {rate} per {per}"
ONE_RATE = "terms.{given} is taken for opening and for rolling over, for no other rate is given"
NO_RULE = "the venue's accrual rule is not on file; every hour begun is charged"


class _Rates(Struct, frozen=True, kw_only=True):
    hourly: Decimal | None = None
    opening: Decimal | None = None
    rollover: Decimal | None = None
    source: str | None = None
    told: str | None = None
    """What the source says of a rate on file: which loan and tier it is for, and how far it holds."""


def borrow_interest(asked: BorrowInput, knowledge: Knowledge) -> BorrowAnswer:
    """Return the interest of a loan; by hours begun when the venue's rule is not known.

    Raises:
        InputRefusedError: names every field that cannot be reckoned with.
    """
    problems = list(amount_problems(asked.terms, (("principal", asked.principal),)))
    if not 0 < asked.hours <= MAX_HOLDING_HOURS:
        problems.append(("/hours", f"must be above 0 and at most {MAX_HOLDING_HOURS} (ten years)"))
    find_instrument(asked.venue, None, asked.terms, knowledge, problems)
    model = _loan_model(asked.venue, knowledge)
    accrual = InterestAccrual.STARTED_HOURS if model is None else model.interest_accrual
    with localcontext(ARITHMETIC):
        block = (model.interest_block_hours if isinstance(model, MarginLevel) else None) or DEFAULT_BLOCK_HOURS
        told = _told_twice(asked, block, problems)
        rates = _rates(asked, accrual, knowledge)
        if rates == _Rates() and all(at != "/venue" for at, _ in problems):
            problems.append(("/terms", NO_RATE))
        refuse_if_any(problems)
        notes = [NO_RULE] if model is None and asked.venue is not None else []
        notes.extend(told)
        if rates.told is not None:
            notes.append(rates.told)
        hourly = rates.hourly
        if rates.rollover is not None or rates.opening is not None:
            accrual = InterestAccrual.OPENING_AND_ROLLOVER
        elif accrual is InterestAccrual.OPENING_AND_ROLLOVER and hourly is not None:
            rates = structs.replace(rates, opening=hourly * block, rollover=hourly * block)
            notes.append(BY_BLOCKS.format(block=block))
        if accrual is not InterestAccrual.OPENING_AND_ROLLOVER and isinstance(model, LiabilityMargin):
            notes.extend(model.interest_caveats)
        found = interest_over(
            accrual,
            asked.principal,
            asked.hours,
            hourly_rate=rates.hourly,
            opening_rate=rates.opening,
            rollover_rate=rates.rollover,
            block_hours=block,
            places=None if model is None else model.interest_places,
        )
        if found is None:
            refuse_if_any([("/hours", TOO_MUCH)])
        assert found is not None  # noqa: S101 - refused otherwise
        interest = found.interest
        if model is not None:
            interest = round_money(interest, model.interest_places, model.interest_rounding)
        sources = [one for one in (None if model is None else model.source, rates.source) if one is not None]
        return BorrowAnswer(
            release=knowledge.release,
            as_of=knowledge.as_of,
            sources=tuple(sources),
            approximations=tuple(notes),
            interest=interest,
            accruals=found.accruals,
            rule=found.rule,
            hourly_rate=hourly,
        )


def _told_twice(asked: BorrowInput, block: Decimal, problems: list[Problem]) -> tuple[str, ...]:
    """Return what is to be said of rates that agree or are not read; note a problem for each that contradicts.

    A rate for every `block` hours stands in place of an hourly one, and that of a daily one.
    """
    terms = asked.terms
    if terms is None:
        return ()
    notes: list[str] = []
    blocks = given_of(terms, ("opening_fee_rate", "rollover_fee_rate"))
    if len(blocks) == 1:
        notes.append(ONE_RATE.format(given=blocks[0]))
    slower = [("daily_rate", HOURS_PER_DAY)]
    used: list[tuple[str, Decimal]] = [(name, block) for name in blocks]
    if used:
        slower.append(("hourly_rate", _ONE))
    elif terms.hourly_rate is not None:
        used.append(("hourly_rate", _ONE))
    for name, hours in used:
        for beside, per in slower:
            by_that = getattr(terms, name) * per / hours
            compare((f"terms.{name}", by_that), (f"terms.{beside}", getattr(terms, beside)), problems, notes)
    read = ("hourly_rate", "daily_rate", "opening_fee_rate", "rollover_fee_rate")
    stated = bool(given_of(terms, read))
    return (*dict.fromkeys(notes), *unread(given_of(asked, ("asset",) if stated else ()) + unread_terms(terms, read)))


def _loan_model(venue: str | None, knowledge: Knowledge) -> MarginLevel | LiabilityMargin | None:
    if venue is None:
        return None
    model = knowledge.margin_model(venue, Product.SPOT_MARGIN, ContractType.SPOT, None)
    return model if isinstance(model, MarginLevel | LiabilityMargin) else None


def _rates(asked: BorrowInput, accrual: InterestAccrual, knowledge: Knowledge) -> _Rates:
    """Return explicit rates, else the rate on file for the asset (else for all assets)."""
    terms = asked.terms if asked.terms is not None else NO_TERMS
    if terms.opening_fee_rate is not None or terms.rollover_fee_rate is not None:
        return _Rates(opening=terms.opening_fee_rate, rollover=terms.rollover_fee_rate)
    if terms.hourly_rate is not None:
        return _Rates(hourly=terms.hourly_rate)
    if terms.daily_rate is not None:
        return _Rates(hourly=hourly_rate_of(terms.daily_rate))
    if asked.venue is None:
        return _Rates()
    extra = _on_file(asked.asset, knowledge.fee_extras(asked.venue, Product.SPOT_MARGIN))
    if extra is None or extra.rate is None:
        return _Rates()
    told = STANDS_IN.format(rate=plain(extra.rate), per=extra.per) + ("" if extra.note is None else f": {extra.note}")
    if extra.per.startswith("hour"):
        return _Rates(hourly=extra.rate, source=extra.source, told=told)
    if extra.per.startswith("day"):
        return _Rates(hourly=hourly_rate_of(extra.rate), source=extra.source, told=told)
    rolls = accrual is InterestAccrual.OPENING_AND_ROLLOVER and extra.per.startswith("4 hours")
    return _Rates(opening=extra.rate, rollover=extra.rate, source=extra.source, told=told) if rolls else _Rates()


def _on_file(asset: str | None, extras: Sequence[FeeExtra]) -> FeeExtra | None:
    general = None
    for extra in extras:
        if extra.kind != BORROW_INTEREST:
            continue
        if extra.asset is None:
            general = general or extra
        elif asset is not None and asset in extra.asset.split(", "):
            return extra
    return general
