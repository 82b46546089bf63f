"""Try a candidate release or policy on what was decided: `POST /v1/impact`."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

import structlog
from litestar import Request, post

from api.caching import Once, Sendable, StreamedAnswer
from api.encoding import encode
from api.openapi.promises import promise
from api.problems import (
    INTERNAL,
    INVALID,
    NOT_ACCEPTABLE,
    NOT_FOUND,
    UNAVAILABLE,
    FieldError,
    Problem,
    ProblemError,
    invalid,
)
from api.queries import NO_PLACE
from api.replays.impact import Impact, ImpactRequest, Progress
from api.replays.impact_run import ImpactFailedError, run
from api.replays.impact_worker import Job
from api.replays.recorded import (
    ENDS_BEFORE,
    MAX_VALUES,
    ends_before_it_begins,
    journal_moment,
    refuse_unknown_names,
)
from api.representations.negotiation import JSON, NDJSON, accepted_format
from api.services import Services, services_of
from api.settling import read_question, settle
from api.transport.bodies import read_json_body
from api.transport.leaving import while_waited_for
from data.facts.iso_3166 import is_place
from data.journal.entry import Filters
from rules.policies.policy import canonical

_log = structlog.get_logger("preclear.impact")


@post(
    "/v1/impact",
    status_code=200,
    operation_id="getImpact",
    summary="What a candidate release or policy would change",
    tags=["journal"],
    opt=promise(
        body=ImpactRequest,
        answer=Impact,
        answer_types=(JSON.media_type, NDJSON.media_type),
        lines=(Progress, Impact, Problem),
        answer_description="Which verdicts would change. As NDJSON: lines of progress first, then the same.",
        examples={
            "the latest facts": {"release": "latest"},
            "a stricter policy, for what was asked of one venue": {
                "policy": "conservative",
                "filter": {"venue": ["binance"]},
            },
        },
        scope="audit",
        problems=(INVALID, NOT_FOUND, NOT_ACCEPTABLE, UNAVAILABLE),
    ),
)
async def post_impact(request: Request[Any, Any, Any]) -> Sendable:
    """Decide recorded requests again under a candidate release, policy or both, and count the verdicts that would
    change: by verdict, rule and venue, with examples. Ask for `application/x-ndjson` to see how far it has come.
    """
    services = services_of(request)
    body = await read_json_body(request, services.settings.max_body)
    asked = await read_question(services, body, ImpactRequest, lambda part: _filters(part)[1])
    chosen = accepted_format(request.headers.get("accept"), (JSON, NDJSON))
    job = await _job(services, asked)
    total = await services.journal.count(job.filters, upto=job.upto)
    if total == 0:
        raise invalid(
            [FieldError(pointer="/filter", detail="no recorded decision matches, so there is nothing to try")]
        )
    steps = _steps(services, job, total, services.key_id(request))
    if chosen is NDJSON:
        return StreamedAnswer(_lines(steps), NDJSON.media_type, {}, places=services.impact_runs)
    async with services.impact_runs.one():
        result = await while_waited_for(request.receive, _last(steps))
    return Once(encode(result), JSON.media_type, {})


async def _job(services: Services, asked: ImpactRequest) -> Job:
    """Return the job that a request asks for.

    Raises:
        ProblemError: 422 naming what is wrong, 404 for an unknown release.
    """
    filters, errors = _filters(asked)

    def refuse(name: str, detail: str) -> None:
        errors.append(FieldError(pointer=f"/filter/{name}", detail=detail))

    await refuse_unknown_names(services, filters, refuse)
    settled = await settle(services, asked)
    settled.refuse(errors)
    policy, release = settled.policy, settled.release
    return Job(
        journal=services.settings.journal,
        releases=str(services.settings.releases),
        release=None if release is None else release.id,
        policy=None if policy is None else canonical(policy.policy).decode(),
        filters=services.journal.stored(filters),
        upto=(await services.journal.head()).seq,
        part=0,
        parts=1,
    )


def _filters(asked: ImpactRequest) -> tuple[Filters, list[FieldError]]:
    """Return which decisions are looked at, and what is wrong with how that is said."""
    errors = [
        FieldError(pointer=f"/filter/{name}", detail=f"at most {MAX_VALUES} values")
        for name in asked.filter.__struct_fields__
        if len(getattr(asked.filter, name)) > MAX_VALUES
    ]
    errors.extend(
        FieldError(pointer=f"/filter/residence/{index}", detail=NO_PLACE)
        for index, place in enumerate(asked.filter.residence)
        if not is_place(place)
    )
    since, until = _moment("since", asked.since, errors), _moment("until", asked.until, errors)
    if ends_before_it_begins(since, until):
        errors.append(FieldError(pointer="/until", detail=ENDS_BEFORE))
    filters = Filters(
        verdict=tuple(verdict.value for verdict in asked.filter.verdict),
        venue=asked.filter.venue,
        rule=asked.filter.rule,
        residence=asked.filter.residence,
        key_id=asked.filter.key,
        since=since,
        until=until,
    )
    return filters, errors


def _moment(name: str, text: str | None, errors: list[FieldError]) -> str | None:
    if text is None:
        return None
    try:
        return journal_moment(text)
    except ValueError as error:
        errors.append(FieldError(pointer=f"/{name}", detail=str(error)))
        return None


async def _steps(services: Services, job: Job, total: int, key_id: str) -> AsyncGenerator[Progress | Impact, None]:
    async with aclosing(run(job, total)) as steps:
        try:
            async for step in steps:
                await services.gatekeeper.check_still_valid(key_id)
                yield step
        except ImpactFailedError as error:
            _log.error("impact_failed", why=str(error))
            raise ProblemError(INTERNAL, "The run ended early; nothing is known of the rest.") from error


async def _last(steps: AsyncGenerator[Progress | Impact, None]) -> Progress | Impact | None:
    last: Progress | Impact | None = None
    async with aclosing(steps):
        async for step in steps:
            last = step
    return last


async def _lines(steps: AsyncGenerator[Progress | Impact, None]) -> AsyncGenerator[bytes, None]:
    try:
        async for step in steps:
            yield encode(step) + b"\n"
    except ProblemError as error:
        problem: Problem = error.document()
        yield encode(problem) + b"\n"
    finally:
        await steps.aclose()
