"""The calculators: `POST /v1/calculators/…`. No client, nothing recorded."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from datetime import date
from typing import Any, Protocol, TypeVar

from litestar import Request, post
from litestar.handlers import HTTPRouteHandler
from msgspec import Struct, structs

from api.aside import aside
from api.caching import Once, Sendable
from api.decoding import decode_body
from api.encoding import encode
from api.openapi.examples_calculators import CALCULATOR_REQUESTS
from api.openapi.promises import promise
from api.problems import INVALID, NOT_FOUND, UNAVAILABLE, FieldError, invalid
from api.queries import FUTURE, today
from api.reading import NoReleaseError, open_release
from api.services import services_of
from api.transport.bodies import read_json_body
from data.snapshot import Snapshot
from rules.calculators.account import account
from rules.calculators.account_answers import AccountStandingAnswer
from rules.calculators.account_inputs import AccountInput
from rules.calculators.adl import adl_score_of
from rules.calculators.borrow import borrow_interest
from rules.calculators.break_even import break_even
from rules.calculators.cost_answers import BorrowAnswer, BreakEvenAnswer, FeesAnswer, FundingAnswer
from rules.calculators.cost_inputs import BorrowInput, BreakEvenInput, FeesInput, FundingInput
from rules.calculators.extrapolated import doubtful_terms, extrapolated_terms
from rules.calculators.fees import fees
from rules.calculators.funding import funding
from rules.calculators.inputs import AdlInput, PositionInput
from rules.calculators.order_book import order_book
from rules.calculators.order_book_answers import OrderBookAnswer
from rules.calculators.order_book_inputs import OrderBookInput
from rules.calculators.position import liquidation_price, margin, position
from rules.calculators.position_answers import (
    AccountAnswer,
    AdlAnswer,
    LiquidationAnswer,
    MarginAnswer,
    PositionAnswer,
)
from rules.calculators.refusal import InputRefusedError
from rules.calculators.resolve import is_on_file, no_such_venue
from rules.calculators.sizing import position_size
from rules.calculators.sizing_answers import SizingAnswer
from rules.calculators.sizing_inputs import SizingInput
from rules.knowledge import Knowledge


class Clocked(Protocol):
    """Input that names the two clocks its facts are read by."""

    @property
    def as_of(self) -> date | None:
        """The day asked about; today in UTC when null."""

    @property
    def release(self) -> str:
        """Id of the release, or `latest`."""


I = TypeVar("I", bound=Clocked)  # noqa: E741 - the input


def _calculator(
    name: str, summary: str, takes: type[I], answers: Any, compute: Callable[[I, Knowledge], object]
) -> HTTPRouteHandler:
    """Return the route of one calculator: read the input, open the facts, compute, answer."""

    @post(
        f"/v1/calculators/{name}",
        status_code=200,
        operation_id="calculate" + name.title().replace("-", ""),
        summary=summary,
        description=(inspect.getdoc(compute) or "").partition("\n\nRaises:")[0] or None,
        tags=["calculators"],
        name=f"calculator-{name}",
        opt=promise(
            body=takes,
            answer=answers,
            examples=CALCULATOR_REQUESTS[name],
            headers={"Preclear-Release": "Id of the release whose facts were read."},
            problems=(INVALID, NOT_FOUND, UNAVAILABLE),
        ),
    )
    async def handler(request: Request[Any, Any, Any]) -> Sendable:
        services = services_of(request)

        def meaning(one: I) -> list[FieldError]:
            return _refused(one, compute, services.releases.current().facts.on(one.as_of or today()))

        body = await read_json_body(request, services.settings.max_body)
        asked: I = await aside(len(body), lambda: decode_body(body, takes, meaning))
        try:
            release = await open_release(services.releases, asked.release)
        except NoReleaseError as error:
            errors = meaning(asked)
            if not errors:
                raise
            raise invalid([*errors, error.field]) from None
        knowledge = release.facts.on(asked.as_of or today())
        try:
            answer = await aside(len(body), lambda: compute(asked, knowledge))
        except InputRefusedError as error:
            raise invalid([FieldError(pointer=at, detail=detail) for at, detail in error.problems]) from None
        answer = _saying_what_is_doubtful(answer, asked, knowledge)
        return Once(encode(answer), "application/json", {"Preclear-Release": release.id})

    return handler


EXTRAPOLATED = "terms of {sources} are certain from a later day than {day} only and are extrapolated to it"
DOUBTFUL = "terms of {sources} are of low confidence: what is charged may differ"


def _saying_what_is_doubtful(answer: object, asked: Clocked, knowledge: Snapshot) -> object:
    """Return an answer that says that its day lies ahead, and names the sources of its listings and terms of cost that
    are extrapolated to the day, or of low confidence.
    """
    venue = getattr(asked, "venue", None)
    said: tuple[str, ...] | None = getattr(answer, "approximations", None)
    if said is None or not isinstance(answer, Struct):
        return answer
    told = []
    sources: tuple[str, ...] = getattr(answer, "sources", ())
    if knowledge.as_of > today() and sources:
        told.append(FUTURE)
    if venue is not None:
        if isinstance(asked, PositionInput):
            extrapolated = extrapolated_terms(asked, venue, knowledge)
            doubtful = doubtful_terms(asked, venue, knowledge)
        else:
            extrapolated, doubtful = knowledge.extrapolated_sources(venue), knowledge.doubtful_sources(venue)
        if named := extrapolated.intersection(sources):
            told.append(EXTRAPOLATED.format(sources=", ".join(sorted(named)), day=knowledge.as_of))
        if named := doubtful.intersection(sources):
            told.append(DOUBTFUL.format(sources=", ".join(sorted(named))))
    return structs.replace(answer, approximations=(*said, *told)) if told else answer


def _refused(asked: I, compute: Callable[[I, Knowledge], object], knowledge: Knowledge) -> list[FieldError]:
    """Return what is wrong with the parts that are there of input whose other parts are badly formed.

    That something is missing is not told: it may be among the badly formed. A venue is looked up here too, for nothing
    else may be left to look further at; with terms of the request one of which nothing is on file will do.
    """
    found: list[FieldError] = []
    try:
        compute(asked, knowledge)
    except InputRefusedError as error:
        found = [
            FieldError(pointer=at, detail=detail)
            for at, detail in error.problems
            if getattr(asked, at.lstrip("/").partition("/")[0], None) is not None
        ]
    venue = getattr(asked, "venue", None)
    if venue is None or is_on_file(venue, knowledge) or _states_terms(asked):
        return found
    if all(one.pointer != "/venue" for one in found):
        found.append(FieldError(pointer="/venue", detail=no_such_venue(venue, takes_terms=hasattr(asked, "terms"))))
    return found


def _states_terms(asked: object) -> bool:
    """Say whether every position of a request comes with terms of its own."""
    legs = (*(getattr(asked, "positions", None) or (asked,)), *getattr(asked, "other_positions", ()))
    return all(getattr(leg, "terms", None) is not None for leg in legs)


def calculator_routes() -> list[HTTPRouteHandler]:
    """Return the route of every calculator."""
    return [
        _calculator(
            "position",
            "Everything about one position, or about a cross account",
            PositionInput,
            (PositionAnswer, AccountAnswer),
            position,
        ),
        _calculator(
            "account",
            "Margin rates, ratio and what is free of an account, from its totals",
            AccountInput,
            AccountStandingAnswer,
            account,
        ),
        _calculator("margin", "Initial and maintenance margin of a position", PositionInput, MarginAnswer, margin),
        _calculator(
            "liquidation-price",
            "Liquidation, bankruptcy and margin-call price of a position",
            PositionInput,
            LiquidationAnswer,
            liquidation_price,
        ),
        _calculator(
            "position-size",
            "The size that a stop and a share of equity allow",
            SizingInput,
            SizingAnswer,
            position_size,
        ),
        _calculator("fees", "The fee of one fill", FeesInput, FeesAnswer, fees),
        _calculator("funding", "Funding over a holding period", FundingInput, FundingAnswer, funding),
        _calculator("borrow-interest", "Interest of a loan", BorrowInput, BorrowAnswer, borrow_interest),
        _calculator(
            "break-even", "The price that earns back what a position costs", BreakEvenInput, BreakEvenAnswer, break_even
        ),
        _calculator("adl-score", "Place in the deleveraging queue", AdlInput, AdlAnswer, adl_score_of),
        _calculator(
            "order-book", "What a book says about filling an order", OrderBookInput, OrderBookAnswer, order_book
        ),
    ]
