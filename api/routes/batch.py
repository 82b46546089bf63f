"""Clear many trades: `POST /v1/decisions/batch`, streaming in and out, one line per trade, in order."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from typing import Any

from litestar import Request, post

from api.aside import aside
from api.batches.group import Answered, Asked, LineProblem, Missing, Named, decide_group, problem_line
from api.batches.reading import Line, array_items, array_lines, ndjson_lines
from api.caching import Sendable
from api.contracts import Decision, DecisionRequest
from api.deciding import NamedPolicy
from api.encoding import encode
from api.openapi.examples import DECISION_REQUESTS
from api.openapi.promises import NDJSON, Parameter, promise
from api.policies import built_in, decode_policy
from api.problems import INVALID, FieldError, ProblemError, invalid
from api.queries import Query
from api.services import Services, services_of, unavailable
from api.transport.bodies import JSON, declared_type, read_json_body
from api.transport.streaming import TwoWayStream
from data.journal.errors import JournalUnavailableError

GROUPS_AHEAD = 3
"""Groups that may wait for the journal, or for the client to read, while the next one is decided. More of them where
processes decide: each is to have its next one at hand."""
LONG = 512
"""From so many lines on a batch is worth processes of its own."""
MAX_NAMES = 64
"""So many names of policies are looked up beforehand for the next group."""
_TWO = list(DECISION_REQUESTS.values())[:2]


@post(
    "/v1/decisions/batch",
    status_code=200,
    operation_id="decideBatch",
    summary="Clear many trades in one stream",
    tags=["decisions"],
    opt=promise(
        body=list[DecisionRequest],
        body_types=(JSON, NDJSON),
        examples={"two trades, as an array": _TWO},
        line_examples={"two trades, one a line": "".join(encode(trade).decode() + "\n" for trade in _TWO)},
        lines=(Decision, LineProblem),
        answer_types=(NDJSON,),
        headers={"Preclear-Release": "Id of the release that stands for `latest` in every trade of the batch."},
        answer_description="One decision or problem per line, in the order of the trades.",
        scope="decide",
        parameters=(
            Parameter(
                name="record",
                description="`false` computes without recording.",
                schema={"type": "boolean", "default": True},
                example=False,
            ),
        ),
        problems=(INVALID,),
    ),
)
async def post_batch(request: Request[Any, Any, Any]) -> Sendable:
    """Decide trades as they arrive: send one per line (`application/x-ndjson`, of any length) or a JSON array, which is
    read whole before the first answer, and read one line per trade. A trade that cannot be read or decided yields a
    problem document with its line number and never stops the rest; a good answer has no number, the n-th line answers
    the n-th trade. Blank lines are counted and not answered. Every trade without `release` is decided under the
    release that was the latest at the start.

    Read the answers while you send: they are many times as long as the trades, and a client that takes none of them
    for 30 seconds is cut off. One that sends its body whole should send at most 5,000 lines a call. The answer is
    whole only if it ends as HTTP says. Where the key has a rate limit each trade counts as a request: when it is used
    up the answer pauses until it allows the next. An `Idempotency-Key` is refused: it stands for one answer.
    """
    services = services_of(request)
    query = Query(request)
    record = query.flag("record", default=True)
    query.check()
    if "idempotency-key" in request.headers:
        detail = "stands for one answer, and a batch gives many: send a trade that is to have one to /v1/decisions"
        raise invalid([FieldError(pointer="header:Idempotency-Key", detail=detail)])
    if declared_type(request, NDJSON, JSON) == NDJSON:
        lines = ndjson_lines(request.stream(), services.settings.max_line)
    else:
        body = await read_json_body(request, services.settings.max_batch_array)
        lines = array_lines(array_items(body))
    release = services.releases.current().id
    batch = Batch(services, release=release, key_id=services.key_id(request), record=record)
    return TwoWayStream(batch.answers(lines), NDJSON, {"Preclear-Release": release, "Cache-Control": "no-store"})


class Batch:
    """One stream of trades under way."""

    def __init__(self, services: Services, *, release: str, key_id: str, record: bool) -> None:
        self._services = services
        self._release = release
        self._key_id = key_id
        self._record = record
        self._lines = 0
        self._limit = services.gatekeeper.limit_of(key_id)
        self._allowed = 1
        """Lines that the key's limit allows already: the request itself counts as one."""
        self._names: frozenset[str] = frozenset()
        """Policies that lines have named lately and that are not built in."""

    async def answers(self, groups: AsyncGenerator[list[Line], None]) -> AsyncGenerator[bytes, None]:
        """Yield the answers in order, a group at a time, while the next groups are read, decided and recorded."""
        ahead = GROUPS_AHEAD + 2 * self._services.batch_processes.count
        under_way: asyncio.Queue[asyncio.Task[bytes] | None] = asyncio.Queue(ahead)

        async def read() -> None:
            last = 0
            try:
                async for group in groups:
                    async for part in self._within_limit(group):
                        await self._services.gatekeeper.check_still_valid(self._key_id)
                        last = part[-1].number
                        await under_way.put(asyncio.create_task(self._answer(part)))
            except ProblemError as error:
                await under_way.put(asyncio.create_task(_told(last + 1, error)))
            await under_way.put(None)

        reading = asyncio.create_task(read())
        try:
            while (task := await _next_of(under_way, reading)) is not None:
                yield await task
        finally:
            reading.cancel()
            while not under_way.empty():
                if (task := under_way.get_nowait()) is not None:
                    task.cancel()

    async def _within_limit(self, group: Sequence[Line]) -> AsyncGenerator[Sequence[Line], None]:
        """Yield the lines of a group as the key's limit allows: all together where it has none."""
        while group and self._limit:
            number, self._allowed = self._allowed, 0
            if number == 0:
                number = await self._services.gatekeeper.allowance(self._key_id, self._limit, len(group))
            now, group = group[:number], group[number:]
            yield now
        if group:
            yield group

    async def _answer(self, group: Sequence[Line]) -> bytes:
        """Return the answers to a group of lines: decided, then recorded, all of them together."""
        self._lines += len(group)
        if self._lines >= LONG:
            self._services.batch_processes.start()
        asked = Asked(
            lines=group,
            release=self._release,
            max_line=self._services.settings.max_line,
            key_id=self._key_id,
            record=self._record,
        )
        answered, policies = await self._decide(asked)
        self._services.telemetry.count_decisions(answered.verdicts, answered.outcomes)
        answers = answered.answers
        if answered.entries:
            await self._store(answered, policies, answers, group)
        answers.append(b"")
        return b"\n".join(answers)

    async def _decide(self, asked: Asked) -> tuple[Answered, Named]:
        """Return the answers, by a process where one is ready, and the policies that were looked up for them."""
        services, names = self._services, self._names
        while True:
            looked_up: Named = {name: await self._policy(name) for name in names}
            reply = await services.batch_processes.decide(asked, looked_up)
            if reply is None:
                reply = await self._decide_here(asked, {**built_in(), **looked_up})
            if isinstance(reply, Answered):
                self._names = names if len(names) <= MAX_NAMES else frozenset()
                return reply, looked_up
            names |= frozenset(reply.names)

    async def _decide_here(self, asked: Asked, named: Named) -> Answered | Missing:
        decider, given = self._services.decider, self._services.policies.given
        texts = [line.text for line in asked.lines if line.text is not None]
        if any(b'"release"' in text for text in texts):
            # It may have to be opened, which takes half a second: beside the event loop.
            return await asyncio.to_thread(decide_group, decider, asked, named, given)
        reply = await aside(sum(map(len, texts)), lambda: decide_group(decider, asked, named, given))
        # Without a process or a journal to wait for, others get their turn here.
        await asyncio.sleep(0)
        return reply

    async def _policy(self, name: str) -> NamedPolicy | ProblemError | None:
        try:
            return await self._services.policies.named(name)
        except JournalUnavailableError as error:
            return unavailable(error)

    async def _store(self, answered: Answered, looked_up: Named, answers: list[bytes], group: Sequence[Line]) -> None:
        """Record the decisions of a group, and put the answers to those that were stored in their places."""
        given = [self._services.policies.given(decode_policy(document)) for document in answered.given]
        policies = {
            policy.digest: policy
            for policy in (*built_in().values(), *looked_up.values(), *given)
            if isinstance(policy, NamedPolicy)
        }
        entries = [entry for _, entry in answered.entries]
        used = {entry.policy_digest for entry in entries}
        outcomes = await self._services.record_all(entries, [policies[digest] for digest in sorted(used)])
        for (place, _), outcome in zip(answered.entries, outcomes, strict=True):
            answers[place] = (
                problem_line(group[place].number, outcome) if isinstance(outcome, ProblemError) else outcome
            )


async def _next_of(
    under_way: asyncio.Queue[asyncio.Task[bytes] | None], reading: asyncio.Task[None]
) -> asyncio.Task[bytes] | None:
    """Return the oldest task, or null at the end; what ended the reading before its time is raised."""
    if under_way.empty() and not reading.done():
        waiting = asyncio.ensure_future(under_way.get())
        await asyncio.wait((waiting, reading), return_when=asyncio.FIRST_COMPLETED)
        if waiting.done():
            return waiting.result()
        waiting.cancel()
    if under_way.empty():
        reading.result()
        return None
    return under_way.get_nowait()


async def _told(number: int, error: ProblemError) -> bytes:
    return problem_line(number, error) + b"\n"
