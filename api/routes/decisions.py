"""Clear one trade: `POST /v1/decisions`."""

from __future__ import annotations

from typing import Any

from litestar import Request, post

from api.caching import Once, Sendable
from api.contracts import Decision, DecisionRequest
from api.deciding import entry_of
from api.openapi.examples import DECISION_REQUESTS
from api.openapi.promises import Parameter, promise
from api.problems import CONFLICT, INVALID, NOT_FOUND, UNAVAILABLE, FieldError, ProblemError, invalid
from api.queries import Query
from api.services import services_of
from api.settling import read_question
from api.transport.bodies import read_json_body
from data.journal.entry import Recorded

MAX_IDEMPOTENCY_KEY = 200


@post(
    "/v1/decisions",
    status_code=200,
    operation_id="decide",
    summary="Clear a proposed trade",
    tags=["decisions"],
    opt=promise(
        body=DecisionRequest,
        answer=Decision,
        answer_description="The decision, whatever its verdict.",
        examples=DECISION_REQUESTS,
        scope="decide",
        headers={
            "Preclear-Release": "Id of the release whose facts were read.",
            "Idempotency-Replayed": "`true` when the answer was recorded earlier under the same Idempotency-Key.",
        },
        parameters=(
            Parameter(
                name="record",
                description="`false` computes without recording.",
                schema={"type": "boolean", "default": True},
                example=False,
            ),
            Parameter(
                name="Idempotency-Key",
                where="header",
                description="Same key and body: the recorded answer, masked where the journal masks client fields. "
                "Same key, other body: 409. Each API key has its own; keys that were rotated share theirs. Not with "
                "`record=false`.",
                schema={"type": "string", "minLength": 1, "maxLength": MAX_IDEMPOTENCY_KEY},
            ),
        ),
        problems=(INVALID, NOT_FOUND, CONFLICT, UNAVAILABLE),
    ),
)
async def post_decision(request: Request[Any, Any, Any]) -> Sendable:
    """Say whether this client may place this trade on this venue today, what it would cost, where it would be
    liquidated, which rule says so, and what would pass. The decision is recorded before it is answered.
    """
    services = services_of(request)
    query = Query(request)
    record = query.flag("record", default=True)
    query.check()
    key = idempotency_key(request)
    if key is not None and not record:
        detail = "stands for a stored answer, and record=false stores none: leave out one of the two"
        raise invalid([FieldError(pointer="header:Idempotency-Key", detail=detail)])
    body = await read_json_body(request, services.settings.max_body)
    asked = await read_question(services, body, DecisionRequest, services.decider.meaning)
    key_id = services.key_id(request)
    try:
        pinned = await services.pin(asked)
    except ProblemError:
        # What it names may have gone since it was recorded; what was answered under its key has not.
        recalled = None if key is None else await services.recall(asked, key_id=key_id, idempotency_key=key)
        if recalled is None:
            raise
        return _recorded(recalled)
    decided = await services.decide(pinned, size=len(body))
    if not record:
        return Once(decided.answer, "application/json", {"Preclear-Release": pinned.release.id})
    entry = entry_of(decided, key_id=key_id, idempotency_key=key)
    return _recorded(await services.record(entry, pinned.policy))


def _recorded(receipt: Recorded) -> Once:
    headers = {"Preclear-Release": receipt.release}
    if receipt.replayed:
        headers["Idempotency-Replayed"] = "true"
    return Once(receipt.answer, "application/json", headers)


def idempotency_key(request: Request[Any, Any, Any]) -> str | None:
    """Return the request's Idempotency-Key.

    Raises:
        ProblemError: 422 when it is given twice, empty, too long or not printable ASCII.
    """
    given = request.headers.getall("idempotency-key", [])
    if len(given) > 1:
        raise invalid([FieldError(pointer="header:Idempotency-Key", detail="may be given once only")])
    key = given[0] if given else None
    if key is not None and not (0 < len(key) <= MAX_IDEMPOTENCY_KEY and key.isascii() and key.isprintable()):
        detail = f"must be 1 to {MAX_IDEMPOTENCY_KEY} printable ASCII characters"
        raise invalid([FieldError(pointer="header:Idempotency-Key", detail=detail)])
    return key
