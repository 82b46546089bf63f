"""The class of a client, derived from stated facts under the law of its residence."""

from __future__ import annotations

from typing import Any

from litestar import Request, post

from api.aside import aside
from api.caching import Once, Sendable
from api.decoding import decode_body
from api.encoding import encode
from api.openapi.promises import promise
from api.problems import INVALID, NOT_FOUND, UNAVAILABLE, FieldError, invalid
from api.queries import NO_PLACE, today
from api.reading import NoReleaseError, open_release
from api.services import services_of
from api.transport.bodies import read_json_body
from data.facts.iso_3166 import is_place
from rules.law.client_classes import MAX_WORD, NEVER_NEGATIVE, ClientClassAnswer, ClientFacts, client_class_of

_EXAMPLES: dict[str, dict[str, Any]] = {
    "a wealthy individual in the United States": {
        "residence": "US-NY",
        "currency": "USD",
        "natural_person": True,
        "discretionary_investments": "12000000",
        "hedging": False,
    },
    "a company in France": {
        "residence": "FR",
        "currency": "EUR",
        "natural_person": False,
        "balance_sheet": "25000000",
        "net_turnover": "41000000",
        "own_funds": "1000000",
    },
}


@post(
    "/v1/calculators/client-class",
    status_code=200,
    operation_id="calculateClientClass",
    summary="The class of a client, from stated facts",
    description="Applies the tests that the law of the residence sets (eligible contract participant, professional, "
    "permitted or accredited client), test by test with the reasoning. What is not stated is not known: a test that "
    "could raise the class and lacks a fact leaves the class open, with the question to answer.",
    tags=["eligibility"],
    opt=promise(
        body=ClientFacts,
        answer=ClientClassAnswer,
        examples=_EXAMPLES,
        headers={"Preclear-Release": "Id of the release whose facts were read."},
        problems=(INVALID, NOT_FOUND, UNAVAILABLE),
    ),
)
async def post_client_class(request: Request[Any, Any, Any]) -> Sendable:
    """Answer with the class that stated facts make out."""
    services = services_of(request)
    body = await read_json_body(request, services.settings.max_body)
    facts: ClientFacts = await aside(len(body), lambda: decode_body(body, ClientFacts, _errors_of))
    errors = _errors_of(facts)
    try:
        release = await open_release(services.releases, facts.release)
    except NoReleaseError as error:
        if not errors:
            raise
        errors.append(error.field)
    if errors:
        raise invalid(errors)
    answer = client_class_of(facts, release.facts.on(facts.as_of or today()))
    return Once(encode(answer), "application/json", {"Preclear-Release": release.id})


def _errors_of(facts: ClientFacts) -> list[FieldError]:
    """Return what is wrong with well-formed facts."""
    errors = []
    if not is_place(facts.residence):
        errors.append(FieldError(pointer="/residence", detail=NO_PLACE))
    if len(facts.currency) != len("USD") or not facts.currency.isascii() or not facts.currency.isupper():
        errors.append(FieldError(pointer="/currency", detail="must be an ISO 4217 code, such as USD"))
    errors.extend(
        FieldError(pointer=f"/{name}", detail="must not be negative")
        for name in NEVER_NEGATIVE
        if (getattr(facts, name) or 0) < 0
    )
    errors.extend(
        FieldError(pointer=f"/{name}", detail=f"must have at most {MAX_WORD} characters")
        for name in ("entity_type", "regulated_status")
        if len(getattr(facts, name) or "") > MAX_WORD
    )
    return errors
